"""Networks as values: made, checked, written as JSON, read back; what does not fit is told by a sentence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nodeflow_nodes.deep.network_template import NetworkTemplate

import nodeflow as nf
from nodeflow.networks import RULES, Layer, NetworkError, NetworkInput, Structure
from nodeflow.networks.editing import cut, frozen, joined, with_merged
from nodeflow.networks.templates import TEMPLATES, Wanted, template
from nodeflow.values.network import Network, pack_network, unpack_network
from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

WORDS = NetworkInput("words", (12,), "int32")
INPUTS: dict[str, tuple[NetworkInput, ...]] = {
    "regression": (NetworkInput("x", (5,)),),
    "classification": (NetworkInput("x", (8, 8)),),
    "many_to_one": (NetworkInput("x", (9, 3)),),
    "one_to_many": (NetworkInput("x", (5,)),),
    "tagger": (WORDS,),
    "char_lm": (WORDS,),
    "seq2seq": (WORDS, NetworkInput("written", (9,), "int32")),
    "ctc": (NetworkInput("line", (16, 40, 1)),),
    "cnn": (NetworkInput("x", (28, 28), meaning=("height", "width")),),
    "autoencoder": (NetworkInput("x", (8, 8)),),
    "sequence_autoencoder": (NetworkInput("x", (8, 2)),),
    "captioner": (NetworkInput("picture", (64,)), WORDS),
    "vqa": (NetworkInput("picture", (16, 16, 3)), WORDS),
}


def test_a_peephole_lstm_has_as_many_parameters_as_the_formula_says() -> None:
    d, u = 3, 16
    structure = Structure.of_shape((9, d)).then("lstm", units=u, peephole=True)
    assert structure.parameter_counts()["lstm"] == (4 * u * (d + u + 1) + 3 * u, 0)
    assert structure.parameter_counts()["lstm"] == (1_328, 0)


@pytest.mark.parametrize(
    ("shape", "kind", "config", "words"),
    [
        ((96, 3), "conv2d", {}, ["conv2d", "needs height x width x channel", "time x feature (96 x 3)", "Conv1D", "Reshape"]),
        ((8,), "lstm", {}, ["needs time x feature", "return_sequences"]),
        ((28, 28, 1), "gru", {}, ["put a Reshape"]),
        ((8,), "embedding", {}, ["whole numbers", "int32"]),
        ((5, 3), "conv1d", {"kernel_size": 9, "padding": "valid"}, ["window of 9", "length of 5", "same"]),
        ((6,), "reshape", {"target_shape": [4, 2]}, ["4 x 2 = 8", "6", "-1"]),
        ((None, 3), "flatten", {}, []),
        ((None, None), "lstm", {}, ["axis of features", "fixed"]),
        ((5, 3), "group_normalization", {"groups": 2}, ["2 groups", "3 features"]),
        ((5, 3), "tied_dense", {"tied_to": "dense"}, ["no dense layer before it"]),
        ((5, 3), "repeat_vector", {}, ["return_sequences off"]),
        ((5, 3), "concatenate", {}, ["needs 2 or more inputs, but gets 1"]),
    ],
)  # fmt: skip
def test_a_layer_that_does_not_fit_is_told_with_a_way_out(
    shape: Any, kind: str, config: Any, words: list[str]
) -> None:
    structure = Structure.of_shape(shape).then(kind, **config)
    if not words:
        assert structure.shapes()
        return
    with pytest.raises(NetworkError) as told:
        structure.shapes()
    assert told.value.layer == kind
    assert all(word in str(told.value) for word in words), str(told.value)


def test_wrong_options_are_told_with_the_nearest_name() -> None:
    start = Structure.of_shape((5,))
    with pytest.raises(NetworkError, match=r'no option "unit".*"units"'):
        start.then("dense", unit=3)
    with pytest.raises(NetworkError, match=r"units must be a whole number from 1 to 1,048,576, not 0"):
        start.then("dense", units=0)
    with pytest.raises(NetworkError, match=r'no layer "lstn".*"lstm"'):
        start.then("lstn")
    with pytest.raises(NetworkError, match=r'takes from "y"'):
        Structure(start.inputs, (Layer("a", "dense", {}, ("y",)),), ("a",))
    with pytest.raises(NetworkError, match="two layers or inputs"):
        start.then("dense", id="x")


def test_keras_names_of_options_are_understood() -> None:
    start = Structure.of_shape((5, 2))
    assert start.then("lstm", go_backwards=True).layer("lstm").config["direction"] == "backward"
    assert start.then("lstm", unit_forget_bias=False).layer("lstm").config["forget_bias"] == 0
    assert start.then("conv1d", kernel_size="5") == start.then("conv1d", kernel_size=5)
    assert Structure.of_shape((8, 8, 1)).then("conv2d", kernel_size=5).layer("conv2d").config[
        "kernel_size"
    ] == [5, 5]


@pytest.mark.parametrize("task", TEMPLATES)
@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_templates_make_networks_that_survive_json(task: str, size: Any) -> None:
    structure = template(task, INPUTS[task], Wanted(size=size, outputs=3, dropout=0.1))
    assert Structure.from_json(structure.to_json()) == structure
    assert Structure.from_json(structure.to_json(indent=1)).digest == structure.digest
    assert sum(trained for trained, _ in structure.parameter_counts().values()) > 0
    shape = structure.shapes()[structure.outputs[0]]
    if "autoencoder" in task:
        assert shape == INPUTS[task][0].shape
    else:
        assert shape[-1] == (4 if task == "ctc" else 3)


def test_memory_grows_with_the_batch_and_names_no_layer_as_free() -> None:
    structure = template("many_to_one", INPUTS["many_to_one"])
    parts = sum(structure.memory_of_layer(one.id, 64) for one in structure.layers)
    assert 0 < parts < structure.memory(64) < structure.memory(640)


def test_the_fast_path_is_told_with_its_reason() -> None:
    start = Structure.of_shape((9, 3))
    assert start.then("lstm").fast_path("lstm", "jax", "gpu")[0]
    for config, word in [
        ({"peephole": True}, "peephole"),
        ({"recurrent_dropout": 0.1}, "dropout"),
        ({"activation": "relu"}, "tanh"),
    ]:
        fast, why = start.then("lstm", **config).fast_path("lstm", "jax", "gpu")
        assert not fast
        assert word in why
    masked = start.then("masking").then("lstm")
    assert not masked.fast_path("lstm", "jax", "gpu")[0]
    assert "mask" in masked.fast_path("lstm", "torch", "gpu")[1]
    assert not start.then("gru").fast_path("gru", "jax", "gpu")[0]
    assert start.then("gru").fast_path("gru", "torch", "gpu")[0]
    assert not start.then("lstm").fast_path("lstm", "torch", "cpu")[0]


def test_a_thousand_layers_are_worked_out_quickly_enough_to_draw() -> None:
    structure = Structure.of_shape((4,))
    for _ in range(1_000):
        structure = structure.then("activation")
    assert len(structure.shapes()) == 1_001


# Joining, cutting, freezing


def test_networks_that_begin_together_share_what_is_the_same() -> None:
    trunk = Structure.of_shape((5,)).then("dense", units=8)
    one, two = trunk.then("dense", units=1), trunk.then("dense", units=2)
    whole, renames = joined([one, two])
    assert [layer.id for layer in whole.layers] == ["dense", "dense_2", "dense_2_2"]
    assert whole.outputs == ("dense_2", "dense_2_2")
    assert renames[1]["dense_2"] == "dense_2_2"
    assert whole.shapes()["dense_2_2"] == (2,)


def test_two_equal_branches_are_not_merged_silently() -> None:
    branch = Structure.of_shape((5,)).then("dense", units=8)
    with pytest.raises(NetworkError, match="a name of its own"):
        with_merged([branch, branch], "add", {})
    other = Structure.of_shape((5,)).then("dense", units=8, id="other")
    whole, _ = with_merged([branch, other], "add", {})
    assert whole.layer("add").inbound == ("dense", "other")


def test_inputs_of_one_name_must_be_alike() -> None:
    with pytest.raises(NetworkError, match="give one of them another name"):
        joined([Structure.of_shape((5,)), Structure.of_shape((6,))])


def test_an_autoencoder_is_cut_into_encoder_and_decoder() -> None:
    whole = template("autoencoder", (NetworkInput("x", (16,)),), Wanted(code=3))
    encoder, decoder = cut(whole, end="code"), cut(whole, start="code")
    assert encoder.shapes()["code"] == (3,)
    assert decoder.inputs == (NetworkInput("code", (3,)),)
    assert decoder.shapes()[decoder.outputs[0]] == (16,)
    with pytest.raises(NetworkError, match="does not come after"):
        cut(whole, start="decoded", end="code")


def test_a_cut_through_two_branches_is_refused() -> None:
    start = Structure.of_shape((5,)).then("dense", id="a", units=5)
    whole = start.with_layer("add", {}, ("a", "x"))
    with pytest.raises(NetworkError, match="is cut off"):
        cut(whole, start="a")
    assert cut(whole, start="x").shapes()["add"] == (5,)


def test_frozen_layers_learn_nothing_until_they_are_free() -> None:
    structure = Structure.of_shape((5,)).then("dense", units=2).then("dropout").then("dense", units=1)
    cold = frozen(structure, ["dense", "dropout"])
    assert cold.parameter_counts() == {"dense": (0, 12), "dropout": (0, 0), "dense_2": (3, 0)}
    assert frozen(cold, ["dense"], trainable=True) == structure
    with pytest.raises(NetworkError, match="no layer"):
        frozen(structure, ["dens"])


# In workflows


def network_of(workflow: Any, id: str) -> Any:
    return workflow.run(cache=False)[id].network


def test_chain_list_and_template_give_the_same_network() -> None:
    workflow = nf.Workflow("ways")
    start = workflow.add("network_input", shape=[9, 3])
    lstm = workflow.add("layer_lstm", start, units=32)
    workflow.add("layer_dense", lstm, id="chain", units=1)
    layers = [{"layer": "lstm", "settings": {"units": 32}}, {"layer": "dense", "settings": {"units": 1}}]
    workflow.add("layer_list", id="list", shape=[9, 3], layers=layers)
    result = workflow.run(cache=False)
    wanted = template("many_to_one", (NetworkInput("x", (9, 3)),), Wanted(outputs=1))
    assert (
        result["chain"].network.structure.to_json()
        == result["list"].network.structure.to_json()
        == wanted.to_json()
    )


def test_a_wrong_layer_is_a_problem_of_its_node_before_anything_runs() -> None:
    workflow = nf.Workflow("wrong")
    start = workflow.add("network_input", shape=[96, 3])
    conv = workflow.add("layer_conv2d", start, id="conv")
    workflow.add("layer_dense", conv)
    problems = [one for one in nf.validate(workflow) if one.severity == "error"]
    assert [one.node for one in problems] == ["conv"]
    assert "Conv1D" in str(problems[0])


def test_branches_meet_and_keep_their_weights() -> None:
    workflow = nf.Workflow("branches")
    start = workflow.add("network_input", shape=[4])
    left = workflow.add("layer_dense", start, units=3, layer_name="left")
    right = workflow.add("layer_dense", start, units=3, layer_name="right")
    workflow.add("layer_concatenate", [left, right], id="both")
    assert network_of(workflow, "both").structure.shapes()["concatenate"] == (6,)


def spec_of(
    shape: Any, target: Any, *, dtype: str = "float32", goal: str = "float32", task: Any = "", **more: Any
) -> TensorsSpec:
    arrays = {
        "x": ArraySpec(shape, dtype, more.pop("axes", ())),
        "y": ArraySpec(target, goal, more.pop("target_axes", ())),
    }
    return TensorsSpec(arrays, ("x",), ("y",), task, **more)


@pytest.mark.parametrize(
    ("spec", "kinds", "gives", "activation"),
    [
        (spec_of((9, 3), (1,), task="forecast"), ["lstm", "dense"], (1,), "linear"),
        (spec_of((9, 3), (), goal="int32", task="classification", classes=("a", "b", "c")), ["lstm", "dense"], (3,), "softmax"),
        (spec_of((9, 3), (9, 2), target_axes=("time", "feature")), ["lstm", "dense"], (9, 2), "linear"),
        (spec_of((4,), (3,), goal="float32", target_axes=("class",), task="classification"), ["dense", "dense"], (3,), "softmax"),
        (spec_of((8, 8, 1), (), goal="int32", task="classification", classes=(0, 1)), ["conv2d"], (2,), "softmax"),
        (spec_of((12,), (), dtype="int32", goal="int32", task="classification", classes=(0, 1)), ["embedding", "lstm"], (2,), "softmax"),
    ],
)  # fmt: skip
def test_the_samples_decide_on_the_template(
    spec: TensorsSpec, kinds: list[str], gives: Any, activation: str
) -> None:
    structure = NetworkTemplate().spec({"tensors": spec}).structure  # type: ignore[union-attr]
    assert [one.kind for one in structure.layers][: len(kinds)] == kinds
    assert structure.shapes()[structure.outputs[0]] == gives
    assert structure.layers[-1].config["activation"] == activation


def test_classes_that_are_not_known_yet_leave_the_template_open() -> None:
    spec = spec_of((4,), (), goal="int32", task="classification")
    assert NetworkTemplate().spec({"tensors": spec}) is None
    assert NetworkTemplate(outputs=4).spec({"tensors": spec}) is not None
    assert NetworkTemplate(task="cnn", outputs=2).check({"tensors": spec})[0].place == "task"


# Stored


def weighted() -> Network:
    structure = Structure.of_shape((4,)).then("dense", units=3)
    generator = np.random.default_rng(0)
    return Network(
        structure,
        {
            "dense/kernel": generator.normal(size=(4, 3)).astype("float32"),
            "dense/bias": np.zeros(3, "float32"),
        },
    )


def test_a_network_is_the_same_when_it_comes_back() -> None:
    network = weighted()
    data = pack_network(network)
    assert data == pack_network(unpack_network(data))
    assert unpack_network(data) == network
    assert unpack_network(pack_network(Network(network.structure))) == Network(network.structure)


def test_weights_that_do_not_fit_are_refused() -> None:
    structure = weighted().structure
    with pytest.raises(NetworkError, match=r"\(3, 4\).*\(4, 3\)"):
        Network(structure, {"dense/kernel": np.zeros((3, 4))})
    with pytest.raises(NetworkError, match="no weight"):
        Network(structure, {"dense/karnel": np.zeros((3, 4))})


def with_header(change: Any) -> bytes:
    data = pack_network(weighted())
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def huge(header: Any) -> None:
    header["dense/kernel"]["shape"] = [1 << 40, 1 << 40]


def overlapping(header: Any) -> None:
    header["dense/kernel"]["data_offsets"] = [0, 48]
    header["dense/bias"]["data_offsets"] = [0, 12]


def beyond(header: Any) -> None:
    header["dense/kernel"]["data_offsets"] = [12, 1 << 40]


def foreign(header: Any) -> None:
    header["__metadata__"]["nodeflow_network"] = '{"nodeflow_network":1}'


HOSTILE = {
    "empty": b"",
    "no JSON": b"{",
    "a NaN": b'{"nodeflow_network": NaN}',
    "a key twice": b'{"nodeflow_network": 1, "nodeflow_network": 1}',
    "nested deeply": b'{"a":' * 100_000,
    "another format": b'{"nodeflow_network": 2, "inputs": [], "layers": [], "outputs": []}',
    "a huge header": (1 << 62).to_bytes(8, "little") + b"{}",
    "huge shapes": with_header(huge),
    "arrays that overlap": with_header(overlapping),
    "arrays beyond the end": with_header(beyond),
    "another network": with_header(foreign),
    "cut off": pack_network(weighted())[:-1],
    "too long": pack_network(weighted()) + b"x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_or_hostile_network_is_refused(name: str) -> None:
    with pytest.raises(NetworkError) as told:
        unpack_network(HOSTILE[name])
    assert 10 < len(str(told.value)) < 400


# Laws

KINDS_OF_CHAINS = sorted(kind for kind, rule in RULES.items() if rule.inputs[0] == 1)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    shape=st.lists(st.one_of(st.none(), st.integers(1, 30)), min_size=0, max_size=4),
    kinds=st.lists(st.sampled_from(KINDS_OF_CHAINS), max_size=6),
)
def test_any_chain_has_shapes_or_a_sentence_and_survives_json(
    shape: list[int | None], kinds: list[str]
) -> None:
    structure = Structure.of_shape(tuple(shape))
    fault = None
    try:
        for kind in kinds:
            structure = structure.then(kind)
        shapes = structure.shapes()
    except NetworkError as error:
        fault = error
    if fault is not None:
        assert fault.layer
        assert len(str(fault)) > 30
        return
    again = Structure.from_json(structure.to_json())
    assert again == structure
    assert again.shapes() == shapes
    assert all(size is None or size > 0 for one in shapes.values() for size in one)
    assert structure.memory(8) > 0


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(sorted(RULES)), data=st.data())
def test_any_value_of_an_option_is_read_or_told(kind: str, data: Any) -> None:
    option = data.draw(st.sampled_from(RULES[kind].all_options or RULES["dense"].all_options))
    value = data.draw(ANY)
    fault = None
    try:
        read = option.read(value)
    except NetworkError as error:
        fault = error
    if fault is not None:
        assert option.name in str(fault)
        return
    assert option.read(read) == read
    json.dumps(read, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(data=ANY)
def test_any_data_is_a_network_or_told(data: Any) -> None:
    with pytest.raises(NetworkError):
        Structure.from_data({"nodeflow_network": 1, "inputs": data, "layers": data, "outputs": data})
