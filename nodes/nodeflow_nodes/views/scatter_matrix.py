"""Scatter Matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    Picture,
    View,
    captions,
    fewer_than_two,
    labelled,
    pick,
)
from nodeflow_nodes.views._bins import bins_of
from nodeflow_nodes.views._parts import axis_of, largest, told

if TYPE_CHECKING:
    import polars as pl

MOST = 8


class ScatterMatrix(View):
    """Draw a scatter plot for each pair of number columns, and the distribution of each along the diagonal.

    Of a large table a sample is drawn, spread evenly over its rows; distributions are counted over all rows.
    Points without one of the two values are left out of their plot.

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Points"
    keywords = ("pairs", "pairplot", "splom", "scatterplot matrix", "correlation")
    sized = False

    columns: Columns = parameter(
        default=Columns.all(), types=("number",), help="The number columns; two to eight."
    )
    colour: Column | None = parameter(default=None, types=GROUPS, help="A column that colours the points.")
    opacity: float = parameter(default=0.5, above=0, maximum=1, help="How opaque points are.")
    most_points: int = parameter(
        default=1_000,
        minimum=10,
        maximum=10_000,
        unit="points",
        advanced=True,
        help="Larger tables are sampled.",
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        if not columns:
            return []
        chosen = self._chosen(columns)
        return fewer_than_two(chosen, ", ".join(chosen) or "none")

    def _chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return [
            name
            for name in self.columns.resolve(dict(schema))
            if schema[name].is_numeric() and name != self.colour
        ]

    def default_title(self) -> str:
        return "Each column by each other"

    def fields(self) -> list[str | None]:
        return [*(getattr(self.columns, "names", None) or ()), self.colour]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        chosen = self._chosen(dict(table.collect_schema()))
        if len(chosen) < 2:
            raise NodeFailed("fewer than two number columns are chosen; choose two or more")
        if len(chosen) > MOST:
            notes.append(f"the first {MOST} of {len(chosen)} number columns are shown")
            chosen = chosen[:MOST]
        roles = {f"c{place}": name for place, name in enumerate(chosen)}
        frame = pick(table, colour=self.colour, **roles)
        counts = frame.select(pl.len().alias("all"), *(pl.col(role).count().alias(role) for role in roles))
        found = counts.collect(engine="streaming").row(0, named=True)
        empty = [name for role, name in roles.items() if not found[role]]
        if len(empty) == len(roles):
            raise NodeFailed("no row has a usable value in any of the columns; there is nothing to draw")
        if empty:
            notes.append(f"{len(empty)} columns without a value are left out")
            roles = {role: name for role, name in roles.items() if found[role]}
        colours: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
        bars = {role: self._bars(frame, role) for role in roles}
        if found["all"] > self.most_points:
            step = -(-found["all"] // self.most_points)
            frame = frame.gather_every(step)
            notes.append(f"a sample of {-(-found['all'] // step):,} of {found['all']:,} rows is shown")
        rows = frame.collect(engine="streaming")
        columns = dict(roles) | ({"colour": str(self.colour)} if colours else {})
        return Picture(rows.to_dicts(), self._body(rows, roles, colours, bars), notes, columns=columns)

    @staticmethod
    def _bars(frame: pl.LazyFrame, role: str) -> list[dict[str, Any]]:
        """The bars of a column's distribution."""
        import polars as pl

        present = frame.filter(pl.col(role).is_not_null())
        bins = bins_of(present, role)
        counts = (
            present.group_by(bins.index().alias("bin")).agg(pl.len().alias("n")).collect(engine="streaming")
        )
        return [
            {"from": bins.edge(one), "to": bins.edge(one + 1), "zero": 0, "rows": n}
            for one, n in counts.sort("bin").iter_rows()
        ]

    def _body(
        self, rows: pl.DataFrame, roles: Mapping[str, str], colours: list[str], bars: Mapping[str, Any]
    ) -> dict[str, Any]:
        import polars as pl

        names = dict(zip(roles, captions(list(roles.values())), strict=True))
        side = max(70, max(self.width, self.height) // len(roles) - 12)
        last = list(roles)[-1]
        first = next(iter(roles))
        mark: dict[str, Any] = {"type": "point", "filled": True, "size": 14, "opacity": self.opacity}
        shade = self.coloured("colour", str(self.colour), colours) if colours else None
        if shade is None:
            mark["color"] = self.main_colour()
        axes = {}
        for role, name in names.items():
            series = rows[role].drop_nulls()
            high = largest(series.min(), series.max())  # type: ignore[arg-type]
            axes[role] = axis_of(role, name, pl.Float64(), high=high, axis={"tickCount": 3})
        grid = []
        for down in roles:
            line: list[dict[str, Any]] = []
            for across in roles:
                x = {**axes[across]}
                if down != last:
                    x = {**x, "title": None, "axis": {**x["axis"], "labels": False, "ticks": False}}
                if across == down:
                    line.append(
                        self._diagonal(x, across, names[across], bars[across], side, is_first=across == first)
                    )
                    continue
                y = {**axes[down]}
                if across != first:
                    y = {**y, "title": None, "axis": {**y["axis"], "labels": False, "ticks": False}}
                tips = [told(across, names[across]), told(down, names[down])]
                encoding = {"x": x, "y": y, "tooltip": tips} | ({"color": shade} if shade else {})
                both = f"isValid(datum.{across}) && isValid(datum.{down})"
                line.append({
                    "width": side, "height": side, "transform": [{"filter": both}], "mark": mark, "encoding": encoding,
                })  # fmt: skip
            grid.append({"hconcat": line, "spacing": 8})
        return {"vconcat": grid, "spacing": 8}

    def _diagonal(
        self,
        x: dict[str, Any],
        role: str,
        name: str,
        bars: list[dict[str, Any]],
        side: int,
        *,
        is_first: bool,
    ) -> dict[str, Any]:
        look = {"title": name if is_first else None, "labels": False, "ticks": False, "grid": False}
        return {
            "width": side, "height": side, "data": {"values": bars},
            "mark": {"type": "rect", "color": self.quiet(), "opacity": 0.6, "stroke": self.paper(), "strokeWidth": 0.5},
            "encoding": {
                "x": {**x, "field": "from"}, "x2": {"field": "to"},
                "y": {"field": "zero", "type": "quantitative", "axis": look}, "y2": {"field": "rows"},
                "tooltip": [told("from", f"{name} from"), told("to", "to"), told("rows", "Rows")],
            },
        }  # fmt: skip
