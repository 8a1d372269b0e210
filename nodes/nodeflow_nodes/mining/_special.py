"""Nodes around estimators that take other learners, choose columns, read texts, or describe rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow.values.specs import ModelSpec, Spec, TableSpec
from nodeflow_nodes.mining._estimators import (
    Changed,
    Found,
    Learned,
    ReduceNode,
    SupervisedNode,
    UnlabelledNode,
)

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training


def base_of(model: Model) -> Any:
    """The unfitted estimator by which a model was learned, without the preparation of its columns."""
    from sklearn.base import clone

    if model.estimator is None or model.spec.task not in ("regression", "classification"):
        raise NodeFailed("the model predicts no column; connect the model of a learner that predicts one")
    return clone(model.estimator.named_steps["learn"])


def is_scaled(model: Model) -> bool:
    """Whether the learner of a model had its numbers brought to one scale."""
    prepare = model.estimator.named_steps["prepare"]
    return any(hasattr(part, "named_steps") for _, part, _ in getattr(prepare, "transformers", ()))


def base_faults(specs: Sequence[ModelSpec | None], tasks: Sequence[Task]) -> list[Fault]:
    """What is known before running against learners as parts of another."""
    for one in specs:
        if one is not None and one.task not in tasks:
            told = (
                "predicts no column"
                if one.task not in ("regression", "classification")
                else f"is one of {one.task}"
            )
            return [Fault("", f"the learner {one.learner} {told}; connect one of {' or '.join(tasks)}")]
    return []


class MetaNode(SupervisedNode):
    """A learner made of another one, whose settings it takes from that one's model."""

    given: ClassVar[str] = "estimator"
    """The parameter that takes the learner."""

    _bases: tuple[Any, ...] = ()

    def run(self, table: pl.DataFrame, learner: Model, context: Context) -> Learned:  # type: ignore[override]
        return self._learned_from(table, [learner], context)

    def _learned_from(self, table: pl.DataFrame, learners: Sequence[Model], context: Context) -> Learned:
        from nodeflow_nodes.mining import _training

        task = self.task_for(table.schema[self.target])
        words = self.words.resolve(dict(table.schema))
        data = _training.training(table, self.features, self.target, task, self.name, context, words=words)
        made = self.combined([base_of(one) for one in learners], task)
        scale = any(is_scaled(one) for one in learners)
        wide = _training.wide_columns(data, words)
        estimator = _training.pipeline(data.spec, made, scale=scale, words=words, wide=wide)
        _training.fit(estimator, data, context)
        facts = {"made of": ", ".join(one.spec.learner for one in learners), **self.facts()}
        return Learned(_training.model_of(estimator, data, facts), self.details(estimator, data))

    def combined(self, bases: list[Any], task: Task) -> Any:
        """The estimator made of others."""
        return self.estimator(task).set_params(**{self.given: bases[0]})

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        specs = inputs.get("learners") or [inputs.get("learner")]
        return [*super().check(inputs), *base_faults(specs, self.tasks)]


class ManyMetaNode(MetaNode):
    """A learner made of several others."""

    def run(self, table: pl.DataFrame, learners: list[Model], context: Context) -> Learned:  # type: ignore[override]
        return self._learned_from(table, learners, context)

    def combined(self, bases: list[Any], task: Task) -> Any:
        named = [(f"learner {place}", base) for place, base in enumerate(bases, 1)]
        return self.estimator(task).set_params(estimators=named)


class SelectNode(SupervisedNode):
    """A node that keeps the columns that say most of a target."""

    def run(self, table: pl.DataFrame, context: Context) -> Changed:  # type: ignore[override]
        return self._selected(table, None, context)

    def selector(self, task: Task, base: Any) -> Any:
        """The unfitted estimator that chooses."""
        from sklearn.feature_selection import f_regression

        made = self.estimator(task)
        if task == "regression" and "score_func" in made.get_params():
            made.set_params(score_func=f_regression)
        return made

    def _selected(self, table: pl.DataFrame, learner: Model | None, context: Context) -> Changed:
        from nodeflow.values import Model
        from nodeflow.values.transformation import Transformation
        from nodeflow_nodes.mining import _training

        task = self.task_for(table.schema[self.target])
        data = _training.training(table, self.features, self.target, task, self.name, context)
        base = None if learner is None else base_of(learner)
        scale = learner is not None and is_scaled(learner)
        estimator = _training.pipeline(data.spec, self.selector(task, base), scale=scale)
        _training.fit(estimator, data, context)
        chosen = estimator.named_steps["learn"]
        terms = _training.encoded_terms(estimator.named_steps["prepare"], _training.column_names(data.spec))
        kept = {column for (column, _), is_kept in zip(terms, chosen.get_support(), strict=True) if is_kept}
        removed = [name for name in data.spec.features.columns if name not in kept]
        if not kept:
            context.warn("no column passed; the table keeps none of the features")
        transformation = Transformation([], removes=removed)
        model = Model.transforming(
            transformation, TableSpec({}), self.name, {"rows": data.rows, **self.facts()}
        )
        model.method = _training.method_told(estimator)
        details = _selection_table(chosen, terms)
        return Changed(table.drop(cs.by_name(*removed)) if removed else table, model, details)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        return {"table": None, "model": None, "details": None}


class MetaSelectNode(SelectNode):
    """A node that keeps the columns that another learner makes most of."""

    def run(self, table: pl.DataFrame, learner: Model, context: Context) -> Changed:  # type: ignore[override]
        return self._selected(table, learner, context)

    def selector(self, task: Task, base: Any) -> Any:
        return self.estimator(task).set_params(estimator=base)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return [*super().check(inputs), *base_faults([inputs.get("learner")], self.tasks)]


def _selection_table(chosen: Any, terms: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """For each prepared column whether it stays, with its score, p value or rank as far as there are such."""
    columns: dict[str, Any] = {
        "column": [column for column, _ in terms],
        "term": [term for _, term in terms],
        "kept": [bool(one) for one in chosen.get_support()],
    }
    for title, name in (
        ("score", "scores_"),
        ("p", "pvalues_"),
        ("rank", "ranking_"),
        ("variance", "variances_"),
    ):
        values = getattr(chosen, name, None)
        if values is not None and len(values) == len(terms):
            columns[title] = pl.Series(title, values, strict=False).cast(pl.Float64).fill_nan(None)
    return pl.DataFrame(columns)


class SupervisedReduceNode(ReduceNode):
    """A node that makes new number columns of the features so that they tell most of a target."""

    tasks: ClassVar[tuple[Task, ...]] = ("classification", "regression")

    target: Column = parameter(
        types=("number", "text", "boolean", "category"), help="The column to learn for."
    )

    def run(self, table: pl.DataFrame, context: Context) -> Changed:
        from nodeflow.parameters import is_family
        from nodeflow_nodes.mining import _training

        number = is_family(table.schema[self.target], ("number",))
        task = self.tasks[0] if len(self.tasks) == 1 else "regression" if number else "classification"
        data = _training.training(table, self.features, self.target, task, self.name, context)
        assert data.table is not None
        estimator = self._pipeline(data)
        _training.fit(estimator, data, context)
        with _training.at_work(context):
            values = estimator.transform(data.features)
        return self._changed(data.table, estimator, data, values)


class TextNode(ReduceNode):
    """A node that weighs the words of texts: a number column for each word."""

    column: Column = parameter(types=("text", "category"), help="The column with the texts.")

    def run(self, table: pl.DataFrame, context: Context) -> Changed:
        from sklearn.compose import ColumnTransformer
        from sklearn.pipeline import Pipeline

        from nodeflow.values.model import as_features
        from nodeflow_nodes.mining import _training

        features = {str(self.column): table.schema[self.column]}
        if table.get_column(self.column).null_count() == table.height:
            raise NodeFailed(f'"{shorten(self.column)}" has no texts')
        spec = ModelSpec("transformation", TableSpec(features), learner=self.name)
        data = _training.Training(as_features(table, features), None, spec, table.height, 0, table)
        reader = self.estimator(None)
        prepare = ColumnTransformer([("words f0", reader, "f0")], sparse_threshold=1.0)
        estimator = Pipeline([("learn", prepare)])
        _training.fit(estimator, data, context)
        return self._changed(table, estimator, data, estimator.transform(data.features))

    def _names(self, estimator: Any, data: Training, count: int) -> list[str]:
        reader = estimator.named_steps["learn"].named_transformers_["words f0"]
        if not hasattr(reader, "get_feature_names_out"):
            return [f"{self.column} {place}" for place in range(1, count + 1)]
        return [f"{self.column}: {word}" for word in reader.get_feature_names_out()]

    def _details(self, estimator: Any, data: Training) -> pl.DataFrame:
        reader = estimator.named_steps["learn"].named_transformers_["words f0"]
        words = list(reader.get_feature_names_out()) if hasattr(reader, "get_feature_names_out") else []
        columns: dict[str, Any] = {"word": pl.Series(words, dtype=pl.String)}
        if hasattr(reader, "idf_"):
            columns["inverse document frequency"] = reader.idf_
        return pl.DataFrame(columns)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return ()


class CovarianceNode(UnlabelledNode):
    """A node that estimates how columns vary together, and how far each row lies from the centre."""

    makes_model = False

    def added(self) -> dict[str, pl.DataType] | None:
        return {"distance": pl.Float64()}

    def run(self, table: pl.DataFrame, context: Context) -> Found:
        from nodeflow_nodes.mining import _training

        estimator, data, prepared = self._fitted(table, context)
        learner = estimator.named_steps["learn"]
        terms = [
            term
            for _, term in _training.encoded_terms(
                estimator.named_steps["prepare"], _training.column_names(data.spec)
            )
        ]
        matrix = pl.DataFrame(
            {"column": terms} | {t: learner.covariance_[:, i] for i, t in enumerate(terms) if t != "column"}
        )
        distances = pl.Series("distance", learner.mahalanobis(prepared) ** 0.5, dtype=pl.Float64)
        return Found(table.with_columns(distances), matrix)


class DensityNode(UnlabelledNode):
    """A node that estimates how densely rows lie."""

    makes_model = False

    def added(self) -> dict[str, pl.DataType] | None:
        return {"log density": pl.Float64()}

    def run(self, table: pl.DataFrame, context: Context) -> Found:
        estimator, data, prepared = self._fitted(table, context)
        density = estimator.named_steps["learn"].score_samples(prepared)
        column = pl.Series("log density", density, dtype=pl.Float64)
        return Found(table.with_columns(column), self._details(estimator, data))


class NeighboursNode(UnlabelledNode):
    """A node that finds for each row the rows nearest to it."""

    makes_model = False

    def run(self, table: pl.DataFrame, context: Context) -> Found:
        import numpy as np

        estimator, data, _ = self._fitted(table, context)
        learner = estimator.named_steps["learn"]
        count = min(learner.n_neighbors, table.height - 1)
        distances, rows = learner.kneighbors(n_neighbors=count)
        pairs = pl.DataFrame(
            {
                "row": np.repeat(np.arange(1, table.height + 1), count),
                "neighbour": rows.ravel() + 1,
                "distance": distances.ravel(),
            }
        )
        return Found(pairs, self._details(estimator, data))

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        pairs = {"row": pl.Int64(), "neighbour": pl.Int64(), "distance": pl.Float64()}
        return {"table": TableSpec(pairs), "details": None}


class RawReduceNode(ReduceNode):
    """A node around an estimator that deals with missing values itself: numbers come to it as they are."""

    takes: ClassVar[str] = "number"
    """The columns it takes: "number" or "text"."""

    features: Columns = parameter(
        default=Columns.all(), help="The columns to learn from; those of other types are left out."
    )

    def run(self, table: pl.DataFrame, context: Context) -> Changed:
        from sklearn.compose import ColumnTransformer
        from sklearn.pipeline import Pipeline

        from nodeflow.values.model import as_features, is_numeric_feature
        from nodeflow_nodes.mining import _training

        chosen = {
            name: dtype
            for name, dtype in _training.feature_columns(self.features, "", dict(table.schema)).items()
            if is_numeric_feature(dtype) == (self.takes == "number")
        }
        if not chosen:
            raise NodeFailed(f"there is no {self.takes} column to learn from; choose at least one")
        _training.check_finite(table, chosen)
        spec = ModelSpec("transformation", TableSpec(chosen), learner=self.name)
        data = _training.Training(as_features(table, chosen), None, spec, table.height, 0, table)
        keys = [f"f{place}" for place in range(len(chosen))]
        prepare = ColumnTransformer([("numbers", "passthrough", keys)])
        estimator = Pipeline([("prepare", prepare), ("learn", self.estimator(None))])
        _training.fit(estimator, data, context)
        with _training.at_work(context):
            values = estimator.transform(data.features)
        return self._changed(table, estimator, data, values)
