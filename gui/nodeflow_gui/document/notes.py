"""Notes and frames: entries of the workflow's list `notes`, and the commands on them.

An entry is a text, as people write it by hand, or an object: `{"text": ..., "at": [x, y], "size": [width, height]}`,
a frame with `"kind": "frame"` and its title as text. What else stands in an entry is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nodeflow.workflow import Workflow
from nodeflow_gui.document.command import Command
from nodeflow_gui.document.edits import Edit, Level, Splice
from nodeflow_gui.document.geometry import Place, as_json, is_place
from nodeflow_gui.document.words import QT_TRANSLATE_NOOP, tr

COLOURS = ("yellow", "green", "blue", "violet", "red", "grey")
"""Of notes and frames, beside the usual one."""
NOTE_SIZE, FRAME_SIZE = (240.0, 96.0), (320.0, 200.0)


@dataclass(frozen=True)
class Note:
    """An entry as the canvas shows it; `place` is None where the file gives none."""

    text: str
    place: Place | None
    size: Place
    is_frame: bool
    colour: str = ""


def read_note(entry: Any) -> Note | None:
    """The note of an entry, None if it is of no form that we know; such an entry stays in the file."""
    if isinstance(entry, str):
        return Note(entry, None, NOTE_SIZE, False)
    if not isinstance(entry, dict) or not isinstance(entry.get("text", ""), str):
        return None
    is_frame = entry.get("kind") == "frame"
    at, size = entry.get("at"), entry.get("size")
    default = FRAME_SIZE if is_frame else NOTE_SIZE
    colour = entry.get("colour", "")
    return Note(
        entry.get("text", ""),
        (float(at[0]), float(at[1])) if at is not None and is_place(at) else None,
        (max(48.0, float(size[0])), max(32.0, float(size[1])))
        if size is not None and is_place(size)
        else default,
        is_frame,
        colour if isinstance(colour, str) else "",
    )


def note_data(text: str, place: Place, size: Place, *, is_frame: bool = False) -> dict[str, Any]:
    """A new entry."""
    kind = {"kind": "frame"} if is_frame else {}
    return {**kind, "text": text, "at": as_json(place), "size": as_json(size)}


class AddNote(Command):
    """Put a note or a frame on the canvas."""

    title = QT_TRANSLATE_NOOP("Document", "Add note")

    def __init__(self, level: Level, data: Mapping[str, Any]) -> None:
        super().__init__(level)
        self.data = dict(data)
        if data.get("kind") == "frame":
            self.setText(tr("Add frame"))

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        yield Splice(self.level, "notes", len(workflow.notes), 0, (self.data,))


class ChangeNote(Command):
    """Change the text, the place, the size or the colour of a note or frame; None takes an entry away."""

    title = QT_TRANSLATE_NOOP("Document", "Change note")
    merges = True

    def __init__(self, level: Level, index: int, values: Mapping[str, Any]) -> None:
        super().__init__(level)
        self.index, self.values = index, dict(values)

    def subject(self) -> object:
        return self.index, frozenset(self.values)

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        held = workflow.notes[self.index]
        data = {"text": held} if isinstance(held, str) else held
        changed = {**data, **self.values}
        for key, value in self.values.items():
            if value is None:
                del changed[key]
        if changed != data:
            yield Splice(self.level, "notes", self.index, 1, (changed,))


class RemoveNotes(Command):
    """Take notes and frames away; the nodes in a frame stay."""

    title = QT_TRANSLATE_NOOP("Document", "Delete note")

    def __init__(self, level: Level, indexes: list[int]) -> None:
        super().__init__(level)
        self.indexes = sorted(set(indexes), reverse=True)

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        for index in self.indexes:
            if 0 <= index < len(workflow.notes):
                yield Splice(self.level, "notes", index, 1)
