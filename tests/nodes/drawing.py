"""Running nodes and views as the engine does, and looking into what is drawn."""

from __future__ import annotations

import functools
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import polars as pl

import nodeflow as nf
from nodeflow.execution.calling import arguments, from_form, give_seed, named_outputs
from nodeflow.registry import Registry
from nodeflow.validation import parameter_faults
from nodeflow.values.table import Table

REGISTRY = Registry.installed()

ODD_NAMES = ["a.b", "[x]", "it's", "\\", '"', "<script>", "x" * 300, "שלום", "datum", "*", "^a$", "", "\n"]


class Told:
    """A context that keeps what it is told."""

    seed = 0

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warn(self, message: str) -> None:
        self.messages.append(message)

    def progress(self, fraction: float, message: str = "", figures: Any = None) -> None: ...

    def check_cancelled(self) -> None: ...

    def kept(self, what: str) -> None: ...

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None: ...


def made(node: str, **parameters: Any) -> nf.Node:
    found = REGISTRY.get(node)
    assert found is not None
    return found.load().from_json(parameters)


def ran(node: nf.Node, told: Told | None = None, **inputs: Any) -> dict[str, Any]:
    """The outputs of a node that has first been checked against its inputs; tables as Polars frames."""
    signature = node.signature()
    grows = {port.name for port in signature.inputs if port.variadic}
    lists = {name: v if isinstance(v, list) or name not in grows else [v] for name, v in inputs.items()}
    given = {name: _wrapped(value) for name, value in lists.items()}
    specs: dict[str, Any] = {}
    for port in signature.inputs:
        if port.name in given:
            codec, value = port.type.stored_by, given[port.name]
            specs[port.name] = [codec.spec_of(v) for v in value] if port.variadic else codec.spec_of(value)
    faults = parameter_faults(node, specs) or list(node.check(specs))
    if faults:
        raise nf.NodeFailed("; ".join(fault.sentence for fault in faults))
    give_seed(node, 0, "node")
    extra = {"context": told or Told()} if signature.takes_context else {}
    found = named_outputs(signature, node.run(**arguments(node, given), **extra), node.name)
    values = {port.name: from_form(found[port.name], port, node.name) for port in signature.outputs}
    return {name: v.to_polars() if hasattr(v, "to_polars") else v for name, v in values.items()}


def _wrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_wrapped(one) for one in value]
    return Table.wrap(value) if isinstance(value, pl.DataFrame) else value


def drawn(view: str, inputs: Any, **parameters: Any) -> tuple[dict[str, Any], list[str]]:
    """The specification of a view and what it told."""
    told = Told()
    node = made(view, **parameters)
    given = inputs if isinstance(inputs, dict) else {node.signature().inputs[0].name: inputs}
    return ran(node, told, **given)["chart"].specification, told.messages


def points(view: str, inputs: Any, **parameters: Any) -> pl.DataFrame:
    """The main data of the chart."""
    return pl.DataFrame(drawn(view, inputs, **parameters)[0]["data"]["values"], infer_schema_length=None)


def layers(view: str, inputs: Any, **parameters: Any) -> list[list[dict[str, Any]]]:
    """The data of each layer that has its own."""
    found: list[list[dict[str, Any]]] = []
    waiting: list[Any] = [drawn(view, inputs, **parameters)[0]]
    while waiting:
        part = waiting.pop(0)
        if part.get("data", {}).get("values"):
            found.append(part["data"]["values"])
        waiting = [
            *(one for name in ("layer", "hconcat", "vconcat", "concat") for one in part.get(name, [])),
            *waiting,
        ]
    return found


def labels_of(view: str, inputs: Any, **parameters: Any) -> list[str]:
    """The curves in the legend."""
    return list(dict.fromkeys(points(view, inputs, **parameters)["curve"]))


@functools.cache
def tumours() -> pl.DataFrame:
    """Predictions of a small tree for every second patient, with their diagnosis."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    table = pl.DataFrame(data.data[:, :4], schema=["radius", "texture", "perimeter", "area"]).with_columns(
        pl.Series("diagnosis", ["malignant", "benign"]).gather(data.target)
    )
    model = ran(made("decision_tree_learner", target="diagnosis", depth=3), table=table[::2])["model"]
    return ran(made("predictor", probabilities=True), model=model, table=table[1::2])["table"]


@functools.cache
def flowers() -> pl.DataFrame:
    """The 150 irises."""
    from sklearn.datasets import load_iris

    data = load_iris()
    species = pl.Series("species", data.target_names.tolist()).gather(data.target)
    return pl.DataFrame(
        data.data, schema=["sepal length", "sepal width", "petal length", "petal width"]
    ).with_columns(species)


@functools.cache
def _vega_lite() -> Any:
    """A validator of Vega-Lite's own schema, as Altair 5 holds it."""
    import altair
    import jsonschema

    path = Path(altair.__file__).parent / "vegalite" / "v5" / "schema" / "vega-lite-schema.json"
    return jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))


def _without_data(value: Any) -> Any:
    """The specification with one row of each table of data, which is checked quicker."""
    if isinstance(value, dict):
        return {
            name: part[:1] if name == "values" and part and isinstance(part[0], dict) else _without_data(part)
            for name, part in value.items()
        }
    return [_without_data(part) for part in value] if isinstance(value, list) else value


def check_specification(specification: dict[str, Any]) -> None:
    """What a view gives is a specification by Vega-Lite's own schema."""
    chart = nf.Chart(specification).specification
    faults = list(_vega_lite().iter_errors(_without_data(chart)))
    best = [min(fault.context, key=lambda one: -len(one.path), default=fault) for fault in faults]
    assert not faults, [(list(fault.absolute_path), fault.message[:300]) for fault in best]


def check_picture(specification: dict[str, Any], least: int = 100) -> None:
    """A PNG of some size in which more is drawn than its ground."""
    data = nf.Chart(specification).to_bytes("png")
    width, height = struct.unpack(">II", data[16:24])
    assert width > least
    assert height > least
    body, place = b"", 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        if data[place + 4 : place + 8] == b"IDAT":
            body += data[place + 8 : place + 8 + length]
        place += length + 12
    assert len(set(zlib.decompress(body))) > 16
