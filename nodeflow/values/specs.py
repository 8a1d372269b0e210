"""Specs: what is known of a value before anything runs. Plain, immutable, comparable data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.network import NetworkSpec

Task = Literal[
    "regression", "classification", "clustering", "transformation", "outliers", "forecast", "reconstruction"
]  # fmt: skip


class Spec:
    """Base of all specs; a spec that is not known is None."""

    __slots__ = ()

    def to_data(self) -> dict[str, Any]:
        """The spec as plain JSON data, for `--json` and the editor."""
        raise NotImplementedError(type(self).__name__)


class TableSpec(Spec):
    """Column names and Polars types, in order."""

    __slots__ = ("_identity", "columns")

    def __init__(self, columns: Mapping[str, pl.DataType]) -> None:
        self.columns: dict[str, pl.DataType] = dict(columns)
        self._identity: tuple[tuple[str, str], ...] | None = None

    def identity(self) -> tuple[tuple[str, str], ...]:
        """Names and types in order, hashable: equal exactly for equal specs."""
        if self._identity is None:
            self._identity = tuple((name, repr(dtype)) for name, dtype in self.columns.items())
        return self._identity

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TableSpec) and self.identity() == other.identity()

    def __hash__(self) -> int:
        return hash(self.identity())

    def __repr__(self) -> str:
        return f"TableSpec({self.columns})"

    def to_data(self) -> dict[str, Any]:
        return {"columns": {name: str(dtype) for name, dtype in self.columns.items()}}


@dataclass(frozen=True)
class Change:
    """What one part of a transformation does to the columns of a table.

    `gives` are the columns it makes from those it `reads`: one of a name that is there takes its place,
    another comes last; None where that shows only when it is fitted. `back` are the columns that undoing
    it gives, None where it cannot be undone.
    """

    reads: tuple[str, ...]
    gives: TableSpec | None
    back: TableSpec | None = None


@dataclass(frozen=True)
class ModelSpec(Spec):
    """What a fitted model needs and gives.

    `features` are the columns it reads; `target` the column it predicts, if any; `classes`
    the values it can give, where they are known before fitting (None otherwise). Of a transformation
    `changes` says what it makes of them, and `removes` which columns it takes away. Of a trained network
    `network` is its structure.
    """

    task: Task
    features: TableSpec
    target: str | None = None
    target_type: pl.DataType | None = None
    classes: tuple[Any, ...] | None = None
    learner: str = ""
    changes: tuple[Change, ...] = ()
    removes: tuple[str, ...] = ()
    network: NetworkSpec | None = None

    def within(self, columns: Collection[str]) -> ModelSpec:
        """The same with only the changes whose columns are all among these."""
        kept = tuple(change for change in self.changes if set(change.reads) <= set(columns))
        return replace(self, changes=kept)

    def transformed(self, columns: Mapping[str, pl.DataType]) -> TableSpec | None:
        """What a transformation makes of a table with these columns; None if that is not known yet."""
        result = dict(columns)
        for change in self.changes:
            if change.gives is None:
                return None
            result |= change.gives.columns
        return TableSpec({name: dtype for name, dtype in result.items() if name not in self.removes})

    def to_data(self) -> dict[str, Any]:
        told = {
            "task": self.task,
            "features": self.features.to_data()["columns"],
            "target": self.target,
            "target_type": None if self.target_type is None else str(self.target_type),
            "classes": None if self.classes is None else list(self.classes),
            "learner": self.learner,
        }
        if self.task == "transformation":
            given = [None if one.gives is None else one.gives.to_data()["columns"] for one in self.changes]
            told |= {"gives": given, "removes": list(self.removes)}
        return told


@dataclass(frozen=True)
class ChartSpec(Spec):
    """A chart's title and the columns it shows."""

    title: str = ""
    fields: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        return {"title": self.title, "fields": list(self.fields)}


@dataclass(frozen=True)
class VariablesSpec(Spec):
    """Names and types ("integer", "number", "text", "boolean") of variables."""

    types: Mapping[str, str] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        return {"variables": dict(self.types)}

    def __hash__(self) -> int:
        return hash(tuple(self.types.items()))
