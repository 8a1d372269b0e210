"""Table: an immutable, lazily evaluated table, and how it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from nodeflow.memory import memory_limit
from nodeflow.values.codec import Codec, Payload
from nodeflow.values.specs import TableSpec

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    import pyarrow as pa


class Table:
    """What travels on a table wire: rows under uniquely named, typed columns.

    It wraps a Polars LazyFrame; nothing is computed until a value is asked for, and what
    was computed is kept. Row order is part of a table. Missing values are null, never NaN.
    """

    __slots__ = ("_frame", "_lazy", "_rows")

    def __init__(self, frame: pl.LazyFrame | pl.DataFrame, *, rows: int | None = None) -> None:
        self._frame: pl.DataFrame | None = frame if isinstance(frame, pl.DataFrame) else None
        self._lazy: pl.LazyFrame = frame.lazy()
        self._rows: int | None = frame.height if isinstance(frame, pl.DataFrame) else rows

    @classmethod
    def wrap(cls, value: Any) -> Table:
        """A table from a Polars, narwhals, pandas or Arrow frame, or a mapping of columns.

        A pandas frame loses its index (a named index becomes columns first, by
        `reset_index`, if it matters); NaN in float columns from pandas becomes null.

        Raises:
            TypeError: `value` is none of these.
        """
        if isinstance(value, Table):
            return value
        if isinstance(value, pl.LazyFrame | pl.DataFrame):
            return cls(value)
        if isinstance(value, Mapping):
            return cls(pl.DataFrame(dict(value)))
        module = type(value).__module__.partition(".")[0]
        if module == "narwhals":
            return cls.wrap(value.to_native())
        if module == "pandas":
            import pandas as pd

            if not isinstance(value, pd.DataFrame):
                value = value.to_frame()
            names = [str(name) for name in value.columns]
            return cls(pl.from_pandas(value.set_axis(names, axis=1), nan_to_null=True))
        if module == "pyarrow":
            return cls(cast(pl.DataFrame, pl.from_arrow(value)))
        raise TypeError(f"a table cannot be made of a {type(value).__qualname__}")

    def lazy(self) -> pl.LazyFrame:
        """The table as a Polars LazyFrame."""
        return self._lazy

    def to_polars(self) -> pl.DataFrame:
        """The table as a Polars DataFrame, computed once."""
        if self._frame is None:
            self.keep(self._lazy.collect(engine="streaming"))
        assert self._frame is not None
        return self._frame

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas DataFrame with a plain index."""
        return self.to_polars().to_pandas()

    def to_arrow(self) -> pa.Table:
        """The table as an Arrow table."""
        return self.to_polars().to_arrow()

    @property
    def is_computed(self) -> bool:
        """Whether the rows are in memory already."""
        return self._frame is not None

    def keep(self, frame: pl.DataFrame) -> None:
        """Take the computed rows of this table's query, to which they must be equal."""
        self._frame, self._rows, self._lazy = frame, frame.height, frame.lazy()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and Polars types, in order, found without computing the table."""
        return dict(self._lazy.collect_schema())

    @property
    def columns(self) -> list[str]:
        """The column names, in order."""
        return list(self.schema)

    @property
    def rows(self) -> int:
        """The number of rows; counted by a query when it is not known yet."""
        if self._rows is None:
            self._rows = int(self._lazy.select(pl.len()).collect(engine="streaming").item())
        return self._rows

    @property
    def known_rows(self) -> int | None:
        """The number of rows if it is known without a query."""
        return self._rows

    def __len__(self) -> int:
        return self.rows

    def head(self, rows: int = 10) -> pl.DataFrame:
        """The first rows, by a query that computes no more than it needs."""
        if self._frame is not None:
            return self._frame.head(rows)
        return self._lazy.head(rows).collect(engine="streaming")

    def __repr__(self) -> str:
        known = "" if self._rows is None else f"{self._rows} rows x "
        return f"Table({known}{len(self.columns)} columns)"

    def _repr_html_(self) -> str:
        from nodeflow.report.notebook import table_html

        return table_html(self)


def schema_of(frame: pl.LazyFrame | pl.DataFrame | nw.LazyFrame[Any] | Table) -> dict[str, pl.DataType]:
    """The schema of any lazy table as Polars types, in order."""
    if isinstance(frame, Table):
        return frame.schema
    native = frame if isinstance(frame, pl.LazyFrame | pl.DataFrame) else frame.to_native()
    if isinstance(native, pl.LazyFrame | pl.DataFrame):
        return dict(native.collect_schema())
    return dict(cast("nw.LazyFrame[Any]", frame).collect_schema().to_polars())


class TableCodec(Codec):
    """Tables are stored as Arrow IPC, uncompressed, so that a query maps just what it needs."""

    suffix = ".arrow"

    def dump(self, value: Any, path: Path) -> Payload:
        table = Table.wrap(value)
        if table._frame is not None:
            table._frame.rechunk().write_ipc(path)
        else:
            table.lazy().sink_ipc(path)
        return Payload({"rows": _rows_in(path) if table._rows is None else table._rows})

    def dump_all(self, values: Sequence[Any], paths: Sequence[Path]) -> list[Payload]:
        tables = [Table.wrap(value) for value in values]
        if len(tables) < 2 or any(table.is_computed for table in tables):
            return super().dump_all(tables, paths)
        sinks = [table.lazy().sink_ipc(path, lazy=True) for table, path in zip(tables, paths, strict=True)]
        pl.collect_all([sink for sink in sinks if sink is not None], engine="streaming")
        return [Payload({"rows": _rows_in(path)}) for path in paths]

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Table:
        if isinstance(path, bytes):
            return Table(pl.read_ipc(path))
        # a file that is mapped counts as memory; one that is named by a URL is read piece by piece
        source = path if memory_limit() is None else path.resolve().as_uri()
        return Table(pl.scan_ipc(source, glob=False), rows=meta.get("rows"))

    def spec_of(self, value: Any) -> TableSpec:
        return TableSpec(value.schema)


def _rows_in(path: Path) -> int:
    return int(pl.scan_ipc(path, glob=False).select(pl.len()).collect().item())
