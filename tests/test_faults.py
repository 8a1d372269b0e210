"""Faults before data: wrong workflows are told in full before a row is read, with place and way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import nodeflow as nf

CSV = "name,age,city,joined\nAda,36,London,2024-01-31\nBo,12,Oslo,2024-02-01\n"

READ = {"type": "csv_reader", "parameters": {"path": "people.csv"}}
JSON = dict[str, Any]


def after_read(node_type: str, **parameters: Any) -> JSON:
    """A node that takes the table of people."""
    return {
        "nodes": {"read": READ, "it": {"type": node_type, "parameters": parameters}},
        "connections": ["read.table -> it.table"],
    }


def two_tables(node_type: str, left: JSON, right: JSON, **parameters: Any) -> JSON:
    return {
        "nodes": {
            "left": {"type": "table_creator", "parameters": {"columns": [left]}},
            "right": {"type": "table_creator", "parameters": {"columns": [right]}},
            "it": {"type": node_type, "parameters": parameters},
        },
        "connections": ["left.table -> it.left", "right.table -> it.right"]
        if node_type == "joiner"
        else ["left.table -> it.tables", "right.table -> it.tables"],
    }


TEXTS = {"name": "k", "type": "text", "cells": ["a"]}
WHOLE = {"name": "k", "type": "integer", "cells": ["1"]}

# workflow, node, parts of the sentence that must be there
FAULTS: dict[str, tuple[JSON, str, tuple[str, ...]]] = {
    "condition on a missing column": (after_read("row_filter", condition="aeg > 1"), "it", ('"aeg"', '"age"')),
    "condition that is no condition": (after_read("row_filter", condition="age + 1"), "it", ("integer", "boolean")),
    "text compared with a number": (after_read("row_filter", condition="name > 3"), "it", ("one type", "to_number")),
    "one equals sign": (after_read("row_filter", condition="age = 3"), "it", ('"=="',)),
    "unknown function": (after_read("row_filter", condition="uper(name) == 'A'"), "it", ('"upper"',)),
    "unclosed bracket": (after_read("row_filter", condition="(age > 3"), "it", ("never closed",)),
    "empty formula": (after_read("row_filter", condition=""), "it", ("empty",)),
    "date compared with text": (after_read("row_filter", condition="joined > '2024-01-01'"), "it", ("date(",)),
    "formula on a missing column": (
        after_read("formula", formulas=[{"name": "x", "expression": "salary * 2"}]), "it", ('"salary"', '"age"')),
    "second formula wrong": (
        after_read("formula", formulas=[{"name": "x", "expression": "age * 2"}, {"name": "y", "expression": "x + name"}]),
        "it", ("to_text",)),
    "formula without a name": (after_read("formula", formulas=[{"expression": "age"}]), "it", ('"name"',)),
    "column filter names a missing column": (after_read("column_filter", columns=["aage"]), "it", ('"aage"', '"age"')),
    "column filter by an unknown type": (after_read("column_filter", columns={"types": ["numbers"]}), "it", ('"number"',)),
    "column filter by a broken pattern": (after_read("column_filter", columns={"pattern": "("}), "it", ("pattern",)),
    "column filter with a wrong mode": (after_read("column_filter", mode="drop"), "it", ('"keep"', '"remove"')),
    "sorted by a missing column": (after_read("sorter", by=[{"column": "Age"}]), "it", ('"Age"', '"age"')),
    "sorted by a column twice": (after_read("sorter", by=[{"column": "age"}, {"column": "age"}]), "it", ("twice",)),
    "sort key as a text": (after_read("sorter", by=["age"]), "it", ("object",)),
    "grouped by a missing column": (after_read("group_by", keys=["citty"]), "it", ('"citty"', '"city"')),
    "mean of texts": (
        after_read("group_by", keys=["city"], aggregations=[{"column": "name", "function": "mean"}]), "it", ("name",)),
    "unknown aggregation": (
        after_read("group_by", keys=["city"], aggregations=[{"column": "age", "function": "avg"}]), "it", ("mean",)),
    "aggregation of a missing column": (
        after_read("group_by", keys=["city"], aggregations=[{"column": "agge", "function": "sum"}]), "it", ('"age"',)),
    "statistics of a missing column": (after_read("statistics", columns=["ages"]), "it", ('"ages"', '"age"')),
    "fraction above one": (after_read("partition", fraction=1.5), "it", ("from 0 to 1", "1.5")),
    "fraction as a text": (after_read("partition", fraction="most"), "it", ("number", '"most"')),
    "negative seed": (after_read("partition", seed=-1), "it", ("0",)),
    "stratified without a column": (after_read("partition", method="stratified"), "it", ("by",)),
    "partition by a missing column": (after_read("partition", method="group", by="town"), "it", ('"town"',)),
    "unknown partition method": (after_read("partition", method="randomly"), "it", ('"random"',)),
    "linear target missing": (after_read("linear_regression_learner", target="aeg"), "it", ('"aeg"', '"age"')),
    "linear target is text": (after_read("linear_regression_learner", target="name"), "it", ("text", "number", "age")),
    "no target": (after_read("linear_regression_learner"), "it", ('"target"', "needs a value")),
    "features missing": (
        after_read("linear_regression_learner", target="age", features=["salary"]), "it", ('"salary"',)),
    "forest without trees": (after_read("random_forest_learner", target="age", trees=0), "it", ("from 1 to", "0")),
    "forest with half a tree": (after_read("random_forest_learner", target="age", trees=1.5), "it", ("whole number",)),
    "regression of a text": (
        after_read("random_forest_learner", target="name", task="regression"), "it", ("classification",)),
    "scatter of texts": (after_read("scatter_plot", x="name", y="age"), "it", ("text", "age")),
    "scatter of a missing column": (after_read("scatter_plot", x="age", y="salary"), "it", ('"salary"',)),
    "opaque beyond one": (after_read("scatter_plot", x="age", y="age", opacity=2), "it", ("at most 1",)),
    "scored against a missing column": (
        after_read("numeric_scorer", actual="age", prediction="predicted"), "it", ('"predicted"',)),
    "scored texts": (after_read("numeric_scorer", actual="name", prediction="age"), "it", ("text", "number")),
    "join keys of two types": (
        two_tables("joiner", TEXTS, WHOLE, keys=[{"left": "k", "right": "k"}]), "it", ("text", "integer")),
    "join on a missing key": (
        two_tables("joiner", WHOLE, WHOLE, keys=[{"left": "k", "right": "kk"}]), "it", ('"kk"', '"k"')),
    "unknown kind of join": (two_tables("joiner", WHOLE, WHOLE, kind="outer"), "it", ('"full"',)),
    "concatenating text and number": (two_tables("concatenate", TEXTS, WHOLE), "it", ("k",)),
    "unknown parameter": (after_read("row_filter", condition="age > 1", conditon="x"), "it", ("condition",)),
    "missing parameter": (after_read("math_formula", columns=["age"]), "it", ('"expression"', "needs a value")),
    "no condition": (after_read("row_filter"), "it", ("is not set", "write a formula")),
    "number for a text": (after_read("row_filter", condition=3), "it", ("formula", "3")),
    "null for a choice": (after_read("row_filter", condition="age > 1", keep=None), "it", ("matching", "null")),
    "list for a boolean": (
        {"nodes": {"it": {"type": "csv_reader", "parameters": {"path": "people.csv", "header": [1]}}}}, "it", ("true or false",)),
    "missing file": ({"nodes": {"it": {"type": "csv_reader", "parameters": {"path": "poeple.csv"}}}}, "it",
                     ("no file", '"people.csv"')),
    "folder as a file": ({"nodes": {"it": {"type": "csv_reader", "parameters": {"path": "."}}}}, "it", ("folder",)),
    "pattern without a file": ({"nodes": {"it": {"type": "csv_reader", "parameters": {"path": "*.tsv"}}}}, "it", ("no file",)),
    "reading outside": ({"nodes": {"it": {"type": "csv_reader", "parameters": {"path": "../x.csv"}}}}, "it", ("--allow-read",)),
    "writing outside": (after_read("csv_writer", path="/elsewhere/out.csv"), "it", ("--allow-write",)),
    "chart of an unknown format": (
        {"nodes": {"it": {"type": "chart_writer", "parameters": {"path": "x.gif"}}}}, "it", (".png",)),
    "unknown node type": ({"nodes": {"it": {"type": "row_fliter"}}}, "it", ('"row_filter"',)),
    "unconnected input": ({"nodes": {"it": {"type": "statistics"}}}, "it", ('"table"', "not connected")),
    "unknown output": ({"nodes": {"read": READ, "it": {"type": "statistics"}},
                        "connections": ["read.rows -> it.table"]}, "read", ('"rows"', '"table"')),
    "unknown input": ({"nodes": {"read": READ, "it": {"type": "statistics"}},
                       "connections": ["read.table -> it.rows"]}, "it", ('"rows"', '"table"')),
    "dangling connection": ({"nodes": {"read": READ}, "connections": ["red.table -> read.table"]}, "", ('"red"', '"read"')),
    "table into a model input": ({"nodes": {"read": READ, "it": {"type": "predictor"}},
                                  "connections": ["read.table -> it.model", "read.table -> it.table"]}, "it", ("model", "table")),
    "two connections into one input": (
        {"nodes": {"read": READ, "again": READ, "it": {"type": "statistics"}},
         "connections": ["read.table -> it.table", "again.table -> it.table"]}, "it", ("two", "concatenate")),
    "circle": ({"nodes": {"it": {"type": "statistics"}, "b": {"type": "statistics"}},
                "connections": ["it.table -> b.table", "b.table -> it.table"]}, "it", ("circle", "it -> b")),
    "unknown variable": (after_read("partition", fraction={"variable": "share"}), "it", ('"share"',)),
    "predicting for a table without a feature": (
        {"nodes": {"read": READ, "learn": {"type": "linear_regression_learner", "parameters": {"target": "age"}},
                   "fewer": {"type": "column_filter", "parameters": {"columns": ["age"]}}, "it": {"type": "predictor"}},
         "connections": ["read.table -> learn.table", "read.table -> fewer.table", "learn.model -> it.model",
                         "fewer.table -> it.table"]}, "it", ("lacks", '"city"')),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text(CSV)
    return tmp_path


def problems_of(folder: Path, data: JSON) -> list[nf.Problem]:
    path = folder / "w.json"
    path.write_text(json.dumps({"nodeflow": 1, **data}))
    return nf.validate(nf.load(path))


def test_there_are_enough_faults_here() -> None:
    assert len(FAULTS) >= 50


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_told_before_data_with_place_and_way_out(name: str, folder: Path) -> None:
    data, node, words = FAULTS[name]
    found = problems_of(folder, data)
    fitting = [
        problem for problem in found if problem.node == node and all(word in str(problem) for word in words)
    ]
    assert fitting, "\n".join(map(str, found)) or "no problem was found"


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_runs(name: str, folder: Path) -> None:
    data, _, _ = FAULTS[name]
    problems_of(folder, data)
    events: list[nf.Event] = []
    with pytest.raises(nf.WorkflowError):
        nf.load(folder / "w.json").run(cache_folder=folder / "cache", on_event=events.append)
    assert events == []


def test_all_faults_of_a_workflow_are_told_at_once(folder: Path) -> None:
    data = {
        "nodes": {
            "read": READ,
            "filter": {"type": "row_filter", "parameters": {"condition": "aeg > 1"}},
            "split": {"type": "partition", "parameters": {"fraction": 3, "method": "x"}},
            "lost": {"type": "nonsense"},
        },
        "connections": [
            "read.table -> filter.table",
            "read.table -> split.table",
            "nobody.table -> split.table",
        ],
    }
    found = problems_of(folder, data)
    assert {(problem.kind, problem.parameter) for problem in found} == {
        ("bad-formula", "condition"),
        ("bad-parameter", "fraction"),
        ("bad-parameter", "method"),
        ("unknown-type", ""),
        ("dangling-connection", ""),
    }


def test_specs_flow_through_a_sound_workflow(folder: Path) -> None:
    data = after_read(
        "group_by", keys=["city"], aggregations=[{"column": "age", "function": "mean", "name": "mean age"}]
    )
    data["nodes"]["sort"] = {"type": "sorter", "parameters": {"by": [{"column": "mean age"}]}}
    data["connections"].append("it.table -> sort.table")
    assert problems_of(folder, data) == []
