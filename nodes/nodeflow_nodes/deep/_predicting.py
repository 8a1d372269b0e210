"""Predictions of networks as columns of a table, in the target's own unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing
from nodeflow_nodes.deep._label_chains import best_labels, is_chain
from nodeflow_nodes.deep._training import apply_network, in_own_unit, matched, prepared, trained_network

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values.model import Model
    from nodeflow.values.specs import ModelSpec
    from nodeflow.values.tensors import Tensors
    from nodeflow.values.trained_network import TrainedNetwork

    Numbers = np.ndarray[Any, np.dtype[Any]]

MOST_COLUMNS = 10_000
"""Columns that one prediction may take, such as the steps of a forecast."""


def prediction_name(spec: ModelSpec, column: str) -> str:
    """The name of the new column, chosen or usual."""
    usual = (
        "Reconstruction error" if spec.task == "reconstruction" else f"Prediction ({spec.target or 'target'})"
    )
    return column or usual


def prediction_columns(
    spec: ModelSpec, column: str, probabilities: bool, spread: bool = False
) -> dict[str, pl.DataType] | None:
    """The new columns with their types; None where they are not known before running."""
    import polars as pl

    name = prediction_name(spec, column)
    if spec.task == "classification" and _is_each_step(spec):
        return {name: pl.List(spec.target_type or pl.Int64())}
    if spec.task == "classification":
        if spec.classes is None or spec.target_type is None:
            return None
        found: dict[str, pl.DataType] = {name: spec.target_type}
        labels = [f"P ({spec.target or 'target'}={label})" for label in spec.classes]
        if probabilities:
            found |= dict.fromkeys(labels, pl.Float64())
        if spread:
            found |= {f"{label} deviation": pl.Float64() for label in labels}
        return found
    names = [name] if spec.task == "reconstruction" else _numbered(name, _width(spec))
    found = dict.fromkeys(names, pl.Float64())
    if spread and spec.task != "reconstruction":
        found |= {f"{one} deviation": pl.Float64() for one in names}
    return found


def _is_each_step(spec: ModelSpec) -> bool:
    """Whether the network tells a class for each step of a sample, not one for the whole."""
    if spec.network is None:
        return False
    structure = spec.network.structure
    return len(structure.shapes()[structure.outputs[0]]) > 1


def _numbered(name: str, count: int) -> list[str]:
    return [name] if count == 1 else [f"{name} {place + 1}" for place in range(count)]


def _width(spec: ModelSpec) -> int:
    """The numbers that the first output gives for a sample."""
    if spec.network is None:
        return 1
    structure = spec.network.structure
    return math.prod(size or 1 for size in structure.shapes()[structure.outputs[0]])


def predict_tensors(
    model: Model,
    data: Tensors,
    context: Context,
    *,
    column: str = "",
    probabilities: bool = False,
    passes: int = 0,
    batch_size: int = 0,
    seed: int = 0,
) -> list[pl.Series]:
    """The columns of predictions for tensors, one row a sample."""
    trained, spec = trained_network(model), model.spec
    output = trained.structure.outputs[0]
    applied = apply_network(
        trained.network,
        matched(trained, data),
        data,
        context,
        passes=passes,
        seed=seed,
        batch_size=batch_size,
    )
    values = applied.values[output]
    spread = applied.spread.get(output)
    types = prediction_columns(spec, column, probabilities, spread is not None)
    if types is None:
        raise NodeFailed("the model does not know its classes; train it on tensors with classes")
    if spec.task == "reconstruction":
        return [_error_column(trained, data, values, next(iter(types)))]
    if spec.task == "classification":
        return _class_columns(trained, values, spread, types, probabilities)
    return _number_columns(trained, values, spread, data, types)


def _error_column(trained: TrainedNetwork, data: Tensors, values: Numbers, name: str) -> pl.Series:
    """How far what comes out is from what went in, as the mean of squares."""
    import numpy as np
    import polars as pl

    wanted = data.arrays[trained.targets[0] if trained.targets[0] in data.arrays else data.inputs()[0]]
    given = wanted.to_numpy().reshape(len(values), -1).astype("float64")
    errors = np.square(given - values.reshape(len(values), -1)).mean(axis=1)
    return pl.Series(name, errors, dtype=pl.Float64)


def _class_columns(
    trained: TrainedNetwork,
    values: Numbers,
    spread: Numbers | None,
    types: dict[str, pl.DataType],
    probabilities: bool,
) -> list[pl.Series]:
    import polars as pl

    from nodeflow_nodes.deep._training import probabilities as shares_of

    if values.ndim > 2:
        output = trained.structure.outputs[0]
        places = best_labels(values) if is_chain(trained.structure, output) else values.argmax(axis=-1)
        return [_label_column(trained, places, *next(iter(types.items())))]
    shares = shares_of(trained, trained.structure.outputs[0], values)
    names = list(types)
    labels = list(trained.classes or ())
    if shares.shape[1] != len(labels):
        raise NodeFailed(f"the network gives {shares.shape[1]} numbers, but there are {len(labels)} classes")
    chosen = [labels[place] for place in shares.argmax(axis=1)]
    columns = [pl.Series(names[0], chosen, dtype=types[names[0]])]
    rest = names[1:]
    if probabilities:
        columns += [pl.Series(name, shares[:, place]) for place, name in enumerate(rest[: len(labels)])]
        rest = rest[len(labels) :]
    if spread is not None:
        wide = spread if spread.shape[1] == len(labels) else spread.repeat(len(labels), axis=1)
        columns += [pl.Series(name, wide[:, place].astype("float64")) for place, name in enumerate(rest)]
    return columns


def _label_column(trained: TrainedNetwork, places: Numbers, name: str, dtype: pl.DataType) -> pl.Series:
    """The class of each step, a list a sample; null where a step has none."""
    import polars as pl

    steps = math.prod(places.shape[1:])
    if steps > MOST_COLUMNS:
        raise NodeFailed(f"the network gives {steps:,} classes a sample; a table would be too wide")
    numbers = pl.Series(places.reshape(-1).astype("int64"))
    numbers = numbers.set(numbers < 0, None)
    told = numbers if trained.classes is None else pl.Series(trained.classes).gather(numbers)
    return told.reshape((len(places), steps)).arr.to_list().cast(dtype).alias(name)


def _number_columns(
    trained: TrainedNetwork,
    values: Numbers,
    spread: Numbers | None,
    data: Tensors,
    types: dict[str, pl.DataType],
) -> list[pl.Series]:
    import polars as pl

    output = trained.structure.outputs[0]
    own = in_own_unit(trained, output, values, data).reshape(len(values), -1)
    if own.shape[1] > MOST_COLUMNS:
        raise NodeFailed(f"the network gives {own.shape[1]:,} numbers a row; a table would be too wide")
    parts = [own]
    if spread is not None:
        higher = in_own_unit(trained, output, values + spread, data).reshape(len(values), -1)
        parts.append(abs(higher - own))
    found = [part[:, place] for part in parts for place in range(part.shape[1])]
    return [pl.Series(name, one, dtype=pl.Float64) for name, one in zip(types, found, strict=True)]


def predict_table(
    model: Model,
    frame: pl.DataFrame,
    context: Context,
    *,
    column: str = "",
    probabilities: bool = False,
    passes: int = 0,
    batch_size: int = 0,
    seed: int = 0,
) -> pl.DataFrame:
    """The table with the predictions; null in rows at which no prediction is made, as no window ends there."""
    import polars as pl

    trained = trained_network(model)
    types = prediction_columns(model.spec, column, probabilities, passes > 0) or {}
    clashes = [name for name in types if name in frame.columns]
    if clashes:
        raise NodeFailed(f"the table has {listing(clashes)} already; give the new column another name")
    if not frame.height:
        return frame.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in types.items())
    data, rows = prepared(trained, frame, context, with_targets=False)
    found = predict_tensors(
        model,
        data,
        context,
        column=column,
        probabilities=probabilities,
        passes=passes,
        batch_size=batch_size,
        seed=seed,
    )
    place = pl.Series("place", [None] * frame.height, dtype=pl.UInt32)
    if len(rows):
        place = place.scatter(rows, range(len(rows)))
    return frame.hstack(
        [one.gather(place) if len(one) else place.cast(one.dtype).alias(one.name) for one in found]
    )


def true_values(model: Model, data: Tensors, taken: set[str]) -> list[pl.Series]:
    """The targets of tensors in their own unit, as columns; none where the tensors hold none."""
    import polars as pl

    trained, spec = trained_network(model), model.spec
    name = trained.targets[0]
    if name not in data.arrays or spec.task == "reconstruction":
        return []
    values = data.arrays[name].to_numpy()
    title = spec.target or "target"
    if spec.task == "classification":
        if values.ndim > 1 and _is_each_step(spec):
            one_hot = values.ndim > 2
            places = values.argmax(axis=-1) if one_hot else values
            return [_label_column(trained, places, title, pl.List(spec.target_type or pl.Int64()))]
        labels = values.reshape(len(values), -1)
        one_hot = labels.shape[1] > 1
        places = labels.argmax(axis=1) if one_hot else labels[:, 0].astype("int64")
        found = [
            pl.Series(title, [(trained.classes or ())[place] for place in places], dtype=spec.target_type)
        ]
    else:
        own = in_own_unit(trained, trained.structure.outputs[0], values, data).reshape(len(values), -1)
        names = _numbered(title, own.shape[1])
        found = [pl.Series(one, own[:, place], dtype=pl.Float64) for place, one in enumerate(names)]
    return [one for one in found if one.name not in (*taken, "row")]
