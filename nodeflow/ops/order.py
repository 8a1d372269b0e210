"""Stable sorting."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars.selectors as cs

from nodeflow.memory import memory_limit
from nodeflow.ops.bounded import bounded
from nodeflow.ops.frames import Frame, fresh_names, is_polars, names_of, number_rows, polars_of, renamed, wrap


def sort(frame: Frame, by: Sequence[tuple[str, bool]], *, missing_last: bool = True) -> Frame:
    """The rows sorted by (column, descending) pairs; rows that tie keep their order."""
    if not by:
        return frame
    if is_polars(frame) and memory_limit() is not None:
        names = names_of(frame)
        plain = [f"c{i}" for i in range(len(names))]
        keys = [(plain[names.index(name)], down) for name, down in by]
        ordered = bounded(lambda one: _sorted(one, keys, missing_last), renamed(frame, plain))
        return renamed(ordered, names)
    return _sorted(frame, by, missing_last)


def _sorted(frame: Frame, by: Sequence[tuple[str, bool]], missing_last: bool) -> Frame:
    descending = [down for _, down in by]
    if is_polars(frame):
        query = polars_of(frame).sort(
            [cs.by_name(name) for name, _ in by],
            descending=descending,
            nulls_last=missing_last,
            maintain_order=True,
        )
        return wrap(query)
    names = names_of(frame)
    index, missing = fresh_names(names, "row", "missing")
    numbered = number_rows(frame, index)
    # Dask cannot part its data by a column with missing values, so whether it is missing goes first
    numbered = numbered.with_columns(nw.col(by[0][0]).is_null().cast(nw.Int64).alias(missing))
    keys = [missing, *(name for name, _ in by), index]
    downs = [not missing_last, *descending, False]
    return numbered.sort(keys, descending=downs, nulls_last=missing_last).select(*names)
