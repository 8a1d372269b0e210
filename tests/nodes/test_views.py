"""Views: the numbers in what is drawn, what is told of rows left out, odd tables and odd names."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from cases_views import VIEWS
from drawing import check_picture, check_specification

import nodeflow as nf
from nodeflow.registry import Registry
from nodeflow.testing import example_table
from nodeflow.values.specs import TableSpec

REGISTRY = Registry.installed()

SALES = pl.DataFrame(
    {
        "shop": ["b", "a", "b", None, "c", "b", "a"],
        "amount": [1.0, 10.0, 2.0, 5.0, None, 6.0, 20.0],
        "kind": ["x", "x", "y", "y", "x", "y", "x"],
    }
)


class Told:
    """A context that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warn(self, message: str) -> None:
        self.messages.append(message)


def made(view: str, **parameters: Any) -> nf.Node:
    found = REGISTRY.get(view)
    assert found is not None
    return found.load()(**parameters)


def drawn(view: str, table: pl.DataFrame, **parameters: Any) -> tuple[dict[str, Any], list[str]]:
    told = Told()
    return made(view, **parameters).run(table.lazy(), told).specification, told.messages


def rows(view: str, table: pl.DataFrame, *roles: str, **parameters: Any) -> list[Any]:
    """The data of the chart: a tuple a row, or plain values if one role is asked for."""
    data = drawn(view, table, **parameters)[0]["data"]["values"]
    return [row[roles[0]] if len(roles) == 1 else tuple(row[role] for role in roles) for row in data]


def table_of(view: str) -> pl.DataFrame:
    given = VIEWS[view].get("inputs", {}).get("table")
    return given if given is not None else example_table()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_makes_a_picture_in_both_themes(view: str) -> None:
    for theme in ("light", "dark"):
        chart = nf.Chart(drawn(view, table_of(view), **VIEWS[view]["parameters"], theme=theme)[0])
        assert chart.to_bytes("svg").count(b"<path") > 4


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "data_explorer"])
@pytest.mark.parametrize("change", ["empty", "missing"])
def test_a_table_with_nothing_to_draw_is_told(view: str, change: str) -> None:
    table = table_of(view)
    odd = (
        table.clear()
        if change == "empty"
        else table.select(pl.lit(None).cast(dtype).alias(name) for name, dtype in table.schema.items())
    )
    odd = odd if change == "empty" else pl.concat([odd] * 5)
    with pytest.raises(nf.NodeFailed, match=r"nothing to draw|no (row|value)"):
        drawn(view, odd, **VIEWS[view]["parameters"])


@pytest.mark.parametrize("view", VIEWS)
def test_one_row_is_drawn_or_refused_with_a_sentence(view: str) -> None:
    sentence = ""
    try:
        specification, _ = drawn(view, table_of(view).head(1), **VIEWS[view]["parameters"])
        nf.Chart(specification).to_bytes("svg")
    except nf.NodeFailed as error:
        sentence = str(error)
    assert sentence == "" or len(sentence) > 20


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "data_explorer"])
def test_a_missing_column_is_told_before_running(view: str) -> None:
    from nodeflow.validation import parameter_faults

    node = made(view, **VIEWS[view]["parameters"])
    specs = {"table": TableSpec({"something else": pl.List(pl.String())})}
    found = parameter_faults(node, specs) or list(node.check(specs))
    assert found
    assert all(fault.sentence for fault in found)


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_names_are_only_names(view: str) -> None:
    from nodeflow.testing import HOSTILE_NAMES, _with_names

    table, case = table_of(view), VIEWS[view]["parameters"]
    kinds = REGISTRY.get(view).load().parameters()  # type: ignore[union-attr]
    plain, _ = drawn(view, table, **case)
    for start in (0, 5, 10, 15):
        new = dict(zip(table.columns, HOSTILE_NAMES[start:], strict=False))
        said = {name: _with_names(kinds[name].kind, value, new) for name, value in case.items()}
        specification, _ = drawn(view, table.rename(new), **said)
        assert len(specification["data"]["values"]) == len(plain["data"]["values"])
        svg = nf.Chart(specification).to_bytes("svg").decode()
        assert "<script" not in svg


# -- pictures of anything ------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_valid_vega_lite(view: str) -> None:
    specification, _ = drawn(view, table_of(view), **VIEWS[view]["parameters"])
    check_specification(specification)
    check_picture(specification)


ANY = 60


def odd_table(kind: str) -> pl.DataFrame:
    """A table with the columns of the example table, all of whose values are odd in some way."""
    base = {
        "number": [float(i % 7) for i in range(ANY)],
        "whole": [i % 5 for i in range(ANY)],
        "text": [f"t{i % 4}" for i in range(ANY)],
        "flag": [i % 2 == 0 for i in range(ANY)],
        "day": [date(2024, 1, 1) + timedelta(days=i) for i in range(ANY)],
        "shop": [f"s{i % 3}" for i in range(ANY)],
        "town": [f"t{i % 2}" for i in range(ANY)],
        "amount": [float(i % 9) for i in range(ANY)],
    }
    change: dict[str, Any] = {
        "infinite": {
            name: [float("inf") if i % 5 == 0 else float("-inf") if i % 5 == 1 else float("nan") if i % 5 == 2 else 1.5 * i for i in range(ANY)]
            for name in ("number", "amount")
        },
        "before 1970": {"day": [date(1, 1, 1) + timedelta(days=9_000 * i) for i in range(ANY)]},
        "right to left": {name: ["שלום עולם", "مرحبا بالعالم", "abc"] * 20 for name in ("text", "shop", "town")},
        "one value": {
            "number": [3.0] * ANY, "whole": [1] * ANY, "text": ["a"] * ANY, "flag": [True] * ANY,
            "day": [date(2024, 1, 1)] * ANY, "shop": ["a"] * ANY, "town": ["b"] * ANY, "amount": [2.0] * ANY,
        },
        "long labels": {name: ["a very long label that nobody would write " * 6, "b"] * 30 for name in ("text", "shop")},
        "huge": {name: [1e308 * (i / ANY) for i in range(ANY)] for name in ("number", "amount")},
        "tiny": {name: [1e-300 * i for i in range(ANY)] for name in ("number", "amount")},
    }[kind]  # fmt: skip
    return pl.DataFrame({**base, **change})


REFUSED = {
    *((view, "huge") for view in ("bar_chart", "density_plot", "heatmap", "pie_chart", "sunburst")),
    ("correlation_matrix_view", "one value"),
}
"""Where there is nothing to draw."""

ODD = ["infinite", "before 1970", "right to left", "one value", "long labels", "huge", "tiny"]


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("view", VIEWS)
def test_odd_values_give_a_picture_or_a_sentence(view: str, kind: str) -> None:
    if (view, kind) in REFUSED:
        with pytest.raises(nf.NodeFailed, match=r"too large|nothing to draw"):
            drawn(view, odd_table(kind), **VIEWS[view]["parameters"])
        return
    specification, _ = drawn(view, odd_table(kind), **VIEWS[view]["parameters"])
    svg = nf.Chart(specification).to_bytes("svg").decode()
    assert "NaN" not in svg
    assert "<path" in svg


@pytest.mark.parametrize("view", VIEWS)
def test_five_thousand_categories_become_a_few(view: str) -> None:
    names = [f"category {i:04}" for i in range(5_000)]
    table = pl.DataFrame(
        {"number": range(5_000), "whole": range(5_000), "flag": [True, False] * 2_500, "day": [date(2024, 1, 1)] * 5_000,
         "text": names, "shop": names, "town": names, "amount": [1.0] * 5_000}
    ).with_columns(pl.col("number").cast(pl.Float64))  # fmt: skip
    specification, _ = drawn(view, table, **VIEWS[view]["parameters"])
    assert len(json.dumps(specification)) < 1_000_000
    nf.Chart(specification).to_bytes("svg")


# -- bars ----------------------------------------------------------------------------------------------


def test_bars_count_rows_longest_first() -> None:
    assert rows("bar_chart", SALES, "bar", "value", group="shop") == [
        ("b", 3), ("a", 2), ("c", 1), ("(missing)", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("sum", {"a": 30, "b": 9}),
        ("mean", {"a": 15, "b": 3}),
        ("median", {"a": 15, "b": 2}),
        ("max", {"a": 20, "b": 6}),
    ],
)
def test_bars_summarise_and_tell_rows_without_a_value(aggregation: str, expected: dict[str, float]) -> None:
    specification, messages = drawn(
        "bar_chart", SALES, group="shop", aggregation=aggregation, summarised="amount"
    )
    found = {row["bar"]: row["value"] for row in specification["data"]["values"]}
    assert found == {**expected, "(missing)": 5}
    assert messages == ["1 of 7 rows without a usable value is not shown"]
    assert specification["title"]["subtitle"] == messages


def test_bars_beyond_the_most_become_others_with_their_own_mean() -> None:
    table = pl.DataFrame({"g": ["a", "b", "c", "d", "d"], "v": [9.0, 8.0, 1.0, 2.0, 6.0]})
    given = {"group": "g", "aggregation": "mean", "summarised": "v", "most_bars": 3}
    assert rows("bar_chart", table, "bar", "value", **given) == [("a", 9), ("b", 8), ("others", 3)]
    assert rows("bar_chart", table, "bar", show_others=False, **given) == ["a", "b"]


@pytest.mark.parametrize(
    ("order", "expected"), [("name", [2, 9, 10]), ("table", [10, 9, 2]), ("value", [9, 2, 10])]
)
def test_bars_of_numbers_stand_in_the_order_of_numbers(order: str, expected: list[int]) -> None:
    table = pl.DataFrame({"n": [10, 9, 2, 9, 2, 9]})
    assert rows("bar_chart", table, "bar", group="n", order=order) == [str(one) for one in expected]


def test_coloured_bars_stack_counts_and_stand_beside_each_other_otherwise() -> None:
    stacked, _ = drawn("bar_chart", SALES, group="shop", colour="kind")
    assert "xOffset" not in stacked["encoding"]
    assert [(r["bar"], r["colour"], r["value"]) for r in stacked["data"]["values"]][:2] == [
        ("b", "x", 1),
        ("b", "y", 2),
    ]
    beside, _ = drawn(
        "bar_chart", SALES, group="shop", colour="kind", aggregation="mean", summarised="amount"
    )
    assert beside["encoding"]["xOffset"]["field"] == "colour"


def test_bars_that_cannot_be_are_told() -> None:
    with pytest.raises(nf.ParameterError, match="choose the column whose mean"):
        made("bar_chart", group="shop", aggregation="mean")
    with pytest.raises(nf.ParameterError, match="do not add up"):
        made("bar_chart", group="shop", aggregation="mean", summarised="amount", bars="stacked")


# -- the numbers of the others -------------------------------------------------------------------------


def test_a_long_line_keeps_its_peaks_and_ends() -> None:
    heights = [math.sin(i / 500) for i in range(100_000)]
    heights[51_234], heights[70_001] = 9.0, -7.0
    table = pl.DataFrame({"t": range(100_000), "h": heights}).sample(fraction=1.0, shuffle=True, seed=1)
    specification, notes = drawn("line_plot", table, x="t", y=["h"])
    data = specification["data"]["values"]
    assert len(data) <= 2_000
    assert {(51_234, 9.0), (70_001, -7.0)} <= {(row["x"], row["y"]) for row in data}
    assert (data[0]["x"], data[-1]["x"]) == (0, 99_999)
    assert [row["x"] for row in data] == sorted(row["x"] for row in data)
    assert "peaks" in notes[0]


def test_lines_are_summarised_by_month_and_broken_at_gaps() -> None:
    table = pl.DataFrame(
        {
            "day": [date(2024, 1, 3), date(2024, 1, 9), date(2024, 3, 1)],
            "a": [1.0, 3.0, 5.0],
            "b": [None, 4.0, None],
        }
    )
    wanted = [("a", "2024-01-01", 2.0), ("a", "2024-03-01", 5.0), ("b", "2024-01-01", 4.0)]
    found = rows(
        "line_plot", table, "line", "x", "y", x="day", y=["a", "b"], aggregation="mean", period="month"
    )
    assert found == wanted
    assert rows("line_plot", table, "y", x="day", y=["b"]) == [None, 4.0, None]
    assert rows("line_plot", table, "y", x="day", y=["b"], gaps="join") == [4.0]


def test_boxes_have_the_quartiles_of_numpy() -> None:
    values = [*np.random.default_rng(0).normal(size=200), 9.0, -8.0]
    specification, _ = drawn("box_plot", pl.DataFrame({"v": values}), columns=["v"])
    row = specification["data"]["values"][0]
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75])
    assert [row["q1"], row["median"], row["q3"]] == pytest.approx([q1, median, q3])
    inside = [v for v in values if q1 - 1.5 * (q3 - q1) <= v <= q3 + 1.5 * (q3 - q1)]
    assert [row["low"], row["high"]] == pytest.approx([min(inside), max(inside)])
    beyond = specification["layer"][-1]["data"]["values"]
    assert sorted(one["value"] for one in beyond) == pytest.approx(sorted(set(values) - set(inside)))


def test_a_density_is_that_of_scipy_and_adds_up_to_one() -> None:
    from scipy import stats

    values = np.random.default_rng(1).gamma(3, 2, 500)
    data = drawn("density_plot", pl.DataFrame({"v": values}), column="v")[0]["data"]["values"]
    at = np.array([row["value"] for row in data])
    found = np.array([row["density"] for row in data])
    spread = min(values.std(ddof=1), np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34)
    kernel = stats.gaussian_kde(values, 0.9 * spread * 500**-0.2 / values.std(ddof=1))
    assert found == pytest.approx(kernel(at), rel=0.02, abs=1e-4)
    assert np.trapezoid(found, at) == pytest.approx(1, abs=0.01)


def test_cells_of_a_heatmap_are_summaries() -> None:
    table = pl.DataFrame(
        {"a": ["x", "x", "y", None], "b": [True, True, False, True], "v": [1.0, 3.0, 5.0, None]}
    )
    found = rows("heatmap", table, "x", "y", "value", x="a", y="b", aggregation="mean", summarised="v")
    assert found == [("x", "true", 2.0), ("y", "false", 5.0)]
    counted = rows("heatmap", table, "x", "y", "value", x="a", y="b")
    assert counted == [("(missing)", "true", 1), ("x", "true", 2), ("y", "false", 1)]


def test_correlations_are_those_of_numpy() -> None:
    given = np.random.default_rng(2).normal(size=(50, 3)) @ np.array([[1, 0.5, 0], [0, 1, -0.8], [0, 0, 1]])
    table = pl.DataFrame(given, schema=["a", "b", "c"])
    found = {(x, y): value for x, y, value in rows("correlation_matrix_view", table, "x", "y", "value")}
    wanted = np.corrcoef(given.T)
    assert [found["a", "b"], found["a", "c"], found["c", "b"]] == pytest.approx(
        [wanted[0, 1], wanted[0, 2], wanted[1, 2]]
    )


def test_slices_and_areas_are_shares_of_the_whole() -> None:
    table = pl.DataFrame({"k": list("aaaabbbccd"), "v": [1.0] * 10})
    assert rows("pie_chart", table, "group", "value", group="k", most_slices=3) == [
        ("a", 4.0),
        ("b", 3.0),
        ("others", 3.0),
    ]
    boxes = drawn("treemap", table, levels=["k"], width=400, height=300)[0]["data"]["values"]
    areas = {row["name"]: (row["x2"] - row["x"]) * (row["y2"] - row["y"]) for row in boxes}
    assert areas == pytest.approx({"a": 48_000, "b": 36_000, "c": 24_000, "d": 12_000})
    arcs = drawn("sunburst", table, levels=["k"])[0]["data"]["values"]
    assert [row["end"] - row["start"] for row in arcs] == pytest.approx(
        [2 * math.pi * s for s in (0.4, 0.3, 0.2, 0.1)]
    )
    with pytest.raises(nf.NodeFailed, match="cannot be negative"):
        drawn("pie_chart", table.with_columns(v=-pl.col("v")), group="k", summed="v")


def test_a_part_without_rows_is_zero_in_a_stack() -> None:
    table = pl.DataFrame({"t": [1, 1, 2], "k": ["a", "b", "a"]})
    found = rows("stacked_area", table, "x", "group", "value", x="t", group="k")
    assert found == [(1, "a", 1), (1, "b", 1), (2, "a", 1), (2, "b", 0)]


def test_many_points_become_a_density_with_the_line_of_all_rows() -> None:
    x = np.random.default_rng(3).normal(size=30_000)
    table = pl.DataFrame({"x": x, "y": 2 * x + 1})
    specification, notes = drawn("scatter_plot", table, x="x", y="y", line="trend")
    assert sum(row["rows"] for row in specification["data"]["values"]) == 30_000
    assert "density of 30,000 points" in notes[0]
    ends = specification["layer"][1]["data"]["values"]
    assert [end["y"] - 2 * end["x"] for end in ends] == pytest.approx([1, 1])


def test_a_glance_at_columns_counts_what_is_there() -> None:
    table = pl.DataFrame(
        {"n": [1, 2, 2, None], "t": ["a", "b", "a", "a"], "empty": pl.Series([None] * 4, dtype=pl.Float64)}
    )
    specification, _ = drawn("data_explorer", table)
    cells = {cell["title"]["text"]: cell for cell in specification["concat"]}
    assert cells["n"]["title"]["subtitle"] == ["number, 25.0% missing", "mean 1.67, 1 to 2"]
    assert sum(row["rows"] for row in cells["n"]["data"]["values"]) == 3
    assert [(row["value"], row["rows"]) for row in cells["t"]["data"]["values"]] == [("a", 3), ("b", 1)]
    assert cells["empty"]["title"]["subtitle"] == ["number, 100.0% missing"]


def test_rows_of_a_table_view_are_sorted_and_counted() -> None:
    table = pl.DataFrame({"a": [3, 1, 2, None], "b": list("wxyz")})
    found = (
        made("table_view", sort_by="a", descending=True, rows=2, columns=["b", "a"])
        .run(table.lazy())
        .parts[0]
    )
    assert found.rows == (("w", 3), ("y", 2))
    assert (found.height, found.width) == (4, 2)


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_loads_the_whole_table(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 60_000
    table = pl.select(i=pl.int_range(count)).select(
        number=pl.col("i") / 7, whole=pl.col("i") % 900, text=pl.format("t{}", pl.col("i") % 50), flag=pl.col("i") % 2 == 0,
        day=pl.lit(date(2020, 1, 1)).dt.offset_by(pl.format("{}d", pl.col("i") % 2_000)), shop=pl.format("s{}", pl.col("i") % 9),
        town=pl.format("t{}", pl.col("i") % 4), amount=(pl.col("i") % 70).cast(pl.Float64),
    )  # fmt: skip
    heights: list[int] = []
    collect = pl.LazyFrame.collect

    def noted(frame: pl.LazyFrame, *given: Any, **more: Any) -> Any:
        found = collect(frame, *given, **more)
        heights.append(found.height)
        return found

    monkeypatch.setattr(pl.LazyFrame, "collect", noted)
    drawn(view, table, **VIEWS[view]["parameters"])
    assert max(heights) <= 10_000
