"""Pairs to Tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.deep._making import schema_of
from nodeflow_nodes.deep._targets import like_faults, made

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import PairsPreparation
    from nodeflow.values.specs import Spec


class PairsToTensors(Node):
    """Turn pairs of texts, such as sentences and their translations, into tensors for a network that writes texts.

    The network reads the first text, `x`, and what was written so far, `written`, and tells the next token of the second
    text, `y`, at each step (teacher forcing): the network template seq2seq is made for it, and a Seq2Seq Decoder writes
    with it. Each text has a vocabulary of its own, learned from this table. In the second text 0 fills up, 1 is any unknown
    token, 2 begins and 3 ends it; fillers weigh nothing.

    Rows in which a text is missing are left out, and texts that are too long lose their end; both are told. For pairs to
    validate or test with connect the tensors to learn from to the input `like`.

    Inputs:
        table: A row for each pair.
        like: Tensors to learn from, whose vocabularies and lengths are taken over.
    Outputs:
        tensors: The numbers `x`, `written`, `y`, the `weight` of each step, and the `row` of the table.
    """

    name = "Pairs to Tensors"
    category = "Deep Learning / Text"
    keywords = (
        "seq2seq",
        "translation",
        "teacher forcing",
        "encoder decoder",
        "sequence to sequence",
        "parallel corpus",
    )
    text: Column = parameter(types=("text", "category"), help="The column with the texts to read.")
    target: Column = parameter(types=("text", "category"), help="The column with the texts to write.")
    level: Literal["word", "character"] = parameter(default="word", help="What a token is.")
    lower: bool = parameter(
        default=True, label="Small letters", help="Whether large and small letters are the same."
    )
    punctuation: bool = parameter(default=True, help="Whether marks such as ! and , are tokens of their own.")
    length: int = parameter(
        default=50, minimum=1, maximum=100_000, unit="tokens", help="The length of the texts to read."
    )
    target_length: int = parameter(
        default=50,
        minimum=1,
        maximum=100_000,
        unit="tokens",
        help="The length of the texts to write, with their end.",
    )
    max_tokens: int = parameter(
        default=20_000,
        minimum=3,
        maximum=1_000_000,
        unit="tokens",
        help="The size of each vocabulary, filler included.",
    )
    min_count: int = parameter(
        default=1, minimum=1, label="Least count", help="Tokens that come less often are unknown."
    )

    def check_parameters(self) -> list[Fault]:
        if self.text == self.target:
            return [Fault("target", "the texts to write must be in another column than those to read")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = schema_of(inputs)
        if schema is None or "like" not in inputs:
            return ()
        return like_faults(inputs["like"], schema, "pairs")

    def _preparation(self) -> PairsPreparation:
        from nodeflow.values.preparation import PairsPreparation

        return PairsPreparation(
            columns=(str(self.text),),
            target=str(self.target),
            level=self.level,
            lower=self.lower,
            punctuation=self.punctuation,
            length=self.length,
            target_length=self.target_length,
        )

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from nodeflow.values.preparation import plain
        from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

        if "like" in inputs:
            return inputs["like"].without_samples() if inputs["like"].preparation else None
        read, written = (ArraySpec((one,), "int32", ("time",)) for one in (self.length, self.target_length))
        weight = ArraySpec(written.shape, "float32", ("time",))
        arrays = {
            "x": read,
            "written": written,
            "y": written,
            "weight": weight,
            "row": ArraySpec((), "int64"),
        }
        return TensorsSpec(
            arrays, ("x", "written"), ("y",), "classification", preparation=plain(self._preparation())
        )

    def run(self, table: pl.LazyFrame, context: Context, like: Tensors | None = None) -> Tensors:
        return made(
            table,
            like,
            self._preparation,
            "none",
            context,
            most_tokens=self.max_tokens,
            least_count=self.min_count,
        )

    def summary(self) -> str:
        return f"{self.text} to {self.target}"[:80]
