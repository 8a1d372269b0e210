"""Scatter Plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import shorten
from nodeflow.parameters import Column, Columns, Fault, family, is_family, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    PLACES,
    Picture,
    View,
    caption,
    complete,
    labelled,
    moments,
    nice_step,
    number_text,
    pick,
    tell_zones,
)
from nodeflow_nodes.views._parts import MOST_PANELS, axis_of, largest, panels, told
from nodeflow_nodes.views._theme import ramp

if TYPE_CHECKING:
    import polars as pl

DENSE = 20_000
"""Points from which on their density is drawn."""


class ScatterPlot(View):
    """Draw one point a row, at the values of two columns.

    Further columns may colour the points, give their size, or put them into panels. Rows without a value for
    a place are not shown, and their number is told under the title. Of a large table the density of points
    is drawn, counted where the rows lie, or a sample, spread evenly over the rows, and that is told as
    well. A text column with more than eight values colours by its seven most frequent ones and "others".

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Points"
    keywords = ("xy", "point chart", "scatterplot", "dot plot", "correlation", "regplot", "bubble")

    x: Column = parameter(types=PLACES, label="Across", help="The column along the horizontal axis.")
    y: Column = parameter(types=PLACES, label="Up", help="The column along the vertical axis.")
    colour: Column | None = parameter(default=None, types=GROUPS, help="A column that colours the points.")
    size: Column | None = parameter(
        default=None, types=("number",), help="A column for the size of the points."
    )
    facet: Column | None = parameter(
        default=None, types=GROUPS, label="Panels", help="A column with a panel for each of its values."
    )
    line: Literal["none", "identity", "trend"] = parameter(
        default="none",
        help="A line where both axes are equal, or the straight line that fits the points best.",
    )
    x_scale: Literal["linear", "logarithmic"] = parameter(
        default="linear", help="The horizontal axis' scale."
    )
    y_scale: Literal["linear", "logarithmic"] = parameter(default="linear", help="The vertical axis' scale.")
    opacity: float = parameter(
        default=0.65, above=0, maximum=1, help="How opaque points are; 1 hides what is below."
    )
    tell: Columns = parameter(
        default=Columns.of(),
        label="Tell as well",
        advanced=True,
        help="Further columns told under the mouse.",
    )
    many: Literal["automatic", "sample", "density"] = parameter(
        default="automatic",
        advanced=True,
        help="What is drawn of a large table; automatic: the density above 20,000 points of one colour, else a sample.",
    )
    most_points: int = parameter(
        default=5_000,
        minimum=10,
        maximum=50_000,
        unit="points",
        advanced=True,
        help="Larger tables are sampled.",
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        logarithmic = {"x_scale": (self.x, self.x_scale), "y_scale": (self.y, self.y_scale)}
        return [
            Fault(place, f'"{shorten(name)}" holds {family(columns[name])}s, which have no logarithmic scale')
            for place, (name, scale) in logarithmic.items()
            if scale == "logarithmic" and name in columns and not is_family(columns[name], ("number",))
        ]

    def default_title(self) -> str:
        return f"{self.y.strip()} by {self.x.strip()}"

    def fields(self) -> list[str | None]:
        return [self.x, self.y, self.colour, self.size, self.facet]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        schema = dict(table.collect_schema())
        tell_zones(table, [self.x, self.y], notes)
        extra = [name for name in self.tell.resolve(schema) if name not in (self.x, self.y)][:10]
        more = {f"more{place}": name for place, name in enumerate(extra)}
        frame = pick(table, x=self.x, y=self.y, colour=self.colour, size=self.size, facet=self.facet, **more)
        shade = self._shade(frame)
        needed = {"x": str(self.x), "y": str(self.y)}
        if self.size is not None:
            needed["size"] = self.size
        if shade == "quantitative":
            needed["colour"] = str(self.colour)
        usable = pl.lit(value=True)
        for role, scale in (("x", self.x_scale), ("y", self.y_scale)):
            if scale == "logarithmic":
                usable &= pl.col(role) > 0
        frame, shown = complete(frame, needed, notes, usable)
        colours: list[str] = []
        facets: list[str] = []
        if shade == "nominal":
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
        if self.facet is not None:
            frame, facets = labelled(frame, "facet", MOST_PANELS, notes)
        plain = self.colour is None and self.size is None and self.facet is None
        linear = self.x_scale == self.y_scale == "linear"
        if self.many == "density" or (self.many == "automatic" and plain and linear and shown > DENSE):
            return self._dense(frame, schema, shown, notes)
        ends = self._line(frame)
        if shown > self.most_points:
            step = -(-shown // self.most_points)
            frame = frame.gather_every(step)
            notes.append(f"a sample of every {_ordinal(step)} of {shown:,} rows is shown")
        rows = moments(frame.collect(engine="streaming"))
        columns = {"x": str(self.x), "y": str(self.y)}
        for role, name in (
            ("colour", self.colour),
            ("size", self.size),
            ("facet", self.facet),
            *more.items(),
        ):
            if name is not None:
                columns[role] = name
        body = self._body(rows, schema, shade, colours, more, ends)
        if facets:
            body = panels(body, str(self.facet), facets, self.width, self.height)
        return Picture(rows.to_dicts(), body, notes, columns=columns)

    def _shade(self, frame: pl.LazyFrame) -> str:
        """How the colour column colours: by groups or along a scale; empty without one."""
        import polars as pl

        if self.colour is None:
            return ""
        dtype = frame.collect_schema()["colour"]
        if is_family(dtype, ("date", "datetime")):
            return "temporal"
        if not dtype.is_numeric():
            return "nominal"
        if not dtype.is_integer():
            return "quantitative"
        # codes and flags are no amounts
        values = frame.select(pl.col("colour").n_unique()).collect(engine="streaming").item()
        return "nominal" if values <= MOST_COLOURS else "quantitative"

    def _dense(self, frame: pl.LazyFrame, schema: Mapping[str, Any], shown: int, notes: list[str]) -> Picture:
        """Cells coloured by how many points lie in them."""
        import polars as pl

        notes.append(f"the density of {shown:,} points is shown")
        cells, encoding = [], {}
        for role, name, room in (("x", self.x, self.width // 8), ("y", self.y, self.height // 8)):
            value = pl.col(role).to_physical().cast(pl.Float64)
            low, high = (
                frame.select(value.min().alias("a"), value.max().alias("b"))
                .collect(engine="streaming")
                .row(0)
            )
            step = (
                nice_step(high - low, room) if not schema[name].is_temporal() else (high - low) / room or 1.0
            )
            start = ((value / step).floor() * step).alias(role)
            cells.append(start)
            sizes = (low, high)
            axis = axis_of(role, name, schema[name], high=largest(*sizes))
            encoding[role] = {**axis, "scale": {**axis.get("scale", {}), "nice": False, "zero": False}}
            encoding[f"{role}2"] = {"field": f"{role}_end"}
            frame = frame.with_columns(pl.lit(step).alias(f"{role}_step"))
        counted = (
            frame.group_by(*cells)
            .agg(pl.len().alias("rows"), pl.col("x_step").first(), pl.col("y_step").first())
            .collect(engine="streaming")
            .sort("x", "y")
        )
        counted = counted.with_columns(
            (pl.col(role) + pl.col(f"{role}_step")).alias(f"{role}_end") for role in ("x", "y")
        ).drop("x_step", "y_step")
        for role, name in (("x", self.x), ("y", self.y)):
            if schema[name].is_temporal():
                back = pl.Datetime("us") if schema[name] != pl.Date else pl.Date
                physical = pl.Int64 if schema[name] != pl.Date else pl.Int32
                counted = counted.with_columns(pl.col(role, f"{role}_end").cast(physical).cast(back))
        shade = {
            "field": "rows", "type": "quantitative", "title": "Rows",
            "scale": {"range": ramp(self.theme), "type": "log" if counted["rows"].max() > 20 else "linear"},  # type: ignore[operator]
            "legend": {"gradientLength": min(200, self.height // 2)},
        }  # fmt: skip
        tips = [told("x", self.x, schema[self.x]), told("y", self.y, schema[self.y]), told("rows", "Rows")]
        cell = {"mark": {"type": "rect"}, "encoding": {**encoding, "color": shade, "tooltip": tips}}
        ends = self._line(frame)
        layers = [cell, self._drawn_line(ends)] if ends else [cell]
        columns = {"x": str(self.x), "x_end": str(self.x), "y": str(self.y), "y_end": str(self.y)}
        return Picture(moments(counted).to_dicts(), {"layer": layers}, notes, columns=columns)

    def _body(
        self,
        rows: pl.DataFrame,
        schema: Mapping[str, Any],
        shade: str,
        colours: list[str],
        more: Mapping[str, str],
        ends: list[dict[str, float]],
    ) -> dict[str, Any]:
        encoding: dict[str, Any] = {}
        for role, name, scale in (("x", self.x, self.x_scale), ("y", self.y, self.y_scale)):
            sizes = (rows[role].min(), rows[role].max()) if rows[role].dtype.is_numeric() else ()
            axis = axis_of(role, name, schema[name], high=largest(*sizes), logarithmic=scale == "logarithmic")
            if scale == "logarithmic":
                axis["scale"] = {**axis["scale"], "padding": 12}
            encoding[role] = axis
        named = {"x": self.x, "y": self.y, "colour": self.colour, "size": self.size, **more}
        encoding["tooltip"] = [
            told(role, name, schema[name] if role not in ("colour",) else None)
            for role, name in named.items()
            if name is not None
        ]
        if shade == "nominal":
            encoding["color"] = self.coloured("colour", str(self.colour), colours)
        elif shade:
            encoding["color"] = {
                "field": "colour", "type": shade, "title": caption(str(self.colour)), "scale": {"scheme": "viridis"},
            }  # fmt: skip
        if self.size is not None:
            encoding["size"] = {"field": "size", "type": "quantitative", "title": caption(self.size)}
        mark: dict[str, Any] = {"type": "point", "filled": True, "opacity": self.opacity}
        mark |= {} if self.size else {"size": 45 if rows.height <= 2_000 else 25}
        mark |= {} if shade else {"color": self.main_colour()}
        layers: list[dict[str, Any]] = [{"mark": mark, "encoding": encoding}]
        if ends:
            layers.append(self._drawn_line(ends))
        return {"layer": layers}

    def _drawn_line(self, ends: list[dict[str, float]]) -> dict[str, Any]:
        dashed = {"type": "line", "color": self.quiet(), "strokeDash": [6, 4], "strokeWidth": 1.5}
        places = {role: {"field": role, "type": "quantitative"} for role in ("x", "y")}
        return {"data": {"values": ends}, "mark": dashed, "encoding": places}

    def _line(self, frame: pl.LazyFrame) -> list[dict[str, float]]:
        """The two ends of the line to draw, of all rows; none where there is none to draw."""
        import polars as pl

        schema = frame.collect_schema()
        if self.line == "none" or not (schema["x"].is_numeric() and schema["y"].is_numeric()):
            return []
        x, y = pl.col("x").cast(pl.Float64), pl.col("y").cast(pl.Float64)
        found = frame.select(
            x.min().alias("low"), x.max().alias("high"), y.min().alias("bottom"), y.max().alias("top"),
            x.mean().alias("x"), y.mean().alias("y"), pl.cov(x, y, ddof=0).alias("both"), x.var(ddof=0).alias("spread"),
        ).collect(engine="streaming").row(0, named=True)  # fmt: skip
        low, high = found["low"], found["high"]
        if self.line == "identity":
            low, high = min(low, found["bottom"]), max(high, found["top"])
            return [{"x": low, "y": low}, {"x": high, "y": high}]
        if not found["spread"]:
            return []
        slope = found["both"] / found["spread"]
        return [{"x": at, "y": found["y"] + slope * (at - found["x"])} for at in (low, high)]


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number_text(number)}th")
