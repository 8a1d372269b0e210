"""The simple recurrent layer and the GRU drawn with the numbers of one unit at one step at their wires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow_nodes.deep._canvas import Canvas
from nodeflow_nodes.deep._lstm_moment import colours_of, number

if TYPE_CHECKING:
    from nodeflow_nodes.deep._recurrent.exploring import Explored


def simple_circuit(seen: Explored, row: int, unit: int, theme: str) -> dict[str, Any]:
    """Forward from left to right, and below it the error back from right to left."""
    canvas, tone = Canvas(960, 430, theme), colours_of(theme)
    p, v, e = seen.cell.parameters, seen.values, seen.errors
    states = v["h"][row - 1] if row else v["h"][0] * 0.0
    from_x, from_h = float(seen.x[row] @ p["W"][:, unit]), float(states @ p["R"][:, unit])
    bias, a, h = float(p["b"][unit]), float(v["a"][row, unit]), float(v["h"][row, unit])
    delta_a, delta_h = float(e["a"][row, unit]), float(e["h"][row, unit])
    slope = delta_a / delta_h if delta_h else 0.0
    handed = float(p["R"][unit] @ e["a"][row])
    high, low, joint, squash = 150.0, 330.0, 370.0, 590.0
    canvas.area(150, 34, 800, 396)
    canvas.wire((30, high), (joint - 15, high), size=3, told="the states of all units at the last step")
    canvas.wire((joint, 262), (joint, high + 15), told="the inputs of this step")
    canvas.wire((joint, 62), (joint, high - 15), told="the bias")
    canvas.wire((joint + 15, high), (squash - 44, high), colour=tone["z"], size=3)
    canvas.wire((squash + 44, high), (940, high), colour=tone["c"], size=3)
    back: dict[str, Any] = {"colour": tone["f"], "dashed": True}
    canvas.wire((940, low), (squash + 44, low), told="the error of the state", **back)
    canvas.wire((squash - 44, low), (joint + 24, low), told="the error of what goes into g", **back)
    canvas.wire((joint - 24, low), (30, low), told="the error handed to the state of the last step", **back)
    canvas.circle(joint, high, "+", colour=tone["z"], told="the sum of what comes in")
    canvas.box(squash, high, seen.cell.g.name, colour=tone["c"], wide=88, told="the activation g")  # type: ignore[attr-defined]
    canvas.box(
        squash, low, f"× g′ = {number(slope)}", colour=tone["f"], wide=104, told="the slope of the activation"
    )
    canvas.box(joint, low, "· Rᵀ", colour=tone["f"], wide=52, told="the transposed weights")
    quiet = canvas.look["quiet"]
    canvas.text(
        34,
        high - 20,
        f"h(t−1) = {number(float(states[unit]))}",
        align="left",
        size=14,
        weight=700,
        colour=tone["c"],
    )
    canvas.text(180, high + 22, f"h(t−1)·R = {number(from_h)}", align="left", size=13, weight=600)
    canvas.text(joint + 12, 232, f"x(t)·W = {number(from_x)}", align="left", size=13, weight=600)
    canvas.text(joint + 12, 76, f"b = {number(bias)}", align="left", size=13, weight=600)
    canvas.text(
        (joint + squash) / 2 - 16, high - 20, f"a(t) = {number(a)}", size=14, weight=700, colour=tone["z"]
    )
    canvas.text(812, high - 20, f"h(t) = {number(h)}", align="left", size=14, weight=700, colour=tone["c"])
    canvas.text(
        812, low - 18, f"dJ/dh = {small(delta_h)}", align="left", size=13, weight=600, colour=tone["f"]
    )
    canvas.text(
        (joint + squash) / 2 - 10,
        low - 18,
        f"dJ/da = {small(delta_a)}",
        size=13,
        weight=600,
        colour=tone["f"],
    )
    canvas.text(
        34, low - 18, f"to h(t−1): {small(handed)}", align="left", size=13, weight=600, colour=tone["f"]
    )
    canvas.text(166, 52, "forward", align="left", size=12, colour=quiet)
    canvas.text(166, 378, "backward", align="left", size=12, colour=quiet)
    return canvas.body()


def gru_circuit(seen: Explored, row: int, unit: int, theme: str) -> dict[str, Any]:
    """The state as a highway from left to right; the update gate chooses between old and new."""
    canvas, tone = Canvas(1060, 540, theme), colours_of(theme)
    v = {name: float(one[row, unit]) for name, one in seen.values.items()}
    was = float(seen.values["h"][row - 1, unit]) if row else 0.0
    z, r, new, h = v["z"], v["r"], v["n"], v["h"]
    high, gates, bus = 100.0, 330.0, 440.0
    at_r, at_z, at_n, keep, add = 250.0, 430.0, 680.0, 430.0, 680.0
    canvas.area(150, 40, 912, 490)
    canvas.wire((30, high), (keep - 15, high), colour=tone["c"], size=4, told="the state of the last step")
    canvas.wire((keep + 15, high), (add - 15, high), colour=tone["c"], size=4, told="what is kept of it")
    canvas.wire((add + 15, high), (1050, high), colour=tone["c"], size=4, told="the state of this step")
    canvas.wire(
        (180, high),
        (180, bus),
        (at_z, bus),
        (at_z, gates + 24),
        told="the states of all units at the last step",
    )
    canvas.wire((90, 526), (90, bus), (at_z - 20, bus), arrow=False, told="the inputs of this step")
    canvas.wire((at_r - 14, bus), (at_r, bus), (at_r, gates + 24))
    canvas.wire((at_z - 14, bus), (at_n - 10, bus), (at_n, bus), (at_n, gates + 24))
    canvas.wire(
        (at_r, gates - 24),
        (at_r, 250),
        (at_n - 24, 250),
        (at_n - 24, gates - 24),
        colour=tone["i"],
        told="how much of the last states the new content sees",
    )
    canvas.wire((at_z, gates - 24), (keep, high + 15), colour=tone["f"])
    canvas.wire((at_z, 190), (add - 16, 190), colour=tone["f"])
    canvas.wire((at_n, gates - 24), (at_n, 206), colour=tone["z"])
    canvas.wire((at_n, 174), (add, high + 15), colour=tone["z"])
    canvas.circle(keep, high, "×", colour=tone["f"], told="the state is multiplied by the update gate")
    canvas.circle(add, high, "+", colour=tone["c"], told="what is new is added")
    canvas.circle(
        add, 190, "×", colour=tone["f"], told="the new content is multiplied by what the update gate leaves"
    )
    for name, value, x, role in (("r", r, at_r, "i"), ("z", z, at_z, "f"), ("n", new, at_n, "z")):
        level = (value + 1) / 2 if name == "n" else value
        told = f"{name} = {number(value)}, of a sum of {number(v[name + '_bar'])}"
        canvas.box(
            x, gates, f"{name} = {number(value)}", colour=tone[role], wide=86, tall=46, level=level, told=told
        )
    quiet = canvas.look["quiet"]
    for text, x in (("reset gate", at_r), ("update gate", at_z), ("new content", at_n)):
        canvas.text(x + 9, gates + 37, text, size=11, colour=quiet, align="left")
    bold: dict[str, Any] = {"size": 14, "weight": 700, "colour": tone["c"], "align": "left"}
    canvas.text(34, high - 20, f"h(t−1) = {number(was)}", **bold)
    canvas.text(926, high - 20, f"h(t) = {number(h)}", **bold)
    canvas.text(
        (keep + add) / 2, high - 20, f"z · h(t−1) = {number(z * was)}", size=13, weight=600, colour=tone["f"]
    )
    canvas.text(
        add + 24,
        146,
        f"(1 − z) · n = {number((1 - z) * new)}",
        size=13,
        weight=600,
        colour=tone["z"],
        align="left",
    )
    canvas.text((at_z + at_n) / 2, 176, f"1 − z = {number(1 - z)}", size=12, colour=quiet)
    canvas.text(104, 516, "x(t), the inputs of this step", align="left", size=12, colour=quiet)
    return canvas.body()


def small(value: float) -> str:
    """An error, which may be tiny."""
    return number(value) if abs(value) >= 0.01 or not value else f"{value:.1e}".replace("-", "−")
