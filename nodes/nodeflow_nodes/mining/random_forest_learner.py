"""Random Forest Learner."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Seed, is_family, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training

AT_ONCE = 100
"""Trees grown between two looks at whether to stop."""


class Learned(NamedTuple):
    """What the learner gives."""

    model: Model
    importances: pl.DataFrame


class RandomForestLearner(Node):
    """Learn a random forest: many decision trees on random samples of rows and columns, averaged.

    A number as target gives a regression, anything else a classification; `task` decides otherwise.
    Missing numbers are filled in by the column's median, texts become one 0/1 column a value; both are
    part of the model, and values not seen while learning are passed over. Rows without a target are left
    out. Texts with more than 50 different values are used only if chosen by name. The same seed gives the
    same forest with any number of processors.

    The importance of a column is the share by which it lessened the impurity of the trees' nodes (Breiman
    2001); it favours columns with many different values.

    Inputs:
        table: The rows to learn from.
    Outputs:
        model: The model, for a Predictor.
        importances: One row a column, the most important first.
    """

    category = "Mining / Trees"
    keywords = (
        "ensemble",
        "bagging",
        "RandomForestClassifier",
        "RandomForestRegressor",
        "train",
        "fit",
        "tree ensemble",
    )

    target: Column = parameter(types=("number", "text", "boolean", "category"), help="The column to predict.")
    features: Columns = parameter(
        default=Columns.all(),
        help="The columns to predict it from; those of no use to a learner are left out.",
    )
    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto", help="Whether to predict a number or a class; auto goes by the type of the target."
    )
    trees: int = parameter(default=100, minimum=1, maximum=100_000, help="How many trees to grow.")
    depth: int | None = parameter(
        default=None, minimum=1, help="How deep a tree may grow; empty for no limit."
    )
    leaf_rows: int = parameter(default=1, minimum=1, unit="rows", help="How many rows a leaf has at least.")
    columns_per_split: Literal["auto", "all", "square root", "logarithm", "third"] = parameter(
        default="auto",
        advanced=True,
        help="How many columns are tried at each split; auto is all for numbers and the square root for classes.",
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def run(self, table: pl.DataFrame, context: Context) -> Learned:
        from nodeflow_nodes.mining import _training
        from nodeflow_nodes.mining._learned import importance_table

        task = self.task_for(table.schema[self.target])
        data = _training.training(table, self.features, self.target, task, self.name, context)
        learner = self._learner(task)
        estimator = _training.pipeline(data.spec, learner, wide=_training.wide_columns(data))
        self._grow(estimator, data, context)
        # sums over trees in a fixed order: the same bits with any number of processors
        learner.set_params(n_jobs=1)
        terms = _training.encoded_terms(estimator.named_steps["prepare"], _training.column_names(data.spec))
        importances = importance_table(terms, learner.feature_importances_)
        summary = {"trees": self.trees, "seed": int(self.seed or 0)}
        return Learned(_training.model_of(estimator, data, summary), importances)

    def _grow(self, estimator: Any, data: Training, context: Context) -> None:
        """Fit, some trees at a time, so that the run can tell how far it is and be cancelled."""
        from nodeflow_nodes.mining import _training

        learner = estimator.named_steps["learn"]
        grown = min(self.trees, AT_ONCE)
        # a forest that goes on growing is, tree for tree, the one grown at once
        learner.set_params(n_estimators=grown, warm_start=True)
        _training.fit(estimator, data, context)
        prepared = estimator.named_steps["prepare"].transform(data.features)
        while grown < self.trees:
            context.progress(grown / self.trees, f"{grown:,} of {self.trees:,} trees")
            grown = min(self.trees, grown + AT_ONCE)
            learner.set_params(n_estimators=grown)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the first trees said it all
                learner.fit(prepared, data.target)
        learner.set_params(warm_start=False)

    def task_for(self, dtype: pl.DataType) -> Task:
        """What is learned for a target of this type."""
        if self.task == "auto":
            return "regression" if is_family(dtype, ("number",)) else "classification"
        return self.task

    def _settings(self, task: Task) -> dict[str, Any]:
        by_task = 1.0 if task == "regression" else "sqrt"
        tried = {"auto": by_task, "all": 1.0, "square root": "sqrt", "logarithm": "log2", "third": 1 / 3}
        return {
            "n_estimators": self.trees,
            "max_depth": self.depth,
            "min_samples_leaf": self.leaf_rows,
            "max_features": tried[self.columns_per_split],
            "random_state": int(self.seed or 0),
            "n_jobs": -1,
        }

    def _learner(self, task: Task) -> Any:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
        return kind(**self._settings(task))

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        from nodeflow_nodes.mining import _training

        schema = inputs["table"].columns
        task = self.task_for(schema[self.target])
        spec = _training.model_spec(task, self.features, self.target, schema, self.name)
        return {"model": spec, "importances": TableSpec({"column": pl.String(), "importance": pl.Float64()})}

    def check(self, inputs: Mapping[str, Any]) -> list[Any]:
        from nodeflow.parameters import Fault

        table = inputs.get("table")
        if table is None or self.task != "regression" or self.target not in table.columns:
            return []
        if is_family(table.columns[self.target], ("number",)):
            return []
        return [
            Fault("task", f'"{self.target}" is no number column; choose classification, or another target')
        ]

    def summary(self) -> str:
        return f"{self.target}, {self.trees} trees"

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.mining import _export
        from nodeflow_nodes.mining._learned import importance_table

        schema = script.schema("table")
        task = "regression" if schema is None else self.task_for(schema[self.target])
        kind = "RandomForestRegressor" if task == "regression" else "RandomForestClassifier"
        script.require(f"from sklearn.ensemble import {kind}")
        settings = {**self._settings(task), "random_state": script.seed}
        text = ", ".join(f"{name}={value!r}" for name, value in settings.items())
        made = _export.export_training(
            script,
            self.target,
            self.features,
            f"{kind}({text})",
            classes=task != "regression",
            drop_first=False,
        )
        if made is None:
            return
        (model, _), table = made, script.output("importances")
        script.define("importance_table", inspect.getsource(importance_table))
        script.add(
            f'{model}["learn"].n_jobs = 1  # sums over trees in a fixed order',
            f"names = {{name: name for name in {model}_numbers + {model}_texts}}",
            f'terms = encoded_terms({model}["prepare"], names)',
            f'{table} = importance_table(terms, {model}["learn"].feature_importances_).lazy()',
        )
