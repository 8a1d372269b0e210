"""Line Plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Column, Columns, Fault, is_family, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    PLACES,
    Picture,
    View,
    captions,
    in_order,
    labelled,
    moments,
    pick,
    tell_left_out,
    tell_zones,
)
from nodeflow_nodes.views._bins import period, period_of, truncated
from nodeflow_nodes.views._parts import MOST_PANELS, axis_of, largest, panels, told

if TYPE_CHECKING:
    import polars as pl

MOST_LINES = 20


class LinePlot(View):
    """Draw lines through the rows in the order of a number or date.

    Each chosen column is a line of its own; a further column may split each into several. The rows may be
    in any order. Of a line with very many points those are drawn that give the same picture: in each narrow
    strip the first, the last, the lowest and the highest (Jugel and others 2014), so that no peak is lost.
    Rows of the same place may be summarised, dates by day, week, month or year. Where a value is missing the
    line is broken, or goes on to the next value.

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Lines"
    keywords = ("line chart", "time series", "curve", "lineplot", "trend", "timeline")

    x: Column = parameter(types=PLACES, label="Across", help="The number or date along the horizontal axis.")
    y: Columns = parameter(
        types=("number",), min_length=1, label="Lines", help="The number columns, a line each."
    )
    colour: Column | None = parameter(
        default=None, types=GROUPS, label="Split by", help="A column with a line for each of its values."
    )
    facet: Column | None = parameter(
        default=None, types=GROUPS, label="Panels", help="A column with a panel for each of its values."
    )
    aggregation: Literal["none", "mean", "sum", "median", "min", "max", "count"] = parameter(
        default="none",
        help="What is drawn where several rows have the same place: all of them, or a summary.",
    )
    period: Literal["none", "automatic", "hour", "day", "week", "month", "quarter", "year", "decade"] = (
        parameter(
            default="none",
            help="Summarise dates by this period of the calendar.",
            when={"aggregation": ["mean", "sum", "median", "min", "max", "count"]},
        )
    )
    points: Literal["automatic", "yes", "no"] = parameter(
        default="automatic", help="Whether each value has a point; automatic: if there are few."
    )
    gaps: Literal["break", "join"] = parameter(
        default="break", help="Where a value is missing: break the line, or go on to the next value."
    )
    y_scale: Literal["linear", "logarithmic"] = parameter(
        default="linear",
        label="Scale",
        help="The vertical scale; a logarithmic one leaves out what is not above zero.",
    )
    from_zero: bool = parameter(default=False, help="Whether the vertical axis begins at zero.")
    most_points: int = parameter(
        default=2_000,
        minimum=100,
        maximum=20_000,
        unit="points",
        advanced=True,
        help="How many points a line has at most.",
    )

    def check_parameters(self) -> list[Fault]:
        if self.period != "none" and self.aggregation == "none":
            return [
                Fault("aggregation", "choose how the rows of a period are summarised, such as mean or sum")
            ]
        return []

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        if not columns:
            return []
        lines = [name for name in self.y.resolve(columns) if name != self.x]
        if not lines:
            return [Fault("y", "no number column is chosen besides the one along the horizontal axis")]
        if len(lines) > MOST_LINES:
            return [
                Fault("y", f"{len(lines)} columns are chosen; at most {MOST_LINES} lines can be told apart")
            ]
        if (
            self.period != "none"
            and self.x in columns
            and not is_family(columns[self.x], ("date", "datetime"))
        ):
            return [Fault("period", f'"{shorten(self.x)}" holds no dates; choose no period')]
        return []

    def default_title(self) -> str:
        chosen = ", ".join(self.y.names or ()) if getattr(self.y, "names", None) else "values"
        return f"{shorten(chosen.strip(), 80)} by {self.x.strip()}"

    def fields(self) -> list[str | None]:
        return [self.x, *(getattr(self.y, "names", None) or ()), self.colour, self.facet]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        schema = dict(table.collect_schema())
        columns = [name for name in self.y.resolve(schema) if name != self.x]
        if not columns:
            raise NodeFailed("no number column is chosen; choose at least one for the lines")
        tell_zones(table, [self.x], notes)
        roles = {f"y{place}": name for place, name in enumerate(columns)}
        frame = pick(table, x=self.x, colour=self.colour, facet=self.facet, **roles)
        if self.y_scale == "logarithmic":
            frame = frame.with_columns(pl.when(pl.col(one) > 0).then(pl.col(one)) for one in roles)
        colours: list[str] = []
        facets: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_LINES, notes)
        if self.facet is not None:
            frame, facets = labelled(frame, "facet", MOST_PANELS, notes)
        lines = dict(zip(roles, captions(columns), strict=True))
        long = self._long(frame, lines, bool(colours))
        names = self._names(list(lines.values()), colours)
        rows, usable, total = self._rows(long, schema[self.x], notes)
        if not usable:
            raise NodeFailed(
                f'no row has a value in "{shorten(self.x)}" and a line; there is nothing to draw'
            )
        if self.gaps == "join" or len(columns) == 1:
            tell_left_out(total, usable, notes)
        data = moments(rows).to_dicts()
        meant = {"x": str(self.x)} | ({"y": columns[0]} if len(columns) == 1 else {})
        meant |= {"line": str(self.colour)} if colours and len(columns) == 1 else {}
        return Picture(data, self._body(rows, schema[self.x], columns, names, facets), notes, columns=meant)

    def _long(self, frame: pl.LazyFrame, lines: Mapping[str, str], is_split: bool) -> pl.LazyFrame:
        """A row for each value of each line: x, y, line, facet."""
        import polars as pl

        kept = [name for name in ("x", "facet") if name in frame.collect_schema()]
        parts = []
        for role, name in lines.items():
            line = pl.lit(name)
            if is_split:
                line = pl.col("colour") if len(lines) == 1 else pl.concat_str(pl.lit(f"{name} · "), "colour")
            parts.append(frame.select(*kept, pl.col(role).cast(pl.Float64).alias("y"), line.alias("line")))
        return pl.concat(parts) if len(parts) > 1 else parts[0]

    @staticmethod
    def _names(lines: list[str], colours: list[str]) -> list[str]:
        if not colours:
            return lines
        if len(lines) == 1:
            return colours
        return [f"{name} · {colour}" for name in lines for colour in colours]

    def _rows(
        self, long: pl.LazyFrame, dtype: pl.DataType, notes: list[str]
    ) -> tuple[pl.DataFrame, int, int]:
        """The points to draw, how many rows have a value and how many there are."""
        import polars as pl

        total = int(long.select(pl.len()).collect(engine="streaming").item())
        placed = long.filter(pl.col("x").is_not_null())
        by = [name for name in ("line", "facet") if name in long.collect_schema()]
        usable = int(placed.select(pl.col("y").count()).collect(engine="streaming").item())
        if not usable:
            return pl.DataFrame(), 0, total
        if self.aggregation != "none":
            if self.period != "none":
                every = period_of(placed, "x", 120) if self.period == "automatic" else period(self.period)
                placed = placed.with_columns(truncated(pl.col("x"), every, dtype))
            value = (
                pl.col("y").count().cast(pl.Float64)
                if self.aggregation == "count"
                else getattr(pl.col("y"), self.aggregation)()
            )
            placed = placed.group_by([*by, "x"]).agg(pl.when(pl.col("y").count() > 0).then(value).alias("y"))
        if self.gaps == "join" or self.aggregation != "none":
            placed = placed.filter(pl.col("y").is_not_null())
        counts = placed.group_by(by).agg(pl.len().alias("n")).collect(engine="streaming")
        if counts["n"].max() > self.most_points:  # type: ignore[operator]
            placed = _thinned(placed, by, self.most_points)
            notes_of = f"of lines with more than {self.most_points:,} points the peaks and ends of each strip are drawn"
            notes.append(notes_of)
        found = placed.collect(engine="streaming").sort([*by, "x"], nulls_last=True, maintain_order=True)
        return found, usable, total

    def _body(
        self, rows: pl.DataFrame, dtype: pl.DataType, columns: list[str], names: list[str], facets: list[str]
    ) -> dict[str, Any]:
        import polars as pl

        present = set(rows["line"].unique().to_list())
        names = [name for name in in_order(names) if name in present]
        values = rows["y"].drop_nulls()
        high = largest(values.min(), values.max())  # type: ignore[arg-type]
        wide = 0.0 if dtype.is_temporal() else largest(rows["x"].min(), rows["x"].max())  # type: ignore[arg-type]
        what = columns[0] if len(columns) == 1 else ""
        if self.aggregation not in ("none", "count"):
            what = f"{self.aggregation.capitalize()} of {what or 'values'}"
        elif self.aggregation == "count":
            what = "Rows"
        up = axis_of("y", what, pl.Float64(), high=high, logarithmic=self.y_scale == "logarithmic")
        if self.y_scale == "linear":
            up["scale"] = {**up.get("scale", {}), "zero": self.from_zero}
        few = rows.height <= 40 * max(1, len(names)) and self.points == "automatic"
        mark: dict[str, Any] = {"type": "line", "strokeWidth": 1.75, "strokeJoin": "round"}
        if few or self.points == "yes" or not _has_lines(rows):
            mark["point"] = {"size": 30, "filled": True}
        encoding: dict[str, Any] = {
            "x": axis_of("x", self.x, dtype, high=wide),
            "y": up,
            "tooltip": [told("x", self.x, dtype), told("y", what or "value")],
        }
        if len(names) > 1 or self.colour is not None:
            title = str(self.colour) if self.colour is not None and len(columns) == 1 else "line"
            encoding["color"] = self.coloured("line", title if self.colour is not None else " ", names)
            encoding["tooltip"].insert(0, told("line", title))
            if len(names) > MOST_COLOURS:
                encoding["strokeDash"] = {
                    "field": "line", "type": "nominal", "sort": names, "legend": None,
                    "scale": {"domain": names, "range": [_DASHES[n // MOST_COLOURS % 3] for n in range(len(names))]},
                }  # fmt: skip
        else:
            mark["color"] = self.main_colour()
        body = {"mark": mark, "encoding": encoding}
        return panels(body, str(self.facet), facets, self.width, self.height) if facets else body


_DASHES = ([1, 0], [6, 3], [2, 2])


def _thinned(frame: pl.LazyFrame, by: list[str], most: int) -> pl.LazyFrame:
    """In each of `most / 4` strips of each line the first, last, lowest and highest point (M4)."""
    import polars as pl

    place = (
        pl.col("x").cast(pl.Float64)
        if not _is_temporal(frame)
        else pl.col("x").to_physical().cast(pl.Float64)
    )
    low, high = (
        frame.select(place.min().alias("low"), place.max().alias("high")).collect(engine="streaming").row(0)
    )
    width = (high - low) / (most // 4) or 1.0
    strip = ((place - low) / width).floor().cast(pl.Int32).alias("strip")
    x, y = pl.col("x"), pl.col("y")
    keys = [*by, "strip"]
    placed = frame.with_columns(strip)
    ends = placed.group_by(keys).agg(
        x.min().alias("first"), x.max().alias("last"), y.min().alias("low"), y.max().alias("high")
    )
    # both by streaming: the rows of a strip are never held together
    beside = placed.join(ends.collect(engine="streaming").lazy(), on=keys, nulls_equal=True)
    at_ends = (
        beside.filter((x == pl.col("first")) | (x == pl.col("last"))).group_by([*keys, "x"]).agg(y.min())
    )
    at_peaks = beside.filter((y == pl.col("low")) | (y == pl.col("high"))).group_by([*keys, "y"]).agg(x.min())
    columns = [*by, "x", "y"]
    return pl.concat([at_ends.select(columns), at_peaks.select(columns)]).unique()


def _is_temporal(frame: pl.LazyFrame) -> bool:
    return bool(frame.collect_schema()["x"].is_temporal())


def _has_lines(rows: pl.DataFrame) -> bool:
    """Whether some line has two points."""
    by = [name for name in ("line", "facet") if name in rows.columns]
    return bool((rows.group_by(by).len()["len"] > 1).any())
