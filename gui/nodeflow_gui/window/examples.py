"""The example workflows that come with nodeflow, and their pictures."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from nodeflow.document import to_data
from nodeflow.files import atomic_path
from nodeflow.registry import Registry
from nodeflow.workflow import Workflow

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Example:
    """An example with its title and the first sentence of what it is for."""

    path: Path
    title: str
    sentence: str


def examples() -> list[Example]:
    """The examples, the one to begin with first."""
    found = []
    for path in sorted(_folder().glob("*.json")) if _folder().is_dir() else []:
        try:
            data = msgspec.json.decode(path.read_bytes())
            title, text = data["name"], data.get("description", "")
        except (OSError, msgspec.MsgspecError, KeyError, TypeError):
            continue
        found.append(Example(path, title, text.partition(". ")[0].rstrip(".") + "." if text else ""))
    return sorted(found, key=lambda one: (one.path.stem != "graduate_admission", one.title))


def is_example(path: Path) -> bool:
    """Whether a file is one of the examples: those are not saved over."""
    return path.resolve().parent == _folder().resolve()


def copy_data(workflow: Workflow, source: Path, target: Path) -> list[Path]:
    """Copy the files below one folder that a workflow names to the same places below another; gives the new ones.

    What is there already stays as it is.
    """
    made = []
    for text in sorted(_texts_in(to_data(workflow))):
        held = source / text
        if Path(text).is_absolute() or ".." in Path(text).parts or not held.is_file():
            continue
        new = target / text
        if not new.exists():
            new.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(new) as temporary:
                shutil.copyfile(held, temporary)
            made.append(new)
    return made


def _texts_in(data: Any) -> set[str]:
    """The texts in JSON data that could name a file."""
    if isinstance(data, str):
        return {data} if 0 < len(data) <= _LONGEST_NAME and data.isprintable() else set()
    if isinstance(data, dict):
        data = list(data.values())
    return set().union(*map(_texts_in, data)) if isinstance(data, list) else set()


def _folder() -> Path:
    """In an installed package beside the engine, in a checkout at the top."""
    spec = find_spec("nodeflow")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    shipped = package / "_workflows"
    return shipped if shipped.is_dir() else package.parent / "workflows"


@dataclass(frozen=True)
class Sketch:
    """A workflow as a picture the size of a thumb: where each node is, its category, and the wires."""

    nodes: dict[str, tuple[float, float, str]]
    wires: list[tuple[str, str]]


def sketch_of(path: Path, registry: Registry) -> Sketch:
    """The sketch of a workflow file; an empty one if it cannot be read."""
    from nodeflow.document import load
    from nodeflow.errors import NodeflowError
    from nodeflow.export.layout import places

    try:
        workflow = load(path)
    except NodeflowError:
        return Sketch({}, [])
    nodes = {}
    for name, (x, y) in places(workflow).items():
        known = registry.get(workflow.nodes[name].type)
        nodes[name] = (x, y, known.declaration["category"] if known is not None else "")
    return Sketch(nodes, [(one.source, one.target) for one in workflow.connections])
