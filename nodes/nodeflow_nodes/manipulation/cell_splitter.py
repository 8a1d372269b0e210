"""Cell Splitter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import ParameterError, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class CellSplitter(Node):
    """Split the texts of a column into several columns, or into a list.

    The text is split at a separator, or by the groups in round brackets of a regular expression that
    is looked for in it. Parts that are not there are missing; parts beyond the last column are
    left out, or stay together in it. A missing text has no parts. With a list, each row has as many
    elements as its text has parts; Ungroup gives each a row of its own.

    Inputs:
        table: The table with the texts.
    Outputs:
        table: The table with the parts.
    """

    category = "Manipulation / Column"
    keywords = (
        "split",
        "text to columns",
        "str.split",
        "separate",
        "delimiter",
        "regex split",
        "extract groups",
        "parse",
    )

    column: Column = parameter(help="The column with the texts.", types=("text", "category"))
    method: Literal["separator", "regular expression"] = parameter(
        default="separator", help="How the texts are split."
    )
    separator: str = parameter(
        default=",",
        min_length=1,
        help="What stands between the parts; taken literally.",
        when={"method": "separator"},
    )
    pattern: str = parameter(
        default="",
        help=r"A regular expression with a group for each part. For example: (\d+)-(\w+)",
        when={"method": "regular expression"},
    )
    into: Literal["columns", "list"] = parameter(
        default="columns", help="Whether the parts become columns or one list.", when={"method": "separator"}
    )
    parts: int = parameter(
        default=2,
        minimum=1,
        maximum=1000,
        unit="columns",
        help="How many columns there will be.",
        when={"into": "columns"},
    )
    rest: Literal["leave out", "keep together"] = parameter(
        default="leave out", help="What happens to parts beyond the last column.", when={"into": "columns"}
    )
    names: list[str] = parameter(
        default=[], help="The names of the new columns. Without any, the column's name with numbers."
    )
    trim: bool = parameter(default=True, help="Take blanks off both ends of the parts.")
    keep: bool = parameter(default=True, label="Keep column", help="Keep the column that is split.")

    def check_parameters(self) -> list[Fault]:
        if self.method == "separator":
            return []
        try:
            Columns.from_json({"pattern": self.pattern})
            groups = pl.select(pl.lit("").str.extract_groups(self.pattern)).to_series().struct.fields
        except ParameterError as error:
            return [Fault("pattern", str(error).replace('"pattern" ', ""))]
        except pl.exceptions.PolarsError as error:
            return [Fault("pattern", f"cannot be used: {shorten(str(error).splitlines()[0], 200)}")]
        if not groups:
            return [Fault("pattern", "has no group; put round brackets around each part")]
        return []

    def _count(self) -> int:
        if self.method == "separator":
            return self.parts
        return len(pl.select(pl.lit("").str.extract_groups(self.pattern)).to_series().struct.fields)

    def new_names(self) -> list[str]:
        """The names of the new columns."""
        if self.into == "list" and self.method == "separator":
            return [self.names[0] if self.names else f"{self.column} parts"]
        return [
            self.names[place] if place < len(self.names) else f"{self.column} {place + 1}"
            for place in range(self._count())
        ]

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        found = table.with_columns(self._computed(cs.by_name(self.column).as_expr().cast(pl.String)))
        return found if self.keep else found.drop(cs.by_name(self.column))

    def _computed(self, text: pl.Expr) -> list[pl.Expr]:
        names = self.new_names()
        if self.method == "regular expression":
            # groups count from 1
            parts = [text.str.extract(self.pattern, place) for place in range(1, len(names) + 1)]
        elif self.into == "list":
            whole = text.str.split(self.separator)
            return [(whole.list.eval(pl.element().str.strip_chars()) if self.trim else whole).alias(names[0])]
        else:
            kept_together = self.rest == "keep together"
            whole = (
                text.str.splitn(self.separator, len(names))
                if kept_together
                else text.str.split(self.separator)
            )
            parts = [
                whole.struct.field(f"field_{place}")
                if kept_together
                else whole.list.get(place, null_on_oob=True)
                for place in range(len(names))
            ]
        return [
            (part.str.strip_chars() if self.trim else part).alias(name)
            for part, name in zip(parts, names, strict=True)
        ]

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        held = {name: dtype for name, dtype in schema.items() if self.keep or name != self.column}
        return taken(self.new_names(), held, "names")

    def summary(self) -> str:
        by = self.pattern if self.method == "regular expression" else repr(self.separator)
        return f"{self.column} by {by}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        script.require("import polars as pl")
        text = f"{col(script, self.column)}.cast(pl.String)"
        names = self.new_names()
        strip = ".str.strip_chars()" if self.trim else ""
        if self.method == "regular expression":
            lines = [
                f"    {text}.str.extract({self.pattern!r}, {place}){strip}.alias({name!r}),"
                for place, name in enumerate(names, 1)
            ]
        elif self.into == "list":
            each = ".list.eval(pl.element().str.strip_chars())" if self.trim else ""
            lines = [f"    {text}.str.split({self.separator!r}){each}.alias({names[0]!r}),"]
        elif self.rest == "keep together":
            lines = [
                f"    {text}.str.splitn({self.separator!r}, {len(names)}).struct.field('field_{place}'){strip}"
                f".alias({name!r}),"
                for place, name in enumerate(names)
            ]
        else:
            lines = [
                f"    {text}.str.split({self.separator!r}).list.get({place}, null_on_oob=True){strip}.alias({name!r}),"
                for place, name in enumerate(names)
            ]
        source, result = script.input("table"), script.output("table")
        script.add(f"{result} = {source}.with_columns(", *lines, ")")
        if not self.keep:
            script.require("import polars.selectors as cs")
            script.add(f"{result} = {result}.drop(cs.by_name({self.column!r}))")
