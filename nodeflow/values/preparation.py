"""How the arrays of tensors come out of a raw table, as plain data that a trained model carries along.

A preparation is read strictly, since it may come from a file of somebody else. What it learned from the training
part (scales, classes) stands in it as numbers, so that the Predictor does to new rows what was done then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from nodeflow.errors import shorten
from nodeflow.values.arrays import Numbers, TensorError
from nodeflow.values.scaling import Scaler

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.tensors import Tensors

MOST_ROWS = 10_000_000
"""The longest look-back or horizon, in rows."""

Label = str | int | float | bool


class WindowsPreparation(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="windows"
):
    """Windows over a series: what was known up to a row, and the target `horizon` rows later.

    `lookback`, `stride`, `horizon` and `hop` count rows. A window has the rows of the look-back `stride` apart, the
    last of them being the row the forecast is made at. With `path` the target is every row up to the horizon.
    `difference` "target" makes the target the change since then, "all" the inputs changes from `stride` rows before
    as well. Without a target the windows are to be given back, as an autoencoder does.
    """

    columns: tuple[str, ...]
    lookback: int
    target: str | None = None
    time: str | None = None
    group: str | None = None
    stride: int = 1
    horizon: int = 1
    hop: int = 1
    path: bool = False
    difference: Literal["off", "target", "all"] = "off"
    missing: Literal["leave out", "last value"] = "leave out"
    task: Literal["forecast", "classification"] = "forecast"
    scaler: Scaler | None = None
    target_scaler: Scaler | None = None
    classes: tuple[Label, ...] | None = None

    def __post_init__(self) -> None:
        _check_columns(self.columns, self.scaler)
        ahead = self.horizon + (1 if self.task == "classification" else 0)
        if not all(1 <= one <= MOST_ROWS for one in (self.lookback, self.stride, ahead, self.hop)):
            raise ValueError(f"look-back, stride, horizon and hop are from 1 to {MOST_ROWS:,} rows")
        if self.task == "classification" and (
            self.target is None or self.path or self.difference == "target"
        ):
            raise ValueError("a class has a target, is told for one row, and has no change")
        if self.stride > self.lookback:
            raise ValueError(
                f"the stride of {self.stride:,} rows is longer than the look-back of {self.lookback:,}; shorten it"
            )
        if self.target_scaler is not None and len(self.target_scaler.mean) != 1:
            raise ValueError("the scale of the target is one number")

    @property
    def steps(self) -> int:
        """The rows of a window."""
        return self.lookback // self.stride

    @property
    def reach(self) -> int:
        """The rows from the first of a window to its last."""
        return (self.steps - 1) * self.stride


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample a row: numbers of some columns, and a target that is a number or a class.

    With the labels "characters" the target is a text, each character of which is a class, numbered from 1 on.
    """

    columns: tuple[str, ...]
    target: str | None = None
    task: Literal["regression", "classification", "reconstruction", ""] = "reconstruction"
    labels: Literal["integers", "one-hot", "characters"] = "integers"
    missing: Literal["leave out", "mean"] = "leave out"
    scaler: Scaler | None = None
    target_scaler: Scaler | None = None
    fill: tuple[float, ...] | None = None
    classes: tuple[Label, ...] | None = None

    def __post_init__(self) -> None:
        _check_columns(self.columns, self.scaler)
        if (self.target is None) != (self.task in ("reconstruction", "")):
            raise ValueError("regression and classification have a target, and nothing else has one")


class ColumnsPreparation(_Rows, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="columns"):
    """A row of numbers a sample."""


class ImagesPreparation(_Rows, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="images"):
    """An image a sample: its pixels are in columns of their own, or in one column of lists, row by row."""

    size: tuple[int, int, int] = (28, 28, 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(1 <= one <= 10_000 for one in self.size):
            raise ValueError("an image has a height, a width and channels, each from 1 to 10,000")


class TextPreparation(_Rows, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="text"):
    """A text a sample, as the numbers of its tokens: 0 fills up, 1 is any unknown token if there is one.

    The tokens of the `vocabulary` are numbered from 2 on, or from 1 where unknown ones are left out. With `next_token`
    texts are cut into samples whose target is the same text one token later.
    """

    level: Literal["word", "character"] = "word"
    lower: bool = True
    punctuation: bool = False
    length: int = 200
    pad: Literal["post", "pre"] = "post"
    truncate: Literal["post", "pre"] = "post"
    unknown: bool = True
    next_token: bool = False
    vocabulary: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.next_token and (self.target is not None or self.task != "classification"):
            raise ValueError("what follows in a text is the class to tell, and there is no other target")
        if self.next_token:
            _check_columns(self.columns, self.scaler)
        else:
            super().__post_init__()
        if len(self.columns) != 1 or self.task == "reconstruction" or self.scaler is not None:
            raise ValueError("a text is in one column, is not scaled and not given back as numbers")
        if not 1 <= self.length <= 100_000:
            raise ValueError("a text has from 1 to 100,000 tokens")
        if self.vocabulary is not None and len(set(self.vocabulary)) < len(self.vocabulary):
            raise ValueError("a token stands twice in the vocabulary")

    @property
    def first(self) -> int:
        """The number of the first token of the vocabulary."""
        return 2 if self.unknown else 1


class _Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What preparations of sequences of tokens share: a column of texts, and a class for each step of the target."""

    columns: tuple[str, ...]
    target: str | None = None
    lower: bool = True
    length: int = 50
    vocabulary: tuple[str, ...] | None = None
    classes: tuple[Label, ...] | None = None

    def __post_init__(self) -> None:
        _check_columns(self.columns, None)
        if len(self.columns) != 1:
            raise ValueError("the texts are in one column")
        if not 1 <= self.length <= 100_000:
            raise ValueError("a text has from 1 to 100,000 tokens")
        for tokens in (self.vocabulary, self.classes):
            if tokens is not None and len(set(tokens)) < len(tokens):
                raise ValueError("a token stands twice in the vocabulary")


class PairsPreparation(_Tokens, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="pairs"):
    """A text and another that is written after it, such as a translation.

    The tokens of the text are numbered as in a `TextPreparation`. Those of the other are numbered by `classes`: 0 fills
    up, 1 is any unknown token, 2 begins and 3 ends the text.
    """

    level: Literal["word", "character"] = "word"
    punctuation: bool = True
    target_length: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.target_length <= 100_000:
            raise ValueError("a text has from 1 to 100,000 tokens")
        if self.classes is not None and len(self.classes) < 4:
            raise ValueError("the classes begin with a filler, an unknown token, the start and the end")


class TagsPreparation(_Tokens, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="tags"):
    """Sentences of words with a tag each, such as the parts of names.

    With the column `sentence` a row is a word, and words with the same value after one another are a sentence; without
    it a row is a sentence: a list of words, or a text with blanks between them.
    """

    sentence: str | None = None


Preparation = (
    WindowsPreparation
    | ColumnsPreparation
    | ImagesPreparation
    | TextPreparation
    | PairsPreparation
    | TagsPreparation
)


def _check_columns(columns: tuple[str, ...], scaler: Scaler | None) -> None:
    if not columns:
        raise ValueError("a preparation needs at least one column")
    if len(set(columns)) != len(columns):
        raise ValueError("a column stands twice among those of a preparation")
    if scaler is not None and len(scaler.mean) not in (1, len(columns)):
        raise ValueError("the scaler has another number of columns than the preparation")


def read(preparation: Mapping[str, Any]) -> Preparation:
    """A preparation from plain data.

    Raises:
        TensorError: it is none.
    """
    try:
        found: Preparation = msgspec.convert(dict(preparation), Preparation)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise TensorError(f"this preparation cannot be used: {shorten(str(error), 200)}") from None
    return found


def plain(preparation: Preparation) -> dict[str, Any]:
    """A preparation as plain data, without what it does not have."""
    told: dict[str, Any] = msgspec.to_builtins(preparation)
    return {name: _listed(value) for name, value in told.items() if value is not None}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(one) for name, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value


def prepare(
    preparation: Mapping[str, Any],
    frame: pl.DataFrame,
    *,
    with_targets: bool,
    warn: Callable[[str], None] | None = None,
) -> tuple[Tensors, Numbers]:
    """The tensors of a table, and for each sample the row it belongs to.

    A sample of windows belongs to the last row of its look-back. Without targets there is one for each row that
    has enough rows before it, up to the end of the table. `warn` is told what was left out.

    Raises:
        TensorError: the table lacks columns, or has no row that can be used.
    """
    read_ = read(preparation)
    notes: list[str] = []
    if isinstance(read_, WindowsPreparation):
        from nodeflow.values.windowing import all_windows

        tensors = all_windows(read_, frame, with_targets=with_targets, notes=notes)
    elif isinstance(read_, PairsPreparation | TagsPreparation):
        from nodeflow.values.sequence_tensors import sequences_of

        tensors = sequences_of(read_, frame, with_targets=with_targets, notes=notes)
    else:
        from nodeflow.values.row_tensors import rows_of

        tensors = rows_of(read_, frame, with_targets=with_targets, notes=notes)
    for note in notes if warn is not None else ():
        warn(note)  # type: ignore[misc]
    return tensors, tensors.arrays["row"].to_numpy()


def columns_read(preparation: Mapping[str, Any], *, with_targets: bool = False) -> list[str]:
    """The columns of the raw table that making its input arrays needs, with those of the target if asked for."""
    known = read(preparation)
    names = list(known.columns)
    if isinstance(known, WindowsPreparation):
        names += [name for name in (known.time, known.group) if name is not None]
        with_targets = with_targets or needs_target(known)
    if isinstance(known, TagsPreparation) and known.sentence is not None:
        names.append(known.sentence)
    if with_targets and known.target is not None:
        names.append(known.target)
    return list(dict.fromkeys(names))


def needs_target(preparation: WindowsPreparation) -> bool:
    """Whether a forecast starts from the last known value of the target."""
    return preparation.difference != "off" and preparation.task == "forecast"


def restore(preparation: Mapping[str, Any], predicted: Numbers, base: Numbers | None = None) -> Numbers:
    """What a network predicted, in the target's own unit: scaling and differencing are undone.

    `base` is the array of that name of the tensors, needed where the target was a change. Probabilities of classes
    come back as they are.

    Raises:
        TensorError: the base is needed and missing.
    """
    import numpy as np

    known = read(preparation)
    values: Numbers = np.asarray(predicted, np.float64)
    if isinstance(known, PairsPreparation | TagsPreparation):
        return np.asarray(predicted)
    if known.target is None and isinstance(known, TextPreparation):
        return np.asarray(predicted)
    if known.target is None:
        return values if known.scaler is None else known.scaler.undone(values)
    if known.task == "classification":
        return np.asarray(predicted)
    if known.target_scaler is not None:
        values = known.target_scaler.undone(values)
    if isinstance(known, WindowsPreparation) and known.difference != "off":
        if base is None:
            raise TensorError(
                'the target is a change since the last known value; give the array "base" of the tensors to undo it'
            )
        values = values + np.asarray(base, np.float64).reshape(len(values), *(1,) * (values.ndim - 1))
    return values


def check_table(
    preparation: Mapping[str, Any], columns: Mapping[str, Any], *, with_targets: bool
) -> str | None:
    """A sentence on a table of these columns that cannot be prepared so, for faults told before running."""
    from nodeflow.parameters.columns import family, no_column

    wanted = columns_read(preparation, with_targets=with_targets)
    for name in wanted:
        if name not in columns:
            return no_column(name, columns)
    known = read(preparation)
    if isinstance(known, TextPreparation | PairsPreparation | TagsPreparation):
        dtype = columns[known.columns[0]]
        is_listed = isinstance(known, TagsPreparation) and known.sentence is None and family(dtype) == "list"
        is_text = is_listed or family(dtype) in ("text", "category")
        return None if is_text else f'the column "{shorten(known.columns[0])}" has no texts (type {dtype})'
    for name in known.columns:
        if family(columns[name]) not in ("integer", "float", "boolean", "list"):
            return (
                f'the column "{shorten(name)}" has no numbers (type {columns[name]}), as it had when learning'
            )
    return None
