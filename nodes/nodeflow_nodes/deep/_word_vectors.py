"""Vectors of words: from how often they come near each other, and from files of vectors learned elsewhere."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow_nodes.io._text_file import Readable

    Numbers = np.ndarray[Any, np.dtype[Any]]

_DENSE = 1_500  # words; a larger matrix is decomposed by its largest parts only
MOST_WORDS = 3_000_000
MOST_NUMBERS = 1 << 30


def near_counts(owners: Numbers, codes: Numbers, words: int, window: int) -> Any:
    """How often each word comes at most `window` words from each other one in the same text: a sparse matrix."""
    import numpy as np
    from scipy import sparse

    total = sparse.csr_array((words, words), dtype=np.float64)
    for apart in range(1, min(window, len(codes) - 1) + 1):
        together = owners[apart:] == owners[:-apart]
        one, two = codes[:-apart][together], codes[apart:][together]
        total = total + sparse.coo_array((np.ones(len(one)), (one, two)), shape=(words, words)).tocsr()
    return (total + total.T).tocsr()


def positive_information(counts: Any) -> Any:
    """The positive pointwise mutual information of each pair: log(p(a, b) / p(a) p(b)), where that is above 0."""
    import numpy as np

    pairs = counts.tocoo()
    shares = np.asarray(counts.sum(axis=1)).reshape(-1)
    information = np.log(pairs.data * shares.sum() / (shares[pairs.row] * shares[pairs.col]))
    pairs.data = np.maximum(information, 0.0)
    found = pairs.tocsr()
    found.eliminate_zeros()
    return found


def decomposed(matrix: Any, dimensions: int) -> Numbers:
    """Rows as vectors by the largest singular values, whose roots weigh them (Levy and Goldberg 2014).

    A direction could as well point the other way; its largest number is made positive, so that runs agree.
    """
    import numpy as np

    words = matrix.shape[0]
    if words <= _DENSE:
        left, values, _ = np.linalg.svd(matrix.toarray())
    else:
        from scipy.sparse.linalg import svds

        left, values, _ = svds(matrix, k=dimensions, v0=np.ones(words))
        order = np.argsort(-values)
        left, values = left[:, order], values[order]
    left, values = left[:, :dimensions], values[:dimensions]
    largest = np.take_along_axis(left, np.abs(left).argmax(axis=0)[None], axis=0)[0]
    return np.asarray(left * np.where(largest < 0, -1.0, 1.0) * np.sqrt(values))


def vectors_of_texts(frame: pl.DataFrame, column: str, settings: Any) -> tuple[list[str], Numbers]:
    """The commonest words of texts and their vectors; raises `NodeFailed` where there are too few."""
    from nodeflow.errors import NodeflowError
    from nodeflow.values.preparation import TextPreparation
    from nodeflow.values.text_tensors import all_numbers, vocabulary_of

    preparation = TextPreparation(columns=(column,), task="", lower=settings.lower, unknown=False)
    try:
        words = vocabulary_of(preparation, frame, settings.max_tokens, settings.min_count)
        known = TextPreparation(
            columns=(column,), task="", lower=settings.lower, unknown=True, vocabulary=words
        )
        owners, codes, _ = all_numbers(known, frame)
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None
    if len(words) < settings.dimensions:
        raise NodeFailed(
            f"{len(words):,} words come often enough, fewer than {settings.dimensions:,} dimensions; choose fewer, or give "
            "more texts"
        )
    # unknown words keep their place, so that others do not come nearer to each other
    counts = near_counts(owners, codes, len(words) + 2, settings.window)[2:, 2:]
    if not counts.nnz:
        raise NodeFailed("no two words come near each other; there is nothing to learn from")
    return list(words), decomposed(positive_information(counts), settings.dimensions)


def vectors_of_file(
    path: str, wanted: Collection[str] | None, lower: bool, context: Context
) -> tuple[list[str], Numbers]:
    """The words of a file of GloVe or word2vec (as text) and their vectors, those that are wanted if it is told.

    Raises:
        NodeFailed: it is another file, or holds too much.
    """
    import numpy as np

    from nodeflow_nodes.io._text_file import files_of, opened

    (file, *others) = files_of(path, ".txt")
    if others:
        raise NodeFailed(f"{path} stands for {len(others) + 1} files; name one")
    name = os.path.basename(file)
    words: dict[str, Any] = {}
    size = 0
    with opened(file) as lines:
        for number, raw in enumerate(_lines(lines, name), 1):
            if number % 10_000 == 0:
                context.progress(0.5, f"{number:,} lines")
            parts = raw.decode("utf-8", "replace").rstrip().split(" ")
            if number == 1 and len(parts) == 2 and all(one.isdigit() for one in parts):
                size = int(parts[1])  # the head of a word2vec file
                continue
            if not raw.strip():
                continue
            size = size or len(parts) - 1
            word = " ".join(parts[: len(parts) - size])
            word = word.lower() if lower else word
            if size < 2 or not word:
                raise _not_vectors(name, number, parts)
            if word in words or (wanted is not None and word not in wanted):
                continue
            try:
                vector = np.array(parts[len(parts) - size :], dtype=np.float32)
            except ValueError:
                raise _not_vectors(name, number, parts) from None
            if not np.isfinite(vector).all():
                raise _not_vectors(name, number, parts)
            words[word] = vector
            if len(words) > MOST_WORDS or len(words) * size > MOST_NUMBERS:
                raise NodeFailed(
                    f"{name} has more words than memory should hold; connect a vocabulary to take its words only"
                )
    if not words:
        raise NodeFailed(f"{name} has none of the words of the vocabulary" if wanted else f"{name} is empty")
    return list(words), np.stack(list(words.values()))


_LONGEST = 1 << 20


def _lines(file: Readable, name: str) -> Iterator[bytes]:
    """The lines of a file; raises `NodeFailed` for one that is too long to be a word and its numbers."""
    rest = b""
    while piece := file.read(_LONGEST):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST:
            raise NodeFailed(
                f"{name} has a line of more than {_LONGEST:,} bytes, so it holds no word vectors"
            )
    if rest:
        yield rest


def _not_vectors(name: str, number: int, parts: list[str]) -> NodeFailed:
    return NodeFailed(
        f'{name}, line {number:,} is no word with its numbers, but "{shorten(" ".join(parts), 60)}"; wanted is a file of '
        "GloVe, or of word2vec or fastText as text"
    )


def beginning(words: int, size: int, seed: int) -> Numbers:
    """Small random vectors for words that have none, that of the filler 0."""
    import numpy as np

    found = np.random.default_rng(seed).uniform(-0.05, 0.05, (words, size)).astype(np.float32)
    found[0] = 0
    return np.asarray(found)
