"""The values of a cell over time: a heat map a gate, with a row a unit, and the lines of the state below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.values.looks import DARK, LIGHT
from nodeflow_nodes.views._theme import diverging, line_colour, palette, ramp

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from nodeflow_nodes.deep._recurrent.exploring import Explored
    from nodeflow_nodes.deep._recurrent.telling import Told

MOST_STEPS = 400
MOST_UNITS = 16
MOST_LINES = 8

PANELS = {
    "lstm": (
        ("f", "forget gate f"),
        ("i", "input gate i"),
        ("z", "block input z"),
        ("o", "output gate o"),
        ("c", "cell c"),
    ),
    "gru": (("z", "update gate z"), ("r", "reset gate r"), ("n", "new content n"), ("h", "state h")),
    "simple_rnn": (("a", "sum a"), ("h", "state h"), ("dJ/dh", "error dJ/dh")),
}
"""The heat maps of each kind, from top to bottom; the last or the last but one is drawn as lines as well."""

GATES = {"lstm": "fio", "gru": "zr", "simple_rnn": ""}


def gates_body(
    seen: Explored, kind: str, told: Sequence[Told], theme: str, width: int
) -> tuple[dict[str, Any], list[str]]:
    """The part of a specification, and what is to be told of what was left out."""
    import numpy as np

    notes: list[str] = []
    memory = seen.values[seen.cell.memory]
    rows, units = np.arange(seen.steps), np.arange(seen.cell.units)
    if seen.steps > MOST_STEPS:
        rows = rows[-MOST_STEPS:]
        notes.append(f"the last {MOST_STEPS} of {seen.steps:,} steps are drawn")
    if len(units) > MOST_UNITS:
        moved = np.argsort(-np.ptp(memory, axis=0), kind="stable")
        units = np.sort(moved[:MOST_UNITS])
        notes.append(f"the {MOST_UNITS} of {seen.cell.units} units whose state moved most are drawn")
    order = sorted(int(seen.order[row]) for row in rows)
    event = told[0]
    plots = []
    for name, title in PANELS[kind]:
        values = seen.errors["h"] if name == "dJ/dh" else seen.values[name]
        plots.append(_heat(values, title, seen.order, rows, units, name in GATES[kind], theme, width))
    plots.append(_lines(seen, memory, rows, units, event, theme, width))
    for plot in plots:
        for layer in plot["layer"]:
            layer["encoding"]["x"]["scale"] = {
                "domain": [order[0] - 0.5, order[-1] + 0.5],
                "nice": False,
                "zero": False,
            }
    scales = {"resolve": {"scale": {"color": "independent", "x": "shared"}}}
    return {"vconcat": plots, "spacing": 8, **scales}, notes


def _across(title: str | None) -> dict[str, Any]:
    axis = {
        "grid": False,
        "tickMinStep": 1,
        "format": "d",
        **({} if title else {"labels": False, "ticks": False}),
    }
    return {"field": "left", "type": "quantitative", "title": title, "axis": axis}


def _heat(
    values: np.ndarray,
    title: str,
    order: np.ndarray,
    rows: np.ndarray,
    units: np.ndarray,
    is_gate: bool,
    theme: str,
    width: int,
) -> dict[str, Any]:
    import numpy as np

    part = values[np.ix_(rows, units)]
    high = 1.0 if is_gate else float(np.abs(part).max(initial=0.0)) or 1.0
    data = [
        {
            "left": step - 0.5,
            "right": step + 0.5,
            "step": step,
            "unit": f"{unit + 1}",
            "value": round(float(part[i, j]), 6 if high > 1e-3 else 15),
        }
        for i, step in enumerate(int(order[row]) for row in rows)
        for j, unit in enumerate(units)
    ]
    scale = (
        {"domain": [0, 1], "range": ramp(theme)}
        if is_gate
        else {
            "domain": [-high, -high / 2, 0, high / 2, high],
            "range": diverging(theme),
            "interpolate": "rgb",
        }
    )
    legend = {
        "title": None,
        "gradientLength": 64,
        "gradientThickness": 9,
        "format": ".2~g",
        "tickCount": 3,
        "offset": 8,
    }
    tooltip = [
        {"field": "step", "title": "step"}, {"field": "unit", "title": "unit"},
        {"field": "value", "title": title, "format": ".4~g"},
    ]  # fmt: skip
    names = [f"{unit + 1}" for unit in units]
    encoding = {
        "x": _across(None),
        "x2": {"field": "right"},
        "y": {
            "field": "unit", "type": "ordinal", "sort": names, "title": None,
            "axis": {"ticks": False, "domain": False, "labelOverlap": True},
            "scale": {"paddingInner": 0.06, "paddingOuter": 0},
        },
        "color": {"field": "value", "type": "quantitative", "scale": scale, "legend": legend},
        "tooltip": tooltip,
    }  # fmt: skip
    tall = max(62, min(11 * len(units), 150))
    mark = {"type": "rect", "stroke": None}
    return {
        "title": {"text": title, "fontSize": 12, "anchor": "start", "offset": 4, "frame": "group"},
        "width": width, "height": tall, "data": {"values": data}, "layer": [{"mark": mark, "encoding": encoding}],
    }  # fmt: skip


def _lines(
    seen: Explored,
    memory: np.ndarray,
    rows: np.ndarray,
    units: np.ndarray,
    event: Told,
    theme: str,
    width: int,
) -> dict[str, Any]:
    import numpy as np

    moved = sorted(units, key=lambda unit: -float(np.ptp(memory[:, unit])))[:MOST_LINES]
    if event.unit not in moved:
        moved[-1] = event.unit
    drawn = sorted(int(unit) for unit in moved)
    data = [
        {"left": int(seen.order[row]), "value": float(memory[row, unit]), "unit": f"{unit + 1}"}
        for unit in drawn
        for row in rows
    ]
    names = [f"{unit + 1}" for unit in drawn]
    what = {"c": "cell c", "h": "state h"}[seen.cell.memory]
    colour = {
        "field": "unit", "type": "nominal", "sort": names, "title": "unit",
        "scale": {"domain": names, "range": palette(theme)[: len(names)]},
        "legend": {"orient": "right", "columns": 2, "symbolType": "stroke"},
    }  # fmt: skip
    up = {"field": "value", "type": "quantitative", "title": None, "axis": {"tickCount": 4}}
    encoding = {
        "x": _across("step"), "y": up, "color": colour,
        "tooltip": [{"field": "left", "title": "step"}, {"field": "unit"}, {"field": "value", "format": ".4~g"}],
    }  # fmt: skip
    at = {"left": int(seen.order[event.row]), "value": float(memory[event.row, event.unit])}
    look = DARK if theme == "dark" else LIGHT
    layers: list[dict[str, Any]] = [{"mark": {"type": "line", "strokeWidth": 1.8}, "encoding": encoding}]
    if event.row in rows:
        mark = {"values": [at | {"text": f"unit {event.unit + 1}, step {at['left']}"}]}
        place = {"x": _across("step"), "y": up}
        middle = (int(seen.order[rows[0]]) + int(seen.order[rows[-1]])) / 2
        side = {"align": "right", "dx": -10} if at["left"] > middle else {"align": "left", "dx": 10}
        rule = {"type": "rule", "strokeDash": [4, 4], "color": line_colour(theme)}
        ring = {"type": "point", "size": 130, "strokeWidth": 2.5, "opacity": 1, "color": look["text"]}
        text = {"type": "text", "fontWeight": 600, "fontSize": 12, "dy": -12, **side}
        halo = text | {"stroke": look["background"], "strokeWidth": 4, "color": look["background"]}
        told = {**place, "text": {"field": "text"}}
        layers += [
            {"data": mark, "mark": rule, "encoding": {"x": _across("step")}},
            {"data": mark, "mark": ring, "encoding": place},
            {"data": mark, "mark": halo, "encoding": told},
            {"data": mark, "mark": text | {"color": look["text"]}, "encoding": told},
        ]
    title = f"{what} of the units that moved most"
    return {
        "title": {"text": title, "fontSize": 12, "anchor": "start", "offset": 4, "frame": "group"},
        "width": width, "height": 170, "data": {"values": data}, "layer": layers,
    }  # fmt: skip
