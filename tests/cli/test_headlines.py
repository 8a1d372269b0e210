"""The small tables that a run ends with: side by side where they say the same, readable where they are wide."""

from __future__ import annotations

from io import StringIO
from typing import Any

from nodeflow.cli.terminal import headline_tables
from nodeflow.execution.messages import Headline


def shown(*headlines: Headline) -> list[str]:
    from rich.console import Console

    told = StringIO()
    for table in headline_tables(list(headlines)):
        Console(file=told, width=200, color_system=None).print(table)
    return [line.rstrip() for line in told.getvalue().splitlines() if line.strip()]


def scores(node: str, value: float, low: float, baseline: float) -> Headline:
    columns = ["metric", "value", "low", "baseline"]
    return Headline(node, node, columns, [["R2", value, low, 0.0], ["MAE", 2 * value, low, baseline]])


def test_scores_of_several_models_stand_side_by_side_with_the_baseline_once() -> None:
    lines = shown(scores("line", 0.5, 0.4, 3.5), scores("forest", 0.75, 0.6, 3.5))
    assert lines[0].split() == ["metric", "line", "forest", "baseline"]
    assert lines[2].split() == ["R2", "0.5000", "0.7500", "0"]
    other = shown(scores("line", 0.5, 0.4, 3.5), scores("forest", 0.75, 0.6, 9.0))
    assert other[0].split() == ["metric", "line", "forest"]


def test_scores_of_one_model_stand_alone_with_their_intervals() -> None:
    assert shown(scores("line", 0.5, 0.4, 3.5))[1].split() == ["metric", "value", "low", "baseline"]


def wide(rows: int) -> Headline:
    columns = [f"c{index}" for index in range(12)]
    values: list[list[Any]] = [[f"r{row}", *range(11)] for row in range(rows)]
    return Headline("test", "test", columns, values)


def test_a_few_rows_of_many_columns_are_turned_round() -> None:
    lines = shown(wide(2))
    assert lines[1].split() == ["c0", "r0", "r1"]
    assert lines[-1].split() == ["c11", "10", "10"]


def test_many_rows_of_many_columns_leave_columns_out_and_say_so() -> None:
    lines = shown(wide(8))
    assert lines[1].split() == [f"c{index}" for index in range(9)]
    assert lines[-1].strip() == "and 3 more columns"
