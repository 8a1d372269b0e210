"""Functions that turn one type into another."""

from __future__ import annotations

from typing import Any

from nodeflow.expressions.function import Group
from nodeflow.expressions.functions.numbers import truncated

group = Group("Conversion")
_define = group.define

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_INTEGER = r"^[+-]?[0-9]{1,18}$"


def _to_number(nw: Any, x: Any, kinds: tuple[str, ...]) -> Any:
    if kinds[0] != "text":
        return x.cast(nw.Float64)
    clean = x.str.strip_chars()
    return nw.when(clean.str.contains(_NUMBER)).then(clean).cast(nw.Float64)


def _to_integer(nw: Any, x: Any, kinds: tuple[str, ...]) -> Any:
    if kinds[0] == "text":
        clean = x.str.strip_chars()
        return nw.when(clean.str.contains(_INTEGER)).then(clean).cast(nw.Int64)
    if kinds[0] == "float":
        # cut towards zero, as everybody's "integer part"
        whole = truncated(nw, x)
        return nw.when(whole.abs() < 9.2e18).then(whole).cast(nw.Int64)
    return x.cast(nw.Int64)


def _to_boolean(nw: Any, x: Any, kinds: tuple[str, ...]) -> Any:
    if kinds[0] != "text":
        return x != 0 if kinds[0] in ("integer", "float") else x
    clean = x.str.strip_chars().str.to_lowercase()
    yes, no = clean.is_in(["true", "yes", "y", "t", "1"]), clean.is_in(["false", "no", "n", "f", "0"])
    return nw.when(yes | no).then(yes)


_define(
    "to_number(x: text | number | boolean) -> float",
    "A number read from text; missing where the text is none. The decimal sign is a point.",
    _to_number,
    ('to_number(" 2.5 ")', 2.5),
    "float",
    "number",
    with_kinds=True,
)
_define(
    "to_integer(x: text | number | boolean) -> integer",
    "A whole number; decimals are cut off, a text that is none gives missing.",
    _to_integer,
    ("to_integer(2.9)", 2),
    "int",
    "integer",
    with_kinds=True,
)
_define(
    "to_text(x: any) -> text",
    "Any value as text.",
    lambda nw, x: x.cast(nw.String),
    ("to_text(12)", "12"),
    "str",
    "string",
)
_define(
    "to_boolean(x: text | number | boolean) -> boolean",
    "True for true, yes, y, t, 1; false for false, no, n, f, 0; else missing. A number is true unless 0.",
    _to_boolean,
    ('to_boolean("Yes")', True),
    "bool",
    with_kinds=True,
)
_define(
    'parse_number(x: text, decimal: constant character = ",", thousands: constant character = ".") -> float',
    "A number read from text with another decimal sign, such as 1.234,5; missing where the text is none.",
    lambda nw, x, decimal, thousands: _to_number(
        nw,
        x.str.replace_all(thousands, "", literal=True).str.replace_all(decimal, ".", literal=True),
        ("text",),
    ),
    ('parse_number("1.234,5")', 1234.5),
)
_define(
    "is_number(x: text) -> boolean",
    "Whether to_number can read the text.",
    lambda nw, x: x.str.strip_chars().str.contains(_NUMBER),
    ('is_number("12 km")', False),
    "isnumeric",
)
