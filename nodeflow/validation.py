"""Validation: specs flow through the whole graph before anything runs; every fault becomes a problem.

Lazy table nodes need no spec of their own: they run on an empty table of the input's schema.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from nodeflow.causes import NODE_ERRORS, explain
from nodeflow.errors import FormulaError, NodeflowError
from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath
from nodeflow.parameters.kinds import ColumnKind, ColumnsKind, ExpressionKind, PathKind
from nodeflow.patterns import files_fitting, is_pattern
from nodeflow.problems import Problem
from nodeflow.resolution import Resolution, ResolvedNode, Source
from nodeflow.values.specs import Spec, TableSpec

Specs = dict[Source, Spec | None]


@dataclass
class Validation:
    """What validation found: the specs of all outputs (None where unknown) and all problems."""

    specs: Specs
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep the workflow from running."""
        return [problem for problem in self.problems if problem.severity == "error"]


def validate(resolution: Resolution, targets: set[str] | None = None) -> Validation:
    """Check the resolved graph; `targets` limits the work to nodes that matter."""
    specs: Specs = {}
    problems = list(resolution.problems)
    memo: dict[Any, tuple[list[Problem], Mapping[str, Spec | None]]] = {}
    if not resolution.cyclic:
        for node_id, resolved in resolution.nodes.items():
            if targets is not None and node_id not in targets:
                continue
            found, outputs = _check_node(resolved, specs, memo)
            problems.extend(found)
            for port, spec in outputs.items():
                specs[node_id, port] = spec
    return Validation(specs, problems)


def _check_node(
    resolved: ResolvedNode, specs: Specs, memo: dict[Any, tuple[list[Problem], Mapping[str, Spec | None]]]
) -> tuple[list[Problem], Mapping[str, Spec | None]]:
    node = resolved.node
    if node is None or resolved.type is None:
        return [], {}
    inputs = _input_specs(resolved, specs)
    known = {port: spec for port, spec in inputs.items() if spec is not None}
    key: Any = None
    if resolved.is_sound:
        try:
            key = (
                node.id,
                msgspec.json.encode(node.to_json()),
                tuple((p, _hashable(s)) for p, s in inputs.items()),
            )
            faults, outputs = memo[key]
            return [_moved(fault, resolved) for fault in faults], outputs
        except KeyError:
            pass
        except TypeError:
            key = None
    # a path that may not be used is not looked at either
    problems = [_problem(resolved, fault) for fault in _check_paths(node)] if resolved.is_sound else []
    outputs = {}
    required = [port.name for port in node.signature().inputs if not port.optional]
    complete = all(spec is not None for spec in inputs.values()) and all(name in inputs for name in required)
    try:
        problems += [_problem(resolved, fault) for fault in parameter_faults(node, known)]
        if resolved.is_sound and not problems:
            problems += [_problem(resolved, fault) for fault in node.check(known)]
            if complete and not problems:
                outputs = output_specs(node, known)
    except NODE_ERRORS as error:
        problems.append(_failed(resolved, error))
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        problems.append(_failed(resolved, error))
    if key is not None:
        memo[key] = (problems, outputs)
    return problems, outputs


def output_specs(node: Node, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
    """The specs of a node's outputs from those of its inputs; raises what the node raises."""
    if node.is_lazy() and type(node).spec is Node.spec:
        from nodeflow.execution.calling import empty_input, named_outputs

        signature = node.signature()
        values = {
            port.name: empty_input(port, inputs[port.name])
            for port in signature.inputs
            if port.name in inputs
        }
        from nodeflow.values.table import schema_of

        frames = named_outputs(signature, node.run(**values), node.name)
        return {name: TableSpec(schema_of(frame)) for name, frame in frames.items()}
    found = node.spec(inputs)
    if isinstance(found, Spec) or found is None:
        return {port.name: found for port in node.signature().outputs[:1]}
    return found


def _input_specs(resolved: ResolvedNode, specs: Specs) -> dict[str, Any]:
    """The spec of each connected input; a list for a variadic port; None where not known."""
    assert resolved.type is not None
    inputs: dict[str, Any] = {}
    for port in resolved.type.declaration["inputs"]:
        wires = resolved.inputs.get(port["name"])
        if not wires:
            continue
        found = [specs.get(wire) for wire in wires]
        if port["variadic"]:
            inputs[port["name"]] = None if any(spec is None for spec in found) else found
        else:
            inputs[port["name"]] = found[0]
    return inputs


def parameter_faults(node: Node, inputs: Mapping[str, Any]) -> list[Fault]:
    """What the kinds of the parameters find against the schemas of the inputs that are known."""
    schemas = {port: spec.columns for port, spec in inputs.items() if isinstance(spec, TableSpec)}
    tables = [port.name for port in node.signature().inputs if port.type.name == "table"]
    default_port = tables[0] if tables else ""
    return [
        Fault(one.name + fault.place, fault.sentence, fault.position)
        for one, value in node.values()
        for fault in one.kind.check(value, schemas, default_port)
    ]


def _check_paths(node: Node) -> list[Fault]:
    faults = []
    for one, value in node.values():
        if isinstance(one.kind, PathKind) and one.kind.type is InputPath and isinstance(value, str):
            sentence = unreadable(value)
            if sentence is not None:
                faults.append(Fault(one.name, sentence))
    return faults


def unreadable(path: str) -> str | None:
    """A sentence on why a file cannot be read, or None; a pattern with * or ? needs one match."""
    if is_pattern(path):
        found = files_fitting(path)
        if not found:
            return f"no file fits {path}; check the folder and the pattern"
        return next((sentence for one in found if (sentence := _unreadable_file(one))), None)
    return _unreadable_file(path)


def _unreadable_file(path: str) -> str | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        from nodeflow.document import _neighbours

        return f"there is no file {path}{_neighbours(Path(path))}"
    except (OSError, ValueError) as error:
        return f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
    if stat.S_ISDIR(status.st_mode):
        return f"{path} is a folder; name a file in it, or several by a pattern such as {path}/*"
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is a device or a pipe; only regular files are read"
    if not os.access(path, os.R_OK):
        return f"{path} may not be read (permission denied)"
    return None


def _problem(resolved: ResolvedNode, fault: Fault) -> Problem:
    name = fault.place.partition("[")[0].partition(".")[0]
    kind = "unfit-parameter"
    if resolved.node is not None and name in resolved.node.parameters():
        base = resolved.node.parameters()[name].base
        if isinstance(base, PathKind):
            kind = "missing-file"
        elif isinstance(base, ExpressionKind):
            kind = "bad-formula"
        elif isinstance(base, ColumnKind | ColumnsKind):
            kind = "missing-column" if "no column" in fault.sentence else "wrong-column-type"
    return Problem(kind, fault.sentence, resolved.id, resolved.title, fault.place, position=fault.position)


def _failed(resolved: ResolvedNode, error: BaseException) -> Problem:
    position = error.position if isinstance(error, FormulaError) else None
    kind = "unfit-input" if isinstance(error, NodeflowError) else "unfit-data"
    return Problem(kind, explain(error), resolved.id, resolved.title, position=position)


def _moved(problem: Problem, resolved: ResolvedNode) -> Problem:
    """The same problem for another node with the same parameters and inputs."""
    return replace(problem, node=resolved.id, title=resolved.title)


def _hashable(spec: Any) -> Any:
    return tuple(spec) if isinstance(spec, list) else spec
