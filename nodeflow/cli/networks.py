"""What the networks of a workflow will cost, told before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodeflow.networks import Structure
    from nodeflow.validation import Validation
    from nodeflow.workflow import Workflow

BATCH = 64
"""Samples in a batch, for the memory."""


def costs(workflow: Workflow, validation: Validation) -> list[dict[str, Any]]:
    """For each whole network, which goes on into no further layer: its size, memory, and what is slow in it."""
    from nodeflow.networks import NetworkError
    from nodeflow.values.network import NetworkSpec

    networks = {
        place: one.structure for place, one in validation.specs.items() if isinstance(one, NetworkSpec)
    }
    makers = {node for node, _ in networks}
    parts = {(wire.source, wire.output) for wire in workflow.connections if wire.target in makers}
    found = []
    for (node, port), structure in networks.items():
        if node in workflow.nodes and (node, port) not in parts:
            try:
                found.append({"node": node, "output": port, **_cost(structure)})
            except NetworkError:
                continue  # told as a problem
    return found


def _cost(structure: Structure) -> dict[str, Any]:
    from nodeflow.devices import DeviceError, choose

    trained, fixed = (sum(one) for one in zip(*structure.parameter_counts().values(), (0, 0), strict=True))
    told: dict[str, Any] = {
        "layers": len(structure.layers),
        "learned": trained,
        "fixed": fixed,
        "memory": structure.memory(BATCH),
        "batch": BATCH,
    }
    try:
        choice = choose()
    except DeviceError:
        return told
    ways = {
        layer.id: structure.fast_path(layer.id, choice.backend, choice.device) for layer in structure.layers
    }
    slow = {layer: why for layer, (is_fast, why) in ways.items() if not is_fast}
    return {**told, "backend": choice.backend, "device": choice.device, "slow": slow}


def sentence(told: Mapping[str, Any]) -> str:
    """The cost of a network for people."""
    from nodeflow.cli.answers import counted
    from nodeflow.cli.cache import size
    from nodeflow.errors import listing

    fixed = f" and {told['fixed']:,} fixed" if told["fixed"] else ""
    start = (
        f'Network of "{told["node"]}": {counted(told["layers"], "layer")}, {counted(told["learned"], "parameter")} to '
        f"learn{fixed}, about {size(told['memory'])} with batches of {told['batch']}"
    )
    if "slow" not in told:
        return f"{start}."
    where = f"{told['backend']} on the {told['device'].upper()}"
    if not told["slow"]:
        return f"{start}; fast with {where}: yes."
    by_reason: dict[str, list[str]] = {}
    for layer, why in told["slow"].items():
        by_reason.setdefault(why, []).append(layer)
    layers = "; ".join(f"{listing(names)}: {why}" for why, names in by_reason.items())
    return f"{start}; fast with {where}: no. {layers}."
