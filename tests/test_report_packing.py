"""Charts in a report: small enough, their data as they were, a picture where they cannot be."""

from __future__ import annotations

import base64
import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from nodeflow.report import packing
from nodeflow.report.content import ChartPart, Content
from nodeflow.report.packing import packed
from nodeflow.report.page import page_of
from nodeflow.values import Chart

pytest.importorskip("vl_convert")

MARKS: dict[str, Any] = {
    "mark": "point",
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}


def chart(rows: list[dict[str, Any]]) -> Chart:
    return Chart({"data": {"values": rows}, **MARKS})


def unpacked(one: dict[str, Any]) -> list[dict[str, Any]]:
    """What the page makes of the rows; see `unpacked` in charts.js."""
    rows = one["rows"]

    def column(told: Any) -> list[Any]:
        if isinstance(told, list):
            return told
        if "texts" in told:
            return [told["texts"][place] for place in column(told["places"])]
        raw = base64.b64decode(told["bytes"])
        code, size = {"u1": ("B", 1), "u2": ("H", 2), "i4": ("i", 4), "f4": ("f", 4)}[told["type"]]
        numbers = struct.unpack(f"<{len(raw) // size}{code}", raw)
        return [None if number != number else number for number in numbers]

    columns = [column(told) for told in rows["columns"]]
    return [dict(zip(rows["names"], row, strict=True)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("count", [0, 3, 10, 4_000])
def test_rows_come_back_as_they_were(count: int) -> None:
    some = random.Random(1)
    rows = [
        {
            "x": some.randint(0, 200), "big": 2**40 + row, "negative": -row, "float": some.uniform(-5, 5),
            "whole gaps": None if row % 2 else 10**6 + row, "gaps": None if row % 3 else row / 7, "group": some.choice(["a", "b", None]), "name": f"name {row}",
            "mixed": "text" if row % 2 else 1.5, "flag": row % 2 == 0, "at": 1.7e12 + row,
        }
        for row in range(count)
    ]  # fmt: skip
    (one,) = packed([chart(rows)])
    found = unpacked(one)
    assert len(found) == count
    for row, again in zip(rows, found, strict=True):
        for name, value in row.items():
            expected = pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
            assert again[name] == expected, name
    assert "values" not in json.dumps(one["specification"])


def test_fields_that_some_rows_lack_are_missing_there() -> None:
    (one,) = packed([chart([{"x": 1}, {"y": 2}])])
    assert unpacked(one) == [{"x": 1, "y": None}, {"x": None, "y": 2}]


def test_data_that_are_no_plain_rows_are_left_alone() -> None:
    nested = [{"x": [1, 2]}]
    (one,) = packed([chart(nested)])
    assert one["specification"]["data"] == {"values": nested}


def test_what_needs_too_much_is_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"x": row, "y": f"a text of its own {row}"} for row in range(100)]
    monkeypatch.setattr(packing, "MOST_OF_A_CHART", 1_000)
    (one,) = packed([chart(rows)])
    assert list(one) == ["picture"]
    assert one["picture"].startswith("data:image/png;base64,")


def test_twenty_large_charts_are_below_15_megabytes_with_vega_once(tmp_path: Path) -> None:
    some = random.Random(1)
    groups = [f"group {number}" for number in range(7)]
    rows = [{"x": some.random(), "y": some.random(), "c": some.choice(groups)} for _ in range(50_000)]
    content = Content(
        "large", "", "done", ["Done"], [], [], [], [ChartPart(chart(rows), "c")], [], [], [], {}, {}, {}
    )
    assert len(page_of(content)) < 3_000_000
    content.charts *= 20
    page = page_of(content)
    assert len(page) < 15_000_000
    assert page.count("window.vegaEmbed") == 1
