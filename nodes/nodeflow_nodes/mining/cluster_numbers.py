"""Cluster Numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, Seed, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nodeflow.node import Context

_JUDGED = 10_000
_SCHEMA: dict[str, pl.DataType] = {
    "clusters": pl.Int64(),
    "within": pl.Float64(),
    "share": pl.Float64(),
    "silhouette": pl.Float64(),
    "best": pl.Boolean(),
}


class ClusterNumbers(Node):
    """Try k-Means with several numbers of groups, to see how many there are.

    For each number the sum of squared distances to the middle of the group is told, which always falls: look
    for the bend, the elbow, after which it falls little. The silhouette, from -1 to 1, tells how much nearer
    rows are to their own group than to the next; the number with the highest is marked. Of more than 10,000
    rows a random sample is judged for the silhouette. Missing numbers are filled in by the column's median,
    texts become one 0/1 column a value, and numbers are brought to one scale unless told otherwise.

    Inputs:
        table: The rows to group.
    Outputs:
        table: A row for each number of groups: clusters, within (the sum of squares), share (of that of one
            group), silhouette, and best.
    """

    category = "Mining / Clustering"
    keywords = ("elbow", "silhouette", "k-means", "number of clusters", "gap", "inertia")

    features: Columns = parameter(
        default=Columns.all(), help="The columns to group by; those of no use to a learner are left out."
    )
    fewest: int = parameter(default=2, minimum=2, help="The smallest number of groups.")
    most: int = parameter(default=8, minimum=2, maximum=200, help="The largest number of groups.")
    one_scale: bool = parameter(
        default=True,
        label="Bring numbers to one scale",
        help="Otherwise columns with large numbers decide alone.",
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        if self.most < self.fewest:
            return [Fault("most", f"must be at least the smallest number, {self.fewest}")]
        return []

    def run(self, table: pl.DataFrame, context: Context) -> pl.DataFrame:
        import numpy as np
        from sklearn.cluster import KMeans
        from sklearn.metrics import silhouette_score

        from nodeflow_nodes.mining import _training

        data = _training.unlabelled(
            table, self.features, "clustering", self.name, context, least=self.fewest + 1
        )
        pipeline = _training.pipeline(data.spec, KMeans(1), scale=self.one_scale)
        values = pipeline.named_steps["prepare"].fit_transform(data.features)
        numbers = range(self.fewest, min(self.most, len(np.unique(values, axis=0)) - 1) + 1)
        if not numbers:
            raise NodeFailed(f"there are too few different rows to make {self.fewest} groups of them")
        whole = float(((values - values.mean(axis=0)) ** 2).sum())
        rows: list[dict[str, Any]] = []
        for number in numbers:
            context.progress((number - self.fewest) / len(numbers), f"{number} groups")
            seed = int(self.seed or 0)
            with _training.at_work(context):
                found = KMeans(number, n_init=10, random_state=seed).fit(values)
                sample = min(_JUDGED, len(values)) if len(values) > _JUDGED else None
                silhouette = silhouette_score(values, found.labels_, sample_size=sample, random_state=seed)
            within = float(found.inertia_)
            rows.append(
                {
                    "clusters": number,
                    "within": within,
                    "share": within / whole if whole else None,
                    "silhouette": float(silhouette),
                }
            )
        result = pl.DataFrame(rows, schema=list(_SCHEMA.items())[:-1])
        return result.with_columns((pl.col("silhouette") == pl.col("silhouette").max()).alias("best"))

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return TableSpec(_SCHEMA)

    def summary(self) -> str:
        return f"{self.fewest} to {self.most} groups"
