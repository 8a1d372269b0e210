"""Charts in the editor show what the report shows: shapes stand where Vega puts them."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

sys.path.append(str(Path(__file__).parents[2] / "nodes"))
from cases_views import VIEWS
from drawing import made, ran
from nodeflow_gui.running.pictures import resolved

from nodeflow.testing import example_table
from nodeflow.values import Chart

DRAWN = {
    *("bar_chart", "box_plot", "correlation_matrix_view", "density_plot", "heatmap", "histogram"),
    *("line_plot", "parallel_coordinates", "scatter_plot", "stacked_area"),
}
"""Views that the editor draws itself; all others come as SVG."""


def chart_of(view: str) -> Any:
    case = VIEWS[view]
    inputs = case.get("inputs", {"table": example_table()})
    return ran(made(view, **case["parameters"]), **inputs)["chart"]


def marks(chart: Any, kind: str) -> list[dict[str, Any]]:
    """The items of a kind in Vega's scenegraph."""
    import vl_convert

    text = vl_convert.vegalite_to_scenegraph(json.dumps(chart.specification), vl_version="5.20")
    found: list[dict[str, Any]] = []
    waiting = [json.loads(text) if isinstance(text, str) else text]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if one.get("marktype") == kind and one.get("role") == "mark":
                found += one["items"]
            waiting += [part for part in one.values() if isinstance(part, dict | list)]
    return found


def assert_one_scale(shown: Any, pixels: Any) -> None:
    """One is the other on a straight scale, whichever order they come in."""
    first, second = np.sort(np.array(shown, dtype=float)), np.sort(np.array(pixels, dtype=float))
    if np.corrcoef(np.array(shown, dtype=float), np.array(pixels, dtype=float))[0, 1] < 0:
        second = second[::-1]
    slope, start = np.polyfit(first, second, 1)
    assert np.allclose(slope * first + start, second, atol=0.5)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_is_drawn_or_left_to_the_picture(qtbot: Any, view: str) -> None:
    from nodeflow_gui.inspector.plot import ChartPlot

    chart = resolved(chart_of(view))
    assert chart["shapes"] is (view in DRAWN)
    if chart["shapes"]:
        plot = ChartPlot()
        qtbot.addWidget(plot)
        plot.show_chart(chart)
        (low, high), (bottom, top) = plot.plotItem.vb.viewRange()
        assert low < high
        assert bottom < top


def test_points_stand_where_vega_puts_them() -> None:
    chart = chart_of("scatter_plot")
    (layer,) = [one for one in resolved(chart)["layers"] if one["mark"] == "point"]
    items = marks(chart, "symbol")
    assert len(items) == len(layer["x"])
    assert_one_scale(layer["x"], [item["x"] for item in items])
    assert_one_scale(layer["y"], [item["y"] for item in items])
    assert {item["fill"].lower() for item in items} == {colour.lower() for colour in layer["colours"]}


def test_bars_beside_each_other_are_as_high_as_in_vega() -> None:
    chart = chart_of("bar_chart")
    (layer,) = resolved(chart)["layers"]
    heights = [high - low for low, high in zip(layer["y"], layer["y2"], strict=True)]
    items = marks(chart, "rect")
    assert len(items) == len(heights)
    assert_one_scale(heights, [item["height"] for item in items])
    middles = np.array(layer["x"]) + np.array(layer["x2"])
    assert np.argsort(middles).tolist() == np.argsort([item["x"] for item in items]).tolist()


def test_areas_are_stacked_as_in_vega() -> None:
    values = [
        {"x": x, "y": y, "g": group} for group, ys in (("a", (1, 2)), ("b", (3, 4))) for x, y in enumerate(ys)
    ]
    encoding = {
        "x": {"field": "x", "type": "quantitative"},
        "y": {"field": "y", "type": "quantitative", "stack": "zero"},
        "color": {"field": "g", "type": "nominal"},
        "order": {"field": "x"},
    }
    chart = resolved(Chart({"data": {"values": values}, "mark": "area", "encoding": encoding}))
    tops = [one["y"] for one in chart["layers"][0]["series"]]
    assert tops == [[1, 2], [4, 6]]


def test_many_points_become_a_picture_of_their_density(qtbot: Any) -> None:
    import pyqtgraph as pg
    from nodeflow_gui.inspector.plot import ChartPlot

    values = pl.DataFrame({"x": range(30_000)}).with_columns(y=pl.col("x") % 100).to_dicts()
    encoding = {name: {"field": name, "type": "quantitative"} for name in ("x", "y")}
    chart = resolved(Chart({"data": {"values": values}, "mark": "point", "encoding": encoding}))
    plot = ChartPlot()
    qtbot.addWidget(plot)
    plot.show_chart(chart)
    assert [type(item) for item in plot.plotItem.items] == [pg.ImageItem]


def test_an_axis_of_powers_is_drawn_by_powers(qtbot: Any) -> None:
    from nodeflow_gui.inspector.plot import ChartPlot

    encoding = {
        "x": {"field": "x", "type": "quantitative", "scale": {"type": "log"}},
        "y": {"field": "y", "type": "quantitative"},
    }
    values = [{"x": 10**power, "y": power} for power in range(4)]
    plot = ChartPlot()
    qtbot.addWidget(plot)
    plot.show_chart(resolved(Chart({"data": {"values": values}, "mark": "point", "encoding": encoding})))
    assert plot._drawing is not None
    assert plot._drawing.x.tolist() == [0, 1, 2, 3]


def test_axes_tell_the_same_when_a_chart_is_drawn_anew(qtbot: Any) -> None:
    from nodeflow_gui.inspector.plot import ChartPlot

    chart = resolved(chart_of("scatter_plot"))
    plot = ChartPlot()
    qtbot.addWidget(plot)
    ranges = []
    for _ in range(2):
        plot.show_chart(chart)
        ranges.append([list(plot.plotItem.getAxis(side).range) for side in ("bottom", "left")])
    assert ranges[0] == ranges[1]
    assert ranges[0] == plot.plotItem.vb.viewRange()


def test_colours_in_the_data_are_taken_and_layers_for_a_legend_alone_are_not_drawn(qtbot: Any) -> None:
    from nodeflow_gui.inspector.plot import ChartPlot

    place = {role: {"field": role, "type": "quantitative"} for role in ("x", "y")}
    cells = [{"x": 0, "x2": 1, "y": 0, "y2": 1, "fill": "#123456"} for _ in range(9)]
    scale = {"domain": ["no"], "range": ["#0072b2"]}
    chart = Chart(
        {
            "data": {"values": [{"px": 0.5, "py": 0.5, "class": "no"}]},
            "layer": [
                {
                    "mark": "point",
                    "encoding": {"color": {"field": "class", "type": "nominal", "scale": scale}},
                },
                {
                    "data": {"values": cells},
                    "mark": {"type": "rect", "stroke": None},
                    "encoding": {
                        **place,
                        "x2": {"field": "x2"},
                        "y2": {"field": "y2"},
                        "color": {"field": "fill", "type": "nominal", "scale": None},
                    },
                },
                {
                    "mark": "point",
                    "encoding": {role: {"field": f"p{role}", "type": "quantitative"} for role in ("x", "y")},
                },
            ],
            "usermeta": {"nodeflow": {"columns": {"px": "a", "py": "b"}}},
        }
    )
    shapes = resolved(chart)
    assert shapes["legend"] == [("no", "#0072b2")]
    assert [layer["mark"] for layer in shapes["layers"]] == ["box", "point"]
    assert set(shapes["layers"][0]["colours"]) == {"#123456"}
    plot = ChartPlot()
    qtbot.addWidget(plot)
    plot.show_chart(shapes)
    assert plot._drawing is not None
    assert plot._drawing.x.tolist() == [0.5]  # one picks the point, whose places are values of columns
    assert plot._drawing.boxes is None


def test_a_chart_that_cannot_be_drawn_by_shapes_is_shown_as_a_picture(qtbot: Any) -> None:
    from nodeflow_gui.inspector.chart_page import ChartPage

    asked = []
    page = ChartPage()
    qtbot.addWidget(page)
    chart = {"title": "", "shapes": True, "columns": {}, "legend": [], "x": {}, "y": {}, "layers": []}
    page.show_chart(chart, lambda kind, take: asked.append(kind))
    qtbot.waitUntil(lambda: asked == ["svg"], timeout=30_000)
    assert not page.modes.buttons()[0].isVisible()
    page.close_jobs()


def test_words_along_an_axis_do_not_run_into_each_other(qtbot: Any) -> None:
    from nodeflow_gui.inspector.plot import ChartPlot
    from PySide6.QtGui import QImage, QPainter

    names = [f"a rather long name {number}" for number in range(30)]
    encoding = {
        "x": {"field": "name", "type": "nominal", "sort": names},
        "y": {"field": "n", "type": "quantitative"},
    }
    values = [{"name": name, "n": number} for number, name in enumerate(names)]
    plot = ChartPlot()
    qtbot.addWidget(plot)
    plot.resize(600, 300)
    plot.show()
    plot.show_chart(resolved(Chart({"data": {"values": values}, "mark": "point", "encoding": encoding})))
    qtbot.wait(50)
    axis = plot.plotItem.getAxis("bottom")
    image = QImage(600, 300, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    _, _, texts = axis.generateDrawSpecs(painter)
    painter.end()
    spans = sorted((rect.left(), rect.right()) for rect, _, _ in texts)
    assert len(spans) > 5
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert texts[0][2].startswith("a ra")
