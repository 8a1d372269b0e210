"""Sequence Windows, Naive Forecast and Forecast Scorer give known numbers, in a workflow and by themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep.forecast_scorer import ForecastScorer, forecast_scores
from nodeflow_nodes.deep.naive_forecast import NaiveForecast
from nodeflow_nodes.deep.sequence_windows import SequenceWindows

import nodeflow as nf
from nodeflow.errors import NodeflowError
from nodeflow.values.arrays import Windows
from nodeflow.values.specs import TableSpec


class Told:
    """Stands for a run's context."""

    seed, device, node = 0, "cpu", "node"

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warn(self, message: str) -> None:
        self.messages.append(message)

    def progress(self, fraction: float, message: str = "") -> None: ...

    def check_cancelled(self) -> None: ...


def waves(count: int = 240) -> pl.DataFrame:
    start = dt.datetime(2024, 3, 30)
    return pl.DataFrame(
        {
            "Zeit": [start + dt.timedelta(hours=hour) for hour in range(count)],
            "Größe": [hour % 24 + hour / 100 for hour in range(count)],
            "wind": [float(hour % 7) for hour in range(count)],
        }
    )


def cut(frame: pl.DataFrame, **parameters: Any) -> Any:
    node = SequenceWindows(**{"target": "Größe", "lookback": 48, "stride": 1, "horizon": 24} | parameters)
    assert node.check({"table": TableSpec(frame.schema)}) == []
    told = node.spec({"table": TableSpec(frame.schema)})
    parts = node.run(frame.lazy(), context=Told())
    for name, part in parts._asdict().items():
        assert told[name].fits(part.spec)
    return parts


def test_96_hours_of_10_minute_data_are_576_rows() -> None:
    start = dt.datetime(2024, 1, 1)
    frame = pl.DataFrame(
        {"t": [start + dt.timedelta(minutes=10 * i) for i in range(2000)], "v": np.arange(2000.0)}
    )
    train = cut(frame, target="v", time="t", lookback=96, horizon=24, unit="hours", stride=6).train
    assert train.spec.arrays["x"].shape == (96, 1)
    assert train.preparation["lookback"] == 576
    assert train.preparation["horizon"] == 144
    assert train.arrays["row"].to_numpy()[0] == 570


def test_a_length_of_time_that_is_no_whole_number_of_rows_is_refused() -> None:
    with pytest.raises(NodeflowError, match="not a whole number"):
        cut(waves(), time="Zeit", lookback=90, unit="minutes")


@pytest.mark.parametrize("difference", ["off", "target", "all"])
@pytest.mark.parametrize("stride", [1, 2])
def test_rules_give_the_numbers_they_promise(difference: str, stride: int) -> None:
    frame = waves()
    values = frame["Größe"].to_numpy()
    part = cut(frame, difference=difference, stride=stride).test
    rows = part.arrays["row"].to_numpy()

    def forecast(**parameters: Any) -> np.ndarray:
        table = NaiveForecast(**parameters).run(part, context=Told())
        assert table["row"].to_list() == rows.tolist()
        assert table["Größe"].to_numpy() == pytest.approx(values[rows + 24], abs=1e-4)
        return table["Naive (Größe)"].to_numpy()

    assert forecast() == pytest.approx(values[rows])
    assert forecast(rule="seasonal", season=24) == pytest.approx(values[rows], abs=1e-4)
    first = rows - (48 // stride - 1) * stride
    slope = (values[rows] - values[first]) / (rows - first)
    assert forecast(rule="drift") == pytest.approx(values[rows] + 24 * slope, abs=1e-4)
    means = [values[row - 10 * stride + stride : row + 1 : stride].mean() for row in rows]
    assert forecast(rule="moving mean", length=10 * stride) == pytest.approx(means, abs=1e-4)


def test_a_path_takes_the_value_of_the_season_before_each_step() -> None:
    frame = waves()
    values = frame["Größe"].to_numpy()
    part = cut(frame, path=True, horizon=30).test
    table = NaiveForecast(rule="seasonal", season=24).run(part, context=Told())
    rows = part.arrays["row"].to_numpy()
    assert table["Naive (Größe) 1"].to_numpy() == pytest.approx(values[rows - 23], abs=1e-4)
    assert table["Naive (Größe) 30"].to_numpy() == pytest.approx(values[rows + 30 - 48], abs=1e-4)


def test_a_rule_that_does_not_fit_the_windows_is_told_before_running() -> None:
    frame = waves()
    spec = cut(frame).train.spec
    sentences = [one.sentence for one in NaiveForecast(rule="seasonal", season=100).check({"tensors": spec})]
    assert "cannot be seen in a window" in sentences[0]
    spec = cut(frame, features=["wind"]).train.spec
    assert "no feature" in NaiveForecast(rule="drift").check({"tensors": spec})[0].sentence


def test_scores_are_those_of_the_definitions() -> None:
    values = np.array([[1.0, 2.0, 1.0], [2.0, 2.0, 1.0], [4.0, 3.0, 2.0]])
    found = {name: (value, naive) for name, value, naive in forecast_scores(values, 1)}
    assert found["MAE"] == pytest.approx((2 / 3, 1.0))
    assert found["RMSE"] == pytest.approx((np.sqrt(2 / 3), np.sqrt(5 / 3)))
    assert found["bias"] == pytest.approx((0.0, -1.0))
    assert found["MASE"] == pytest.approx((2 / 3 / 1.5, 1 / 1.5))
    assert found["skill score"] == pytest.approx((1 / 3, 0.0))
    assert found["rows"] == (3.0, None)


def test_only_rows_of_both_forecasts_are_scored() -> None:
    table = pl.DataFrame({"row": [5, 6, 7], "y": [1.0, 2.0, 3.0], "p": [1.0, 2.0, 4.0]})
    naive = pl.DataFrame({"row": [7, 5], "y": [3.0, 1.0], "n": [1.0, 1.0]})
    told = Told()
    scores = ForecastScorer(actual="y", prediction="p").run(table.lazy(), context=told, naive=naive.lazy())
    assert dict(scores.select("metric", "value").rows())["MAE"] == 0.5
    assert dict(scores.select("metric", "naive").rows())["MAE"] == 1.0
    assert told.messages == ["1 of 3 rows without all values are not scored"]


def test_a_workflow_stores_windows_as_windows_and_finds_them_again(tmp_path: Path) -> None:
    waves(2_000).write_parquet(tmp_path / "waves.parquet")
    workflow = nf.Workflow("windows", folder=tmp_path)
    read = workflow.add("parquet_reader", id="read", path="waves.parquet")
    parameters = {"target": "Größe", "time": "Zeit", "lookback": 200, "stride": 1, "horizon": 24}
    workflow.add("sequence_windows", read, id="cut", **parameters)
    workflow.add("naive_forecast", id="naive", rule="seasonal", season=24)
    workflow.connect("cut.test", "naive.tensors")
    workflow.add("forecast_scorer", id="score", actual="Größe", prediction="Naive (Größe)")
    workflow.connect("naive.table", "score.table")
    for state in ("done", "cached"):
        result = workflow.run(cache_folder=tmp_path / "cache", record=False)
        assert result["cut"].report.state in (state, "cached")
        train = result["cut"].tensors
        assert isinstance(train.arrays["x"], Windows)
        assert train.arrays["x"].shape[1:] == (200, 2)
    stored = sum(one.stat().st_size for one in (tmp_path / "cache").rglob("*.tensors"))
    assert stored < 400_000
    scores = dict(result["score"].table.to_polars().select("metric", "value").rows())
    assert scores["MAE"] == pytest.approx(0.24, abs=1e-3)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"lookback": 4, "stride": 6}, "longer than the look-back"),
        ({"unit": "hours"}, "needs a time column"),
        ({"train_share": 0.8, "validation_share": 0.5}, "more than all"),
        ({"target": None, "difference": "target"}, "without a target"),
        ({"time": "Größe"}, "something else as well"),
    ],
)
def test_wrong_parameters_are_told_before_running(parameters: dict[str, Any], words: str) -> None:
    given = {"target": "Größe", **parameters}
    _, faults = SequenceWindows.decode(given)
    assert any(words in fault.sentence for fault in faults)


def test_features_without_numbers_are_told_before_running() -> None:
    table = TableSpec({"a": pl.Float64(), "c": pl.String()})
    node = SequenceWindows(target="a", features=["a", "c"])
    assert "One to Many" in node.check({"table": table})[0].sentence
    assert "no column of numbers" in SequenceWindows(features=[]).check({"table": table})[0].sentence


def test_a_report_tells_what_the_last_tensors_are(tmp_path: Path) -> None:
    from nodeflow.report.collecting import content_of
    from nodeflow.report.page import page_of

    waves().write_parquet(tmp_path / "waves.parquet")
    workflow = nf.Workflow("windows", folder=tmp_path)
    read = workflow.add("parquet_reader", id="read", path="waves.parquet")
    workflow.add("sequence_windows", read, id="cut", target="Größe", lookback=12, stride=1, horizon=3)
    workflow.add("naive_forecast", id="naive")
    workflow.connect("cut.test", "naive.tensors")
    result = workflow.run(cache=False, record=False)
    content = content_of(result)
    assert [title for title, _ in content.tensors] == [
        "cut: train",
        "cut: validation",
    ]
    assert content.tensors[0][1]["input x"].startswith("12 time x 2 feature, float32, windows over")
    assert "12 time x 2 feature" in page_of(content)
    assert result["cut"].report.rows == content.tensors[0][1]["samples"]
