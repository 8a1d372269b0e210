"""Table to Tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, family, parameter
from nodeflow_nodes.deep._making import NUMBERS, chosen_numbers, number_faults, schema_of
from nodeflow_nodes.deep._targets import (
    CLASSES,
    classes_before_running,
    is_classification,
    like_faults,
    made,
    target_spec,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import ColumnsPreparation
    from nodeflow.values.specs import Spec


class TableToTensors(Node):
    """Make tensors of a table for a network: a sample a row, numbers as the input, a column as the target.

    The input `x` has a feature a column; true and false count as 1 and 0. The target `y` is a number for a
    regression; for a classification the place of its class in the sorted classes, or one number a class. Without a
    target the input is to be given back, as an autoencoder does. `row` tells the row of the table.

    **Scale.** Means, spreads and classes are learned from this table. For rows to validate or test with, use a second
    such node and connect the tensors to learn from to its input `like`: it does what was learned there, so that
    nothing of the test rows leaks into the scales. All parameters of that node then count for nothing.

    **Missing values.** Rows with a missing or infinite value are left out, which a warning counts, or get the mean of
    the column. Rows without a target are always left out.

    Inputs:
        table: The rows.
        like: Tensors to learn from, whose columns, scales and classes are taken over.
    Outputs:
        tensors: The samples: `x`, the target `y` and `row`.
    """

    name = "Table to Tensors"
    category = "Deep Learning / Data"
    keywords = ("dataset", "to array", "to numpy", "features", "one hot", "x y", "matrix")

    target: Column | None = parameter(
        default=None, help="The column to predict; empty for an autoencoder, which gives back its input."
    )
    features: Columns = parameter(
        default=Columns.typed("number", "boolean"),
        help="The columns to predict from; all numbers but the target unless chosen.",
    )
    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto",
        help="Predict a number or a class. auto: a class for texts, categories and true and false, else a number.",
    )
    labels: Literal["integers", "one-hot"] = parameter(
        default="integers",
        label="Classes as",
        help="One whole number, or a number for each class that is 1 at the right one.",
    )
    scale: Literal["standard", "min-max", "robust", "none"] = parameter(
        default="standard",
        help="Take off the mean and divide by the standard deviation; the minimum and the range; the median and the "
        "spread of the middle half; or nothing. A target of numbers is scaled as well.",
    )
    missing: Literal["leave out", "mean"] = parameter(
        default="leave out",
        label="Missing values",
        help="Leave out such rows, or put in the mean of the column.",
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = schema_of(inputs)
        if schema is None:
            return ()
        if "like" in inputs:
            return like_faults(inputs["like"], schema, "columns")
        faults = number_faults("features", self._features(schema), schema)
        if self.target is not None and self.task != "regression":
            kind = family(schema[self.target]) if self.target in schema else "text"
            if is_classification(self.task, kind) and kind not in CLASSES:
                faults.append(
                    Fault("target", f'"{self.target[:80]}" (type {schema[self.target]}) has no classes; classes are texts, '
                          "whole numbers or true and false")
                )  # fmt: skip
        elif self.target is not None and self.target in schema and family(schema[self.target]) not in NUMBERS:
            faults.append(
                Fault("target", f'"{self.target[:80]}" (type {schema[self.target]}) has no numbers to predict; set the task '
                      "to classification, or choose another column")
            )  # fmt: skip
        return faults

    def _features(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return chosen_numbers(self.features, schema, [] if self.target is None else [str(self.target)])

    def _preparation(self, schema: Mapping[str, pl.DataType]) -> ColumnsPreparation:
        from nodeflow.values.preparation import ColumnsPreparation

        target = None if self.target is None else str(self.target)
        task: Any = "reconstruction"
        if target is not None:
            is_class = is_classification(self.task, family(schema[target]))
            task = "classification" if is_class else "regression"
        return ColumnsPreparation(tuple(self._features(schema)), target, task, self.labels, self.missing)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from nodeflow.values.tensor_specs import ArraySpec

        schema = inputs["table"].columns
        if "like" in inputs:
            return inputs["like"].without_samples() if inputs["like"].preparation else None
        preparation = self._preparation(schema)
        x = ArraySpec((len(preparation.columns),), "float32", ("feature",))
        return target_spec(preparation, x, classes_before_running(preparation, schema))

    def run(self, table: pl.LazyFrame, context: Context, like: Tensors | None = None) -> Tensors:
        return made(table, like, lambda: self._preparation(table.collect_schema()), self.scale, context)

    def summary(self) -> str:
        return (
            f"{self.features} to {self.target}"[:80] if self.target is not None else str(self.features)[:80]
        )
