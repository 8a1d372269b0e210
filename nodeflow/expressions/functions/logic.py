"""Functions of conditions and missing values."""

from __future__ import annotations

from typing import Any

from nodeflow.expressions.function import Group

group = Group("Logic and missing values")
_define = group.define


def _choose(nw: Any, condition: Any, yes: Any, no: Any) -> Any:
    return nw.when(condition).then(yes).otherwise(no)


_define(
    "choose(condition: boolean, yes: any, no: any) -> choice",
    "yes where the condition holds, else no, also where the condition is missing; as yes if condition else no.",
    _choose,
    ('choose(3 > 2, "more", "less")', "more"),
    "iff",
    "when",
)
_define(
    "is_missing(x: any) -> boolean", "Whether there is no value.", lambda nw, x: x.is_null(),
    ("is_missing(missing)", True), "isnull", "is_null", "isna",
)  # fmt: skip
_define(
    "is_present(x: any) -> boolean", "Whether there is a value.", lambda nw, x: ~x.is_null(),
    ("is_present(3)", True), "notnull", "is_not_null",
)  # fmt: skip
_define(
    "coalesce(*x: any) -> alike",
    "The first value that is not missing.",
    lambda nw, *x: nw.coalesce(*x),
    ("coalesce(missing, 2, 3)", 2),
    "fill_missing",
    "ifnull",
    "fillna",
    "nvl",
)
_define(
    "null_if(x: any, value: any) -> first",
    "Missing where x is that value, else x: null_if(score, 0).",
    lambda nw, x, value: nw.when(~(x == value)).then(x),
    ("null_if(0, 0)", None),
    "nullif",
    "missing_if",
)
_define(
    "between(x: any, lowest: any, highest: any) -> boolean",
    "Whether x lies from lowest to highest, both included.",
    lambda nw, x, lowest, highest: (x >= lowest) & (x <= highest),
    ("between(5, 1, 10)", True),
)
_define(
    "either(a: boolean, b: boolean) -> boolean", "Whether one of two conditions holds, but not both.",
    lambda nw, a, b: a != b, ("either(3 > 2, 1 > 2)", True), "xor",
)  # fmt: skip
_define(
    "count_missing(*x: any) -> integer",
    "How many of several values in the row are missing.",
    lambda nw, *x: nw.sum_horizontal(*[one.is_null().cast(nw.Int64) for one in x]),
    ("count_missing(1, missing, 3)", 1),
)
_define(
    "count_true(*x: boolean) -> integer",
    "How many of several conditions hold in the row.",
    lambda nw, *x: nw.sum_horizontal(*[one.cast(nw.Int64) for one in x]),
    ("count_true(3 > 2, 1 > 2, 2 > 1)", 2),
)
