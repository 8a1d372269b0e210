"""A network that cannot reach its target is told before running, with the layer named and the way out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep._goals import GoalError, last_activation, plan_of
from nodeflow_nodes.deep.deep_learner import DeepLearner

from nodeflow.errors import NodeFailed
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import ArraySpec, Tensors, TensorsSpec, Windows

sys.path.append(str(Path(__file__).parent))
from training_cases import Listening, dense, flowers, learn, recurrent, series


def classes(count: int | None, dtype: str = "int32", shape: Any = ()) -> TensorsSpec:
    names = None if count is None else tuple("abcdefgh"[:count])
    arrays = {"x": ArraySpec((4,)), "y": ArraySpec(shape, dtype)}
    return TensorsSpec(arrays, targets=("y",), task="classification", classes=names)


def numbers(shape: Any = (1,)) -> TensorsSpec:
    arrays = {"x": ArraySpec((4,)), "y": ArraySpec(shape)}
    return TensorsSpec(arrays, targets=("y",), task="regression")


def ending(units: int, activation: str) -> Structure:
    return (
        Structure.of_shape((4,))
        .then("dense", units=5)
        .then("dense", id="last", units=units, activation=activation)
    )


@pytest.mark.parametrize(
    ("structure", "data", "loss", "sentence"),
    [
        (ending(3, "softmax"), classes(4), "auto", '"last" gives 3 numbers by softmax, but the target "y" has 4 classes; give it 4 units'),
        (ending(3, "sigmoid"), classes(3), "auto", "chosen by softmax; set its activation to softmax"),
        (ending(1, "sigmoid"), classes(3), "auto", "has 3 classes; give it 3 units and softmax"),
        (ending(1, "relu"), classes(2), "auto", "told by sigmoid; set its activation to sigmoid"),
        (ending(3, "softmax"), numbers((3,)), "auto", "but the target is numbers; set its activation to linear"),
        (ending(2, "linear"), numbers(), "auto", 'but the target "y" has 1 number; give it 1 unit'),
        (ending(2, "linear"), numbers((5, 2)), "auto", "end the network so that it gives 5 x 2"),
        (ending(3, "softmax"), classes(3), "categorical_crossentropy", "wants one column a class"),
        (ending(3, "softmax"), numbers((3,)), "sparse_categorical_crossentropy", "wants whole numbers of classes"),
        (ending(1, "softmax"), classes(2), "sparse_categorical_crossentropy", "give it a unit for each class"),
    ],
)  # fmt: skip
def test_a_last_layer_that_does_not_fit_is_told(
    structure: Structure, data: TensorsSpec, loss: str, sentence: str
) -> None:
    with pytest.raises(GoalError) as caught:
        plan_of(structure, data, loss)
    assert sentence in str(caught.value)
    assert "last" in str(caught.value) or "target" in str(caught.value)


@pytest.mark.parametrize(
    ("structure", "data", "loss"),
    [
        (ending(3, "softmax"), classes(3), {"name": "sparse_categorical_crossentropy"}),
        (ending(3, "linear"), classes(3), {"name": "sparse_categorical_crossentropy", "from_logits": True}),
        (ending(3, "softmax"), classes(3, "float32", (3,)), {"name": "categorical_crossentropy"}),
        (ending(3, "sigmoid"), classes(None, "float32", (3,)), {"name": "binary_crossentropy"}),
        (ending(1, "sigmoid"), classes(2), {"name": "binary_crossentropy"}),
        (ending(1, "linear"), classes(2), {"name": "binary_crossentropy", "from_logits": True}),
        (ending(1, "linear"), numbers(), {"name": "mse"}),
        (ending(1, "linear"), numbers(()), {"name": "mse"}),
        (ending(6, "linear"), numbers((6,)), {"name": "mse"}),
    ],
)  # fmt: skip
def test_the_loss_follows_from_target_and_last_layer(
    structure: Structure, data: TensorsSpec, loss: dict[str, Any]
) -> None:
    assert dict(plan_of(structure, data).goals[0].loss) == loss


def test_the_activation_is_found_behind_layers_that_change_no_number() -> None:
    structure = ending(3, "linear").then("softmax").then("reshape", target_shape=(3, 1))
    assert last_activation(structure, structure.outputs[0]) == "softmax"


def test_inputs_that_do_not_fit_are_told() -> None:
    with pytest.raises(
        GoalError, match='input "x" of the network takes 7 numbers, but the array "x" of the data has 4'
    ):
        plan_of(Structure.of_shape((7,)).then("dense", units=1), numbers())
    with pytest.raises(GoalError, match="the data has no target to learn"):
        plan_of(ending(1, "linear"), TensorsSpec({"x": ArraySpec((4,))}))


def test_an_autoencoder_needs_no_target() -> None:
    data = TensorsSpec({"x": ArraySpec((4,))}, task="reconstruction")
    assert plan_of(ending(4, "linear"), data).goals[0].target == "x"


def test_bad_data_is_told_before_training() -> None:
    empty = flowers().chosen(np.arange(0))
    with pytest.raises(NodeFailed, match="the training data has no samples"):
        learn(dense(), empty)
    with pytest.raises(NodeFailed, match="the validation data has no samples"):
        learn(dense(), flowers(), empty)
    one_class = Tensors(
        {"x": np.zeros((9, 4), "float32"), "y": np.zeros(9, "int32")},
        targets=("y",), task="classification", classes=("only",),
    )  # fmt: skip
    with pytest.raises(NodeFailed, match="one class only"):
        learn(Network(dense().structure.with_config("dense_2", units=1, activation="sigmoid")), one_class)
    wild = flowers().with_(arrays={**flowers().arrays, "y": np.full(120, 7, "int32")}, classes=None)
    with pytest.raises(NodeFailed, match=r"holds classes from 7 to 7, but the last layer .* gives 3 numbers"):
        learn(dense(), wild)
    holes = series()
    base = holes.arrays["x"].to_numpy().copy()
    base[3, 2] = np.nan
    with pytest.raises(NodeFailed, match='"x" of the training data holds missing or infinite values'):
        learn(recurrent(), holes.with_(arrays={**holes.arrays, "x": base}))
    with pytest.raises(NodeFailed, match="takes 12 x 2, but the array"):
        learn(recurrent(), series(steps=9))


def test_a_gap_that_no_window_reaches_is_no_fault() -> None:
    base = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
    base[30] = np.nan
    around = np.array([start for start in range(48) if not start <= 30 < start + 12])
    data = Tensors(
        {"x": Windows(base, around, 12), "y": np.zeros((len(around), 1), "float32")}, targets=("y",)
    )
    assert learn(recurrent(), data).history.height == 2
    touching = data.with_(arrays={**data.arrays, "x": Windows(base, around + 1, 12)})
    with pytest.raises(NodeFailed, match='"x" of the training data holds missing'):
        learn(recurrent(), touching)


def test_a_network_without_weights_to_train_is_told() -> None:
    frozen = Structure.of_shape((4,)).then("dense", units=3, activation="softmax", trainable=False)
    with pytest.raises(NodeFailed, match="no weights to train; unfreeze a layer"):
        learn(Network(frozen), flowers())


def test_a_gpu_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow.devices.graphics_processors", lambda: ())
    context = Listening()
    context.device = "gpu"
    with pytest.raises(
        NodeFailed, match="a GPU was asked for, but no NVIDIA graphics processor is found here"
    ):
        learn(dense(), flowers(), context=context)


def test_settings_that_do_not_fit_the_target_are_told_before_running() -> None:
    def told(learner: DeepLearner, network: Network, data: Tensors) -> list[tuple[str, str]]:
        return [
            (one.place, one.sentence) for one in learner.check({"network": network.spec, "train": data.spec})
        ]

    weighted = DeepLearner(class_weights=True)
    assert told(weighted, dense(), flowers()) == []
    assert told(weighted, recurrent(), series()) == [
        ("class_weights", "are for one target of classes; switch them off")
    ]
    tags = Tensors(
        {"x": np.zeros((4, 6, 2)), "y": np.zeros((4, 6), "int32")}, targets=("y",), task="classification"
    )
    chain = Network(Structure.of_shape((6, 2)).then("crf_head", labels=3))
    assert told(DeepLearner(metrics=["accuracy"]), chain, tags) == []
    assert told(DeepLearner(metrics=["mae"]), chain, tags)[0][0] == "metrics"
