"""The cache tells the truth: whatever changes the result is seen, whatever does not costs nothing."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.document import dumps, loads
from nodeflow.registry import Registry

# -- by content: what a node is given differs in one thing ----------------------------------------

D = datetime.datetime(2024, 3, 31, 1, 30)
PAIRS: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {
    "a column renamed": (pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})),
    "columns reordered": (pl.DataFrame({"a": [1], "b": [1]}), pl.DataFrame({"b": [1], "a": [1]})),
    "integers as floats": (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1.0]})),
    "a narrower integer": (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": pl.Series([1], dtype=pl.Int32)})),
    "unsigned instead of signed": (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": pl.Series([1], dtype=pl.UInt64)})),
    "float32 instead of float64": (pl.DataFrame({"a": [0.5]}), pl.DataFrame({"a": pl.Series([0.5], dtype=pl.Float32)})),
    "numbers as texts": (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": ["1"]})),
    "truth values as numbers": (pl.DataFrame({"a": [True]}), pl.DataFrame({"a": [1]})),
    "texts as categories": (pl.DataFrame({"a": ["x"]}), pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Categorical)})),
    "an enum for a category": (
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Categorical)}),
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["x", "y"]))}),
    ),
    "an enum with other values": (
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["x", "y"]))}),
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["x", "z"]))}),
    ),
    "an enum in another order": (
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["x", "y"]))}),
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["y", "x"]))}),
    ),
    "a time zone": (
        pl.DataFrame({"a": pl.Series([D], dtype=pl.Datetime("us"))}),
        pl.DataFrame({"a": pl.Series([D], dtype=pl.Datetime("us", "UTC"))}),
    ),
    "another time zone": (
        pl.DataFrame({"a": pl.Series([D], dtype=pl.Datetime("us", "UTC"))}),
        pl.DataFrame({"a": pl.Series([D], dtype=pl.Datetime("us", "UTC"))}).with_columns(
            pl.col("a").dt.convert_time_zone("Europe/Berlin")
        ),
    ),
    "another unit of time": (
        pl.DataFrame({"a": pl.Series([D], dtype=pl.Datetime("us"))}),
        pl.DataFrame({"a": pl.Series([D], dtype=pl.Datetime("ms"))}),
    ),
    "another unit of duration": (
        pl.DataFrame({"a": pl.Series([1000], dtype=pl.Int64).cast(pl.Duration("ms"))}),
        pl.DataFrame({"a": pl.Series([1000], dtype=pl.Int64).cast(pl.Duration("us"))}),
    ),
    "a date for a moment": (pl.DataFrame({"a": [D.date()]}), pl.DataFrame({"a": [datetime.datetime(2024, 3, 31)]})),
    "minus zero": (pl.DataFrame({"a": [0.0]}), pl.DataFrame({"a": [-0.0]})),
    "NaN for a missing value": (pl.DataFrame({"a": [None, 1.0]}), pl.DataFrame({"a": [float("nan"), 1.0]})),
    "an empty text for a missing one": (pl.DataFrame({"a": [None, "x"]}), pl.DataFrame({"a": ["", "x"]})),
    "the word null for a missing text": (pl.DataFrame({"a": [None, "x"]}), pl.DataFrame({"a": ["null", "x"]})),
    "another spelling of the same letter": (pl.DataFrame({"a": ["é"]}), pl.DataFrame({"a": ["e\u0301"]})),
    "a blank at the end": (pl.DataFrame({"a": ["x"]}), pl.DataFrame({"a": ["x "]})),
    "texts cut elsewhere": (pl.DataFrame({"a": ["ab", "c"]}), pl.DataFrame({"a": ["a", "bc"]})),
    "rows in another order": (pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [2, 1]})),
    "a row more": (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1, 1]})),
    "no rows but other columns": (pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)}), pl.DataFrame({"b": pl.Series([], dtype=pl.Int64)})),
    "no rows but another type": (pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)}), pl.DataFrame({"a": pl.Series([], dtype=pl.String)})),
    "lists for arrays": (
        pl.DataFrame({"a": [[1, 2]]}),
        pl.DataFrame({"a": pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2))}),
    ),
    "an array of another shape": (
        pl.DataFrame({"a": pl.Series([[[1, 2, 3], [4, 5, 6]]], dtype=pl.Array(pl.Int64, (2, 3)))}),
        pl.DataFrame({"a": pl.Series([[[1, 2], [3, 4], [5, 6]]], dtype=pl.Array(pl.Int64, (3, 2)))}),
    ),
    "lists cut elsewhere": (pl.DataFrame({"a": [[1], [2, 3]]}), pl.DataFrame({"a": [[1, 2], [3]]})),
    "an empty list for a missing one": (
        pl.DataFrame({"a": pl.Series([None], dtype=pl.List(pl.Int64))}),
        pl.DataFrame({"a": pl.Series([[]], dtype=pl.List(pl.Int64))}),
    ),
    "another scale of a decimal": (
        pl.DataFrame({"a": pl.Series([Decimal("1.5")], dtype=pl.Decimal(10, 1))}),
        pl.DataFrame({"a": pl.Series([Decimal("1.5")], dtype=pl.Decimal(10, 2))}),
    ),
    "a field of a record renamed": (pl.DataFrame({"a": [{"x": 1}]}), pl.DataFrame({"a": [{"y": 1}]})),
    "the last bit of a float": (pl.DataFrame({"a": [0.1 + 0.2]}), pl.DataFrame({"a": [0.3]})),
}  # fmt: skip

CURRENT: dict[str, pl.DataFrame] = {}


class GiveContent(nf.Node):
    """Give the table of a name."""

    category = "Test"
    reads_outside = True

    name_of_table: str = nf.parameter(default="table", help="Which.")

    def run(self) -> pl.DataFrame:
        return CURRENT[self.name_of_table]


class TellContent(nf.Node):
    """Tell all there is to tell of a table."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        told = [repr(table.schema), repr(table.to_dict(as_series=False))]
        return pl.DataFrame({"told": told})


@pytest.mark.parametrize("name", PAIRS)
def test_a_change_of_content_is_seen(name: str, tmp_path: Path) -> None:
    before, after = PAIRS[name]
    workflow = nf.Workflow("content", folder=tmp_path)
    tell = workflow.add(TellContent, workflow.add(GiveContent))
    CURRENT["table"] = before
    first = workflow.run(cache_folder=tmp_path / "cache")
    again = workflow.run(cache_folder=tmp_path / "cache")
    assert again.reports[tell.id].state == "cached"
    CURRENT["table"] = after
    second = workflow.run(cache_folder=tmp_path / "cache")
    fresh = workflow.run(cache=False)
    assert second[tell.id].table.to_polars().equals(fresh[tell.id].table.to_polars())
    assert not second[tell.id].table.to_polars().equals(first[tell.id].table.to_polars())


SCALARS: dict[str, tuple[Any, Any]] = {
    "a number as text": (1, "1"),
    "a whole number as a float": (1, 1.0),
    "a number as a truth value": (1, True),
    "a float as a truth value": (1.0, True),
    "nothing as a truth value": (None, False),
    "nothing as an empty text": (None, ""),
    "nothing as the word null": (None, "null"),
    "zero as minus zero": (0.0, -0.0),
    "a truth value as text": (True, "true"),
    "a letter in another spelling": ("\u00e9", "e\u0301"),
    "a number beyond 64 bits": (2**64, 2.0**64),
    "the last bit of a float": (0.1 + 0.2, 0.3),
}


class GiveScalar(nf.Node):
    """Give a variable with a value from outside."""

    category = "Test"
    reads_outside = True
    value: ClassVar[Any] = None

    def run(self) -> nf.Variables:
        return nf.Variables(x=type(self).value)


class TellScalar(nf.Node):
    """Tell what a variable, or else the parameter, holds."""

    category = "Test"
    own: Any = nf.parameter(default=None, help="Any value.")

    def run(self, variables: nf.Variables | None) -> nf.Variables:
        return nf.Variables(told=repr(self.own if variables is None else variables["x"]))


@pytest.mark.parametrize("name", SCALARS)
def test_a_change_of_a_variable_is_seen(name: str, tmp_path: Path) -> None:
    workflow = nf.Workflow("scalars", folder=tmp_path)
    workflow.add(TellScalar, workflow.add(GiveScalar), id="tell")
    for value in SCALARS[name]:
        GiveScalar.value = value
        for state in ("done", "cached"):
            result = workflow.run(cache_folder=tmp_path / "cache")
            assert result["tell"].variables == {"told": repr(value)}
            assert result.reports["tell"].state == state


@pytest.mark.parametrize("name", SCALARS)
def test_a_change_of_a_parameter_is_seen(name: str, tmp_path: Path) -> None:
    workflow = nf.Workflow("scalars", folder=tmp_path)
    workflow.add(TellScalar, id="tell")
    for value in SCALARS[name]:
        workflow.nodes["tell"].parameters["own"] = value
        for state in ("done", "cached"):
            result = workflow.run(cache_folder=tmp_path / "cache")
            assert result["tell"].variables == {"told": repr(value)}
            assert result.reports["tell"].state == state


# -- by settings, files and wires ---------------------------------------------------------------

CSV = "x,y\n" + "".join(f"{i},{i * 7 % 10}\n" for i in range(20))
OTHER = CSV.replace("1,7\n", "1,8\n")


def base(folder: Path) -> nf.Workflow:
    """Read, filter, formula, partition, sort, join with a constant table, write."""
    (folder / "data.csv").write_text(CSV) if not (folder / "data.csv").exists() else None
    workflow = nf.Workflow("truth", folder=folder)
    workflow.set(least=5)
    read = workflow.add("csv_reader", id="read", path="data.csv")
    some = workflow.add("row_filter", read, id="filter", condition="x >= 2")
    more = workflow.add("formula", some, id="formula", formulas=[{"name": "z", "expression": "x * 10"}])
    split = workflow.add("partition", more, id="split", fraction=0.5)
    left = workflow.add("sorter", split["first"], id="sort", by=[{"column": "y"}])
    names = workflow.add(
        "table_creator",
        id="names",
        columns=[
            {"name": "y", "type": "integer", "cells": ["1", "4"]},
            {"name": "n", "type": "text", "cells": ["1", "b"]},
        ],
    )
    workflow.add("joiner", left=left, right=names, id="join", kind="left", keys=[{"left": "y", "right": "y"}])
    workflow.add("concatenate", id="both", tables=[left, split["second"]])
    workflow.add("csv_writer", left, id="write", path="out.csv")
    inner = nf.Workflow("inner")
    inner.add("row_filter", id="keep", condition="x > 3")
    inner.inputs = {"table": ["keep.table"]}
    inner.outputs = {"table": "keep.table"}
    workflow.add(inner, id="part")
    workflow.connect("sort.table", "part.table")
    return workflow


def parameters(**changes: Any) -> Callable[[Path], nf.Workflow]:
    def build(folder: Path) -> nf.Workflow:
        workflow = base(folder)
        for key, value in changes.items():
            node, _, name = key.partition("__")
            workflow.nodes[node].parameters[name] = value
        return workflow

    return build


def inner_condition(folder: Path) -> nf.Workflow:
    workflow = base(folder)
    part = workflow.nodes["part"].workflow
    assert isinstance(part, nf.Workflow)
    part.nodes["keep"].parameters["condition"] = "x > 8"
    return workflow


def swapped_inputs(folder: Path) -> nf.Workflow:
    workflow = base(folder)
    swap = {"left": "right", "right": "left"}
    workflow.connections = [
        type(c)(c.source, c.output, c.target, swap[c.input]) if c.target == "join" else c
        for c in workflow.connections
    ]
    return workflow


def other_order(folder: Path) -> nf.Workflow:
    workflow = base(folder)
    mine = [c for c in workflow.connections if c.target == "both"]
    workflow.connections = [c for c in workflow.connections if c.target != "both"] + mine[::-1]
    return workflow


def other_output(folder: Path) -> nf.Workflow:
    workflow = base(folder)
    workflow.connections = [
        type(c)(c.source, "second", c.target, c.input) if (c.source, c.target) == ("split", "sort") else c
        for c in workflow.connections
    ]
    return workflow


def variable(value: Any) -> Callable[[Path], nf.Workflow]:
    def build(folder: Path) -> nf.Workflow:
        workflow = parameters(split__fraction={"variable": "share"})(folder)
        workflow.set(share=value)
        return workflow

    return build


def on_disk(action: Callable[[Path], None]) -> Callable[[Path], nf.Workflow]:
    def build(folder: Path) -> nf.Workflow:
        workflow = base(folder)
        action(folder)
        return workflow

    return build


def same_size_and_time(folder: Path) -> None:
    path = folder / "data.csv"
    status = path.stat()
    path.write_text(OTHER)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert path.stat().st_mtime_ns == status.st_mtime_ns


def replaced(folder: Path) -> None:
    (folder / "new.csv").write_text(OTHER)
    status = (folder / "data.csv").stat()
    os.utime(folder / "new.csv", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(folder / "new.csv", folder / "data.csv")


def retargeted(folder: Path) -> None:
    (folder / "other.csv").write_text(OTHER)
    (folder / "data.csv").unlink()
    (folder / "data.csv").symlink_to("other.csv")


MUTATIONS: dict[str, Callable[[Path], nf.Workflow]] = {
    "another condition": parameters(filter__condition="x >= 3"),
    "the other rows": parameters(filter__keep="others"),
    "another formula": parameters(formula__formulas=[{"name": "z", "expression": "x * 11"}]),
    "another name": parameters(formula__formulas=[{"name": "w", "expression": "x * 10"}]),
    "one more formula": parameters(
        formula__formulas=[{"name": "z", "expression": "x * 10"}, {"name": "v", "expression": "1"}]
    ),
    "another share": parameters(split__fraction=0.4),
    "a seed": parameters(split__seed=3),
    "another method": parameters(split__method="first"),
    "another direction": parameters(sort__by=[{"column": "y", "descending": True}]),
    "another key": parameters(sort__by=[{"column": "x"}]),
    "one more key": parameters(sort__by=[{"column": "y"}, {"column": "x", "descending": True}]),
    "another kind of join": parameters(join__kind="inner"),
    "another suffix or keys kept": parameters(join__keep_right_keys=True),
    "a text 1 for a number 1": parameters(
        names__columns=[{"name": "y", "type": "integer", "cells": ["1", "4"]}, {"name": "n", "type": "integer", "cells": ["1", "2"]}]
    ),
    "another cell": parameters(
        names__columns=[{"name": "y", "type": "integer", "cells": ["1", "5"]}, {"name": "n", "type": "text", "cells": ["1", "b"]}]
    ),
    "another column to concatenate": parameters(both__source="from"),
    "another missing marker": parameters(read__missing=["7"]),
    "fewer rows read": parameters(read__max_rows=10),
    "lines skipped": parameters(read__comment="1"),
    "another type": parameters(read__types={"y": "number"}, join__keys=[{"left": "x", "right": "y"}]),
    "another delimiter of the writer": parameters(write__delimiter=";"),
    "another file to write": parameters(write__path="other.csv"),
    "a condition within a component": inner_condition,
    "inputs swapped": swapped_inputs,
    "another order of a list of inputs": other_order,
    "another output": other_output,
    "another value of a variable": variable(0.3),
    "another value of a variable again": variable(0.7),
    "content with the same size and time": on_disk(same_size_and_time),
    "a file replaced by one as old": on_disk(replaced),
    "a link to another file": on_disk(retargeted),
    "a line more": on_disk(lambda folder: (folder / "data.csv").write_text(CSV + "99,9\n")),
    "another header": on_disk(lambda folder: (folder / "data.csv").write_text(CSV.replace("x,y", "x,y ", 1))),
    "a header renamed": on_disk(lambda folder: (folder / "data.csv").write_text("x,y,w\n" + CSV.partition("\n")[2].replace("\n", ",1\n"))),
    "no rows": on_disk(lambda folder: (folder / "data.csv").write_text("x,y\n1,2\n")),
}  # fmt: skip


def contents(result: nf.Result, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in result:
        for port in result[node].outputs():
            frame = result[node][port].to_polars()
            found[f"{node}.{port}"] = (repr(frame.schema), repr(frame.to_dict(as_series=False)))
    for path in sorted((folder / "output").glob("*.csv")):
        found[path.name] = path.read_text()
    return found


def test_there_are_enough_cases_here() -> None:
    assert len(PAIRS) + len(MUTATIONS) + len(CODE_MUTATIONS) + 4 >= 60
    assert len(HARMLESS) + len(HARMLESS_CODE) >= 20


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_seen(name: str, tmp_path: Path) -> None:
    before = base(tmp_path).run(cache_folder=tmp_path / "cache")
    old = contents(before, tmp_path)
    workflow = MUTATIONS[name](tmp_path)
    found = contents(workflow.run(cache_folder=tmp_path / "cache"), tmp_path)
    shutil.rmtree(tmp_path / "output")
    fresh = contents(workflow.run(cache=False), tmp_path)
    fresh_files = {key for key in fresh if key.endswith(".csv")}
    assert {
        key: value for key, value in found.items() if not key.endswith(".csv") or key in fresh_files
    } == fresh
    if name != "another header":  # names are trimmed, so that this one shows nowhere
        assert found != old


def test_the_name_of_a_file_counts_as_a_reader_may_tell_it(tmp_path: Path) -> None:
    for path in ("a.csv", "b.csv", "*.csv"):
        (tmp_path / path.replace("*", "c")).write_text("x\n1\n")
        workflow = nf.Workflow("names", folder=tmp_path)
        workflow.add("csv_reader", id="read", path=path, source="file")
        found, fresh = (
            workflow.run(**options)["read"].table.to_polars()
            for options in ({"cache_folder": tmp_path / "cache"}, {"cache": False})
        )
        assert found.equals(fresh)


def test_a_result_of_a_file_that_changed_while_it_was_read_is_not_kept(tmp_path: Path) -> None:
    workflow = base(tmp_path)

    def meddle(event: nf.Event) -> None:
        if (event.node, event.state) == ("split", "running"):
            (tmp_path / "data.csv").write_text(OTHER)

    result = workflow.run(cache_folder=tmp_path / "cache", executor="inline", on_event=meddle)
    assert "changed while it was read" in result.reports["split"].messages[0]
    (tmp_path / "data.csv").write_text(CSV)
    shutil.rmtree(tmp_path / "output")
    found = contents(workflow.run(cache_folder=tmp_path / "cache"), tmp_path)
    shutil.rmtree(tmp_path / "output")
    assert found == contents(workflow.run(cache=False), tmp_path)


def test_the_seed_of_the_run_counts(tmp_path: Path) -> None:
    first = base(tmp_path).run(cache_folder=tmp_path / "cache")["split"]["first"].to_polars()
    second = base(tmp_path).run(cache_folder=tmp_path / "cache", seed=1)["split"]["first"].to_polars()
    assert not first.equals(second)


def test_a_written_file_that_is_gone_or_changed_is_written_again(tmp_path: Path) -> None:
    base(tmp_path).run(cache_folder=tmp_path / "cache")
    path = tmp_path / "output" / "out.csv"
    right = path.read_text()
    for spoil in (path.unlink, lambda: path.write_text("spoilt")):
        spoil()
        result = base(tmp_path).run(cache_folder=tmp_path / "cache")
        assert path.read_text() == right
        assert result.reports["write"].state == "done"


def test_another_version_of_a_library_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base(tmp_path).run(cache_folder=tmp_path / "cache")
    monkeypatch.setattr("nodeflow.execution.code.version_of", lambda module: "0.0.1")
    result = base(tmp_path).run(cache_folder=tmp_path / "cache")
    assert result.reports["split"].state == "done"


# -- what changes nothing -----------------------------------------------------------------------


def with_(change: Callable[[nf.Workflow], object]) -> Callable[[Path], nf.Workflow]:
    def build(folder: Path) -> nf.Workflow:
        workflow = base(folder)
        change(workflow)
        return workflow

    return build


def elsewhere(folder: Path) -> nf.Workflow:
    (folder / "copy").mkdir()
    shutil.copy(folder / "data.csv", folder / "copy" / "data.csv")
    return parameters(read__path="copy/data.csv")(folder)


def reordered(workflow: nf.Workflow) -> None:
    workflow.nodes = dict(reversed(workflow.nodes.items()))


def rewired(workflow: nf.Workflow) -> None:
    both = [c for c in workflow.connections if c.target == "both"]
    workflow.connections = [c for c in workflow.connections if c.target != "both"][::-1] + both


def resaved(folder: Path) -> nf.Workflow:
    workflow = loads(dumps(base(folder)))
    workflow.folder = folder
    return workflow


HARMLESS: dict[str, Callable[[Path], nf.Workflow]] = {
    "nothing at all": base,
    "a node moved": with_(lambda w: w.layout.update({"read": [5, 5]})),
    "a label": with_(lambda w: setattr(w.nodes["filter"], "label", "only some")),
    "a note": with_(lambda w: w.notes.append("hello")),
    "a description": with_(lambda w: setattr(w, "description", "hello")),
    "nodes in another order": with_(reordered),
    "connections in another order": with_(rewired),
    "a variable nobody uses": with_(lambda w: w.set(other=3)),
    "another value of a variable nobody uses": with_(lambda w: w.set(least=6)),
    "a variable for the same value": variable(0.5),
    "a default written out": parameters(filter__keep="matching"),
    "a whole number as a float": parameters(read__skip_rows=0.0),
    "another node elsewhere": with_(lambda w: w.add("table_creator", id="lonely")),
    "another user of a result": with_(lambda w: w.add("statistics", w["sort"], id="more")),
    "another user in the middle of a query": with_(lambda w: w.add("statistics", w["filter"], id="more")),
    "saved and read again": resaved,
    "the file touched": on_disk(lambda folder: os.utime(folder / "data.csv", (1, 1))),
    "the file written again": on_disk(lambda folder: (folder / "data.csv").write_text(CSV)),
    "a copy of the file elsewhere": elsewhere,
    "an unknown field": with_(lambda w: w.extra.update({"comment": "hello"})),
}

NEW_NODES = {"lonely", "more", "read", "filter", "formula"}
"""Nodes that may run: new ones, and what was folded into another query before."""


@pytest.mark.parametrize("name", HARMLESS)
def test_what_changes_nothing_runs_nothing(name: str, tmp_path: Path) -> None:
    base(tmp_path).run(cache_folder=tmp_path / "cache")
    events: list[nf.Event] = []
    HARMLESS[name](tmp_path).run(cache_folder=tmp_path / "cache", on_event=events.append)
    ran = {event.node for event in events if event.node and event.state == "running"}
    allowed = NEW_NODES if "user" in name or "another node" in name else set()
    assert ran <= allowed


@pytest.mark.parametrize("options", [{"executor": "inline"}, {"jobs": 1}, {"jobs": 7}, {"keep": "ends"}])
def test_how_it_runs_changes_nothing(options: dict[str, Any], tmp_path: Path) -> None:
    base(tmp_path).run(cache_folder=tmp_path / "cache")
    plan = nf.plan(base(tmp_path), cache_folder=tmp_path / "cache")
    assert plan.to_run == []
    result = base(tmp_path).run(cache_folder=tmp_path / "cache", **options)
    assert {report.state for report in result.reports.values()} == {"cached"}


def test_another_working_directory_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base(tmp_path).run(cache_folder=tmp_path / "cache")
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    assert nf.plan(base(tmp_path), cache_folder=tmp_path / "cache").to_run == []


# -- by code: the module of a node or one it uses is edited ----------------------------------------

KIT = '''
from __future__ import annotations
import polars as pl
import nodeflow as nf
from kit_tools.first import scale
from kit_base import Base

FACTOR = 2

class Kit(Base):
    """Multiply."""
    category = "Test"
    version = 1

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        from kit_late import late
        return table.with_columns(x=pl.col("x") * scale(FACTOR) + late() + self.offset())
'''
FILES = {
    "kit.py": KIT,
    "kit_base.py": "import nodeflow as nf\n\nclass Base(nf.Node):\n    def offset(self):\n        return 0\n\n    def spec(self, inputs):\n        return None\n",
    "kit_late.py": "def late():\n    return 0\n",
    "kit_tools/__init__.py": "",
    "kit_tools/first.py": "from .second import double\n\nCONSTANT = 1\n\ndef scale(x):\n    return double(x) * CONSTANT\n",
    "kit_tools/second.py": "def double(x):\n    # twice\n    return x * 2\n",
    "kit_unused.py": "X = 1\n",
}

CODE_MUTATIONS: dict[str, tuple[str, str, str]] = {
    "the node's own code": ("kit.py", "+ late()", "- 1 + late()"),
    "a constant beside the node": ("kit.py", "FACTOR = 2", "FACTOR = 3"),
    "the version of the node": ("kit.py", "version = 1", "version = 2"),
    "a module it imports": ("kit_tools/first.py", "double(x) * CONSTANT", "double(x) * CONSTANT + 1"),
    "a constant in a module it imports": ("kit_tools/first.py", "CONSTANT = 1", "CONSTANT = 5"),
    "what a helper imports by a relative name": ("kit_tools/second.py", "x * 2", "x * 4"),
    "a module imported within the function": ("kit_late.py", "return 0", "return 7"),
    "a base class elsewhere": ("kit_base.py", "return 0", "return 9"),
    "an annotation": ("kit_late.py", "def late():", "def late() -> int:"),
    "a statement more in a helper": ("kit_tools/second.py", "return x * 2", "x = x + 1\n    return x * 2"),
    "a default argument": (
        "kit_tools/second.py",
        "def double(x):",
        "def double(x, more=1):\n    x = x + more",
    ),
    "the initialisation of a package": (
        "kit_tools/__init__.py",
        "",
        "import kit_tools.second as s\ns.double = lambda x: x * 100\n",
    ),
}
HARMLESS_CODE: dict[str, tuple[str, str, str]] = {
    "a comment": ("kit.py", "FACTOR = 2", "FACTOR = 2  # why two"),
    "a docstring": ("kit.py", '"""Multiply."""', '"""Multiply the column."""'),
    "blank lines": ("kit.py", "FACTOR = 2", "\n\nFACTOR = 2\n\n"),
    "brackets and quotes": ("kit.py", 'pl.col("x") * scale(FACTOR)', "(pl.col('x') * (scale(FACTOR)))"),
    "quotes around an annotation": ("kit.py", "-> pl.DataFrame:", '-> "pl.DataFrame":'),
    "a number in other digits": ("kit.py", "FACTOR = 2", "FACTOR = 0x2"),
    "an old mark of a text": ("kit.py", 'pl.col("x")', 'pl.col(u"x")'),
    "a comment in a helper": ("kit_tools/second.py", "# twice", "# two times"),
    "a docstring in a helper": ("kit_late.py", "def late():\n", 'def late():\n    """Nothing."""\n'),
    "a module it does not import": ("kit_unused.py", "X = 1", "X = 2"),
}

SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import nodeflow as nf
from kit import Kit
w = nf.Workflow("code", folder=sys.argv[1])
t = w.add("table_creator", columns=[{"name": "x", "type": "integer", "cells": ["1", "2"]}])
w.add(Kit, t, id="kit")
cached = w.run(cache_folder=sys.argv[1] + "/cache")
fresh = w.run(cache=False)
print(json.dumps([cached.reports["kit"].state, *[r["kit"].table.to_polars()["x"].to_list() for r in (cached, fresh)]]))
"""


def run_kit(folder: Path) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", SCRIPT, str(folder)], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the modules and a cache in which they have run."""
    folder = tmp_path_factory.mktemp("kit")
    (folder / "kit_tools").mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    state, cached, fresh = run_kit(folder)
    assert (state, cached) == ("done", fresh)
    assert run_kit(folder)[0] == "cached"
    return folder


def edited(kit: Path, tmp_path: Path, change: tuple[str, str, str]) -> list[Any]:
    folder = tmp_path / "kit"
    shutil.copytree(kit, folder)
    name, old, new = change
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1) if old else new)
    return run_kit(folder)


@pytest.mark.parametrize("name", CODE_MUTATIONS)
def test_an_edit_of_code_is_seen(name: str, kit: Path, tmp_path: Path) -> None:
    state, cached, fresh = edited(kit, tmp_path, CODE_MUTATIONS[name])
    assert state == "done"
    assert cached == fresh


@pytest.mark.parametrize("name", HARMLESS_CODE)
def test_an_edit_that_changes_nothing_runs_nothing(name: str, kit: Path, tmp_path: Path) -> None:
    state, cached, fresh = edited(kit, tmp_path, HARMLESS_CODE[name])
    assert state == "cached"
    assert cached == fresh


def test_a_node_without_readable_code_is_never_reused(tmp_path: Path) -> None:
    script = (
        "import nodeflow as nf, polars as pl\n"
        "class Typed(nf.Node):\n"
        "    '''Give one.'''\n"
        "    def run(self) -> pl.DataFrame: return pl.DataFrame({'x': [1]})\n"
        "w = nf.Workflow('t'); w.add(Typed)\n"
        f"print([w.run(cache_folder={str(tmp_path / 'cache')!r}).reports['typed'].state for _ in range(2)])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "['done', 'done']", done.stderr


@pytest.mark.parametrize("text", ["def broken(:", "\0\1\2", "x = " + "+".join(["1"] * 3000)])
def test_a_module_that_cannot_be_understood_counts_by_its_bytes(text: str, kit: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    shutil.copytree(kit, folder)
    node = (folder / "kit.py").read_text()
    (folder / "kit.py").write_text(
        node.replace("FACTOR = 2", "FACTOR = 2\nif FACTOR > 2:\n    import kit_odd")
    )
    for content, state in ((text, "done"), (text, "cached"), (text + "1", "done")):
        (folder / "kit_odd.py").write_text(content)
        found, cached, fresh = run_kit(folder)
        assert (found, cached) == (state, fresh)


ONE = '''
from __future__ import annotations
import nodeflow as nf

class One(nf.Node):
    """Give one."""

    def run(self) -> nf.Variables:
        return nf.Variables(x=1)
'''


def test_planning_imports_no_library_that_the_nodes_did_not(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(ONE)
    script = (
        "import sys, nodeflow as nf\n"
        "from one import One\n"
        "w = nf.Workflow('plan'); w.add(One)\n"
        f"nf.plan(w, cache_folder={str(tmp_path / 'cache')!r})\n"
        "print([name for name in ('polars', 'pandas', 'pyarrow', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_registries_do_not_count(tmp_path: Path) -> None:
    base(tmp_path).run(cache_folder=tmp_path / "cache")
    result = base(tmp_path).run(cache_folder=tmp_path / "cache", registry=Registry.installed())
    assert {report.state for report in result.reports.values()} == {"cached"}
