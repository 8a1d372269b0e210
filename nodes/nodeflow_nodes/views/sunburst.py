"""Sunburst."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._base import Picture, caption
from nodeflow_nodes.views._parted import Part, PartedView
from nodeflow_nodes.views._parts import told

if TYPE_CHECKING:
    import polars as pl


class Sunburst(PartedView):
    """Draw a whole as rings: the inner ring parted by the first column, each further one by the next.

    An arc is as wide as its share of the whole. Colours are those of the innermost ring, paler outwards. The smallest
    parts of a part are put together as "others"; what adds up must not be negative.

    Inputs:
        table: The rows to count or to sum.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Bars and parts"
    keywords = ("rings", "multilevel pie", "hierarchy", "parts of a whole", "radial treemap")

    def picture(self, table: pl.LazyFrame) -> Picture:
        notes: list[str] = []
        whole, levels = self.whole(table, notes)
        outer = min(self.width, self.height) / 2
        hole = outer * 0.28
        thick = (outer - hole) / len(levels)
        data: list[dict[str, Any]] = []
        shades = dict(zip((one.name for one in whole.parts), self.shades(whole), strict=True))

        def turn(part: Part, start: float, path: list[str]) -> None:
            at = start
            for one in part.parts:
                end = at + one.size / whole.size * 2 * math.pi
                inner = hole + len(path) * thick
                names = [*path, one.name]
                opacity = 1 - 0.22 * len(path)
                data.append(
                    {
                        "start": at, "end": end, "inner": inner, "outer": inner + thick - 1, "top": names[0],
                        "opacity": opacity, "ink": self.ink_on(shades[names[0]], opacity),
                        "angle": (at + end) / 2, "middle": inner + thick / 2,
                        "label": _fitting(one.name, (end - at) * (inner + thick / 2), thick),
                        **self.facts_of(names, one.size, whole.size),
                    }
                )  # fmt: skip
                turn(one, at, names)
                at = end

        turn(whole, 0.0, [])
        return Picture(
            data, self._body([part.name for part in whole.parts], levels), notes, columns={"top": levels[0]}
        )

    def _body(self, tops: list[str], levels: list[str]) -> dict[str, Any]:
        def exact(field: str) -> dict[str, Any]:
            return {"field": field, "type": "quantitative", "scale": None}

        shade = self.coloured("top", levels[0], tops)
        opacity = {"field": "opacity", "type": "quantitative", "scale": None, "legend": None}
        ink = {"field": "ink", "type": "nominal", "scale": None}
        return {
            "layer": [
                {
                    "mark": {"type": "arc", "stroke": self.paper(), "strokeWidth": 1},
                    "encoding": {
                        "theta": exact("start"), "theta2": {"field": "end"}, "radius": exact("inner"),
                        "radius2": {"field": "outer"}, "color": shade, "opacity": opacity,
                        "tooltip": [told("name", " › ".join(levels)), told("text", self.what()), told("share", "Share")],
                    },
                },
                {
                    "mark": {"type": "text", "fontSize": 10},
                    "encoding": {
                        "theta": {**exact("angle"), "stack": None}, "radius": exact("middle"),
                        "text": {"field": "label"}, "color": ink,
                    },
                },
            ]
        }  # fmt: skip


def _fitting(name: str, wide: float, thick: float) -> str:
    """The name, if it can be read within an arc."""
    text = caption(name)
    if wide < 16 or thick < 24:
        return ""
    room = int(max(min(wide, 2.2 * thick), thick) / 6)
    return text if len(text) <= room else text[: room - 1] + "…" if room >= 4 else ""
