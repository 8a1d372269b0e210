"""Fixes: what a click can do against a problem, as plain data that a panel carries out on the document.

Each is a mapping with "do" and what that needs:

    set parameter    node, parameter, value, name (the new column or formula, for people)
    connect          connection [node, output, node, input]
    insert           type, parameters, connection [node, output, node, input], name
    disconnect       connection
    show parameter   node, parameter
    allow            what ("read", "write" or "host"), value
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.errors import nearest
from nodeflow.expressions.writing import quoted
from nodeflow.parameters.columns import is_family
from nodeflow.problems import Problem
from nodeflow.registry import Registry
from nodeflow.resolution import Resolution
from nodeflow.validation import Validation
from nodeflow.values.specs import ModelSpec, TableSpec
from nodeflow.workflow import Workflow
from nodeflow_gui.running.formulas import written

MOST = 3
_LEAST_PART = 3
CONVERTER = "cast_types"
_CAST = {"number": "number", "float": "number", "integer": "integer", "text": "text", "category": "category"}
_PLACE = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
_MISSING = re.compile(r'no column "(.+?)"(?:[;,]|$)')

_PREDICTION = re.compile(r"Prediction \((.+)\)")
_UNFIT = re.compile(r'column "(.+?)" is ')


class Fixer:
    """Finds fixes for the problems of one checked workflow."""

    def __init__(
        self, workflow: Workflow, resolution: Resolution, validation: Validation, registry: Registry
    ) -> None:
        self.workflow = workflow
        self.resolution = resolution
        self.validation = validation
        self.registry = registry

    def fixes(self, problem: Problem) -> list[dict[str, Any]]:
        """What can be done, the best first."""
        by_kind = {
            "unfit-parameter": self._unfit,
            "missing-column": self._other_columns,
            "wrong-column-type": self._fitting_columns,
            "bad-formula": self._other_formula,
            "missing-parameter": self._first_columns,
            "missing-input": self._connections,
            "doubled-connection": self._disconnections,
            "wrong-port-type": self._disconnections,
            "outside": self._permission,
        }
        search = by_kind.get(problem.kind)
        found = search(problem)[:MOST] if search is not None else []
        if problem.node and problem.parameter:
            found.append({"do": "show parameter", "node": problem.node, "parameter": problem.parameter})
        return found

    # -- columns ------------------------------------------------------------------------------

    def _other_columns(self, problem: Problem) -> list[dict[str, Any]]:
        columns, types = self._columns_for(problem)
        wrong = self._named_at(problem)
        if wrong is None:
            return []
        fitting = [name for name, dtype in columns.items() if not types or is_family(dtype, types)]
        near = _near(wrong, fitting) or fitting
        return [fix for name in near[:MOST] if (fix := self._replaced(problem, wrong, name)) is not None]

    def _unfit(self, problem: Problem) -> list[dict[str, Any]]:
        """Columns named in lists and records, and formulas there, whose problems have no kind of their own."""
        if (self._declared(problem) or {}).get("kind") == "formula":
            return self._other_formula(problem)
        if _MISSING.search(problem.message):
            return self._other_columns(problem)
        return self._fitting_columns(problem) if _UNFIT.search(problem.message) else []

    def _fitting_columns(self, problem: Problem) -> list[dict[str, Any]]:
        columns, types = self._columns_for(problem)
        wrong = self._named_at(problem)
        if wrong is None:
            return []
        found = self._conversion(problem, wrong, types)
        near = [name for name, dtype in columns.items() if is_family(dtype, types)]
        found += [fix for name in near if (fix := self._replaced(problem, wrong, name)) is not None]
        return found

    def _first_columns(self, problem: Problem) -> list[dict[str, Any]]:
        declared = self._declared(problem)
        if declared is None or declared["kind"] not in ("column", "columns"):
            return []
        columns, types = self._columns_for(problem)
        fitting = [name for name, dtype in columns.items() if not types or is_family(dtype, types)]
        likely = _likely(problem.parameter, fitting)
        return [
            _setting(problem, problem.parameter, name if declared["kind"] == "column" else [name], name)
            for name in likely[:MOST]
        ]

    def _other_formula(self, problem: Problem) -> list[dict[str, Any]]:
        raw = self._raw(problem)
        told = _MISSING.search(problem.message)
        if not isinstance(raw, str) or told is None or problem.position is None:
            return []
        wrong, start = told[1], problem.position
        columns, _ = self._columns_for(problem)
        found = []
        for name in _near(wrong, list(columns))[:MOST]:
            for spelling in (quoted(wrong), wrong):
                if raw.startswith(spelling, start):
                    text = raw[:start] + written(name) + raw[start + len(spelling) :]
                    fix = self._set_at(problem, text, name)
                    if fix is not None:
                        found.append(fix)
                    break
        return found

    def _conversion(self, problem: Problem, column: str, types: tuple[str, ...]) -> list[dict[str, Any]]:
        """Insert a node that changes the column's type."""
        wanted = next((_CAST[one] for one in types if one in _CAST), None)
        port = self._port_of(problem)
        resolved = self.resolution.nodes.get(problem.node)
        if wanted is None or resolved is None or self.registry.get(CONVERTER) is None or "/" in problem.node:
            return []
        wire = next(
            (c for c in self.workflow.connections if (c.target, c.input) == (problem.node, port)), None
        )
        if wire is None:
            return []
        return [
            {
                "do": "insert",
                "type": CONVERTER,
                "parameters": {"casts": [{"columns": [column], "type": wanted}]},
                "connection": [wire.source, wire.output, wire.target, wire.input],
                "name": wanted,
            }
        ]

    # -- connections --------------------------------------------------------------------------

    def _connections(self, problem: Problem) -> list[dict[str, Any]]:
        """Outputs of the right type that do not come after the node, the likeliest first."""
        if "/" in problem.node:
            return []
        resolved = self.resolution.nodes.get(problem.node)
        if resolved is None or resolved.type is None:
            return []
        port = next((p for p in resolved.type.declaration["inputs"] if p["name"] == problem.port), None)
        if port is None:
            return []
        after = self._after(problem.node)
        wanted = self._columns_named(problem.node, port["name"])
        ranked = []
        for name, other in self.resolution.nodes.items():
            if name in after or "/" in name or other.type is None:
                continue
            outputs = other.type.declaration["outputs"]
            ranked += [
                (self._oddity(problem.node, (name, output["name"]), outputs, wanted), name, output["name"])
                for output in outputs
                if output["type"] == port["type"]
            ]
        return [
            {"do": "connect", "connection": [name, output, problem.node, problem.port], "name": name}
            for oddity, name, output in sorted(ranked)
            if oddity[0] == min(ranked)[0][0]  # with all that is needed, if any has it
        ]

    def _oddity(
        self, node: str, source: tuple[str, str], outputs: Sequence[Mapping[str, Any]], wanted: set[str]
    ) -> tuple[Any, ...]:
        """How odd it would be for an input of the node to read this output, the weightiest reason first.

        Its columns are not known, or lack some that are needed; it is no more than a note to what its node makes,
        such as the importances beside a model; it is read already; it stands at the right, or far away.
        """
        spec = self.validation.specs.get(source)
        lacking = len(wanted.difference(spec.columns)) if isinstance(spec, TableSpec) else len(wanted) + 1
        kinds = {output["name"]: output["type"] for output in outputs}
        is_note = kinds[source[1]] != outputs[0]["type"]
        is_read = any((c.source, c.output) == source for c in self.workflow.connections)
        there, here = (self.workflow.layout.get(one, [0, 0]) for one in (source[0], node))
        distance = abs(there[0] - here[0]) + abs(there[1] - here[1])
        return lacking, is_note, is_read, there[0] >= here[0], distance

    def _columns_named(self, node: str, port: str) -> set[str]:
        """The columns of an input that the settings of a node name, or that a model at another input reads."""
        resolved = self.resolution.nodes[node]
        assert resolved.type is not None
        tables = [p["name"] for p in resolved.type.declaration["inputs"] if p["type"] == "table"]
        given = self._instance_parameters(node) or {}
        found: set[str] = set()
        for source in [one for wires in resolved.inputs.values() for one in wires]:
            spec = self.validation.specs.get(source)
            if isinstance(spec, ModelSpec):
                found.update(spec.features.columns)
        for declared in resolved.type.declaration["parameters"]:
            value = given.get(declared["name"])
            for one in (declared, *declared.get("fields", ())):
                if one.get("port", tables[0] if tables else "") != port:
                    continue
                values = [value] if one is declared else value if isinstance(value, list) else []
                for held in values:
                    entry = held.get(one["name"]) if one is not declared and isinstance(held, dict) else held
                    if one["kind"] == "column" and isinstance(entry, str):
                        found.add(entry)
                    elif one["kind"] == "columns" and isinstance(entry, list):
                        found.update(name for name in entry if isinstance(name, str))
        return found

    def _disconnections(self, problem: Problem) -> list[dict[str, Any]]:
        wires = [c for c in self.workflow.connections if (c.target, c.input) == (problem.node, problem.port)]
        return [
            {"do": "disconnect", "connection": [c.source, c.output, c.target, c.input], "name": c.source}
            for c in reversed(wires)
        ]

    def _after(self, node: str) -> set[str]:
        found = {node}
        for name, other in self.resolution.nodes.items():  # in topological order
            if found & set(other.sources):
                found.add(name)
        return found

    def _permission(self, problem: Problem) -> list[dict[str, Any]]:
        told = re.search(r"--allow-(read|write|host) (\S+)", problem.message)
        raw = self._raw(problem)
        if told is None:
            return []
        value = told[2] if told[1] == "host" or not isinstance(raw, str) else raw
        return [{"do": "allow", "what": told[1], "value": value}]

    # -- places -------------------------------------------------------------------------------

    def _declared(self, problem: Problem) -> Mapping[str, Any] | None:
        """The declaration of the parameter, or of the field of its records, that a problem names."""
        resolved = self.resolution.nodes.get(problem.node)
        if resolved is None or resolved.type is None:
            return None
        fields = resolved.type.declaration["parameters"]
        found: Mapping[str, Any] | None = None
        for step in _steps(problem.parameter):
            if isinstance(step, str):
                one = next((field for field in fields if field["name"] == step), None)
                if one is None:
                    break
                found, fields = one, one.get("fields", ())
        return found

    def _port_of(self, problem: Problem) -> str:
        resolved = self.resolution.nodes.get(problem.node)
        if resolved is None or resolved.type is None:
            return ""
        tables = [p["name"] for p in resolved.type.declaration["inputs"] if p["type"] == "table"]
        declared = self._declared(problem) or {}
        return str(declared.get("port") or (tables[0] if tables else ""))

    def _columns_for(self, problem: Problem) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The columns the parameter can choose from, and the types it takes."""
        resolved = self.resolution.nodes.get(problem.node)
        declared = self._declared(problem) or {}
        wires = resolved.inputs.get(self._port_of(problem), []) if resolved is not None else []
        spec = self.validation.specs.get(wires[0]) if wires else None
        columns = dict(spec.columns) if isinstance(spec, TableSpec) else {}
        return columns, tuple(declared.get("types", ()))

    def _instance_parameters(self, node: str) -> dict[str, Any] | None:
        return self.workflow.nodes[node].parameters if node in self.workflow.nodes else None

    def _raw(self, problem: Problem) -> Any:
        raw: Any = self._instance_parameters(problem.node)
        for step in _steps(problem.parameter):
            try:
                raw = raw[step]
            except (KeyError, IndexError, TypeError):
                return None
        return raw

    def _named_at(self, problem: Problem) -> str | None:
        raw = self._raw(problem)
        if isinstance(raw, str):
            return raw
        told = _MISSING.search(problem.message) or _UNFIT.search(problem.message)
        return told[1] if told is not None else None

    def _replaced(self, problem: Problem, wrong: str, name: str) -> dict[str, Any] | None:
        raw = self._raw(problem)
        if isinstance(raw, str):
            return self._set_at(problem, name, name)
        if isinstance(raw, list) and wrong in raw and name not in raw:
            return self._set_at(problem, [name if one == wrong else one for one in raw], name)
        if isinstance(raw, dict):
            changed = {
                key: [name if one == wrong else one for one in value] if isinstance(value, list) else value
                for key, value in raw.items()
            }
            return self._set_at(problem, changed, name) if changed != raw else None
        return None

    def _set_at(self, problem: Problem, value: Any, name: str) -> dict[str, Any] | None:
        """Set what a problem names, as a change of the whole parameter it lies in."""
        parameters = self._instance_parameters(problem.node)
        steps = _steps(problem.parameter)
        if parameters is None or not steps or not isinstance(steps[0], str):
            return None
        if len(steps) == 1:
            return _setting(problem, steps[0], value, name)
        whole = copy.deepcopy(parameters.get(steps[0]))
        place: Any = whole
        for step in steps[1:-1]:
            place = place[step]
        place[steps[-1]] = value
        return _setting(problem, steps[0], whole, name)


def _near(wrong: str, names: list[str]) -> list[str]:
    """The names that contain the wrong one, then those spelled much like it."""
    part = wrong.strip().casefold()
    longer = [name for name in names if len(part) >= _LEAST_PART and part in name.casefold()]
    return list(dict.fromkeys([*longer, *nearest(wrong, names)]))


def _likely(parameter: str, columns: list[str]) -> list[str]:
    """The columns, those first that a parameter of this name most often means."""
    predictions = {name: told[1] for name in columns if (told := _PREDICTION.fullmatch(name))}
    if parameter == "prediction":
        return sorted(columns, key=lambda name: (name not in predictions, "predict" not in name.casefold()))
    if parameter == "actual":
        return sorted(columns, key=lambda name: name not in predictions.values())
    # what is to be predicted mostly stands last
    return columns[::-1] if parameter == "target" else columns


def _setting(problem: Problem, parameter: str, value: Any, name: str) -> dict[str, Any]:
    return {
        "do": "set parameter", "node": problem.node, "parameter": parameter, "value": value, "name": name,
    }  # fmt: skip


def _steps(place: str) -> list[str | int]:
    """`by[0].column` as the steps "by", 0, "column"."""
    return [int(one[1]) if one[1] else one[2] for one in _PLACE.finditer(place)]
