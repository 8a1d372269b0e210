"""Language models are trained on next tokens, scored in bits, and go on with texts."""

from __future__ import annotations

import importlib
import itertools
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep import _language as language
from nodeflow_nodes.deep.language_model_scorer import LanguageModelScorer, bigrams, unigrams
from nodeflow_nodes.deep.sequence_generator import SequenceGenerator
from nodeflow_nodes.deep.text_tokenizer import TextTokenizer

from nodeflow.errors import NodeflowError
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.preparation import prepare
from nodeflow.values.specs import TableSpec

sys.path.append(str(Path(__file__).parents[1] / "nodes"))
sys.path.append(str(Path(__file__).parent))
cases: Any = importlib.import_module("training_cases")
Listening, learn = cases.Listening, cases.learn
FakeContext: Any = importlib.import_module("conftest").FakeContext


def tokenized(texts: list[str | None], like: Any = None, **parameters: Any) -> Any:
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    node = TextTokenizer(**{"text": "t", "length": 4, "level": "character", "next_token": True} | parameters)
    context = FakeContext(Path())
    tensors = node.run(frame.lazy(), context=context, like=like).tensors
    told = node.spec({"table": TableSpec(frame.schema)} | ({} if like is None else {"like": like.spec}))
    assert told["tensors"].fits(tensors.spec)
    return tensors, context.warnings


def test_the_target_is_the_text_one_token_later_and_fillers_weigh_nothing() -> None:
    tensors, warnings = tokenized(["aabbcca", None, "a", "cb"], punctuation=True)
    arrays = {name: one.to_numpy().tolist() for name, one in tensors.arrays.items()}
    assert tensors.classes == ("", "<unknown>", "a", "b", "c")
    assert arrays == {
        "x": [[2, 2, 3, 3], [4, 4, 0, 0], [4, 0, 0, 0]],
        "y": [[2, 3, 3, 4], [4, 2, 0, 0], [3, 0, 0, 0]],
        "weight": [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]],
        "row": [0, 0, 3],
    }
    assert warnings == ["2 of 4 texts are left out, as nothing follows on anything in them"]
    later, _ = tokenized(["bxb"], tensors)
    assert later.arrays["x"].to_numpy().tolist() == [[3, 1, 0, 0]]
    alone, rows = prepare(tensors.preparation, pl.DataFrame({"t": ["ab"]}), with_targets=False)
    assert (set(alone.arrays), rows.tolist()) == ({"x", "row"}, [0])


def test_texts_in_which_nothing_follows_are_refused() -> None:
    with pytest.raises(NodeflowError, match="no text has two tokens"):
        tokenized(["a", "b"])
    _, faults = TextTokenizer.decode({"text": "t", "target": "y", "next_token": True})
    assert "is the target already" in faults[0].sentence


def following(
    table: list[list[float]], classes: tuple[str, ...], length: int = 4, level: str = "character"
) -> Any:
    """A network that gives after each token the probabilities of a row: an embedding of their logarithms."""
    tensors, _ = tokenized(
        [" ".join(classes[2:]) if level == "word" else "".join(classes[2:])], level=level, length=length
    )
    assert tensors.classes == classes
    size = len(classes)
    structure = Structure.of_shape((length,), dtype="int32").then(
        "embedding", input_dim=size, output_dim=size
    )
    model = learn(Network(structure.then("softmax")), tensors, epochs=1).model
    logs = np.log(np.maximum(np.array(table), 1e-30)).astype("float32")
    trained = model.network
    weights = {**trained.network.weights, "embedding/embeddings": logs}
    from dataclasses import replace

    from nodeflow.values.model import Model

    return Model.of_network(
        replace(trained, network=Network(trained.structure, weights)), "Deep Learner", {}, {}
    ), tensors


CLASSES = ("", "<unknown>", "a", "b", "c")
# fillers and unknown tokens would be likely, but never come: half of each row is theirs
AFTER = [
    [0.2, 0.2, 0.2, 0.2, 0.2],
    [0.2, 0.2, 0.2, 0.2, 0.2],
    [0.3, 0.2, 0.0, 0.4, 0.1],
    [0.3, 0.2, 0.25, 0.0, 0.25],
    [0.3, 0.2, 0.5, 0.0, 0.0],
]


def generated(model: Any, **parameters: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = SequenceGenerator(**parameters).run(model, Listening())
    return found.texts, found.choices


def test_a_text_goes_on_by_the_probabilities_of_the_network() -> None:
    model, _ = following(AFTER, CLASSES)
    texts, choices = generated(model, start="ca", length=6, temperature=0.0)
    assert texts.row(0)[:3] == ("ca", "bababa", "cabababa")
    assert choices["probability"].to_list() == pytest.approx([0.8, 0.5] * 3, abs=1e-6)
    assert texts["bits a token"][0] == pytest.approx(-(math.log2(0.8) + math.log2(0.5)) / 2, abs=1e-6)
    # after b it is c that leads on surely
    best, _ = generated(model, start="b", length=4, method="likeliest whole", beams=10)
    assert best["continuation"][0] in ("caba", "cabc", "abab", "abca", "caca", "acab")
    chances = {(2, 3): 0.8, (2, 4): 0.2, (3, 2): 0.5, (3, 4): 0.5, (4, 2): 1.0}
    scores = {}
    for path in np.ndindex(3, 3, 3, 3):
        tokens = [3, *(one + 2 for one in path)]
        scores["".join(CLASSES[one] for one in tokens[1:])] = math.prod(
            chances.get(pair, 0.0) for pair in itertools.pairwise(tokens)
        )
    assert scores[best["continuation"][0]] == pytest.approx(max(scores.values()))


def test_the_same_seed_gives_the_same_text_and_another_another() -> None:
    model, _ = following(AFTER, CLASSES)
    one, two, other = (
        generated(model, start="a", length=30, temperature=1.0, seed=seed)[0]["text"][0] for seed in (1, 1, 2)
    )
    assert one == two != other
    _, choices = generated(model, start="a", length=150, temperature=1.0, seed=3)
    shown = pl.DataFrame({"before": ["a", *choices["token"][:-1]], "token": choices["token"]})
    after_a = shown.filter(pl.col("before") == "a")["token"]
    assert after_a.is_in(["b", "c"]).all()
    assert (after_a == "b").mean() == pytest.approx(0.8, abs=0.1)
    few, _ = generated(model, start="a", length=30, temperature=1.0, top_k=1)
    assert few["continuation"][0].startswith("ba")


def test_texts_of_a_table_go_on_side_by_side_and_words_get_blanks() -> None:
    classes = ("", "<unknown>", "a", "b", "c")
    model, _ = following(AFTER, classes, level="word")
    table = pl.DataFrame({"s": ["c a", "b c", "A"]}).lazy()
    found = SequenceGenerator(column="s", length=2, temperature=0.0).run(model, Listening(), table)
    assert found.texts["text"].to_list() == ["c a b a", "b c a b", "A b a"]
    assert found.choices["text"].to_list() == [1, 1, 2, 2, 3, 3]
    assert language.written(["hello", ",", "you", "(", "two", ")", "!"], "word") == "hello, you (two)!"


def test_starts_that_cannot_be_gone_on_from_are_told() -> None:
    model, _ = following(AFTER, CLASSES)
    with pytest.raises(NodeflowError, match="has no character"):
        generated(model, start="")
    listening = Listening()
    SequenceGenerator(start="xa", length=1).run(model, listening)
    assert listening.messages == ["1 tokens of the starts are unknown to the network"]
    plain = learn(
        Network(Structure.of_shape((4,)).then("dense", units=3, activation="softmax")),
        cases.flowers(),
        epochs=1,
    ).model
    with pytest.raises(NodeflowError, match="does not tell what comes next"):
        generated(plain)


def test_bits_are_those_worked_out_by_hand() -> None:
    model, tensors = following(AFTER, CLASSES)
    test, _ = tokenized(["abca"], tensors)
    found = LanguageModelScorer().run(model, test, Listening(), tensors)
    bits = dict(found.select("model", "bits a token").iter_rows())
    assert bits["network"] == pytest.approx(
        -(math.log2(0.4) + math.log2(0.25) + math.log2(0.5)) / 3, abs=1e-5
    )
    assert bits["all tokens alike"] == pytest.approx(math.log2(5))
    # learned from "abc": b and c followed once each, counted once more among five
    assert bits["unigrams"] == pytest.approx(-(math.log2(2 / 7) * 2 + math.log2(1 / 7)) / 3)
    ab, ca = (1 + 2 / 7) / 2, 1 / 7
    assert bits["bigrams"] == pytest.approx(-(2 * math.log2(ab) + math.log2(ca)) / 3)
    assert found["tokens"].to_list() == [3] * 4


def test_baselines_are_probabilities_that_add_up_to_1() -> None:
    random = np.random.default_rng(0)
    before, after = random.integers(0, 4, 50), random.integers(0, 5, 50)
    assert unigrams(after, 6).sum() == pytest.approx(1)
    for token in range(6):  # 4 and 5 never come before another
        whole = bigrams(before, after, 6, np.full(6, token), np.arange(6))
        assert whole.sum() == pytest.approx(1)
        assert (whole > 0).all()
