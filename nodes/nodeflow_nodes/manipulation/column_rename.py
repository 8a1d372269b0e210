"""Column Rename."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import ParameterError, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, Record, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript


class Renaming(Record):
    """One column and its new name."""

    column: Column = parameter(help="The column to rename.")
    name: str = parameter(help="Its new name.", min_length=1)


class ColumnRename(Node):
    """Give columns other names, one by one or all by a rule.

    First the rule is applied to the chosen columns: blanks are taken off, a pattern is replaced, the
    letters are changed, a beginning and an ending are put on, in this order. Then single columns get the
    names that are listed for them. Values, order and types stay as they are. Two columns cannot have
    one name: that is told before anything runs.

    Inputs:
        table: The table whose columns get other names.
    Outputs:
        table: The same table under the new names.
    """

    category = "Manipulation / Column"
    keywords = (
        "rename",
        "relabel",
        "column renamer",
        "column rename (regex)",
        "alias",
        "clean names",
        "header",
    )

    renames: list[Renaming] = parameter(default=[], help="Columns and their new names.")
    columns: Columns = parameter(default=Columns.all(), help="The columns for which the rule below holds.")
    trim: bool = parameter(default=False, help="Take blanks off both ends of the names.")
    find: str = parameter(
        default="",
        help="A regular expression to look for in the names, everywhere in them. Empty changes nothing.",
    )
    replacement: str = parameter(
        default="",
        label="Replace by",
        help="What stands in the place of each match; $1 is the first group in round brackets.",
    )
    letters: Literal["as they are", "lower", "upper", "title", "snake_case"] = parameter(
        default="as they are",
        help='Small or capital letters; "snake_case" also joins the words by underscores, as programmers like it.',
    )
    prefix: str = parameter(default="", label="Beginning", help="What is put before each name.")
    suffix: str = parameter(default="", label="Ending", help="What is put after each name.")

    def check_parameters(self) -> list[Fault]:
        names = [one.column for one in self.renames]
        faults = [
            Fault(f"renames[{i}].column", f'"{shorten(name)}" is renamed twice; take one out')
            for i, name in enumerate(names)
            if name in names[:i]
        ]
        try:
            Columns.from_json({"pattern": self.find})
            _replaced(["x"], self.find, self.replacement)
        except ParameterError as error:
            faults.append(Fault("find", str(error).replace('"pattern" ', "")))
        except Exception as error:  # the library that will replace knows its own patterns best
            faults.append(Fault("find", f"cannot be used: {shorten(str(error), 200)}"))
        return faults

    def new_names(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        """Every column with its name in the result."""
        chosen = self.columns.resolve(schema)
        found = dict(zip(schema, schema, strict=True)) | dict(zip(chosen, self._by_rule(chosen), strict=True))
        return found | {one.column: one.name for one in self.renames if one.column in schema}

    def _by_rule(self, names: list[str]) -> list[str]:
        found = [name.strip() if self.trim else name for name in names]
        if self.find:
            found = _replaced(found, self.find, self.replacement)
        change = {"lower": str.lower, "upper": str.upper, "title": str.title, "snake_case": _snake}
        if self.letters in change:
            found = [change[self.letters](name) for name in found]
        return [f"{self.prefix}{name}{self.suffix}" for name in found]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        changed = {old: new for old, new in self.new_names(schema_of(table)).items() if old != new}
        return table.rename(changed) if changed else table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        owners: dict[str, str] = {}
        faults = []
        for old, new in self.new_names(inputs["table"].columns).items():
            if new in owners:
                both = f'"{shorten(owners[new])}" and "{shorten(old)}"'
                faults.append(
                    Fault("renames", f'{both} would both be called "{shorten(new)}"; choose another name')
                )
            owners[new] = old
        return faults

    def summary(self) -> str:
        parts = [f"{one.column} → {one.name}" for one in self.renames]
        parts += [f"/{self.find}/ → {self.replacement}"] if self.find else []
        parts += [self.letters] if self.letters != "as they are" else []
        parts += [f"{self.prefix}…{self.suffix}"] if self.prefix or self.suffix else []
        return ", ".join(parts)[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        changed = {old: new for old, new in self.new_names(schema).items() if old != new}
        source = script.input("table")
        script.add(f"{script.output('table')} = {source}.rename({changed!r})")


def _replaced(names: list[str], find: str, replacement: str) -> list[str]:
    """By Polars, which matches in linear time: a pattern from a file cannot hang the program."""
    import polars as pl

    return list(pl.Series(names, dtype=pl.String).str.replace_all(find, replacement))


def _snake(name: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return "_".join(re.findall(r"\w+", parted)).lower()
