"""Inverse Transform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, did_you_mean, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Record, parameter
from nodeflow.values.specs import ModelSpec, Spec, TableSpec
from nodeflow_nodes.manipulation._applying import not_transforming, unfit

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.values import Model


class Likeness(Record):
    """A column that stands on the scale, or in the codes, of another."""

    column: Column = parameter(help="The column to bring back, such as a prediction.", port="table")
    like: str = parameter(
        help="The column, as the model gave it, whose scale or codes it has, such as the target.",
        min_length=1,
    )


class InverseTransform(Node):
    """Undo what a node learned to do: numbers back to their old scale, codes back to their values.

    The model comes from a Normalizer, a Label Encoder, or a Value Mapping in which no two values become
    the same. Of the columns that it gave, those that the table has are brought back, and the others are
    left out. Predictions of such a column stand under another name: say which column they are like.
    Numbers come back as decimal numbers. A code that stands for nothing becomes missing; missing values
    stay missing.

    Inputs:
        model: What was learned.
        table: A table with columns as the model gave them.
    Outputs:
        table: The table with those columns as they were before.
    """

    category = "Manipulation / Table"
    keywords = (
        "denormalizer",
        "denormalize",
        "inverse_transform",
        "label decoder",
        "number to category",
        "category to number inverse",
        "undo",
        "rescale",
    )

    others: list[Likeness] = parameter(
        default=[],
        label="Further columns",
        help="Columns under other names to bring back as well, such as predictions.",
    )

    def run(self, model: Model, table: pl.LazyFrame) -> pl.LazyFrame:
        schema = dict(table.collect_schema())
        faults = self._faults(model.spec, schema)
        if faults or model.transformation is None:
            raise NodeFailed("; ".join(faults) or "the model cannot be undone")
        also = {str(one.column): one.like for one in self.others}
        return model.transformation.undone(also).within(schema).transform(table)

    def _undone(self, model: ModelSpec) -> dict[str, tuple[TableSpec, TableSpec]]:
        """For each column that the model gave: its type then, and the columns that it becomes again."""
        return {
            name: (TableSpec({name: dtype}), change.back)
            for change in model.changes
            if change.gives is not None and change.back is not None
            for name, dtype in change.gives.columns.items()
        }

    def _planned(self, model: ModelSpec, columns: Mapping[str, pl.DataType]) -> dict[str, str]:
        """Each column to bring back, with the column of the model that it is like."""
        known = self._undone(model)
        also = {str(one.column): one.like for one in self.others}
        return {name: name for name in known if name in columns} | also

    def _faults(self, model: ModelSpec, columns: Mapping[str, pl.DataType]) -> list[str]:
        faults = not_transforming(model)
        if faults or any(change.gives is None for change in model.changes):
            return faults
        known = self._undone(model)
        if not known:
            return [
                f"what {model.learner or 'the model'} does cannot be undone; connect the model of a Normalizer or "
                "Label Encoder"
            ]
        for one in self.others:
            if one.like not in known:
                near = did_you_mean(one.like, list(known), what="it gave")
                faults.append(f'the model gave no column "{shorten(one.like)}" that can be undone; {near}')
            elif one.column in known:
                faults.append(f'"{shorten(one.column)}" is brought back anyway; take it out of the others')
        planned = {} if faults else self._planned(model, columns)
        if not planned and not faults:
            faults.append(
                f"the table has none of the columns that the model gave, {listing(list(known))}; "
                f"it has {listing(list(columns)) or 'no columns'}"
            )
        for name, like in planned.items():
            ((_, dtype),) = known[like][0].columns.items()
            faults += unfit(TableSpec({name: dtype}), columns)
        return faults

    def check_parameters(self) -> list[Fault]:
        names = [one.column for one in self.others]
        return [
            Fault(f"others[{i}].column", f'"{shorten(name)}" is named twice; take one out')
            for i, name in enumerate(names)
            if name in names[:i]
        ]

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        if model is None or table is None:
            return [Fault("", sentence) for sentence in not_transforming(model)] if model is not None else ()
        return [Fault("", sentence) for sentence in self._faults(model, table.columns)]

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        model: ModelSpec = inputs["model"]
        if any(change.gives is None for change in model.changes):
            return None
        known, columns = self._undone(model), dict(inputs["table"].columns)
        for name, like in self._planned(model, columns).items():
            back = known[like][1].columns
            columns |= back if name == like else dict.fromkeys([name], next(iter(back.values())))
        return TableSpec(columns)

    def summary(self) -> str:
        return ", ".join(f"{one.column} like {one.like}" for one in self.others)[:80]

    def export_python(self, script: PythonScript) -> None:
        model, table = script.input("model"), script.input("table")
        also = {str(one.column): one.like for one in self.others}
        script.add(f"{script.output('table')} = {model}.inverse({table}, {also!r})")
