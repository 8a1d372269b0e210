"""Which marks of a chart stand for picked rows: by the values of those rows along its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Role:
    """An axis of a chart whose places are values of a column.

    `low` and `high` are the places of the marks on the axis' scale before any logarithm; the same for points.
    """

    column: str
    kind: str
    labels: Sequence[str]
    low: np.ndarray
    high: np.ndarray


def marks_of_rows(roles: Sequence[Role], frame: pl.DataFrame, mask: pl.Series) -> np.ndarray:
    """The numbers of the marks in which at least one of the picked rows lies; runs in a thread."""
    import polars as pl

    roles = [role for role in roles if role.column in frame.columns]
    if not roles:
        return np.empty(0, dtype=int)
    columns = list(dict.fromkeys(role.column for role in roles))
    rows = frame.lazy().filter(mask).select(columns).unique().collect()
    marks: dict[str, Any] = {"mark": np.arange(len(roles[0].low))}
    places: dict[str, Any] = {}
    for number, role in enumerate(roles):
        values = _places(rows[role.column], role)
        places[str(number)], marks[str(number)] = _codes(values, role.low, role.high)
    by = list(places)
    found = (
        pl.DataFrame(marks)
        .lazy()
        .drop_nans()
        .join(pl.DataFrame(places).lazy().drop_nans(), on=by, how="semi")
        .select("mark")
        .collect()
    )
    return found.to_series().sort().to_numpy()


def _places(values: pl.Series, role: Role) -> np.ndarray:
    """Where the values stand on the axis."""
    import polars as pl

    if role.kind == "labels":
        at = {label: float(place) for place, label in enumerate(role.labels)}
        written = values.cast(pl.String, strict=False).fill_null("missing")
        if values.dtype.is_float():
            written = written.str.strip_suffix(".0")
        elif values.dtype.is_temporal():
            written = written.str.replace(r"\.0+", "").str.strip_suffix(" 00:00:00")
        return written.replace_strict(at, default=None, return_dtype=pl.Float64).to_numpy()
    if values.dtype.is_temporal():
        return values.cast(pl.Datetime("us")).dt.timestamp("us").cast(pl.Float64).to_numpy() / 1e6
    return values.cast(pl.Float64, strict=False).to_numpy()


def _codes(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and marks as numbers that are equal where a value lies in a mark; nan where in none."""
    if np.array_equal(low, high, equal_nan=True):
        return values, low
    starts, first = np.unique(low[np.isfinite(low)], return_index=True)
    ends = high[np.isfinite(low)][first]
    if not len(starts):
        return np.full(len(values), np.nan), np.full(len(low), np.nan)
    place = np.clip(np.searchsorted(starts, values, side="right") - 1, 0, None)
    # the last range holds its end, every other one ends before the next begins
    inside = (values >= starts[place]) & ((values < ends[place]) | (values == ends[-1]))
    return np.where(inside, place, np.nan), np.where(
        np.isfinite(low), np.searchsorted(starts, low).astype(float), np.nan
    )


def roles_of(chart: Mapping[str, Any], fields: Mapping[str, str], values: Mapping[str, Any]) -> list[Role]:
    """The axes of a chart that stand for columns, from the values of its marks."""
    roles = []
    for role in ("x", "y"):
        column = chart["columns"].get(fields.get(role, ""))
        if column is None or role not in values:
            continue
        axis = chart[role]
        low = _numbers(values[role], axis)
        high = _numbers(values[f"{role}2"], axis) if f"{role}2" in values else low
        roles.append(Role(column, axis["kind"], axis["labels"], low, high))
    return roles


def _numbers(values: Sequence[Any], axis: Mapping[str, Any]) -> np.ndarray:
    from nodeflow_gui.running.pictures import label_of, moment_of

    if axis["kind"] == "labels":
        at = {label: float(place) for place, label in enumerate(axis["labels"])}
        return np.array([at.get(label_of(value), np.nan) for value in values])
    read = moment_of if axis["kind"] == "time" else _number
    found = [read(value) for value in values]
    return np.array([np.nan if one is None else one for one in found], dtype=float)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
