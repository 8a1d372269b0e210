"""Pairs of texts, tags of words and texts in pictures become tensors, and what networks say of them is read out."""

from __future__ import annotations

import importlib
import itertools
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep.ctc_decoder import CtcDecoder
from nodeflow_nodes.deep.image_to_tensor import ImageToTensor
from nodeflow_nodes.deep.network_template import NetworkTemplate
from nodeflow_nodes.deep.pairs_to_tensors import PairsToTensors
from nodeflow_nodes.deep.seq2seq_decoder import Seq2SeqDecoder
from nodeflow_nodes.deep.tag_encoder import TagEncoder
from nodeflow_nodes.deep.tag_predictor import TagPredictor

from nodeflow.errors import NodeflowError
from nodeflow.networks import NetworkInput, Structure
from nodeflow.values.model import Model
from nodeflow.values.network import Network
from nodeflow.values.specs import TableSpec
from nodeflow.values.tensors import Tensors

sys.path.append(str(Path(__file__).parent))
cases: Any = importlib.import_module("training_cases")
Listening, learn = cases.Listening, cases.learn


def made(node: Any, frame: pl.DataFrame, like: Any = None) -> tuple[Any, list[str]]:
    listening = Listening()
    inputs = {"table": TableSpec(frame.schema)} | ({} if like is None else {"like": like.spec})
    assert not node.check(inputs)
    found = node.run(frame.lazy(), listening, like)
    told = node.spec(inputs)
    tensors = getattr(found, "tensors", found)
    assert (told["tensors"] if isinstance(told, dict) else told).fits(tensors.spec)
    return found, listening.messages


def numbers(tensors: Any) -> dict[str, Any]:
    return {name: one.to_numpy().tolist() for name, one in tensors.arrays.items()}


def with_weights(model: Any, weights: dict[str, Any]) -> Any:
    """The model with some weights set by hand."""
    trained = model.network
    network = Network(trained.structure, {**trained.network.weights, **weights})
    return Model.of_network(replace(trained, network=network), "Deep Learner", {}, {})


# -- pairs of texts -----------------------------------------------------------------------------------------

PAIRS = pl.DataFrame(
    {"de": ["eins zwei", "eins", None, "drei!"], "en": ["one two", "one one one", "two", "three"]}
)


def test_what_is_written_is_the_target_one_step_later() -> None:
    tensors, warnings = made(PairsToTensors(text="de", target="en", length=3, target_length=4), PAIRS)
    assert tensors.classes == ("", "<unknown>", "<start>", "<end>", "one", "two", "three")
    assert numbers(tensors) == {
        "x": [[2, 5, 0], [2, 0, 0], [4, 3, 0]],
        "written": [[2, 4, 5, 0], [2, 4, 4, 4], [2, 6, 0, 0]],
        "y": [[4, 5, 3, 0], [4, 4, 4, 3], [6, 3, 0, 0]],
        "weight": [[1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 0, 0]],
        "row": [0, 1, 3],
    }
    assert warnings == ["1 of 4 rows with missing values are left out"]
    later = pl.DataFrame({"de": ["zwei vier"], "en": ["two four"]})
    test, _ = made(PairsToTensors(text="de", target="en"), later, tensors)
    assert numbers(test)["x"] == [[5, 1, 0]]
    assert numbers(test)["y"] == [[5, 1, 3, 0]]


def test_texts_that_are_too_long_lose_their_end_and_this_is_told() -> None:
    tensors, warnings = made(PairsToTensors(text="de", target="en", length=1, target_length=2), PAIRS)
    assert numbers(tensors)["y"] == [[4, 5], [4, 4], [6, 3]]
    assert numbers(tensors)["written"] == [[2, 4], [2, 4], [2, 6]]
    assert warnings[:2] == [
        "2 texts are longer than 1 tokens and lose their end",
        "2 texts to write, with start and end, are longer than 3 tokens and lose their end",
    ]


def writing(table: Any, length: int = 4) -> Any:
    """A network that writes by the last token alone, with the probabilities of a table."""
    tensors, _ = made(PairsToTensors(text="de", target="en", length=3, target_length=length), PAIRS)
    size = len(tensors.classes)
    inputs = (NetworkInput("x", (3,), "int32"), NetworkInput("written", (length,), "int32"))
    started = Structure(inputs, (), ("written",)).then(
        "embedding", id="table", input_dim=size, output_dim=size
    )
    read = Structure(inputs, started.layers, ("x",)).then(
        "embedding", id="read", input_dim=9, output_dim=size
    )
    read = read.then("global_average_pooling1d", id="mean").then("repeat_vector", n=length, id="again")
    whole = read.with_layer("add", {}, ("table", "again"), id="both").then("softmax")
    model = learn(Network(whole), tensors, epochs=1).model
    logs = np.log(np.maximum(np.array(table), 1e-30)).astype("float32")
    return with_weights(
        model, {"table/embeddings": logs, "read/embeddings": np.zeros((9, size), "float32")}
    ), tensors


WRITING = [
    *[[1 / 7] * 7] * 2,
    [0.1, 0.1, 0.1, 0.0, 0.42, 0.28, 0.0],  # given that no mark comes: 0.6 one, 0.4 two
    [1 / 7] * 7,
    [0, 0, 0, 0.5, 0.3, 0.1, 0.1],  # after one
    [0, 0, 0, 0.95, 0, 0, 0.05],  # after two
    [0, 0, 0, 1.0, 0, 0, 0],
]


def test_greedy_and_beams_write_what_a_table_of_probabilities_tells() -> None:
    model, tensors = writing(WRITING)
    frame = PAIRS.select("de")
    greedy = Seq2SeqDecoder().run(model, frame.lazy(), None, Listening())
    assert greedy["Prediction"].to_list() == ["one", "one", None, "one"]
    assert greedy["log probability"][0] == pytest.approx(math.log(0.6 * 0.5), abs=1e-5)
    beam = Seq2SeqDecoder(method="beam", beams=4).run(model, None, tensors, Listening())
    assert beam["Prediction"].to_list() == ["two"] * 3
    assert beam["log probability"].to_list() == pytest.approx([math.log(0.4 * 0.95)] * 3, abs=1e-5)
    assert beam["row"].to_list() == [0, 1, 3]
    assert beam["en"].to_list() == ["one two", "one one one", "three"]
    short = Seq2SeqDecoder(method="greedy", max_length=1).run(model, frame.lazy(), None, Listening())
    assert short["log probability"][0] == pytest.approx(math.log(0.6), abs=1e-5)


def test_a_network_learns_to_write_digits_as_words() -> None:
    words = ["zero", "one", "two", "three", "four", "five"]
    pairs = [(f"{a} {b}", f"{words[b]} {words[a]}") for a, b in itertools.product(range(6), repeat=2)]
    frame = pl.DataFrame(pairs, schema=["digits", "words"], orient="row")
    tensors, _ = made(PairsToTensors(text="digits", target="words", length=2, target_length=3), frame)
    network = NetworkTemplate(task="seq2seq", vocabulary=16).run(tensors)
    model = learn(network, tensors, epochs=120, batch_size=36, learning_rate=0.02).model
    for options in ({}, {"method": "beam", "beams": 3}):
        found = Seq2SeqDecoder(**options).run(model, frame.lazy(), None, Listening())
        assert found["Prediction"].to_list() == frame["words"].to_list()


# -- tags ----------------------------------------------------------------------------------------------------

WORDS = pl.DataFrame(
    {
        "s": [1, 1, 1, 2, 2],
        "w": ["Ann", "saw", "Bob", "Ann", None],
        "t": ["B-PER", "O", "B-PER", None, "O"],
    }
)


def test_words_are_numbered_and_only_words_with_a_tag_count() -> None:
    found, _ = made(TagEncoder(words="w", tags="t", sentence="s", length=4), WORDS)
    assert numbers(found.tensors) == {
        "x": [[2, 4, 3, 0], [2, 1, 0, 0]],
        "y": [[0, 1, 0, 0], [0, 1, 0, 0]],
        "weight": [[1, 1, 1, 0], [0, 1, 0, 0]],
        "row": [0, 3],
    }
    assert found.vocabulary.rows() == [(2, "Ann"), (3, "Bob"), (4, "saw")]
    assert found.labels.rows() == [(0, "B-PER"), (1, "O")]
    later = pl.DataFrame({"s": [7, 7], "w": ["Eve", "saw"], "t": ["B-LOC", "O"]})
    test, warnings = made(TagEncoder(words="w", tags="t", sentence="s"), later, found.tensors)
    assert numbers(test.tensors)["x"] == [[1, 4, 0, 0]]
    assert numbers(test.tensors)["weight"] == [[0, 1, 0, 0]]
    assert "B-LOC" in warnings[0]


@pytest.mark.parametrize("listed", [True, False])
def test_a_row_may_be_a_sentence_and_long_ones_go_on_in_the_next_sample(listed: bool) -> None:
    frame = pl.DataFrame({"w": ["a b c", None, " d "], "t": ["X Y X", None, "Y"]})
    if listed:
        frame = frame.select(pl.all().str.extract_all(r"\S+"))
    found, _ = made(TagEncoder(words="w", tags="t", length=2), frame)
    assert numbers(found.tensors) == {
        "x": [[2, 3], [4, 0], [5, 0]],
        "y": [[0, 1], [0, 0], [1, 0]],
        "weight": [[1, 1], [1, 0], [1, 0]],
        "row": [0, 0, 2],
    }


def test_a_sentence_with_more_tags_than_words_is_told_by_its_row() -> None:
    with pytest.raises(NodeflowError, match="row 2 has 1 words but 2 tags"):
        made(TagEncoder(words="w", tags="t"), pl.DataFrame({"w": ["a b", "c"], "t": ["X Y", "X Y"]}))
    spec = {"table": TableSpec({"s": pl.Int64(), "w": pl.List(pl.String), "t": pl.String()})}
    assert (
        "leave the sentence column empty"
        in TagEncoder(words="w", tags="t", sentence="s").check(spec)[0].sentence
    )


def test_a_tagger_gives_each_word_its_tag() -> None:
    """Every word has one tag, so that a network without memory learns it."""
    sentences = ["a b c d e", "b", "e e a", "d c"]
    frame = pl.DataFrame({"w": sentences, "t": [one.upper() for one in sentences]})
    found, _ = made(TagEncoder(words="w", tags="t", length=3), frame)
    structure = Structure.of_shape((3,), dtype="int32").then("embedding", input_dim=7, output_dim=8)
    network = Network(structure.then("dense", units=5, activation="softmax"))
    model = learn(network, found.tensors, epochs=150, learning_rate=0.05).model
    tagged = TagPredictor().run(model, frame.select("w").lazy(), Listening())
    assert tagged["Prediction (t)"].to_list() == frame["t"].to_list()
    gaps = pl.DataFrame({"w": ["a", None, ""]})
    assert TagPredictor(column="p").run(model, gaps.lazy(), Listening())["p"].to_list() == ["A", None, None]
    listed = frame.select(pl.col("w").str.split(" "))
    again = TagPredictor().run(model, listed.lazy(), Listening())["Prediction (t)"]
    assert again.list.join(" ").to_list() == frame["t"].to_list()
    with pytest.raises(NodeflowError, match='has "t" already'):
        TagPredictor(column="t").run(model, frame.lazy(), Listening())


def test_networks_that_tell_something_else_are_told_apart() -> None:
    """A network of too many classes, and one that tells nothing of the kind."""
    frame = pl.DataFrame({"w": ["a b"], "t": ["X Y"]})
    found, _ = made(TagEncoder(words="w", tags="t", length=2), frame)
    structure = (
        Structure.of_shape((2,), dtype="int32").then("embedding", input_dim=4, output_dim=3).then("softmax")
    )
    other = found.tensors.with_(classes=("X", "Y", "Z"))
    trained = learn(Network(structure), other, epochs=1).model.network
    model = Model.of_network(replace(trained, classes=("X", "Y")), "Deep Learner", {}, {})
    with pytest.raises(NodeflowError, match="gives 3 numbers a word, but it knows 2 tags"):
        TagPredictor().run(model, frame.lazy(), Listening())
    with pytest.raises(NodeflowError, match="does not write texts"):
        Seq2SeqDecoder().run(model, frame.lazy(), None, Listening())
    with pytest.raises(NodeflowError, match="does not end in a CTC Head"):
        CtcDecoder().run(model, frame.lazy(), None, Listening())


def test_fillers_do_not_count_in_training() -> None:
    """The loss is that of the tagged words alone: even tags, whatever the fillers would be."""
    frame = pl.DataFrame({"w": ["a a a a", "a"], "t": ["X Y X Y", "X"]})
    found, _ = made(TagEncoder(words="w", tags="t", length=8), frame)
    structure = (
        Structure.of_shape((8,), dtype="int32").then("embedding", input_dim=4, output_dim=2).then("softmax")
    )
    model = learn(Network(structure), found.tensors, epochs=300, learning_rate=0.1, patience=0).model
    tagged = TagPredictor(probability=True, column="p")
    one_word = pl.DataFrame({"s": [1], "w": ["a"]})
    trained = model.network
    preparation = {**trained.preparation, "sentence": "s"}
    model = Model.of_network(replace(trained, preparation=preparation), "Deep Learner", {}, {})
    share = tagged.run(model, one_word.lazy(), Listening())["P (p)"][0]
    assert share == pytest.approx(3 / 5, abs=0.02)


# -- connectionist temporal classification -------------------------------------------------------------------


def reading(steps: int, labels: int, classes: Any = None) -> Any:
    """A network that takes the scores of labels as they come in."""
    structure = Structure.of_shape((steps, labels + 1)).then("ctc_head", id="head", labels=labels)
    x = np.zeros((4, steps, labels + 1), "float32")
    data = Tensors({"x": x, "y": np.ones((4, 1), "int32")}, targets=("y",), classes=classes)
    model = learn(Network(structure), data, epochs=1).model
    eye = np.eye(labels + 1, dtype="float32")
    return with_weights(model, {"head/kernel": eye, "head/bias": np.zeros(labels + 1, "float32")})


def test_path_collapse_and_result_are_shown() -> None:
    model = reading(5, 2, ("a", "b"))
    path = np.eye(3, dtype="float32")[[1, 1, 0, 1, 2]] * 20
    # 0.6 for the blank and 0.4 for a, twice: the path says nothing, but "a" has 0.64
    unsure = np.full((5, 3), -30, "float32")
    unsure[:2, :2] = np.log([0.6, 0.4])
    unsure[2:, 0] = 0
    data = Tensors(
        {"x": np.stack([path, unsure]), "y": np.array([[1, 1, 2], [1, 0, 0]], "int32")}, targets=("y",)
    )
    greedy = CtcDecoder().run(model, None, data, Listening())
    assert greedy["path"].to_list() == ["aa·ab", "·····"]
    assert greedy["collapsed"].to_list() == greedy["Prediction"].to_list() == ["aab", ""]
    assert greedy["target"].to_list() == ["aab", "a"]
    assert greedy["log probability"][1] == pytest.approx(math.log(0.36), abs=1e-5)
    beam = CtcDecoder(method="beam").run(model, None, data, Listening())
    assert beam["collapsed"].to_list() == ["aab", ""]
    assert beam["Prediction"].to_list() == ["aab", "a"]
    assert beam["log probability"][1] == pytest.approx(math.log(0.64), abs=1e-5)
    named = CtcDecoder(labels="xy").run(model, None, data, Listening())
    assert named["Prediction"].to_list() == ["xxy", ""]
    with pytest.raises(NodeflowError, match="tells 2 labels apart, but 3"):
        CtcDecoder(labels="xyz").run(model, None, data, Listening())


def test_pictures_of_texts_are_read_by_what_was_learned() -> None:
    """Each letter is a column of its own height; a blank column stands between."""
    heights = {"a": 1, "b": 2, "c": 3}
    texts = ["".join(one) for one in itertools.product("abc", repeat=2)]
    pictures = []
    for text in texts:
        picture = np.zeros((4, 8))
        for place, letter in enumerate(text):
            picture[: heights[letter], 1 + 3 * place : 3 + 3 * place] = 1
        pictures.append(picture.reshape(-1).tolist())
    frame = pl.DataFrame({"p": pictures, "text": texts})
    node = ImageToTensor(pixels=["p"], target="text", height=4, width=8, labels="characters")
    tensors, _ = made(node, frame)
    assert tensors.classes == ("a", "b", "c")
    assert numbers(tensors)["y"][:4] == [[1, 1], [1, 2], [1, 3], [2, 1]]
    structure = (
        Structure.of_shape((4, 8, 1)).then("permute", dims=[2, 1, 3]).then("reshape", target_shape=[8, 4])
    )
    network = Network(
        structure.then("gru", units=16, direction="both", return_sequences=True).then("ctc_head", labels=3)
    )
    model = learn(network, tensors, epochs=150, batch_size=9, learning_rate=0.03, patience=0).model
    for method in ("greedy", "beam"):
        found = CtcDecoder(method=method).run(model, frame.select("p").lazy(), None, Listening())
        assert found["Prediction"].to_list() == texts
    new = frame.head(2).with_columns(text=pl.Series(["ax", "ab"]))
    test, warnings = made(node, new, tensors)
    assert numbers(test)["y"] == [[1, 2]]
    assert '"x"' in warnings[0]
