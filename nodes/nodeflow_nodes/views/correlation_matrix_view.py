"""Correlation Matrix View."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow_nodes.views._base import Picture, View, captions, categories, fewer_than_two, number_text, pick
from nodeflow_nodes.views._parts import told
from nodeflow_nodes.views._theme import diverging

if TYPE_CHECKING:
    import polars as pl

MOST = 40


class CorrelationMatrixView(View):
    """Draw how strongly each number column goes along with each other, from -1 to 1.

    Pearson's coefficient tells how near two columns lie to a straight line, Spearman's how near to any line that
    only rises or falls. For each pair the rows with a value in both count; a column with one value
    has no correlation and its cells stay empty. The Correlation node has the numbers with their p-values.

    Inputs:
        table: The rows to compare.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Matrices"
    keywords = ("corrplot", "correlogram", "pearson", "spearman", "heatmap", "linear correlation")

    columns: Columns = parameter(
        default=Columns.all(), types=("number",), help="The number columns to compare; at least two."
    )
    method: Literal["pearson", "spearman"] = parameter(
        default="pearson", help="Pearson for straight lines, Spearman for any that only rise or fall."
    )
    order: Literal["table", "similar"] = parameter(
        default="table", help="Whether columns stand as in the table, or like beside like."
    )
    half: bool = parameter(
        default=False, help="Whether only the lower half is drawn; the upper one is the same."
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        if not columns:
            return []
        chosen = self._chosen(columns)
        return fewer_than_two(chosen, ", ".join(chosen) or "none")

    def _chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return [name for name in self.columns.resolve(dict(schema)) if schema[name].is_numeric()]

    def default_title(self) -> str:
        return f"{self.method.capitalize()} correlation"

    def fields(self) -> list[str | None]:
        return list(getattr(self.columns, "names", None) or ())

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        chosen = self._chosen(dict(table.collect_schema()))
        if len(chosen) < 2:
            raise NodeFailed("fewer than two number columns are chosen; choose two or more")
        if len(chosen) > MOST:
            notes.append(f"the first {MOST} of {len(chosen)} columns are shown")
            chosen = chosen[:MOST]
        roles = {f"c{place}": name for place, name in enumerate(chosen)}
        frame = pick(table, **roles).select(_unit(role) for role in roles)
        pairs = [(one, other) for place, one in enumerate(roles) for other in list(roles)[:place]]
        asked = []
        for one, other in pairs:
            both = pl.col(one).is_not_null() & pl.col(other).is_not_null()
            x, y = pl.col(one).filter(both), pl.col(other).filter(both)
            if self.method == "spearman":
                x, y = x.rank(), y.rank()
            asked += [pl.corr(x, y).alias(f"{one} {other}"), both.sum().alias(f"n {one} {other}")]
        found = frame.select(asked).collect(engine="streaming").row(0, named=True)
        values: dict[tuple[str, str], float | None] = {}
        for one, other in pairs:
            number = found[f"{one} {other}"]
            values[one, other] = values[other, one] = (
                number if number is not None and number == number else None
            )
        if all(value is None for value in values.values()):
            raise NodeFailed(
                "no pair of columns has two rows with different values in both; there is nothing to draw"
            )
        order = list(roles) if self.order == "table" else _similar(list(roles), values)
        names = dict(zip(roles, captions(chosen), strict=True))
        labels = [names[role] for role in order]
        data = []
        for down, one in enumerate(order):
            for across, other in enumerate(order):
                if self.half and across > down:
                    continue
                value = 1.0 if one == other else values[one, other]
                rows = (
                    found[f"n {one} {other}"]
                    if f"n {one} {other}" in found
                    else found.get(f"n {other} {one}")
                )
                text = "" if value is None else f"{value:.2f}".replace("-0.00", "0.00")
                data.append(
                    {
                        "x": names[other],
                        "y": names[one],
                        "value": value,
                        "text": text,
                        "rows": number_text(rows),
                    }
                )
        return Picture(data, self._body(data, labels), notes)

    def _body(self, data: list[dict[str, Any]], labels: list[str]) -> dict[str, Any]:
        long = max(map(len, labels)) > 3 + 60 // len(labels)
        axis = {"grid": False, "domain": False, "ticks": False}
        encoding: dict[str, Any] = {
            "x": categories("x", "", labels, axis={**axis, "labelAngle": -40 if long else 0}),
            "y": categories("y", "", labels, axis=axis),
        }
        shade = {
            "field": "value", "type": "quantitative", "title": "r",
            "scale": {"range": diverging(self.theme), "domain": [-1, 1], "interpolate": "lab"},
            "legend": {"gradientLength": min(200, self.height // 2)},
        }  # fmt: skip
        tips = [told("x", "Column"), told("y", "and"), told("text", "Correlation"), told("rows", "Rows")]
        cell = {"type": "rect", "stroke": self.paper(), "strokeWidth": 1}
        layers = [{"mark": cell, "encoding": {**encoding, "color": shade, "tooltip": tips}}]
        size = min(self.width, self.height) / len(labels)
        if size >= 18:
            ink = "#ffffff" if self.theme == "light" else "#10151b"
            strong = {"test": "abs(datum.value) > 0.62", "value": ink}
            layers.append(
                {
                    "mark": {"type": "text", "fontSize": 11 if size >= 30 else 8},
                    "encoding": {
                        **encoding,
                        "text": {"field": "text"},
                        "color": {"condition": strong, "value": self.ink()},
                    },
                }
            )
        return {"layer": layers}


def _unit(role: str) -> pl.Expr:
    """The values divided by the largest, so that no square is too large or too small."""
    import polars as pl

    value = pl.col(role).cast(pl.Float64)
    return value / value.abs().max()


def _similar(roles: list[str], values: Mapping[tuple[str, str], float | None]) -> list[str]:
    """Like beside like: the leaves of a tree of joined columns, their distance being 1 - |r|."""
    import numpy as np
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    if len(roles) < 3:
        return roles
    apart = np.array(
        [[0.0 if a == b else 1 - abs(values[a, b] or 0.0) for b in roles] for a in roles], dtype=float
    )
    tree = hierarchy.linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    return [roles[place] for place in hierarchy.leaves_list(tree)]
