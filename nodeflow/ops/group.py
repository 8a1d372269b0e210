"""Groups in the order of their first row, and the functions that summarise one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed
from nodeflow.memory import memory_limit
from nodeflow.ops.bounded import bounded
from nodeflow.ops.frames import Frame, column, is_polars, names_of, number_rows, polars_of, renamed, wrap


@dataclass(frozen=True)
class Aggregation:
    """One summary: a function over a column, under a name in the result."""

    column: str
    function: str
    name: str


@dataclass(frozen=True)
class Function:
    """One aggregation function.

    `polars` computes it, `source` is the same as Polars source text behind a column, `families` are
    the column types it takes (all if empty), `portable` is its narwhals form where every engine has it.
    """

    polars: Callable[[pl.Expr], pl.Expr]
    source: str
    families: tuple[str, ...] = ()
    portable: Callable[[nw.Expr], nw.Expr] | None = None


_NUMERIC = ("number", "boolean")
_ORDERED = ("number", "text", "boolean", "date", "datetime", "time", "duration", "category")
_TEXT = ("text", "number", "boolean", "date", "datetime", "time", "category")


def _pick(source: str, families: tuple[str, ...] = ()) -> Function:
    """A function for Polars alone, from its chain of method calls."""
    return Function(_CHAINS[source], source, families)


_CHAINS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    ".first()": lambda x: x.first(),
    ".last()": lambda x: x.last(),
    ".implode()": lambda x: x.implode(),
    '.quantile(0.25, "linear")': lambda x: x.quantile(0.25, "linear"),
    '.quantile(0.75, "linear")': lambda x: x.quantile(0.75, "linear"),
    ".pipe(lambda x: x.max() - x.min())": lambda x: x.max() - x.min(),
    ".count().cast(pl.Int64)": lambda x: x.count().cast(pl.Int64),
    ".null_count().cast(pl.Int64)": lambda x: x.null_count().cast(pl.Int64),
    ".drop_nulls().n_unique().cast(pl.Int64)": lambda x: x.drop_nulls().n_unique().cast(pl.Int64),
    ".drop_nulls().mode(maintain_order=True).first()": lambda x: (
        x.drop_nulls().mode(maintain_order=True).first()
    ),
    ".drop_nulls().unique(maintain_order=True).implode()": lambda x: (
        x.drop_nulls().unique(maintain_order=True).implode()
    ),
    '.cast(pl.String).drop_nulls().str.join(", ")': lambda x: x.cast(pl.String).drop_nulls().str.join(", "),
    '.cast(pl.String).drop_nulls().unique(maintain_order=True).str.join(", ")': lambda x: (
        x.cast(pl.String).drop_nulls().unique(maintain_order=True).str.join(", ")
    ),
}

FUNCTIONS: dict[str, Function] = {
    "sum": Function(pl.Expr.sum, ".sum()", ("number", "boolean", "duration"), nw.Expr.sum),
    "mean": Function(pl.Expr.mean, ".mean()", _NUMERIC, nw.Expr.mean),
    "median": Function(pl.Expr.median, ".median()", _NUMERIC, nw.Expr.median),
    "min": Function(pl.Expr.min, ".min()", _ORDERED, nw.Expr.min),
    "max": Function(pl.Expr.max, ".max()", _ORDERED, nw.Expr.max),
    "range": _pick(".pipe(lambda x: x.max() - x.min())", ("number", "date", "datetime", "duration")),
    "std": Function(pl.Expr.std, ".std()", ("number",), nw.Expr.std),
    "var": Function(pl.Expr.var, ".var()", ("number",), nw.Expr.var),
    "quartile_1": _pick('.quantile(0.25, "linear")', ("number",)),
    "quartile_3": _pick('.quantile(0.75, "linear")', ("number",)),
    "count": _pick(".count().cast(pl.Int64)"),
    "missing": _pick(".null_count().cast(pl.Int64)"),
    "n_distinct": _pick(".drop_nulls().n_unique().cast(pl.Int64)"),
    "first": _pick(".first()"),
    "last": _pick(".last()"),
    "mode": _pick(".drop_nulls().mode(maintain_order=True).first()"),
    "list": _pick(".implode()"),
    "distinct_list": _pick(".drop_nulls().unique(maintain_order=True).implode()"),
    "concat": _pick('.cast(pl.String).drop_nulls().str.join(", ")', _TEXT),
    "distinct_concat": _pick(
        '.cast(pl.String).drop_nulls().unique(maintain_order=True).str.join(", ")', _TEXT
    ),
}
"""The aggregation functions by name."""


def group(
    frame: Frame, keys: Sequence[str], aggregations: Sequence[Aggregation], *, count: str = ""
) -> Frame:
    """One row a group of equal keys, in the order of the groups' first rows.

    Missing keys form a group. Without keys there is one row, also for an empty frame. `count`
    names a column with the number of rows.
    """
    if not is_polars(frame):
        return _group_portable(frame, keys, aggregations, count)
    query = _group_polars(polars_of(frame), keys, aggregations, count)
    if memory_limit() is not None and keys and all(_is_portable(one.function) for one in aggregations):
        return _group_bounded(polars_of(frame), keys, aggregations, count, query.collect_schema())
    return wrap(query)


def _is_portable(function: str) -> bool:
    return function in _COUNTS or FUNCTIONS[function].portable is not None


def _group_bounded(
    frame: pl.LazyFrame,
    keys: Sequence[str],
    aggregations: Sequence[Aggregation],
    count: str,
    schema: Mapping[str, pl.DataType],
) -> Frame:
    """The same within the memory limit, on just the columns that are needed, plainly named."""
    types = frame.collect_schema()
    chosen = [cs.by_name(name).alias(f"k{i}") for i, name in enumerate(keys)]
    for i, one in enumerate(aggregations):
        value = cs.by_name(one.column).as_expr()
        is_amount = types[one.column] == pl.Boolean and one.function not in _COUNTS
        chosen.append((value.cast(pl.Int8) if is_amount else value).alias(f"v{i}"))
    plain = [Aggregation(f"v{i}", one.function, f"o{i}") for i, one in enumerate(aggregations)]
    names = [*(f"k{i}" for i in range(len(keys))), *(one.name for one in plain), *(["n"] if count else [])]

    def operation(one: Frame) -> Frame:
        return _group_portable(one, names[: len(keys)], plain, "n" if count else "")

    query = wrap(frame.select(chosen))
    found = bounded(operation, query, schema=dict(zip(names, schema.values(), strict=True)))
    return renamed(found, list(schema))


_COUNTS = ("count", "missing", "n_distinct")


def _group_polars(
    frame: pl.LazyFrame, keys: Sequence[str], aggregations: Sequence[Aggregation], count: str
) -> pl.LazyFrame:
    chosen = [FUNCTIONS[one.function].polars(cs.by_name(one.column)).alias(one.name) for one in aggregations]
    if count:
        chosen.append(pl.len().cast(pl.Int64).alias(count))
    if not keys:
        return frame.select(chosen)
    return frame.group_by([cs.by_name(name) for name in keys], maintain_order=True).agg(chosen)


def _group_portable(
    frame: Frame, keys: Sequence[str], aggregations: Sequence[Aggregation], count: str
) -> Frame:
    names = names_of(frame)
    inner_keys = [f"k{i}" for i in range(len(keys))]
    inner = [f"v{i}" for i in range(len(aggregations))]
    plain = frame.select(
        *(column(name, names).alias(new) for name, new in zip(keys, inner_keys, strict=True)),
        *(column(one.column, names).alias(new) for one, new in zip(aggregations, inner, strict=True)),
        nw.lit(0).alias("zero"),
    )
    numbered = number_rows(plain, "row")
    computed: list[nw.Expr] = [nw.len().alias("rows"), nw.col("row").min().alias("first")]
    results: list[nw.Expr] = []
    for one, name in zip(aggregations, inner, strict=True):
        computed_here, result = _portable(one, name, frame)
        computed += computed_here
        results.append(result.alias(one.name))
    if count:
        results.append(nw.col("rows").cast(nw.Int64).alias(count))
    if not keys:
        return numbered.select(*computed).select(*results)
    outer = [nw.col(inner_name).alias(name) for inner_name, name in zip(inner_keys, keys, strict=True)]
    return numbered.group_by(*inner_keys).agg(*computed).sort("first").select(*outer, *results)


def _portable(one: Aggregation, name: str, frame: Frame) -> tuple[list[nw.Expr], nw.Expr]:
    """What to compute of each group, and the result from that."""
    value, counted = nw.col(name), f"{name}_count"
    if one.function in _COUNTS:
        counting = [value.count().alias(counted)]
        if one.function == "count":
            return counting, nw.col(counted).cast(nw.Int64)
        if one.function == "missing":
            return counting, (nw.col("rows") - nw.col(counted)).cast(nw.Int64)
        # n_unique counts missing as a value
        distinct = f"{name}_distinct"
        missing_too = (nw.col("rows") > nw.col(counted)).cast(nw.Int64)
        return [*counting, value.n_unique().alias(distinct)], nw.col(distinct).cast(nw.Int64) - missing_too
    portable = FUNCTIONS[one.function].portable
    # Dask's grouped median fails where the group is missing
    if portable is None or (one.function == "median" and frame.implementation.is_dask()):
        raise NodeFailed(
            f'"{one.function}" of "{one.column}" cannot be computed on {frame.implementation.value}; '
            "choose another function or run with Polars"
        )
    return [portable(value).alias(name)], nw.col(name)
