"""Nodes that read and write files of many formats."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.arrow_reader import ArrowReader
from nodeflow_nodes.io.json_reader import JsonReader
from nodeflow_nodes.io.parquet_reader import ParquetReader
from nodeflow_nodes.io.sample_data import SampleData
from polars.testing import assert_frame_equal

import nodeflow as nf
from nodeflow.errors import NodeFailed

TABLE = pl.DataFrame(
    {
        "*": [1, 2, None],
        "^t$": ["x", None, "é"],
        "d": [datetime.date(2024, 2, 29), None, datetime.date(1969, 1, 1)],
        "f": [0.5, None, -1.0],
        "b": [True, False, None],
        "l": [[1, 2], [], None],
        "c": pl.Series(["p", None, "q"], dtype=pl.Categorical),
    }
)
READERS = {"parquet": ParquetReader, "arrow": ArrowReader}


def save(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path) if path.suffix == ".parquet" else table.write_ipc(path)


@pytest.mark.parametrize("kind", list(READERS))
def test_a_table_that_is_written_and_read_is_the_same(kind: str, tmp_path: Path) -> None:
    workflow = nf.Workflow("round trip", folder=tmp_path)
    save(TABLE, tmp_path / f"in.{kind}")
    read = workflow.add(f"{kind}_reader", path=f"in.{kind}")
    workflow.add(f"{kind}_writer", read, path=f"out.{kind}")
    result = workflow.run(cache=False)
    assert_frame_equal(result[read.id].table.to_polars(), TABLE)
    again = READERS[kind](path=nf.InputPath(str(tmp_path / "output" / f"out.{kind}"))).run().collect()
    assert_frame_equal(again, TABLE)
    assert [path.name for path in (tmp_path / "output").iterdir() if path.is_file()] == [f"out.{kind}"]


@pytest.mark.parametrize("kind", list(READERS))
def test_columns_are_chosen_and_files_named(kind: str, tmp_path: Path) -> None:
    for name in ("b", "a"):
        save(TABLE.head(1).with_columns(f=pl.lit(ord(name) * 1.0)), tmp_path / f"{name}.{kind}")
    path = nf.InputPath(str(tmp_path / f"*.{kind}"))
    found = READERS[kind](path=path, columns=["f", "*"], source="from").run().collect()
    assert found.rows() == [(97.0, 1, f"a.{kind}"), (98.0, 1, f"b.{kind}")]
    with pytest.raises(NodeFailed, match='no column "g"'):
        READERS[kind](path=path, columns=["g"]).run()


def test_only_what_is_used_is_read(tmp_path: Path) -> None:
    save(TABLE, tmp_path / "t.parquet")
    plan = (
        ParquetReader(path=nf.InputPath(str(tmp_path / "t.parquet")))
        .run()
        .filter(pl.col("f") > 0)
        .select("d")
        .explain()
    )
    assert "PROJECT 2/7 COLUMNS" in plan
    assert "SELECTION" in plan


def test_folders_become_columns(tmp_path: Path) -> None:
    for year in (2023, 2024):
        (tmp_path / f"year={year}").mkdir()
        pl.DataFrame({"n": [year - 2000]}).write_parquet(tmp_path / f"year={year}" / "part.parquet")
    path = nf.InputPath(str(tmp_path / "**" / "*.parquet"))
    assert ParquetReader(path=path, partitions=True).run().collect().rows() == [(23, 2023), (24, 2024)]


@pytest.mark.parametrize("kind", list(READERS))
@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is empty"), (b"PAR1 no more", "is no"), (b"a,b\n1,2\n", "is no")]
)
def test_other_files_are_told(kind: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{kind}"
    path.write_bytes(content)
    with pytest.raises(NodeFailed, match=words) as told:
        READERS[kind](path=nf.InputPath(str(path))).run()
    assert str(path) in str(told.value)
    with pytest.raises(NodeFailed, match="no file"):
        READERS[kind](path=nf.InputPath(str(tmp_path / f"gone.{kind}"))).run()


@pytest.mark.parametrize("kind", list(READERS))
def test_a_damaged_file_is_told(kind: str, tmp_path: Path) -> None:
    table = pl.DataFrame({"n": list(range(5000)), "t": [str(i) * 3 for i in range(5000)]})
    save(table, tmp_path / f"t.{kind}")
    raw = bytearray((tmp_path / f"t.{kind}").read_bytes())
    (tmp_path / f"t.{kind}").write_bytes(raw[: len(raw) // 2])
    workflow = nf.Workflow("damaged", folder=tmp_path)
    workflow.add(f"{kind}_reader", path=f"t.{kind}")
    with pytest.raises(nf.NodeflowError, match="damaged"):
        workflow.run(cache=False)


def test_files_with_other_columns_are_told(tmp_path: Path) -> None:
    save(pl.DataFrame({"a": [1]}), tmp_path / "1.parquet")
    save(pl.DataFrame({"b": [1]}), tmp_path / "2.parquet")
    workflow = nf.Workflow("other", folder=tmp_path)
    workflow.add("parquet_reader", path="*.parquet")
    result = workflow.run(cache=False, check=False)
    assert "nodes of their own" in result.reports["parquet_reader"].reason


def test_a_file_that_is_there_may_be_kept(tmp_path: Path) -> None:
    workflow = nf.Workflow("keep", folder=tmp_path)
    given = workflow.add("table_creator", columns=[{"name": "a", "type": "integer", "cells": ["1"]}])
    for kind in ("parquet", "arrow", "json"):
        workflow.add(f"{kind}_writer", given, path=f"t.{kind}", existing="fail")
    workflow.run(cache=False)
    again = workflow.run(cache=False, check=False)
    for kind in ("parquet", "arrow", "json"):
        assert "exists already" in again.reports[f"{kind}_writer"].reason


def read(text: str, folder: Path, name: str = "t.json", **options: Any) -> pl.DataFrame:
    (folder / name).write_text(text, encoding="utf-8")
    return JsonReader(path=nf.InputPath(str(folder / name)), **options).run()


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ('[{"a": 1}, {"b": "x"}]', {}, {"a": [1, None], "b": [None, "x"]}),
        ('{"a": 1}', {}, {"a": [1]}),
        ('[{"a": {"b": 1, "c": {"d": true}}}]', {}, {"a.b": [1], "a.c.d": [True]}),
        ('[{"a": {"b": 1}}]', {"nested": "text"}, {"a": ['{"b": 1}']}),
        ('[{"a": {"b": {"c": 1}}}]', {"depth": 1}, {"a.b": ['{"c": 1}']}),
        ('{"data": {"items": [{"a": 1}]}}', {"rows": "data.items"}, {"a": [1]}),
        ("[[1, 2], [3]]", {}, {"column_1": [1, 3], "column_2": [2, None]}),
        ("[1, null, 2]", {}, {"value": [1, None, 2]}),
        ('[{"a": 1}, {"a": 2.5}]', {}, {"a": [1.0, 2.5]}),
        ('[{"a": 1}, {"a": "x"}]', {}, {"a": ["1", "x"]}),
        ('[{"a": [1, 2]}, {"a": []}, {"a": null}]', {}, {"a": [[1, 2], [], None]}),
        ('[{"a": [1, "x"]}]', {}, {"a": [["1", "x"]]}),
        ('[{"a": [{"b": 1}]}]', {}, {"a": ['[{"b": 1}]']}),
        ('[{"a": 99999999999999999999}]', {}, {"a": ["99999999999999999999"]}),
        ("[]", {}, {}),
        ('{"a": 1}\n\n{"a": 2}\n', {}, {"a": [1, 2]}),
        ('{"a": 1}\n{"a": 2}', {"form": "json lines"}, {"a": [1, 2]}),
    ],
)
def test_json_becomes_a_table(
    text: str, options: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    assert read(text, tmp_path, **options).to_dict(as_series=False) == expected


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("", {}, "is empty"),
        ("{", {}, "is no JSON"),
        ('{"a": 1}\n{', {"form": "json lines"}, "line 2 is no JSON"),
        ('{"a": [1]}', {"rows": "b"}, 'leads nowhere at "b"; there is a'),
        ("[" * 100_000, {}, "nested too deeply"),
    ],
)
def test_json_that_cannot_be_read_is_told(
    text: str, options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(NodeFailed, match=words):
        read(text, tmp_path, **options)


@pytest.mark.parametrize("name", ["t.json", "t.jsonl"])
def test_json_is_written(name: str, tmp_path: Path) -> None:
    workflow = nf.Workflow("json", folder=tmp_path)
    given = workflow.add("table_creator", columns=[{"name": "é", "type": "integer", "cells": ["1", ""]}])
    workflow.add("json_writer", given, path=name)
    workflow.run(cache=False)
    text = (tmp_path / "output" / name).read_text(encoding="utf-8")
    rows = json.loads(text) if name == "t.json" else [json.loads(line) for line in text.splitlines()]
    assert rows == [{"é": 1}, {"é": None}]


@pytest.mark.parametrize(
    ("dataset", "shape", "target"),
    [
        ("iris", (150, 5), 3),
        ("wine", (178, 14), 3),
        ("breast cancer", (569, 31), 2),
        ("diabetes", (442, 11), 214),
        ("digits", (1797, 65), 10),
    ],
)
def test_sample_data_are_complete(dataset: Any, shape: tuple[int, int], target: int) -> None:
    table = SampleData(dataset=dataset).run()
    assert table.shape == shape
    assert table.to_series(-1).n_unique() == target
    assert table.null_count().sum_horizontal().item() == 0
