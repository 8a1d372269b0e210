"""Threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.scoring._binary import BINARY, hits_of, scored_rows, steps_of, thinned
from nodeflow_nodes.statistics._calculation import GROUPING, NUMBER, TEXT, WHOLE, Calculation, Schema

if TYPE_CHECKING:
    from nodeflow.node import Context


class Thresholds(NamedTuple):
    """What the node gives."""

    chosen: pl.DataFrame
    thresholds: pl.DataFrame


_COLUMNS: dict[str, pl.DataType] = {
    "threshold": NUMBER, "true_positives": WHOLE, "false_positives": WHOLE, "false_negatives": WHOLE,
    "true_negatives": WHOLE, "precision": NUMBER, "recall": NUMBER, "specificity": NUMBER, "F1": NUMBER, "youden": NUMBER,
    "accuracy": NUMBER, "cost": NUMBER,
}  # fmt: skip


class Threshold(Calculation):
    """Choose from which probability on a row is called positive.

    A row is positive if its score is at or above the threshold. The threshold is chosen so that

    | by | what it does |
    |---|---|
    | F1 | F1, the balance of precision and recall, is largest |
    | Youden | recall plus specificity is largest |
    | cost | the false positives and negatives cost least, at the prices given |
    | accuracy | most rows are right |
    | precision | precision is at least as asked for, and recall as large as it then can be |
    | recall | recall is at least as asked for, and precision as large as it then can be |

    Of equally good thresholds the highest is taken. Choose it on other rows than those that judge the model in the
    end. `baseline` are the same numbers at 0.5. Rows with a missing class or score are left out.

    Inputs:
        table: A table with the true classes and a column of scores.
    Outputs:
        chosen: The chosen threshold with what it gives, then the same at 0.5.
        thresholds: What each threshold gives.
    """

    category = "Mining / Scoring"
    keywords = ("cutoff", "decision threshold", "youden", "f1", "operating point", "cost", "tune threshold")
    headline = "chosen"

    actual: Column = parameter(types=GROUPING, help="The column with the true classes.")
    positive: str = parameter(
        default="",
        label="Positive class",
        help="The class that the score speaks of; empty with two classes for the last of them in order.",
    )
    score: Column = parameter(types=("number",), help="The column with the probability or score.")
    by: Literal["F1", "Youden", "cost", "accuracy", "precision", "recall"] = parameter(
        default="F1", help="What makes a threshold good; see above."
    )
    false_positive_cost: float = parameter(default=1.0, minimum=0, help="What a false positive costs.")
    false_negative_cost: float = parameter(default=1.0, minimum=0, help="What a false negative costs.")
    at_least: float = parameter(
        default=0.9,
        minimum=0,
        maximum=1,
        help="The precision or recall asked for.",
        when={"by": ["precision", "recall"]},
    )
    points: int = parameter(
        default=500,
        minimum=3,
        maximum=1_000_000,
        help="The most thresholds listed; all are looked at.",
        advanced=True,
    )

    results: ClassVar[Mapping[str, Schema | None]] = {
        "chosen": {"which": TEXT, **_COLUMNS},
        "thresholds": _COLUMNS,
    }

    def run(self, table: pl.LazyFrame, context: Context) -> Thresholds:
        return Thresholds(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (thresholds_of, *BINARY)

    def reads(self, schema: Schema) -> list[str]:
        return [self.actual, self.score]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {
            "actual": str(self.actual),
            "positive": self.positive,
            "score": str(self.score),
            "by": self.by,
            "costs": (self.false_positive_cost, self.false_negative_cost),
            "at_least": self.at_least,
            "points": self.points,
        }

    def check_parameters(self) -> list[Fault]:
        if self.actual == self.score:
            return [Fault("score", "the score must be another column than the actual class")]
        if self.by == "cost" and self.false_positive_cost == self.false_negative_cost == 0:
            return [
                Fault(
                    "false_positive_cost",
                    "if no mistake costs anything, every threshold is as good; give a price",
                )
            ]
        return []

    def summary(self) -> str:
        return f"{self.score} by {self.by}"[:80]


def thresholds_of(
    table: pl.DataFrame,
    actual: str,
    positive: str,
    score: str,
    by: str,
    costs: Sequence[float],
    at_least: float,
    points: int,
) -> dict[str, list[Any]]:
    """The best threshold, that of 0.5, and all of them."""
    hits, _ = hits_of(table, actual, positive)
    rows = scored_rows(table, hits, score)
    many, n = int(rows["hit"].sum()), rows.height
    tp, fp = pl.col("positives"), pl.col("negatives")
    fn, tn = many - tp, (n - many) - fp

    def told(steps: pl.DataFrame) -> pl.DataFrame:
        recall, specificity = tp / many, tn / (n - many)
        precision = pl.when(tp + fp > 0).then(tp / (tp + fp))
        return steps.select(
            "threshold", tp, fp.alias("fp"), fn.alias("fn"), tn.alias("tn"), precision.alias("precision"),
            recall.alias("recall"), specificity.alias("specificity"), (2 * tp / (many + tp + fp)).alias("F1"),
            (recall + specificity - 1).alias("youden"), ((tp + tn) / n).alias("accuracy"),
            (fp * costs[0] + fn * costs[1]).cast(pl.Float64).alias("cost"),
        )  # fmt: skip

    steps = steps_of(rows)
    each = told(steps)
    if by in ("precision", "recall"):
        fitting, other = each.filter(pl.col(by) >= at_least), "recall" if by == "precision" else "precision"
        if not fitting.height:
            best = float(each[by].to_numpy().max())
            raise ValueError(
                f"no threshold reaches a {by} of {at_least:g}; the highest is {best:.3g}, ask for less"
            )
        chosen = fitting[int(fitting[other].arg_max() or 0)]
    elif by == "cost":
        # calling no row positive is a choice too, with no threshold below which it would not be
        none = pl.DataFrame({"threshold": [None], "positives": [0], "negatives": [0]}, schema=steps.schema)
        each_or_none = told(pl.concat([none, steps]))
        chosen = each_or_none[int(each_or_none["cost"].arg_min() or 0)]
    else:
        chosen = each[int(each["youden" if by == "Youden" else by].arg_max() or 0)]
    half = rows.filter(pl.col("score") >= 0.5)
    at_half = pl.DataFrame(
        {
            "threshold": [0.5],
            "positives": [int(half["hit"].sum())],
            "negatives": [half.height - int(half["hit"].sum())],
        }
    )
    return {
        "chosen": [("chosen", *chosen.row(0)), ("baseline", *told(at_half).row(0))],
        "thresholds": told(thinned(steps, points)).rows(),
    }
