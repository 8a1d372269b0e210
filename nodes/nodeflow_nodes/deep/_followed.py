"""What a node that follows a network step by step is given: samples, targets, the layers and the loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, did_you_mean, listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from nodeflow.networks import Structure
    from nodeflow.values import Model, Network, Tensors
    from nodeflow_nodes.deep._recurrent.layers import Recurrent
    from nodeflow_nodes.deep._recurrent.stack import Loss, Stack

MOST_STEPS = 5_000
"""Steps of a sample that are followed at most, as each is kept whole."""

TITLES = {"simple_rnn": "Simple RNN", "lstm": "LSTM", "gru": "GRU"}


@dataclass
class Followed:
    """Layers with samples that go through them; `notes` are told to the user."""

    stack: Stack
    x: np.ndarray
    target: np.ndarray
    loss: Loss
    notes: list[str] = field(default_factory=list)


def network_of(model: Model | None, network: Network | None) -> Network | None:
    """The network of the model or the wire, None if neither is connected.

    Raises:
        NodeFailed: both are connected, or the model holds no network.
    """
    if model is None:
        return network
    if network is not None:
        raise NodeFailed("a model and a network are both connected; connect only one of them")
    trained = getattr(model, "network", None)
    if trained is None:
        raise NodeFailed("the model is no network; connect the model of a Deep Learner")
    found: Network = trained.network
    return found


def samples_of(tensors: Tensors, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray | None]:
    """The input and the target of these samples, counted from 1; the target is None if there is none.

    Raises:
        NodeFailed: there is no such sample, no single input, or it has no axis of time.
    """
    import numpy as np

    inputs, targets = tensors.inputs(), tensors.targets()
    if len(inputs) != 1:
        raise NodeFailed(
            f"the tensors have {len(inputs)} inputs, {listing(inputs)}; step by step one is followed"
        )
    if len(targets) > 1:
        raise NodeFailed(
            f"the tensors have {len(targets)} targets, {listing(targets)}; step by step one is followed"
        )
    for row in rows:
        if row > tensors.samples:
            raise NodeFailed(f"there is no sample {row:,}; the tensors have {tensors.samples:,}")
    found = tensors.take(np.array([row - 1 for row in rows]))
    x = np.asarray(found[inputs[0]], np.float64)
    if x.ndim not in (2, 3):
        raise NodeFailed(
            f'a sample of "{inputs[0]}" has {x.ndim - 1} axes; a sequence has two: steps and features'
        )
    if not np.isfinite(x).all():
        raise NodeFailed(f'the samples of "{inputs[0]}" have missing or infinite numbers; fill them before')
    if x.shape[1] > MOST_STEPS:
        raise NodeFailed(f"a sample has {x.shape[1]:,} steps; {MOST_STEPS:,} are the most that are followed")
    return x, np.asarray(found[targets[0]], np.float64) if targets else None


def followed(
    tensors: Tensors,
    rows: Sequence[int],
    network: Network | None,
    kind: str,
    config: Mapping[str, Any],
    seed: int,
) -> Followed:
    """The samples with the layers of the network; without one, with a layer of that kind and a dense one after it."""
    from nodeflow_nodes.deep._recurrent.reading import stack_of
    from nodeflow_nodes.deep._recurrent.stack import Loss

    x, target = samples_of(tensors, rows)
    notes: list[str] = []
    is_classes = tensors.task == "classification" and target is not None
    classes = len(tensors.classes or ()) if is_classes else 0
    if network is not None:
        structure = network.structure
        _check_fit(structure, x)
        stack = stack_of(structure, network.weights, seed)
        if not network.weights:
            notes.append("the network is untrained: its weights are drawn as Keras draws them")
    else:
        if x.ndim == 2:
            x = x[:, :, None]
        stack = plain_stack(kind, config, x, target, classes, seed)
        one = f"an {TITLES[kind]}" if kind == "lstm" else f"a {TITLES[kind]}"
        notes.append(f"no network is connected: {one} with weights as Keras draws them is shown")
    out = stack.forward(x[:1])[-1].out
    if target is None:
        notes.append("the tensors have no target: J is half the sum of the squared outputs")
        return Followed(stack, x, stack.forward(x)[-1].out * 0.0, Loss("squared"), notes)
    last = stack.steps[-1]
    if is_classes and getattr(last, "is_softmax", False):
        return Followed(stack, x, _one_hot(target, out.shape), Loss("crossentropy"), notes)
    is_shares = getattr(getattr(last, "g", None), "name", "") == "sigmoid"
    target = target.reshape(len(x), *out.shape[1:]) if target[0].size == out[0].size else target
    return Followed(stack, x, target, Loss("binary" if is_classes and is_shares else "squared"), notes)


def plain_stack(
    kind: str, config: Mapping[str, Any], x: np.ndarray, target: np.ndarray | None, classes: int, seed: int
) -> Stack:
    """One recurrent layer and one dense one that gives what the target wants."""
    import numpy as np

    from nodeflow_nodes.deep._recurrent.layers import Dense, Recurrent
    from nodeflow_nodes.deep._recurrent.stack import Stack
    from nodeflow_nodes.deep._recurrent.weights import cell_of, glorot, initial_weights

    random = np.random.default_rng(seed)
    cell = cell_of(kind, config, initial_weights(kind, x.shape[2], config, random))
    steps = target is not None and target.ndim >= 2 and target.shape[1] == x.shape[1] and target.shape[1] > 1
    outputs = classes or (1 if target is None else int(np.prod(target.shape[2 if steps else 1 :])))
    dense = Dense("output", glorot(cell.units, outputs, random), None, "softmax" if classes else None)
    return Stack([Recurrent(kind, (cell,), (False,), sequences=steps), dense])


def layer_of(stack: Stack, id: str, kind: str) -> Recurrent:
    """The recurrent layer of that id, or the first of that kind.

    Raises:
        NodeFailed: there is none.
    """
    from nodeflow_nodes.deep._recurrent.gru import Gru
    from nodeflow_nodes.deep._recurrent.lstm import Lstm
    from nodeflow_nodes.deep._recurrent.simple_rnn import SimpleRnn

    wanted = {"simple_rnn": SimpleRnn, "lstm": Lstm, "gru": Gru}[kind]
    layers = [one for one in stack.recurrent() if isinstance(one.cells[0], wanted)]
    if not layers:
        there = listing(sorted({type(one.cells[0]).__name__ for one in stack.recurrent()}))
        raise NodeFailed(f"the network has no {TITLES[kind]} layer, only {there}; use the explorer of that")
    if not id:
        return layers[0]
    for one in layers:
        if one.id == id:
            return one
    raise NodeFailed(
        f'there is no {TITLES[kind]} layer "{id}"; {did_you_mean(id, [one.id for one in layers])}'
    )


def _check_fit(structure: Structure, x: np.ndarray) -> None:
    wanted = structure.inputs[0].shape
    fits = len(wanted) == x.ndim - 1 and all(
        size in (None, came) for size, came in zip(wanted, x.shape[1:], strict=True)
    )
    if not fits:
        told = " x ".join("any" if size is None else str(size) for size in wanted)
        came = " x ".join(str(size) for size in x.shape[1:])
        raise NodeFailed(f"the network takes samples of {told}, but those of the tensors are {came}")


def _one_hot(target: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    import numpy as np

    if target.shape[1:] == shape[1:]:
        return target
    return np.eye(shape[-1])[target.astype(np.int64).reshape(len(target), *shape[1:-1])]
