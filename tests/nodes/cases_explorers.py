"""The nodes that look inside recurrent networks: how each is used in the check of its contract."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodeflow.values.tensors import Tensors


def waves(samples: int = 12, steps: int = 20, ahead: int = 4) -> Tensors:
    """Windows over a sum of two waves, with a pulse every sixth step, and the wave some steps later."""
    t = np.arange(samples + steps + ahead, dtype=float)
    wave = np.sin(t / 4) + 0.4 * np.sin(t / 1.7)
    pulse = (np.arange(len(t)) % 6 == 0) * 1.0
    x = np.stack([np.stack([wave[k : k + steps], pulse[k : k + steps]], axis=1) for k in range(samples)])
    y = np.stack([wave[k + steps + ahead - 1 : k + steps + ahead] for k in range(samples)])
    arrays = {"x": x.astype(np.float32), "y": y.astype(np.float32)}
    return Tensors(arrays, axes={"x": ("time", "feature")}, targets=("y",), task="regression")


CONTRACT: dict[str, Any] = {
    "rnn_explorer": {"inputs": {"tensors": waves()}, "parameters": {"units": 3, "entries": 2}},
    "lstm_explorer": {
        "inputs": {"tensors": waves()},
        "parameters": {"units": 3, "entries": 2, "peephole": True, "style": "odyssey"},
    },
    "gru_explorer": {"inputs": {"tensors": waves()}, "parameters": {"units": 3, "entries": 2}},
    "gradient_clipping": {"parameters": {"units": 3, "steps": 20, "iterations": 5, "gain": 2.0}},
    "gradient_flow": {"parameters": {"units": 4, "steps": 12, "batches": 2, "clip": 0.1}},
}
