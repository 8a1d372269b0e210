"""What writers of files share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, listing
from nodeflow.files import atomic_write
from nodeflow.parameters import Fault, family, is_family

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context

Existing = Literal["overwrite", "fail"]

EXISTING_HELP = "Replace it, or stop the run. A run that fails leaves it as it was."


def check_existing(path: str, existing: str) -> None:
    """Raise `NodeFailed` when a file is there that is not to be replaced."""
    if existing == "fail" and os.path.lexists(path):
        raise NodeFailed(f"{path} exists already; choose another name, or let it be overwritten")


def write_bytes(context: Context, path: str, content: bytes) -> None:
    """Write a whole file."""
    with context.write(path) as target, atomic_write(target, "wb") as file:
        file.write(content)


def nested_fault(schema: Mapping[str, pl.DataType], what: str, families: tuple[str, ...]) -> list[Fault]:
    """A fault on the columns of families that a format cannot hold, if there are any."""
    wrong = [name for name, dtype in schema.items() if is_family(dtype, families)]
    if not wrong:
        return []
    kinds = ", ".join(sorted({family(schema[name]) for name in wrong}))
    return [
        Fault(
            "path",
            f"{listing(wrong)} cannot be written to {what} (type {kinds}); take such columns out, or turn them "
            "into text or numbers before",
        )
    ]


def columns_of(inputs: Mapping[str, Any], port: str = "table") -> Mapping[str, pl.DataType]:
    """The columns that arrive at a table port, none where they are not known."""
    return inputs[port].columns if port in inputs else {}
