"""The base of all undo commands: a plan of small edits, carried out once and from then on undone and redone exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from PySide6.QtGui import QUndoCommand

from nodeflow.workflow import Workflow
from nodeflow_gui.document.edits import Change, Edit, Level, PutEntry, Splice, carry_out, workflow_at
from nodeflow_gui.document.geometry import Place, as_json
from nodeflow_gui.document.words import tr

Emit = Callable[[Sequence[Change]], None]

_OF_THE_PICTURE = ("nodes", "layout", "connections")

MERGE_SECONDS = 1.5
"""Edits of the same thing within this time are one step for undo."""

clock: Callable[[], float] = time.monotonic


class Command(QUndoCommand):
    """One action of a user on the workflow of one level. Subclasses say in `plan` what it changes.

    `plan` is a generator: each edit is carried out before the next is made, so it can look at the workflow as it
    is by then. It runs once; undo and redo use the exact inverses. It keeps ids and JSON, nothing of the window.
    """

    title: ClassVar[str] = ""
    merges: ClassVar[bool] = False

    def __init__(self, level: Level = ()) -> None:
        super().__init__(tr(self.title))
        self.level = level
        self.shown: dict[Level, dict[str, Place]] = {}
        """Where nodes are shown for which the file gives no place, by level: kept as seen once one draws there."""
        self.inverses: list[Edit] = []
        self.changes: list[Change] = []
        self._root: Workflow | None = None
        self._emit: Emit = _nobody
        self._done_at = 0.0
        self._is_first = True

    @property
    def root(self) -> Workflow:
        """The outermost workflow, for what an action does outside its level."""
        assert self._root is not None
        return self._root

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        """The edits, from the workflow of the command's level."""
        raise NotImplementedError

    def subject(self) -> object:
        """What the command is about: a command of the same class and subject merges with the one before."""
        return None

    def carry_out(self, root: Workflow, emit: Emit) -> bool:
        """Do it for the first time, before it is pushed on the stack; false if nothing changes."""
        self._root, self._emit = root, emit
        edits = self._settled(self.plan(workflow_at(root, self.level)))
        self.inverses, self.changes = carry_out(edits, root)
        self._done_at = clock()
        return bool(self.inverses)

    def _settled(self, edits: Iterator[Edit]) -> Iterator[Edit]:
        """The edits, with those before them that note where nodes are shown; else the first move moved all."""
        for edit in edits:
            if getattr(edit, "holder", "") in _OF_THE_PICTURE:
                for node, place in self.shown.pop(edit.level, {}).items():
                    yield PutEntry(edit.level, "layout", node, as_json(place))
            yield edit

    def redo(self) -> None:
        if self._is_first:
            self._is_first = False
            self._emit(self.changes)
        else:
            self._turn()

    def undo(self) -> None:
        self._turn()

    def _turn(self) -> None:
        self.inverses, changes = carry_out(self.inverses, self.root)
        self._emit(changes)

    def id(self) -> int:
        """Tells Qt which commands may merge."""
        return hash(type(self).__name__) % 2**30 if self.merges else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in the command that follows, if it is about the same thing and comes soon after.

        Where both together end at what there was before, the workflow is put back to exactly that and the step goes:
        an undo that changes nothing would be a riddle.
        """
        if not isinstance(other, Command) or type(other) is not type(self) or not self.merges:
            return False
        if (self.level, self.subject()) != (other.level, other.subject()):
            return False
        if other._done_at - self._done_at > MERGE_SECONDS:
            return False
        self._done_at = other._done_at
        self.inverses = _shortest([*other.inverses, *self.inverses])
        if self.ends_where_it_began():
            self._turn()
            self.setObsolete(True)
        return True

    def ends_where_it_began(self) -> bool:
        """Whether undoing it would change nothing that a user can tell."""
        return all(edit.is_so(self.root) for edit in self.inverses)


def _shortest(inverses: list[Edit]) -> list[Edit]:
    """Without edits that a later one overwrites: merged commands set the same few things again and again."""
    kept: dict[object, Edit] = {}
    for edit in inverses:
        place = tuple(getattr(edit, name, None) for name in ("level", "holder", "name", "node", "key"))
        if isinstance(edit, Splice):
            place = (*place, edit.index)
        if isinstance(edit, PutEntry) and edit.index is not None and place in kept:
            # it comes back to its place among the others: what stands in its stead must have gone before
            place = (*place, edit.index)
        kept.pop(place, None)
        kept[place] = edit
    return list(kept.values())


def _nobody(changes: Sequence[Change]) -> None:
    pass
