"""Parquet and Arrow IPC, reading and writing."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from nodeflow_nodes.io.arrow_reader import ArrowReader
from nodeflow_nodes.io.arrow_writer import ArrowWriter
from nodeflow_nodes.io.parquet_reader import ParquetReader
from nodeflow_nodes.io.parquet_writer import ParquetWriter
from polars.testing import assert_frame_equal
from polars.testing.parametric import dataframes

import nodeflow as nf
from nodeflow.errors import NodeFailed, ParameterError
from nodeflow.node import Node

TABLE = pl.DataFrame(
    {
        "n": [1, None, 3],
        "x": [0.5, float("nan"), None],
        "t": ["a", "", None],
        "day": [datetime.date(2024, 12, 31), None, datetime.date(2025, 1, 1)],
        "list": [[1, 2], [], None],
    }
)
PLAIN = TABLE.with_columns(pl.col("x").fill_nan(None))
KINDS = {
    "parquet": (ParquetReader, ParquetWriter, pl.DataFrame.write_parquet),
    "arrow": (ArrowReader, ArrowWriter, pl.DataFrame.write_ipc),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def write(table: pl.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    KINDS[path.suffix[1:]][2](table, path)
    return path


def reader(path: Path, **options: Any) -> Node:
    return KINDS[path.suffix[1:]][0](path=str(path), **options)


def rows(node: Node) -> pl.DataFrame:
    found = node.run().collect(engine="streaming")
    assert isinstance(found, pl.DataFrame)
    return found


def save(context: Any, table: pl.DataFrame, path: Path, **options: Any) -> Path:
    node_class = KINDS[path.suffix[1:] or "parquet"][1]
    node = node_class.from_json(node_class(path=str(path), **options).to_json())
    assert node.run(table.lazy(), context) is None
    return path


def test_a_file_is_read_as_it_is_but_nan_is_missing(apply: Any, kind: str, tmp_path: Path) -> None:
    assert_frame_equal(apply(reader(write(TABLE, tmp_path / f"a.{kind}"))), PLAIN)


def test_a_file_without_rows(apply: Any, kind: str, tmp_path: Path) -> None:
    assert_frame_equal(apply(reader(write(TABLE.clear(), tmp_path / f"a.{kind}"))), PLAIN.clear())


def test_columns_are_chosen(apply: Any, kind: str, tmp_path: Path) -> None:
    path = write(TABLE, tmp_path / f"a.{kind}")
    assert apply(reader(path, columns=["x", "n"])).rows() == [(0.5, 1), (None, None), (None, 3)]
    assert apply(reader(path, columns={"types": ["text"]})).columns == ["t"]
    with pytest.raises(NodeFailed, match=r'no column "day_"; .*did you mean "day"'):
        reader(path, columns=["day_"]).run()


def test_rows_at_most_and_source(apply: Any, kind: str, tmp_path: Path) -> None:
    write(TABLE, tmp_path / f"a.{kind}")
    write(TABLE, tmp_path / f"b.{kind}")
    found = apply(reader(tmp_path / f"*.{kind}", max_rows=4, source="file", columns=["n"]))
    assert found.rows() == [(1, f"a.{kind}"), (None, f"a.{kind}"), (3, f"a.{kind}"), (1, f"b.{kind}")]
    with pytest.raises(NodeFailed, match='has a column "n" already'):
        reader(tmp_path / f"a.{kind}", source="n").run()


def test_columns_in_another_order_are_matched_by_name(apply: Any, kind: str, tmp_path: Path) -> None:
    write(pl.DataFrame({"a": [1], "b": ["x"]}), tmp_path / f"1.{kind}")
    write(pl.DataFrame({"b": ["y"], "a": [2]}), tmp_path / f"2.{kind}")
    assert apply(reader(tmp_path / f"*.{kind}")).rows() == [(1, "x"), (2, "y")]


def test_files_that_differ(apply: Any, kind: str, tmp_path: Path) -> None:
    write(pl.DataFrame({"a": [1], "b": ["x"]}), tmp_path / f"1.{kind}")
    write(pl.DataFrame({"a": [2.5], "c": [True]}), tmp_path / f"2.{kind}")
    with pytest.raises(
        NodeFailed, match='lacks "b" and has "c" as well and has "a" as float instead of integer'
    ):
        reader(tmp_path / f"*.{kind}").run()
    found = apply(reader(tmp_path / f"*.{kind}", differing_files="union", source="f"), exported=False)
    assert found.columns == ["a", "b", "c", "f"]
    assert found.rows() == [(1.0, "x", None, f"1.{kind}"), (2.5, None, True, f"2.{kind}")]
    with pytest.raises(NodeFailed, match='"a" is float, but integer in the files before'):
        reader(tmp_path / f"*.{kind}", differing_files="first").run()
    write(pl.DataFrame({"a": [2], "c": [True]}), tmp_path / f"2.{kind}")
    found = apply(reader(tmp_path / f"*.{kind}", differing_files="first", max_rows=5), exported=False)
    assert found.rows() == [(1, "x"), (2, None)]


def test_names_of_folders_become_columns(apply: Any, kind: str, tmp_path: Path) -> None:
    for year, city in ((2024, "Ulm"), (2024, "a%2Fb"), (2025, "Ulm")):
        write(pl.DataFrame({"x": [year]}), tmp_path / "k=9" / f"year={year}" / f"city={city}" / f"p.{kind}")
    path = tmp_path / "k=9" / "**" / f"*.{kind}"
    found = apply(reader(path))
    assert found.rows() == [(2024, 2024, "Ulm"), (2024, 2024, "a/b"), (2025, 2025, "Ulm")]
    assert found.columns == ["x", "year", "city"]
    assert apply(reader(path, folder_columns=False)).columns == ["x"]
    assert apply(reader(path, columns=["city"]))["city"].to_list() == ["Ulm", "a/b", "Ulm"]
    few = reader(path).run().filter(pl.col("year") == 2025)
    assert few.collect().rows() == [(2025, 2025, "Ulm")]
    write(pl.DataFrame({"x": [1]}), tmp_path / "k=9" / "month=1" / f"p.{kind}")
    with pytest.raises(NodeFailed, match="folders named after other columns"):
        reader(path).run()


def test_a_folder_above_the_pattern_hides_no_column(kind: str, tmp_path: Path) -> None:
    write(pl.DataFrame({"k": [1]}), tmp_path / "k=9" / "year=1" / f"p.{kind}")
    with pytest.raises(NodeFailed, match='"k" is the name of a column and stands in the name of a folder'):
        reader(tmp_path / "k=9" / "**" / f"*.{kind}").run()


def test_hostile_names(apply: Any, kind: str, tmp_path: Path, hostile_names: list[str]) -> None:
    table = pl.DataFrame({name: [index] for index, name in enumerate(hostile_names)})
    path = write(table, tmp_path / f"a.{kind}")
    assert_frame_equal(apply(reader(path)), table)
    some = hostile_names[:5]
    assert apply(reader(path, columns=some), exported=False).columns == some


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty: it has not a single byte"),
        (b"a,b\n1,2\n", "seems to be plain text, which the CSV Reader reads"),
        (b'{"a": 1}', "seems to be JSON text, which the JSON Reader reads"),
        (b"PK\x03\x04abc", "seems to be a damaged zip archive"),
        (b"\x00\x01\x02", "check which file you meant"),
    ],
)
def test_another_format_is_told(kind: str, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(content)
    with pytest.raises(NodeFailed, match=words):
        reader(path).run()


def test_the_other_columnar_format_is_told(tmp_path: Path) -> None:
    TABLE.write_ipc(tmp_path / "a.parquet")
    with pytest.raises(NodeFailed, match="an Arrow IPC file, which the Arrow IPC Reader reads"):
        reader(tmp_path / "a.parquet").run()


def test_a_missing_file_and_a_folder_are_told(kind: str, tmp_path: Path) -> None:
    with pytest.raises(NodeFailed, match="there is no file"):
        reader(tmp_path / f"none.{kind}").run()
    (tmp_path / f"f.{kind}").mkdir()
    with pytest.raises(NodeFailed, match=rf"is a folder; .*such as .*\*\.{kind}"):
        reader(tmp_path / f"f.{kind}").run()
    with pytest.raises(NodeFailed, match="no file fits"):
        reader(tmp_path / f"*z.{kind}").run()


def test_a_truncated_file_is_told_before_running(kind: str, tmp_path: Path) -> None:
    path = write(TABLE, tmp_path / f"a.{kind}")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(NodeFailed, match=r"incomplete: .* its end is missing"):
        reader(path).run()


def test_damage_inside_names_the_file(tmp_path: Path) -> None:
    path = write(pl.DataFrame({"x": range(100)}), tmp_path / "a.parquet")
    write(pl.DataFrame({"x": range(100)}), tmp_path / "b.parquet")
    data = bytearray(path.read_bytes())
    data[4:30] = b"\xff" * 26
    path.write_bytes(data)
    node = reader(tmp_path / "*.parquet")
    with pytest.raises(pl.exceptions.PolarsError) as caught:
        rows(node)
    assert f"{path} cannot be read as a Parquet file, its content is damaged" in (
        node.explain(caught.value) or ""
    )


def test_filters_and_choices_of_columns_reach_the_scan(kind: str, tmp_path: Path) -> None:
    path = write(pl.DataFrame({"a": [1], "b": [2], "c": [3]}), tmp_path / f"a.{kind}")
    plan = reader(path).run().filter(pl.col("a") > 0).select("b").explain()
    assert "PROJECT 2/3 COLUMNS" in plan
    assert "SELECTION" in plan


def test_writing_and_reading_gives_the_same(context: Any, kind: str, tmp_path: Path) -> None:
    assert_frame_equal(rows(reader(save(context, TABLE, tmp_path / f"a.{kind}"))), PLAIN)
    assert_frame_equal(rows(reader(save(context, TABLE.clear(), tmp_path / f"e.{kind}"))), PLAIN.clear())


@pytest.mark.parametrize("compression", ["zstd", "snappy", "lz4", "gzip", "brotli", "none"])
def test_compressions(context: Any, tmp_path: Path, compression: str) -> None:
    level = 3 if compression in ("zstd", "gzip", "brotli") else None
    path = save(context, TABLE, tmp_path / "a.parquet", compression=compression, level=level, row_group=2)
    assert_frame_equal(rows(reader(path)), PLAIN)
    import pyarrow.parquet as pq

    told = pq.ParquetFile(path).metadata
    assert told.row_group(0).column(0).compression.lower() == {"none": "uncompressed"}.get(
        compression, compression
    )
    assert told.num_row_groups == 2


def test_a_level_beyond_the_compression_is_a_fault() -> None:
    with pytest.raises(ParameterError, match="gzip has no level beyond 9"):
        ParquetWriter(path="a.parquet", compression="gzip", level=10)
    ParquetWriter(path="a.parquet", compression="snappy", level=10)


def test_arrow_files_for_older_programs(context: Any, tmp_path: Path) -> None:
    import pyarrow.ipc

    for compatible, name in ((True, "large_string"), (False, "string_view")):
        for compression in ("none", "lz4", "zstd"):
            path = save(context, TABLE, tmp_path / "a.arrow", compatible=compatible, compression=compression)
            with pyarrow.ipc.open_file(path) as file:
                assert str(file.schema.field("t").type) == name
                assert file.read_all()["n"].to_pylist() == [1, None, 3]


def test_an_existing_file_can_be_kept(context: Any, kind: str, tmp_path: Path) -> None:
    path = save(context, TABLE, tmp_path / f"a.{kind}")
    with pytest.raises(NodeFailed, match="exists already"):
        save(context, TABLE.head(1), path, existing="fail")
    assert rows(reader(path)).height == 3
    save(context, TABLE.head(1), path)
    assert rows(reader(path)).height == 1


def test_a_failing_query_leaves_the_old_file_and_nothing_else(
    context: Any, kind: str, tmp_path: Path
) -> None:
    path = save(context, TABLE, tmp_path / f"a.{kind}")
    failing = TABLE.lazy().with_columns(pl.col("t").str.to_integer())
    with pytest.raises(pl.exceptions.PolarsError):
        KINDS[kind][1](path=str(path)).run(failing, context)
    assert rows(reader(path)).height == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == [f"a.{kind}", "temporary"]


SALES = pl.DataFrame(
    {"city": ["Ulm", "a/b", None, "Ulm"], "year": [2024, 2024, 2025, 2025], "x": [1, 2, 3, 4]}
)


def test_a_table_parted_by_columns(context: Any, tmp_path: Path) -> None:
    folder = save(context, SALES, tmp_path / "sales", partition_by=["year", "city"])
    names = sorted(str(one.relative_to(folder)) for one in folder.rglob("*.parquet"))
    assert names == [
        "year=2024/city=Ulm/00000000.parquet",
        "year=2024/city=a%2Fb/00000000.parquet",
        "year=2025/city=Ulm/00000000.parquet",
        "year=2025/city=__HIVE_DEFAULT_PARTITION__/00000000.parquet",
    ]
    found = rows(reader(folder / "**" / "*.parquet"))
    assert found.rows() == [(1, 2024, "Ulm"), (2, 2024, "a/b"), (4, 2025, "Ulm"), (3, 2025, None)]


def test_writing_parts_again_removes_those_that_are_gone(context: Any, tmp_path: Path) -> None:
    folder = save(context, SALES, tmp_path / "sales", partition_by=["year"])
    (folder / "notes.txt").write_text("mine")
    (folder / "city=Ulm").mkdir()
    (folder / "city=Ulm" / "other.parquet").write_bytes(b"mine")
    save(context, SALES.filter(pl.col("year") == 2025), folder, partition_by=["year"])
    left = sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    assert left == ["city=Ulm/other.parquet", "notes.txt", "year=2025/00000000.parquet"]
    assert context.warnings == [f"1 files of {folder} were removed, since the table has no such rows now"]
    with pytest.raises(NodeFailed, match="has files already"):
        save(context, SALES, folder, partition_by=["year"], existing="fail")
    save(context, SALES.clear(), folder, partition_by=["year"])
    assert "the table has no rows" in context.warnings[1]


def test_parts_that_cannot_be(context: Any, faults: Any, tmp_path: Path) -> None:
    def told(table: pl.DataFrame, **options: Any) -> list[str]:
        return faults(ParquetWriter(path="s", **options), table=table)  # type: ignore[no-any-return]

    assert told(SALES, partition_by=["city", "year", "x"]) == [
        "every column names folders, so that none is left for the files"
    ]
    assert "cannot name a folder" in told(pl.DataFrame({"a=b": [1], "x": [1]}), partition_by=["a=b"])[0]
    assert "is float, not" in told(pl.DataFrame({"f": [1.5], "x": [1]}), partition_by=["f"])[0]
    assert (
        "cannot name folders"
        in told(pl.DataFrame({"f": [1.5], "x": ["a"]}), partition_by={"types": ["number"]})[0]
    )
    assert told(SALES, partition_by=["year"]) == []
    with pytest.raises(NodeFailed, match="too long for the name of a folder"):
        save(context, pl.DataFrame({"k": ["x" * 300], "v": [1]}), tmp_path / "long", partition_by=["k"])
    assert not (tmp_path / "long").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(NodeFailed, match="is a file, but a table parted by columns needs a folder"):
        save(context, SALES, tmp_path / "file", partition_by=["year"])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    table=dataframes(
        max_cols=4,
        max_size=6,
        allowed_dtypes=[pl.Int64, pl.String, pl.Boolean, pl.Date, pl.Datetime("us"), pl.Float64, pl.Binary],
    )
)
def test_every_table_comes_back(context: Any, tmp_path: Path, table: pl.DataFrame) -> None:
    import polars.selectors as cs

    wanted = table.with_columns(cs.float().fill_nan(None))
    for kind in KINDS:
        path = tmp_path / f"any.{kind}"
        path.unlink(missing_ok=True)
        assert_frame_equal(rows(reader(save(context, table, path))), wanted)


def test_a_workflow_writes_and_reads(tmp_path: Path) -> None:
    workflow = nf.Workflow("x", folder=tmp_path)
    table = workflow.add("table_creator", columns=[{"name": "a", "type": "integer", "cells": ["1", "2"]}])
    workflow.add("parquet_writer", table, path="out.parquet")
    workflow.run(cache=False, output=tmp_path)
    again = nf.Workflow("y", folder=tmp_path)
    again.add("parquet_reader", id="read", path="out.parquet")
    assert again.run(cache=False)["read"].table.to_polars()["a"].to_list() == [1, 2]


def test_a_file_that_claims_too_many_rows_is_not_read(monkeypatch: Any, kind: str, tmp_path: Path) -> None:
    monkeypatch.setattr("nodeflow_nodes.io._columnar._MANY_ROWS", 2)
    monkeypatch.setattr("nodeflow_nodes.io._columnar._MOST_ROWS_A_BYTE", 0)
    path = write(TABLE, tmp_path / f"a.{kind}")
    with pytest.raises(NodeFailed, match="claims to have 3 rows in"):
        reader(path).run()
