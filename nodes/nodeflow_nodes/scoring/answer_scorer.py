"""Answer Scorer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow.values.specs import Spec, TableSpec

_SCORES: dict[str, pl.DataType] = {"metric": pl.String(), "value": pl.Float64()}


class AnswerScorer(Node):
    """Score answers against those that several people gave, as questions on pictures are scored.

    An answer counts 1 if at least three people gave it, else a third for each who did (visual question answering,
    Antol et al. 2015). The baseline is what one gets by always giving the commonest answer: a model that reads the
    question and sees the picture must beat it.

    The answers of people are a list, or one text with a mark between. Rows without any do not count; a missing
    prediction is wrong.

    Inputs:
        table: A table with the answers of people and the predicted ones.
    Outputs:
        table: One row a score.
    """

    category = "Mining / Scoring"
    keywords = ("vqa", "visual question answering", "accuracy", "consensus")
    headline = "table"

    answers: Column = parameter(
        types=("list", "text", "category"), help="The column with the answers of people."
    )
    prediction: Column = parameter(types=("text", "category"), help="The column with the predicted answers.")
    between: str = parameter(
        default="|", min_length=1, help="The mark between the answers of people in a text."
    )
    plain: bool = parameter(
        default=True,
        label="Plain answers",
        help="Compare without capitals, marks, articles and needless blanks.",
    )
    leave_out: bool = parameter(
        default=False, label="Leave out each person", advanced=True,
        help="The mean over leaving out each person once, as the official program has it.",
    )  # fmt: skip

    def run(self, table: pl.LazyFrame) -> pl.DataFrame:
        import polars.selectors as cs

        from nodeflow_nodes.scoring._sequences import answer_score, plain_answer

        names = [str(self.answers), str(self.prediction)]
        frame = table.select(cs.by_name(*names)).collect(engine="streaming")
        given = frame.get_column(names[0])
        if family(given.dtype) == "list":
            rows: list[Any] = given.cast(pl.List(pl.String)).to_list()
        else:
            rows = [
                None if one is None else one.split(self.between) for one in given.cast(pl.String).to_list()
            ]

        def own(text: str | None) -> str:
            return plain_answer(text or "") if self.plain else (text or "").strip()

        said = [own(one) for one in frame.get_column(names[1]).cast(pl.String).to_list()]
        pairs = [
            (answer, [own(one) for one in row if one is not None])
            for answer, row in zip(said, rows, strict=True)
            if row and any(one is not None for one in row)
        ]
        if not pairs:
            raise NodeFailed("there is no row with answers of people to score by")
        counts = Counter(one for _, row in pairs for one in row)
        # of answers given equally often the first by its letters
        commonest = min(counts, key=lambda one: (-counts[one], one))
        score, constant = (
            sum(answer_score(one or answer, row, leave_out=self.leave_out) for answer, row in pairs)
            / len(pairs)
            for one in ("", commonest)
        )
        most = sum(
            max(answer_score(one, row, leave_out=self.leave_out) for one in set(row)) for _, row in pairs
        )
        found = [
            ("VQA score", score), ("baseline: the commonest answer", constant), ("best possible", most / len(pairs)),
            ("rows", float(len(pairs))),
        ]  # fmt: skip
        return pl.DataFrame(found, schema=_SCORES, orient="row")

    def check_parameters(self) -> list[Fault]:
        if self.answers == self.prediction:
            return [Fault("prediction", "the prediction must be another column than the answers of people")]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_SCORES)

    def summary(self) -> str:
        return f"{self.prediction} against {self.answers}"[:80]
