"""Selection: which rows were picked in a picture or a table, as ranges, lists of values and areas of columns."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeflowError, shorten
from nodeflow.expressions.writing import literal, quoted
from nodeflow.values.area import Area

if TYPE_CHECKING:
    import polars as pl

Bound = int | float | datetime.date | datetime.datetime
Value = bool | int | float | str | datetime.date | datetime.datetime | None


@dataclass(frozen=True)
class Selection:
    """The rows within every range, among every list of values and in every area; all rows if there is none.

    Attributes:
        intervals: column to its lowest and highest value, both of which belong to it. A missing value
            is in no range.
        sets: column to the values picked; None among them picks the rows without a value.
        areas: polygons over two columns.
    """

    intervals: Mapping[str, tuple[Bound, Bound]] = field(default_factory=dict)
    sets: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    areas: Sequence[Area] = ()

    def __post_init__(self) -> None:
        intervals = {name: _interval(name, *bounds) for name, bounds in self.intervals.items()}
        for name, values in self.sets.items():
            for value in values:
                _check(name, value)
        sets = {name: tuple(dict.fromkeys(values)) for name, values in self.sets.items()}
        object.__setattr__(self, "intervals", intervals)
        object.__setattr__(self, "sets", sets)
        object.__setattr__(self, "areas", tuple(self.areas))

    def __bool__(self) -> bool:
        return bool(self.intervals or self.sets or self.areas)

    def __and__(self, other: Selection) -> Selection:
        """The rows in both: of one column the range they share, and the values they share."""
        intervals = dict(self.intervals)
        for name, (low, high) in other.intervals.items():
            if name in intervals:
                low, high = max(low, intervals[name][0]), min(high, intervals[name][1])
            intervals[name] = (low, high)
        sets = dict(self.sets)
        for name, values in other.sets.items():
            sets[name] = [value for value in sets.get(name, values) if value in values]
        return Selection(
            intervals, sets, (*self.areas, *(one for one in other.areas if one not in self.areas))
        )

    def columns(self) -> list[str]:
        """The columns it asks for."""
        across = [name for area in self.areas for name in (area.x, area.y)]
        return list(dict.fromkeys([*self.intervals, *self.sets, *across]))

    def as_formula(self) -> str:
        """The selection in the formula language; "true" if it selects all rows."""
        parts = [
            f"between({quoted(name)}, {literal(low)}, {literal(high)})"
            for name, (low, high) in self.intervals.items()
        ]
        parts += [_among(quoted(name), values) for name, values in self.sets.items()]
        parts += [area.formula() for area in self.areas]
        return " and ".join(parts) or "true"

    def as_filter(self) -> dict[str, Any]:
        """The parameters of a Row Filter that keeps these rows: tests of columns to go on editing.

        What such tests cannot say, as a list of values with "missing" among them, is a formula. So is an
        area, which comes with the ranges it spans, for people to read.
        """
        tests: list[dict[str, Any]] = []
        formulas: list[str] = []
        ranges = [*self.intervals.items(), *(one for area in self.areas for one in area.bounds().items())]
        for name, (low, high) in ranges:
            tests.append(
                {"column": name, "test": "is between", "value": _written(low), "upper": _written(high)}
            )
        for name, values in self.sets.items():
            if values and None not in values:
                tests.append({"column": name, "test": "is one of", "listed": [_written(v) for v in values]})
            elif list(values) == [None]:
                tests.append({"column": name, "test": "is missing"})
            else:
                formulas.append(_among(quoted(name), values))
        formulas += [area.formula() for area in self.areas]
        if not tests and not formulas:
            formulas = ["true"]
        found: dict[str, Any] = {"condition": " and ".join(formulas)} if formulas else {}
        return found | ({"conditions": tests} if tests else {})

    def expression(self) -> pl.Expr:
        """The selection as a test of a Polars table's rows."""
        import polars as pl
        import polars.selectors as cs

        test = pl.lit(value=True)
        for name, (low, high) in self.intervals.items():
            test = test & cs.by_name(name).as_expr().is_between(low, high)
        for name, values in self.sets.items():
            column = cs.by_name(name).as_expr()
            found = pl.lit(value=False)
            for value in values:
                found = found | (column.is_null() if value is None else column.eq_missing(value))
            test = test & found
        for area in self.areas:
            test = test & area.expression()
        return test.fill_null(value=False)


def _interval(name: str, low: Bound, high: Bound) -> tuple[Bound, Bound]:
    """The bounds as formulas can write them: moments to the second, outwards."""
    for bound in (low, high):
        if isinstance(bound, bool) or not isinstance(bound, int | float | datetime.date):
            raise NodeflowError(f'a range of "{shorten(name)}" cannot end at {bound!r}')
        if isinstance(bound, float) and not math.isfinite(bound):
            raise NodeflowError(f'a range of "{shorten(name)}" needs finite ends')
    if isinstance(low, datetime.datetime):
        low = low.replace(microsecond=0)
    if isinstance(high, datetime.datetime) and high.microsecond:
        high = high.replace(microsecond=0) + datetime.timedelta(seconds=1)
    return low, high


def _check(name: str, value: Value) -> None:
    if value is not None and not isinstance(value, bool | int | float | str | datetime.date):
        raise NodeflowError(f'a value of "{shorten(name)}" cannot be selected by {value!r}')
    if isinstance(value, float) and not math.isfinite(value):
        raise NodeflowError(f'a value of "{shorten(name)}" cannot be selected by one that is not finite')
    if isinstance(value, datetime.datetime) and value.microsecond:
        raise NodeflowError(f'moments of "{shorten(name)}" are selected by whole seconds or by a range')


def _among(column: str, values: Sequence[Value]) -> str:
    """That the column has one of the values, as a formula."""
    if not values:
        return "false"
    present = [value for value in values if value is not None]
    told = [value for value in present if type(value) in (int, float, str)]  # what a list may hold
    others = [value for value in present if type(value) not in (int, float, str)]
    if len(told) == 1:
        others, told = [*told, *others], []
    parts = [f"{column} == {literal(value)}" for value in others]
    if told:
        parts.append(f"{column} in [{', '.join(map(literal, told))}]")
    if len(present) < len(values):
        parts.append(f"is_missing({column})")
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _written(value: Value) -> str:
    """A value as the tests of a Row Filter hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return repr(value) if isinstance(value, float) else str(value)
