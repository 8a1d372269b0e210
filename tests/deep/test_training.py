"""Training in the Keras process: what comes out, and that it comes out the same."""

from __future__ import annotations

import itertools
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep._training import apply, evaluate

from nodeflow.errors import Cancelled, NodeFailed
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors

sys.path.append(str(Path(__file__).parent))
from training_cases import (
    Listening,
    assert_same_weights,
    dense,
    flowers,
    learn,
    recurrent,
    series,
    weights_of,
)


def test_a_network_learns_and_is_applied() -> None:
    data = flowers()
    trained = learn(dense(), data, epochs=30, learning_rate=0.02, patience=0)
    assert trained.history.columns[:3] == ["epoch", "loss", "accuracy"]
    assert trained.history["epoch"].to_list() == list(range(1, 31))
    assert trained.history["accuracy"][-1] > 0.85
    found = apply(trained.model, data, Listening())["dense_2"]
    assert found.shape == (120, 3)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    measured = evaluate(trained.model, data, Listening())
    assert measured["accuracy"] == pytest.approx(
        (found.argmax(1) == data.arrays["y"].to_numpy()).mean(), abs=1e-6
    )
    picked = found[np.arange(120), data.arrays["y"].to_numpy()]
    assert measured["loss"] == pytest.approx(-np.log(picked).mean(), rel=1e-5)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    first = learn(recurrent(), series())
    assert_same_weights(first, learn(recurrent(), series()))
    other = learn(recurrent(), series(), seed=8)
    assert weights_of(first)["dense/kernel"].tobytes() != weights_of(other)["dense/kernel"].tobytes()


def test_the_order_of_samples_differs_between_epochs_and_counts() -> None:
    shuffled = learn(recurrent(), series(), epochs=2)
    straight = learn(recurrent(), series(), epochs=2, shuffle=False)
    assert weights_of(shuffled)["dense/kernel"].tobytes() != weights_of(straight)["dense/kernel"].tobytes()


def test_a_warm_process_begins_within_half_a_second() -> None:
    learn(recurrent(), series())
    context = Listening()
    started = time.monotonic()
    learn(recurrent(), series(), context=context)
    # the benchmark measures it; this only tells that nothing is compiled anew
    assert context.told[0][0] - started < 2.0


def test_the_loss_of_a_last_batch_that_is_not_full_counts_its_own_samples_only() -> None:
    data = flowers(70)
    trained = learn(dense(), data, learning_rate=1e-12, epochs=1, batch_size=32)
    whole = learn(dense(), data, learning_rate=1e-12, epochs=1, batch_size=70)
    assert trained.history["loss"][0] == pytest.approx(whole.history["loss"][0], rel=1e-5)
    assert trained.history["accuracy"][0] == pytest.approx(whole.history["accuracy"][0], abs=1e-6)
    validated = learn(dense(), data, data, learning_rate=1e-12, epochs=1, batch_size=32)
    assert validated.history["val_loss"][0] == pytest.approx(whole.history["loss"][0], rel=1e-5)


def test_a_batch_larger_than_the_data_is_the_data() -> None:
    trained = learn(dense(), flowers(20), batch_size=5_000)
    assert trained.history.height == 2
    assert_same_weights(trained, learn(dense(), flowers(20), batch_size=20))


@pytest.mark.parametrize("samples", [64, 70])
def test_gathered_gradients_make_the_same_step_as_one_large_batch(samples: int) -> None:
    data = flowers(samples)
    whole = learn(dense(), data, optimizer="sgd", batch_size=32, learning_rate=0.1, epochs=3)
    parts = learn(dense(), data, optimizer="sgd", batch_size=16, accumulate=2, learning_rate=0.1, epochs=3)
    for name, one in weights_of(whole).items():
        assert np.allclose(one, weights_of(parts)[name], atol=1e-6), name
    assert parts.history["loss"].to_list() == pytest.approx(whole.history["loss"].to_list(), rel=1e-4)


OPTIMIZERS = (
    "adam", "adamw", "adamax", "nadam", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adadelta", "ftrl",
    "lion", "lamb",
)  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_makes_a_step(optimizer: str) -> None:
    before = learn(dense(), flowers(), epochs=1, learning_rate=1e-12, optimizer="sgd", batch_size=120)
    after = learn(dense(), flowers(), epochs=1, learning_rate=0.1, optimizer=optimizer, batch_size=120)
    kernel = weights_of(after)["dense/kernel"]
    assert np.isfinite(kernel).all()
    assert np.abs(kernel - weights_of(before)["dense/kernel"]).max() > 1e-6


@pytest.mark.parametrize("loss", ["mse", "mae", "mape", "huber", "log_cosh", "poisson"])
def test_every_loss_of_numbers_is_what_its_formula_says(loss: str) -> None:
    data = series(40)
    positive = data.with_(arrays={**data.arrays, "y": np.abs(data.arrays["y"].to_numpy()) + 0.5})
    activation = {"activation": "softplus"} if loss == "poisson" else {}
    network = recurrent()
    structure = network.structure.with_config("dense", **activation)
    trained = learn(Network(structure), positive, epochs=1, learning_rate=1e-12, loss=loss, batch_size=40)
    given = apply(trained.model, positive, Listening())["dense"].astype("float64")
    wanted = positive.arrays["y"].to_numpy().astype("float64")
    off = given - wanted
    formulas = {
        "mse": off**2,
        "mae": np.abs(off),
        "mape": 100 * np.abs(off / wanted),
        "huber": np.where(np.abs(off) <= 1, off**2 / 2, np.abs(off) - 0.5),
        "log_cosh": np.log(np.cosh(off)),
        "poisson": given - wanted * np.log(np.abs(given) + 1e-7),
    }
    assert trained.history["loss"][0] == pytest.approx(formulas[loss].mean(), rel=1e-4)


def test_the_loss_of_labels_without_places_falls() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(1, 4, size=(64, 3)).astype("int32")
    steps = np.repeat(np.eye(4, dtype="float32")[labels], 4, axis=1)  # each label for four steps
    data = Tensors({"x": steps, "y": labels}, targets=("y",))
    structure = Structure.of_shape((12, 4)).then("lstm", units=12, return_sequences=True)
    network = Network(structure.then("ctc_head", labels=3))
    trained = learn(network, data, epochs=30, learning_rate=0.02, patience=0)
    assert trained.model.network is not None
    assert trained.model.network.losses == ({"name": "ctc"},)
    assert trained.history["loss"][-1] < trained.history["loss"][0] / 3


def test_stateful_layers_carry_their_state_from_batch_to_batch_within_an_epoch() -> None:
    data = series(64)
    structure = Structure.of_shape((12, 2)).then("lstm", units=6, stateful=True).then("dense", units=1)
    stateful = learn(
        Network(structure), data, data, batch_size=32, shuffle=False, learning_rate=1e-9, epochs=2
    )
    plain = learn(recurrent(), data, data, batch_size=32, shuffle=False, learning_rate=1e-9, epochs=2)
    assert stateful.history["val_loss"][0] != pytest.approx(plain.history["val_loss"][0], rel=1e-6)
    # each epoch begins without a state
    assert stateful.history["loss"][0] == pytest.approx(stateful.history["loss"][1], rel=1e-5)


def test_losses_of_classes_agree_on_numbers_columns_and_scores() -> None:
    data = flowers()
    labels = data.arrays["y"].to_numpy()
    columns = data.with_(arrays={**data.arrays, "y": np.eye(3, dtype="float32")[labels]})
    options: dict[str, Any] = {"epochs": 1, "learning_rate": 1e-12}
    by_number = learn(dense(), data, **options).history["loss"][0]
    assert learn(dense(), columns, **options).history["loss"][0] == pytest.approx(by_number, rel=1e-5)
    assert learn(dense(), columns, loss="kl_divergence", **options).history["loss"][0] == pytest.approx(
        by_number, rel=1e-4
    )
    scores = Network(dense().structure.with_config("dense_2", activation="linear"))
    assert learn(scores, data, **options).history["loss"][0] == pytest.approx(by_number, rel=1e-4)
    yes_or_no = flowers(classes=("no", "yes"))
    two = learn(dense(classes=2), yes_or_no, epochs=40, learning_rate=0.02, patience=0).history["accuracy"][
        -1
    ]
    structure = dense(classes=1).structure.with_config("dense_2", activation="sigmoid")
    one = learn(Network(structure), yes_or_no, epochs=40, learning_rate=0.02, patience=0).history["accuracy"][
        -1
    ]
    assert one == pytest.approx(two, abs=0.05)


def rates(epochs: int = 4, **settings: Any) -> list[float]:
    trained = learn(
        dense(), flowers(64), epochs=epochs, batch_size=16, learning_rate=0.1, optimizer="sgd", **settings
    )
    return list(trained.history["learning_rate"])


def test_schedules_give_the_rates_that_their_formulas_say() -> None:
    # the rate told is that of the step after the epoch; an epoch has 4 steps
    assert rates(schedule="constant") == pytest.approx([0.1] * 4, rel=1e-6)
    assert rates(schedule="exponential", decay=0.5, decay_every=2) == pytest.approx(
        [0.1 * 0.5 ** (k / 2) for k in (1, 2, 3, 4)], rel=1e-5
    )
    assert rates(schedule="step", decay=0.1, decay_every=2) == pytest.approx(
        [0.1, 0.01, 0.01, 0.001], rel=1e-5
    )
    cosine = [0.1 * (0.2 + 0.8 * 0.5 * (1 + math.cos(math.pi * k / 4))) for k in (1, 2, 3, 4)]
    assert rates(schedule="cosine", least_rate=0.2) == pytest.approx(cosine, rel=1e-5)
    assert rates(warm_up=2) == pytest.approx([0.1 * 5 / 8, 0.1, 0.1, 0.1], rel=1e-5)
    assert rates(schedule="step", decay=0.1, decay_every=1, least_rate=0.05) == pytest.approx(
        [0.01, 0.005, 0.005, 0.005], rel=1e-5
    )


def test_the_rate_falls_on_a_plateau() -> None:
    stuck = rates(5, schedule="plateau", decay=0.5, decay_every=2, least_gain=1e9, patience=0)
    # the first epoch is always a gain; the next two are none
    assert stuck == pytest.approx([0.1, 0.1, 0.1, 0.05, 0.05], rel=1e-6)


def test_training_stops_early_and_gives_the_best_weights() -> None:
    data, other = flowers(60), flowers(60, seed=5)
    context = Listening()
    trained = learn(dense(32), data, other, context, epochs=60, learning_rate=0.1, patience=3)
    losses = trained.history["val_loss"].to_list()
    best = losses.index(min(losses))
    assert len(losses) == best + 1 + 3 < 60
    assert trained.model.summary["best epoch"] == best + 1
    assert evaluate(trained.model, other, Listening())["loss"] == pytest.approx(min(losses), rel=1e-4)
    last = learn(dense(32), data, other, epochs=60, learning_rate=0.1, patience=3, restore_best=False)
    assert evaluate(last.model, other, Listening())["loss"] == pytest.approx(losses[-1], rel=1e-4)


def test_averaged_weights_are_the_average() -> None:
    data = flowers(32)
    options: dict[str, Any] = {
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "batch_size": 32,
        "restore_best": False,
    }
    steps = [
        weights_of(learn(dense(), data, epochs=k, **options))["dense/kernel"].astype("float64")
        for k in (1, 2, 3)
    ]
    averaged = learn(dense(), data, epochs=3, ema=0.75, **options)
    wanted = steps[0]
    for step in steps[1:]:
        wanted = 0.75 * wanted + 0.25 * step
    assert np.allclose(weights_of(averaged)["dense/kernel"], wanted, atol=1e-6)
    validated = learn(dense(), data, data, epochs=3, ema=0.75, **options)
    measured = evaluate(validated.model, data, Listening())["loss"]
    assert validated.history["val_loss"][-1] == pytest.approx(measured, rel=1e-5)


@pytest.mark.parametrize("clip", ["norm", "global_norm", "value"])
def test_clipped_gradients_keep_the_bound(clip: str) -> None:
    data = series(40)
    large = data.with_(arrays={**data.arrays, "y": data.arrays["y"].to_numpy() + 100})
    trained = learn(recurrent(), large, clip=clip, clip_at=0.5, epochs=2)
    before, after = trained.history["largest_gradient_norm"], trained.history["largest_clipped_norm"]
    assert (before > 10).all()
    if clip == "global_norm":
        assert (after <= 0.5 + 1e-6).all()
        assert (after > 0.499).all()
    else:
        # each of the 5 weights by itself, or each of the numbers
        count = 5 if clip == "norm" else sum(one.size for one in weights_of(trained).values())
        assert (after <= 0.5 * math.sqrt(count) + 1e-5).all()
    free = learn(recurrent(), large, epochs=2)
    assert free.history["gradient_norm"].to_list() == free.history["clipped_norm"].to_list()


def test_a_loss_that_is_no_number_stops_the_training_and_says_where() -> None:
    data = series(90)
    with pytest.raises(NodeFailed, match=r"no longer a number in epoch \d+, batch \d+ of 3; clip gradients"):
        learn(recurrent(), data, optimizer="sgd", learning_rate=1e6, loss="mse", epochs=50, patience=0)
    values = data.arrays["y"].to_numpy().copy()
    values[3] = np.inf
    with pytest.raises(NodeFailed, match='"y" of the training data holds missing or infinite'):
        learn(recurrent(), data.with_(arrays={**data.arrays, "y": values}))


def test_class_weights_lift_rare_classes() -> None:
    random = np.random.default_rng(3)
    labels = (random.random(400) < 0.06).astype("int32")
    points = (labels[:, None] * 1.2 + random.normal(size=(400, 4))).astype("float32")
    data = Tensors({"x": points, "y": labels}, targets=("y",), task="classification", classes=("no", "yes"))
    options: dict[str, Any] = {"epochs": 15, "learning_rate": 0.02, "patience": 0}

    def found(**more: Any) -> float:
        trained = learn(dense(classes=2), data, **options, **more)
        guessed = apply(trained.model, data, Listening())["dense_2"].argmax(axis=1)
        return float((guessed[labels == 1] == 1).mean())

    assert found(class_weights=True) > found() + 0.1
    with pytest.raises(NodeFailed, match="class weights"):
        learn(recurrent(), series(), class_weights=True)


def test_weights_of_samples_count_in_the_loss() -> None:
    data = flowers(64)
    weight = (np.arange(64) < 20).astype("float32")
    weighted = data.with_(arrays={**data.arrays, "weight": weight})
    few = data.chosen(np.arange(20))
    one = learn(dense(), weighted, epochs=1, learning_rate=0.1, optimizer="sgd", batch_size=64)
    two = learn(dense(), few, epochs=1, learning_rate=0.1, optimizer="sgd", batch_size=20)
    for name, value in weights_of(one).items():
        assert np.allclose(value, weights_of(two)[name], atol=1e-6)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_shorter_numbers_learn_too(precision: str) -> None:
    trained = learn(dense(), flowers(), precision=precision, epochs=20, learning_rate=0.02, patience=0)
    assert trained.history["accuracy"][-1] > 0.8
    assert {str(one.dtype) for one in weights_of(trained).values()} == {"float32"}


def test_truncation_at_the_full_length_changes_no_bit_and_errors_shrink_as_it_grows() -> None:
    data = series(32)

    def kernel(steps: int) -> Any:
        options: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 1.0, "epochs": 1, "batch_size": 32}
        return weights_of(learn(recurrent(), data, tbptt_steps=steps, **options))

    full = kernel(0)
    assert all(full[name].tobytes() == one.tobytes() for name, one in kernel(12).items())
    off = [
        np.abs(kernel(k)["lstm/recurrent_kernel"] - full["lstm/recurrent_kernel"]).max() for k in (2, 4, 6)
    ]
    assert off[0] > off[1] > off[2] > 0


def test_a_share_of_the_samples_is_held_back() -> None:
    trained = learn(dense(), flowers(), validation_share=0.25)
    assert trained.model.summary["samples"] == 90
    assert "val_accuracy" in trained.history.columns
    with pytest.raises(NodeFailed, match="leaves none"):
        learn(dense(), flowers(3), validation_share=0.01)


def test_progress_tells_figures_at_most_ten_times_a_second() -> None:
    context = Listening()
    learn(dense(), flowers(2000), batch_size=4, context=context, epochs=3)
    times = [at for at, *_ in context.told]
    assert all(later - earlier > 0.05 for earlier, later in itertools.pairwise(times[:-1]))
    assert context.told[0][3].keys() == {"epoch", "loss"}
    last = context.told[-1]
    assert last[1] == 1.0
    assert {"epoch", "loss", "accuracy", "learning_rate", "gradient_norm"} <= last[3].keys()
    assert "epoch 3 of 3: loss" in last[2]


def test_a_cancelled_training_stops_at_once_and_the_process_serves_the_next() -> None:
    context = Listening()
    stopped_at: list[float] = []

    def cancel(figures: dict[str, float]) -> None:
        if figures["epoch"] > 1:
            context.is_cancelled = True
            stopped_at.append(time.monotonic())

    context.on_progress = cancel
    with pytest.raises(Cancelled):
        learn(recurrent(), series(2000), epochs=5_000, patience=0, context=context)
    assert time.monotonic() - stopped_at[0] < 3.0
    started = time.monotonic()
    learn(recurrent(), series())
    assert time.monotonic() - started < 5.0
