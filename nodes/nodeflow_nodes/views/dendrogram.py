"""Dendrogram."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import GROUPS, Drawing, Picture, label, number_text

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart

_MOST_JOINS = 200_000
_MOST_LEGEND = 16
_ROOM = 7
"""Pixels that a name at an end needs."""
_ABOVE = "above the cut"


@dataclass
class _Part:
    """A row, or a group that a join made; `first` is the smallest number of its rows."""

    height: float
    rows: int
    first: int
    parts: tuple[int, int] | None = None


@dataclass
class _Leaf:
    """The end of a line: a row or a group whose parts are not drawn."""

    place: float
    part: int
    cluster: int


@dataclass
class _Drawn:
    """The lines of the tree and its leaves."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    leaves: list[_Leaf] = field(default_factory=list)


class Dendrogram(Drawing):
    """Draw the tree of a hierarchical clustering: which groups were joined, and at what distance.

    The dashed line cuts the tree into clusters, each with its colour; they are numbered by their first row, as the
    Hierarchical Clustering numbers them. The longer the lines that the cut crosses, the clearer the clusters are. Of
    many rows only the last joins are drawn, and the ends of the lines say how many rows they stand for. Give the
    clustered table as well to write a name at each row.

    Inputs:
        table: The tree of a Hierarchical Clustering, a row for each join.
        rows: The table that was clustered, for the names of the rows.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Clusters"
    keywords = (
        "hierarchical clustering",
        "linkage",
        "cluster tree",
        "hclust",
        "cut tree",
        "ward",
        "agglomerative",
    )

    cut: Literal["number", "distance", "nowhere"] = parameter(
        default="number",
        help="Whether the tree is cut into a number of clusters, at a distance, or not at all.",
    )
    clusters: int = parameter(
        default=3, minimum=1, maximum=1_000, help="The number of clusters.", when={"cut": ["number"]}
    )
    distance: float = parameter(
        default=1.0, minimum=0.0, help="Groups further apart stay apart.", when={"cut": ["distance"]}
    )
    names: Column | None = parameter(
        default=None,
        types=GROUPS,
        port="rows",
        help="The column with the names of the rows; empty for their numbers.",
    )
    most_leaves: int = parameter(
        default=50, minimum=2, maximum=1_000, label="Most ends", help="How many ends of lines are drawn."
    )
    direction: Literal["up", "right"] = parameter(
        default="up", help="Where the tree grows to; to the right is better for long names."
    )
    one: Column = parameter(
        default=Column("one"),
        types=("number",),
        port="table",
        advanced=True,
        help="The first part of a join.",
    )
    other: Column = parameter(
        default=Column("other"),
        types=("number",),
        port="table",
        advanced=True,
        help="The second part of a join.",
    )
    height_column: Column = parameter(
        default=Column("distance"),
        types=("number",),
        port="table",
        label="Distance of the parts",
        advanced=True,
        help="The distance at which the parts were joined.",
    )
    width: int = parameter(
        default=760, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )

    def run(self, table: pl.LazyFrame, rows: pl.LazyFrame | None, context: Context) -> Chart:
        return self.chart(self._picture(table, rows), context)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if self.names is not None and "table" in inputs and inputs.get("rows") is None:
            return [Fault("names", "connect the clustered table to rows, so that its names can be written")]
        return ()

    def default_title(self) -> str:
        return "Dendrogram"

    def fields(self) -> list[str | None]:
        return [self.names]

    def _picture(self, table: pl.LazyFrame, rows: pl.LazyFrame | None) -> Picture:
        tree = self._tree(table)
        joins = len(tree) // 2
        leaves = joins + 1
        heights = sorted((part.height for part in tree.values() if part.parts), reverse=True)
        line, tops = self._cut(tree, heights)
        ordered = sorted(tops, key=lambda number: tree[number].first)
        numbers = {part: index + 1 for index, part in enumerate(ordered)}
        shown = self._expanded(tree, max(self.most_leaves, len(tops) if self.cut != "nowhere" else 0))
        drawn = _Drawn()
        _place(tree, 2 * leaves - 1, shown, numbers, 0, drawn)
        facts = [f"{leaves:,} rows"]
        if self.cut != "nowhere":
            facts[0] += (
                f", cut at distance {number_text(line)} into {len(tops):,} clusters"
                if line
                else ", one cluster"
            )
        if len(drawn.leaves) < leaves:
            facts.append(f"the last {len(drawn.leaves) - 1:,} of {joins:,} joins are drawn")
        names = self._names(rows, [leaf.part for leaf in drawn.leaves if leaf.part <= leaves], leaves)
        told = [
            {
                "place": leaf.place,
                "name": names.get(leaf.part)
                or (f"{tree[leaf.part].rows:,} rows" if leaf.part > leaves else f"row {leaf.part:,}"),
                "cluster": self._told(leaf.cluster, tree, ordered),
            }
            for leaf in drawn.leaves
        ]
        alone = [leaf for leaf in drawn.leaves if leaf.part in numbers and self.cut != "nowhere"]
        for leaf in alone:
            # a cluster that is one line has its colour up to the cut
            ends = [
                {"join": -leaf.part, "step": step, "place": leaf.place, "height": step * line}
                for step in (0, 1)
            ]
            drawn.lines += [{**end, "rows": tree[leaf.part].rows, "cluster": leaf.cluster} for end in ends]
        data = [{**row, "cluster": self._told(row["cluster"], tree, ordered)} for row in drawn.lines]
        labels = (
            [self._told(index + 1, tree, ordered) for index in range(len(ordered))]
            if self.cut != "nowhere"
            else []
        )
        return Picture(data, self._body(told, line, labels, heights[0]), facts=facts)

    def _tree(self, table: pl.LazyFrame) -> dict[int, _Part]:
        """The rows from 1, then the joins, by number; raises `NodeFailed` if they make no tree."""
        import polars as pl

        from nodeflow_nodes.views._base import pick

        frame = pick(table, one=self.one, other=self.other, height=self.height_column)
        found = frame.head(_MOST_JOINS + 1).collect(engine="streaming")
        if found.height > _MOST_JOINS:
            raise NodeFailed(f"the tree has more than {_MOST_JOINS:,} joins, too many to draw")
        if not found.height:
            raise NodeFailed("the table has no joins; there is nothing to draw")
        reason = "is this the second output of a Hierarchical Clustering?"
        if found.select(pl.any_horizontal(pl.all().is_null()).any()).item():
            raise NodeFailed(f"a join lacks a part or its distance; {reason}")
        leaves = found.height + 1
        tree = {number: _Part(0.0, 1, number) for number in range(1, leaves + 1)}
        used: set[int] = set()
        for index, (one, other, height) in enumerate(found.iter_rows(), leaves + 1):
            parts = (int(one), int(other))
            for part in parts:
                if part in used or part not in tree:
                    what = "comes twice" if part in used else "is neither a row nor an earlier join"
                    raise NodeFailed(f"part {part:,} of join {index - leaves:,} {what}; {reason}")
                used.add(part)
            a, b = (tree[part] for part in parts)
            tree[index] = _Part(float(height), a.rows + b.rows, min(a.first, b.first), parts)
        return tree

    def _cut(self, tree: dict[int, _Part], heights: list[float]) -> tuple[float, set[int]]:
        """The distance of the cut, 0 if there is none, and the parts below it."""
        root = len(tree)
        if self.cut == "nowhere":
            return 0.0, {root}
        leaves = (root + 1) // 2
        if self.cut == "number":
            kept = {root}
            while len(kept) < min(self.clusters, leaves):
                # the latest join is undone first, as the numbers of joins follow their order
                last = max(kept)
                kept.remove(last)
                kept |= set(tree[last].parts or ())
            if len(kept) == 1:
                return 0.0, kept
            lower = heights[len(kept) - 1] if len(kept) <= len(heights) else 0.0
            return (heights[len(kept) - 2] + lower) / 2, kept
        kept, waiting = set(), [root]
        while waiting:
            part = waiting.pop()
            parts = tree[part].parts
            if parts and tree[part].height > self.distance:
                waiting += parts
            else:
                kept.add(part)
        return (self.distance if len(kept) > 1 else 0.0), kept

    def _expanded(self, tree: dict[int, _Part], most: int) -> set[int]:
        """The joins that are drawn: the highest ones, from the root down."""
        shown: set[int] = set()
        waiting = [(-tree[len(tree)].height, -len(tree))]
        while waiting and len(shown) < most - 1:
            _, part = heapq.heappop(waiting)
            shown.add(-part)
            for child in tree[-part].parts or ():
                if tree[child].parts:
                    heapq.heappush(waiting, (-tree[child].height, -child))
        return shown

    def _names(self, rows: pl.LazyFrame | None, wanted: list[int], leaves: int) -> dict[int, str]:
        """The names of rows by their number."""
        import polars as pl

        from nodeflow_nodes.views._base import pick

        if rows is None or self.names is None:
            return {}
        frame = pick(rows, name=self.names).with_row_index("row")
        total = frame.select(pl.len()).collect(engine="streaming").item()
        if total != leaves:
            raise NodeFailed(f"the table of names has {total:,} rows, but the tree was made of {leaves:,}")
        found = frame.filter(pl.col("row").is_in([number - 1 for number in wanted])).collect(
            engine="streaming"
        )
        named = found.select("row", label("name", found.schema["name"]))
        return {row + 1: shorten(name.strip(), 60) for row, name in named.iter_rows()}

    def _told(self, cluster: int, tree: dict[int, _Part], ordered: list[int]) -> str:
        if not cluster or self.cut == "nowhere":
            return _ABOVE
        count = tree[ordered[cluster - 1]].rows
        return f"{cluster} ({count:,} row{'' if count == 1 else 's'})"

    def _body(
        self, leaves: list[dict[str, Any]], line: float, labels: list[str], high: float
    ) -> dict[str, Any]:
        is_up = self.direction == "up"
        across, up = ("x", "y") if is_up else ("y", "x")
        most = len(leaves)
        colours = self.coloured("cluster", "Cluster", labels)["scale"]["range"] if labels else []
        plain = self.quiet() if labels else self.main_colour()
        legend: dict[str, Any] = {
            "orient": "bottom", "direction": "horizontal", "columns": 4, "symbolType": "stroke", "symbolStrokeWidth": 3,
            "values": labels,
        }  # fmt: skip
        room = (self.width if is_up else self.height) / most
        size = min(11.0, room * 0.85)
        if is_up and room >= _ROOM:
            legend["offset"] = min(max(len(row["name"]) for row in leaves) * size * 0.55, 160) + 16
        if not 1 < len(labels) <= _MOST_LEGEND:
            legend = {}
        colour = {
            "field": "cluster", "type": "nominal", "title": "Cluster", "legend": legend or None,
            "scale": {"domain": [*labels, _ABOVE], "range": [*colours, plain]},
        }  # fmt: skip
        place = {
            "field": "place", "type": "quantitative", "axis": None,
            "scale": {"domain": [-0.5, most - 0.5], "nice": False, "zero": False, "reverse": not is_up},
        }  # fmt: skip
        height = {
            "field": "height", "type": "quantitative", "title": "Distance",
            "scale": {"domain": [0, high * 1.04 or 1.0], "nice": False, "reverse": not is_up},
            "axis": {"grid": False, "tickCount": 6, "format": "~s" if high >= 10_000 else ",.6~g"},
        }  # fmt: skip
        tooltip = [
            {"field": "cluster", "title": "cluster"},
            {"field": "height", "title": "distance", "format": ",.4~g"},
            {"field": "rows", "title": "rows", "format": ","},
        ]
        mark = {"type": "line", "strokeWidth": 1.6, "strokeJoin": "miter", "strokeCap": "square"}
        layers: list[dict[str, Any]] = [
            {
                "mark": mark,
                "encoding": {
                    across: place, up: height, "color": colour, "detail": {"field": "join"}, "order": {"field": "step"},
                    "tooltip": tooltip,
                },
            }
        ]  # fmt: skip
        if line:
            rule = {"type": "rule", "color": self.ink(), "strokeDash": [6, 4], "strokeWidth": 1.4}
            layers.append({"data": {"values": [{"height": line}]}, "mark": rule, "encoding": {up: height}})
        if room >= _ROOM:
            look = {"fontSize": size, "color": self.ink(), "limit": 160, "baseline": "middle"}
            if is_up:
                look |= {"angle": 270, "align": "right", "dx": -6}
                at = {"x": place, "y": {"value": "height"}}
            else:
                look |= {"align": "left", "dx": 6}
                at = {"y": place, "x": {"value": "width"}}
            text = {"data": {"values": leaves}, "mark": {"type": "text", **look}}
            layers.append({**text, "encoding": {**at, "text": {"field": "name"}}})
        return {"layer": layers}


def _place(
    tree: dict[int, _Part], root: int, shown: set[int], numbers: dict[int, int], cluster: int, drawn: _Drawn
) -> None:
    """Gives the leaves their places and draws a bracket for each join, without recursion, as chains are deep."""
    places: dict[int, float] = {}
    waiting: list[tuple[int, int, bool]] = [(root, cluster, False)]
    while waiting:
        part, own, is_done = waiting.pop()
        own = numbers.get(part, own)
        parts = tree[part].parts
        if part not in shown or parts is None:
            places[part] = float(len(drawn.leaves))
            drawn.leaves.append(_Leaf(places[part], part, own))
        elif is_done:
            (a, b), top = parts, tree[part].height
            places[part] = (places[a] + places[b]) / 2
            ends = [
                (places[a], _foot(tree, a, shown)),
                (places[a], top),
                (places[b], top),
                (places[b], _foot(tree, b, shown)),
            ]
            drawn.lines += [
                {"join": part, "step": step, "place": x, "height": y, "rows": tree[part].rows, "cluster": own}
                for step, (x, y) in enumerate(ends)
            ]
        else:
            waiting += [(part, own, True), (parts[1], own, False), (parts[0], own, False)]


def _foot(tree: dict[int, _Part], part: int, shown: set[int]) -> float:
    """Where the line of a part begins; of a group whose parts are not drawn at the bottom."""
    return tree[part].height if part in shown else 0.0
