"""Functions that look at a whole column and give the same value in each row.

In their examples x is a column with the values 1, 2, 3.
"""

from __future__ import annotations

from nodeflow.expressions.function import Group

group = Group("Whole column", whole_column=True)
_define = group.define

_define(
    "column_mean(x: number) -> float",
    "The mean of the column.",
    lambda nw, x: x.mean(),
    ("column_mean(x)", 2.0),
)
_define(
    "column_median(x: number) -> float",
    "The median of the column.",
    lambda nw, x: x.median(),
    ("column_median(x)", 2.0),
)
_define(
    "column_sum(x: number) -> number",
    "The sum of the column.",
    # DuckDB's sums of whole numbers are wider than the column
    lambda nw, x, kinds: x.sum().cast(nw.Int64) if kinds[0] == "integer" else x.sum(),
    ("column_sum(x)", 6),
    with_kinds=True,
)
_define(
    "column_min(x: number | date | datetime | text) -> same",
    "The least value of the column.",
    lambda nw, x: x.min(),
    ("column_min(x)", 1),
)
_define(
    "column_max(x: number | date | datetime | text) -> same",
    "The greatest value of the column.",
    lambda nw, x: x.max(),
    ("column_max(x)", 3),
)
_define(
    "column_std(x: number) -> float",
    "The standard deviation of the column (sample, n - 1).",
    lambda nw, x: x.std(),
    ("column_std(x)", 1.0),
)
_define(
    "column_count(x: any) -> integer",
    "The number of values that are not missing.",
    lambda nw, x: x.count().cast(nw.Int64),
    ("column_count(x)", 3),
)
_define(
    "column_distinct(x: any) -> integer",
    "The number of different values, missing counted as one.",
    lambda nw, x: x.n_unique().cast(nw.Int64),
    ("column_distinct(x)", 3),
)
_define(
    "column_variance(x: number) -> float",
    "The variance of the column (sample, n - 1).",
    lambda nw, x: x.var(),
    ("column_variance(x)", 1.0),
)
_define(
    "column_quantile(x: number, share: constant share) -> float",
    "The value below which a share of the column lies, such as 0.9; interpolated between neighbours.",
    lambda nw, x, share: x.cast(nw.Float64).quantile(share, interpolation="linear"),
    ("column_quantile(x, 0.25)", 1.5),
    "percentile",
)
_define(
    "column_missing(x: any) -> integer",
    "The number of missing values of the column.",
    lambda nw, x: x.is_null().sum().cast(nw.Int64),
    ("column_missing(x)", 0),
)
