"""Value Mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, Record, family, parameter
from nodeflow.values.specs import Spec
from nodeflow.values.table import schema_of
from nodeflow.values.transformation import Map, Transformation
from nodeflow_nodes.manipulation._fitting import ORDERED, Fitted, Schema, fitted, fitted_specs, values_of
from nodeflow_nodes.manipulation._formulas import taken
from nodeflow_nodes.manipulation._types import common_type, in_words, way_out
from nodeflow_nodes.manipulation._values import series_in, type_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class Pair(Record):
    """One value and what it becomes."""

    old: Any = parameter(
        default=None, label="Value", help="The value to replace; null for missing ones. A date as 2024-12-31."
    )
    new: Any = parameter(default=None, label="Becomes", help="What it becomes; null for missing.")


class ValueMapping(Node):
    """Replace values of some columns by others, by a list of pairs or a table of them.

    The pairs are given in the dialog, or come as a table with a column of old and one of new values. If
    both are there, a pair of the dialog goes before one of the table. Values are compared as a whole,
    texts letter by letter. A missing value stays missing unless a pair names it.

    A value that is in no pair stays as it is, becomes missing, or becomes a default value, or is an
    error. If such values stay, old and new ones stand in one column, so the new ones must be of its type.
    Otherwise they may be of any type; whole and decimal numbers together are decimal numbers.

    The model holds the pairs, so that a Transform node maps another table in the same way, and an
    Inverse Transform node back, if no two values become the same and others do not stay.

    Inputs:
        table: The table with the values.
        mapping: Old values and their new ones, a row each; the same old value twice must have one new value.
    Outputs:
        table: The table with the new values in place of the old, or in new columns.
        model: The pairs, for a Transform or Inverse Transform node.
    """

    category = "Manipulation / Column"
    keywords = (
        "cell replacer",
        "replace values",
        "map",
        "replace",
        "recode",
        "dictionary",
        "value lookup",
        "decode",
        "case when",
        "dictionary replacer",
    )

    columns: Columns = parameter(types=(*ORDERED, "float"), help="The columns whose values are replaced.")
    pairs: list[Pair] = parameter(default=[], help="What becomes what.")
    old_column: Column | None = parameter(
        default=None,
        port="mapping",
        label="Column of old values",
        help="The column of the mapping table with the values to replace; by default its first.",
    )
    new_column: Column | None = parameter(
        default=None,
        port="mapping",
        label="Column of new values",
        help="The column of the mapping table with what they become; by default its second.",
    )
    unmapped: Literal["keep", "missing", "default", "fail"] = parameter(
        default="keep",
        label="Other values",
        help="What happens to a value that is in no pair: it stays, becomes missing or the default, or is an error.",
    )
    default: Any = parameter(
        default=None, label="Default", help="What other values become.", when={"unmapped": "default"}
    )
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

    def check_parameters(self) -> list[Fault]:
        faults = []
        known: dict[Any, Any] = {}
        for index, pair in enumerate(self.pairs):
            key = (isinstance(pair.old, bool), pair.old)
            if key in known and known[key] != (isinstance(pair.new, bool), pair.new):
                faults.append(
                    Fault(f"pairs[{index}].old", f"{_words(pair.old)} becomes two things; take one pair out")
                )
            known[key] = (isinstance(pair.new, bool), pair.new)
        if self.unmapped == "default" and self.default is None:
            faults.append(
                Fault("default", 'other values need a default; give one, or let them become "missing"')
            )
        return faults

    @property
    def _ending(self) -> str:
        return self.suffix if self.mode == "append" else ""

    def _rows(self, mapping: pl.LazyFrame | None) -> pl.LazyFrame | None:
        """The pairs of the mapping table as columns "old" and "new"; raises `NodeFailed`."""
        if mapping is None:
            if not self.pairs:
                raise NodeFailed("there is nothing to map; give pairs, or connect a table of them")
            return None
        names = list(mapping.collect_schema())
        old = self.old_column or next((one for one in names if one != self.new_column), None)
        new = self.new_column or next((one for one in names if one != old), None)
        if old is None or new is None or old == new:
            raise NodeFailed("the mapping table needs two columns, of old and of new values")
        rows = mapping.select(old=cs.by_name(old).as_expr(), new=cs.by_name(new).as_expr())
        categories = cs.by_dtype(pl.Categorical, pl.Enum)
        return rows.with_columns(categories.cast(pl.String))

    def _steps(self, schema: Schema, rows: pl.DataFrame | None) -> list[Map]:
        """What is done to each column, given the pairs of the mapping table; raises `NodeFailed`."""
        steps = []
        for name in self.columns.resolve(schema):
            source = pl.String() if isinstance(schema[name], pl.Categorical | pl.Enum) else schema[name]
            where = f'column "{shorten(name)}" is {in_words(schema[name])}'
            read = source if rows is None else _common(source, rows.schema["old"], where, "the old values")
            result = self._result(source, rows, where)
            old = _series([pair.old for pair in self.pairs], source, f"{where}; to be found, a value must be")
            new = _series([pair.new for pair in self.pairs], result, f"{where}; a new value must be")
            pairs = pl.DataFrame({"old": old.cast(read), "new": new})
            if rows is not None:
                more = rows.select(pl.col("old").cast(read), pl.col("new").cast(result))
                pairs = pl.concat([pairs, more.join(pairs, on="old", how="anti", nulls_equal=True)])
            pairs = pairs.unique(maintain_order=True)
            twice = pairs.filter(pl.col("old").is_duplicated())
            if twice.height:
                raise NodeFailed(
                    f'"{shorten(str(twice.item(0, "old")))}" stands in the mapping table with different new '
                    "values; leave each but one out"
                )
            default = None
            if self.unmapped == "default":
                default = values_of(_series([self.default], result, f"{where}; the default must be"), name)
            kept = [values_of(pairs.get_column(part), name) for part in ("old", "new")]
            steps.append(Map(name, f"{name}{self._ending}", kept[0], kept[1], self.unmapped, default))
        return steps

    def _result(self, source: pl.DataType, rows: pl.DataFrame | None, where: str) -> pl.DataType:
        """The type of the new values of a column."""
        given = [pair.new for pair in self.pairs]
        if self.unmapped == "default":
            given.append(self.default)
        if self.unmapped != "keep":
            found = type_of(given)
            if found is None:
                raise NodeFailed("the new values are of different types; give texts only, or numbers only")
            result = found
        elif source.is_integer() and type_of(given) == pl.Float64():
            result = pl.Float64()
        else:
            result = source
        if rows is not None:
            result = _common(result, rows.schema["new"], where, "the new values")
        return pl.String() if isinstance(result, pl.Null) else result

    def run(self, table: pl.LazyFrame, mapping: pl.LazyFrame | None, context: Context) -> Fitted:
        schema, rows = schema_of(table), self._rows(mapping)
        transformation = Transformation(self._steps(schema, None if rows is None else rows.collect()))
        refused = transformation.refused(table)
        if refused:
            raise NodeFailed(refused.replace("were not there while learning", "are in no pair"))
        return fitted(table, transformation, schema, self.name)

    def _planned(self, inputs: Mapping[str, Any]) -> list[Map]:
        """The steps as far as they show in the types of the columns; raises `NodeFailed`."""
        mapping = inputs.get("mapping")
        rows = self._rows(None if mapping is None else pl.LazyFrame(schema=mapping.columns))
        return self._steps(inputs["table"].columns, None if rows is None else rows.collect())

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or ("mapping" not in inputs and not self.pairs):
            return ()  # that neither pairs nor a table are there shows when it runs
        schema = inputs["table"].columns
        chosen = self.columns.resolve(schema)
        if not chosen:
            return [Fault("columns", f"chooses no column of the table ({self.columns}); choose one")]
        try:
            self._planned(inputs)
        except NodeFailed as error:
            return [Fault("pairs", str(error))]
        return taken([f"{one}{self._ending}" for one in chosen], schema, "suffix") if self._ending else ()

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        changes = Transformation(self._planned(inputs)).changes()
        specs = fitted_specs(inputs["table"].columns, changes, (), self.name)
        # whether the pairs of a table can be undone shows only in its rows
        return {**specs, "model": None} if "mapping" in inputs else specs

    def summary(self) -> str:
        pairs = ", ".join(f"{_words(pair.old)} → {_words(pair.new)}" for pair in self.pairs)
        return f"{self.columns}: {pairs}"[:80] if pairs else str(self.columns)[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        if script.has_input("mapping"):
            script.cannot_express("a table of pairs")
        if self.unmapped == "fail":
            script.cannot_express("an error for other values")
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.define("value_mapping", VALUE_MAPPING)
        lines = []
        for step in self._steps(schema, None):
            if not {family(step.old.dtype), family(step.new.dtype)} <= {
                "integer",
                "float",
                "text",
                "boolean",
            }:
                script.cannot_express("dates and times")
            types = f"pl.{step.old.dtype!r}, pl.{step.new.dtype!r}"
            pairs = dict(zip(step.old.items, step.new.items, strict=True))
            lines.append(f"    {step.column!r}: ({pairs!r}, {types}),")
        source, result, model = script.input("table"), script.output("table"), script.output("model")
        more = f"{self.unmapped == 'keep'}, {self.default if self.unmapped == 'default' else None!r}, {self._ending!r}"
        script.add(f"{model} = value_mapping({{", *lines, f"}}, {more})", f"{result} = {model}({source})")


def _words(value: Any) -> str:
    """A value for a sentence."""
    return "missing" if value is None else shorten(str(value), 30)


def _common(one: pl.DataType, other: pl.DataType, where: str, what: str) -> pl.DataType:
    """The type for both; raises `NodeFailed` if there is none."""
    found = common_type(one, other, mix_numbers=True)
    if found is None:
        raise NodeFailed(
            f"{where}, but {what} of the mapping table are {in_words(other)}; {way_out(one, other)}"
        )
    return found


def _series(values: Sequence[Any], dtype: pl.DataType, where: str) -> pl.Series:
    try:
        return series_in(values, dtype)
    except ValueError as wanted:
        raise NodeFailed(f"{where} {wanted}") from None


VALUE_MAPPING = '''
def value_mapping(plan, keep, default, ending):
    """Gives a function that replaces values of columns, with its `inverse`."""

    def replaced(column, pairs, old, new, keep=False, default=None):
        known = {key: value for key, value in pairs.items() if key is not None}
        column = column.cast(old)
        found = pl.lit(default, new)
        if known:
            found = column.replace_strict(list(known), list(known.values()), default=default, return_dtype=new)
        if keep:
            found = pl.when(column.is_in(list(known))).then(found).otherwise(column.cast(new))
        return pl.when(column.is_null()).then(pl.lit(pairs.get(None), new)).otherwise(found)

    def replace(table):
        return table.with_columns(
            replaced(cs.by_name(name).as_expr(), *how, keep, default).alias(name + ending)
            for name, how in plan.items()
        )

    def inverse(table, also=()):
        there = table.collect_schema()
        wanted = [(name + ending, name, name) for name in plan if name + ending in there]
        wanted += [(name, name, like.removesuffix(ending)) for name, like in dict(also).items()]
        return table.with_columns(
            replaced(cs.by_name(given).as_expr(), {v: k for k, v in pairs.items()}, new, old).alias(result)
            for given, result, (pairs, old, new) in ((g, r, plan[name]) for g, r, name in wanted)
        )

    replace.inverse = inverse
    return replace
'''
