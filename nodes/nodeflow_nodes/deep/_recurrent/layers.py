"""The layers of a network that is followed step by step: the recurrent ones, and what may stand around them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from nodeflow_nodes.deep._recurrent.activations import activation
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays, Cell, total


@dataclass(frozen=True)
class Trace:
    """What went through a cell in the order in which it saw the steps, and with `errors` what came back."""

    cell: Cell
    x: Array
    values: Arrays
    errors: Arrays = field(default_factory=dict)


@dataclass(frozen=True)
class Passed:
    """A layer with what it took and gave; `traces` of a recurrent one, a cell each; `error` came back from above."""

    layer: Step
    x: Array
    out: Array
    traces: tuple[Trace, ...] = ()
    net: Array | None = None
    """Of a dense layer what goes into its activation."""
    error: Array | None = None
    error_below: Array | None = None


class Step:
    """A layer: forward for a whole batch, and back."""

    def __init__(self, id: str) -> None:
        self.id = id

    def forward(self, x: Array) -> Passed:
        """What the layer makes of its input."""
        raise NotImplementedError

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        """The same with dJ/doutput and dJ/dinput."""
        raise NotImplementedError


class Recurrent(Step):
    """One or two cells over all steps; a cell that reads backward gives its outputs in the order of its input."""

    def __init__(
        self, id: str, cells: tuple[Cell, ...], backward: tuple[bool, ...], *,
        sequences: bool, merge: str = "concat", reversed_out: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(id)
        self.cells, self.reads_backward, self.sequences, self.merge = cells, backward, sequences, merge
        self.reversed_out = reversed_out
        """Whether the outputs of the steps stay in the order in which they came, as in Keras with `go_backwards`."""

    def forward(self, x: Array) -> Passed:
        traces, outs = [], []
        for cell, is_backward in zip(self.cells, self.reads_backward, strict=True):
            seen = x[:, ::-1] if is_backward else x
            values = cell.forward(seen)
            traces.append(Trace(cell, seen, values))
            states = values[cell.state]
            outs.append(self._turned(states, is_backward) if self.sequences else states[:, -1])
        joined = np.concatenate(outs, axis=-1) if self.merge == "concat" else total(outs) * self._weight
        out = joined if len(outs) > 1 else outs[0]
        return Passed(self, x, np.asarray(out), tuple(traces))

    @property
    def _weight(self) -> float:
        return 0.5 if self.merge == "ave" else 1.0

    def _turned(self, states: Array, is_backward: bool) -> Array:
        return states[:, ::-1] if is_backward and not self.reversed_out else states

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        parts = [error]
        if len(self.cells) > 1:
            parts = np.split(error, 2, axis=-1) if self.merge == "concat" else [error * self._weight] * 2
        traces, below = [], np.zeros_like(passed.x)
        for trace, is_backward, part in zip(passed.traces, self.reads_backward, parts, strict=True):
            if self.sequences:
                above = self._turned(part, is_backward)
            else:
                above = np.zeros_like(trace.values[trace.cell.state])
                above[:, -1] = part
            errors = trace.cell.backward(trace.x, trace.values, above, window)
            traces.append(replace(trace, errors=errors))
            below = below + (errors["x"][:, ::-1] if is_backward else errors["x"])
        return replace(passed, traces=tuple(traces), error=error, error_below=below)


class Dense(Step):
    """A dense layer, at every step by itself if there are steps."""

    def __init__(self, id: str, kernel: Array, bias: Array | None, g: str | None = None) -> None:
        super().__init__(id)
        self.kernel = np.array(kernel, np.float64, order="C")
        self.bias = np.zeros(kernel.shape[1]) if bias is None else np.array(bias, np.float64)
        self.is_softmax = g == "softmax"
        self.g = activation("linear" if self.is_softmax else g)

    def forward(self, x: Array) -> Passed:
        net = x @ self.kernel + self.bias
        if self.is_softmax:
            powers = np.exp(net - net.max(axis=-1, keepdims=True))
            return Passed(self, x, powers / powers.sum(axis=-1, keepdims=True), net=net)
        return Passed(self, x, self.g.value(net), net=net)

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        assert passed.net is not None
        if self.is_softmax:
            inner = passed.out * (error - (error * passed.out).sum(axis=-1, keepdims=True))
        else:
            inner = error * self.g.slope(passed.net, passed.out)
        return replace(passed, error=error, error_below=inner @ self.kernel.T)


class Through(Step):
    """A layer that changes nothing when nothing is learned, such as Dropout."""

    def forward(self, x: Array) -> Passed:
        return Passed(self, x, x)

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        return replace(passed, error=error, error_below=error)


class Reshaped(Step):
    """A layer that lays the numbers of a sample out anew."""

    def __init__(self, id: str, shape: tuple[int, ...]) -> None:
        super().__init__(id)
        self.shape = shape

    def forward(self, x: Array) -> Passed:
        return Passed(self, x, x.reshape(len(x), *self.shape))

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        return replace(passed, error=error, error_below=error.reshape(passed.x.shape))


class Repeated(Step):
    """A vector given at each of so many steps."""

    def __init__(self, id: str, steps: int) -> None:
        super().__init__(id)
        self.steps = steps

    def forward(self, x: Array) -> Passed:
        return Passed(self, x, np.repeat(x[:, None], self.steps, axis=1))

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        return replace(passed, error=error, error_below=error.sum(axis=1))


class Applied(Step):
    """A layer that is an activation by itself."""

    def __init__(self, id: str, g: str) -> None:
        super().__init__(id)
        self.g = activation(g)

    def forward(self, x: Array) -> Passed:
        return Passed(self, x, self.g.value(x))

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        return replace(passed, error=error, error_below=error * self.g.slope(passed.x, passed.out))


class Embedded(Step):
    """A vector for each number of a word; no error passes below."""

    def __init__(self, id: str, table: Array) -> None:
        super().__init__(id)
        self.table = np.array(table, np.float64)

    def forward(self, x: Array) -> Passed:
        return Passed(self, x, self.table[x.astype(np.int64)])

    def backward(self, passed: Passed, error: Array, window: int | None = None) -> Passed:
        return replace(passed, error=error, error_below=np.zeros_like(passed.x))
