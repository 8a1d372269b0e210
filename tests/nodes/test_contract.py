"""Every registered node keeps the contract, and other packages' nodes are found and kept apart."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.registry import CATALOGUE, Registry, catalogue_of, collect
from nodeflow.testing import check_node, example_table

sys.path.append(str(Path(__file__).parent))
from all_cases import cases

NODES = {node.id: node for node in collect("nodeflow_nodes")}

NUMBERS = pl.DataFrame(
    {"x": [1.0, 2.0, 3.0, 4.0, 5.0], "y": [2.1, 3.9, 6.2, 7.8, 10.1], "p": [2.0, 4.0, 6.0, 8.0, 10.0]}
)

# how each node is used in its check: parameters, and inputs where the example table does not do; for nodes
# that use files a function of a folder. The files cases_*.py beside this one hold those of further nodes.
CASES: dict[str, Any] = cases("CONTRACT") | {
    "table_creator": {"parameters": {"columns": [{"name": "a", "type": "integer", "cells": ["1", "2", ""]}]}},
    "formula": {"parameters": {"formulas": [{"name": "twice", "expression": "number * 2"}]}},
    "sorter": {"parameters": {"by": [{"column": "text"}, {"column": "whole", "descending": True}]}},
    "group_by": {
        "parameters": {
            "keys": ["text"],
            "aggregations": [
                {"column": "number", "function": "mean"},
                {"column": "whole", "function": "sum"},
            ],
        }
    },
    "joiner": {"parameters": {"keys": [{"left": "whole", "right": "whole"}]}},
    "missing_value": {"parameters": {"numbers": "mean", "texts": "mode"}},
    "linear_regression_learner": {"parameters": {"target": "number"}},
    "random_forest_learner": {"parameters": {"target": "number", "trees": 3}},
    "numeric_scorer": {"parameters": {"actual": "y", "prediction": "p"}, "inputs": {"table": NUMBERS}},
}


@cache
def a_model() -> Any:
    workflow = nf.Workflow("model")
    table = workflow.add(
        "table_creator",
        columns=[{"name": n, "type": "number", "cells": [str(v) for v in NUMBERS[n]]} for n in ("x", "y")],
    )
    workflow.add("linear_regression_learner", table, id="learn", target="y")
    return workflow.run(cache=False)["learn"].model


@pytest.mark.parametrize("node_id", sorted(NODES))
def test_the_node_keeps_the_contract(node_id: str, tmp_path: Path) -> None:
    found = CASES.get(node_id, {})
    case = found(tmp_path) if callable(found) else dict(found)
    if node_id == "csv_reader":
        (tmp_path / "people.csv").write_text("name,age\nAda,36\nBo,\n")
        case = {"parameters": {"path": str(tmp_path / "people.csv")}}
    if node_id == "predictor":
        case = {"inputs": {"model": a_model(), "table": NUMBERS}}
    if node_id == "chart_writer":
        chart = nf.Chart({"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}})
        case = {"parameters": {"path": str(tmp_path / "chart.svg")}, "inputs": {"chart": chart}}
    check_node(NODES[node_id], **case)


def test_importing_all_nodes_imports_no_heavy_library() -> None:
    script = (
        "import sys; from nodeflow.registry import collect; collect('nodeflow_nodes'); "
        "print([m for m in ('pandas', 'sklearn', 'scipy', 'skops', 'pyarrow', 'keras', 'networkx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_shipped_catalogue_is_up_to_date() -> None:
    shipped = Path(sys.modules[NODES["csv_reader"].__module__].__file__ or "").parent.parent / CATALOGUE
    assert shipped.read_bytes() == catalogue_of("nodeflow_nodes"), (
        "run: python -m nodeflow.registry nodeflow_nodes"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"__doc__": "No sentence"}, "first line"),
        ({"category": "Other"}, "category"),
    ],
)
def test_an_incomplete_declaration_is_told(change: dict[str, Any], words: str) -> None:
    body = {"__doc__": "Give the table.", "category": "Test", "run": _same, "__module__": __name__, **change}
    with pytest.raises(AssertionError, match=words):
        check_node(type("Given", (nf.Node,), body))


def _same(self: Any, table: pl.LazyFrame) -> pl.LazyFrame:
    return table


def test_a_node_that_changes_from_run_to_run_is_found() -> None:
    import itertools

    count = itertools.count()

    class Counting(nf.Node):
        """Give another number each time."""

        category = "Test"

        def run(self, table: pl.DataFrame) -> pl.DataFrame:
            return pl.DataFrame({"n": [next(count)]})

    with pytest.raises(AssertionError, match="differs when it runs again"):
        check_node(Counting)


def test_a_node_whose_spec_is_wrong_is_found() -> None:
    class Wrong(nf.Node):
        """Say one thing and do another."""

        category = "Test"

        def run(self, table: pl.DataFrame) -> pl.DataFrame:
            return table

        def spec(self, inputs: Any) -> nf.TableSpec:
            return nf.TableSpec({"other": pl.Int64()})

    with pytest.raises(AssertionError, match="but run gives"):
        check_node(Wrong)


PLUGIN = '''
from __future__ import annotations
import narwhals as nw
import nodeflow as nf

class Halve(nf.Node):
    """Halve a number column."""
    category = "Extra"
    column: nf.Column = nf.parameter(types=("number",), help="The column.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return table.with_columns(self.column.of(table) / 2)
'''


def install(folder: Path, name: str, source: str) -> None:
    """A package with an entry point, as pip would leave it."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[nodeflow.nodes]\n{name} = {name}\n")


def ask(folder: Path, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{script}"],
        capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_another_package_adds_nodes_by_an_entry_point(tmp_path: Path) -> None:
    install(tmp_path, "extra_nodes", PLUGIN)
    script = (
        "import nodeflow as nf; w = nf.Workflow('x'); "
        "t = w.add('table_creator', columns=[{'name': 'a', 'type': 'number', 'cells': ['4']}]); "
        "w.add('halve', t, column='a'); print(w.run(cache=False)['halve'].table.to_polars()['a'][0])"
    )
    assert ask(tmp_path, script) == "2.0"


def test_a_broken_package_does_not_take_the_others_away(tmp_path: Path) -> None:
    install(tmp_path, "broken_nodes", "raise RuntimeError('broken inside')")
    script = "from nodeflow.registry import Registry; r = Registry.installed(); print(len(r) > 10, r.faults)"
    told = ask(tmp_path, script)
    assert told.startswith("True")
    assert "broken inside" in told


def test_a_file_can_be_tried_without_a_package(tmp_path: Path) -> None:
    (tmp_path / "halving.py").write_text(PLUGIN)
    registry = Registry.installed()
    registry.add_path(tmp_path / "halving.py")
    found = registry.get("halve")
    assert found is not None
    check_node(found.load(), inputs={"table": example_table()})


def test_two_nodes_with_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(PLUGIN)
    (tmp_path / "two.py").write_text(PLUGIN)
    with pytest.raises(nf.NodeflowError, match='two node types have the id "halve"'):
        Registry.installed().add_path(tmp_path)


def test_a_file_called_like_a_library_does_not_stand_for_it(tmp_path: Path) -> None:
    (tmp_path / "polars.py").write_text(PLUGIN)
    Registry.installed().add_path(tmp_path / "polars.py")
    assert sys.modules["polars"] is pl


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("group", "group_by"),
        ("where", "row_filter"),
        ("Row Filter", "row_filter"),
        ("random forest", "random_forest_learner"),
    ],
)
def test_people_find_nodes_by_the_words_they_know(text: str, first: str) -> None:
    assert Registry.installed().search(text)[0].id == first
