"""Predictor."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, family, parameter
from nodeflow.values.specs import ModelSpec, Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Model

CHUNK = 250_000
"""Rows predicted at a time, to bound the memory the prepared features take."""


class Predictor(Node):
    """Apply a model to a table: a column with the predictions is added.

    All columns and the order of the rows stay. The table must have the columns the model was trained
    with, of the same kinds; the order and further columns do not matter. Missing values are dealt with
    as the model learned to. Probabilities are added for classifications if asked for.

    Inputs:
        model: A model of any learner.
        table: The rows to predict for.
    Outputs:
        table: The table with the predictions.
    """

    category = "Mining / Predict"
    keywords = (
        "apply model",
        "predict",
        "regression predictor",
        "random forest predictor",
        "inference",
        "classify",
    )

    column: str = parameter(
        default="",
        help='The name of the new column; empty for "Prediction (target)", with the target\'s name.',
    )
    probabilities: bool = parameter(
        default=False, help="Whether to add the probability of each class, for a classification."
    )

    def run(self, model: Model, table: pl.DataFrame, context: Context) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        faults = _unfit(model.spec, dict(table.schema))
        if faults:
            raise NodeFailed("; ".join(faults))
        name = self._name(model.spec)
        if name in table.columns:
            raise NodeFailed(
                f'the table has a column "{shorten(name)}" already; give the new column another name'
            )
        parts, shares = [], []
        for start in range(0, max(table.height, 1), CHUNK):
            context.progress(start / max(table.height, 1))
            chunk = table.slice(start, CHUNK)
            if chunk.height == 0:
                break
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                parts.append(np.asarray(model.predict(chunk)))
                if self.probabilities and model.spec.task == "classification":
                    shares.append(np.asarray(model.predict_shares(chunk)))
            if any("unknown categories" in str(one.message) for one in caught):
                context.warn("some texts were not seen while learning; they count as none of the known ones")
        dtype = result_type(model.spec)
        values = np.concatenate(parts) if parts else np.array([])
        predicted = pl.Series(name, values.tolist() if dtype != pl.Float64 else values, strict=False)
        result = table.with_columns(_as_type(predicted, dtype).alias(name))
        if self.probabilities and model.spec.task == "classification" and model.spec.classes:
            stacked = np.concatenate(shares) if shares else np.empty((0, len(model.spec.classes)))
            for index, label in enumerate(model.spec.classes):
                result = result.with_columns(pl.Series(f"P ({model.spec.target}={label})", stacked[:, index]))
        return result

    def _name(self, spec: ModelSpec) -> str:
        return self.column or f"Prediction ({spec.target})"

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        if model is None or table is None:
            return ()
        faults = [Fault("", sentence) for sentence in _unfit(model, table.columns)]
        if self._name(model) in table.columns:
            faults.append(
                Fault(
                    "column",
                    f'the table has a column "{shorten(self._name(model))}" already; give another name',
                )
            )
        return faults

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import polars as pl

        model, table = inputs["model"], inputs["table"]
        columns = {**table.columns, self._name(model): result_type(model)}
        if self.probabilities and model.task == "classification":
            if model.classes is None:
                return None
            columns |= {f"P ({model.target}={label})": pl.Float64() for label in model.classes}
        return TableSpec(columns)

    def summary(self) -> str:
        return f"as {self.column}" if self.column else "adds a prediction"

    def export_python(self, script: PythonScript) -> None:
        if self.probabilities:
            script.cannot_express("probabilities are not exported")
        script.require("import polars as pl")
        model, table = script.input("model"), script.input("table")
        result = script.output("table")
        name = repr(self.column) if self.column else f'f"Prediction ({{{model}.takes[2]}})"'
        script.add(
            f"rows = {table}.collect()",
            f"predicted = {model}.predict(as_features(rows, *{model}.takes[:2]))",
            f"{result} = rows.with_columns(pl.Series({name}, predicted)).lazy()",
        )


def result_type(spec: ModelSpec) -> pl.DataType:
    """The type of the predictions: a float for a regression, else that of the target."""
    import polars as pl

    if spec.task == "regression" or spec.target_type is None:
        return pl.Float64()
    return spec.target_type


def _as_type(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    import polars as pl

    if dtype == pl.Boolean and values.dtype == pl.String:
        return values == "true"
    return values.cast(dtype)


def _unfit(model: ModelSpec, columns: Mapping[str, pl.DataType]) -> list[str]:
    """Sentences on why a table does not fit a model."""
    from nodeflow.values.model import is_numeric_feature

    missing = [name for name in model.features.columns if name not in columns]
    faults = []
    if missing:
        faults.append(
            f"the table lacks {listing(missing)}, from which the model was learned; "
            f"it has {listing(list(columns)) or 'no columns'}"
        )
    for name, dtype in model.features.columns.items():
        if name in columns and is_numeric_feature(dtype) != is_numeric_feature(columns[name]):
            faults.append(
                f'column "{shorten(name)}" is {family(columns[name])}, but the model learned from {family(dtype)}; '
                "convert it first"
            )
    return faults
