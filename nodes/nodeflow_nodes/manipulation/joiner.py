"""Joiner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import narwhals as nw
import polars as pl

from nodeflow import ops
from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Record, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._types import common_type, in_words, way_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nodeflow.export.python import PythonScript


class JoinKey(Record):
    """A pair of columns that must be equal."""

    left: Column = parameter(help="The column of the left table.", port="left")
    right: Column = parameter(help="The column of the right table.", port="right")


class Joiner(Node):
    """Put the columns of two tables side by side where their key columns are equal.

    | kind | rows of the result |
    |---|---|
    | inner | every pair of rows with equal keys |
    | left | the same, and the left rows without a match |
    | right | the same as inner, and the right rows without a match |
    | full | the same as inner, and the rows of both tables without a match |
    | semi | the left rows that have a match, once each, with the left columns only |
    | anti | the left rows that have none, with the left columns only |
    | cross | every left row with every right row; no keys |

    A row with several matches comes once for each. Missing keys never match, not even each other,
    as in SQL. What a row without a match lacks is missing. Rows come in the order of the left
    table, the matches of one row in the order of the right table; "right" goes by the right table
    and "full" puts right rows without a match last.

    Without keys, the columns that both tables have by the same name are taken. Key columns come out
    once, filled from the side that has them. Whole numbers of different size, and text and
    categories, can be compared; keys of other differing types are reported before anything runs. A
    column of the right table whose name is taken gets the suffix.

    Inputs:
        left: The table that gives the order of rows.
        right: The table to look up in.
    Outputs:
        table: The joined rows.
    """

    category = "Manipulation / Table"
    keywords = ("join", "merge", "lookup", "vlookup", "cross joiner", "left join", "outer join", "inner join")

    kind: Literal["inner", "left", "right", "full", "semi", "anti", "cross"] = parameter(
        default="inner", help="Which rows the result has; see above."
    )
    keys: list[JoinKey] = parameter(
        default=[],
        help="The pairs of columns that must be equal. Without any, the columns of the same name.",
        when={"kind": ["inner", "left", "right", "full", "semi", "anti"]},
    )
    suffix: str = parameter(
        default="_right",
        min_length=1,
        help="Put behind the name of a right column when the name is taken.",
    )
    keep_right_keys: bool = parameter(
        default=False,
        help="Keep the key columns of the right table as well; each side then shows just its own keys.",
        when={"kind": ["inner", "left", "right", "full"]},
    )

    def pairs(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The pairs of key columns; raises `NodeFailed` where there are none."""
        if self.kind == "cross":
            return []
        if self.keys:
            return [(str(key.left), str(key.right)) for key in self.keys]
        shared = [(name, name) for name in left if name in right]
        if not shared:
            raise NodeFailed(
                "the tables have no column of the same name, so keys must be chosen; "
                f"left: {listing(list(left))}; right: {listing(list(right))}"
            )
        return shared

    def key_types(
        self, left: Mapping[str, pl.DataType], right: Mapping[str, pl.DataType]
    ) -> list[pl.DataType]:
        """The type in which each pair of keys is compared; raises `NodeFailed` where there is none."""
        found = []
        for one, other in self.pairs(left, right):
            common = common_type(left[one], right[other], mix_numbers=False)
            if common is None:
                raise NodeFailed(
                    f'the keys do not fit: left "{shorten(one)}" is {in_words(left[one])}, right '
                    f'"{shorten(other)}" is {in_words(right[other])}; {way_out(left[one], right[other])}'
                )
            found.append(common)
        return found

    def run(self, left: nw.LazyFrame, right: nw.LazyFrame) -> nw.LazyFrame:
        here, there = schema_of(left), schema_of(right)
        pairs = self.pairs(here, there)
        casts: list[Any] = []
        for (one, other), common in zip(pairs, self.key_types(here, there), strict=True):
            same = here[one] == there[other] == common
            casts.append(None if same else _narwhals_type(common))
        return ops.join(
            left,
            right,
            pairs,
            self.kind,
            casts=casts,
            suffix=self.suffix,
            keep_right_keys=self.keep_right_keys,
        )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "left" in inputs and "right" in inputs:
            try:
                self.key_types(inputs["left"].columns, inputs["right"].columns)
            except NodeFailed as error:
                return [Fault("keys", str(error))]
        return ()

    def summary(self) -> str:
        if self.kind == "cross":
            return "cross"
        pairs = [k.left if k.left == k.right else f"{k.left} = {k.right}" for k in self.keys]
        return f"{self.kind} on {', '.join(pairs) or 'columns of the same name'}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.define("join_tables", JOIN_TABLES)
        left, right = script.input("left"), script.input("right")
        if self.keys or self.kind == "cross":
            keys = repr(self.pairs({}, {}))
        else:
            keys = "None"
        arguments = f"{left}, {right}, {keys}, how={self.kind!r}, suffix={self.suffix!r}"
        if self.keep_right_keys:
            arguments += ", keep_right_keys=True"
        script.add(f"{script.output('table')} = join_tables({arguments})")


def _narwhals_type(dtype: pl.DataType) -> Any:
    return nw.from_native(pl.LazyFrame(schema={"x": dtype})).collect_schema()["x"]


JOIN_TABLES = '''
def join_tables(left, right, keys, how, suffix="_right", keep_right_keys=False):
    """Join in the order of the left table; right columns whose names are taken get the suffix."""
    ours, theirs = left.collect_schema(), right.collect_schema()
    if keys is None:
        keys = [(name, name) for name in ours if name in theirs]
    on = [f"k{i}" for i in range(len(keys))]
    casts = []
    for one, other in keys:
        if ours[one] == theirs[other]:
            casts.append(ours[one])
        elif not ours[one].is_numeric():
            casts.append(pl.String())
        else:
            both = [pl.DataFrame(schema={"x": t}) for t in (ours[one], theirs[other])]
            casts.append(pl.concat(both, how="vertical_relaxed").schema["x"])

    def inner(frame, names, side, own):
        plain = [cs.by_name(name).alias(f"{side}{i}") for i, name in enumerate(names)]
        return frame.select(
            *plain, *(cs.by_name(n).cast(t).alias(k) for n, t, k in zip(own, casts, on))
        )

    order = "right_left" if how == "right" else "left" if how in ("semi", "anti") else "left_right"
    joined = inner(left, ours, "l", [k for k, _ in keys]).join(
        inner(right, theirs, "r", [k for _, k in keys]),
        on=None if how == "cross" else on,
        how=how,
        maintain_order=order,
    )
    matched = {} if keep_right_keys else dict(keys)
    place = {name: f"r{i}" for i, name in enumerate(theirs)}
    types = {one: cast for (one, _), cast in zip(keys, casts)}
    chosen = []
    for i, name in enumerate(ours):
        expr = pl.col(f"l{i}")
        if name in matched and how == "right":
            expr = pl.col(place[matched[name]]).cast(types[name])
        elif name in matched and how == "full":
            expr = pl.coalesce(expr.cast(types[name]), pl.col(place[matched[name]]).cast(types[name]))
        chosen.append(expr.alias(name))
    if how not in ("semi", "anti"):
        taken = set(ours)
        for name in theirs:
            if name in matched.values():
                continue
            new = name
            while new in taken or (new != name and new in theirs):
                new += suffix
            taken.add(new)
            chosen.append(pl.col(place[name]).alias(new))
    return joined.select(chosen)
'''
