"""Cast Types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import polars as pl

from nodeflow.errors import shorten
from nodeflow.parameters import Columns, Fault, Record, family, parameter
from nodeflow_nodes.manipulation._converting import ConvertingNode

Type = Literal["integer", "number", "text", "boolean", "date", "datetime", "time", "category"]

_DTYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "text": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "time": pl.Time(),
    "category": pl.Categorical(),
}
_YES = ["true", "yes", "y", "1", "t", "on"]
_NO = ["false", "no", "n", "0", "f", "off"]

# what can become what; everything can become text
_FROM: dict[str, tuple[str, ...]] = {
    "integer": ("integer", "float", "text", "boolean", "category"),
    "number": ("integer", "float", "text", "boolean", "category"),
    "text": ("integer", "float", "text", "boolean", "date", "datetime", "time", "duration", "category"),
    "boolean": ("boolean", "integer", "float", "text", "category"),
    "date": ("date", "datetime", "text", "category"),
    "datetime": ("date", "datetime", "text", "category"),
    "time": ("time", "datetime", "text", "category"),
    "category": ("text", "category", "integer", "boolean"),
}


class Casting(Record):
    """Some columns and the type they get."""

    columns: Columns = parameter(help="The columns to convert.")
    type: Type = parameter(help="The type they get.")
    format: str = parameter(
        default="",
        help="How dates and times are written in texts, such as %d.%m.%Y. Empty: as 2024-12-31 and 08:30:00.",
    )


class CastTypes(ConvertingNode):
    """Convert columns to other types: texts to numbers, numbers to texts, texts to dates and so on.

    Texts may have blanks around them. Numbers in texts may have a decimal comma and marks between
    thousands; numbers with a fraction cannot become whole numbers unless they are rounded before. As true
    and false count yes and no, y and n, 1 and 0, on and off, in any letters. A value that cannot be
    converted stops the run and is told, or becomes missing, or its row is left out.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The table with the converted columns, in their places.
    """

    category = "Manipulation / Column"
    keywords = (
        "string to number", "number to string", "string to date/time", "convert", "astype", "double to int", "to_numeric",
        "to_datetime", "column auto type cast", "change type", "parse",
    )  # fmt: skip

    casts: list[Casting] = parameter(help="Which columns get which type.", min_length=1)
    decimal: Literal[".", ","] = parameter(default=".", help="The decimal separator of numbers in texts.")
    thousands: Literal["", ",", ".", "'", " ", "_"] = parameter(
        default="", help="What stands between thousands in texts."
    )

    def plan(self, schema: Mapping[str, pl.DataType]) -> dict[str, Casting]:
        """The casting of each column; the last one that names it counts."""
        return {name: one for one in self.casts for name in one.columns.resolve(schema)}

    def converted(self, schema: Mapping[str, pl.DataType], pl: Any, column: Any) -> dict[str, Any]:
        return {
            name: self._cast(pl, column(name), schema[name], one) for name, one in self.plan(schema).items()
        }

    def _cast(self, pl: Any, column: Any, dtype: pl.DataType, one: Casting) -> Any:
        kind = family(dtype)
        if kind == "category" and one.type != "category":
            column, kind = column.cast(pl.String), "text"
        if one.type == "category":
            return column.cast(pl.String).cast(pl.Categorical)
        if one.type == "text":
            dated = one.format and kind in ("date", "datetime", "time")
            return column.dt.to_string(one.format) if dated else column.cast(pl.String)
        if kind == "text":
            return self._from_text(pl, column.str.strip_chars(), one)
        if kind == "float" and one.type == "integer":
            return pl.when(column.is_finite() & (column == column.round())).then(
                column.cast(pl.Int64, strict=False)
            )
        return column.cast(_DTYPES[one.type], strict=False)

    def _from_text(self, pl: Any, text: Any, one: Casting) -> Any:
        if one.type in ("integer", "number"):
            text = text.str.replace_all(self.thousands, "", literal=True) if self.thousands else text
            text = text.str.replace_all(",", ".", literal=True) if self.decimal == "," else text
            number = text.cast(_DTYPES[one.type], strict=False)
            return number.fill_nan(None) if one.type == "number" else number
        if one.type == "boolean":
            low = text.str.to_lowercase()
            yes, no = low.is_in(_YES), low.is_in(_NO)
            return pl.when(yes).then(pl.lit(value=True)).when(no).then(pl.lit(value=False))
        if one.type == "date":
            return text.str.to_date(one.format or "%Y-%m-%d", strict=False)
        if one.type == "time":
            return text.str.to_time(one.format or "%H:%M:%S", strict=False)
        if one.format:
            return text.str.to_datetime(one.format, time_unit="us", strict=False)
        plain = text.str.replace("T", " ", literal=True)
        return pl.coalesce(
            plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False),
            plain.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False),
            plain.str.to_date("%Y-%m-%d", strict=False).cast(_DTYPES["datetime"]),
        )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        faults = []
        for index, one in enumerate(self.casts):
            for name in one.columns.resolve(schema):
                kind = family(schema[name])
                if kind not in _FROM[one.type] and kind != "other":
                    told = f'"{shorten(name)}" is {kind}, which cannot become {one.type}'
                    faults.append(Fault(f"casts[{index}].columns", told))
                    break
        return faults

    def summary(self) -> str:
        return ", ".join(f"{one.columns} to {one.type}" for one in self.casts)[:80]
