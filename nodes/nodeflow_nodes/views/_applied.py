"""Applying a model to rows made for a picture: which rows, and what it says of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Fault
from nodeflow_nodes.views._base import evenly

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.values import Model
    from nodeflow.values.specs import ModelSpec


def unfit(model: ModelSpec | None, columns: Mapping[str, pl.DataType] | None) -> list[Fault]:
    """Why a model cannot be drawn with the rows of a table."""
    from nodeflow_nodes.mining import predictor

    if model is None:
        return []
    if model.network is not None:
        return [
            Fault("", "a trained network is not drawn by this view; predict by it, then draw its predictions")
        ]
    if model.task not in ("classification", "regression"):
        return [Fault("", f"a model of {model.task} predicts no class or number; connect a learner's model")]
    return [
        Fault("", sentence) for sentence in (predictor._unfit(model, columns) if columns is not None else [])
    ]


def feature_rows(
    model: Model, table: pl.LazyFrame, most: int, notes: list[str], also: Sequence[str] = ()
) -> pl.DataFrame:
    """The feature columns of the rows (and some others), evenly sampled if there are more than `most`.

    Raises:
        NodeFailed: there is no row, or the model cannot be applied to them.
    """
    import polars.selectors as cs

    from nodeflow_nodes.mining._training import check_finite

    schema = table.collect_schema()
    faults = unfit(model.spec, dict(schema))
    if faults:
        raise NodeFailed("; ".join(fault.sentence for fault in faults))
    if model.note():
        notes.append(model.note())
    features = model.spec.features.columns
    names = [*features, *(name for name in also if name not in features)]
    some = evenly(table.select(cs.by_name(*names)), most, notes)
    rows = some.with_columns(cs.decimal().cast(float)).collect(engine="streaming")
    if not rows.height:
        raise NodeFailed("the table has no rows; there is nothing to draw")
    check_finite(rows, {name: rows.schema[name] for name in features})
    return rows


def gives_shares(model: Model) -> bool:
    """Whether the model tells probabilities of classes."""
    return model.spec.task == "classification" and hasattr(model.estimator, "predict_proba")


def said(model: Model, rows: pl.DataFrame) -> np.ndarray:
    """What the model says of rows, shape (rows, classes): shares of the classes, or the one number.

    A model without probabilities gives the whole share to the class it predicts.
    """
    import numpy as np

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if model.spec.task == "regression":
                return np.asarray(model.predict(rows), dtype=float).reshape(-1, 1)
            if gives_shares(model):
                return np.asarray(model.predict_shares(rows), dtype=float)
            found = np.asarray(model.predict(rows)).astype(str)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        reason = shorten(" ".join(str(error).split()), 300)
        raise NodeFailed(f"the model cannot be applied to these rows: {reason}") from error
    return np.stack([found == label for label in class_labels(model)], axis=1).astype(float)


def class_labels(model: Model) -> list[str]:
    """The classes in the order of the model's probabilities."""
    found = getattr(model.estimator, "classes_", model.spec.classes)
    if found is None:
        raise NodeFailed("the model does not tell its classes, so that they cannot be drawn")
    return [str(one) for one in found]


def steady(values: pl.Series) -> Any:
    """A value that stands for a column: the median of numbers, else the most frequent; None if there is none."""
    import polars as pl

    known = values.drop_nulls()
    if not len(known):
        return None
    if known.dtype.is_numeric():
        return known.median()
    if known.dtype.is_temporal():
        return known.sort()[len(known) // 2]
    counts = known.alias("v").value_counts().sort("count", "v", descending=[True, False])
    return counts["v"].cast(pl.String if known.dtype != pl.Boolean else pl.Boolean)[0]
