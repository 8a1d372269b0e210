"""Language models: texts as numbers and back, and the probability of each token that may come next."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow_nodes.deep._training import apply, probabilities, trained_network

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.preparation import TextPreparation
    from nodeflow.values.specs import ModelSpec
    from nodeflow_nodes.deep._search import NextChances

    Numbers = np.ndarray[Any, np.dtype[Any]]

_BATCH = 256
_CLOSING = re.compile(r" (?=[.,;:!?)\]}…»”])|(?<=[(\[{«“]) ")


def not_a_language_model(spec: ModelSpec) -> str | None:
    """A sentence on a model that does not tell what follows in a text."""
    if spec.network is None:
        return f"the model of {spec.learner or 'this learner'} is no network; train a language model by a Deep Learner"
    return None


def preparation_of(model: Model) -> TextPreparation:
    """How a language model reads texts; raises `NodeFailed` for another model."""
    from nodeflow.values.preparation import TextPreparation, read

    trained = trained_network(model)
    known = None if trained.preparation is None else read(trained.preparation)
    if not isinstance(known, TextPreparation) or not known.next_token:
        raise NodeFailed(
            "the network does not tell what comes next in a text; train it on tensors of a Text Tokenizer with the target "
            "next token"
        )
    shape = trained.structure.shapes()[trained.structure.outputs[0]]
    if len(shape) != 2 or shape[-1] != len(trained.classes or ()):
        raise NodeFailed(
            "the network gives no probability of each token for each step; take the template char_lm"
        )
    return known


def numbers_of_texts(preparation: TextPreparation, texts: Sequence[str]) -> list[list[int]]:
    """The numbers of the tokens of each text, not cut and not filled up."""
    import polars as pl

    from nodeflow.values.text_tensors import all_numbers

    frame = pl.DataFrame({preparation.columns[0]: texts}, schema={preparation.columns[0]: pl.String})
    owners, codes, _ = all_numbers(preparation, frame)
    found: list[list[int]] = [[] for _ in texts]
    for owner, code in zip(owners.tolist(), codes.tolist(), strict=True):
        found[owner].append(code)
    return found


def written(tokens: Sequence[str], level: str) -> str:
    """Tokens as a text: words with blanks between, but not before a full stop and its like."""
    return "".join(tokens) if level == "character" else _CLOSING.sub("", " ".join(tokens))


def joined(start: str, more: str, level: str) -> str:
    """A text and how it goes on."""
    return start + more if level == "character" or not start else _CLOSING.sub("", f"{start.rstrip()} {more}")


def next_chances(
    model: Model, starts: Sequence[Sequence[int]], context: Context, *, never: Sequence[int] = ()
) -> NextChances:
    """The probabilities of the next token after each start and what was chosen since; some tokens never come.

    The network sees the last `length` tokens, as many as the samples had that it learned from.
    """
    import numpy as np

    trained = trained_network(model)
    length = preparation_of(model).length
    output = trained.structure.outputs[0]
    kept = [list(one)[-length:] for one in starts]

    def chances(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Numbers:
        x = np.zeros((len(samples), length), np.int32)
        lasts = np.zeros(len(samples), np.int64)
        for place, (sample, prefix) in enumerate(zip(samples, prefixes, strict=True)):
            tokens = [*kept[sample], *prefix][-length:]
            x[place, : len(tokens)] = tokens
            lasts[place] = len(tokens) - 1
        values = applied(model, {"x": x}, context)[output]
        return without(probabilities(trained, output, values[np.arange(len(samples)), lasts]), never)

    return chances


def applied(model: Model, arrays: dict[str, Numbers], context: Context) -> dict[str, Numbers]:
    """What a network gives for inputs whose number changes from step to step.

    They are filled up to a power of two, since each number of samples would be compiled anew.
    """
    import numpy as np

    from nodeflow.values.tensors import Tensors

    count = len(next(iter(arrays.values())))
    more = min(1 << (count - 1).bit_length(), -(-count // _BATCH) * _BATCH) - count
    filled = {
        name: np.concatenate([one, np.repeat(one[:1], more, axis=0)]) if more else one
        for name, one in arrays.items()
    }
    found = apply(model, Tensors(filled, inputs=tuple(filled)), quiet(context), batch_size=_BATCH)
    return {name: one[:count] for name, one in found.items()}


def without(rows: Numbers, never: Sequence[int]) -> Numbers:
    """Probabilities given that some tokens do not come."""
    import numpy as np

    rows[:, list(never)] = 0.0
    sums = rows.sum(axis=1, keepdims=True)
    if not (sums > 0).all():
        raise NodeFailed(
            "the network gives no token a probability; was its training cut short by numbers too large?"
        )
    return np.asarray(rows / sums)


class _Quiet:
    """A context whose progress is told by the search, and not by each batch of it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def progress(self, fraction: float, message: str = "", figures: Any = None) -> None:
        """Only look whether the run goes on."""
        self._context.check_cancelled()


def quiet(context: Context) -> Context:
    """The context for one of many short applications of a network."""
    return _Quiet(context)


def told_steps(context: Context, steps: int) -> Callable[[int], None]:
    """Tells progress at each step of a search."""

    def step(number: int) -> None:
        context.progress(number / max(steps, 1), f"token {number + 1:,} of {steps:,}")

    return step


def checked_starts(preparation: TextPreparation, texts: Sequence[str], context: Context) -> list[list[int]]:
    """The numbers of texts to go on from; each must have a token."""
    found = numbers_of_texts(preparation, texts)
    for text, numbers in zip(texts, found, strict=True):
        if not numbers:
            raise NodeFailed(
                f'the start "{shorten(text)}" has no {preparation.level} the network could go on from; give at least one'
            )
    unknown = sum(one == 1 for numbers in found for one in numbers) if preparation.unknown else 0
    if unknown:
        context.warn(f"{unknown:,} tokens of the starts are unknown to the network")
    return found
