"""CSV Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter
from nodeflow_nodes.io._text_file import MISSING, Encoding, Type

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class CsvReader(Node):
    """Read a table from a CSV or other delimited text file, or from many such files.

    The file is read when its rows are needed, and only the columns and rows that the following nodes
    use. Delimiter, encoding, decimal comma and types are found out from the first megabyte of the
    file unless they are given. Rows keep the order of the file.

    **Types.** A column is boolean, integer, number, date (2024-12-31), datetime (2024-12-31 08:30:00,
    with a T, seconds and time zone optional; times with a zone become UTC) or else text. Numbers with
    leading zeros are codes and stay text, so do whole numbers of more than 64 bits. A value further
    down that does not fit the guess stops the run with its line; give the type of that column, or let
    the types be guessed from the whole file.

    **Missing values.** A cell that equals one of the missing markers is missing, and so is NaN in a
    column of numbers. Lines with fewer cells than columns are filled up with missing values.

    **Names.** Columns without a name are called column_1, column_2 and so on by their place; a name
    that comes again gets _2, _3.

    **Rows that cannot be read** stop the run at first. They can be kept with missing values, or dropped;
    a warning then says how many values and rows there were, and where the first ten stand.

    **Many files.** A pattern such as data/*.csv reads all files that fit, sorted by name, below each
    other. They must have the same columns, in any order. Files compressed by gzip, and zip files with
    one member, are decompressed; one that grows to 200 times its size is refused.

    Outputs:
        table: The rows of the file.
    """

    id = "csv_reader"
    name = "CSV Reader"
    category = "Input / Output"
    keywords = (
        "read_csv",
        "file reader",
        "import",
        "load",
        "text file",
        "tsv",
        "delimited",
        "open",
        "excel csv",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".csv", ".tsv", ".txt", ".csv.gz", ".zip")
    )
    delimiter: str = parameter(
        default="", help='What parts the cells: one character such as ";" or "tab". Empty to find out.'
    )
    header: bool = parameter(default=True, help="Whether the first line has the names of the columns.")
    types: dict[str, Type] = parameter(
        default={}, help="The types of certain columns, by name; the others are guessed."
    )
    missing: list[str] = parameter(
        default=MISSING, label="Missing markers", help="Texts that stand for a missing value."
    )
    encoding: Encoding = parameter(
        default="auto",
        help='How characters are stored. "auto" knows UTF-8 and UTF-16 and takes windows-1252 (Western '
        "European) for the rest.",
    )
    decimal: Literal["guess", ".", ","] = parameter(
        default="guess", label="Decimal separator", help="What parts the decimals of a number: 1.5 or 1,5."
    )
    trim_names: bool = parameter(
        default=True, help='Take blanks off both ends of column names: "LOR " becomes "LOR".'
    )
    parse_dates: bool = parameter(
        default=True, help="Find dates and datetimes by themselves; otherwise they are text."
    )
    quote: str = parameter(
        default='"', help="The character around texts that hold delimiters. Empty for none.", advanced=True
    )
    comment: str = parameter(
        default="",
        help='Lines that start with this are left out, such as "#". Empty for none.',
        advanced=True,
    )
    skip_rows: int = parameter(
        default=0, minimum=0, unit="lines", help="Lines to skip before the header.", advanced=True
    )
    max_rows: int | None = parameter(
        default=None, minimum=0, unit="rows", help="Read no more rows than this.", advanced=True
    )
    bad_rows: Literal["fail", "null", "drop"] = parameter(
        default="fail",
        label="Rows that cannot be read",
        help="What to do when a cell does not fit the type of its column, or a line has too many cells: stop "
        "the run, make such cells missing, or drop the whole row. The last two count them in a warning.",
    )
    ragged_rows: Literal["fail", "fill"] = parameter(
        default="fail",
        help="Whether a line with more cells than columns stops the run, or loses the cells beyond.",
        when={"bad_rows": "fail"},
        advanced=True,
    )
    blank_lines: Literal["skip", "keep"] = parameter(
        default="skip",
        help="Whether empty lines are left out (together with rows that have no value at all) or become rows "
        "of missing values. They are looked for in the first megabyte and at the end of the file.",
        advanced=True,
    )
    guess_from: Literal["start", "whole file"] = parameter(
        default="start",
        label="Guess types from",
        help="The first megabyte, or all rows, which takes a further pass over the file.",
        advanced=True,
    )
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a further column with the name of the file a row is from. Empty for none.",
        advanced=True,
    )

    def separator(self) -> str:
        """The delimiter as one character, empty if it is to be guessed."""
        return {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";"}.get(
            self.delimiter, self.delimiter
        )

    def check_parameters(self) -> list[Fault]:
        faults = []
        if len(self.separator().encode()) > 1:
            faults.append(Fault("delimiter", f'the delimiter is one plain character, not "{self.delimiter}"'))
        if len(self.quote.encode()) > 1:
            faults.append(Fault("quote", f'the quote is one plain character, not "{self.quote}"'))
        if self.quote and self.quote == self.separator():
            faults.append(Fault("quote", "the quote and the delimiter are the same character; change one"))
        if self.decimal == "," and self.separator() == ",":
            faults.append(Fault("decimal", 'a comma cannot be both delimiter and decimal separator; try ";"'))
        return faults

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._csv_scan import plan_of, scan

        return scan(plan_of(self), self)

    def explain(self, error: Exception) -> str | None:
        from nodeflow.errors import NodeflowError
        from nodeflow_nodes.io._csv_faults import explain
        from nodeflow_nodes.io._csv_scan import differing_names, plan_of

        try:
            plan = plan_of(self)
            if "Schema" in type(error).__name__:
                return differing_names(plan)
            sentences = (explain(plan, error, file) for file in plan.files)
            found = [sentence for sentence in sentences if sentence]
            # of many files the one where the place was found
            return next((one for one in found if ", line " in one), found[0] if found else None)
        except NodeflowError as fault:
            return str(fault)

    def remarks(self) -> list[str]:
        if self.bad_rows == "fail":
            return []
        from nodeflow_nodes.io._csv_bad import report
        from nodeflow_nodes.io._csv_scan import plan_of

        return report(plan_of(self), dropped=self.bad_rows == "drop", rows=self.max_rows)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.io._csv_export import export

        export(self, script)
