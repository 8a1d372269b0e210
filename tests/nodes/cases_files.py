"""How the contract of the nodes that read and write files is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

PEOPLE = pl.DataFrame({"name": ["Ada", "Bo", None], "age": [36, None, 5], "x": [0.5, float("nan"), 2.0]})


def read(name: str, write: Any, **parameters: Any) -> Any:
    """A case for a reader of a file that `write` makes."""

    def case(folder: Path) -> dict[str, Any]:
        write(folder / name)
        return {"parameters": {"path": str(folder / name), **parameters}}

    return case


def written(name: str, **parameters: Any) -> Any:
    """A case for a writer."""

    def case(folder: Path) -> dict[str, Any]:
        return {"parameters": {"path": str(folder / name), **parameters}}

    return case


def workbook(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("People")
        for index, row in enumerate([["name", "age"], ["Ada", 36], ["Bo", None]]):
            sheet.write_row(index, 0, row)


def text(content: str) -> Any:
    """Writes a text."""
    return lambda path: path.write_text(content, encoding="utf-8")


def model() -> Any:
    """A small fitted model."""
    import nodeflow as nf

    workflow = nf.Workflow("model")
    cells = [{"name": n, "type": "number", "cells": [str(i * i), "4", "2", "9"]} for i, n in enumerate("xy")]
    table = workflow.add("table_creator", columns=cells)
    workflow.add("linear_regression_learner", table, id="learn", target="y")
    return workflow.run(cache=False)["learn"].model


def write_model(path: Path) -> None:
    from nodeflow.values.bundle import pack_model

    path.write_bytes(pack_model(model()))


def write_stata(path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]}).to_stata(path, write_index=False)


CONTRACT = {
    "xml_reader": read("a.xml", text("<r><p n='1'><q>x</q></p><p n='2'/></r>")),
    "html_table_reader": read("a.html", text("<table><tr><th>a</th></tr><tr><td>1</td></tr></table>")),
    "text_file_reader": read("a.txt", text("one\n\ntwo\n")),
    "file_list": read("a.txt", text("")),
    "statistical_file_reader": read("a.dta", write_stata),
    "fixed_width_reader": read("a.txt", text("name  age\nAda    36\nBo\n")),
    "arff_reader": read(
        "a.arff", text("@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n1,x\n?,y\n")
    ),
    "model_reader": read("m.nodeflow-model", write_model),
    "model_writer": lambda folder: {
        "parameters": {"path": str(folder / "m.nodeflow-model")},
        "inputs": {"model": model()},
    },
    "data_generator": {"parameters": {"rows": 20, "missing": 0.1}},
    "json_reader": read("people.json", text('[{"name": "Ada", "at": {"x": 1}}, {"name": null}]')),
    "json_writer": written("people.json"),
    "json_lines_reader": read("people.jsonl", text('{"name": "Ada", "at": {"x": 1}}\n{"name": null}\n')),
    "json_lines_writer": written("people.jsonl"),
    "excel_reader": read("people.xlsx", workbook),
    "excel_writer": written("people.xlsx", sheets=["First"]),
    "parquet_reader": read("people.parquet", PEOPLE.write_parquet),
    "parquet_writer": written("parts", partition_by=["text", "flag"]),
    "arrow_reader": read("people.arrow", PEOPLE.write_ipc),
    "arrow_writer": written("people.arrow"),
}
