"""k-NN against Dimension."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from nodeflow.parameters import Fault, Seed, parameter
from nodeflow_nodes.dimensions._shown import MOST_DIMENSIONS, Shown, Shows, along, too_many
from nodeflow_nodes.views._base import Picture, shares

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context

_LABELS = ("best possible", "k nearest neighbours", "logistic regression", "chance")


class NeighboursByDimension(Shows):
    """Draw how k nearest neighbours lose their way among columns that say nothing.

    Two classes are generated as two clouds of a normal distribution. The first columns tell them apart; those added say
    nothing, but have as much to say in a distance as the others. The best possible rule is known, as the data are
    generated: it looks at the telling columns alone. Logistic regression, which weighs columns, stands beside as a
    baseline. It suffers less.

    `edge` tells the same without learning: the side of a cube, as a share of the whole range, that holds the k nearest of
    the rows learned from, if they were spread evenly over the unit cube. Beyond some ten dimensions the
    "neighbourhood" is nearly the whole range of every column.

    Outputs:
        table: One row for each number of dimensions with the share of right predictions on rows not learned from.
        chart: The shares against the number of dimensions.
    """

    name = "k-NN against Dimension"
    keywords = (
        "curse of dimensionality",
        "nearest neighbours",
        "irrelevant features",
        "noise columns",
        "knn",
    )
    columns: ClassVar[dict[str, pl.DataType]] = {
        "dimension": pl.Int64(),
        "neighbours": pl.Float64(),
        "logistic": pl.Float64(),
        "best_possible": pl.Float64(),
        "chance": pl.Float64(),
        "edge": pl.Float64(),
    }

    dimensions: list[int] = parameter(
        default=[2, 3, 5, 10, 20, 50, 100, 200, 500],
        minimum=1,
        maximum=MOST_DIMENSIONS,
        min_length=1,
        help="The numbers of columns to compare.",
    )
    telling: int = parameter(
        default=2,
        minimum=1,
        maximum=1000,
        help="How many columns tell the classes apart; at least so many exist.",
    )
    distance: float = parameter(
        default=2.83,
        above=0.0,
        maximum=100.0,
        help="How far the middles of the classes are apart, in standard deviations.",
    )
    k: int = parameter(default=5, minimum=1, maximum=1000, help="How many neighbours are asked.")
    rows: int = parameter(
        default=200, minimum=4, maximum=100_000, label="Rows learned from", help="Half of each class."
    )
    tried: int = parameter(
        default=1000, minimum=10, maximum=100_000, label="Rows tried on", help="Half of each class."
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        faults = too_many("rows", self.rows + self.tried, self.dimensions)
        if self.k > self.rows:
            faults.append(Fault("k", f"{self.k} neighbours cannot be found among {self.rows} rows"))
        if self.dimensions and min(self.dimensions) < self.telling:
            faults.append(
                Fault(
                    "dimensions",
                    f"{min(self.dimensions)} is fewer than the {self.telling} columns that tell the classes apart",
                )
            )
        return faults

    def run(self, context: Context) -> Shown:
        import numpy as np

        chance = np.random.default_rng(int(self.seed or 0))
        best = 0.5 * math.erfc(-self.distance / 2 / math.sqrt(2))
        found = []
        for place, dimension in enumerate(self.dimensions):
            context.progress(place / len(self.dimensions), f"{dimension} columns")
            known, new = (self._drawn(count, dimension, chance) for count in (self.rows, self.tried))
            edge = min(1.0, (self.k / self.rows) ** (1 / dimension))
            found.append((dimension, *self._scores(known, new), best, 0.5, edge))
        return Shown(self.tabled(found), self.chart(self._picture(found), context))

    def _drawn(
        self, count: int, dimension: int, chance: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        which = np.arange(count) % 2
        points = chance.standard_normal((count, dimension))
        # in each telling column the middles are so far apart that they are `distance` apart in all
        points[:, : self.telling] += (which[:, None] - 0.5) * self.distance / math.sqrt(self.telling)
        return points, which

    def _scores(
        self, known: tuple[np.ndarray, np.ndarray], new: tuple[np.ndarray, np.ndarray]
    ) -> tuple[float, float]:
        from sklearn.linear_model import LogisticRegression
        from sklearn.neighbors import KNeighborsClassifier

        learners = (KNeighborsClassifier(self.k), LogisticRegression(max_iter=1000))
        neighbours, logistic = (float(one.fit(*known).score(*new)) for one in learners)
        return neighbours, logistic

    def _picture(self, found: list[tuple[Any, ...]]) -> Picture:
        data = [
            {"dimension": dimension, "which": which, "share": value}
            for dimension, neighbours, logistic, best, chance, _ in found
            for which, value in zip(_LABELS, (best, neighbours, logistic, chance), strict=True)
        ]
        across = along("Columns")
        up = shares("share", "Right predictions", scale={"domain": [0.4, 1.0], "zero": False})
        told = [
            {"field": "dimension", "title": "columns"},
            {"field": "which", "title": "rule"},
            {"field": "share", "title": "right", "format": ".1%"},
        ]
        body = {
            "mark": {"type": "line", "strokeWidth": 2.2, "clip": True, "point": {"filled": True, "size": 50}},
            "encoding": {
                "x": across,
                "y": up,
                "color": self.coloured("which", "Rule", _LABELS),
                "tooltip": told,
            },
        }
        columns = "one column tells" if self.telling == 1 else f"{self.telling} columns tell"
        facts = [
            f"generated data: {columns} the classes apart, {self.rows:,} rows to learn from, k = {self.k}"
        ]
        return Picture(data, body, facts=facts)

    def default_title(self) -> str:
        return "Nearest neighbours among columns that say nothing"
