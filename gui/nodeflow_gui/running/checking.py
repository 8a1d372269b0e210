"""Checking a document for the editor: problems with fixes, specs, summaries, and what a run will do.

Runs in the service process, where node modules may be imported.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from nodeflow.errors import NodeflowError
from nodeflow.execution.messages import Place, Request
from nodeflow.execution.run import Options, Prepared, check_workflow, plan_run
from nodeflow.execution.trust import code_hash, code_of
from nodeflow.execution.worker import options_of, place_of, registry_of, workflow_of
from nodeflow.registry import Registry
from nodeflow.resolution import Resolution
from nodeflow.validation import Validation
from nodeflow.values.specs import TableSpec
from nodeflow_gui.running.answer import Answer
from nodeflow_gui.running.fixes import Fixer

_UNSET = ("missing-parameter", "bad-parameter", "unfit-parameter")


@dataclass
class Checked:
    """A document as it was last checked."""

    resolution: Resolution
    validation: Validation
    prepared: Prepared | None


def check(request: Request, registry: Registry | None = None) -> tuple[Checked, Answer]:
    """Check the document of a request; raises `NodeflowError` if it is none at all."""
    options = options_of(request)
    known = registry or registry_of(request)
    workflow = workflow_of(request)
    resolution, validation = check_workflow(workflow, known, options.settings)
    ends = sound_ends(resolution, validation)
    prepared, trouble = _planned(resolution, validation, options, ends)
    fixer = Fixer(workflow, resolution, validation, known)
    schemas, specs = _shared(validation)
    # a node that lacks a parameter, or has a wrong one, cannot say yet what it does
    unset = {one.node for one in validation.errors if one.kind in _UNSET}
    answer = Answer(
        problems=[one.to_data() | {"fixes": fixer.fixes(one)} for one in validation.problems],
        schemas=schemas,
        specs=specs,
        summaries={name: _summary(one.node) for name, one in resolution.nodes.items() if name not in unset},
        plan=_plan_data(prepared),
        sources={name: one.inputs for name, one in resolution.nodes.items()},
        outputs=resolution.outputs,
        places=_places(prepared),
        ends=ends,
        code=_code(resolution),
        trouble=trouble,
    )
    return Checked(resolution, validation, prepared), answer


def sound_ends(resolution: Resolution, validation: Validation) -> list[str] | None:
    """The last nodes of the part without problems; None when all of the workflow is sound."""
    errors = validation.errors
    if not errors:
        return None
    if resolution.cyclic or any(not one.node for one in errors):
        return []
    guilty = {one.node for one in errors}
    unsound: set[str] = set()
    for name, node in resolution.nodes.items():
        if any(part in guilty for part in _with_outer(name)) or unsound & set(node.sources):
            unsound.add(name)
    sound = [name for name in resolution.nodes if name not in unsound]
    used = {source for name in sound for source in resolution.nodes[name].sources}
    return [name for name in sound if name not in used]


def _with_outer(name: str) -> Iterable[str]:
    """The node and the components it lies in."""
    parts = name.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


def _planned(
    resolution: Resolution, validation: Validation, options: Options, ends: list[str] | None
) -> tuple[Prepared | None, str]:
    if ends == []:
        return None, ""
    try:
        prepared = plan_run(resolution, validation, replace(options, targets=tuple(ends or ())))
    except (NodeflowError, OSError) as error:
        return None, str(error)
    # reading all code and data files took its time: the run need not do it again
    prepared.code.save()
    prepared.files.save()
    return prepared, ""


def _shared(validation: Validation) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    from nodeflow.parameters.columns import family

    schemas: list[dict[str, Any]] = []
    numbers: dict[Any, int] = {}
    specs: dict[str, dict[str, int]] = {}
    for (node, port), spec in validation.specs.items():
        if spec is None:
            continue
        try:
            number = numbers.get(spec)
        except TypeError:  # one that holds what cannot be hashed
            number = None
        if number is None:
            data = spec.to_data()
            if isinstance(spec, TableSpec):
                data["families"] = {name: family(dtype) for name, dtype in spec.columns.items()}
            number = len(schemas)
            schemas.append(data)
            with contextlib.suppress(TypeError):
                numbers[spec] = number
        specs.setdefault(node, {})[port] = number
    return schemas, specs


def _summary(node: Any) -> str:
    try:
        return str(node.summary()) if node is not None else ""
    except Exception as error:  # a node of somebody else: its fault must not hide all others
        return f"({type(error).__name__})"


def _plan_data(prepared: Prepared | None) -> dict[str, tuple[str, str, str]]:
    if prepared is None:
        return {}
    return {one["node"]: (one["action"], one["reason"], one["with"]) for one in prepared.plan.to_data()}


def _places(prepared: Prepared | None) -> dict[str, dict[str, Place]]:
    if prepared is None or prepared.store is None:
        return {}
    return {
        step.head: {port: place_of(prepared.store, one) for port, one in step.entry.outputs.items()}
        for step in prepared.plan.steps.values()
        if step.entry is not None
    }


def _code(resolution: Resolution) -> dict[str, Any]:
    texts = [{"node": name, "title": title, "text": text} for name, title, text in code_of(resolution)]
    return {"hash": code_hash(resolution), "texts": texts} if texts else {}
