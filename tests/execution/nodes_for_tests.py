"""Small nodes of every kind for the tests of running: lazy, eager, of several outputs, random, writing."""

from __future__ import annotations

import random
import signal
import threading
import weakref
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

import nodeflow as nf

CALLS: list[str] = []
"""The ids of the nodes whose work was truly done, in order; lazy ones do not tell."""

SPEC = nf.TableSpec({"x": pl.Int64()})


class Numbers(nf.Node):
    """Give whole numbers in order."""

    category = "Test"
    count: int = nf.parameter(default=5, help="How many.")
    start: int = nf.parameter(default=0, help="The first.")

    def run(self, context: nf.Context) -> pl.DataFrame:
        CALLS.append(context.node)
        return pl.DataFrame({"x": pl.Series(range(self.start, self.start + self.count), dtype=pl.Int64)})

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Plus(nf.Node):
    """Add to each number, as part of a query."""

    category = "Test"
    by: int = nf.parameter(default=1, help="How much.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return table.with_columns(nw.col("x") + self.by)


class AtMost(nf.Node):
    """Keep the numbers up to a limit, as part of a query; a higher limit often changes nothing."""

    category = "Test"
    limit: int = nf.parameter(default=10, help="The largest number kept.")

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        return table.filter(pl.col("x") <= self.limit)


class Halves(NamedTuple):
    even: nw.LazyFrame
    odd: nw.LazyFrame


class Halve(nf.Node):
    """Divide into even and odd numbers, as part of a query.

    Outputs:
        even: The even ones.
        odd: The odd ones.
    """

    category = "Test"

    def run(self, table: nw.LazyFrame) -> Halves:
        return Halves(table.filter(nw.col("x") % 2 == 0), table.filter(nw.col("x") % 2 == 1))


class Ends(NamedTuple):
    low: pl.DataFrame
    high: pl.DataFrame


class Cut(nf.Node):
    """Cut a table in two, at once.

    Outputs:
        low: The first rows.
        high: The others.
    """

    category = "Test"
    at: int = nf.parameter(default=2, help="Rows in the first part.")

    def run(self, table: pl.DataFrame, context: nf.Context) -> Ends:
        CALLS.append(context.node)
        return Ends(table.head(self.at), table.slice(self.at))

    def spec(self, inputs: Any) -> dict[str, nf.TableSpec]:
        return {"low": SPEC, "high": SPEC}


class Stack(nf.Node):
    """Put tables below each other, at once."""

    category = "Test"

    def run(self, tables: list[pl.DataFrame], context: nf.Context) -> pl.DataFrame:
        CALLS.append(context.node)
        return pl.concat(tables)

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Shuffle(nf.Node):
    """Put the rows in a random order."""

    category = "Test"
    seed: nf.Seed | None = nf.parameter(default=None, help="Repeats the same order.")

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        CALLS.append(context.node)
        order = list(range(table.height))
        random.Random(context.seed).shuffle(order)
        return table[order]

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Total(nf.Node):
    """Add the numbers up, into a variable."""

    category = "Test"

    def run(self, table: pl.DataFrame, context: nf.Context) -> nf.Variables:
        CALLS.append(context.node)
        return nf.Variables(total=int(table["x"].sum()))

    def spec(self, inputs: Any) -> nf.VariablesSpec:
        return nf.VariablesSpec({"total": "integer"})


class Save(nf.Node):
    """Write the numbers to a file."""

    category = "Test"
    path: nf.OutputPath = nf.parameter(default=nf.OutputPath("out.csv"), help="The file.")

    def run(self, table: pl.LazyFrame, context: nf.Context) -> None:
        CALLS.append(context.node)
        with context.write(self.path) as temporary:
            temporary.write_text(table.collect().write_csv())


class Text(nf.Node):
    """Turn numbers into texts and back, as part of a query; numbers above 2 become a word, which fails."""

    category = "Test"

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        text = pl.when(pl.col("x") > 2).then(pl.lit("many")).otherwise(pl.col("x").cast(pl.String))
        return table.with_columns(text.cast(pl.Int64).alias("x"))


class Fail(nf.Node):
    """Fail, until it is told not to."""

    category = "Test"
    reads_outside = True
    is_mended = False

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        if not type(self).is_mended:
            raise nf.NodeFailed("the cup is empty; fill it")
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Meet(nf.Node):
    """Wait until another one is here too."""

    category = "Test"
    reads_outside = True
    barrier = threading.Barrier(2, timeout=20)

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        self.barrier.wait()
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Hold(nf.Node):
    """Wait to be let go, listening to a cancel or not."""

    category = "Test"
    reads_outside = True
    listens: bool = nf.parameter(default=True, help="Whether it listens.")
    is_here = threading.Event()
    may_go = threading.Event()

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        self.is_here.set()
        while not self.may_go.wait(0.005):
            if self.listens:
                context.check_cancelled()
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


REFERENCES: dict[str, weakref.ref[Any]] = {}
ALIVE: dict[str, set[str]] = {}


class Watch(nf.Node):
    """Copy a table; note whose tables are still in memory."""

    category = "Test"
    reads_outside = True

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        ALIVE[context.node] = {name for name, held in REFERENCES.items() if held() is not None}
        copy = table.clone()
        REFERENCES[context.node] = weakref.ref(copy)
        return copy

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Gpu(nf.Node):
    """Use the one GPU there is, and be there when another might be too."""

    category = "Test"
    reads_outside = True
    slots = ("gpu",)
    in_use = threading.Lock()
    nobody = threading.Event()

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        assert self.in_use.acquire(blocking=False), "two at once"
        self.nobody.wait(0.01)
        self.in_use.release()
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


class Interrupt(nf.Node):
    """Be there when the user presses Ctrl+C."""

    category = "Test"
    reads_outside = True

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        while True:
            context.check_cancelled()
            Hold.may_go.wait(0.005)

    def spec(self, inputs: Any) -> nf.TableSpec:
        return SPEC


ALL = [
    Numbers,
    Plus,
    AtMost,
    Halve,
    Cut,
    Stack,
    Shuffle,
    Total,
    Save,
    Text,
    Fail,
    Meet,
    Hold,
    Watch,
    Gpu,
    Interrupt,
]


def new_workflow(folder: Any, name: str = "test") -> nf.Workflow:
    """An empty workflow that knows these nodes and no others."""
    workflow = nf.Workflow(name, folder=folder)
    workflow.registry = nf.Registry()
    for node in ALL:
        workflow.registry.add(node)
    return workflow


def contents(result: nf.Result) -> dict[str, Any]:
    """Every value of a run as plain data, folded nodes included; what was not needed is left out."""
    found: dict[str, Any] = {}
    for node, report in result.reports.items():
        if report.state not in ("done", "cached"):
            continue
        for port in result[node].outputs():
            try:
                value = result[node][port]
            except nf.NodeFailed:
                # in the middle of a query whose end came from the cache
                assert report.state == "cached"
                continue
            found[f"{node}.{port}"] = (
                value.to_polars()["x"].to_list() if isinstance(value, nf.Table) else dict(value)
            )
    return found
