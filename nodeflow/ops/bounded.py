"""Operations that need all rows at once, within a memory limit: DuckDB does them, spilling to disk.

Under a limit (`nodeflow.memory.limited`) sorting, grouping and joining a Polars query gives a query that, once it is
collected, streams its input to a file, lets DuckDB do the operation on that, and streams the result
back. Polars alone holds no budget for joins and ordered groups.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.memory import memory_limit
from nodeflow.ops.frames import Frame, polars_of, wrap
from nodeflow.temporaries import make_scratch_folder, remove_scratch_folder, scratch_folder

if TYPE_CHECKING:
    import duckdb

_SHARE = 0.7
"""Of the limit, what DuckDB may take; the rest is for what streams in and out."""

_ROWS = 100_000
"""Rows in memory at a time on the way in and out."""


def bounded(
    operation: Callable[..., Frame], *frames: Frame, schema: Mapping[str, pl.DataType] | None = None
) -> Frame:
    """The Polars query of an operation on Polars frames, computed within the memory limit.

    `operation` takes narwhals frames of any engine. Inside it values of dates and times are whole
    numbers and categories are texts or codes, which compare as the values themselves do. Columns must
    have names that differ by more than case. The result has the types of `schema`, which are by default
    those that Polars would give.
    """
    limit = memory_limit()
    assert limit is not None
    queries = [polars_of(frame) for frame in frames]
    types = dict(schema or polars_of(operation(*frames)).collect_schema())

    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        import pyarrow.parquet as parquet

        with scratch_folder() as folder:
            path = _computed(operation, queries, folder, limit)
            left = n_rows
            wanted = [name for name in types if with_columns is None or name in with_columns]
            chosen = [_decoded(name, types[name]) for name in wanted]
            # pulled piece by piece: a query would run ahead of a slow writer and fill the memory
            # (what is buffered ahead stays in memory until the file is closed)
            with parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
                for batch in file.iter_batches(min(batch_size or _ROWS, _ROWS), columns=wanted):
                    frame = cast(pl.DataFrame, pl.from_arrow(batch)).select(chosen)
                    frame = frame if with_columns is None else frame.select(with_columns)
                    frame = frame if predicate is None else frame.filter(predicate)
                    yield frame if left is None else frame.head(left)
                    left = None if left is None else left - min(left, frame.height)
                    if left == 0:
                        break

    return wrap(register_io_source(read, schema=pl.Schema(types)))


def _computed(
    operation: Callable[..., Frame], queries: Sequence[pl.LazyFrame], folder: Path, limit: int
) -> Path:
    """Carry the operation out on DuckDB; gives the file of its result."""
    result = folder / "result.parquet"
    inputs = [folder / f"{number}.parquet" for number in range(len(queries))]
    for query, path in zip(queries, inputs, strict=True):
        encoded = [_encoded(name, dtype) for name, dtype in query.collect_schema().items()]
        query.select(encoded).sink_parquet(path, compression="lz4", row_group_size=_ROWS)
    with _connection(limit) as connection:
        import duckdb

        relations = [nw.from_native(connection.read_parquet(str(path))) for path in inputs]
        found = cast("duckdb.DuckDBPyRelation", operation(*relations).to_native())
        try:
            found.write_parquet(str(result), compression="lz4_raw", row_group_size=_ROWS)
        except duckdb.OutOfMemoryException as error:
            raise NodeFailed(
                f"a memory limit of {limit / 1e6:,.0f} MB is not enough here (medians and counts of distinct values "
                "keep all of them in memory, and many columns take more); raise it"
            ) from error
    for path in inputs:
        path.unlink()
    return result


def _encoded(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as DuckDB keeps it exactly."""
    column = pl.col(name)
    if dtype.is_temporal() or isinstance(dtype, pl.Enum):
        return column.to_physical()
    if isinstance(dtype, pl.Categorical):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Null):
        return column.cast(pl.Int8)
    return column


def _decoded(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Enum):
        return pl.col(name).cat.to(dtype)
    return pl.col(name).cast(dtype)


@dataclass
class _Shared:
    """The one database of the process while anybody uses it: all operations together keep to its limit."""

    users: int = 0
    database: Any = None
    folder: Path = field(default_factory=Path)
    lock: threading.Lock = field(default_factory=threading.Lock)


_shared = _Shared()


@contextlib.contextmanager
def _connection(limit: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the database, which the first user opens and the last one closes."""
    try:
        import duckdb
    except ImportError:
        raise NodeflowError("a memory limit needs DuckDB: pip install nodeflow[sql]") from None
    with _shared.lock:
        if not _shared.users:
            _shared.folder = make_scratch_folder()
            _shared.database = duckdb.connect(
                ":memory:",
                config={
                    "memory_limit": f"{max(int(limit * _SHARE) // 1_000_000, 64)}MB",
                    "temp_directory": str(_shared.folder),
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
        _shared.users += 1
    try:
        with _shared.database.cursor() as connection:
            yield connection
    finally:
        with _shared.lock:
            _shared.users -= 1
            if not _shared.users:
                _shared.database.close()
                remove_scratch_folder(_shared.folder)
