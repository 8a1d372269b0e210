"""Excel Reader and Writer."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.excel_reader import ExcelReader
from nodeflow_nodes.io.excel_writer import ExcelWriter
from polars.testing import assert_frame_equal

import nodeflow as nf
from nodeflow.errors import NodeFailed, ParameterError
from nodeflow.values.specs import TableSpec

TABLE = pl.DataFrame(
    {
        "*": [1, 2, None],
        "^t$": ["x", None, "=1+1"],
        "f": [0.5, None, -1.25],
        "b": [True, False, None],
        "d": [datetime.date(2024, 2, 29), None, datetime.date(1969, 1, 1)],
        "m": [datetime.datetime(2024, 2, 29, 8, 30), None, datetime.datetime(2000, 1, 1)],
    }
)


class Here:
    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, path: str) -> Any:
        from nodeflow.files import atomic_path

        return atomic_path(path)

    def progress(self, fraction: float, message: str = "") -> None: ...


def write(path: Path, *tables: pl.DataFrame, **options: Any) -> None:
    ExcelWriter(path=nf.OutputPath(str(path)), **options).run(list(tables), Here(path))


def read(path: Path, **options: Any) -> pl.DataFrame:
    return ExcelReader(path=nf.InputPath(str(path)), **options).run()


def test_a_table_that_is_written_and_read_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write(path, TABLE)
    found = read(path)
    assert_frame_equal(found.with_columns(pl.nth(0).cast(pl.Int64)), TABLE)
    assert [one.name for one in tmp_path.iterdir()] == ["t.xlsx"]


def test_texts_are_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write(path, pl.DataFrame({"t": ["=1+1", "https://example.org", "007"]}))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert read(path)["t"].to_list() == ["=1+1", "https://example.org", "007"]


def test_each_table_gets_its_sheet(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write(path, TABLE.head(1), TABLE.tail(1), TABLE.clear(), sheets=["first", "Änderung"])
    assert read(path, sheet="first")["*"].to_list() == [1]
    assert read(path, sheet="2")["^t$"].to_list() == ["=1+1"]
    assert read(path, sheet="Sheet3").columns == TABLE.columns
    with pytest.raises(NodeFailed, match='no sheet "frist"; did you mean "first"'):
        read(path, sheet="frist")


def test_parts_of_a_sheet_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write(
        path,
        pl.DataFrame(
            {"Report": ["a", "1", None, "3"], "": ["b ", "x", None, "z"], "q": ["b ", None, None, "w"]}
        ),
    )
    found = read(path, skip_rows=1)
    assert found.columns == ["a", "b", "b_2"]
    assert found.rows() == [("1", "x", None), ("3", "z", "w")]
    assert read(path, header=False, skip_rows=1, columns="A:B", max_rows=2).rows() == [
        ("a", "b "),
        ("1", "x"),
    ]
    assert read(path, header=False).columns == ["column_1", "column_2", "column_3"]


def test_mixed_types_become_text_and_codes_may_stay(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for line in (["n", "mixed", "e"], [7, 1, None], [8, "x", None]):
        book.active.append(line)
    book.save(tmp_path / "m.xlsx")
    found = read(tmp_path / "m.xlsx")
    assert found["mixed"].to_list() == ["1", "x"]
    assert found["n"].dtype.is_numeric()
    assert found["e"].to_list() == [None, None]
    assert read(tmp_path / "m.xlsx", all_text=True)["n"].to_list() == ["7", "8"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"a,b\n1,2\n", "no workbook"), (b"PK\x03\x04 no more", "no workbook")],
)
def test_other_files_are_told(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(NodeFailed, match=words):
        read(tmp_path / "t.xlsx")


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    with pytest.raises(NodeFailed, match="no usual workbook"):
        read(tmp_path / "b.xlsx")


@pytest.mark.parametrize("name", ["", "a/b", "x" * 32, "'a", "a[1]"])
def test_wrong_names_of_sheets_are_told(name: str) -> None:
    with pytest.raises(ParameterError, match="cannot be the name"):
        ExcelWriter(path=nf.OutputPath("t.xlsx"), sheets=[name])


def test_what_no_sheet_can_hold_is_told() -> None:
    node = ExcelWriter(path=nf.OutputPath("t.xlsx"))
    (fault,) = node.check({"tables": [TableSpec({"l": pl.List(pl.Int64)})]})
    assert "cannot be written to a sheet" in fault.sentence
    with pytest.raises(ParameterError, match="two sheets"):
        ExcelWriter(path=nf.OutputPath("t.xlsx"), sheets=["a", "A"])
    with pytest.raises(ParameterError, match=r"ends in \.xlsx"):
        ExcelWriter(path=nf.OutputPath("t.xls"))
