"""What was learned, as tables: weights, importances, rules of trees, centres, and other facts of a fitted estimator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow_nodes.mining._training import Training

_MOST_ROWS = 10_000


def details_of(estimator: Any, data: Training) -> pl.DataFrame:
    """A table on a fitted pipeline: its weights, else its importances, else its facts."""
    from nodeflow_nodes.mining._training import terms_of

    learner = estimator.named_steps["learn"]
    terms = terms_of(estimator, data.spec)
    weights = getattr(learner, "coef_", None)
    if weights is not None and not callable(weights):
        found = weight_table(learner, weights, [term for _, term in terms])
        if found is not None:
            return found
    shares = getattr(learner, "feature_importances_", None)
    if shares is not None and len(shares) == len(terms):
        return importance_table(terms, shares)
    return fact_table(learner, [term for _, term in terms])


def weight_table(learner: Any, weights: Any, terms: Sequence[str]) -> pl.DataFrame | None:
    """The weights of a linear model, a column for each class if there are several; the intercept first."""
    import numpy as np
    import polars as pl

    matrix = np.atleast_2d(np.asarray(getattr(weights, "toarray", lambda: weights)(), dtype=float))
    if matrix.shape[1] != len(terms) and matrix.shape[0] == len(terms):
        matrix = matrix.T
    if matrix.shape[1] != len(terms):
        return None
    offset = np.atleast_1d(np.asarray(getattr(learner, "intercept_", 0.0), dtype=float))
    offset = np.resize(offset, matrix.shape[0])
    classes = [str(one) for one in getattr(learner, "classes_", ())]
    if matrix.shape[0] == 1:
        titles = [f"weight ({classes[1]})" if len(classes) == 2 else "weight"]
    elif matrix.shape[0] == len(classes):
        titles = [f"weight ({one})" for one in classes]
    else:
        titles = [f"weight {place + 1}" for place in range(matrix.shape[0])]
    columns = {title: [float(first), *row] for title, first, row in zip(titles, offset, matrix, strict=True)}
    return pl.DataFrame({"term": ["(intercept)", *terms], **columns})


def importance_table(terms: list[tuple[str, str]], shares: np.ndarray) -> pl.DataFrame:
    """The importance of each column, a text's being the sum over its values; the most important first."""
    import polars as pl

    found: dict[str, float] = {}
    for (column, _), share in zip(terms, shares, strict=True):
        found[column] = found.get(column, 0.0) + float(share)
    return pl.DataFrame(
        {"column": list(found), "importance": list(found.values())},
        schema={"column": pl.String, "importance": pl.Float64},
    ).sort("importance", descending=True, maintain_order=True)


def fact_table(learner: Any, terms: Sequence[str]) -> pl.DataFrame:
    """The fitted facts of an estimator, a row for each number: fact, of what, value."""
    import numpy as np
    import polars as pl

    rows: list[tuple[str, str, float | None, str]] = []
    classes = [str(one) for one in getattr(learner, "classes_", ())]
    for name, value in sorted(_fitted(learner).items()):
        fact = name.strip("_").replace("_", " ")
        if isinstance(value, bool | np.bool_ | str) or value is None:
            rows.append((fact, "", None, str(value)))
            continue
        if isinstance(value, int | float | np.number):
            rows.append((fact, "", float(value), ""))
            continue
        array = np.asarray(getattr(value, "toarray", lambda value=value: value)())
        if array.dtype.kind not in "biuf" or array.ndim not in (1, 2) or array.size > _MOST_ROWS:
            continue
        for place, number in np.ndenumerate(array.astype(float)):
            labels = [
                _label(index, size, terms, classes) for index, size in zip(place, array.shape, strict=True)
            ]
            rows.append((fact, ", ".join(labels), float(number), ""))
        if len(rows) > _MOST_ROWS:
            break
    schema = {"fact": pl.String, "of": pl.String, "value": pl.Float64, "text": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("value").fill_nan(None))


def _fitted(learner: Any) -> Mapping[str, Any]:
    """The public attributes that fitting gave."""
    kept = {}
    for name in vars(learner):
        if name.endswith("_") and not name.startswith("_") and name not in ("classes_", "n_features_in_"):
            kept[name] = getattr(learner, name, None)
    return {
        name: value
        for name, value in kept.items()
        if value is None or isinstance(value, bool | int | float | str) or hasattr(value, "dtype")
    }


def _label(index: int, size: int, terms: Sequence[str], classes: Sequence[str]) -> str:
    if size == len(terms):
        return terms[index]
    return classes[index] if size == len(classes) else str(index + 1)


def tree_table(tree: Any, terms: Sequence[str], classes: Sequence[str]) -> pl.DataFrame:
    """The nodes of a decision tree from the root on, each below its parent, with its rule, rows and prediction."""
    import numpy as np
    import polars as pl

    inner = tree.tree_
    rows: list[dict[str, Any]] = []
    waiting: list[tuple[int, int, int | None, str]] = [(0, 0, None, "(all rows)")]
    while waiting:
        node, depth, parent, rule = waiting.pop()
        values = inner.value[node][0]
        told: dict[str, Any] = {
            "node": node,
            "parent": parent,
            "depth": depth,
            "rule": rule,
            "rows": int(inner.n_node_samples[node]),
            "impurity": float(inner.impurity[node]),
            "leaf": bool(inner.children_left[node] == -1),
        }
        if classes:
            told["prediction"] = classes[int(np.argmax(values))]
            shares = values / values.sum() if values.sum() else values
            told |= {f"share ({one})": float(share) for one, share in zip(classes, shares, strict=True)}
        else:
            told["prediction"] = float(values[0])
        rows.append(told)
        if not told["leaf"]:
            term, limit = terms[inner.feature[node]], float(inner.threshold[node])
            right, left = int(inner.children_right[node]), int(inner.children_left[node])
            waiting.append((right, depth + 1, node, f"{term} > {limit:.6g}"))
            waiting.append((left, depth + 1, node, f"{term} <= {limit:.6g}"))
    return pl.DataFrame(rows, infer_schema_length=None)
