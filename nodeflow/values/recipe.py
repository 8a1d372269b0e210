"""Recipe: what an estimator was learned from, as plain data, to learn the same again.

Most of scikit-learn keeps what it learned in compiled code that believes its numbers, so a crafted file
could harm whoever opens it. A model of such an estimator is stored as its recipe instead: the unfitted
estimator as JSON and the rows it learned from. Loading it learns it again, which gives the same model and
runs nothing but scikit-learn on data.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nodeflow.errors import shorten
from nodeflow.steady import steady

if TYPE_CHECKING:
    import polars as pl

MODULES = (
    "calibration", "cluster", "compose", "covariance", "cross_decomposition", "decomposition", "discriminant_analysis",
    "dummy", "ensemble", "feature_extraction.text", "feature_selection", "gaussian_process", "gaussian_process.kernels",
    "impute", "isotonic", "kernel_approximation", "kernel_ridge", "linear_model", "manifold", "mixture", "model_selection",
    "multiclass", "multioutput", "naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing",
    "random_projection", "semi_supervised", "svm", "tree",
)  # fmt: skip
"""The parts of scikit-learn whose public estimators may stand in a recipe."""

_REFUSED = ("FunctionTransformer", "FrozenEstimator")
"""Estimators that are nothing without a function or a fitted estimator."""

_ONLY: dict[str, tuple[Any, ...]] = {"memory": (None,), "input": ("content",)}
"""Parameters by which an estimator would read or write files, and what they must be."""

_DTYPES = ("float64", "float32", "int64")
_FUNCTIONS = ("mean", "median", "max")
"""Of NumPy."""

_SCORES = (
    "chi2",
    "f_classif",
    "f_regression",
    "mutual_info_classif",
    "mutual_info_regression",
    "r_regression",
)
"""Of scikit-learn's feature selection."""

_DEEPEST = 20


class RecipeError(ValueError):
    """An estimator cannot be written as a recipe, or a recipe is not one."""


@dataclass(frozen=True)
class Recipe:
    """An unfitted estimator and the rows it learned from.

    Attributes:
        estimator: the estimator as JSON data, from `encoded`.
        rows: the feature columns by their names, and the target if there is one.
        target: the name of the target column among the rows.
        as_text: whether the target is learned as text (classes) and not as a number.
    """

    estimator: Any
    rows: pl.DataFrame
    target: str | None = None
    as_text: bool = False

    def to_members(self) -> dict[str, bytes]:
        """The parts of a file that hold it."""
        buffer = io.BytesIO()
        self.rows.write_parquet(buffer, compression="zstd")
        told = {"estimator": self.estimator, "target": self.target, "as_text": self.as_text}
        return {RECIPE: json.dumps(told, indent=1).encode(), ROWS: buffer.getvalue()}

    @classmethod
    def from_members(cls, members: dict[str, bytes]) -> Recipe:
        """The recipe in parts of a file; raises `ValueError` where they are none."""
        import polars as pl

        told = json.loads(members[RECIPE])
        if not isinstance(told, dict) or told.keys() != {"estimator", "target", "as_text"}:
            raise RecipeError("its recipe has other parts than a recipe")
        target, as_text = told["target"], told["as_text"]
        if not isinstance(target, str | None) or not isinstance(as_text, bool):
            raise RecipeError("its recipe has other parts than a recipe")
        decoded(told["estimator"])
        rows = pl.read_parquet(io.BytesIO(members[ROWS]))
        if target is not None and target not in rows.columns:
            raise RecipeError("its rows lack the target")
        return cls(told["estimator"], rows, target, as_text)

    def fit(self, features: Any) -> Any:
        """The fitted estimator; `features` are those of the rows, as the estimator takes them."""
        import polars as pl

        estimator = decoded(self.estimator)
        with steady(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were told when it was first learned
            if self.target is None:
                return estimator.fit(features)
            wanted = self.rows.get_column(self.target).cast(pl.String if self.as_text else pl.Float64)
            return estimator.fit(features, wanted.to_numpy())


RECIPE, ROWS = "recipe.json", "rows.parquet"


def encoded(value: Any, depth: int = 0) -> Any:
    """An unfitted estimator, or a value of one, as JSON data; raises `RecipeError`."""
    import numpy as np

    if depth > _DEEPEST:
        raise RecipeError("its estimators are nested too deeply")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        return encoded(value.item(), depth)
    if isinstance(value, int | float):
        return value if math.isfinite(value) else {"number": repr(float(value))}
    if isinstance(value, list):
        return [encoded(one, depth + 1) for one in value]
    if isinstance(value, tuple):
        return {"tuple": [encoded(one, depth + 1) for one in value]}
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "biufU":
        return {"array": [encoded(one, depth + 1) for one in value.tolist()]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: encoded(one, depth + 1) for key, one in value.items()}}
    if isinstance(value, type) and value.__module__ == "numpy" and value.__name__ in _DTYPES:
        return {"dtype": value.__name__}
    for name in _FUNCTIONS:
        if value is getattr(np, name):
            return {"function": name}
    if getattr(value, "__name__", "") in _SCORES and value is _score(value.__name__):
        return {"score": value.__name__}
    if hasattr(value, "get_params"):
        name = public_name(type(value))
        parameters = value.get_params(deep=False)
        for key, one in parameters.items():
            _check(key, one)
        return {"class": name, "with": {key: encoded(one, depth + 1) for key, one in parameters.items()}}
    raise RecipeError(f"a {type(value).__name__} cannot be part of a recipe")


def decoded(told: Any, depth: int = 0) -> Any:
    """The value that `encoded` told; raises `RecipeError` for anything else."""
    import numpy as np

    if depth > _DEEPEST:
        raise RecipeError("its estimators are nested too deeply")
    if told is None or isinstance(told, bool | int | float | str):
        return told
    if isinstance(told, list):
        return [decoded(one, depth + 1) for one in told]
    if not isinstance(told, dict):
        raise RecipeError("its recipe holds what no recipe has")
    if told.keys() == {"class", "with"} and isinstance(told["with"], dict):
        made = estimator_class(told["class"])
        values = {key: decoded(one, depth + 1) for key, one in told["with"].items()}
        for key, one in values.items():
            _check(key, one)
        try:
            with steady(), warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                return made(**values)
        except TypeError as error:
            raise RecipeError(f"{told['class']} is not made like this: {shorten(str(error), 150)}") from None
    if len(told) == 1:
        ((kind, inner),) = told.items()
        if kind == "number" and inner in ("nan", "inf", "-inf"):
            return float(inner)
        if kind == "dtype" and inner in _DTYPES:
            return getattr(np, inner)
        if kind == "function" and inner in _FUNCTIONS:
            return getattr(np, inner)
        if kind == "score" and inner in _SCORES:
            return _score(inner)
        if kind in ("tuple", "array") and isinstance(inner, list):
            values_ = [decoded(one, depth + 1) for one in inner]
            return tuple(values_) if kind == "tuple" else np.array(values_)
        if kind == "dict" and isinstance(inner, dict):
            return {key: decoded(one, depth + 1) for key, one in inner.items()}
    raise RecipeError("its recipe holds what no recipe has")


def _score(name: str) -> Any:
    return getattr(_part_of_sklearn("feature_selection"), name)


def _part_of_sklearn(module: str) -> ModuleType:
    importlib.import_module(
        "sklearn"
    )  # first: threads that import it and a part of it at once get halves of them
    return importlib.import_module(f"sklearn.{module}")


def _check(name: str, value: Any) -> None:
    if name in _ONLY and value not in _ONLY[name]:
        raise RecipeError(f'the parameter "{shorten(name)}" may only be {_ONLY[name][0]!r}')


def public_name(made: type) -> str:
    """The name of a public estimator of scikit-learn, such as svm.SVC; raises `RecipeError` for any other."""
    for module in MODULES:
        parts = module.split(".")
        if made.__module__.startswith(f"sklearn.{parts[0]}"):
            found = getattr(_part_of_sklearn(module), made.__name__, None)
            if found is made and made.__name__ not in _REFUSED:
                return f"{module}.{made.__name__}"
    raise RecipeError(f"{made.__module__}.{made.__name__} cannot be part of a recipe")


def estimator_class(name: Any) -> Any:
    """The class of a public name; raises `RecipeError` unless it is an estimator of scikit-learn."""
    module, _, own = name.rpartition(".") if isinstance(name, str) else ("", "", "")
    if module in MODULES and own.isidentifier() and not own.startswith("_") and own not in _REFUSED:
        found = getattr(_part_of_sklearn(module), own, None)
        if isinstance(found, type) and callable(getattr(found, "get_params", None)):
            return found
    raise RecipeError(f'"{shorten(str(name))}" is no estimator of scikit-learn')
