"""Writes the table of scikit-learn's estimators from which their nodes are made.

    python -m nodeflow_nodes.mining._survey

The table is kept in the package, so that nodes are known without importing scikit-learn, and a new version
of it changes no node unasked.
"""

from __future__ import annotations

import inspect
import math
import pprint
from pathlib import Path
from typing import Any

from nodeflow.files import atomic_write

HEADER = '''"""Estimators of scikit-learn {version} and their settings; written by `_survey`, not by hand."""

from __future__ import annotations

from typing import Any

# fmt: off
'''

COVERED = {
    "RandomForestClassifier": "random_forest_learner",
    "RandomForestRegressor": "random_forest_learner",
    "LinearRegression": "linear_regression_learner",
    "GridSearchCV": "parameter_optimisation",
    "RandomizedSearchCV": "parameter_optimisation",
    "DecisionTreeClassifier": "decision_tree_learner",
    "DecisionTreeRegressor": "decision_tree_learner",
    "HistGradientBoostingClassifier": "gradient_boosting_learner",
    "HistGradientBoostingRegressor": "gradient_boosting_learner",
    "LogisticRegression": "logistic_regression_learner",
    "Ridge": "regularised_regression_learner",
    "RidgeCV": "regularised_regression_learner",
    "Lasso": "regularised_regression_learner",
    "LassoCV": "regularised_regression_learner",
    "ElasticNet": "regularised_regression_learner",
    "ElasticNetCV": "regularised_regression_learner",
    "SVC": "svm_learner",
    "SVR": "svm_learner",
    "KNeighborsClassifier": "nearest_neighbours_learner",
    "KNeighborsRegressor": "nearest_neighbours_learner",
    "GaussianNB": "naive_bayes_learner",
    "MultinomialNB": "naive_bayes_learner",
    "ComplementNB": "naive_bayes_learner",
    "BernoulliNB": "naive_bayes_learner",
    "MLPClassifier": "mlp_learner",
    "MLPRegressor": "mlp_learner",
    "KMeans": "k_means",
    "MiniBatchKMeans": "k_means",
    "AgglomerativeClustering": "hierarchical_clustering",
    "PCA": "pca",
}
"""Estimators that have a node of their own."""

LEFT_OUT = {
    "ClassifierChain": "predicts several targets at once",
    "MultiOutputClassifier": "predicts several targets at once",
    "MultiOutputRegressor": "predicts several targets at once",
    "RegressorChain": "predicts several targets at once",
    "MultiTaskElasticNet": "predicts several targets at once",
    "MultiTaskElasticNetCV": "predicts several targets at once",
    "MultiTaskLasso": "predicts several targets at once",
    "MultiTaskLassoCV": "predicts several targets at once",
    "ColumnTransformer": "is what every learner does with its columns anyway",
    "Pipeline": "is what a workflow is",
    "FeatureUnion": "is what a workflow is",
    "FunctionTransformer": "is a Python function; formulas do that",
    "FrozenEstimator": "is for programs; a stored model is frozen anyway",
    "DictVectorizer": "takes Python dictionaries, not columns",
    "FeatureHasher": "takes Python dictionaries, not columns",
    "LabelBinarizer": "encodes targets, which learners do themselves",
    "LabelEncoder": "encodes targets, which learners do themselves",
    "MultiLabelBinarizer": "takes sets of labels, not columns",
    "PatchExtractor": "takes pictures, not columns",
    "SparseCoder": "takes a dictionary that another estimator learned",
    "KernelCenterer": "takes a kernel matrix, not columns",
    "KNeighborsTransformer": "gives a graph, not columns; Nearest Neighbors lists its edges",
    "RadiusNeighborsTransformer": "gives a graph, not columns; Nearest Neighbors lists its edges",
}
"""Estimators that have no node, and why."""

ROLES = {
    "MetaNode": (
        "AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier", "BaggingRegressor", "CalibratedClassifierCV",
        "FixedThresholdClassifier", "OneVsOneClassifier", "OneVsRestClassifier", "OutputCodeClassifier", "RANSACRegressor",
        "SelfTrainingClassifier", "TransformedTargetRegressor", "TunedThresholdClassifierCV",
    ),
    "ManyMetaNode": ("StackingClassifier", "StackingRegressor", "VotingClassifier", "VotingRegressor"),
    "SelectNode": (
        "GenericUnivariateSelect", "SelectFdr", "SelectFpr", "SelectFwe", "SelectKBest", "SelectPercentile",
        "VarianceThreshold",
    ),
    "MetaSelectNode": ("RFE", "RFECV", "SelectFromModel", "SequentialFeatureSelector"),
    "SupervisedReduceNode": ("NeighborhoodComponentsAnalysis", "PLSSVD", "TargetEncoder"),
    "TextNode": ("CountVectorizer", "HashingVectorizer", "TfidfVectorizer"),
    "CovarianceNode": (
        "EmpiricalCovariance", "GraphicalLasso", "GraphicalLassoCV", "LedoitWolf", "MinCovDet", "OAS", "ShrunkCovariance",
    ),
    "DensityNode": ("KernelDensity",),
    "NeighboursNode": ("NearestNeighbors",),
    "EmbedNode": ("ClassicalMDS", "MDS", "SpectralEmbedding", "TSNE"),
    "RawReduceNode": ("KNNImputer", "MissingIndicator", "OneHotEncoder", "OrdinalEncoder", "SimpleImputer"),
    "PlainClusterNode": (
        "DBSCAN", "HDBSCAN", "OPTICS", "SpectralBiclustering", "SpectralClustering",
        "SpectralCoclustering",
    ),
    "ModelClusterNode": (
        "AffinityPropagation", "BayesianGaussianMixture", "Birch", "BisectingKMeans", "GaussianMixture",
        "MeanShift",
    ),
    "OutlierNode": ("EllipticEnvelope", "IsolationForest", "LocalOutlierFactor", "OneClassSVM", "SGDOneClassSVM"),
}  # fmt: skip

GROUPS = {
    "MetaNode": "Combining",
    "ManyMetaNode": "Combining",
    "SelectNode": "Choosing columns",
    "MetaSelectNode": "Choosing columns",
    "TextNode": "Texts",
    "CovarianceNode": "Covariance",
    "DensityNode": "Clustering",
    "NeighboursNode": "Clustering",
    "EmbedNode": "Reducing",
    "PlainClusterNode": "Clustering",
    "ModelClusterNode": "Clustering",
    "OutlierNode": "Outliers",
    "RawReduceNode": "Preparing",
}

_UNSCALED = (
    "tree", "ensemble", "naive_bayes", "dummy", "isotonic", "preprocessing", "impute", "feature_selection",
    "random_projection",
)  # fmt: skip
_UNSCALED_NAMES = (
    "NMF", "MiniBatchNMF", "LatentDirichletAllocation", "TfidfTransformer", "AdditiveChi2Sampler", "SkewedChi2Sampler",
    "BernoulliRBM", "EmpiricalCovariance", "GraphicalLasso", "GraphicalLassoCV", "LedoitWolf", "MinCovDet", "OAS",
    "ShrunkCovariance", "PoissonRegressor", "GammaRegressor", "TweedieRegressor",
)  # fmt: skip
_REPLACING = (
    "Binarizer", "MaxAbsScaler", "MinMaxScaler", "Normalizer", "PowerTransformer", "QuantileTransformer", "RobustScaler",
    "StandardScaler", "KNNImputer", "SimpleImputer", "OrdinalEncoder", "TfidfTransformer",
)  # fmt: skip

_DEFAULTS: dict[str, dict[str, Any]] = {
    "CCA": {"n_components": 1},
    "PLSCanonical": {"n_components": 1},
    "PLSRegression": {"n_components": 1},
    "PLSSVD": {"n_components": 1},
    "CountVectorizer": {"max_features": 100},
    "TfidfVectorizer": {"max_features": 100},
    "HashingVectorizer": {"n_features": 100},
    "RANSACRegressor": {"min_samples": 0.5},
    "GaussianRandomProjection": {"n_components": "2"},
    "SparseRandomProjection": {"n_components": "2"},
}
"""Defaults that suit tables better than those of scikit-learn."""

_GIVEN = ("estimators", "estimator", "regressor")
"""Parameters that take other estimators."""

_HIDDEN = {
    "verbose", "n_jobs", "copy", "copy_X", "copy_X_train", "copy_x", "warm_start", "random_state", "memory", "callback",
    "verbose_interval", "estimator", "estimators", "final_estimator", "base_estimator", "regressor", "transformer",
    "prefit", "cache_size", "pre_dispatch", "input", "preprocessor", "tokenizer", "dtype", "sparse_output",
    "verbose_feature_names_out", "feature_name_combiner", "metric_params", "kernel_params", "store_cv_results",
    "compute_score", "output_distribution_params", "func", "inverse_func", "importance_getter", "dense_output", "binary_",
    "connectivity", "oob_score", "sparse_threshold", "store_precision", "store_covariance", "use_legacy_attributes",
    "multi_class", "break_ties", "vocabulary", "analyzer", "monotonic_cst", "interaction_cst", "categorical_features",
    "novelty", "probability", "categories", "error_on_new", "max_fun",
}  # fmt: skip
"""Settings that are the node's own business, or make no sense in a workflow."""


def survey() -> list[dict[str, Any]]:
    """A row for each estimator that gets a node."""
    from sklearn.utils import all_estimators

    rows = []
    for name, made in all_estimators():
        if name in COVERED or name in LEFT_OUT:
            continue
        role = role_of(name, made)
        public = _public(made)
        module = public.split(".")[0]
        scales = module not in _UNSCALED and name not in _UNSCALED_NAMES
        rows.append(
            {
                "class": public,
                "role": role,
                "task": _task(made, role),
                "group": _group(made, role),
                "scales": scales,
                "replaces": name in _REPLACING,
                "given": next((one for one in _GIVEN if one in inspect.signature(made).parameters), ""),
                "seeded": "random_state" in inspect.signature(made).parameters,
                "parameters": [one for one in parameters_of(made) if one is not None],
            }
        )
    return rows


def role_of(name: str, made: Any) -> str:
    """The class of `_estimators` or `_special` that does the work of an estimator."""
    from sklearn.base import ClassifierMixin, RegressorMixin

    for role, names in ROLES.items():
        if name in names:
            return role
    return "SupervisedNode" if issubclass(made, ClassifierMixin | RegressorMixin) else "ReduceNode"


def _task(made: Any, role: str) -> str:
    from sklearn.base import ClassifierMixin, RegressorMixin

    if issubclass(made, ClassifierMixin):
        return "classification"
    return "regression" if issubclass(made, RegressorMixin) or made.__name__ == "PLSSVD" else ""


def _group(made: Any, role: str) -> str:
    if role in GROUPS:
        return GROUPS[role]
    if role == "SupervisedNode":
        return "Classification" if _task(made, role) == "classification" else "Regression"
    return (
        "Preparing" if made.__module__.startswith(("sklearn.preprocessing", "sklearn.impute")) else "Reducing"
    )


def _public(made: Any) -> str:
    from nodeflow.values.recipe import public_name

    return public_name(made)


def parameters_of(made: Any) -> list[dict[str, Any] | None]:
    """The settings of an estimator that a workflow can have."""
    constraints = getattr(made, "_parameter_constraints", {})
    found = []
    for name, one in inspect.signature(made).parameters.items():
        if name in _HIDDEN or one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL):
            continue
        if one.default is inspect.Parameter.empty and name not in constraints:
            continue
        found.append(_parameter(made.__name__, name, one.default, constraints.get(name, [])))
    return found


def _parameter(owner: str, name: str, default: Any, constraints: Any) -> dict[str, Any] | None:
    """One setting as plain data; None if it cannot be one."""
    from sklearn.utils import _param_validation as validation

    if constraints == "no_validation" or default is inspect.Parameter.empty:
        return None
    default = _DEFAULTS.get(owner, {}).get(name, default)
    default = default.item() if hasattr(default, "item") else default
    if isinstance(default, float) and not math.isfinite(default):
        return None  # "no limit", for which a workflow has no word
    choices: list[str] = []
    whole: Any = None
    real: Any = None
    is_bool = has_none = is_list = False
    for one in constraints:
        if isinstance(one, validation.StrOptions):
            choices += sorted(one.options - one.deprecated)
        elif isinstance(one, validation.Options):
            options = [value for value in one.options if value not in one.deprecated]
            if all(isinstance(value, str) for value in options):
                choices += sorted(options)
            elif all(isinstance(value, bool) for value in options):
                is_bool = True
            elif all(isinstance(value, int) for value in options):
                choices += [str(value) for value in sorted(options)]
        elif isinstance(one, validation.Interval):
            if one.type.__name__ in ("Integral",):
                whole = one
            else:
                real = one
        elif one is None:
            has_none = True
        elif one == "boolean":
            is_bool = True
        elif one in ("array-like", list, tuple):
            is_list = True
        elif one == "cv_object":
            return {"name": name, "kind": "integer", "default": 5, "minimum": 2}
        elif isinstance(one, type) and one.__name__ in ("Integral",):
            whole = whole or validation.Interval(validation.Integral, None, None, closed="neither")
        elif isinstance(one, type) and one.__name__ in ("Real",):
            real = real or validation.Interval(validation.Real, None, None, closed="neither")
    # distances of all pairs are no columns
    choices = [one for one in choices if one not in ("precomputed", "precomputed_nearest_neighbors")]
    told: dict[str, Any] = {"name": name, "default": default}
    if name == "score_func":
        return None
    if name == "scoring":
        return None
    if isinstance(default, str) and not choices:
        choices = [default]
    if choices and (whole or real):
        return {**told, "kind": "mixed", "choices": choices, "none": has_none, **_bounds(whole, real)}
    if choices and is_bool:
        return {**told, "kind": "mixed", "choices": [*choices, "false", "true"], "none": has_none}
    if choices:
        if default is not None and default not in choices:
            return None
        return {**told, "kind": "choice", "choices": choices, "none": has_none or default is None}
    if is_bool and isinstance(default, bool):
        return {**told, "kind": "boolean"}
    if is_bool and not (whole or real):
        return None
    if is_list and isinstance(default, tuple) and all(isinstance(one, int) for one in default):
        return {**told, "kind": "integers", "default": list(default)}
    if is_list and isinstance(default, tuple) and all(isinstance(one, int | float) for one in default):
        return {**told, "kind": "numbers", "default": [float(one) for one in default]}
    if whole and real:
        return {**told, "kind": "share", "none": has_none, **_bounds(whole, real)}
    if whole:
        return {**told, "kind": "integer", "none": has_none, **_bounds(whole, None)}
    if real:
        return {**told, "kind": "number", "none": has_none, **_bounds(None, real)}
    return None


def _bounds(whole: Any, real: Any) -> dict[str, Any]:
    """The bounds of a number; of one that may be whole or real, the outer ones."""
    parts = [one for one in (whole, real) if one is not None]
    lows = [one.left for one in parts if one.left is not None and math.isfinite(one.left)]
    highs = [one.right for one in parts if one.right is not None and math.isfinite(one.right)]
    found: dict[str, Any] = {}
    if len(lows) == len(parts):
        low = min(lows)
        closed = any(one.closed in ("left", "both") for one in parts if one.left == low)
        found["minimum" if closed else "above"] = low
    if len(highs) == len(parts):
        high = max(highs)
        closed = any(one.closed in ("right", "both") for one in parts if one.right == high)
        found["maximum" if closed else "below"] = high
    if whole is not None:
        found["whole"] = True
    return found


def main() -> None:
    """Write the table."""
    import sklearn

    rows = survey()
    path = Path(__file__).with_name("_estimator_table.py")
    body = pprint.pformat(rows, width=118, sort_dicts=False, compact=True)
    text = f"{HEADER.format(version=sklearn.__version__)}ESTIMATORS: list[dict[str, Any]] = {body}\n"
    with atomic_write(path, "w") as file:
        file.write(text)
    print(path, len(rows))


if __name__ == "__main__":
    main()
