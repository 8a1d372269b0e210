"""Files that are written for the user, with a sentence on where they went or why not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from nodeflow.causes import explain
from nodeflow.errors import NodeflowError
from nodeflow.files import atomic_path, atomic_write

if TYPE_CHECKING:
    import polars as pl


def write_bytes(path: Path, data: bytes) -> str:
    """Write a file as a whole or not at all; gives a sentence on it, or raises `NodeflowError` with one."""
    try:
        with atomic_write(path, "wb") as file:
            file.write(data)
    except (NodeflowError, OSError) as error:
        raise _not_written(error) from error
    return QCoreApplication.translate("Writing", "The picture was written to {0}").format(path)


def _not_written(error: BaseException) -> NodeflowError:
    return NodeflowError(
        QCoreApplication.translate("Writing", "Nothing was written: {0}").format(explain(error))
    )


def write_csv(frame: pl.DataFrame, order: pl.Series | None, path: Path, done: str) -> str:
    """Write rows of a table in an order, or all; gives the sentence `done` with their number and the path.

    Raises `NodeflowError` with a sentence if they cannot be written.
    """
    import polars as pl

    try:
        with atomic_path(path) as temporary:
            rows = frame if order is None else frame[order]
            # lists and what else has no place in a CSV file are written as they are shown
            texts = [
                pl.Series(
                    name, [None if one is None else str(one) for one in rows[name].to_list()], pl.String
                )
                for name, dtype in rows.schema.items()
                if dtype.is_nested() or dtype in (pl.Binary, pl.Object)
            ]
            rows.with_columns(texts).write_csv(temporary)
    except (NodeflowError, OSError, pl.exceptions.PolarsError) as error:
        raise _not_written(error) from error
    return done.format(f"{rows.height:,}", path)
