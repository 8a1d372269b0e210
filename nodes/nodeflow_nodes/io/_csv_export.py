"""CSV Reader as plain Polars lines, with the format that was found out written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nodeflow.errors import NodeflowError
from nodeflow_nodes.io._csv_scan import plan_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow_nodes.io.csv_reader import CsvReader


def export(node: CsvReader, script: PythonScript) -> None:
    """Add the lines that read the files."""
    try:
        plan = plan_of(node)
    except NodeflowError as error:
        script.cannot_express(f"its file cannot be read to find out its format: {error}")
        return
    if node.source and len(plan.files) > 1 and not all(sample.plain for sample in plan.samples):
        script.cannot_express("the source column of files that are decoded")
    if any(file.endswith(".zip") for file in plan.files):
        script.cannot_express("a zip file")
    if node.bad_rows == "drop":
        script.cannot_express("dropping rows that cannot be read")
    script.require("import polars as pl")
    encodings = {sample.encoding for sample in plan.samples}
    if len(encodings) > 1:
        script.cannot_express("files of different encodings")
    defaults = {
        "separator": ",",
        "quote_char": '"',
        "has_header": True,
        "comment_prefix": None,
        "skip_lines": 0,
        "null_values": None,
        "empty_string_is_null": True,
        "truncate_ragged_lines": False,
        "decimal_comma": False,
        "ignore_errors": False,
        "glob": True,
    }
    given = {
        name: value for name, value in plan.options.items() if defaults[name] != value and name != "glob"
    }
    schema = ", ".join(f"{name!r}: {dtype_source(dtype)}" for name, dtype in plan.schema.items())
    arguments = [f"{name}={value!r}" for name, value in given.items()]
    if node.max_rows is not None:
        arguments.append(f"n_rows={node.max_rows}")
    result = script.output("table")
    paths = repr(str(node.path)) if plan.files == [str(node.path)] else repr(plan.files)
    if encodings == {"utf-8"}:
        if node.source:
            arguments.append("include_file_paths='\\0file'")
        script.add(f"{result} = pl.scan_csv(")
    else:
        if len(plan.files) > 1:
            script.cannot_express("several files that are not UTF-8")
        arguments.append(f"encoding={encodings.pop()!r}")
        script.add(f"{result} = pl.read_csv(")
    script.add(f"    {paths},", "    glob=False,", f"    schema={{{schema}}},")
    script.add(*(f"    {argument}," for argument in arguments))
    script.add(")" if result and encodings == {"utf-8"} else ").lazy()")
    if plan.blank_lines:
        script.add(f"{result} = {result}.filter(~pl.all_horizontal(pl.all().is_null()))")
    if any(dtype == pl.Float64 for dtype in plan.schema.values()):
        script.require("import polars.selectors as cs")
        script.add(f"{result} = {result}.with_columns(cs.float().fill_nan(None))")
    renamed = {old: new for old, new in plan.names.items() if old != new}
    if node.source:
        pattern = r"(?s)^.*[/\\]"
        script.add(f"{result} = {result}.with_columns(pl.col('\\0file').str.replace({pattern!r}, ''))")
        renamed["\0file"] = node.source
    if renamed:
        script.add(f"{result} = {result}.rename({renamed!r})")


def dtype_source(dtype: pl.DataType) -> str:
    """A type as Polars source."""
    if isinstance(dtype, pl.Datetime):
        return f"pl.Datetime('us', {dtype.time_zone!r})" if dtype.time_zone else "pl.Datetime('us')"
    return f"pl.{dtype.base_type().__name__}"
