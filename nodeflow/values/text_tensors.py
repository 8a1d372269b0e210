"""Texts as the numbers of their tokens, by a vocabulary learned from the training part."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodeflow.errors import shorten
from nodeflow.parameters.columns import family
from nodeflow.values.arrays import Array, Dense, Numbers, TensorError
from nodeflow.values.preparation import TextPreparation, plain
from nodeflow.values.tensors import Tensors
from nodeflow.values.windowing import column_of

FILLER, UNKNOWN = "", "<unknown>"
"""What the numbers 0 and 1 are called where each number has a name; no text has such tokens."""

# a word is a run of letters, marks and digits, with apostrophes and hyphens only inside
_WORD = r"[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*"
_PATTERNS = {
    ("word", False): _WORD,
    ("word", True): rf"{_WORD}|[^\s\p{{L}}\p{{M}}\p{{N}}]",
    ("character", True): r"(?s).",
    ("character", False): r"[\p{L}\p{M}\p{N}\s]",
}


def tokens_of(preparation: TextPreparation, frame: pl.DataFrame) -> pl.Series:
    """The tokens of each text as a column of lists; missing texts stay missing."""
    column = column_of(frame, preparation.columns[0])
    if family(column.dtype) not in ("text", "category"):
        raise TensorError(
            f'the column "{shorten(column.name)}" has no texts (type {column.dtype}); choose another, or turn it into '
            "text by Cast Types"
        )
    texts = column.cast(pl.String)
    if preparation.lower:
        texts = texts.str.to_lowercase()
    return texts.str.extract_all(_PATTERNS[preparation.level, preparation.punctuation])


def vocabulary_of(
    preparation: TextPreparation, frame: pl.DataFrame, most_tokens: int, least_count: int
) -> tuple[str, ...]:
    """The tokens by how often they come, the commonest first and equally common ones by their letters.

    Raises:
        TensorError: no text has a token that comes often enough.
    """
    counts = token_counts(preparation, frame).filter(pl.col("count") >= least_count)
    room = most_tokens - preparation.first
    if not counts.height or room < 1:
        raise TensorError(
            f'no text of "{shorten(preparation.columns[0])}" has a {preparation.level} that comes at least '
            f"{least_count:,} time{'s' if least_count > 1 else ''}; there is nothing to learn from"
        )
    return tuple(counts.get_column("token").head(room).to_list())


def token_counts(preparation: TextPreparation, frame: pl.DataFrame) -> pl.DataFrame:
    """Each token and how often it comes, in the order of the vocabulary."""
    tokens = tokens_of(preparation, frame).drop_nulls().explode(empty_as_null=False).alias("token")
    counts = pl.DataFrame({"token": tokens}).group_by("token").len("count")
    return counts.sort("count", "token", descending=[True, False])


def token_numbers(preparation: TextPreparation, frame: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """A row of numbers for each text, cut or filled up to the same length, and which texts are known."""
    owners, codes, known = all_numbers(preparation, frame)
    count = len(known)
    sizes = np.bincount(owners, minlength=count)
    place = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = np.minimum(sizes, preparation.length)
    if preparation.truncate == "pre":
        place = place - (sizes - kept)[owners]
    inside = (place >= 0) & (place < kept[owners])
    owners, place, codes = owners[inside], place[inside], codes[inside]
    if preparation.pad == "pre":
        place = place + (preparation.length - kept)[owners]
    found: Numbers = np.zeros((count, preparation.length), np.int32)
    found[owners, place] = codes
    return found, known


def all_numbers(preparation: TextPreparation, frame: pl.DataFrame) -> tuple[Numbers, Numbers, Numbers]:
    """The numbers of all tokens one after the other, the text each is in, and which texts are known."""
    lists = tokens_of(preparation, frame)
    known = np.asarray(lists.is_not_null().to_numpy())
    words = preparation.vocabulary or ()
    numbers = {word: place + preparation.first for place, word in enumerate(words)}
    owners = np.repeat(np.arange(len(lists)), lists.list.len().fill_null(0).to_numpy())
    flat = lists.drop_nulls().explode(empty_as_null=False)
    codes = np.asarray(
        flat.replace_strict(
            numbers, default=1 if preparation.unknown else 0, return_dtype=pl.Int32
        ).to_numpy()
    )
    if not preparation.unknown:
        owners, codes = owners[codes > 0], codes[codes > 0]
    return owners, codes, known


def token_names(preparation: TextPreparation) -> tuple[str, ...]:
    """What each number stands for, from 0 on."""
    fixed = (FILLER, UNKNOWN) if preparation.unknown else (FILLER,)
    return (*fixed, *(preparation.vocabulary or ()))


def next_tokens(
    preparation: TextPreparation, frame: pl.DataFrame, *, with_targets: bool, notes: list[str]
) -> Tensors:
    """Texts cut into samples of `length` tokens, whose target is the token after each; fillers weigh nothing.

    Raises:
        TensorError: no text has two tokens.
    """
    owners, codes, known = all_numbers(preparation, frame)
    sizes = np.bincount(owners, minlength=len(known))
    left_out = int((sizes < 2).sum())
    if left_out:
        notes.append(
            f"{left_out:,} of {len(known):,} texts are left out, as nothing follows on anything in them"
        )
    if left_out == len(known):
        raise TensorError("no text has two tokens that are known; there is nothing to tell the next one of")
    length = preparation.length
    samples = -(-np.maximum(sizes - 1, 0) // length)
    first = np.cumsum(samples) - samples
    place = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    followed = np.append(owners[1:] == owners[:-1], False)
    sample, column = (first[owners] + place // length)[followed], (place % length)[followed]
    count = int(samples.sum())
    found: dict[str, Array] = {}
    for name, values in (("x", codes[followed]), ("y", np.roll(codes, -1)[followed]), ("weight", 1.0)):
        if name == "x" or with_targets:
            array = np.zeros((count, length), np.float32 if name == "weight" else np.int32)
            array[sample, column] = values
            found[name] = Dense(array)
    axes = dict.fromkeys(found, ("time",))
    found["row"] = Dense(np.repeat(np.arange(len(known), dtype=np.int64), samples))
    return Tensors(
        found, axes=axes, targets=("y",) if with_targets else (), task="classification",
        classes=preparation.classes, preparation=plain(preparation),
    )  # fmt: skip
