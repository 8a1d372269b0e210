"""Transform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import ModelSpec, Spec
from nodeflow_nodes.manipulation._applying import lacking, not_transforming, unfit

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Model

CHUNK = 250_000
"""Rows that an estimator transforms at a time, to bound the memory its input takes."""


class Transform(Node):
    """Apply what a node learned about one table to another: the same scale, codes or classes.

    The model comes from a node such as Normalizer, Missing Value Learner, Binner, Label Encoder, One to
    Many or Value Mapping, and does here what it did there, with the numbers it learned there. So rows
    that a model is to predict are prepared exactly as those it was trained with. The table must have the
    columns the model was learned from, of the same kinds; further columns stay as they are, as does the
    order of the rows. What becomes of missing values, and of values that were not there while learning,
    is said by that node.

    Inputs:
        model: What was learned.
        table: The table to change in the same way.
    Outputs:
        table: The changed table.
    """

    category = "Manipulation / Table"
    keywords = (
        "apply",
        "apply model",
        "transform",
        "normalizer (apply)",
        "missing value (apply)",
        "category to number (apply)",
        "one to many (apply)",
        "auto-binner (apply)",
        "pca apply",
        "preprocessing",
    )

    missing_columns: Literal["error", "ignore"] = parameter(
        default="error",
        help="Whether it is an error if the table lacks a column of the model, such as the target to predict, "
        "or the others are changed without it.",
    )

    def run(self, model: Model, table: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        schema = dict(table.collect_schema())
        faults = self._faults(model.spec, schema)
        if faults:
            raise NodeFailed("; ".join(faults))
        if model.transformation is None:
            return _by_estimator(model, table, context)
        transformation = model.transformation.within(schema)
        refused = transformation.refused(table)
        if refused:
            raise NodeFailed(refused)
        return transformation.transform(table)

    def _faults(self, model: ModelSpec, columns: Mapping[str, pl.DataType]) -> list[str]:
        faults = not_transforming(model)
        if faults:
            return faults
        absent = [name for name in model.features.columns if name not in columns]
        if absent and self.missing_columns == "error":
            faults.append(f"{lacking(absent, columns)}; or let missing columns be ignored")
        known = {name for change in model.changes for name in change.reads} | set(model.removes)
        for change in model.changes:
            for name in change.gives.columns if change.gives is not None else ():
                if name in columns and name not in known and set(change.reads) <= columns.keys():
                    faults.append(
                        f'the table has a column "{shorten(name)}" already, which the model would give; '
                        "rename or remove it first"
                    )
        return faults + unfit(model.features, columns)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        if model is None or table is None:
            return [Fault("", sentence) for sentence in not_transforming(model)] if model is not None else ()
        return [Fault("", sentence) for sentence in self._faults(model, table.columns)]

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        model: ModelSpec = inputs["model"]
        columns = inputs["table"].columns
        if not model.changes and model.features.columns:
            return None
        return model.within(columns).transformed(columns)

    def summary(self) -> str:
        return "missing columns are ignored" if self.missing_columns == "ignore" else "as it was learned"

    def export_python(self, script: PythonScript) -> None:
        if self.missing_columns == "ignore":
            script.cannot_express("a table that lacks columns of the model")
        model, table = script.input("model"), script.input("table")
        script.add(f"{script.output('table')} = {model}({table})")


def _by_estimator(model: Model, table: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """The table with the columns that a fitted scikit-learn transformer gives."""
    import numpy as np
    import polars as pl

    given = model.spec.changes[0].gives if model.spec.changes else None
    if given is None:
        raise NodeFailed("the model does not say which columns it gives; learn it again")
    lacked = [name for name in model.spec.features.columns if name not in table.collect_schema()]
    if lacked:  # an estimator takes all its columns or none
        raise NodeFailed(lacking(lacked, dict(table.collect_schema())))
    note = model.note()
    if note:
        context.warn(note)
    frame = table.collect(engine="streaming")
    parts = []
    for start in range(0, max(frame.height, 1), CHUNK):
        context.progress(start / max(frame.height, 1))
        rows = frame.slice(start, CHUNK)
        if not rows.height:
            parts.append(np.empty((0, len(given.columns))))
            continue
        try:
            found = model.estimator.transform(model.features(rows))
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            reason = shorten(" ".join(str(error).split()), 300)
            raise NodeFailed(f"the model cannot be applied to these rows: {reason}") from error
        parts.append(np.asarray(getattr(found, "toarray", lambda found=found: found)()))
    values = np.concatenate(parts)
    if values.ndim != 2 or values.shape[1] != len(given.columns):
        raise NodeFailed("the model gives other columns than it says; learn it again")
    columns = [
        pl.Series(name, values[:, index], dtype=pl.Float64).fill_nan(None).cast(dtype)
        for index, (name, dtype) in enumerate(given.columns.items())
    ]
    return frame.with_columns(columns).lazy()
