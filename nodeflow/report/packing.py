"""Charts as a report carries them: data by column, each text once; a picture where that is still too much.

A column of the data is a list; or `texts` with the places of each row's text among them; or, where the rows
are many, the bytes of numbers in base64 with their type: "u1" and "u2" for small whole numbers, "i4", "f4".
"""

from __future__ import annotations

import array
import base64
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.values.chart import Chart

MOST_OF_A_CHART = 1_500_000
"""Letters of JSON that a chart may need; one that needs more is shown as a picture."""

MOST_OF_ALL = 12_500_000
"""Letters of all charts together."""

_FEW = 0.5
_DIGITS = 7
_MANY = 3_000
_WHOLE = {"u1": ("B", 0, 2**8), "u2": ("H", 0, 2**16), "i4": ("i", -(2**31), 2**31)}


def packed(charts: Sequence[Chart]) -> list[dict[str, Any]]:
    """For each chart its `specification` with the `rows` taken out, or the `picture` that stands for it."""
    found: list[dict[str, Any]] = []
    total = 0
    for chart in charts:
        one = _pack(chart)
        size = len(json.dumps(one, ensure_ascii=False))
        if size > MOST_OF_A_CHART or total + size > MOST_OF_ALL:
            png = base64.b64encode(chart.to_bytes("png", scale=1.0)).decode()
            one = {"picture": f"data:image/png;base64,{png}"}
            size = len(png)
        total += size
        found.append(one)
    return found


def _pack(chart: Chart) -> dict[str, Any]:
    # the report brings a newer Vega-Lite than the one a specification names, which draws it as well
    specification = {name: part for name, part in chart.specification.items() if name != "$schema"}
    data = specification.get("data")
    rows = data.get("values") if isinstance(data, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return {"specification": specification}
    names = list(dict.fromkeys(name for row in rows for name in row))
    if any(isinstance(row.get(name), dict | list) for row in rows for name in names):
        return {"specification": specification}
    assert isinstance(data, Mapping)
    specification["data"] = {name: part for name, part in data.items() if name != "values"}
    columns = {name: [row.get(name) for row in rows] for name in names}
    return {"specification": specification, "rows": packed_columns(columns) | {"height": len(rows)}}


def packed_columns(columns: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Rows given as columns."""
    height = max((len(values) for values in columns.values()), default=0)
    return {
        "names": list(columns),
        "columns": [_column(values) for values in columns.values()],
        "height": height,
    }


def _column(values: list[Any]) -> Any:
    """The values of a field, as short as they can be said."""
    texts = {value for value in values if isinstance(value, str)}
    if not texts:
        return _numbers(values) or [_rounded(value) for value in values]
    if len(texts) < len(values) * _FEW and all(isinstance(value, str) or value is None for value in values):
        known: dict[str | None, int] = {text: place for place, text in enumerate([*sorted(texts), None])}
        places = [known[value] for value in values]
        return {"texts": list(known), "places": _numbers(places) or places}
    return [_rounded(value) for value in values]


def _numbers(values: list[Any]) -> dict[str, str] | None:
    """Many numbers as bytes; None if they are few, or other than numbers, or would lose what can be seen."""
    if len(values) < _MANY or not all(value is None or type(value) in (int, float) for value in values):
        return None
    present = [value for value in values if value is not None]
    low, high = min(present, default=0), max(present, default=0)
    if all(type(value) is int for value in values):
        for name, (code, least, beyond) in _WHOLE.items():
            if least <= low and high < beyond:
                return {"type": name, "bytes": _base64(array.array(code, values))}
        return None
    most = 10**_DIGITS if all(type(value) is float for value in present) else 10 ** (_DIGITS - 1)
    if max(-low, high) >= most or any(0 < abs(value) < 1e-30 for value in present):
        return None
    held = array.array("f", [math.nan if value is None else value for value in values])
    return {"type": "f4", "bytes": _base64(held)}


def _base64(numbers: array.array[Any]) -> str:
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()


def _rounded(value: Any) -> Any:
    """A number to as many digits as a picture can show; large ones, such as moments, in full."""
    if not isinstance(value, float) or abs(value) >= 10**_DIGITS:
        return value
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short
