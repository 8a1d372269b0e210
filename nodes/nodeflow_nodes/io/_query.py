"""The text of a query: one reading statement, with values named as `:name` that go beside it, never into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nodeflow.errors import did_you_mean, shorten
from nodeflow.parameters import Fault

_COMMON = r"""
    (?P<skipped> "(?:[^"]|"")*" | `[^`]*` | --[^\n]* | /\*.*?\*/ | {more} )
  | (?P<end> ; )
  | (?<![:\w]):(?P<name>[^\W\d]\w*)
"""
_STANDARD = r" '(?:[^']|'')*' | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$ "
_TOKENS = {
    "sqlite": r" '(?:[^']|'')*' | \[[^\]]*\] ",
    "duckdb": rf" \b[eE]'(?:[^'\\]|\\.|'')*' | {_STANDARD} ",
    "postgresql": rf" \b[eE]'(?:[^'\\]|\\.|'')*' | {_STANDARD} ",
    "mysql": r""" '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | \#[^\n]* """,
}
_SCANNERS = {
    kind: re.compile(_COMMON.replace("{more}", more), re.DOTALL | re.VERBOSE)
    for kind, more in _TOKENS.items()
}
_LEADING = re.compile(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*(\w*)", re.DOTALL)
_READING = {"select", "with", "values", "table"}
_FURTHER = {"duckdb": {"from"}, "mysql": {"show"}, "sqlite": set(), "postgresql": set()}


@dataclass(frozen=True)
class Placeholder:
    """A `:name` in a query, from `start` to `end`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Query:
    """A query for a kind of database, taken apart."""

    text: str
    placeholders: tuple[Placeholder, ...]
    end: int
    """Where the statement ends: a semicolon at its end is left out."""
    second: int | None
    """Where a second statement starts."""

    @classmethod
    def of(cls, text: str, kind: str) -> Query:
        """Find the placeholders and the end of the statement."""
        placeholders, ends = [], []
        for found in _SCANNERS[kind].finditer(text):
            if found["name"]:
                placeholders.append(Placeholder(found["name"], found.start(), found.end()))
            elif found["end"]:
                ends.append(found.start())
        end = next(iter(ends), len(text))
        rest = re.match(r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/)*", text[end:], re.DOTALL)
        second = end + rest.end() if rest is not None else end
        return cls(text, tuple(placeholders), end, second if second < len(text) else None)

    def faults(self, kind: str, values: Mapping[str, Any]) -> list[Fault]:
        """What is wrong with the statement, and with the values for it."""
        first = _LEADING.match(self.text)
        word = first[1] if first is not None else ""
        if not word:
            return [Fault("query", "the query is empty; write one SELECT")]
        if word.casefold() not in _READING | _FURTHER[kind]:
            assert first is not None
            sentence = f'a query that reads starts with SELECT or WITH, not with "{shorten(word)}"'
            return [Fault("query", sentence, first.start(1))]
        if self.second is not None:
            return [Fault("query", "a second statement follows; write one SELECT", self.second)]
        faults = []
        names = list(dict.fromkeys(one.name for one in self.placeholders))
        for one in self.placeholders:
            if one.name not in values:
                hint = did_you_mean(one.name, list(values)) if values else "add it to the values"
                sentence = f'there is no value for ":{shorten(one.name)}"; {hint}'
                faults.append(Fault("query", sentence, one.start))
        for name in values:
            if name not in names:
                hint = (
                    did_you_mean(name, names, what="it names") if names else f"write :{name} where it belongs"
                )
                faults.append(Fault("query_values", f'the query has no ":{shorten(name)}"; {hint}'))
        return faults

    def written(self, placeholder: Callable[[str], str], escape: Callable[[str], str] = str) -> str:
        """The statement with each placeholder as a driver wants it."""
        parts, start = [], 0
        for one in self.placeholders:
            if one.end <= self.end:
                parts += [escape(self.text[start : one.start]), placeholder(one.name)]
                start = one.end
        return "".join([*parts, escape(self.text[start : self.end])])


def percent_escaped(text: str) -> str:
    """Text in a statement whose placeholders are written with %."""
    return text.replace("%", "%%")
