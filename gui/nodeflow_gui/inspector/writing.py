"""Files that are written for the user, with a sentence on where they went or why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from nodeflow.causes import explain
from nodeflow.errors import NodeflowError
from nodeflow.files import atomic_write

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


def ask_path(parent: QWidget, title: str, name: str, kinds: Sequence[tuple[str, str]]) -> Path | None:
    """Ask where a file is to go; `kinds` are endings with what they are called, the first of them proposed."""
    endings = {f"{words} (*.{ending})": ending for ending, words in kinds}
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(endings))
    dialog.setDefaultSuffix(kinds[0][0])
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(endings[chosen]))
    dialog.selectFile(re.sub(r'[\\/:*?"<>|\s]+', " ", name).strip()[:80])
    is_chosen = dialog.exec() == QFileDialog.DialogCode.Accepted
    chosen = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(chosen[0]) if is_chosen and chosen else None


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
        with atomic_write(path, "wb") as file:
            rows = frame if order is None else frame[order]
            # lists and what else has no place in a CSV file are written as they are shown
            texts = [
                pl.Series(
                    name, [None if one is None else str(one) for one in rows[name].to_list()], pl.String
                )
                for name, dtype in rows.schema.items()
                if dtype.is_nested() or dtype in (pl.Binary, pl.Object)
            ]
            rows.with_columns(texts).write_csv(file)
    except (NodeflowError, OSError, pl.exceptions.PolarsError) as error:
        raise _not_written(error) from error
    return done.format(f"{rows.height:,}", path)
