"""What is wrong in a CSV file, where, and what helps: from the words of the reader to a sentence."""

from __future__ import annotations

import csv
import itertools
import re
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import family
from nodeflow_nodes.io._text_file import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nodeflow_nodes.io._csv_scan import Plan

_MOST_ROWS = 5_000_000  # searched for the place of a fault: some seconds


def explain(plan: Plan, error: Exception, file: str) -> str | None:
    """A sentence on an error of Polars while reading `file`, None if it is not known."""
    text = str(error)
    if "found more fields" in text:
        return _ragged(plan, file)
    if "invalid utf-8" in text:
        return _not_utf8(file)
    found = re.search(
        r"could not parse `(.*?)` as dtype `.*?` at column '(.*?)' \(column number", text, re.DOTALL
    )
    if found:
        return _unparsed(plan, file, found[1], found[2])
    if "empty CSV" in text or "NoData" in type(error).__name__:
        return f"{file} has no header and no rows after the lines that are skipped"
    return None


def numbered_rows(plan: Plan, file: str, most: int | None = _MOST_ROWS) -> Iterator[tuple[int, list[str]]]:
    """The rows from the header on, each with the number of its last line."""
    options = plan.options
    quote: str = options["quote_char"] or ""
    quoting: Any = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    sample = plan.samples[plan.files.index(file)]
    lines = _lines(file, sample.encoding)
    for _ in range(options["skip_lines"]):
        next(lines, None)
    comment: str | None = options["comment_prefix"]
    skipped = 0

    def kept() -> Iterator[str]:
        nonlocal skipped
        for line in lines:
            if comment and line.startswith(comment):
                skipped += 1
            else:
                yield line

    csv.field_size_limit(1 << 30)
    reader = csv.reader(kept(), delimiter=options["separator"], quotechar=quote or None, quoting=quoting)
    for row in itertools.islice(reader, most):
        yield reader.line_num + skipped + options["skip_lines"], row


def _lines(file: str, encoding: str) -> Iterator[str]:
    rest = ""
    for piece in decoded(file, encoding):
        parts = (rest + piece.decode(errors="replace")).split("\n")
        rest = parts.pop()
        for part in parts:
            yield part + "\n"
    if rest:
        yield rest


def _ragged(plan: Plan, file: str) -> str:
    remedy = (
        'mend the line, check the delimiter, or set "ragged rows" to "fill" to leave out the cells beyond'
    )
    try:
        rows = numbered_rows(plan, file)
        width = len(next(rows)[1])
        for line, row in rows:
            if len(row) > width:
                return f"{file}, line {line}: {len(row)} cells, but there are {width} columns; {remedy}"
    except (csv.Error, NodeFailed, StopIteration):
        pass
    return f"{file}: a line has more cells than there are columns; {remedy}"


def _unparsed(plan: Plan, file: str, value: str, column: str) -> str:
    dtype = plan.schema.get(column)
    if value.startswith(plan.options["quote_char"] or "\0"):
        return (
            f"{file}, {_line_of_text(plan, file, value)}: a quotation mark opens a text that is not closed; "
            "mend the line, or set the quote to nothing to read quotation marks as they are"
        )
    name = plan.names.get(column, column)
    kind = family(dtype) if dtype is not None else "value"
    guessed = "; the type was guessed from the start of the file" if column in plan.guessed else ""
    return (
        f'{file}, {_line_of_cell(plan, file, value, column)}: "{shorten(value)}" in the column '
        f'"{shorten(name)}" is not of type {kind}{guessed}. Set the type of the column to "text", or add '
        "this text to the missing markers"
    )


def _line_of_cell(plan: Plan, file: str, value: str, column: str) -> str:
    try:
        place = list(plan.schema).index(column)
        header = plan.options["has_header"]
        for line, row in itertools.islice(numbered_rows(plan, file), 1 if header else 0, None):
            if place < len(row) and row[place] == value:
                return f"line {line}"
    except (csv.Error, NodeFailed, ValueError):
        pass
    return "further down"


def _line_of_text(plan: Plan, file: str, value: str) -> str:
    start = value.split("\n")[0]
    sample = plan.samples[plan.files.index(file)]
    try:
        for number, line in enumerate(itertools.islice(_lines(file, sample.encoding), _MOST_ROWS), 1):
            if start in line:
                return f"line {number}"
    except NodeFailed:
        pass
    return "further down"


def _not_utf8(file: str) -> str:
    try:
        for _ in decoded(file, "utf-8"):
            pass
    except NodeFailed as error:
        return str(error)
    return f"{file} is not UTF-8 text; set the encoding, for example to windows-1252"
