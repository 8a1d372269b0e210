"""The LSTM with the cell in the centre, as in figure 1 of Greff et al. (2017), and the numbers of one unit at its wires."""

from __future__ import annotations

from typing import Any

from nodeflow_nodes.deep._canvas import Canvas
from nodeflow_nodes.deep._lstm_moment import Moment, colours_of, number, told_of

MID, LEFT, RIGHT, TURN = 440.0, 240.0, 700.0, 570.0
"""How far right the column of the cell, the gates on both sides, and the way back to the cell are."""

BLOCK, ENTERS, CELL, SQUASH, LEAVES = 650.0, 540.0, 400.0, 262.0, 160.0
"""How far down the block input, the input gate, the cell, h and the output gate are."""


def odyssey(moment: Moment, theme: str) -> dict[str, Any]:
    """The cell in the centre, block input below, block output above, gates around."""
    canvas, tone = Canvas(900, 800, theme), colours_of(theme)
    now = moment.now
    canvas.area(150, 60, 775, 742)
    canvas.wire((MID, BLOCK - 26), (MID, ENTERS + 16), colour=tone["z"])
    canvas.wire((MID, ENTERS - 16), (MID, CELL + 50), colour=tone["i"])
    canvas.wire((MID, CELL - 50), (MID, SQUASH + 20), colour=tone["c"], size=3)
    canvas.wire((MID, SQUASH - 20), (MID, LEAVES + 16), colour=tone["c"], size=3)
    canvas.wire((MID, LEAVES - 16), (MID, 26), colour=tone["o"], size=3)
    canvas.wire((LEFT + 43, ENTERS), (MID - 16, ENTERS), colour=tone["i"])
    canvas.wire((LEFT + 43, LEAVES), (MID - 16, LEAVES), colour=tone["o"])
    canvas.wire((RIGHT - 43, CELL), (TURN + 16, CELL), colour=tone["f"])
    canvas.wire(
        (MID + 42, CELL - 26),
        (TURN, CELL - 26 - 44),
        (TURN, CELL - 16),
        colour=tone["c"],
        radius=30,
        told="the cell of the last step",
    )
    canvas.wire(
        (TURN, CELL + 16),
        (TURN, CELL + 70),
        (MID + 40, CELL + 30),
        colour=tone["c"],
        radius=30,
        told="what the forget gate keeps",
    )
    _peepholes(canvas, moment, tone)
    for gate, gate_x, gate_y, side in (
        ("i", LEFT, ENTERS, -1),
        ("o", LEFT, LEAVES, -1),
        ("f", RIGHT, CELL, 1),
    ):
        _inputs(canvas, moment, gate, gate_x, gate_y, side)
    canvas.wire(
        (MID - 70, 776),
        (MID - 70, 712),
        (MID - 18, 712),
        (MID - 18, BLOCK + 25),
        told="the inputs of this step",
    )
    canvas.wire(
        (MID + 70, 776),
        (MID + 70, 712),
        (MID + 18, 712),
        (MID + 18, BLOCK + 25),
        told="the outputs of the last step",
    )
    part = moment.parts["z"]
    canvas.text(MID - 80, 728, f"x(t): {number(part['x'])}", size=12, align="right")
    canvas.text(MID + 80, 728, f"y(t−1): {number(part['y'])}", size=12, align="left")
    canvas.circle(MID, CELL, "", colour=tone["c"], radius=50, told="the cell")
    canvas.text(MID, CELL - 12, "cell", size=12, colour=canvas.look["quiet"])
    canvas.text(MID, CELL + 8, number(now["c"]), size=20, weight=700, colour=tone["c"])
    canvas.circle(MID, ENTERS, "×", colour=tone["i"])
    canvas.circle(MID, LEAVES, "×", colour=tone["o"])
    canvas.circle(TURN, CELL, "×", colour=tone["f"])
    canvas.box(
        MID, SQUASH, moment.squash, colour=tone["c"], wide=64, tall=40, told="h, which squashes the cell"
    )
    for name, x, y in (("z", MID, BLOCK), ("i", LEFT, ENTERS), ("o", LEFT, LEAVES), ("f", RIGHT, CELL)):
        level = (now[name] + 1) / 2 if name == "z" else now[name]
        canvas.box(
            x,
            y,
            f"{name} = {number(now[name])}",
            colour=tone[name],
            wide=86,
            tall=48,
            level=level,
            told=told_of(name, moment),
        )
    quiet = canvas.look["quiet"]
    for text, x, y in (
        ("input gate", LEFT, ENTERS + 36),
        ("output gate", LEFT, LEAVES - 36),
        ("forget gate", RIGHT, CELL + 36),
    ):
        canvas.text(x, y, text, size=12, colour=quiet)
    canvas.text(MID + 52, BLOCK, "block input", size=12, colour=quiet, align="left")
    written = now["i"] * now["z"]
    kept = now["f"] * moment.cell_before
    for x, y, text, size, role in (
        (MID + 14, 595, f"z = {number(now['z'])}", 12, "z"),
        (MID + 14, 486, f"i · z = {number(written)}", 13, "i"),
        (TURN + 14, 352, f"c(t−1) = {number(moment.cell_before)}", 12, "c"),
        (TURN + 14, 462, f"f · c(t−1) = {number(kept)}", 13, "f"),
        (MID + 14, 212, f"h(c) = {number(moment.squashed)}", 13, "c"),
        (MID + 16, 40, f"block output y(t) = {number(now['y'])}", 14, "o"),
    ):
        canvas.text(x, y, text, size=size, weight=600, colour=tone[role], align="left")
    return canvas.body()


def _inputs(canvas: Canvas, moment: Moment, name: str, x: float, y: float, side: int) -> None:
    """What a gate hears of the inputs and of the last outputs, from the side."""
    part, far, near = moment.parts[name], x + side * 190, x + side * 44
    align = "left" if side < 0 else "right"
    for up, text in ((-10, f"x(t): {number(part['x'])}"), (10, f"y(t−1): {number(part['y'])}")):
        canvas.wire((far, y + up), (near, y + up))
        canvas.text(
            far + (4 if side < 0 else -4), y + up + (-11 if up < 0 else 12), text, size=11, align=align
        )


def _peepholes(canvas: Canvas, moment: Moment, tone: dict[str, str]) -> None:
    """The dashed ways on which the gates see the cell."""
    if not moment.peepholes:
        return
    look: dict[str, Any] = {"colour": tone["p"], "dashed": True, "size": 1.8, "radius": 40}
    low, up, over = CELL + 14, CELL - 14, MID + 28
    canvas.wire((MID - 48, low), (LEFT, low), (LEFT, ENTERS - 24), told="peephole of the input gate", **look)
    canvas.wire((MID - 48, up), (LEFT, up), (LEFT, LEAVES + 24), told="peephole of the output gate", **look)
    canvas.wire(
        (over, CELL - 40),
        (over, 312),
        (RIGHT, 312),
        (RIGHT, CELL - 24),
        told="peephole of the forget gate",
        **look,
    )
    for name, x, y, align in (
        ("i", LEFT + 10, 466.0, "left"), ("o", LEFT + 10, 300.0, "left"), ("f", RIGHT - 10, 328.0, "right"),
    ):  # fmt: skip
        text = f"p·c({'t' if name == 'o' else 't−1'}) = {number(moment.peepholes[name])}"
        canvas.text(x, y, text, size=12, colour=canvas.look["quiet"], align=align)
