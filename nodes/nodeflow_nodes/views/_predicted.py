"""Which columns hold actual and predicted values, as a Predictor or a Cross-Validation names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeflow.errors import NodeFailed, listing

if TYPE_CHECKING:
    from nodeflow_nodes.statistics._calculation import Schema


def actual_and_predicted(schema: Schema, actual: str | None, prediction: str | None) -> tuple[str, str]:
    """The columns chosen, else found by the name "Prediction (column)"; raises `NodeFailed`."""
    if actual is not None and prediction is not None:
        return actual, prediction
    if prediction is None:
        named = [actual] if actual is not None else list(schema)
        found = [name for name in named if f"Prediction ({name})" in schema]
    else:
        found = [name for name in schema if prediction == f"Prediction ({name})"]
    if len(found) == 1:
        return found[0], prediction or f"Prediction ({found[0]})"
    if found:
        raise NodeFailed(f"there are predictions of {listing(found)}; choose the actual column")
    which = "actual column" if actual is None else "column with the predictions"
    raise NodeFailed(
        f'choose the {which}: no column is called "Prediction (column)" for a column of the table'
    )
