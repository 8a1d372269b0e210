"""What a node declares: from the registry; for components from what they hold; for unknown types a placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodeflow.document import load
from nodeflow.errors import DocumentError
from nodeflow.registry import Registry
from nodeflow.workflow import COMPONENT, NodeInstance, Workflow
from nodeflow_gui.document.words import tr

MAX_DEPTH = 20

Known = dict[tuple[int, str], Mapping[str, Any]]
"""Declarations by the identity of their workflow and the id of the node."""


class Declarations:
    """Gives the declaration of nodes as plain data, as `Node.declaration` does."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._files: dict[Path, tuple[int, Workflow]] = {}

    def of(
        self, workflow: Workflow, node: str, folder: Path | None, depth: int = 0, known: Known | None = None
    ) -> Mapping[str, Any]:
        """The declaration of a node of a workflow; `folder` is where paths of component files begin.

        `known` are those found on the way: components that hold others many times are looked into once.
        """
        known = {} if known is None else known
        key = id(workflow), node
        if key not in known:
            known[key] = self._found(workflow, node, folder, depth, known)
        return known[key]

    def _found(
        self, workflow: Workflow, node: str, folder: Path | None, depth: int, known: Known
    ) -> Mapping[str, Any]:
        instance = workflow.nodes[node]
        if instance.type == COMPONENT and depth <= MAX_DEPTH:
            inner = self.inner(instance, folder)
            if inner is not None:
                return self._component(inner, inner.folder or folder, depth, known)
        found = self._registry.get(instance.type)
        return found.declaration if found is not None else placeholder(workflow, node)

    def inner(self, instance: NodeInstance, folder: Path | None) -> Workflow | None:
        """The workflow that a component holds, read from its file if it lies in one; None if that fails."""
        if isinstance(instance.workflow, Workflow) or instance.workflow is None:
            return instance.workflow
        if instance.workflow.startswith(("\\\\", "//")):
            return None  # to look at a path of the network tells its server who looks
        path = (folder or Path()) / instance.workflow
        changed, known = _modified(path), self._files.get(path)
        if known is None or known[0] != changed:
            try:
                known = self._files[path] = changed, load(path)
            except DocumentError:
                return None
        return known[1]

    def forget_changed_files(self) -> bool:
        """Forget the component files that are not what they were; gives whether there are any."""
        changed = [path for path, (then, _) in self._files.items() if _modified(path) != then]
        for path in changed:
            del self._files[path]
        return bool(changed)

    def _component(self, inner: Workflow, folder: Path | None, depth: int, known: Known) -> dict[str, Any]:
        def port(name: str, end: str, side: str) -> dict[str, Any]:
            node, _, inside = end.rpartition(".")
            told: Mapping[str, Any] = {}
            if node in inner.nodes:
                ports = self.of(inner, node, folder, depth + 1, known)[side]
                told = next((one for one in ports if one["name"] == inside), {})
            return {
                "name": name,
                "type": "table",
                "optional": False,
                "variadic": False,
                "help": "",
                **told,
            } | ({} if name == inside else {"name": name, "label": name})

        parameters = []
        for name, target in inner.expose.items():
            node, _, inside = target.rpartition(".")
            if node in inner.nodes:
                declared = self.of(inner, node, folder, depth + 1, known)["parameters"]
                own = inner.nodes[node].parameters
                for one in declared:
                    if one["name"] == inside:
                        label = one["label"] if name == inside else _words(name)
                        given = {"default": own[inside], "required": False} if inside in own else {}
                        parameters.append({**one, "name": name, "label": label, **given})
        parameters += [_of_variable(name, one.default, one.help) for name, one in inner.variables.items()]
        return _bare(
            COMPONENT,
            inner.name or tr("Component"),
            "Components",
            inner.description or tr("A workflow in a node."),
            inputs=[port(name, ends[0] if ends else "", "inputs") for name, ends in inner.inputs.items()],
            outputs=[port(name, end, "outputs") for name, end in inner.outputs.items()],
            parameters=parameters,
        )


def _modified(path: Path) -> int:
    """When a file was last written, 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def placeholder(workflow: Workflow, node: str) -> dict[str, Any]:
    """The declaration of a node of unknown type: its ports are those in use, its settings are kept as they are."""
    inputs = dict.fromkeys(wire.input for wire in workflow.connections if wire.target == node)
    outputs = dict.fromkeys(wire.output for wire in workflow.connections if wire.source == node)

    def port(name: str) -> dict[str, Any]:
        return {"name": name, "type": "unknown", "optional": False, "variadic": False, "help": ""}

    type_id = workflow.nodes[node].type
    return _bare(
        type_id,
        type_id,
        "Unknown",
        tr("This node type is not installed. The node is kept as it is."),
        inputs=[port(name) for name in inputs],
        outputs=[port(name) for name in outputs],
        parameters=[],
    ) | {"unknown": True}


def _bare(type_id: str, name: str, category: str, summary: str, **more: Any) -> dict[str, Any]:
    return {
        "id": type_id,
        "name": name,
        "category": category,
        "keywords": [],
        "version": 1,
        "summary": summary,
        "help": "",
        "lazy": False,
        "portable": False,
        "runs_code": False,
    } | more


def _of_variable(name: str, default: Any, help_text: str) -> dict[str, Any]:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return {
        "name": name,
        "label": _words(name),
        "kind": kinds.get(type(default), "json"),
        "help": help_text,
        "accepts": "",
        "required": False,
        "default": default,
        "schema": {},
    }


def _words(name: str) -> str:
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
