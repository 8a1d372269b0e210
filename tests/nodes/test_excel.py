"""Excel Reader and Writer."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nodeflow_nodes.io._excel_cells import address, column_index, parse_range
from nodeflow_nodes.io.excel_reader import ExcelReader
from nodeflow_nodes.io.excel_writer import ExcelWriter
from polars.testing import assert_frame_equal
from python_calamine import CalamineWorkbook

from nodeflow.errors import NodeFailed, ParameterError

DAY = datetime.date(2024, 12, 31)
MOMENT = datetime.datetime(2024, 12, 31, 8, 30)

Rows = list[list[Any]]


def make(path: Path, sheets: dict[str, Rows] | Rows, **merged: str) -> Path:
    """A workbook with cells written as what they are; an Exception stands for an error value."""
    with xlsxwriter.Workbook(path) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        span = book.add_format({"num_format": "[h]:mm:ss"})
        time = book.add_format({"num_format": "hh:mm:ss"})
        for name, rows in (sheets if isinstance(sheets, dict) else {"Sheet1": sheets}).items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, Exception):
                        sheet.write_formula(i, j, "=1/0", None, "#DIV/0!")
                    elif isinstance(cell, datetime.datetime):
                        sheet.write_datetime(i, j, cell, moment)
                    elif isinstance(cell, datetime.date):
                        sheet.write_datetime(i, j, cell, date)
                    elif isinstance(cell, datetime.time):
                        sheet.write_datetime(i, j, cell, time)
                    elif isinstance(cell, datetime.timedelta):
                        sheet.write_datetime(i, j, cell, span)
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(i, j, cell, None, 42)
                    elif cell is not None:
                        sheet.write(i, j, cell)
            for area in merged.values():
                sheet.merge_range(area, "merged")
    return path


def read(apply: Any, path: Path, *, exported: bool = True, **options: Any) -> pl.DataFrame:
    found = apply(ExcelReader(path=str(path), **options), exported=exported)
    assert isinstance(found, pl.DataFrame)
    return found


SHEETS: dict[str, tuple[Rows, dict[str, Any], dict[str, list[Any]]]] = {
    "plain": ([["a", "b"], [1, "x"], [2.5, "y"]], {}, {"a": [1.0, 2.5], "b": ["x", "y"]}),
    "whole numbers": ([["a"], [1], [2], [-3]], {}, {"a": [1, 2, -3]}),
    "types": (
        [["d", "t", "b", "c", "s", "f"], [DAY, MOMENT, True, datetime.time(8, 30), datetime.timedelta(hours=30), "=1"]],
        {},
        {
            "d": [DAY], "t": [MOMENT], "b": [True], "c": [datetime.time(8, 30)],
            "s": [datetime.timedelta(hours=30)], "f": [42],
        },
    ),
    "empty cells and errors are missing": (
        [["a", "b"], [1, None], [None, "x"], [ZeroDivisionError(), "NA"]],
        {},
        {"a": [1, None, None], "b": [None, "x", None]},
    ),
    "own markers": ([["a"], ["?"], ["NA"]], {"missing": ["?"]}, {"a": [None, "NA"]}),
    "first row that is not empty": ([[], [None, None], ["a", "b"], [1, 2]], {}, {"a": [1], "b": [2]}),
    "header row": ([["x"], ["a", "b"], ["unit", "m"], [1, 2]], {"header_row": 3}, {"unit": [1], "m": [2]}),
    "no header": ([["a", "b"], [1, 2]], {"header": False}, {"column_1": ["a", "1"], "column_2": ["b", "2"]}),
    "table away from the corner": ([[], [None, "a"], [None, 1]], {}, {"a": [1]}),
    "repeated and empty names": (
        [["a", "a", None, " b "], [1, 2, 3, 4]], {}, {"a": [1], "a_2": [2], "column_3": [3], "b": [4]},
    ),
    "names as they are": ([[" b "], [1]], {"trim_names": False}, {" b ": [1]}),
    "numbers as names": ([[2024, 1.5, DAY], [1, 2, 3]], {}, {"2024": [1], "1.5": [2], "2024-12-31": [3]}),
    "empty rows skipped": ([["a"], [1], [], [2]], {}, {"a": [1, 2]}),
    "empty rows kept": ([["a", "b"], [1, 1], [], [2, 2]], {"empty_rows": "keep"}, {"a": [1, None, 2], "b": [1, None, 2]}),
    "empty row ends": ([["a"], [1], [], [2]], {"empty_rows": "stop"}, {"a": [1]}),
    "range": (
        [["x", "y", "z"], ["a", "b", "c"], [1, 2, 3], [4, 5, 6], [7, 8, 9]], {"range": "B2:C4"}, {"b": [2, 5], "c": [3, 6]},
    ),
    "columns": ([["a", "b", "c"], [1, 2, 3]], {"range": "b:b"}, {"b": [2]}),
    "rows": ([["a"], [1], [2], [3]], {"range": "2:3", "header": False}, {"column_1": [1, 2]}),
    "from a cell on": ([["x"], [None, "b"], [None, 2]], {"range": "B2"}, {"b": [2]}),
    "range and header row above it": ([["a", "b"], [1, 2], [3, 4]], {"range": "B3:B3", "header_row": 1}, {"b": [4]}),
    "mixed cells are text": (
        [["a"], [1], ["x"], [1.5], [DAY], [True], [MOMENT]], {}, {"a": ["1", "x", "1.5", "2024-12-31", "true", "2024-12-31 08:30:00"]},
    ),
    "dates and datetimes": ([["a"], [DAY], [MOMENT]], {}, {"a": [datetime.datetime(2024, 12, 31), MOMENT]}),
    "types by hand": (
        [["a", "b", "c", "d"], [1, "2.5", DAY, "true"], [None, 2, None, 0]],
        {"types": {"a": "text", "b": "number", "c": "datetime", "d": "boolean"}},
        {"a": ["1", None], "b": [2.5, 2.0], "c": [datetime.datetime(2024, 12, 31), None], "d": [True, False]},
    ),
    "further types by hand": (
        [["a", "b", "c", "d"], ["7", "2024-12-31", MOMENT, 1.5]],
        {"types": {"a": "integer", "b": "date", "c": "time", "d": "duration"}},
        {"a": [7], "b": [DAY], "c": [datetime.time(8, 30)], "d": [datetime.timedelta(hours=36)]},
    ),
    "rows at most": ([["a"], [1], [2], [3]], {"max_rows": 2}, {"a": [1, 2]}),
    "header only": ([["a", "b"]], {}, {"a": [], "b": []}),
    "text numbers stay text": ([["a"], ["007"]], {}, {"a": ["007"]}),
    "hostile names": ([["^.*$", "*", "{0}"], [1, 2, 3]], {}, {"^.*$": [1], "*": [2], "{0}": [3]}),
    "no values": ([["a"], [None], [None]], {"empty_rows": "keep"}, {"a": []}),
    "source": ([["a"], [1]], {"source": "from"}, {"a": [1], "from": ["Sheet1"]}),
}  # fmt: skip
PLAIN = {"path", "sheet", "header", "missing", "max_rows"}


@pytest.mark.parametrize("case", list(SHEETS))
def test_sheets(apply: Any, tmp_path: Path, case: str) -> None:
    rows, options, expected = SHEETS[case]
    path = make(tmp_path / "a.xlsx", rows)
    exported = not (options.keys() - PLAIN) and case not in (
        "mixed cells are text", "no header", "repeated and empty names", "dates and datetimes", "no values",
    )  # fmt: skip
    assert read(apply, path, exported=exported, **options).to_dict(as_series=False) == expected


def test_a_column_without_name_and_values_is_left_out(apply: Any, tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["a", None, "c"], [1, None, 3], [1, " ", 3]])
    assert read(apply, path, exported=False).columns == ["a", "column_2", "c"]
    path = make(tmp_path / "a.xlsx", [["a", None, "c"], [1, None, 3]])
    assert read(apply, path, exported=False).columns == ["a", "c"]


def test_sheets_are_chosen_by_name_or_number(apply: Any, tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", {"One": [["a"], [1]], "3": [["a"], [2]], "Thrée": [["a"], [3]]})
    for sheet, value in (("", 1), ("One", 1), ("1", 1), ("2", 2), ("3", 2), ("Thrée", 3)):
        assert read(apply, path, sheet=sheet)["a"].to_list() == [value], sheet
    with pytest.raises(NodeFailed, match='has no sheet "one"; did you mean "One"'):
        ExcelReader(path=str(path), sheet="one").run()
    with pytest.raises(NodeFailed, match="has 3 sheets, so there is no sheet 9"):
        ExcelReader(path=str(path), sheet="9").run()


def test_all_sheets_and_many_files(apply: Any, tmp_path: Path) -> None:
    make(tmp_path / "a.xlsx", {"x": [["n", "t"], [1, "p"]], "y": [["t", "n"], ["q", 2.5]]})
    make(tmp_path / "b.xlsx", {"x": [["n", "t"], [3, None]]})
    found = read(apply, tmp_path / "a.xlsx", sheet="*", source="s", exported=False)
    assert found.rows() == [(1.0, "p", "x"), (2.5, "q", "y")]
    found = read(apply, tmp_path / "*.xlsx", source="s", exported=False)
    assert found.rows() == [(1, "p", "a.xlsx"), (3, None, "b.xlsx")]
    found = read(apply, tmp_path / "*.xlsx", sheet="*", source="s", exported=False)
    assert found["s"].to_list() == ["a.xlsx, x", "a.xlsx, y", "b.xlsx, x"]
    make(tmp_path / "b.xlsx", {"x": [["n", "u"], [3, 1]]})
    with pytest.raises(NodeFailed, match=r'b.xlsx lacks "t" and has "u" as well, unlike a.xlsx'):
        ExcelReader(path=str(tmp_path / "*.xlsx")).run()
    with pytest.raises(NodeFailed, match='there is a column "n" already in x'):
        ExcelReader(path=str(tmp_path / "a.xlsx"), source="n").run()


def test_merged_cells_can_be_filled(apply: Any, tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["a", "b"], [], [], ["x", "y"]], area="A2:A3")
    assert read(apply, path, exported=False)["a"].to_list() == ["merged", "x"]
    assert read(apply, path, exported=False, fill_merged=True)["a"].to_list() == ["merged", "merged", "x"]


@pytest.mark.parametrize(
    ("kind", "cell", "shown"),
    [
        ("integer", "x", "x"),
        ("integer", 1.5, "1.5"),
        ("number", "1,5", "1,5"),
        ("boolean", "yes", "yes"),
        ("date", MOMENT, "2024-12-31 08:30:00"),
        ("datetime", "soon", "soon"),
        ("time", "x", "x"),
        ("duration", "x", "x"),
    ],
)
def test_a_cell_that_does_not_fit_its_type_is_told_by_its_address(
    tmp_path: Path, kind: str, cell: Any, shown: str
) -> None:
    path = make(tmp_path / "a.xlsx", [[], [None, "col"], [None, None], [None, cell]])
    with pytest.raises(
        NodeFailed, match=rf'a.xlsx, sheet "Sheet1", cell B4: "{shown}" is not of type {kind}'
    ):
        ExcelReader(path=str(path), types={"col": kind}).run()


def test_a_type_for_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["age"], [1]])
    with pytest.raises(NodeFailed, match='no column "aeg"; did you mean "age"'):
        ExcelReader(path=str(path), types={"aeg": "text"}).run()


@pytest.mark.parametrize("text", ["B3:A1", "A0", "x y", "A1:", ":", "AAAA1", "A5:B2", "A1:B1:C1", "ZZZ1"])
def test_a_range_that_is_none_is_a_fault(text: str) -> None:
    with pytest.raises(ParameterError, match="must be a range"):
        ExcelReader(path="a.xlsx", range=text)


def test_a_header_below_the_range_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="row 9 lies below the range A1:B3"):
        ExcelReader(path="a.xlsx", range="A1:B3", header_row=9)
    with pytest.raises(NodeFailed, match="has 1 rows, so that row 5 cannot be its header"):
        ExcelReader(path=str(make(tmp_path / "a.xlsx", [["a"]])), header_row=5).run()


@given(st.integers(0, 16_383), st.integers(0, 1_048_575))
def test_addresses_and_columns_are_inverse(column: int, row: int) -> None:
    text = address(row, column)
    assert column_index(re.sub(r"\d", "", text)) == column
    area = parse_range(f"{text}:{text}")
    assert area is not None
    assert tuple(area) == (row, column, row + 1, column + 1)


def test_files_that_are_no_workbooks(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"

    def told() -> str:
        with pytest.raises(NodeFailed) as caught:
            ExcelReader(path=str(path)).run()
        return str(caught.value)

    path.write_bytes(b"")
    assert "is empty" in told()
    path.write_bytes(b"a,b\n1,2\n")
    assert "is not an Excel workbook; it seems to be plain text, which the CSV Reader reads" in told()
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    assert "cannot be read as a workbook" in told()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    assert "seems to be a zip archive" in told()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "x")
    assert "save it as .xlsx" in told()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    assert "cannot be read as a workbook" in told()
    data = make(path, [["a"], [1]]).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "cannot be decompressed" in told()
    make(path, [[]])
    assert 'sheet "Sheet1" has no values' in told()
    make(path, [["a"], [1]])
    with pytest.raises(NodeFailed, match="has no values in C1:D9"):
        ExcelReader(path=str(path), range="C1:D9").run()


def test_flipped_bytes_give_sentences(tmp_path: Path) -> None:
    data = make(tmp_path / "good.xlsx", [["a", "b"], [1, "x"], [DAY, 2.5]]).read_bytes()
    path = tmp_path / "bad.xlsx"
    for at in range(0, len(data), 97):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            ExcelReader(path=str(path)).run()
        except NodeFailed as error:
            assert "bad.xlsx" in str(error)  # noqa: PT017 - some flips do no harm


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (70 << 20))
    with pytest.raises(NodeFailed, match="grows to 73,400,331 bytes when decompressed"):
        ExcelReader(path=str(path)).run()
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, 1)
        sheet.write(1_048_575, 16_383, 1)
    with pytest.raises(NodeFailed, match="spans 1,048,576 rows and 16,384 columns for 2 cells"):
        ExcelReader(path=str(path)).run()


# writing

TABLE = pl.DataFrame(
    {
        "n": [1, None, -3],
        "x": [0.5, float("nan"), None],
        "t": ["a", "=1+1", None],
        "d": [DAY, None, datetime.date(1999, 1, 1)],
        "m": [MOMENT, None, datetime.datetime(2024, 1, 1, 1, 2, 3)],
        "b": [True, False, None],
        "s": [datetime.timedelta(hours=30), None, datetime.timedelta(seconds=1)],
        "c": [datetime.time(8, 30), None, datetime.time(23, 59, 59)],
    }
)


def save(context: Any, path: Path, *tables: pl.DataFrame, **options: Any) -> Path:
    node = ExcelWriter.from_json(ExcelWriter(path=str(path), **options).to_json())
    node.run([table.lazy() for table in tables], context)
    return path


def test_what_is_written_can_be_read_back(apply: Any, context: Any, tmp_path: Path) -> None:
    path = save(context, tmp_path / "a.xlsx", TABLE)
    found = read(apply, path, exported=False, empty_rows="keep")
    assert_frame_equal(found, TABLE.with_columns(pl.col("x").fill_nan(None)))


def test_several_tables_get_a_sheet_each(context: Any, tmp_path: Path) -> None:
    path = save(
        context, tmp_path / "a.xlsx", TABLE, TABLE.head(0), TABLE.select("n"), sheets=["sheet2", "Zwei"]
    )
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["sheet2", "Zwei", "Sheet3"]
    assert book.get_sheet_by_name("Zwei").to_python() == [TABLE.columns]
    assert book.get_sheet_by_name("Sheet3").to_python() == [["n"], [1.0], [""], [-3.0]]


def test_texts_are_never_formulas_links_or_numbers(context: Any, tmp_path: Path) -> None:
    texts = ["=1+1", "{=1}", "http://example.org", "007", "@SUM(1)", "+1", "mailto:a@b.c", "internal:x!A1"]
    path = save(context, tmp_path / "a.xlsx", pl.DataFrame({"=HYPERLINK()": texts}))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not [
            name for name in archive.namelist() if "externalLink" in name or "sheet1.xml.rels" in name
        ]
    assert "<f" not in sheet
    assert "hyperlink" not in sheet
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows == [["=HYPERLINK()"], *[[text] for text in texts]]


def test_what_excel_cannot_hold_is_text(context: Any, tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "n": [10**15, 2**62, 7],
            "x": [float("inf"), float("-inf"), 1.5],
            "d": [datetime.date(1850, 1, 1), DAY, None],
            "m": [datetime.datetime(1, 1, 1), MOMENT, None],
            "z": pl.Series([MOMENT, None, None], dtype=pl.Datetime("us", "Europe/Berlin")),
        }
    )
    path = save(context, tmp_path / "a.xlsx", table, header=False, missing="-")
    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python() == [
        ["1000000000000000", "inf", "1850-01-01", "0001-01-01 00:00:00", table["z"][0].replace(tzinfo=None)],
        [str(2**62), "-inf", DAY, MOMENT, "-"],
        [7.0, 1.5, "-", "-", "-"],
    ]


def test_limits_of_a_sheet(
    context: Any, faults: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    with pytest.raises(NodeFailed, match='sheet "Sheet1", cell A2: a text of 40,000 characters'):
        save(context, path, pl.DataFrame({"t": ["x" * 40_000]}))
    wide = pl.DataFrame({f"c{i}": [1] for i in range(16_385)})
    assert faults(ExcelWriter(path="a.xlsx"), tables=[wide]) == [
        "a sheet has at most 16,384 columns, not 16,385"
    ]
    monkeypatch.setattr("nodeflow_nodes.io.excel_writer.MAX_ROWS", 3)
    with pytest.raises(NodeFailed, match="has 3 rows, but a sheet holds at most 2"):
        save(context, path, TABLE)
    assert not path.exists()
    assert [one.name for one in tmp_path.iterdir()] == ["temporary"]


def test_faults_before_data(faults: Any) -> None:
    def told(**options: Any) -> str:
        with pytest.raises(ParameterError) as caught:
            ExcelWriter(path="a.xlsx", **options)
        return str(caught.value)

    assert "is empty" in told(sheets=[" "])
    assert "longer than 31" in told(sheets=["x" * 32])
    assert "one of the characters" in told(sheets=["a/b"])
    assert "apostrophe" in told(sheets=["'a"])
    assert "reserved" in told(sheets=["History"])
    assert "taken already" in told(sheets=["a", "A"])
    with pytest.raises(ParameterError, match=r"must end in \.xlsx"):
        ExcelWriter(path="a.xls")
    nested = pl.DataFrame({"l": [[1]], "n": [1]})
    assert (
        '"l" cannot be written to Excel (type list)' in faults(ExcelWriter(path="a.xlsx"), tables=[nested])[0]
    )
    two = ExcelWriter(path="a.xlsx", sheets=["a", "b"])
    assert "2 sheets are named, but 1 tables are connected" in faults(two, tables=[TABLE])[0]
    assert faults(two, tables=[TABLE, TABLE, TABLE]) == []


def test_existing_and_the_same_bytes_again(context: Any, tmp_path: Path) -> None:
    path = save(context, tmp_path / "a.xlsx", TABLE)
    before = path.read_bytes()
    with pytest.raises(NodeFailed, match="exists already"):
        save(context, path, TABLE.head(1), existing="fail")
    assert save(context, path, TABLE).read_bytes() == before
    with pytest.raises(NodeFailed, match="no table is connected"):
        save(context, path)


def test_layout_and_formats(context: Any, tmp_path: Path) -> None:
    def sheet(**options: Any) -> str:
        path = save(context, tmp_path / "a.xlsx", TABLE, **options)
        with zipfile.ZipFile(path) as archive:
            return (archive.read("xl/worksheets/sheet1.xml") + archive.read("xl/styles.xml")).decode()

    assert all(word in sheet() for word in ("autoFilter", 'state="frozen"', "<cols>", "yyyy-mm-dd"))
    plain = sheet(layout=False, date_format="dd.mm.yy", number_format="0.000")
    assert not any(word in plain for word in ("autoFilter", "frozen", "<cols>"))
    assert "dd.mm.yy" in plain
    assert 'formatCode="0.000"' in plain


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(10**15) + 1, 10**15 - 1)),
            st.one_of(
                st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9)
            ),
            st.one_of(st.none(), st.dates(datetime.date(1900, 3, 1), datetime.date(9999, 12, 31))),
        ),
        min_size=1,
    )
)
def test_plain_tables_come_back(context: Any, tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    schema = {"n": pl.Int64, "t": pl.String, "d": pl.Date}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    path = save(context, tmp_path / "a.xlsx", table)
    options = {"types": {"n": "integer", "t": "text", "d": "date"}, "missing": []}
    found = ExcelReader(path=str(path), **options).run().collect()  # type: ignore[arg-type]
    wanted = table.filter(~pl.all_horizontal(pl.all().is_null()))
    assert_frame_equal(found, wanted)
