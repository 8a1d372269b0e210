"""Running a node that learns a transformation, with what every such node must keep checked on the way."""

from __future__ import annotations

from typing import Any

import polars as pl
from nodeflow_nodes.manipulation.inverse_transform import InverseTransform
from nodeflow_nodes.manipulation.transform import Transform
from polars.testing import assert_frame_equal

from nodeflow.execution.calling import arguments
from nodeflow.export.python import PythonScript
from nodeflow.node import Node
from nodeflow.testing import agrees
from nodeflow.validation import output_specs, parameter_faults
from nodeflow.values.bundle import pack_model, unpack_model
from nodeflow.values.model import Model
from nodeflow.values.specs import TableSpec
from nodeflow.values.table import Table


class FakeContext:
    """The little of the engine that these nodes use."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def progress(self, fraction: float, message: str = "", figures: Any = None) -> None: ...

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def fake_context() -> FakeContext:
    return FakeContext()


def learn(node: Node, *, exported: bool = True, **inputs: pl.DataFrame) -> tuple[pl.DataFrame, Model]:
    """The table and the model of a node; the model read back does the same, and so does the script."""
    node = type(node).from_json(node.to_json())
    specs = {name: TableSpec(one.schema) for name, one in inputs.items()}
    assert [*parameter_faults(node, specs), *node.check(specs)] == []
    assert len(node.summary()) <= 80
    result = node.run(**arguments(node, {n: Table(one) for n, one in inputs.items()}), context=fake_context())
    table, model = result.table.collect(), unpack_model(pack_model(result.model))
    told = output_specs(node, specs)
    assert told["model"] is None or agrees(told["model"], model.spec)
    assert told["table"] is None or told["table"] == TableSpec(table.schema)
    assert_frame_equal(transformed(model, inputs["table"]), table)
    if exported:
        again, function = scripted(node, inputs)
        assert_frame_equal(again, table)
        assert_frame_equal(function(inputs["table"].lazy()).collect(), table)
    return table, model


def transformed(model: Model, table: pl.DataFrame, **parameters: Any) -> pl.DataFrame:
    """What a Transform node makes of a table, which is what was told before."""
    return _applied(Transform(**parameters), model, table)


def undone(model: Model, table: pl.DataFrame, **parameters: Any) -> pl.DataFrame:
    """What an Inverse Transform node makes of a table, which is what was told before."""
    return _applied(InverseTransform(**parameters), model, table)


def _applied(node: Node, model: Model, table: pl.DataFrame) -> pl.DataFrame:
    specs = {"model": model.spec, "table": TableSpec(table.schema)}
    assert [fault.sentence for fault in node.check(specs)] == []
    more = {"context": fake_context()} if node.signature().takes_context else {}
    result = node.run(model=model, table=table.lazy(), **more).collect()
    told = node.spec(specs)
    assert told is None or told == TableSpec(result.schema)
    return result


def told_before(node: Node, model: Model, table: pl.DataFrame) -> list[str]:
    """What validation reports of a node that applies a model."""
    return [one.sentence for one in node.check({"model": model.spec, "table": TableSpec(table.schema)})]


def scripted(node: Node, inputs: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, Any]:
    """The table of the node's exported script, and its model, which is a function."""
    script, names, wires = PythonScript(), {}, {}
    for port, table in inputs.items():
        script.begin(port, "", {}, 0)
        names[script.output("table")] = table.lazy()
        wires[port] = [(port, "table")]
    script.begin("learned", node.name, wires, 0, {port: dict(one.schema) for port, one in inputs.items()})
    node.export_python(script)
    text = script.text()
    assert "nodeflow" not in text
    space: dict[str, Any] = dict(names)
    exec(compile(text, "exported.py", "exec"), space)  # noqa: S102 - the test is about running it
    variables = {port: name for (owner, port), name in script._variables.items() if owner == "learned"}
    return space[variables["table"]].collect(), space[variables["model"]]
