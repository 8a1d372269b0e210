"""CRF Head: its loss, best labels and probabilities are those of all sequences written out, on every backend."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep import _label_chains as chains

from nodeflow.networks import NetworkError, Structure

SAMPLES, STEPS, LABELS, FEATURES = 5, 4, 3, 2
LENGTHS = (4, 1, 3, 2, 4)


def parts() -> dict[str, Any]:
    """Inputs, weights and labels; sequences shorter than the rest end with zeros, and labels of -1."""
    generator = np.random.default_rng(3)
    shapes = {
        "kernel": (FEATURES, LABELS),
        "bias": (LABELS,),
        "transitions": (LABELS, LABELS),
        "start": (LABELS,),
    }
    found: dict[str, Any] = {
        name: generator.normal(0, 1.5, shape).astype("float32") for name, shape in shapes.items()
    }
    found["x"] = generator.normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")
    found["y"] = generator.integers(0, LABELS, (SAMPLES, STEPS)).astype("int32")
    for sample, length in enumerate(LENGTHS):
        found["x"][sample, length:] = 0
        found["y"][sample, length:] = -1
    return found


def written_out(one: dict[str, Any]) -> dict[str, Any]:
    """Every sequence of labels of the length of each sample, scored one by one."""
    losses, best = [], []
    shares = np.zeros((SAMPLES, STEPS, LABELS))
    for sample, length in enumerate(LENGTHS):
        seen = one["x"][sample].astype(float) @ one["kernel"] + one["bias"]
        scores = {}
        for labels in itertools.product(range(LABELS), repeat=length):
            score = one["start"][labels[0]] + sum(seen[step, label] for step, label in enumerate(labels))
            scores[labels] = score + sum(one["transitions"][pair] for pair in itertools.pairwise(labels))
        total = sum(np.exp(score) for score in scores.values())
        losses.append(np.log(total) - scores[tuple(one["y"][sample, :length])])
        best.append(max(scores, key=lambda labels: scores[labels]))
        for labels, score in scores.items():
            for step, label in enumerate(labels):
                shares[sample, step, label] += np.exp(score) / total
    return {"losses": np.array(losses), "best": best, "shares": shares}


STRUCTURE = Structure.of_shape((STEPS, FEATURES)).then("masking").then("crf_head", labels=LABELS)


def computed(one: dict[str, Any], structure: Structure = STRUCTURE) -> dict[str, Any]:
    """What the layer, its loss, its metric and its best labels give."""
    import keras
    from nodeflow_nodes.deep._keras.building import build, set_weights
    from nodeflow_nodes.deep._keras.crf import ChainLoss, TagAccuracy, best_labels

    model = build(structure)
    set_weights(
        model,
        structure,
        {f"crf_head/{name}": one[name] for name in ("kernel", "bias", "transitions", "start")},
    )
    scores = model(one["x"])
    metric = TagAccuracy(name="accuracy")
    metric.update_state(one["y"], scores)
    plain = keras.ops.convert_to_numpy
    return {
        "scores": plain(scores),
        "losses": plain(ChainLoss(reduction="none")(one["y"], scores)),
        "best": plain(best_labels(scores)),
        "accuracy": float(metric.result()),
    }


def check(found: dict[str, Any], wanted: dict[str, Any], one: dict[str, Any]) -> None:
    assert np.abs(found["losses"] - wanted["losses"]).max() < 1e-4
    assert np.array_equal(found["best"], chains.best_labels(found["scores"]))
    shares = chains.label_shares(found["scores"])
    right = 0
    for sample, length in enumerate(LENGTHS):
        assert tuple(found["best"][sample, :length]) == wanted["best"][sample]
        assert np.abs(shares[sample, :length] - wanted["shares"][sample, :length]).max() < 1e-5
        right += (np.array(wanted["best"][sample]) == one["y"][sample, :length]).sum()
    assert 0 < right < sum(LENGTHS)
    assert found["accuracy"] == pytest.approx(right / sum(LENGTHS))


def test_loss_and_best_labels_are_those_of_all_sequences_written_out() -> None:
    one = parts()
    check(computed(one), written_out(one), one)


def test_labels_that_are_left_out_say_as_much_as_a_mask() -> None:
    one = parts()
    unmasked = Structure.of_shape((STEPS, FEATURES)).then("crf_head", labels=LABELS)
    assert np.abs(computed(one, unmasked)["losses"] - written_out(one)["losses"]).max() < 1e-4


def test_the_gradient_of_the_loss_is_that_of_small_differences() -> None:
    one = parts()
    structure = STRUCTURE
    import jax
    from nodeflow_nodes.deep._keras.building import build, variables
    from nodeflow_nodes.deep._keras.crf import ChainLoss

    model = build(structure)
    names = [name.partition("/")[2] for name, _ in variables(model, structure)]
    weights = [one[name] for name in names]

    def loss(values: list[Any]) -> Any:
        return ChainLoss(reduction="sum")(one["y"], model.stateless_call(values, [], one["x"])[0])

    found = dict(zip(names, jax.grad(loss)(weights), strict=True))
    for name in ("transitions", "start", "kernel"):
        at = (1,) * one[name].ndim
        ends = []
        for change in (1e-2, -1e-2):
            moved = one[name].copy()
            moved[at] += change
            ends.append(written_out({**one, name: moved})["losses"].sum())
        assert float(found[name][at]) == pytest.approx((ends[0] - ends[1]) / 2e-2, abs=2e-3), name


ELSEWHERE = """
import importlib.util, sys
import numpy as np
spec = importlib.util.spec_from_file_location("test_crf", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
np.savez(sys.argv[2], **module.computed(module.parts()))
"""


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_every_backend_gives_the_same(backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    told = str(tmp_path / "told.npz")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ELSEWHERE, __file__, told],
        env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    one = parts()
    check(dict(np.load(told)), written_out(one), one)


def test_parameters_are_counted_and_an_input_without_steps_is_told() -> None:
    structure = Structure.of_shape((None, 7)).then("crf_head", labels=4)
    assert structure.shapes()["crf_head"] == (None, 4, 4)
    assert structure.parameter_counts()["crf_head"] == (7 * 4 + 4 + 16 + 4, 0)
    with pytest.raises(NetworkError, match="return_sequences"):
        Structure.of_shape((7,)).then("crf_head").shapes()


def test_a_file_for_keras_gives_the_same_scores_there_and_comes_back(tmp_path: Path) -> None:
    import keras
    from nodeflow_nodes.deep._keras import building  # registers the layer with Keras
    from nodeflow_nodes.deep._keras_file import read_keras, write_keras

    from nodeflow.values.network import Network

    one = parts()
    weights = {f"crf_head/{name}": one[name] for name in ("kernel", "bias", "transitions", "start")}
    (tmp_path / "tagger.keras").write_bytes(write_keras(Network(STRUCTURE, weights)))
    model = keras.saving.load_model(tmp_path / "tagger.keras", compile=False)
    assert np.abs(np.asarray(model(one["x"])) - computed(one)["scores"]).max() < 1e-5
    back = read_keras(tmp_path / "tagger.keras")
    assert back.structure == STRUCTURE
    assert all(np.array_equal(back.weights[name], weights[name]) for name in weights)
    assert building.get_weights(model, STRUCTURE).keys() == weights.keys()
