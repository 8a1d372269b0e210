"""Running a node that calculates: its result is as told before, and as its exported script gives it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import FakeContext, faults_of, run_script
from polars.testing import assert_frame_equal

from nodeflow.errors import NodeFailed
from nodeflow.execution.calling import give_seed, named_outputs, to_form
from nodeflow.node import Node
from nodeflow.validation import output_specs
from nodeflow.values.specs import TableSpec
from nodeflow.values.table import Table


def calculate(node: Node, *, exported: bool = True, **inputs: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The output tables by port."""
    node = type(node).from_json(node.to_json())  # what a workflow file keeps is all there is
    give_seed(node, 7, "node")
    assert faults_of(node, **inputs) == []
    assert len(node.summary()) <= 80
    found = tables(node, **inputs)
    predicted = output_specs(node, {name: TableSpec(one.schema) for name, one in inputs.items()})
    for port, table in found.items():
        told = predicted.get(port)
        assert told is None or told == TableSpec(table.schema), f"{port}: told {told}, came {table.schema}"
    if exported:
        again = run_script(node, inputs)
        assert again is not None, "the node can be exported"
        for port, table in found.items():
            assert_frame_equal(again[port], table, rel_tol=1e-12)
    return found


def tables(node: Node, **inputs: pl.DataFrame) -> dict[str, pl.DataFrame]:
    signature = node.signature()
    forms = {port.name: port.form for port in signature.inputs}
    given: dict[str, Any] = {name: to_form(Table(one), forms[name]) for name, one in inputs.items()}
    if signature.takes_context:
        given["context"] = FakeContext(Path(tempfile.gettempdir()))
    outputs = named_outputs(signature, node.run(**given), node.name)
    return {name: Table.wrap(one).to_polars() for name, one in outputs.items()}


def refusal(node: Node, **inputs: pl.DataFrame) -> str:
    """The sentence by which a node refuses its input while running."""
    with pytest.raises(NodeFailed) as caught:
        tables(node, **inputs)
    return str(caught.value)


def row(table: pl.DataFrame, index: int = 0) -> dict[str, Any]:
    return table.row(index, named=True)
