"""The errors nodeflow raises, and the words they share.

Every text says what is wrong, where, and how to mend it. All errors that a user
can cause derive from `NodeflowError`; anything else that escapes is a bug.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodeflow.problems import Problem


class NodeflowError(Exception):
    """Base of every error with a text meant for the user."""


class DocumentError(NodeflowError):
    """A workflow file cannot be read as a workflow."""


class ParameterError(NodeflowError):
    """A parameter has a value it cannot take.

    `parameter` is the parameter's name, or an empty text when the fault concerns several.
    """

    def __init__(self, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter


class FormulaError(NodeflowError):
    """A formula cannot be understood or does not fit the table.

    `position` counts characters of `text` from 0.
    """

    def __init__(self, message: str, text: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.position = position

    def __str__(self) -> str:
        # a long formula is shown as a window around the fault, one line high
        start = max(0, self.position - 50)
        line = self.text[start : start + 100].replace("\n", " ").replace("\t", " ")
        return f"{self.message}\n  {line}\n  {' ' * (self.position - start)}^"


class WorkflowError(NodeflowError):
    """A workflow cannot run as it stands; `problems` lists every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NodeFailed(NodeflowError):  # noqa: N818 - says what happened
    """A node could not do its work while running; raise it in `Node.run` with a plain sentence."""


class StoreError(NodeflowError):
    """The result store cannot be used (the folder, not one entry: bad entries are dropped)."""


class TrustError(NodeflowError):
    """The workflow holds code of a user, or reaches outside its folder, and was not trusted to."""


class Cancelled(NodeflowError):  # noqa: N818 - a state, not a fault
    """The run was cancelled while the node was working."""


_MANY = 2_000


def nearest(name: str, candidates: Iterable[str], count: int = 3) -> list[str]:
    """The candidates most like `name`, best first, ignoring case and outer blanks."""
    wanted = name.strip().casefold()[:200]
    many = list(candidates)
    if len(many) > _MANY:  # comparing takes microseconds for each: only those that begin or end alike
        many = [c for c in many if c[:2] == name[:2] or c[-2:] == name[-2:]][:_MANY]
    folded: dict[str, str] = {}
    for candidate in many:
        if len(candidate) <= 400:
            folded.setdefault(candidate.strip().casefold(), candidate)
    found = difflib.get_close_matches(wanted, folded, n=count, cutoff=0.6)
    return [folded[key] for key in found]


def listing(names: Sequence[str], limit: int = 6) -> str:
    """Names in quotes for a sentence, the tail counted: `"a", "b" and 10 more`."""
    shown = ", ".join(f'"{shorten(name)}"' for name in names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown


def shorten(text: str, limit: int = 80) -> str:
    """`text` in one line of at most `limit` characters, control characters made visible."""
    line = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: limit + 1])
    return line if len(line) <= limit else line[: limit - 1] + "…"


def did_you_mean(name: str, candidates: Sequence[str], *, what: str = "known") -> str:
    """The end of a sentence on an unknown name: the nearest names, else the first ones."""
    found = nearest(name, candidates)
    if found:
        quoted = " or ".join(f'"{shorten(candidate)}"' for candidate in found)
        return f"did you mean {quoted}?"
    if not candidates:
        return f"there are none {what}"
    return f"{what}: {listing(list(candidates))}"
