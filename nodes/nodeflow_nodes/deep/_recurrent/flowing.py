"""How the error travels back through time: its length at each step, and the bound of Pascanu et al. (2013)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nodeflow_nodes.deep._recurrent.cell import Array, Cell
from nodeflow_nodes.deep._recurrent.layers import Passed, Recurrent
from nodeflow_nodes.deep._recurrent.simple_rnn import SimpleRnn
from nodeflow_nodes.deep._recurrent.stack import gradients_of

SINGLE = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Flow:
    """The lengths of dJ/dstate of a cell, (batches, steps) in the order of time; `bound` of a step, where known."""

    layer: str
    lengths: Array
    bound: Array | None
    gradient: Array
    """The length of the gradient of all parameters, a number a batch."""

    @property
    def ratio(self) -> float:
        """The mean length at the first step by that at the last one."""
        first, last = self.lengths[:, 0].mean(), self.lengths[:, -1].mean()
        return float(first / last) if last else float("nan")

    @property
    def overflows(self) -> bool:
        """Whether 32-bit numbers cannot hold the sum of squares of the gradient, which its length is made of."""
        return bool((self.gradient > np.sqrt(SINGLE)).any() or not np.isfinite(self.gradient).all())


def flows_of(batches: Sequence[Sequence[Passed]], memory: bool, *, is_last_only: bool) -> list[Flow]:
    """The flows of all recurrent layers after the way back, of several batches.

    With `memory` the cell c of an LSTM is looked at, not its output. The bound holds only where the error enters at
    the last step alone.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        gradients = np.array(
            [
                np.sqrt(sum((one**2).sum() for part in passed for one in gradients_of(part).values()))
                for passed in batches
            ]
        )
    found = []
    places = [number for number, part in enumerate(batches[0]) if isinstance(part.layer, Recurrent)]
    for place in places:
        layer = batches[0][place].layer
        assert isinstance(layer, Recurrent)
        for which, (cell, is_backward) in enumerate(zip(layer.cells, layer.reads_backward, strict=True)):
            state = cell.memory if memory else cell.state
            rows = [
                np.linalg.norm(passed[place].traces[which].errors[state], axis=(0, 2)) for passed in batches
            ]
            lengths = np.array(rows)
            bound = bound_of(cell, lengths) if is_last_only and place == places[-1] else None
            if is_backward:
                lengths, bound = lengths[:, ::-1], None if bound is None else bound[::-1]
            name = (
                layer.id
                if len(layer.cells) == 1
                else f"{layer.id}, {'backward' if is_backward else 'forward'}"
            )
            found.append(Flow(name, lengths, bound, gradients))
    return found


def bound_of(cell: Cell, lengths: Array) -> Array | None:
    """What the error of a simple layer cannot exceed: its last length times (largest singular value x steepest slope)^steps.

    Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent neural networks", section 2.1.
    """
    if not isinstance(cell, SimpleRnn) or not np.isfinite(cell.g.steepest):
        return None
    factor = float(np.linalg.norm(cell.parameters["R"], 2)) * cell.g.steepest
    back = np.arange(lengths.shape[1])[::-1]
    return np.asarray(lengths[:, -1].mean() * factor**back)
