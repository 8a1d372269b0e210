"""Data Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Columns, family, is_family, parameter
from nodeflow_nodes.views._base import Picture, View, caption, number_text, pick
from nodeflow_nodes.views._bins import after, bins_of, period_of, period_text, truncated
from nodeflow_nodes.views._parts import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

MOST = 30
MOST_BARS = 6
SIDE = 190


class DataExplorer(View):
    """Draw every column at a glance: its values, how many are missing, and its main numbers.

    Numbers and dates get a small histogram, texts and truth values bars of their most frequent values. Above each
    stand the type, the share of missing values and, for numbers, mean and range; for others, how many different
    values there are. Everything is counted where the rows lie, so that the table may be of any size.

    Inputs:
        table: The table to look through.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Tables"
    keywords = (
        "profile",
        "profiling",
        "overview",
        "summary",
        "describe",
        "explore",
        "column statistics",
        "eda",
    )
    sized: ClassVar[bool] = False

    columns: Columns = parameter(
        default=Columns.all(), help="The columns to look at; at most thirty are drawn."
    )
    across: int = parameter(default=4, minimum=1, maximum=8, help="How many columns stand side by side.")

    def default_title(self) -> str:
        return "Columns at a glance"

    def fields(self) -> list[str | None]:
        return list(getattr(self.columns, "names", None) or ())

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        schema = dict(table.collect_schema())
        chosen = self.columns.resolve(schema)
        if not chosen:
            raise NodeFailed("no column is chosen; choose at least one")
        if len(chosen) > MOST:
            notes.append(f"the first {MOST} of {len(chosen)} columns are shown")
            chosen = chosen[:MOST]
        rows = int(table.select(pl.len()).collect(engine="streaming").item())
        if not rows:
            raise NodeFailed("the table has no rows; there is nothing to draw")
        facts = [
            f"{rows:,} {'row' if rows == 1 else 'rows'}, {len(schema)} {'column' if len(schema) == 1 else 'columns'}"
        ]
        cells = [self._cell(table, name, schema[name], rows) for name in chosen]
        body = {"concat": cells, "columns": min(self.across, len(cells)), "spacing": 28}
        return Picture([], body, notes, facts=facts)

    def _cell(self, table: pl.LazyFrame, name: str, dtype: pl.DataType, rows: int) -> dict[str, Any]:
        """The small chart of one column."""
        import polars as pl

        kind = "number" if dtype.is_numeric() else family(dtype)
        title: dict[str, Any] = {
            "text": caption(name) or "(no name)",
            "fontSize": 12,
            "offset": 6,
            "limit": SIDE,
        }
        plain = {"width": SIDE, "height": 84}
        if dtype.is_nested() or kind not in (
            "number",
            "text",
            "boolean",
            "category",
            "date",
            "datetime",
            "time",
        ):
            return {**plain, "title": {**title, "subtitle": [kind]}, **_empty(self)}
        frame = pick(table, value=name)
        value = pl.col("value")
        is_long = not is_family(dtype, ("number", "date", "datetime"))
        asked = [value.count().alias("there"), *([value.n_unique().alias("different")] if is_long else [])]
        found = frame.select(asked).collect(engine="streaming").row(0, named=True)
        there = found["there"]
        missing = "none missing" if there == rows else f"{1 - there / rows:.1%} missing"
        lines = [f"{kind}, {missing}"]
        if not there:
            return {**plain, "title": {**title, "subtitle": lines}, **_empty(self)}
        present = frame.filter(value.is_not_null())
        if is_family(dtype, ("number",)):
            low, high, mean = (
                present.select(
                    value.min().alias("low"),
                    value.max().alias("high"),
                    value.cast(pl.Float64).mean().alias("mean"),
                )
                .collect(engine="streaming")
                .row(0)
            )
            lines.append(f"mean {number_text(mean)}, {number_text(low)} to {number_text(high)}")
            body = self._bars_of_numbers(present)
        elif is_family(dtype, ("date", "datetime")):
            body, reach = self._bars_of_dates(present, dtype)
            lines.append(reach)
        else:
            lines.append(f"{found['different'] - (there < rows):,} different")
            body = self._bars_of_values(present, there)
        return {**plain, "title": {**title, "subtitle": lines}, **body}

    def _bars_of_numbers(self, frame: pl.LazyFrame) -> dict[str, Any]:
        import polars as pl

        bins = bins_of(frame, "value")
        counts = (
            frame.group_by(bins.index().alias("bin")).agg(pl.len().alias("n")).collect(engine="streaming")
        )
        data = [
            {"from": bins.edge(one), "to": bins.edge(one + 1), "zero": 0, "rows": n, "range": bins.told(one)}
            for one, n in counts.sort("bin").iter_rows()
        ]
        high = max(abs(row["to"]) for row in data)
        axis = {"tickCount": 4, "title": None, "grid": False, **({"format": "~s"} if high >= 10_000 else {})}
        return self._histogram(
            data, {"type": "quantitative", "axis": axis, "scale": {"nice": False, "zero": False}}
        )

    def _bars_of_dates(self, frame: pl.LazyFrame, dtype: pl.DataType) -> tuple[dict[str, Any], str]:
        import polars as pl

        every = period_of(frame, "value", 24)
        counts = (
            frame.group_by(truncated(pl.col("value"), every, dtype).alias("bin"))
            .agg(pl.len().alias("n"))
            .sort("bin")
            .collect(engine="streaming")
        )
        starts = counts["bin"].to_list()
        data = [
            {
                "from": one.isoformat(),
                "to": after(one, every).isoformat(),
                "zero": 0,
                "rows": n,
                "range": period_text(one, every),
            }
            for one, n in counts.iter_rows()
        ]
        low, high = (
            frame.select(pl.col("value").min().alias("a"), pl.col("value").max().alias("b"))
            .collect(engine="streaming")
            .row(0)
        )
        axis = {"tickCount": 3, "title": None, "grid": False}
        encoded = {"type": "temporal", "axis": axis, "scale": {"type": "utc"}}
        assert starts
        return self._histogram(data, encoded), f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"

    def _histogram(self, data: list[dict[str, Any]], across: Mapping[str, Any]) -> dict[str, Any]:
        up = {"field": "zero", "type": "quantitative", "axis": None}
        return {
            "data": {"values": data},
            "mark": {"type": "rect", "color": self.main_colour(), "stroke": self.paper(), "strokeWidth": 0.5},
            "encoding": {
                "x": {"field": "from", **across}, "x2": {"field": "to"}, "y": up, "y2": {"field": "rows"},
                "tooltip": [told("range", "Values"), told("rows", "Rows")],
            },
        }  # fmt: skip

    def _bars_of_values(self, frame: pl.LazyFrame, there: int) -> dict[str, Any]:
        import polars as pl

        counts = (
            frame.group_by(pl.col("value").cast(pl.String))
            .agg(pl.len().alias("n"))
            .sort("n", "value", descending=[True, False])
            .head(MOST_BARS)
            .collect(engine="streaming")
        )
        data = [{"value": name, "rows": n, "share": f"{n / there:.1%}"} for name, n in counts.iter_rows()]
        down = {
            "field": "value", "type": "nominal", "sort": None, "title": None,
            "axis": {"labelLimit": 90, "domain": False, "ticks": False, "labelFontSize": 10},
        }  # fmt: skip
        return {
            "data": {"values": data},
            "mark": {"type": "bar", "color": self.main_colour(), "cornerRadiusEnd": 1},
            "encoding": {
                "y": down, "x": {"field": "rows", "type": "quantitative", "axis": None, "scale": {"domain": [0, there]}},
                "tooltip": [told("value", "Value"), told("rows", "Rows"), told("share", "Share")],
            },
        }  # fmt: skip


def _empty(view: View) -> dict[str, Any]:
    words = {"type": "text", "color": view.quiet(), "fontSize": 11}
    return {
        "data": {"values": [{"text": "no values"}]},
        "mark": words,
        "encoding": {"text": {"field": "text"}},
    }
