"""What nodes that make tensors out of tables share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.parameters import Columns, Fault, family
from nodeflow.values.specs import TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context

NUMBERS = ("integer", "float", "boolean")


def chosen_numbers(columns: Columns, schema: Mapping[str, pl.DataType], without: Sequence[str]) -> list[str]:
    """The chosen columns without some, unless these are named themselves."""
    named = set(columns.names)
    return [name for name in columns.resolve(schema) if name in named or name not in without]


def number_faults(place: str, names: Sequence[str], schema: Mapping[str, pl.DataType]) -> list[Fault]:
    """Faults on columns that a network cannot read, or on there being none."""
    if not names:
        return [Fault(place, "no column of numbers is left to read; choose some")]
    wrong = [name for name in names if family(schema[name]) not in NUMBERS]
    if not wrong:
        return []
    from nodeflow.errors import listing

    verb = "has" if len(wrong) == 1 else "have"
    return [
        Fault(
            place,
            f"{listing(wrong)} {verb} no numbers (type {schema[wrong[0]]}); leave out such columns, or turn them into "
            "numbers before, texts by One to Many",
        )
    ]


def schema_of(inputs: Mapping[str, Any], port: str = "table") -> Mapping[str, pl.DataType] | None:
    """The columns that arrive at a table port; None where they are not known."""
    spec = inputs.get(port)
    return spec.columns if isinstance(spec, TableSpec) else None


def tell(context: Context, notes: Sequence[str]) -> None:
    """Warn of each thing that came up."""
    for note in notes:
        context.warn(note)
