"""Names, texts and answers are scored as worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import FakeContext
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.scoring._sequences import answer_score, bleu, edit_distance, plain_answer, spans, words_in
from nodeflow_nodes.scoring.answer_scorer import AnswerScorer
from nodeflow_nodes.scoring.entity_scorer import EntityScorer
from nodeflow_nodes.scoring.text_scorer import TextScorer

from nodeflow.errors import NodeflowError


def scores(frame: pl.DataFrame) -> dict[str, Any]:
    return dict(frame.select("metric", "value").iter_rows())


# -- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-PER I-PER O B-LOC", [("PER", 0, 2), ("LOC", 3, 4)]),
        ("B-PER B-PER", [("PER", 0, 1), ("PER", 1, 2)]),
        ("I-PER I-PER O I-LOC", [("PER", 0, 2), ("LOC", 3, 4)]),  # IOB1
        ("I-PER B-PER I-LOC", [("PER", 0, 1), ("PER", 1, 2), ("LOC", 2, 3)]),
        ("B-PER I-LOC I-LOC", [("PER", 0, 1), ("LOC", 1, 3)]),
        ("S-PER B-LOC E-LOC I-LOC", [("PER", 0, 1), ("LOC", 1, 3), ("LOC", 3, 4)]),
        ("U-PER B-LOC I-LOC L-LOC U-LOC", [("PER", 0, 1), ("LOC", 1, 4), ("LOC", 4, 5)]),
        ("PER PER O LOC", [("PER", 0, 2), ("LOC", 3, 4)]),
        ("O O", []),
        ("", []),
    ],
)
def test_names_are_found_by_the_rules_of_conlleval(tags: str, found: list[Any]) -> None:
    assert spans(tags.split()) == found


# three true names: Ann Lee is cut short, Rome is right, IBM is taken for a place; Bob is made up
SENTENCE = pl.DataFrame(
    {
        "s": [1, 1, 1, 1, 1, 2, 2, 2],
        "t": ["B-PER", "I-PER", "O", "B-LOC", "O", "B-ORG", "O", "O"],
        "p": ["B-PER", "O", "O", "B-LOC", "O", "B-LOC", "O", "B-PER"],
    }
)


def test_a_name_is_right_only_as_a_whole() -> None:
    found = EntityScorer(actual="t", prediction="p", sentence="s").run(SENTENCE.lazy(), FakeContext(Path()))
    told = scores(found.scores)
    assert told["precision"] == pytest.approx(1 / 4)
    assert told["recall"] == pytest.approx(1 / 3)
    assert told["F1"] == pytest.approx(2 * 1 / (4 + 3))
    assert told["word accuracy"] == pytest.approx(5 / 8)
    assert told["word accuracy of O alone"] == pytest.approx(4 / 8)
    assert found.kinds.rows() == [
        ("LOC", 1, 2, 1, 0.5, 1.0, pytest.approx(2 / 3)),
        ("ORG", 1, 0, 0, 0.0, 0.0, 0.0),
        ("PER", 1, 2, 0, 0.0, 0.0, 0.0),
    ]


def test_sentences_in_rows_score_alike_and_names_do_not_cross_them() -> None:
    by_row = SENTENCE.group_by("s", maintain_order=True).agg("t", "p")
    texts = by_row.with_columns(pl.col("t", "p").list.join(" "))
    expected = EntityScorer(actual="t", prediction="p", sentence="s").run(
        SENTENCE.lazy(), FakeContext(Path())
    )
    for frame in (by_row, texts):
        found = EntityScorer(actual="t", prediction="p").run(frame.lazy(), FakeContext(Path()))
        assert found.scores.equals(expected.scores)
        assert found.kinds.equals(expected.kinds)
    crossing = pl.DataFrame({"s": [1, 2], "t": ["I-PER", "I-PER"], "p": ["I-PER", None]})
    told = EntityScorer(actual="t", prediction="p", sentence="s").run(crossing.lazy(), FakeContext(Path()))
    assert scores(told.scores)["entities"] == 2
    assert scores(told.scores)["recall"] == 0.5
    with pytest.raises(NodeflowError, match="row 1 has 2 true tags, but 1"):
        EntityScorer(actual="t", prediction="p").run(
            pl.LazyFrame({"t": ["O O"], "p": ["O"]}), FakeContext(Path())
        )


# -- texts ---------------------------------------------------------------------------------------------------


def plain_distance(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for place, letter in enumerate(one, 1):
        last, row = row, [place]
        for other, own in enumerate(two, 1):
            row.append(min(last[other] + 1, row[-1] + 1, last[other - 1] + (letter != own)))
    return row[-1]


@settings(max_examples=200, deadline=None)
@given(one=st.text("abc", max_size=80), two=st.text("abc", max_size=80))
def test_edit_distances_are_those_of_the_table_of_prefixes(one: str, two: str) -> None:
    assert edit_distance(one, two) == plain_distance(one, two)


def test_edit_distances_of_known_words() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == edit_distance("abc", "") == 3
    assert edit_distance(["the", "cat"], ["the", "dog", "cat"]) == 1


def test_bleu_is_that_of_the_paper() -> None:
    """The examples of Papineni et al.: words that come too often are counted as often as in one reference."""
    references = [["the", "cat", "is", "on", "the", "mat"], ["there", "is", "a", "cat", "on", "the", "mat"]]
    _, precisions, brevity = bleu([references], [["the"] * 7])
    assert precisions[0] == pytest.approx(2 / 7)
    assert precisions[1] == 0
    assert brevity == 1
    # all 5 words, 3 of 4 pairs, 1 of 3 runs of three, none of four
    candidate = ["the", "cat", "on", "the", "mat"]
    score, precisions, brevity = bleu([[references[0]]], [candidate])
    assert precisions == pytest.approx([1, 3 / 4, 1 / 3, 0])
    assert (score, brevity) == (0, pytest.approx(math.exp(1 - 6 / 5)))
    smoothed, precisions, _ = bleu([[references[0]]], [candidate], smooth=True)
    assert precisions == pytest.approx([1, 4 / 5, 2 / 4, 1 / 3])
    assert smoothed == pytest.approx(math.exp(-0.2) * (1 * 0.8 * 0.5 / 3) ** 0.25)
    assert bleu([references], [references[1]])[0] == pytest.approx(1)
    # counts are added up over the corpus before they are divided
    score, precisions, _ = bleu([[["a", "b"]], [["c"]]], [["a", "x"], ["c"]], 1)
    assert precisions == [2 / 3]
    assert score == pytest.approx(2 / 3)


def test_texts_are_scored_row_by_row_and_together() -> None:
    frame = pl.DataFrame({"t": ["abcd", "Ab", None, "xy"], "p": ["abed", "ab", "?", None]})
    found = TextScorer(actual="t", prediction="p").run(frame.lazy(), FakeContext(Path()))
    told = scores(found.scores)
    assert told["exact match"] == 0
    assert told["character error rate"] == pytest.approx((1 + 1 + 2) / 8)
    assert told["mean edit distance"] == pytest.approx(4 / 3)
    assert told["word error rate"] == 1
    assert told["rows"] == 3
    assert found.table["edit distance"].to_list() == [1, 1, None, 2]
    small = TextScorer(actual="t", prediction="p", lower=True).run(frame.lazy(), FakeContext(Path()))
    assert scores(small.scores)["exact match"] == pytest.approx(1 / 3)
    several = pl.DataFrame({"t": [["a cat sat here now", "the dog"]], "p": ["the dog"]})
    told = scores(TextScorer(actual="t", prediction="p").run(several.lazy(), FakeContext(Path())).scores)
    assert (told["exact match"], told["runs of 2 words right"], told["brevity penalty"]) == (1, 1, 1)
    assert words_in("It's 5 o'clock, well-known!") == ["It's", "5", "o'clock", ",", "well-known", "!"]


# -- answers -------------------------------------------------------------------------------------------------


def test_an_answer_counts_a_third_for_each_person_who_gave_it() -> None:
    given_ = ["yes"] * 4 + ["no"] * 2 + ["maybe"]
    assert answer_score("yes", given_) == 1
    assert answer_score("no", given_) == pytest.approx(2 / 3)
    assert answer_score("never", given_) == 0
    # leaving one out: 3 of 10 gave it, so 7 sets keep three of them, and 3 sets two
    ten = ["red"] * 3 + ["blue"] * 7
    assert answer_score("red", ten, leave_out=True) == pytest.approx((7 * 1 + 3 * 2 / 3) / 10)
    assert plain_answer("  The Cat's,  a DOG") == "cat s dog"


def test_answers_are_scored_beside_always_giving_the_commonest() -> None:
    frame = pl.DataFrame(
        {"a": ["yes|yes|yes|no", "no|no|Yes", None, "two|two|three"], "p": ["Yes!", "maybe", "yes", "two"]}
    )
    told = scores(AnswerScorer(answers="a", prediction="p").run(frame.lazy()))
    assert told["VQA score"] == pytest.approx((1 + 0 + 2 / 3) / 3)
    assert told["baseline: the commonest answer"] == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert told["best possible"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    listed = frame.with_columns(pl.col("a").str.split("|"))
    assert scores(AnswerScorer(answers="a", prediction="p").run(listed.lazy())) == told
    strict = scores(AnswerScorer(answers="a", prediction="p", plain=False).run(frame.lazy()))
    assert strict["VQA score"] == pytest.approx((0 + 0 + 2 / 3) / 3)
