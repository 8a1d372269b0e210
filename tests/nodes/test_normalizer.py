"""Normalizer, Transform and Inverse Transform."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.inverse_transform import InverseTransform
from nodeflow_nodes.manipulation.normalizer import Normalizer
from nodeflow_nodes.manipulation.transform import Transform
from nodeflow_nodes.mining.predictor import Predictor
from polars.testing import assert_series_equal

import nodeflow as nf
from nodeflow.values.bundle import pack_model, unpack_model
from nodeflow.values.specs import Change, ModelSpec, TableSpec

sys.path.append(str(Path(__file__).parent))
from fitting import fake_context, learn, scripted, told_before, transformed, undone

TABLE = pl.DataFrame(
    {
        "x": [1.0, 2.0, None, 3.0, 6.0],
        "n": [-40, 0, 10, 20, None],
        "t": ["a", "b", None, "c", "d"],
        "*": [7, 7, 7, None, 7],
    }
)
METHODS = ["min-max", "z-score", "robust", "max-abs", "decimal"]


def near(found: pl.Series, wanted: list[float | None], **tolerance: float) -> None:
    expected = pl.Series(found.name, wanted, dtype=pl.Float64)
    assert_series_equal(found, expected, **({"rel_tol": 1e-9, "abs_tol": 1e-12} | tolerance))


@pytest.mark.parametrize(
    ("method", "x", "n"),
    [
        ("min-max", [0.0, 0.2, None, 0.4, 1.0], [0.0, 2 / 3, 5 / 6, 1.0, None]),
        ("max-abs", [1 / 6, 1 / 3, None, 0.5, 1.0], [-1.0, 0.0, 0.25, 0.5, None]),
        ("decimal", [0.1, 0.2, None, 0.3, 0.6], [-0.4, 0.0, 0.1, 0.2, None]),
        ("robust", [-0.75, -0.25, None, 0.25, 1.75], [-45 / 22.5, -5 / 22.5, 5 / 22.5, 15 / 22.5, None]),
        ("z-score", [-2 / 4.667**0.5, -1 / 4.667**0.5, None, 0.0, 3 / 4.667**0.5], None),
    ],
)
def test_each_method_gives_its_scale(method: str, x: list[float], n: list[float] | None) -> None:
    table, _ = learn(Normalizer(method=method, columns=["x", "n"]), table=TABLE)
    near(table["x"], x, rel_tol=1e-4)
    if n is not None:
        near(table["n"], n)
    assert table.columns == TABLE.columns
    assert table["t"].equals(TABLE["t"])


def test_numbers_are_scaled_and_constant_columns_become_the_lower_end() -> None:
    table, model = learn(Normalizer(minimum=-1, maximum=3), table=TABLE)
    near(table["x"], [-1.0, -0.2, None, 0.6, 3.0])
    assert table["*"].to_list() == [-1.0, -1.0, -1.0, None, -1.0]
    assert undone(model, table)["*"].to_list() == [7.0, 7.0, 7.0, None, 7.0]
    table, _ = learn(Normalizer(method="z-score", deviation="population"), table=TABLE)
    assert table["*"].to_list() == [0.0, 0.0, 0.0, None, 0.0]
    assert table["x"].std(ddof=0) == pytest.approx(1)


def test_columns_without_values_stay_and_are_told() -> None:
    table = pl.DataFrame({"x": pl.Series([None, None], dtype=pl.Int32), "y": [1.0, 2.0]})
    context = fake_context()
    result = Normalizer().run(table.lazy(), context)
    assert result.table.collect().rows() == [(None, 0.0), (None, 1.0)]
    assert context.warnings == ['column "x" has no values to learn from and is left as it is']
    learned, model = learn(Normalizer(method="z-score"), table=TABLE.clear())
    assert learned.height == 0
    assert transformed(model, TABLE)["x"].equals(TABLE["x"])
    learned, _ = learn(Normalizer(method="z-score"), table=TABLE.head(1))
    assert learned.rows() == [(0.0, 0.0, "a", 0.0)]


def test_other_rows_come_to_the_learned_scale_also_beyond_its_ends() -> None:
    _, model = learn(Normalizer(columns=["x"]), table=TABLE)
    new = pl.DataFrame({"other": ["q", "r"], "x": [-4, 11]})
    assert transformed(model, new).rows() == [("q", -1.0), ("r", 2.0)]


def test_predictions_come_back_to_the_scale_of_their_target() -> None:
    _, model = learn(Normalizer(columns=["x", "n"]), table=TABLE)
    scored = pl.DataFrame({"Prediction (x)": [0.0, 0.5, None], "z": [1, 2, 3]})
    others = [{"column": "Prediction (x)", "like": "x"}]
    assert undone(model, scored, others=others).rows() == [(1.0, 1), (3.5, 2), (None, 3)]
    both = scored.with_columns(x=pl.lit(1.0))
    assert undone(model, both, others=others).rows() == [(1.0, 1, 6.0), (3.5, 2, 6.0), (None, 3, 6.0)]
    _, function = scripted(Normalizer(columns=["x", "n"]), {"table": TABLE})
    again = function.inverse(both.lazy(), {"Prediction (x)": "x"}).collect()
    assert again.equals(undone(model, both, others=others))


def test_faults_are_told_before_running(faults) -> None:
    assert faults(Normalizer(), table=TABLE.select("t")) == [
        "no number column is chosen (every number column); choose one"
    ]
    assert 'column "t" is text, not number' in faults(Normalizer(columns=["t"]), table=TABLE)[0]
    with pytest.raises(nf.ParameterError, match="the lower end, 2, must be below the upper end, 1"):
        Normalizer(minimum=2)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, float("inf")], 'column "x" holds infinite values or NaN'),
        ([1.0, float("nan")], "infinite values or NaN"),
        ([-1.7e308, 1.7e308], "too large"),
    ],
)
def test_values_that_have_no_scale_are_refused(values: list[float], words: str) -> None:
    with pytest.raises(nf.NodeFailed, match=words):
        Normalizer().run(pl.LazyFrame({"x": values}), fake_context())


def test_a_model_that_does_not_fit_is_told_before_running() -> None:
    _, model = learn(Normalizer(columns=["x", "n"]), table=TABLE)
    lacking = TABLE.drop("n")
    (told,) = told_before(Transform(), model, lacking)
    assert told.startswith('the table lacks "n", from which the model was learned; it has "x", "t"')
    assert "ignored" in told
    assert transformed(model, lacking, missing_columns="ignore")["x"].max() == 1
    wrong = pl.DataFrame({"x": ["1"], "n": [1]})
    assert told_before(Transform(), model, wrong) == [
        'column "x" is text, but the model learned from float; convert it first'
    ]
    with pytest.raises(nf.NodeFailed, match="convert it first"):
        Transform().run(model, wrong.lazy(), fake_context())
    (told,) = told_before(InverseTransform(), model, TABLE.select("t"))
    assert "none of the columns" in told
    (told,) = told_before(InverseTransform(others=[{"column": "t", "like": "y"}]), model, TABLE)
    assert 'no column "y"' in told
    (told,) = told_before(InverseTransform(others=[{"column": "n", "like": "x"}]), model, TABLE)
    assert "anyway" in told
    (told,) = told_before(InverseTransform(others=[{"column": "t", "like": "x"}]), model, TABLE)
    assert 'column "t" is text' in told
    assert "Transform node" in told_before(Predictor(), model, TABLE)[0]


def test_a_model_that_predicts_is_not_for_a_transform() -> None:
    spec = ModelSpec("regression", TableSpec({"x": pl.Float64()}), "y")
    for node in (Transform(), InverseTransform()):
        (fault,) = node.check({"model": spec})
        assert "predicts" in fault.sentence


def test_a_transformer_of_scikit_learn_is_applied() -> None:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    features = TableSpec({"x": pl.Float64(), "n": pl.Int64()})
    gives = TableSpec({"first": pl.Float64(), "second": pl.Float64()})
    spec = ModelSpec("transformation", features, changes=(Change(("x", "n"), gives),))
    model = nf.Model(Pipeline([("scale", StandardScaler())]), spec)
    model.estimator.fit(model.features(TABLE))
    back = unpack_model(pack_model(model))
    assert back.spec == spec
    result = transformed(back, TABLE)
    assert result.columns == [*TABLE.columns, "first", "second"]
    near(result["first"], [-2 / 3.5**0.5, -1 / 3.5**0.5, None, 0.0, 3 / 3.5**0.5])
    assert transformed(back, TABLE.clear()).height == 0


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=20))
def test_what_is_normalized_comes_back(method: str, values: list[float | None]) -> None:
    table = pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)})
    result = Normalizer(method=method).run(table.lazy(), fake_context())
    scaled = result.table.collect()
    back = InverseTransform().run(unpack_model(pack_model(result.model)), scaled.lazy()).collect()
    size = max((abs(one) for one in values if one is not None), default=0)
    near(back["x"], values, abs_tol=1e-12 * size)
    assert scaled["x"].is_null().equals(table["x"].is_null())
    if method in ("min-max", "max-abs", "decimal"):
        assert scaled["x"].drop_nulls().is_between(-1 - 1e-9, 1 + 1e-9).all()


def test_in_a_workflow_the_model_goes_to_other_rows(tmp_path: Path) -> None:
    workflow = nf.Workflow("scales", folder=tmp_path)
    cells = {"rows": ["0", "10"], "more": ["5", "20"]}
    tables = {
        name: workflow.add(
            "table_creator", id=name, columns=[{"name": "x", "type": "number", "cells": values}]
        )
        for name, values in cells.items()
    }
    workflow.add("normalizer", tables["rows"], id="learn")
    workflow.add("transform", id="apply")
    workflow.connect("learn.model", "apply.model")
    workflow.connect("more.table", "apply.table")
    workflow.add("inverse_transform", id="back")
    workflow.connect("learn.model", "back.model")
    workflow.connect("apply.table", "back.table")
    result = workflow.run(cache_folder=tmp_path / "cache", record=False)
    assert result["apply"].table.to_polars()["x"].to_list() == [0.5, 2.0]
    assert result["back"].table.to_polars()["x"].to_list() == [5.0, 20.0]
    from nodeflow.export.script import to_python

    space: dict[str, object] = {}
    exec(compile(to_python(workflow), "exported.py", "exec"), space)  # noqa: S102 - it is the test
    assert space["back"].collect()["x"].to_list() == [5.0, 20.0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("normalizer", "normalizer"),
        ("denormalizer", "inverse_transform"),
        ("normalizer (apply)", "transform"),
        ("category to number", "label_encoder"),
        ("one-hot", "one_to_many"),
        ("auto-binner", "binner"),
        ("cell replacer", "value_mapping"),
        ("missing value (apply)", "transform"),
    ],
)
def test_people_find_them_by_the_words_they_know(text: str, first: str) -> None:
    from nodeflow.registry import Registry

    assert Registry.installed().search(text)[0].id == first
