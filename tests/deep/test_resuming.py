"""A training that is stopped, by whatever means, goes on from its last checkpoint to the same weights, bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nodeflow_nodes.deep._keras_client import keras_process

from nodeflow.devices import choose
from nodeflow.errors import Cancelled, NodeFailed
from nodeflow.networks import Structure
from nodeflow.values.network import Network

sys.path.append(str(Path(__file__).parent))
from training_cases import Listening, assert_same_weights, flowers, learn, recurrent, series


def dropping() -> Network:
    """A network with every kind of state: dropout's seeds, moving statistics of a normalisation."""
    structure = Structure.of_shape((4,)).then("dense", units=8, activation="relu").then("batch_normalization")
    return Network(structure.then("dropout", rate=0.4).then("dense", units=3, activation="softmax"))


SETTINGS: dict[str, Any] = {
    "epochs": 40,
    "batch_size": 16,
    "optimizer": "adam",
    "schedule": "plateau",
    "decay_every": 2,
    "patience": 9,
    "ema": 0.9,
    "warm_up": 3,
    "learning_rate": 0.01,
}


def stopped_by(stop: Callable[[], None], context: Listening, after: int = 1) -> None:
    """Have `stop` called when so many checkpoints were kept."""
    context.on_keep = lambda count: stop() if count == after else None


def pid() -> int:
    found = keras_process(choose("auto", "cpu"), True).pid
    assert found is not None
    return found


def test_a_killed_keras_process_is_told_and_the_training_goes_on_to_the_same_weights() -> None:
    data, other = flowers(200), flowers(60, seed=5)
    whole = learn(dropping(), data, other, **SETTINGS)
    context = Listening()
    stopped_by(lambda: os.kill(pid(), signal.SIGKILL), context)
    with pytest.raises(
        NodeFailed, match=r"it was killed, as happens when memory runs out; .* last checkpoint"
    ):
        learn(dropping(), data, other, context, **SETTINGS)
    again = Listening(context.parts)
    resumed = learn(dropping(), data, other, again, **SETTINGS)
    assert again.told[0][3]["epoch"] > 1, "it began anew"
    assert_same_weights(whole, resumed)
    assert whole.history.equals(resumed.history)
    assert whole.model.summary == resumed.model.summary


def test_a_process_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow_nodes.deep._keras_client.TERMINATE_AFTER", 0.3)
    monkeypatch.setattr("nodeflow_nodes.deep._keras_client.KILL_AFTER", 0.6)
    context = Listening()
    deaf: list[int] = []

    def stop() -> None:
        deaf.append(pid())
        os.kill(deaf[0], signal.SIGSTOP)
        context.is_cancelled = True

    stopped_by(stop, context)
    started = time.monotonic()
    with pytest.raises(Cancelled):
        learn(recurrent(), series(), context=context, epochs=5_000, patience=0)
    assert time.monotonic() - started < 10
    assert not is_alive(deaf[0])
    learn(recurrent(), series())


def test_a_cancel_while_the_libraries_load_ends_the_process_at_once() -> None:
    process = keras_process(choose("auto", "cpu"), deterministic=False)  # one of its own, not started yet
    process.end()
    context = Listening()
    context.is_cancelled = True
    started = time.monotonic()
    with pytest.raises(Cancelled):
        learn(recurrent(), series(), context=context, deterministic=False)
    assert time.monotonic() - started < 3
    assert process.pid is None


def test_a_crash_in_a_library_is_told_by_its_name() -> None:
    context = Listening()
    stopped_by(lambda: os.kill(pid(), signal.SIGSEGV), context)
    with pytest.raises(NodeFailed, match="ended by SIGSEGV, a fault in a library"):
        learn(recurrent(), series(), context=context, epochs=200, patience=0)


def test_a_cancelled_training_goes_on_where_it_was() -> None:
    whole = learn(recurrent(), series(300), epochs=30, patience=0)
    context = Listening()
    stopped_by(lambda: setattr(context, "is_cancelled", True), context)
    with pytest.raises(Cancelled):
        learn(recurrent(), series(300), context=context, epochs=30, patience=0)
    again = Listening(context.parts)
    assert_same_weights(whole, learn(recurrent(), series(300), context=again, epochs=30, patience=0))
    assert again.told[0][3]["epoch"] > 1


def test_a_finished_training_is_not_done_again_and_other_settings_are() -> None:
    context = Listening()
    first = learn(recurrent(), series(), context=context)
    again = Listening(context.parts)
    assert_same_weights(first, learn(recurrent(), series(), context=again))
    assert not again.told
    third = Listening(context.parts)
    learn(recurrent(), series(), context=third, learning_rate=0.5)
    assert third.told[0][3]["epoch"] < 1


def test_a_damaged_checkpoint_costs_only_time() -> None:
    context = Listening()
    whole = learn(recurrent(), series(), context=context)
    damaged = Listening({words: data[: len(data) // 2] for words, data in context.parts.items()})
    assert_same_weights(whole, learn(recurrent(), series(), context=damaged))


SCRIPT = """
import sys, json
sys.path.insert(0, {folder!r})
import nodeflow as nf
from resuming_nodes import MakeData, MakeNetwork

workflow = nf.Workflow("kill")
workflow.add(MakeNetwork, id="network")
workflow.add(MakeData, id="data")
workflow.add("deep_learner", id="learn", epochs=60, patience=0, batch_size=16)
workflow.connect("network.network", "learn.network")
workflow.connect("data.tensors", "learn.train")

def tell(event):
    if event.figures:
        from nodeflow_nodes.deep._keras_client import _PROCESSES
        pids = [one.pid for one in _PROCESSES.values()]
        print(json.dumps({{"epoch": event.figures["epoch"], "pids": pids}}), flush=True)

result = workflow.run(cache_folder={cache!r}, on_event=tell)
from nodeflow.values.bundle import pack_model
import hashlib
print(json.dumps({{"model": hashlib.sha256(pack_model(result["learn"].model)).hexdigest()}}), flush=True)
"""


def start(folder: Path, cache: str) -> subprocess.Popen[str]:
    script = SCRIPT.format(folder=str(Path(__file__).parent), cache=str(folder / cache))
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def lines(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    assert process.stdout is not None
    with process.stdout:
        found = [json.loads(line) for line in process.stdout]
    assert process.wait() == 0
    return found


def test_a_killed_engine_leaves_no_process_behind_and_the_next_run_ends_with_the_same_model(
    tmp_path: Path,
) -> None:
    whole = lines(start(tmp_path, "whole"))[-1]["model"]
    stopped = start(tmp_path, "killed")
    assert stopped.stdout is not None
    with stopped.stdout:
        for line in stopped.stdout:
            told = json.loads(line)
            if told["epoch"] > 3:
                break
    stopped.kill()
    stopped.wait()
    deadline = time.monotonic() + 5
    while any(is_alive(one) for one in told["pids"]):
        assert time.monotonic() < deadline, "the Keras process outlives its engine"
        time.sleep(0.05)
    resumed = lines(start(tmp_path, "killed"))
    assert resumed[-1]["model"] == whole
    assert resumed[0]["epoch"] > 1


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


HUNGRY = """
import json, os, sys
sys.path.insert(0, {folder!r})
from nodeflow_nodes.deep._keras import loop, training
from nodeflow_nodes.deep._keras.channel import Channel, Job

whole = loop.Loop.on_train_batch_begin

def hungry(self, batch, logs=None):
    if self.data.batch > 8:
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1 byte")
    whole(self, batch, logs)

loop.Loop.on_train_batch_begin = hungry
done = training.train(Job(json.loads(sys.stdin.read()), Channel(1)))
print(json.dumps({{"done": {{**done, "history": None}}}}))
"""


def test_batches_are_halved_when_memory_runs_out_and_the_steps_stay_the_same(tmp_path: Path) -> None:
    import numpy as np
    from nodeflow_nodes.deep._goals import plan_of
    from nodeflow_nodes.deep._protocol import ArrayFiles
    from nodeflow_nodes.deep._settings import TrainingSettings
    from safetensors.numpy import load_file

    network, data = recurrent(), series(72)  # the last step has 8, spread evenly
    settings = TrainingSettings(epochs=2, batch_size=32, seed=7, optimizer="sgd", learning_rate=0.1)
    plan = plan_of(network.structure, data.spec)
    request = {
        "job": 1,
        "network": network.structure.to_data(),
        "weights": None,
        "data": ArrayFiles(tmp_path).describe_tensors(data),
        "validation": None,
        "reading": plan.to_data(),
        "settings": {**settings.to_data(), "loss": [dict(plan.goals[0].loss)], "metrics": ["mae"]},
        "folder": str(tmp_path),
    }
    script = HUNGRY.format(folder=str(Path(__file__).parent))
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(request), capture_output=True, text=True, env=environment, timeout=100,
    )  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    halved = [(one["batch"], one["accumulate"]) for one in told if one.get("is") == "halved"]
    assert halved == [(16, 2), (8, 4)], done.stderr[-2000:]
    found = load_file(told[-1]["done"]["weights"])
    whole = learn(network, data, epochs=2, batch_size=32, optimizer="sgd", learning_rate=0.1)
    assert whole.model.network is not None
    for name, one in whole.model.network.network.weights.items():
        assert np.allclose(one, found[name], atol=1e-6), name


def test_halved_batches_are_told_to_the_user() -> None:
    from nodeflow_nodes.deep._training import _Watch

    context = Listening()
    _Watch(context, 3, "words").see({"is": "halved", "batch": 16, "accumulate": 4})  # type: ignore[arg-type]
    assert "memory ran out; went on with batches of 16" in context.messages[0]
    assert "as many samples as before" in context.messages[0]
