"""The 10 M row job: read a CSV of 600 MB, filter, formula, join, group, sort; against plain scripts."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import process, python, row

GENERATE = """
import sys, numpy as np, polars as pl
rows, folder = int(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(0)
with open(f"{folder}/orders.csv", "wb") as file:
    for start in range(0, rows, 1_000_000):
        n = min(1_000_000, rows - start)
        pl.DataFrame({
            "order": np.arange(start, start + n), "customer": rng.integers(0, 100_000, n),
            "product": rng.integers(0, 1_000, n), "quantity": rng.integers(1, 20, n),
            "price": rng.uniform(1, 500, n).round(2), "discount": rng.uniform(0, 0.4, n).round(4),
            "note": np.char.add("note ", rng.integers(0, 10**6, n).astype(str)),
            "day": rng.integers(1, 366, n),
        }).write_csv(file, include_header=start == 0)
pl.DataFrame({
    "product": np.arange(1_000), "category": [f"category {i % 40}" for i in range(1_000)],
    "weight": rng.uniform(0.1, 9, 1_000).round(3),
}).write_csv(f"{folder}/products.csv")
"""

POLARS = """
import sys, polars as pl
folder, out = sys.argv[1:3]
orders = pl.scan_csv(f"{folder}/orders.csv")
products = pl.scan_csv(f"{folder}/products.csv")
(
    orders.filter((pl.col("quantity") >= 5) & (pl.col("discount") < 0.3))
    .with_columns(revenue=pl.col("quantity") * pl.col("price") * (1 - pl.col("discount")))
    .join(products, on="product", how="inner", maintain_order="left")
    .group_by("category", maintain_order=True)
    .agg(total=pl.col("revenue").sum(), mean=pl.col("revenue").mean(), orders=pl.len())
    .sort("total", descending=True)
    .sink_csv(out)
)
"""

PANDAS = """
import sys, pandas as pd
folder, out = sys.argv[1:3]
engine = {"engine": "pyarrow"} if len(sys.argv) > 3 else {}
orders = pd.read_csv(f"{folder}/orders.csv", usecols=["product", "quantity", "price", "discount"], **engine)
products = pd.read_csv(f"{folder}/products.csv")
orders = orders[(orders["quantity"] >= 5) & (orders["discount"] < 0.3)]
orders = orders.assign(revenue=orders["quantity"] * orders["price"] * (1 - orders["discount"]))
joined = orders.merge(products, on="product", how="inner")
grouped = joined.groupby("category", sort=False).agg(
    total=("revenue", "sum"), mean=("revenue", "mean"), orders=("revenue", "size")
)
grouped.reset_index().sort_values("total", ascending=False).to_csv(out, index=False)
"""


def job(folder: Path) -> Path:
    """The job as a workflow file."""
    import nodeflow as nf

    workflow = nf.Workflow("orders", folder=folder)
    orders = workflow.add("csv_reader", id="orders", path="orders.csv")
    products = workflow.add("csv_reader", id="products", path="products.csv")
    chosen = workflow.add("row_filter", orders, condition="quantity >= 5 and discount < 0.3")
    revenue = workflow.add(
        "formula", chosen, formulas=[{"name": "revenue", "expression": "quantity * price * (1 - discount)"}]
    )
    joined = workflow.add(
        "joiner", revenue, products, kind="inner", keys=[{"left": "product", "right": "product"}]
    )
    grouped = workflow.add(
        "group_by",
        joined,
        keys=["category"],
        aggregations=[
            {"column": "revenue", "function": "sum", "name": "total"},
            {"column": "revenue", "function": "mean", "name": "mean"},
            {"column": "revenue", "function": "count", "name": "orders"},
        ],
    )
    ordered = workflow.add("sorter", grouped, by=[{"column": "total", "descending": True}])
    workflow.add("csv_writer", ordered, path="categories.csv")
    workflow.save(folder / "orders.json")
    return folder / "orders.json"


def rows(quick: bool) -> list[dict[str, Any]]:
    """The workflow without and with a cache, against Polars and pandas, with peak memory."""
    command = shutil.which("nodeflow", path=str(Path(sys.executable).parent)) or "nodeflow"
    count, repeat = (200_000, 1) if quick else (10_000_000, 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python(GENERATE, str(count), name)
        file = job(folder)
        out = str(folder / "plain.csv")
        polars_time, polars_peak = python(POLARS, name, out, repeat=repeat)
        pandas_time, pandas_peak = python(PANDAS, name, out, repeat=min(repeat, 2))
        arrow_time, arrow_peak = python(PANDAS, name, out, "arrow", repeat=min(repeat, 2))
        base = [command, "run", str(file)]
        plain_time, plain_peak = process([*base, "--no-cache"], repeat=repeat)
        found = []
        for number in range(repeat):
            cache = folder / f"cache{number}"
            found.append(process([*base, "--cache-dir", str(cache)]))
        cold_time, cold_peak = min(found)
        cache_folder = str(folder / "cache0")
        again = process([*base, "--cache-dir", cache_folder], repeat=repeat)[0]
    size = f"{count / 1e6:g} M rows"
    return [
        row(f"{size}: hand-written Polars script, whole process", polars_time, "s"),
        row(f"{size}: hand-written pandas script", pandas_time, "s"),
        row(f"{size}: hand-written pandas script, Arrow reader", arrow_time, "s"),
        row(f"{size}: nodeflow run, no cache, whole process", plain_time, "s"),
        row(f"{size}: nodeflow run, empty cache (digests the 600 MB file)", cold_time, "s"),
        row(f"{size}: nodeflow run again", again, "s", 0.5),
        row("  no cache, times the Polars script", plain_time / polars_time, "x", 1.1),
        row(
            "  no cache, share of the faster pandas script's time",
            plain_time / min(pandas_time, arrow_time),
            "x",
            1 / 3,
        ),
        row("  peak of Polars", polars_peak, "MB"),
        row("  peak of pandas", min(pandas_peak, arrow_peak), "MB"),
        row("  peak of nodeflow, no cache", plain_peak, "MB"),
        row("  peak of nodeflow, empty cache", cold_peak, "MB"),
    ]
