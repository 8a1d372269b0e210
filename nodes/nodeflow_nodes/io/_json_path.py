"""JSON paths such as `$.items[0].name`: a strict subset of RFC 9535, without filters, read once and never run as code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nodeflow.errors import shorten

_STEP = re.compile(
    r"""\.\.(?P<deep>[^\s.\[\]()'"*]+|\*)
    | \.(?P<name>[^\s.\[\]()'"*]+|\*)
    | \[\s*(?P<index>-?\d{1,15})\s*\]
    | \[\s*(?P<start>-?\d{1,15})?\s*:\s*(?P<stop>-?\d{1,15})?\s*\]
    | \[\s*(?P<every>\*)\s*\]
    | \[\s*'(?P<single>(?:[^'\\]|\\.)*)'\s*\]
    | \[\s*"(?P<double>(?:[^"\\]|\\.)*)"\s*\]""",
    re.VERBOSE,
)
_LONGEST = 1000
_MOST_STEPS = 50


class JsonPathError(ValueError):
    """The text is no JSON path; says where it goes wrong."""


@dataclass(frozen=True)
class JsonPath:
    """A path that was read; `steps` are (kind, value) pairs."""

    text: str
    steps: tuple[tuple[str, Any], ...]

    @property
    def is_single(self) -> bool:
        """Whether it stands for one place at most."""
        return all(kind in ("name", "index") for kind, _ in self.steps)

    def find(self, value: Any) -> list[Any]:
        """The values the path stands for within a decoded document, in its order."""
        found: Iterable[Any] = [value]
        for kind, step in self.steps:
            found = [one for value in found for one in _followed(kind, step, value)]
        return list(found)


def parse(text: str) -> JsonPath:
    """Read a path; a leading `$` or `$.` may be left out. Raises `JsonPathError`."""
    if len(text) > _LONGEST:
        raise JsonPathError(f"a JSON path has at most {_LONGEST} characters")
    rest = text.strip()
    rest = rest[1:] if rest.startswith("$") else rest if rest[:1] in (".", "[", "") else f".{rest}"
    steps: list[tuple[str, Any]] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            raise JsonPathError(
                f'"{shorten(text)}" is no JSON path from "{shorten(rest[at:], 20)}" on; write for example $.items[0].name, '
                "$.items[*], $['a name'] or $..name"
            )
        steps.extend(_steps_of(found))
        at = found.end()
    if len(steps) > _MOST_STEPS:
        raise JsonPathError(f"a JSON path has at most {_MOST_STEPS} steps")
    if sum(kind == "deep" for kind, _ in steps) > 1:
        raise JsonPathError(f'"{shorten(text)}": .. may stand once in a JSON path')
    return JsonPath(text, tuple(steps))


def _steps_of(found: re.Match[str]) -> Iterator[tuple[str, Any]]:
    parts = found.groupdict()
    if parts["deep"] is not None:
        yield "deep", None
        yield ("every", None) if parts["deep"] == "*" else ("name", parts["deep"])
    elif parts["name"] is not None:
        yield ("every", None) if parts["name"] == "*" else ("name", parts["name"])
    elif parts["index"] is not None:
        yield "index", int(parts["index"])
    elif parts["every"] is not None:
        yield "every", None
    elif parts["single"] is not None or parts["double"] is not None:
        quoted = parts["single"] if parts["single"] is not None else parts["double"]
        yield "name", re.sub(r"\\(.)", r"\1", quoted)
    else:
        bounds = [int(parts[name]) if parts[name] else None for name in ("start", "stop")]
        yield "slice", slice(*bounds)


def _followed(kind: str, step: Any, value: Any) -> Iterator[Any]:
    if kind == "deep":
        yield from _below(value)
    elif isinstance(value, dict):
        if kind == "name" and step in value:
            yield value[step]
        elif kind == "every":
            yield from value.values()
    elif isinstance(value, list):
        if kind == "index" and -len(value) <= step < len(value):
            yield value[step]
        elif kind == "slice":
            yield from value[step]
        elif kind == "every":
            yield from value


def _below(value: Any) -> Iterator[Any]:
    """The value and everything within, parents first; without recursion, as documents are deep at will."""
    open_values = [value]
    while open_values:
        one = open_values.pop()
        yield one
        if isinstance(one, dict):
            open_values.extend(reversed(one.values()))
        elif isinstance(one, list):
            open_values.extend(reversed(one))
