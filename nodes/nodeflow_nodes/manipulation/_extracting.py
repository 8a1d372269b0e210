"""Nodes that take values out of documents that stand in the cells of a column."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Record, parameter
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "list": pl.List(pl.String()),
}


class Extraction(Record):
    """One new column."""

    name: str = parameter(help="The name of the new column.", min_length=1)
    path: str = parameter(help="Where its values are within the document.", min_length=1)
    type: Literal["text", "integer", "number", "boolean", "list"] = parameter(
        default="text", help="The type of its values; a list has all that is found, as texts."
    )


class ExtractingNode(Node):
    """A node with new columns of what paths find in the documents of one column."""

    language: ClassVar[str] = ""

    column: Column = parameter(help="The column with the documents.", types=("text",))
    extract: list[Extraction] = parameter(help="The new columns.", min_length=1)
    unfit: Literal["fail", "missing"] = parameter(
        default="missing",
        label="Unfit documents",
        help="What a text that is no such document gives: a failure that says which, or missing values. A value of "
        "another type than is asked for is missing either way.",
    )
    keep: bool = parameter(
        default=True, label="Keep the documents", help="Whether the column with the documents stays."
    )

    @classmethod
    @abstractmethod
    def reader(cls, path: str) -> Callable[[Any], list[Any]]:
        """What finds the values of a path in a document that was read; raises `ValueError`."""

    @classmethod
    @abstractmethod
    def document(cls, text: str) -> Any:
        """A document from its text; raises `ValueError`."""

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        fields = {f"f{index}": _DTYPES[one.type] for index, one in enumerate(self.extract)}
        found = (
            cs.by_name(self.column)
            .as_expr()
            .map_batches(self._extracted, return_dtype=pl.Struct(fields), is_elementwise=True)
        )
        new = [
            found.struct.field(field).alias(one.name) for field, one in zip(fields, self.extract, strict=True)
        ]
        return table.with_columns(*new) if self.keep else self._without(table.with_columns(*new))

    def _without(self, table: pl.LazyFrame) -> pl.LazyFrame:
        replaced = any(one.name == self.column for one in self.extract)
        return table if replaced else table.drop(cs.by_name(self.column))

    def _extracted(self, texts: pl.Series) -> pl.Series:
        readers = [(self.reader(one.path), _AS_TYPE[one.type]) for one in self.extract]
        columns: list[list[Any]] = [[] for _ in readers]
        for text in texts:
            document = None
            if text is not None:
                try:
                    document = self.document(text)
                except (ValueError, RecursionError) as error:
                    if self.unfit == "fail":
                        raise NodeFailed(
                            f'"{shorten(self.column)}" has a text that is no {self.language}: "{shorten(text, 60)}" '
                            f"({shorten(str(error), 150)})"
                        ) from None
                    text = None
            for values, (read, convert) in zip(columns, readers, strict=True):
                try:
                    values.append(None if text is None else convert(read(document)))
                except ValueError as error:
                    raise NodeFailed(str(error)) from None
        series = [
            pl.Series(f"f{index}", values, dtype=_DTYPES[one.type])
            for index, (one, values) in enumerate(zip(self.extract, columns, strict=True))
        ]
        return pl.DataFrame(series).to_struct(texts.name)

    def check_parameters(self) -> list[Fault]:
        for index, one in enumerate(self.extract):
            try:
                self.reader(one.path)
            except ValueError as error:
                return [Fault(f"extract[{index}].path", f"entry {index + 1}: {error}")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        stays = {
            name: dtype for name, dtype in inputs["table"].columns.items() if name != self.column or self.keep
        }
        return taken([one.name for one in self.extract], stays, "extract")

    def summary(self) -> str:
        return ", ".join(one.name for one in self.extract)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express(f"reading {self.language} in cells")


def _integer(values: list[Any]) -> int | None:
    value = _scalar(values)
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return value if fits else None


def _number(values: list[Any]) -> float | None:
    value = _scalar(values)
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _boolean(values: list[Any]) -> bool | None:
    value = _scalar(values)
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _scalar(values: list[Any]) -> Any:
    value = values[0] if values else None
    return None if isinstance(value, list | dict) else value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    import msgspec

    return msgspec.json.encode(value).decode()


def _list(values: list[Any]) -> list[str | None] | None:
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    return [_text(one) for one in values] if values else None


_AS_TYPE: dict[str, Callable[[list[Any]], Any]] = {
    "text": lambda values: _text(values[0]) if values else None,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "list": _list,
}
