"""Distance Concentration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl

from nodeflow.parameters import Fault, Seed, parameter
from nodeflow_nodes.dimensions._shown import MOST_DIMENSIONS, Shown, Shows, along, sampled, too_many
from nodeflow_nodes.views._base import Picture

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context

_SEEN_FROM = 20


class DistanceConcentration(Shows):
    """Draw how the nearest and the farthest of random points become equally far as dimensions are added.

    From each of 20 points the distances to all others are measured. The contrast, how much farther the farthest is than
    the nearest, is large in the plane and next to nothing in a thousand dimensions: "nearest neighbour" then means
    little (Beyer and others, 1999). It holds for columns that do not depend on one another, as here; real columns mostly
    do, so that far fewer dimensions count. The spread, the standard deviation of the distances of pairs as a share of
    their mean, falls like sqrt(0.35 / D) in a cube and like sqrt(0.5 / D) for a normal distribution, once D is some ten.

    Outputs:
        table: One row for each number of dimensions: nearest, mean and farthest distance, their contrast
            (farthest - nearest) / nearest, and the spread with what theory says of it.
        chart: Nearest, mean and farthest distance as shares of the mean, against the number of dimensions.
    """

    keywords = ("curse of dimensionality", "relative contrast", "nearest neighbour", "hubness", "distances")
    columns: ClassVar[dict[str, pl.DataType]] = {
        "dimension": pl.Int64(),
        "nearest": pl.Float64(),
        "mean": pl.Float64(),
        "farthest": pl.Float64(),
        "contrast": pl.Float64(),
        "spread": pl.Float64(),
        "expected_spread": pl.Float64(),
    }

    dimensions: list[int] = parameter(
        default=[1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000],
        minimum=1,
        maximum=MOST_DIMENSIONS,
        min_length=1,
        help="The numbers of dimensions to compare.",
    )
    points: int = parameter(default=1000, minimum=4, maximum=100_000, help="How many points are drawn.")
    spread_over: Literal["cube", "normal", "ball"] = parameter(
        default="cube", help="Evenly over a cube or a ball, or after a normal distribution."
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        return too_many("points", self.points, self.dimensions)

    def run(self, context: Context) -> Shown:
        import numpy as np

        chance = np.random.default_rng(int(self.seed or 0))
        found, data = [], []
        for place, dimension in enumerate(self.dimensions):
            context.progress(place / len(self.dimensions), f"{dimension} dimensions")
            points = sampled(self.spread_over, self.points, dimension, chance)
            distances = _seen_from_some(points)
            nearest, farthest = float(distances.min(axis=1).mean()), float(distances.max(axis=1).mean())
            mean = float(distances.mean())
            contrast = float((distances.max(axis=1) / distances.min(axis=1)).mean() - 1)
            spread = _spread(points)
            found.append(
                (dimension, nearest, mean, farthest, contrast, spread, self._expected_spread(dimension))
            )
            data += [
                {"dimension": dimension, "which": which, "share": value / mean, "distance": value}
                for which, value in (("farthest", farthest), ("mean", mean), ("nearest", nearest))
            ]
        return Shown(self.tabled(found), self.chart(self._picture(data), context))

    def _expected_spread(self, dimension: int) -> float | None:
        known = {"cube": 0.35, "normal": 0.5}
        return math.sqrt(known[self.spread_over] / dimension) if self.spread_over in known else None

    def _picture(self, data: list[dict[str, Any]]) -> Picture:
        across = along()
        up = {
            "field": "share",
            "type": "quantitative",
            "title": "Distance as a multiple of the mean distance",
        }
        told = [
            {"field": "dimension", "title": "dimensions"},
            {"field": "which", "title": "which"},
            {"field": "distance", "title": "distance", "format": ".4~g"},
            {"field": "share", "title": "of the mean", "format": ".3f"},
        ]
        body = {
            "mark": {"type": "line", "strokeWidth": 2.2, "point": {"filled": True, "size": 50}},
            "encoding": {
                "x": across,
                "y": up,
                "color": self.coloured("which", "Distance", ["farthest", "mean", "nearest"]),
                "tooltip": told,
            },
        }
        kind = {
            "cube": "spread evenly over a cube",
            "ball": "spread evenly over a ball",
            "normal": "of a normal distribution",
        }
        return Picture(data, body, facts=[f"{self.points:,} points {kind[self.spread_over]}"])

    def default_title(self) -> str:
        return "In many dimensions all points are equally far"


def _seen_from_some(points: np.ndarray) -> np.ndarray:
    """The distances from some of the points, one a row, to all others."""
    import numpy as np

    rows = []
    for place in range(min(_SEEN_FROM, len(points))):
        others = np.delete(points, place, axis=0)
        rows.append(np.linalg.norm(others - points[place], axis=1))
    return np.stack(rows)


def _spread(points: np.ndarray) -> float:
    """The standard deviation of the distances of pairs that share no point, as a share of their mean."""
    import numpy as np

    half = len(points) // 2
    distances = np.linalg.norm(points[:half] - points[half : 2 * half], axis=1)
    return float(distances.std() / distances.mean())
