"""Association Rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, parameter

if TYPE_CHECKING:
    from nodeflow.node import Context

_MOST_SETS = 200_000


class Rules(NamedTuple):
    """What was found."""

    rules: pl.DataFrame
    sets: pl.DataFrame


class AssociationRules(Node):
    """Find what is bought together: sets of items that occur often, and rules from one to another.

    Each row is one item of one basket. A set is frequent if the share of baskets with all its items reaches
    the least support (found level by level: Apriori, Agrawal and Srikant 1994). A rule says: who has these
    items has that one too, with the share of such baskets as its confidence. Its lift is by how much that is
    more often than if they had nothing to do with each other; 1 means nothing. Missing items are left out.

    Inputs:
        table: A row for each item of each basket.
    Outputs:
        rules: A row for each rule, the highest lift first: the items, what follows, support, confidence, lift, and the
            number of baskets.
        sets: A row for each frequent set, the most frequent first.
    """

    category = "Mining / Associations"
    keywords = (
        "apriori",
        "frequent item sets",
        "market basket",
        "association rule learner",
        "fp-growth",
        "lift",
    )

    basket: Column = parameter(help="The column that says which basket a row belongs to.")
    item: Column = parameter(help="The column with the items.")
    support: float = parameter(
        default=0.05, above=0.0, maximum=1.0, help="The least share of baskets that have a set."
    )
    confidence: float = parameter(
        default=0.5, minimum=0.0, maximum=1.0, help="The least confidence of a rule."
    )
    most_items: int = parameter(default=4, minimum=2, maximum=10, help="How many items a set has at most.")

    def run(self, table: pl.DataFrame, context: Context) -> Rules:
        pairs = pl.DataFrame(
            {
                "basket": table.get_column(self.basket),
                "item": table.get_column(self.item).cast(pl.String),
            }
        )
        pairs = pairs.drop_nulls().unique(maintain_order=True)
        total = pairs["basket"].n_unique()
        if not total:
            raise NodeFailed("there is no basket with an item")
        least = max(self.support * total, 1.0) - 1e-9
        baskets = (
            pairs.with_columns(pl.col("basket").rank("dense").alias("number")).group_by("item").agg("number")
        )
        having = {
            item: frozenset(numbers)
            for item, numbers in baskets.sort("item").iter_rows()
            if len(numbers) >= least
        }
        frequent: dict[tuple[str, ...], frozenset[int]] = {
            (item,): numbers for item, numbers in having.items()
        }
        found = dict(frequent)
        for size in range(2, self.most_items + 1):
            context.progress((size - 1) / self.most_items)
            frequent = {names: both for names, both in _joined(frequent) if len(both) >= least}
            found |= frequent
            if len(found) > _MOST_SETS:
                raise NodeFailed(
                    f"there are more than {_MOST_SETS:,} frequent sets; raise the least support, or allow fewer items a set"
                )
            if not frequent:
                break
        sets = pl.DataFrame(
            [
                (list(names), len(names), len(numbers), len(numbers) / total)
                for names, numbers in found.items()
            ],
            schema={
                "items": pl.List(pl.String),
                "size": pl.Int64,
                "baskets": pl.Int64,
                "support": pl.Float64,
            },
            orient="row",
        ).sort("baskets", "size", descending=[True, False], maintain_order=True)
        rules = pl.DataFrame(list(self._rules(found, total)), schema=_RULES, orient="row")
        return Rules(rules.sort("lift", "confidence", descending=True, maintain_order=True), sets)

    def _rules(
        self, found: dict[tuple[str, ...], frozenset[int]], total: int
    ) -> Iterator[tuple[list[str], str, float, float, float, int]]:
        for names, numbers in found.items():
            for after in names if len(names) > 1 else ():
                before = tuple(one for one in names if one != after)
                confidence = len(numbers) / len(found[before])
                if confidence >= self.confidence - 1e-12:
                    lift = confidence / (len(found[(after,)]) / total)
                    yield list(before), after, len(numbers) / total, confidence, lift, len(numbers)

    def summary(self) -> str:
        return f"support {self.support:g}, confidence {self.confidence:g}"


_RULES = {
    "items": pl.List(pl.String()),
    "follows": pl.String(),
    "support": pl.Float64(),
    "confidence": pl.Float64(),
    "lift": pl.Float64(),
    "baskets": pl.Int64(),
}


def _joined(
    frequent: dict[tuple[str, ...], frozenset[int]],
) -> Iterator[tuple[tuple[str, ...], frozenset[int]]]:
    """Sets of one item more, all of whose parts are frequent, with the baskets that have them."""
    by_start: dict[tuple[str, ...], list[str]] = {}
    for names in sorted(frequent):
        by_start.setdefault(names[:-1], []).append(names[-1])
    for start, ends in by_start.items():
        for one, other in combinations(ends, 2):
            names = (*start, one, other)
            if all((*names[:place], *names[place + 1 :]) in frequent for place in range(len(names))):
                yield names, frequent[(*start, one)] & frequent[(*start, other)]
