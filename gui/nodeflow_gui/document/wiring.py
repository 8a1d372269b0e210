"""Which ports may be joined, and how to join what a removed node leaves. Pure functions over plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from nodeflow.errors import did_you_mean, shorten
from nodeflow.workflow import Connection, Workflow
from nodeflow_gui.document.words import tr
from nodeflow_gui.translations.nodes import port_label, type_text

LONGEST_TITLE = 200

BORDER = ""
"""Stands for the component itself, whose ports lead to nodes within."""

Declare = Callable[[str], Mapping[str, Any]]


def port_of(ports: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """The port of that name."""
    return next((port for port in ports if port["name"] == name), None)


def title_of(workflow: Workflow, declare: Declare, node: str) -> str:
    """What people call a node: its label, else the name of its type, with the id where several have that name."""
    instance = workflow.nodes[node]
    if instance.label:
        return shorten(instance.label, LONGEST_TITLE)
    name = str(declare(node)["name"])
    namesakes = (
        other
        for other, one in workflow.nodes.items()
        if one.type == instance.type and not one.label and other != node
    )
    return name if next(namesakes, None) is None else f"{name} ({node})"


def types_fit(given: str, wanted: str) -> bool:
    """Whether a value of one type may go to a port of another; a port of an unknown node takes all."""
    return given == wanted or "unknown" in (given, wanted)


def reason_against(
    workflow: Workflow, declare: Declare, wire: Connection, ignored: Collection[Connection] = ()
) -> str:
    """Why a connection cannot be made, as a sentence; empty if it can. `ignored` connections do not count."""
    for node in (wire.source, wire.target):
        if node not in workflow.nodes:
            return tr('There is no node "{0}".').format(shorten(node))
    outputs, inputs = declare(wire.source)["outputs"], declare(wire.target)["inputs"]
    output, target = port_of(outputs, wire.output), port_of(inputs, wire.input)
    for kind, port, name, ports, node in (
        ("output", output, wire.output, outputs, wire.source),
        ("input", target, wire.input, inputs, wire.target),
    ):
        if port is None and not declare(node).get("unknown"):
            hint = did_you_mean(name, [one["name"] for one in ports])
            words = (
                tr('"{0}" has no output "{1}"; {2}.')
                if kind == "output"
                else tr('"{0}" has no input "{1}"; {2}.')
            )
            return words.format(title_of(workflow, declare, node), shorten(name), hint)
    if output is not None and target is not None and not types_fit(output["type"], target["type"]):
        return tr('"{0}" takes a {1}, but "{2}" gives a {3}.').format(
            port_label(target), type_text(target["type"]), port_label(output), type_text(output["type"])
        )
    if wire.source == wire.target:
        return tr("A node cannot be connected to itself.")
    counted = [one for one in workflow.connections if one not in ignored]
    if wire in counted:
        return tr("This connection is there already.")
    if target is not None and not target["variadic"]:
        held = next((o for o in counted if (o.target, o.input) == (wire.target, wire.input)), None)
        if held is not None:
            return tr('"{0}" is taken by "{1}".').format(
                port_label(target), title_of(workflow, declare, held.source)
            )
        entry = entry_of(workflow, wire.target, wire.input)
        if entry:
            return tr('"{0}" is fed by the input "{1}" of the component.').format(port_label(target), entry)
    if wire.source in after(counted, wire.target):
        return tr("The connections would run in a circle.")
    return ""


def entry_of(workflow: Workflow, node: str, port: str) -> str:
    """The input of the component that feeds a port within it; empty if none does."""
    end = f"{node}.{port}"
    return next((name for name, ends in workflow.inputs.items() if end in ends), "")


def after(wires: Iterable[Connection], node: str) -> set[str]:
    """The nodes that depend on a node, itself included."""
    return _reach(node, ((wire.source, wire.target) for wire in wires))


def before(wires: Iterable[Connection], node: str) -> set[str]:
    """The nodes that a node depends on, itself included."""
    return _reach(node, ((wire.target, wire.source) for wire in wires))


def _reach(start: str, steps: Iterable[tuple[str, str]]) -> set[str]:
    onward: dict[str, list[str]] = {}
    for here, there in steps:
        onward.setdefault(here, []).append(there)
    found, waiting = {start}, [start]
    while waiting:
        for one in onward.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def fitting_inputs(
    workflow: Workflow, declare: Declare, source: str, output: str, ignored: Collection[Connection] = ()
) -> dict[tuple[str, str], bool]:
    """The inputs a wire from this output may go to, each with whether it is free (else its wire gives way)."""
    port = port_of(declare(source)["outputs"], output)
    given = port["type"] if port is not None else "unknown"
    counted = [one for one in workflow.connections if one not in ignored]
    barred = before(counted, source)
    taken = {(one.target, one.input) for one in counted}
    own = {(one.target, one.input) for one in counted if (one.source, one.output) == (source, output)}
    return {
        (node, one["name"]): one["variadic"] or (node, one["name"]) not in taken
        for node in workflow.nodes
        if node not in barred
        for one in declare(node)["inputs"]
        if types_fit(given, one["type"]) and (node, one["name"]) not in own
        if one["variadic"] or not (workflow.inputs and entry_of(workflow, node, one["name"]))
    }


def fitting_outputs(
    workflow: Workflow, declare: Declare, target: str, input: str, ignored: Collection[Connection] = ()
) -> dict[tuple[str, str], bool]:
    """The outputs a wire to this input may come from; all are free, as an output feeds many."""
    port = port_of(declare(target)["inputs"], input)
    wanted = port["type"] if port is not None else "unknown"
    counted = [one for one in workflow.connections if one not in ignored]
    barred = after(counted, target)
    own = {(one.source, one.output) for one in counted if (one.target, one.input) == (target, input)}
    return {
        (node, one["name"]): True
        for node in workflow.nodes
        if node not in barred
        for one in declare(node)["outputs"]
        if types_fit(one["type"], wanted) and (node, one["name"]) not in own
    }


def first_fitting(
    ports: Sequence[Mapping[str, Any]], type_name: str, taken: Collection[str] = ()
) -> str | None:
    """The name of the first port of a type that is not taken: one that must be connected, if there is one."""
    fitting = [
        p for p in ports if types_fit(type_name, p["type"]) and (p["variadic"] or p["name"] not in taken)
    ]
    needed = [port for port in fitting if not port["optional"]]
    chosen = (needed or fitting)[:1]
    return chosen[0]["name"] if chosen else None


def healing(workflow: Workflow, declare: Declare, removed: Collection[str]) -> list[tuple[int, Connection]]:
    """The connections that bridge removed nodes, each with the index of the connection it stands for.

    A wire from a removed node is led back through the first of its inputs that has the same type. The ports of a
    component count as wires from and to `BORDER`: after the connections, first its inputs, then its outputs.
    """
    entries = [
        Connection(BORDER, name, *_ends(end)) for name, ends in workflow.inputs.items() for end in ends
    ]
    exits = [Connection(*_ends(end), BORDER, name) for name, end in workflow.outputs.items()]
    wires = [*workflow.connections, *entries, *exits]
    by_target: dict[str, list[Connection]] = {}
    for wire in wires:
        by_target.setdefault(wire.target, []).append(wire)
    present = set(wires)
    found: list[tuple[int, Connection]] = []
    for index, wire in enumerate(wires):
        if wire.source not in removed or wire.target in removed:
            continue
        origin: Connection | None = wire
        steps = 0
        while origin is not None and origin.source in removed and steps <= len(removed):
            origin = _feeding(declare(origin.source), by_target.get(origin.source, ()), origin.output)
            steps += 1
        if origin is not None and origin.source not in removed:
            bridge = Connection(origin.source, origin.output, wire.target, wire.input)
            if bridge not in present and (bridge.source, bridge.target) != (BORDER, BORDER):
                present.add(bridge)
                found.append((index, bridge))
    return found


def _ends(end: str) -> tuple[str, str]:
    node, _, port = end.rpartition(".")
    return node, port


def _feeding(declaration: Mapping[str, Any], wires: Iterable[Connection], output: str) -> Connection | None:
    port = port_of(declaration["outputs"], output)
    given = port["type"] if port is not None else "unknown"
    by_input = {wire.input: wire for wire in reversed(list(wires))}
    for one in declaration["inputs"]:
        if one["name"] in by_input and types_fit(given, one["type"]):
            return by_input[one["name"]]
    return None
