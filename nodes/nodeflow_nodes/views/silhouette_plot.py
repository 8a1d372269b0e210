"""Silhouette Plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import GROUPS, Picture, View, caption, complete, labelled, number_text, pick

if TYPE_CHECKING:
    import polars as pl

_MOST_BARS = 600
_ROLE = "silhouette"


class SilhouettePlot(View):
    """Draw how well each row lies in its cluster: the silhouette of the rows, by cluster and by size.

    A silhouette near 1 says that a row is much nearer to its own cluster than to the next, 0 that it lies between two,
    below 0 that it may belong to another. The dashed line is the mean. If the table has a column of silhouettes, as a
    Cluster Scorer gives it, that is drawn; else they are calculated from the chosen columns as that node does. Rows
    without a cluster or a value are left out, and told; of more rows than can be told apart some stand for all.

    Inputs:
        table: The rows with their cluster, and with their silhouette or the columns the clusters were found by.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Clusters"
    keywords = ("cluster quality", "silhouette coefficient", "k-means", "cluster validation")

    cluster: Column = parameter(default=Column("cluster"), types=GROUPS, help="The column with the clusters.")
    silhouette: Column | None = parameter(
        default=None,
        types=("number",),
        help='The column with the silhouettes; empty for "silhouette" if there is one, else they are calculated.',
    )
    columns: Columns = parameter(
        default=Columns.typed("number"),
        types=("number",),
        label="Calculated from",
        help="The columns that distances are measured in, if silhouettes are calculated.",
    )
    standardise: bool = parameter(
        default=True,
        help="Whether each column is first brought to mean 0 and standard deviation 1, if they are calculated.",
    )
    most_clusters: int = parameter(
        default=20, minimum=2, maximum=100, help='Beyond these the smallest become "others".'
    )
    most_rows: int = parameter(
        default=10_000,
        minimum=10,
        maximum=50_000,
        unit="rows",
        advanced=True,
        help="Of more rows a random sample is calculated.",
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        if table is None or self._given(table.columns) is not None or self._numbers(table.columns):
            return ()
        return [
            Fault("columns", f"no number column besides the clusters is chosen ({self.columns}); choose one")
        ]

    def _given(self, schema: Mapping[str, pl.DataType]) -> str | None:
        """The column of silhouettes that is there."""
        if self.silhouette is not None:
            return self.silhouette
        return _ROLE if _ROLE in schema and schema[_ROLE].is_float() and self.cluster != _ROLE else None

    def _numbers(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        from nodeflow_nodes.statistics._calculation import chosen_numbers

        return chosen_numbers(self.columns, schema, self.cluster)

    def default_title(self) -> str:
        return f"Silhouettes by {self.cluster.strip()}"

    def fields(self) -> list[str | None]:
        return [self.cluster, self.silhouette]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        given = self._given(table.collect_schema())
        if given is None:
            frame, given = self._calculated(table, notes), _ROLE
        else:
            frame = pick(table, cluster=self.cluster, value=given).with_columns(
                pl.col("value").cast(pl.Float64)
            )
        frame, rows = complete(frame, {"cluster": self.cluster, "value": given}, notes)
        frame, labels = labelled(frame, "cluster", self.most_clusters, notes)
        value = pl.col("value")
        each = (
            frame.group_by("cluster")
            .agg(pl.len().alias("rows"), value.mean().alias("mean"), (value < 0).sum().alias("below"))
            .collect(engine="streaming")
        )
        facts = {row["cluster"]: row for row in each.iter_rows(named=True)}
        mean = sum(one["mean"] * one["rows"] for one in facts.values()) / rows
        step = -(-rows // _MOST_BARS)
        start, starts = 0, {}
        for name in labels:
            starts[name] = start
            start += facts[name]["rows"]
        ordered = (
            frame.select("cluster", "value")
            .sort("cluster", "value", descending=[False, True])
            .with_columns(pl.int_range(pl.len()).over("cluster").alias("place"))
            .filter(pl.col("place") % step == 0)
            .collect(engine="streaming")
        )
        gap = max(rows // 60, 1)
        data, bands = [], []
        for index, name in enumerate(labels):
            top, many = starts[name] + index * gap, facts[name]["rows"]
            part = ordered.filter(pl.col("cluster") == name)
            # each bar reaches below the next, so that no gap shines through
            data += [
                {
                    "cluster": name,
                    "value": round(v, 5),
                    "top": top + place,
                    "end": top + min(place + step * 1.4, many),
                }
                for _, v, place in part.iter_rows()
            ]
            told = f"{number_text(many)} rows, mean {facts[name]['mean']:.2f}"
            share = facts[name]["below"] / many
            bands.append(
                {
                    "cluster": name,
                    "middle": top + many / 2,
                    "mean": facts[name]["mean"],
                    "told": told,
                    "below": share,
                }
            )
        known = [f"mean {mean:.3f} on {rows:,} rows"]
        body = self._body(labels, bands, mean, min(row["value"] for row in data))
        return Picture(data, body, notes, known, {"cluster": self.cluster})

    def _calculated(self, table: pl.LazyFrame, notes: list[str]) -> pl.LazyFrame:
        import polars as pl

        from nodeflow_nodes.scoring.cluster_scorer import cluster_scores

        numbers_in = self._numbers(table.collect_schema())
        roles = {f"v{index}": name for index, name in enumerate(numbers_in)}
        if not roles:
            raise NodeFailed(f"no number column besides the clusters is chosen ({self.columns}); choose one")
        frame = pick(table, cluster=self.cluster, **roles).collect(engine="streaming")
        if frame["cluster"].null_count() == frame.height:
            raise NodeFailed(f'no row has a value in "{caption(self.cluster)}"; there is nothing to draw')
        try:
            _, _, found = cluster_scores(
                frame.rename({"cluster": self.cluster}),
                str(self.cluster),
                list(roles),
                standardise=self.standardise,
                actual=None,
                noise="-1",
                most_rows=self.most_rows,
                seed=0,
            )
        except ValueError as error:
            raise NodeFailed(str(error)) from None
        if found.len() - found.null_count() == 0:
            raise NodeFailed(
                "each cluster has one row only, or all rows are in one; there are no silhouettes"
            )
        if frame.height > self.most_rows:
            notes.append(f"a random sample of {self.most_rows:,} of {frame.height:,} rows was judged")
            frame = frame.with_columns(found.alias("value")).filter(pl.col("value").is_not_null())
            return frame.lazy().select("cluster", "value")
        return frame.select(pl.col("cluster"), found.alias("value")).lazy()

    def _body(
        self, labels: list[str], bands: list[dict[str, Any]], mean: float, low: float
    ) -> dict[str, Any]:
        across: dict[str, Any] = {
            "field": "value", "type": "quantitative", "title": "Silhouette",
            "scale": {"domain": [min(-0.1, low), 1], "nice": True}, "axis": {"format": ",.6~g", "tickCount": 6},
        }  # fmt: skip
        up: dict[str, Any] = {
            "field": "top", "type": "quantitative", "axis": None, "scale": {"reverse": True, "zero": True, "nice": False},
        }  # fmt: skip
        colour = self.coloured("cluster", self.cluster, labels, legend=None)
        tooltip = [
            {"field": "cluster", "title": caption(self.cluster)},
            {"field": "value", "title": "silhouette", "format": ".3f"},
        ]
        bars = {
            "mark": {"type": "rect", "stroke": None},
            "encoding": {
                "x": across, "x2": {"datum": 0}, "y": up, "y2": {"field": "end"}, "color": colour, "tooltip": tooltip,
            },
        }  # fmt: skip
        line = {
            "data": {"values": [{"value": mean}]},
            "mark": {"type": "rule", "color": self.ink(), "strokeDash": [5, 4], "strokeWidth": 1.5},
            "encoding": {"x": across},
        }
        layers: list[dict[str, Any]] = [bars, line]
        place = {"field": "middle", "type": "quantitative", "axis": None}
        name = {
            "type": "text",
            "align": "right",
            "dx": -10,
            "fontSize": 12,
            "fontWeight": 600,
            "limit": 150,
            "color": self.ink(),
        }
        layers.append(
            {
                "data": {"values": bands},
                "mark": name,
                "encoding": {"x": {"value": 0}, "y": place, "text": {"field": "cluster"}},
            }
        )
        if self.height / len(labels) > 14:
            told = {"type": "text", "align": "left", "dx": 8, "fontSize": 11, "color": self.quiet()}
            layers.append(
                {
                    "data": {"values": bands},
                    "mark": told,
                    "encoding": {"x": {"value": "width"}, "y": place, "text": {"field": "told"}},
                }
            )
        return {"layer": layers}
