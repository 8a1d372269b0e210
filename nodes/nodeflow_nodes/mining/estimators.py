"""A node for each estimator of scikit-learn that has none of its own, made from the table of `_survey`."""

from __future__ import annotations

import re
import warnings
from typing import Any, Literal

from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow_nodes.mining import _estimators, _special
from nodeflow_nodes.mining._curated import CURATED, Curated
from nodeflow_nodes.mining._estimator_table import ESTIMATORS
from nodeflow_nodes.mining._setting_help import HELP, OF_ONE

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_FIRST = (
    "n_clusters", "n_components", "n_neighbors", "n_estimators", "C", "alpha", "kernel", "max_depth", "learning_rate", "eps",
    "min_samples", "k", "percentile", "n_features_to_select", "strategy", "contamination", "nu", "l1_ratio", "degree",
    "n_bins", "max_features", "hidden_layer_sizes", "perplexity", "voting", "weights", "linkage", "criterion", "norm",
    "method", "threshold", "quantile", "power", "radius", "gamma", "class_weight", "min_samples_leaf", "n_quantiles",
)  # fmt: skip
"""Settings that people change, of nodes that are not curated; the others are folded away."""

_PURPOSE = {
    "SupervisedNode": "Learn to predict a target by scikit-learn's {name}.",
    "MetaNode": "Learn to predict a target by scikit-learn's {name}, made of another learner.",
    "ManyMetaNode": "Learn to predict a target by scikit-learn's {name}, made of several learners.",
    "SelectNode": "Keep the columns that say most of a target, by scikit-learn's {name}.",
    "MetaSelectNode": "Keep the columns that a learner makes most of, by scikit-learn's {name}.",
    "SupervisedReduceNode": "Make columns that tell most of a target, by scikit-learn's {name}.",
    "TextNode": "Make number columns of the words of texts, by scikit-learn's {name}.",
    "CovarianceNode": "Tell how columns vary together, by scikit-learn's {name}.",
    "DensityNode": "Tell how densely rows lie, by scikit-learn's {name}.",
    "NeighboursNode": "List the rows nearest to each row, by scikit-learn's {name}.",
    "EmbedNode": "Place rows in few dimensions by scikit-learn's {name}.",
    "RawReduceNode": "Change columns by scikit-learn's {name}.",
    "ReduceNode": "Make new columns by scikit-learn's {name}.",
    "PlainClusterNode": "Put rows into groups by scikit-learn's {name}.",
    "ModelClusterNode": "Put rows into groups by scikit-learn's {name}.",
    "OutlierNode": "Mark odd rows by scikit-learn's {name}.",
}

_PURPOSE_OF_ONE = {"VarianceThreshold": "Keep the columns that vary, by scikit-learn's VarianceThreshold."}

_PREPARED = (
    "Missing numbers are filled in by the column's median and texts become one 0/1 column a value{scaled}; all this "
    "is part of the model."
)
_TABLE = "table: The rows to learn from."
_LEARNER = "learner: The model of a learner, whose kind and settings are taken."
_BEFORE = "before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within."
_MODEL = "model: The model, for a Predictor."
_DETAILS = "details: What was learned: weights, importances or other facts."

_PORTS: dict[str, tuple[list[str], list[str]]] = {
    "SupervisedNode": ([_TABLE, _BEFORE], [_MODEL, _DETAILS]),
    "MetaNode": ([_TABLE, _LEARNER], [_MODEL, _DETAILS]),
    "ManyMetaNode": ([_TABLE, "learners: The models of learners, whose kinds and settings are taken."], [_MODEL, _DETAILS]),
    "SelectNode": (
        [_TABLE],
        ["table: The table with the columns that stay.", "model: What takes the same columns from other tables.",
         "details: For each column its score and whether it stays."],
    ),
    "CovarianceNode": (
        [_TABLE], ["table: The table with the distance of each row from the centre.", "details: The covariances."],
    ),
    "DensityNode": ([_TABLE], ["table: The table with the log density of each row.", _DETAILS]),
    "NeighboursNode": ([_TABLE], ["table: A row for each pair: row, neighbour, distance.", _DETAILS]),
    "EmbedNode": ([_TABLE], ["table: The table with the new columns.", _DETAILS]),
    "PlainClusterNode": ([_TABLE], ["table: The table with the group of each row.", "details: A row for each group."]),
    "ModelClusterNode": (
        [_TABLE],
        ["table: The table with the group of each row.", "model: What puts other rows into the same groups.",
         "details: A row for each group."],
    ),
    "OutlierNode": (
        [_TABLE],
        ["table: The table with a mark and a score for each row.", "model: What marks other rows.", _DETAILS],
    ),
}  # fmt: skip
_PORTS["MetaSelectNode"] = ([_TABLE, _LEARNER], _PORTS["SelectNode"][1])
for _role in ("SupervisedReduceNode", "TextNode", "RawReduceNode", "ReduceNode"):
    _PORTS[_role] = (
        [_TABLE],
        [
            "table: The table with the new columns.",
            "model: What makes them of other tables, by a Transform.",
            _DETAILS,
        ],
    )


def _settings(node: Any) -> dict[str, Any]:
    """The settings of a node as the estimator takes them."""
    found = {}
    for row in type(node).rows:
        value = getattr(node, row["attribute"])
        kind = row["kind"]
        if kind == "choice":
            value = None if value == "none" else int(value) if value.isdigit() else value
        elif kind == "mixed":
            value = _mixed(row, value)
        elif kind == "share" and isinstance(value, float) and value.is_integer():
            # 1 is all of the rows or one of them, as the default has it
            value = int(value) if value > 1 or isinstance(row["default"], int) else value
        elif kind in ("integers", "numbers"):
            value = tuple(value)
        found[row["name"]] = value
    if type(node).seeded:
        found["random_state"] = int(node.seed or 0)
    return found


def _mixed(row: dict[str, Any], text: str) -> Any:
    """A word or a number, from its text."""
    if text == "none":
        return None
    if text in ("true", "false") and text in row["choices"]:
        return text == "true"
    if text in row["choices"]:
        return text
    number = float(text)
    return (
        int(number)
        if row.get("whole") and number.is_integer() and (number > 1 or "." not in text)
        else number
    )


def _check_parameters(node: Any) -> list[Fault]:
    for row in type(node).rows:
        if row["kind"] != "mixed":
            continue
        text = getattr(node, row["attribute"])
        words = [*row["choices"], *(["none"] if row.get("none") else [])]
        if text in words:
            continue
        has_number = any(key in row for key in ("minimum", "above", "whole")) or "maximum" in row
        if has_number and _NUMBER.fullmatch(text) and _within(row, float(text)):
            continue
        told = ", ".join(f'"{word}"' for word in words)
        return [
            Fault(row["attribute"], f"must be {told}{' or a number' + _range(row) if has_number else ''}")
        ]
    return []


def _within(row: dict[str, Any], number: float) -> bool:
    return (
        number >= row.get("minimum", number)
        and number <= row.get("maximum", number)
        and ("above" not in row or number > row["above"])
        and ("below" not in row or number < row["below"])
    )


def _range(row: dict[str, Any]) -> str:
    words = {"minimum": "of at least", "above": "above", "maximum": "of at most", "below": "below"}
    parts = [f"{words[key]} {row[key]:g}" for key in words if key in row]
    return f" {' and '.join(parts)}" if parts else ""


def _declared(owner: str, row: dict[str, Any], told: Curated | None) -> tuple[Any, Any]:
    """The type and the declaration of a setting."""
    name, kind, default = row["name"], row["kind"], row["default"]
    label, unknown = name.replace("_", " "), f'The setting "{name}" of scikit-learn\'s {owner}.'
    words = OF_ONE.get((owner, name)) or HELP.get(name, unknown)
    if told is not None:
        label, words = told.settings.get(name, (label, words))
    options: dict[str, Any] = {"help": words, "label": label, "advanced": name not in _first(told)}
    bounds: dict[str, Any] = {
        key: float(row[key]) for key in ("minimum", "maximum", "above", "below") if key in row
    }
    if kind == "boolean":
        return bool, parameter(default=default, **options)
    if kind == "choice":
        choices = [*row["choices"], *(["none"] if row.get("none") else [])]
        return Literal[tuple(choices)], parameter(
            default="none" if default is None else str(default), **options
        )
    if kind == "mixed":
        text = (
            "none" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
        )
        named = ", ".join([*row["choices"], *(["none"] if row.get("none") else [])])
        has_number = any(key in row for key in ("minimum", "maximum", "above", "below", "whole"))
        options["help"] = f"{words} One of {named}{', or a number' + _range(row) if has_number else ''}."
        return str, parameter(default=text, min_length=1, **options)
    if kind == "integers":
        return list[int], parameter(default=list(default), **options)
    if kind == "numbers":
        return list[float], parameter(default=list(default), **options)
    made: Any = int if kind == "integer" else float
    if default is not None:
        default = made(default)
    return (made | None if row.get("none") or default is None else made), parameter(
        default=default, **bounds, **options
    )


def _first(told: Curated | None) -> tuple[str, ...]:
    """The settings shown first, in their order."""
    return _FIRST if told is None else tuple(told.settings)


def _words_of(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)


_TAKEN = {"keep", "column", "features", "target", "words", "task", "seed", "columns", "prefix", "scales"}


def _class_of(row: dict[str, Any]) -> type[Node]:
    """The node of one estimator."""
    public = row["class"]
    own = public.rpartition(".")[2]
    role = row["role"]
    base = getattr(_estimators, role, None) or getattr(_special, role)
    curated = CURATED.get(own)
    title = _words_of(own) if curated is None else curated.name
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {}
    rows = []
    first = _first(curated)
    known = {one["name"]: one for one in row["parameters"]}
    if curated is not None:
        shown = [known.pop(name) for name in first]
    else:
        shown = [known.pop(one["name"]) for one in row["parameters"] if one["name"] in first]
    for one in [*shown, *known.values()]:
        attribute = one["name"]
        if hasattr(base, attribute) or hasattr(Node, attribute) or attribute in _TAKEN:
            attribute = f"{attribute}_setting"
        annotations[attribute], body[attribute] = _declared(own, one, curated)
        rows.append({**one, "attribute": attribute})
    if row["seeded"]:
        annotations["seed"] = Seed | None
        body["seed"] = parameter(default=None, help="The random seed; empty to take one from the run's seed.")
    takes, gives = _PORTS[role]
    has_preparation = role not in ("TextNode", "RawReduceNode")
    if has_preparation and "MetaNode" not in role and role != "MetaSelectNode":
        annotations["one_scale"] = bool
        body["one_scale"] = parameter(
            default=row["scales"],
            label="Bring numbers to one scale",
            help="Whether numbers are brought to mean 0 and standard deviation 1 before.",
            advanced=True,
        )
    scaled = ", and numbers are brought to one scale unless told otherwise" if row["scales"] else ""
    prepared = _PREPARED.format(scaled=scaled) if has_preparation else ""
    lines = [
        _PURPOSE_OF_ONE.get(own, _PURPOSE[role].format(name=own)) if curated is None else curated.purpose,
        "",
        *([] if curated is None else [curated.advice, ""]),
        f"{prepared} What the settings mean is said at length in scikit-learn's page on sklearn.{public}.".strip(),
        "",
        "Inputs:",
        *(f"    {one}" for one in takes),
        "Outputs:",
        *(f"    {one}" for one in gives),
    ]
    body |= {
        "__annotations__": annotations,
        "__doc__": "\n".join(lines),
        "__module__": __name__,
        "__qualname__": own,
        "id": f"sklearn_{re.sub(r'[^a-z0-9]+', '_', title.lower())}" if curated is None else curated.id,
        "name": title,
        "category": f"Mining / scikit-learn / {row['group']}"
        if curated is None
        else f"Mining / {curated.place}",
        "keywords": (own, *(() if curated is None else curated.keywords), "scikit-learn", "sklearn", public),
        "rows": tuple(rows),
        "seeded": row["seeded"],
        "estimator": _estimator_of(public, row["given"]),
        "check_parameters": _check_parameters,
    }
    if row["task"]:
        body["tasks"] = (row["task"],)
    if row["given"]:
        body["given"] = row["given"]
    if row["replaces"]:
        body["replaces"] = True
    if own in ("OneHotEncoder", "OrdinalEncoder"):
        body["takes"] = "text"
    return type(own, (base,), body)


def _estimator_of(public: str, given: str) -> Any:
    def estimator(self: Any, task: Any) -> Any:
        from nodeflow.values.recipe import estimator_class

        # learners are put in their place later
        places: dict[str, Any] = {given: [] if given == "estimators" else None} if given else {}
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # that scikit-learn will drop it, a user cannot mend
            return estimator_class(public)(**places, **_settings(self))

    return estimator


for _row in ESTIMATORS:
    _made = _class_of(_row)
    globals()[_made.__name__] = _made
