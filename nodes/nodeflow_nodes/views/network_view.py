"""Network View."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Column, Fault, Seed, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MISSING,
    MOST_COLOURS,
    Drawing,
    Picture,
    caption,
    complete,
    in_order,
    label,
    number_text,
    pick,
)
from nodeflow_nodes.views._network import communities, metric, placed
from nodeflow_nodes.views._texts import LETTER, room_of

if TYPE_CHECKING:
    import networkx as nx
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart

_STARTS = ("source", "from", "start")
_ENDS = ("target", "to", "end")
_MOST_MEASURED = 2_000
_MOST_EDGES = 20_000
_MOST_BY_DISTANCE = 300


class NetworkView(Drawing):
    """Draw a network: a circle for each node, a line for each connection between two of them.

    Nodes that are connected lie close together (a spring layout, the same for the same seed). By default circles are
    the larger the more neighbours a node has, and the colour shows communities (modularity, Clauset and others 2004).
    Rows that say the same connection count together, as their sum with a weight. Of a large network the nodes with most
    neighbours are drawn. Of more than 2,000 nodes metrics are those among the 2,000 with most neighbours. Rows without
    one of the ends are left out, and told.

    Inputs:
        table: The connections, a row for each: from where, to where, and how strong.
        nodes: A table of the nodes, for columns to colour or name them by.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Networks"
    keywords = (
        "graph",
        "edges",
        "nodes",
        "social network",
        "networkx",
        "force layout",
        "sociogram",
        "link analysis",
    )

    source: Column | None = parameter(
        default=None,
        types=GROUPS,
        port="table",
        label="From",
        help='Where a connection begins; empty for "source" or "from".',
    )
    target: Column | None = parameter(
        default=None,
        types=GROUPS,
        port="table",
        label="To",
        help='Where a connection ends; empty for "target" or "to".',
    )
    weight: Column | None = parameter(
        default=None,
        types=("number",),
        port="table",
        help="How strong a connection is; empty for the number of its rows.",
    )
    directed: bool = parameter(
        default=False, help="Whether connections have a direction, drawn as a small arrow."
    )
    size: Literal["degree", "weighted degree", "pagerank", "betweenness", "closeness", "alike"] = parameter(
        default="degree", help="What makes circles large."
    )
    colour: Literal[
        "community", "degree", "weighted degree", "pagerank", "betweenness", "closeness", "column", "alike"
    ] = parameter(
        default="community", help="What colours circles: a community, a metric, or a column of the nodes."
    )
    key: Column | None = parameter(
        default=None,
        types=GROUPS,
        port="nodes",
        label="Name in the nodes",
        help='The column with the names of nodes; empty for "node", "name" or "id".',
    )
    coloured_by: Column | None = parameter(
        default=None,
        types=GROUPS,
        port="nodes",
        label="Colour column",
        help="The column to colour by.",
        when={"colour": ["column"]},
    )
    layout: Literal["spring", "circle", "by distance"] = parameter(
        default="spring",
        help="Where nodes lie: as if connections were springs, on a circle, or by their distance in steps.",
    )
    most_nodes: int = parameter(
        default=150,
        minimum=2,
        maximum=1_000,
        label="Most nodes",
        help="How many are drawn, those with most neighbours.",
    )
    named: int = parameter(
        default=30,
        minimum=0,
        maximum=500,
        label="Names",
        help="How many nodes have their name beside them, the largest first.",
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed of the layout; empty to take one from the run's seed."
    )
    width: int = parameter(
        default=680, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=520, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )

    def run(self, table: pl.LazyFrame, nodes: pl.LazyFrame | None, context: Context) -> Chart:
        return self.chart(self._picture(table, nodes, context), context)

    def check_parameters(self) -> list[Fault]:
        if self.source is not None and self.source == self.target:
            return [Fault("target", "choose two different columns for the ends")]
        if self.colour == "column" and self.coloured_by is None:
            return [Fault("coloured_by", "choose the column of the nodes to colour by")]
        if self.layout == "by distance" and self.most_nodes > _MOST_BY_DISTANCE:
            told = f"the layout by distance takes long for more than {_MOST_BY_DISTANCE} nodes; draw fewer, or use springs"
            return [Fault("most_nodes", told)]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        faults = []
        table, nodes = inputs.get("table"), inputs.get("nodes")
        if table is not None:
            try:
                self._ends(table.columns)
            except NodeFailed as error:
                faults.append(Fault("source" if self.source is None else "target", str(error)))
            if self.colour == "column" and nodes is None:
                faults.append(
                    Fault("coloured_by", "connect a table of the nodes to colour by one of its columns")
                )
        if nodes is not None and self.colour == "column":
            try:
                self._key(nodes.columns)
            except NodeFailed as error:
                faults.append(Fault("key", str(error)))
        return faults

    def _ends(self, schema: Mapping[str, pl.DataType]) -> tuple[str, str]:
        """The columns of the two ends; raises `NodeFailed`."""
        names = {name.lower(): name for name in reversed(list(schema))}
        found = [
            chosen or next((names[one] for one in usual if one in names), None)
            for chosen, usual in ((self.source, _STARTS), (self.target, _ENDS))
        ]
        if found[0] is None or found[1] is None or found[0] == found[1]:
            which = "where connections begin" if found[0] is None else "where connections end"
            raise NodeFailed(
                f'choose the column that says {which}; none is called "source" and "target", or "from" and "to"'
            )
        return found[0], found[1]

    def _key(self, schema: Mapping[str, pl.DataType]) -> str:
        found = self.key or next((one for one in ("node", "name", "id") if one in schema), None)
        if found is None:
            raise NodeFailed(
                'choose the column with the names of the nodes; none is called "node", "name" or "id"'
            )
        return found

    def default_title(self) -> str:
        if self.source and self.target:
            return f"Network: {self.source.strip()} - {self.target.strip()}"
        return "Network"

    def fields(self) -> list[str | None]:
        return [self.source, self.target, self.weight]

    def _picture(self, table: pl.LazyFrame, nodes: pl.LazyFrame | None, context: Context) -> Picture:
        notes: list[str] = []
        graph, total, loops = self._graph(table, notes)
        context.progress(0.2, "metrics")
        wanted: set[str] = {
            one for one in (self.size, self.colour) if one not in ("alike", "community", "column")
        }
        metrics = {name: metric(graph, name) for name in sorted(wanted)}
        degree = dict(graph.degree())
        rank = metrics.get(self.size, degree)
        order = sorted(graph, key=lambda node: (-rank[node], -degree[node], node))
        shown = graph.subgraph(order[: self.most_nodes]).copy()
        facts = [
            f"{_plural(total, 'node')}, {_plural(graph.number_of_edges(), 'connection')} of {_plural(len(graph), 'node')}"
        ]
        if len(graph) == total:
            facts = [f"{_plural(total, 'node')}, {_plural(graph.number_of_edges(), 'connection')}"]
        if len(shown) < total:
            notes.append(
                f"the {len(shown):,} of {total:,} nodes with the largest {self._measure()} are drawn"
            )
        if loops:
            notes.append(
                f"{_plural(loops, 'connection')} of a node with itself {'is' if loops == 1 else 'are'} not drawn"
            )
        if shown.number_of_edges() > _MOST_EDGES:
            raise NodeFailed(
                f"there are {shown.number_of_edges():,} connections to draw, too many to see; draw fewer nodes"
            )
        context.progress(0.4, "layout")
        places = placed(shown, order, self.layout, int(self.seed or 0))
        context.check_cancelled()
        colours, title = self._coloured(shown, graph, metrics, nodes, notes)
        data = self._nodes(shown, places, order, rank, colours, degree)
        edges = self._edges(shown, places, {row["node"]: row["size"] for row in data})
        legend = (
            in_order(dict.fromkeys(str(row["colour"]) for row in data))
            if title and not _is_number(colours)
            else []
        )
        if legend and self.colour == "community":
            legend = sorted(legend, key=lambda one: (one == "others", len(one), one))
        return Picture(data, self._body(data, edges, title, legend), notes, facts)

    def _measure(self) -> str:
        return "number of neighbours" if self.size in ("alike", "degree") else self.size

    def _graph(self, table: pl.LazyFrame, notes: list[str]) -> tuple[nx.Graph, int, int]:
        """The network, with weights; the number of all nodes; and how many connections are loops."""
        import networkx as nx
        import polars as pl

        source, target = self._ends(table.collect_schema())
        frame = pick(table, a=source, b=target, weight=self.weight)
        schema = frame.collect_schema()
        needed = {"a": source, "b": target, **({"weight": self.weight} if self.weight else {})}
        frame, _ = complete(frame, needed, notes)
        frame = frame.with_columns(label("a", schema["a"]), label("b", schema["b"]))
        weight = pl.col("weight").cast(pl.Float64).sum() if self.weight else pl.len().cast(pl.Float64)
        if not self.directed:
            frame = frame.with_columns(
                pl.min_horizontal("a", "b").alias("a"), pl.max_horizontal("a", "b").alias("b")
            )
        edges = frame.group_by("a", "b").agg(weight.alias("weight"))
        both = pl.concat([edges.select(pl.col(role).alias("node")) for role in ("a", "b")])
        ranked = both.group_by("node").len().sort("len", "node", descending=[True, False])
        total, loops = (
            int(one.collect(engine="streaming").item())
            for one in (ranked.select(pl.len()), edges.select((pl.col("a") == pl.col("b")).sum()))
        )
        if total > _MOST_MEASURED:
            kept = ranked.head(_MOST_MEASURED).select("node")
            edges = edges.join(kept, left_on="a", right_on="node", how="semi")
            edges = edges.join(kept, left_on="b", right_on="node", how="semi")
        found = edges.sort("a", "b").collect(engine="streaming")
        graph = nx.DiGraph() if self.directed else nx.Graph()
        names = pl.concat([found["a"], found["b"].alias("a")]).unique().sort()
        graph.add_nodes_from(names.to_list())
        graph.add_weighted_edges_from(row for row in found.iter_rows() if row[0] != row[1])
        return graph, total, loops

    def _coloured(
        self,
        shown: nx.Graph,
        graph: nx.Graph,
        metrics: Mapping[str, Mapping[str, float]],
        nodes: pl.LazyFrame | None,
        notes: list[str],
    ) -> tuple[dict[str, Any], str]:
        """The colour's value of each node, and the title of the legend; empty if all are alike."""
        if self.colour == "alike":
            return {}, ""
        if self.colour == "community":
            return communities(shown), "Community"
        if self.colour != "column":
            return {node: metrics[self.colour][node] for node in shown}, self.colour.capitalize()
        if nodes is None:
            raise NodeFailed("connect a table of the nodes to colour by one of its columns")
        return self._from_table(shown, nodes, notes), caption(str(self.coloured_by))

    def _from_table(self, shown: nx.Graph, nodes: pl.LazyFrame, notes: list[str]) -> dict[str, Any]:
        import polars as pl

        frame = pick(nodes, node=self._key(nodes.collect_schema()), value=self.coloured_by)
        schema = frame.collect_schema()
        frame = frame.with_columns(label("node", schema["node"])).filter(pl.col("node").is_in(list(shown)))
        found = frame.unique("node", keep="first", maintain_order=True).collect(engine="streaming")
        if schema["value"].is_numeric() and found["value"].n_unique() > MOST_COLOURS:
            known = dict(found.drop_nulls().select("node", pl.col("value").cast(pl.Float64)).iter_rows())
            if len(known) < len(shown):
                notes.append(f"{_plural(len(shown) - len(known), 'node')} without a value to colour by")
            return {node: known.get(node) for node in shown}
        named = dict(found.select("node", label("value", schema["value"])).iter_rows())
        values = {node: named.get(node, MISSING) for node in shown}
        counts: dict[str, int] = {}
        for value in values.values():
            counts[value] = counts.get(value, 0) + 1
        if len(counts) > MOST_COLOURS:
            kept = sorted(counts, key=lambda one: (-counts[one], one))[: MOST_COLOURS - 1]
            notes.append(f"the {len(kept)} most frequent of {len(counts):,} groups have their own colour")
            values = {node: value if value in kept else "others" for node, value in values.items()}
        return values

    def _nodes(
        self,
        shown: nx.Graph,
        places: Mapping[str, tuple[float, float]],
        order: list[str],
        rank: Mapping[str, float],
        colours: Mapping[str, Any],
        degree: Mapping[str, int],
    ) -> list[dict[str, Any]]:
        kept = [node for node in order if node in shown]
        most = max((rank[node] for node in kept), default=0.0) or 1.0
        largest = 1_100 if len(kept) <= 60 else 650
        data = []
        for node in kept:
            x, y = places[node]
            share = max(rank[node], 0.0) / most
            size = 160.0 if self.size == "alike" else 36.0 + largest * share
            data.append(
                {
                    "node": node, "x": round(x, 5), "y": round(y, 5), "size": round(size, 2),
                    "colour": colours.get(node, ""),
                    "value": number_text(rank[node]), "neighbours": degree[node],
                }
            )  # fmt: skip
        self._name(data)
        return data

    def _name(self, data: list[dict[str, Any]]) -> None:
        """Names below the circles of the first nodes, those left out that would lie on another."""
        wide, tall = self._plane()
        taken: list[tuple[float, float, float]] = []
        for row in data[: self.named]:
            name = shorten(row["node"].strip(), 28)
            drop = math.sqrt(row["size"] / math.pi) + 8
            half, x, y = room_of(name) * LETTER * 0.44, row["x"] * wide, row["y"] * tall - drop
            if all(abs(x - a) > half + b or abs(y - c) > 11 for a, b, c in taken):
                taken.append((x, half, y))
                row |= {"name": name, "name_y": round(y / tall, 5)}

    def _edges(
        self, shown: nx.Graph, places: Mapping[str, tuple[float, float]], sizes: Mapping[str, float]
    ) -> list[dict[str, Any]]:
        weights = [abs(w) for _, _, w in shown.edges(data="weight")]
        most, differ = max(weights, default=1.0) or 1.0, len(set(weights)) > 1
        found = []
        for a, b, weight in shown.edges(data="weight"):
            (x, y), (x2, y2) = places[a], places[b]
            row = {
                "x": round(x, 5), "y": round(y, 5), "x2": round(x2, 5), "y2": round(y2, 5),
                "thick": round(0.6 + 3.4 * abs(weight) / most, 2) if differ else 1.2,
                "weight": number_text(weight), "from": a, "to": b,
            }  # fmt: skip
            if self.directed:
                row |= self._arrow((x, y), (x2, y2), sizes[b])
            found.append(row)
        return found

    def _arrow(self, start: tuple[float, float], end: tuple[float, float], size: float) -> dict[str, float]:
        """Where the head of an arrow lies, before the circle, and its angle."""
        wide, tall = self._plane()
        across, up = (end[0] - start[0]) * wide, (end[1] - start[1]) * tall
        length = math.hypot(across, up) or 1.0
        back = min((math.sqrt(size / math.pi) + 4) / length, 0.5)
        return {
            "ax": round(end[0] - (end[0] - start[0]) * back, 5), "ay": round(end[1] - (end[1] - start[1]) * back, 5),
            "angle": round(math.degrees(math.atan2(across, up)), 1),
        }  # fmt: skip

    def _plane(self) -> tuple[float, float]:
        """The pixels between the places 0 and 1."""
        return max(self.width - 90.0, 40.0), max(self.height - 70.0, 40.0)

    def _body(
        self, data: list[dict[str, Any]], edges: list[dict[str, Any]], title: str, legend: list[str]
    ) -> dict[str, Any]:
        wide, tall = self._plane()
        pad = ((self.width - wide) / 2 / wide, (self.height - tall) / 2 / tall)
        bare = {"type": "quantitative", "axis": None}
        x = {"field": "x", "scale": {"domain": [-pad[0], 1 + pad[0]], "nice": False, "zero": False}, **bare}
        y = {"field": "y", "scale": {"domain": [-pad[1], 1 + pad[1]], "nice": False, "zero": False}, **bare}
        plain = {"type": "quantitative", "scale": None, "legend": None}
        layers: list[dict[str, Any]] = []
        if edges:
            rule = {"type": "rule", "color": self.quiet(), "opacity": 0.45 if len(edges) < 300 else 0.22}
            told = [
                {"field": "from", "title": "from"}, {"field": "to", "title": "to"},
                {"field": "weight", "title": caption(self.weight) if self.weight else "rows"},
            ]  # fmt: skip
            encoding: dict[str, Any] = {
                "x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}, "strokeWidth": {"field": "thick", **plain},
                "tooltip": told,
            }  # fmt: skip
            layers.append({"data": {"values": edges}, "mark": rule, "encoding": encoding})
        if edges and self.directed:
            head = {
                "type": "point",
                "shape": "triangle-up",
                "filled": True,
                "size": 34,
                "color": self.quiet(),
                "opacity": 0.9,
            }
            at = {"x": {**x, "field": "ax"}, "y": {**y, "field": "ay"}, "angle": {"field": "angle", **plain}}
            layers.append({"data": {"values": edges}, "mark": head, "encoding": at})
        mark = {"type": "point", "filled": True, "opacity": 1, "stroke": self.paper(), "strokeWidth": 1}
        colour: dict[str, Any] = {"value": self.main_colour()}
        if legend:
            look = {"orient": "bottom", "direction": "horizontal", "columns": 6, "symbolType": "circle"}
            colour = self.coloured("colour", title, legend, legend=look)
        elif title:
            low = "#d6e6f2" if self.theme == "light" else "#27445c"
            look = {"orient": "bottom", "direction": "horizontal", "gradientLength": 160, "format": ".3~g"}
            colour = {
                "field": "colour", "type": "quantitative", "title": title, "legend": look,
                "scale": {"range": [low, self.main_colour()]},
            }  # fmt: skip
        tooltip = [
            {"field": "node", "title": "node"},
            {"field": "neighbours", "title": "neighbours"},
            *([{"field": "value", "title": self.size}] if self.size not in ("alike", "degree") else []),
            *([{"field": "colour", "title": title.lower()}] if title else []),
        ]
        dots = {
            "mark": mark,
            "encoding": {
                "x": x,
                "y": y,
                "size": {"field": "size", **plain},
                "color": colour,
                "tooltip": tooltip,
            },
        }
        layers.append(dots)
        named = [row for row in data if row.get("name")]
        if named:
            halo = {"type": "text", "fontSize": 10.5, "fontWeight": 500}
            at = {"x": x, "y": {**y, "field": "name_y"}, "text": {"field": "name"}}
            ground = {"stroke": self.paper(), "strokeWidth": 3, "color": self.paper(), "opacity": 0.85}
            for mark in ({**halo, **ground}, {**halo, "color": self.ink()}):
                layers.append({"data": {"values": named}, "mark": mark, "encoding": at})
        return {"layer": layers}


def _is_number(colours: Mapping[str, Any]) -> bool:
    return any(isinstance(value, float | int) for value in colours.values())


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
