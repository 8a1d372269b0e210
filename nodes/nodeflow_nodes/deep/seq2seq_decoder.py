"""Seq2Seq Decoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.preparation import PairsPreparation
    from nodeflow.values.tensors import Tensors
    from nodeflow_nodes.deep._search import NextChances

    Numbers = np.ndarray[Any, np.dtype[Any]]

ONE_OF_THEM = "connect a table or tensors, one of them"


class Seq2SeqDecoder(Node):
    """Write the texts that a trained network tells to texts it reads, such as translations.

    A text is written token by token: the network sees what was written so far. greedy takes the likeliest token each
    time; beam follows several texts at a time, and gives the likeliest whole one it finds, which often is another. Long
    texts are less likely than short ones; log probabilities can be divided by the length (to a power) to make up for it.

    Inputs:
        model: A model of a Deep Learner, trained on tensors of Pairs to Tensors.
        table: The texts to read; those to write need not be there.
        tensors: The texts to read as tensors, instead of a table.
    Outputs:
        table: The table, or the row of each sample and its true text, with what is written and its log probability.
    """

    id = "seq2seq_decoder"
    name = "Seq2Seq Decoder"
    category = "Deep Learning / Text"
    keywords = (
        "translation",
        "sequence to sequence",
        "beam search",
        "greedy",
        "inference",
        "encoder decoder",
    )
    slots = ("gpu",)

    method: Literal["greedy", "beam"] = parameter(default="greedy", help="See above.")
    beams: int = parameter(
        default=5,
        minimum=1,
        maximum=1_000,
        help="How many texts are followed at a time.",
        when={"method": "beam"},
    )
    length_power: float = parameter(
        default=0.0, minimum=0.0, maximum=2.0, when={"method": "beam"}, advanced=True,
        help="Log probabilities are divided by the length to this power; 0 leaves them as they are.",
    )  # fmt: skip
    max_length: int | None = parameter(
        default=None, minimum=1, unit="tokens", help="The longest text; empty for what the network learned."
    )
    column: str = parameter(default="Prediction", help="The name of the new column.")

    def run(
        self, model: Model, table: pl.LazyFrame | None, tensors: Tensors | None, context: Context
    ) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.deep._beside import beside
        from nodeflow_nodes.deep._language import told_steps, written
        from nodeflow_nodes.deep._search import search
        from nodeflow_nodes.deep._training import prepared, trained_network

        if (table is None) == (tensors is None):
            raise NodeFailed(ONE_OF_THEM)
        trained, preparation = trained_network(model), writing_of(model)
        frame = None if table is None else table.collect(engine="streaming")
        data = tensors
        if frame is not None:
            data = prepared(trained, frame, context, with_targets=False)[0]
        assert data is not None
        if "x" not in data.arrays or data.arrays["x"].shape[1:] != (preparation.length,):
            raise NodeFailed(
                f'the tensors lack texts of {preparation.length:,} tokens, "x"; make them by Pairs to Tensors'
            )
        length = min(self.max_length or preparation.target_length, preparation.target_length)
        words: list[str] = []
        scores: list[float] = []
        for begin in range(0, data.samples, _AT_A_TIME):
            read = data.arrays["x"].to_numpy()[begin : begin + _AT_A_TIME]
            found = search(
                _chances(model, read, context),
                len(read),
                length,
                width=1 if self.method == "greedy" else self.beams,
                end=_END,
                length_power=0.0 if self.method == "greedy" else self.length_power,
                step=told_steps(context, length),
            )
            for one, *_ in found:
                words.append(written(_names(trained.classes, one.tokens), preparation.level))
                scores.append(one.log_probability)
        added = [
            pl.Series(self.column, words, dtype=pl.String),
            pl.Series("log probability", scores, dtype=pl.Float64),
        ]
        if frame is None and "y" in data.arrays:
            true = [
                written(_names(trained.classes, line[line > 0]), preparation.level)
                for line in data.arrays["y"].to_numpy()
            ]
            added.insert(0, pl.Series(model.spec.target or "target", true, dtype=pl.String))
        return beside(frame, data, added)

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check_parameters(self) -> list[Fault]:
        if not self.column or self.column == "log probability":
            return [Fault("column", "give the new column another name")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.network is None:
            return [
                Fault(
                    "", "the model is no network; train one by a Deep Learner on tensors of Pairs to Tensors"
                )
            ]
        if inputs.get("table") is not None and inputs.get("tensors") is not None:
            return [Fault("", ONE_OF_THEM)]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import polars as pl

        from nodeflow.values.specs import TableSpec

        table = inputs.get("table")
        if table is None:
            return None
        return TableSpec({**table.columns, self.column: pl.String(), "log probability": pl.Float64()})

    def summary(self) -> str:
        return "greedy" if self.method == "greedy" else f"{self.beams} beams"


_AT_A_TIME = 256
_START, _END = 2, 3


def writing_of(model: Model) -> PairsPreparation:
    """How a network that writes texts reads them; raises `NodeFailed` for another network."""
    from nodeflow.values.preparation import PairsPreparation, read
    from nodeflow_nodes.deep._training import trained_network

    trained = trained_network(model)
    known = None if trained.preparation is None else read(trained.preparation)
    if not isinstance(known, PairsPreparation) or set(trained.inputs) != {"x", "written"}:
        raise NodeFailed("the network does not write texts; train it on tensors of Pairs to Tensors")
    shape = trained.structure.shapes()[trained.structure.outputs[0]]
    if len(shape) != 2 or shape[-1] != len(trained.classes or ()):
        raise NodeFailed(
            "the network gives no probability of each token for each step; take the template seq2seq"
        )
    return known


def _names(classes: Sequence[Any] | None, tokens: Sequence[int]) -> list[str]:
    return [str((classes or ())[token]) for token in tokens if token not in (0, _START, _END)]


def _chances(model: Model, read: Numbers, context: Context) -> NextChances:
    """The probabilities of the next token that is written to each text."""
    import numpy as np

    from nodeflow_nodes.deep._language import applied, without
    from nodeflow_nodes.deep._training import probabilities, trained_network

    trained = trained_network(model)
    output, length = trained.structure.outputs[0], writing_of(model).target_length

    def chances(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Numbers:
        lines = np.zeros((len(samples), length), np.int32)
        for line, prefix in zip(lines, prefixes, strict=True):
            line[: len(prefix) + 1] = (_START, *prefix)
        at = np.array([len(one) for one in prefixes])
        values = applied(model, {"x": read[list(samples)], "written": lines}, context)[output]
        # a filler, an unknown token or a start is never written
        return without(probabilities(trained, output, values[np.arange(len(samples)), at]), (0, 1, _START))

    return chances
