"""Rules: lines of `condition => outcome`, of which the first that fits counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nodeflow.errors import FormulaError
from nodeflow.expressions import parse

if TYPE_CHECKING:
    import polars as pl

_ARROW = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:``|[^`])*`|(=>)")


@dataclass(frozen=True)
class Rule:
    """One rule with the places of its two parts in the text of all rules."""

    condition: str
    outcome: str
    line: int
    condition_at: int
    outcome_at: int


def read_rules(text: str) -> list[Rule]:
    """The rules of a text, a line each; empty lines and lines that start with // say nothing.

    Raises:
        FormulaError: a line is no rule, or a formula in it is wrong; its position is that in the whole text.
    """
    rules, start = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.strip().startswith("//"):
            rules.append(_read(line, number, start, text))
        start += len(line) + 1
    return rules


def _read(line: str, number: int, start: int, text: str) -> Rule:
    way = "write: condition => value"
    arrows = [found for found in _ARROW.finditer(line) if found[1]]
    if len(arrows) != 1:
        what = "has no =>" if not arrows else "has more than one =>"
        raise FormulaError(f"line {number} {what}; {way}", text, start)
    left, right = line[: arrows[0].start()], line[arrows[0].end() :]
    parts = []
    for part, place, name in ((left, 0, "condition"), (right, arrows[0].end(), "value")):
        inner = part.strip()
        at = start + place + len(part) - len(part.lstrip())
        if not inner:
            raise FormulaError(f"line {number} lacks the {name}; {way}", text, at)
        if name == "condition" and inner.casefold() == "true":
            inner = "true"
        try:
            parse(inner)
        except FormulaError as error:
            raise FormulaError(f"line {number}: {error.message}", text, at + error.position) from None
        parts.append((inner, at))
    return Rule(parts[0][0], parts[1][0], number, parts[0][1], parts[1][1])


def as_formula(rules: list[Rule]) -> str:
    """One formula that gives the outcome of the first rule that fits, else missing."""
    text = "missing"
    for rule in reversed(rules):
        # true in place of a condition, so that a default is no question at all
        text = (
            rule.outcome if rule.condition == "true" else f"choose({rule.condition}, {rule.outcome}, {text})"
        )
    return text


def check_rules(text: str, schema: Mapping[str, pl.DataType]) -> FormulaError | None:
    """The first fault of the rules over a table of this schema, with its place in the whole text."""
    from nodeflow.parameters import family

    seen: tuple[str, int] | None = None
    for rule in read_rules(text):
        parts = ((rule.condition, rule.condition_at, True), (rule.outcome, rule.outcome_at, False))
        for part, at, is_condition in parts:
            try:
                dtype = parse(part).check(schema)
            except FormulaError as error:
                return FormulaError(f"line {rule.line}: {error.message}", text, at + error.position)
            kind = "" if dtype is None else family(dtype)
            if kind in ("", "other"):
                continue
            if is_condition:
                if kind != "boolean":
                    told = f"line {rule.line}: the condition gives {kind}, but must be true or false"
                    return FormulaError(told, text, at)
                continue
            kind = "number" if kind in ("integer", "float") else kind
            if seen is not None and seen[0] != kind:
                told = f"line {rule.line}: the value is {kind}, but that of line {seen[1]} is {seen[0]}"
                return FormulaError(f"{told}; make them one type, for example by to_text(...)", text, at)
            seen = (kind, rule.line)
    return None
