"""Binner."""

from __future__ import annotations

import inspect
import itertools
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Change, TableSpec
from nodeflow.values.transformation import MOST_LIMITS, Bin, Transformation
from nodeflow_nodes.manipulation._fitting import (
    AppendingNode,
    Schema,
    finite,
    number_of,
    statistics,
    values_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class Binner(AppendingNode):
    """Put the numbers of a column into classes (bins).

    | method | the limits between the classes |
    |---|---|
    | equal width | part the range from the smallest to the largest number into classes of one width |
    | quantiles | are chosen so that every class has about as many rows |
    | custom | are given: the limits 18 and 65 part three classes |

    A number that is itself a limit belongs to the class above it, or below it if classes are closed on
    the right. A class is called by its interval, such as "[18, 65)", where a square bracket includes the
    end and a round one leaves it out; by its number, counted from 1; or by a name of your own.

    The model holds the limits, so that a Transform node puts other rows into the same classes. There,
    numbers may lie beyond the range seen here: they belong to the outermost classes, or become missing,
    or are an error. For custom limits the range is open unless its ends are given.

    Missing values stay missing and count for nothing. Where many rows have one value, quantiles
    coincide, and there are fewer classes; a column of one value has one class.

    Inputs:
        table: The table with the numbers.
    Outputs:
        table: The table with classes in their place, or in new columns.
        model: The limits, for a Transform node.
    """

    category = "Manipulation / Column"
    keywords = (
        "auto-binner",
        "numeric binner",
        "cut",
        "qcut",
        "discretize",
        "KBinsDiscretizer",
        "histogram classes",
        "intervals",
        "bucket",
        "ntile",
        "age groups",
    )
    families = ("number",)

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns of numbers to put into classes."
    )
    method: Literal["equal width", "quantiles", "custom"] = parameter(
        default="equal width", help="How the limits are found; see above."
    )
    bins: int = parameter(
        default=5,
        minimum=2,
        maximum=MOST_LIMITS + 1,
        label="Number of classes",
        help="How many classes there are.",
        when={"method": ["equal width", "quantiles"]},
    )
    limits: list[float] = parameter(
        default=[], help="The limits between the classes, from small to large.", when={"method": "custom"}
    )
    lowest: float | None = parameter(
        default=None,
        label="Lower end",
        help="The start of the first class; without one it is open.",
        when={"method": "custom"},
    )
    highest: float | None = parameter(
        default=None,
        label="Upper end",
        help="The end of the last class; without one it is open.",
        when={"method": "custom"},
    )
    closed: Literal["left", "right"] = parameter(
        default="left",
        help="On which side a class includes its end: left for 18 up to below 65.",
        advanced=True,
    )
    labels: Literal["intervals", "numbers", "names"] = parameter(
        default="intervals", help="What a class is called by."
    )
    names: list[str] = parameter(
        default=[], help="The names of the classes, that of the smallest first.", when={"labels": "names"}
    )
    outside: Literal["nearest", "missing", "fail"] = parameter(
        default="nearest",
        label="Out of range",
        help="What becomes of a number below or above all classes: it belongs to the nearest, becomes "
        "missing, or is an error.",
    )

    def check_parameters(self) -> list[Fault]:
        faults = []
        if self.method == "custom":
            if not self.limits:
                faults.append(Fault("limits", "custom classes need at least one limit between them"))
            if len(self.limits) > MOST_LIMITS:
                faults.append(Fault("limits", f"there are more than {MOST_LIMITS:,} limits"))
            ends = [one for one in (self.lowest, *self.limits, self.highest) if one is not None]
            for before, after in itertools.pairwise(ends):
                if before >= after:
                    faults.append(Fault("limits", f"limits must rise, but {after:g} comes after {before:g}"))
                    break
        count = len(self.limits) + 1 if self.method == "custom" else self.bins
        if self.labels == "names" and len(self.names) != count:
            faults.append(
                Fault("names", f"there are {count} classes, so give {count} names, not {len(self.names)}")
            )
        return faults

    def changes(self, schema: Schema) -> tuple[Change, ...]:
        dtype = pl.Int64() if self.labels == "numbers" else pl.String()
        return tuple(
            Change((name,), TableSpec({f"{name}{self.ending}": dtype})) for name in self.chosen(schema)
        )

    def learn(self, table: pl.LazyFrame, schema: Schema, context: Context) -> Transformation:
        chosen = self.chosen(schema)
        if self.method == "custom":
            steps = [self._step(name, self.limits, self.lowest, self.highest) for name in chosen]
            transformation = Transformation(steps)
            refused = transformation.refused(table)
            if refused:
                raise NodeFailed(refused.replace("were not there while learning", "lie outside the classes"))
            return transformation
        shares = [index / self.bins for index in range(1, self.bins)]
        wanted = {}
        for name in chosen:
            number = number_of(name)
            wanted[name] = {"finite": number.is_finite().all(), "low": number.min(), "high": number.max()}
            if self.method == "quantiles":
                wanted[name]["limits"] = number.quantile(shares, "linear")
        steps = []
        for name, told in statistics(table, wanted).items():
            finite(name, told["finite"])
            steps.append(self._learned(name, told, context))
        return Transformation(steps)

    def _learned(self, name: str, told: Mapping[str, Any], context: Context) -> Bin:
        low, high = told["low"], told["high"]
        limits: list[float] = []
        if low is not None:
            limits = class_limits(low, high, self.bins, told.get("limits"), self.closed == "left")
        if len(limits) + 1 < self.bins:
            found = f"{len(limits) + 1} of {self.bins} classes"
            if self.labels == "names":
                raise NodeFailed(
                    f'column "{shorten(name)}" has values for {found} only, so the names do not fit; choose '
                    "fewer classes, another method, or intervals as labels"
                )
            context.warn(f'column "{shorten(name)}" has values for {found} only')
        return self._step(name, limits, low, high)

    def _step(self, name: str, limits: Sequence[float], low: float | None, high: float | None) -> Bin:
        labels: list[Any] = list(self.names)
        if self.labels == "numbers":
            labels = list(range(1, len(limits) + 2))
        elif self.labels == "intervals":
            labels = interval_names(list(limits), low, high, self.closed == "left")
        return Bin(
            name,
            f"{name}{self.ending}",
            list(limits),
            values_of(pl.Series(labels), name),
            self.closed,
            low,
            high,
            self.outside,
        )

    def summary(self) -> str:
        if self.method == "custom":
            return f"{self.columns} at {', '.join(f'{one:g}' for one in self.limits)}"[:80]
        return f"{self.columns}: {self.bins} of {self.method}"[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.outside == "fail":
            script.cannot_express("an error for numbers out of range")
        script.require("import itertools")
        script.define("class_limits", inspect.getsource(class_limits))
        script.define("interval_names", inspect.getsource(interval_names))
        script.define("binner", BINNER)
        custom = (self.lowest, self.limits, self.highest) if self.method == "custom" else None
        labels: Any = self.names if self.labels == "names" else self.labels
        more = (self.closed == "left", labels, self.outside, self.ending)
        self.export_fit(script, "binner", self.method, self.bins, custom, *more)


def class_limits(
    low: float, high: float, count: int, quantiles: list[float] | None, closed_left: bool
) -> list[float]:
    """The limits between classes of equal width, or at quantiles; without those that leave a class empty."""
    limits = quantiles
    if limits is None:
        # low and high may lie too far apart for their difference
        limits = [low * (1 - index / count) + high * (index / count) for index in range(1, count)]
    found: list[float] = []
    for limit in limits:
        is_within = low < limit <= high if closed_left else low <= limit < high
        if is_within and (not found or found[-1] < limit):
            found.append(limit)
    return found


def interval_names(
    limits: list[float], low: float | None, high: float | None, closed_left: bool
) -> list[str]:
    """Names such as "[18, 65)", with as many digits as tell the limits apart, and some more."""
    ends = [low, *limits, high]
    known = [end for end in ends if end is not None]
    digits = 0
    gaps = [after - before for before, after in itertools.pairwise(known) if after > before]
    while digits < 300 and gaps and min(gaps) * 10**digits < 100:
        if [round(end, digits) for end in known] == known:
            break
        digits += 1
    if len({round(end, digits) for end in known}) < len(set(known)):
        digits = 400  # rounds nothing

    def words(end: float) -> str:
        rounded = round(end, digits)
        whole = rounded == int(rounded) and abs(rounded) < 1e15
        return str(int(rounded)) if whole else repr(rounded)

    names = []
    for index, (start, end) in enumerate(itertools.pairwise(ends)):
        if start is None or end is None:
            below, above = ("<", "≥") if closed_left else ("≤", ">")
            if start is not None:
                names.append(f"{above} {words(start)}")
            else:
                names.append("all" if end is None else f"{below} {words(end)}")
            continue
        opening = "[" if closed_left or index == 0 else "("
        closing = "]" if not closed_left or index == len(limits) else ")"
        names.append(f"{opening}{words(start)}, {words(end)}{closing}")
    return names


BINNER = '''
def binner(table, names, method, bins, custom, closed_left, labels, outside, ending):
    """Learns the limits of classes; gives a function that puts numbers into them."""
    plan = {}
    for name in names:
        if custom is not None:
            low, limits, high = custom
        else:
            values = table.select(cs.by_name(name).cast(pl.Float64)).collect().to_series().drop_nulls()
            low, high, limits = values.min(), values.max(), []
            if low is not None:
                shares = [index / bins for index in range(1, bins)]
                quantiles = values.quantile(shares, "linear") if method == "quantiles" else None
                limits = class_limits(low, high, bins, quantiles, closed_left)
        called = labels
        if labels == "intervals":
            called = interval_names(limits, low, high, closed_left)
        elif labels == "numbers":
            called = list(range(1, len(limits) + 2))
        plan[name] = (low, limits, high, pl.Series(called))

    def classify(table):
        columns = []
        for name, (low, limits, high, called) in plan.items():
            number = cs.by_name(name).as_expr().cast(pl.Float64)
            side = "right" if closed_left else "left"
            place = pl.lit(pl.Series(limits, dtype=pl.Float64)).search_sorted(number, side=side)
            known = number.is_not_null()
            if outside != "nearest":
                known &= (number >= low if low is not None else True) & (number <= high if high is not None else True)
            columns.append(pl.when(known).then(pl.lit(called).gather(place)).alias(name + ending))
        return table.with_columns(columns)

    return classify
'''
