"""Applying trained networks: to tables in the target's own unit, on another backend, with dropout on."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep._predicting import predict_table, predict_tensors
from nodeflow_nodes.deep._training import apply, apply_to_table
from nodeflow_nodes.deep.sequence_windows import SequenceWindows
from nodeflow_nodes.deep.table_to_tensors import TableToTensors
from nodeflow_nodes.mining.predictor import Predictor

import nodeflow as nf
from nodeflow.errors import NodeFailed
from nodeflow.networks import Structure
from nodeflow.values.network import Network

sys.path.append(str(Path(__file__).parent))
from training_cases import Listening, learn, series

HOURS = pl.DataFrame(
    {
        "time": [dt.datetime(2024, 1, 1) + dt.timedelta(hours=hour) for hour in range(120)],
        "temp": [20 + 5 * float(np.sin(hour / 4)) for hour in range(120)],
        "wind": [float(hour % 7) for hour in range(120)],
    }
)
PLANTS = pl.DataFrame(
    {
        "long": [float(i % 10) for i in range(80)],
        "wide": [float(i % 10 > 4) for i in range(80)],
        "kind": ["rose" if i % 10 > 4 else "reed" for i in range(80)],
        "price": [100.0 + 20 * (i % 10) for i in range(80)],
    }
)


def windows(**parameters: Any) -> Any:
    node = SequenceWindows(target="temp", time="time", lookback=8, stride=1, horizon=3, **parameters)
    return node.run(HOURS.lazy(), Listening())


def forecaster(**parameters: Any) -> Network:
    return Network(Structure.of_shape((8, 2)).then("lstm", units=6).then("dense", units=1))


@pytest.mark.parametrize("difference", ["off", "target"])
def test_a_forecast_stands_in_the_row_at_which_it_is_made_in_the_unit_of_the_target(difference: str) -> None:
    parts = windows(difference=difference)
    trained = learn(forecaster(), parts.train, parts.validation, epochs=40, learning_rate=0.02, patience=0)
    assert (trained.model.spec.task, trained.model.spec.target) == ("forecast", "temp")
    found = predict_table(trained.model, HOURS, Listening())["Prediction (temp)"]
    assert found[:7].null_count() == 7
    assert found[7:].null_count() == 0  # also at the end, where the truth is not known yet
    truth = HOURS["temp"].shift(-3)
    error = (found - truth).abs().mean()
    naive = (HOURS["temp"] - truth)[7:].abs().mean()
    assert isinstance(error, float)
    assert isinstance(naive, float)
    assert error < naive / 2


def test_a_predictor_applies_a_network_in_a_workflow_and_knows_its_columns() -> None:
    trained = learn(forecaster(), windows().train)
    node = Predictor()
    told = node.spec({"model": trained.model.spec, "table": nf.TableSpec(dict(HOURS.schema))})
    found = node.run(trained.model, HOURS.lazy(), Listening()).collect()
    assert told is not None
    assert found.schema == pl.Schema(told.columns)
    faults = node.check({"model": trained.model.spec, "table": nf.TableSpec({"time": pl.Datetime("us")})})
    assert 'the table lacks "temp", "wind"' in faults[0].sentence
    with pytest.raises(NodeFailed, match="temp"):
        predict_table(trained.model, HOURS.drop("temp"), Listening())


def test_a_network_without_a_wire_of_a_table_is_for_tensors() -> None:
    trained = learn(
        Network(Structure.of_shape((12, 2)).then("gru", units=4).then("dense", units=1)), series()
    )
    with pytest.raises(NodeFailed, match="do not come from a table; apply it by a Deep Predictor to tensors"):
        predict_table(trained.model, HOURS, Listening())
    found = predict_tensors(trained.model, series(), Listening())
    assert [one.name for one in found] == ["Prediction (target)"]


def classifier() -> Any:
    data = TableToTensors(features=["long", "wide"], target="kind").run(PLANTS.lazy(), Listening())
    structure = Structure.of_shape((2,)).then("dense", units=6, activation="tanh")
    network = Network(structure.then("dropout", rate=0.3).then("dense", units=2, activation="softmax"))
    return learn(network, data, epochs=30, learning_rate=0.05, patience=0), data


def test_classes_come_back_by_name_with_their_probabilities() -> None:
    trained, _ = classifier()
    found = predict_table(trained.model, PLANTS, Listening(), probabilities=True)
    assert (found["Prediction (kind)"] == PLANTS["kind"]).all()
    shares = found.select("P (kind=reed)", "P (kind=rose)")
    assert np.allclose(shares.sum_horizontal(), 1)
    assert ((shares["P (kind=rose)"] > 0.5) == (PLANTS["kind"] == "rose")).all()
    values, rows = apply_to_table(trained.model, PLANTS, Listening())
    assert values.shape == (80, 2)
    assert rows.tolist() == list(range(80))


def test_missing_values_give_missing_predictions_and_an_empty_table_none() -> None:
    trained, _ = classifier()
    holes = PLANTS.with_columns(
        pl.when(pl.int_range(80) == 3).then(None).otherwise(pl.col("long")).alias("long")
    )
    found = predict_table(trained.model, holes, Listening())["Prediction (kind)"]
    assert found.is_null().to_list() == [place == 3 for place in range(80)]
    none = predict_table(trained.model, PLANTS.head(0), Listening())
    assert none.schema == pl.Schema({**PLANTS.schema, "Prediction (kind)": pl.String})
    with pytest.raises(NodeFailed, match='has "Prediction \\(kind\\)" already'):
        predict_table(trained.model, PLANTS.with_columns(pl.lit(1).alias("Prediction (kind)")), Listening())


def test_a_regression_is_in_its_own_unit() -> None:
    data = TableToTensors(features=["long"], target="price").run(PLANTS.lazy(), Listening())
    trained = learn(
        Network(Structure.of_shape((1,)).then("dense", units=1)),
        data,
        epochs=200,
        learning_rate=0.1,
        patience=0,
    )
    found = predict_table(trained.model, PLANTS, Listening())
    assert np.allclose(found["Prediction (price)"], PLANTS["price"], atol=1.0)


def test_an_autoencoder_tells_how_far_it_is_off() -> None:
    data = TableToTensors(features=["long", "wide"], target=None).run(PLANTS.lazy(), Listening())
    trained = learn(Network(Structure.of_shape((2,)).then("dense", units=2)), data, epochs=2)
    assert trained.model.spec.task == "reconstruction"
    found = predict_table(trained.model, PLANTS, Listening())["Reconstruction error"]
    given = data.arrays["x"].to_numpy()
    wanted = np.square(apply(trained.model, data, Listening())["dense"] - given).mean(axis=1)
    assert np.allclose(found, wanted, atol=1e-5)


def test_dropout_runs_tell_how_sure_a_network_is() -> None:
    trained, data = classifier()
    once = predict_tensors(trained.model, data, Listening(), probabilities=True, passes=40, seed=1)
    names = [one.name for one in once]
    assert names[-2:] == ["P (kind=reed) deviation", "P (kind=rose) deviation"]
    spread = once[-1].to_numpy()
    assert (spread > 0).all()
    again = predict_tensors(trained.model, data, Listening(), probabilities=True, passes=40, seed=1)
    assert all(one.equals(two) for one, two in zip(once, again, strict=True))
    plain = predict_tensors(trained.model, data, Listening(), probabilities=True)
    assert np.allclose(plain[1], once[1], atol=0.15)


def test_inner_layers_can_be_looked_at() -> None:
    trained, data = classifier()
    found = apply(trained.model, data, Listening(), outputs="dense")
    assert found["dense"].shape == (80, 6)


VARIANTS: dict[str, Structure] = {
    "forward": Structure.of_shape((12, 2)).then("lstm", units=5),
    "backward": Structure.of_shape((12, 2)).then("lstm", units=5, direction="backward"),
    "backward, all steps": Structure.of_shape((12, 2))
    .then("lstm", units=5, direction="backward", return_sequences=True)
    .then("lstm", units=4),
    "both": Structure.of_shape((12, 2)).then("lstm", units=5, direction="both"),
    "masked": Structure.of_shape((12, 2)).then("masking", mask_value=0.0).then("lstm", units=5),
    "peephole": Structure.of_shape((12, 2)).then("lstm", units=5, peephole=True),
    "gru": Structure.of_shape((12, 2)).then("gru", units=5),
}


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_torch_predicts_what_jax_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    data = series(40)
    padded = data.arrays["x"].to_numpy().copy()
    padded[::2, 8:] = 0.0
    data = data.with_(arrays={**data.arrays, "x": padded})
    models = {
        name: learn(
            Network(one.then("dense", units=1)), data, epochs=2, learning_rate=0.02, backend="jax"
        ).model
        for name, one in VARIANTS.items()
    }
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    by_jax = {name: next(iter(apply(model, data, Listening()).values())) for name, model in models.items()}
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    for name, model in models.items():
        found = next(iter(apply(model, data, Listening()).values()))
        assert np.abs(found - by_jax[name]).max() < 1e-4, name


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_torch_learns_too_clips_and_gives_the_same_bits() -> None:
    from training_cases import assert_same_weights, dense, flowers

    first = learn(dense(), flowers(), backend="torch", epochs=3, clip="global_norm", clip_at=0.1)
    assert (first.history["largest_clipped_norm"] <= 0.1 + 1e-6).all()
    assert first.model.network is not None
    assert first.model.network.record["backend"] == "torch"
    assert_same_weights(
        first, learn(dense(), flowers(), backend="torch", epochs=3, clip="global_norm", clip_at=0.1)
    )
