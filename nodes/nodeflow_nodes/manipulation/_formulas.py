"""Nodes that are formulas underneath: they run, check and export as the formulas they write."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from nodeflow.errors import FormulaError, shorten
from nodeflow.expressions import Formula, parse
from nodeflow.expressions.syntax import read
from nodeflow.expressions.tree import Name, walk
from nodeflow.expressions.writing import literal, quoted
from nodeflow.node import Node
from nodeflow.parameters import Fault
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class FormulaNode(Node):
    """A node whose outcome is some columns computed by formulas from the columns of its one table."""

    @abstractmethod
    def formulas(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        """The formula of each new or replaced column, all of them over the table as it comes."""

    def place(self, column: str) -> str:
        """The parameter at fault when the formula of a column does not fit."""
        return ""

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        computed = [parse(text).compile(schema).alias(name) for name, text in self.formulas(schema).items()]
        return table.with_columns(*computed) if computed else table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        faults = []
        for name, text in self.formulas(schema).items():
            try:
                parse(text).check(schema)
            except FormulaError as error:
                faults.append(Fault(self.place(name), str(error), error.position))
        return faults

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        source, result = script.input("table"), script.output("table")
        lines = [f"    ({parse(t).source(schema)}).alias({n!r})," for n, t in self.formulas(schema).items()]
        script.add(f"{result} = {source}.with_columns(", *lines, ")")


def with_column(text: str, placeholder: str, name: str) -> str:
    """The formula with a placeholder column replaced by another column."""
    places = sorted(
        one.position for one in walk(read(text)) if isinstance(one, Name) and one.name == placeholder
    )
    found, last = [], 0
    for place in places:
        end = place + len(quoted(placeholder) if text[place] == "`" else placeholder)
        found += [text[last:place], quoted(name)]
        last = end
    return "".join([*found, text[last:]])


def taken(new: Sequence[str], schema: Mapping[str, Any], place: str) -> list[Fault]:
    """A fault for the first new column whose name the table has already, or that comes twice."""
    for index, name in enumerate(new):
        if name in schema:
            return [Fault(place, f'the table has a column "{shorten(name)}" already; choose another name')]
        if name in new[:index]:
            return [Fault(place, f'two columns would be called "{shorten(name)}"; choose another name')]
    return []


__all__ = ["Formula", "FormulaNode", "literal", "quoted", "taken", "with_column"]
