"""Text Tokenizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow_nodes.deep._making import schema_of
from nodeflow_nodes.deep._targets import (
    classes_before_running,
    is_classification,
    like_faults,
    made,
    target_spec,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import TextPreparation
    from nodeflow.values.specs import Spec
    from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec


class Tokenized(NamedTuple):
    """The texts as numbers, and what the numbers mean."""

    tensors: Tensors
    vocabulary: pl.DataFrame


class TextTokenizer(Node):
    """Turn texts into the numbers of their words or characters, all of one length, for a network with an embedding.

    The vocabulary holds the commonest tokens of this table: 0 fills up short texts, 1 stands for any token it lacks
    (unless these are left out), the others are numbered from the commonest on. For texts to validate or test with
    connect the tensors to learn from to the input `like`: their vocabulary, length and classes are taken over.

    A word is a run of letters and digits of any script, with apostrophes and hyphens inside. Texts that are missing
    are left out, which a warning counts; empty texts are all filler. Texts are filled up after their end, as fast
    recurrent layers need it, unless told otherwise.

    **The next token.** For a language model each text is cut into samples of `length` tokens, whose target `y` is the
    same text one token later; a last sample is filled up, and `weight` keeps the fillers from counting. Train the
    network template char_lm on it, and go on with texts by a Sequence Generator.

    Inputs:
        table: A row for each text.
        like: Tensors to learn from, whose vocabulary and classes are taken over.
    Outputs:
        tensors: The numbers `x`, the target `y` if there is one, and the `row` of the table.
        vocabulary: Each number with its token, and how often that comes in this table.
    """

    category = "Deep Learning / Text"
    keywords = (
        "TextVectorization",
        "words",
        "vocabulary",
        "embedding input",
        "pad_sequences",
        "integer encoding",
        "nlp",
    )

    text: Column = parameter(types=("text", "category"), help="The column with the texts.")
    target: Column | None = parameter(
        default=None, help="The column to predict, such as a label; empty for none."
    )
    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto",
        help="Predict a number or a class. auto: a number for columns of numbers.",
        advanced=True,
    )
    labels: Literal["integers", "one-hot"] = parameter(
        default="integers", label="Classes as", help="One whole number, or a number for each class."
    )
    next_token: bool = parameter(
        default=False,
        label="Target is the next token",
        help="Cut texts into samples whose target is the token after each: for a language model.",
    )
    level: Literal["word", "character"] = parameter(default="word", help="What a token is.")
    lower: bool = parameter(
        default=True, label="Small letters", help="Whether large and small letters are the same."
    )
    punctuation: bool = parameter(
        default=False, help="Whether marks such as ! and , are tokens of their own."
    )
    max_tokens: int = parameter(
        default=20_000,
        minimum=3,
        maximum=1_000_000,
        unit="tokens",
        help="The size of the vocabulary, filler included.",
    )
    min_count: int = parameter(
        default=1, minimum=1, label="Least count", help="Tokens that come less often are unknown."
    )
    length: int = parameter(
        default=200, minimum=1, maximum=100_000, unit="tokens", help="The length of each text."
    )
    pad: Literal["post", "pre"] = parameter(
        default="post", help="Whether short texts are filled up behind or before."
    )
    truncate: Literal["post", "pre"] = parameter(
        default="post", help="Whether long texts lose their end or start."
    )
    unknown: bool = parameter(
        default=True,
        label="Token for unknown ones",
        help="Whether unknown tokens become the number 1, or are left out.",
    )

    def check_parameters(self) -> list[Fault]:
        if self.text == self.target:
            return [Fault("target", "the target must be another column than the text")]
        if self.next_token and self.target is not None:
            return [Fault("next_token", "the next token is the target already; leave the column empty")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = schema_of(inputs)
        if schema is None:
            return ()
        if "like" in inputs:
            return like_faults(inputs["like"], schema, "text")
        if self.target is not None and self.target in schema:
            kind = family(schema[self.target])
            is_class = is_classification(self.task, kind)
            if kind not in (
                ("text", "category", "boolean", "integer") if is_class else ("integer", "float", "boolean")
            ):
                what = "classes" if is_class else "numbers"
                return [
                    Fault(
                        "target",
                        f'"{self.target[:80]}" (type {schema[self.target]}) has no {what}; choose another',
                    )
                ]
        return ()

    def _preparation(self, schema: Mapping[str, pl.DataType]) -> TextPreparation:
        from nodeflow.values.preparation import TextPreparation

        task: Any = "classification" if self.next_token else ""
        if self.target is not None:
            task = (
                "classification"
                if is_classification(self.task, family(schema[self.target]))
                else "regression"
            )
        return TextPreparation(
            columns=(str(self.text),),
            target=None if self.target is None else str(self.target),
            task=task,
            labels=self.labels,
            level=self.level,
            lower=self.lower,
            punctuation=self.punctuation,
            length=self.length,
            pad=self.pad,
            truncate=self.truncate,
            unknown=self.unknown,
            next_token=self.next_token,
        )

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        from nodeflow.values.specs import TableSpec
        from nodeflow.values.tensor_specs import ArraySpec

        schema = inputs["table"].columns
        words = TableSpec({"number": pl.Int64(), "token": pl.String(), "count": pl.Int64()})
        if "like" in inputs:
            told = inputs["like"].without_samples() if inputs["like"].preparation else None
            return {"tensors": told, "vocabulary": words}
        preparation = self._preparation(schema)
        x = ArraySpec((self.length,), "int32", ("time",))
        if self.next_token:
            return {"tensors": _stepwise(x, preparation), "vocabulary": words}
        return {
            "tensors": target_spec(preparation, x, classes_before_running(preparation, schema)),
            "vocabulary": words,
        }

    def run(self, table: pl.LazyFrame, context: Context, like: Tensors | None = None) -> Tokenized:
        import polars as pl
        import polars.selectors as cs

        from nodeflow.values.preparation import TextPreparation, read
        from nodeflow.values.text_tensors import token_counts

        def preparation() -> TextPreparation:
            return self._preparation(table.collect_schema())

        tensors = made(
            table, like, preparation, "none", context, most_tokens=self.max_tokens, least_count=self.min_count
        )
        known = read(tensors.preparation or {})
        assert isinstance(known, TextPreparation)
        frame = table.select(cs.by_name(known.columns[0])).collect(engine="streaming")
        counts = dict(token_counts(known, frame).rows())
        words = known.vocabulary or ()
        return Tokenized(
            tensors,
            pl.DataFrame(
                {
                    "number": range(known.first, known.first + len(words)),
                    "token": words,
                    "count": [counts.get(word, 0) for word in words],
                },
                schema={"number": pl.Int64(), "token": pl.String(), "count": pl.Int64()},
            ),
        )

    def summary(self) -> str:
        return f"{self.level}s of {self.text}, {self.length} long"[:80]


def _stepwise(x: ArraySpec, preparation: TextPreparation) -> TensorsSpec:
    """Tensors whose target has a token for each step of the input."""
    from nodeflow.values.preparation import plain
    from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

    weight = ArraySpec(x.shape, "float32", x.axes)
    arrays = {"x": x, "y": x, "weight": weight, "row": ArraySpec((), "int64")}
    return TensorsSpec(arrays, targets=("y",), task="classification", preparation=plain(preparation))
