"""The NumPy reference gives what Keras gives for the same weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep._recurrent.reading import stack_of
from nodeflow_nodes.deep._recurrent.weights import cell_of

from nodeflow.networks import Structure

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is not installed")

LAYERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "simple": ("simple_rnn", "SimpleRNN", {}),
    "simple_relu": ("simple_rnn", "SimpleRNN", {"activation": "relu"}),
    "lstm": ("lstm", "LSTM", {}),
    "lstm_hard": ("lstm", "LSTM", {"recurrent_activation": "hard_sigmoid", "activation": "softsign"}),
    "lstm_elu": ("lstm", "LSTM", {"activation": "elu"}),
    "lstm_silu": ("lstm", "LSTM", {"activation": "silu"}),
    "lstm_without_bias": ("lstm", "LSTM", {"use_bias": False}),
    "gru": ("gru", "GRU", {}),
    "gru_before": ("gru", "GRU", {"reset_after": False}),
}

SCRIPT = """
import json, sys
import numpy as np, keras
layers, folder = json.loads(sys.argv[1]), sys.argv[2]
x = np.random.default_rng(0).normal(size=(3, 20, 5)).astype("float32")
found = {"x": x}
for name, (kind, made, config) in layers.items():
    keras.utils.set_random_seed(1)
    layer = getattr(keras.layers, made)(7, return_sequences=True, **config)
    layer.build(x.shape)
    random = np.random.default_rng(2)
    layer.set_weights([random.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    found[name + "/out"] = np.asarray(layer(x))
    for w in layer.weights:
        found[name + "/" + w.name] = np.asarray(w.value)
np.savez(folder + "/found.npz", **found)
"""


@pytest.fixture(scope="module")
def keras(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """What layers of Keras gave in a process of their own."""
    folder = tmp_path_factory.mktemp("keras")
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    }
    command = [sys.executable, "-c", SCRIPT, json.dumps(LAYERS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=Path(folder))
    assert done.returncode == 0, done.stderr[-2_000:]
    with np.load(folder / "found.npz") as found:
        return dict(found)


@pytest.mark.parametrize("name", LAYERS)
def test_outputs_are_those_of_keras(name: str, keras: dict[str, np.ndarray]) -> None:
    kind, _, config = LAYERS[name]
    weights = {key.partition("/")[2]: one for key, one in keras.items() if key.startswith(f"{name}/")}
    out = weights.pop("out")
    cell = cell_of(kind, config, weights)
    values = cell.forward(keras["x"].astype(np.float64))
    assert np.abs(values[cell.state] - out).max() <= 1e-6 * max(1.0, np.abs(out).max())


SEQUENCE = Structure.of_shape((12, 3))


def _chain(*layers: tuple[str, dict[str, Any]], start: Structure = SEQUENCE) -> Structure:
    for kind, config in layers:
        start = start.then(kind, **config)
    return start


NETWORKS = {
    "peepholes": _chain(("lstm", {"units": 4, "peephole": True}), ("dense", {"units": 2})),
    "backward, last": _chain(("lstm", {"units": 4, "direction": "backward"})),
    "backward, all steps": _chain(("gru", {"units": 4, "direction": "backward", "return_sequences": True})),
    "both": _chain(("lstm", {"units": 4, "direction": "both", "return_sequences": True}), ("gru", {"units": 3})),
    "both, last": _chain(("gru", {"units": 4, "direction": "both", "reset_after": False})),
    "both, summed": _chain(("simple_rnn", {"units": 4, "direction": "both", "merge_mode": "sum", "return_sequences": True})),
    "both, averaged, peepholes": _chain(
        ("lstm", {"units": 4, "direction": "both", "merge_mode": "ave", "peephole": True, "return_sequences": True})
    ),
    "without biases": _chain(("lstm", {"units": 4, "use_bias": False}), ("dense", {"units": 2, "use_bias": False})),
    "encoder and decoder": _chain(
        ("lstm", {"units": 4}), ("repeat_vector", {"n": 5}), ("lstm", {"units": 4, "return_sequences": True}),
        ("dense", {"units": 3, "activation": "tanh"}),
    ),
    "classes": _chain(
        ("gru", {"units": 4, "return_sequences": True}), ("dropout", {"rate": 0.5}), ("flatten", {}),
        ("dense", {"units": 3}), ("activation", {"activation": "softplus"}), ("dense", {"units": 4, "activation": "softmax"}),
    ),
}  # fmt: skip

BUILD = """
import json, sys
import numpy as np
from nodeflow.networks import Structure
from nodeflow_nodes.deep._keras.building import build, set_weights
found = {}
for name, data in json.loads(sys.argv[1]).items():
    structure = Structure.from_data(data)
    model = build(structure)
    random = np.random.default_rng(3)
    weights = {w: random.normal(0, 0.5, one.shape).astype("float32") for w, one in structure.weights()}
    set_weights(model, structure, weights)
    found[name] = np.asarray(model(random.normal(size=(3, 12, 3)).astype("float32"), training=False))
np.savez(sys.argv[2] + "/networks.npz", **found)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """What whole networks built in Keras gave."""
    folder = tmp_path_factory.mktemp("networks")
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    }
    told = json.dumps({name: one.to_data() for name, one in NETWORKS.items()})
    command = [sys.executable, "-c", BUILD, told, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2_000:]
    with np.load(folder / "networks.npz") as found:
        return dict(found)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_give_what_keras_makes_of_them(name: str, built: dict[str, np.ndarray]) -> None:
    structure = NETWORKS[name]
    random = np.random.default_rng(3)
    weights = {w: random.normal(0, 0.5, one.shape).astype("float32") for w, one in structure.weights()}
    out = stack_of(structure, weights, 0).forward(random.normal(size=(3, 12, 3)).astype("float32"))[-1].out
    assert out.shape == built[name].shape
    assert np.abs(out - built[name]).max() <= 2e-6 * max(1.0, float(np.abs(out).max()))
