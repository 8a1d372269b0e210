"""Portable nodes give the same rows in the same order on every engine: Polars, DuckDB and Dask."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
from all_cases import Portable, cases
from engines import ENGINES, rows

from nodeflow.registry import collect

CASES: dict[str, Portable] = cases("PORTABLE")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("name", list(CASES))
def test_a_portable_node_gives_the_same_on_every_engine(name: str, engine: str) -> None:
    case = CASES[name]
    given = [ENGINES[engine](table) for table in case.tables]
    ports = case.node.signature().inputs
    assert all(port.form == "narwhals" for port in ports), "a portable node takes narwhals frames"
    result = case.node.run(given) if ports[0].variadic else case.node.run(*given)
    several = isinstance(result, tuple)
    for frame, wanted in zip(
        result if several else [result], case.rows if several else [case.rows], strict=True
    ):
        if case.columns is not None and not several:
            assert list(frame.collect_schema()) == list(case.columns)
        found = rows(frame)
        assert len(found) == len(wanted)
        for row, expected in zip(found, wanted, strict=True):
            assert list(row) == [_near(one) for one in expected]


def _near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value


def test_every_node_that_calls_itself_portable_has_a_case() -> None:
    registered = {node.id for node in collect("nodeflow_nodes") if node.is_portable()}
    tried = {type(case.node).id for case in CASES.values()} | {"partition"}  # in test_ops.py
    assert registered == tried
    assert len(registered) >= 45
