"""What the nodes on many dimensions share: a table of numbers and a chart of them, both from parameters alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import polars as pl

from nodeflow.parameters import Fault
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.views._base import Drawing

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.values import Chart

CATEGORY = "Statistics / Many dimensions"
MOST_DIMENSIONS = 10_000
_MOST_NUMBERS = 1_000_000_000


class Shown(NamedTuple):
    """What such a node gives."""

    table: pl.DataFrame
    chart: Chart


class Shows(Drawing):
    """A node that works out a table, one row a dimension, and draws it."""

    category = CATEGORY
    columns: ClassVar[dict[str, pl.DataType]] = {}
    """The columns of the table."""

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        return {"table": TableSpec(self.columns), "chart": self.chart_spec()}

    def tabled(self, found: list[tuple[Any, ...]]) -> pl.DataFrame:
        """The table of these rows."""
        return pl.DataFrame(found, schema=dict(self.columns), orient="row")


def too_many(name: str, points: int, dimensions: list[int]) -> list[Fault]:
    """The fault that more random numbers are asked for than can be drawn in a reasonable time."""
    asked = points * sum(dimensions)
    if asked <= _MOST_NUMBERS:
        return []
    return [
        Fault(name, f"{asked:,} random numbers would be drawn; take fewer points or dimensions, at most 10^9")
    ]


def sampled(kind: str, count: int, dimension: int, chance: np.random.Generator) -> np.ndarray:
    """Points spread evenly: in the "cube" from -1 to 1, in the unit "ball", on its "sphere"; or "normal"."""
    import numpy as np

    if kind == "cube":
        return chance.uniform(-1, 1, (count, dimension))
    points = chance.standard_normal((count, dimension))
    if kind == "normal":
        return points
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    if kind == "ball":  # the share of a ball within the radius r is r to the power of the dimension
        points *= chance.uniform(size=(count, 1)) ** (1 / dimension)
    return points


def along(title: str = "Dimensions") -> dict[str, Any]:
    """The encoding of the number of dimensions along the x axis, by its logarithm."""
    return {
        "field": "dimension",
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "nice": False, "padding": 8},
        "axis": {"grid": False, "format": "~s"},
    }
