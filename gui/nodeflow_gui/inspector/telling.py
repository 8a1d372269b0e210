"""What tells picked rows of a table apart from the others: the setting of a Row Filter that keeps them."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from nodeflow.expressions.writing import literal, quoted
from nodeflow.parameters.columns import family
from nodeflow.values.selection import Selection

if TYPE_CHECKING:
    import polars as pl

_ORDERED = ("integer", "float", "date", "datetime")
_NAMED = ("integer", "text", "boolean", "date")
_MOST_LISTED = 50
_MOST_COLUMNS = 60
_LONGEST = 200
_MOST_PARTS = 450
"""Parts of a formula, of which each test of a value takes three."""


def filter_of_rows(frame: pl.DataFrame, mask: pl.Series) -> tuple[dict[str, Any], int]:
    """The parameters of a Row Filter that keeps the rows of the mask, and how many others it keeps as well.

    A test of one column is preferred, then tests of several, then a formula that lists the rows.
    """
    picked = frame.filter(mask)
    tests = _tests(picked)
    singles = _others(frame, mask, tests)
    for test, others in zip(tests, singles, strict=True):
        if not others:
            return test.as_filter(), 0
    best = sorted(range(len(tests)), key=lambda place: singles[place])
    kept = [tests[place] for place in best]
    others = _others(frame, mask, [_all(kept)])[0] if kept else frame.height - picked.height
    if not others:
        return _fewest(frame, mask, kept).as_filter(), 0
    listed = _listed(picked)
    if listed is not None:
        return {"condition": listed[0]}, frame.lazy().filter(~mask, listed[1]).collect().height
    return _all(kept).as_filter(), others


def _tests(picked: pl.DataFrame) -> list[Selection]:
    """What each column alone can say of the rows: their values, else the range of them."""
    import polars as pl

    tests: list[Selection] = []
    ranges: list[Selection] = []
    for name in picked.columns[:_MOST_COLUMNS]:
        values = picked[name]
        kind = family(values.dtype)
        if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None:
            continue
        if kind in _NAMED and (listed := values.unique()).len() <= _MOST_LISTED:
            held = listed.sort().to_list()
            if all(not isinstance(one, str) or len(one) <= _LONGEST for one in held):
                tests.append(Selection(sets={name: held}))
        if kind == "float" and not values.is_finite().all():
            continue
        if kind in _ORDERED and not values.null_count():
            ranges.append(Selection({name: (values.min(), values.max())}))  # type: ignore[dict-item]
    return [*tests, *ranges]


def _all(tests: list[Selection]) -> Selection:
    return reduce(lambda one, other: one & other, tests, Selection())


def _others(frame: pl.DataFrame, mask: pl.Series, tests: list[Selection]) -> list[int]:
    """How many rows that were not picked fit each test."""
    if not tests:
        return []
    counted = [(test.expression() & ~mask).sum().alias(str(place)) for place, test in enumerate(tests)]
    return [int(one) for one in frame.lazy().select(counted).collect().row(0)]


def _fewest(frame: pl.DataFrame, mask: pl.Series, tests: list[Selection]) -> Selection:
    """Of tests that tell the rows apart together as few as are needed, the best of them first."""
    for count in range(2, len(tests)):
        if not _others(frame, mask, [_all(tests[:count])])[0]:
            return _all(tests[:count])
    return _all(tests)


def _listed(picked: pl.DataFrame) -> tuple[str, pl.Expr] | None:
    """A formula that lists the rows by their values, and what it means; None if they are too many."""
    import polars as pl
    import polars.selectors as cs

    names = [name for name in picked.columns if _is_plain(picked[name])]
    names = names[: max(1, _MOST_PARTS // (4 * max(picked.height, 1)))]
    if not names or picked.height * (4 * len(names) + 1) > _MOST_PARTS:
        return None
    rows, test = [], pl.lit(value=False)
    for cells in picked.select(names).unique(maintain_order=True).rows():
        parts, both = [], pl.lit(value=True)
        for name, cell in zip(names, cells, strict=True):
            column = cs.by_name(name).as_expr()
            missing = cell is None
            parts.append(f"is_missing({quoted(name)})" if missing else f"{quoted(name)} == {literal(cell)}")
            both = both & (column.is_null() if missing else column.eq_missing(cell))
        rows.append(f"({' and '.join(parts)})")
        test = test | both
    return " or ".join(rows), test


def _is_plain(values: pl.Series) -> bool:
    """Whether a formula can write all these values."""
    kind = family(values.dtype)
    if kind == "float":
        return bool(values.is_finite().all())
    if kind == "text":
        return bool((values.str.len_chars() <= _LONGEST).all())
    return kind in ("integer", "boolean", "date")
