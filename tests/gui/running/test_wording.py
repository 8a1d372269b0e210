"""The sentences of problems are made of the labels that people see in the settings."""

from __future__ import annotations

from typing import Any

import pytest
from nodeflow_gui.running.wording import reworded

from nodeflow.errors import NodeflowError
from nodeflow.registry import Registry

REGISTRY = Registry.installed()


def declaration_of(node: str) -> Any:
    found = REGISTRY.get(node)
    if found is None:
        raise NodeflowError("gone")
    return found.declaration


@pytest.mark.parametrize(
    ("node", "parameter", "kind", "message", "told"),
    [
        (
            "random_forest_learner", "target", "missing-parameter",
            'parameter "target" needs a value: the name of a number column',
            "choose a column for “Target”",
        ),
        (
            "random_forest_learner", "trees", "bad-parameter",
            'parameter "trees" must be a whole number from 1 to 100000, not the number -3',
            "“Trees” must be a whole number from 1 to 100000, not the number -3",
        ),
        (
            "row_filter", "condition", "bad-parameter",
            'parameter "condition" the formula ends too early',
            "“Condition”: the formula ends too early",
        ),
        (
            "formula", "formulas[1].name", "bad-parameter",
            'parameter "formulas[1].name" entry 2: "name" must be a text of at least 1 character; '
            '"expression" no function "medan"; `nodeflow nodes formula` lists the functions',
            "Formulas, entry 2: “Name” must be a text of at least 1 character; “Expression”: no function \"medan\"",
        ),
        (
            "formula", "formulas[0].expression", "missing-parameter",
            'entry 1: "expression" parameter "expression" needs a value: a formula',
            "Formulas, entry 1: enter a formula for “Expression”",
        ),
        (
            "sorter", "by[0].column", "unfit-parameter",
            'entry 1: column: no column ""; the table has "a"',
            "Sort by, entry 1: choose a column for “Column”",
        ),
        ("row_filter", "condition", "bad-formula", 'no column "x"', 'no column "x"'),
        ("row_filter", "", "missing-input", "nothing is connected", "nothing is connected"),
        ("no node", "x", "bad-parameter", 'parameter "x" is bad', 'parameter "x" is bad'),
    ],
)  # fmt: skip
def test_sentences(node: str, parameter: str, kind: str, message: str, told: str) -> None:
    problem = {"node": node, "parameter": parameter, "kind": kind, "message": message}
    assert reworded([problem], declaration_of) == [problem | {"message": told}]
