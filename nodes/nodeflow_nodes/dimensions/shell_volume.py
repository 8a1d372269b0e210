"""Shell Volume."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from nodeflow.parameters import Fault, Seed, parameter
from nodeflow_nodes.dimensions._shown import MOST_DIMENSIONS, Shown, Shows, along, too_many
from nodeflow_nodes.views._base import Picture, shares

if TYPE_CHECKING:
    from nodeflow.node import Context


class ShellVolume(Shows):
    """Draw how the volume of a ball moves into its outermost shell as dimensions are added.

    The shell that makes up the outer share e of the radius holds 1 - (1 - e)^D of the volume of a ball in D dimensions.
    With e = 1 % that is 2 % in the plane, 90 % at D = 230 and 98.2 % at D = 400: a ball in many dimensions is nearly all
    skin, as an orange whose peel is all there is. Points drawn evenly from the ball are counted beside it, to see that
    the formula holds.

    Outputs:
        table: One row for each number of dimensions: the share of the volume in the shell, the share of points
            that were counted there, and the radius that holds half of the volume.
        chart: The share in the shell against the number of dimensions, for this shell and others.
    """

    keywords = ("curse of dimensionality", "hypersphere", "orange peel", "volume", "thin shell", "ball")
    columns: ClassVar[dict[str, pl.DataType]] = {
        "dimension": pl.Int64(),
        "shell": pl.Float64(),
        "counted": pl.Float64(),
        "half_radius": pl.Float64(),
    }

    dimensions: list[int] = parameter(
        default=[2, 3, 50, 100, 230, 400],
        minimum=1,
        maximum=MOST_DIMENSIONS,
        min_length=1,
        help="The numbers of dimensions in the table.",
    )
    thickness: float = parameter(
        default=0.01, above=0.0, below=1.0, help="The thickness of the shell as a share of the radius."
    )
    points: int = parameter(
        default=10_000, minimum=1, maximum=1_000_000, help="How many points of the ball are drawn for each."
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        return too_many("points", self.points, [1] * len(self.dimensions))

    def run(self, context: Context) -> Shown:
        import numpy as np

        chance = np.random.default_rng(int(self.seed or 0))
        found = []
        for place, dimension in enumerate(self.dimensions):
            context.progress(place / len(self.dimensions), f"{dimension} dimensions")
            # only the distance from the middle matters: within r lies the share r^D
            radii = chance.uniform(size=self.points) ** (1 / dimension)
            counted = float((radii > 1 - self.thickness).mean())
            found.append((dimension, shell(dimension, self.thickness), counted, 0.5 ** (1 / dimension)))
        return Shown(self.tabled(found), self.chart(self._picture(found), context))

    def _picture(self, found: list[tuple[Any, ...]]) -> Picture:
        last = max(max(self.dimensions), 2)
        steps = sorted({round(last ** (step / 120)) for step in range(121)})
        thick = sorted({self.thickness, min(self.thickness * 5, 0.5), self.thickness / 5})
        labels = [f"{one:.3g}" for one in thick]
        curves = [
            {"dimension": one, "share": shell(one, width), "shell": name}
            for width, name in zip(thick, labels, strict=True)
            for one in steps
        ]
        points = [{"dimension": row[0], "counted": row[2]} for row in found]
        across = along()
        up = shares("share", "Share of the volume in the shell")
        layers = [
            {
                "data": {"values": curves},
                "mark": {"type": "line", "strokeWidth": 2.2},
                "encoding": {"x": across, "y": up, "color": self.coloured("shell", "Thickness", labels)},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "color": self.ink(), "opacity": 1},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "counted"},
                    "tooltip": [
                        {"field": "dimension", "title": "dimensions"},
                        {"field": "counted", "title": "share counted", "format": ".1%"},
                    ],
                },
            },
        ]
        half = math.log(0.5) / math.log(1 - self.thickness)
        facts = [
            f"dots: counted among {self.points:,} points, thickness {self.thickness:g}; "
            f"half of the volume is in that shell from {math.ceil(half):,} dimensions on"
        ]
        return Picture(points, {"layer": layers}, facts=facts)

    def default_title(self) -> str:
        return f"The outer {self.thickness:.3g} of a ball's radius"


def shell(dimension: int, thickness: float) -> float:
    """The share of a ball's volume in its outer shell; exact for thin shells as well."""
    return -math.expm1(dimension * math.log1p(-thickness))
