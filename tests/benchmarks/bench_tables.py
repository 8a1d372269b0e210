"""A cleaning workflow of 14 nodes over 10 M rows, and single nodes over 5 M rows, against plain scripts."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import process, python, row

GENERATE = """
import sys, numpy as np, polars as pl
rows, folder = int(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(0)
names = np.array([" Ann", "BOB ", "cy", "Dee", "  eva", "FRED"])
with open(f"{folder}/sales.csv", "wb") as file:
    for start in range(0, rows, 1_000_000):
        n = min(1_000_000, rows - start)
        price = rng.uniform(1, 500, n).round(2)
        pl.DataFrame({
            "id": np.arange(start, start + n), "seller": names[rng.integers(0, 6, n)],
            "shop": rng.integers(0, 500, n), "quantity": rng.integers(-1, 20, n),
            "price": pl.Series(price).set(pl.Series(rng.uniform(size=n) < 0.02), None),
            "kind": np.array(["tea", "nut", "oil", "jam"])[rng.integers(0, 4, n)],
            "note": np.char.add("note ", rng.integers(0, 10**6, n).astype(str)),
        }).write_csv(file, include_header=start == 0)
pl.DataFrame({"shop": np.arange(500), "town": [f"town {i % 60}" for i in range(500)]}).write_csv(f"{folder}/shops.csv")
"""

POLARS = """
import sys, polars as pl
folder, out = sys.argv[1:3]
sales = pl.scan_csv(f"{folder}/sales.csv")
shops = pl.scan_csv(f"{folder}/shops.csv")
cleaned = (
    sales.filter(pl.col("quantity") > 0)
    .with_columns(pl.col("seller").str.strip_chars().str.to_titlecase())
    .with_columns(pl.col("price").fill_null(pl.col("price").median()))
    .with_columns(revenue=pl.col("quantity") * pl.col("price"))
    .with_columns(size=pl.when(pl.col("revenue") > 3000).then(pl.lit("large"))
        .when(pl.col("revenue") > 500).then(pl.lit("middle")).otherwise(pl.lit("small")))
    .rename({"kind": "product"})
    .select("seller", "shop", "product", "size", "revenue")
    .join(shops, on="shop", how="left", maintain_order="left")
    .with_columns(discounted=pl.col("revenue") * 0.9)
    .with_columns(pl.col("discounted").round(2))
    .group_by("town", "product", maintain_order=True).agg(pl.col("discounted").sum(), pl.len().alias("sales"))
)
wide = cleaned.group_by("town", maintain_order=True).agg(
    [pl.when(pl.col("product") == p).then(pl.col("discounted")).sum().alias(p) for p in ("tea", "nut", "oil", "jam")]
)
wide.sort("town").sink_parquet(out)
"""

PANDAS = """
import sys, numpy as np, pandas as pd
folder, out = sys.argv[1:3]
sales = pd.read_csv(f"{folder}/sales.csv")
shops = pd.read_csv(f"{folder}/shops.csv")
sales = sales[sales["quantity"] > 0]
sales["seller"] = sales["seller"].str.strip().str.title()
sales["price"] = sales["price"].fillna(sales["price"].median())
sales["revenue"] = sales["quantity"] * sales["price"]
sales["size"] = np.select([sales["revenue"] > 3000, sales["revenue"] > 500], ["large", "middle"], "small")
sales = sales.rename(columns={"kind": "product"})[["seller", "shop", "product", "size", "revenue"]]
joined = sales.merge(shops, on="shop", how="left")
joined["discounted"] = (joined["revenue"] * 0.9).round(2)
grouped = joined.groupby(["town", "product"], sort=False).agg(discounted=("discounted", "sum"), sales=("size", "size")).reset_index()
wide = grouped.pivot(index="town", columns="product", values="discounted").reset_index()
wide.sort_values("town").to_parquet(out)
"""


def job(folder: Path) -> Path:
    """The cleaning workflow."""
    import nodeflow as nf

    workflow = nf.Workflow("cleaning", folder=folder)
    sales = workflow.add("csv_reader", id="sales", path="sales.csv")
    shops = workflow.add("csv_reader", id="shops", path="shops.csv")
    some = workflow.add("row_filter", sales, condition="quantity > 0")
    named = workflow.add("string_manipulation", some, columns=["seller"], steps=["trim", "title case"])
    filled = workflow.add("missing_value", named, rules=[{"columns": ["price"], "treatment": "median"}])
    priced = workflow.add(
        "formula", filled, id="revenue", formulas=[{"name": "revenue", "expression": "quantity * price"}]
    )
    rules = 'revenue > 3000 => "large"\nrevenue > 500 => "middle"\ntrue => "small"'
    sized = workflow.add("rule_engine", priced, rules=rules, column="size")
    renamed = workflow.add("column_rename", sized, renames=[{"column": "kind", "name": "product"}])
    narrow = workflow.add("column_filter", renamed, columns=["seller", "shop", "product", "size", "revenue"])
    keys = [{"left": "shop", "right": "shop"}]
    joined = workflow.add("joiner", narrow, shops, kind="left", keys=keys)
    reduced = workflow.add(
        "math_formula", joined, columns=["revenue"], expression="round(value * 0.9, 2)", mode="append"
    )
    sums = [{"column": "revenue_new", "function": "sum", "name": "discounted"}]
    grouped = workflow.add(
        "group_by", reduced, keys=["town", "product"], aggregations=sums, row_count="sales"
    )
    cells = [{"column": "discounted"}]
    listed = ["tea", "nut", "oil", "jam"]
    wide = workflow.add("pivot", grouped, rows=["town"], column="product", cells=cells, listed=listed)
    workflow.add(
        "parquet_writer", workflow.add("sorter", wide, by=[{"column": "town"}]), path="towns.parquet"
    )
    workflow.save(folder / "cleaning.json")
    return folder / "cleaning.json"


NODES: dict[str, tuple[str, dict[str, Any], str]] = {
    "Row Filter": ("row_filter", {"condition": "quantity > 5"}, 't[t["quantity"] > 5]'),
    "Row Splitter": (
        "row_splitter", {"condition": "quantity > 5"}, '(t[t["quantity"] > 5], t[~(t["quantity"] > 5)])',
    ),
    "Column Filter": ("column_filter", {"columns": ["id", "price"]}, 't[["id", "price"]].copy()'),
    "Column Rename": ("column_rename", {"letters": "upper"}, "t.rename(columns=str.upper).copy()"),
    "Constant Column": ("constant_column", {"value": "1", "type": "integer"}, "t.assign(constant=1)"),
    "Formula": (
        "formula", {"formulas": [{"name": "r", "expression": "quantity * price"}]}, 't.assign(r=t["quantity"] * t["price"])',
    ),
    "Math Formula": ("math_formula", {"columns": ["price"], "expression": "value * 2"}, 't.assign(price=t["price"] * 2)'),
    "Round": ("round", {"columns": ["price"]}, 't.assign(price=t["price"].round())'),
    "Rule Engine": (
        "rule_engine",
        {"rules": 'price > 300 => "a"\nprice > 100 => "b"\ntrue => "c"'},
        't.assign(p=np.select([t["price"] > 300, t["price"] > 100], ["a", "b"], "c"))',
    ),
    "String Manipulation": (
        "string_manipulation", {"columns": ["seller"], "steps": ["trim", "lower case"]}, 't.assign(seller=t["seller"].str.strip().str.lower())',
    ),
    "String Replacer": (
        "string_replacer", {"columns": ["note"], "find": "note", "replacement": "n"}, 't.assign(note=t["note"].str.replace("note", "n", regex=False))',
    ),
    "Cell Splitter": ("cell_splitter", {"column": "note", "separator": " "}, 't.join(t["note"].str.split(" ", expand=True))'),
    "Column Combiner": ("column_combiner", {"columns": ["seller", "kind"]}, 't.assign(combined=t["seller"] + " " + t["kind"])'),
    "Column Aggregator": ("column_aggregator", {"columns": ["quantity", "price"]}, 't.assign(total=t[["quantity", "price"]].sum(axis=1, min_count=1))'),
    "Missing Value": ("missing_value", {"rules": [{"columns": ["price"], "treatment": "mean"}]}, 't.assign(price=t["price"].fillna(t["price"].mean()))'),
    "Cast Types": ("cast_types", {"casts": [{"columns": ["quantity"], "type": "text"}]}, 't.assign(quantity=t["quantity"].astype(str))'),
    "Sorter": ("sorter", {"by": [{"column": "price"}]}, 't.sort_values("price", kind="stable")'),
    "Duplicate Row Filter": ("duplicate_row_filter", {"columns": ["shop", "quantity"]}, 't.drop_duplicates(["shop", "quantity"])'),
    "Top K": ("top_k", {"by": "price"}, 't.nlargest(10, "price")'),
    "Rank": ("rank", {"by": "price"}, 't.assign(rank=t["price"].rank(method="min", ascending=False))'),
    "Row Number": ("row_number", {}, "t.assign(row=np.arange(1, len(t) + 1))"),
    "Lag": ("lag", {"columns": ["price"]}, 't.assign(lag=t["price"].shift(1))'),
    "Cumulative Aggregation": ("cumulative_aggregation", {"columns": ["price"]}, 't.assign(c=t["price"].cumsum())'),
    "Moving Aggregation": ("moving_aggregation", {"columns": ["price"]}, 't.assign(m=t["price"].rolling(3, min_periods=1).mean())'),
    "GroupBy": ("group_by", {"keys": ["shop"], "aggregations": [{"column": "price", "function": "mean"}]}, 't.groupby("shop", sort=False)["price"].mean().reset_index()'),
    "Pivot": (
        "pivot", {"rows": ["shop"], "column": "kind", "cells": [{"column": "price"}]}, 't.pivot_table(index="shop", columns="kind", values="price", aggfunc="sum")',
    ),
    "Unpivot": ("unpivot", {"columns": ["quantity", "price"], "kept": ["id"]}, 't.melt(id_vars=["id"], value_vars=["quantity", "price"])'),
    "Value Counts": ("value_counts", {"columns": ["kind"]}, 't["kind"].value_counts()'),
    "Row Sampling": ("row_sampling", {}, "t.sample(frac=0.1, random_state=0).sort_index()"),
    "Shuffle": ("shuffle", {}, "t.sample(frac=1, random_state=0)"),
}  # fmt: skip


def single(folder: Path, count: int) -> list[dict[str, Any]]:
    """Each node on a table in memory against pandas, both in this process."""
    import narwhals as nw
    import numpy as np
    import pandas as pd
    import polars as pl

    from nodeflow.execution.calling import named_outputs
    from nodeflow.registry import Registry

    table = pl.read_csv(folder / "sales.csv", n_rows=count)
    frame = pd.read_csv(folder / "sales.csv", nrows=count)
    registry = Registry.installed()
    found = []
    for title, (kind, parameters, source) in NODES.items():
        known = registry.get(kind)
        assert known is not None
        node = known.load().from_json(parameters)
        best, plain = float("inf"), float("inf")
        for _ in range(2):
            started = time.perf_counter()
            form = node.signature().inputs[0].form
            lazy = table.lazy()
            returned = node.run(nw.from_native(lazy) if form == "narwhals" else lazy)
            outputs = named_outputs(node.signature(), returned, node.name)
            frames = [one.to_native() if hasattr(one, "to_native") else one for one in outputs.values()]
            pl.collect_all(frames, engine="streaming")
            best = min(best, time.perf_counter() - started)
            started = time.perf_counter()
            eval(source, {"t": frame, "np": np})  # noqa: S307 - the script of this very file
            plain = min(plain, time.perf_counter() - started)
        found.append(
            row(f"{title}, {count / 1e6:g} M rows ({best:.3f} s), share of pandas", best / plain, "x", 1.0)
        )
    return found


def rows(quick: bool) -> list[dict[str, Any]]:
    """The workflow, then the nodes one by one."""
    command = shutil.which("nodeflow", path=str(Path(sys.executable).parent)) or "nodeflow"
    count, repeat = (200_000, 1) if quick else (10_000_000, 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python(GENERATE, str(count), name)
        out = str(folder / "plain.parquet")
        polars_time, polars_peak = python(POLARS, name, out, repeat=repeat)
        pandas_time, pandas_peak = python(PANDAS, name, out, repeat=1)
        run_time, run_peak = process([command, "run", str(job(folder)), "--no-cache"], repeat=repeat)
        size = f"cleaning, {count / 1e6:g} M rows"
        found = [
            row(f"{size}: hand-written Polars script, whole process", polars_time, "s"),
            row(f"{size}: hand-written pandas script", pandas_time, "s"),
            row(f"{size}: nodeflow run, 15 nodes, no cache", run_time, "s"),
            row("  times the Polars script", run_time / polars_time, "x", 1.15),
            row("  share of pandas' time", run_time / pandas_time, "x", 1 / 3),
            row("  peak of Polars", polars_peak, "MB"),
            row("  peak of pandas", pandas_peak, "MB"),
            row("  peak of nodeflow, share of pandas'", run_peak / pandas_peak, "x", 0.5),
        ]
        return [*found, *single(folder, count // 2)]
