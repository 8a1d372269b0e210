"""Columns of samples: beside the rows they belong to, and back in the unit of the raw table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, NodeflowError, listing

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.tensors import Tensors


def beside(frame: pl.DataFrame | None, data: Tensors, new: Sequence[pl.Series]) -> pl.DataFrame:
    """The rows of a table with new columns, missing where a row has no sample; of tensors alone a row a sample."""
    import polars as pl

    rows = data.arrays["row"].to_numpy().reshape(-1) if "row" in data.arrays else None
    if frame is None:
        start = [] if rows is None else [pl.Series("row", rows, dtype=pl.Int64)]
        return pl.DataFrame([*start, *new])
    taken = [one.name for one in new if one.name in frame.columns]
    if taken:
        raise NodeFailed(f"the table has {listing(taken)} already; rename or leave out such columns before")
    return frame.hstack(in_rows(frame.height, data, new))


def in_rows(height: int, data: Tensors, new: Sequence[pl.Series]) -> list[pl.Series]:
    """Columns of samples as columns of the table they came from, missing where a row has no sample."""
    import polars as pl

    rows = data.arrays["row"].to_numpy().reshape(-1)
    place = pl.Series("place", [None] * height, dtype=pl.UInt32)
    if len(rows):
        place = place.scatter(rows, range(len(rows)))
    return [one.gather(place) for one in new]


def columns_of(preparation: Mapping[str, Any] | None, values: Any) -> list[pl.Series]:
    """Inputs of a network as the columns of the raw table they came from, in their own unit."""
    import polars as pl

    from nodeflow.values.preparation import read

    told = preparation or {}
    flat = values.reshape(len(values), -1)
    names = told.get("columns", ())
    if told.get("kind") not in ("columns", "images") or len(names) != flat.shape[1]:
        raise NodeFailed(
            "only samples that are rows of columns can be given back as a table; look at windows by a Reconstruction "
            "Error node"
        )
    try:
        scaler: Any = getattr(read(told), "scaler", None)
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None
    own = flat.astype("float64") if scaler is None else scaler.undone(flat)
    return [pl.Series(name, own[:, place], dtype=pl.Float64) for place, name in enumerate(names)]
