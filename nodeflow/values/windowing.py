"""Windows over the rows of a series: order, gaps, missing values, parts in time, and scales of the first part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodeflow.errors import listing, shorten
from nodeflow.parameters.columns import family, no_column
from nodeflow.values.arrays import Array, Dense, Numbers, TensorError, Windows
from nodeflow.values.labels import classes_of, labels_of
from nodeflow.values.preparation import WindowsPreparation, needs_target, plain
from nodeflow.values.scaling import Method, fit
from nodeflow.values.tensors import Tensors, TensorTask

_LONG, _SHORT = 1.5, 0.5
"""A step in time beyond these shares of the usual one breaks a series; months and years differ by less."""


@dataclass
class Series:
    """A table as a series: rows in order of groups and times, with what a window may not cross.

    `rows` are the numbers of the rows in the table, `stretch` counts up where a group ends or times have a gap.
    """

    rows: Numbers
    values: Numbers
    target: Numbers | None
    stretch: Numbers
    place: Numbers
    """The number of each row within its group."""
    order: Numbers
    """What decides which part a row falls in: the rank of its time, or its place as a share of its group."""


def windows_of_parts(
    preparation: WindowsPreparation,
    frame: pl.DataFrame,
    shares: Sequence[float],
    scale: Method,
    notes: list[str],
) -> list[Tensors]:
    """Tensors of consecutive parts of the time, the first of which is to learn from.

    A window belongs to the part that its target lies in; one whose targets lie in two parts is in none. Scales are
    learned from the rows of the first part alone.

    Raises:
        TensorError: the series is too short, or a column cannot be used.
    """
    if preparation.task == "classification" and preparation.target is not None:
        preparation = msgspec.structs.replace(
            preparation, classes=classes_of(column_of(frame, preparation.target))
        )
    series = series_of(preparation, frame, notes, with_target=preparation.target is not None)
    part = np.searchsorted(np.cumsum(shares)[:-1] - 1e-9, series.order, side="right")
    values = _differenced(preparation, series)
    scaler = fit(values[part == 0], scale, preparation.columns, notes)
    fitted = msgspec.structs.replace(preparation, scaler=scaler)
    lasts = _lasts(preparation, series, values, with_targets=True, notes=notes)
    if preparation.target is None:
        first, last = lasts - preparation.reach, lasts
    else:
        first = lasts + (1 if preparation.path else preparation.horizon)
        last = lasts + preparation.horizon
    whole = part[first] == part[last]
    if preparation.target is not None and scale != "none" and preparation.task == "forecast":
        learned = _targets(preparation, series, lasts[whole & (part[last] == 0)])
        if not len(learned):
            raise TensorError(_too_few(preparation, "the training part", len(frame), int((part == 0).sum())))
        # every method centres a target by its mean, as errors are measured around it
        method: Method = "min-max" if scale == "min-max" else "standard"
        target_scaler = fit(learned, method, [f"{preparation.target} (target)"], notes, together=True)
        fitted = msgspec.structs.replace(fitted, target_scaler=target_scaler)
    base = _scaled(fitted, values)
    return [
        _tensors(fitted, series, base, lasts[whole & (part[last] == number)], with_targets=True)
        for number in range(len(shares))
    ]


def all_windows(
    preparation: WindowsPreparation, frame: pl.DataFrame, *, with_targets: bool, notes: list[str]
) -> Tensors:
    """The windows of a whole table, scaled as the preparation says."""
    needed = preparation.target is not None and (with_targets or needs_target(preparation))
    with_target = needed or (preparation.target is not None and preparation.target in frame.columns)
    series = series_of(preparation, frame, notes, with_target=with_target)
    values = _differenced(preparation, series)
    if not with_targets:
        preparation = msgspec.structs.replace(preparation, hop=1)
    lasts = _lasts(preparation, series, values, with_targets=with_targets, notes=notes)
    return _tensors(preparation, series, _scaled(preparation, values), lasts, with_targets=with_targets)


# Reading


def series_of(
    preparation: WindowsPreparation, frame: pl.DataFrame, notes: list[str], *, with_target: bool
) -> Series:
    """The rows of a table in the order of groups and times, with missing values as NaN.

    Raises:
        TensorError: a column is missing or has no numbers, or a time comes twice.
    """
    target = preparation.target if with_target else None
    values = numbers_of(frame, preparation.columns)
    aims = None if target is None else _aims(preparation, frame, target)
    groups = np.zeros(len(frame), np.int64)
    if preparation.group is not None:
        codes = column_of(frame, preparation.group).rank("dense").fill_null(0)
        groups = codes.to_numpy().astype(np.int64)
    times = None if preparation.time is None else _times(column_of(frame, preparation.time), notes)
    if times is None:
        rows = np.argsort(groups, kind="stable")
        known = len(rows)
    else:
        rows = np.lexsort((times, groups))
        known_rows = np.isfinite(times[rows]) if times.dtype.kind == "f" else np.ones(len(rows), bool)
        rows = rows[known_rows]
        known = len(rows)
    new_group = np.ones(known, bool)
    new_group[1:] = groups[rows][1:] != groups[rows][:-1]
    breaks = new_group.copy()
    if times is not None:
        breaks |= _gaps(preparation, frame, times[rows], new_group, rows, notes)
    starts = (
        np.maximum.accumulate(np.where(new_group, np.arange(known), 0)) if known else np.zeros(0, np.int64)
    )
    place = np.arange(known) - starts
    series = Series(
        rows, values[rows], None if aims is None else aims[rows], np.cumsum(breaks), place, np.zeros(known)
    )
    series.order = _order(series, None if times is None else times[rows], new_group)
    if preparation.missing == "last value":
        _fill_forward(series)
    return series


def _aims(preparation: WindowsPreparation, frame: pl.DataFrame, target: str) -> Numbers:
    """The values of the target, or the places of its classes; NaN for what is missing or no class."""
    if preparation.task == "forecast":
        return numbers_of(frame, [target])[:, 0]
    places = {value: float(place) for place, value in enumerate(preparation.classes or ())}
    return np.array([places.get(value, np.nan) for value in labels_of(column_of(frame, target)).to_list()])


def column_of(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column by its very name; raises `TensorError` with the nearest names."""
    if name not in frame.columns:
        raise TensorError(no_column(name, frame.columns))
    return frame.get_column(name)


def numbers_of(frame: pl.DataFrame, names: Sequence[str]) -> Numbers:
    """Columns as a matrix of doubles, with NaN for what is missing or infinite."""
    found: Numbers = np.empty((len(frame), len(names)), np.float64)
    for place, name in enumerate(names):
        column = column_of(frame, name)
        if family(column.dtype) not in ("integer", "float", "boolean"):
            raise TensorError(
                f'the column "{shorten(name)}" has no numbers (type {column.dtype}); choose others, or turn it into '
                "numbers before, by Cast Types or One to Many"
            )
        found[:, place] = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    found[~np.isfinite(found)] = np.nan
    return found


def _times(column: pl.Series, notes: list[str]) -> Numbers:
    kind = family(column.dtype)
    if kind not in ("integer", "float", "date", "datetime", "duration", "time"):
        raise TensorError(
            f'the time column "{shorten(column.name)}" has no times (type {column.dtype}); turn it into dates by '
            "Date&Time Parse"
        )
    missing = column.null_count()
    if missing:
        notes.append(f'{missing:,} rows without a "{shorten(column.name)}" are left out')
    numbers = column if kind in ("integer", "float") else column.to_physical()
    if not missing and kind != "float":
        return np.asarray(numbers.cast(pl.Int64).to_numpy())
    return np.asarray(numbers.cast(pl.Float64).fill_null(float("nan")).to_numpy())


def usual_step(times: Numbers, new_group: Numbers) -> float:
    """The median step in time within groups, 0 where there is none."""
    steps = np.diff(times)[~new_group[1:]]
    return float(np.median(steps)) if len(steps) else 0.0


def _gaps(
    preparation: WindowsPreparation,
    frame: pl.DataFrame,
    times: Numbers,
    new_group: Numbers,
    rows: Numbers,
    notes: list[str],
) -> Numbers:
    """Where times do not follow on each other; what is odd about them is told."""
    assert preparation.time is not None
    if not len(times):
        return new_group
    steps = np.diff(times, prepend=times[:1]).astype(np.float64)
    twice = (steps == 0) & ~new_group
    if twice.any():
        where = int(np.flatnonzero(twice)[0])
        moment = frame.get_column(preparation.time)[int(rows[where])]
        way_out = (
            "name the column that tells the series apart as the group"
            if preparation.group is None
            else "keep one row for each by Duplicate Row Filter or Group By"
        )
        raise TensorError(
            f'the time {moment} of "{shorten(preparation.time)}" comes twice (rows {int(rows[where - 1]) + 1:,} and '
            f"{int(rows[where]) + 1:,}, {int(twice.sum()):,} such rows in all); {way_out}"
        )
    usual = usual_step(times, new_group)
    inner = ~new_group
    gaps = inner & ((steps > _LONG * usual) | (steps < _SHORT * usual))
    uneven = inner & ~gaps & (np.abs(steps - usual) > 0.2 * usual)
    if gaps.any():
        count = int(gaps.sum())
        notes.append(
            f'the times of "{shorten(preparation.time)}" have {count:,} gap{"s" if count != 1 else ""}; windows that '
            "would span one are left out (fill them before by a Resample node, if there are many)"
        )
    if uneven.any():
        notes.append(
            f'the steps of "{shorten(preparation.time)}" are uneven at {int(uneven.sum()):,} places; rows are taken as '
            "if they were evenly apart"
        )
    return gaps


def _order(series: Series, times: Numbers | None, new_group: Numbers) -> Numbers:
    """A number from 0 to 1 by which parts are cut: rows of one time fall in one part in all groups."""
    count = len(series.place)
    if not count:
        return np.zeros(0)
    if times is not None:
        ranked = np.sort(times)
        return np.asarray(np.searchsorted(ranked, times, side="left") / count)
    sizes = np.diff(np.append(np.flatnonzero(new_group), count))
    return np.asarray(series.place / np.repeat(sizes, sizes))


def _fill_forward(series: Series) -> None:
    """Give missing inputs the last known value of their stretch; targets are never made up."""
    count = len(series.rows)
    places = np.arange(count)
    first = (
        np.maximum.accumulate(np.where(np.diff(series.stretch, prepend=-1) != 0, places, 0))
        if count
        else places
    )
    for place in range(series.values.shape[1]):
        column = series.values[:, place]
        last = np.maximum.accumulate(np.where(np.isnan(column), -1, places)) if count else places
        usable = last >= first
        column[usable] = column[last[usable]]


def _differenced(preparation: WindowsPreparation, series: Series) -> Numbers:
    """The inputs, as changes from `stride` rows before where that is wanted."""
    if preparation.difference != "all":
        return series.values
    lag = preparation.stride
    changes = np.full_like(series.values, np.nan)
    changes[lag:] = series.values[lag:] - series.values[:-lag]
    changes[lag:][series.stretch[lag:] != series.stretch[:-lag]] = np.nan
    return changes


# Choosing windows


def _lasts(
    preparation: WindowsPreparation,
    series: Series,
    values: Numbers,
    *,
    with_targets: bool,
    notes: list[str],
) -> Numbers:
    """The last rows of the windows that can be used, in order.

    Raises:
        TensorError: there is none.
    """
    has_target = with_targets and preparation.target is not None
    ahead = preparation.horizon if has_target else 0
    count = len(series.rows)
    lasts: Numbers = np.arange(preparation.reach, max(preparation.reach, count - ahead), dtype=np.int64)
    first_of_window = lasts - preparation.reach
    lasts = lasts[series.stretch[first_of_window] == series.stretch[lasts + ahead]]
    lasts = lasts[(series.place[lasts] - preparation.reach) % preparation.hop == 0]
    if not len(lasts):
        raise TensorError(_too_few(preparation, "the table", count, _longest(series.stretch)))
    usable = ~_has_missing(preparation, np.asarray(np.isnan(values).any(axis=1)))[lasts]
    target = series.target
    if target is not None and (has_target or needs_target(preparation)):
        known = ~np.isnan(target)
        if preparation.task == "forecast":
            usable &= known[lasts]  # what a forecast starts from, and is compared with
        if has_target:
            usable &= _all_known(preparation, known)[lasts]
    left_out = int((~usable).sum())
    if left_out:
        way_out = "" if preparation.missing != "leave out" else ', or fill them: missing "last value"'
        notes.append(
            f"{left_out:,} of {len(lasts):,} windows with missing values are left out{way_out if left_out > 9 else ''}"
        )
    if not usable.any():
        empty = np.asarray(np.isnan(values).all(axis=0))
        names = [name for name, is_empty in zip(preparation.columns, empty, strict=True) if is_empty]
        told = f"; {listing(names)} {'has' if len(names) == 1 else 'have'} no value at all" if names else ""
        raise TensorError(
            f"each of the {len(lasts):,} windows holds a missing value{told}; leave out columns with many of them, or "
            'fill them: missing "last value", or a Missing Value node before'
        )
    return lasts[usable]


def _has_missing(preparation: WindowsPreparation, bad: Numbers) -> Numbers:
    """For each row whether the window that ends there holds a bad row, counting only rows it takes."""
    stride, steps = preparation.stride, preparation.steps
    padded = np.zeros(-(-len(bad) // stride) * stride, np.int64)
    padded[: len(bad)] = bad
    counts = padded.reshape(-1, stride).cumsum(axis=0)
    counts[steps:] -= counts[:-steps].copy()
    return np.asarray(counts.reshape(-1)[: len(bad)] > 0)


def _all_known(preparation: WindowsPreparation, known: Numbers) -> Numbers:
    """For each row whether all targets of the window that ends there are known."""
    found = np.zeros(len(known), bool)
    horizon = preparation.horizon
    if not preparation.path:
        found[: len(known) - horizon] = known[horizon:]
        return found
    sums = np.concatenate([[0], np.cumsum(known)])
    found[:-horizon] = sums[1 + horizon :] - sums[1:-horizon] == horizon
    return found


def _longest(stretch: Numbers) -> int:
    return int(np.bincount(stretch).max()) if len(stretch) else 0


def _too_few(preparation: WindowsPreparation, what: str, rows: int, longest: int) -> str:
    ahead = preparation.horizon if preparation.target is not None else 0
    needed = preparation.reach + 1 + ahead
    words = f"a look-back of {preparation.lookback:,} rows"
    if ahead:
        words += f" and a horizon of {ahead:,}"
    if not rows:
        return f"there is no row to make windows of; {words} needs {needed:,}"
    return (
        f"{what} is too short: {words} need{'' if ahead else 's'} {needed:,} rows without a break, and the longest "
        f"stretch has {longest:,}; shorten them, or give more rows"
    )


# Making tensors


def _targets(preparation: WindowsPreparation, series: Series, lasts: Numbers) -> Numbers:
    """The targets of windows in their own unit, as changes where that is wanted: (windows, values)."""
    assert series.target is not None
    ahead = np.arange(1, preparation.horizon + 1) if preparation.path else np.array([preparation.horizon])
    found = series.target[lasts[:, None] + ahead]
    if preparation.difference != "off":
        found = found - series.target[lasts][:, None]
    return np.asarray(found)


def _scaled(preparation: WindowsPreparation, values: Numbers) -> Numbers:
    scaled = values if preparation.scaler is None else preparation.scaler.applied(values)
    return np.nan_to_num(scaled.astype(np.float32), nan=0.0)  # rows that no window takes


def _tensors(
    preparation: WindowsPreparation, series: Series, base: Numbers, lasts: Numbers, *, with_targets: bool
) -> Tensors:
    windows = Windows(base, lasts - preparation.reach, preparation.steps, preparation.stride).trimmed()
    arrays: dict[str, Array] = {"x": windows}
    axes: dict[str, tuple[str, ...]] = {"x": ("time", "feature"), "base": ("feature",)}
    task: TensorTask = "forecast"
    targets: tuple[str, ...] = ()
    if preparation.target is None:
        targets, task = ("x",), "reconstruction"
    else:
        if preparation.task == "classification":
            task = "classification"
        if with_targets and preparation.task == "classification" and series.target is not None:
            classes = series.target[lasts + preparation.horizon].astype(np.int32)
            arrays["y"], targets, axes["y"] = Dense(classes), ("y",), ()
        elif with_targets:
            aims = _targets(preparation, series, lasts)
            if preparation.target_scaler is not None:
                aims = preparation.target_scaler.applied(aims)
            arrays["y"], targets = Dense(aims.astype(np.float32)), ("y",)
            axes["y"] = ("time",) if preparation.path else ("feature",)
        if series.target is not None and preparation.task == "forecast":
            arrays["base"] = Dense(series.target[lasts][:, None])
    arrays["row"] = Dense(series.rows[lasts].astype(np.int64))
    return Tensors(
        arrays,
        axes={name: one for name, one in axes.items() if name in arrays},
        targets=targets,
        task=task,
        classes=preparation.classes,
        preparation=plain(preparation),
    )


def seconds_of_a_step(frame: pl.DataFrame, time: str, group: str | None) -> float:
    """The usual step of a time column in seconds.

    Raises:
        TensorError: the column has no dates, or too few to see a step.
    """
    column = column_of(frame, time)
    kind = family(column.dtype)
    dtype: Any = column.dtype
    if kind == "date":
        unit = 86_400.0
    elif kind in ("datetime", "duration"):
        unit = {"ms": 1e-3, "us": 1e-6, "ns": 1e-9}[dtype.time_unit]
    else:
        raise TensorError(
            f'"{shorten(time)}" has plain numbers (type {column.dtype}), which are no lengths of time; give look-back '
            "and horizon in rows"
        )
    keys = [pl.Series("time", column.to_physical())]
    if group is not None:
        keys.insert(0, pl.Series("group", column_of(frame, group).rank("dense")))
    ordered = pl.DataFrame(keys).drop_nulls("time").sort(pl.all())
    times = ordered.get_column("time").to_numpy()
    new = np.zeros(len(times), bool)
    if group is not None and len(times):
        codes = ordered.get_column("group").fill_null(0).to_numpy()
        new[1:] = codes[1:] != codes[:-1]
    step = usual_step(times, new) * unit
    if step <= 0:
        raise TensorError(
            f'"{shorten(time)}" has too few different times to see a step; give the lengths in rows'
        )
    return step
