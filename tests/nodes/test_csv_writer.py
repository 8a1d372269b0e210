"""CSV Writer."""

from __future__ import annotations

import datetime
import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.csv_reader import CsvReader
from nodeflow_nodes.io.csv_writer import CsvWriter
from polars.testing import assert_frame_equal

from nodeflow.errors import NodeflowError, ParameterError
from nodeflow.export.python import PythonScript

TABLE = pl.DataFrame(
    {
        "n": [1, None, 3],
        "x": [0.5, 1.25, None],
        "t": ["a,b", 'say "hi"', None],
        "d": [datetime.date(2024, 12, 31), None, datetime.date(2025, 1, 1)],
        "b": [True, False, None],
    }
)


def written(context: Any, path: Path, table: pl.DataFrame = TABLE, **options: Any) -> str:
    node = CsvWriter(path=str(path), **options)
    node = CsvWriter.from_json(node.to_json())
    assert node.run(table.lazy(), context) is None
    return path.read_bytes().decode() if path.suffix != ".gz" else gzip.decompress(path.read_bytes()).decode()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 'n,x,t,d,b\n1,0.5,"a,b",2024-12-31,true\n,1.25,"say ""hi""",,false\n3,,,2025-01-01,\n'),
        ({"header": False}, '1,0.5,"a,b",2024-12-31,true\n,1.25,"say ""hi""",,false\n3,,,2025-01-01,\n'),
        (
            {"delimiter": ";", "decimal_comma": True, "missing": "NA", "date_format": "%d.%m.%Y"},
            'n;x;t;d;b\n1;0,5;a,b;31.12.2024;true\nNA;1,25;"say ""hi""";NA;false\n3;NA;NA;01.01.2025;NA\n',
        ),
        (
            {"quotes": "non_numeric", "delimiter": "tab", "decimals": 1},
            '"n"\t"x"\t"t"\t"d"\t"b"\n1\t0.5\t"a,b"\t"2024-12-31"\t"true"\n'
            '\t1.2\t"say ""hi"""\t\t"false"\n3\t\t\t"2025-01-01"\t\n',
        ),
    ],
)
def test_what_is_written(context, tmp_path: Path, options, expected: str) -> None:
    assert written(context, tmp_path / "f.csv", **options) == expected


def test_what_is_written_can_be_read_back(context, tmp_path: Path) -> None:
    written(context, tmp_path / "f.csv")
    assert_frame_equal(CsvReader(path=str(tmp_path / "f.csv")).run().collect(), TABLE)


def test_empty_text_and_missing_differ(context, tmp_path: Path) -> None:
    text = written(context, tmp_path / "f.csv", pl.DataFrame({"t": ["", None], "u": ["x", "y"]}))
    assert text == 't,u\n"",x\n,y\n'


def test_a_table_without_rows_has_its_header(context, tmp_path: Path) -> None:
    assert written(context, tmp_path / "f.csv", TABLE.clear()) == "n,x,t,d,b\n"


def test_formulas_are_protected_for_spreadsheets(context, tmp_path: Path) -> None:
    table = pl.DataFrame({"=a": ["=1+1", "@x", "-5", "ok", None], "n": [-1, 2, 3, 4, 5]})
    text = written(context, tmp_path / "f.csv", table, protect_formulas=True, byte_order_mark=True)
    assert text == "\ufeff'=a,n\n'=1+1,-1\n'@x,2\n'-5,3\nok,4\n,5\n"
    assert written(context, tmp_path / "f.csv", table).startswith("=a,n\n=1+1,")


def test_times_and_durations(context, tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "m": [datetime.datetime(2024, 1, 1, 8, 30), datetime.datetime(2024, 1, 1, 8, 30, 0, 500_000)],
            "t": [datetime.time(8), None],
            "u": [datetime.timedelta(minutes=90), None],
        }
    )
    assert written(context, tmp_path / "f.csv", table) == (
        "m,t,u\n2024-01-01T08:30:00,08:00:00,PT1H30M\n2024-01-01T08:30:00.500,,\n"
    )


def test_an_existing_file(context, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    one, other = pl.DataFrame({"a": [1], "b": ["x"]}), pl.DataFrame({"b": ["y"], "a": [2]})
    assert written(context, path, one, existing="append") == "a,b\n1,x\n"
    assert written(context, path, one, existing="append") == "a,b\n1,x\n1,x\n"
    with pytest.raises(NodeflowError, match='has the columns "a", "b", the table has "b", "a"'):
        written(context, path, other, existing="append")
    with pytest.raises(NodeflowError, match="exists already"):
        written(context, path, one, existing="fail")
    assert path.read_text() == "a,b\n1,x\n1,x\n"
    path.write_text("a,b\n9,z")
    assert written(context, path, one, existing="append") == "a,b\n9,z\n1,x\n"
    assert written(context, path, other) == "b,a\ny,2\n"


def test_a_failing_query_leaves_the_old_file(context, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("old")
    broken = TABLE.lazy().with_columns(pl.col("t").cast(pl.Int64))
    with pytest.raises(pl.exceptions.PolarsError):
        CsvWriter(path=str(path)).run(broken, context)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["f.csv"]


def test_gzip_by_the_ending(context, tmp_path: Path) -> None:
    assert written(context, tmp_path / "f.csv.gz", TABLE.select("n")) == "n\n1\n\n3\n"


def test_lists_are_reported_before_running(context, tmp_path: Path, faults) -> None:
    table = pl.DataFrame({"l": [[1, 2]], "n": [1]})
    node = CsvWriter(path=str(tmp_path / "f.csv"))
    assert '"l" cannot be written to CSV (type list)' in faults(node, table=table)[0]
    with pytest.raises(NodeflowError, match="cannot be written"):
        node.run(table.lazy(), context)


def test_hostile_names_are_written_as_they_are(context, tmp_path: Path, hostile_names) -> None:
    path = tmp_path / "f.csv"
    table = pl.DataFrame({name: [i] for i, name in enumerate(hostile_names)})
    written(context, path, table)
    again = CsvReader(path=str(path), trim_names=False).run().collect()
    names = ["column_12" if name == "" else name for name in hostile_names]
    assert again.columns == names
    assert again.row(0) == table.row(0)
    written(context, path, table, protect_formulas=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delimiter": "::"}, "one plain character"),
        ({"delimiter": '"'}, "same character"),
        ({"decimal_comma": True, "quotes": "never"}, "another delimiter"),
        ({"path": "f.csv.gz", "existing": "append"}, "compressed"),
    ],
)
def test_settings_that_contradict_are_refused(options, words) -> None:
    with pytest.raises(ParameterError, match=words):
        CsvWriter(**({"path": "f.csv"} | options))


def test_the_exported_script_writes_the_same_file(context, tmp_path: Path) -> None:
    options: dict[str, Any] = {"delimiter": ";", "decimal_comma": True, "missing": "NA"}
    expected = written(context, tmp_path / "f.csv", **options)
    script = PythonScript()
    script.begin("source", "", {}, 0)
    name = script.output("table")
    script.begin("write", "CSV Writer", {"table": [("source", "table")]}, 0)
    CsvWriter(path=str(tmp_path / "again.csv"), **options).export_python(script)
    exec(compile(script.text(), "exported.py", "exec"), {name: TABLE.lazy()})  # noqa: S102
    assert (tmp_path / "again.csv").read_text() == expected
