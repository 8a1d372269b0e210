"""Training and applying on a graphics processor against the CPU; skipped where there is none.

`python tests/gpu/test_training_on_gpu.py` prints the figures: largest differences, speed-up, memory, time to cancel.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep._training import apply

from nodeflow.devices import is_gpu_in_force
from nodeflow.errors import Cancelled
from nodeflow.networks import Structure
from nodeflow.values.network import Network

sys.path.append(str(Path(__file__).parent.parent / "deep"))
from training_cases import Listening, assert_same_weights, learn, series

pytestmark = pytest.mark.skipif(not is_gpu_in_force("auto"), reason="no graphics processor that can be used")

WHOLE = Structure.of_shape((40, 2))

# the code for graphics processors handles the order of steps by itself, so each way is compared
LAYERS: dict[str, Structure] = {
    "forward": WHOLE.then("lstm", units=16),
    "forward, all steps": WHOLE.then("lstm", units=16, return_sequences=True).then("lstm", units=8),
    "backward": WHOLE.then("lstm", units=16, direction="backward"),
    "backward, all steps": WHOLE.then("lstm", units=16, direction="backward", return_sequences=True).then("lstm", units=8),
    "both": WHOLE.then("lstm", units=16, direction="both"),
    "both, all steps": WHOLE.then("lstm", units=16, direction="both", return_sequences=True).then("lstm", units=8),
    "both, with dropout": WHOLE.then("lstm", units=16, direction="both", dropout=0.2, return_sequences=True).then("gru", units=8),
    "masked": WHOLE.then("masking", mask_value=0.0).then("lstm", units=16),
    "peephole": WHOLE.then("lstm", units=16, peephole=True),
    "gru": WHOLE.then("gru", units=16),
    "simple": WHOLE.then("simple_rnn", units=16),
}  # fmt: skip


def on(device: str) -> Listening:
    context = Listening()
    context.device = device
    return context


def difference(structure: Structure) -> float:
    """The largest difference between both devices of what a network trained on the CPU gives."""
    data = series(200, steps=40)
    model = learn(
        Network(structure.then("dense", units=1)), data, context=on("cpu"), epochs=2, learning_rate=0.01
    ).model
    found = [next(iter(apply(model, data, on(device)).values())) for device in ("cpu", "gpu")]
    return float(np.abs(found[0] - found[1]).max())


@pytest.mark.parametrize("name", LAYERS)
def test_layers_give_the_same_on_both_devices(name: str) -> None:
    assert difference(LAYERS[name]) < 1e-3  # graphics processors round products to fewer digits


def test_the_same_seed_gives_the_same_bits_on_the_gpu_too() -> None:
    network = Network(WHOLE.then("lstm", units=16).then("dense", units=1))
    first = learn(network, series(300, steps=40), context=on("gpu"), epochs=3)
    assert_same_weights(first, learn(network, series(300, steps=40), context=on("gpu"), epochs=3))


def used_memory() -> float:
    """Memory in use on the first graphics processor, as a share."""
    told = subprocess.run(
        ["nvidia-smi", "--query-gpu=memory.used,memory.total", "--format=csv,noheader,nounits"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()[0]  # fmt: skip
    used, total = map(float, told.split(","))
    return used / total


def test_memory_is_taken_as_it_is_needed() -> None:
    before = used_memory()
    learn(
        Network(WHOLE.then("lstm", units=16).then("dense", units=1)), series(300, steps=40), context=on("gpu")
    )
    assert used_memory() - before < 0.5


def seconds_to_cancel() -> float:
    context = on("gpu")
    asked: list[float] = []

    def cancel(figures: dict[str, float]) -> None:
        if figures["epoch"] > 1:
            context.is_cancelled = True
            asked.append(time.monotonic())

    context.on_progress = cancel
    with pytest.raises(Cancelled):
        learn(
            Network(WHOLE.then("lstm", units=64).then("dense", units=1)), series(5_000, steps=40),
            context=context, epochs=10_000, patience=0,
        )  # fmt: skip
    return time.monotonic() - asked[0]


def test_a_training_on_the_gpu_is_cancelled_within_a_batch() -> None:
    assert seconds_to_cancel() < 2.0


def seconds_of_an_epoch(device: str) -> float:
    """The best epoch of a network that is large enough to be worth a graphics processor."""
    context = on(device)
    structure = Structure.of_shape((200, 2)).then("lstm", units=256).then("dense", units=1)
    learn(Network(structure), series(4_000, steps=200), context=context, epochs=3, batch_size=256, patience=0)
    return min(figures["seconds"] for *_, figures in context.told if "seconds" in figures)


def figures() -> dict[str, Any]:
    """All that is worth reporting of a machine."""
    found: dict[str, Any] = {f"difference, {name}": difference(one) for name, one in LAYERS.items()}
    cpu, gpu = seconds_of_an_epoch("cpu"), seconds_of_an_epoch("gpu")
    found |= {"epoch on the CPU, s": cpu, "epoch on the GPU, s": gpu, "times faster": cpu / gpu}
    return {**found, "memory in use": used_memory(), "seconds to cancel": seconds_to_cancel()}


if __name__ == "__main__":
    if is_gpu_in_force("auto"):
        for title, value in figures().items():
            print(f"{title:<40} {value:.6g}")
    else:
        print("no graphics processor that can be used")
