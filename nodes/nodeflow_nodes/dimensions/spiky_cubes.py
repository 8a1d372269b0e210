"""Spiky Cubes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.dimensions._shown import MOST_DIMENSIONS, Shown, Shows, along
from nodeflow_nodes.views._base import Picture, numbers

if TYPE_CHECKING:
    from nodeflow.node import Context

_SIDE = 2.0
"""From the middle to the face of the cube that holds the unit balls."""


class SpikyCubes(Shows):
    """Draw how the corners of a cube run away from its middle as dimensions are added.

    Stack unit balls into the corners of a cube of side 4, as 4 discs into a square or 8 balls into a box: 2^D of them.
    The ball in the middle that touches them all has the radius sqrt(D) - 1. At D = 4 it is as large as they, at D = 9 it
    touches the faces of the cube, and from D = 10 on it sticks out of it. The reason: a corner is sqrt(D) times as far
    from the middle as a face, so a cube is mostly corners. The share of a cube that the ball within it fills shows the
    same: 79 % in the plane, 0.25 % at D = 10 and 2.5e-8 at D = 20.

    Outputs:
        table: One row for each number of dimensions: the radius of the ball in the middle, whether it is inside the cube,
            touches it or sticks out, the ratio of the ways to corner and face, and the share of a cube that the
            largest ball within it fills.
        chart: The radius with the face of the cube as a line, and below the share filled.
    """

    keywords = (
        "curse of dimensionality",
        "hypercube",
        "corners",
        "stacked balls",
        "sphere packing",
        "volume",
    )
    columns: ClassVar[dict[str, pl.DataType]] = {
        "dimension": pl.Int64(),
        "middle_radius": pl.Float64(),
        "middle_ball": pl.String(),
        "corner_to_face": pl.Float64(),
        "ball_in_cube": pl.Float64(),
    }
    sized = False

    dimensions: list[int] = parameter(
        default=[2, 3, 4, 5, 9, 10, 16, 20, 100],
        minimum=1,
        maximum=MOST_DIMENSIONS,
        min_length=1,
        help="The numbers of dimensions in the table.",
    )
    height: int = parameter(
        default=260, minimum=100, maximum=4_000, unit="pixels", help="Height of the upper plot itself."
    )

    def run(self, context: Context) -> Shown:
        context.progress(0.0)
        found = [_row(dimension) for dimension in self.dimensions]
        return Shown(self.tabled(found), self.chart(self._picture(), context))

    def _picture(self) -> Picture:
        last = max(max(self.dimensions), 12)
        steps = sorted({round(last ** (step / 200)) for step in range(201)} | set(self.dimensions))
        data = []
        for one in steps:
            _, radius, place, _, filled = _row(one)
            data.append({"dimension": one, "radius": radius, "place": place, "share": filled or None})
        across = along()
        radius_axis = {"titleLimit": self.height, "tickCount": 5}
        up = numbers("radius", "Radius of the ball in the middle", axis=radius_axis)
        look = {"type": "line", "strokeWidth": 2.2, "color": self.main_colour()}
        dots = {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": self.main_colour()}
        asked = [{"filter": {"field": "dimension", "oneOf": self.dimensions}}]
        told = [
            {"field": "dimension", "title": "dimensions"},
            {"field": "radius", "title": "radius", "format": ".3f"},
            {"field": "place", "title": "the ball in the middle"},
        ]
        face = [{"face": _SIDE, "text": "face of the cube"}]
        upper: list[dict[str, Any]] = [
            {"mark": look, "encoding": {"x": {**across, "title": None}, "y": up}},
            {
                "transform": asked,
                "mark": dots,
                "encoding": {"x": {**across, "title": None}, "y": up, "tooltip": told},
            },
            {
                "data": {"values": face},
                "mark": {"type": "rule", "color": self.accent(), "strokeDash": [5, 4], "strokeWidth": 1.5},
                "encoding": {"y": {"field": "face", "type": "quantitative"}},
            },
            {
                "data": {"values": face},
                "mark": {"type": "text", "align": "left", "dx": 6, "dy": -8, "color": self.accent()},
                "encoding": {
                    "y": {"field": "face", "type": "quantitative"},
                    "x": {"value": 0},
                    "text": {"field": "text"},
                },
            },
        ]
        share = {
            "field": "share", "type": "quantitative", "title": "Share filled by a ball", "scale": {"type": "log"},
            "axis": {"titleLimit": self.height, "tickCount": 5, "format": ".0e"},
        }  # fmt: skip
        known = [{"filter": "isValid(datum.share)"}]
        told = [
            {"field": "dimension", "title": "dimensions"},
            {"field": "share", "title": "share of the cube", "format": ".3~g"},
        ]
        lower = [
            {"transform": known, "mark": look, "encoding": {"x": across, "y": share}},
            {
                "transform": [*known, *asked],
                "mark": dots,
                "encoding": {"x": across, "y": share, "tooltip": told},
            },
        ]
        plots = [
            {"width": self.width, "height": self.height, "layer": upper},
            {"width": self.width, "height": self.height * 2 // 3, "layer": lower},
        ]
        facts = ["at 9 dimensions the ball in the middle touches the cube, from 10 on it sticks out of it"]
        return Picture(data, {"vconcat": plots, "spacing": 16}, facts=facts)

    def default_title(self) -> str:
        return "A cube is mostly corners"


def _row(dimension: int) -> tuple[int, float, str, float, float]:
    """What the table says of a number of dimensions."""
    radius = math.sqrt(dimension) - 1
    place = "inside" if dimension < 9 else "touches the cube" if dimension == 9 else "sticks out"
    return dimension, radius, place, math.sqrt(dimension), ball_in_cube(dimension)


def ball_in_cube(dimension: int) -> float:
    """The share of a cube's volume that the largest ball within it fills; 0 where it is beyond the smallest number."""
    half = dimension / 2
    return math.exp(half * math.log(math.pi) - math.lgamma(half + 1) - dimension * math.log(2))
