"""The numbers of one unit of an LSTM at one step, for its diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nodeflow.values.looks import PALETTES

if TYPE_CHECKING:
    from nodeflow_nodes.deep._recurrent.exploring import Explored


@dataclass(frozen=True)
class Moment:
    """The numbers of one unit at one step; `parts` has the share of x, of the state, of the cell in each block."""

    now: dict[str, float]
    cell_before: float
    state_before: float
    squashed: float
    squash: str
    """The name of h, which squashes the cell."""
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
    return Moment(now, cell_before, state_before, squashed, cell.h.name, parts, peepholes)


def number(value: float) -> str:
    """A number in a diagram, with a real minus."""
    text = f"{round(value, 2) + 0.0:.2f}" if abs(value) < 100 else f"{value:.3g}"
    return text.replace("-", "−")


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
