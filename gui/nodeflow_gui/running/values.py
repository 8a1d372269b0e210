"""Tables on disk: mapped into memory, so that ten million rows open at once and only what is seen is read."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.parameters.columns import family

if TYPE_CHECKING:
    import polars as pl

BARS = 20
"""Bars of the small histogram over a column."""

_FEW_VALUES = 8
_COUNTED = 1_000_000
_SMALL = 4_000_000
_NUMBERS = ("integer", "float")
_MOMENTS = ("date", "datetime", "time", "duration")


@dataclass(frozen=True)
class ColumnFacts:
    """What is known of a column: `bars` are counts of equal ranges from `low` to `high`, or of the `labels`."""

    name: str
    family: str
    rows: int
    missing: int
    distinct: int | None = None
    low: Any = None
    high: Any = None
    mean: float | None = None
    median: Any = None
    deviation: float | None = None
    bars: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    others: int = 0
    common: tuple[tuple[str, int], ...] = field(default=())


class TableSource:
    """A table to look at: the Arrow file of the store, or the bytes of a small one; read-only.

    Use it off the GUI thread where it computes: `sorted`, `filtered`, `searched`, `facts`. Each gives
    the numbers of rows, and `rows` takes those.
    """

    def __init__(self, path: str = "", inline: bytes = b"") -> None:
        import polars as pl
        import pyarrow as pa
        import pyarrow.ipc

        source = pa.memory_map(path) if path else pa.py_buffer(inline)
        with pyarrow.ipc.open_file(source) as reader:
            # the batches stay views of the mapped file
            batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
            table = pa.Table.from_batches(batches, reader.schema)
        found = pl.from_arrow(table, rechunk=False)
        assert isinstance(found, pl.DataFrame)
        self.frame: pl.DataFrame = found
        self.identity = _identity(path, inline)
        """The same for the same table, another for another."""

    @classmethod
    def of(cls, frame: pl.DataFrame) -> TableSource:
        """A table that is in memory."""
        source = cls.__new__(cls)
        source.frame = frame
        source.identity = str(id(frame))
        return source

    @property
    def height(self) -> int:
        """How many rows it has."""
        return self.frame.height

    @cached_property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.frame.columns

    @cached_property
    def families(self) -> list[str]:
        """The family of each column: "integer", "text", ..."""
        return [family(dtype) for dtype in self.frame.dtypes]

    def slice(self, offset: int, count: int, order: pl.Series | None = None) -> list[tuple[Any, ...]]:
        """Rows to show, by place; with an order the rows of those numbers."""
        if order is None:
            return self.frame.slice(offset, count).rows()
        return self.frame[order.slice(offset, count)].rows()

    def taken(self, order: pl.Series | None) -> pl.DataFrame:
        """All rows in an order, or as they are."""
        return self.frame if order is None else self.frame[order]

    def sorted(self, column: str, descending: bool, order: pl.Series | None = None) -> pl.Series:
        """The numbers of the rows by the values of a column, missing last, ties as they were."""
        import polars as pl

        values = self.frame[column] if order is None else self.frame[column][order]
        by = pl.arg_sort_by("value", descending=descending, nulls_last=True, maintain_order=True)
        places = values.alias("value").to_frame().select(by.cast(pl.UInt32))
        found = places.to_series()
        return found if order is None else order[found]

    def filtered(self, test: pl.Expr) -> pl.Series:
        """The numbers of the rows for which a test holds."""
        import polars as pl

        return self.frame.lazy().select(pl.arg_where(test).cast(pl.UInt32)).collect().to_series()

    def searched(self, text: str) -> pl.Series:
        """The numbers of the rows in which any cell holds the text, in any case."""
        import polars as pl

        wanted = text.strip().casefold()
        tests = []
        for place, kind in enumerate(self.families):
            cell = pl.nth(place)
            if kind in ("list", "other"):
                continue
            written = cell if kind == "text" else cell.cast(pl.String)
            tests.append(written.str.to_lowercase().str.contains(wanted, literal=True).fill_null(value=False))
        return self.filtered(pl.any_horizontal(tests) if tests else pl.lit(value=False))

    def formula(self, text: str) -> pl.Series:
        """The numbers of the rows for which a formula holds; raises `FormulaError`."""
        import narwhals as nw
        import polars as pl

        from nodeflow.expressions.formula import parse

        schema = dict(self.frame.schema)
        formula = parse(text)
        formula.check(schema)
        numbered = nw.from_native(self.frame.lazy().with_row_index("\0row"))
        kept = nw.to_native(numbered.filter(formula.compile(schema)).select("\0row"))
        return kept.collect().to_series().cast(pl.UInt32)

    def facts(self, column: str) -> ColumnFacts:
        """Statistics and a small histogram of a column."""
        import polars as pl

        values = self.frame[column]
        kind = family(values.dtype)
        missing = values.null_count()
        base: dict[str, Any] = {"name": column, "family": kind, "rows": values.len(), "missing": missing}
        present = values.drop_nulls() if missing else values
        if not present.len():
            return ColumnFacts(**base)
        if kind in _NUMBERS or kind in _MOMENTS:
            return _numeric_facts(present, kind, base)
        if kind in ("list", "other"):
            return ColumnFacts(**base)
        counted = (
            present.cast(pl.String)
            .to_frame()
            .lazy()
            .group_by(pl.nth(0).alias("value"))
            .agg(pl.len().alias("count"))
            .sort("count", "value", descending=[True, False])
            .collect()
        )
        common = tuple((str(value), int(count)) for value, count in counted.head(_FEW_VALUES).rows())
        others = present.len() - sum(count for _, count in common)
        return ColumnFacts(
            **base,
            distinct=counted.height,
            bars=tuple(count for _, count in common),
            labels=tuple(value for value, _ in common),
            others=others,
            common=common,
        )


def _identity(path: str, inline: bytes) -> str:
    """Files of the store are called after what is in them; what is small is told by its bytes."""
    file = Path(path) if path else None
    if file is not None and file.stat().st_size > _SMALL:
        return path
    return hashlib.sha256(file.read_bytes() if file is not None else inline).hexdigest()


def _numeric_facts(present: pl.Series, kind: str, base: dict[str, Any]) -> ColumnFacts:
    import polars as pl

    # as a query: the methods of a series keep the interpreter, and with it the window, from going on
    value = pl.col("value")
    few = present.len() <= _COUNTED
    distinct = value.n_unique() if few else value.approx_n_unique()
    asked = [value.min().alias("low"), value.max().alias("high"), value.median().alias("middle"), distinct]
    low, high, middle, distinct_count = (
        present.alias("value").to_frame().lazy().select(asked).collect().row(0)
    )
    numbers = present.to_physical().cast(pl.Float64)
    numbers = numbers.filter(numbers.is_finite())
    is_number = kind in _NUMBERS
    return ColumnFacts(
        **base,
        distinct=int(distinct_count),
        low=low,
        high=high,
        mean=_plain(numbers.mean()) if is_number else None,
        median=middle,
        deviation=_plain(numbers.std()) if is_number else None,
        bars=_bars(numbers),
    )


def _bars(numbers: pl.Series) -> tuple[int, ...]:
    """Counts of equal ranges."""
    import polars as pl

    if not numbers.len():
        return ()
    low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
    if not high > low:
        return (numbers.len(),)
    place = ((numbers - low) / ((high - low) / BARS)).floor().clip(0, BARS - 1).cast(pl.UInt8)
    counts = dict(place.value_counts().rows())
    return tuple(int(counts.get(number, 0)) for number in range(BARS))


def _plain(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
