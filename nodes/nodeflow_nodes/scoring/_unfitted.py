"""What a model was learned by, without what it learned, to learn anew from other rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, did_you_mean, listing, shorten
from nodeflow.parameters import Fault, family
from nodeflow.steady import steady
from nodeflow.values.model import is_numeric_feature
from nodeflow.values.specs import ModelSpec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model


class Unfitted:
    """An unfitted learner: all that a model's learner and its preparation are set to, and nothing it learned."""

    def __init__(self, model: Model, settings: Mapping[str, Any] | None = None) -> None:
        if model.network is not None:
            raise NodeFailed(
                "a trained network is not learned anew here; hold back data for it by the node that makes its tensors"
            )
        if model.estimator is None or model.spec.task not in ("regression", "classification"):
            raise NodeFailed("the model predicts no column; connect the model of a learner that predicts one")
        self._model = model
        self._settings = dict(settings or {})
        self.target = str(model.spec.target)

    @property
    def name(self) -> str:
        """The learner's name."""
        return self._model.spec.learner

    @property
    def is_class(self) -> bool:
        """Whether it predicts classes, not numbers."""
        return self._model.spec.task == "classification"

    def with_settings(self, settings: Mapping[str, Any]) -> Unfitted:
        """The same with other settings of the learner, by their scikit-learn names.

        Raises:
            NodeFailed: the learner has no setting of that name.
        """
        return Unfitted(self._model, {self._known_name(name): value for name, value in settings.items()})

    def settings(self) -> dict[str, Any]:
        """The settings of the learner by name, with their present values."""
        step = self._last_step()
        return {
            name.removeprefix(step): value
            for name, value in self._model.estimator.get_params().items()
            if not hasattr(value, "get_params") and (not step or name.startswith(step))
        }

    def fit(self, table: pl.DataFrame, context: Context) -> Model:
        """A model learned from a table in which every row has a target."""
        import polars as pl
        from sklearn.base import clone

        from nodeflow.values import Model
        from nodeflow.values.model import as_features

        context.check_cancelled()
        columns = self._model.spec.features.columns
        target = table.get_column(self.target)
        wanted = target.cast(pl.String if self.is_class else pl.Float64)
        classes = tuple(wanted.unique().sort().to_list()) if self.is_class else None
        if classes is not None and len(classes) < 2:
            raise NodeFailed(
                f'the rows to learn from have one class of "{shorten(self.target)}" only; choose fewer or other folds'
            )
        estimator = clone(self._model.estimator)
        try:
            estimator.set_params(**self._settings)
            with steady():
                estimator.fit(as_features(table, columns), wanted.to_numpy())
        except (ValueError, TypeError, FloatingPointError) as error:
            raise NodeFailed(f"learning failed: {shorten(' '.join(str(error).split()), 300)}") from error
        spec = ModelSpec(
            self._model.spec.task,
            TableSpec(columns),
            self.target,
            table.schema[self.target],
            classes,
            self.name,
        )
        return Model(
            estimator, spec, {"rows": table.height, **{k: str(v) for k, v in self._settings.items()}}
        )

    def learned(self, table: pl.DataFrame, context: Context) -> Model:
        """Like `fit`, for a model that is kept: it tells what it was learned from, by which it can be stored."""
        import polars.selectors as cs

        from nodeflow.values import Model
        from nodeflow.values.recipe import Recipe, RecipeError, encoded

        model = self.fit(table, context)
        rows = table.select(cs.by_name(*model.spec.features.columns, self.target))
        try:
            recipe = Recipe(encoded(model.estimator), rows, self.target, self.is_class)
        except RecipeError:
            return model
        return Model(model.estimator, model.spec, model.summary, recipe=recipe)

    def digest(self) -> str:
        """Tells apart what may learn other models."""
        from nodeflow.values.recipe import RecipeError, encoded

        told = [
            repr(self._model.spec),
            repr(sorted(self._model.versions.items())),
            repr(sorted(self._settings.items())),
        ]
        try:
            told.append(json.dumps(encoded(self._model.estimator), sort_keys=True))
        except RecipeError:  # of an estimator that is not scikit-learn's own
            parameters = sorted(self._model.estimator.get_params().items())
            told += [f"{name}={type(value).__qualname__} {value!r}" for name, value in parameters]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def _last_step(self) -> str:
        steps = getattr(self._model.estimator, "steps", None)
        return f"{steps[-1][0]}__" if steps else ""

    def _known_name(self, name: str) -> str:
        every = self._model.estimator.get_params()
        step = self._last_step()
        if step + name in every:
            return step + name
        if name in every:
            return name
        own = list(self.settings())
        raise NodeFailed(
            f'{self.name} has no setting "{shorten(name)}"; {did_you_mean(name, own, what="it has")}'
        )


def learner_faults(spec: ModelSpec | None, table: TableSpec | None, place: str = "") -> list[Fault]:
    """What is known before running against trying a learner on a table."""
    if spec is None:
        return []
    if spec.task not in ("regression", "classification"):
        return [
            Fault(place, "the model predicts no column; connect the model of a learner that predicts one")
        ]
    if table is None:
        return []
    if spec.target not in table.columns:
        return [
            Fault(place, f'the table has no column "{shorten(str(spec.target))}", which the learner predicts')
        ]
    missing = [name for name in spec.features.columns if name not in table.columns]
    if missing:
        return [
            Fault(
                place,
                f"the learner uses {listing(missing)}, which the table has not; connect the same columns",
            )
        ]
    return [
        Fault(
            place,
            f'column "{shorten(name)}" is {family(table.columns[name])}, but the learner takes {family(dtype)}',
        )
        for name, dtype in spec.features.columns.items()
        if is_numeric_feature(dtype) != is_numeric_feature(table.columns[name])
    ]


def check_finite(table: pl.DataFrame, *models: Model) -> None:
    """Raise `NodeFailed` if a feature of the models is missing or holds infinite values."""
    for name in dict.fromkeys(name for model in models for name in model.spec.features.columns):
        if name not in table.columns:
            raise NodeFailed(
                f'the learner uses "{shorten(name)}", which the table has not; connect the same columns'
            )
        column = table.get_column(name).alias("values")
        if column.dtype.is_float() and column.is_infinite().any():
            raise NodeFailed(
                f'column "{shorten(name)}" holds infinite values; turn them into missing values first'
            )
