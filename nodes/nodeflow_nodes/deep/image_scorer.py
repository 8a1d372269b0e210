"""Image Scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec

_SCORES: dict[str, pl.DataType] = {"metric": pl.String(), "value": pl.Float64()}


class ImageScorer(Node):
    """Score how near images, or rows of numbers, are to what they should be: mean squared error and PSNR.

    The peak signal-to-noise ratio is 10 * log10(peak^2 / MSE) in decibels: 10 dB more is a tenth of the error. The peak is
    the largest value there can be, 1 or 16 or 255; if it is not given, the largest of the true images. Rows are compared
    in their order, columns by their names. Rows with a missing value are left out.

    Inputs:
        table: The true images, a row each.
        changed: The same images as they were changed, in the same order.
    Outputs:
        table: One row a score.
    """

    category = "Deep Learning / Score"
    keywords = ("psnr", "mse", "signal to noise", "denoising", "reconstruction", "image quality")
    headline = "table"

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), port="table", help="The columns with the pixels."
    )
    peak: float | None = parameter(
        default=None,
        above=0.0,
        help="The largest value there can be; empty for the largest of the true images.",
    )

    def run(self, table: pl.LazyFrame, changed: pl.LazyFrame) -> pl.DataFrame:
        import math

        import numpy as np
        import polars.selectors as cs

        names = self.columns.resolve(table.collect_schema())
        truth, other = (
            one.select(cs.by_name(*names, require_all=True)).cast(pl.Float64).collect(engine="streaming")
            for one in (table, changed)
        )
        if truth.height != other.height:
            raise NodeFailed(
                f"there are {truth.height:,} true rows, but {other.height:,} changed ones; they are compared one by one"
            )
        true_values, values = truth.to_numpy(), other.to_numpy()
        known = ~(np.isnan(true_values) | np.isnan(values)).any(axis=1)
        if not known.any():
            raise NodeFailed("no row has all values; there is nothing to compare")
        error = float(np.square(true_values[known] - values[known]).mean())
        peak = float(true_values[known].max()) if self.peak is None else self.peak
        if peak <= 0:
            raise NodeFailed("the largest true value is not above 0; give the peak")
        ratio = 10 * math.log10(peak**2 / error) if error else None
        rows = [("MSE", error), ("PSNR", ratio), ("peak", peak), ("rows", float(known.sum()))]
        return pl.DataFrame(rows, schema=_SCORES, orient="row")

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        names = self.columns.resolve(inputs["table"].columns)
        if not names:
            return [Fault("columns", "no column of numbers is chosen")]
        if "changed" not in inputs:
            return ()
        lacking = [name for name in names if name not in inputs["changed"].columns]
        return (
            [Fault("columns", f'the changed images lack the column "{lacking[0][:80]}"')] if lacking else ()
        )

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_SCORES)

    def summary(self) -> str:
        return str(self.columns)[:80]
