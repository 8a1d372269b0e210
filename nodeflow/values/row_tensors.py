"""Tensors with a sample a row: columns of numbers or the pixels of images, and targets of numbers or classes."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodeflow.errors import listing, shorten
from nodeflow.parameters.columns import family
from nodeflow.values.arrays import Array, Dense, Numbers, TensorError
from nodeflow.values.labels import classes_of, labels_of
from nodeflow.values.preparation import ColumnsPreparation, ImagesPreparation, TextPreparation, plain
from nodeflow.values.scaling import Method, fit
from nodeflow.values.tensors import Tensors
from nodeflow.values.windowing import column_of, numbers_of

RowsPreparation = ColumnsPreparation | ImagesPreparation | TextPreparation


def fitted_rows(
    preparation: RowsPreparation,
    frame: pl.DataFrame,
    scale: Method,
    notes: list[str],
    *,
    most_tokens: int = 20_000,
    least_count: int = 1,
) -> RowsPreparation:
    """The preparation with what is learned from the rows of a table: scales, means, classes, the vocabulary.

    Raises:
        TensorError: there is no value to learn from, or one class only.
    """
    if not len(frame):
        raise TensorError("there is no row to make tensors of")
    learned: dict[str, Any] = {}
    if isinstance(preparation, TextPreparation):
        from nodeflow.values.text_tensors import token_names, vocabulary_of

        learned["vocabulary"] = vocabulary_of(preparation, frame, most_tokens, least_count)
        if preparation.next_token:
            whole = msgspec.structs.replace(preparation, **learned)
            return msgspec.structs.replace(whole, classes=token_names(whole))
    else:
        values = _values(preparation, frame)
        if preparation.missing == "mean":
            known = np.isfinite(values)
            sums = np.where(known, values, 0).sum(axis=0)
            learned["fill"] = tuple((sums / np.maximum(known.sum(axis=0), 1)).tolist())
        together = isinstance(preparation, ImagesPreparation)
        learned["scaler"] = fit(values, scale, preparation.columns, notes, together=together)
    if preparation.target is not None and preparation.task == "classification":
        aim = column_of(frame, preparation.target)
        learned["classes"] = _characters(aim) if preparation.labels == "characters" else classes_of(aim)
    elif preparation.target is not None and scale != "none":
        aims = numbers_of(frame, [preparation.target])
        method: Method = "min-max" if scale == "min-max" else "standard"
        learned["target_scaler"] = fit(aims, method, [f"{preparation.target} (target)"], notes)
    return msgspec.structs.replace(preparation, **learned)


def rows_of(
    preparation: RowsPreparation, frame: pl.DataFrame, *, with_targets: bool, notes: list[str]
) -> Tensors:
    """The tensors of the rows of a table.

    Raises:
        TensorError: a column is missing or has no numbers, or no row can be used.
    """
    if isinstance(preparation, TextPreparation):
        from nodeflow.values.text_tensors import next_tokens, token_numbers

        if preparation.next_token:
            return next_tokens(preparation, frame, with_targets=with_targets, notes=notes)
        values, known = token_numbers(preparation, frame)
    else:
        values = _values(preparation, frame)
        if preparation.fill is not None and len(preparation.fill) == values.shape[1]:
            values = np.where(np.isnan(values), np.asarray(preparation.fill), values)
        known = np.asarray(~np.isnan(values).any(axis=1))
    aims: Numbers | None = None
    if with_targets and preparation.target is not None:
        aims, has_target = _aims(preparation, frame, notes)
        known &= has_target
    left_out = int((~known).sum())
    if left_out:
        notes.append(f"{left_out:,} of {len(values):,} rows with missing values are left out")
    if not known.any():
        why = (
            "there is no row" if not len(values) else f"each of the {len(values):,} rows has a missing value"
        )
        raise TensorError(f"{why}; there is nothing to make tensors of")
    rows = np.flatnonzero(known).astype(np.int64)
    values = values[rows]
    if preparation.scaler is not None:
        values = preparation.scaler.applied(values)
    is_text = isinstance(preparation, TextPreparation)
    x: Numbers = values.astype(np.int32 if is_text else np.float32)
    axes: dict[str, tuple[str, ...]] = {"x": ("time",) if is_text else ("feature",)}
    if isinstance(preparation, ImagesPreparation):
        x = x.reshape(len(x), *preparation.size)
        axes["x"] = ("height", "width", "channel")
    arrays: dict[str, Array] = {"x": Dense(x)}
    targets: tuple[str, ...] = ("x",) if preparation.task == "reconstruction" else ()
    if aims is not None:
        arrays["y"], targets = Dense(aims[rows]), ("y",)
        axes["y"] = target_axes(preparation)
    arrays["row"] = Dense(rows)
    return Tensors(
        arrays, axes=axes, targets=targets, task=preparation.task, classes=preparation.classes,
        preparation=plain(preparation),
    )  # fmt: skip


def target_axes(preparation: RowsPreparation) -> tuple[str, ...]:
    """What the axes of the target mean: a class is one number, or an axis of its own where it is one-hot."""
    if preparation.task == "classification":
        return {"integers": (), "one-hot": ("class",), "characters": ("time",)}[preparation.labels]
    return ("feature",)


def _values(preparation: ColumnsPreparation | ImagesPreparation, frame: pl.DataFrame) -> Numbers:
    columns = preparation.columns
    if isinstance(preparation, ImagesPreparation):
        height, width, channels = preparation.size
        count = height * width * channels
        if len(columns) == 1 and family(column_of(frame, columns[0]).dtype) == "list":
            return _pixels(column_of(frame, columns[0]), count, preparation.size)
        if len(columns) != count:
            raise TensorError(
                f"an image of {height} x {width} with {channels} channel{'s' if channels != 1 else ''} has {count:,} "
                f"pixels, but there are {len(columns):,} columns; change the size"
            )
    return numbers_of(frame, columns)


def _pixels(column: pl.Series, count: int, size: tuple[int, int, int]) -> Numbers:
    """The lists of a column as rows of a matrix; rows without a list are all missing."""
    lists = column.cast(pl.List(pl.Float64))
    lengths = lists.list.len()
    wrong = lengths.filter(lengths.is_not_null() & (lengths != count))
    if len(wrong):
        raise TensorError(
            f'a list of "{shorten(column.name)}" has {wrong[0]:,} numbers, but an image of '
            f"{' x '.join(map(str, size))} has {count:,}; change the size"
        )
    found: Numbers = np.full((len(column), count), np.nan)
    present = lists.is_not_null().to_numpy()
    flat = lists.drop_nulls().explode(empty_as_null=False).fill_null(float("nan")).to_numpy()
    found[present] = flat.reshape(-1, count)
    found[~np.isfinite(found)] = np.nan
    return found


def _characters(column: pl.Series) -> tuple[str, ...]:
    """The different characters of texts in order."""
    found = tuple(
        sorted({one for text in labels_of(column).cast(pl.String).drop_nulls().to_list() for one in text})
    )
    if not found:
        raise TensorError(
            f'the target "{shorten(column.name)}" has no character at all; choose another column'
        )
    return found


def _spelled(column: pl.Series, classes: tuple[Any, ...], notes: list[str]) -> tuple[Numbers, Numbers]:
    """Texts as the numbers of their characters from 1 on, filled up by 0, and which of them are known."""
    places = {value: place for place, value in enumerate(classes, 1)}
    texts = labels_of(column).cast(pl.String).to_list()
    known = np.array([text is not None and all(one in places for one in text) for text in texts], bool)
    new = sorted({one for text in texts if text is not None for one in text} - places.keys())
    if new:
        notes.append(f"rows with {listing(new, 3)} are left out: there was no such character when learning")
    usable = [text if fits else "" for text, fits in zip(texts, known, strict=True)]
    found: Numbers = np.zeros((len(texts), max(map(len, usable), default=0) or 1), np.int32)
    for row, text in zip(found, usable, strict=True):
        row[: len(text)] = [places[one] for one in text]
    return found, known


def _aims(preparation: RowsPreparation, frame: pl.DataFrame, notes: list[str]) -> tuple[Numbers, Numbers]:
    """The targets, and for which rows they are known."""
    assert preparation.target is not None
    column = column_of(frame, preparation.target)
    if preparation.task == "regression":
        numbers = numbers_of(frame, [preparation.target])
        known = np.isfinite(numbers[:, 0])
        if preparation.target_scaler is not None:
            numbers = preparation.target_scaler.applied(numbers)
        return numbers.astype(np.float32), known
    classes = preparation.classes or ()
    if preparation.labels == "characters":
        return _spelled(column, classes, notes)
    places = {value: place for place, value in enumerate(classes)}
    found = [places.get(value, -1) for value in labels_of(column).to_list()]
    codes: Numbers = np.asarray(found, np.int32).reshape(-1)
    new = sorted({str(value) for value, place in zip(labels_of(column), found, strict=True)
                  if place < 0 and value is not None})  # fmt: skip
    if new:
        notes.append(f"rows of {listing(new, 3)} are left out: there was no such class when learning")
    known = codes >= 0
    if preparation.labels == "one-hot":
        one_hot = np.zeros((len(codes), len(classes)), np.float32)
        one_hot[np.flatnonzero(known), codes[known]] = 1
        return one_hot, known
    return codes, known
