"""Transformation: what a node learned to do to the columns of a table, as plain data.

It is a list of steps. Each reads one column and makes one or more by expressions alone, so it is applied
lazily and on every engine; it is stored as JSON, and nothing of a file is run when it is loaded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias

import msgspec
import narwhals as nw
import polars as pl

from nodeflow import ops
from nodeflow.errors import listing, shorten
from nodeflow.ops.frames import polars_of, wrap
from nodeflow.values.dtypes import decode_dtype, encode_dtype, narwhals_type
from nodeflow.values.specs import Change, TableSpec

if TYPE_CHECKING:
    from nodeflow.ops.frames import Frame

MOST_BYTES = 64 << 20
"""Of the JSON of a transformation; that bounds its steps and values too."""

MOST_COLUMNS = 100_000
"""New columns in all: each is an expression, and a query of more takes minutes to plan."""

MOST_LIMITS = 1_000
"""Limits between the classes of one column: each row is compared with all of them."""

_DAY_RANGE = (-719_162, 2_932_896)  # from year 1 to 9999, beyond which Python has no dates
_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}

Policy: TypeAlias = Literal["keep", "missing", "fail", "default"]


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values of one column type in JSON: dates and times as the numbers they are stored as."""

    type: Any
    items: list[bool | int | float | str | None]

    @classmethod
    def of(cls, series: pl.Series) -> Values:
        """The values of a series; categories become texts.

        Raises:
            ValueError: its type, or a value such as infinity, cannot be kept.
        """
        if isinstance(series.dtype, pl.Categorical | pl.Enum):
            series = series.cast(pl.String)
        if isinstance(series.dtype, pl.Datetime | pl.Duration) and series.dtype.time_unit == "ns":
            # Python's own dates and times, as which the values are compared, end at microseconds
            coarse = series.dt.cast_time_unit("us")
            if not coarse.dt.cast_time_unit("ns").equals(series):
                raise ValueError("values with nanoseconds cannot be part of a model; round them first")
            series = coarse
        dtype = series.dtype
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Null, pl.Unknown):
            raise ValueError(f"values of type {dtype} cannot be part of a model")
        plain = series.cast(pl.String) if isinstance(dtype, pl.Decimal) else series.to_physical()
        if dtype.is_float() and not series.drop_nulls().is_finite().all():
            raise ValueError("infinite values and NaN cannot be part of a model")
        return cls(encode_dtype(dtype), plain.to_list())

    @property
    def dtype(self) -> pl.DataType:
        """The type of the values."""
        return decode_dtype(self.type)

    def series(self) -> pl.Series:
        """The values; raises `ValueError` where one is not of the type."""
        dtype = self.dtype
        plain: Any = dtype
        wanted: tuple[type, ...] = (int,)
        if isinstance(dtype, pl.String | pl.Decimal):
            plain, wanted = pl.String(), (str,)
        elif isinstance(dtype, pl.Boolean):
            wanted = (bool,)
        elif dtype.is_float():
            wanted = (int, float)
        elif not dtype.is_integer():
            plain = pl.Int64()
            low, high = _range(dtype)
            if any(isinstance(one, int) and not low <= one <= high for one in self.items):
                raise ValueError(f"a value lies beyond the range of {dtype}")
        if any(one is not None and type(one) not in wanted for one in self.items):
            raise ValueError(f"a value is not of the type {dtype}")
        try:
            return pl.Series("", self.items, dtype=plain).cast(dtype)
        except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
            raise ValueError(f"a value is not of the type {dtype}: {shorten(str(error), 100)}") from None

    def python(self) -> list[Any]:
        """The values as Python has them."""
        return self.series().to_list()


def _range(dtype: pl.DataType) -> tuple[int, int]:
    """The smallest and largest stored number of a date or time; raises `ValueError` for another type."""
    low, high = _DAY_RANGE
    if isinstance(dtype, pl.Date):
        return low, high
    if isinstance(dtype, pl.Time):
        return 0, _PER_DAY["ns"] - 1
    if isinstance(dtype, pl.Datetime | pl.Duration):
        # nanoseconds since 1970 in 64 bits end in 2262
        per_day, most = _PER_DAY[dtype.time_unit], 2**63 - 1
        return max(low * per_day, -most), min((high + 1) * per_day - 1, most)
    raise ValueError(f"values of type {dtype} cannot be part of a model")


class Read(NamedTuple):
    """A column that a step reads, in a table at hand."""

    value: nw.Expr
    dtype: Any
    is_dask: bool

    def as_type(self, dtype: pl.DataType) -> nw.Expr:
        """The column in the type that was learned."""
        wanted = narwhals_type(dtype)
        return self.value if self.dtype == wanted else self.value.cast(wanted)


class _Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="step"):
    """One part of a transformation."""

    takes_any_number: ClassVar[bool] = False
    """Whether it reads a number of any type; otherwise a column of the type that was learned."""

    column: str

    def check(self) -> None:
        """Raise `ValueError` unless the step can be applied."""

    def gives(self) -> dict[str, pl.DataType]:
        """The columns it makes, with their types."""
        raise NotImplementedError

    def undone(self) -> Step | None:
        """The step that makes the column again of what this one gives; None if there is none."""
        return None

    def expressions(self, read: Read) -> list[nw.Expr]:
        """The columns it gives."""
        raise NotImplementedError

    def refuses(self, value: nw.Expr) -> nw.Expr | None:
        """Whether a value must not come, as an expression; None if every one may."""
        return None


class Rescale(_Step, frozen=True, forbid_unknown_fields=True, tag="rescale"):
    """(x - centre) / spread * width + start, a decimal number."""

    takes_any_number: ClassVar[bool] = True

    centre: float
    spread: float
    width: float = 1.0
    start: float = 0.0

    def check(self) -> None:
        if not all(map(math.isfinite, (self.centre, self.spread, self.width, self.start))):
            raise ValueError(f'the scale of "{shorten(self.column)}" is not finite')
        if not self.spread or not self.width:
            raise ValueError(f'the scale of "{shorten(self.column)}" has no width')

    def gives(self) -> dict[str, pl.DataType]:
        return {self.column: pl.Float64()}

    def undone(self) -> Rescale:
        return Rescale(self.column, self.start, self.width, self.spread, self.centre)

    def expressions(self, read: Read) -> list[nw.Expr]:
        number = read.value.cast(nw.Float64)
        scaled = (number - self.centre) / self.spread * self.width + self.start
        return [scaled.alias(self.column)]


class Fill(_Step, frozen=True, forbid_unknown_fields=True, tag="fill"):
    """A value in the place of missing ones."""

    value: Values
    type: Any
    """Of the column that comes."""

    def check(self) -> None:
        if len(self.value.items) != 1:
            raise ValueError(f'"{shorten(self.column)}" is filled with other than one value')
        self.value.series()
        pl.Series("", [None]).cast(decode_dtype(self.type))

    def gives(self) -> dict[str, pl.DataType]:
        return {self.column: decode_dtype(self.type)}

    def expressions(self, read: Read) -> list[nw.Expr]:
        dtype = narwhals_type(decode_dtype(self.type))
        filled = read.as_type(decode_dtype(self.type))
        (constant,) = self.value.python()
        if constant is not None:
            filled = nw.coalesce(filled, nw.lit(constant, narwhals_type(self.value.dtype)).cast(dtype))
        return [filled.alias(self.column)]


class Bin(_Step, frozen=True, forbid_unknown_fields=True, tag="bin"):
    """The class in which a number lies: n limits part n + 1 classes.

    Numbers below `lowest` or above `highest` belong to the outermost classes, are missing, or must not come.
    """

    takes_any_number: ClassVar[bool] = True

    name: str
    limits: list[float]
    labels: Values
    closed: Literal["left", "right"] = "left"
    lowest: float | None = None
    highest: float | None = None
    outside: Literal["nearest", "missing", "fail"] = "nearest"

    def check(self) -> None:
        where = f'the classes of "{shorten(self.column)}"'
        if len(self.limits) > MOST_LIMITS:
            raise ValueError(f"{where} are more than {MOST_LIMITS + 1:,}")
        ends = [one for one in (self.lowest, *self.limits, self.highest) if one is not None]
        if not all(map(math.isfinite, ends)) or any(a > b for a, b in itertools.pairwise(ends)):
            raise ValueError(f"{where} are not in order")
        if any(a == b for a, b in itertools.pairwise(self.limits)):
            raise ValueError(f"{where} are not in order")
        if len(self.labels.items) != len(self.limits) + 1 or None in self.labels.items:
            raise ValueError(f"{where} do not have one name each")
        self.labels.series()

    def gives(self) -> dict[str, pl.DataType]:
        return {self.name: self.labels.dtype}

    def expressions(self, read: Read) -> list[nw.Expr]:
        labels = self.labels.python()
        dtype = narwhals_type(self.labels.dtype)
        number = read.value.cast(nw.Float64)

        def among(first: int, last: int) -> nw.Expr:
            # halving keeps the expression flat: its depth costs time when a query is planned
            if first == last:
                return nw.lit(labels[first], dtype)
            middle = (first + last) // 2
            limit = self.limits[middle]
            is_below = number < limit if self.closed == "left" else number <= limit
            return nw.when(is_below).then(among(first, middle)).otherwise(among(middle + 1, last))

        is_known = ~read.value.is_null()
        beyond = self._beyond(number)
        if self.outside != "nearest" and beyond is not None:
            is_known = is_known & ~beyond
        return [nw.when(is_known).then(among(0, len(self.limits))).alias(self.name)]

    def refuses(self, value: nw.Expr) -> nw.Expr | None:
        return self._beyond(value.cast(nw.Float64)) if self.outside == "fail" else None

    def _beyond(self, number: nw.Expr) -> nw.Expr | None:
        parts = [number < self.lowest] if self.lowest is not None else []
        parts += [number > self.highest] if self.highest is not None else []
        return parts[0] if len(parts) == 1 else parts[0] | parts[1] if parts else None


class Map(_Step, frozen=True, forbid_unknown_fields=True, tag="map"):
    """A new value for each old one; what others become says `others`. Missing stays, unless it is mapped."""

    name: str
    old: Values
    new: Values
    others: Policy = "missing"
    default: Values | None = None

    def check(self) -> None:
        where = f'the values of "{shorten(self.column)}"'
        if len(self.old.items) != len(self.new.items):
            raise ValueError(f"{where} do not have one new value each")
        if self.old.series().n_unique() != len(self.old.items):
            raise ValueError(f"{where} are not distinct")
        self.new.series()
        if (self.default is None) == (self.others == "default"):
            raise ValueError(f"{where} have a default that does not fit")
        if self.default is not None:
            self.default.series()
            if self.default.type != self.new.type or len(self.default.items) != 1:
                raise ValueError(f"{where} have a default that does not fit")

    def gives(self) -> dict[str, pl.DataType]:
        return {self.name: self.new.dtype}

    def undone(self) -> Map | None:
        if self.others == "keep" or len(set(self.new.items)) != len(self.new.items):
            return None
        return Map(self.name, self.column, self.new, self.old)

    def expressions(self, read: Read) -> list[nw.Expr]:
        dtype = narwhals_type(self.new.dtype)
        value = read.as_type(self.old.dtype)
        pairs = dict(zip(self.old.python(), self.new.python(), strict=True))
        missing = pairs.pop(None, None)
        old = list(pairs)
        parts: list[nw.Expr] = []
        if read.is_dask:  # its replace_strict fails where a result is missing
            parts += [
                nw.when(value == one).then(nw.lit(new, dtype))
                for one, new in pairs.items()
                if new is not None
            ]
        elif old:
            parts.append(value.replace_strict(old, list(pairs.values()), default=None, return_dtype=dtype))
        if missing is not None:
            parts.append(nw.when(value.is_null()).then(nw.lit(missing, dtype)))
        is_other = ~value.is_null() & ~value.is_in(old) if old else ~value.is_null()
        if self.others == "keep":
            parts.append(nw.when(is_other).then(read.as_type(self.new.dtype)))
        if self.default is not None:
            parts.append(nw.when(is_other).then(nw.lit(self.default.python()[0], dtype)))
        found = nw.coalesce(*parts) if parts else nw.lit(None, dtype)
        return [found.alias(self.name)]

    def refuses(self, value: nw.Expr) -> nw.Expr | None:
        if self.others != "fail":
            return None
        old = [one for one in self.old.python() if one is not None]
        return ~value.cast(narwhals_type(self.old.dtype)).is_in(old)


class OneHot(_Step, frozen=True, forbid_unknown_fields=True, tag="one_hot"):
    """A column of 0 and 1 for each known value, in which 1 says that the row has it.

    `missing` and `other` name columns for missing and for unknown values; without one such a row has 0
    everywhere. With `refuse`, unknown values must not come.
    """

    values: Values
    names: list[str]
    known: Values
    """All values that were there while learning; more than `values` where one has no column of its own."""
    missing: str | None = None
    other: str | None = None
    refuse: bool = False

    def check(self) -> None:
        where = f'the values of "{shorten(self.column)}"'
        if len(self.values.items) != len(self.names):
            raise ValueError(f"{where} do not have one column each")
        for values in (self.values, self.known):
            if values.series().n_unique() != len(values.items) or None in values.items:
                raise ValueError(f"{where} are not distinct")
        if self.values.type != self.known.type or not set(self.values.items) <= set(self.known.items):
            raise ValueError(f"{where} are not among the known ones")
        if len(self.gives()) != len(self._names()):
            raise ValueError(f"{where} have columns of one name")

    def _names(self) -> list[str]:
        return [*self.names, *(one for one in (self.missing, self.other) if one is not None)]

    def gives(self) -> dict[str, pl.DataType]:
        return dict.fromkeys(self._names(), pl.Int64())

    def expressions(self, read: Read) -> list[nw.Expr]:
        value = read.as_type(self.known.dtype)
        tests = [(value == one, name) for one, name in zip(self.values.python(), self.names, strict=True)]
        if self.missing is not None:
            tests.append((value.is_null(), self.missing))
        if self.other is not None:
            tests.append((~value.is_in(self.known.python()), self.other))
        zero = nw.lit(0, nw.Int64)
        return [
            nw.when(test & ~value.is_null() if name != self.missing else test)
            .then(nw.lit(1, nw.Int64))
            .otherwise(zero)
            .alias(name)
            for test, name in tests
        ]

    def refuses(self, value: nw.Expr) -> nw.Expr | None:
        if not self.refuse:
            return None
        return ~value.cast(narwhals_type(self.known.dtype)).is_in(self.known.python())


Step: TypeAlias = Rescale | Fill | Bin | Map | OneHot


class Transformation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps that all read the table as it comes in, then the columns that are taken away.

    A column that a step gives takes the place of one of that name, or comes last.
    """

    steps: Sequence[Step]
    removes: list[str] = []

    def check(self) -> None:
        """Raise `ValueError` unless every step can be applied and no two give the same column."""
        given: set[str] = set()
        for step in self.steps:
            step.check()
            for name in step.gives():
                if name in given:
                    raise ValueError(f'two steps give the column "{shorten(name)}"')
                given.add(name)
        if len(given) > MOST_COLUMNS:
            raise ValueError(f"it gives more than {MOST_COLUMNS:,} columns")
        if not given.isdisjoint(self.removes):
            raise ValueError("it removes what it gives")

    def reads(self) -> list[str]:
        """The columns it needs, in order."""
        return list(dict.fromkeys(step.column for step in self.steps))

    def changes(self) -> tuple[Change, ...]:
        """What each step does to the columns of a table."""
        found = []
        for step in self.steps:
            undone = step.undone()
            back = None if undone is None else TableSpec(undone.gives())
            found.append(Change((step.column,), TableSpec(step.gives()), back))
        return tuple(found)

    def within(self, columns: Collection[str]) -> Transformation:
        """Only the steps whose column is among these."""
        return Transformation([step for step in self.steps if step.column in columns], self.removes)

    def undone(self, also: Mapping[str, str] | None = None) -> Transformation:
        """The transformation that gives back what this one read, of the steps that can be undone.

        `also` names further columns, such as predictions, each with the given column that it is like.
        """
        steps: list[Step] = []
        for step in self.steps:
            back = step.undone()
            if back is None:
                continue
            steps.append(back)
            for name, like in (also or {}).items():
                if like == back.column:
                    changed = {"column": name} | ({"name": name} if isinstance(back, Map) else {})
                    steps.append(msgspec.structs.replace(back, **changed))
        return Transformation(steps)

    def apply(self, frame: Frame) -> Frame:
        """The changed table, as a query."""
        schema = frame.collect_schema()
        is_dask = frame.implementation.is_dask()
        found = [
            one
            for step, value in self._read(list(schema))
            for one in step.expressions(Read(value, schema[step.column], is_dask))
        ]
        frame = frame.with_columns(*found) if found else frame
        if not self.removes:
            return frame
        return ops.select(frame, [name for name in ops.names_of(frame) if name not in self.removes])

    def transform(self, table: pl.LazyFrame) -> pl.LazyFrame:
        """`apply` for a Polars query."""
        return polars_of(self.apply(wrap(table)))

    def refused(self, table: pl.LazyFrame) -> str:
        """A sentence on values for which a step refuses to work, else an empty text; runs a query."""
        names = list(table.collect_schema())
        tests = {
            str(index): (step, value, refused)
            for index, (step, value) in enumerate(self._read(names))
            if (refused := step.refuses(value)) is not None
        }
        if not tests:
            return ""
        frame = wrap(table)
        asked = frame.select(*(test.any().alias(key) for key, (_, _, test) in tests.items()))
        told = polars_of(asked).collect(engine="streaming").row(0, named=True)
        for key, (step, value, test) in tests.items():
            if told[key]:
                some = polars_of(frame.filter(test).select(value.alias("x"))).head(1000)
                values = some.collect().get_column("x").unique(maintain_order=True).to_list()
                return (
                    f'column "{shorten(step.column)}" has values that were not there while learning: '
                    f"{listing([str(one) for one in values], 3)}"
                )
        return ""

    def _read(self, names: Sequence[str]) -> Iterator[tuple[Step, nw.Expr]]:
        return ((step, ops.column(step.column, names)) for step in self.steps)

    def to_json(self) -> bytes:
        """The transformation as JSON; the same one gives the same bytes.

        Raises:
            ValueError: it is too large to be read again.
        """
        data = msgspec.json.encode(self)
        if len(data) > MOST_BYTES:
            raise ValueError("it holds too many values; choose fewer columns, or columns of fewer values")
        return data

    @classmethod
    def from_json(cls, data: bytes) -> Transformation:
        """A transformation from JSON, checked; raises `ValueError` or an error of msgspec."""
        if len(data) > MOST_BYTES:
            raise ValueError("its transformation is too large")
        found = msgspec.json.decode(data, type=cls)
        found.check()
        return found
