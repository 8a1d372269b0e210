"""Numeric Outliers."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, Seed, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE, Schema, chosen_numbers

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

USUAL = {"interquartile range": 1.5, "z-score": 3.0, "median deviation": 3.5}
"""The factor that is usual with each method."""


class Treated(NamedTuple):
    """What the node gives."""

    table: pl.LazyFrame
    limits: pl.DataFrame


class NumericOutliers(Node):
    """Find values that lie far from the others, and remove, keep, mark, clip or empty them.

    | method | an outlier is |
    |---|---|
    | interquartile range | below the lower or above the upper quartile by more than 1.5 times their distance (Tukey) |
    | z-score | more than 3 standard deviations from the mean; for values near a normal distribution |
    | median deviation | more than 3.5 median absolute deviations, scaled, from the median: bears many outliers |
    | isolation forest | a row that random cuts through all chosen columns soon set apart: finds odd combinations |

    Limits are those of each column, in each group if groups are chosen. Clipping moves a value to the limit it is
    beyond, whole numbers to the nearest whole one inside. Missing values are never outliers. With an isolation
    forest whole rows are outliers, so that they cannot be clipped or emptied; a row with a missing value in a chosen
    column is not judged. Rows keep their order.

    Inputs:
        table: The table with the values.
    Outputs:
        table: The table treated.
        limits: One row for each column (and group): the limits, and how many values lie beyond them.
    """

    category = "Statistics"
    keywords = (
        "outlier detection",
        "iqr",
        "tukey fences",
        "anomaly",
        "winsorize",
        "clip",
        "mad",
        "isolation forest",
        "extreme values",
    )

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns to look at."
    )
    method: Literal["interquartile range", "z-score", "median deviation", "isolation forest"] = parameter(
        default="interquartile range", help="What counts as an outlier; see above."
    )
    factor: float | None = parameter(
        default=None,
        above=0,
        help="How far is too far; empty for 1.5 (interquartile range), 3 (z-score) or 3.5 (median deviation).",
        when={"method": list(USUAL)},
    )
    treatment: Literal["remove rows", "keep only outliers", "mark", "clip", "missing"] = parameter(
        default="remove rows", help="What happens to outliers, or to the rows with one."
    )
    side: Literal["both", "low", "high"] = parameter(
        default="both",
        help="Whether values too low, too high or both are outliers.",
        when={"method": list(USUAL)},
    )
    groups: Columns = parameter(
        default=Columns.of(), help="Columns whose values part the rows into groups with limits of their own.",
        when={"method": list(USUAL)},
    )  # fmt: skip
    mark: str = parameter(
        default="outlier",
        min_length=1,
        label="Mark column",
        help="The name of the new column that is true for rows with an outlier.",
        when={"treatment": "mark"},
    )
    share: float | None = parameter(
        default=None,
        above=0,
        maximum=0.5,
        help="The share of outliers among the rows; empty to let the forest decide.",
        when={"method": "isolation forest"},
    )
    trees: int = parameter(
        default=100,
        minimum=1,
        maximum=10_000,
        help="How many trees to grow.",
        when={"method": "isolation forest"},
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None,
        help="The random seed; empty to take one from the run's seed.",
        when={"method": "isolation forest"},
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Treated:
        schema = schema_of(table)
        if self.method != "isolation forest":
            limits = outlier_limits(table, *self._limited(schema), self.groups.resolve(schema))
            treated = without_outliers(table, *self._limited(schema), **self._treated(schema), limits=limits)
            return Treated(treated, limits)
        frame = table.collect(engine="streaming")
        context.progress(0.1, "growing the forest")
        try:
            return Treated(*isolated(frame, self._chosen(schema), **self._forest(int(self.seed or 0))))
        except ValueError as error:
            raise NodeFailed(str(error)) from None

    def _limited(self, schema: Schema) -> tuple[list[str], str, float, str]:
        factor = USUAL[self.method] if self.factor is None else self.factor
        return self._chosen(schema), self.method, factor, self.side

    def _treated(self, schema: Schema) -> dict[str, Any]:
        return {"groups": self.groups.resolve(schema), "treatment": self.treatment, "mark": self.mark}

    def _forest(self, seed: int) -> dict[str, Any]:
        told = {"trees": self.trees, "share": self.share, "seed": seed}
        return told | {"treatment": self.treatment, "mark": self.mark}

    def _chosen(self, schema: Schema) -> list[str]:
        return chosen_numbers(self.columns, schema, *self.groups.resolve(schema))

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        schema: dict[str, pl.DataType] = dict(inputs["table"].columns)
        if self.treatment == "mark":
            schema[self.mark] = pl.Boolean()
        groups = [] if self.method == "isolation forest" else self.groups.resolve(schema)
        limits = {**{name: schema[name] for name in groups}, **LIMITS}
        return {"table": TableSpec(schema), "limits": TableSpec(limits)}

    def check_parameters(self) -> list[Fault]:
        if self.method == "isolation forest" and self.treatment in ("clip", "missing"):
            return [
                Fault(
                    "treatment",
                    "an isolation forest finds odd rows, not odd values; remove, keep or mark the rows",
                )
            ]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        if not self._chosen(schema):
            return [Fault("columns", f"no number column is chosen ({self.columns}); choose at least one")]
        clashing = [name for name in self.groups.resolve(schema) if name in LIMITS]
        if clashing and self.method != "isolation forest":
            return [
                Fault(
                    "groups",
                    f'the limits have a column "{clashing[0]}" of their own; rename that group column',
                )
            ]
        return taken([self.mark], schema, "mark") if self.treatment == "mark" else ()

    def summary(self) -> str:
        return f"{self.treatment}: {self.method} of {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("from collections.abc import Sequence")
        script.require("from typing import Any")
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        types = ", ".join(f"{name!r}: pl.{dtype}" for name, dtype in LIMITS.items())
        script.define("LIMITS", f"LIMITS = {{{types}}}")
        source = script.input("table")
        result, limits = script.output("table"), script.output("limits")
        if self.method == "isolation forest":
            script.define("isolated", inspect.getsource(isolated))
            told = "".join(f", {name}={value!r}" for name, value in self._forest(script.seed).items())
            script.add(
                f"{result}, {limits} = isolated({source}.collect(), {self._chosen(schema)!r}{told})",
                f"{limits} = {limits}.lazy()",
            )
            return
        for one in (outlier_ends, clipped, outlier_limits, without_outliers):
            script.define(one.__name__, inspect.getsource(one))
        told = ", ".join(map(repr, self._limited(schema)))
        treated = "".join(f", {name}={value!r}" for name, value in self._treated(schema).items())
        script.add(
            f"{limits} = outlier_limits({source}, {told}, {self.groups.resolve(schema)!r})",
            f"{result} = without_outliers({source}, {told}{treated}, limits={limits})",
            f"{limits} = {limits}.lazy()",
        )


LIMITS: dict[str, pl.DataType] = {
    "column": TEXT, "n": WHOLE, "missing": WHOLE, "lower": NUMBER, "upper": NUMBER, "below": WHOLE, "above": WHOLE,
    "outliers": WHOLE,
}  # fmt: skip
"""The columns of the table of limits, after those of the groups."""


# -- what calculates; an exported script holds these as they stand ------------------------------------------


def outlier_ends(name: str, method: str, factor: float, side: str) -> tuple[pl.Expr, pl.Expr]:
    """The limits of a column as expressions; infinite where a side is not asked for."""
    value = cs.by_name(name).as_expr().cast(pl.Float64).fill_nan(None)
    if method == "interquartile range":
        lower, upper = value.quantile(0.25, "linear"), value.quantile(0.75, "linear")
        width = (upper - lower) * factor
        low, high = lower - width, upper + width
    elif method == "z-score":
        low, high = value.mean() - value.std() * factor, value.mean() + value.std() * factor
    else:
        # 1.4826 makes the deviation of normally distributed values their standard deviation
        width = (value - value.median()).abs().median() * 1.4826 * factor
        low, high = value.median() - width, value.median() + width
    # an end that is not asked for is infinite, for every group
    return (
        low * 0 - float("inf") if side == "high" else low,
        high * 0 + float("inf") if side == "low" else high,
    )


def clipped(value: pl.Expr, low: pl.Expr, high: pl.Expr, is_whole: bool) -> pl.Expr:
    """A column with values beyond the limits moved to them, whole numbers to whole ones."""
    if is_whole:
        low, high = (
            low.ceil().clip(-(2.0**62), 2.0**62).cast(pl.Int64),
            high.floor().clip(-(2.0**62), 2.0**62).cast(pl.Int64),
        )
    return pl.when(value < low).then(low).when(value > high).then(high).otherwise(value)


def without_outliers(
    table: pl.LazyFrame,
    names: Sequence[str],
    method: str,
    factor: float,
    side: str,
    groups: Sequence[str],
    treatment: str,
    mark: str,
    limits: pl.DataFrame,
) -> pl.LazyFrame:
    """The table with its outliers treated."""
    schema = table.collect_schema()
    found = {name: (lower, upper) for name, lower, upper in limits.select("column", "lower", "upper").rows()}
    beyond, changed = [], []
    for name in names:
        if groups:
            keys = [cs.by_name(one).as_expr() for one in groups]
            low, high = (end.over(keys) for end in outlier_ends(name, method, factor, side))
        else:
            lower, upper = found[name]
            low = pl.lit(float("-inf") if lower is None else lower)
            high = pl.lit(float("inf") if upper is None else upper)
        value = cs.by_name(name).as_expr()
        is_out = ((value < low) | (value > high)).fill_null(value=False)
        beyond.append(is_out)
        if treatment == "missing":
            changed.append(pl.when(~is_out).then(value).alias(name))
        elif treatment == "clip":
            moved = clipped(value, low, high, schema[name].is_integer())
            changed.append(pl.when(is_out).then(moved).otherwise(value).cast(schema[name]).alias(name))
    if changed:
        return table.with_columns(changed)
    is_out = pl.any_horizontal(beyond)
    if treatment == "mark":
        return table.with_columns(is_out.alias(mark))
    return table.filter(is_out if treatment == "keep only outliers" else ~is_out)


def outlier_limits(
    table: pl.LazyFrame, names: Sequence[str], method: str, factor: float, side: str, groups: Sequence[str]
) -> pl.DataFrame:
    """The limits of each column, in each group, and how many values lie beyond."""
    queries = []
    for name in names:
        value = cs.by_name(name).as_expr()
        low, high = outlier_ends(name, method, factor, side)
        told = [
            value.count().alias("n"), value.null_count().alias("missing"), low.alias("lower"), high.alias("upper"),
            (value < low).sum().alias("below"), (value > high).sum().alias("above"),
        ]  # fmt: skip
        keys = [cs.by_name(one).as_expr() for one in groups]
        rows = table.group_by(keys, maintain_order=True).agg(told) if groups else table.select(told)
        rows = rows.with_columns(
            pl.lit(name).alias("column"), (pl.col("below") + pl.col("above")).alias("outliers"),
            *(pl.when(pl.col(end).is_finite()).then(pl.col(end)).alias(end) for end in ("lower", "upper")),
        )  # fmt: skip
        typed = [pl.col(key).cast(dtype) for key, dtype in LIMITS.items()]
        queries.append(rows.select(*keys, *typed))
    return pl.concat(pl.collect_all(queries, engine="streaming"))


def isolated(
    table: pl.DataFrame,
    names: Sequence[str],
    trees: int,
    share: float | None,
    seed: int,
    treatment: str,
    mark: str,
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The table with the rows treated that an isolation forest sets apart, and how many there are."""
    from sklearn.ensemble import IsolationForest

    values = pl.DataFrame(
        [table.get_column(name).cast(pl.Float64).alias(f"c{i}") for i, name in enumerate(names)]
    )
    if not values.select(pl.all_horizontal(pl.all().is_finite().fill_null(value=True)).all()).item():
        raise ValueError("a chosen column holds infinite values or NaN; turn them into missing values first")
    known = values.with_row_index("row").drop_nulls()
    if known.height < 2:
        raise ValueError(
            f"{known.height} rows have a value in every chosen column; an isolation forest takes 2 or more"
        )
    contamination: Any = "auto" if share is None else share
    forest = IsolationForest(n_estimators=trees, contamination=contamination, random_state=seed, n_jobs=-1)
    found = forest.fit_predict(known.drop("row").to_numpy()) == -1
    is_out = pl.lit(
        pl.int_range(table.height, eager=True).is_in(known["row"].filter(found).cast(pl.Int64).implode())
    )
    limits = pl.DataFrame(
        [
            {
                "column": name, "n": known.height, "missing": table.get_column(name).null_count(),
                "outliers": int(found.sum()),
            }
            for name in names
        ],
        schema=LIMITS,
    )  # fmt: skip
    if treatment == "mark":
        return table.lazy().with_columns(is_out.alias(mark)), limits
    return table.lazy().filter(is_out if treatment == "keep only outliers" else ~is_out), limits
