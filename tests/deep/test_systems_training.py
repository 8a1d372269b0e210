"""The example workflows on clipping, truncation, odd stretches and pretraining reach their numbers, beside their baselines."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import nodeflow as nf

pytestmark = pytest.mark.gate

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def ran(name: str, tmp_path: Path, **options: Any) -> nf.Result:
    return nf.load(WORKFLOWS / f"{name}.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache", **options
    )


def weights(result: nf.Result, node: str) -> dict[str, np.ndarray[Any, Any]]:
    found: dict[str, np.ndarray[Any, Any]] = result[node]["model"].network.network.weights
    return found


def error(result: nf.Result, node: str, column: str = "value", port: str = "table") -> float:
    """The mean absolute error of the forecast, or of the naive one."""
    table = result[node][port].to_polars()
    return float(table.filter(pl.col("metric") == "MAE")[column][0])


def test_gradients_explode_unless_they_are_clipped(tmp_path: Path) -> None:
    result = ran("gradient_clipping", tmp_path, check=False)
    stopped = result.reports["learn_none"]
    assert stopped.state == "failed"
    assert "the loss was no longer a number" in stopped.reason
    assert "clip gradients by their global norm" in stopped.reason
    assert {name for name, one in result.reports.items() if one.state not in ("done", "cached")} == {
        "learn_none",
        "apply_none",
    }
    for name in ("value", "norm", "global"):
        assert all(np.isfinite(one).all() for one in weights(result, f"learn_{name}").values())
    history = result["learn_global"]["history"].to_polars()
    assert history["largest_gradient_norm"].max() > 5  # type: ignore[operator]
    assert history["largest_clipped_norm"].max() <= 1 + 1e-6  # type: ignore[operator]
    each = result["learn_norm"]["history"].to_polars()
    assert each["largest_clipped_norm"].max() <= np.sqrt(5) + 1e-6  # five weights, each at most 1 long
    assert error(result, "score") < 1.8 < error(result, "score", "naive")  # measured 1.17 and 3.79


def test_carrying_errors_back_over_all_steps_is_not_truncating(tmp_path: Path) -> None:
    result = ran("truncated_backpropagation", tmp_path)
    whole = weights(result, "learn_0")
    assert all(np.array_equal(one, weights(result, "learn_104")[name]) for name, one in whole.items())
    assert not any(np.array_equal(one, weights(result, "learn_4")[name]) for name, one in whole.items())
    off = result["explore"]["truncation"].to_polars()["gradient_error"]
    assert off.is_sorted(descending=True)
    assert off[0] > 0.3 > 1e-9 > off[-1]
    naive = error(result, "score_0", "naive")
    assert naive == pytest.approx(3.79, abs=0.02)
    assert error(result, "score_0") < 0.9  # measured 0.61
    assert error(result, "score_26") < 0.9  # measured 0.58
    assert error(result, "score_4") < 0.35 * naive  # measured 0.77


def test_an_lstm_adds_what_lies_fifty_steps_apart_and_a_simple_network_does_not(tmp_path: Path) -> None:
    result = ran("adding_problem", tmp_path)
    errors = dict(result["mse"].table.to_polars().select("network", "value").iter_rows())
    scores = dict(result["baseline"].table.to_polars().select("metric", "value").iter_rows())
    always_one = scores["RMSE"] ** 2
    assert always_one == pytest.approx(1 / 6, rel=0.06)
    for name in ("LSTM", "LSTM with peepholes", "GRU"):
        assert errors[name] < always_one / 10  # measured 0.0004, 0.0015 and 0.0004
    assert errors["LSTM, forget bias 0"] > 10 * errors["LSTM"]  # measured 0.12
    assert errors["simple RNN"] > 0.14
    assert errors["simple RNN, 400 steps"] > 0.14


def test_planted_stretches_are_found_better_than_by_the_day_before(tmp_path: Path) -> None:
    result = ran("odd_stretches", tmp_path)
    areas = dict(result["areas"]["areas"].to_polars().select("column", "value").iter_rows())
    assert 0.95 <= areas["Reconstruction error"] < 0.999  # measured 0.966
    assert areas["distance"] == pytest.approx(0.817, abs=0.005)
    assert areas["distance (moving mean)"] == pytest.approx(0.913, abs=0.005)
    rows = result["later"].table.to_polars()
    found = dict(rows.group_by("planted").agg(pl.col("odd").mean()).iter_rows())
    assert found["odd"] > 0.9
    assert found["usual"] < 0.2


def test_the_planted_stretches_are_what_their_program_writes(tmp_path: Path) -> None:
    for name in ("generate_anomalies.py", "co2_weekly.csv"):
        shutil.copy(WORKFLOWS / "data" / name, tmp_path)
    subprocess.run([sys.executable, tmp_path / "generate_anomalies.py"], check=True, cwd=tmp_path)
    written = (tmp_path / "planted_anomalies.csv").read_bytes()
    assert written == (WORKFLOWS / "data" / "planted_anomalies.csv").read_bytes()


def test_deep_sigmoids_learn_from_pretrained_layers_what_they_do_not_from_the_start(tmp_path: Path) -> None:
    result = ran("layerwise_pretraining", tmp_path)
    right = {
        name: result[f"score_{name}"]["scores"].to_polars().row(0, named=True)["value"]
        for name in ("plain", "longer", "pretrained", "logistic")
    }
    assert right["pretrained"] > 0.94  # measured 0.969
    assert right["pretrained"] > right["plain"] + 0.05  # measured 0.468
    assert right["longer"] > 0.85  # measured 0.947: pretraining is a shorter way, not magic
    assert right["logistic"] == pytest.approx(0.981, abs=0.005)
    layers = result["pretrain"]["layers"].to_polars()
    assert layers.height == 6
    assert (layers["last_loss"] < layers["first_loss"]).all()


def test_systems_opened_up_into_layers_do_what_the_nodes_do(tmp_path: Path) -> None:
    result = ran("systems_opened_up", tmp_path)
    closed = result["closed"]["forecasts"].to_polars()["forecast"]
    opened = result["opened"]["forecasts"].to_polars()["Prediction (value)"]
    assert closed.to_list() == pytest.approx(opened.to_list(), rel=1e-6)
    own, naive = (error(result, "opened", column, "scores") for column in ("value", "naive"))
    assert own < 0.4 * naive  # measured 0.19 and 0.91
    both = result["errors"].table.to_polars().select("Reconstruction error", "PCA error").mean().row(0)
    learned = result["closed_autoencoder"]["scores"].to_polars().row(0, named=True)
    assert both == pytest.approx((learned["autoencoder"], learned["pca"]), rel=1e-4)
    changed = ran(
        "systems_opened_up", tmp_path, targets=["opened/learn"],
        parameters={"opened.layers": [{"layer": "gru", "settings": {"units": 4}}, {"layer": "dense", "settings": {"units": 1}}],
                    "opened.epochs": 1},
    )  # fmt: skip
    structure = changed["opened"]["model"].network.structure
    assert [layer.kind for layer in structure.layers] == ["gru", "dense"]
