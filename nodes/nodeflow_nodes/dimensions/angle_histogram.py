"""Angle Histogram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl

from nodeflow.parameters import Fault, Seed, parameter
from nodeflow_nodes.dimensions._shown import MOST_DIMENSIONS, Shown, Shows, sampled, too_many
from nodeflow_nodes.views._base import Picture

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context

_CHUNK = 4_000_000  # random numbers held at once


class AngleHistogram(Shows):
    """Draw how the angles between random directions gather at 90 degrees as dimensions are added.

    In the plane every angle from 0 to 180 degrees is as likely as any other. In many dimensions nearly all pairs of
    directions stand nearly at right angles: the standard deviation falls like 180 / (pi * sqrt(D)) degrees. This is why
    a similarity of directions that would mean nothing in the plane means much in a space of many columns.

    `expected_sd` is exact for directions spread evenly (ball and sphere), from the density sin(angle)^(D-2); points of a
    cube lean towards its corners.

    Outputs:
        table: One row for each number of dimensions: the angles' mean and standard deviation in degrees, and what theory
            says of it.
        chart: The share of pairs at each angle, a line for each number of dimensions.
    """

    keywords = ("curse of dimensionality", "orthogonal", "concentration of measure", "cosine", "hypersphere")
    columns: ClassVar[dict[str, pl.DataType]] = {
        "dimension": pl.Int64(),
        "pairs": pl.Int64(),
        "mean": pl.Float64(),
        "sd": pl.Float64(),
        "expected_sd": pl.Float64(),
        "rule_of_thumb": pl.Float64(),
    }

    dimensions: list[int] = parameter(
        default=[2, 3, 50, 100],
        minimum=2,
        maximum=MOST_DIMENSIONS,
        min_length=1,
        help="The numbers of dimensions to compare.",
    )
    pairs: int = parameter(
        default=10_000, minimum=2, maximum=1_000_000, help="How many pairs of directions are drawn for each."
    )
    points: Literal["sphere", "ball", "cube"] = parameter(
        default="sphere", help="What the points seen from the middle are spread over evenly."
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        return too_many("pairs", 2 * self.pairs, self.dimensions)

    def run(self, context: Context) -> Shown:
        import numpy as np

        chance = np.random.default_rng(int(self.seed or 0))
        found, data = [], []
        edges = np.linspace(0, 180, 91)
        for place, dimension in enumerate(self.dimensions):
            context.progress(place / len(self.dimensions), f"{dimension} dimensions")
            angles = self._angles(dimension, chance, context)
            found.append(
                (
                    dimension,
                    self.pairs,
                    float(angles.mean()),
                    float(angles.std(ddof=1)),
                    expected_deviation(dimension),
                    180 / (math.pi * math.sqrt(dimension)),
                )
            )
            shares = np.histogram(angles, edges)[0] / self.pairs
            data += [
                {"angle": float(low) + 1, "share": float(share), "dimension": str(dimension)}
                for low, share in zip(edges, shares, strict=False)
            ]
        return Shown(self.tabled(found), self.chart(self._picture(data), context))

    def _angles(self, dimension: int, chance: np.random.Generator, context: Context) -> np.ndarray:
        """The angles of all pairs in degrees."""
        import numpy as np

        step = max(1, _CHUNK // (2 * dimension))
        parts = []
        for start in range(0, self.pairs, step):
            context.check_cancelled()
            count = min(step, self.pairs - start)
            first, second = (sampled(self.points, count, dimension, chance) for _ in range(2))
            lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
            cosines = np.einsum("ij,ij->i", first, second) / lengths
            parts.append(np.degrees(np.arccos(np.clip(cosines, -1, 1))))
        return np.concatenate(parts)

    def _picture(self, data: list[dict[str, Any]]) -> Picture:
        labels = [str(one) for one in dict.fromkeys(self.dimensions)]
        across = {
            "field": "angle", "type": "quantitative", "title": "Angle between two directions (degrees)",
            "scale": {"domain": [0, 180]}, "axis": {"values": list(range(0, 181, 30)), "grid": False},
        }  # fmt: skip
        up = {
            "field": "share", "type": "quantitative", "title": "Share of pairs in 2 degrees", "axis": {"format": ".0%"},
        }  # fmt: skip
        colour = self.coloured("dimension", "Dimensions", labels)
        told = [
            {"field": "dimension", "title": "dimensions"},
            {"field": "angle", "title": "angle"},
            {"field": "share", "title": "share", "format": ".2%"},
        ]
        body = {
            "mark": {"type": "line", "strokeWidth": 2.2},
            "encoding": {"x": across, "y": up, "color": colour, "tooltip": told},
        }
        return Picture(data, body, facts=["in many dimensions nearly all directions are at right angles"])

    def default_title(self) -> str:
        return f"Angles between random directions, {_listed(self.dimensions)} dimensions"


def expected_deviation(dimension: int) -> float:
    """The standard deviation in degrees of the angle between two directions spread evenly."""
    import numpy as np

    # the density is sin(angle)^(D-2), so weigh a fine grid of angles by it; logarithms, as the power is large
    angles = (np.arange(200_000) + 0.5) * math.pi / 200_000
    weights = np.exp((dimension - 2) * np.log(np.sin(angles)))
    variance = float((weights * (angles - math.pi / 2) ** 2).sum() / weights.sum())
    return math.degrees(math.sqrt(variance))


def _listed(dimensions: list[int]) -> str:
    shown = ", ".join(map(str, dimensions[:6]))
    return f"{shown} and {len(dimensions) - 6} more" if len(dimensions) > 6 else shown
