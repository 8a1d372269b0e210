"""The LSTM as a circuit, with the cell as a highway along the top and the numbers of one unit at its wires."""

from __future__ import annotations

from typing import Any

from nodeflow_nodes.deep._canvas import Canvas
from nodeflow_nodes.deep._lstm_moment import Moment, colours_of, number, told_of


def circuit(moment: Moment, theme: str) -> dict[str, Any]:
    """The cell as a highway from left to right."""
    canvas, tone = Canvas(1060, 540, theme), colours_of(theme)
    now, bus, gates, high = moment.now, 440.0, 340.0, 100.0
    f, i, z, o, out = 250.0, 385.0, 505.0, 670.0, 815.0
    canvas.area(150, 40, 912, 490)
    thick = _thickness
    canvas.wire(
        (30, high),
        (f - 15, high),
        colour=tone["c"],
        size=thick(moment.cell_before),
        told="the cell of the last step",
    )
    kept = moment.cell_before * now["f"]
    canvas.wire(
        (f + 15, high), (z - 15, high), colour=tone["c"], size=thick(kept), told="what the forget gate keeps"
    )
    canvas.wire(
        (z + 15, high), (1050, high), colour=tone["c"], size=thick(now["c"]), told="the cell of this step"
    )
    canvas.wire((30, bus), (o, bus), (o, gates + 24), told="the outputs of all units at the last step")
    canvas.wire((90, 526), (90, bus), (110, bus), arrow=False, told="the inputs of this step")
    for x in (f, i, z):
        canvas.wire((x - 14, bus), (x, bus), (x, gates + 24))
    canvas.wire((f, gates - 22), (f, high + 15), colour=tone["f"])
    canvas.wire((i, gates - 22), (i, 220), (z - 15, 220), colour=tone["i"])
    canvas.wire((z, gates - 22), (z, 235), colour=tone["z"])
    canvas.wire((z, 205), (z, high + 15), colour=tone["z"])
    canvas.wire((out, high), (out, 160), colour=tone["c"])
    canvas.wire((out, 204), (out, gates - 15), colour=tone["c"])
    canvas.wire((o + 38, gates), (out - 15, gates), colour=tone["o"])
    canvas.wire((out, gates + 15), (out, bus), (1050, bus), colour=tone["o"])
    _peepholes_of_circuit(canvas, moment, tone, (f, i, o), gates, high)
    canvas.circle(f, high, "×", colour=tone["f"], told="the cell is multiplied by the forget gate")
    canvas.circle(z, high, "+", colour=tone["c"], told="what is new is added")
    canvas.circle(z, 220, "×", colour=tone["i"], told="the block input is multiplied by the input gate")
    canvas.circle(out, gates, "×", colour=tone["o"], told="the output gate decides what is seen of the cell")
    for name, x in zip("fizo", (f, i, z, o), strict=True):
        level = (now[name] + 1) / 2 if name == "z" else now[name]
        canvas.box(
            x,
            gates,
            f"{name} = {number(now[name])}",
            colour=tone[name],
            wide=86,
            tall=46,
            level=level,
            told=told_of(name, moment),
        )
    canvas.box(out, 182, moment.squash, colour=tone["c"], wide=64, tall=40, told="h, which squashes the cell")
    captions = (("forget gate", f), ("input gate", i), ("block input", z), ("output gate", o))
    for text, x in captions:
        canvas.text(x + 9, gates + 37, text, size=11, colour=canvas.look["quiet"], align="left")
    bold: dict[str, Any] = {"size": 14, "weight": 700, "colour": tone["c"]}
    canvas.text(34, high - 20, f"c(t−1) = {number(moment.cell_before)}", align="left", **bold)
    canvas.text((f + z) / 2, high - 20, f"f · c(t−1) = {number(kept)}", size=13, weight=600, colour=tone["f"])
    canvas.text(
        z + 24,
        166,
        f"i · z = {number(now['i'] * now['z'])}",
        size=13,
        weight=600,
        colour=tone["i"],
        align="left",
    )
    canvas.text(926, high - 20, f"c(t) = {number(now['c'])}", align="left", **bold)
    canvas.text(
        out + 12,
        262,
        f"h(c) = {number(moment.squashed)}",
        size=13,
        weight=600,
        colour=tone["c"],
        align="left",
    )
    canvas.text(
        926, bus - 18, f"y(t) = {number(now['y'])}", align="left", size=14, weight=700, colour=tone["o"]
    )
    canvas.text(34, bus - 18, f"y(t−1) = {number(moment.state_before)}", align="left", size=14, weight=700)
    canvas.text(104, 516, "x(t), the inputs of this step", align="left", size=12, colour=canvas.look["quiet"])
    return canvas.body()


def _thickness(value: float) -> float:
    """A wire is the thicker the more it carries."""
    return round(3.0 + 5.0 * min(abs(value), 2.0) / 2.0, 1)


def _peepholes_of_circuit(
    canvas: Canvas,
    moment: Moment,
    tone: dict[str, str],
    at: tuple[float, float, float],
    gates: float,
    high: float,
) -> None:
    if not moment.peepholes:
        return
    f, i, o = at
    look: dict[str, Any] = {"colour": tone["p"], "dashed": True, "size": 1.8}
    canvas.wire(
        (185, high),
        (185, 275),
        (f - 26, 275),
        (f - 26, gates - 23),
        told="peephole of the forget gate",
        **look,
    )
    canvas.wire(
        (185, 255), (185, 275), (i - 26, 275), (i - 26, gates - 23), told="peephole of the input gate", **look
    )
    canvas.wire((o, high), (o, gates - 23), told="peephole of the output gate", **look)
    places = (("f", f - 32, 292, "right"), ("i", i - 32, 292, "right"), ("o", o + 8, 210, "left"))
    for name, x, y, align in places:
        seen = "p·c(t)" if name == "o" else "p·c"
        text = f"{seen} = {number(moment.peepholes[name])}"
        canvas.text(x, y, text, size=11, colour=canvas.look["quiet"], align=align)
