"""Whether what a model file holds is sound: sizes before arrays are made, trees before they predict."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

from nodeflow.values.specs import ModelSpec

_DAMAGED = "one of its decision trees is damaged"
_TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")


def check_arrays(members: Mapping[str, bytes]) -> None:
    """Raise `ValueError` unless each member is an array that is as large as it says, without objects."""
    import numpy as np

    for name, data in members.items():
        file = io.BytesIO(data)
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        elif version == (2, 0):
            shape, _, dtype = np.lib.format.read_array_header_2_0(file)
        else:
            raise ValueError(f"its part {name} is of a format that is not known")
        count = math.prod(shape)
        is_sized = dtype.itemsize > 0 or count == 0
        if dtype.hasobject or min(shape, default=0) < 0 or not is_sized:
            raise ValueError(f"its part {name} is no plain array")
        if count * dtype.itemsize != len(data) - file.tell():
            raise ValueError(f"its part {name} is not as large as it says")


def check_estimator(estimator: Any, spec: ModelSpec) -> None:
    """Raise `ValueError` unless a loaded estimator fits its description and its trees are sound."""
    for part in _parts(estimator):
        own = vars(part) if hasattr(part, "__dict__") else {}
        if any(callable(getattr(type(part), name, None)) for name in own):
            # a type is callable too: one in the place of a method would go round what the method checks
            raise ValueError("it replaces a method")
    if spec.task in ("regression", "classification") and not hasattr(estimator, "predict"):
        raise ValueError("what it holds cannot predict")
    if spec.task == "transformation" and not hasattr(estimator, "transform"):
        raise ValueError("what it holds cannot transform")
    if getattr(estimator, "n_features_in_", len(spec.features.columns)) != len(spec.features.columns):
        raise ValueError("it takes another number of columns than it says")
    if spec.task == "classification" and spec.classes is not None:
        known = getattr(estimator, "classes_", ())
        if [str(one) for one in known] != [str(one) for one in spec.classes]:
            raise ValueError("it gives other classes than it says")
    check_trees(estimator)


def check_trees(estimator: Any) -> None:
    """Raise `ValueError` unless every decision tree within is sound.

    A tree indexes memory by the numbers of its nodes, unchecked: children must come after their parent
    and exist, features must be among the columns that scikit-learn makes sure to hand in.
    """
    parts = _parts(estimator)
    trees = {id(one) for one in parts if _is_tree(one)}
    for one in parts:
        name = type(one).__name__
        if name in _TREES and hasattr(one, "tree_"):
            width = _whole(getattr(one, "n_features_in_", None))
            if not _is_tree(one.tree_) or one.tree_.n_features != width or not _is_sound(one.tree_):
                raise ValueError(_DAMAGED)
            trees.discard(id(one.tree_))
        elif hasattr(one, "estimators_") and type(one).__module__ == "sklearn.ensemble._forest":
            width = _whole(getattr(one, "n_features_in_", None))
            members = one.estimators_ if isinstance(one.estimators_, list) else [None]
            if any(
                type(member).__name__ not in _TREES or getattr(member, "n_features_in_", None) != width
                for member in members
            ):
                raise ValueError(_DAMAGED)
    if trees:  # one that no estimator owns has no known width
        raise ValueError(_DAMAGED)


def _is_tree(one: Any) -> bool:
    return type(one).__name__ == "Tree" and type(one).__module__ == "sklearn.tree._tree"


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(_DAMAGED)
    return value


def _is_sound(tree: Any) -> bool:
    import numpy as np

    left, right, feature = tree.children_left, tree.children_right, tree.feature
    count = len(left)
    if not (0 < count == tree.node_count == tree.capacity == len(right) == len(feature)):
        return False
    if tree.value.shape != (count, tree.n_outputs, tree.max_n_classes):
        return False
    leaf = left == -1
    inner = ~leaf
    nodes = np.arange(count)[inner]
    return bool(
        (right[leaf] == -1).all()
        and ((nodes < left[inner]) & (left[inner] < count)).all()
        and ((nodes < right[inner]) & (right[inner] < count)).all()
        and ((feature[inner] >= 0) & (feature[inner] < tree.n_features)).all()
    )


def _parts(estimator: Any) -> list[Any]:
    """Every object below an estimator, found by walking plain containers and attributes, each once."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif getattr(getattr(one, "dtype", None), "kind", "") == "O":
            items = one.ravel().tolist()
            waiting.extend(items)
            found.append(items)  # kept alive, so that no id is used twice
        elif type(one).__module__.startswith("sklearn."):
            found.append(one)
            waiting.extend(vars(one).values() if hasattr(one, "__dict__") else ())
    return found
