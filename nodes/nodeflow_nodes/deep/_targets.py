"""Targets of tensors with a sample a row, and preparations taken over from the tensors learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Fault
from nodeflow_nodes.deep._making import tell

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.row_tensors import RowsPreparation
    from nodeflow.values.scaling import Method
    from nodeflow.values.sequence_tensors import SequencesPreparation
    from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

CLASSES = ("text", "category", "boolean", "integer")


def is_classification(task: str, kind: str) -> bool:
    """Whether a target of this family of types is one of classes."""
    return task == "classification" or (task == "auto" and kind not in ("integer", "float"))


def classes_before_running(preparation: RowsPreparation, schema: Mapping[str, pl.DataType]) -> int | None:
    """The number of classes where the type of the target tells it."""
    if preparation.target is None or preparation.task != "classification":
        return None
    return 2 if str(schema[preparation.target]) == "Boolean" else None


def target_spec(preparation: RowsPreparation, x: ArraySpec, classes: int | None) -> TensorsSpec:
    """What tensors of a preparation are, known before running."""
    from nodeflow.values.preparation import plain
    from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

    arrays = {"x": x}
    if preparation.task == "regression":
        arrays["y"] = ArraySpec((1,), "float32", ("feature",))
    elif preparation.task == "classification" and preparation.labels == "integers":
        arrays["y"] = ArraySpec((), "int32")
    elif preparation.task == "classification" and preparation.labels == "characters":
        arrays["y"] = ArraySpec((None,), "int32", ("time",))
    elif preparation.task == "classification":
        arrays["y"] = ArraySpec((classes,), "float32", ("class",))
    arrays["row"] = ArraySpec((), "int64")
    return TensorsSpec(
        arrays,
        targets=("x",)
        if preparation.task == "reconstruction"
        else ("y",)
        if preparation.target is not None
        else (),
        task=preparation.task,
        preparation=plain(preparation),
    )


def like_faults(like: Any, schema: Mapping[str, pl.DataType], kind: str) -> list[Fault]:
    """Faults on a table that cannot become tensors like others."""
    from nodeflow.values.preparation import check_table

    preparation = getattr(like, "preparation", None)
    if preparation is None or preparation.get("kind") != kind:
        return [
            Fault(
                "",
                f"the tensors at the input like were not made by such a node, but of {_source(preparation)}",
            )
        ]
    sentence = check_table(preparation, schema, with_targets=True)
    return [] if sentence is None else [Fault("", f"the table cannot become tensors like those: {sentence}")]


def _source(preparation: Mapping[str, Any] | None) -> str:
    kinds = {
        "windows": "windows over a series",
        "columns": "the columns of a table",
        "images": "images",
        "text": "texts",
        "pairs": "pairs of texts",
        "tags": "words and their tags",
    }
    return kinds.get((preparation or {}).get("kind", ""), "something else")


def made(
    table: pl.LazyFrame,
    like: Tensors | None,
    preparation: Callable[[], RowsPreparation | SequencesPreparation],
    scale: Method,
    context: Context,
    **learning: int,
) -> Tensors:
    """The tensors of a table, by what was learned from others, or by what is learned from the table itself.

    `learning` goes on to `fitted_rows` or `fitted_sequences`.
    """
    import polars.selectors as cs

    from nodeflow.values.preparation import PairsPreparation, TagsPreparation, columns_read, plain, prepare
    from nodeflow.values.row_tensors import fitted_rows, rows_of
    from nodeflow.values.sequence_tensors import fitted_sequences, sequences_of

    own = preparation() if like is None else None
    told = plain(own) if own is not None else like.preparation if like is not None else None
    if told is None:
        raise NodeFailed("the tensors at the input like do not tell how they were made of a table")
    frame = table.select(cs.by_name(*columns_read(told, with_targets=True))).collect(engine="streaming")
    context.check_cancelled()
    if own is None:
        return prepare(told, frame, with_targets=True, warn=context.warn)[0]
    notes: list[str] = []
    if isinstance(own, PairsPreparation | TagsPreparation):
        found = sequences_of(fitted_sequences(own, frame, **learning), frame, with_targets=True, notes=notes)
        tell(context, notes)
        return found
    found = rows_of(fitted_rows(own, frame, scale, notes, **learning), frame, with_targets=True, notes=notes)
    tell(context, notes)
    return found
