"""Tensors of texts whose target is a sequence too: the tags of words, or another text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodeflow.errors import listing, shorten
from nodeflow.parameters.columns import family
from nodeflow.values.arrays import Array, Dense, Numbers, TensorError
from nodeflow.values.preparation import PairsPreparation, TagsPreparation, TextPreparation, plain
from nodeflow.values.tensors import Tensors
from nodeflow.values.text_tensors import FILLER, UNKNOWN, all_numbers, vocabulary_of
from nodeflow.values.windowing import column_of

SequencesPreparation = PairsPreparation | TagsPreparation

START, END = 2, 3
"""The numbers that begin and end a text that is written."""
_MARKS = (FILLER, UNKNOWN, "<start>", "<end>")


def fitted_sequences(
    preparation: SequencesPreparation, frame: pl.DataFrame, *, most_tokens: int = 20_000, least_count: int = 1
) -> SequencesPreparation:
    """The preparation with the vocabulary and the classes of a table.

    Raises:
        TensorError: there is no token to learn from.
    """
    if isinstance(preparation, PairsPreparation):
        words = vocabulary_of(_text(preparation), frame, most_tokens, least_count)
        others = vocabulary_of(_text(preparation, target=True), frame, most_tokens, least_count)
        return msgspec.structs.replace(preparation, vocabulary=words, classes=(*_MARKS, *others))
    found = words_of(preparation, frame)
    counts = found.words.drop_nulls().value_counts().filter(pl.col("count") >= least_count)
    ordered = counts.sort("count", pl.nth(0), descending=[True, False])
    if not ordered.height:
        raise TensorError(
            f'no word of "{shorten(preparation.columns[0])}" comes at least {least_count:,} times; there is nothing to '
            "learn from"
        )
    tags = _tags(preparation, frame, found).drop_nulls().unique().sort().to_list()
    if len(tags) < 2:
        raise TensorError(
            f'"{shorten(preparation.target or "")}" has {"one tag only" if tags else "no tag at all"}; there is '
            "nothing to tell apart"
        )
    known = tuple(ordered.to_series(0).head(max(most_tokens - 2, 1)).to_list())
    return msgspec.structs.replace(preparation, vocabulary=known, classes=tuple(tags))


def sequences_of(
    preparation: SequencesPreparation, frame: pl.DataFrame, *, with_targets: bool, notes: list[str]
) -> Tensors:
    """The tensors of the texts of a table: `x`, the target `y` with its `weight`, and `row`.

    Raises:
        TensorError: a column is missing, words and tags do not match, or there is no text.
    """
    if isinstance(preparation, PairsPreparation):
        return _pairs(preparation, frame, with_targets=with_targets, notes=notes)
    return _tagged(preparation, frame, with_targets=with_targets, notes=notes)


# Pairs of texts


def _text(preparation: PairsPreparation, *, target: bool = False) -> TextPreparation:
    """How one of the two texts is read."""
    words = preparation.vocabulary
    if target:
        words = None if preparation.classes is None else tuple(map(str, preparation.classes[len(_MARKS) :]))
    return TextPreparation(
        columns=(preparation.target or "",) if target else preparation.columns,
        task="",
        level=preparation.level,
        lower=preparation.lower,
        punctuation=preparation.punctuation,
        length=preparation.target_length if target else preparation.length,
        vocabulary=words,
    )


def _pairs(
    preparation: PairsPreparation, frame: pl.DataFrame, *, with_targets: bool, notes: list[str]
) -> Tensors:
    owners, codes, known = all_numbers(_text(preparation), frame)
    arrays = {"x": _filled(owners, codes, len(known), preparation.length, "texts", notes)}
    names: tuple[str, ...] = ("x",)
    if with_targets:
        owners, codes, has_target = all_numbers(_text(preparation, target=True), frame)
        known = known & has_target
        codes = np.where(codes > 1, codes + len(_MARKS) - 2, codes)
        places = np.flatnonzero(has_target)
        owners = np.concatenate([places, owners, places])
        order = np.argsort(owners, kind="stable")
        starts, ends = np.full(len(places), START), np.full(len(places), END)
        whole = np.concatenate([starts, codes, ends])[order]
        length = preparation.target_length + 1
        lines = _filled(
            owners[order], whole, len(known), length, "texts to write, with start and end,", notes
        )
        # what is cut off does not end
        arrays |= {"written": lines[:, :-1].copy(), "y": lines[:, 1:].copy()}
        arrays["written"][arrays["y"] == 0] = 0
        arrays["weight"] = (arrays["y"] > 0).astype(np.float32)
        names = ("x", "written")
    left_out = int((~known).sum())
    if left_out:
        notes.append(f"{left_out:,} of {len(known):,} rows with missing values are left out")
    if not known.any():
        raise TensorError("there is no row with its texts; there is nothing to make tensors of")
    rows = np.flatnonzero(known).astype(np.int64)
    found: dict[str, Array] = {name: Dense(one[rows]) for name, one in arrays.items()}
    return _tensors(preparation, found, Dense(rows), names)


def _filled(owners: Numbers, codes: Numbers, count: int, length: int, what: str, notes: list[str]) -> Numbers:
    """Numbers as rows of one length, cut and filled up behind."""
    sizes = np.bincount(owners, minlength=count)
    place = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    inside = place < length
    longer = int((sizes > length).sum())
    if longer:
        notes.append(f"{longer:,} {what} are longer than {length:,} tokens and lose their end")
    found: Numbers = np.zeros((count, length), np.int32)
    found[owners[inside], place[inside]] = codes[inside]
    return found


# Words and their tags


@dataclass(frozen=True)
class Words:
    """The words of all sentences one after the other.

    `rows` tells the row of the table each is in, `samples` and `steps` its place in the tensors: sentences that are
    longer than a sample go on in the next one.
    """

    words: pl.Series
    rows: Numbers
    samples: Numbers
    steps: Numbers
    firsts: Numbers
    """The row in which each sample begins."""


def words_of(preparation: TagsPreparation, frame: pl.DataFrame) -> Words:
    """The words of a table, and where each stands."""
    column = column_of(frame, preparation.columns[0])
    if preparation.sentence is None:
        lists = _lists(column)
        rows = np.repeat(np.arange(len(lists)), lists.list.len().fill_null(0).to_numpy())
        words, groups = lists.drop_nulls().explode(empty_as_null=False), rows
    else:
        words = _strings(column)
        rows = np.arange(len(words))
        groups = column_of(frame, preparation.sentence).rle_id().to_numpy()
    if preparation.lower:
        words = words.str.to_lowercase()
    new = np.ones(len(rows), bool)
    new[1:] = groups[1:] != groups[:-1]
    starts = np.flatnonzero(new)
    steps = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    first = steps % preparation.length == 0
    return Words(words, rows, np.cumsum(first) - 1, steps % preparation.length, rows[first])


def _strings(column: pl.Series) -> pl.Series:
    if family(column.dtype) not in ("text", "category"):
        raise TensorError(
            f'the column "{shorten(column.name)}" has no texts (type {column.dtype}); choose another, or turn it into '
            "text by Cast Types"
        )
    return column.cast(pl.String)


def _lists(column: pl.Series) -> pl.Series:
    """Sentences as lists of words."""
    if family(column.dtype) == "list":
        return column.cast(pl.List(pl.String))
    return _strings(column).str.extract_all(r"\S+")


def _tags(preparation: TagsPreparation, frame: pl.DataFrame, found: Words) -> pl.Series:
    """The tag of each word; raises `TensorError` where a sentence has more tags than words or fewer."""
    assert preparation.target is not None
    column = column_of(frame, preparation.target)
    if preparation.sentence is not None:
        return _strings(column)
    lists = _lists(column)
    counts = np.bincount(found.rows, minlength=len(frame))
    given = lists.list.len().fill_null(0).to_numpy()
    wrong = np.flatnonzero(counts != given)
    if len(wrong):
        place = int(wrong[0])
        raise TensorError(
            f"row {place + 1:,} has {counts[place]:,} words but {given[place]:,} tags; each word needs one"
        )
    return lists.drop_nulls().explode(empty_as_null=False)


def _tagged(
    preparation: TagsPreparation, frame: pl.DataFrame, *, with_targets: bool, notes: list[str]
) -> Tensors:
    found = words_of(preparation, frame)
    if not len(found.rows):
        raise TensorError("there is no word; there is nothing to make tensors of")
    shape = (len(found.firsts), preparation.length)
    numbers = {word: place for place, word in enumerate(preparation.vocabulary or (), 2)}
    arrays: dict[str, Any] = {"x": np.zeros(shape, np.int32)}
    arrays["x"][found.samples, found.steps] = _codes(found.words, numbers, 1)
    if with_targets:
        tags = _tags(preparation, frame, found)
        classes = preparation.classes or ()
        codes = _codes(tags, {str(tag): place for place, tag in enumerate(classes)}, -1)
        new = tags.filter(pl.Series(codes < 0)).drop_nulls().unique().sort().to_list()
        if new:
            notes.append(f"words with the tags {listing(new, 3)} do not count: there was none when learning")
        arrays |= {"y": np.zeros(shape, np.int32), "weight": np.zeros(shape, np.float32)}
        arrays["y"][found.samples, found.steps] = np.maximum(codes, 0)
        arrays["weight"][found.samples, found.steps] = codes >= 0
    return _tensors(
        preparation,
        {name: Dense(one) for name, one in arrays.items()},
        Dense(found.firsts.astype(np.int64)),
        ("x",),
    )


def _codes(values: pl.Series, numbers: dict[str, int], other: int) -> Numbers:
    return np.asarray(values.replace_strict(numbers, default=other, return_dtype=pl.Int32).to_numpy())


def _tensors(
    preparation: SequencesPreparation, arrays: dict[str, Array], rows: Dense, inputs: tuple[str, ...]
) -> Tensors:
    return Tensors(
        {**arrays, "row": rows},
        axes=dict.fromkeys(arrays, ("time",)),
        inputs=inputs,
        targets=("y",) if "y" in arrays else (),
        task="classification",
        classes=preparation.classes,
        preparation=plain(preparation),
    )
