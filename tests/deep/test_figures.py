"""The figures of a training reach whoever listens: events of a run, and lines of `--log json`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
from nodeflow_nodes.deep._curves import learning_curves

import nodeflow as nf


def test_log_json_tells_loss_and_metrics_as_numbers(tmp_path: Path) -> None:
    rows = [i % 10 for i in range(200)]
    pl.DataFrame({"a": rows, "b": [3.0 * a + 1 for a in rows]}).write_csv(tmp_path / "rows.csv")
    workflow = nf.Workflow("figures", folder=tmp_path)
    read = workflow.add("csv_reader", id="read", path=str(tmp_path / "rows.csv"))
    made = workflow.add("table_to_tensors", read, id="made", target="b")
    network = workflow.add("network_input", made, id="network")
    layer = workflow.add("layer_dense", network, id="layer", units=1)
    workflow.add("deep_learner", layer, made, id="learn", epochs=3, validation_share=0.2)
    workflow.save(tmp_path / "figures.json")
    done = subprocess.run(
        [sys.executable, "-m", "nodeflow", "run", str(tmp_path / "figures.json"), "--log", "json", "--cache-dir",
         str(tmp_path / "cache")],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    events = [json.loads(line) for line in done.stdout.splitlines()]
    told = [one for one in events if one.get("figures")]
    assert {one["node"] for one in told} == {"learn"}
    assert told[-1]["figures"]["epoch"] == 3
    assert {"loss", "mae", "val_loss", "val_mae", "learning_rate"} <= told[-1]["figures"].keys()
    assert told[-1]["message"].startswith("epoch 3 of 3: loss ")
    assert [one["state"] for one in events if one.get("node") == "learn"][-1] == "done"
    finished = next(one for one in events if one.get("node") == "learn" and one["state"] == "done")
    assert "trained by jax" in finished["message"]


def test_a_curve_of_few_epochs_has_a_mark_at_each_and_none_between() -> None:
    history = pl.DataFrame({"epoch": [1, 2, 3], "loss": [3.5, 2.5, 1.5], "val_loss": [3.5, 2.5, 2.6]})
    drawn = learning_curves(history, "Training", 2).to_bytes("svg").decode()
    assert re.findall(r">(\d)</text>", drawn) == ["1", "2", "3"]
