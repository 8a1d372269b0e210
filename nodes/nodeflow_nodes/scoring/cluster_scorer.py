"""Cluster Scorer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, Seed, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.manipulation._formulas import taken
from nodeflow_nodes.statistics._calculation import GROUPING, NUMBER, TEXT, WHOLE, chosen_numbers

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class Judged(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    clusters: pl.DataFrame
    table: pl.DataFrame


SCORES: dict[str, pl.DataType] = {"metric": TEXT, "value": NUMBER, "in_words": TEXT}
CLUSTERS: dict[str, pl.DataType] = {
    "cluster": TEXT, "rows": WHOLE, "silhouette": NUMBER, "below_zero": NUMBER, "spread": NUMBER, "nearest": TEXT,
}  # fmt: skip


class ClusterScorer(Node):
    """Score clusters: how close their rows are together and how far from the others, and whether they are the true groups.

    | score | meaning |
    |---|---|
    | silhouette | from -1 to 1: how much nearer rows are to their own cluster than to the next; above 0.5 is clear |
    | Davies-Bouldin | how alike the most alike clusters are: the smaller the better |
    | Calinski-Harabasz | spread between clusters to that within: the larger the better |
    | adjusted Rand index | agreement with the true groups, 0 as by chance, 1 perfect |
    | normalised mutual information | what clusters tell of the true groups, from 0 to 1 |
    | homogeneity, completeness | clusters hold one group each; groups lie in one cluster each |

    Distances are Euclidean; standardise columns that were standardised to find the clusters. Silhouettes take
    time and memory with the square of the rows: with more rows than the limit, a random sample is judged. Rows with
    a missing value, without a cluster, or of the cluster that stands for noise are left out.

    Inputs:
        table: The table with the clusters and the columns they were found by.
    Outputs:
        scores: One row a score.
        clusters: One row a cluster: rows, mean silhouette, share of rows below 0, distance to the centre, next cluster.
        table: The table with the silhouette of each row that was judged.
    """

    category = "Mining / Scoring"
    keywords = (
        "silhouette",
        "davies bouldin",
        "calinski harabasz",
        "adjusted rand",
        "nmi",
        "clustering quality",
        "entropy scorer",
    )
    headline = "scores"

    cluster: Column = parameter(types=GROUPING, help="The column with the clusters.")
    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns that distances are measured in."
    )
    standardise: bool = parameter(
        default=True, help="Whether each column is first brought to mean 0 and standard deviation 1."
    )
    actual: Column | None = parameter(
        default=None,
        types=GROUPING,
        label="True groups",
        help="A column with the true groups, if there is one.",
    )
    noise: str = parameter(
        default="-1", help="The cluster that stands for no cluster, as DBSCAN gives it.", advanced=True
    )
    most_rows: int = parameter(
        default=10_000,
        minimum=10,
        maximum=200_000,
        unit="rows",
        help="The most rows whose silhouette is calculated.",
        advanced=True,
    )
    column: str = parameter(
        default="silhouette", min_length=1, label="New column", help="The name of the new column."
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed of the sample; empty to take one from the run's seed."
    )

    def run(self, table: pl.DataFrame, context: Context) -> Judged:
        context.check_cancelled()
        try:
            scores, clusters, silhouettes = cluster_scores(
                table, **self._arguments(table.schema, int(self.seed or 0))
            )
        except ValueError as error:
            raise NodeFailed(str(error)) from None
        if len(silhouettes) - silhouettes.null_count() == self.most_rows:
            context.warn(f"silhouettes are those of a random sample of {self.most_rows:,} rows")
        return Judged(
            pl.DataFrame(scores, schema=SCORES, orient="row"),
            pl.DataFrame(clusters, schema=CLUSTERS, orient="row"),
            table.with_columns(silhouettes.alias(self.column)),
        )

    def _numbers(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return chosen_numbers(
            self.columns, schema, self.cluster, *([] if self.actual is None else [self.actual])
        )

    def _arguments(self, schema: Mapping[str, pl.DataType], seed: int) -> dict[str, Any]:
        return {
            "cluster": str(self.cluster),
            "columns": self._numbers(schema),
            "standardise": self.standardise,
            "actual": None if self.actual is None else str(self.actual),
            "noise": self.noise,
            "most_rows": self.most_rows,
            "seed": seed,
        }

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        columns = {**inputs["table"].columns, self.column: NUMBER}
        return {"scores": TableSpec(SCORES), "clusters": TableSpec(CLUSTERS), "table": TableSpec(columns)}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        if not self._numbers(schema):
            return [
                Fault(
                    "columns", f"no number column besides the clusters is chosen ({self.columns}); choose one"
                )
            ]
        return taken([self.column], schema, "column")

    def check_parameters(self) -> list[Fault]:
        if self.actual == self.cluster:
            return [Fault("actual", "the true groups must be another column than the clusters")]
        return []

    def summary(self) -> str:
        return f"{self.cluster}{f' against {self.actual}' if self.actual else ''}"[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        for line in ("from collections.abc import Sequence", "from typing import Any", "import polars as pl"):
            script.require(line)
        script.define("cluster_scores", inspect.getsource(cluster_scores))
        told = "".join(f", {name}={value!r}" for name, value in self._arguments(schema, script.seed).items())
        scores, clusters, table = (script.output(port) for port in ("scores", "clusters", "table"))
        source = script.input("table")
        typed = [", ".join(f"{n!r}: pl.{t}" for n, t in one.items()) for one in (SCORES, CLUSTERS)]
        script.add(
            f"{scores}, {clusters}, silhouettes = cluster_scores({source}.collect(){told})",
            f"{scores} = pl.LazyFrame({scores}, schema={{{typed[0]}}}, orient='row')",
            f"{clusters} = pl.LazyFrame({clusters}, schema={{{typed[1]}}}, orient='row')",
            f"{table} = {source}.with_columns(silhouettes.alias({self.column!r}))",
        )


def cluster_scores(
    table: pl.DataFrame,
    cluster: str,
    columns: Sequence[str],
    standardise: bool,
    actual: str | None,
    noise: str,
    most_rows: int,
    seed: int,
) -> tuple[list[Any], list[Any], pl.Series]:
    """The scores, the clusters, and the silhouette of each row."""
    import numpy as np
    from sklearn import metrics

    labels = table.get_column(cluster).alias("cluster").cast(pl.String)
    values = [table.get_column(name).cast(pl.Float64).alias(f"c{i}") for i, name in enumerate(columns)]
    rows = (
        pl.DataFrame([labels, *values]).with_row_index("row").drop_nulls().filter(pl.col("cluster") != noise)
    )
    if not rows.select(pl.all_horizontal(pl.col("^c\\d+$").is_finite()).all()).item():
        raise ValueError("a chosen column holds infinite values or NaN; turn them into missing values first")
    order = table.get_column(cluster).alias("cluster").drop_nulls().unique().sort().cast(pl.String).to_list()
    used = set(rows["cluster"])
    names = [one for one in order if one in used]
    n, k = rows.height, len(names)
    if k < 2 or n <= k:
        what = f"{k} clusters" if k != 1 else "one cluster only"
        raise ValueError(
            f'column "{cluster[:80]}" has {what} in {n} usable rows; scores take 2 clusters, and more rows than clusters'
        )
    if k > 10_000:
        raise ValueError(f'column "{cluster[:80]}" has {k:,} clusters, too many to score')
    points = rows.select(pl.col("^c\\d+$")).to_numpy()
    if standardise:
        spread = points.std(axis=0)
        points = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = rows["cluster"].to_numpy()
    taken = np.arange(n)
    if n > most_rows:
        taken = np.sort(np.random.default_rng(seed).choice(n, most_rows, replace=False))
    some, own = points[taken], found[taken]
    scores: list[Any] = []
    each = np.full(len(taken), np.nan)
    if 1 < len(set(own)) < len(own):
        each = metrics.silhouette_samples(some, own)
        mean = float(each.mean())
        limits = (
            (0.25, "no clear clusters"),
            (0.5, "weak clusters"),
            (0.7, "fair clusters"),
            (2.0, "clear clusters"),
        )
        scores.append(("silhouette", mean, next(word for limit, word in limits if mean < limit)))
    centres = np.stack([points[found == name].mean(axis=0) for name in names])
    scores.append(
        ("Davies-Bouldin", float(metrics.davies_bouldin_score(points, found)), "the smaller the better")
    )
    scores.append(
        ("Calinski-Harabasz", float(metrics.calinski_harabasz_score(points, found)), "the larger the better")
    )
    if actual is not None:
        truth = pl.DataFrame([labels, table.get_column(actual).alias("actual").cast(pl.String)]).drop_nulls()
        truth = truth.filter(pl.col("cluster") != noise)
        if truth.height:
            true, said = truth["actual"].to_numpy(), truth["cluster"].to_numpy()
            parts = metrics.homogeneity_completeness_v_measure(true, said)
            scores += [
                (
                    "adjusted Rand index",
                    float(metrics.adjusted_rand_score(true, said)),
                    "0 is the baseline of chance",
                ),
                (
                    "normalised mutual information",
                    float(metrics.normalized_mutual_info_score(true, said)),
                    "from 0 to 1",
                ),
                ("homogeneity", float(parts[0]), "from 0 to 1"),
                ("completeness", float(parts[1]), "from 0 to 1"),
            ]
    scores += [
        ("clusters", float(k), ""),
        ("rows", float(n), ""),
        ("rows left out", float(table.height - n), ""),
    ]
    between = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    np.fill_diagonal(between, np.inf)
    clusters = []
    for index, name in enumerate(names):
        silhouettes = each[own == name]
        known = len(silhouettes) > 0 and not np.isnan(silhouettes).any()
        distance = float(np.linalg.norm(points[found == name] - centres[index], axis=1).mean())
        told = (float(silhouettes.mean()), float((silhouettes < 0).mean())) if known else (None, None)
        clusters.append(
            (name, int((found == name).sum()), *told, distance, names[int(between[index].argmin())])
        )
    judged = np.full(table.height, np.nan)
    judged[rows["row"].to_numpy()[taken]] = each
    return scores, clusters, pl.Series("silhouette", judged, nan_to_null=True)
