"""Tag Encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow.values.specs import TableSpec
from nodeflow_nodes.deep._making import schema_of
from nodeflow_nodes.deep._targets import like_faults, made

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import TagsPreparation
    from nodeflow.values.specs import Spec


class Encoded(NamedTuple):
    """The sentences as numbers, and what the numbers mean."""

    tensors: Tensors
    vocabulary: pl.DataFrame
    labels: pl.DataFrame


class TagEncoder(Node):
    """Turn sentences of words with a tag each into tensors for a tagger, such as one that finds names.

    With a sentence column a row is a word, as a CoNLL Reader gives them, and words with the same value after one another
    are a sentence. Without it a row is a sentence: words and tags are lists, or texts with blanks between them.

    Words are numbered as by a Text Tokenizer: 0 fills up, 1 is any unknown word. Tags are taken as they are, in
    whatever scheme (BIO or another), and numbered in the order of their letters. Fillers, and words without a tag,
    have the weight 0, so that they count neither in training nor in scores. Sentences that are longer than a sample go
    on in the next one: no word is lost.

    For sentences to validate or test with connect the tensors to learn from to the input `like`. Words that were seen
    at least twice can be told from rare ones by the least count, so that the network learns what unknown words are like.

    Inputs:
        table: Words with their tags.
        like: Tensors to learn from, whose vocabulary and tags are taken over.
    Outputs:
        tensors: The words `x`, the tags `y`, the `weight` of each, and the `row` at which a sample begins.
        vocabulary: Each number with its word.
        labels: Each number with its tag.
    """

    category = "Deep Learning / Text"
    keywords = (
        "named entity recognition",
        "ner",
        "bio",
        "iob",
        "part of speech",
        "pos tagging",
        "sequence labelling",
    )

    words: Column = parameter(types=("text", "category", "list"), help="The column with the words.")
    tags: Column = parameter(types=("text", "category", "list"), help="The column with their tags.")
    sentence: Column | None = parameter(
        default=None,
        help="The column that tells sentences apart, if a row is a word; empty if a row is a sentence.",
    )
    lower: bool = parameter(
        default=False,
        label="Small letters",
        help="Whether large and small letters are the same; names differ by them.",
    )
    length: int = parameter(
        default=50, minimum=1, maximum=100_000, unit="words", help="The length of each sample."
    )
    max_tokens: int = parameter(
        default=20_000,
        minimum=3,
        maximum=1_000_000,
        unit="words",
        help="The size of the vocabulary, filler included.",
    )
    min_count: int = parameter(
        default=1, minimum=1, label="Least count", help="Words that come less often are unknown."
    )

    def check_parameters(self) -> list[Fault]:
        if len({self.words, self.tags, self.sentence}) < 3:
            return [Fault("tags", "words, tags and sentences must be different columns")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        from nodeflow.parameters import family

        schema = schema_of(inputs)
        if schema is None:
            return ()
        if "like" in inputs:
            return like_faults(inputs["like"], schema, "tags")
        faults = []
        for name, column in (("words", self.words), ("tags", self.tags)):
            if self.sentence is not None and column in schema and family(schema[column]) == "list":
                faults.append(
                    Fault(
                        name,
                        f'"{column[:80]}" has lists: a row is a sentence, so leave the sentence column empty',
                    )
                )
        return faults

    def _preparation(self) -> TagsPreparation:
        from nodeflow.values.preparation import TagsPreparation

        return TagsPreparation(
            columns=(str(self.words),),
            target=str(self.tags),
            sentence=None if self.sentence is None else str(self.sentence),
            lower=self.lower,
            length=self.length,
        )

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        from nodeflow.values.preparation import plain
        from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

        tables: dict[str, Spec | None] = {
            "vocabulary": TableSpec(_schema("token")),
            "labels": TableSpec(_schema("label")),
        }
        if "like" in inputs:
            told = inputs["like"].without_samples() if inputs["like"].preparation else None
            return {"tensors": told, **tables}
        x = ArraySpec((self.length,), "int32", ("time",))
        arrays = {
            "x": x, "y": x, "weight": ArraySpec(x.shape, "float32", x.axes), "row": ArraySpec((), "int64"),
        }  # fmt: skip
        told = TensorsSpec(
            arrays, targets=("y",), task="classification", preparation=plain(self._preparation())
        )
        return {"tensors": told, **tables}

    def run(self, table: pl.LazyFrame, context: Context, like: Tensors | None = None) -> Encoded:
        from nodeflow.values.preparation import TagsPreparation, read

        tensors = made(
            table,
            like,
            self._preparation,
            "none",
            context,
            most_tokens=self.max_tokens,
            least_count=self.min_count,
        )
        known = read(tensors.preparation or {})
        assert isinstance(known, TagsPreparation)
        return Encoded(
            tensors, _numbered("token", known.vocabulary or (), 2), _numbered("label", known.classes or (), 0)
        )

    def summary(self) -> str:
        return f"{self.tags} of {self.words}"[:80]


def _schema(name: str) -> dict[str, pl.DataType]:
    import polars as pl

    return {"number": pl.Int64(), name: pl.String()}


def _numbered(name: str, values: Sequence[Any], first: int) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {"number": range(first, first + len(values)), name: [str(one) for one in values]},
        schema=_schema(name),
    )
