"""The samples of a training: what is checked of them, which are held back, how classes weigh, what they are."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.files import digest_bytes
from nodeflow_nodes.deep._goals import OF_CLASSES, Plan

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.networks import Structure
    from nodeflow.values.tensors import Array, Tensors
    from nodeflow_nodes.deep._settings import TrainingSettings

    Numbers = np.ndarray[Any, np.dtype[Any]]

_ROWS = 100_000
"""Rows looked at together, to bound the memory it takes."""


def check_labels(data: Tensors, plan: Plan, structure: Structure) -> None:
    """Numbers of classes must be units of the last layer."""
    shapes = structure.shapes()
    for goal in plan.goals:
        if goal.loss["name"] not in (*OF_CLASSES, "crf"):
            continue
        labels = data.arrays[goal.target].to_numpy()
        units = shapes[goal.output][-1] if shapes[goal.output] else 1
        if goal.loss["name"] == "crf" and labels.size and int(labels.max()) >= (units or 0):
            raise NodeFailed(
                f'the target "{goal.target}" holds labels up to {int(labels.max())}, but the CRF Head "{goal.output}" has '
                f"{units}; set its labels to {int(labels.max()) + 1}"
            )
        if goal.loss["name"] == "sparse_categorical_crossentropy" and units is not None and labels.size:
            least, largest = int(labels.min()), int(labels.max())
            if least < 0 or largest >= units:
                raise NodeFailed(
                    f'the target "{goal.target}" holds classes from {least} to {largest}, but the last layer '
                    f'"{goal.output}" gives {units} numbers; give it {largest + 1} units'
                )
        if data.classes is not None and len(data.classes) < 2:
            raise NodeFailed("the target has one class only, so there is nothing to learn")


def check_numbers(data: Tensors, what: str) -> None:
    """Samples must hold numbers throughout; rows of a series that no window reaches may be missing."""
    for name in dict.fromkeys((*data.inputs(), *data.targets())):
        if _has_holes(data.arrays[name]):
            raise NodeFailed(
                f'the array "{name}" of the {what} holds missing or infinite values; fill them in or leave them out '
                "before making tensors"
            )


def _has_holes(array: Array) -> bool:
    import numpy as np

    from nodeflow.values.tensors import Windows

    rows = array.base if isinstance(array, Windows) else array.to_numpy()
    if rows.dtype.kind != "f":
        return False
    holes = np.zeros(len(rows), bool)
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        holes[start : start + len(part)] = ~np.isfinite(part.reshape(len(part), -1)).all(axis=1)
    if not isinstance(array, Windows) or not holes.any():
        return bool(holes.any())
    return any(holes[array.starts + place * array.step].any() for place in range(array.length))


def held_back(data: Tensors, settings: TrainingSettings) -> tuple[Tensors, Tensors]:
    """Training and validation samples: of series the last ones are held back, else some at random."""
    import numpy as np

    from nodeflow.values.tensors import Windows

    count = round(data.samples * settings.validation_share)
    if not 0 < count < data.samples:
        raise NodeFailed(
            f"a share of {settings.validation_share:g} of {data.samples} samples leaves none to train or to validate on; "
            "give more data or another share"
        )
    order = np.arange(data.samples)
    if not any(isinstance(one, Windows) for one in data.arrays.values()):
        order = np.random.Generator(np.random.PCG64([settings.seed, 1])).permutation(data.samples)
    return data.chosen(np.sort(order[:-count])), data.chosen(np.sort(order[-count:]))


def class_weights(data: Tensors, plan: Plan) -> list[float]:
    """A weight for each class, the larger the rarer, 1 on average over the samples."""
    import numpy as np

    goal = plan.goals[0]
    if len(plan.goals) > 1 or goal.loss["name"] not in OF_CLASSES:
        raise NodeFailed("class weights are for one target of classes; switch them off")
    labels = data.arrays[goal.target].to_numpy()
    if goal.loss["name"] == "categorical_crossentropy":
        labels = labels.argmax(-1)
    counts = np.bincount(labels.astype("int64").reshape(-1), minlength=len(data.classes or ()))
    present = int((counts > 0).sum())
    return [float(counts.sum() / (present * one)) if one else 0.0 for one in counts]


def data_digest(data: Tensors) -> str:
    """The identity of the values of tensors."""
    from nodeflow.values.tensors import Windows

    told: list[Any] = []
    for name, one in sorted(data.arrays.items()):
        if isinstance(one, Windows):
            told.append([name, array_digest(one.base), array_digest(one.starts), one.length, one.step])
        else:
            told.append([name, array_digest(one.to_numpy())])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def array_digest(array: Numbers) -> str:
    import numpy as np

    plain = np.ascontiguousarray(array)
    data = memoryview(plain.reshape(-1).view(np.uint8).data) if plain.size else memoryview(b"")
    return f"{plain.dtype} {plain.shape} {digest_bytes(data)}"
