"""What nodes around a scikit-learn estimator share, one class for each kind of work that estimators do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, family, is_family, parameter
from nodeflow.values.specs import Change, ModelSpec, Spec, TableSpec

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training


class Learned(NamedTuple):
    """What a learner gives."""

    model: Model
    details: pl.DataFrame


class Changed(NamedTuple):
    """What a node gives that learns and applies it to its own table at once."""

    table: pl.DataFrame
    model: Model
    details: pl.DataFrame


class Found(NamedTuple):
    """What a node gives whose method says nothing of other rows."""

    table: pl.DataFrame
    details: pl.DataFrame


class EstimatorNode(Node):
    """A node that fits one scikit-learn estimator."""

    scales: ClassVar[bool] = False
    """Whether numbers are brought to one scale before, unless a parameter `one_scale` says so."""

    @abstractmethod
    def estimator(self, task: Task | None) -> Any:
        """The unfitted estimator with the settings of the node."""

    def facts(self) -> dict[str, Any]:
        """What the model's summary says of the settings."""
        told = {}
        for one, value in self.values():
            if one.name not in ("target", "features", "words", "column") and isinstance(
                value, bool | int | float | str
            ):
                told[one.name] = value
        return told

    def _pipeline(self, data: Training, words: Sequence[str] = (), before: Model | None = None) -> Any:
        from nodeflow_nodes.mining._training import in_words, method_of, pipeline, wide_columns

        try:
            learner = self.estimator(data.spec.task)
        except (ValueError, TypeError) as error:
            raise NodeFailed(in_words(error)) from error
        return pipeline(
            data.spec,
            learner,
            scale=getattr(self, "one_scale", self.scales),
            words=words,
            between=method_of(before),
            wide=wide_columns(data, words),
        )


class SupervisedNode(EstimatorNode):
    """A learner of a target; see `training` for what becomes of missing values and texts."""

    tasks: ClassVar[tuple[Task, ...]] = ("classification", "regression")
    parallel: ClassVar[bool] = False
    """Whether the estimator gives the same bits on any number of OpenMP's threads."""

    target: Column = parameter(types=("number", "text", "boolean", "category"), help="The column to predict.")
    features: Columns = parameter(
        default=Columns.all(),
        help="The columns to predict it from; those of no use to a learner are left out.",
    )
    words: Columns = parameter(
        default=Columns.of(),
        label="Texts to read word by word",
        help="Text columns of which each word counts (weighed by tf-idf), instead of the text as one value.",
        types=("text", "category"),
        advanced=True,
    )

    def run(self, table: pl.DataFrame, before: Model | None, context: Context) -> Learned:
        from nodeflow_nodes.mining import _training

        task = self.task_for(table.schema[self.target])
        words = self.words.resolve(dict(table.schema))
        data = _training.training(
            table, self._chosen(words), self.target, task, self.name, context, words=words
        )
        estimator = self._pipeline(data, words, before)
        _training.fit(estimator, data, context, parallel=self.parallel)
        with _training.at_work(context):
            details = self.details(estimator, data)
        return Learned(_training.model_of(estimator, data, self.facts()), details)

    def _chosen(self, words: Sequence[str]) -> Columns:
        return self.features

    def details(self, estimator: Any, data: Training) -> pl.DataFrame:
        """The second output."""
        from nodeflow_nodes.mining._learned import details_of

        return details_of(estimator, data)

    def task_for(self, dtype: pl.DataType) -> Task:
        """What is learned for a target of this type."""
        if len(self.tasks) == 1:
            return self.tasks[0]
        chosen: Any = getattr(self, "task", "auto")
        if chosen == "auto":
            chosen = "regression" if is_family(dtype, ("number",)) else "classification"
        found: Task = chosen
        return found

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        from nodeflow_nodes.mining import _training

        schema = inputs["table"].columns
        task = self.task_for(schema[self.target])
        return {
            "model": _training.model_spec(task, self.features, self.target, schema, self.name),
            "details": None,
        }

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        if table is None or self.target not in table.columns:
            return ()
        before = inputs.get("before")
        if before is not None and before.task != "transformation":
            return [
                Fault("", "what is learned before must make or choose columns, as PCA does; this predicts")
            ]
        dtype = table.columns[self.target]
        if self.task_for(dtype) == "regression" and not is_family(dtype, ("number",)):
            told = f'"{shorten(self.target)}" is {family(dtype)}, but this predicts numbers'
            way = (
                "choose classification, or another target"
                if len(self.tasks) > 1
                else "choose a number column"
            )
            return [
                Fault(
                    "task" if hasattr(self, "task") and self.task == "regression" else "target",
                    f"{told}; {way}",
                )
            ]
        return ()

    def summary(self) -> str:
        return f"{self.target} from {self.features}"[:80]


class UnlabelledNode(EstimatorNode):
    """A node that learns from rows without a target."""

    task_name: ClassVar[Task] = "clustering"
    makes_model: ClassVar[bool] = True
    least_rows: ClassVar[int] = 2

    features: Columns = parameter(
        default=Columns.all(),
        help="The columns to learn from; those of no use to a learner are left out.",
    )

    def _fitted(self, table: pl.DataFrame, context: Context) -> tuple[Any, Training, Any]:
        """The fitted pipeline, its data, and what the estimator saw."""
        from nodeflow_nodes.mining import _training

        data = _training.unlabelled(
            table, self.features, self.task_name, self.name, context, least=self.least_rows
        )
        estimator = self._pipeline(data)
        _training.fit(estimator, data, context)
        return estimator, data, estimator.named_steps["prepare"].transform(data.features)

    def _details(self, estimator: Any, data: Training) -> pl.DataFrame:
        from nodeflow_nodes.mining._learned import details_of

        return details_of(estimator, data)

    def added(self) -> dict[str, pl.DataType] | None:
        """The columns that are put behind those of the table; None if that shows only in the data."""
        return None

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        columns, added = inputs["table"].columns, self.added()
        table = None if added is None else TableSpec({**columns, **added})
        model = {"model": self._model_spec(columns)} if self.makes_model else {}
        return {"table": table, **model, "details": None}

    def summary(self) -> str:
        return f"of {self.features}"[:80]

    def _model_spec(self, columns: Mapping[str, pl.DataType]) -> ModelSpec | None:
        from nodeflow_nodes.mining._training import feature_columns

        features = feature_columns(self.features, "", columns)
        return ModelSpec(self.task_name, TableSpec(features), learner=self.name)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        from nodeflow_nodes.mining._training import feature_columns

        table = inputs.get("table")
        if table is None:
            return ()
        if not feature_columns(self.features, "", table.columns):
            return [Fault("features", "no column is chosen that can be learned from; choose at least one")]
        for name in self.added() or ():
            if name in table.columns:
                told = f'the table has a column "{shorten(name)}" already; choose another name'
                return [Fault("column" if hasattr(self, "column") else "", told)]
        return ()


class ClusterNode(UnlabelledNode):
    """A node that puts rows into groups."""

    column: str = parameter(
        default="cluster",
        min_length=1,
        help="The name of the new column with the number of the group, from 1.",
    )

    def added(self) -> dict[str, pl.DataType] | None:
        return {self.column: pl.Int64()}

    def labels(self, learner: Any, prepared: Any) -> Any:
        """The group of each row from 0 on, -1 for none."""
        for name in ("labels_", "row_labels_"):
            if hasattr(learner, name):
                return getattr(learner, name)
        return learner.predict(prepared)

    def _grouped(self, table: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Any, Training]:
        estimator, data, prepared = self._fitted(table, context)
        labels = self.labels(estimator.named_steps["learn"], prepared)
        column = pl.Series(self.column, labels, dtype=pl.Int64) + 1
        if (column == 0).any():
            column = column.set(column == 0, None)
            context.warn(f"{column.null_count():,} rows belong to no group; their {self.column} is missing")
        return table.with_columns(column), estimator, data

    def group_details(self, table: pl.DataFrame, data: Training) -> pl.DataFrame:
        """For each group the number of its rows and the mean of each number."""
        import polars.selectors as cs

        numbers = [name for name, dtype in data.spec.features.columns.items() if dtype.is_numeric()]
        means = [cs.by_name(name).as_expr().mean().alias(f"mean of {name}") for name in numbers]
        grouped = table.group_by(pl.nth(table.columns.index(self.column)).alias("cluster"))
        return grouped.agg(pl.len().cast(pl.Int64).alias("rows"), *means).sort("cluster", nulls_last=True)


class ModelClusterNode(ClusterNode):
    """A node that groups rows and gives a model that puts other rows into the same groups."""

    def run(self, table: pl.DataFrame, context: Context) -> Changed:
        from nodeflow_nodes.mining._training import model_of

        grouped, estimator, data = self._grouped(table, context)
        return Changed(grouped, model_of(estimator, data, self.facts()), self.group_details(grouped, data))


class PlainClusterNode(ClusterNode):
    """A node that groups the rows at hand."""

    makes_model = False

    def run(self, table: pl.DataFrame, context: Context) -> Found:
        grouped, _, data = self._grouped(table, context)
        return Found(grouped, self.group_details(grouped, data))


class OutlierNode(UnlabelledNode):
    """A node that marks odd rows and gives a model that marks other rows."""

    task_name = "outliers"

    def added(self) -> dict[str, pl.DataType] | None:
        return {"outlier": pl.Boolean(), "outlier score": pl.Float64()}

    def run(self, table: pl.DataFrame, context: Context) -> Changed:
        from nodeflow_nodes.mining._training import at_work, model_of

        estimator, data, prepared = self._fitted(table, context)
        learner = estimator.named_steps["learn"]
        if hasattr(learner, "negative_outlier_factor_"):
            scores = -learner.negative_outlier_factor_
            marks = scores > -learner.offset_
            learner.set_params(
                novelty=True
            )  # what it learned is the same, and it may then look at other rows
        else:
            with at_work(context):
                scores, marks = -learner.score_samples(prepared), learner.predict(prepared) == -1
        found = table.with_columns(
            pl.Series("outlier", marks, dtype=pl.Boolean),
            pl.Series("outlier score", scores, dtype=pl.Float64),
        )
        return Changed(found, model_of(estimator, data, self.facts()), self._details(estimator, data))


class ReduceNode(UnlabelledNode):
    """A node that makes new number columns of the features, by a model that does so with other rows."""

    task_name = "transformation"
    prefix: ClassVar[str] = ""
    """How the new columns are called, with a number; empty for names that the estimator gives."""

    replaces: ClassVar[bool] = False
    """Whether the new columns are the old ones with other values."""

    keep: bool = parameter(
        default=True,
        label="Keep the columns",
        help="Whether the columns that were learned from stay beside the new ones.",
    )

    def run(self, table: pl.DataFrame, context: Context) -> Changed:
        estimator, data, prepared = self._fitted(table, context)
        from nodeflow_nodes.mining._training import at_work

        with at_work(context):
            values = self.transformed(estimator.named_steps["learn"], prepared)
        return self._changed(table, estimator, data, values)

    def _changed(self, table: pl.DataFrame, estimator: Any, data: Training, values: Any) -> Changed:
        from dataclasses import replace

        import numpy as np

        from nodeflow.values import Model
        from nodeflow_nodes.mining import _training

        values = np.asarray(getattr(values, "toarray", lambda: values)())
        names = self._names(estimator, data, values.shape[1])
        sources = [] if self.keep and not self.replaces else list(data.spec.features.columns)
        kept = table.drop([name for name in sources if name not in names])
        clash = [name for name in names if name in kept.columns and name not in data.spec.features.columns]
        if clash:
            raise NodeFailed(f"the table has the columns {listing(clash)} already; rename them first")
        given = TableSpec(dict.fromkeys(names, pl.Float64()))
        removed = tuple(name for name in sources if name not in names)
        spec = replace(
            data.spec,
            task="transformation",
            target=None,
            target_type=None,
            classes=None,
            changes=(Change(tuple(data.spec.features.columns), given),),
            removes=removed,
        )
        recipe = _training.recipe_of(estimator, data)
        model = Model(estimator, spec, {"rows": data.rows, **self.facts()}, recipe=recipe)
        model.method = _training.method_told(estimator)
        new = [pl.Series(name, values[:, place], dtype=pl.Float64) for place, name in enumerate(names)]
        new = [one.fill_nan(None) for one in new]
        return Changed(kept.with_columns(new), model, self._details(estimator, data))

    def transformed(self, learner: Any, prepared: Any) -> Any:
        """The new values of the rows that were learned from."""
        return learner.transform(prepared)

    def _names(self, estimator: Any, data: Training, count: int) -> list[str]:
        from nodeflow_nodes.mining._training import column_names, encoded_terms

        if self.prefix:
            return [f"{self.prefix} {place}" for place in range(1, count + 1)]
        terms = [term for _, term in encoded_terms(estimator.named_steps["prepare"], column_names(data.spec))]
        try:
            found = [str(one) for one in estimator.named_steps["learn"].get_feature_names_out(terms)]
        except (AttributeError, ValueError):
            found = []
        if len(found) == count and len(set(found)) == count:
            return found
        return [f"{self.name} {place}" for place in range(1, count + 1)]

    def _model_spec(self, columns: Mapping[str, pl.DataType]) -> ModelSpec | None:
        return None


class EmbedNode(UnlabelledNode):
    """A node that places the rows at hand in few dimensions; the method says nothing of other rows."""

    makes_model = False
    prefix: ClassVar[str] = "dimension"

    def run(self, table: pl.DataFrame, context: Context) -> Found:
        import numpy as np

        from nodeflow_nodes.mining import _training
        from nodeflow_nodes.mining._learned import fact_table

        data = _training.unlabelled(table, self.features, "transformation", self.name, context)
        estimator = self._pipeline(data)
        with _training.at_work(context):
            try:
                values = np.asarray(estimator.fit_transform(data.features))
            except (ValueError, TypeError, ArithmeticError) as error:
                raise NodeFailed(f"learning failed: {_training.in_words(error)}") from error
        names = [f"{self.prefix} {place}" for place in range(1, values.shape[1] + 1)]
        clash = [name for name in names if name in table.columns]
        if clash:
            raise NodeFailed(f"the table has the columns {listing(clash)} already; rename them first")
        new = [pl.Series(name, values[:, place], dtype=pl.Float64) for place, name in enumerate(names)]
        return Found(table.with_columns(new), fact_table(estimator.named_steps["learn"], []))
