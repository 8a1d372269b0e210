"""A diagram drawn with the marks of Vega-Lite: wires with round corners, boxes, circles, arrows and texts, in pixels."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from nodeflow.values.looks import DARK, LIGHT

Point = tuple[float, float]


class Canvas:
    """What is drawn, from the back to the front: areas, wires, arrows, shapes, texts."""

    def __init__(self, width: float, height: float, theme: str) -> None:
        self.width, self.height = width, height
        self.look = DARK if theme == "dark" else LIGHT
        self._areas: list[dict[str, Any]] = []
        self._wires: dict[tuple[str, bool, float], list[dict[str, Any]]] = defaultdict(list)
        self._heads: list[dict[str, Any]] = []
        self._boxes: list[dict[str, Any]] = []
        self._gauges: list[dict[str, Any]] = []
        self._circles: list[dict[str, Any]] = []
        self._texts: dict[tuple[str, int, int, str], list[dict[str, Any]]] = defaultdict(list)
        self._count = 0

    def area(self, left: float, top: float, right: float, bottom: float) -> None:
        """A soft area behind all else."""
        self._areas.append({"x": left, "x2": right, "y": top, "y2": bottom})

    def wire(
        self, *points: Point, colour: str = "", size: float = 2.0, dashed: bool = False, arrow: bool = True,
        told: str = "", radius: float = 14.0,
    ) -> None:  # fmt: skip
        """A line through points, its corners rounded, with an arrow at its end; `told` is its tooltip."""
        colour = colour or self.look["quiet"]
        self._count += 1
        if arrow:
            (x0, y0), (x, y) = points[-2], points[-1]
            reach = 4.0 + size
            length = math.hypot(x - x0, y - y0) or 1.0
            # the line ends within its arrow, so that a thick one does not stick out at the tip
            end = x - (x - x0) / length * reach * 0.8, y - (y - y0) / length * reach * 0.8
            turned = math.degrees(math.atan2(y - y0, x - x0)) + 90
            self._heads.append(
                {"x": end[0], "y": end[1], "angle": turned, "fill": colour, "area": 22 * reach}
            )
            points = (*points[:-1], end)
        rows = self._wires[colour, dashed, size]
        for step, (x, y) in enumerate(_rounded(points, radius)):
            rows.append({"wire": self._count, "step": step, "x": x, "y": y, "told": told})

    def box(
        self, x: float, y: float, text: str, *, colour: str, wide: float = 76, tall: float = 44, told: str = "",
        level: float | None = None,
    ) -> None:  # fmt: skip
        """A box around a point; `level` from 0 to 1 is shown as a gauge at its foot."""
        place = {"x": x - wide / 2, "x2": x + wide / 2, "y": y - tall / 2, "y2": y + tall / 2}
        self._boxes.append({**place, "stroke": colour, "told": told})
        self.text(x, y - (4 if level is not None else 0), text, size=15, weight=700)
        if level is not None:
            left, right, foot = place["x"] + 8, place["x2"] - 8, place["y2"] - 11
            whole = {"y": foot, "y2": foot + 5, "x": left}
            self._gauges += [
                {**whole, "x2": right, "fill": self.look["rest"]},
                {**whole, "x2": left + (right - left) * min(max(level, 0.0), 1.0), "fill": colour},
            ]

    def circle(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str,
        radius: float = 15,
        told: str = "",
        size: int = 17,
    ) -> None:
        """A circle around a point, such as a product or a sum."""
        self._circles.append({"x": x, "y": y, "stroke": colour, "area": math.pi * radius**2, "told": told})
        self.text(x, y, text, size=size, weight=600)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = "",
        size: int = 12,
        weight: int = 400,
        align: str = "center",
    ) -> None:
        """A text at a point."""
        self._texts[align, size, weight, colour or self.look["text"]].append({"x": x, "y": y, "text": text})

    def body(self) -> dict[str, Any]:
        """The part of a specification that draws it all."""
        x, y = (_axis(name, size) for name, size in (("x", self.width), ("y", self.height)))
        y["scale"]["reverse"] = True
        place = {"x": x, "y": y}
        ranged = place | {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
        told = {"field": "told", "type": "nominal"}
        layers: list[dict[str, Any]] = []

        def add(rows: list[dict[str, Any]], mark: dict[str, Any], encoding: dict[str, Any]) -> None:
            if rows:
                layers.append({"data": {"values": rows}, "mark": mark, "encoding": encoding})

        soft, rest = self.look["soft"], self.look["rest"]
        add(
            self._areas,
            {"type": "rect", "fill": soft, "stroke": rest, "cornerRadius": 18, "tooltip": None},
            ranged,
        )
        for (colour, dashed, size), rows in self._wires.items():
            line = {
                "type": "line", "color": colour, "strokeWidth": size, "strokeJoin": "round", "strokeCap": "round",
                **({"strokeDash": [5, 5]} if dashed else {}),
            }  # fmt: skip
            order = {"field": "step", "type": "quantitative"}
            add(
                rows,
                line,
                {**place, "detail": {"field": "wire", "type": "nominal"}, "order": order, "tooltip": told},
            )
        head = {"type": "point", "shape": "triangle-up", "filled": True, "opacity": 1, "tooltip": None}
        plain = {"scale": None, "legend": None}
        area = {"field": "area", "type": "quantitative", **plain}
        turn = {"field": "angle", "type": "quantitative", "scale": None}
        fill = {"field": "fill", "type": "nominal", **plain}
        stroke = {"field": "stroke", "type": "nominal", **plain}
        add(self._heads, head, {**place, "angle": turn, "size": area, "color": fill})
        paper = self.look["background"]
        box = {"type": "rect", "fill": paper, "strokeWidth": 2.5, "cornerRadius": 8}
        add(self._boxes, box, {**ranged, "stroke": stroke, "tooltip": told})
        add(self._gauges, {"type": "rect", "cornerRadius": 2, "tooltip": None}, {**ranged, "color": fill})
        circle = {"type": "point", "shape": "circle", "fill": paper, "strokeWidth": 2.5, "opacity": 1}
        add(self._circles, circle, {**place, "stroke": stroke, "size": area, "tooltip": told})
        for (align, size, weight, colour), rows in self._texts.items():
            look = {
                "type": "text",
                "align": align,
                "fontSize": size,
                "fontWeight": weight,
                "color": colour,
                "baseline": "middle",
                "tooltip": None,
            }
            add(rows, look, {**place, "text": {"field": "text", "type": "nominal"}})
        return {"width": round(self.width), "height": round(self.height), "layer": layers}


def _axis(name: str, size: float) -> dict[str, Any]:
    scale = {"domain": [0, size], "nice": False, "zero": False}
    return {"field": name, "type": "quantitative", "axis": None, "scale": scale}


def _rounded(points: tuple[Point, ...], radius: float) -> list[Point]:
    """The points with each corner replaced by a short curve."""
    found = [points[0]]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        before, after = math.hypot(ax - bx, ay - by), math.hypot(cx - bx, cy - by)
        reach = min(radius, before / 2, after / 2)
        if not reach:
            continue
        sx, sy = bx + (ax - bx) / before * reach, by + (ay - by) / before * reach
        ex, ey = bx + (cx - bx) / after * reach, by + (cy - by) / after * reach
        for part in range(7):
            t = part / 6
            weights = (1 - t) ** 2, 2 * t * (1 - t), t * t
            found.append(
                (
                    weights[0] * sx + weights[1] * bx + weights[2] * ex,
                    weights[0] * sy + weights[1] * by + weights[2] * ey,
                )
            )
    return [*found, points[-1]]
