"""Comparing workflows: every change that counts is told, and none other."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import nodeflow as nf
from nodeflow.comparison import compare
from nodeflow.document import from_data, to_data
from nodeflow.workflow import Variable


def base() -> nf.Workflow:
    workflow = nf.Workflow("w")
    workflow.set(least=1)
    one = workflow.add("table_creator", id="one", columns=[{"name": "x", "cells": ["1"]}])
    two = workflow.add("table_creator", id="two", columns=[{"name": "x", "cells": ["2"]}])
    both = workflow.add("concatenate", id="both", tables=[one, two])
    workflow.add("row_filter", both, id="keep", condition="x > 1")
    return workflow


def reordered(workflow: nf.Workflow) -> None:
    workflow.connections[0], workflow.connections[1] = workflow.connections[1], workflow.connections[0]


def rewired(workflow: nf.Workflow) -> None:
    del workflow.connections[1]


CHANGES: dict[str, tuple[Callable[[nf.Workflow], object], str]] = {
    "a parameter": (lambda w: w["keep"].set(condition="x > 2"), 'keep.condition: "x > 1" -> "x > 2"'),
    "a label": (lambda w: setattr(w.nodes["keep"], "label", "Keep"), 'keep.label: "" -> "Keep"'),
    "what is unknown": (lambda w: w.nodes["keep"].extra.update(later=1), 'keep.extra: {} -> {"later": 1}'),
    "a number's type": (lambda w: w.variables.update(least=Variable(1.0)), "variable least: 1 -> 1.0"),
    "a variable's help": (lambda w: w.variables.update(least=Variable(1, "Least.")), '"help": "Least."'),
    "the order of wires": (
        reordered,
        'both.order at tables: ["one.table", "two.table"] -> ["two.table", "one.table"]',
    ),
    "a wire": (rewired, "- two.table -> both.tables"),
    "a note": (lambda w: w.notes.append({"text": "hello"}), 'workflow notes: [] -> [{"text": "hello"}]'),
    "the name": (lambda w: setattr(w, "name", "v"), 'workflow name: "w" -> "v"'),
    "a node more": (lambda w: w.add("table_creator", id="three"), "+ node three"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told(name: str) -> None:
    change, line = CHANGES[name]
    workflow = base()
    change(workflow)
    lines = compare(base(), workflow).lines()
    assert len(lines) == 1
    assert line in lines[0]
    assert len(compare(workflow, base()).lines()) == 1


def test_what_is_the_same_is_no_difference() -> None:
    workflow = base()
    workflow.layout["keep"] = [1, 2]
    assert not compare(base(), workflow)
    assert not compare(base(), from_data(to_data(base())))


def test_a_renamed_node_is_told_as_one_with_its_wires() -> None:
    text = json.dumps(to_data(base())).replace('"two"', '"second"').replace("two.", "second.")
    difference = compare(base(), from_data(json.loads(text)))
    assert difference.lines() == ["  node two is now called second"]


def test_of_nodes_alike_none_is_called_renamed() -> None:
    before, after = nf.Workflow("w"), nf.Workflow("w")
    for workflow, names in ((before, ("a", "b")), (after, ("c", "d"))):
        for name in names:
            workflow.add("row_filter", id=name, condition="x > 1")
    difference = compare(before, after)
    assert (difference.added, difference.removed, difference.renamed) == (["c", "d"], ["a", "b"], {})


def test_thousands_of_renamed_nodes_are_all_found() -> None:
    before, after = nf.Workflow("w"), nf.Workflow("w")
    for number in range(3000):
        before.add("row_filter", id=f"a{number}", condition=f"x > {number}")
        after.add("row_filter", id=f"b{number}", condition=f"x > {number}")
    assert compare(before, after).renamed == {f"a{number}": f"b{number}" for number in range(3000)}
