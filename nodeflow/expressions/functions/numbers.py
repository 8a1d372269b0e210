"""Functions of numbers."""

from __future__ import annotations

import math
from typing import Any

from nodeflow.expressions.function import Group

group = Group("Numbers")
_define = group.define


def _when(nw: Any, test: Any, value: Any) -> Any:
    return nw.when(test).then(value)


_define(
    "abs(x: number) -> same", "The size of a number, without its sign.", lambda nw, x: x.abs(), ("abs(-3)", 3)
)
_define(
    "round(x: number, digits: constant integer = 0) -> float",
    "Rounded to so many decimals; a half goes to the even neighbour.",
    lambda nw, x, digits: x.cast(nw.Float64).round(digits),
    ("round(3.14159, 2)", 3.14),
)
_define(
    "floor(x: number) -> float", "The next whole number below.", lambda nw, x: x.cast(nw.Float64).floor(),
    ("floor(2.7)", 2.0),
)  # fmt: skip
_define(
    "ceil(x: number) -> float", "The next whole number above.", lambda nw, x: x.cast(nw.Float64).ceil(),
    ("ceil(2.1)", 3.0), "ceiling",
)  # fmt: skip
_define(
    "sqrt(x: number) -> float",
    "The square root; missing for a negative number.",
    lambda nw, x: _when(nw, x >= 0, x.cast(nw.Float64)).sqrt(),
    ("sqrt(16)", 4.0),
)
_define(
    "exp(x: number) -> float", "e to the power of x.", lambda nw, x: x.cast(nw.Float64).exp(), ("exp(0)", 1.0)
)
_define(
    "log(x: number, base: constant number = 0) -> float",
    "The logarithm, natural unless a base is given; missing for zero and below.",
    lambda nw, x, base: _log(nw, x, base),
    ("log(8, 2)", 3.0),
    "ln",
)
_define(
    "log10(x: number) -> float", "The logarithm to base 10; missing for zero and below.",
    lambda nw, x: _log(nw, x, 10), ("log10(100)", 2.0),
)  # fmt: skip
_define(
    "sign(x: number) -> integer",
    "-1, 0 or 1.",
    lambda nw, x: (
        nw.when(x > 0).then(nw.lit(1)).otherwise(nw.when(x < 0).then(nw.lit(-1)).otherwise(x.cast(nw.Int64)))
    ),
    ("sign(-7)", -1),
)
_define(
    "power(x: number, exponent: number) -> float", "x to a power, as x ** exponent.",
    lambda nw, x, exponent: x.cast(nw.Float64) ** exponent, ("power(2, 10)", 1024.0), "pow",
)  # fmt: skip
_define(
    "clip(x: number, lowest: constant number, highest: constant number) -> same",
    "x, but not below or above the bounds.",
    lambda nw, x, lowest, highest: (
        nw.when(x < lowest)
        .then(nw.lit(lowest))
        .otherwise(nw.when(x > highest).then(nw.lit(highest)).otherwise(x))
    ),
    ("clip(12, 0, 10)", 10),
)
_define(
    "smallest(*x: number | date | datetime | text) -> common",
    "The least of several values in the row; missing ones are passed over.",
    lambda nw, *x: nw.min_horizontal(*x),
    ("smallest(3, 1, 2)", 1),
    "min_of",
    "least",
)
_define(
    "largest(*x: number | date | datetime | text) -> common",
    "The greatest of several values in the row; missing ones are passed over.",
    lambda nw, *x: nw.max_horizontal(*x),
    ("largest(3, 1, 2)", 3),
    "max_of",
    "greatest",
)
_define(
    "average(*x: number) -> float",
    "The mean of several values in the row; missing ones are passed over.",
    lambda nw, *x: nw.mean_horizontal(*x),
    ("average(1, 2, 6)", 3.0),
)
_define(
    "sin(x: number) -> float",
    "The sine of an angle in radians.",
    lambda nw, x: x.cast(nw.Float64).sin(),
    ("sin(0)", 0.0),
)
_define(
    "cos(x: number) -> float",
    "The cosine of an angle in radians.",
    lambda nw, x: x.cast(nw.Float64).cos(),
    ("cos(0)", 1.0),
)
_define(
    "is_finite(x: number) -> boolean",
    "Whether x is neither infinite nor not a number.",
    lambda nw, x: x.cast(nw.Float64).is_finite(),
    ("is_finite(3)", True),
)


_define(
    "tan(x: number) -> float",
    "The tangent of an angle in radians.",
    lambda nw, x: x.cast(nw.Float64).sin() / x.cast(nw.Float64).cos(),
    ("tan(0)", 0.0),
)
_define("pi() -> float", "The number pi, 3.14159...", lambda nw: nw.lit(math.pi), ("round(pi(), 5)", 3.14159))
_define(
    "radians(degrees: number) -> float",
    "An angle in degrees as radians.",
    lambda nw, degrees: degrees.cast(nw.Float64) * (math.pi / 180),
    ("round(radians(180), 4)", 3.1416),
)
_define(
    "degrees(radians: number) -> float",
    "An angle in radians as degrees.",
    lambda nw, radians: radians.cast(nw.Float64) * (180 / math.pi),
    ("degrees(pi())", 180.0),
)
_define(
    "truncate(x: number) -> float", "Without its decimals, cut towards zero.", lambda nw, x: truncated(nw, x),
    ("truncate(-2.7)", -2.0), "trunc",
)  # fmt: skip
_define(
    "round_to(x: number, step: constant positive) -> float",
    "The nearest multiple of a step: round_to(price, 0.05), round_to(minute, 15).",
    lambda nw, x, step: (x.cast(nw.Float64) / step).round(0) * step,
    ("round_to(44, 15)", 45.0),
    "mround",
)
_define(
    "bucket(x: number, width: constant positive) -> float",
    "The lower end of the range of this width that x lies in: bucket(age, 10) is 30 for 37.",
    lambda nw, x, width: (x.cast(nw.Float64) / width).floor() * width,
    ("bucket(37, 10)", 30.0),
)
_define(
    "total(*x: number) -> number",
    "The sum of several values in the row; missing ones count as 0.",
    lambda nw, *x: nw.sum_horizontal(*x),
    ("total(1, missing, 6)", 7),
    "sum_of",
)
_define(
    "logistic(x: number) -> float",
    "1 / (1 + e ** -x), from 0 to 1.",
    lambda nw, x: 1 / ((x.cast(nw.Float64) * -1).exp() + 1),
    ("logistic(0)", 0.5),
    "sigmoid",
)


def truncated(nw: Any, x: Any) -> Any:
    """A number cut towards zero."""
    return nw.when(x < 0).then(x.cast(nw.Float64).ceil()).otherwise(x.cast(nw.Float64).floor())


def _log(nw: Any, x: Any, base: float) -> Any:
    value = _when(nw, x > 0, x.cast(nw.Float64))
    return value.log(base) if base else value.log()
