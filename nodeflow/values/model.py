"""Model: a fitted pipeline, transformation or network together with what it needs to know of its data."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import shorten
from nodeflow.values.codec import Codec
from nodeflow.values.specs import ModelSpec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.recipe import Recipe
    from nodeflow.values.trained_network import TrainedNetwork
    from nodeflow.values.transformation import Transformation


class Model:
    """A fitted model; treat it as immutable. It holds an estimator, a transformation or a network.

    Attributes:
        estimator: the fitted scikit-learn pipeline, or None; it takes what `features` gives, all preparation
            is within it.
        transformation: what was learned to do to the columns of a table, or None.
        network: a trained network with its preparation, or None.
        spec: task, feature columns, target and classes.
        recipe: what the estimator was learned from, or None; a model whose estimator is not on the list of
            trusted types is stored as that.
        method: of a transformation by scikit-learn its unfitted estimator, as `nodeflow.values.recipe.encoded`
            has it, so that a learner can learn it anew within itself; else None.
        summary: facts of the training, such as the number of rows; plain JSON data.
        versions: the libraries it was fitted with.
    """

    __slots__ = ("estimator", "method", "network", "recipe", "spec", "summary", "transformation", "versions")

    def __init__(
        self,
        estimator: Any,
        spec: ModelSpec,
        summary: Mapping[str, Any] | None = None,
        versions: Mapping[str, str] | None = None,
        recipe: Recipe | None = None,
    ) -> None:
        self.estimator = estimator
        self.recipe = recipe
        self.method: Any = None
        self.transformation: Transformation | None = None
        self.network: TrainedNetwork | None = None
        self.spec = spec
        self.summary = dict(summary or {})
        self.versions = dict(versions or _versions())

    @classmethod
    def transforming(
        cls,
        transformation: Transformation,
        features: TableSpec,
        learner: str,
        summary: Mapping[str, Any] | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> Model:
        """A model that holds a transformation; `features` are the columns it reads, as they were learned."""
        import nodeflow

        removes = tuple(transformation.removes)
        spec = ModelSpec(
            "transformation", features, learner=learner, changes=transformation.changes(), removes=removes
        )
        model = cls(None, spec, summary, versions or {"nodeflow": nodeflow.__version__})
        model.transformation = transformation
        return model

    @classmethod
    def of_network(
        cls,
        network: TrainedNetwork,
        learner: str,
        summary: Mapping[str, Any] | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> Model:
        """A model that holds a trained network; `versions` are those of the libraries that trained it."""
        import nodeflow

        told = {"nodeflow": nodeflow.__version__, **(versions or {})}
        model = cls(None, network.model_spec(learner), summary, told)
        model.network = network
        return model

    def features(self, frame: pl.DataFrame) -> Any:
        """The feature columns of a table as the pandas frame the pipeline takes; see `as_features`."""
        return as_features(frame, self.spec.features.columns)

    def predict(self, frame: pl.DataFrame) -> Any:
        """The predictions for the rows of a table, as a NumPy array."""
        return self.estimator.predict(self.features(frame))

    def predict_shares(self, frame: pl.DataFrame) -> Any:
        """The probability of each class, shape (rows, classes), as a NumPy array."""
        return self.estimator.predict_proba(self.features(frame))

    def outlier_scores(self, frame: pl.DataFrame) -> Any:
        """How odd each row of a table is, the higher the odder, shape (rows, 1), as a NumPy array."""
        return -self.estimator.score_samples(self.features(frame)).reshape(-1, 1)

    def note(self) -> str:
        """A sentence if the model was fitted with another version of its library, else an empty text."""
        if self.network is not None:
            return self._network_note()
        if self.estimator is None:
            return ""
        import sklearn

        fitted, here = self.versions.get("scikit-learn", sklearn.__version__), sklearn.__version__
        if fitted == here:
            return ""
        return (
            f"the model was learned with scikit-learn {shorten(fitted, 20)}, but this is {here}; "
            "predictions may differ, learn it again to be sure"
        )

    def _network_note(self) -> str:
        import importlib.metadata

        try:
            here = importlib.metadata.version("keras")
        except importlib.metadata.PackageNotFoundError:
            return ""
        trained = self.versions.get("keras", here)
        if trained == here:
            return ""
        return f"the network was trained with Keras {shorten(trained, 20)}, but this is {here}; predictions may differ"

    def __repr__(self) -> str:
        target = f" of {self.spec.target}" if self.spec.target else ""
        return f"Model({self.spec.learner}: {self.spec.task}{target}, {len(self.spec.features.columns)} features)"

    def _repr_html_(self) -> str:
        rows = {
            "task": self.spec.task,
            "target": self.spec.target,
            "features": ", ".join(self.spec.features.columns),
        }
        body = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
            for name, value in {**rows, **self.summary}.items()
        )
        return f"<table><caption>{escape(self.spec.learner)}</caption>{body}</table>"


def as_features(frame: pl.DataFrame, columns: Mapping[str, pl.DataType]) -> Any:
    """Feature columns as the pandas frame a pipeline takes: numbers as floats, the rest as texts.

    Missing numbers become NaN, which the pipeline fills in; a missing text is a category of its own.
    Truth values count as 0 and 1, dates as days since 1970. Names are replaced by f0, f1, ... so that
    no column name means anything to a library.
    """
    import polars as pl

    parts = []
    for index, (name, dtype) in enumerate(columns.items()):
        column = frame.get_column(name).alias(f"f{index}")
        if is_numeric_feature(dtype):
            if dtype in (pl.Date, pl.Datetime):
                column = column.cast(pl.Datetime("us")).cast(pl.Int64) / 86_400_000_000
            parts.append(column.cast(pl.Float64).fill_null(float("nan")))
        else:
            parts.append(column.cast(pl.String).fill_null(MISSING_CATEGORY))
    return pl.DataFrame(parts).to_pandas()


MISSING_CATEGORY = "(missing)"


def is_numeric_feature(dtype: pl.DataType) -> bool:
    """Whether a column of this type counts as a number for a learner: numbers, truth values, dates."""
    import polars as pl

    return dtype.is_numeric() or dtype in (pl.Boolean, pl.Date, pl.Datetime)


def _versions() -> dict[str, str]:
    import numpy
    import sklearn

    import nodeflow

    return {"nodeflow": nodeflow.__version__, "scikit-learn": sklearn.__version__, "numpy": numpy.__version__}


class ModelCodec(Codec):
    """Models are stored as a bundle: what it is as JSON, its pipeline by skops, never by pickle."""

    suffix = ".model"

    def pack(self, value: Any) -> bytes:
        from nodeflow.values.bundle import pack_model

        return pack_model(value)

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Model:
        from nodeflow.values.bundle import MAX_BYTES, ModelError, unpack_model

        if isinstance(path, bytes):
            return unpack_model(path)
        if path.stat().st_size > MAX_BYTES:
            raise ModelError("not a model nodeflow can load: it is too large")
        return unpack_model(path.read_bytes())

    def spec_of(self, value: Any) -> ModelSpec:
        spec: ModelSpec = value.spec
        return spec
