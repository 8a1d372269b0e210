"""Word Vectors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, InputPath, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context


class WordVectors(Node):
    """Give words vectors, so that words used alike are near each other: learned from texts, or read from a file.

    From texts: the vectors are the largest parts of a matrix that tells for each pair of words how much more often they
    come near each other than by chance (positive pointwise mutual information, decomposed by singular values; Levy and
    Goldberg 2014). The same texts give the same vectors.

    From a file: vectors of GloVe, or of word2vec and fastText as text (.vec), with or without a first line of sizes. With
    a vocabulary of a Text Tokenizer or Tag Encoder connected only its words are read, which saves memory. A line that
    does not fit is told by its number.

    Give the vectors to the embedding of a network by Embedding Weights.

    Inputs:
        table: The texts to learn from, a row each.
        vocabulary: The words to read from a file, in a column called token.
    Outputs:
        table: For each word its token and the numbers of its vector, v1, v2 and on; the commonest word first, or in
            the order of the file.
    """

    category = "Deep Learning / Text"
    keywords = (
        "glove",
        "word2vec",
        "fasttext",
        "embeddings",
        "ppmi",
        "svd",
        "word embedding",
        "distributional semantics",
    )
    headline = "table"

    source: Literal["texts", "file"] = parameter(
        default="texts", help="Learned from texts, or read from a file."
    )
    text: Column | None = parameter(
        default=None,
        types=("text", "category"),
        help="The column with the texts.",
        port="table",
        when={"source": "texts"},
    )
    path: InputPath | None = parameter(
        default=None,
        help="The file.",
        suffixes=(".txt", ".vec", ".txt.gz", ".vec.gz"),
        when={"source": "file"},
    )
    dimensions: int = parameter(
        default=100, minimum=1, maximum=2_000, help="How many numbers a vector has.", when={"source": "texts"}
    )
    window: int = parameter(
        default=5, minimum=1, maximum=100, unit="words", when={"source": "texts"},
        help="How far apart words count as near each other.",
    )  # fmt: skip
    min_count: int = parameter(
        default=2, minimum=1, label="Least count", when={"source": "texts"},
        help="Words that come less often have no vector.",
    )  # fmt: skip
    max_tokens: int = parameter(
        default=20_000, minimum=3, maximum=100_000, unit="words", advanced=True, when={"source": "texts"},
        help="At most so many words, the commonest.",
    )  # fmt: skip
    lower: bool = parameter(
        default=True, label="Small letters", help="Whether large and small letters are the same."
    )

    def run(
        self, context: Context, table: pl.LazyFrame | None = None, vocabulary: pl.LazyFrame | None = None
    ) -> pl.DataFrame:
        import polars as pl
        import polars.selectors as cs

        from nodeflow_nodes.deep._word_vectors import vectors_of_file, vectors_of_texts

        wanted: set[str] | None = None
        if vocabulary is not None:
            wanted = set(
                vocabulary.select(pl.col("token").cast(pl.String)).collect().to_series().drop_nulls()
            )
        if self.source == "file":
            if self.path is None:
                raise NodeFailed(_NO_FILE)
            words, vectors = vectors_of_file(self.path, wanted, self.lower, context)
        else:
            if table is None or self.text is None:
                raise NodeFailed(_NO_TEXTS)
            frame = table.select(cs.by_name(str(self.text))).collect(engine="streaming")
            words, vectors = vectors_of_texts(frame, str(self.text), self)
        numbers = {
            f"v{place}": pl.Series(vectors[:, place - 1], dtype=pl.Float32)
            for place in range(1, vectors.shape[1] + 1)
        }
        found = pl.DataFrame({"token": words, **numbers})
        if self.source == "texts" and wanted is not None:
            found = found.filter(pl.col("token").is_in(list(wanted)))
        return found

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        vocabulary = inputs.get("vocabulary")
        if vocabulary is not None and str(vocabulary.columns.get("token")) != "String":
            return [
                Fault(
                    "", 'the vocabulary has no column "token"; take that of a Text Tokenizer or Tag Encoder'
                )
            ]
        return ()

    def check_parameters(self) -> list[Fault]:
        if self.source == "file":
            return [Fault("path", _NO_FILE)] if self.path is None else []
        return [Fault("text", _NO_TEXTS)] if self.text is None else []

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import polars as pl

        if self.source == "file":
            return None  # the size of vectors stands in the file
        numbers = {f"v{place}": pl.Float32() for place in range(1, self.dimensions + 1)}
        return TableSpec({"token": pl.String(), **numbers})

    def summary(self) -> str:
        if self.source == "file":
            return os.path.basename(self.path or "")[:80]
        return f"{self.dimensions} numbers of {self.text}"[:80]


_NO_FILE = "choose the file of vectors"
_NO_TEXTS = "connect a table and choose its column of texts, or take the vectors of a file"
