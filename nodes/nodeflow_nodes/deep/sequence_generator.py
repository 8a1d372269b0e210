"""Sequence Generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Seed, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow_nodes.deep._search import Chosen, NextChances

MOST_TEXTS = 10_000
"""Texts that go on at a time."""


class Generated(NamedTuple):
    """The texts, and each choice."""

    texts: pl.DataFrame
    choices: pl.DataFrame


class SequenceGenerator(Node):
    """Go on with texts, a character or word at a time, by a network that tells what comes next.

    The model is trained on tensors of a Text Tokenizer with the target next token. It sees as many of the last tokens
    as its samples had. Fillers and unknown tokens are never chosen.

    - by chance: the next token is drawn by its probability. A temperature below 1 makes likely tokens likelier, at 0
      always the likeliest is taken; above 1 rare ones come more often. "Choose among" leaves only the likeliest ones.
    - likeliest whole: a beam search for the continuation with the highest probability as a whole. It is the same
      each time, and often repeats itself.

    The same seed gives the same text. The probability told of a choice is that of the network, whatever the temperature.

    Inputs:
        model: A language model of a Deep Learner.
        table: Texts to go on from, a row each, instead of the start.
    Outputs:
        texts: For each text its start, the continuation, both together, and the bits each new token took by the
            network: the fewer, the less it surprised.
        choices: For each text (counted from 1) and step the token chosen and its probability.
    """

    category = "Deep Learning / Text"
    keywords = (
        "text generation", "language model", "char rnn", "sampling", "temperature", "top-k", "beam search", "write",
    )  # fmt: skip
    slots = ("gpu",)
    headline = "texts"

    start: str = parameter(default="The ", help="The text to go on from; one token at least.")
    column: Column | None = parameter(
        default=None,
        types=("text", "category"),
        help="The column with texts to go on from, if a table is connected.",
    )
    length: int = parameter(
        default=200, minimum=1, maximum=10_000, unit="tokens", help="How many tokens are added."
    )
    method: Literal["by chance", "likeliest whole"] = parameter(default="by chance", help="See above.")
    temperature: float = parameter(
        default=0.8, minimum=0.0, maximum=100.0, help="How bold choices are.", when={"method": "by chance"}
    )
    top_k: int = parameter(
        default=0, minimum=0, label="Choose among", unit="tokens", when={"method": "by chance"},
        help="How many of the likeliest tokens may come; 0 for all.",
    )  # fmt: skip
    beams: int = parameter(
        default=5, minimum=1, maximum=1_000, when={"method": "likeliest whole"},
        help="How many continuations are followed at a time; 1 takes the likeliest token each time.",
    )  # fmt: skip
    seed: Seed | None = parameter(
        default=None, help="Another seed draws another text.", when={"method": "by chance"}
    )

    def run(self, model: Model, context: Context, table: pl.LazyFrame | None = None) -> Generated:
        import polars as pl

        from nodeflow_nodes.deep import _language as language
        from nodeflow_nodes.deep._training import trained_network

        preparation = language.preparation_of(model)
        texts = self._starts(table)
        starts = language.checked_starts(preparation, texts, context)
        never = (0, 1) if preparation.unknown else (0,)
        chances = language.next_chances(model, starts, context, never=never)
        found = self._found(chances, len(texts), context)
        names = trained_network(model).classes or ()
        rows, choices = [], []
        for number, (text, one) in enumerate(zip(texts, found, strict=True), 1):
            tokens = [str(names[token]) for token in one.tokens]
            more = language.written(tokens, preparation.level)
            bits = -one.log_probability / len(tokens) / _NATS
            rows.append((text, more, language.joined(text, more, preparation.level), bits))
            choices += [
                (number, step, token, chance)
                for step, (token, chance) in enumerate(zip(tokens, one.chances, strict=True), 1)
            ]
        return Generated(
            pl.DataFrame(rows, schema=_texts(), orient="row"),
            pl.DataFrame(choices, schema=_choices(), orient="row"),
        )

    def _starts(self, table: pl.LazyFrame | None) -> list[str]:
        import polars as pl
        import polars.selectors as cs

        if table is None:
            return [self.start]
        if self.column is None:
            raise NodeFailed(_NO_COLUMN)
        column = (
            table.select(cs.by_name(str(self.column))).collect(engine="streaming").to_series().cast(pl.String)
        )
        if column.null_count():
            raise NodeFailed(
                f"{column.null_count():,} texts to go on from are missing; leave these rows out before"
            )
        if not 0 < len(column) <= MOST_TEXTS:
            raise NodeFailed(f"there are {len(column):,} texts to go on from; give from 1 to {MOST_TEXTS:,}")
        return column.to_list()

    def _found(self, chances: NextChances, samples: int, context: Context) -> list[Chosen]:
        import numpy as np

        from nodeflow_nodes.deep._language import told_steps
        from nodeflow_nodes.deep._search import draw, search

        step = told_steps(context, self.length)
        if self.method == "likeliest whole":
            return [one[0] for one in search(chances, samples, self.length, width=self.beams, step=step)]
        random = np.random.Generator(np.random.PCG64(int(self.seed or 0)))
        return draw(
            chances, samples, self.length, random, temperature=self.temperature, top_k=self.top_k, step=step
        )

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        from nodeflow_nodes.deep._language import not_a_language_model

        faults = []
        model = inputs.get("model")
        sentence = None if model is None else not_a_language_model(model)
        if sentence is not None:
            faults.append(Fault("", sentence))
        if inputs.get("table") is not None and self.column is None:
            faults.append(Fault("column", _NO_COLUMN))
        return faults

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec]:
        return {"texts": TableSpec(_texts()), "choices": TableSpec(_choices())}

    def summary(self) -> str:
        how = f"temperature {self.temperature:g}" if self.method == "by chance" else f"{self.beams} beams"
        return f"{self.length:,} tokens, {how}"


_NATS = 0.6931471805599453  # in a bit
_NO_COLUMN = "choose the column of the table with the texts to go on from"


def _texts() -> dict[str, pl.DataType]:
    import polars as pl

    return {
        "start": pl.String(),
        "continuation": pl.String(),
        "text": pl.String(),
        "bits a token": pl.Float64(),
    }


def _choices() -> dict[str, pl.DataType]:
    import polars as pl

    return {"text": pl.Int64(), "step": pl.Int64(), "token": pl.String(), "probability": pl.Float64()}
