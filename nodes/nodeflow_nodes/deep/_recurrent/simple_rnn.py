"""The simple recurrent layer and its back-propagation through time, after Werbos (1990).

a(t) = x(t) W + h(t-1) R + b,  h(t) = g(a(t))
"""

from __future__ import annotations

import numpy as np

from nodeflow_nodes.deep._recurrent.activations import activation
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays, Cell, Use, before, is_cut


class SimpleRnn(Cell):
    """The simple recurrent layer: groups W, R and b; values a and h."""

    def __init__(self, parameters: Arrays, g: str = "tanh") -> None:
        super().__init__(parameters)
        self.g = activation(g)

    @property
    def units(self) -> int:
        return int(self.parameters["R"].shape[0])

    def forward(self, x: Array) -> Arrays:
        p = self.parameters
        a = x @ p["W"] + p["b"]
        h = np.zeros_like(a)
        last = np.zeros_like(a[:, 0])
        for t in range(x.shape[1]):
            a[:, t] += last @ p["R"]
            last = h[:, t] = self.g.value(a[:, t])
        return {"a": a, "h": h}

    def backward(self, x: Array, values: Arrays, above: Array, window: int | None = None) -> Arrays:
        p = self.parameters
        slope = self.g.slope(values["a"], values["h"])
        errors = {name: np.zeros_like(above) for name in ("h", "a")}
        later = np.zeros_like(above[:, 0])
        for t in reversed(range(x.shape[1])):
            errors["h"][:, t] = above[:, t] + later
            errors["a"][:, t] = errors["h"][:, t] * slope[:, t]
            # dh(t)/dh(t-1) = diag(g') R' in columns; the error takes its transpose
            later = np.zeros_like(later) if is_cut(t, window) else errors["a"][:, t] @ p["R"].T
        errors["x"] = errors["a"] @ p["W"].T
        return errors

    def uses(self, x: Array, values: Arrays, errors: Arrays) -> dict[str, Use]:
        return {
            "W": Use("matrix", errors["a"], x),
            "R": Use("matrix", errors["a"], before(values["h"])),
            "b": Use("bias", errors["a"]),
        }
