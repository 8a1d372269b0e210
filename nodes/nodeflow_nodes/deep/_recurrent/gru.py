"""The GRU layer of Cho et al. (2014), and its back-propagation through time.

z is the update gate, r the reset gate, n the new content, h the state:

    z(t) = s(x(t) Wz + h(t-1) Rz + bz)
    r(t) = s(x(t) Wr + h(t-1) Rr + br)
    n(t) = g(x(t) Wn + (r(t) * h(t-1)) Rn + bn)             reset before the product
    n(t) = g(x(t) Wn + bn + r(t) * (h(t-1) Rn + dn))         reset after it, as Keras and cuDNN do by default
    h(t) = z(t) * h(t-1) + (1 - z(t)) * n(t)
"""

from __future__ import annotations

import numpy as np

from nodeflow_nodes.deep._recurrent.activations import activation
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays, Cell, Use, before, is_cut, total

BLOCKS = ("z", "r", "n")


class Gru(Cell):
    """The GRU layer: groups W, R and b of z, r and n; with the reset after the product also d, the biases beside R."""

    def __init__(self, parameters: Arrays, g: str = "tanh", gate: str = "sigmoid") -> None:
        super().__init__(parameters)
        self.g, self.gate = activation(g), activation(gate)

    @property
    def units(self) -> int:
        return int(self.parameters["R_z"].shape[0])

    @property
    def resets_after(self) -> bool:
        """Whether the reset gate acts after the product with R."""
        return "d_n" in self.parameters

    def forward(self, x: Array) -> Arrays:
        p = self.parameters
        bars = {f"{one}_bar": x @ p[f"W_{one}"] + p[f"b_{one}"] for one in BLOCKS}
        values = bars | {name: np.zeros_like(bars["z_bar"]) for name in (*BLOCKS, "h")}
        if self.resets_after:
            bars["z_bar"] += p["d_z"]
            bars["r_bar"] += p["d_r"]
            values["u"] = np.zeros_like(values["h"])  # what the reset gate lets through
        h = np.zeros_like(values["h"][:, 0])
        for t in range(x.shape[1]):
            for one in "zr":
                bars[f"{one}_bar"][:, t] += h @ p[f"R_{one}"]
            z, r = (self.gate.value(bars[f"{one}_bar"][:, t]) for one in "zr")
            if self.resets_after:
                values["u"][:, t] = h @ p["R_n"] + p["d_n"]
                bars["n_bar"][:, t] += r * values["u"][:, t]
            else:
                bars["n_bar"][:, t] += (r * h) @ p["R_n"]
            n = self.g.value(bars["n_bar"][:, t])
            h = z * h + (1.0 - z) * n
            for name, value in zip((*BLOCKS, "h"), (z, r, n, h), strict=True):
                values[name][:, t] = value
        return values

    def backward(self, x: Array, values: Arrays, above: Array, window: int | None = None) -> Arrays:
        p = self.parameters
        slopes = {one: self.gate.slope(values[f"{one}_bar"], values[one]) for one in "zr"}
        slopes["n"] = self.g.slope(values["n_bar"], values["n"])
        earlier = before(values["h"])
        errors = {name: np.zeros_like(above) for name in ("h", *(f"{one}_bar" for one in BLOCKS))}
        later = np.zeros_like(above[:, 0])
        for t in reversed(range(x.shape[1])):
            h = above[:, t] + later
            z_now, r_now = values["z"][:, t], values["r"][:, t]
            n = h * (1.0 - z_now) * slopes["n"][:, t]
            z = h * (earlier[:, t] - values["n"][:, t]) * slopes["z"][:, t]
            if self.resets_after:
                r = n * values["u"][:, t] * slopes["r"][:, t]
                back = (n * r_now) @ p["R_n"].T
            else:
                reset = n @ p["R_n"].T
                r = reset * earlier[:, t] * slopes["r"][:, t]
                back = reset * r_now
            for name, value in (("h", h), ("z_bar", z), ("r_bar", r), ("n_bar", n)):
                errors[name][:, t] = value
            later = h * z_now + back + z @ p["R_z"].T + r @ p["R_r"].T
            if is_cut(t, window):
                later = np.zeros_like(later)
        errors["x"] = total(errors[f"{one}_bar"] @ p[f"W_{one}"].T for one in BLOCKS)
        return errors

    def uses(self, x: Array, values: Arrays, errors: Arrays) -> dict[str, Use]:
        h = before(values["h"])
        inner = errors["n_bar"] * values["r"] if self.resets_after else errors["n_bar"]
        recurrent = {"z": errors["z_bar"], "r": errors["r_bar"], "n": inner}
        found = {f"W_{one}": Use("matrix", errors[f"{one}_bar"], x) for one in BLOCKS}
        for one in BLOCKS:
            is_reset = one == "n" and not self.resets_after
            found[f"R_{one}"] = Use("matrix", recurrent[one], values["r"] * h if is_reset else h)
        found |= {f"b_{one}": Use("bias", errors[f"{one}_bar"]) for one in BLOCKS}
        if self.resets_after:
            found |= {f"d_{one}": Use("bias", recurrent[one]) for one in BLOCKS}
        return found
