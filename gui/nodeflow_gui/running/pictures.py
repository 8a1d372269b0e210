"""Charts as shapes to draw: Vega-Lite specifications of our views, resolved to points, lines, areas and boxes.

Our views summarise in the query, so the data of a chart are what is drawn. What has no shapes here, as
arcs and charts of several panels, is drawn as SVG by vl-convert.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.values.chart import Chart
from nodeflow.values.looks import PALETTE

Row = Mapping[str, Any]

_MARKS = ("point", "circle", "line", "area", "bar", "rect", "rule", "tick", "text", "square")
_CHANNELS = {
    *("x", "y", "x2", "y2", "color", "size", "detail", "order", "tooltip", "text", "opacity", "strokeDash"),
    *("shape", "xOffset"),
}
_HALF_BAND = 0.42
_HALF_TICK = 0.3
_ANCHORS = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}
_SHADES = 60
"""Colours along a scale; points of one colour are drawn together."""

_SCHEMES = {
    "blues": ("#e8f1f8", "#abd0e6", "#5aa2cf", "#1b6aa5", "#073763"),
    "viridis": ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"),
    "magma": ("#000004", "#3b0f70", "#8c2981", "#de4968", "#fe9f6d", "#fcfdbf"),
    "greys": ("#f5f5f5", "#bdbdbd", "#737373", "#252525"),
}
"""Ends and middles of colour scales, as Vega names them."""


class _NotHere(Exception):  # noqa: N818 - the chart is drawn otherwise
    pass


def resolved(chart: Chart) -> dict[str, Any]:
    """The shapes of a chart: {"shapes": true, "title", "x", "y", "layers", "legend", "columns"}.

    `x` and `y` are axes: {"title", "kind": "number" | "time" | "log" | "labels", "labels"}. A layer has
    "mark" and what that needs; `rows` of it say what is told under the mouse. Without shapes only
    "shapes": false and the title are there.
    """
    specification = chart.specification
    title = chart.spec.title
    try:
        shapes = _Resolver(specification).resolve()
    except (_NotHere, KeyError, TypeError, ValueError):
        return {"shapes": False, "title": title}
    return {"shapes": True, "title": title, "columns": chart.columns, **shapes}


class _Resolver:
    def __init__(self, specification: Mapping[str, Any]) -> None:
        self.specification = specification
        self.values: list[Row] = specification.get("data", {}).get("values", [])
        colours = specification.get("config", {}).get("range", {}).get("category")
        self.palette: Sequence[str] = colours if isinstance(colours, list) else list(PALETTE)
        self.axes: dict[str, dict[str, Any]] = {}
        self.legend: dict[str, str] = {}
        self.ramp: dict[str, Any] | None = None

    def resolve(self) -> dict[str, Any]:
        """The parts of the answer; raises `_NotHere`."""
        whole = self.specification
        if any(part in whole for part in ("concat", "hconcat", "vconcat", "facet", "repeat", "spec")):
            raise _NotHere
        units = whole.get("layer", [whole])
        if "transform" in whole or any("transform" in unit or "layer" in unit for unit in units):
            raise _NotHere
        merged = [
            unit | {"encoding": {**whole.get("encoding", {}), **unit.get("encoding", {})}} for unit in units
        ]
        for unit in merged:
            self._look_at(unit)
        if self.axes["x"]["hidden"] and self.axes["y"]["hidden"]:
            raise _NotHere  # no picture of two scales
        layers = [layer for unit in merged if (layer := self._layer(unit)) is not None]
        return {
            "x": self.axes["x"],
            "y": self.axes["y"],
            "layers": layers,
            "legend": list(self.legend.items()),
            "ramp": self.ramp,
        }

    def _look_at(self, unit: Row) -> None:
        """Take the axes of a unit, and refuse what has no shapes."""
        mark = _mark(unit)
        encoding = unit["encoding"]
        if mark["type"] not in _MARKS or set(encoding) - _CHANNELS:
            raise _NotHere
        for role in ("x", "y"):
            channel = encoding.get(role)
            if channel is None:
                continue
            if channel.get("aggregate") or channel.get("bin") is True or "row" in channel:
                raise _NotHere
            if "field" not in channel:
                if "datum" in channel or "value" in channel:
                    continue
                raise _NotHere
            self._axis(role, channel, self._rows(unit))

    def _axis(self, role: str, channel: Row, rows: Sequence[Row]) -> None:
        scale = channel.get("scale") or {}
        kind = channel.get("type", "quantitative")
        if kind == "quantitative":
            found: dict[str, Any] = {"kind": "log" if scale.get("type") == "log" else "number", "labels": []}
        elif kind == "temporal":
            found = {"kind": "time", "labels": []}
        else:
            found = {"kind": "labels", "labels": []}
        drawn = channel.get("axis", {})
        if drawn and "format(" not in drawn.get("labelExpr", "format(") and found["kind"] == "number":
            raise _NotHere  # places that stand for something else
        axis = self.axes.setdefault(role, {"title": "", "hidden": drawn is None, **found})
        if axis["kind"] != found["kind"]:
            raise _NotHere
        title = channel.get("title")
        if title and not axis["title"]:
            axis["title"] = title if isinstance(title, str) else " ".join(map(str, title))
        if axis["kind"] == "labels":
            sort = channel.get("sort")
            present = [label_of(row.get(channel["field"])) for row in rows]
            order = [label_of(one) for one in sort] if isinstance(sort, list) else []
            if not isinstance(sort, list) and sort is not None and sort != "ascending":
                raise _NotHere
            if "sort" not in channel:
                present.sort()
            axis["labels"] = list(
                dict.fromkeys([*axis["labels"], *(o for o in order if o in set(present)), *present])
            )
            axis["reversed"] = role == "y"

    def _rows(self, unit: Row) -> list[Row]:
        own = unit.get("data")
        return own.get("values", []) if isinstance(own, dict) else self.values

    def _layer(self, unit: Row) -> dict[str, Any] | None:
        mark = _mark(unit)
        rows = self._rows(unit)
        encoding = unit["encoding"]
        base = {
            "mark": mark["type"],
            "opacity": mark.get("opacity", 1.0),
            "stroke": mark.get("stroke", ""),
            "told": self._told(encoding, rows),
        }
        if mark["type"] in ("line", "area"):
            fields = self._fields(encoding)
            return base | {
                "series": self._series(mark, encoding, rows),
                # what stands along may be a summary: only where it stands is a column's value
                "fields": {"x": fields["x"]} if "x" in fields else {},
                "points": bool(mark.get("point")),
                "dashed": bool(mark.get("strokeDash")),
            }
        x, y = self._places("x", encoding, rows), self._places("y", encoding, rows)
        if mark["type"] == "text":
            return self._text(base, mark, encoding, rows, x, y)
        colours = self._colours(mark, encoding, rows)
        if "x" not in encoding and "y" not in encoding:
            return None  # it is there for its legend alone
        if mark["type"] in ("point", "circle", "square"):
            sizes = self._numbers(encoding.get("size"), rows)
            plain = mark.get("size", 40)
            return base | {
                "mark": "point", "x": x, "y": y, "colours": colours, "sizes": sizes, "size": plain,
                "filled": bool(mark.get("filled", mark["type"] != "point")), "fields": self._fields(encoding),
                "values": self._picked(encoding, rows),
            }  # fmt: skip
        if mark["type"] == "tick":
            half = _HALF_TICK
            upright = self.axes["x"]["kind"] != "labels"
            if upright:
                return base | {"mark": "rule", "x": x, "x2": x, "y": _shifted(y, -half), "y2": _shifted(y, half),
                               "colours": colours}  # fmt: skip
            return base | {"mark": "rule", "x": _shifted(x, -half), "x2": _shifted(x, half), "y": y, "y2": y,
                           "colours": colours}  # fmt: skip
        if mark["type"] == "rule":
            return self._rule(base, encoding, rows, x, y, colours)
        return self._boxes(base, mark, encoding, rows, colours)

    def _text(
        self, base: dict[str, Any], mark: Row, encoding: dict[str, Any], rows: Sequence[Row], x: Any, y: Any
    ) -> dict[str, Any]:
        field = encoding.get("text", {}).get("field")
        if field is None or not x or not y:
            raise _NotHere
        shown = [label_of(row.get(field)) for row in rows]
        across, up = mark.get("align", "center"), mark.get("baseline", "middle")
        return base | {
            "x": x, "y": y, "texts": shown, "colours": self._inks(mark, encoding, rows),
            "anchor": (_ANCHORS.get(across, 0.5), _ANCHORS.get(up, 0.5)),
        }  # fmt: skip

    def _rule(
        self, base: dict[str, Any], encoding: Row, rows: Sequence[Row], x: Any, y: Any, colours: Any
    ) -> dict[str, Any] | None:
        x2, y2 = self._places("x2", encoding, rows), self._places("y2", encoding, rows)
        if "x" in encoding and "y" in encoding:
            return base | {"x": x, "y": y, "x2": x2 or x, "y2": y2 or y, "colours": colours}
        return base | {
            "mark": "line across",
            "x": list(dict.fromkeys(x)),
            "y": list(dict.fromkeys(y)),
            "colours": colours,
        }

    def _boxes(
        self,
        base: dict[str, Any],
        mark: Row,
        encoding: dict[str, Any],
        rows: Sequence[Row],
        colours: list[str],
    ) -> dict[str, Any]:
        box: dict[str, Any] = {}
        half = 0.5 if mark["type"] == "rect" else _HALF_BAND
        if isinstance(mark.get("size"), int | float) and mark["type"] == "bar":
            half = 0.3
        stacked = self._stacked(encoding, rows)
        dodged = self._dodged(encoding, rows, half)
        for role in ("x", "y"):
            low = self._places(role, encoding, rows)
            high = self._places(f"{role}2", encoding, rows)
            if stacked is not None and stacked[0] == role:
                low, high = stacked[1], stacked[2]
            elif dodged is not None and role == "x":
                low, high = dodged
            elif not high:
                if self.axes[role]["kind"] == "labels":
                    low, high = _shifted(low, -half), _shifted(low, half)
                elif mark["type"] == "bar":
                    low, high = [0.0] * len(low), low
                else:
                    raise _NotHere
            box[role], box[f"{role}2"] = low, high
        return base | box | {
            "mark": "box", "colours": colours, "fields": self._fields(encoding),
            "values": self._picked(encoding, rows),
        }  # fmt: skip

    def _dodged(
        self, encoding: Row, rows: Sequence[Row], half: float
    ) -> tuple[list[float | None], list[float | None]] | None:
        """Bars of one place beside each other."""
        field = encoding.get("xOffset", {}).get("field")
        if field is None:
            return None
        if self.axes["x"]["kind"] != "labels":
            raise _NotHere
        sort = encoding["xOffset"].get("sort", encoding.get("color", {}).get("sort"))
        present = {label_of(row.get(field)) for row in rows}
        order = [label_of(one) for one in sort] if isinstance(sort, list) else sorted(present)
        order = [one for one in order if one in present]
        width = 2 * half / max(len(order), 1)
        middle = self._places("x", encoding, rows)
        at = [order.index(label_of(row.get(field))) * width - half for row in rows]
        low = [None if place is None else place + by for place, by in zip(middle, at, strict=True)]
        return low, _shifted(low, width)

    def _stacked(self, encoding: Row, rows: Sequence[Row]) -> tuple[str, list[Any], list[Any]] | None:
        """Bars of one place on top of each other, where Vega-Lite stacks them."""
        if "xOffset" in encoding or "field" not in encoding.get("color", {}):
            return None
        for role, other in (("y", "x"), ("x", "y")):
            channel = encoding.get(role, {})
            if channel.get("type") != "quantitative" or f"{role}2" in encoding:
                continue
            if self.axes[other]["kind"] != "labels" or channel.get("stack", "zero") is None:
                continue
            if channel.get("stack", "zero") not in ("zero", True):
                raise _NotHere
            sums: dict[Any, float] = {}
            low, high = [], []
            for row in rows:
                at = row.get(encoding[other]["field"])
                start = sums.get(at, 0.0)
                sums[at] = start + float(row.get(channel["field"]) or 0.0)
                low.append(start)
                high.append(sums[at])
            return role, low, high
        return None

    def _series(self, mark: Row, encoding: dict[str, Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
        colours = self._colours(mark, encoding, rows)
        by = [
            encoding[name]["field"]
            for name in ("color", "detail", "strokeDash")
            if "field" in encoding.get(name, {})
        ]
        x, y = self._places("x", encoding, rows), self._places("y", encoding, rows)
        x2, y2 = self._places("x2", encoding, rows), self._places("y2", encoding, rows)
        groups: dict[tuple[Any, ...], list[int]] = {}
        for place, row in enumerate(rows):
            groups.setdefault(tuple(row.get(name) for name in by), []).append(place)
        stack = encoding.get("y", {}).get("stack", "zero" if mark["type"] == "area" else None)
        stacks = mark["type"] == "area" and stack in ("zero", True) and not y2 and not x2
        if mark["type"] == "area" and isinstance(stack, str) and stack != "zero":
            raise _NotHere
        sums: dict[Any, float] = {}
        order = mark.get("orient") == "vertical" or "order" not in encoding
        series = []
        for key, places in groups.items():
            if mark["type"] == "line" and order and self.axes["x"]["kind"] != "labels":
                places.sort(key=lambda at: (x[at] is None, x[at]))
            one: dict[str, Any] = {
                "name": " ".join(label_of(part) for part in key),
                "colour": colours[places[0]],
                "x": [x[at] for at in places],
                "y": [y[at] for at in places],
                "at": [rows[at].get(encoding["x"].get("field")) for at in places],
            }
            if mark["type"] == "area":
                if x2:
                    one["x2"] = [x2[at] for at in places]
                elif y2:
                    one["y2"] = [y2[at] for at in places]
                elif stacks:
                    low = [sums.get(at, 0.0) for at in one["x"]]
                    high = [start + (size or 0.0) for start, size in zip(low, one["y"], strict=True)]
                    sums.update(zip(one["x"], high, strict=True))
                    one["y"], one["y2"] = high, low
                else:
                    one["y2"] = [0.0] * len(places)
            series.append(one)
        return series

    # -- channels -----------------------------------------------------------------------------

    def _places(self, role: str, encoding: Row, rows: Sequence[Row]) -> list[float | None]:
        channel = encoding.get(role)
        if channel is None:
            return []
        if "datum" in channel:
            return [_number(channel["datum"])] * max(len(rows), 1)
        if "field" not in channel:
            raise _NotHere
        axis = self.axes[role[0]]
        if axis["kind"] == "labels":
            at = {label: float(place) for place, label in enumerate(axis["labels"])}
            return [at.get(label_of(row.get(channel["field"]))) for row in rows]
        if axis["kind"] == "time":
            return [moment_of(row.get(channel["field"])) for row in rows]
        return [_number(row.get(channel["field"])) for row in rows]

    def _numbers(self, channel: Row | None, rows: Sequence[Row]) -> list[float | None]:
        if channel is None or "field" not in channel:
            return []
        return [_number(row.get(channel["field"])) for row in rows]

    def _colours(self, mark: Row, encoding: dict[str, Any], rows: Sequence[Row]) -> list[str]:
        """A colour for each row."""
        channel = encoding.get("color", {})
        if "field" not in channel:
            fixed = channel.get("value") or mark.get("color") or self.palette[0]
            if not isinstance(fixed, str):
                raise _NotHere
            return [fixed] * len(rows)
        values = [row.get(channel["field"]) for row in rows]
        if channel.get("scale", {}) is None:
            return [value if isinstance(value, str) else "" for value in values]  # the colours themselves
        scale = channel.get("scale", {})
        if channel.get("type") in ("quantitative", "temporal"):
            return self._along(channel, values, scale)
        domain = scale.get("domain") or channel.get("sort")
        if not isinstance(domain, list):
            domain = sorted({label_of(value) for value in values})
        wanted = scale.get("range")
        palette = wanted if isinstance(wanted, list) and wanted else self.palette
        own = {label_of(value): palette[place % len(palette)] for place, value in enumerate(domain)}
        present = {label_of(value) for value in values}
        if channel.get("legend", True) is not None:
            self.legend.update({name: colour for name, colour in own.items() if name in present})
        return [own.get(label_of(value), "#888888") for value in values]

    def _along(self, channel: Row, values: Sequence[Any], scale: Row) -> list[str]:
        """Colours along a scale."""
        numbers = [moment_of(v) if channel["type"] == "temporal" else _number(v) for v in values]
        known = [one for one in numbers if one is not None]
        colours = scale.get("range")
        if not isinstance(colours, list):
            colours = list(_SCHEMES.get(str(scale.get("scheme", "")), _SCHEMES["blues"]))
        domain = scale.get("domain")
        ends = (
            [_number(one) for one in domain]
            if isinstance(domain, list)
            else [min(known), max(known)]
            if known
            else [0, 1]
        )
        low, high = ends[0], ends[-1]
        if low is None or high is None:
            raise _NotHere
        if channel.get("legend", True) is not None:
            title = channel.get("title")
            self.ramp = {
                "title": title if isinstance(title, str) else "",
                "low": low,
                "high": high,
                "colours": colours,
            }
        room = (high - low) or 1.0
        return ["" if n is None else _blend(colours, (n - low) / room) for n in numbers]

    def _inks(self, mark: Row, encoding: dict[str, Any], rows: Sequence[Row]) -> list[str]:
        """Colours of texts, which stand on light or dark ground."""
        channel = encoding.get("color", {})
        if "field" in channel:
            return self._colours(mark, encoding | {"color": channel | {"legend": None}}, rows)
        fixed = channel.get("value") or mark.get("color") or ""
        return [fixed if isinstance(fixed, str) and "condition" not in channel else ""] * len(rows)

    def _told(self, encoding: Row, rows: Sequence[Row]) -> list[list[str]]:
        """What is told under the mouse, a list of lines for each row."""
        lines = encoding.get("tooltip") or [
            encoding[r] for r in ("x", "y", "color") if "field" in encoding.get(r, {})
        ]
        if isinstance(lines, dict):
            lines = [lines]
        named = [(one.get("title", one["field"]), one["field"]) for one in lines if "field" in one]
        return [[f"{label_of(title)}: {label_of(row.get(name))}" for title, name in named] for row in rows]

    def _fields(self, encoding: Row) -> dict[str, str]:
        return {
            role: channel["field"]
            for role, channel in encoding.items()
            if isinstance(channel, dict) and "field" in channel
        }

    def _picked(self, encoding: Row, rows: Sequence[Row]) -> dict[str, list[Any]]:
        """The values along the axes as they are in the data, for conditions of a selection."""
        return {
            role: [row.get(channel["field"]) for row in rows]
            for role, channel in encoding.items()
            if role in ("x", "y", "x2", "y2") and "field" in channel
        }


def _mark(unit: Row) -> dict[str, Any]:
    mark = unit.get("mark")
    if isinstance(mark, str):
        return {"type": mark}
    if not isinstance(mark, dict):
        raise _NotHere
    return mark


def label_of(value: Any) -> str:
    """A value as axes and legends name it."""
    if value is None:
        return "missing"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def moment_of(value: Any) -> float | None:
    """Seconds since 1970 of a date or moment in ISO form, or of milliseconds."""
    if isinstance(value, int | float):
        return value / 1000
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()


def _shifted(values: Sequence[float | None], by: float) -> list[float | None]:
    return [None if value is None else value + by for value in values]


def _blend(colours: Sequence[str], share: float) -> str:
    step = round(min(max(share, 0.0), 1.0) * _SHADES) / _SHADES
    place = step * (len(colours) - 1)
    first = min(int(place), len(colours) - 2) if len(colours) > 1 else 0
    last = min(first + 1, len(colours) - 1)
    part = place - first
    mixed = [
        round(int(colours[first][at : at + 2], 16) * (1 - part) + int(colours[last][at : at + 2], 16) * part)
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{one:02x}" for one in mixed)
