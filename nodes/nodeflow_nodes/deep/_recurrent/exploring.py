"""One sample followed through one recurrent layer of a network: all values, all errors, and the gradient checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodeflow.errors import NodeFailed
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays, Cell
from nodeflow_nodes.deep._recurrent.checking import Checked, check_gradient
from nodeflow_nodes.deep._recurrent.layers import Passed, Recurrent, Trace
from nodeflow_nodes.deep._recurrent.stack import Loss, Stack


@dataclass(frozen=True)
class Explored:
    """What is seen of a cell for one sample; arrays have a row a step, in the order in which the cell saw them."""

    layer: str
    cell: Cell
    order: Array
    """The number of each step, from 1; falling for a cell that reads backward."""
    x: Array
    values: Arrays
    errors: Arrays
    gradient: Arrays
    contributions: Arrays
    """For each group the length of what each step adds to the gradient."""
    sum_gap: dict[str, float]
    """For each group how far the sum of what the steps add is from the gradient, by the largest of its entries."""
    checked: list[Checked]
    truncated: list[tuple[int, float]]
    """For windows of truncated back-propagation how far the gradient is from the full one, by its length."""
    loss: float
    net: Array | None
    """What goes into the last activation of the network, (steps, outputs): one row if there is one output a sample."""
    prediction: Array
    target: Array

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.x)


def explore(
    stack: Stack, layer: Recurrent, x: Array, target: Array, loss: Loss, *,
    is_backward: bool = False, entries: int = 0, seed: int = 0, tick: Callable[[], None] = lambda: None,
) -> Explored:  # fmt: skip
    """Follow one sample, `x` and `target` with one row, through the network; look at a cell of the layer.

    Of a layer of two directions the cell is the one that reads forward, or backward if asked for. `entries` is how
    many entries of each group of parameters are checked by the numeric gradient, 0 for none; `tick` is called before each.
    """
    number = stack.steps.index(layer)
    which = layer.reads_backward.index(is_backward) if is_backward in layer.reads_backward else 0
    passed = stack.forward(x)
    if passed[-1].out.shape != target.shape:
        raise NodeFailed(
            f"the network gives {_shape(passed[-1].out)}, but the target is {_shape(target)}; give tensors and a network "
            "that fit, or no network"
        )
    slope = loss.slope(passed[-1].out, target)
    forward, passed = passed, stack.backward(passed, slope)
    trace = passed[number].traces[which]
    marks = ("", "'")[which]
    checked = []
    if entries:
        found = check_gradient(stack, number, x, target, loss, most=entries, seed=seed, tick=tick)
        checked = [one for one in found if one.group.endswith("'") == bool(marks)]
    full, truncated = _whole(trace), list[tuple[int, float]]()
    for window in windows_of(x.shape[1]):
        cut = _whole(stack.backward(forward, slope, window)[number].traces[which])
        gap, size = float(np.linalg.norm(cut - full)), float(np.linalg.norm(full))
        truncated.append((window, gap / size if size else 0.0))
    steps = np.arange(1, x.shape[1] + 1)
    lengths, gaps = _added(trace)
    net, prediction, wanted = _outputs(passed[-1], target)
    return Explored(
        layer.id,
        trace.cell,
        steps[::-1] if layer.reads_backward[which] else steps,
        trace.x[0],
        {name: one[0] for name, one in trace.values.items()},
        {name: one[0] for name, one in trace.errors.items()},
        trace.cell.gradient(trace.x, trace.values, trace.errors),
        lengths,
        gaps,
        checked,
        truncated,
        loss.value(passed[-1].out, target),
        net,
        prediction,
        wanted,
    )


def windows_of(steps: int) -> list[int]:
    """The windows that are tried, all steps the last: those that leave no shorter one at the end, or 1, 2, 4 and so on."""
    even = [window for window in range(1, steps + 1) if steps % window == 0]
    if 4 <= len(even) <= 12:
        return even
    return [*(2**power for power in range(steps.bit_length()) if 2**power < steps), steps]


def _added(trace: Trace) -> tuple[Arrays, dict[str, float]]:
    """The length of what each step adds, by group, and how far the sum of it all is from the gradient."""
    whole = trace.cell.gradient(trace.x, trace.values, trace.errors)
    lengths = {name: np.zeros(trace.x.shape[1]) for name in whole}
    sums = {name: np.zeros_like(one) for name, one in whole.items()}
    for step, parts in enumerate(trace.cell.contributions(trace.x, trace.values, trace.errors)):
        for name, part in parts.items():
            lengths[name][step] = np.linalg.norm(part)
            sums[name] += part
    gaps = {}
    for name, one in whole.items():
        largest = float(np.abs(one).max(initial=0.0))
        gaps[name] = float(np.abs(sums[name] - one).max(initial=0.0)) / largest if largest else 0.0
    return lengths, gaps


def _whole(trace: Trace) -> Array:
    gradient = trace.cell.gradient(trace.x, trace.values, trace.errors)
    return np.concatenate([one.reshape(-1) for one in gradient.values()])


def _outputs(last: Passed, target: Array) -> tuple[Array | None, Array, Array]:
    def rows(one: Array) -> Array:
        return np.asarray(one[0].reshape(-1, one.shape[-1]))

    return None if last.net is None else rows(last.net), rows(last.out), rows(target)


def _shape(one: Array) -> str:
    return " x ".join(str(size) for size in one.shape[1:]) or "one number"
