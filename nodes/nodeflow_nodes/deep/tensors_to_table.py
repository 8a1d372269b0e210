"""Tensors to Table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, did_you_mean
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.specs import Spec
    from nodeflow.values.tensor_specs import TensorsSpec

MOST_COLUMNS = 10_000
MOST_NUMBERS = 500_000_000


class TensorsToTable(Node):
    """Write tensors as a table: a row for each sample, a column for each number, with their old names where known.

    Inputs and targets come in the unit of the table they were made from, classes by their names; or as a network gets
    them. Numbers of arrays with several axes are numbered along each, such as `x 1 2`. Windows are copied out here:
    choose few of them.

    Inputs:
        tensors: The samples.
    Outputs:
        table: A row for each sample.
    """

    name = "Tensors to Table"
    category = "Deep Learning / Data"
    keywords = ("to dataframe", "to numpy", "flatten", "inspect tensors", "export arrays")

    arrays: list[str] = parameter(default=[], help='The arrays to write, such as "x" and "y"; all if empty.')
    own_unit: bool = parameter(
        default=True,
        label="In the unit of the table",
        help="Undo the scaling and write classes by their names; otherwise the numbers a network gets.",
    )
    first: int | None = parameter(
        default=None, minimum=0, unit="samples", help="Write only so many samples; empty for all."
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        spec: TensorsSpec | None = inputs.get("tensors")
        for name in self.arrays if spec is not None else ():
            if spec is not None and name not in spec.arrays:
                return [
                    Fault(
                        "arrays", f'there is no array "{name[:80]}"; {did_you_mean(name, list(spec.arrays))}'
                    )
                ]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return None  # names of classes and widths show only with the data

    def run(self, tensors: Tensors, context: Context) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        names = self.arrays or list(tensors.arrays)
        for name in names:
            if name not in tensors.arrays:
                raise NodeFailed(
                    f'there is no array "{name[:80]}"; {did_you_mean(name, list(tensors.arrays))}'
                )
        count = tensors.samples if self.first is None else min(self.first, tensors.samples)
        widths = {name: math.prod(tensors.arrays[name].shape[1:]) for name in names}
        if sum(widths.values()) > MOST_COLUMNS or sum(widths.values()) * count > MOST_NUMBERS:
            raise NodeFailed(
                f"these would be {sum(widths.values()):,} columns and {count:,} rows, more than a table should have; choose "
                "fewer arrays or samples"
            )
        places = np.arange(count)
        columns: list[pl.Series] = []
        for name in names:
            found = self._columns(tensors, name, tensors.arrays[name].take(places))
            taken = {one.name for one in columns}
            columns += [one.alias(f"{name} {one.name}") if one.name in taken else one for one in found]
            context.check_cancelled()
        if len({one.name for one in columns}) < len(columns):
            raise NodeFailed("two columns would have one name; choose fewer arrays")
        return pl.DataFrame(columns)

    def _columns(self, tensors: Tensors, name: str, values: np.ndarray) -> list[pl.Series]:
        import polars as pl

        plain = tensors.preparation or {}
        titles = _titles(name, values.shape[1:])
        if self.own_unit and name == "x" and len(plain.get("columns", ())) == len(titles):
            titles = list(plain["columns"])
        if self.own_unit and name in tensors.targets() and name != "x" and plain.get("target"):
            titles = [f"{plain['target']}{title.removeprefix(name)}" for title in titles]
        if (
            self.own_unit
            and name in tensors.targets()
            and tensors.task == "classification"
            and tensors.classes
        ):
            codes = values if values.ndim == 1 else values.reshape(len(values), -1).argmax(axis=1)
            if values.ndim < 3 and (
                not len(codes) or (codes.min() >= 0 and codes.max() < len(tensors.classes))
            ):
                named = [tensors.classes[int(code)] for code in codes]
                title = plain.get("target") or name
                return [pl.Series(title, named, dtype=None if named else pl.String, strict=False)]
        if self.own_unit and plain:
            values = _restored(tensors, name, values)
        flat = values.reshape(len(values), -1)
        return [pl.Series(title, flat[:, place]) for place, title in enumerate(titles)]

    def summary(self) -> str:
        return (", ".join(self.arrays) or "all arrays")[:80]


def _titles(name: str, shape: tuple[int, ...]) -> list[str]:
    if not shape or shape == (1,):
        return [name]
    numbers = itertools.product(*(range(1, length + 1) for length in shape))
    return [" ".join([name, *map(str, one)]) for one in numbers]


def _restored(tensors: Tensors, name: str, values: np.ndarray) -> np.ndarray:
    """Inputs and targets in their own unit; other arrays as they are."""
    import numpy as np

    from nodeflow.values.preparation import read, restore

    known = read(tensors.preparation or {})
    if name in tensors.inputs() or (name in tensors.targets() and tensors.task == "reconstruction"):
        scaler: Any = getattr(known, "scaler", None)
        return values if scaler is None else scaler.undone(values)
    if name in tensors.targets():
        base = tensors.arrays["base"].take(np.arange(len(values))) if "base" in tensors.arrays else None
        return restore(tensors.preparation or {}, values, base)
    return values
