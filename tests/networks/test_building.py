"""Networks built in Keras: weights in and out, our own layers against NumPy, truncation, and one backend against another."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.templates import TEMPLATES, Wanted, template
from tests.networks.test_structure import INPUTS

pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking.*")


@pytest.fixture(scope="module")
def building() -> Any:
    from nodeflow_nodes.deep._keras import building

    return building


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def peephole_reference(x: Any, kernel: Any, recurrent: Any, peephole: Any, bias: Any) -> Any:
    """The outputs of an LSTM with peepholes at each step, as Gers and Schmidhuber have it."""
    units = recurrent.shape[0]
    h, c = np.zeros((len(x), units)), np.zeros((len(x), units))
    outputs = []
    for step in range(x.shape[1]):
        i, f, z, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f = sigmoid(i + peephole[0] * c), sigmoid(f + peephole[1] * c)
        c = f * c + i * np.tanh(z)
        h = sigmoid(o + peephole[2] * c) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def random_weights(building: Any, model: Any, structure: Structure) -> dict[str, Any]:
    generator = np.random.default_rng(1)
    found = building.get_weights(model, structure)
    return {name: generator.normal(0, 0.5, one.shape).astype("float32") for name, one in found.items()}


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_peepholes_are_those_of_the_textbook(building: Any, direction: str, dropout: float) -> None:
    structure = Structure.of_shape((7, 3)).then(
        "lstm", units=5, peephole=True, direction=direction, return_sequences=True, recurrent_dropout=dropout
    )
    model = building.build(structure)
    weights = random_weights(building, model, structure)
    building.set_weights(model, structure, weights)
    x = np.random.default_rng(0).normal(size=(4, 7, 3)).astype("float32")
    given = np.asarray(model(x))
    parts = ("kernel", "recurrent_kernel", "peephole", "bias")
    if direction == "both":
        ahead, back = ([weights[f"lstm/{way}_{one}"] for one in parts] for way in ("forward", "backward"))
        wanted = np.concatenate(
            [peephole_reference(x, *ahead), peephole_reference(x[:, ::-1], *back)[:, ::-1]], axis=2
        )
    else:
        seen = x if direction == "forward" else x[:, ::-1]
        wanted = peephole_reference(seen, *[weights[f"lstm/{one}"] for one in parts])
    assert np.abs(given - wanted).max() < 1e-5


def test_the_forget_bias_is_where_it_should_be(building: Any) -> None:
    for value in (0.0, 1.0, 2.5):
        structure = Structure.of_shape((7, 3)).then(
            "lstm", units=2, forget_bias=value, bias_initializer="constant(0.5)"
        )
        bias = building.get_weights(building.build(structure), structure)["lstm/bias"]
        assert bias.tolist() == [0.5, 0.5] + [0.5 if value == 0 else value] * 2 + [0.5] * 4


def test_a_tied_layer_uses_the_weights_of_the_other_and_counts_them_once(building: Any) -> None:
    structure = (
        Structure.of_shape((4,)).then("dense", units=2).then("tied_dense", tied_to="dense", activation="tanh")
    )
    model = building.build(structure)
    assert model.count_params() == sum(map(sum, structure.parameter_counts().values())) == 4 * 2 + 2 + 4
    weights = random_weights(building, model, structure)
    building.set_weights(model, structure, weights)
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    code = x @ weights["dense/kernel"] + weights["dense/bias"]
    wanted = np.tanh(code @ weights["dense/kernel"].T + weights["tied_dense/bias"])
    assert np.allclose(np.asarray(model(x)), wanted, atol=1e-5)


@pytest.mark.parametrize("task", TEMPLATES)
def test_templates_are_built_as_told_and_weights_come_back(building: Any, task: str) -> None:
    structure = template(task, INPUTS[task], Wanted(outputs=3, vocabulary=50))
    model = building.build(structure)
    assert tuple(model.output.shape[1:]) == structure.shapes()[structure.outputs[0]]
    weights = building.get_weights(model, structure)
    assert {name: one.shape for name, one in weights.items()} == {
        name: one.shape for name, one in structure.weights()
    }
    changed = {name: one + 1 for name, one in weights.items()}
    building.set_weights(model, structure, changed)
    again = building.get_weights(model, structure)
    assert all(np.array_equal(again[name], changed[name]) for name in changed)


def test_weights_of_another_network_are_refused(building: Any) -> None:
    structure = Structure.of_shape((4,)).then("dense", units=2)
    model = building.build(structure)
    with pytest.raises(NetworkError, match="learned by another network"):
        building.set_weights(model, structure, {"dense/kernel": np.zeros((5, 2))})
    with pytest.raises(NetworkError, match="no weight"):
        building.set_weights(model, structure, {"other/kernel": np.zeros((4, 2))})


def test_a_network_too_large_for_memory_is_refused_before_it_is_made(building: Any) -> None:
    structure = Structure.of_shape((1 << 20,)).then("dense", units=1 << 20)
    with pytest.raises(NetworkError, match=r"4,096\.0 GB"):
        building.build(structure)


# Truncated back-propagation


def gradient(building: Any, structure: Structure, weights: Any, x: Any, steps: int) -> tuple[Any, list[Any]]:
    """What comes out, and the gradient of the sum of its squares."""
    import jax

    model = building.build(structure, tbptt_steps=steps)
    building.set_weights(model, structure, weights)
    fixed = [one.value for one in model.non_trainable_variables]

    def loss(trained: Any) -> Any:
        given, _ = model.stateless_call(trained, fixed, x)
        return (given**2).sum(), given

    slopes, given = jax.jit(jax.grad(loss, has_aux=True))([one.value for one in model.trainable_variables])
    return np.asarray(given), [np.asarray(one) for one in slopes]


CHAINS = [
    ("simple_rnn", {"return_sequences": True}),
    ("gru", {"direction": "backward", "return_sequences": True}),
    ("lstm", {"direction": "both"}),
    ("lstm", {"peephole": True}),
]


@pytest.mark.parametrize(("kind", "config"), CHAINS)
def test_pieces_as_long_as_the_sequence_change_nothing_and_short_ones_only_gradients(
    building: Any, kind: str, config: Any
) -> None:
    structure = Structure.of_shape((12, 3)).then("masking").then(kind, units=3, **config)
    weights = {
        name: np.random.default_rng(1).normal(0, 0.5, one.shape).astype("float32")
        for name, one in structure.weights()
    }
    x = np.random.default_rng(0).normal(size=(2, 12, 3)).astype("float32")
    x[1, 4:] = 0  # the second sequence ends with the first piece
    given, exact = gradient(building, structure, weights, x, 0)
    same, whole = gradient(building, structure, weights, x, 12)
    assert np.array_equal(given, same)
    assert all(np.array_equal(a, b) for a, b in zip(exact, whole, strict=True))
    close, cut = gradient(building, structure, weights, x, 4)
    assert np.allclose(given, close, atol=1e-6)
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(exact, cut, strict=True))


def test_the_error_of_the_gradient_falls_as_pieces_grow(building: Any) -> None:
    structure = Structure.of_shape((12, 3)).then("lstm", units=4).then("dense", units=1)
    weights = random_weights(building, building.build(structure), structure)
    x = np.random.default_rng(0).normal(size=(2, 12, 3)).astype("float32")
    _, exact = gradient(building, structure, weights, x, 0)
    errors = [
        sum(
            float(np.abs(a - b).sum())
            for a, b in zip(exact, gradient(building, structure, weights, x, k)[1], strict=True)
        )
        for k in (2, 6, 12)
    ]
    assert errors[0] > errors[1] > errors[2] == 0


# One backend against another

STEPS = """
import sys
import numpy as np
from nodeflow.networks import Structure
from nodeflow_nodes.deep._keras.building import build, get_weights, set_weights

folder = sys.argv[1]
cases = np.load(folder + "/cases.npz")
x = cases["x"]
told = {}
for number, text in enumerate(cases["networks"]):
    structure = Structure.from_json(str(text))
    for steps in (0, 3):
        model = build(structure, tbptt_steps=steps)
        weights = {name[4:]: cases[name] for name in cases.files if name.startswith(f"w{number:02}/")}
        set_weights(model, structure, weights)
        told[f"{number}-{steps}"] = np.asarray(model.predict(x, verbose=0))
np.savez(folder + "/told.npz", **told)
"""


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_pytorch_gives_what_jax_gives(building: Any, tmp_path: Path) -> None:
    networks, weights = [], {}
    x = np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32")
    x[1, 5:] = 0
    start = Structure.of_shape((8, 2))
    for kind, config in [
        ("lstm", {}), ("lstm", {"direction": "backward", "return_sequences": True}), ("lstm", {"direction": "both"}),
        ("lstm", {"peephole": True, "direction": "both", "return_sequences": True}), ("gru", {"direction": "both"}),
        ("simple_rnn", {"direction": "backward"}),
    ]:  # fmt: skip
        for masked in (False, True):
            networks.append((start.then("masking") if masked else start).then(kind, units=3, **config))
    dense = start.then("dense", units=4).then("dense", units=3).then("tied_dense", tied_to="dense_2")
    networks.append(
        dense.then("conv1d", filters=2)
        .then("multi_head_attention", num_heads=2, key_dim=3)
        .then("ctc_head", labels=3)
    )
    wanted = {}
    for number, structure in enumerate(networks):
        model = building.build(structure)
        own = random_weights(building, model, structure)
        weights |= {f"w{number:02}/{name}": one for name, one in own.items()}
        building.set_weights(model, structure, own)
        wanted[number] = model.predict(x, verbose=0)
    texts = np.array([one.to_json().decode() for one in networks])
    np.savez(tmp_path / "cases.npz", x=x, networks=texts, **weights)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STEPS, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "torch"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = np.load(tmp_path / "told.npz")
    for number, structure in enumerate(networks):
        for steps in (0, 3):
            assert np.abs(told[f"{number}-{steps}"] - wanted[number]).max() < 1e-4, (structure.layers, steps)
