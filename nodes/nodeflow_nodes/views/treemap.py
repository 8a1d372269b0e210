"""Treemap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._base import Picture, caption
from nodeflow_nodes.views._parted import Part, PartedView
from nodeflow_nodes.views._parts import told

if TYPE_CHECKING:
    import polars as pl

Box = tuple[float, float, float, float]


class Treemap(PartedView):
    """Draw a whole as a rectangle, parted into rectangles as large as their shares.

    Each column of the levels parts the rectangles of the one before. Rectangles are kept near to squares (Bruls,
    Huizing and van Wijk 2000), the largest in the upper left corner. Colours are those of the first level. The
    smallest parts of a part are put together as "others"; what adds up must not be negative.

    Inputs:
        table: The rows to count or to sum.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Bars and parts"
    keywords = ("tree map", "hierarchy", "squarified", "parts of a whole", "marimekko")

    def picture(self, table: pl.LazyFrame) -> Picture:
        notes: list[str] = []
        whole, levels = self.whole(table, notes)
        shades = dict(zip((one.name for one in whole.parts), self.shades(whole), strict=True))
        data: list[dict[str, Any]] = []

        def fill(part: Part, box: Box, path: list[str]) -> None:
            if not part.parts:
                x, y, wide, high = box
                fits = wide > 34 and high > 15 and bool(path)
                name = path[-1] if path else ""
                data.append(
                    {
                        "x": x, "y": y, "x2": x + wide, "y2": y + high, "top": path[0] if path else "",
                        "label": caption(name)[: max(3, int(wide / 6.4))] if fits else "",
                        "ink": self.ink_on(shades[path[0]] if path else self.main_colour(), 0.9),
                        "size_label": self._value(part, wide, high) if fits else "",
                        **self.facts_of(path, part.size, whole.size),
                    }
                )  # fmt: skip
                return
            gap = 2.0 if path else 0.0
            x, y, wide, high = box
            inner = (x + gap / 2, y + gap / 2, max(wide - gap, 0.0), max(high - gap, 0.0))
            for one, place in zip(part.parts, squarified([p.size for p in part.parts], inner), strict=True):
                fill(one, place, [*path, one.name])

        fill(whole, (0.0, 0.0, float(self.width), float(self.height)), [])
        return Picture(
            data,
            self._body(data, [part.name for part in whole.parts], levels),
            notes,
            columns={"top": levels[0]},
        )

    def _value(self, part: Part, wide: float, high: float) -> str:
        from nodeflow_nodes.views._base import number_text

        text = number_text(part.size)
        return text if high > 32 and wide > 6.4 * len(text) else ""

    def _body(self, data: list[dict[str, Any]], tops: list[str], levels: list[str]) -> dict[str, Any]:
        def place(role: str, size: int) -> dict[str, Any]:
            # y grows downwards, as on a page
            domain = [0, size] if role == "x" else [size, 0]
            return {
                "field": role,
                "type": "quantitative",
                "axis": None,
                "scale": {"domain": domain, "nice": False},
            }

        shade = self.coloured("top", levels[0], tops)
        if len(levels) == 1:
            shade["legend"] = None
        encoding = {"x": place("x", self.width), "y": place("y", self.height)}
        cell = {"type": "rect", "stroke": self.paper(), "strokeWidth": 1.5, "opacity": 0.9}
        text = {"type": "text", "align": "left", "baseline": "top", "dx": 6, "fontSize": 11}
        ink = {"field": "ink", "type": "nominal", "scale": None}
        return {
            "layer": [
                {
                    "mark": cell,
                    "encoding": {
                        **encoding, "x2": {"field": "x2"}, "y2": {"field": "y2"}, "color": shade,
                        "tooltip": [told("name", " › ".join(levels)), told("text", self.what()), told("share", "Share")],
                    },
                },
                {
                    "mark": {**text, "dy": 6, "fontWeight": 600},
                    "encoding": {**encoding, "text": {"field": "label"}, "color": ink},
                },
                {
                    "mark": {**text, "dy": 20},
                    "encoding": {**encoding, "text": {"field": "size_label"}, "color": ink},
                },
            ]
        }  # fmt: skip


def squarified(sizes: list[float], box: Box) -> list[Box]:
    """A rectangle for each size, largest first, that together fill the box and are as square as can be."""
    x, y, wide, high = box
    whole = sum(sizes)
    if not whole or wide <= 0 or high <= 0:
        return [(x, y, 0.0, 0.0) for _ in sizes]
    areas = [size / whole * wide * high for size in sizes]
    found: list[Box] = []
    while areas:
        side = min(wide, high)
        if side <= 0:
            found += [(x, y, 0.0, 0.0) for _ in areas]
            break
        count = 1
        while count < len(areas) and _worst(areas[: count + 1], side) <= _worst(areas[:count], side):
            count += 1
        row, areas = areas[:count], areas[count:]
        thick = sum(row) / side
        at = 0.0
        for area in row:
            length = area / thick if thick else 0.0
            found.append((x, y + at, thick, length) if wide >= high else (x + at, y, length, thick))
            at += length
        if wide >= high:
            x, wide = x + thick, wide - thick
        else:
            y, high = y + thick, high - thick
    return found


def _worst(row: list[float], side: float) -> float:
    """The largest ratio of sides in a row laid along a side."""
    total = sum(row)
    return (
        max(side**2 * max(row) / total**2, total**2 / (side**2 * min(row)))
        if total and min(row)
        else float("inf")
    )
