"""Windows over a series tell the class of a row, as of what a wearer of a sensor does."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep._predicting import predict_table
from nodeflow_nodes.deep.network_template import NetworkTemplate
from nodeflow_nodes.deep.sequence_windows import SequenceWindows

from nodeflow.values.preparation import prepare
from nodeflow.values.specs import TableSpec

sys.path.append(str(Path(__file__).parent))
cases: Any = importlib.import_module("training_cases")
Listening, learn = cases.Listening, cases.learn

STEPS = pl.DataFrame(
    {"v": [float(step) for step in range(12)], "does": ["sits", "runs", None, "runs"] + ["sits", "runs"] * 4}
)


def parts(frame: pl.DataFrame = STEPS, **parameters: Any) -> tuple[Any, list[str]]:
    given = {
        "target": "does",
        "task": "classification",
        "lookback": 3,
        "stride": 1,
        "horizon": 0,
        "scale": "none",
    }
    node = SequenceWindows(**{**given, **parameters})
    inputs = {"table": TableSpec(frame.schema)}
    assert not node.check(inputs)
    listening = Listening()
    found = node.run(frame.lazy(), listening)
    for name, told in node.spec(inputs).items():
        assert told.fits(getattr(found, name).spec)
    return found, listening.messages


def test_a_window_has_the_class_of_its_last_row() -> None:
    found, warnings = parts()
    assert found.train.classes == ("runs", "sits")
    assert found.train.task == "classification"
    assert found.train.arrays["x"].to_numpy()[..., 0].tolist() == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert found.train.arrays["y"].to_numpy().tolist() == [0, 1, 0]
    assert found.test.arrays["row"].to_numpy().tolist() == [9, 10, 11]
    assert set(found.test.arrays) == {"x", "y", "row"}
    assert warnings == ["1 of 10 windows with missing values are left out"]


def test_the_class_may_lie_ahead_and_be_a_number_or_a_truth() -> None:
    found, _ = parts(horizon=2, train_share=1.0, validation_share=0.0)
    assert found.train.arrays["x"].to_numpy()[0, :, 0].tolist() == [0, 1, 2]
    assert found.train.arrays["y"].to_numpy().tolist() == [1, 0, 1, 0, 1, 0, 1, 0]
    numbers = STEPS.with_columns(does=pl.Series([3, 7] * 6))
    assert parts(numbers)[0].train.classes == (3, 7)
    truths = STEPS.with_columns(does=pl.Series([True, False] * 6))
    assert parts(truths)[0].train.classes == (False, True)


def test_new_rows_need_no_class_to_be_told_one() -> None:
    found, _ = parts()
    again, rows = prepare(found.train.preparation, STEPS.select("v"), with_targets=False)
    assert set(again.arrays) == {"x", "row"}
    assert rows.tolist() == list(range(2, 12))


def test_what_cannot_be_is_told_before_running() -> None:
    def faults(**parameters: Any) -> list[str]:
        return [one.sentence for one in SequenceWindows.decode(parameters)[1]]

    assert faults(target="v", horizon=0) == ["a forecast lies at least 1 ahead"]
    assert faults(task="classification") == ["choose the column with the classes"]
    assert "has no change" in faults(target="v", task="classification", path=True)[0]
    spec = {"table": TableSpec(STEPS.schema)}
    assert "has no numbers to forecast" in SequenceWindows(target="does").check(spec)[0].sentence
    assert "has no classes" in SequenceWindows(target="v", task="classification").check(spec)[0].sentence


def test_a_network_learns_whether_a_series_rises() -> None:
    steps = np.arange(400)
    wave = np.sin(steps / 5)
    rises = np.append(np.diff(wave) > 0, True)
    frame = pl.DataFrame({"v": wave, "way": np.where(np.roll(rises, 1), "up", "down")}).slice(1)
    found, _ = parts(frame, target="way", lookback=4, scale="standard")
    model = learn(
        NetworkTemplate().run(found.train), found.train, epochs=80, patience=0, learning_rate=0.02
    ).model
    told = predict_table(model, frame, Listening(), probabilities=True)
    late = told.slice(300)
    assert (late["Prediction (way)"] == late["way"]).mean() > 0.95
    assert told.columns[2:] == ["Prediction (way)", "P (way=down)", "P (way=up)"]
    assert told["Prediction (way)"].null_count() == 3


@pytest.mark.parametrize("group", [None, "g"])
def test_windows_of_classes_do_not_cross_groups(group: str | None) -> None:
    frame = STEPS.with_columns(g=pl.Series(["a"] * 6 + ["b"] * 6), does=pl.Series(["x", "y"] * 6))
    found, _ = parts(frame, group=group, train_share=1.0, validation_share=0.0)
    assert found.train.samples == (10 if group is None else 8)
