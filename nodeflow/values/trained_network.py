"""TrainedNetwork: a network with the weights it learned, and all that is needed to apply it to a raw table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from nodeflow.errors import NodeflowError, shorten
from nodeflow.values.specs import ModelSpec, TableSpec, Task

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.networks import Structure
    from nodeflow.values.network import Network

NETWORK, WEIGHTS, TRAINING = "network.json", "weights.safetensors", "training.json"
"""The parts of a model's bundle that hold a trained network."""


class TrainedNetworkError(NodeflowError):
    """The parts of a bundle are no trained network."""


class _Training(msgspec.Struct, forbid_unknown_fields=True):
    """`training.json`, strictly typed."""

    inputs: list[str]
    targets: list[str]
    losses: list[dict[str, str | bool | float | int]]
    task: str
    target: str | None
    classes: list[str | int | float | bool] | None
    preparation: dict[str, Any] | None
    history: list[dict[str, float | int | None]]
    record: dict[str, Any]


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network; treat it as immutable.

    Attributes:
        network: structure and weights.
        inputs: the array of the tensors for each input of the network, in its order.
        targets: the array each output was trained for.
        losses: the loss of each output by our name, with options such as `from_logits`.
        task: "regression", "classification", "forecast" or "reconstruction".
        target: the column of the raw table that is predicted.
        classes: the values behind the numbers of classes.
        preparation: how input arrays come out of a raw table; see `nodeflow.values.preparation`.
        history: one row an epoch: losses, metrics, learning rate, norms of gradients.
        record: seed, settings, versions, backend, device, and what else is worth knowing of the training.
    """

    network: Network
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    losses: tuple[Mapping[str, Any], ...]
    task: str
    target: str | None = None
    classes: tuple[Any, ...] | None = None
    preparation: Mapping[str, Any] | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def structure(self) -> Structure:
        """The layers of the network."""
        return self.network.structure

    def model_spec(self, learner: str) -> ModelSpec:
        """What a model of this network needs and gives."""
        return network_model_spec(
            self.structure, self.task, self.preparation, self.target, self.classes, learner
        )

    def to_members(self) -> dict[str, bytes]:
        """The parts of a bundle; the same network gives the same bytes."""
        from nodeflow.values.network import pack_arrays

        told = {
            "inputs": list(self.inputs),
            "targets": list(self.targets),
            "losses": [dict(one) for one in self.losses],
            "task": self.task,
            "target": self.target,
            "classes": None if self.classes is None else list(self.classes),
            "preparation": None if self.preparation is None else dict(self.preparation),
            "history": [dict(one) for one in self.history],
            "record": dict(self.record),
        }
        return {
            NETWORK: self.structure.to_json(),
            WEIGHTS: pack_arrays(self.network.weights),
            TRAINING: json.dumps(_finite(told), indent=1).encode(),
        }

    @classmethod
    def from_members(cls, members: Mapping[str, bytes]) -> TrainedNetwork:
        """The network of the parts of a bundle.

        Raises:
            TrainedNetworkError: they are damaged, or do not fit each other.
            NetworkError: the structure is none.
        """
        from nodeflow.networks import Structure
        from nodeflow.values.network import Network, unpack_arrays

        structure = Structure.from_json(members[NETWORK])
        told = read_training(members[TRAINING])
        weights = unpack_arrays(members[WEIGHTS], structure)
        missing = [name for name, _ in structure.weights() if name not in weights]
        if missing:
            raise TrainedNetworkError(f'it lacks the weight "{shorten(missing[0])}"')
        if len(told.inputs) != len(structure.inputs) or not (
            len(told.targets) == len(told.losses) == len(structure.outputs)
        ):
            raise TrainedNetworkError("its inputs and outputs are not those of its layers")
        if any("name" not in one for one in told.losses):
            raise TrainedNetworkError("a loss in it has no name")
        return cls(
            Network(structure, weights),
            tuple(told.inputs),
            tuple(told.targets),
            tuple(told.losses),
            told.task,
            told.target,
            None if told.classes is None else tuple(told.classes),
            told.preparation,
            tuple(told.history),
            told.record,
        )


def network_model_spec(
    structure: Structure | None,
    task: str,
    preparation: Mapping[str, Any] | None,
    target: str | None,
    classes: tuple[Any, ...] | None,
    learner: str,
) -> ModelSpec:
    """What a model of a network needs and gives, as far as it is known; `classes` may not be, before training."""
    import polars as pl

    from nodeflow.values.network import NetworkSpec

    known: Task = task if task in ("classification", "forecast", "reconstruction") else "regression"  # type: ignore[assignment]
    target_type: pl.DataType | None = pl.Float64() if known in ("regression", "forecast") else None
    if classes:
        target_type = _type_of(classes)
    return ModelSpec(
        known,
        TableSpec(_features(preparation)),
        target,
        target_type,
        classes,
        learner,
        network=None if structure is None else NetworkSpec(structure),
    )


def _features(preparation: Mapping[str, Any] | None) -> dict[str, pl.DataType]:
    """The columns of a raw table that are read; what tells time or groups is given the usual type."""
    import polars as pl

    if preparation is None:
        return {}
    from nodeflow.values.preparation import MOST_ROWS, columns_read

    types: dict[str, pl.DataType] = {}
    # in a unit of time, the rows of a window are not known before running; the columns are
    whole = {"lookback": MOST_ROWS, **preparation} if preparation.get("kind") == "windows" else preparation
    is_text = preparation.get("kind") in ("text", "pairs", "tags")
    for name in columns_read(whole):
        is_time, is_group = name == preparation.get("time"), name == preparation.get("group")
        types[name] = pl.Datetime("us") if is_time else pl.String() if is_group or is_text else pl.Float64()
    return types


def _type_of(classes: tuple[Any, ...]) -> pl.DataType:
    import polars as pl

    kinds = {type(one) for one in classes}
    if kinds == {bool}:
        return pl.Boolean()
    if kinds == {int}:
        return pl.Int64()
    return pl.Float64() if kinds <= {int, float} else pl.String()


def read_training(data: bytes) -> _Training:
    """The record of a training; raises `TrainedNetworkError` for anything else."""
    try:
        return msgspec.json.decode(data, type=_Training)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TrainedNetworkError(f"its record of the training is none: {shorten(str(error), 200)}") from None


def _finite(value: Any) -> Any:
    """Plain data in which numbers that JSON does not have are null."""
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
