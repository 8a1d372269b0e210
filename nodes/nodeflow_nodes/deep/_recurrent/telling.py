"""What a cell did with a sample, in sentences a student understands; steps and units are counted from 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodeflow_nodes.deep._recurrent.cell import Array, before
from nodeflow_nodes.deep._recurrent.exploring import Explored
from nodeflow_nodes.deep._recurrent.gru import Gru
from nodeflow_nodes.deep._recurrent.lstm import Lstm

OPEN = 0.9
"""From where on a gate is called open."""


@dataclass(frozen=True)
class Told:
    """A sentence on what happened at a row (from 0) in a unit (from 0)."""

    what: str
    row: int
    unit: int
    sentence: str


def tell(seen: Explored) -> list[Told]:
    """The sentences, the largest change of the state first."""
    if isinstance(seen.cell, Lstm):
        found = _of_lstm(seen, seen.cell)
    elif isinstance(seen.cell, Gru):
        found = _of_gru(seen)
    else:
        found = _of_simple(seen)
    return [*found, _of_errors(seen)]


def _of_lstm(seen: Explored, cell: Lstm) -> list[Told]:
    v = seen.values
    earlier = before(v["c"][None])[0]
    written, kept = v["i"] * v["z"], v["f"] * earlier
    found = []
    row, unit = _where(np.abs(v["c"] - earlier))
    at = row, unit
    forgot = abs(earlier[at] - kept[at]) > abs(written[at])
    did = (
        f"mostly forgot: f = {n(v['f'][at])}"
        if forgot
        else f"mostly wrote: i = {n(v['i'][at])}, z = {n(v['z'][at])}"
    )
    found.append(
        Told("largest change", row, unit, f"{_at(seen, row, unit)} changed most: its cell went from {n(earlier[at])} to "
             f"{n(v['c'][at])}; it {did}.")
    )  # fmt: skip
    row, unit = at = _where(np.abs(earlier) * (1 - v["f"]))
    found.append(
        Told("forgot", row, unit, f"{_at(seen, row, unit)} forgot: f = {n(v['f'][at])} kept {_share(v['f'][at])} of its "
             f"cell, {n(earlier[at])}, so {n(kept[at])} was left.")
    )  # fmt: skip
    row, unit = at = _where(np.abs(written))
    found.append(
        Told("wrote", row, unit, f"{_at(seen, row, unit)} wrote: i = {n(v['i'][at])} let {_share(v['i'][at])} of "
             f"z = {n(v['z'][at])} in, which added {n(written[at])} to its cell.")
    )  # fmt: skip
    squashed = cell.h.value(v["c"])
    row, unit = at = _where(np.abs(squashed) * (1 - v["o"]))
    found.append(
        Told("hid", row, unit, f"{_at(seen, row, unit)} hid its cell: o = {n(v['o'][at])} let {_share(v['o'][at])} of "
             f"h(c) = {n(squashed[at])} out, so the others saw {n(v['y'][at])}.")
    )  # fmt: skip
    start, length, unit = _longest(v["f"] >= OPEN)
    if length > 1:
        first, last = sorted((int(seen.order[start]), int(seen.order[start + length - 1])))
        share = float(np.prod(v["f"][start : start + length, unit]))
        found.append(
            Told("kept", start, unit, f"Unit {unit + 1} kept its cell longest: f stayed at {OPEN} or more for {length} "
                 f"steps, from {first} to {last}; {_share(share)} of what it held at the start was left at the end.")
        )  # fmt: skip
    return found


def _of_gru(seen: Explored) -> list[Told]:
    v = seen.values
    earlier = before(v["h"][None])[0]
    row, unit = at = _where(np.abs(v["h"] - earlier))
    found = [
        Told("largest change", row, unit, f"{_at(seen, row, unit)} changed most: z = {n(v['z'][at])} kept "
             f"{_share(v['z'][at])} of its state, {n(earlier[at])}, and took the rest from n = {n(v['n'][at])}, which made "
             f"{n(v['h'][at])}.")
    ]  # fmt: skip
    row, unit = at = _where(np.abs(earlier) * (1 - v["r"]))
    found.append(
        Told("reset", row, unit, f"{_at(seen, row, unit)} reset: r = {n(v['r'][at])} let only {_share(v['r'][at])} of what "
             f"comes from the last states into its new content.")
    )  # fmt: skip
    start, length, unit = _longest(v["z"] >= OPEN)
    if length > 1:
        found.append(
            Told("kept", start, unit, f"Unit {unit + 1} kept its state longest: z stayed at {OPEN} or more for {length} "
                 f"steps, from step {int(seen.order[start])} on.")
        )  # fmt: skip
    return found


def _of_simple(seen: Explored) -> list[Told]:
    a, h = seen.values["a"], seen.values["h"]
    row, unit = at = _where(np.abs(h - before(h[None])[0]))
    was = before(h[None])[0][at]
    found = [
        Told("largest change", row, unit, f"{_at(seen, row, unit)} changed most: from h = {n(was)} to h = {n(h[at])}, as "
             f"a = {n(a[at])} went in.")
    ]  # fmt: skip
    slopes = seen.cell.g.slope(a, h)  # type: ignore[attr-defined]
    row, unit = at = _where(-slopes)
    found.append(
        Told("let least through", row, unit, f"{_at(seen, row, unit)} let the least error through: at a = {n(a[at])} the "
             f"slope g'(a) is {n(slopes[at])}, by which every error on its way back is multiplied.")
    )  # fmt: skip
    return found


def _of_errors(seen: Explored) -> Told:
    """How much of the error comes back to the first step."""
    state = seen.cell.state
    lengths = np.linalg.norm(seen.errors[state], axis=1)
    first, last = float(lengths[0]), float(lengths[-1])
    unit = int(np.abs(seen.errors[state][0]).argmax())
    if not last:
        return Told(
            "errors", len(lengths) - 1, unit, "No error enters at the last step that the layer reads."
        )
    ratio = first / last
    fate = (
        f"fades to {ratio:.2g} of itself"
        if ratio < 0.5
        else f"grows {ratio:.3g} times"
        if ratio > 2
        else "stays about as large"
    )
    return Told(
        "errors", 0, unit, f"The error |dJ/d{state}| is {last:.3g} at the last step read and {first:.3g} at the first: back "
        f"over {len(lengths)} steps it {fate}."
    )  # fmt: skip


def n(value: float) -> str:
    """A number in a sentence."""
    text = f"{value:.2f}" if abs(value) >= 0.01 or value == 0 else f"{value:.1g}"
    return text.replace("-", "−") if float(value) else "0"


def _share(value: float) -> str:
    return f"{value:.0%}" if value >= 0.01 or value == 0 else "under 1%"


def _at(seen: Explored, row: int, unit: int) -> str:
    return f"At step {int(seen.order[row])} unit {unit + 1}"


def _where(sizes: Array) -> tuple[int, int]:
    row, unit = np.unravel_index(int(sizes.argmax()), sizes.shape)
    return int(row), int(unit)


def _longest(is_so: Array) -> tuple[int, int, int]:
    """Where the longest run of steps begins, how long it is, and in which unit."""
    best = (0, 0, 0)
    for unit in range(is_so.shape[1]):
        run = 0
        for row, one in enumerate(is_so[:, unit]):
            run = run + 1 if one else 0
            if run > best[1]:
                best = (row - run + 1, run, unit)
    return best
