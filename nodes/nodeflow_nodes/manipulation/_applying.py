"""Whether a transformation's model fits a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nodeflow.errors import listing, shorten
from nodeflow.parameters import family

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.specs import ModelSpec, TableSpec


def not_transforming(model: ModelSpec) -> list[str]:
    """A sentence if a model does not transform."""
    if model.task == "transformation":
        return []
    return [
        f"the model predicts ({model.task}) and changes no columns; apply it by a Predictor, or connect the "
        "model of a node such as Normalizer"
    ]


def unfit(reads: TableSpec, columns: Mapping[str, pl.DataType]) -> list[str]:
    """A sentence for each column whose type is not the one that was learned."""
    return [
        f'column "{shorten(name)}" is {family(columns[name])}, but the model learned from {family(dtype)}; '
        "convert it first"
        for name, dtype in reads.columns.items()
        if name in columns and not _fits(family(dtype), family(columns[name]))
    ]


def lacking(names: Sequence[str], columns: Mapping[str, pl.DataType]) -> str:
    """The sentence on columns that a table lacks."""
    return (
        f"the table lacks {listing(names)}, from which the model was learned; "
        f"it has {listing(list(columns)) or 'no columns'}"
    )


def _fits(learned: str, found: str) -> bool:
    """Whether values of one family mean to a model what those of the other did."""
    if learned == "float":
        return found in ("integer", "float")
    texts = ("text", "category")
    return learned == found or (learned in texts and found in texts)
