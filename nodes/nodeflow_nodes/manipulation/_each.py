"""Nodes that apply one formula to each of several columns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow_nodes.manipulation._formulas import FormulaNode, taken

if TYPE_CHECKING:
    import polars as pl


class EachColumn(FormulaNode):
    """A formula for each chosen column, which replaces it or makes another one."""

    families: ClassVar[tuple[str, ...]] = ()

    columns: Columns = parameter(default=Columns.all(), help="The columns to change.")
    mode: Literal["replace", "append"] = parameter(
        default="replace",
        help="Whether the new values take the place of the old ones or stand in new columns.",
    )
    suffix: str = parameter(
        default="_new",
        min_length=1,
        help="What is put after the names of new columns.",
        when={"mode": "append"},
    )

    @abstractmethod
    def formula(self, name: str) -> str:
        """The formula for one column."""

    def chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        """The columns to change: of those that are not named, the ones of a type that fits."""
        named = set(self.columns.names)
        return [
            name
            for name in self.columns.resolve(schema)
            if name in named or is_family(schema[name], type(self).families)
        ]

    def formulas(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        ending = self.suffix if self.mode == "append" else ""
        return {f"{name}{ending}": self.formula(name) for name in self.chosen(schema)}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        faults = list(super().check(inputs))
        if self.mode == "append":
            faults += taken(list(self.formulas(schema)), schema, "suffix")
        if not self.chosen(schema):
            wanted = " or ".join(type(self).families)
            faults.append(Fault("columns", f"no {wanted} column is chosen ({self.columns}); choose one"))
        return faults
