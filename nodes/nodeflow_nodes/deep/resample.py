"""Resample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values.specs import Spec

_UNITS = {
    "seconds": "s",
    "minutes": "m",
    "hours": "h",
    "days": "d",
    "weeks": "w",
    "months": "mo",
    "years": "y",
}
_MOST_ROWS = 100_000_000


class Resample(Node):
    """Bring a series to regular steps in time: rows of one step become one, and steps without a row become rows.

    A step is called by the moment it starts at; it holds the rows from then until before the next. Steps start at
    whole units: hours at :00, weeks on Monday, months on the first. Missing numbers do not count. Columns that are
    neither numbers nor the time or group take their first value. Rows without a time are left out.

    Steps without a value are missing, or take the last known value, or lie on the straight line between the known values
    around them. The line looks into the future: not for what a forecast starts from.

    Inputs:
        table: The series, in any order.
    Outputs:
        table: A row for each step, in order; groups one after the other.
    """

    category = "Manipulation / Time"
    keywords = (
        "upsample",
        "downsample",
        "regular",
        "fill gaps",
        "hourly",
        "daily",
        "aggregate by time",
        "asfreq",
        "interpolate",
    )

    time: Column = parameter(types=("date", "datetime"), label="Time column", help="The moment of each row.")
    group: Column | None = parameter(
        default=None, help="The column that tells series apart, if there are several."
    )
    every: int = parameter(default=1, minimum=1, maximum=100_000, help="The length of a step.")
    unit: Literal["seconds", "minutes", "hours", "days", "weeks", "months", "years"] = parameter(
        default="hours", help="The unit of the step."
    )
    numbers: Literal["mean", "median", "sum", "minimum", "maximum", "first", "last"] = parameter(
        default="mean", help="What becomes of numbers that fall in one step."
    )
    empty: Literal["missing", "last value", "line"] = parameter(
        default="missing", label="Steps without a value", help="What numbers of such steps become; see above."
    )

    def check_parameters(self) -> list[Fault]:
        if self.group is not None and self.group == self.time:
            return [Fault("group", "the group must be another column than the time")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        table = inputs.get("table")
        if table is None or self.time not in table.columns:
            return []
        if family(table.columns[self.time]) == "date" and self.unit in ("seconds", "minutes", "hours"):
            return [Fault("unit", f'"{self.time[:80]}" has dates without a time of day; choose days or more')]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import polars as pl

        from nodeflow.values.specs import TableSpec

        schema = dict(inputs["table"].columns)
        whole = self.empty == "line" or self.numbers in ("mean", "median")
        for name, dtype in schema.items():
            if name in (self.time, self.group) or not dtype.is_numeric():
                continue
            if whole or dtype.is_decimal():
                schema[name] = pl.Float64()
            elif self.numbers == "sum" and dtype.is_integer():
                schema[name] = pl.Int64()
        return TableSpec(schema)

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        import polars as pl

        frame = table.collect(engine="streaming")
        names, schema = frame.columns, frame.schema
        types: Any = self.spec({"table": _Columns(schema)})
        lost = frame.get_column(self.time).null_count()
        if lost:
            context.warn(f"{lost:,} rows without a time are left out")
        short = {name: f"c{place}" for place, name in enumerate(names)}
        time, group = short[self.time], None if self.group is None else short[self.group]
        plain = frame.rename(short).filter(pl.col(time).is_not_null())
        keys = [] if group is None else [group]
        plain = plain.with_row_index("row").sort(*keys, time, "row").drop("row")
        context.check_cancelled()
        if plain.height:
            plain = self._resampled(
                plain, time, group, {short[name]: dtype for name, dtype in types.columns.items()}
            )
        plain = plain.select(pl.col(short[name]).cast(types.columns[name]) for name in names)
        return plain.rename({one: name for name, one in short.items()})

    def _resampled(
        self, plain: pl.DataFrame, time: str, group: str | None, types: Mapping[str, pl.DataType]
    ) -> pl.DataFrame:
        import polars as pl

        step = f"{self.every}{_UNITS[self.unit]}"
        others = [name for name in plain.columns if name not in (time, group)]
        numbers = [name for name in others if plain.schema[name].is_numeric()]
        how = {"minimum": "min", "maximum": "max"}.get(self.numbers, self.numbers)

        def joined(name: str) -> pl.Expr:
            if name not in numbers:
                return pl.col(name).drop_nulls().first()
            known = pl.col(name).cast(types[name]).drop_nulls()
            if how == "sum":  # of no value at all nothing is known
                return pl.when(known.len() > 0).then(known.sum()).otherwise(None)
            return getattr(known, how)()  # type: ignore[no-any-return]

        found = []
        for part in plain.partition_by(group, maintain_order=True) if group is not None else [plain]:
            rows = (
                part.set_sorted(time)
                .group_by_dynamic(time, every=step)
                .agg(joined(name).alias(name) for name in others)
            )
            first, last = rows.get_column(time)[0], rows.get_column(time)[-1]
            if (last - first).total_seconds() / _seconds(self.unit, self.every) > _MOST_ROWS:
                raise NodeFailed(f"these would be more than {_MOST_ROWS:,} steps; choose longer ones")
            rows = rows.upsample(time, every=step, maintain_order=True)
            if self.empty == "last value":
                rows = rows.with_columns(pl.col(name).fill_null(strategy="forward") for name in numbers)
            elif self.empty == "line":
                rows = rows.with_columns(pl.col(name).interpolate_by(time) for name in numbers)
            if group is not None:
                value = part.get_column(group)
                rows = rows.with_columns(value.head(1).new_from_index(0, rows.height).alias(group))
            found.append(rows)
        return pl.concat(found)

    def summary(self) -> str:
        return f"every {self.every} {self.unit}, {self.numbers}"


class _Columns:
    def __init__(self, columns: Mapping[str, pl.DataType]) -> None:
        self.columns = columns


def _seconds(unit: str, every: int) -> float:
    one = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
    return every * one.get(unit, 28 * 86_400 if unit == "months" else 365 * 86_400)
