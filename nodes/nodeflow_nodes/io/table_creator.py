"""Table Creator."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import ParameterError, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, Record, parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

CellType = Literal["text", "integer", "number", "boolean", "date", "datetime", "time"]

_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "time": pl.Time(),
}
_WORDS = {
    "integer": "a whole number such as 42",
    "number": "a number such as 3.14",
    "boolean": "true or false",
    "date": "a date such as 2024-12-31",
    "datetime": "a date and time such as 2024-12-31T08:30:00",
    "time": "a time such as 08:30:00",
}


class CreatedColumn(Record):
    """One column with its values."""

    name: str = parameter(help="The name of the column; no two columns have the same.", min_length=1)
    type: CellType = parameter(default="text", help="The type of all its values.")
    cells: list[Any] = parameter(
        default=[], help="The values from the first row on. An empty one (or null) is missing."
    )

    def parsed(self) -> list[Any]:
        """The values in their type; raises `ParameterError` with the place of the first that is none."""
        result = []
        for index, raw in enumerate(self.cells):
            try:
                result.append(_parse(raw, self.type))
            except (ValueError, OverflowError):
                raise ParameterError(
                    f'column "{shorten(self.name)}", row {index + 1}: "{shorten(str(raw))}" is not '
                    f"{_WORDS[self.type]}",
                    f".cells[{index}]",
                ) from None
        return result


class TableCreator(Node):
    """Make a small table from values typed by hand.

    Each column has a name and a type; a value that is not of that type is reported before anything
    runs. An empty value is missing. A column with fewer values than the others is filled up with
    missing ones. Whole numbers and numbers may be given as numbers or as text; dates and times are
    written as in 2024-12-31 and 08:30:00.

    Outputs:
        table: The table.
    """

    category = "Input / Output"
    keywords = (
        "create table",
        "manual input",
        "enter data",
        "constant table",
        "values",
        "dataframe",
        "inline",
    )

    columns: list[CreatedColumn] = parameter(default=[], help="The columns, from left to right.")

    def check_parameters(self) -> list[Fault]:
        faults = []
        names = [column.name for column in self.columns]
        for index, column in enumerate(self.columns):
            if column.name in names[:index]:
                faults.append(
                    Fault(
                        f"columns[{index}].name",
                        f"two columns are named {listing([column.name])}; rename one",
                    )
                )
            try:
                column.parsed()
            except ParameterError as error:
                faults.append(Fault(f"columns[{index}]{error.parameter}", str(error)))
        return faults

    def run(self) -> pl.LazyFrame:
        height = max((len(column.cells) for column in self.columns), default=0)
        return pl.DataFrame(
            [
                pl.Series(
                    column.name,
                    column.parsed() + [None] * (height - len(column.cells)),
                    dtype=_DTYPES[column.type],
                )
                for column in self.columns
            ]
        ).lazy()

    def summary(self) -> str:
        rows = max((len(column.cells) for column in self.columns), default=0)
        return f"{rows} rows: {', '.join(column.name for column in self.columns)}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        if any(column.type in ("date", "datetime", "time") for column in self.columns):
            script.require("import datetime")
        height = max((len(column.cells) for column in self.columns), default=0)
        script.add(f"{script.output('table')} = pl.LazyFrame(", "    [")
        for column in self.columns:
            values = column.parsed() + [None] * (height - len(column.cells))
            dtype = {"datetime": 'pl.Datetime("us")'}.get(column.type, f"pl.{_DTYPES[column.type]}")
            script.add(f"        pl.Series({column.name!r}, {values!r}, dtype={dtype}),")
        script.add("    ]", ")")


def _parse(raw: Any, kind: str) -> Any:
    if raw is None or (isinstance(raw, str) and not raw.strip() and (kind != "text" or not raw)):
        return None
    if kind == "text":
        if isinstance(raw, bool):
            return "true" if raw else "false"
        return str(raw)
    if kind == "boolean":
        word = raw.strip().lower() if isinstance(raw, str) else raw
        if word is True or word == "true":
            return True
        if word is False or word == "false":
            return False
        raise ValueError(raw)
    if isinstance(raw, bool):
        raise ValueError(raw)
    if kind == "number":
        value = float(raw)
        if math.isinf(value):
            raise ValueError(raw)
        return None if math.isnan(value) else value
    if kind == "integer":
        number = int(raw) if isinstance(raw, str) else raw
        if int(number) != number or not -(2**63) <= number < 2**63:
            raise ValueError(raw)
        return int(number)
    if not isinstance(raw, str):
        raise ValueError(raw)
    text = raw.strip()
    if kind == "date":
        return datetime.date.fromisoformat(text)
    if kind == "time":
        return datetime.time.fromisoformat(text)
    moment = datetime.datetime.fromisoformat(text)
    # one table column has one time zone: universal time without naming it
    return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else moment
