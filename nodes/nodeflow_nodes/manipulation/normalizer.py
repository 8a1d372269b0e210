"""Normalizer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Change, TableSpec
from nodeflow.values.transformation import Rescale, Transformation
from nodeflow_nodes.manipulation._fitting import FittingNode, Schema, finite, number_of, statistics

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

NO_WIDTH = 1e-300
"""Below this the reciprocal, by which Polars multiplies where it is told to divide, comes near infinity."""


class Normalizer(FittingNode):
    """Bring columns of numbers to a common scale.

    | method | what a number x becomes |
    |---|---|
    | min-max | the smallest becomes the lower end, the largest the upper end, the others lie between |
    | z-score | (x - mean) / standard deviation: mean 0, deviation 1 |
    | robust | (x - median) / (upper quartile - lower quartile): outliers count for little |
    | max-abs | x / largest absolute value: from -1 to 1, and 0 stays 0 |
    | decimal | x / 10 as often as it takes for all to lie from -1 to 1 |

    The model holds what was learned here. A Transform node brings other rows to the same scale, where
    they may lie beyond its ends; an Inverse Transform node brings numbers back to the old scale.

    Missing values stay missing and count for nothing. In a column of one value, which has no width, it
    becomes the lower end with min-max and 0 with z-score and robust. A column without any value is left
    as it is. The outcome is always a decimal number.

    Inputs:
        table: The table with the numbers.
    Outputs:
        table: The table with the chosen columns on their new scale.
        model: The scales, for a Transform or Inverse Transform node.
    """

    category = "Manipulation / Column"
    keywords = (
        "normalize",
        "standardize",
        "scale",
        "feature scaling",
        "z-score",
        "min-max",
        "MinMaxScaler",
        "StandardScaler",
        "RobustScaler",
        "MaxAbsScaler",
        "decimal scaling",
    )
    families = ("number",)

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns of numbers to scale."
    )
    method: Literal["min-max", "z-score", "robust", "max-abs", "decimal"] = parameter(
        default="min-max", help="How they are scaled; see above."
    )
    minimum: float = parameter(
        default=0, label="Lower end", help="What the smallest number becomes.", when={"method": "min-max"}
    )
    maximum: float = parameter(
        default=1, label="Upper end", help="What the largest number becomes.", when={"method": "min-max"}
    )
    deviation: Literal["sample", "population"] = parameter(
        default="sample",
        advanced=True,
        help="Whether the standard deviation is divided by n - 1 (sample) or by n (population).",
        when={"method": "z-score"},
    )

    def check_parameters(self) -> list[Fault]:
        if self.method == "min-max" and not (
            self.minimum < self.maximum and math.isfinite(self.maximum - self.minimum)
        ):
            return [
                Fault(
                    "minimum",
                    f"the lower end, {self.minimum:g}, must be below the upper end, {self.maximum:g}",
                )
            ]
        return []

    def changes(self, schema: Schema) -> tuple[Change, ...]:
        told = {name: TableSpec({name: pl.Float64()}) for name in self.chosen(schema)}
        return tuple(Change((name,), spec, spec) for name, spec in told.items())

    def learn(self, table: pl.LazyFrame, schema: Schema, context: Context) -> Transformation:
        wanted = {}
        for name in self.chosen(schema):
            number = number_of(name)
            wanted[name] = {
                "finite": number.is_finite().all(),
                "count": number.count(),
                "low": number.min(),
                "high": number.max(),
            }
            if self.method == "z-score":
                ddof = 1 if self.deviation == "sample" else 0
                wanted[name] |= {"mean": number.mean(), "std": number.std(ddof=ddof)}
            elif self.method == "robust":
                shares = {"first": 0.25, "median": 0.5, "third": 0.75}
                wanted[name] |= {key: number.quantile(share, "linear") for key, share in shares.items()}
        steps = []
        for name, told in statistics(table, wanted).items():
            finite(name, told["finite"])
            if not told["count"]:
                context.warn(f'column "{shorten(name)}" has no values to learn from and is left as it is')
                steps.append(Rescale(name, 0.0, 1.0))
                continue
            steps.append(self._step(name, told))
        return Transformation(steps)

    def _step(self, name: str, told: dict[str, Any]) -> Rescale:
        """The scale of a column; what has no width gets the width 1."""
        low, high = told["low"], told["high"]
        most = max(abs(low), abs(high))
        centre, width, start = 0.0, 1.0, 0.0
        if self.method == "min-max":
            centre, spread = low, high - low
            width, start = self.maximum - self.minimum, self.minimum
        elif self.method == "z-score":
            # of a single value there is no deviation of a sample
            centre, spread = told["mean"], told["std"] or 0.0
        elif self.method == "robust":
            centre, spread = told["median"], told["third"] - told["first"]
        elif self.method == "max-abs":
            spread = most
        else:
            spread = next((10.0**digits for digits in range(309) if most <= 10.0**digits), math.inf)
        if not (math.isfinite(spread) and math.isfinite(centre)):
            raise NodeFailed(f'the values of column "{shorten(name)}" are too large to be scaled')
        if low == high and self.method not in ("max-abs", "decimal"):
            centre, spread = low, 0.0  # rounding may have left the mean beside it
        return Rescale(name, centre, spread if spread > NO_WIDTH else 1.0, width, start)

    def summary(self) -> str:
        return f"{self.method}: {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.define("normalizer", NORMALIZER)
        ends = (self.minimum, self.maximum, 1 if self.deviation == "sample" else 0)
        self.export_fit(script, "normalizer", self.method, *ends)


NORMALIZER = '''
def normalizer(table, names, method, minimum, maximum, ddof):
    """Learns the scales of columns; gives a function that scales, and whose `inverse` scales back."""
    scales, width, start = {}, 1.0, 0.0
    for name in names:
        values = table.select(cs.by_name(name).cast(pl.Float64)).collect().to_series().drop_nulls()
        if values.is_empty():
            scales[name] = (0.0, 1.0, 1.0, 0.0)
            continue
        low, high = values.min(), values.max()
        most = max(abs(low), abs(high))
        centre = 0.0
        if method == "min-max":
            centre, spread, width, start = low, high - low, maximum - minimum, minimum
        elif method == "z-score":
            centre, spread = values.mean(), values.std(ddof=ddof)
        elif method == "robust":
            first, third = values.quantile(0.25, "linear"), values.quantile(0.75, "linear")
            centre, spread = values.quantile(0.5, "linear"), third - first
        elif method == "max-abs":
            spread = most
        else:
            spread = next(10.0**digits for digits in range(309) if most <= 10.0**digits)
        if low == high and method not in ("max-abs", "decimal"):
            centre, spread = low, 0.0
        scales[name] = (centre, spread if spread and spread > 1e-300 else 1.0, width, start)

    def scale(table):
        return table.with_columns(
            (cs.by_name(name).as_expr().cast(pl.Float64) - centre) / spread * width + start
            for name, (centre, spread, width, start) in scales.items()
        )

    def inverse(table, also=()):
        there = table.collect_schema()
        like = {name: name for name in scales if name in there} | dict(also)
        return table.with_columns(
            (cs.by_name(name).as_expr().cast(pl.Float64) - start) / width * spread + centre
            for name, (centre, spread, width, start) in ((n, scales[one]) for n, one in like.items())
        )

    scale.inverse = inverse
    return scale
'''
