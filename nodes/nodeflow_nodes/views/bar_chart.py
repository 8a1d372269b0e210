"""Bar Chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MISSING,
    MOST_COLOURS,
    OTHERS,
    Picture,
    View,
    caption,
    categories,
    check_sums,
    complete,
    in_order,
    label,
    labelled,
    nothing,
    number_text,
    numbers,
    pick,
    shares,
)

if TYPE_CHECKING:
    import polars as pl

MOST_LABELLED = 30


class BarChart(View):
    """Draw a bar for each value of a column: how many rows there are, or a sum, mean or median of them.

    Rows are counted and summarised before anything is drawn, so that the table may be of any size. Of many
    categories those with the largest values are shown and the rest together as "others". Rows without a
    category form the category "(missing)". Rows without a value of the summarised column are not shown,
    and their number is told under the title.

    Inputs:
        table: The rows to count or summarise.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Bars"
    keywords = (
        "column chart",
        "barplot",
        "countplot",
        "histogram of categories",
        "stacked bar",
        "value counts",
    )

    group: Column = parameter(
        types=GROUPS, label="Category", help="The column with a bar for each of its values."
    )
    aggregation: Literal["count", "sum", "mean", "median", "min", "max"] = parameter(
        default="count", help="What a bar's length shows: the number of rows, or a summary of the values."
    )
    summarised: Column | None = parameter(
        default=None, types=("number",), help="The column to summarise; none is needed to count rows.",
        when={"aggregation": ["sum", "mean", "median", "min", "max"]},
    )  # fmt: skip
    colour: Column | None = parameter(
        default=None, types=GROUPS, help="A column that splits each bar by colour."
    )
    bars: Literal["automatic", "stacked", "beside", "shares"] = parameter(
        default="automatic",
        help="Bars of several colours: on top of each other, beside each other, or as shares of the whole. "
        "Automatic stacks counts and sums and puts the others beside each other.",
    )
    order: Literal["value", "name", "table"] = parameter(
        default="value", label="Sort by", help="Longest bars first, by category, or as the table has them."
    )
    most_bars: int = parameter(
        default=20,
        minimum=2,
        maximum=200,
        label="Most categories",
        help='Beyond these the smallest become "others".',
    )
    show_others: bool = parameter(
        default=True, help="Whether there is a bar for all the other categories together."
    )
    horizontal: bool = parameter(default=False, help="Bars to the right; good for long names.")
    show_values: bool = parameter(default=True, help="Write its value at the end of each bar of one colour.")

    def check_parameters(self) -> list[Fault]:
        if self.aggregation != "count" and self.summarised is None:
            return [
                Fault(
                    "summarised", f"choose the column whose {self.aggregation} the bars show, or count rows"
                )
            ]
        if self.bars in ("stacked", "shares") and self.aggregation not in ("count", "sum"):
            return [
                Fault(
                    "bars",
                    f"bars of a {self.aggregation} do not add up to a whole; put them beside each other",
                )
            ]
        return []

    def default_title(self) -> str:
        return f"{self._what()} by {self.group.strip()}"

    def _what(self) -> str:
        return (
            "Rows"
            if self.aggregation == "count"
            else f"{self.aggregation.capitalize()} of {str(self.summarised).strip()}"
        )

    def fields(self) -> list[str | None]:
        return [self.group, self.summarised if self.aggregation != "count" else None, self.colour]

    def picture(self, table: pl.LazyFrame) -> Picture:

        notes: list[str] = []
        values = None if self.aggregation == "count" else self.summarised
        frame = pick(table, bar=self.group, value=values, colour=self.colour)
        needed = {"value": str(values)} if values else {}
        if needed:
            frame, _ = complete(frame, needed, notes)
        frame, labels = self._top(frame, notes)
        colours: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
        by = ["bar", "colour"] if colours else ["bar"]
        rows = frame.group_by(by).agg(self._summary().alias("value")).collect(engine="streaming")
        check_sums(rows["value"], str(values))
        place = {name: index for index, name in enumerate(labels)}
        shade = {name: index for index, name in enumerate(colours)}
        data = [
            {**row, "rank": shade.get(row.get("colour", ""), 0), "text": number_text(row["value"])}
            for row in rows.iter_rows(named=True)
        ]
        data.sort(key=lambda row: (place[row["bar"]], row["rank"]))
        columns = {"bar": self.group} | ({"colour": str(self.colour)} if colours else {})
        return Picture(data, self._body(data, labels, colours), notes, columns=columns)

    def _summary(self) -> pl.Expr:
        import polars as pl

        if self.aggregation == "count":
            return pl.len()
        found: pl.Expr = getattr(pl.col("value").cast(pl.Float64), self.aggregation)()
        return found

    def _top(self, frame: pl.LazyFrame, notes: list[str]) -> tuple[pl.LazyFrame, list[str]]:
        """The frame with categories as labels, the smallest folded, and the labels in order."""
        import polars as pl

        dtype = frame.collect_schema()["bar"]
        named = frame.with_row_index("row").with_columns(label("bar", dtype).alias("name"))
        found = (
            named.group_by("name")
            .agg(self._summary().alias("value"), pl.col("bar").min().alias("first"), pl.col("row").min())
            .sort("value", "first", descending=[True, False], nulls_last=True)
            .collect(engine="streaming")
        )
        if found.get_column("first").null_count() == found.height:
            raise nothing([self.group])
        shown = found if found.height <= self.most_bars else found.head(self.most_bars - 1)
        by = {"value": "value", "name": "first", "table": "row"}[self.order]
        if by != "value":
            shown = shown.sort(by, nulls_last=True)
        labels = shown.get_column("name").to_list()
        kept = pl.col("name")
        if self.order != "value":
            labels = in_order(labels)
        if found.height > shown.height:
            told = f"the {shown.height:,} largest of {found.height:,} categories are shown"
            if not self.show_others:
                notes.append(told)
                return named.filter(kept.is_in(labels)).with_columns(kept.alias("bar")), labels
            notes.append(f"{told}, the rest as others")
            kept = pl.when(kept.is_in(labels)).then(kept).otherwise(pl.lit(OTHERS))
            labels = [*(one for one in labels if one != OTHERS), OTHERS]
        return named.with_columns(kept.alias("bar")).drop("name", "row"), labels

    def _body(self, data: list[dict[str, Any]], labels: list[str], colours: list[str]) -> dict[str, Any]:
        across, up = ("y", "x") if self.horizontal else ("x", "y")
        high = max(abs(row["value"] or 0) for row in data)
        stacked = self.bars in ("stacked", "shares") or (
            self.bars == "automatic" and self.aggregation in ("count", "sum")
        )
        length = numbers("value", self._what(), zero=True, high=high)
        if colours and self.bars == "shares":
            length = shares("value", f"Share of {self._what().lower()}", stack="normalize", scale={})
        long = max(map(len, labels)) > 3 + 60 // len(labels)
        angle = {"labelAngle": 0 if self.horizontal or not long else -40}
        bands = {"labelOverlap": len(labels) > 60}
        encoding: dict[str, Any] = {
            across: categories("bar", self.group, labels, axis=angle | bands | {"grid": False}),
            up: length,
            "tooltip": [
                {"field": "bar", "title": caption(self.group)},
                *([{"field": "colour", "title": caption(str(self.colour))}] if colours else []),
                {"field": "text", "title": caption(self._what())},
            ],
        }
        mark: dict[str, Any] = {"type": "bar", "cornerRadiusEnd": 0 if colours and stacked else 2}
        if not colours:
            quiet = f"datum.bar === '{OTHERS}' || datum.bar === '{MISSING}'"
            encoding["color"] = {
                "condition": {"test": quiet, "value": self.quiet()},
                "value": self.main_colour(),
            }
            layers = [{"mark": mark, "encoding": encoding}]
            if self.show_values and len(labels) <= MOST_LABELLED:
                place = {"align": "left", "dx": 4} if self.horizontal else {"baseline": "bottom", "dy": -3}
                text = {"type": "text", "color": self.quiet(), "fontSize": 10, **place}
                layers.append(
                    {
                        "mark": text,
                        "encoding": {across: encoding[across], up: length, "text": {"field": "text"}},
                    }
                )
            return {"layer": layers}
        encoding["color"] = self.coloured("colour", str(self.colour), colours)
        if stacked:
            encoding["order"] = {"field": "rank", "type": "quantitative"}
        else:
            length["stack"] = None
            encoding["yOffset" if self.horizontal else "xOffset"] = {"field": "colour", "sort": colours}
        return {"mark": mark, "encoding": encoding}
