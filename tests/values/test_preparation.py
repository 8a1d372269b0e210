"""Windows and rows out of tables: equal to the plain way, without leaks, and undone exactly."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeflow.values.arrays import TensorError, Windows
from nodeflow.values.preparation import (
    ColumnsPreparation,
    ImagesPreparation,
    WindowsPreparation,
    columns_read,
    plain,
    prepare,
    read,
    restore,
)
from nodeflow.values.row_tensors import fitted_rows, rows_of
from nodeflow.values.scaling import fit
from nodeflow.values.windowing import windows_of_parts

SHARES = (0.5, 0.25, 0.25)
HOUR = dt.timedelta(hours=1)
START = dt.datetime(2024, 1, 1)


def hourly(count: int) -> list[dt.datetime]:
    return [START + HOUR * place for place in range(count)]


def series(count: int = 200) -> pl.DataFrame:
    random = np.random.default_rng(3)
    return pl.DataFrame(
        {"t": hourly(count), "a": np.cumsum(random.normal(size=count)) + 50, "b": random.normal(size=count)}
    )


def windows(frame: pl.DataFrame, scale: Any = "none", shares: Any = SHARES, **more: Any) -> list[Any]:
    given = {"columns": ("a", "b"), "target": "a", "lookback": 8, "stride": 2, "horizon": 3} | more
    notes: list[str] = []
    return [*windows_of_parts(WindowsPreparation(**given), frame, shares, scale, notes), notes]


@settings(max_examples=80, deadline=None)
@given(
    lookback=st.integers(1, 6),
    stride=st.integers(1, 3),
    horizon=st.integers(1, 4),
    hop=st.integers(1, 3),
    groups=st.lists(st.integers(0, 14), min_size=1, max_size=3),
    holes=st.sets(st.integers(0, 40), max_size=5),
    path=st.booleans(),
    change=st.sampled_from(["off", "target", "all"]),
)
def test_windows_are_those_of_a_plain_loop(
    lookback: int,
    stride: int,
    horizon: int,
    hop: int,
    groups: list[int],
    holes: set[int],
    path: bool,
    change: str,
) -> None:
    if stride > lookback:
        return
    cells = [(g, float(i * i + 7 * g)) for g, size in enumerate(groups) for i in range(size)]
    values = [None if place in holes else value for place, (_, value) in enumerate(cells)]
    frame = pl.DataFrame({"g": [g for g, _ in cells], "a": values}, schema={"g": pl.Int64, "a": pl.Float64})
    steps = lookback // stride
    expected = []
    for group in dict.fromkeys(g for g, _ in cells):
        own = [place for place, (g, _) in enumerate(cells) if g == group]
        for last in range((steps - 1) * stride, len(own) - horizon):
            if (last - (steps - 1) * stride) % hop:
                continue
            rows = [last - back * stride for back in reversed(range(steps))]
            level: Any = [values[own[row]] if row >= 0 else None for row in rows]
            if change == "all":
                before = [values[own[row - stride]] if row >= stride else None for row in rows]
                level = [None if None in (v, u) else v - u for v, u in zip(level, before, strict=True)]
            ahead = range(1, horizon + 1) if path else [horizon]
            aims: Any = [values[own[last + step]] for step in ahead]
            now = values[own[last]]
            if None in (*level, *aims, now):
                continue
            expected.append((own[last], level, [v - now for v in aims] if change != "off" else aims))
    preparation = WindowsPreparation(
        ("a",), lookback, "a", None, "g", stride, horizon, hop, path, change,  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        tensors, rows = prepare(plain(preparation), frame, with_targets=True)
    except TensorError:
        assert not expected
        return
    assert rows.tolist() == [one[0] for one in expected]
    assert tensors.arrays["x"].to_numpy()[:, :, 0].tolist() == [one[1] for one in expected]
    assert tensors.arrays["y"].to_numpy().tolist() == [one[2] for one in expected]


@pytest.mark.parametrize("change", ["off", "target", "all"])
@pytest.mark.parametrize("scale", ["standard", "min-max", "robust"])
def test_nothing_of_later_parts_is_in_what_is_learned(scale: str, change: str) -> None:
    frame = series()
    later = pl.when(pl.int_range(pl.len()) >= 100)
    other = frame.with_columns(
        later.then(pl.col(name) * -1000 + 7).otherwise(pl.col(name)) for name in ("a", "b")
    )
    first, second = (windows(one, scale, difference=change, time="t")[0] for one in (frame, other))
    assert first.preparation == second.preparation
    for name in first.arrays:
        assert np.array_equal(first.arrays[name].to_numpy(), second.arrays[name].to_numpy()), name
    assert (
        first.preparation["scaler"]
        != windows(other, scale, shares=(1, 0, 0), difference=change)[0].preparation["scaler"]
    )


@pytest.mark.parametrize("path", [True, False])
def test_targets_of_the_parts_do_not_overlap_and_come_one_after_the_other(path: bool) -> None:
    *parts, _ = windows(series(), path=path)
    seen: list[set[int]] = []
    for part in parts:
        rows = part.arrays["row"].to_numpy()
        ahead = range(1, 4) if path else [3]
        seen.append({int(row) + step for row in rows for step in ahead})
    assert max(seen[0]) < 100 <= min(seen[1])
    assert max(seen[1]) < 150 <= min(seen[2])
    assert max(seen[2]) == 199


def test_groups_are_cut_at_the_same_time_and_never_crossed() -> None:
    frame = pl.concat([series(80).with_columns(g=pl.lit(name)) for name in ("ü", "x")]).sample(
        fraction=1, shuffle=True, seed=1
    )
    *parts, _ = windows(frame, time="t", group="g")
    times = frame.get_column("t").to_list()
    lasts = [[times[row] for row in part.arrays["row"].to_numpy()] for part in parts]
    assert max(lasts[0]) + 3 * HOUR < START + 40 * HOUR <= min(lasts[1]) + 3 * HOUR
    assert len(lasts[0]) == 2 * (40 - 3 - 6)
    values = dict(zip(zip(frame["g"], frame["t"], strict=True), frame["a"], strict=True))
    groups = frame.get_column("g").to_list()
    for place, row in enumerate(parts[0].arrays["row"].to_numpy()[:20]):
        expected = [values[groups[row], times[row] - back * HOUR] for back in (6, 4, 2, 0)]
        assert parts[0].arrays["x"].take(np.array([place]))[0, :, 0].tolist() == pytest.approx(
            expected, rel=1e-6
        )


def test_a_gap_is_told_and_not_crossed() -> None:
    frame = series(100).filter(pl.int_range(pl.len()) != 20)
    train, *_, notes = windows(frame, time="t")
    assert any("1 gap;" in note for note in notes)
    rows = train.arrays["row"].to_numpy()
    assert not {row for row in rows if row + 3 >= 20 > row - 6}
    assert windows(frame)[0].samples > train.samples


def test_months_and_years_are_no_gaps_but_uneven_steps_are_told() -> None:
    months = series(60).with_columns(
        t=pl.date_range(dt.date(2000, 1, 1), dt.date(2004, 12, 1), "1mo", eager=True)
    )
    assert windows(months, time="t")[-1] == []
    uneven = series(60).with_columns(
        t=pl.col("t").dt.offset_by(pl.format("{}m", 8 * (pl.int_range(pl.len()) % 2)))
    )
    assert any("uneven" in note for note in windows(uneven, time="t")[-1])


def test_a_time_that_comes_twice_is_refused_with_the_way_out() -> None:
    frame = pl.concat([series(50), series(50)])
    with pytest.raises(
        TensorError, match=r"2024-01-01 00:00:00 .*comes twice .*name the column .* as the group"
    ):
        windows(frame, time="t")


def test_missing_values_leave_windows_out_or_are_carried_forward() -> None:
    holes = pl.when(pl.int_range(pl.len()).is_in([20, 21])).then(None).otherwise(pl.col("b")).alias("b")
    frame = series().with_columns(holes)
    left_out, *_, notes = windows(frame)
    kept, *_, more = windows(frame, missing="last value")
    assert any("windows with missing values are left out" in note for note in notes)
    assert kept.samples - left_out.samples == 8
    assert more == []
    place = kept.arrays["row"].to_numpy().tolist().index(20)
    assert kept.arrays["x"].take(np.array([place]))[0, -1, 1] == np.float32(frame["b"][19])


def test_infinite_values_count_as_missing() -> None:
    frame = series().with_columns(b=pl.when(pl.int_range(pl.len()) == 30).then(float("inf")).otherwise("b"))
    assert np.isfinite(windows(frame, "standard")[0].arrays["x"].to_numpy()).all()


@pytest.mark.parametrize("change", ["off", "target", "all"])
@pytest.mark.parametrize("scale", ["standard", "min-max", "robust", "none"])
@pytest.mark.parametrize("path", [True, False])
def test_restoring_the_targets_gives_the_values_of_the_series(scale: str, change: str, path: bool) -> None:
    frame = series()
    for part in windows(frame, scale, difference=change, path=path)[:3]:
        rows = part.arrays["row"].to_numpy()
        aims = part.arrays["y"].to_numpy()
        found = restore(part.preparation, aims, part.arrays["base"].to_numpy())
        ahead = np.arange(1, 4) if path else np.array([3])
        assert found == pytest.approx(frame["a"].to_numpy()[rows[:, None] + ahead], abs=1e-4)


def test_a_change_cannot_be_restored_without_its_base() -> None:
    train = windows(series(), "standard", difference="target")[0]
    with pytest.raises(TensorError, match='"base"'):
        restore(train.preparation, train.arrays["y"].to_numpy())


def test_new_rows_are_prepared_as_the_training_rows_were() -> None:
    frame = series()
    train = windows(frame, "standard", time="t")[0]
    again, rows = prepare(train.preparation, frame.head(103), with_targets=True)
    assert np.array_equal(again.arrays["x"].take(np.arange(train.samples)), train.arrays["x"].to_numpy())
    ahead, rows = prepare(train.preparation, frame.drop("b").with_columns(b=0.0), with_targets=False)
    assert "y" not in ahead.arrays
    assert rows[-1] == 199
    assert columns_read(train.preparation) == ["a", "b", "t"]
    with pytest.raises(TensorError, match='no column "b"'):
        prepare(train.preparation, frame.drop("b"), with_targets=False)


def test_the_parts_share_no_more_rows_than_they_reach() -> None:
    parts = windows(series())[:3]
    assert [len(part.arrays["x"].base) for part in parts] == [97, 56, 56]
    assert all(isinstance(part.arrays["x"], Windows) for part in parts)


def test_windows_without_a_target_are_given_back() -> None:
    train, *_ = windows(series(), "standard", target=None)
    assert (train.task, train.targets(), set(train.arrays)) == ("reconstruction", ("x",), {"x", "row"})
    x = train.arrays["x"].to_numpy()
    levels = series()["a"].to_numpy()
    assert restore(train.preparation, x)[0, :, 0] == pytest.approx(levels[[0, 2, 4, 6]], abs=1e-4)


@pytest.mark.parametrize(
    ("frame", "more", "words"),
    [
        (series(8), {}, "too short: a look-back of 8 rows and a horizon of 3 need 10 rows"),
        (series(0), {}, "there is no row"),
        (series(20), {"lookback": 50}, "too short"),
        (series(40).with_columns(a=pl.lit(None, pl.Float64)), {}, r'"a" has no value at all'),
        (series(40).with_columns(a=pl.lit("warm")), {}, "has no numbers"),
        (series(40).with_columns(t=pl.lit("soon")), {"time": "t"}, "Date&Time Parse"),
        (series(40), {"target": "temperatur"}, 'no column "temperatur"'),
    ],
)
def test_bad_series_are_refused_with_a_sentence(
    frame: pl.DataFrame, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(TensorError, match=words):
        windows(frame, **more)


def test_a_constant_column_is_told_and_does_not_blow_up() -> None:
    train, *_, notes = windows(series().with_columns(b=pl.lit(1e9 + 0.1)), "standard")
    assert any('"b" does not vary' in note for note in notes)
    assert np.abs(train.arrays["x"].to_numpy()[:, :, 1]).max() < 1e-5


# Rows


@pytest.mark.parametrize("method", ["standard", "min-max", "robust"])
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_scaling_is_undone(method: Any, values: list[float]) -> None:
    column = np.array(values)[:, None]
    scaler = fit(column, method, ["x"], [])
    assert scaler is not None
    assert scaler.undone(scaler.applied(column)) == pytest.approx(column, rel=1e-9, abs=1e-6)


def rows(frame: pl.DataFrame, scale: Any = "standard", **more: Any) -> Any:
    notes: list[str] = []
    preparation = fitted_rows(ColumnsPreparation(**more), frame, scale, notes)
    return rows_of(preparation, frame, with_targets=True, notes=notes), notes


FLOWERS = pl.DataFrame(
    {
        "w": [1.0, 2.0, None, 4.0],
        "open": [True, False, True, True],
        "kind": ["b", "a", "b", None],
        "n": [3, 1, 2, 5],
    }
)


def test_classes_are_sorted_and_rows_without_one_left_out() -> None:
    tensors, notes = rows(
        FLOWERS, columns=("w", "open"), target="kind", task="classification", missing="mean"
    )
    assert tensors.classes == ("a", "b")
    assert tensors.arrays["y"].to_numpy().tolist() == [1, 0, 1]
    assert tensors.arrays["row"].to_numpy().tolist() == [0, 1, 2]
    assert notes == ["1 of 4 rows with missing values are left out"]
    one_hot, _ = rows(
        FLOWERS, columns=("w",), target="kind", task="classification", labels="one-hot", missing="mean"
    )
    assert one_hot.arrays["y"].to_numpy().tolist() == [[0, 1], [1, 0], [0, 1]]


def test_test_rows_are_scaled_by_what_was_learned_and_new_classes_left_out() -> None:
    tensors, _ = rows(FLOWERS, columns=("w",), target="kind", task="classification")
    later = pl.DataFrame({"w": [1000.0, 1.0], "kind": ["new", "a"]})
    told: list[str] = []
    test, places = prepare(tensors.preparation, later, with_targets=True, warn=told.append)
    assert places.tolist() == [1]
    assert test.arrays["x"].to_numpy()[0] == tensors.arrays["x"].to_numpy()[0]
    assert any('"new" are left out' in one for one in told)


def test_numbers_to_predict_are_scaled_and_restored() -> None:
    tensors, _ = rows(FLOWERS, columns=("w",), target="n", task="regression", missing="mean")
    aims = tensors.arrays["y"].to_numpy()
    assert aims.mean() == pytest.approx(0, abs=1e-6)
    assert restore(tensors.preparation, aims)[:, 0] == pytest.approx([3, 1, 2, 5], abs=1e-5)


@pytest.mark.parametrize("listed", [True, False])
def test_pixels_become_images_in_rows_from_the_top_left(listed: bool) -> None:
    pixels = {f"p{place}": [float(place), 16.0] for place in range(6)}
    frame = pl.DataFrame(pixels)
    columns: tuple[str, ...] = tuple(frame.columns)
    if listed:
        frame, columns = frame.select(image=pl.concat_list(pl.all())), ("image",)
    preparation = fitted_rows(ImagesPreparation(columns, size=(2, 3, 1)), frame, "min-max", [])
    tensors = rows_of(preparation, frame, with_targets=True, notes=[])
    x = tensors.arrays["x"].to_numpy()
    assert x.shape == (2, 2, 3, 1)
    assert x[0, :, :, 0].tolist() == pytest.approx(np.array([[0, 1, 2], [3, 4, 5]]) / 16)
    assert restore(tensors.preparation, x)[1] == pytest.approx(np.full((2, 3, 1), 16.0))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"columns": ("w",), "target": "same", "task": "classification"}, "one value only"),
        ({"columns": ("w",), "target": "none", "task": "classification"}, "no value at all"),
        ({"columns": ("w",), "target": "w", "task": "classification"}, "choose regression"),
        ({"columns": ("kind",)}, "One to Many"),
        ({"columns": ("gone",)}, 'no column "gone"'),
        ({"columns": ("empty",)}, "no known value"),
    ],
)
def test_bad_rows_are_refused_with_a_sentence(more: dict[str, Any], words: str) -> None:
    frame = FLOWERS.with_columns(
        same=pl.lit("x"), none=pl.lit(None, pl.String), empty=pl.lit(None, pl.Float64)
    )
    with pytest.raises(TensorError, match=words):
        rows(frame, **more)


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "python", "columns": ["a"]},
        {"kind": "windows", "columns": [], "lookback": 3},
        {"kind": "windows", "columns": ["a"], "lookback": 10**12},
        {"kind": "windows", "columns": ["a"], "lookback": 2, "stride": 3},
        {"kind": "windows", "columns": ["a", "a"], "lookback": 2},
        {"kind": "columns", "columns": ["a"], "scaler": {"mean": [0, 0], "scale": [1, 1]}},
        {"kind": "columns", "columns": ["a"], "scaler": {"mean": [0], "scale": [0]}},
        {"kind": "columns", "columns": ["a"], "scaler": {"mean": [0], "scale": [float("nan")]}},
        {"kind": "columns", "columns": ["a"], "code": "x"},
        {"kind": "images", "columns": ["a"], "size": [0, 1, 1]},
        {"kind": "images", "columns": ["a"], "size": [10**9, 10**9, 10**9]},
        {"columns": ["a"]},
    ],
)
def test_a_preparation_out_of_a_foreign_file_is_read_strictly(told: dict[str, Any]) -> None:
    with pytest.raises(TensorError, match="this preparation cannot be used"):
        read(told)
