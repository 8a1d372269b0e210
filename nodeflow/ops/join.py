"""Joins that keep the order of the left table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import narwhals as nw

from nodeflow.memory import memory_limit
from nodeflow.ops.bounded import bounded
from nodeflow.ops.frames import Frame, column, is_polars, names_of, number_rows, polars_of, wrap

How: TypeAlias = Literal["inner", "left", "right", "full", "semi", "anti", "cross"]


def joined_names(
    left: Sequence[str], right: Sequence[str], right_keys: Sequence[str], suffix: str, keep_right_keys: bool
) -> dict[str, str]:
    """The name in the result of each column that comes from the right table.

    A name that the left table has too gets the suffix, as often as it takes to be unique.
    """
    dropped = () if keep_right_keys else set(right_keys)
    taken = set(left)
    found = {}
    for name in right:
        if name in dropped:
            continue
        new = name
        while new in taken or (new != name and new in right):
            new += suffix
        taken.add(new)
        found[name] = new
    return found


def join(
    left: Frame,
    right: Frame,
    keys: Sequence[tuple[str, str]],
    how: How,
    *,
    casts: Sequence[Any] = (),
    suffix: str = "_right",
    keep_right_keys: bool = False,
) -> Frame:
    """Join two frames on (left, right) pairs of key columns.

    The columns of a pair must have equal types, or else `casts` gives the narwhals type to compare
    them in, None for a pair that needs none.

    Rows come in the order of the left frame, matches of one row in the order of the right
    frame; "right" goes by the right frame's order; "full" puts right rows without a match
    last. Missing keys never match. Keys come out once, filled from either side.
    """
    names, right_names = names_of(left), names_of(right)
    here = [f"l{i}" for i in range(len(names))]
    there = [f"r{i}" for i in range(len(right_names))]
    key_names = [f"k{i}" for i in range(len(keys))]
    # inside the join every column has a plain name of its own
    cast_of = dict(zip(key_names, casts, strict=True)) if casts else dict.fromkeys(key_names)
    first = _prepared(left, names, here, [one for one, _ in keys], cast_of)
    second = _prepared(right, right_names, there, [one for _, one in keys], cast_of)
    is_bounded = is_polars(first) and memory_limit() is not None and how != "cross"
    ordered = (_bounded if is_bounded else _joined)(first, second, key_names, how)
    chosen = []
    matched = {
        one: (there[right_names.index(other)], cast)
        for (one, other), cast in zip(keys, cast_of.values(), strict=True)
    }
    for name, inner in zip(names, here, strict=True):
        expr = nw.col(inner)
        if name in matched and not keep_right_keys:
            other, cast = matched[name]
            if how == "right":
                expr = _cast(nw.col(other), cast)
            elif how == "full":
                expr = nw.coalesce(_cast(expr, cast), _cast(nw.col(other), cast))
        chosen.append(expr.alias(name))
    if how not in ("semi", "anti"):
        new = joined_names(names, right_names, [one for _, one in keys], suffix, keep_right_keys)
        chosen += [nw.col(there[right_names.index(name)]).alias(new[name]) for name in new]
    return ordered.select(*chosen)


def _cast(expr: nw.Expr, dtype: Any) -> nw.Expr:
    return expr if dtype is None else expr.cast(dtype)


def _prepared(
    frame: Frame, names: list[str], inner: list[str], keys: list[str], casts: dict[str, Any]
) -> Frame:
    plain = [column(name, names).alias(new) for name, new in zip(names, inner, strict=True)]
    key_columns = [
        _cast(column(name, names), cast).alias(new)
        for name, (new, cast) in zip(keys, casts.items(), strict=True)
    ]
    return frame.select(*plain, *key_columns)


def _marked(frame: Frame, side: str, key_names: list[str]) -> Frame:
    """With row numbers, and a mark that differs by side where a key is missing: it must not match."""
    numbered = number_rows(frame, f"{side}row")
    if not key_names:
        return numbered
    # pandas-like engines match missing with missing
    whole = ~nw.any_horizontal(*(nw.col(name).is_null() for name in key_names), ignore_nulls=False)
    mark = nw.when(whole).then(nw.lit(0)).otherwise(nw.lit(1 if side == "l" else 2))
    return numbered.with_columns(mark.alias("mark"))


def _bounded(first: Frame, second: Frame, key_names: list[str], how: How) -> Frame:
    wanted = [name for name in names_of(first) if name not in key_names]
    if how not in ("semi", "anti"):
        wanted += [name for name in names_of(second) if name not in key_names]
    return bounded(lambda one, other: _joined(one, other, key_names, how).select(*wanted), first, second)


def _joined(first: Frame, second: Frame, key_names: list[str], how: How) -> Frame:
    if is_polars(first):
        order: Any = "right_left" if how == "right" else "left" if how in ("semi", "anti") else "left_right"
        on = None if how == "cross" else key_names
        query = polars_of(first).join(polars_of(second), on=on, how=how, maintain_order=order)
        return wrap(query)
    first, second = _marked(first, "l", key_names), _marked(second, "r", key_names)
    if how == "cross":
        return first.join(second, how="cross").sort("lrow", "rrow")
    on = [*key_names, "mark"]
    if how in ("semi", "anti"):
        return first.join(second, on=on, how=how).sort("lrow")
    if how == "right":  # narwhals has none
        return second.join(first, on=on, how="left").sort("rrow", "lrow", nulls_last=True)
    return first.join(second, on=on, how=how).sort("lrow", "rrow", nulls_last=True)
