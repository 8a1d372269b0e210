"""Nodes that combine, split and convert columns."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from nodeflow_nodes.manipulation.cast_types import CastTypes
from nodeflow_nodes.manipulation.cell_splitter import CellSplitter
from nodeflow_nodes.manipulation.column_aggregator import ColumnAggregator
from nodeflow_nodes.manipulation.column_combiner import ColumnCombiner

import nodeflow as nf
from nodeflow.errors import ParameterError

TABLE = pl.DataFrame(
    {"*": ["a", None, "c"], "^n$": [1, 2, None], "x": [0.5, None, None], "b": [True, False, None]}
)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["a-1", "2", "c"]),
        ({"missing": "write"}, ["a-1", "?-2", "c-?"]),
        ({"missing": "missing"}, ["a-1", None, None]),
    ],
)
def test_columns_are_combined(apply, options, expected) -> None:
    node = ColumnCombiner(columns=["*", "^n$"], separator="-", **options)
    assert apply(node, table=TABLE)["combined"].to_list() == expected


def test_combined_columns_may_go(apply, faults) -> None:
    found = apply(ColumnCombiner(columns=["*"], column="*", keep=False), table=TABLE)
    assert found.columns == ["^n$", "x", "b", "*"]
    assert found["*"].to_list() == ["a", "", "c"]
    assert "already" in faults(ColumnCombiner(columns=["*"], column="*"), table=TABLE)[0]


@pytest.mark.parametrize(
    ("function", "columns", "expected"),
    [
        ("sum", ["^n$", "x"], [1.5, 2.0, None]),
        ("mean", ["^n$", "x"], [0.75, 2.0, None]),
        ("minimum", {}, [0.5, 2.0, None]),
        ("maximum", {}, [1.0, 2.0, None]),
        ("count", {}, [4, 2, 1]),
        ("missing", {}, [0, 2, 3]),
        ("first", ["x", "^n$"], [0.5, 2.0, None]),
        ("any", ["b"], [True, False, False]),
        ("all", ["b"], [True, False, True]),
    ],
)
def test_rows_are_summarised(apply, function, columns, expected) -> None:
    table = TABLE.with_columns(pl.col("^n$").cast(pl.Float64)) if function == "first" else TABLE
    if function == "first":
        table = TABLE.with_columns(pl.Series("^n$", [1.0, 2.0, None]))
    assert (
        apply(ColumnAggregator(columns=columns, function=function), table=table)["total"].to_list()
        == expected
    )


def test_summaries_that_cannot_be_are_told(faults) -> None:
    assert "no number column" in faults(ColumnAggregator(columns=["*"]), table=TABLE)[0]
    assert "different types" in faults(ColumnAggregator(columns=["*", "x"], function="first"), table=TABLE)[0]


TEXTS = pl.DataFrame({"^t$": ["a, b,c", "d", None, ""], "n": [1, 2, 3, 4]})


@pytest.mark.parametrize(
    ("options", "names", "rows"),
    [
        ({}, ["^t$ 1", "^t$ 2"], [("a", "b"), ("d", None), (None, None), ("", None)]),
        (
            {"trim": False, "names": ["p"]},
            ["p", "^t$ 2"],
            [("a", " b"), ("d", None), (None, None), ("", None)],
        ),
        (
            {"rest": "keep together"},
            ["^t$ 1", "^t$ 2"],
            [("a", "b,c"), ("d", None), (None, None), ("", None)],
        ),
        ({"into": "list"}, ["^t$ parts"], [(["a", "b", "c"],), (["d"],), (None,), ([""],)]),
        (
            {"method": "regular expression", "pattern": r"^(\w)(?:, (\w))?"},
            ["^t$ 1", "^t$ 2"],
            [("a", "b"), ("d", None), (None, None), (None, None)],
        ),
    ],
)
def test_texts_are_split(apply, options, names, rows) -> None:
    found = apply(CellSplitter(column="^t$", keep=False, **options), table=TEXTS)
    assert found.columns == ["n", *names]
    assert [row[1:] for row in found.rows()] == rows


def test_splits_that_cannot_be_are_told(faults) -> None:
    with pytest.raises(ParameterError, match="no regular expression"):
        CellSplitter(column="a", method="regular expression", pattern="(")
    with pytest.raises(ParameterError, match="has no group"):
        CellSplitter(column="a", method="regular expression", pattern="a")
    assert "already" in faults(CellSplitter(column="^t$", names=["n"]), table=TEXTS)[0]


def cast(
    values: list[object], kind: str, dtype: pl.DataType | None = None, *, form: str = "", **options: object
) -> list[object]:
    table = pl.DataFrame({"^x$": pl.Series(values, dtype=dtype)})
    node = CastTypes(casts=[{"columns": ["^x$"], "type": kind, "format": form}], **options)
    found = node.run(table.lazy()).collect()
    assert found.schema == node.run(table.clear().lazy()).collect_schema()
    return found["^x$"].to_list()


@pytest.mark.parametrize(
    ("values", "kind", "options", "expected"),
    [
        ([" 1", "-2 ", "", None], "integer", {}, [1, -2, None, None]),
        (["1.5", "1e3", "NaN"], "number", {"unfit": "missing"}, [1.5, 1000.0, None]),
        (["1.234,5", "-0,5"], "number", {"decimal": ",", "thousands": "."}, [1234.5, -0.5]),
        (["1'000"], "integer", {"thousands": "'"}, [1000]),
        (["Yes", "n", " ON ", None], "boolean", {}, [True, False, True, None]),
        (["2024-02-29", ""], "date", {}, [datetime.date(2024, 2, 29), None]),
        (["29.2.2024"], "date", {"form": "%d.%m.%Y"}, [datetime.date(2024, 2, 29)]),
        (["2024-02-29T08:30:00", "2024-02-29 08:30", "2024-02-29"], "datetime", {}, [datetime.datetime(2024, 2, 29, 8, 30), datetime.datetime(2024, 2, 29, 8, 30), datetime.datetime(2024, 2, 29)]),
        (["08:30:01"], "time", {}, [datetime.time(8, 30, 1)]),
        ([1, 2, None], "text", {}, ["1", "2", None]),
        ([1.0, -3.0, None], "integer", {}, [1, -3, None]),
        ([1.0, 2.5, None], "integer", {"unfit": "missing"}, [1, None, None]),
        ([1.0, 2.5, None], "integer", {"unfit": "drop row"}, [1, None]),
        (["1", "x", None], "integer", {"unfit": "drop row"}, [1, None]),
        ([0, 1, 5], "boolean", {}, [False, True, True]),
        ([True, False], "integer", {}, [1, 0]),
        ([datetime.date(2024, 2, 29)], "text", {"form": "%d.%m.%y"}, ["29.02.24"]),
        ([datetime.datetime(2024, 2, 29, 8)], "date", {}, [datetime.date(2024, 2, 29)]),
        (["a", "b"], "category", {}, ["a", "b"]),
    ],
)  # fmt: skip
def test_values_are_converted(values, kind, options, expected) -> None:
    assert cast(values, kind, **options) == expected


@pytest.mark.parametrize(
    ("values", "kind", "told"),
    [
        (["1", "x", "y"], "integer", '"t" holds values that cannot be converted, such as "x"'),
        (["maybe"], "boolean", 'such as "maybe"'),
        (["2024-02-30"], "date", '"2024-02-30"'),
        (["5", "soon"], "datetime", 'such as "5"'),
    ],
)
def test_values_that_do_not_fit_are_told(values, kind, told, tmp_path) -> None:
    workflow = nf.Workflow("cast", folder=tmp_path)
    given = workflow.add("table_creator", columns=[{"name": "t", "type": "text", "cells": values}])
    workflow.add("cast_types", given, casts=[{"columns": ["t"], "type": kind}])
    reason = workflow.run(cache=False, check=False).reports["cast_types"].reason
    assert told in reason
    assert "unfit values" in reason


def test_types_that_cannot_become_others_are_told(faults) -> None:
    table = pl.DataFrame({"d": [datetime.date(2024, 1, 1)], "n": [1]})
    assert (
        '"d" is date, which cannot become number'
        in faults(CastTypes(casts=[{"columns": ["d"], "type": "number"}]), table=table)[0]
    )
    assert "no column" in faults(CastTypes(casts=[{"columns": ["q"], "type": "number"}]), table=table)[0]
