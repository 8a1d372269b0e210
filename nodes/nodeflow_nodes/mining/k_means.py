"""k-Means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Seed, parameter
from nodeflow_nodes.mining._estimators import ModelClusterNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class KMeans(ModelClusterNode):
    """Put rows into a number of groups so that each row is near the middle of its group.

    Missing numbers are filled in by the column's median, texts become one 0/1 column a value, and numbers
    are brought to one scale unless told otherwise; all this is part of the model. The groups are numbered
    from 1. How many groups there should be is shown by the Cluster Scorer for several numbers.

    Inputs:
        table: The rows to group.
    Outputs:
        table: The rows with the number of their group.
        model: What puts other rows into the same groups, by a Predictor.
        details: A row for each group: its number of rows and the means of the number columns.
    """

    name = "k-Means"
    id = "k_means"
    category = "Mining / Clustering"
    keywords = ("kmeans", "KMeans", "MiniBatchKMeans", "cluster", "segmentation", "lloyd", "centroids")

    clusters: int = parameter(default=3, minimum=1, maximum=100_000, help="The number of groups.")
    starts: int = parameter(
        default=10, minimum=1, maximum=10_000, help="How often it is begun anew; the best result counts."
    )
    method: Literal["all rows", "small batches"] = parameter(
        default="all rows",
        help="Whether each step looks at all rows, or at few of them: faster on very many rows.",
        advanced=True,
    )
    one_scale: bool = parameter(
        default=True,
        label="Bring numbers to one scale",
        help="Otherwise columns with large numbers decide alone.",
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn import cluster

        kind = cluster.KMeans if self.method == "all rows" else cluster.MiniBatchKMeans
        return kind(self.clusters, n_init=self.starts, random_state=int(self.seed or 0))

    def summary(self) -> str:
        return f"{self.clusters} groups"
