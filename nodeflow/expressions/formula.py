"""Formula: the parsed text, ready to be checked, run and exported."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from nodeflow.expressions.check import Checker, is_single
from nodeflow.expressions.kinds import dtype_of, kind_of
from nodeflow.expressions.syntax import read
from nodeflow.expressions.translate import Translator
from nodeflow.expressions.tree import Name, walk

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl


class Formula:
    """One formula; equal and hashed by its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = read(text)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns it reads, in order of appearance, each once."""
        return tuple(dict.fromkeys(one.name for one in walk(self._tree) if isinstance(one, Name)))

    @property
    def is_single(self) -> bool:
        """Whether it gives one value for the whole table, as `true` or `column_mean(x) > 3` do."""
        return is_single(self._tree)

    def check(self, schema: Mapping[str, pl.DataType]) -> pl.DataType | None:
        """The type of the result for a table of this schema; None where the data decide.

        Raises:
            FormulaError: a column is missing or the types do not fit, with the character.
        """
        kinds = _kinds(schema)
        return dtype_of(Checker(self.text, kinds).kind(self._tree))

    def compile(self, schema: Mapping[str, pl.DataType] | None = None) -> nw.Expr:
        """The narwhals expression; without a schema columns count as numbers or whatever is needed."""
        import narwhals as nw

        names = list(schema) if schema is not None else []
        types = schema or {}

        def column(name: str) -> Any:
            # Polars would take such a name as a pattern
            is_pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
            found = nw.nth(names.index(name)) if is_pattern and name in names else nw.col(name)
            return _plain(nw, found, types.get(name))

        kinds = _kinds(types) if schema is not None else dict.fromkeys(self.columns, "any")
        result: nw.Expr = Translator(nw, column, kinds, self.text).expression(self._tree)
        return result

    def source(self, schema: Mapping[str, pl.DataType] | None = None) -> str:
        """The same as Polars source text; `import polars as pl` is all it needs."""
        from nodeflow.expressions.source import POLARS, column

        types = schema or {}
        kinds = _kinds(types) if schema is not None else dict.fromkeys(self.columns, "any")
        translator = Translator(
            POLARS, lambda name: _plain(POLARS, column(name), types.get(name)), kinds, self.text
        )
        text: str = translator.expression(self._tree).text
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """Read a formula; raises `FormulaError` with the character that is wrong."""
    return Formula(text)


def _kinds(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    return {name: kind_of(dtype) for name, dtype in schema.items()}


def _plain(nw: Any, column: Any, dtype: pl.DataType | None) -> Any:
    """The column in the type its functions know."""
    name = type(dtype).__name__
    if name in ("Categorical", "Enum"):
        return column.cast(nw.String)
    return column.cast(nw.Float64) if name == "Decimal" else column
