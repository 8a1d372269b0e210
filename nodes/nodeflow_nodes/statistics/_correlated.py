"""Choosing columns that do not say the same: what the filters by correlation share."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import polars as pl
import polars.selectors as cs


def correlated_pairs(table: pl.LazyFrame, names: Sequence[str], method: str) -> dict[tuple[str, str], float]:
    """The correlation of each pair of columns, of the rows with both values; without those that have none."""
    columns = [cs.by_name(name).as_expr().cast(pl.Float64).fill_nan(None) for name in names]
    pairs = list(itertools.combinations(range(len(names)), 2))
    told = []
    for i, j in pairs:
        whole = columns[i].is_not_null() & columns[j].is_not_null()
        one, other = columns[i].filter(whole), columns[j].filter(whole)
        if method == "Spearman":
            one, other = one.rank("average"), other.rank("average")
        told.append(pl.corr(one, other).alias(f"{i} {j}"))
    found = table.select(told).collect(engine="streaming").row(0) if told else ()
    return {
        (names[i], names[j]): value
        for (i, j), value in zip(pairs, found, strict=True)
        if value is not None and value == value
    }


def without_doubles(
    pairs: Mapping[tuple[str, str], float], names: Sequence[str], most: float
) -> dict[str, tuple[str, float]]:
    """The columns to leave out, each with a column that stays and says the same, and their correlation.

    The column that goes with most others stays, of several the first; those are left out; and so on.
    """
    partners: dict[str, dict[str, float]] = {name: {} for name in names}
    for (one, other), value in pairs.items():
        if abs(value) > most:
            partners[one][other] = partners[other][one] = value
    dropped: dict[str, tuple[str, float]] = {}
    remaining = dict.fromkeys(names)
    while remaining:
        counts = {name: sum(other in remaining for other in partners[name]) for name in remaining}
        kept = max(counts, key=lambda name: counts[name])
        if counts[kept] == 0:
            break
        del remaining[kept]
        for other, value in partners[kept].items():
            if other in remaining:
                dropped[other] = (kept, value)
                del remaining[other]
    return dropped
