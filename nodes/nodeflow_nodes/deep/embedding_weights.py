"""Embedding Weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, family, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Network


class EmbeddingWeights(Node):
    """Let the embedding of a network begin with the vectors of words, as of Word Vectors, instead of random ones.

    The vocabulary tells which number is which word. Words without a vector begin with small random numbers, the filler
    with 0; a warning tells how many there are. The size of the embedding must be that of the vectors. A frozen embedding
    keeps them in training.

    Inputs:
        network: A network with an Embedding layer.
        vectors: For each word, in a column called token, the numbers of its vector in the other columns.
        vocabulary: Each number with its token, of a Text Tokenizer or Tag Encoder.
    Outputs:
        network: The network with these weights.
    """

    category = "Deep Learning / Text"
    keywords = ("pretrained embeddings", "glove", "word2vec", "initial weights", "transfer learning")

    layer: str = parameter(default="", help="The name of the embedding layer; empty if there is only one.")
    frozen: bool = parameter(default=False, help="Whether training leaves the vectors as they are.")
    scale: float = parameter(
        default=1.0, above=0.0, advanced=True, help="What the numbers of vectors are multiplied by."
    )
    seed: Seed | None = parameter(default=None, help="The seed of words without a vector.", advanced=True)

    def run(
        self, network: Network, vectors: pl.LazyFrame, vocabulary: pl.LazyFrame, context: Context
    ) -> Network:
        import numpy as np
        import polars as pl
        import polars.selectors as cs

        from nodeflow.values.network import Network
        from nodeflow_nodes.deep._word_vectors import beginning

        try:
            layer, structure = self._made(network.structure)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        rows, size = layer
        table = vectors.select(pl.col("token").cast(pl.String), cs.exclude("token")).collect(
            engine="streaming"
        )
        if table.width - 1 != size:
            raise NodeFailed(_sizes(table.width - 1, size))
        known = (
            vocabulary.select(pl.col("number").cast(pl.Int64), pl.col("token").cast(pl.String))
            .collect()
            .drop_nulls()
        )
        at = known["number"].to_numpy()
        if not known.height or at.min() < 0 or at.max() >= rows:
            most = int(at.max()) if known.height else 0
            raise NodeFailed(
                f"the vocabulary has numbers up to {most:,}, but the embedding takes those up to {rows - 1:,}; set its "
                f"number of different values to {most + 1:,} or more"
            )
        numbers = table.drop("token").cast(pl.Float32).to_numpy() * self.scale
        if not np.isfinite(numbers).all():
            raise NodeFailed("some vectors hold missing or infinite numbers; leave these words out before")
        places = {word: place for place, word in enumerate(table["token"].to_list())}
        found = beginning(rows, size, int(self.seed or 0))
        missing = 0
        for number, token in known.iter_rows():
            place = places.get(token)
            if place is None:
                missing += 1
            else:
                found[number] = numbers[place]
        if missing == known.height:
            raise NodeFailed(
                "no word of the vocabulary has a vector; are letters small in one and large in the other?"
            )
        if missing:
            context.warn(
                f"{missing:,} of {known.height:,} words have no vector and begin with random numbers"
            )
        name = f"{self._layer_of(structure)}/embeddings"
        return Network(structure, {**network.weights, name: found})

    def _layer_of(self, structure: Structure) -> str:
        """The name of the embedding; raises `NetworkError` where it is not clear."""
        names = [one.id for one in structure.layers if one.kind == "embedding"]
        if self.layer:
            if self.layer not in names:
                told = f"the embeddings are {', '.join(names)}" if names else "there is no embedding"
                raise NetworkError(f'no embedding is called "{self.layer[:80]}"; {told}')
            return self.layer
        if len(names) != 1:
            told = (
                f"the network has {len(names)} embeddings ({', '.join(names)}); say which" if names else _NONE
            )
            raise NetworkError(told)
        return names[0]

    def _made(self, structure: Structure) -> tuple[tuple[int, int], Structure]:
        """How many words and numbers the embedding has, and the structure, frozen if that is wanted."""
        from nodeflow.networks.editing import frozen

        name = self._layer_of(structure)
        config = next(one.config for one in structure.layers if one.id == name)
        made = frozen(structure, [name], trainable=False) if self.frozen else structure
        return (int(config["input_dim"]), int(config["output_dim"])), made

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        for port, wanted in (("vectors", ["token"]), ("vocabulary", ["number", "token"])):
            table = inputs.get(port)
            lacking = [name for name in wanted if table is not None and name not in table.columns]
            if lacking:
                return [Fault("", f'the input {port} has no column "{lacking[0]}"')]
        if "vectors" in inputs:
            columns = inputs["vectors"].columns
            wrong = [
                n for n, kind in columns.items() if n != "token" and family(kind) not in ("integer", "float")
            ]
            if wrong:
                return [
                    Fault("", f'the column "{wrong[0][:80]}" of the vectors has no numbers; leave it out')
                ]
        if "network" not in inputs:
            return ()
        try:
            (_, size), _ = self._made(inputs["network"].structure)
        except NetworkError as error:
            return [Fault("layer", str(error))]
        if "vectors" in inputs and len(inputs["vectors"].columns) - 1 != size:
            return [Fault("layer", _sizes(len(inputs["vectors"].columns) - 1, size))]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(self._made(inputs["network"].structure)[1])

    def summary(self) -> str:
        return f"{self.layer or 'the embedding'}{', frozen' if self.frozen else ''}"[:80]


_NONE = "the network has no embedding; put an Embedding layer first"


def _sizes(vectors: int, embedding: int) -> str:
    return f"the vectors have {vectors:,} numbers, but the embedding gives {embedding:,}; set its size to {vectors:,}"
