"""Elbow Plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, parameter
from nodeflow_nodes.views._base import Picture, View, caption, complete, numbers, pick

if TYPE_CHECKING:
    import polars as pl

_MOST_POINTS = 2_000


class ElbowPlot(View):
    """Draw what each number of clusters gains, to see how many there are.

    The sum of squares within the clusters always falls: look for the bend, the elbow, after which it falls little. The
    ring marks where the curve is furthest from the straight line between its ends. The panel below has the silhouette,
    from -1 to 1, whose highest value is marked. Behind Cluster Numbers nothing needs to be set. Rows without a number
    or a value are not shown.

    Inputs:
        table: The table of Cluster Numbers, or another with a row for each number of clusters.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Clusters"
    keywords = ("number of clusters", "k-means", "inertia", "scree plot", "knee", "silhouette score")
    sized = False

    clusters: Column = parameter(
        default=Column("clusters"), types=("number",), help="The column with the number of clusters."
    )
    within: Column = parameter(
        default=Column("within"),
        types=("number",),
        help="The column with what falls, such as the sum of squares.",
    )
    silhouette: Column | None = parameter(
        default=Column("silhouette"),
        types=("number",),
        help="The column with the silhouette; empty to leave the panel out.",
    )
    mark_best: bool = parameter(default=True, help="Mark the elbow and the highest silhouette.")
    height: int = parameter(
        default=260, minimum=100, maximum=4_000, unit="pixels", help="Height of the upper plot itself."
    )

    def default_title(self) -> str:
        return "How many clusters there are"

    def fields(self) -> list[str | None]:
        return [self.clusters, self.within, self.silhouette]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        frame = pick(table, k=self.clusters, within=self.within, silhouette=self.silhouette).cast(pl.Float64)
        frame, count = complete(frame, {"k": self.clusters, "within": self.within}, notes)
        if count > _MOST_POINTS:
            raise NodeFailed(
                f"{count:,} numbers of clusters are too many; is this the table of Cluster Numbers?"
            )
        points = frame.sort("k", maintain_order=True).collect()
        data = points.to_dicts()
        elbow = elbow_of(points["k"].to_list(), points["within"].to_list()) if self.mark_best else None
        facts = [] if elbow is None else [f"the curve bends most at {elbow:g} clusters"]
        plots = [
            self._panel("within", caption(self.within), "Sum of squares within", elbow, data, self.height)
        ]
        known = (
            points["silhouette"].drop_nulls()
            if self.silhouette is not None
            else pl.Series([], dtype=pl.Float64)
        )
        if self.silhouette is not None and not len(known):
            notes.append(f'no row has a value in "{caption(self.silhouette)}"')
        if len(known):
            best = None
            if self.mark_best and len(known) > 1:
                best = float(points.filter(pl.col("silhouette") == known.max())["k"][0])
                facts.append(f"the silhouette is highest at {best:g} clusters")
            name = caption(str(self.silhouette))
            plots.append(self._panel("silhouette", name, "Silhouette", best, data, self.height * 2 // 3))
        for plot in plots[:-1]:
            for layer in plot["layer"]:
                layer["encoding"]["x"] = {**layer["encoding"]["x"], "title": None}
        columns = {"k": self.clusters, "within": self.within}
        columns |= {"silhouette": self.silhouette} if self.silhouette is not None else {}
        return Picture(data, {"vconcat": plots, "spacing": 16}, notes, facts, {**columns})

    def _panel(
        self, role: str, name: str, usual: str, best: float | None, data: list[dict[str, Any]], height: int
    ) -> dict[str, Any]:
        high = max(abs(row[role] or 0) for row in data)
        title = usual if name == role else name
        steps = sorted({row["k"] for row in data})
        axis = {"format": ",.6~g", "grid": False, **({"values": steps} if len(steps) <= 25 else {})}
        across = numbers("k", "Number of clusters", scale={"padding": 14, "nice": False}, axis=axis)
        up = numbers(role, title, zero=role == "within", high=high)
        up["axis"] = {**up["axis"], "tickCount": 5, "titleLimit": height}
        tooltip = [
            {"field": "k", "title": "clusters"},
            {"field": role, "title": caption(title), "format": ",.4~g"},
        ]
        line = {
            "type": "line", "color": self.main_colour(), "strokeWidth": 2.5,
            "point": {"filled": True, "size": 55, "color": self.main_colour()},
        }  # fmt: skip
        encoding = {"x": across, "y": up, "tooltip": tooltip}
        known = [{"filter": f"isValid(datum.{role})"}]
        layers: list[dict[str, Any]] = [{"transform": known, "mark": line, "encoding": encoding}]
        if best is not None:
            accent = self.accent()
            ring = {"type": "point", "size": 240, "strokeWidth": 2.5, "color": accent, "opacity": 1}
            at = [{"filter": f"datum.k === {best!r}"}]
            layers.append({"transform": [*known, *at], "mark": ring, "encoding": encoding})
        return {"width": self.width, "height": height, "layer": layers}


def elbow_of(numbers_tried: list[float], values: list[float]) -> float | None:
    """Where a falling curve is furthest below the straight line between its ends; None if nowhere."""
    if len(values) < 3:
        return None
    width, fall = numbers_tried[-1] - numbers_tried[0], values[0] - values[-1]
    if width <= 0 or fall <= 0:
        return None
    below = [
        (k - numbers_tried[0]) / width * -1 + (values[0] - value) / fall
        for k, value in zip(numbers_tried, values, strict=True)
    ]
    most = max(below)
    return numbers_tried[below.index(most)] if most > 0.02 else None
