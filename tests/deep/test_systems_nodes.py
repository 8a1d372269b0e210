"""Forecaster, autoencoders, pretrainer and their scores do on small data what can be worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep import _autoencoding as autoencoding
from nodeflow_nodes.deep.image_scorer import ImageScorer
from nodeflow_nodes.deep.reconstruction_error import errors_by_row
from nodeflow_nodes.deep.sequence_windows import SequenceWindows

import nodeflow as nf
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors, Windows


def created(workflow: nf.Workflow, frame: pl.DataFrame) -> Any:
    columns = [
        {"name": name, "type": "number", "cells": [str(one) for one in frame[name]]} for name in frame.columns
    ]
    return workflow.add("table_creator", columns=columns, id="table")


def problems(workflow: nf.Workflow) -> str:
    return " ".join(str(one) for one in nf.validate(workflow))


# -- forecasting ------------------------------------------------------------------------------------------

WAVES = pl.DataFrame({"t": range(60), "v": [10 + (step % 4) + 0.1 * step for step in range(60)]})


def forecast(frame: pl.DataFrame, **parameters: Any) -> Any:
    workflow = nf.Workflow("series")
    given = {"target": "v", "time": "t", "lookback": 8, "horizon": 3, "units": [3], "epochs": 2, "seed": 1}
    workflow.add("lstm_forecaster", created(workflow, frame), id="it", **{**given, **parameters})
    assert nf.validate(workflow) == []
    return workflow.run(cache=False)["it"]


def test_naive_and_seasonal_forecasts_are_the_values_known_then() -> None:
    shuffled = WAVES.sample(fraction=1.0, shuffle=True, seed=3)
    found = forecast(shuffled, season=4, train_share=0.5, validation_share=0.2)["forecasts"].to_polars()
    value = dict(WAVES.iter_rows())
    for row in found.iter_rows(named=True):
        assert row["actual"] == pytest.approx(value[row["t"]], abs=1e-5)
        assert row["naive"] == pytest.approx(value[row["t"] - 3])
        assert row["seasonal"] == pytest.approx(value[row["t"] - 4])
    assert found["t"].to_list() == list(range(42, 60))


@pytest.mark.parametrize("difference", ["off", "target", "all"])
def test_scores_are_those_of_the_forecasts_whatever_is_learned(difference: str) -> None:
    result = forecast(WAVES, difference=difference)
    rows = result["forecasts"].to_polars()
    assert rows["actual"].to_list() == pytest.approx(WAVES["v"][-len(rows) :].to_list(), abs=1e-4)
    scores = {row["forecast"]: row for row in result["scores"].to_polars().iter_rows(named=True)}
    for kind, name in (("model", "forecast"), ("naive", "naive")):
        errors = (rows[name] - rows["actual"]).to_numpy()
        assert scores[kind]["MAE"] == pytest.approx(np.abs(errors).mean())
        assert scores[kind]["RMSE"] == pytest.approx(math.sqrt((errors**2).mean()))
    assert scores["model"]["skill"] == pytest.approx(1 - scores["model"]["MAE"] / scores["naive"]["MAE"])


def test_a_horizon_in_hours_is_known_to_fit_before_running() -> None:
    workflow = nf.Workflow("hours")
    table = workflow.add("data_generator", kind="time series", step="hour", rows=200, seed=1)
    learned = workflow.add(
        "lstm_forecaster", table, id="it", target="value", time="time", lookback=12, horizon=6, unit="hours",
        units=[2], epochs=1,
    )  # fmt: skip
    workflow.add("predictor", learned["model"], table, id="apply")
    assert nf.validate(workflow) == []
    found = workflow.run(cache=False)["apply"].table.to_polars()
    assert found["Prediction (value)"].null_count() == 11


def test_the_network_of_the_forecaster_opens_up_into_windows_and_a_learner() -> None:
    workflow = nf.Workflow("open")
    table = created(workflow, WAVES)
    it = workflow.add(
        "lstm_forecaster", table, target="v", lookback=8, horizon=3, units=[3], epochs=1, seed=1
    )
    windows = workflow.add(
        "sequence_windows", table, target="v", features=["v"], lookback=8, horizon=3, stride=1, train_share=0.7,
        validation_share=0.15,
    )  # fmt: skip
    learner = workflow.add(
        "deep_learner", it["network"], windows["train"], windows["validation"], id="learner", epochs=1, seed=1,
        patience=10, clip="global_norm",
    )  # fmt: skip
    assert nf.validate(workflow) == []
    result = workflow.run(cache=False)
    own, opened = (result[name]["model"].network.network.weights for name in ("lstm_forecaster", learner.id))
    assert all(np.array_equal(own[name], opened[name]) for name in own)


def test_a_part_to_test_with_is_asked_for() -> None:
    workflow = nf.Workflow("none left")
    workflow.add(
        "lstm_forecaster", created(workflow, WAVES), target="v", train_share=0.9, validation_share=0.1
    )
    assert "nothing is left to test with" in problems(workflow)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"lookback": 4, "stride": 9}, "the stride of 9 is longer than the look-back of 4 rows"),
        ({"unit": "hours"}, "needs a time column"),
    ],
)
def test_what_windows_cannot_be_is_told_of_the_forecaster_itself(parameters: Any, words: str) -> None:
    workflow = nf.Workflow("wrong")
    workflow.add("lstm_forecaster", created(workflow, WAVES), target="v")
    workflow.nodes["lstm_forecaster"].parameters.update(parameters)
    found = nf.validate(workflow)
    assert [one.parameter for one in found] == list(parameters)[-1:]
    assert words in str(found[0])


def test_a_season_longer_than_the_series_gives_no_seasonal_forecast() -> None:
    workflow = nf.Workflow("season")
    workflow.add(
        "lstm_forecaster",
        created(workflow, WAVES),
        id="it",
        target="v",
        lookback=8,
        horizon=3,
        epochs=1,
        season=100,
    )
    result = workflow.run(cache=False)
    assert result["it"]["scores"].to_polars()["forecast"].to_list() == ["model", "naive"]
    assert result["it"]["forecasts"].to_polars()["seasonal"].null_count() == result["it"]["forecasts"].rows
    assert any("no seasonal forecast" in one for one in result.reports["it"].messages)


# -- autoencoders -----------------------------------------------------------------------------------------


def plane() -> pl.DataFrame:
    """Points of a plane in a space of four dimensions, with a little noise."""
    chance = np.random.default_rng(0)
    points = chance.normal(size=(60, 2)) @ chance.normal(size=(2, 4)) + 0.05 * chance.normal(size=(60, 4))
    return pl.DataFrame(np.round(points, 4), schema=["a", "b", "c", "d"])


def learned(**parameters: Any) -> Any:
    workflow = nf.Workflow("plane")
    table = created(workflow, plane())
    learner = workflow.add(
        "autoencoder_learner",
        table,
        id="learn",
        **{"epochs": 3, "seed": 1, "validation_share": 0.0, **parameters},
    )
    workflow.add("autoencoder_apply", learner["model"], table, id="encode", what="encode")
    workflow.add("autoencoder_apply", learner["model"], table, id="back", what="reconstruct")
    codes = workflow.add("column_filter", workflow["encode"], columns=["code 1", "code 2"])
    workflow.add("autoencoder_apply", learner["model"], codes, id="decode", what="decode")
    workflow.add("predictor", learner["encoder"], table, id="by_encoder")
    workflow.add("predictor", learner["decoder"], codes, id="by_decoder")
    workflow.add("reconstruction_error", learner["model"], table, id="error")
    assert nf.validate(workflow) == []
    return workflow.run(cache=False)


@pytest.mark.parametrize("tied", [False, True])
def test_the_halves_of_an_autoencoder_make_the_whole(tied: bool) -> None:
    result = learned(hidden=[3], tied=tied)
    whole = result["back"].table.to_polars()
    halves = result["decode"].table.to_polars().select("a", "b", "c", "d")
    np.testing.assert_allclose(whole.to_numpy(), halves.to_numpy(), atol=1e-4)
    codes = result["encode"].table.to_polars().select("code 1", "code 2").to_numpy()
    said = result["by_encoder"].table.to_polars().select(pl.col("^Prediction.*$")).to_numpy()
    np.testing.assert_allclose(codes, said, atol=1e-6)
    back = result["by_decoder"].table.to_polars().select(pl.col("^Prediction.*$")).to_numpy()
    np.testing.assert_allclose(whole.to_numpy(), back, atol=1e-4)


def test_errors_are_of_scaled_values_and_the_threshold_is_their_quantile() -> None:
    result = learned(quantile=0.9)
    truth = plane().to_numpy()
    scaled = (truth - result["back"].table.to_polars().to_numpy()) / truth.std(axis=0)
    found = result["error"].table.to_polars()
    assert found["Reconstruction error"].to_list() == pytest.approx(
        (scaled**2).mean(axis=1).tolist(), rel=1e-3
    )
    assert found["odd"].sum() == 6
    scores = result["learn"]["scores"].to_polars().row(0, named=True)
    assert scores["autoencoder"] == pytest.approx(found["Reconstruction error"].mean(), rel=1e-6)
    assert scores["mean"] == pytest.approx(1.0, rel=1e-5)


def test_the_baseline_is_the_pca_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    chance = np.random.default_rng(1)
    known, new = (chance.normal(size=(count, 6)) @ np.diag([5, 3, 1, 1, 0.5, 0.1]) for count in (40, 7))
    fitted = PCA(2).fit(known)
    by_hand = ((fitted.inverse_transform(fitted.transform(new)) - new) ** 2).mean(axis=1)
    tensors = [Tensors({"x": one.astype("float64")}) for one in (known, new)]
    np.testing.assert_allclose(autoencoding.pca_errors(tensors[0], tensors[1:], 2)[0], by_hand, rtol=1e-9)


def test_rows_come_back_from_components_as_from_those_of_scikit_learn() -> None:
    from nodeflow_nodes.deep.pca_reconstruction import PcaReconstruction
    from sklearn.decomposition import PCA

    known, new = plane().head(50), plane().tail(10)
    table, errors = PcaReconstruction(components=2).run(known.lazy(), new.lazy())
    fitted = PCA(2).fit(known.to_numpy())
    right = fitted.inverse_transform(fitted.transform(new.to_numpy()))
    np.testing.assert_allclose(table.to_numpy(), right, atol=1e-9)
    by_hand = ((new.to_numpy() - right) ** 2).mean(axis=1)
    np.testing.assert_allclose(errors["PCA error"].to_numpy(), by_hand, atol=1e-12)


def test_rows_with_a_missing_value_have_no_code() -> None:
    workflow = nf.Workflow("missing")
    cells = {"a": ["1", "2", "", "4"], "b": ["2", "1", "3", "5"]}
    table = workflow.add(
        "table_creator", columns=[{"name": n, "type": "number", "cells": c} for n, c in cells.items()]
    )
    workflow.add("autoencoder_learner", table, id="learn", code=1, epochs=1, validation_share=0.0)
    found = workflow.run(cache=False)["learn"]["table"].to_polars()
    assert found["code 1"].is_null().to_list() == [False, False, True, False]
    assert found["odd"].is_null().to_list() == [False, False, True, False]


def test_a_loss_of_shares_asks_for_shares() -> None:
    workflow = nf.Workflow("loss")
    workflow.add("autoencoder_learner", created(workflow, plane()), loss="binary_crossentropy")
    assert "set the activation of the output to sigmoid" in problems(workflow)


def test_shares_are_asked_for_where_shares_are_compared() -> None:
    workflow = nf.Workflow("loss")
    table = created(workflow, plane())
    workflow.add("autoencoder_learner", table, loss="binary_crossentropy", output_activation="sigmoid")
    assert "min-max or one range" in problems(workflow)


def test_a_part_without_a_window_to_learn_from_is_told() -> None:
    workflow = nf.Workflow("short")
    workflow.add(
        "sequence_autoencoder", created(workflow, WAVES), id="it", columns=["v"], window=30, epochs=1
    )
    report = workflow.run(cache=False, check=False).reports["it"]
    assert "40% of 60 rows, has no whole window of 30 rows" in report.reason


def test_another_model_is_refused_before_running() -> None:
    workflow = nf.Workflow("other")
    table = created(workflow, plane())
    other = workflow.add("linear_regression_learner", table, target="a")
    workflow.add("reconstruction_error", other["model"], table)
    workflow.add("autoencoder_apply", other["model"], table)
    assert problems(workflow).count("is no autoencoder") == 2


def test_the_error_of_a_row_is_the_median_over_the_windows_that_hold_it() -> None:
    base = np.array([[0.0], [1.0], [2.0], [3.0]], "float32")
    data = Tensors({"x": Windows(base, np.array([0, 1]), 3), "row": np.array([2, 3])})
    made = np.array([[[0], [0], [0]], [[0], [0], [0]]], "float32")
    errors = errors_by_row(data, made, 5)
    assert errors[:4].tolist() == [0, 1, 4, 9]
    made[0, 1] = 1  # one of the two windows with row 1 gives it back
    assert errors_by_row(data, made, 5)[:4].tolist() == [0, 0.5, 4, 9]
    assert math.isnan(errors[4])


def test_errors_of_rows_are_the_same_taken_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    from nodeflow_nodes.deep import reconstruction_error

    chance = np.random.default_rng(4)
    base = chance.normal(size=(60, 2)).astype("float32")
    starts = chance.permutation(40)[:30]
    windows = Windows(base, starts, 5, 3)
    data = Tensors({"x": windows, "row": starts + 12})
    made = chance.normal(size=(30, 5, 2)).astype("float32")
    squares = np.square(windows.to_numpy().astype("float64") - made).mean(axis=2)
    held: dict[int, list[float]] = {}
    for window, start in enumerate(starts):
        for place in range(5):
            held.setdefault(int(start + 3 * place), []).append(float(squares[window, place]))
    by_hand = [float(np.median(held[row])) if row in held else math.nan for row in range(60)]
    for size in (7, 50_000):
        monkeypatch.setattr(reconstruction_error, "_CHUNK", size)
        np.testing.assert_allclose(errors_by_row(data, made, 60), by_hand, rtol=1e-12)


def test_a_sequence_autoencoder_finds_the_stretch_that_is_unlike_the_rest() -> None:
    values = [math.sin(step / 2) for step in range(240)]
    values[200:206] = [2.0, -2.0, 2.0, -2.0, 2.0, -2.0]
    workflow = nf.Workflow("odd")
    table = created(workflow, pl.DataFrame({"t": range(240), "v": values}))
    workflow.add(
        "sequence_autoencoder", table, id="it", columns=["v"], time="t", window=12, units=8, epochs=40, seed=1,
        learning_rate=0.01,
    )  # fmt: skip
    assert nf.validate(workflow) == []
    found = workflow.run(cache=False)["it"]["table"].to_polars()
    worst = found.sort("Reconstruction error", descending=True).head(6)
    assert set(worst["t"]) == set(range(200, 206))
    assert found.filter(pl.col("t").is_between(200, 205))["odd"].all()


# -- pretraining, scores ----------------------------------------------------------------------------------


def test_first_weights_give_back_what_a_layer_is_given() -> None:
    from nodeflow_nodes.deep.layerwise_pretrainer import LayerwisePretrainer

    from nodeflow.testing import _Context

    chance = np.random.default_rng(2)
    data = Tensors({"x": chance.uniform(size=(80, 5)).astype("float32")})
    built = Structure.of_shape((5,))
    for units in (8, 4):
        built = built.then("dense", units=units, activation="sigmoid")
    network = Network(built.then("dense", units=1))
    node = LayerwisePretrainer(noise=0.0, epochs=60, learning_rate=0.01, seed=1)
    from pathlib import Path

    found = node.run(network, data, _Context(Path()))
    assert sorted(found.network.weights) == ["dense/bias", "dense/kernel", "dense_2/bias", "dense_2/kernel"]
    assert found.network.weights["dense_2/kernel"].shape == (8, 4)
    rows = found.layers.rows(named=True)
    assert [row["layer"] for row in rows] == ["dense", "dense_2"]
    assert all(row["last_loss"] < row["first_loss"] / 2 for row in rows)
    assert network.weights == {}


def test_networks_that_branch_are_not_pretrained() -> None:
    from nodeflow_nodes.deep.layerwise_pretrainer import LayerwisePretrainer

    start = Structure.of_shape((3,)).then("dense", units=2)
    branched = start.with_layer("dense", {"units": 2}, ("x",)).with_layer("add", {}, ("dense", "dense_2"))
    faults = LayerwisePretrainer().check({"network": Network(branched).spec})
    assert "branches" in faults[0].sentence
    one = Structure.of_shape((3,)).then("dense", units=2)
    assert "has 1 dense layer" in LayerwisePretrainer().check({"network": Network(one).spec})[0].sentence


def test_two_numbers_are_marked_one_in_each_half_and_added() -> None:
    from nodeflow_nodes.deep.adding_problem import AddingProblem

    found = AddingProblem(steps=7, samples=400, seed=1).run()
    x, y = (found.arrays[name].to_numpy() for name in ("x", "y"))
    assert x.shape == (400, 7, 2)
    assert (x[:, :3, 1].sum(axis=1) == 1).all()
    assert (x[:, 3:, 1].sum(axis=1) == 1).all()
    np.testing.assert_allclose(y[:, 0], (x[:, :, 0] * x[:, :, 1]).sum(axis=1))
    assert y.var() == pytest.approx(1 / 6, rel=0.15)
    assert found.spec == AddingProblem(steps=7, samples=400).spec({})


def test_ten_decibels_are_a_tenth_of_the_error() -> None:
    truth = pl.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]})
    for step, ratio in ((0.1, 20.0), (math.sqrt(0.001), 30.0)):
        scores = dict(ImageScorer().run(truth.lazy(), (truth + step).lazy()).iter_rows())
        assert scores["PSNR"] == pytest.approx(ratio)
    assert dict(ImageScorer(peak=10.0).run(truth.lazy(), (truth + 0.1).lazy()).iter_rows())[
        "PSNR"
    ] == pytest.approx(40)
    assert dict(ImageScorer().run(truth.lazy(), truth.lazy()).iter_rows())["PSNR"] is None
    with pytest.raises(nf.NodeFailed, match="2 true rows, but 1 changed"):
        ImageScorer().run(truth.lazy(), truth.head(1).lazy())


def test_windows_in_hours_give_a_deep_learner_a_model_known_before_running() -> None:
    from nodeflow.values.trained_network import network_model_spec

    node = SequenceWindows(target="v", time="t", lookback=12, horizon=6, unit="hours")
    told = node.spec({"table": nf.TableSpec({"t": pl.Datetime("us"), "v": pl.Float64()})})["train"]
    model = network_model_spec(None, "forecast", told.preparation, "v", None, "Deep Learner")
    assert model.features.columns == {"v": pl.Float64(), "t": pl.Datetime("us")}


def test_lines_break_where_nothing_was_forecast() -> None:
    from nodeflow_nodes.deep._drawn import lines_chart

    rows = pl.DataFrame({"row": [1, 2, 3, 7, 8], "v": [1.0, 2.0, 0.0, 4.0, 5.0]})
    options: dict[str, Any] = {"title": "lines", "facts": (), "up": "v", "numbered": "row"}
    drawn = lines_chart(rows, "row", {"v": "v"}, **options).specification["data"]["values"]
    assert [one["piece"] for one in drawn] == [0, 0, 0, 1, 1]
    by_logarithm = lines_chart(rows, "row", {"v": "v"}, logarithmic=True, **options)
    assert [one["value"] for one in by_logarithm.specification["data"]["values"]] == [1, 2, 4, 5]
    assert by_logarithm.to_bytes("svg").startswith(b"<svg")
