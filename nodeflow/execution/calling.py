"""Calling a node: inputs in the form its `run` asks for, outputs by port name, seeds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters.kinds import SeedKind
from nodeflow.parameters.special import Seed
from nodeflow.ports import Port, Signature
from nodeflow.values.specs import Spec, TableSpec


def to_form(value: Any, form: str) -> Any:
    """A value on a wire in the form a port asks for; tables come as `Table`."""
    if form == "value":
        return value
    if form == "polars":
        return value.lazy()
    if form == "narwhals":
        import narwhals as nw

        return nw.from_native(value.lazy())
    if form == "polars-frame":
        return value.to_polars()
    if form == "pandas":
        return value.to_pandas()
    if form == "arrow":
        return value.to_arrow()
    raise AssertionError(form)


def from_form(value: Any, port: Port, node_name: str) -> Any:
    """What `run` gave at a port as the value for the wire."""
    if port.type.name == "table":
        from nodeflow.values.table import Table

        try:
            return Table.wrap(value)
        except TypeError as error:
            raise NodeFailed(f'{node_name} gave no table at its output "{port.name}": {error}') from None
    wrap = getattr(_class_of(port), "wrap", None)
    return wrap(value) if wrap is not None else value


def _class_of(port: Port) -> Any:
    import nodeflow.values

    return getattr(nodeflow.values, port.type.label, None)


def named_outputs(signature: Signature, returned: Any, node_name: str) -> dict[str, Any]:
    """The result of `run` by port name."""
    if signature.gives_tuple:
        names = [port.name for port in signature.outputs]
        if not isinstance(returned, tuple) or len(returned) != len(names):
            raise NodeFailed(f"{node_name} must give {len(names)} values ({', '.join(names)})")
        return dict(zip(names, returned, strict=True))
    if not signature.outputs:
        return {}
    if returned is None and not signature.outputs[0].optional:
        raise NodeFailed(f'{node_name} gave nothing at its output "{signature.outputs[0].name}"')
    return {signature.outputs[0].name: returned}


def arguments(node: Node, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs for `run`: each connected port's value, or list of values, in the port's form."""
    given: dict[str, Any] = {}
    for port in node.signature().inputs:
        if port.name in values:
            value = values[port.name]
            given[port.name] = (
                [to_form(one, port.form) for one in value] if port.variadic else to_form(value, port.form)
            )
        elif port.optional:
            given[port.name] = [] if port.variadic else None
        elif port.variadic:
            given[port.name] = []
    return given


def empty_input(port: Port, spec: Spec | list[Spec]) -> Any:
    """A table without rows, or a list of such, of the given spec, in the port's lazy form."""
    if isinstance(spec, list):
        return [empty_input(port, one) for one in spec]
    import polars as pl

    from nodeflow.values.table import Table

    assert isinstance(spec, TableSpec)
    return to_form(Table(pl.LazyFrame(schema=spec.columns)), port.form)


def derived_seed(run_seed: int, node_id: str) -> int:
    """A node's seed from the run's: adding or removing other nodes does not change it."""
    digest = hashlib.blake2b(f"{run_seed}\0{node_id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def give_seed(node: Node, run_seed: int, node_id: str) -> int | None:
    """Set a random node's seed parameter if it is open; the seed in force, None if it has none."""
    for one, value in list(node.values()):
        if isinstance(one.kind, SeedKind):
            seed = derived_seed(run_seed, node_id) if value is None else int(value)
            setattr(node, one.name, Seed(seed))
            return seed
    return None
