"""Text Scorer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    from nodeflow.node import Context

_SCORES: dict[str, pl.DataType] = {"metric": pl.String(), "value": pl.Float64()}
_ADDED: dict[str, pl.DataType] = {"exact": pl.Boolean(), "edit distance": pl.Int64()}


class Scored(NamedTuple):
    """The scores, and each row."""

    scores: pl.DataFrame
    table: pl.DataFrame


class TextScorer(Node):
    """Score texts against what they should be: exact match, BLEU, error rates of characters and words.

    - exact match: the share of texts that are right to the letter
    - character and word error rate: the insertions, deletions and replacements that mend the texts, by the
      length of what they should be; it may be above 1
    - BLEU: how many runs of one to four words the texts share with what they should be, less for texts that are too
      short (Papineni et al. 2002), from 0 to 1 over all rows together. Words are parted from marks; with
      smoothing short texts are not 0 for having no four words in common

    The true column may hold lists, several good texts for each row: BLEU counts all of them, the other scores the nearest.
    Rows without a true text do not count; a missing prediction is an empty text.

    Inputs:
        table: A table with the true and the predicted texts.
    Outputs:
        scores: One row a score.
        table: The table with the columns exact and edit distance.
    """

    category = "Mining / Scoring"
    keywords = (
        "bleu", "levenshtein", "edit distance", "character error rate", "cer", "wer", "label error rate", "exact match",
        "translation quality", "ocr accuracy", "string similarity",
    )  # fmt: skip
    headline = "scores"

    actual: Column = parameter(types=("text", "category", "list"), help="The column with the true texts.")
    prediction: Column = parameter(types=("text", "category"), help="The column with the predicted texts.")
    lower: bool = parameter(
        default=False, label="Small letters", help="Whether large and small letters are the same."
    )
    smooth: bool = parameter(
        default=False, label="Smooth BLEU", help="Add one to the counts of longer runs of words."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Scored:
        from nodeflow_nodes.scoring._sequences import bleu, edit_distance, words_in

        frame = table.collect(engine="streaming")
        taken = [name for name in _ADDED if name in frame.columns]
        if taken:
            raise NodeFailed(f'the table has "{taken[0]}" already; rename it before')
        ways, texts = self._ways(frame), self._texts(frame)
        exact: list[bool | None] = []
        distances: list[int | None] = []
        wrong = letters = wrong_words = words = 0
        references, candidates = [], []
        for number, (true, text) in enumerate(zip(ways, texts, strict=True)):
            if number % 100 == 0:
                context.progress(number / len(texts))
            if not true:
                exact.append(None)
                distances.append(None)
                continue
            distance, nearest = min((edit_distance(one, text), len(one)) for one in true)
            exact.append(distance == 0)
            distances.append(distance)
            wrong, letters = wrong + distance, letters + nearest
            own = words_in(text)
            parted = [words_in(one) for one in true]
            off, count = min((edit_distance(one, own), len(one)) for one in parted)
            wrong_words, words = wrong_words + off, words + count
            references.append(parted)
            candidates.append(own)
        if not references:
            raise NodeFailed("there is no row with a true text to score by")
        score, precisions, brevity = bleu(references, candidates, smooth=self.smooth)
        found = [
            ("exact match", sum(one is True for one in exact) / len(references)),
            ("character error rate", wrong / letters if letters else None),
            ("word error rate", wrong_words / words if words else None),
            ("mean edit distance", wrong / len(references)),
            ("BLEU", score),
            *((f"runs of {n} words right", one) for n, one in enumerate(precisions, 1)),
            ("brevity penalty", brevity),
            ("rows", float(len(references))),
        ]
        added = [
            pl.Series("exact", exact, dtype=pl.Boolean),
            pl.Series("edit distance", distances, dtype=pl.Int64),
        ]
        return Scored(pl.DataFrame(found, schema=_SCORES, orient="row"), frame.hstack(added))

    def _ways(self, frame: pl.DataFrame) -> list[list[str]]:
        """The good texts of each row."""
        column = frame.get_column(str(self.actual))
        if family(column.dtype) == "list":
            rows = [[str(one) for one in row or () if one is not None] for row in column.to_list()]
        else:
            rows = [[] if one is None else [one] for one in column.cast(pl.String).to_list()]
        return [[one.lower() for one in row] for row in rows] if self.lower else rows

    def _texts(self, frame: pl.DataFrame) -> list[str]:
        column = frame.get_column(str(self.prediction)).cast(pl.String).fill_null("")
        return (column.str.to_lowercase() if self.lower else column).to_list()

    def check_parameters(self) -> list[Fault]:
        if self.actual == self.prediction:
            return [Fault("prediction", "the prediction must be another column than the actual one")]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec]:
        return {"scores": TableSpec(_SCORES), "table": TableSpec({**inputs["table"].columns, **_ADDED})}

    def summary(self) -> str:
        return f"{self.prediction} against {self.actual}"[:80]
