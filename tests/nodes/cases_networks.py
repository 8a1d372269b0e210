"""How the contract of the nodes of networks is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nodeflow.networks import RULES, Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors


def network(shape: tuple[int | None, ...], dtype: str = "float32", name: str = "x") -> Network:
    return Network(Structure.of_shape(shape, dtype=dtype, name=name))


_SHAPES = {1: (8,), 2: (12, 4), 3: (12, 12, 4), 4: (3, 12, 12, 4)}
_PORTS = {"Recurrent": "network", "Attention": "query"}


def _case(kind: str) -> dict[str, Any]:
    rule = RULES[kind]
    shape = _SHAPES[rule.ranks[0] if rule.ranks else 2]
    dtype = "int32" if kind == "embedding" else "float32"
    if kind == "tied_dense":
        own = Network(Structure.of_shape((8,)).then("dense", units=3))
        return {"inputs": {"network": own}}
    if rule.inputs == (2, 2):
        pair = {"first": network(shape), "second": network(shape, name="z")}
        return {"inputs": pair, "parameters": {"axes": [1]} if kind == "dot" else {}}
    if rule.inputs[0] == 2:
        return {"inputs": {"networks": [network(shape), network(shape, name="z")]}}
    return {"inputs": {_PORTS.get(rule.group, "network"): network(shape, dtype)}}


SMALL = Structure.of_shape((5,)).then("dense", id="code", units=2).then("dense", units=5)
WHOLE = Network(SMALL)

TENSORS = Tensors(
    {"x": np.zeros((4, 6, 2), "float32"), "y": np.zeros((4, 1), "float32")},
    inputs=("x",),
    targets=("y",),
    task="forecast",
)


def _reader(folder: Path) -> dict[str, Any]:
    (folder / "network.json").write_bytes(SMALL.to_json())
    return {"parameters": {"path": str(folder / "network.json")}}


CONTRACT: dict[str, Any] = {f"layer_{kind}": _case(kind) for kind in RULES} | {
    "network_input": {},
    "layer_list": {},
    "network_template": {"inputs": {"tensors": TENSORS}},
    "network_join": {"inputs": {"networks": [WHOLE, network((3,), name="z")]}},
    "network_freeze": {"inputs": {"network": WHOLE}, "parameters": {"layers": ["code"]}},
    "network_cut": {"inputs": {"network": WHOLE}, "parameters": {"until": "code"}},
    "network_writer": lambda folder: {
        "inputs": {"network": WHOLE},
        "parameters": {"path": str(folder / "written.json")},
    },
    "network_reader": _reader,
    "network_inspector": {"inputs": {"network": WHOLE}},
}
