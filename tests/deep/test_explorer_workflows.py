"""The example workflows that look inside recurrent networks reach their numbers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep._followed import followed

import nodeflow as nf
from nodeflow.values.preparation import restore

pytestmark = pytest.mark.gate

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def ran(name: str, tmp_path: Path, **options: Any) -> nf.Result:
    return nf.load(WORKFLOWS / f"{name}.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache", **options
    )


def test_the_recurrent_network_by_hand_is_right_by_its_numeric_gradient(tmp_path: Path) -> None:
    result = ran("recurrent_network_by_hand", tmp_path)
    gradients = result["explore"]["gradients"].to_polars()
    assert gradients["group"].to_list() == ["W", "R", "b"]
    assert gradients["relative_error"].max() <= 1e-6
    assert gradients["sum_gap"].max() <= 1e-12
    assert gradients["analytic"].min() > 1e-3
    states = result["explore"]["states"].to_polars()
    assert set(states["quantity"]) == {"a", "h", "o", "y_hat", "target"}
    truncation = result["explore"]["truncation"].to_polars()
    assert truncation["window"][-1] == 24
    assert truncation["gradient_error"][-1] == 0.0
    assert truncation["gradient_error"].is_sorted(descending=True)
    sizes = result["lengths"]["table"].to_polars().sort("step")["value_std"].to_list()
    assert sizes == sorted(sizes)  # the error fades on its way back
    assert sizes[0] < 0.01 * sizes[-1]


def test_gradients_vanish_and_explode_as_known(tmp_path: Path) -> None:
    result = ran("gradient_flow", tmp_path)
    ratio = dict(result["start"]["summary"].to_polars().select("network", "ratio").iter_rows())
    known = {"simple RNN": 1.1e-14, "LSTM": 4.7e-9, "LSTM, forget bias 0": 4e-23, "GRU": 1.5e-20}
    for name, expected in known.items():
        assert abs(np.log10(ratio[name] / expected)) < 1.5, (name, ratio[name])
    linear = result["linear"]["summary"].to_polars()
    assert linear["ratio"].to_list() == pytest.approx([1.5**99, 0.9**99])
    assert linear["overflows_32_bit"].to_list() == [True, False]
    assert linear["clipped_norm"].max() <= 1.0 + 1e-6
    clip = {row["clip"]: row for row in result["clip"]["summary"].to_polars().iter_rows(named=True)}
    assert clip["none"]["became_no_number"]
    assert clip["global norm"]["last_loss"] < 10.0


@pytest.mark.skipif(find_spec("keras") is None, reason="Keras is not installed")
def test_the_gates_of_a_trained_lstm_are_explained_and_its_gradients_checked(tmp_path: Path) -> None:
    result = ran("lstm_gates", tmp_path)
    scores = {row["metric"]: row for row in result["score"]["table"].to_polars().iter_rows(named=True)}
    assert scores["MAE"]["value"] < 0.85 * scores["MAE"]["naive"]  # better than "as this year"
    gradients = result["circuit"]["gradients"].to_polars()
    assert gradients.height == 15
    assert gradients["relative_error"].max() <= 1e-6
    assert gradients["sum_gap"].max() <= 1e-12
    story = result["circuit"]["story"].to_polars()
    assert {"largest change", "forgot", "wrote", "hid"} <= set(story["what"])
    assert all(
        f"step {row['step']} unit {row['unit']}" in row["sentence"] for row in story[:4].iter_rows(named=True)
    )
    for node in ("circuit", "odyssey"):
        wires = [one for one in result[node]["diagram"].specification["layer"] if "strokeDash" in one["mark"]]
        assert wires, "peepholes are drawn dashed"
    # the network calculated anew in NumPy gives the forecasts of Keras
    tensors, trained = result["windows"]["test"], result["learn"]["model"].network
    what = followed(tensors, range(1, tensors.samples + 1), trained.network, "", {}, 0)
    mine = restore(trained.preparation, what.stack.forward(what.x)[-1].out).reshape(-1)
    theirs = result["forecast"]["table"].to_polars()["Prediction (sunspots)"].to_numpy()
    assert np.abs(mine - theirs).max() <= 1e-4
    output = result["circuit"]["states"].to_polars().filter(pl.col("quantity") == "output")["value"].item()
    assert output == pytest.approx(what.stack.forward(what.x[:1])[-1].out.item(), abs=1e-12)
