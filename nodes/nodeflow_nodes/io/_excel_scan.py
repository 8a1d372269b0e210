"""Reading sheets of Excel workbooks into typed tables, with the size of a workbook looked at first."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed, did_you_mean, listing, shorten
from nodeflow_nodes.io._csv_export import dtype_source
from nodeflow_nodes.io._csv_format import unique_names
from nodeflow_nodes.io._excel_cells import address, column_index, in_text, parse_range, typed
from nodeflow_nodes.io._formats import start_of, wrong_format
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._many import below_each_other
from nodeflow_nodes.io._text_file import MEGABYTE, RATIO, files_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow_nodes.io.excel_reader import ExcelReader

_SMALL = 64 * MEGABYTE  # a workbook may grow to this much whatever its ratio
_MOST_BYTES = 4 << 30
_MOST_CELLS = 200_000_000
_FEW_CELLS = 20_000_000
_SPARSE = 20
"""A sheet is held as a rectangle: one of more than this many places for each cell is refused when it is large."""
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ALL = "*"

_TABLES: Kept[pl.DataFrame] = Kept(most=4, most_bytes=64 * MEGABYTE)


def table_of(node: ExcelReader) -> pl.DataFrame:
    """The table of all files and sheets."""
    files = files_of(node.path, ".xlsx")
    return _TABLES.get(node, files, lambda: _read(node, files))


def _read(node: ExcelReader, files: Sequence[str]) -> pl.DataFrame:
    parts: list[tuple[str, pl.DataFrame]] = []
    for file in files:
        check_size(file)
        workbook = _opened(file)
        for sheet in _sheets(workbook, node.sheet, file):
            label = sheet if len(files) == 1 else os.path.basename(file)
            if node.sheet == _ALL and len(files) > 1:
                label = f"{label}, {sheet}"
            parts.append((label, _sheet_table(node, workbook, sheet, file)))
    if node.types:
        known = {name for _, table in parts for name in table.columns}
        unknown = next((name for name in node.types if name not in known), None)
        if unknown is not None:
            raise NodeFailed(f'types: no column "{shorten(unknown)}"; {did_you_mean(unknown, sorted(known))}')
    noun = "sheet" if node.sheet == _ALL else "file"
    return below_each_other(parts, node.source, noun)


def _opened(path: str) -> Any:
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise NodeFailed(f"{path} is protected by a password; save it without one") from None
    except BaseException as error:
        raise _damaged(path, error) from None


def _damaged(path: str, error: BaseException) -> BaseException:
    # a damaged file may also end in a panic of the parser, which is no Exception
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        return error
    if "password" in str(error).lower():
        return NodeFailed(f"{path} is protected by a password; save it without one")
    return NodeFailed(
        f"{path} cannot be read as a workbook ({shorten(str(error), 120)}); open it in Excel and save it again"
    )


def check_size(path: str) -> None:
    """Refuse what is no workbook, and one that would fill the memory; raises `NodeFailed`."""
    start = start_of(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return  # .xls: its sheets have at most 65,536 x 256 cells
    if not start.startswith(b"PK\x03\x04"):
        raise wrong_format(path, "an Excel workbook")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if "xl/workbook.bin" in archive.namelist() or "content.xml" in archive.namelist():
                raise NodeFailed(f"{path} is a workbook, but not .xlsx, .xlsm or .xls; save it as .xlsx")
            if not any(member.filename.startswith("xl/") for member in members):
                raise wrong_format(path, "an Excel workbook")
            total = sum(member.file_size for member in members)
            if total > _MOST_BYTES or total > max(_SMALL, RATIO * os.path.getsize(path)):
                raise NodeFailed(
                    f"{path} grows to {total:,} bytes when decompressed, more than {RATIO} times its size or "
                    f"{_MOST_BYTES >> 30} GB, which no usual workbook does; it is not read"
                )
            for member in members:
                # what is read in full is also as long as it says
                if member.filename.startswith("xl/") and member.filename.endswith(".xml"):
                    _check_member(archive, member, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise NodeFailed(
            f"{path} cannot be decompressed ({shorten(str(error), 120)}); the file is damaged or incomplete, "
            "fetch or save it again"
        ) from None


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str) -> None:
    cells, height, columns, tail = 0, 0, {b"A"}, b""
    with archive.open(member) as file:
        while data := file.read(MEGABYTE):
            if not member.filename.startswith("xl/worksheets/"):
                continue
            if not tail and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise NodeFailed(f"{path} is written in UTF-16; open it in Excel and save it again")
            whole = tail + data
            found = _CELL.findall(whole)
            tail = whole[-64:].rpartition(b"<")[2]
            cells += len(found)
            columns.update({letters for letters, _ in found})
            height = max(height, max((int(row) for _, row in found), default=0))
    width = max(column_index(letters.decode()) + 1 for letters in columns)
    area = height * width
    if area > _MOST_CELLS or (area > _FEW_CELLS and area > _SPARSE * cells):
        raise NodeFailed(
            f"{path}: the sheet {member.filename} spans {height:,} rows and {width:,} columns for {cells:,} cells, "
            "more than is read; delete the cells far away, or export the table as CSV"
        )


def _sheets(workbook: Any, wanted: str, path: str) -> list[str]:
    names = list(workbook.sheet_names)
    if not names:
        raise NodeFailed(f"{path} has no sheets")
    if wanted == _ALL and _ALL not in names:
        return names
    if not wanted:
        return names[:1]
    if wanted in names:
        return [wanted]
    if wanted.isdecimal() and 0 < int(wanted) <= len(names):
        return [names[int(wanted) - 1]]
    if wanted.isdecimal():
        raise NodeFailed(f"{path} has {len(names)} sheets, so there is no sheet {wanted}: {listing(names)}")
    raise NodeFailed(f'{path} has no sheet "{shorten(wanted)}"; {did_you_mean(wanted, names, what="it has")}')


def _cells_of(workbook: Any, sheet: str, path: str, *, fill_merged: bool) -> list[list[Any]]:
    try:
        found = workbook.get_sheet_by_name(sheet)
        rows: list[list[Any]] = found.to_python(skip_empty_area=False)
        merged = (found.merged_cell_ranges or []) if fill_merged else []
    except BaseException as error:
        raise _damaged(path, error) from None
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
    return rows


def _sheet_table(node: ExcelReader, workbook: Any, sheet: str, path: str) -> pl.DataFrame:
    where = f'{path}, sheet "{shorten(sheet)}"'
    area = parse_range(node.range)
    assert area is not None  # checked with the parameters
    rows = _cells_of(workbook, sheet, path, fill_merged=node.fill_merged)[: area.end_row]
    rows = [row[area.first_column : area.end_column] for row in rows]
    numbers = [i for i in range(area.first_row, len(rows)) if any(cell != "" for cell in rows[i])]
    header: int | None = None
    if node.header and node.header_row is not None:
        header = node.header_row - 1
        if header >= len(rows):
            raise NodeFailed(
                f"{where} has {len(rows)} rows, so that row {node.header_row} cannot be its header"
            )
        numbers = [i for i in numbers if i > header]
    elif node.header and numbers:
        header = numbers.pop(0)
    if header is None and not numbers:
        raise NodeFailed(f"{where} has no values{f' in {node.range}' if node.range else ''}")
    heads = [] if header is None else [in_text(cell) for cell in rows[header]]
    numbers = _kept_rows(numbers, node, header)
    missing = {"", *node.missing}
    names = unique_names(
        [head.strip() if node.trim_names else head for head in heads] or [""] * len(rows[numbers[0]])
    )
    table = []
    for index, name in enumerate(names):
        cells = [rows[i][index] for i in numbers]
        cells = [None if isinstance(cell, str) and cell in missing else cell for cell in cells]
        if heads and not heads[index].strip() and all(cell is None for cell in cells):
            continue  # formatted, but neither named nor filled

        def place(at: int, column: int = index + area.first_column) -> str:
            return f"{where}, cell {address(numbers[at], column)}"

        table.append(typed(name, cells, node.types.get(name), place))
    return pl.DataFrame(table)


def _kept_rows(numbers: list[int], node: ExcelReader, header: int | None) -> list[int]:
    """The rows to read of those that have values."""
    first = numbers[0] if header is None else header + 1
    if node.empty_rows == "keep" and numbers:
        numbers = list(range(first, numbers[-1] + 1))
    elif node.empty_rows == "stop":
        numbers = [number for count, number in enumerate(numbers) if number == first + count]
    return numbers if node.max_rows is None else numbers[: node.max_rows]


def export(node: ExcelReader, script: PythonScript) -> None:
    """Plain lines that read one sheet by python-calamine."""
    try:
        table = table_of(node)
    except NodeFailed as error:
        script.cannot_express(f"its file cannot be read: {error}")
        return
    plain = {"path", "sheet", "header", "missing", "max_rows"}
    if (
        any(value != one.default_value() for one, value in node.values() if one.name not in plain)
        or node.sheet == _ALL
    ):
        script.cannot_express("many sheets, ranges, types by hand and further settings of an Excel Reader")
    columns = _plain_columns(node)
    if columns is None:
        script.cannot_express("many files, and columns of mixed cells or without a name")
        return
    script.require("import polars as pl")
    script.require("from python_calamine import CalamineWorkbook")
    result = script.output("table")
    sheet, at = _sheets(_opened(str(node.path)), node.sheet, str(node.path))[0], 1 if node.header else 0
    limit = "" if node.max_rows is None else f"[: {at + node.max_rows}]"
    dtypes = ", ".join(f"{name!r}: {dtype_source(dtype)}" for name, dtype in table.schema.items())
    script.add(
        f"cells = CalamineWorkbook.from_path({str(node.path)!r}).get_sheet_by_name({sheet!r}).to_python()",
        f"cells = [row for row in cells if any(cell != '' for cell in row)]{limit}",
        f"missing = {sorted({'', *node.missing})!r}",
        f"cells = [[None if cell in missing else cell for cell in row] for row in cells[{at}:]]",
        f"types = {{{dtypes}}}",
        f"{result} = pl.LazyFrame(",
        "    [",
        "        pl.Series(name, [row[place] for row in cells], dtype=dtype, strict=False)",
        "        for place, (name, dtype) in enumerate(types.items())",
        "    ]",
        ")",
    )


def _plain_columns(node: ExcelReader) -> list[str] | None:
    """The columns when the cells of each can be taken as they are; None otherwise."""
    files = files_of(node.path)
    if len(files) != 1:
        return None
    workbook = _opened(files[0])
    sheet = _sheets(workbook, node.sheet, files[0])[0]
    rows = [row for row in workbook.get_sheet_by_name(sheet).to_python() if any(cell != "" for cell in row)]
    table = table_of(node)
    heads = rows.pop(0) if node.header else []
    if len(table.columns) != len(rows[0] if rows else heads):
        return None
    missing = {"", *node.missing}
    for index, dtype in enumerate(table.dtypes):
        kinds = {type(row[index]) for row in rows if row[index] not in missing}
        if len(kinds) > 1 or (kinds and kinds != {str} and dtype == pl.String):
            return None
    return table.columns
