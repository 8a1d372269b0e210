"""Sample Data, Data Generator, Model Reader and Writer."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.data_generator import DataGenerator
from nodeflow_nodes.io.model_reader import ModelReader
from nodeflow_nodes.io.model_writer import ModelWriter
from nodeflow_nodes.io.sample_data import SampleData
from polars.testing import assert_frame_equal

import nodeflow as nf
from nodeflow.errors import NodeFailed, ParameterError

sys.path.append(str(Path(__file__).parent))
from cases_files import model

# data set: shape, last column, its values and how often
SETS: dict[str, tuple[tuple[int, int], str, dict[Any, int] | None]] = {
    "iris": ((150, 5), "species", {"setosa": 50, "versicolor": 50, "virginica": 50}),
    "wine": ((178, 14), "class", {"class_0": 59, "class_1": 71, "class_2": 48}),
    "breast cancer": ((569, 31), "diagnosis", {"malignant": 212, "benign": 357}),
    "diabetes": ((442, 11), "progression", None),
    "digits": ((1797, 65), "digit", {0: 178, 1: 182, 2: 177, 3: 183, 4: 181, 5: 182, 6: 181, 7: 179, 8: 174, 9: 180}),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SETS))
def test_sample_data(apply: Any, name: str) -> None:
    shape, target, counts = SETS[name]
    node = SampleData(data=name)
    table = apply(node)
    assert table.shape == shape
    assert table.columns[-1] == target
    assert node.spec({}).columns == dict(table.schema)  # type: ignore[union-attr]
    if counts is not None:
        assert dict(table.group_by(target).len().iter_rows()) == counts
    assert table.null_count().sum_horizontal().item() == 0


def test_the_names_of_sample_columns_are_those_of_scikit_learn() -> None:
    from sklearn import datasets

    for name in ("iris", "wine", "breast_cancer"):
        wanted = getattr(datasets, f"load_{name}")().feature_names
        table = SampleData(data=name.replace("_", " ")).run()
        assert table.collect_schema().names()[:-1] == [str(one) for one in wanted]


KINDS = ["blobs", "moons", "circles", "regression", "classification", "time series", "random table"]


def made(**options: Any) -> pl.DataFrame:
    node = DataGenerator.from_json(DataGenerator(**options).to_json())
    table = node.run().collect()
    assert node.spec({}).columns == dict(table.schema)  # type: ignore[union-attr]
    return table


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_table(kind: str) -> None:
    assert_frame_equal(made(kind=kind, seed=5), made(kind=kind, seed=5))
    assert not made(kind=kind, seed=5).equals(made(kind=kind, seed=6))
    assert made(kind=kind, rows=0).height == 0
    assert made(kind=kind, rows=1).height == 1


def test_generated_data_never_changes() -> None:
    table = made(kind="blobs", rows=3, seed=1, features=1)
    assert table["class"].to_list() == ["A", "B", "C"]
    assert table["x1"].to_list() == pytest.approx(FIXED, rel=1e-12)
    days = made(kind="random table", rows=3, seed=1)
    assert days["integer"].to_list() == FIXED_INTEGERS


FIXED = [0.13794401535015594, 0.8281652321111221, -0.8115542956776842]
FIXED_INTEGERS = [2, 75, 53]


def test_forms() -> None:
    circles = made(kind="circles", rows=400, noise=0)
    radius = (
        circles.group_by("class").agg((pl.col("x1") ** 2 + pl.col("x2") ** 2).sqrt().mean()).sort("class")
    )
    assert radius["x1"].to_list() == pytest.approx([1.0, 0.5])
    moons = made(kind="moons", rows=400, noise=0)
    assert moons.filter(pl.col("class") == "A")["x2"].min() >= 0  # type: ignore[operator]
    assert moons.filter(pl.col("class") == "B")["x2"].max() <= 0.5  # type: ignore[operator]
    blobs = made(kind="blobs", rows=6000, classes=2, features=3, noise=0.2)
    assert blobs.columns == ["x1", "x2", "x3", "class"]
    spread = blobs.group_by("class").agg(pl.col("x1", "x2", "x3").std())
    assert spread.drop("class").to_numpy().ravel().tolist() == pytest.approx([0.2] * 6, rel=0.1)


def test_only_informative_columns_matter() -> None:
    table = made(kind="regression", rows=2000, features=4, informative=2, noise=0)
    shares = table.select(pl.corr(f"x{i}", "y") for i in range(1, 5)).row(0)
    assert all(abs(share) > 0.2 for share in shares[:2])
    assert all(abs(share) < 0.1 for share in shares[2:])
    table = made(kind="classification", rows=3000, features=2, informative=1, classes=2, noise=0.01)
    means = table.group_by("class").agg(pl.col("x1", "x2").mean())
    assert means["x1"].max() - means["x1"].min() > 0.1  # type: ignore[operator]
    assert means["x2"].max() - means["x2"].min() < 0.15  # type: ignore[operator]


def test_normal_numbers_are_normal() -> None:
    x = made(kind="regression", rows=50_000, features=1)["x1"]
    assert x.mean() == pytest.approx(0, abs=0.02)
    assert x.std() == pytest.approx(1, abs=0.02)
    assert x.kurtosis() == pytest.approx(0, abs=0.1)


def test_a_time_series_has_trend_and_season() -> None:
    table = made(kind="time series", rows=8, noise=0, trend=1, season=4, amplitude=2, step="month")
    assert table["value"].to_list() == pytest.approx([0, 3, 2, 1, 4, 7, 6, 5])
    assert table["time"].to_list()[:3] == [datetime.datetime(2024, month, 1) for month in (1, 2, 3)]
    hours = made(kind="time series", rows=3, step="hour", season=0, noise=0, trend=0)
    assert hours["value"].to_list() == [0, 0, 0]
    assert hours["time"][2] == datetime.datetime(2024, 1, 1, 2)
    assert made(kind="time series", rows=2, step="week")["time"][1] == datetime.datetime(2024, 1, 8)


def test_missing_values() -> None:
    table = made(kind="random table", rows=2000, missing=0.25)
    counts = table.null_count().row(0, named=True)
    assert counts.pop("id") == 0
    assert all(400 < count < 600 for count in counts.values())
    assert made(kind="moons", missing=1)["x1"].null_count() == 200


def test_settings_that_cannot_be() -> None:
    with pytest.raises(ParameterError, match="cannot matter, as there are 2"):
        DataGenerator(kind="regression", informative=3)
    with pytest.raises(ParameterError, match="too many; at most 100 million values"):
        DataGenerator(rows=10**8)
    with pytest.raises(ParameterError, match="years 1000 to 9999"):
        DataGenerator(kind="time series", rows=10**6, step="month")


def test_a_model_is_written_and_read(context: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.nodeflow-model"
    fitted = model()
    ModelWriter(path=str(path)).run(fitted, context)
    before = path.read_bytes()
    node = ModelReader(path=str(path))
    table = pl.DataFrame({"x": [1.0, 2.0, 3.0]})
    assert node.run().predict(table).tolist() == fitted.predict(table).tolist()
    assert node.spec({}) == fitted.spec
    ModelWriter(path=str(path)).run(node.run(), context)
    assert path.read_bytes() == before
    with pytest.raises(NodeFailed, match="exists already"):
        ModelWriter(path=str(path), existing="fail").run(fitted, context)


def test_a_model_is_applied_in_another_workflow(tmp_path: Path) -> None:
    from nodeflow.values.bundle import pack_model

    (tmp_path / "m.nodeflow-model").write_bytes(pack_model(model()))
    workflow = nf.Workflow("apply", folder=tmp_path)
    read = workflow.add("model_reader", path="m.nodeflow-model")
    table = workflow.add("table_creator", columns=[{"name": "x", "type": "number", "cells": ["1"]}])
    workflow.add("predictor", model=read, table=table, id="predict")
    assert workflow.run(cache=False)["predict"].table.columns == ["x", "Prediction (y)"]


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.nodeflow-model"

    def told(content: bytes) -> str:
        path.write_bytes(content)
        with pytest.raises(NodeFailed) as caught:
            ModelReader(path=str(path)).run()
        return str(caught.value)

    from nodeflow.values.bundle import pack_model

    good = pack_model(model())
    assert "is empty" in told(b"")
    assert "is not a model of nodeflow; it seems to be plain text" in told(b"hello")
    assert "not a model nodeflow can load" in told(good[:-30])
    assert "not a model nodeflow can load" in told(good.replace(b"LinearRegression", b"LinearRegressioX"))
    path.with_name("b.nodeflow-model").write_bytes(good)
    with pytest.raises(NodeFailed, match="2 files fit"):
        ModelReader(path=str(tmp_path / "*.nodeflow-model")).run()
