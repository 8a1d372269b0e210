"""Nodes that convert columns, where a value may not fit the new type."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import shorten
from nodeflow.expressions.source import POLARS
from nodeflow.expressions.source import column as source_of
from nodeflow.node import Node
from nodeflow.parameters import family, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

_MARK = "\u2063"


class ConvertingNode(Node):
    """A node that puts converted columns in the places of others."""

    unfit: Literal["fail", "missing", "drop row"] = parameter(
        default="fail", label="Unfit values", help="What happens to values that cannot be converted."
    )

    @abstractmethod
    def converted(self, schema: Mapping[str, pl.DataType], pl: Any, column: Any) -> dict[str, Any]:
        """The converted columns by name, missing where a value does not fit.

        `pl` is Polars, and `column` gives a column by its literal name; or both are stand-ins that write
        source text.
        """

    def steps(self, schema: Mapping[str, pl.DataType], pl: Any, column: Any) -> tuple[Any, dict[str, Any]]:
        """The condition for rows to stay (None for all), and the new columns."""
        computed = self.converted(schema, pl, column)
        unfit = {
            name: value.is_null() & _is_present(pl, column(name), schema[name])
            for name, value in computed.items()
        }
        if self.unfit == "drop row" and computed:
            return ~pl.any_horizontal(list(unfit.values())), computed
        if self.unfit == "fail":
            computed = {
                name: _or_fail(pl, value, unfit[name], column(name)) for name, value in computed.items()
            }
        return None, computed

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        kept, computed = self.steps(schema_of(table), pl, literal_column)
        table = table if kept is None else table.filter(kept)
        return table.with_columns(value.alias(name) for name, value in computed.items())

    def explain(self, error: Exception) -> str | None:
        found = re.search(
            r"failed in column '(.*?)' for \d+ out of \d+ values?: \[(.*?)\]", str(error), re.DOTALL
        )
        if found is None or _MARK not in found[2]:
            return None
        told = shorten(found[2].replace(_MARK, ""), 300)
        return (
            f'"{shorten(found[1])}" holds values that cannot be converted, such as {told}; mend them before, or '
            "choose what happens to unfit values"
        )

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        kept, computed = self.steps(schema, POLARS, source_of)
        source, result = script.input("table"), script.output("table")
        if kept is not None:
            source = f"{source}.filter({kept.text})"
        lines = [f"    ({value.text}).alias({name!r})," for name, value in computed.items()]
        script.add(f"{result} = {source}.with_columns(", *lines, ")")


def literal_column(name: str) -> pl.Expr:
    """A column by its literal name; Polars takes some names as patterns."""
    import polars.selectors as cs

    return cs.by_name(name).as_expr()


def _is_present(pl: Any, column: Any, dtype: pl.DataType) -> Any:
    """Whether there is something to convert: an empty text is as good as missing."""
    if family(dtype) in ("text", "category"):
        text = column.cast(pl.String).str.strip_chars()
        return text.is_not_null() & (text != "")
    return column.is_not_null()


def _or_fail(pl: Any, value: Any, unfit: Any, column: Any) -> Any:
    """The values; an unfit one fails when the query runs, with the first of them in the message."""
    # the mark makes sure that nothing can be read as a number
    failing = pl.when(unfit).then(column.cast(pl.String) + _MARK).cast(pl.Int64)
    return pl.when(failing.is_null()).then(value)
