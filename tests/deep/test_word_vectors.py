"""Words get vectors from texts and files, and an embedding begins with them."""

from __future__ import annotations

import gzip
import importlib
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep._word_vectors import decomposed, near_counts, positive_information
from nodeflow_nodes.deep.embedding_weights import EmbeddingWeights
from nodeflow_nodes.deep.word_vectors import WordVectors
from scipy import sparse

from nodeflow.errors import NodeflowError
from nodeflow.networks import Structure
from nodeflow.values.network import Network, NetworkSpec
from nodeflow.values.specs import TableSpec

sys.path.append(str(Path(__file__).parent))
Listening: Any = importlib.import_module("training_cases").Listening


def test_words_near_each_other_in_a_text_are_counted_both_ways() -> None:
    owners, codes = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 2, 0])
    assert near_counts(owners, codes, 3, 1).toarray().tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert near_counts(owners, codes, 3, 5).toarray().tolist() == [[0, 1, 2], [1, 0, 1], [2, 1, 0]]


def test_information_is_how_much_more_often_than_by_chance() -> None:
    counts = sparse.csr_array(np.array([[0.0, 3, 1], [3, 0, 0], [1, 0, 0]]))
    found = positive_information(counts).toarray()
    assert found[0, 1] == pytest.approx(math.log(3 * 8 / (4 * 3)))
    assert found[0, 2] == pytest.approx(math.log(1 * 8 / (4 * 1)))
    assert found[1, 2] == 0


def test_all_parts_together_give_the_lengths_of_the_matrix_and_large_ones_are_cut() -> None:
    random = np.random.default_rng(0)
    half = random.random((12, 12))
    matrix = sparse.csr_array(half @ half.T)  # its vectors times themselves give it back
    whole = decomposed(matrix, 12)
    assert whole @ whole.T == pytest.approx(matrix.toarray())
    assert (np.take_along_axis(whole, np.abs(whole).argmax(axis=0)[None], axis=0) > 0).all()
    large = sparse.random_array((1_600, 1_600), density=0.01, rng=np.random.default_rng(1)).tocsr()
    large = (large + large.T).tocsr()
    assert np.linalg.norm(decomposed(large, 3), axis=0) ** 2 == pytest.approx(
        np.linalg.svd(large.toarray(), compute_uv=False)[:3], rel=1e-6
    )


def texts() -> pl.DataFrame:
    random = np.random.default_rng(3)
    animals, machines = ["cat", "dog"], ["car", "bus"]
    living, running = ["eats", "sleeps", "barks", "fur"], ["drives", "brakes", "wheel", "petrol"]
    rows = []
    for _ in range(300):
        kind, about = (animals, living) if random.random() < 0.5 else (machines, running)
        rows.append(f"The {random.choice(kind)} {' '.join(random.choice(about, 2))}")
    return pl.DataFrame({"t": rows})


def likeness(table: pl.DataFrame, one: str, two: str) -> float:
    first, second = (
        table.filter(pl.col("token") == word).drop("token").to_numpy()[0].astype("float64")
        for word in (one, two)
    )
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_words_used_alike_are_near_each_other() -> None:
    node = WordVectors(text="t", dimensions=4)
    found = node.run(Listening(), texts().lazy())
    assert node.spec({}).columns == found.schema
    assert found["token"][0] == "the"
    assert likeness(found, "cat", "dog") > 0.9
    assert likeness(found, "car", "bus") > 0.9
    assert likeness(found, "cat", "car") < 0.3
    assert found.equals(node.run(Listening(), texts().lazy()))
    with pytest.raises(NodeflowError, match="fewer than 100 dimensions"):
        WordVectors(text="t").run(Listening(), texts().lazy())


@pytest.mark.parametrize("head", ["", "3 2\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_files_of_glove_and_word2vec_are_read(head: str, packed: bool, tmp_path: Path) -> None:
    text = f"{head}The 1 -0.5\ncat 2e-1 3\nat home 4 5\n" if head else "The 1 -0.5\ncat 2e-1 3\nhome 4 5\n"
    path = tmp_path / ("a.vec.gz" if packed else "a.vec")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    last = "at home" if head else "home"
    found = WordVectors(source="file", path=str(path)).run(Listening())
    rounded = found.with_columns(pl.col("v1").round(3)).rows()
    assert [row[0] for row in rounded] == ["the", "cat", last]
    assert found["v2"].to_list() == [-0.5, 3, 5]
    words = pl.DataFrame({"number": [2], "token": ["cat"]}).lazy()
    few = WordVectors(source="file", path=str(path)).run(Listening(), vocabulary=words)
    assert few["token"].to_list() == ["cat"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the cat sat\n", 'line 1 is no word with its numbers, but "the cat sat"'),
        ("a 1 2\nb 1 x\n", "line 2 is no word"),
        ("a 1 2\nb 1\n", "line 2 is no word"),
        ("a 1 nan\n", "line 1 is no word"),
        ("x" * (3 << 20), "a line of more than"),
    ],
)
def test_another_file_holds_no_vectors(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(NodeflowError, match=words):
        WordVectors(source="file", path=str(tmp_path / "a.txt")).run(Listening())


VECTORS = pl.DataFrame({"token": ["cat", "dog", "owl"], "v1": [1.0, 2.0, 3.0], "v2": [-1.0, -2.0, -3.0]})
WORDS = pl.DataFrame({"number": [2, 3, 4], "token": ["dog", "cat", "elk"]})


def embedding(words: int = 6, size: int = 2) -> Network:
    structure = Structure.of_shape((4,), dtype="int32").then("embedding", input_dim=words, output_dim=size)
    return Network(structure.then("gru", units=2))


def test_an_embedding_begins_with_the_vectors_of_its_words() -> None:
    listening = Listening()
    node = EmbeddingWeights(frozen=True)
    inputs = {
        "network": NetworkSpec(embedding().structure),
        "vectors": TableSpec(VECTORS.schema),
        "vocabulary": TableSpec(WORDS.schema),
    }
    assert not node.check(inputs)
    made = node.run(embedding(), VECTORS.lazy(), WORDS.lazy(), listening)
    weights = made.weights["embedding/embeddings"]
    assert weights[2:4].tolist() == [[2, -2], [1, -1]]
    assert weights[0].tolist() == [0, 0]
    assert (np.abs(weights[[1, 4, 5]]) <= 0.05).all()
    assert (weights[[1, 4, 5]] != 0).all()
    assert listening.messages == ["1 of 3 words have no vector and begin with random numbers"]
    assert made.structure == node.spec(inputs).structure
    assert made.structure.parameter_counts()["embedding"] == (0, 12)


def test_what_does_not_fit_is_told_before_running_where_it_can_be() -> None:
    wide = {"network": NetworkSpec(embedding(size=3).structure), "vectors": TableSpec(VECTORS.schema)}
    assert EmbeddingWeights().check(wide)[0].sentence == (
        "the vectors have 2 numbers, but the embedding gives 3; set its size to 2"
    )
    plain = Network(Structure.of_shape((4,)).then("dense", units=2))
    assert "no embedding" in EmbeddingWeights().check({"network": NetworkSpec(plain.structure)})[0].sentence
    with pytest.raises(NodeflowError, match="numbers up to 4, but the embedding takes those up to 3"):
        EmbeddingWeights().run(embedding(4), VECTORS.lazy(), WORDS.lazy(), Listening())
    with pytest.raises(NodeflowError, match="no word of the vocabulary has a vector"):
        EmbeddingWeights().run(
            embedding(), VECTORS.lazy(), WORDS.head(0).vstack(WORDS[2:]).lazy(), Listening()
        )
