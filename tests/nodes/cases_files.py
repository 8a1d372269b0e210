"""Nodes that read and write files: their contract cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

TABLE = pl.DataFrame({"a": [1, 2, None], "b": ["x", None, "z"]})


def parquet(folder: Path) -> dict[str, Any]:
    TABLE.write_parquet(folder / "t.parquet")
    return {"parameters": {"path": str(folder / "t.parquet")}}


def arrow(folder: Path) -> dict[str, Any]:
    TABLE.write_ipc(folder / "t.arrow")
    return {"parameters": {"path": str(folder / "t.arrow")}}


def json(folder: Path) -> dict[str, Any]:
    (folder / "t.json").write_text('[{"a": 1, "b": {"c": "x"}}, {"a": null}]')
    return {"parameters": {"path": str(folder / "t.json")}}


CONTRACT: dict[str, Any] = {
    "parquet_reader": parquet,
    "arrow_reader": arrow,
    "json_reader": json,
    "parquet_writer": lambda folder: {"parameters": {"path": str(folder / "out.parquet")}},
    "arrow_writer": lambda folder: {"parameters": {"path": str(folder / "out.arrow")}},
    "json_writer": lambda folder: {"parameters": {"path": str(folder / "out.json")}},
}


def excel(folder: Path) -> dict[str, Any]:
    TABLE.write_excel(folder / "t.xlsx")
    return {"parameters": {"path": str(folder / "t.xlsx")}}


CONTRACT["excel_reader"] = excel
CONTRACT["excel_writer"] = lambda folder: {"parameters": {"path": str(folder / "out.xlsx")}}
