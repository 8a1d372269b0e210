"""Charts hold whatever data and titles say."""

from __future__ import annotations

import pytest

from nodeflow.values import Chart
from nodeflow.values.chart import drawable

pytest.importorskip("vl_convert")


@pytest.mark.parametrize(
    "name", ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "then"]
)
def test_titles_groups_and_fields_may_be_called_as_javascript_calls_its_own(name: str) -> None:
    chart = Chart(
        {
            "title": {"text": name, "subtitle": [name]},
            "data": {"values": [{name: 1, "group": name}, {name: 2, "group": "b"}]},
            "mark": "point",
            "encoding": {
                "x": {"field": name, "type": "quantitative", "title": name},
                "y": {"field": "group", "type": "nominal", "sort": [name, "b"]},
                "color": {
                    "field": "group",
                    "type": "nominal",
                    "scale": {"domain": [name, "b"]},
                    "title": name,
                },
                "tooltip": [{"field": "group", "title": name}],
            },
        }
    )
    picture = chart.to_bytes("svg").decode()
    assert picture.count(f">{name}") + picture.count(f'"{name}') > 3
    assert chart.spec.title == name


def test_other_texts_are_left_as_they_are() -> None:
    assert drawable("Constructor") == "Constructor"
    assert drawable("constructor") == "constructor\u200b"
