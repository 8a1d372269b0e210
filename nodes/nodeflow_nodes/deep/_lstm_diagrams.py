"""The LSTM drawn in two ways, with the numbers of one unit at one step at its wires.

"circuit" has the cell as a highway along the top; "odyssey" has it in the centre, as in Greff et al. (2017), figure 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow.values.looks import PALETTES
from nodeflow_nodes.deep._canvas import Canvas

if TYPE_CHECKING:
    from nodeflow_nodes.deep._recurrent.exploring import Explored


@dataclass(frozen=True)
class Moment:
    """The numbers of one unit at one step; `parts` has the share of x, of the state, of the cell in each block."""

    now: dict[str, float]
    cell_before: float
    state_before: float
    squashed: float
    parts: dict[str, dict[str, float]]
    peepholes: dict[str, float]


def moment_of(seen: Explored, row: int, unit: int) -> Moment:
    """The numbers of a unit and a row, both from 0."""
    from nodeflow_nodes.deep._recurrent.lstm import BLOCKS, Lstm

    cell, values = seen.cell, seen.values
    assert isinstance(cell, Lstm)
    p = cell.parameters
    earlier = row - 1
    states = values["y"][earlier] if row else values["y"][0] * 0.0
    cell_before = float(values["c"][earlier, unit]) if row else 0.0
    now = {name: float(one[row, unit]) for name, one in values.items()}
    seen_cell = {"i": cell_before, "f": cell_before, "o": now["c"]}
    peepholes = {one: float(p[f"p_{one}"][unit]) * seen_cell[one] for one in seen_cell if f"p_{one}" in p}
    parts = {}
    for one in BLOCKS:
        parts[one] = {
            "x": float(seen.x[row] @ p[f"W_{one}"][:, unit]),
            "y": float(states @ p[f"R_{one}"][:, unit]),
            "b": float(p[f"b_{one}"][unit]),
        }
        if one in peepholes:
            parts[one]["c"] = peepholes[one]
    squashed = float(cell.h.value(values["c"][row, unit : unit + 1])[0])
    state_before = float(states[unit])
    return Moment(now, cell_before, state_before, squashed, parts, peepholes)


def number(value: float) -> str:
    """A number in a diagram, with a real minus."""
    return f"{value:.2f}".replace("-", "−") if abs(value) < 100 else f"{value:.3g}".replace("-", "−")


def colours_of(theme: str) -> dict[str, str]:
    """A colour for each block, the same in all pictures of a cell."""
    return dict(zip(("c", "z", "i", "f", "p", "o"), PALETTES[theme], strict=False))


def told_of(name: str, moment: Moment) -> str:
    """How the number of a block came about, as a sum."""
    part = moment.parts[name]
    terms = [f"x·W {number(part['x'])}", f"y(t−1)·R {number(part['y'])}", f"b {number(part['b'])}"]
    if "c" in part:
        terms.append(f"p·c {number(part['c'])}")
    return (
        f"{name} = {number(moment.now[name])}, of {' + '.join(terms)} = {number(moment.now[name + '_bar'])}"
    )


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
    canvas.box(out, 182, "tanh", colour=tone["c"], wide=64, tall=40, told="h, which squashes the cell")
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


def odyssey(moment: Moment, theme: str) -> dict[str, Any]:
    """The cell in the centre, block input below, block output above, gates around."""
    canvas, tone = Canvas(900, 800, theme), colours_of(theme)
    now, mid = moment.now, 440.0
    canvas.area(150, 60, 775, 742)
    cell, left, right = (mid, 400.0), 240.0, 700.0
    enters, squash, leaves, block = 540.0, 262.0, 160.0, 650.0
    canvas.wire((mid, block - 26), (mid, enters + 16), colour=tone["z"])
    canvas.wire((mid, enters - 16), (mid, cell[1] + 50), colour=tone["i"])
    canvas.wire((mid, cell[1] - 50), (mid, squash + 20), colour=tone["c"], size=3)
    canvas.wire((mid, squash - 20), (mid, leaves + 16), colour=tone["c"], size=3)
    canvas.wire((mid, leaves - 16), (mid, 26), colour=tone["o"], size=3)
    canvas.wire((left + 43, enters), (mid - 16, enters), colour=tone["i"])
    canvas.wire((left + 43, leaves), (mid - 16, leaves), colour=tone["o"])
    turn = 570.0
    canvas.wire((right - 43, cell[1]), (turn + 16, cell[1]), colour=tone["f"])
    canvas.wire(
        (mid + 42, cell[1] - 26),
        (turn, cell[1] - 26 - 44),
        (turn, cell[1] - 16),
        colour=tone["c"],
        radius=30,
        told="the cell of the last step",
    )
    canvas.wire(
        (turn, cell[1] + 16),
        (turn, cell[1] + 70),
        (mid + 40, cell[1] + 30),
        colour=tone["c"],
        radius=30,
        told="what the forget gate keeps",
    )
    if moment.peepholes:
        look: dict[str, Any] = {"colour": tone["p"], "dashed": True, "size": 1.8, "radius": 40}
        canvas.wire(
            (mid - 48, cell[1] + 14),
            (left, cell[1] + 14),
            (left, enters - 24),
            told="peephole of the input gate",
            **look,
        )
        canvas.wire(
            (mid - 48, cell[1] - 14),
            (left, cell[1] - 14),
            (left, leaves + 24),
            told="peephole of the output gate",
            **look,
        )
        canvas.wire(
            (mid + 28, cell[1] - 40),
            (mid + 28, 312),
            (right, 312),
            (right, cell[1] - 24),
            told="peephole of the forget gate",
            **look,
        )
        for name, x, y, align in (
            ("i", left + 10, 466.0, "left"),
            ("o", left + 10, 300.0, "left"),
            ("f", right - 10, 328, "right"),
        ):
            time = "t" if name == "o" else "t−1"
            canvas.text(
                x,
                y,
                f"p·c({time}) = {number(moment.peepholes[name])}",
                size=12,
                colour=canvas.look["quiet"],
                align=align,
            )
    for gate, gate_x, gate_y, side in (
        ("i", left, enters, -1),
        ("o", left, leaves, -1),
        ("f", right, cell[1], 1),
    ):
        _inputs(canvas, moment, gate, gate_x, gate_y, side)
    canvas.wire(
        (mid - 70, 776),
        (mid - 70, 712),
        (mid - 18, 712),
        (mid - 18, block + 25),
        told="the inputs of this step",
    )
    canvas.wire(
        (mid + 70, 776),
        (mid + 70, 712),
        (mid + 18, 712),
        (mid + 18, block + 25),
        told="the outputs of the last step",
    )
    part = moment.parts["z"]
    canvas.text(mid - 80, 728, f"x(t): {number(part['x'])}", size=12, align="right")
    canvas.text(mid + 80, 728, f"y(t−1): {number(part['y'])}", size=12, align="left")
    canvas.circle(*cell, "", colour=tone["c"], radius=50, told="the cell")
    canvas.text(cell[0], cell[1] - 12, "cell", size=12, colour=canvas.look["quiet"])
    canvas.text(cell[0], cell[1] + 8, number(now["c"]), size=20, weight=700, colour=tone["c"])
    canvas.circle(mid, enters, "×", colour=tone["i"])
    canvas.circle(mid, leaves, "×", colour=tone["o"])
    canvas.circle(turn, cell[1], "×", colour=tone["f"])
    canvas.box(mid, squash, "h", colour=tone["c"], wide=56, tall=40, told="h, which squashes the cell")
    for name, x, y in (("z", mid, block), ("i", left, enters), ("o", left, leaves), ("f", right, cell[1])):
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
        ("input gate", left, enters + 36),
        ("output gate", left, leaves - 36),
        ("forget gate", right, cell[1] + 36),
    ):
        canvas.text(x, y, text, size=12, colour=quiet)
    canvas.text(mid + 52, block, "block input", size=12, colour=quiet, align="left")
    canvas.text(mid + 14, 595, f"z = {number(now['z'])}", size=12, colour=tone["z"], align="left")
    canvas.text(
        mid + 14,
        486,
        f"i · z = {number(now['i'] * now['z'])}",
        size=13,
        weight=600,
        colour=tone["i"],
        align="left",
    )
    canvas.text(
        turn + 14,
        352,
        f"c(t−1) = {number(moment.cell_before)}",
        size=12,
        weight=600,
        colour=tone["c"],
        align="left",
    )
    canvas.text(
        turn + 14,
        462,
        f"f · c(t−1) = {number(now['f'] * moment.cell_before)}",
        size=13,
        weight=600,
        colour=tone["f"],
        align="left",
    )
    canvas.text(
        mid + 14,
        212,
        f"h(c) = {number(moment.squashed)}",
        size=13,
        weight=600,
        colour=tone["c"],
        align="left",
    )
    canvas.text(
        mid + 16,
        40,
        f"block output y(t) = {number(now['y'])}",
        size=14,
        weight=700,
        colour=tone["o"],
        align="left",
    )
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
