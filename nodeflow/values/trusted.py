"""What a model file may hold: a closed list, reviewed by hand, that no file and no user's click extends.

skops itself trusts every public scikit-learn estimator. That is too much for a file from elsewhere: the
compiled ones (support vector machines, trees of neighbours, histogram boosting) index memory by numbers
of the file, and end the process when these are wrong. An estimator belongs here if what it does with its
fitted state is NumPy alone, which checks its bounds, or if `nodeflow.values.bundle` checks that state.
"""

from __future__ import annotations

from typing import Any

PROTOCOL = 2
"""The oldest protocol of skops that is read; its readers of older ones check less."""

_SCALARS = ("bool", "bool_", "float32", "float64", "int32", "int64", "str_")

ESTIMATORS = frozenset(
    (
        "sklearn.pipeline.Pipeline",
        "sklearn.compose._column_transformer.ColumnTransformer",
        # preparation: NumPy alone
        "sklearn.impute._base.SimpleImputer",
        "sklearn.preprocessing._data.MinMaxScaler",
        "sklearn.preprocessing._data.RobustScaler",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.preprocessing._encoders.OneHotEncoder",
        "sklearn.preprocessing._encoders.OrdinalEncoder",
        # weighted sums: NumPy alone
        "sklearn.linear_model._base.LinearRegression",
        "sklearn.linear_model._coordinate_descent.ElasticNet",
        "sklearn.linear_model._coordinate_descent.Lasso",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.linear_model._ridge.Ridge",
        "sklearn.naive_bayes.GaussianNB",
        # trees: compiled, their nodes are checked after loading
        "sklearn.ensemble._forest.ExtraTreesClassifier",
        "sklearn.ensemble._forest.ExtraTreesRegressor",
        "sklearn.ensemble._forest.RandomForestClassifier",
        "sklearn.ensemble._forest.RandomForestRegressor",
        "sklearn.tree._classes.DecisionTreeClassifier",
        "sklearn.tree._classes.DecisionTreeRegressor",
        "sklearn.tree._classes.ExtraTreeClassifier",
        "sklearn.tree._classes.ExtraTreeRegressor",
    )
)

TRUSTED_TYPES: dict[str, frozenset[str]] = {
    "DTypeNode": frozenset(("numpy.dtype",)),
    "DictNode": frozenset(("builtins.dict",)),
    "JsonNode": frozenset(("builtins.str",)),
    "ListNode": frozenset(("builtins.list",)),
    "NdArrayNode": frozenset(("numpy.ndarray", *(f"numpy.{name}" for name in _SCALARS))),
    "ObjectNode": ESTIMATORS,
    "SliceNode": frozenset(("builtins.slice",)),
    "TreeNode": frozenset(("sklearn.tree._tree.Tree",)),
    "TupleNode": frozenset(("builtins.tuple",)),
    "TypeNode": frozenset(
        (*(f"builtins.{name}" for name in ("bool", "float", "int", "str")), *(f"numpy.{n}" for n in _SCALARS))
    ),
}
"""What each of skops' readers may be asked for."""

ASKED_OF_SKOPS = ("numpy.dtype", "sklearn.tree._tree.Tree")
"""Those of the list that skops does not trust by itself."""


def foreign_types(schema: Any) -> list[str]:
    """The types a skops schema names that are not on the list, in order and once each."""
    found: dict[str, None] = {}
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
            if not one.keys().isdisjoint(("__class__", "__loader__", "__module__")):
                name = f"{one.get('__module__')}.{one.get('__class__')}"
                if name not in TRUSTED_TYPES.get(str(one.get("__loader__")), ()):
                    found[name] = None
    return sorted(found)


def is_trusted(estimator: Any) -> bool:
    """Whether an estimator and all estimators it is made of are on the list."""
    own = type(estimator)
    if f"{own.__module__}.{own.__name__}" not in ESTIMATORS:
        return False
    parts = estimator.get_params().values()
    return all(is_trusted(one) for one in parts if hasattr(one, "get_params"))
