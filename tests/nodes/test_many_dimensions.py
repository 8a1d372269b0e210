"""The nodes on many dimensions give the numbers that mathematics gives."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.dimensions.angle_histogram import AngleHistogram, expected_deviation
from nodeflow_nodes.dimensions.distance_concentration import DistanceConcentration
from nodeflow_nodes.dimensions.neighbours_by_dimension import NeighboursByDimension
from nodeflow_nodes.dimensions.shell_volume import ShellVolume
from nodeflow_nodes.dimensions.spiky_cubes import SpikyCubes

import nodeflow as nf

_IDS = {
    AngleHistogram: "angle_histogram",
    DistanceConcentration: "distance_concentration",
    NeighboursByDimension: "neighbours_by_dimension",
    ShellVolume: "shell_volume",
    SpikyCubes: "spiky_cubes",
}


def shown(kind: type, **parameters: Any) -> tuple[pl.DataFrame, nf.Chart]:
    workflow = nf.Workflow("one")
    workflow.add(_IDS[kind], id="it", **parameters)
    assert nf.validate(workflow) == []
    found = workflow.run(cache=False)["it"]
    return found["table"].to_polars(), found["chart"]


def test_directions_gather_at_right_angles() -> None:
    table, chart = shown(AngleHistogram, pairs=100_000, seed=3)
    assert table["dimension"].to_list() == [2, 3, 50, 100]
    assert table["sd"].to_list() == pytest.approx([51.96, 39.17, 8.19, 5.76], rel=0.01)
    assert table["sd"].to_list() == pytest.approx(table["expected_sd"].to_list(), rel=0.01)
    assert table["mean"].to_list() == pytest.approx([90] * 4, abs=0.6)
    assert table["rule_of_thumb"][3] == pytest.approx(180 / math.pi / 10)
    assert chart.to_bytes("svg").startswith(b"<svg")


def test_the_deviation_of_angles_is_exact_where_it_is_known() -> None:
    assert expected_deviation(2) == pytest.approx(180 / math.sqrt(12), rel=1e-6)
    assert expected_deviation(3) == pytest.approx(math.degrees(math.sqrt(math.pi**2 / 4 - 2)), rel=1e-6)
    assert expected_deviation(10_000) == pytest.approx(180 / math.pi / 100, rel=1e-3)


@pytest.mark.parametrize("points", ["ball", "cube"])
def test_angles_of_points_of_a_ball_and_a_cube_gather_too(points: str) -> None:
    table, _ = shown(AngleHistogram, pairs=20_000, points=points, seed=0)
    assert table["sd"].to_list() == pytest.approx(table["expected_sd"].to_list(), rel=0.03)


def test_the_volume_of_a_ball_is_in_its_shell() -> None:
    table, _ = shown(ShellVolume, seed=1, points=100_000)
    assert [round(one, 4) for one in table["shell"]] == [0.0199, 0.0297, 0.395, 0.634, 0.9009, 0.982]
    assert table["counted"].to_list() == pytest.approx(table["shell"].to_list(), abs=0.005)
    assert table["half_radius"].to_list()[0] == pytest.approx(math.sqrt(0.5))


def test_a_shell_keeps_its_digits_where_it_is_very_thin() -> None:
    table, _ = shown(ShellVolume, thickness=1e-12, dimensions=[3])
    assert table["shell"][0] == pytest.approx(3e-12, rel=1e-9)


def test_the_ball_between_the_stacked_balls_sticks_out_from_ten_dimensions_on() -> None:
    table, chart = shown(SpikyCubes)
    radius = dict(table.select("dimension", "middle_radius").iter_rows())
    assert [round(radius[one], 3) for one in (2, 3, 4, 9, 16, 100)] == [0.414, 0.732, 1, 2, 3, 9]
    place = dict(table.select("dimension", "middle_ball").iter_rows())
    assert [place[one] for one in (5, 9, 10)] == ["inside", "touches the cube", "sticks out"]
    share = dict(table.select("dimension", "ball_in_cube").iter_rows())
    assert [share[one] for one in (2, 3)] == pytest.approx([math.pi / 4, math.pi / 6])
    assert [float(f"{share[one]:.3g}") for one in (2, 3, 5, 10, 20)] == [
        0.785,
        0.524,
        0.164,
        0.00249,
        2.46e-8,
    ]
    assert "sticks out" in str(chart.specification["title"])


def test_a_share_too_small_for_a_number_is_not_drawn() -> None:
    table, chart = shown(SpikyCubes, dimensions=[10_000])
    assert table["ball_in_cube"].to_list() == [0.0]
    assert chart.to_bytes("svg").startswith(b"<svg")


@pytest.mark.parametrize("kind", ["cube", "normal"])
def test_all_points_become_equally_far(kind: str) -> None:
    table, _ = shown(DistanceConcentration, spread_over=kind, seed=2, points=2000)
    known = table.filter(pl.col("dimension") >= 50)
    assert known["spread"].to_list() == pytest.approx(known["expected_spread"].to_list(), rel=0.06)
    assert table["contrast"].is_sorted(descending=True)
    assert table["contrast"][0] > 100
    assert table["contrast"][-1] < 0.3
    assert ((table["nearest"] < table["mean"]) & (table["mean"] < table["farthest"])).all()


def test_distances_in_a_cube_have_the_mean_that_is_known() -> None:
    table, _ = shown(DistanceConcentration, dimensions=[500], seed=2)
    # a side of 2: the mean square of the difference of two coordinates is 4/6
    assert table["mean"][0] == pytest.approx(math.sqrt(500 * 4 / 6), rel=0.01)


def test_neighbours_lose_their_way_and_logistic_regression_suffers_less() -> None:
    table, _ = shown(NeighboursByDimension, seed=4)
    assert table["best_possible"].to_list() == pytest.approx([0.9215] * 9, abs=5e-4)
    first, last = table.row(0, named=True), table.row(-1, named=True)
    assert first["neighbours"] == pytest.approx(0.91, abs=0.03)
    assert last["neighbours"] < 0.75
    middle = table.filter(pl.col("dimension") == 50).row(0, named=True)
    assert middle["logistic"] > middle["neighbours"] + 0.02
    # above the best possible rule by more than chance allows, something would have leaked
    assert (table["neighbours"] < table["best_possible"] + 0.03).all()
    assert table["edge"].to_list()[3] == pytest.approx((5 / 200) ** 0.1)


def test_one_per_cent_of_the_rows_takes_most_of_the_range() -> None:
    table, _ = shown(NeighboursByDimension, dimensions=[10], k=2, rows=200, tried=10)
    assert table["edge"][0] == pytest.approx(0.63, abs=0.005)


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        (AngleHistogram, {"pairs": 1_000_000, "dimensions": [10_000]}, "fewer points"),
        (NeighboursByDimension, {"k": 300, "rows": 200}, "300 neighbours"),
        (NeighboursByDimension, {"telling": 5}, "fewer than the 5 columns"),
    ],
)
def test_what_cannot_be_drawn_is_told_before_running(kind: type, parameters: Any, words: str) -> None:
    workflow = nf.Workflow("one")
    workflow.add(_IDS[kind], **parameters)
    assert any(words in str(problem) for problem in nf.validate(workflow))


def test_the_same_seed_gives_the_same_table() -> None:
    first, second, other = (shown(DistanceConcentration, seed=seed)[0] for seed in (1, 1, 2))
    assert first.equals(second)
    assert not first.equals(other)
