"""Nodes that calculate small tables from some columns, by functions that an exported script holds as they stand."""

from __future__ import annotations

import inspect
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.values.specs import Spec, TableSpec
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

Schema = Mapping[str, pl.DataType]

GROUPING = ("text", "category", "boolean", "number", "date", "datetime")
"""The families whose values can name groups."""

TEXT, NUMBER, WHOLE, TRUTH = pl.String(), pl.Float64(), pl.Int64(), pl.Boolean()


class Calculation(Node):
    """Gives small tables that a function calculates from some columns of the input.

    The function gets the computed columns and `arguments`, and gives for each output port a list of rows
    as dictionaries. It raises `ValueError` with a sentence where there is nothing to calculate.
    """

    results: ClassVar[Mapping[str, Schema | None]] = {}
    """The columns of each output; None where they depend on the values."""

    @abstractmethod
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """The function that calculates, then those that it calls; each imports what it needs but Polars."""

    @abstractmethod
    def reads(self, schema: Schema) -> list[str]:
        """The columns that the function needs."""

    @abstractmethod
    def arguments(self, schema: Schema) -> dict[str, Any]:
        """What the function gets besides the table; values that can be written as Python source."""

    def outputs(self, schema: Schema) -> Mapping[str, Schema | None]:
        """The columns of each output for an input with this schema, None where they are not known."""
        return type(self).results

    def calculated(self, table: pl.LazyFrame, context: Context) -> dict[str, pl.DataFrame]:
        """The output tables by port; raises `NodeFailed`."""
        context.check_cancelled()
        schema = schema_of(table)
        frame = table.select(cs.by_name(*dict.fromkeys(self.reads(schema)))).collect(engine="streaming")
        context.check_cancelled()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                found = self.functions()[0](frame, **self.arguments(schema))
            except ValueError as error:
                raise NodeFailed(str(error)) from None
        for text in dict.fromkeys(" ".join(str(one.message).split()) for one in caught):
            context.warn(shorten(text, 300))
        return {
            port: without_nan(
                pl.DataFrame(found[port], schema=None if columns is None else dict(columns), orient="row")
            )
            for port, columns in self.outputs(schema).items()
        }

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None] | Spec | None:
        found: dict[str, Spec | None] = {
            port: None if columns is None else TableSpec(columns)
            for port, columns in self.outputs(inputs["table"].columns).items()
        }
        return found if type(self).signature().gives_tuple else next(iter(found.values()))

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("from collections.abc import Mapping, Sequence")
        script.require("from typing import Any")
        script.require("import numpy as np")
        script.require("import polars as pl")
        functions = (*self.functions(), without_nan)
        for one in functions:
            script.define(one.__name__, inspect.getsource(one))
        arguments = self.arguments(schema)
        if "seed" in arguments:
            arguments["seed"] = script.seed
        told = "".join(f", {name}={value!r}" for name, value in arguments.items())
        outputs = {port: script.output(port) for port in self.outputs(schema)}
        found = f"{next(iter(outputs.values()))}_rows"
        script.add(f"{found} = {functions[0].__name__}({script.input('table')}.collect(){told})")
        for port, variable in outputs.items():
            columns = self.outputs(schema)[port]
            types = ", ".join(f"{name!r}: pl.{dtype}" for name, dtype in (columns or {}).items())
            typed = "" if columns is None else f", schema={{{types}}}, orient='row'"
            script.add(f"{variable} = without_nan(pl.DataFrame({found}[{port!r}]{typed})).lazy()")


def chosen_numbers(columns: Any, schema: Schema, *others: str) -> list[str]:
    """The chosen columns that are numbers, without those that are used otherwise."""
    return [name for name in columns.resolve(schema) if schema[name].is_numeric() and name not in others]


# -- what the calculating functions share; an exported script holds these too ------------------------------


def without_nan(table: pl.DataFrame) -> pl.DataFrame:
    """A table in which what could not be calculated is missing, as for numbers near the largest there are."""
    import polars.selectors as cs

    floats = [name for name, dtype in table.schema.items() if dtype.is_float()]
    return table.with_columns(cs.by_name(name).as_expr().fill_nan(None) for name in floats)


def numbers_of(table: pl.DataFrame, name: str) -> pl.Series:
    """A column as decimal numbers; missing stays missing, infinite values and NaN are refused."""
    values = table.get_column(name).alias("values").cast(pl.Float64)
    if not values.is_finite().all():
        raise ValueError(
            f'column "{name[:80]}" holds infinite values or NaN; turn them into missing values first'
        )
    return values


def groups_of(table: pl.DataFrame, name: str, wanted: Sequence[str]) -> dict[str, pl.Series]:
    """For each group its name and which rows are in it, in the order of the values or as wanted."""
    values = table.get_column(name).alias("values")  # the name may be a pattern to Polars
    labels = values.cast(pl.String)
    known = values.unique().drop_nulls().sort().cast(pl.String).to_list()
    for one in wanted:
        if one not in known:
            raise ValueError(f'column "{name[:80]}" has no value "{one[:80]}"; it has {", ".join(known[:6])}')
    return {one: (labels == one).fill_null(False) for one in wanted or known}


def in_words(p: float | None) -> str:
    """A p-value for a sentence."""
    if p is None:
        return "no p-value"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def normality(values: np.ndarray, significance: float, column: str, group: str) -> dict[str, Any]:
    """Whether the values may come from a normal distribution, as a row that says so."""
    import numpy as np
    from scipy import stats

    row = {"column": column, "group": group, "assumption": "normal distribution", "n": len(values)}
    if len(values) < 3 or np.ptp(values) == 0:
        why = "fewer than 3 values" if len(values) < 3 else "all values are equal"
        return row | {"test": None, "in_words": f"Not checked: {why}."}
    if len(values) <= 5000:
        test, (statistic, p) = "Shapiro-Wilk", stats.shapiro(values)
    else:
        test, (statistic, p) = "D'Agostino-Pearson", stats.normaltest(values)
    holds = bool(p >= significance)
    told = "No sign against a normal distribution" if holds else "The values are not normally distributed"
    if not holds and len(values) >= 30:
        told += ", which matters little for a mean of so many values"
    return row | {
        "test": test, "statistic": float(statistic), "p": float(p), "holds": holds,
        "in_words": f"{told} ({in_words(float(p))}).",
    }  # fmt: skip


def equal_variances(samples: Sequence[np.ndarray], significance: float, column: str) -> dict[str, Any]:
    """Whether the groups may have the same variance, as a row that says so."""
    import numpy as np
    from scipy import stats

    row = {"column": column, "group": "all", "assumption": "equal variances", "n": sum(map(len, samples))}
    if min(map(len, samples)) < 2 or all(np.ptp(one) == 0 for one in samples):
        return row | {"test": None, "in_words": "Not checked: the groups are too small or do not vary."}
    statistic, p = stats.levene(*samples, center="median")
    holds = bool(p >= significance)
    told = "No sign against equal variances" if holds else "The variances differ; prefer Welch's test"
    return row | {
        "test": "Brown-Forsythe", "statistic": float(statistic), "p": float(p), "holds": holds,
        "in_words": f"{told} ({in_words(float(p))}).",
    }  # fmt: skip


def sample_row(values: pl.Series, column: str, group: str) -> dict[str, Any]:
    """One sample described."""
    n, std = len(values) - values.null_count(), values.std()
    return {
        "column": column, "group": group, "n": n, "missing": values.null_count(), "mean": values.mean(),
        "median": values.median(), "std": std, "standard_error": None if std is None else std / n**0.5,
    }  # fmt: skip


ASSUMPTIONS: Schema = {
    "column": TEXT, "group": TEXT, "assumption": TEXT, "test": TEXT, "n": WHOLE, "statistic": NUMBER, "p": NUMBER,
    "holds": TRUTH, "in_words": TEXT,
}  # fmt: skip
"""The columns of a table of checked assumptions."""

SAMPLES: Schema = {
    "column": TEXT, "group": TEXT, "n": WHOLE, "missing": WHOLE, "mean": NUMBER, "median": NUMBER, "std": NUMBER,
    "standard_error": NUMBER,
}  # fmt: skip
"""The columns of a table of described samples."""

SHARED = (numbers_of, groups_of, in_words, normality, equal_variances, sample_row)
"""Functions that a script needs if a calculating function calls them."""
