"""Text View."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Column, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    Picture,
    View,
    complete,
    label,
    labelled,
    pick,
)
from nodeflow_nodes.views._texts import LETTER, is_right_to_left, lines_of

if TYPE_CHECKING:
    import polars as pl

_LINE = 17.0
_PAD = 12.0
_MOST_LETTERS = 20_000


class TextView(View):
    """Draw texts to read: a block for each row, with a heading if there is one.

    Texts are broken into lines; one longer than the limit ends with three dots. Texts that run to the left stand at the
    right. Whatever a text holds, such as markup or formulas, is shown as text. Rows without a text are left out, and
    told.

    Inputs:
        table: The rows with the texts.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Texts"
    keywords = ("documents", "read", "reviews", "comments", "document viewer", "corpus viewer")
    sized = False
    without = ("height",)

    text: Column = parameter(types=("text", "category"), help="The column with the texts.")
    titles: Column | None = parameter(
        default=None, types=GROUPS, label="Heading", help="A column for the line above each text."
    )
    colour: Column | None = parameter(
        default=None, types=GROUPS, help="A column that colours the edge of each block."
    )
    most: int = parameter(
        default=12, minimum=1, maximum=200, unit="texts", label="Most texts", help="How many are drawn."
    )
    choice: Literal["first", "spread", "longest"] = parameter(
        default="first",
        help="Whether the first texts are drawn, some spread evenly over the table, or the longest.",
    )
    most_lines: int = parameter(
        default=6, minimum=1, maximum=200, unit="lines", label="Most lines", help="Of each text."
    )
    width: int = parameter(
        default=640, minimum=100, maximum=4_000, unit="pixels", help="Width of the blocks."
    )

    def default_title(self) -> str:
        return f"Texts of {self.text.strip()}"

    def fields(self) -> list[str | None]:
        return [self.text, self.titles, self.colour]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        frame = pick(table, text=self.text, heading=self.titles, colour=self.colour)
        usable = pl.col("text").str.contains(r"\S")
        frame, total = complete(frame, {"text": self.text}, notes, usable)
        colours: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
        if self.choice == "longest":
            frame = frame.with_row_index("row").sort(
                pl.col("text").str.len_chars(), "row", descending=[True, False]
            )
        elif self.choice == "spread":
            frame = frame.gather_every(max(total // self.most, 1))
        schema = frame.collect_schema()
        shown = frame.head(self.most).with_columns(pl.col("text").str.head(_MOST_LETTERS))
        if self.titles is not None:
            shown = shown.with_columns(label("heading", schema["heading"]))
        rows = shown.collect(engine="streaming")
        blocks, lines = self._blocks(rows)
        facts = [f"{rows.height:,} of {total:,} texts"] if total > rows.height else []
        return Picture(lines, self._body(blocks, lines, colours), notes, facts)

    def _blocks(self, rows: pl.DataFrame) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The blocks, and the lines within them, from above in pixels."""
        letters = (self.width - 2 * _PAD - 8) / LETTER
        blocks: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        y = 0.0
        for row in rows.iter_rows(named=True):
            top = y
            y += _PAD
            texts, _ = lines_of(row["text"], letters, self.most_lines)
            side = "right" if is_right_to_left(row["text"]) else "left"
            if self.titles is not None:
                head, _ = lines_of(row["heading"], letters * 0.9, 1)
                lines.append({"y": y + _LINE / 2, "text": head[0], "kind": f"heading {side}"})
                y += _LINE + 3
            for one in texts:
                lines.append({"y": y + _LINE / 2, "text": one, "kind": f"text {side}"})
                y += _LINE
            y += _PAD
            blocks.append({"y": top, "y2": y, "colour": row.get("colour") or ""})
            y += 10
        return blocks, lines

    def _body(
        self, blocks: list[dict[str, Any]], lines: list[dict[str, Any]], colours: Sequence[str]
    ) -> dict[str, Any]:
        height = max(row["y2"] for row in blocks)
        soft = "#f5f7fa" if self.theme == "light" else "#262c34"
        y = {
            "field": "y", "type": "quantitative", "axis": None,
            "scale": {"domain": [0, height], "reverse": True, "nice": False, "zero": False},
        }  # fmt: skip
        ends = {"x": {"value": 0}, "x2": {"value": "width"}, "y": y, "y2": {"field": "y2"}}
        frame = {
            "type": "rect",
            "fill": soft,
            "stroke": self.quiet(),
            "strokeOpacity": 0.35,
            "cornerRadius": 4,
        }
        layers: list[dict[str, Any]] = [{"data": {"values": blocks}, "mark": frame, "encoding": ends}]
        edge = {**ends, "x2": {"value": 5}}
        if colours:
            look = {"orient": "bottom", "direction": "horizontal", "columns": 4, "symbolType": "square"}
            edge["color"] = self.coloured("colour", str(self.colour), list(colours), legend=look)
        else:
            edge["color"] = {"value": self.main_colour()}
        layers.append(
            {"data": {"values": blocks}, "mark": {"type": "rect", "stroke": None}, "encoding": edge}
        )
        for kind in ("heading left", "heading right", "text left", "text right"):
            rows = [row for row in lines if row["kind"] == kind]
            if not rows:
                continue
            mark = {"type": "text", "align": kind.split()[1], "fontSize": 12, "color": self.ink()}
            if kind.startswith("heading"):
                mark |= {"fontWeight": 700, "fontSize": 12.5}
            at = {"value": _PAD + 8} if kind.endswith("left") else {"value": self.width - _PAD}
            layers.append(
                {
                    "transform": [{"filter": f"datum.kind === '{kind}'"}],
                    "mark": mark,
                    "encoding": {"x": at, "y": y, "text": {"field": "text"}},
                }
            )
        return {"width": self.width, "height": round(height), "layer": layers}
