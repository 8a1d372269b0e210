"""What a network is trained for: which array meets which input and output, and the loss that fits.

All of it is known before running, so that a last layer that does not fit the target is a fault in the editor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeflowError, listing

if TYPE_CHECKING:
    from nodeflow.networks.structure import Structure
    from nodeflow.values.tensor_specs import ArraySpec, Shape, TensorsSpec

OF_CLASSES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")

OF_SEQUENCES = ("ctc", "crf")
"""Losses of a whole sequence."""

_SQUASHED = ("sigmoid", "hard_sigmoid")
_POSITIVE = ("softplus", "exponential", "relu", "sigmoid", "softmax")


class GoalError(NodeflowError):
    """A network and tensors do not fit together; the sentence says how to mend it."""


@dataclass(frozen=True)
class Goal:
    """What one output is trained for.

    `loss` is the loss by our name with its options; `depth` counts the axes of its values, samples included.
    """

    output: str
    target: str
    loss: Mapping[str, Any]
    depth: int


@dataclass(frozen=True)
class Plan:
    """The arrays of the inputs, in the network's order, and the goals of the outputs."""

    inputs: tuple[str, ...]
    goals: tuple[Goal, ...]

    def to_data(self) -> dict[str, Any]:
        """How arrays are read, as the Keras process wants it."""
        return {
            "inputs": list(self.inputs),
            "targets": [one.target for one in self.goals],
            "depths": [one.depth for one in self.goals],
            "chains": [one.loss["name"] == "crf" for one in self.goals],
        }

    def usual_metrics(self) -> tuple[str, ...]:
        """The metrics that are told where none are chosen."""
        names = {one.loss["name"] for one in self.goals}
        if names <= {*OF_CLASSES, "crf"}:
            return ("accuracy",)
        return () if names == {"ctc"} else ("mae",)


def plan_of(structure: Structure, data: TensorsSpec, loss: str = "auto") -> Plan:
    """Match a network with tensors to be trained on.

    Raises:
        GoalError: they do not fit.
        NetworkError: the network does not hold together by itself.
    """
    inputs = match_inputs(structure, data)
    targets = data.targets or (data.inputs if data.task == "reconstruction" else ())
    if not targets:
        raise GoalError(
            "the data has no target to learn; choose one in the node that makes the tensors, or mark them for "
            "reconstruction"
        )
    if len(targets) != len(structure.outputs):
        raise GoalError(
            f"the network has {_count(structure.outputs, 'output')}, but the data {_count(targets, 'target')}; "
            "give each target an output"
        )
    named = set(targets) == set(structure.outputs)
    pairs = [
        (output, output if named else target)
        for output, target in zip(structure.outputs, targets, strict=True)
    ]
    return Plan(inputs, tuple(_goal(structure, data, output, target, loss) for output, target in pairs))


def match_inputs(structure: Structure, data: TensorsSpec) -> tuple[str, ...]:
    """The arrays for the inputs of a network, in its order: by name, else in the order of the data."""
    wanted = [one.name for one in structure.inputs]
    if len(wanted) != len(data.inputs):
        raise GoalError(
            f"the network has {_count(wanted, 'input')}, but the data {_count(data.inputs, 'input')}; "
            "make one for each"
        )
    found = tuple(wanted) if set(wanted) == set(data.inputs) else tuple(data.inputs)
    for one, name in zip(structure.inputs, found, strict=True):
        given = data.arrays[name].shape
        if not _fits(one.shape, given):
            raise GoalError(
                f'the input "{one.name}" of the network takes {_shown(one.shape)}, but the array "{name}" of the data has '
                f"{_shown(given)}; begin the network with a Network Input on these data"
            )
    return found


def _fits(wanted: Shape, given: Shape) -> bool:
    return len(wanted) == len(given) and all(
        one is None or two is None or one == two for one, two in zip(wanted, given, strict=True)
    )


def _goal(structure: Structure, data: TensorsSpec, output: str, target: str, asked: str) -> Goal:
    shape = structure.shapes()[output]
    spec = data.arrays[target]
    last = last_activation(structure, output)
    is_of_classes = data.task == "classification" or (
        data.task == "" and spec.dtype.startswith(("int", "uint", "bool"))
    )
    found = (
        _auto_loss(structure, output, shape, spec, last, is_of_classes)
        if asked == "auto"
        else {"name": asked}
    )
    name = found["name"]
    if asked != "auto" and last == "linear" and name in OF_CLASSES:
        found = {**found, "from_logits": True}
    classes = data.classes if data.task == "classification" else None
    told = str((data.preparation or {}).get("target") or target) if len(data.targets) == 1 else target
    _check_chain(structure, name, output, shape, told, spec, classes)
    if name != "crf":
        _check(name, output, shape, told, spec, last, classes)
    return Goal(output, target, found, 1 if name in OF_SEQUENCES else max(len(shape), 1))


def last_activation(structure: Structure, output: str) -> str:
    """The function on the numbers of an output: "linear", "softmax", ..."""
    known = {layer.id: layer for layer in structure.layers}
    while output in known:
        layer = known[output]
        if layer.kind in ("flatten", "reshape", "dropout", "permute", "identity", "cropping1d", "cropping2d"):
            output = layer.inbound[0]
            continue
        if layer.kind == "softmax":
            return "softmax"
        told = layer.config.get("activation", "linear")
        return str(told) if told else "linear"
    return "linear"


def _auto_loss(
    structure: Structure, output: str, shape: Shape, target: ArraySpec, last: str, is_of_classes: bool
) -> dict[str, Any]:
    layer = next((one for one in structure.layers if one.id == output), None)
    if layer is not None and layer.kind in ("ctc_head", "crf_head"):
        return {"name": layer.kind.removesuffix("_head")}
    if not is_of_classes:
        return {"name": "mse"}
    logits = {"from_logits": True} if last == "linear" else {}
    if shape and shape[-1] == 1:
        return {"name": "binary_crossentropy", **logits}
    if _same_rank(shape, target):
        return (
            {"name": "binary_crossentropy"}
            if last in _SQUASHED
            else {"name": "categorical_crossentropy", **logits}
        )
    return {"name": "sparse_categorical_crossentropy", **logits}


def _same_rank(shape: Shape, target: ArraySpec) -> bool:
    return len(shape) == len(target.shape) and not (target.shape and target.shape[-1] == 1 and shape[-1] != 1)


def _check(
    name: str,
    output: str,
    shape: Shape,
    target: str,
    spec: ArraySpec,
    last: str,
    classes: Sequence[Any] | None,
) -> None:
    """Raise for a last layer that cannot reach the target."""
    units = shape[-1] if shape else 1
    where = f'the last layer "{output}" gives {_shown(shape)} by {last}'
    if name == "ctc":
        return
    if name in OF_CLASSES:
        if name != "binary_crossentropy":
            if last in _SQUASHED or last not in ("softmax", "linear"):
                raise GoalError(
                    f"{where}, but one of several classes is chosen by softmax; set its activation to softmax"
                )
            if units == 1:
                raise GoalError(f"{where}, but {name} compares classes; give it a unit for each class")
            if classes is not None and units is not None and units != len(classes):
                raise GoalError(
                    f'{where}, but the target "{target}" has {len(classes)} classes; give it {_units(len(classes))}'
                )
        elif last not in (*_SQUASHED, "linear"):
            raise GoalError(f"{where}, but yes or no is told by sigmoid; set its activation to sigmoid")
        elif units == 1 and classes is not None and len(classes) > 2:
            raise GoalError(
                f'{where}, but the target "{target}" has {len(classes)} classes; give it {_units(len(classes))} and softmax'
            )
        if name == "categorical_crossentropy" and not _same_rank(shape, spec):
            raise GoalError(
                f'categorical_crossentropy wants one column a class, but the target "{target}" holds numbers of classes; '
                "take sparse_categorical_crossentropy or auto"
            )
        if name == "sparse_categorical_crossentropy" and not spec.dtype.startswith(("int", "uint")):
            raise GoalError(
                f'sparse_categorical_crossentropy wants whole numbers of classes, but the target "{target}" is '
                f"{spec.dtype}; take another loss, or auto"
            )
        return
    if last == "softmax" and name != "kl_divergence":
        raise GoalError(
            f"{where}, shares that add up to 1, but the target is numbers; set its activation to linear"
        )
    wanted = spec.shape or (1,)
    if not _fits(shape, wanted) and not _fits(shape, spec.shape):
        units = wanted[-1]
        way = (
            f"give it {_units(units)}"
            if len(wanted) == len(shape)
            else f"end the network so that it gives {_shown(wanted)}"
        )
        raise GoalError(f'{where}, but the target "{target}" has {_shown(wanted)}; {way}')


def _check_chain(
    structure: Structure,
    name: str,
    output: str,
    shape: Shape,
    target: str,
    spec: ArraySpec,
    classes: Sequence[Any] | None,
) -> None:
    """Raise where the loss of a CRF Head meets another layer, or a CRF Head another loss or target."""
    is_head = any(one.id == output and one.kind == "crf_head" for one in structure.layers)
    if is_head != (name == "crf"):
        raise GoalError(
            f'the CRF Head "{output}" is trained by its own loss; set the loss to auto'
            if is_head
            else f'the loss crf is that of a CRF Head, but the network ends with "{output}"; end it with one'
        )
    if not is_head:
        return
    if not spec.dtype.startswith(("int", "uint")) or len(spec.shape) != 1:
        raise GoalError(
            f'the CRF Head "{output}" wants the number of a label for each step, but the target "{target}" has '
            f"{_shown(spec.shape)} of {spec.dtype}"
        )
    if not _fits(shape[:1], spec.shape):
        raise GoalError(
            f'the CRF Head "{output}" gives {shape[0]} steps, but the target "{target}" has {spec.shape[0]}; '
            "let the layers before it keep the steps"
        )
    if classes is not None and shape[-1] != len(classes):
        raise GoalError(
            f'the CRF Head "{output}" has {shape[-1]} labels, but the target "{target}" has {len(classes)} classes; '
            f"set its labels to {len(classes)}"
        )


def _shown(shape: Shape) -> str:
    if not shape:
        return "one number"
    told = " x ".join("any" if one is None else f"{one:,}" for one in shape)
    return f"{told} numbers" if len(shape) == 1 and shape != (1,) else "1 number" if shape == (1,) else told


def _units(count: int | None) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _count(names: Sequence[str], what: str) -> str:
    return (
        f"{len(names)} {what}{'' if len(names) == 1 else 's'} ({listing(list(names))})"
        if names
        else f"no {what}"
    )
