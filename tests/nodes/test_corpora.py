"""Collections of texts and music are read as they come, and other files are told apart."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import FakeContext
from nodeflow_nodes.io.chorale_reader import ChoraleReader
from nodeflow_nodes.io.conll_reader import ConllReader
from nodeflow_nodes.io.labelled_texts_reader import LabelledTextsReader
from nodeflow_nodes.io.text_pairs_reader import TextPairsReader

from nodeflow.errors import NodeflowError

CONLL = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O

Peter NNP B-NP B-PER


-DOCSTART- -X- -X- O

BRUSSELS NNP B-NP B-LOC
"""


def written(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_words_of_conll_2003_come_with_sentence_and_document(tmp_path: Path) -> None:
    found = ConllReader(path=written(tmp_path / "a.txt", CONLL)).run()
    assert found.columns == ["document", "sentence", "word", "pos", "chunk", "tag"]
    assert found.select("document", "sentence", "word", "tag").rows() == [
        (1, 1, "EU", "B-ORG"), (1, 1, "rejects", "O"), (1, 2, "Peter", "B-PER"), (2, 3, "BRUSSELS", "B-LOC"),
    ]  # fmt: skip


def test_two_columns_and_several_files_are_read_on(tmp_path: Path) -> None:
    written(tmp_path / "a.tsv", "Ann\tB\nsaw\tO\n")
    written(tmp_path / "b.tsv", "\nBob\tB\n")
    found = ConllReader(path=str(tmp_path / "*.tsv")).run()
    assert found.rows() == [(1, 1, "Ann", "B"), (1, 1, "saw", "O"), (2, 2, "Bob", "B")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann B\nsaw\n", 'a.txt, line 2 is not a word with 2 columns, but "saw"'),
        ("A whole sentence.\nAnd another one here.\n", "line 2 is not a word with 3 columns"),
        ("word\n", "line 1 is not a word and its tags"),
        ("\n\n", "has no word"),
    ],
)
def test_another_file_is_no_conll(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(NodeflowError, match=words):
        ConllReader(path=written(tmp_path / "a.txt", text)).run()


def test_pairs_have_a_tab_between_and_quotes_mean_nothing(tmp_path: Path) -> None:
    text = 'Go.\tGeh.\tCC-BY 2.0 #1\n\n"Hi\tHallo "du"\n'
    path = written(tmp_path / "deu.txt", text)
    assert TextPairsReader(path=path).run().rows() == [("Go.", "Geh."), ('"Hi', 'Hallo "du"')]
    node = TextPairsReader(path=path, first="de", second="en", turned=True, attribution=True, most=1)
    assert node.run().to_dicts() == [{"de": "Geh.", "en": "Go.", "attribution": "CC-BY 2.0 #1"}]
    assert node.spec({}).columns == node.run().schema
    packed = tmp_path / "deu.txt.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert TextPairsReader(path=str(packed)).run().height == 2
    with pytest.raises(NodeflowError, match="line 2 is not two texts with a tab"):
        TextPairsReader(path=written(tmp_path / "b.txt", "a\tb\nplain")).run()


def read(kind: str, path: Any, **more: Any) -> pl.DataFrame:
    node = LabelledTextsReader(kind=kind, path=str(path), **more)
    found = node.run(FakeContext(Path()))
    assert node.spec({}).columns == found.schema
    return found


def test_reviews_come_with_part_label_and_rating(tmp_path: Path) -> None:
    for part, label, name, text in (
        ("train", "pos", "10_9.txt", "Good. <br /> Really."),
        ("train", "pos", "2_7.txt", "Fine"),
        ("train", "neg", "0_1.txt", "Bad é"),
        ("train", "unsup", "0_0.txt", "?"),
        ("test", "pos", "0_10.txt", ""),
    ):
        written(tmp_path / part / label / name, text)
    written(tmp_path / "train" / "labeledBow.feat", "1 2:3")
    pattern = tmp_path / "*" / "*" / "*.txt"
    assert read("IMDB", pattern).rows() == [
        ("test", "pos", 10, ""),
        ("train", "neg", 1, "Bad é"),
        ("train", "pos", 9, "Good.\nReally."),
        ("train", "pos", 7, "Fine"),
    ]
    assert read("IMDB", pattern, most=1).height == 3
    with pytest.raises(NodeflowError, match="one folder only"):
        read("IMDB", tmp_path / "*" / "pos" / "*.txt")


def test_spam_is_a_label_and_a_text(tmp_path: Path) -> None:
    path = written(tmp_path / "SMSSpamCollection", 'ham\tOk lar... "joking"\nspam\tFree\tentry\n')
    assert read("SMS spam", path).rows() == [
        (None, "ham", None, 'Ok lar... "joking"'), (None, "spam", None, "Free\tentry"),
    ]  # fmt: skip
    with pytest.raises(NodeflowError, match="line 1 is not a label, a tab and a text"):
        read("SMS spam", written(tmp_path / "b", "hello"))


def test_chorales_become_a_piano_roll(tmp_path: Path) -> None:
    music = {"test": [[[60]]], "train": [[[60, 64], [], [64, 60, 64]]], "valid": [[62, -1]]}
    path = written(tmp_path / "jsb.json", json.dumps(music))
    node = ChoraleReader(path=path, lowest=60, highest=64)
    found = node.run()
    assert found.rows() == [
        ("train", 1, 1, 1, 0, 0, 0, 1),
        ("train", 1, 2, 0, 0, 0, 0, 0),
        ("train", 1, 3, 1, 0, 0, 0, 1),
        ("valid", 2, 1, 0, 0, 1, 0, 0),
        ("valid", 2, 2, 0, 0, 0, 0, 0),
        ("test", 3, 1, 1, 0, 0, 0, 0),
    ]
    assert node.spec({}).columns == found.schema
    lists = ChoraleReader(path=path, form="lists")
    assert lists.run()["notes"].to_list() == [[60, 64], [], [60, 64], [62], [], [60]]
    assert lists.spec({}).columns == lists.run().schema
    with pytest.raises(NodeflowError, match="the note 60 is not from 61"):
        ChoraleReader(path=path, lowest=61, highest=64).run()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1}', "holds no chorales"),
        ("[[60]]", "holds no chorales"),
        ("no json", "holds no chorales"),
        ('{"songs": [[[60]]]}', 'a part "songs"'),
        ('{"train": []}', "has no note"),
        ('{"train": [[[200]]]}', "the note 200"),
    ],
)
def test_another_file_is_no_music(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(NodeflowError, match=words):
        ChoraleReader(path=written(tmp_path / "a.json", text)).run()
