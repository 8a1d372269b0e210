"""Texts become the numbers of their tokens by the vocabulary of the training part."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.deep.text_tokenizer import TextTokenizer

from nodeflow.errors import NodeflowError
from nodeflow.values.preparation import prepare, restore
from nodeflow.values.specs import TableSpec

sys.path.append(str(Path(__file__).parents[1] / "nodes"))
FakeContext: Any = importlib.import_module("conftest").FakeContext

TEXTS = pl.DataFrame(
    {"t": ["The cat sat", "the DOG, the cat!", "", None, "Été d’été"], "y": ["a", "b", "a", "b", "b"]}
)


def tokenized(frame: pl.DataFrame = TEXTS, like: Any = None, **parameters: Any) -> Any:
    node = TextTokenizer(**{"text": "t", "length": 4} | parameters)
    inputs = {"table": TableSpec(frame.schema)} | ({} if like is None else {"like": like.spec})
    assert not node.check(inputs)
    context = FakeContext(Path())
    found = node.run(frame.lazy(), context=context, like=like)
    assert node.spec(inputs)["tensors"].fits(found.tensors.spec)
    return found, context.warnings


def test_the_commonest_word_has_the_first_number_and_0_fills_up() -> None:
    (tensors, words), warnings = tokenized()
    assert words.rows() == [
        (2, "the", 3), (3, "cat", 2), (4, "dog", 1), (5, "d’été", 1), (6, "sat", 1), (7, "été", 1),
    ]  # fmt: skip
    numbers = {row[1]: row[0] for row in words.rows()}
    expected = [["the", "cat", "sat"], ["the", "dog", "the", "cat"], [], ["été", "d’été"]]
    wanted = [[*(numbers[word] for word in row), *[0] * (4 - len(row))] for row in expected]
    assert tensors.arrays["x"].to_numpy().tolist() == wanted
    assert tensors.arrays["row"].to_numpy().tolist() == [0, 1, 2, 4]
    assert warnings == ["1 of 5 rows with missing values are left out"]


def test_texts_to_test_with_get_the_numbers_learned_and_unknown_words_are_1() -> None:
    (train, _), _ = tokenized(target="y")
    later = pl.DataFrame({"t": ["a cat"], "y": ["b"]})
    (test, words), _ = tokenized(later, like=train, target="y")
    assert test.arrays["x"].to_numpy().tolist() == [[1, 3, 0, 0]]
    assert test.arrays["y"].to_numpy().tolist() == [1]
    assert words["count"].to_list() == [0, 1, 0, 0, 0, 0]
    again, _ = prepare(train.preparation, later.select("t"), with_targets=False)
    assert again.arrays["x"].to_numpy().tolist() == [[1, 3, 0, 0]]
    assert restore(train.preparation, np.array([[0.2, 0.8]])).tolist() == [[0.2, 0.8]]


@pytest.mark.parametrize(
    ("parameters", "tokens"),
    [
        ({"length": 2}, ["the", "dog"]),
        ({"length": 2, "truncate": "pre"}, ["the", "cat"]),
        ({"length": 6, "pad": "pre"}, [0, 0, "the", "dog", "the", "cat"]),
        ({"length": 6, "punctuation": True}, ["the", "dog", ",", "the", "cat", "!"]),
        ({"length": 4, "lower": False}, ["the", "DOG", "the", "cat"]),
        ({"length": 5, "min_count": 2, "unknown": False}, ["the", "the", "cat", 0, 0]),
        ({"length": 5, "max_tokens": 3}, ["the", 1, "the", 1, 0]),
        ({"length": 5, "level": "character"}, ["t", "h", "e", " ", "d"]),
        ({"length": 8, "level": "character", "punctuation": True}, ["t", "h", "e", " ", "d", "o", "g", ","]),
    ],
)
def test_parameters_choose_the_tokens(parameters: dict[str, Any], tokens: list[Any]) -> None:
    (tensors, words), _ = tokenized(**parameters)
    numbers = {row[1]: row[0] for row in words.rows()}
    assert tensors.arrays["x"].to_numpy()[1].tolist() == [numbers.get(one, one) for one in tokens]


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.one_of(st.none(), st.text("abc ", max_size=12)), min_size=1, max_size=6),
    length=st.integers(1, 6),
    pad=st.sampled_from(["post", "pre"]),
    truncate=st.sampled_from(["post", "pre"]),
)
def test_numbers_are_those_of_a_plain_loop(
    texts: list[str | None], length: int, pad: str, truncate: str
) -> None:
    if not any(text and text.strip() for text in texts):
        return
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    (tensors, words), _ = tokenized(frame, length=length, pad=pad, truncate=truncate)
    numbers = {row[1]: row[0] for row in words.rows()}
    wanted = []
    for text in texts:
        if text is None:
            continue
        row = [numbers[word] for word in text.split()]
        row = row[:length] if truncate == "post" else row[-length:]
        fill = [0] * (length - len(row))
        wanted.append([*row, *fill] if pad == "post" else [*fill, *row])
    assert tensors.arrays["x"].to_numpy().tolist() == wanted


def test_texts_without_a_word_are_refused() -> None:
    with pytest.raises(NodeflowError, match="nothing to learn from"):
        tokenized(pl.DataFrame({"t": ["", "!"]}))
    with pytest.raises(NodeflowError, match="at least 9 times"):
        tokenized(min_count=9)


def test_targets_that_do_not_fit_are_told_before_running() -> None:
    table = TableSpec({"t": pl.String(), "y": pl.Float64()})
    sentences = TextTokenizer(text="t", target="y", task="classification").check({"table": table})
    assert "has no classes" in sentences[0].sentence
    _, faults = TextTokenizer.decode({"text": "t", "target": "t"})
    assert faults
