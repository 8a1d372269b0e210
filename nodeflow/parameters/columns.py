"""Choosing columns: one by name, or several by name, type, pattern and exception."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import ParameterError, did_you_mean, listing, shorten

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

FAMILIES = (
    "number",
    "integer",
    "float",
    "text",
    "boolean",
    "date",
    "datetime",
    "time",
    "duration",
    "category",
    "list",
    "other",
)
"""Names of column types as people know them; "number" covers integer and float."""


def family(dtype: pl.DataType) -> str:
    """The family of a Polars type: "integer", "float", "text", "boolean", ..."""
    return _FAMILY_OF.get(type(dtype).__name__, "other")


_FAMILY_OF = (
    dict.fromkeys(
        ("Int8", "Int16", "Int32", "Int64", "Int128", "UInt8", "UInt16", "UInt32", "UInt64"), "integer"
    )
    | dict.fromkeys(("Float16", "Float32", "Float64", "Decimal"), "float")
    | {"String": "text", "Boolean": "boolean", "Date": "date", "Datetime": "datetime", "Time": "time"}
    | {"UInt128": "integer", "Duration": "duration", "Categorical": "category", "Enum": "category"}
    | {"List": "list", "Array": "list"}
)


def is_family(dtype: pl.DataType, families: Iterable[str]) -> bool:
    """Whether a type belongs to one of the families; "number" takes integers and floats."""
    own = family(dtype)
    return any(own == one or (one == "number" and own in ("integer", "float")) for one in families)


class Column(str):
    """The name of one column; a text in every respect."""

    __slots__ = ()

    def of(self, table: nw.LazyFrame[Any]) -> nw.Expr:
        """The column of that very name in `table`; to a library a name such as `*` may be a pattern."""
        from nodeflow import ops

        return ops.column(self, ops.names_of(table))


@dataclass(frozen=True)
class Columns:
    """A choice of columns that keeps working when columns come and go.

    A column is chosen when it is named, or of one of the types, or its whole name matches the
    pattern; with none of the three given, every column is. `exclude` takes columns out again.
    The order is the table's, except that named columns alone keep the order of their names.

    In a workflow file: `["age", "name"]`, `{"types": ["number"], "exclude": ["id"]}`,
    `{"pattern": "^score_"}`, `{}` for all.
    """

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    pattern: str = ""
    exclude: tuple[str, ...] = ()
    missing: Literal["error", "ignore"] = "error"
    only_named: bool = field(default=False)

    @classmethod
    def all(cls) -> Columns:
        """Every column."""
        return cls()

    @classmethod
    def of(cls, *names: str) -> Columns:
        """The named columns, none if no name is given."""
        return cls(names=tuple(names), only_named=True)

    @classmethod
    def typed(cls, *types: str, exclude: Sequence[str] = ()) -> Columns:
        """Every column of these families ("number", "text", ...)."""
        return cls(types=tuple(types), exclude=tuple(exclude))

    def resolve(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        """The chosen names of a table with this schema; named columns it lacks are left out."""
        if self.only_named:
            return [name for name in dict.fromkeys(self.names) if name in schema]
        named, excluded = set(self.names), set(self.exclude)
        matching = self._matching(list(schema))
        everything = not (named or self.types or self.pattern)
        return [
            name
            for name, dtype in schema.items()
            if name not in excluded
            and (
                everything
                or name in named
                or (self.types and is_family(dtype, self.types))
                or name in matching
            )
        ]

    def _matching(self, names: list[str]) -> set[str]:
        if not self.pattern or not names:
            return set()
        import polars as pl

        # Polars matches in linear time: a pattern from a file cannot hang the program
        series = pl.Series(names, dtype=pl.String)
        return set(series.filter(series.str.contains(self.pattern)))

    def faults(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        """Sentences on a pattern that cannot be used and on named columns that the table lacks."""
        import polars as pl

        try:
            self._matching(["x"])
        except pl.exceptions.ComputeError as error:
            return [f"pattern {self.pattern!r} cannot be used: {shorten(str(error), 200)}"]
        if self.missing == "ignore":
            return []
        return [no_column(name, schema) for name in (*self.names, *self.exclude) if name not in schema]

    def to_json(self) -> Any:
        """The form of the workflow file."""
        if self.only_named and self.missing == "error":
            return list(self.names)
        given = {
            "names": list(self.names),
            "types": list(self.types),
            "pattern": self.pattern,
            "exclude": list(self.exclude),
        }
        result: dict[str, Any] = {name: value for name, value in given.items() if value}
        if self.only_named:
            result["names"] = list(self.names)
        if self.missing != "error":
            result["missing"] = self.missing
        return result

    @classmethod
    def from_json(cls, raw: Any) -> Columns:
        """Read the form of the workflow file; raises `ParameterError`."""
        if isinstance(raw, list):
            return cls(names=_texts(raw, "the column list"), only_named=True)
        if not isinstance(raw, dict):
            raise ParameterError(
                f"is {describe(raw)}; give a list of column names, or an object with "
                '"names", "types", "pattern", "exclude"'
            )
        known = ("names", "types", "pattern", "exclude", "missing")
        for name in raw:
            if name not in known:
                raise ParameterError(
                    f'"{shorten(name)}" does not choose columns; {did_you_mean(name, known)}'
                )
        types = _texts(raw.get("types", []), '"types"')
        for one in types:
            if one not in FAMILIES:
                raise ParameterError(f'"{shorten(one)}" is no column type; {did_you_mean(one, FAMILIES)}')
        pattern = raw.get("pattern", "")
        if not isinstance(pattern, str) or len(pattern) > 1000:
            raise ParameterError('"pattern" must be a text of at most 1,000 characters')
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise ParameterError(f'"pattern" is no regular expression: {error}') from None
        missing = raw.get("missing", "error")
        if missing not in ("error", "ignore"):
            raise ParameterError('"missing" must be "error" or "ignore"')
        names = _texts(raw.get("names", []), '"names"')
        exclude = _texts(raw.get("exclude", []), '"exclude"')
        only_named = "names" in raw and not (types or pattern or exclude)
        return cls(names, types, pattern, exclude, missing, only_named)

    def __str__(self) -> str:
        parts = []
        if self.names or self.only_named:
            parts.append(", ".join(self.names) or "none")
        if self.types:
            parts.append("every " + " and ".join(self.types) + " column")
        if self.pattern:
            parts.append(f"names like {self.pattern}")
        text = "; ".join(parts) or "all columns"
        return f"{text} except {', '.join(self.exclude)}" if self.exclude else text


def no_column(name: str, schema: Iterable[str]) -> str:
    """The sentence on a column that is not there, with the nearest names."""
    names = list(schema)
    near = did_you_mean(name, names, what="it has")
    if near.startswith("it has"):
        return f'no column "{shorten(name)}"; {near.replace("it has:", "the table has", 1)}'
    has = f"; the table has {listing(names)}" if names else "; the table has no columns"
    return f'no column "{shorten(name)}"{has} ({near})' if names else f'no column "{shorten(name)}"{has}'


def describe(raw: Any) -> str:
    """A JSON value in words, for a sentence on what was found instead."""
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return f'the text "{shorten(raw, 60)}"'
    if isinstance(raw, int | float):
        return f"the number {shorten(_number(raw), 40)}"
    if isinstance(raw, list):
        return f"a list of {len(raw)}"
    return "an object" if isinstance(raw, dict) else f"a {type(raw).__name__}"


def _number(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to print integers of more than 4,300 digits
        return "of more than 4,300 digits"


def _texts(raw: Any, what: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise ParameterError(f"{what} must be a list of texts, not {describe(raw)}")
    return tuple(raw)
