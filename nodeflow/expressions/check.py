"""Checking a tree against the columns of a table: every part gets a kind, or the formula a fault."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any

from nodeflow.errors import FormulaError, did_you_mean, listing, shorten
from nodeflow.expressions.function import Function, Parameter
from nodeflow.expressions.functions import FUNCTIONS
from nodeflow.expressions.functions.dates import UNITS
from nodeflow.expressions.kinds import NUMBERS, WORDS, common, fits
from nodeflow.expressions.tree import Apply, Constant, Name, Tree, Values

_CONVERSIONS = {
    "text": "to_number(...) converts",
    "integer": "to_text(...) converts",
    "float": "to_text(...) converts",
}


class Checker:
    """Finds the kind of each part; `kinds` are those of the columns."""

    def __init__(self, text: str, kinds: Mapping[str, str]) -> None:
        self.text = text
        self.columns = kinds

    def fault(self, message: str, part: Tree) -> FormulaError:
        return FormulaError(message, self.text, part.position)

    def kind(self, tree: Tree) -> str:
        """The kind of a part; raises `FormulaError`."""
        if isinstance(tree, Constant):
            return constant_kind(tree.value)
        if isinstance(tree, Name):
            return self._column(tree)
        if isinstance(tree, Values):
            return "any"
        kinds = [self.kind(part) for part in tree.parts]
        if tree.is_function:
            return self._function(FUNCTIONS[tree.name], tree, kinds)
        return _OPERATORS[tree.name](self, tree, kinds)

    def _column(self, tree: Name) -> str:
        if tree.name in self.columns:
            return self.columns[tree.name]
        names = list(self.columns)
        trimmed = [name for name in names if name.strip() == tree.name.strip()]
        hint = did_you_mean(tree.name, trimmed or names, what="the table has")
        spelled = next((n for n in names if f'"{n}"' in hint and not n.isidentifier()), None)
        if spelled is not None and hint.endswith("?"):
            hint += f" (written `{spelled}`, in backticks)"
        has = "" if not hint.endswith(("?", ")")) or not names else f"; the table has {listing(names)}"
        raise self.fault(f'no column "{shorten(tree.name)}"; {hint}{has}', tree)

    # -- operators ----------------------------------------------------------------------------

    def _need(self, tree: Apply, kinds: list[str], wanted: tuple[str, ...], words: str) -> None:
        for part, kind in zip(tree.parts, kinds, strict=True):
            if not fits(kind, wanted):
                way_out = f"; {_CONVERSIONS['text']}" if kind == "text" and "number" in wanted else ""
                raise self.fault(
                    f'"{tree.name}" needs {words}, but {self._named(part)} is {WORDS[kind]}{way_out}', part
                )

    def _named(self, part: Tree) -> str:
        return f'"{shorten(part.name, 40)}"' if isinstance(part, Name) else "this"

    def add(self, tree: Apply, kinds: list[str]) -> str:
        told = [kind for kind in kinds if kind not in ("missing", "any")]
        if told and all(kind == "text" for kind in told):
            return "text"
        if "text" in told:
            odd = next(i for i, kind in enumerate(kinds) if kind not in ("text", "missing", "any"))
            raise self.fault(
                f'"+" joins texts or adds numbers, but {self._named(tree.parts[odd])} is {WORDS[kinds[odd]]}; '
                "to_text(...) or to_number(...) converts",
                tree.parts[odd],
            )
        moments = [kind for kind in told if kind in ("date", "datetime", "time")]
        if "duration" in told:
            rest = [kind for kind in told if kind != "duration"]
            if len(rest) > 1 or (rest and rest != moments):
                raise self.fault('"+" adds a duration to one date and time only', tree)
            return rest[0] if rest else "duration"
        if moments:
            raise self.fault('"+" does not add to a date; use add_days(x, 7) or add_months(x, 1)', tree)
        self._need(tree, kinds, ("number",), "numbers or texts")
        return _number(kinds)

    def subtract(self, tree: Apply, kinds: list[str]) -> str:
        left, right = kinds
        if left in ("date", "datetime") and right in ("date", "datetime", "missing", "any"):
            return "duration"
        if left in ("date", "datetime", "duration") and right == "duration":
            return left
        if left in ("date", "datetime"):
            raise self.fault('"-" does not take a number from a date; use add_days(x, -7)', tree)
        self._need(tree, kinds, ("number",), "numbers on both sides")
        return _number(kinds)

    def arithmetic(self, tree: Apply, kinds: list[str]) -> str:
        self._need(tree, kinds, ("number",), "numbers on both sides")
        return "float" if tree.name in ("/", "**") else _number(kinds)

    def sign(self, tree: Apply, kinds: list[str]) -> str:
        word = Apply("-" if tree.name == "negative" else "+", tree.parts, tree.position)
        self._need(word, kinds, ("number", "duration"), "a number")
        return kinds[0]

    def logic(self, tree: Apply, kinds: list[str]) -> str:
        self._need(tree, kinds, ("boolean",), "conditions, true or false")
        return "boolean"

    def compare(self, tree: Apply, kinds: list[str]) -> str:
        for part in tree.parts:
            if isinstance(part, Constant) and part.value is None:
                raise self.fault("nothing equals a missing value; use is_missing(x) or is_present(x)", part)
        if common(kinds) is None:
            left, right = kinds
            way_out = ""
            if "text" in kinds and any(kind in NUMBERS for kind in kinds):
                way_out = "; to_number(...) or to_text(...) converts"
            elif "text" in kinds and any(kind in ("date", "datetime") for kind in kinds):
                way_out = '; write a day as date("2024-12-31")'
            raise self.fault(
                f'"{tree.name}" compares values of one type, but {self._named(tree.parts[0])} is {WORDS[left]} and '
                f"{self._named(tree.parts[1])} is {WORDS[right]}{way_out}",
                tree.parts[0] if isinstance(tree.parts[0], Name) else tree.parts[1],
            )
        if tree.name not in ("==", "!=") and "boolean" in kinds:
            raise self.fault(f'"{tree.name}" has no meaning for true and false', tree)
        return "boolean"

    def contained(self, tree: Apply, kinds: list[str]) -> str:
        values = tree.parts[1]
        assert isinstance(values, Values)
        for value in values.values:
            if common([kinds[0], constant_kind(value)]) is None:
                raise self.fault(
                    f"{self._named(tree.parts[0])} is {WORDS[kinds[0]]}, but the list holds {value!r}; "
                    "the values must be of the column's type",
                    values,
                )
        return "boolean"

    # -- functions ----------------------------------------------------------------------------

    def _function(self, function: Function, tree: Apply, kinds: list[str]) -> str:
        wanted = arguments_of(function, len(kinds))
        if wanted is None:
            raise self.fault(
                f"{function.name} is used as {function.usage}, not with {len(kinds)} arguments", tree
            )
        if function.whole_column and is_single(tree.parts[0]):
            raise self.fault(f"{function.name} needs a column, not a single value", tree.parts[0])
        for parameter, part, kind in zip(wanted, tree.parts, kinds, strict=False):
            self._argument(function, parameter, part, kind)
        if function.result == "choice":
            return self._alike(function, tree, kinds[1:])
        if function.result == "alike":
            return self._alike(function, tree, kinds)
        if function.result == "first":
            if common(kinds) is None:
                self.compare(Apply("==", tree.parts, tree.position), kinds)
            return kinds[0] if kinds[0] != "missing" else "any"
        if function.result == "common" and common(kinds) is None:
            raise self.fault(f"{function.name} needs values of one type", tree)
        if function.name == "between":
            for other in (1, 2):
                self.compare(
                    Apply("between", (tree.parts[0], tree.parts[other]), tree.position),
                    [kinds[0], kinds[other]],
                )
        return function.result_kind(kinds)

    def _alike(self, function: Function, tree: Apply, kinds: list[str]) -> str:
        found = common(kinds)
        if found is None:
            told = " and ".join(dict.fromkeys(WORDS[kind] for kind in kinds if kind != "missing"))
            raise self.fault(f"the values of {function.name} must be of one type, but are {told}", tree)
        return found

    def _argument(self, function: Function, parameter: Parameter, part: Tree, kind: str) -> None:
        if parameter.constant:
            if not isinstance(part, Constant) or part.value is None:
                raise self.fault(
                    f'"{parameter.name}" of {function.name} must be written out, not come from a column', part
                )
            sentence = _CONSTANTS[parameter.kinds[0]](part.value)
            if sentence is not None:
                raise self.fault(f'"{parameter.name}" of {function.name} {sentence}', part)
        elif not fits(kind, parameter.kinds):
            words = " or ".join(WORDS[one] for one in parameter.kinds)
            way_out = ""
            if "text" in parameter.kinds:
                way_out = "; to_text(...) converts"
            elif kind == "text":
                way_out = "; to_number(...) or parse_date(...) converts"
            raise self.fault(
                f"{function.name} needs {words}, but {self._named(part)} is {WORDS[kind]}{way_out}", part
            )


def arguments_of(function: Function, count: int) -> list[Parameter] | None:
    """The parameter each of so many arguments stands for; None if the number does not fit."""
    if function.parameters and function.parameters[-1].repeated:
        return [function.parameters[-1]] * count if count else None
    least = sum(not one.optional for one in function.parameters)
    return list(function.parameters) if least <= count <= len(function.parameters) else None


def is_single(tree: Tree) -> bool:
    """Whether a part is one value for the whole table."""
    if isinstance(tree, Apply):
        whole = tree.is_function and FUNCTIONS[tree.name].whole_column
        return whole or all(is_single(part) for part in tree.parts)
    return not isinstance(tree, Name)


def constant_kind(value: Any) -> str:
    """The kind of a written-out value."""
    return {type(None): "missing", bool: "boolean", int: "integer", float: "float", str: "text"}[type(value)]


def _number(kinds: list[str]) -> str:
    return "integer" if all(kind == "integer" for kind in kinds) else "float"


_OPERATORS: dict[str, Callable[[Checker, Apply, list[str]], str]] = {
    "+": Checker.add,
    "-": Checker.subtract,
    **dict.fromkeys(("*", "/", "//", "%", "**"), Checker.arithmetic),
    **dict.fromkeys(("negative", "positive"), Checker.sign),
    **dict.fromkeys(("and", "or", "not"), Checker.logic),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), Checker.compare),
    **dict.fromkeys(("in", "not in"), Checker.contained),
}


def _pattern_fault(value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be a regular expression in quotation marks"
    import polars as pl

    try:
        pl.Series([""]).str.contains(value)
    except pl.exceptions.PolarsError as error:
        found = [line for line in str(error).splitlines() if line.startswith("error:")]
        return f"is no regular expression{found[0].removeprefix('error') if found else ''}"
    return None


def _iso_fault(kind: type[datetime.date], shape: str) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        try:
            datetime.datetime.strptime(value, shape)
        except (ValueError, TypeError):
            example = "2024-12-31" if kind is datetime.date else "2024-12-31 23:59:00"
            return f'must be written as "{example}"'
        return None

    return fault


def _of_type(types: tuple[type, ...], words: str) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        is_fit = isinstance(value, types) and (not isinstance(value, bool) or bool in types)
        return None if is_fit and not (isinstance(value, float) and math.isnan(value)) else f"must be {words}"

    return fault


_CONSTANTS: dict[str, Callable[[Any], str | None]] = {
    "text": _of_type((str,), "a text in quotation marks"),
    "integer": _of_type((int,), "a whole number"),
    "number": _of_type((int, float), "a number"),
    "positive": lambda value: (
        None if type(value) in (int, float) and value > 0 else "must be a number greater than 0"
    ),
    "share": lambda value: (
        None if type(value) in (int, float) and 0 <= value <= 1 else "must be a number from 0 to 1"
    ),
    "filled": lambda value: (
        None
        if isinstance(value, str) and value
        else "must be a text of one character or more, in quotation marks"
    ),
    "ordinal": lambda value: (
        None if type(value) is int and 1 <= value <= 100 else "must be a whole number from 1 to 100"
    ),
    "unit": lambda value: None if value in UNITS else f"must be one of {listing(list(UNITS))}",
    "pattern": _pattern_fault,
    "character": lambda value: (
        None if isinstance(value, str) and len(value) == 1 else "must be one character"
    ),
    "length": lambda value: (
        None if type(value) is int and 0 <= value <= 10_000 else "must be a whole number from 0 to 10,000"
    ),
    "iso_date": _iso_fault(datetime.date, "%Y-%m-%d"),
    "iso_datetime": _iso_fault(datetime.datetime, "%Y-%m-%d %H:%M:%S"),
}
