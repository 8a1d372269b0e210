"""Partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Seed, parameter

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class Parts(NamedTuple):
    """The two parts."""

    first: nw.LazyFrame
    second: nw.LazyFrame


class Partition(Node):
    """Split the rows into two tables, such as one to train and one to test with.

    The size of the first part is exact: a count of rows, or a share of all rows rounded to whole
    rows (halves up). The second part has the rest. In both, rows keep the order of the table.

    | method | rows of the first part |
    |---|---|
    | random | chosen by chance |
    | stratified | chosen by chance, but each value of a column gets its share, give or take one row |
    | first | those at the top |
    | time | the earliest by a column; equal times by their place, missing times last |
    | group | all rows of some of the groups of a column, chosen by chance; the size counts groups |

    The same seed chooses the same rows, on any machine, whatever the table holds. A missing value in
    the column of "stratified" or "group" counts as a value like any other.

    Inputs:
        table: The table to split.
    Outputs:
        first: The first part, to learn from.
        second: The rest, to test with.
    """

    category = "Manipulation / Row"
    keywords = (
        "partitioning",
        "train test split",
        "train_test_split",
        "sample",
        "holdout",
        "split",
        "stratified sampling",
        "row sampling",
    )

    size: Literal["fraction", "count"] = parameter(
        default="fraction", help="Whether the first part is given as a share or as a number of rows."
    )
    fraction: float = parameter(
        default=0.8,
        minimum=0,
        maximum=1,
        help="The share of the rows (groups) in the first part.",
        when={"size": "fraction"},
    )
    count: int = parameter(
        default=100,
        minimum=0,
        unit="rows",
        help="The number of rows (groups) in the first part; all of them if there are fewer.",
        when={"size": "count"},
    )
    method: Literal["random", "stratified", "first", "time", "group"] = parameter(
        default="random", help="How the rows of the first part are chosen; see above."
    )
    by: Column | None = parameter(
        default=None,
        label="By column",
        help="The column of the strata, the times or the groups.",
        when={"method": ["stratified", "time", "group"]},
    )
    seed: Seed | None = parameter(default=None, help="Another seed chooses other rows.")

    def check_parameters(self) -> list[Fault]:
        if self.method in ("stratified", "time", "group") and self.by is None:
            return [Fault("by", f'the method "{self.method}" needs a column in "by"')]
        return []

    def run(self, table: nw.LazyFrame) -> Parts:
        parts = ops.partition(
            table,
            method=self.method,
            fraction=self.fraction,
            count=self.count if self.size == "count" else None,
            by=self.by if self.method in ("stratified", "time", "group") else None,
            seed=self.seed or 0,
        )
        return Parts(*parts)

    def summary(self) -> str:
        share = f"{self.fraction:.0%}" if self.size == "fraction" else f"{self.count} rows"
        by = f" by {self.by}" if self.by is not None else ""
        return f"{share}, {self.method}{by}"[:80]

    def export_python(self, script: PythonScript) -> None:
        self.export_rows(script, script.input("table"), script.output("first"), script.output("second"))

    def export_rows(self, script: PythonScript, table: str, first: str, second: str) -> None:
        """Add the lines that split the rows of one variable into two others."""
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.require("import hashlib")
        script.define("split_rows", _SPLIT)
        arguments = [table, repr(self.method)]
        if self.size == "fraction":
            arguments.append(f"fraction={self.fraction!r}")
        else:
            arguments.append(f"count={self.count!r}")
        if self.by is not None and self.method in ("stratified", "time", "group"):
            arguments.append(f"by={str(self.by)!r}")
        if self.method in ("random", "stratified", "group"):
            arguments.append(f"seed={int(self.seed if self.seed is not None else script.seed)}")
        script.add(f"{first}, {second} = split_rows({', '.join(arguments)})")


_SPLIT = '''
def split_rows(table, method, fraction=None, count=None, by=None, seed=0):
    """Split the rows in two; the first part has that share or count of the rows (of the groups)."""
    names = list(table.collect_schema())
    frame = table.select(cs.all().name.map(lambda name: "c" + name)).with_row_index("row")
    frame = frame.with_columns(pl.col("row").cast(pl.Int64))
    if by is not None:
        frame = frame.with_columns(cs.by_name("c" + by).alias("value"))

    def scatter(frame, source):
        """A pseudo-random number for each integer: four rounds of (x + key) ** 5 modulo a prime."""
        prime = 2**31 - 1
        digest = hashlib.blake2b(seed.to_bytes(8, "little"), digest_size=32).digest()
        frame = frame.with_columns(key=pl.col(source) % prime)
        for start in range(0, 32, 8):
            add = int.from_bytes(digest[start : start + 8], "little") % prime
            frame = frame.with_columns(key=(pl.col("key") + add) % prime)
            frame = frame.with_columns(power=pl.col("key") * pl.col("key") % prime)
            frame = frame.with_columns(power=pl.col("power") * pl.col("power") % prime)
            frame = frame.with_columns(key=pl.col("power") * pl.col("key") % prime)
        return frame.drop("power")

    def place(*keys):
        return pl.arg_sort_by(*keys, nulls_last=True).arg_sort().cast(pl.Int64)

    size = pl.len()
    if method == "first":
        frame = frame.with_columns(place=pl.col("row"))
    elif method == "time":
        frame = frame.with_columns(place=place("value", "row"))
    elif method == "group":
        frame = scatter(frame.with_columns(start=pl.col("row").min().over("value")), "start")
        frame = frame.with_columns(place=pl.col("key").rank("dense").cast(pl.Int64) - 1)
        size = pl.col("key").n_unique()
    else:
        frame = scatter(frame, "row")
        if method == "stratified":
            frame = frame.with_columns(value=pl.col("row").min().over("value"))
            frame = frame.with_columns(place=place("value", "key", "row"))
            inside = pl.col("place") - pl.col("place").min().over("value")
            frame = frame.with_columns(value=(inside * 2 + 1) / (pl.len().over("value") * 2))
            frame = frame.with_columns(place=place("value", "key", "row"))
        else:
            frame = frame.with_columns(place=place("key", "row"))
    wanted = (size * fraction + 0.5).floor() if count is None else pl.lit(count)
    frame = frame.with_columns(first=pl.col("place") < wanted)
    result = [cs.by_name("c" + name).alias(name) for name in names]
    return frame.filter(pl.col("first")).select(result), frame.filter(~pl.col("first")).select(result)
'''


def export_order(script: PythonScript, table: str, result: str, seed: Seed | None) -> None:
    """Add the lines that put the rows of one variable into a random order."""
    for line in ("import polars as pl", "import polars.selectors as cs", "import hashlib"):
        script.require(line)
    script.define("shuffle_rows", _SHUFFLE)
    script.add(f"{result} = shuffle_rows({table}, {int(seed if seed is not None else script.seed)})")


_SHUFFLE = '''
def shuffle_rows(table, seed):
    """The rows in the order of pseudo-random numbers: four rounds of (x + key) ** 5 modulo a prime."""
    prime = 2**31 - 1
    names = list(table.collect_schema())
    frame = table.select(cs.all().name.map(lambda name: "c" + name)).with_row_index("row")
    frame = frame.with_columns(key=pl.col("row").cast(pl.Int64) % prime)
    digest = hashlib.blake2b(seed.to_bytes(8, "little"), digest_size=32).digest()
    for start in range(0, 32, 8):
        add = int.from_bytes(digest[start : start + 8], "little") % prime
        frame = frame.with_columns(key=(pl.col("key") + add) % prime)
        frame = frame.with_columns(power=pl.col("key") * pl.col("key") % prime)
        frame = frame.with_columns(power=pl.col("power") * pl.col("power") % prime)
        frame = frame.with_columns(key=pl.col("power") * pl.col("key") % prime)
    return frame.sort("key", maintain_order=True).select(cs.by_name("c" + name).alias(name) for name in names)
'''
