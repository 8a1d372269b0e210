"""Entity Scorer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    from nodeflow.node import Context

_SCORES: dict[str, pl.DataType] = {"metric": pl.String(), "value": pl.Float64()}
_KINDS: dict[str, pl.DataType] = {
    "kind": pl.String(), "entities": pl.Int64(), "predicted": pl.Int64(), "right": pl.Int64(),
    "precision": pl.Float64(), "recall": pl.Float64(), "F1": pl.Float64(),
}  # fmt: skip
_TAGS = ("text", "category", "list")


class Scored(NamedTuple):
    """The scores, and those of each kind."""

    scores: pl.DataFrame
    kinds: pl.DataFrame


class EntityScorer(Node):
    """Score tags of names by whole names, by the rules of the CoNLL shared tasks: precision, recall and F1.

    A name is right if its kind, its first and its last word are. Precision is the share of predicted names that are
    right, recall that of true names that were found, F1 the harmonic mean of the two; all kinds count together by
    their number. Tags are read in the schemes BIO, IOB1, IOE, BIOES or BILOU; O is no name. Beside it stands the share of
    words with the right tag, and what it would be if all were O: since most words are, it says little by itself.

    With a sentence column a row is a word; without it a row is a sentence, whose tags are a list, or a text with
    blanks. Words in which the true tag is missing do not count as words; a missing prediction is none.

    Inputs:
        table: A table with the true and the predicted tags.
    Outputs:
        scores: One row a score.
        kinds: One row for each kind of name.
    """

    category = "Mining / Scoring"
    keywords = ("named entity recognition", "ner", "conlleval", "seqeval", "span f1", "bio tags", "chunking")
    headline = "scores"

    actual: Column = parameter(types=_TAGS, help="The column with the true tags.")
    prediction: Column = parameter(types=_TAGS, help="The column with the predicted tags.")
    sentence: Column | None = parameter(
        default=None,
        help="The column that tells sentences apart, if a row is a word; empty if a row is a sentence.",
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Scored:
        from nodeflow_nodes.scoring._sequences import spans

        true, right, own = Counter[str](), Counter[str](), Counter[str]()
        words = same = outside = 0
        for number, (actual, predicted) in enumerate(self._sentences(table)):
            if number % 1000 == 0:
                context.check_cancelled()
            wanted, found = set(spans(actual)), set(spans(predicted))
            true.update(kind for kind, *_ in wanted)
            own.update(kind for kind, *_ in found)
            right.update(kind for kind, *_ in wanted & found)
            for one, other in zip(actual, predicted, strict=True):
                words += one is not None
                same += one is not None and one == (other or "O")
                outside += one == "O"
        if not words:
            raise NodeFailed("there is no word with a true tag to score by")
        whole = _line("all", true.total(), own.total(), right.total())
        scores = [
            ("F1", whole[6]), ("precision", whole[4]), ("recall", whole[5]), ("word accuracy", same / words),
            ("word accuracy of O alone", outside / words), ("words", float(words)), ("entities", float(whole[1])),
        ]  # fmt: skip
        kinds = [_line(kind, true[kind], own[kind], right[kind]) for kind in sorted(true | own)]
        return Scored(
            pl.DataFrame(scores, schema=_SCORES, orient="row"),
            pl.DataFrame(kinds, schema=_KINDS, orient="row"),
        )

    def _sentences(self, table: pl.LazyFrame) -> list[tuple[list[Any], list[Any]]]:
        """True and predicted tags of each sentence."""
        import polars.selectors as cs

        names = [str(self.actual), str(self.prediction)]
        if self.sentence is not None:
            frame = table.select(cs.by_name(str(self.sentence), *names)).collect(engine="streaming")
            number = frame.get_column(str(self.sentence)).rle_id()
            tags = pl.DataFrame([number.alias("s"), *(_strings(frame.get_column(n)).alias(n) for n in names)])
            lists = tags.group_by("s", maintain_order=True).agg(pl.nth(1), pl.nth(2))
            return list(zip(*(lists.get_column(name).to_list() for name in lists.columns[1:]), strict=True))
        frame = table.select(cs.by_name(*names)).collect(engine="streaming")
        found = []
        for row, (one, two) in enumerate(zip(*(_lists(frame.get_column(n)) for n in names), strict=True), 1):
            if one is None:
                continue
            other = [None] * len(one) if two is None else two
            if len(one) != len(other):
                raise NodeFailed(f"row {row:,} has {len(one):,} true tags, but {len(other):,} predicted ones")
            found.append((one, other))
        return found

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        if table is None or self.sentence is None:
            return ()
        for place, name in (("actual", self.actual), ("prediction", self.prediction)):
            if name in table.columns and family(table.columns[name]) == "list":
                return [
                    Fault(
                        place,
                        f'"{name[:80]}" has lists: a row is a sentence; leave the sentence column empty',
                    )
                ]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec]:
        return {"scores": TableSpec(_SCORES), "kinds": TableSpec(_KINDS)}

    def summary(self) -> str:
        return f"{self.prediction} against {self.actual}"[:80]


def _line(kind: str, true: int, own: int, right: int) -> tuple[str, int, int, int, float, float, float]:
    """The scores of names, 0 where there is none to be right."""
    precision, recall = right / own if own else 0.0, right / true if true else 0.0
    both = 2 * right / (true + own) if true + own else 0.0
    return kind, true, own, right, precision, recall, both


def _strings(column: pl.Series) -> pl.Series:
    if family(column.dtype) not in ("text", "category"):
        raise NodeFailed(f'the column "{column.name[:80]}" has no tags (type {column.dtype})')
    return column.cast(pl.String)


def _lists(column: pl.Series) -> list[list[str] | None]:
    listed = column if family(column.dtype) == "list" else _strings(column).str.extract_all(r"\S+")
    return listed.cast(pl.List(pl.String)).to_list()
