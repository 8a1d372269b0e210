"""A CRF Head learns which label follows which, is refused where it does not fit, and tells a class for each step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep._goals import GoalError, plan_of
from nodeflow_nodes.deep._predicting import predict_tensors, prediction_columns, true_values
from nodeflow_nodes.deep._training import evaluate
from nodeflow_nodes.deep.tag_encoder import TagEncoder
from nodeflow_nodes.deep.tag_predictor import TagPredictor

from nodeflow.errors import NodeFailed
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors

sys.path.append(str(Path(__file__).parent))

from training_cases import Listening, learn

STEPS = 6
CLASSES = ("in", "out")


def turns(samples: int, seed: int) -> Tensors:
    """Labels take turns, and one step of each sample tells its label; the last samples are shorter."""
    generator = np.random.default_rng(seed)
    y = (generator.integers(0, 2, samples)[:, None] + np.arange(STEPS)) % 2
    told = generator.integers(0, STEPS - 2, samples)
    x = np.zeros((samples, STEPS, 2), "float32")
    x[np.arange(samples), told, y[np.arange(samples), told]] = 1
    y[samples // 2 :, STEPS - 2 :] = -1
    return Tensors({"x": x, "y": y.astype("int32")}, targets=("y",), task="classification", classes=CLASSES)


def network(head: str = "crf_head", **config: Any) -> Network:
    return Network(Structure.of_shape((STEPS, 2)).then(head, **(config or {"labels": 2})))


def test_it_learns_which_label_follows_which() -> None:
    data, held = turns(64, 0), turns(40, 1)
    trained = learn(network(), data, epochs=40, learning_rate=0.1, patience=0)
    assert trained.history["accuracy"][-1] > 0.99
    figures = evaluate(trained.model, held, Listening())
    assert figures["accuracy"] == 1.0
    assert figures["loss"] < 0.5  # ln 2 = 0.69 is what guessing the turn costs

    (predicted,) = predict_tensors(trained.model, held, Listening())
    (true,) = true_values(trained.model, held, set())
    assert predicted.dtype == true.dtype == pl.List(pl.String)
    assert prediction_columns(trained.model.spec, "", False) == {predicted.name: predicted.dtype}
    assert predicted[0].to_list() == true[0].to_list()
    assert true[-1].to_list()[STEPS - 2 :] == [None, None]
    assert predicted[-1].to_list()[: STEPS - 2] == true[-1].to_list()[: STEPS - 2]

    # each step by itself cannot know the turn
    alone = learn(
        network("dense", units=2, activation="softmax"), turns_without_end(64), epochs=40, learning_rate=0.1
    )
    assert alone.history["accuracy"].max() < 0.8


def turns_without_end(samples: int) -> Tensors:
    data = turns(samples * 2, 0)
    whole = data.take(np.arange(samples))
    return Tensors(whole, targets=("y",), task="classification", classes=CLASSES)


@pytest.mark.parametrize(
    ("structure", "loss", "target", "told"),
    [
        (network().structure, "mse", np.zeros((4, STEPS), "int32"), "trained by its own loss"),
        (network("dense", units=2).structure, "crf", np.zeros((4, STEPS), "int32"), "end it with one"),
        (network(labels=3).structure, "auto", np.zeros((4, STEPS), "int32"), "set its labels to 2"),
        (network().structure, "auto", np.zeros((4, STEPS), "float32"), "a label for each step"),
        (network().structure, "auto", np.zeros((4,), "int32"), "a label for each step"),
        (network().structure, "auto", np.zeros((4, 3), "int32"), "gives 6 steps"),
    ],
)
def test_what_does_not_fit_is_told_before_running(
    structure: Structure, loss: str, target: Any, told: str
) -> None:
    data = Tensors(
        {"x": np.zeros((4, STEPS, 2), "float32"), "y": target},
        targets=("y",),
        task="classification",
        classes=CLASSES,
    )
    with pytest.raises(GoalError, match=told):
        plan_of(structure, data.spec, loss)


def test_labels_beyond_those_of_the_head_and_figures_that_do_not_fit_are_told() -> None:
    data = turns(8, 0)
    more = Tensors(
        {"x": data.arrays["x"], "y": data.arrays["y"].to_numpy() + 1}, targets=("y",), task="classification"
    )
    with pytest.raises(NodeFailed, match="set its labels to 3"):
        learn(network(), more)
    with pytest.raises(NodeFailed, match="mae does not fit"):
        learn(network(), data, metrics=("mae",))


def test_words_of_a_tag_encoder_are_tagged_by_the_best_sequence() -> None:
    words = ["go", "in", "and", "in", "of", "it", "in", "out", "in", "on", "and", "on"] * 3
    frame = pl.DataFrame(
        {
            "s": [place // 3 for place in range(len(words))],
            "w": words,
            "t": [("a", "b", "a")[place % 3] for place in range(len(words))],
        }
    )
    data = TagEncoder(words="w", tags="t", sentence="s", length=5).run(frame.lazy(), Listening()).tensors
    structure = Structure.of_shape((5,), dtype="int32").then(
        "embedding", input_dim=20, output_dim=4, mask_zero=True
    )
    trained = learn(
        Network(structure.then("crf_head", labels=2)), data, epochs=60, learning_rate=0.1, patience=0
    )
    assert trained.history["accuracy"][-1] == 1.0  # fillers count neither as right nor as wrong
    found = TagPredictor(probability=True).run(trained.model, frame.lazy(), Listening())
    assert found["Prediction (t)"].to_list() == frame["t"].to_list()
    assert found["P (Prediction (t))"].is_between(0.5, 1.0).all()
