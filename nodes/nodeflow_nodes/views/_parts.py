"""Parts of specifications that many views share: axes of any scale, panels, what is told under the mouse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._base import caption, numbers, places

if TYPE_CHECKING:
    import polars as pl

MOST_PANELS = 12
MOST_BOXES = 40

# d3 says 1m for a thousandth and G for a thousand millions
_OF_ANY_SIZE = (
    "abs(datum.value) >= 1e15 ? format(datum.value, '.3~g') : "
    "abs(datum.value) >= 10000 ? replace(format(datum.value, '~s'), 'G', 'B') : format(datum.value, ',.12~g')"
)


def axis_of(
    role: str, title: str, dtype: pl.DataType, *, high: float = 0.0, logarithmic: bool = False, **more: Any
) -> dict[str, Any]:
    """The encoding of a number, date or moment along an axis of either scale; `high` is the largest size."""
    if dtype.is_temporal():
        return places(role, title, dtype) | more
    if logarithmic:
        scale = {"type": "log", "nice": False, **more.pop("scale", {})}
        axis = {"labelExpr": _OF_ANY_SIZE, **more.pop("axis", {})}
        return {
            "field": role, "type": "quantitative", "title": caption(title), "scale": scale, "axis": axis, **more,
        }  # fmt: skip
    if abs(high) >= 1e15:
        more["axis"] = {"format": ".3~g", **more.get("axis", {})}
        high = 0.0
    return numbers(role, title, high=high, **more)


def told(role: str, title: str, dtype: pl.DataType | None = None) -> dict[str, Any]:
    """One line of what is told under the mouse; dates and moments as such, whatever the reader's zone."""
    if dtype is not None and dtype.is_temporal():
        unit = "utcyearmonthdate" + ("" if type(dtype).__name__ == "Date" else "hoursminutes")
        return {"field": role, "type": "temporal", "timeUnit": unit, "title": caption(title)}
    return {"field": role, "title": caption(title)}


def panels(
    body: dict[str, Any], title: str, labels: Sequence[str], width: int, height: int
) -> dict[str, Any]:
    """The body drawn once for each value of the field "facet", in rows of panels that fill the size."""
    across = min(len(labels), max(1, math.ceil(math.sqrt(len(labels)))))
    down = math.ceil(len(labels) / across)
    return {
        "facet": {
            "field": "facet", "type": "nominal", "title": caption(title), "sort": list(labels),
            "header": {"labelLimit": max(60, width // across - 10)},
        },
        "columns": across,
        "spacing": 24,
        "spec": {"width": max(90, width // across - 24), "height": max(90, height // down - 24), **body},
    }  # fmt: skip


def largest(*values: float | None) -> float:
    """The largest size of the numbers, 0 of none."""
    return max((abs(value) for value in values if value is not None), default=0.0)


def spread(
    table: pl.LazyFrame,
    columns: Sequence[str],
    group: str | None,
    notes: list[str],
    *,
    logarithmic: bool = False,
) -> tuple[pl.LazyFrame, list[str]]:
    """Rows of "label" and "value": of one column by its groups, or of several columns by their names; the labels.

    Raises `NodeFailed` if no row has a value.
    """
    import polars as pl

    from nodeflow.errors import NodeFailed
    from nodeflow_nodes.views._base import captions, labelled, nothing, pick, tell_left_out

    if not columns:
        raise NodeFailed("no number column is chosen; choose at least one")
    if group is not None:
        frame = pick(table, value=columns[0], label=group)
        frame, labels = labelled(frame, "label", MOST_BOXES, notes)
    else:
        if len(columns) > MOST_BOXES:
            notes.append(f"the first {MOST_BOXES} of {len(columns)} columns are shown")
            columns = columns[:MOST_BOXES]
        labels = captions(columns)
        parts = [
            pick(table, value=name).select(pl.col("value").cast(pl.Float64), pl.lit(told).alias("label"))
            for name, told in zip(columns, labels, strict=True)
        ]
        frame = pl.concat(parts)
    frame = frame.with_columns(pl.col("value").cast(pl.Float64))
    usable = pl.col("value") > 0 if logarithmic else pl.col("value").is_not_null()
    total, kept = (
        frame.select(pl.len().alias("all"), usable.sum().alias("kept")).collect(engine="streaming").row(0)
    )
    if not kept:
        raise nothing(columns)
    tell_left_out(total, kept, notes)
    frame = frame.filter(usable)
    present = set(frame.select(pl.col("label").unique()).collect(engine="streaming").to_series().to_list())
    return frame, [name for name in labels if name in present]
