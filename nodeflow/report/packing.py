"""Charts as a report carries them: data by column, each text once; a picture where that is still too much."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.values.chart import Chart

MOST_OF_A_CHART = 1_500_000
"""Letters of JSON that a chart may need; one that needs more is shown as a picture."""

MOST_OF_ALL = 10_000_000
"""Letters of JSON of all charts together."""

_FEW = 0.5
_DIGITS = 7


def packed(charts: Sequence[Chart]) -> list[dict[str, Any]]:
    """For each chart its `specification` with the `rows` taken out, or the `picture` that stands for it."""
    found: list[dict[str, Any]] = []
    total = 0
    for chart in charts:
        one = _pack(chart)
        size = len(json.dumps(one, ensure_ascii=False))
        if size > MOST_OF_A_CHART or total + size > MOST_OF_ALL:
            png = base64.b64encode(chart.to_bytes("png", scale=1.5)).decode()
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
    columns = [_column([row.get(name) for row in rows]) for name in names]
    return {"specification": specification, "rows": {"names": names, "columns": columns, "height": len(rows)}}


def _column(values: list[Any]) -> Any:
    """The values; texts that come often as a list of texts and of places in it."""
    texts = {value for value in values if isinstance(value, str)}
    if texts and len(texts) < len(values) * _FEW and all(isinstance(v, str) or v is None for v in values):
        known = {text: place for place, text in enumerate(sorted(texts))}
        return {"texts": list(known), "places": [None if v is None else known[v] for v in values]}
    return [_rounded(value) for value in values]


def _rounded(value: Any) -> Any:
    """A number to as many digits as a picture can show; large ones, such as moments, in full."""
    if not isinstance(value, float) or abs(value) >= 10**_DIGITS:
        return value
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short
