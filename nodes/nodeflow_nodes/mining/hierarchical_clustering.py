"""Hierarchical Clustering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import Found, PlainClusterNode

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values.specs import Task

_MOST_ROWS = 20_000


class HierarchicalClustering(PlainClusterNode):
    """Join the nearest rows, then the nearest groups, again and again, until all are one.

    The tree of joins is cut where the number of groups is reached, or at a distance. Missing numbers are
    filled in by the column's median, texts become one 0/1 column a value, and numbers are brought to one
    scale unless told otherwise. The distances of all pairs are held in memory, so at most 20,000 rows
    are possible.

    Inputs:
        table: The rows to group.
    Outputs:
        table: The rows with the number of their group, from 1.
        details: The tree, a row for each join in order: the two parts, their distance and the rows in the
            joined group. Parts from 1 to the number of rows are single rows, larger numbers earlier joins.
    """

    category = "Mining / Clustering"
    keywords = ("AgglomerativeClustering", "dendrogram", "linkage", "hclust", "ward", "cluster")

    clusters: int = parameter(default=3, minimum=1, help="The number of groups.", when={"cut": "number"})
    cut: Literal["number", "distance"] = parameter(
        default="number", help="Whether the tree is cut at a number of groups or at a distance."
    )
    distance: float = parameter(
        default=1.0,
        minimum=0.0,
        help="Groups that are further apart are not joined.",
        when={"cut": "distance"},
    )
    linkage: Literal["ward", "average", "complete", "single"] = parameter(
        default="ward",
        help="The distance of two groups: the growth of variance, or the mean, largest or smallest distance of rows.",
    )
    one_scale: bool = parameter(
        default=True,
        label="Bring numbers to one scale",
        help="Otherwise columns with large numbers decide alone.",
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.cluster import AgglomerativeClustering

        # stands for the preparation only; the tree itself is SciPy's, which gives all joins
        return AgglomerativeClustering(n_clusters=1)

    def run(self, table: pl.DataFrame, context: Context) -> Found:
        import numpy as np
        import polars as pl
        from scipy.cluster import hierarchy

        if table.height > _MOST_ROWS:
            raise NodeFailed(
                f"{table.height:,} rows have too many pairs; at most {_MOST_ROWS:,} rows are possible: sample them first, "
                "or use k-Means"
            )
        _, _, prepared = self._fitted(table, context)
        tree = hierarchy.linkage(np.asarray(prepared, dtype=float), self.linkage)
        if self.cut == "number":
            labels = hierarchy.fcluster(tree, self.clusters, "maxclust")
        else:
            labels = hierarchy.fcluster(tree, self.distance, "distance")
        # numbered by first appearance, as in the table
        first = {label: place for place, label in enumerate(dict.fromkeys(labels.tolist()), 1)}
        column = pl.Series(self.column, [first[label] for label in labels.tolist()], dtype=pl.Int64)
        joins = pl.DataFrame(
            {
                "join": np.arange(1, len(tree) + 1) + table.height,
                "one": tree[:, 0].astype(int) + 1,
                "other": tree[:, 1].astype(int) + 1,
                "distance": tree[:, 2],
                "rows": tree[:, 3].astype(int),
            }
        )
        return Found(table.with_columns(column), joins)
