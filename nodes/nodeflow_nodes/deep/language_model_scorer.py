"""Language Model Scorer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors

    Numbers = np.ndarray[Any, np.dtype[Any]]


class LanguageModelScorer(Node):
    """Score how well a network tells the next token, in bits a token (a character, if tokens are characters).

    It is the mean of -log2 of the probability that the network gave to what came; perplexity is 2 to the power of it.
    Beside it stand what costs nothing to learn: all tokens alike; how often each comes in the texts learned from
    (unigrams); and how often it follows on the one before (bigrams, mixed with unigrams by a share that depends
    on how often the one before was seen, after Witten and Bell). A network that is not below the bigrams has learned
    little.

    Inputs:
        model: A language model of a Deep Learner.
        test: Tensors of texts that were not learned from.
        train: The tensors learned from, to count in.
    Outputs:
        table: For the network and each baseline the bits a token and the perplexity.
    """

    category = "Deep Learning / Score"
    keywords = ("bits per character", "bpc", "perplexity", "cross-entropy", "n-gram", "unigram", "bigram")
    slots = ("gpu",)
    headline = "table"

    batch_size: int = parameter(
        default=0, minimum=0, unit="samples", help="Samples at a time; 0 chooses.", advanced=True
    )

    def run(
        self, model: Model, test: Tensors, context: Context, train: Tensors | None = None
    ) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        from nodeflow_nodes.deep._language import preparation_of
        from nodeflow_nodes.deep._training import apply, probabilities, trained_network

        preparation_of(model)
        trained = trained_network(model)
        output, kinds = trained.structure.outputs[0], len(trained.classes or ())
        before, after, weight = _steps(test)
        bits, step = 0.0, self.batch_size or 256
        for begin in range(0, test.samples, step):
            places = np.arange(begin, min(begin + step, test.samples))
            values = apply(model, test.chosen(places), context, batch_size=step)[output]
            given = np.take_along_axis(
                probabilities(trained, output, values), after[places][..., None].astype("int64"), axis=-1
            )[..., 0]
            bits -= float((np.log2(np.maximum(given, _LEAST)) * weight[places]).sum())
        count = float(weight.sum())
        rows = [("network", bits / count), ("all tokens alike", math.log2(kinds))]
        if train is not None:
            known_before, known = _counted(*_steps(train))
            asked_before, asked = _counted(before, after, weight)
            rows += [
                ("unigrams", -float(np.log2(unigrams(known, kinds)[asked]).mean())),
                ("bigrams", -float(np.log2(bigrams(known_before, known, kinds, asked_before, asked)).mean())),
            ]
        return pl.DataFrame(
            [(name, one, 2.0**one, int(count)) for name, one in rows], schema=_schema(), orient="row"
        )

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        from nodeflow_nodes.deep._language import not_a_language_model

        model = inputs.get("model")
        sentence = None if model is None else not_a_language_model(model)
        return [] if sentence is None else [Fault("", sentence)]

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_schema())


_LEAST = 1e-12


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    return {
        "model": pl.String(),
        "bits a token": pl.Float64(),
        "perplexity": pl.Float64(),
        "tokens": pl.Int64(),
    }


def _steps(tensors: Tensors) -> tuple[Numbers, Numbers, Numbers]:
    """The tokens, those that follow on them, and which count."""
    import numpy as np

    missing = [name for name in ("x", "y") if name not in tensors.arrays]
    if missing or len(tensors.arrays["y"].shape) != 2 or not tensors.samples:
        raise NodeFailed(
            "these tensors tell no next tokens; make them by a Text Tokenizer with the target next token"
        )
    before, after = (tensors.arrays[name].to_numpy() for name in ("x", "y"))
    weight = tensors.arrays["weight"].to_numpy() if "weight" in tensors.arrays else np.ones(after.shape)
    return before, after, weight


def _counted(before: Numbers, after: Numbers, weight: Numbers) -> tuple[Numbers, Numbers]:
    """The steps that count, one after the other."""
    counts = weight.reshape(-1) > 0
    return before.reshape(-1)[counts], after.reshape(-1)[counts]


def unigrams(after: Numbers, kinds: int) -> Numbers:
    """The probability of each token by how often it came, each counted once more so that none is impossible."""
    import numpy as np

    counts = np.bincount(after, minlength=kinds) + 1.0
    return np.asarray(counts / counts.sum())


def bigrams(before: Numbers, after: Numbers, kinds: int, asked_before: Numbers, asked: Numbers) -> Numbers:
    """The probability of each asked token after the one before it, mixed with unigrams after Witten and Bell (1991)."""
    import numpy as np

    pairs, counts = np.unique(before.astype("int64") * kinds + after, return_counts=True)
    seen = np.bincount(before, minlength=kinds)
    followers = np.bincount(pairs // kinds, minlength=kinds)
    wanted = asked_before.astype("int64") * kinds + asked
    place = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    together = np.where(pairs[place] == wanted, counts[place], 0)
    new = followers[asked_before]
    single = unigrams(after, kinds)[asked]
    total = seen[asked_before] + new
    return np.asarray(np.where(total > 0, (together + new * single) / np.maximum(total, 1), single))
