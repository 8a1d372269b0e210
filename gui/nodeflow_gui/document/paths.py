"""Paths in a workflow: relative below its folder, and still leading to the same files when it moves to another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nodeflow.errors import NodeflowError
from nodeflow.workflow import Workflow
from nodeflow_gui.document.command import Command
from nodeflow_gui.document.edits import Edit, Level, PutEntry, full_id
from nodeflow_gui.translations import QT_TRANSLATE_NOOP


def relative(path: Path, folder: Path | None) -> str:
    """The path as a workflow in the folder should hold it: relative below the folder, else absolute."""
    if folder is None:
        return path.as_posix()
    try:
        return Path(os.path.abspath(path)).relative_to(os.path.abspath(folder)).as_posix()
    except ValueError:
        return path.as_posix()


class KeepPaths(Command):
    """Let nodes find the files they read from another folder of the workflow.

    What they write is not touched: relative names of it begin in the output folder, wherever that is.
    """

    title = QT_TRANSLATE_NOOP("Document", "Keep paths")

    def __init__(self, kept: Sequence[PutEntry]) -> None:
        super().__init__()
        self._kept = kept

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        yield from self._kept


def kept_paths(
    workflow: Workflow,
    declaration_of: Callable[[str], Mapping[str, Any]],
    before: Path | None,
    after: Path,
    level: Level = (),
) -> Iterator[PutEntry]:
    """The paths of files to read, also within components, as they are to be from the folder `after`."""
    for name, instance in workflow.nodes.items():
        if isinstance(instance.workflow, Workflow):
            yield from kept_paths(instance.workflow, declaration_of, before, after, (*level, name))
            continue
        try:
            declared = declaration_of(full_id(level, name))["parameters"]
        except NodeflowError:
            continue
        for one in declared:
            held = instance.parameters.get(one["name"])
            if one["kind"] != "path" or one.get("writes") or not isinstance(held, str) or not held:
                continue
            if before is None and not Path(held).is_absolute():
                continue  # meant from the folder that the workflow is to have
            kept = relative((before or after) / held, after)
            if kept != held:
                yield PutEntry(level, "parameters", one["name"], kept, node=name)
