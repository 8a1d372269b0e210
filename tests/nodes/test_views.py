"""Views: the numbers in what is drawn, what is told of rows left out, odd tables and odd names."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from cases_views import CONTRACT

import nodeflow as nf
from nodeflow.registry import Registry
from nodeflow.testing import example_table
from nodeflow.values.specs import TableSpec

REGISTRY = Registry.installed()

VIEWS = CONTRACT

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


@pytest.mark.parametrize("view", VIEWS)
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


@pytest.mark.parametrize("view", VIEWS)
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
