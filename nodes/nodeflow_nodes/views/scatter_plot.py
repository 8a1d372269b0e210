"""Scatter Plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, is_family, parameter
from nodeflow.values.specs import ChartSpec, Spec

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart

COLOURS = ("number", "text", "boolean", "category", "date", "datetime")
PLACES = ("number", "date", "datetime")
MOST_COLOURS = 8


class ScatterPlot(Node):
    """Draw one point a row, at the values of two columns.

    A third column may colour the points, a fourth give their size. Rows without a value for a place are
    not shown, and their number is told under the title. Of a large table a sample is drawn, spread evenly
    over its rows, and told as well. A text column with more than eight values colours by its seven most
    frequent ones and "others".

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Points"
    keywords = ("xy", "point chart", "scatterplot", "dot plot", "correlation", "regplot")
    views_first = True

    x: Column = parameter(types=PLACES, label="Across", help="The column along the horizontal axis.")
    y: Column = parameter(types=PLACES, label="Up", help="The column along the vertical axis.")
    colour: Column | None = parameter(default=None, help="A column that colours the points.")
    size: Column | None = parameter(
        default=None, types=("number",), help="A column for the size of the points."
    )
    title: str = parameter(default="", help='The title; empty for "up by across".')
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
    most_points: int = parameter(
        default=5_000,
        minimum=10,
        maximum=50_000,
        unit="points",
        advanced=True,
        help="Larger tables are sampled.",
    )
    width: int = parameter(
        default=560, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=400, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )
    theme: Literal["light", "dark"] = parameter(default="light", help="Dark points on light, or the reverse.")

    def run(self, table: nw.LazyFrame, context: Context) -> Chart:
        from nodeflow.values import Chart

        rows, notes = self._points(table.to_native())
        for note in notes:
            context.warn(note)
        return Chart(self._specification(rows, notes), self._spec())

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return self._spec()

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        sentence = self._unfit_colour(table.columns) if table is not None else ""
        return [Fault("colour", sentence)] if sentence else []

    def _unfit_colour(self, schema: Mapping[str, pl.DataType]) -> str:
        if self.colour is None or self.colour not in schema or is_family(schema[self.colour], COLOURS):
            return ""
        return f'column "{shorten(self.colour)}" is {family(schema[self.colour])}, which cannot colour points'

    def _spec(self) -> ChartSpec:
        used = [name for name in (self.x, self.y, self.colour, self.size) if name is not None]
        return ChartSpec(self._title(), tuple(str(name) for name in dict.fromkeys(used)))

    def _title(self) -> str:
        return self.title or f"{self.y.strip()} by {self.x.strip()}"

    def summary(self) -> str:
        return f"{self.y} by {self.x}"[:80]

    def _points(self, table: pl.LazyFrame) -> tuple[pl.DataFrame, list[str]]:
        """The rows to draw, columns named x, y, colour, size; and what to tell about those left out."""
        import polars as pl
        import polars.selectors as cs

        chosen = {"x": self.x, "y": self.y, "colour": self.colour, "size": self.size}
        picked = [cs.by_name(name).alias(role) for role, name in chosen.items() if name is not None]
        frame = table.select(picked)
        schema = frame.collect_schema()
        sentence = self._unfit_colour(table.collect_schema())
        if sentence:
            raise NodeFailed(sentence)
        usable = pl.lit(value=True)
        scales = {"x": self.x_scale, "y": self.y_scale}
        for role in schema:
            if role == "colour" and not schema[role].is_numeric():
                continue  # a missing group is a group
            usable &= pl.col(role).is_not_null()
            if schema[role].is_float():
                usable &= pl.col(role).is_finite()
            if scales.get(role) == "logarithmic" and schema[role].is_numeric():
                usable &= pl.col(role) > 0
        total, shown = (
            frame.select(pl.len().alias("all"), usable.sum().alias("kept")).collect(engine="streaming").row(0)
        )
        shown = int(shown or 0)
        if not shown:
            names = listing([str(name) for name in chosen.values() if name is not None])
            raise NodeFailed(f"no row has a usable value in each of {names}; there is nothing to draw")
        notes = []
        if total > shown:
            notes.append(f"{total - shown:,} of {total:,} rows without a usable value are not shown")
        kept = frame.filter(usable)
        if shown > self.most_points:
            step = -(-shown // self.most_points)
            kept = kept.gather_every(step)
            notes.append(f"a sample of every {_ordinal(step)} of {shown:,} rows is shown")
        zones = {getattr(dtype, "time_zone", None) for dtype in schema.values()}
        if zones - {None, "UTC"}:
            notes.append("times are shown in UTC")
        return _plain(kept.collect(engine="streaming")), notes

    def _specification(self, rows: pl.DataFrame, notes: list[str]) -> dict[str, Any]:
        from nodeflow_nodes.views._theme import PALETTE, config, line_colour

        encoding: dict[str, Any] = {
            "x": self._axis("x", self.x, self.x_scale, rows),
            "y": self._axis("y", self.y, self.y_scale, rows),
            "tooltip": [
                {"field": role, "type": _kind(rows, role), "title": shorten(name)}
                for role, name in (("x", self.x), ("y", self.y), ("colour", self.colour), ("size", self.size))
                if name is not None
            ],
        }
        if self.colour is not None:
            kind = _kind(rows, "colour")
            scale = {"scheme": "viridis"} if kind != "nominal" else {}
            encoding["color"] = {
                "field": "colour",
                "type": kind,
                "title": shorten(self.colour.strip()),
                "scale": scale,
            }
        if self.size is not None:
            encoding["size"] = {"field": "size", "type": "quantitative", "title": shorten(self.size.strip())}
        mark: dict[str, Any] = {"type": "point", "filled": True, "opacity": self.opacity}
        mark |= {} if self.size else {"size": 45}
        mark |= {} if self.colour else {"color": PALETTE[0 if self.theme == "light" else 4]}
        layers: list[dict[str, Any]] = [{"mark": mark, "encoding": encoding}]
        ends = self._line(rows)
        if ends:
            layers.append(
                {
                    "data": {"values": ends},
                    "mark": {
                        "type": "line",
                        "color": line_colour(self.theme),
                        "strokeDash": [6, 4],
                        "size": 1.5,
                    },
                    "encoding": {role: {"field": role, "type": "quantitative"} for role in ("x", "y")},
                }
            )
        chosen = {"x": self.x, "y": self.y, "colour": self.colour, "size": self.size}
        columns = {role: name for role, name in chosen.items() if name is not None}
        return {
            "usermeta": {"nodeflow": {"columns": columns}},
            "title": {
                "text": shorten(self._title(), 110),
                "limit": self.width + 80,
                **({"subtitle": notes} if notes else {}),
            },
            "width": self.width,
            "height": self.height,
            "data": {"values": rows.to_dicts()},
            "layer": layers,
            "config": config(self.theme),
        }

    def _axis(self, role: str, name: str, scale: str, rows: pl.DataFrame) -> dict[str, Any]:
        kind = _kind(rows, role)
        look: dict[str, Any] = {"zero": False, "nice": True} if kind == "quantitative" else {"type": "utc"}
        if scale == "logarithmic" and kind == "quantitative":
            look = {"type": "log", "nice": False, "padding": 12}
        return {"field": role, "type": kind, "title": shorten(name.strip()), "scale": look}

    def _line(self, rows: pl.DataFrame) -> list[dict[str, float]]:
        """The two ends of the line to draw; none where there is none to draw."""
        if self.line == "none" or _kind(rows, "x") != "quantitative" or _kind(rows, "y") != "quantitative":
            return []
        x, y = rows["x"], rows["y"]
        low, high = float(x.min()), float(x.max())  # type: ignore[arg-type]
        if self.line == "identity":
            low, high = min(low, float(y.min())), max(high, float(y.max()))  # type: ignore[arg-type]
            return [{"x": low, "y": low}, {"x": high, "y": high}]
        spread = float(((x - x.mean()) ** 2).sum())
        if not spread:
            return []
        slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
        middle = float(y.mean()) - slope * float(x.mean())  # type: ignore[arg-type]
        return [{"x": low, "y": middle + slope * low}, {"x": high, "y": middle + slope * high}]


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Values as a chart takes them: moments as ISO text, texts with many values folded into "others"."""
    import polars as pl

    columns = []
    for role in rows.columns:
        values = rows.get_column(role)
        if values.dtype == pl.Date:
            values = values.dt.to_string("%Y-%m-%d")
        elif isinstance(values.dtype, pl.Datetime):
            # without the Z a browser reads a moment in the zone of whoever looks
            in_utc = values if values.dtype.time_zone is None else values.dt.convert_time_zone("UTC")
            values = in_utc.dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ")
        elif role == "colour" and values.dtype.is_integer() and values.n_unique() <= MOST_COLOURS:
            values = values.cast(pl.String)  # codes and flags, not amounts
        elif values.dtype.is_numeric():
            values = values.cast(pl.Float64) if not values.dtype.is_integer() else values
        elif role == "colour":
            values = _folded(values.cast(pl.String))
        columns.append(values.alias(role))
    return pl.DataFrame(columns)


def _folded(values: pl.Series) -> pl.Series:
    import polars as pl

    if values.n_unique() <= MOST_COLOURS:
        return values
    counts = values.drop_nulls().value_counts(sort=True)
    kept = counts.to_series(0).head(MOST_COLOURS - 1).to_list()
    return pl.select(
        pl.when(values.is_in(kept) | values.is_null()).then(values).otherwise(pl.lit("others"))
    ).to_series()


def _kind(rows: pl.DataFrame, role: str) -> str:
    dtype = rows.schema[role]
    if is_family(dtype, ("number",)):
        return "quantitative"
    return "nominal" if role == "colour" else "temporal"


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number:,}th")
