"""PCA Reconstruction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._making import number_faults, schema_of

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]


class GivenBack(NamedTuple):
    """What the node gives."""

    table: pl.DataFrame
    errors: pl.DataFrame


class PcaReconstruction(Node):
    """Give rows back from a few principal components: the straight way beside an autoencoder.

    The components are learned from one table and applied to another, or to the same. What they cannot give back is the
    error of a row, the mean of the squared differences, as it is of an autoencoder; it serves as a score of how odd a row
    is, or tells how much a code of so many numbers keeps. With noisy rows as the second table, what comes back is cleaned.

    Rows with a missing value are not learned from, and are not given back.

    Inputs:
        table: The rows to learn the components from.
        rows: The rows to give back; those of `table` if nothing is connected.
    Outputs:
        table: The rows with the chosen columns replaced by what comes back, in their own unit.
        errors: The rows as they were, with `PCA error`.
    """

    name = "PCA Reconstruction"
    category = "Deep Learning / Apply"
    keywords = (
        "baseline",
        "autoencoder",
        "principal component analysis",
        "inverse transform",
        "denoise",
        "anomaly",
    )

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), port="table", help="The columns to give back."
    )
    components: int = parameter(default=2, minimum=1, maximum=10_000, help="How many components.")
    one_scale: bool = parameter(
        default=False,
        label="Bring numbers to one scale",
        help="Bring each column to mean 0 and deviation 1 first; errors are then of scaled values.",
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema, rows = schema_of(inputs), schema_of(inputs, "rows")
        if schema is None:
            return ()
        names = self.columns.resolve(schema)
        faults = number_faults("columns", names, schema)
        if rows is not None and not faults:
            lacking = [name for name in names if name not in rows]
            if lacking:
                return [Fault("columns", f'the rows to give back lack the column "{lacking[0][:80]}"')]
            faults = number_faults("columns", names, rows)
        return faults

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        columns = dict(inputs.get("rows", inputs["table"]).columns)
        made = dict.fromkeys(self.columns.resolve(inputs["table"].columns), pl.Float64())
        return {
            "table": TableSpec({**columns, **made}),
            "errors": TableSpec({**columns, "PCA error": pl.Float64()}),
        }

    def run(self, table: pl.LazyFrame, rows: pl.LazyFrame | None) -> GivenBack:
        import numpy as np

        from nodeflow.values.windowing import numbers_of

        frame = table.collect(engine="streaming")
        shown = frame if rows is None else rows.collect(engine="streaming")
        names = self.columns.resolve(frame.schema)
        if "PCA error" in shown.columns:
            raise NodeFailed('the table has a column "PCA error" already; rename it before')
        try:
            known, values = numbers_of(frame, names), numbers_of(shown, names)
        except NodeflowError as error:
            raise NodeFailed(str(error)) from None
        known = known[np.isfinite(known).all(axis=1)]
        if not len(known):
            raise NodeFailed("no row has a value in each chosen column; there is nothing to learn from")
        back, errors = self._given_back(known, values)
        made = [pl.Series(name, back[:, place]).fill_nan(None) for place, name in enumerate(names)]
        return GivenBack(
            shown.with_columns(made), shown.with_columns(pl.Series("PCA error", errors).fill_nan(None))
        )

    def _given_back(self, known: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
        import numpy as np

        middle, scale = known.mean(axis=0), np.ones(known.shape[1])
        if self.one_scale:
            scale = known.std(axis=0)
            scale[scale == 0] = 1.0
        directions = np.linalg.svd((known - middle) / scale, full_matrices=False)[2][: self.components]
        scaled = (values - middle) / scale
        back = scaled @ directions.T @ directions
        return back * scale + middle, np.square(scaled - back).mean(axis=1)

    def summary(self) -> str:
        return f"{self.components} components"
