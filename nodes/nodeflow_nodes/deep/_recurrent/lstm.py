"""The LSTM layer, with or without peepholes, and its back-propagation through time.

Names and equations are those of Greff et al. (2017), "LSTM: A Search Space Odyssey"; the peepholes are those of Gers and
Schmidhuber (2000). z is the block input, i, f and o are the input, forget and output gates, c is the cell, y the output:

    z(t) = g(x(t) Wz + y(t-1) Rz + bz)
    i(t) = s(x(t) Wi + y(t-1) Ri + pi * c(t-1) + bi)
    f(t) = s(x(t) Wf + y(t-1) Rf + pf * c(t-1) + bf)
    c(t) = z(t) * i(t) + c(t-1) * f(t)
    o(t) = s(x(t) Wo + y(t-1) Ro + po * c(t) + bo)
    y(t) = h(c(t)) * o(t)
"""

from __future__ import annotations

import numpy as np

from nodeflow_nodes.deep._recurrent.activations import activation
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays, Cell, Use, before, is_cut, total

BLOCKS = ("z", "i", "f", "o")
GATES = ("i", "f", "o")


class Lstm(Cell):
    """The LSTM layer: groups W, R and b of z, i, f and o, and with peepholes p of i, f and o."""

    state = "y"
    memory = "c"

    def __init__(
        self, parameters: Arrays, g: str = "tanh", gate: str = "sigmoid", h: str | None = None
    ) -> None:
        super().__init__(parameters)
        self.g, self.gate, self.h = activation(g), activation(gate), activation(g if h is None else h)

    @property
    def units(self) -> int:
        return int(self.parameters["R_z"].shape[0])

    @property
    def has_peepholes(self) -> bool:
        """Whether the gates see the cell."""
        return "p_i" in self.parameters

    def _peepholes(self) -> tuple[Array, Array, Array]:
        none = np.zeros(self.units)
        i, f, o = (self.parameters.get(f"p_{gate}", none) for gate in GATES)
        return i, f, o

    def forward(self, x: Array) -> Arrays:
        p = self.parameters
        p_i, p_f, p_o = self._peepholes()
        bars = {f"{one}_bar": x @ p[f"W_{one}"] + p[f"b_{one}"] for one in BLOCKS}
        values = bars | {name: np.zeros_like(bars["z_bar"]) for name in (*BLOCKS, "c", "y")}
        y = c = np.zeros_like(bars["z_bar"][:, 0])
        for t in range(x.shape[1]):
            for one in BLOCKS:
                bars[f"{one}_bar"][:, t] += y @ p[f"R_{one}"]
            bars["i_bar"][:, t] += p_i * c
            bars["f_bar"][:, t] += p_f * c
            z = self.g.value(bars["z_bar"][:, t])
            i, f = (self.gate.value(bars[f"{one}_bar"][:, t]) for one in "if")
            c = z * i + c * f
            bars["o_bar"][:, t] += p_o * c
            o = self.gate.value(bars["o_bar"][:, t])
            y = self.h.value(c) * o
            for name, value in zip((*BLOCKS, "c", "y"), (z, i, f, o, c, y), strict=True):
                values[name][:, t] = value
        return values

    def backward(self, x: Array, values: Arrays, above: Array, window: int | None = None) -> Arrays:
        p = self.parameters
        p_i, p_f, p_o = self._peepholes()
        squashed = self.h.value(values["c"])
        slopes = {one: self.gate.slope(values[f"{one}_bar"], values[one]) for one in GATES}
        slopes |= {"z": self.g.slope(values["z_bar"], values["z"]), "c": self.h.slope(values["c"], squashed)}
        earlier = before(values["c"])
        errors = {name: np.zeros_like(above) for name in ("y", "c", *(f"{one}_bar" for one in BLOCKS))}
        later_y = later_c = np.zeros_like(above[:, 0])
        for t in reversed(range(x.shape[1])):
            y = above[:, t] + later_y
            o = y * squashed[:, t] * slopes["o"][:, t]
            c = y * values["o"][:, t] * slopes["c"][:, t] + p_o * o + later_c
            f = c * earlier[:, t] * slopes["f"][:, t]
            i = c * values["z"][:, t] * slopes["i"][:, t]
            z = c * values["i"][:, t] * slopes["z"][:, t]
            found = {"z_bar": z, "i_bar": i, "f_bar": f, "o_bar": o, "c": c, "y": y}
            for name, value in found.items():
                errors[name][:, t] = value
            if is_cut(t, window):
                later_y = later_c = np.zeros_like(y)
                continue
            later_y = total(found[f"{one}_bar"] @ p[f"R_{one}"].T for one in BLOCKS)
            # each gate hands the error to the cell by its own peephole: p_f, not p_i, for the forget gate
            later_c = c * values["f"][:, t] + p_i * i + p_f * f
        errors["x"] = total(errors[f"{one}_bar"] @ p[f"W_{one}"].T for one in BLOCKS)
        return errors

    def uses(self, x: Array, values: Arrays, errors: Arrays) -> dict[str, Use]:
        y, c = before(values["y"]), before(values["c"])
        found = {f"W_{one}": Use("matrix", errors[f"{one}_bar"], x) for one in BLOCKS}
        found |= {f"R_{one}": Use("matrix", errors[f"{one}_bar"], y) for one in BLOCKS}
        found |= {f"b_{one}": Use("bias", errors[f"{one}_bar"]) for one in BLOCKS}
        if self.has_peepholes:
            seen = {"i": c, "f": c, "o": values["c"]}
            found |= {f"p_{one}": Use("weight", errors[f"{one}_bar"], seen[one]) for one in GATES}
        return found
