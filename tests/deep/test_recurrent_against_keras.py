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
from nodeflow_nodes.deep._recurrent.weights import cell_of

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
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
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
