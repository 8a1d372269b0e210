"""Charts: what is drawn, what is told, files of every format."""

from __future__ import annotations

import datetime
import json
import struct
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.views.scatter_plot import ScatterPlot

import nodeflow as nf

TABLE = pl.DataFrame(
    {
        "x": [1.0, 2.0, None, 4.0, 5.0],
        "y": [2.0, 4.1, 6.0, 7.9, 10.2],
        "g": ["a", "b", "a", None, "<script>"],
        "d": [datetime.date(1969, 1, day) for day in range(1, 6)],
    }
)


class Silent:
    """A context that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warn(self, message: str) -> None:
        self.messages.append(message)


def drawn(table: pl.DataFrame = TABLE, **parameters: Any) -> tuple[dict[str, Any], list[str]]:
    context = Silent()
    chart = ScatterPlot(**parameters).run(table.lazy(), context)
    return chart.specification, context.messages


def test_points_stand_at_their_values_and_missing_ones_are_told() -> None:
    specification, messages = drawn(x="x", y="y")
    assert [(point["x"], point["y"]) for point in specification["data"]["values"]] == [
        (1.0, 2.0), (2.0, 4.1), (4.0, 7.9), (5.0, 10.2),
    ]  # fmt: skip
    assert messages == ["1 of 5 rows without a usable value is not shown"]
    assert specification["title"]["subtitle"] == messages
    assert specification["title"]["text"] == "y by x"


def test_a_large_table_is_sampled_and_said() -> None:
    table = pl.DataFrame({"x": range(100_000), "y": range(100_000)})
    specification, messages = drawn(table, x="x", y="y", most_points=1000, many="sample")
    assert len(specification["data"]["values"]) == 1000
    assert messages == ["a sample of every 100th of 100,000 rows is shown"]


def test_the_trend_line_is_the_least_squares_line() -> None:
    import numpy as np

    specification, _ = drawn(x="x", y="y", line="trend")
    ends = specification["layer"][1]["data"]["values"]
    slope, middle = np.polyfit([1, 2, 4, 5], [2, 4.1, 7.9, 10.2], 1)
    assert ends[0]["y"] == pytest.approx(middle + slope * 1)
    assert ends[1]["y"] == pytest.approx(middle + slope * 5)


def test_many_groups_are_folded_into_others() -> None:
    table = pl.DataFrame({"x": range(40), "y": range(40), "g": [f"g{i % 20}" for i in range(40)]})
    specification, _ = drawn(table, x="x", y="y", colour="g")
    shown = {point["colour"] for point in specification["data"]["values"]}
    assert len(shown) == 8
    assert "others" in shown


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TABLE.clear(), "nothing to draw"),
        (TABLE.with_columns(x=pl.lit(None, dtype=pl.Float64)), "nothing to draw"),
        (TABLE.with_columns(x=pl.lit(float("nan"))), "nothing to draw"),
    ],
)
def test_a_table_without_points_is_told(table: pl.DataFrame, words: str) -> None:
    with pytest.raises(nf.NodeFailed, match=words):
        drawn(table, x="x", y="y")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_a_picture(theme: str) -> None:
    specification, _ = drawn(x="d", y="y", colour="g", size="x", theme=theme, width=300, height=200)
    chart = nf.Chart(specification)
    png = chart.to_bytes("png", scale=1)
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert 300 < width < 700
    assert 200 < height < 500
    svg = chart.to_bytes("svg").decode()
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_hostile_column_names_are_only_names() -> None:
    names = ["a.b", "c[0]", 'd"e', "f\\g", "<b>"]
    table = pl.DataFrame({name: [1.0, 2.0] for name in names})
    for name in names:
        specification, _ = drawn(table, x=name, y=names[0])
        assert specification["layer"][0]["encoding"]["x"]["title"] == name.replace(
            "\\", "\N{REVERSE SOLIDUS OPERATOR}"
        )
        assert nf.Chart(specification).to_bytes("svg").count(b"<path") > 4


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF"), ("json", b"{")]
)
def test_the_chart_writer_writes_every_format(suffix: str, start: bytes, tmp_path: Path) -> None:
    workflow = nf.Workflow("chart", folder=tmp_path)
    table = workflow.add(
        "table_creator", columns=[{"name": n, "type": "number", "cells": ["1", "2"]} for n in "xy"]
    )
    chart = workflow.add("scatter_plot", table, x="x", y="y")
    workflow.add("chart_writer", chart, path=f"picture.{suffix}")
    workflow.run(cache_folder=tmp_path / "cache")
    content = (tmp_path / "output" / f"picture.{suffix}").read_bytes()
    assert content.startswith(start)
    if suffix == "json":
        assert json.loads(content)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
