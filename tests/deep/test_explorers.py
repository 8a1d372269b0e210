"""The explorers of recurrent layers, and Gradient Flow: their numbers, sentences and pictures."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep._recurrent.reading import stack_of

import nodeflow as nf
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors

sys.path.append(str(Path(__file__).parent.parent / "nodes"))
from cases_explorers import waves
from drawing import Told, made, ran

CELLS = {"rnn_explorer": "simple_rnn", "lstm_explorer": "lstm", "gru_explorer": "gru"}
SHAPE = (20, 2)


def values(frame: pl.DataFrame, quantity: str) -> np.ndarray:
    """The values of a quantity, (steps, units)."""
    rows = frame.filter(pl.col("quantity") == quantity).sort("step", "unit")
    return rows["value"].to_numpy().reshape(rows["step"].n_unique(), -1)


def chain(kind: str, **config: Any) -> Structure:
    return Structure.of_shape(SHAPE).then(kind, id="first", units=3, **config).then("dense", units=1)


def texts(chart: nf.Chart) -> list[str]:
    """All texts written in a diagram."""
    return [
        row["text"] for one in chart.specification["layer"] for row in one["data"]["values"] if "text" in row
    ]


def dashed(chart: nf.Chart) -> int:
    """How many wires are dashed."""
    rows = [
        r
        for one in chart.specification["layer"]
        if "strokeDash" in one["mark"]
        for r in one["data"]["values"]
    ]
    return len({row["wire"] for row in rows})


@pytest.mark.parametrize("explorer", CELLS)
@pytest.mark.parametrize("sequences", [False, True])
def test_gradients_are_the_numeric_ones_and_the_sum_of_their_steps(explorer: str, sequences: bool) -> None:
    tensors = waves()
    if sequences:  # a target at each step
        x = tensors.take(np.arange(12))["x"]
        tensors = Tensors({"x": x, "y": x[:, :, :1] * 2}, axes={"x": ("time", "feature")}, targets=("y",))
    found = ran(made(explorer, units=3, entries=1_000, seed=1), tensors=tensors)["gradients"]
    assert found["relative_error"].max() <= 1e-6
    assert found["sum_gap"].max() <= 1e-12
    assert found["analytic"].min() > 1e-9
    assert found["length"].to_list() == pytest.approx(found["analytic"].to_list())  # all entries were tried


def test_an_lstm_with_peepholes_shows_fifteen_groups() -> None:
    found = ran(made("lstm_explorer", units=3, peephole=True), tensors=waves())["gradients"]
    assert found.height == 15
    assert found.filter(pl.col("group").str.starts_with("p_"))["shape"].to_list() == ["3"] * 3


def test_what_a_step_adds_to_the_gradient_is_told() -> None:
    found = ran(made("rnn_explorer", units=3), tensors=waves())
    x, delta = waves().take(np.array([0]))["x"][0].astype(float), values(found["deltas"], "dJ/da")
    added = found["contributions"].filter(pl.col("group") == "W")
    assert added["step"].to_list() == list(range(1, 21))
    expected = [np.linalg.norm(np.outer(a, b)) for a, b in zip(x, delta, strict=True)]
    assert added["length"].to_list() == pytest.approx(expected)


def test_states_of_an_lstm_keep_its_equations() -> None:
    found = ran(made("lstm_explorer", units=4, seed=2), tensors=waves())["states"]
    c, z, i, f, o, y = (values(found, name) for name in "czifoy")
    assert c[1:] == pytest.approx(z[1:] * i[1:] + c[:-1] * f[1:], abs=1e-14)
    assert y == pytest.approx(np.tanh(c) * o, abs=1e-14)
    assert found.filter(pl.col("quantity") == "output")["step"].to_list() == [20]


def test_the_simple_layer_shows_what_enters_and_leaves_the_last_activation() -> None:
    found = ran(made("rnn_explorer", units=4), tensors=waves())["states"]
    assert set(found["quantity"]) == {"a", "h", "o", "y_hat", "target"}
    assert values(found, "h") == pytest.approx(np.tanh(values(found, "a")))


def test_errors_of_the_simple_layer_come_back_by_the_transposed_weights() -> None:
    network = Network(chain("simple_rnn"), weights_of(chain("simple_rnn"), seed=4))
    found = ran(made("rnn_explorer"), tensors=waves(), network=network)
    h, delta = values(found["states"], "h"), values(found["deltas"], "dJ/dh")
    r = network.weights["first/recurrent_kernel"]  # type: ignore[index]
    assert delta[:-1] == pytest.approx((delta[1:] * (1 - h[1:] ** 2)) @ r.T, rel=1e-6)


def weights_of(structure: Structure, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {name: random.normal(0, 0.5, one.shape).astype(np.float32) for name, one in structure.weights()}


@pytest.mark.parametrize("explorer", CELLS)
def test_a_network_is_shown_with_its_own_weights(explorer: str) -> None:
    structure = chain(CELLS[explorer])
    weights = weights_of(structure)
    found = ran(made(explorer, seed=1), tensors=waves(), network=Network(structure, weights))
    again = ran(made(explorer, seed=2), tensors=waves(), network=Network(structure, weights))
    assert found["states"].equals(again["states"])
    kernel = weights["first/kernel"].astype(float)
    x = waves().take(np.array([0]))["x"][0].astype(float)
    bar = {"rnn_explorer": "a", "lstm_explorer": "i_bar", "gru_explorer": "z_bar"}[explorer]
    bias = np.atleast_2d(weights["first/bias"].astype(float)).sum(axis=0)
    assert values(found["states"], bar)[0] == pytest.approx((x[0] @ kernel + bias)[:3])


def test_both_directions_of_a_layer_can_be_looked_into() -> None:
    structure = chain("lstm", direction="both")
    network = Network(structure, weights_of(structure))
    ways = [
        ran(made("lstm_explorer", reading=way, entries=500), tensors=waves(), network=network)
        for way in ("forward", "backward")
    ]
    forward, backward = (values(one["states"], "c") for one in ways)
    assert not np.allclose(forward, backward)
    assert (backward[-1] != 0).all()
    w = network.weights["first/backward_kernel"]  # type: ignore[index]
    x = waves().take(np.array([0]))["x"][0].astype(float)
    i_bar = values(ways[1]["states"], "i_bar")
    assert i_bar[-1] == pytest.approx((x[-1] @ w + network.weights["first/backward_bias"])[:3])  # type: ignore[index]
    assert all(one["gradients"]["relative_error"].max() <= 1e-6 for one in ways)


@pytest.mark.parametrize("merge", ["concat", "sum", "ave"])
def test_joined_directions_share_the_error_rightly(merge: str) -> None:
    structure = chain("gru", direction="both", merge_mode=merge)
    network = Network(structure, weights_of(structure))
    for way in ("forward", "backward"):
        found = ran(made("gru_explorer", reading=way, entries=50), tensors=waves(), network=network)
        assert found["gradients"]["relative_error"].max() <= 1e-6


def test_a_layer_deep_in_a_network_gets_its_errors_from_above() -> None:
    structure = (
        Structure.of_shape(SHAPE)
        .then("gru", id="low", units=3, return_sequences=True)
        .then("dropout", rate=0.5)
        .then("lstm", id="high", units=2, peephole=True, direction="backward")
        .then("dense", units=4, activation="elu")
        .then("dense", units=1)
    )
    network = Network(structure, weights_of(structure))
    for explorer in ("gru_explorer", "lstm_explorer"):
        found = ran(made(explorer, entries=100), tensors=waves(), network=network)
        assert found["gradients"]["relative_error"].max() <= 1e-6
        assert found["gradients"]["analytic"].min() > 0
    assert ran(made("lstm_explorer", layer="high"), tensors=waves(), network=network)["states"].height
    with pytest.raises(nf.NodeFailed, match='no LSTM layer "low"'):
        ran(made("lstm_explorer", layer="low"), tensors=waves(), network=network)
    with pytest.raises(nf.NodeFailed, match="no Simple RNN layer"):
        ran(made("rnn_explorer"), tensors=waves(), network=network)


def test_the_story_names_where_most_was_forgotten() -> None:
    found = ran(made("lstm_explorer", units=5, seed=3), tensors=waves())
    told = {row["what"]: row for row in found["story"].iter_rows(named=True)}
    c, f = values(found["states"], "c"), values(found["states"], "f")
    before = np.vstack([np.zeros(5), c[:-1]])
    lost = np.abs(before) * (1 - f)
    row, unit = np.unravel_index(lost.argmax(), lost.shape)
    assert (told["forgot"]["step"], told["forgot"]["unit"]) == (row + 1, unit + 1)
    assert told["forgot"]["sentence"].startswith(
        f"At step {row + 1} unit {unit + 1} forgot: f = {f[row, unit]:.2f} kept"
    )
    assert told["largest change"]["sentence"] in json.dumps(found["chart"].specification, ensure_ascii=False)


@pytest.mark.parametrize("style", ["circuit", "odyssey"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_diagrams_of_an_lstm_carry_the_numbers_of_the_step(style: str, theme: str) -> None:
    node = made("lstm_explorer", units=4, peephole=True, style=style, theme=theme, step=7, unit=2)
    found = ran(node, tensors=waves())
    written = " ".join(texts(found["diagram"]))
    for name in "fizo":
        assert f"{name} = {values(found['states'], name)[6, 1]:.2f}".replace("-", "−") in written
    assert f"{values(found['states'], 'c')[6, 1]:.2f}".replace("-", "−") in written
    assert dashed(found["diagram"]) == 3
    assert found["diagram"].to_bytes("png").startswith(b"\x89PNG")
    plain = ran(made("lstm_explorer", units=4, style=style), tensors=waves())["diagram"]
    assert dashed(plain) == 0
    assert "p·c" not in " ".join(texts(plain))


@pytest.mark.parametrize("explorer", ["gru_explorer", "rnn_explorer"])
def test_the_other_cells_are_drawn_with_their_numbers(explorer: str) -> None:
    found = ran(made(explorer, units=4, step=5, unit=1), tensors=waves())
    h = values(found["states"], "h")[4, 0]
    assert f"h(t) = {h:.2f}".replace("-", "−") in texts(found["diagram"])
    assert found["diagram"].to_bytes("svg").startswith(b"<svg")
    assert found["chart"].to_bytes("svg").startswith(b"<svg")


def test_long_samples_and_wide_layers_are_drawn_in_part_and_told() -> None:
    x = np.random.default_rng(0).normal(size=(2, 450, 2))
    told = Told()
    tensors = Tensors({"x": x, "y": x[:, -1, :1]}, axes={"x": ("time", "feature")}, targets=("y",))
    ran(made("gru_explorer", units=20, entries=0), told, tensors=tensors)
    assert "the last 400 of 450 steps are drawn" in told.messages
    assert "the 16 of 20 units whose state moved most are drawn" in told.messages


def test_classes_are_followed_with_their_cross_entropy() -> None:
    x = waves().take(np.arange(12))["x"]
    tensors = Tensors(
        {"x": x, "y": (np.arange(12) % 3).astype(np.int64)}, axes={"x": ("time", "feature")},
        targets=("y",), task="classification", classes=("a", "b", "c"),
    )  # fmt: skip
    found = ran(made("lstm_explorer", units=3, sample=2, entries=50), tensors=tensors)
    assert values(found["states"], "output")[-1].sum() == pytest.approx(1.0)
    assert found["states"].filter(pl.col("quantity") == "target")["value"].to_list() == [0.0, 1.0, 0.0]
    assert found["gradients"]["relative_error"].max() <= 1e-6


def test_words_are_followed_through_an_embedding() -> None:
    structure = Structure.of_shape((6,), dtype="int64").then("embedding", input_dim=9, output_dim=4)
    structure = structure.then("lstm", units=3).then("dense", units=1, activation="sigmoid")
    words = np.arange(12).reshape(2, 6) % 9
    tensors = Tensors(
        {"x": words, "y": np.array([[0.0], [1.0]])}, axes={"x": ("time",)}, targets=("y",), task="classification", classes=("no", "yes"),
    )  # fmt: skip
    found = ran(
        made("lstm_explorer", entries=50), tensors=tensors, network=Network(structure, weights_of(structure))
    )
    assert found["gradients"]["relative_error"].max() <= 1e-6


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"sample": 13}, "there is no sample 13; the tensors have 12"),
        ({"step": 21}, "there is no step 21; the sample has 20"),
        ({"unit": 9, "units": 8}, "there is no unit 9; the layer has 8"),
    ],
)
def test_what_is_not_there_is_told(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(nf.NodeFailed, match=words):
        ran(made("lstm_explorer", **parameters), tensors=waves())


def test_weights_that_are_no_numbers_are_told() -> None:
    weights = weights_of(chain("lstm")) | {"dense/kernel": np.full((3, 1), np.nan, np.float32)}
    with pytest.raises(nf.NodeFailed, match='weights "dense/kernel" have numbers that are not finite'):
        ran(made("lstm_explorer"), tensors=waves(), network=Network(chain("lstm"), weights))


def test_a_missing_number_is_told() -> None:
    x = waves().take(np.arange(12))["x"].copy()
    x[0, 3, 1] = np.nan
    with pytest.raises(nf.NodeFailed, match="missing or infinite"):
        ran(made("rnn_explorer"), tensors=waves().with_(arrays={"x": x, "y": np.ones((12, 1))}))


@pytest.mark.parametrize(
    ("structure", "words"),
    [
        (
            Structure.of_shape(SHAPE).then("conv1d", filters=3, kernel_size=2).then("lstm", units=2),
            'is a "conv1d"',
        ),
        (chain("lstm", activation="mish"), 'activation "mish"'),
        (Structure.of_shape(SHAPE).then("flatten").then("dense", units=1), "no recurrent layer"),
        (chain("lstm", direction="both", merge_mode="mul"), "multiplies its two directions"),
    ],
)
def test_networks_that_cannot_be_followed_are_told_before_running(structure: Structure, words: str) -> None:
    with pytest.raises(nf.NodeFailed, match=words):
        ran(made("lstm_explorer"), tensors=waves(), network=Network(structure))
    with pytest.raises(nf.NodeFailed, match=words):
        ran(made("gradient_flow"), networks=[Network(structure)])
    with pytest.raises(nf.NodeFailed, match=words):
        stack_of(structure, None, 0)


def test_a_branch_is_told() -> None:
    low = Structure.of_shape(SHAPE).then("lstm", id="a", units=2)
    branched = low.with_layer("lstm", {"units": 2}, ("x",), id="b", outputs=("a", "b"))
    branched = branched.with_layer("add", {}, ("a", "b"))
    with pytest.raises(nf.NodeFailed, match="branches at layer"):
        stack_of(branched, None, 0)


def test_samples_that_do_not_fit_the_network_are_told() -> None:
    structure = Structure.of_shape((7, 2)).then("lstm", units=2).then("dense", units=1)
    with pytest.raises(nf.NodeFailed, match="takes samples of 7 x 2, but those of the tensors are 20 x 2"):
        ran(made("lstm_explorer"), tensors=waves(), network=Network(structure))
    wide = Structure.of_shape(SHAPE).then("lstm", units=2).then("dense", units=3)
    with pytest.raises(nf.NodeFailed, match="gives 3, but the target is 1"):
        ran(made("lstm_explorer"), tensors=waves(), network=Network(wide))


# -- gradient flow ----------------------------------------------------------------------------------------


def ratios(**parameters: Any) -> dict[str, float]:
    found = ran(made("gradient_flow", seed=0, **parameters))["summary"]
    return dict(found.select("network", "ratio").iter_rows())


def test_errors_fade_at_the_start_as_known() -> None:
    """32 units, 8 features drawn from the normal distribution, 100 steps, weights as Keras draws them.

    Known for this: about 1.1e-14 for the simple layer, 4.7e-9 for the LSTM with a forget bias of 1, 4e-23 with one of
    0, and 1.5e-20 for the GRU; they differ by an order of magnitude between draws.
    """
    known = {"simple RNN": 1.1e-14, "LSTM": 4.7e-9, "LSTM, forget bias 0": 4e-23, "GRU": 1.5e-20}
    found = ratios()
    assert found.keys() == known.keys()
    for name, ratio in found.items():
        assert abs(np.log10(ratio / known[name])) < 1.5, (name, ratio)


def test_a_linear_layer_of_gain_above_one_explodes_and_overflows_32_bit_numbers() -> None:
    found = ran(made("gradient_flow", cells=["linear RNN, gain 1.5", "linear RNN, gain 0.9"], seed=0))
    summary = {row["network"]: row for row in found["summary"].iter_rows(named=True)}
    assert summary["linear RNN, gain 1.5"]["ratio"] == pytest.approx(1.5**99, rel=1e-9)
    assert summary["linear RNN, gain 0.9"]["ratio"] == pytest.approx(0.9**99, rel=1e-9)
    assert summary["linear RNN, gain 1.5"]["overflows_32_bit"]
    assert not summary["linear RNN, gain 0.9"]["overflows_32_bit"]


def test_the_bound_of_pascanu_is_never_exceeded() -> None:
    cells = ["simple RNN", "linear RNN, gain 1.5", "LSTM"]
    table = ran(made("gradient_flow", cells=cells, seed=1))["table"]
    known = table.drop_nulls("bound")
    assert known["network"].unique().sort().to_list() == ["linear RNN, gain 1.5", "simple RNN"]
    assert (known["norm"] <= known["bound"] * (1 + 1e-9)).all()
    linear = known.filter(pl.col("network") == "linear RNN, gain 1.5")
    assert linear["norm"].to_list() == pytest.approx(linear["bound"].to_list())  # where it is exact


def test_clipping_makes_the_gradient_short_and_bends_nothing() -> None:
    node = made("gradient_flow", cells=["linear RNN, gain 1.5", "GRU"], clip=1.0, batches=1, seed=0)
    found = ran(node)
    for row in found["summary"].iter_rows(named=True):
        assert row["clipped_norm"] <= 1.0 + 1e-6
        assert row["gradient_norm"] > 1.0
    for _, part in found["table"].group_by("network"):
        factors = (part["clipped"] / part["norm"]).to_numpy()
        assert factors == pytest.approx(factors[0])


def test_the_cell_of_an_lstm_can_be_watched() -> None:
    outputs, cells = (
        ran(made("gradient_flow", cells=["LSTM"], state=one, seed=0))["table"] for one in ("output", "cell")
    )
    assert not np.allclose(outputs["norm"], cells["norm"])


def test_networks_are_compared_layer_by_layer() -> None:
    deep = Structure.of_shape((None, 2)).then("lstm", id="low", units=4, return_sequences=True)
    deep = deep.then("lstm", id="high", units=3).then("dense", units=1)
    told = Told()
    node = made("gradient_flow", names=["deep", "flat"], batches=2, batch_size=5, seed=0)
    found = ran(node, told, networks=[Network(deep), Network(chain("simple_rnn"))], tensors=waves())
    assert found["summary"].select("network", "layer").rows() == [
        ("deep", "low"),
        ("deep", "high"),
        ("flat", "first"),
    ]
    assert found["table"].height == 60
    assert (found["table"]["least"] <= found["table"]["norm"]).all()
    assert (found["table"]["norm"] <= found["table"]["largest"]).all()
    assert found["table"].drop_nulls("bound")["network"].unique().to_list() == ["flat"]
    assert found["chart"].to_bytes("svg").startswith(b"<svg")
    assert any("untrained" in message for message in told.messages)
    alone = ran(made("gradient_flow", steps=30, seed=0), networks=[Network(deep)])
    assert alone["table"]["step"].max() == 30


def test_lengths_are_those_of_the_errors_an_explorer_shows() -> None:
    structure = chain("lstm")
    network = Network(structure, weights_of(structure))
    one = waves().chosen(np.array([3]))
    found = ran(made("gradient_flow", batches=1, batch_size=1), networks=[network], tensors=one)["table"]
    deltas = values(ran(made("lstm_explorer"), tensors=one, network=network)["deltas"], "dJ/dy")
    assert found["norm"].to_list() == pytest.approx(np.linalg.norm(deltas, axis=1).tolist())


@pytest.mark.parametrize("explorer", CELLS)
def test_a_longer_window_leaves_less_error_in_the_gradient(explorer: str) -> None:
    found = ran(made(explorer, units=4, seed=1), tensors=waves())["truncation"]
    assert found["window"].to_list() == [1, 2, 4, 5, 10, 20]
    errors = found["gradient_error"].to_list()
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > errors[2] > errors[4] > errors[5] == 0.0


# -- clipping ---------------------------------------------------------------------------------------------


def test_a_layer_that_explodes_is_trained_only_when_clipped() -> None:
    found = ran(made("gradient_clipping", seed=0))
    summary = {row["clip"]: row for row in found["summary"].iter_rows(named=True)}
    assert summary["none"]["became_no_number"]
    assert summary["none"]["iterations"] == 2
    for clip in ("value", "norm", "global norm"):
        assert not summary[clip]["became_no_number"]
        assert summary[clip]["first_loss"] > 1e30
        assert summary[clip]["last_loss"] < 10.0


def test_clipped_gradients_keep_the_threshold_each_in_its_way() -> None:
    table = ran(made("gradient_clipping", seed=0, clip_at=0.5))["table"].drop_nulls("loss")
    by = {name[0]: part for name, part in table.group_by("clip")}
    assert by["global norm"]["norm_after"].max() <= 0.5 + 1e-6
    assert by["global norm"]["angle"].max() < 1e-4  # the direction is kept
    assert by["norm"]["norm_after"].max() <= 0.5 * 3**0.5 + 1e-6  # three groups of weights
    assert by["value"]["norm_after"].max() <= 0.5 * (8 * 8 + 2 * 8 + 8) ** 0.5 + 1e-6
    assert by["value"]["angle"].max() > 10
    assert (by["none"]["norm_after"] == by["none"]["norm_before"]).all()


def test_clipping_walks_down_the_cliff_that_throws_plain_descent_away() -> None:
    from nodeflow_nodes.deep._recurrent.clipping import cliff, descend

    w, b = np.array([3.9, 5.5]), np.array([-1.9, -2.0])
    loss, along_w, along_b = cliff(w, b)
    assert along_w == pytest.approx((cliff(w + 1e-7, b)[0] - loss) / 1e-7, rel=1e-4)
    assert along_b == pytest.approx((cliff(w, b + 1e-7)[0] - loss) / 1e-7, rel=1e-4)
    plain, cut = descend((5.5, -2.0), 0.0, 2.0, 40), descend((5.5, -2.0), 0.1, 2.0, 40)
    longest = [
        max(np.hypot(a[0] - c[0], a[1] - c[1]) for a, c in itertools.pairwise(way)) for way in (plain, cut)
    ]
    assert longest[0] > 3.0
    assert longest[1] <= 0.2 + 1e-9
    assert cut[-1][2] < 0.005 < 0.05 < plain[-1][2]


def test_a_gain_beyond_all_numbers_is_told_before_running() -> None:
    with pytest.raises(nf.NodeFailed, match="beyond all numbers"):
        ran(made("gradient_clipping", gain=3.0, steps=500))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_of_flow_and_clipping_are_drawn(theme: str) -> None:
    from drawing import check_picture, check_specification

    found = ran(made("gradient_clipping", theme=theme, iterations=3))
    flow = ran(made("gradient_flow", theme=theme, units=3, steps=9, batches=2, clip=0.1))
    explored = ran(made("lstm_explorer", theme=theme, units=3), tensors=waves())
    for chart in (found["chart"], found["cliff"], flow["chart"], explored["chart"], explored["diagram"]):
        check_specification(chart.specification)
        check_picture(chart.specification)
