"""An area holds the same rows as a predicate, as a formula, as a Row Filter and said plainly."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.row_filter import RowFilter

from nodeflow.errors import NodeflowError
from nodeflow.values.area import Area, simpler
from nodeflow.values.selection import Selection

corner = st.tuples(st.integers(-6, 6).map(float), st.integers(-6, 6).map(float))
# places of a third lie on no edge between whole places of this few denominators often enough to matter
place = st.none() | st.integers(-700, 700).map(lambda number: number / 97)


def filtered(table: pl.DataFrame, **parameters: Any) -> pl.DataFrame:
    node, faults = RowFilter.decode(parameters)
    assert not faults
    assert not node.check_parameters()
    kept = node.run(nw.from_native(table.lazy())).to_native().collect()
    assert isinstance(kept, pl.DataFrame)
    return kept


def lies_within(corners: Any, x: float, y: float) -> bool:
    """Whether a ray to the right meets the line an odd number of times, in exact arithmetic."""
    px, py = Fraction(x), Fraction(y)
    inside = False
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (ay <= y) != (by <= y):
            at = Fraction(ax) + (py - Fraction(ay)) * Fraction(bx - ax) / Fraction(by - ay)
            inside ^= px < at
    return inside


@given(
    st.lists(corner, min_size=3, max_size=24),
    st.lists(st.tuples(place, place), max_size=30),
)
@settings(max_examples=100, deadline=None)
def test_an_area_holds_the_same_rows_however_it_is_asked(corners: Any, places: Any) -> None:
    table = pl.DataFrame(
        {"a b": [x for x, _ in places], "`y`": [y for _, y in places]},
        schema={"a b": pl.Float64, "`y`": pl.Float64},
    ).with_row_index("row")
    area = Area("a b", "`y`", corners)
    selection = Selection(areas=[area])
    expected = [
        row
        for row, (x, y) in enumerate(places)
        if x is not None and y is not None and lies_within(corners, x, y)
    ]
    assert table.filter(selection.expression())["row"].to_list() == expected
    assert filtered(table, condition=selection.as_formula())["row"].to_list() == expected
    assert filtered(table, **selection.as_filter())["row"].to_list() == expected
    numbers = np.array([[math.nan if one is None else one for one in both] for both in places])
    found = area.contains(*numbers.reshape(-1, 2).T)
    assert np.flatnonzero(found).tolist() == expected


@pytest.mark.parametrize("scale", ["log", "day", "moment"])
def test_areas_on_other_scales_fit_into_a_formula(scale: Any) -> None:
    start = datetime.datetime(2024, 1, 1)
    columns = {
        "log": [None, 0.0, -1.0, 10.0, 1_000.0, 1e9],
        "day": [None, *[(start + datetime.timedelta(days=d)).date() for d in (-900, -800, 1, 3, 900)]],
        "moment": [None, *[start + datetime.timedelta(days=d) for d in (-900, -800, 1, 3, 900)]],
    }
    unit = {"log": 1.0, "day": 1.0, "moment": 86_400.0}[scale]
    middle = {"log": 2.0, "day": 19_723.0, "moment": 19_723 * 86_400.0}[scale]
    table = pl.DataFrame({"at": columns[scale], "y": columns[scale]}).with_row_index("row")
    most = Area("at", "y", [(0, 0), (1, 0), (1, 1)], scale, scale).most_corners
    ring = [
        (
            middle + 10 * unit * math.cos(2 * math.pi * k / most),
            middle + 10.5 * unit * math.sin(2 * math.pi * k / most),
        )
        for k in range(most)
    ]
    if scale == "log":
        ring = [(2 + (x - 2) / 5, 2 + (y - 2) / 5) for x, y in ring]
    selection = Selection(areas=[Area("at", "y", ring, scale, scale)])
    kept = table.filter(selection.expression())["row"].to_list()
    assert kept == [3, 4]
    assert filtered(table, **selection.as_filter())["row"].to_list() == kept


def test_a_line_is_made_simpler_where_it_matters_least() -> None:
    circle = [(math.cos(k / 100 * math.tau), math.sin(k / 100 * math.tau)) for k in range(101)]
    kept = simpler(circle, 24)
    assert len(kept) == 24
    around = [*kept[1:], kept[0]]
    size = sum(x * y2 - x2 * y for (x, y), (x2, y2) in zip(kept, around, strict=True)) / 2
    assert size > 0.97 * math.pi


def test_an_area_needs_corners_at_places() -> None:
    for corners in ([(0, 0), (1, 1)], [(0, 0), (1, 1), (math.nan, 0)]):
        with pytest.raises(NodeflowError, match="three corners"):
            Area("a", "b", corners)
