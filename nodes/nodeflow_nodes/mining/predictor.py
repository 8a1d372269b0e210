"""Predictor."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, family, parameter
from nodeflow.values.specs import ModelSpec, Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Model

CHUNK = 50_000
"""Rows predicted at a time, to bound the memory the prepared features take."""


class Predictor(Node):
    """Apply a model to a table: a column with the predictions is added.

    All columns and the order of the rows stay. The table must have the columns the model was trained
    with, of the same kinds; the order and further columns do not matter. Missing values are dealt with
    as the model learned to. Probabilities are added for classifications if asked for. A model of groups
    gives the number of the group a row belongs to, one of odd rows a mark and a score: the higher, the odder.
    A trained network predicts in the target's own unit; a forecast stands in the row at which it is made, and is
    missing where no full window ends.

    Inputs:
        model: A model of any learner.
        table: The rows to predict for.
    Outputs:
        table: The table with the predictions.
    """

    category = "Mining / Predict"
    keywords = (
        "apply model",
        "predict",
        "regression predictor",
        "random forest predictor",
        "inference",
        "classify",
    )

    column: str = parameter(
        default="",
        help='The name of the new column; empty for "Prediction (target)" with the target\'s name, "cluster" or "outlier".',
    )
    probabilities: bool = parameter(
        default=False, help="Whether to add the probability of each class, for a classification."
    )

    def run(self, model: Model, table: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        import polars as pl
        import polars.selectors as cs
        from polars.io.plugins import register_io_source

        note = model.note()
        if note:
            context.warn(note)
        if model.network is not None:
            from nodeflow_nodes.deep._predicting import predict_table

            found = predict_table(
                model, table.collect(), context, column=self.column, probabilities=self.probabilities
            )
            return found.lazy()
        schema = dict(table.collect_schema())
        faults = _unfit(model.spec, schema) or self._clashes(model.spec, list(schema))
        if faults:
            raise NodeFailed("; ".join(faults))
        told: set[str] = set()

        types = schema | self._new(model.spec)

        def read(
            with_columns: list[str] | None,
            predicate: pl.Expr | None,
            n_rows: int | None,
            batch_size: int | None,
        ) -> Iterator[pl.DataFrame]:
            left = n_rows
            # pulled piece by piece, one at a time: handed over, pieces would pile up in memory
            for rows in table.collect_batches(chunk_size=CHUNK, maintain_order=True, lazy=True):
                context.check_cancelled()
                columns = self._columns(model.spec, [self._checked(model, rows, context, told)])
                found = rows.hstack(columns)
                found = found if with_columns is None else found.select(cs.by_name(*with_columns))
                found = found if predicate is None else found.filter(predicate)
                yield found if left is None else found.head(left)
                left = None if left is None else left - min(left, found.height)
                if left == 0:
                    break

        return register_io_source(read, schema=pl.Schema(types))

    def _new(self, spec: ModelSpec) -> dict[str, pl.DataType]:
        """The columns that are added."""
        import polars as pl

        shares = self._share_names(spec) if self._gives_more(spec) else []
        return {self._name(spec): result_type(spec), **dict.fromkeys(shares, pl.Float64())}

    def _checked(self, model: Model, rows: pl.DataFrame, context: Context, told: set[str]) -> list[Any]:
        """The predictions for some rows, with what has to be said of them said once."""
        infinite = [
            name
            for name, dtype in model.spec.features.columns.items()
            if dtype.is_float()
            and rows.schema[name].is_float()
            and rows[name].alias("column").is_infinite().any()
        ]
        if infinite:
            raise NodeFailed(f"{listing(infinite)}: infinite values; turn them into missing values first")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = self._predicted(model, rows)
        if any("unknown categories" in str(one.message) for one in caught) and "unknown" not in told:
            told.add("unknown")
            context.warn("some texts were not seen while learning; they count as none of the known ones")
        return found

    def _predicted(self, model: Model, rows: pl.DataFrame) -> list[Any]:
        """The predictions for some rows, then their probabilities if asked for."""
        try:
            if model.spec.task == "clustering":
                return [model.predict(rows) + 1]
            if model.spec.task == "outliers":
                return [model.predict(rows) == -1, model.outlier_scores(rows)]
            found = [model.predict(rows)]
            return [*found, model.predict_shares(rows)] if self._gives_shares(model.spec) else found
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            reason = shorten(" ".join(str(error).split()), 300)
            raise NodeFailed(f"the model cannot be applied to these rows: {reason}") from error

    def _columns(self, spec: ModelSpec, parts: list[list[Any]]) -> list[pl.Series]:
        """The new columns, from what was predicted for each chunk of rows."""
        import numpy as np
        import polars as pl

        dtype = result_type(spec)
        values = np.concatenate([part[0] for part in parts]) if parts else np.array([])
        plain = spec.task != "classification"
        predicted = pl.Series("", values if plain else values.tolist(), strict=False)
        columns = [_as_type(predicted, dtype).alias(self._name(spec))]
        if self._gives_more(spec):
            shares = [part[1] for part in parts] or [np.empty((0, len(self._share_names(spec))))]
            stacked = np.concatenate(shares)
            columns += [pl.Series(name, stacked[:, i]) for i, name in enumerate(self._share_names(spec))]
        return columns

    def _name(self, spec: ModelSpec) -> str:
        usual = {"clustering": "cluster", "outliers": "outlier"}
        return self.column or usual.get(spec.task, f"Prediction ({spec.target})")

    def _gives_more(self, spec: ModelSpec) -> bool:
        return spec.task == "outliers" or self._gives_shares(spec)

    def _gives_shares(self, spec: ModelSpec) -> bool:
        return self.probabilities and spec.task == "classification"

    def _share_names(self, spec: ModelSpec) -> list[str]:
        if spec.task == "outliers":
            return [f"{self._name(spec)} score"]
        return [f"P ({spec.target}={label})" for label in spec.classes or ()]

    def _clashes(self, spec: ModelSpec, columns: Collection[str]) -> list[str]:
        """A sentence on a new column for whose name there is a column already."""
        added = [self._name(spec), *(self._share_names(spec) if self._gives_more(spec) else [])]
        for index, name in enumerate(added):
            if name in columns or name in added[:index]:
                way = "give the new column another name" if index == 0 else "rename it first"
                return [f'the table has a column "{shorten(name)}" already; {way}']
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        if model is None or table is None:
            return ()
        if model.network is not None:
            return _network_faults(model, table.columns)
        return [Fault("", sentence) for sentence in _unfit(model, table.columns)] + [
            Fault("column", sentence) for sentence in self._clashes(model, table.columns)
        ]

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        model, table = inputs["model"], inputs["table"]
        if model.network is not None:
            from nodeflow_nodes.deep._predicting import prediction_columns

            added = prediction_columns(model, self.column, self.probabilities)
            return None if added is None else TableSpec({**table.columns, **added})
        if self._gives_shares(model) and model.classes is None:
            return None
        return TableSpec({**table.columns, **self._new(model)})

    def summary(self) -> str:
        return f"as {self.column}" if self.column else "adds a prediction"

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        script.define("predict", PREDICT)
        model, table = script.input("model"), script.input("table")
        result = script.output("table")
        script.add(
            f"{result} = predict({model}, {table}.collect(), {self.column!r}, {self.probabilities}).lazy()"
        )


PREDICT = '''
def predict(model, rows, name, probabilities):
    """The rows with the model's predictions, for a classification also with the probabilities if asked for."""
    numbers, texts, target, dtype = model.takes
    features = as_features(rows, numbers, texts)
    values = pl.Series(model.predict(features))
    values = values == "true" if dtype == pl.Boolean else values.cast(dtype)
    rows = rows.with_columns(values.alias(name or f"Prediction ({target})"))
    if not (probabilities and hasattr(model, "classes_")):
        return rows
    shares = model.predict_proba(features)
    return rows.with_columns(
        pl.Series(f"P ({target}={label})", shares[:, index]) for index, label in enumerate(model.classes_)
    )
'''


def result_type(spec: ModelSpec) -> pl.DataType:
    """The type of the predictions: a float for a regression, else that of the target."""
    import polars as pl

    if spec.task == "clustering":
        return pl.Int64()
    if spec.task == "outliers":
        return pl.Boolean()
    if spec.task == "regression" or spec.target_type is None:
        return pl.Float64()
    return spec.target_type


def _as_type(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    import polars as pl

    if dtype == pl.Boolean and values.dtype == pl.String:
        return values == "true"
    return values.cast(dtype)


def _network_faults(model: ModelSpec, columns: Mapping[str, pl.DataType]) -> list[Fault]:
    """Faults of a table that a trained network cannot read."""
    missing = [name for name in model.features.columns if name not in columns]
    if not missing:
        return []
    has = listing(list(columns)) or "no columns"
    return [
        Fault("", f"the table lacks {listing(missing)}, from which the network was learned; it has {has}")
    ]


def _unfit(model: ModelSpec, columns: Mapping[str, pl.DataType]) -> list[str]:
    """Sentences on why a table does not fit a model."""
    if model.task == "transformation":
        return ["the model changes columns and predicts nothing; apply it by a Transform node"]
    missing = [name for name in model.features.columns if name not in columns]
    faults = []
    if missing:
        faults.append(
            f"the table lacks {listing(missing)}, from which the model was learned; "
            f"it has {listing(list(columns)) or 'no columns'}"
        )
    for name, dtype in model.features.columns.items():
        if name in columns and _kind(dtype) != _kind(columns[name]):
            faults.append(
                f'column "{shorten(name)}" is {family(columns[name])}, but the model learned from {family(dtype)}; '
                "convert it first"
            )
    return faults


def _kind(dtype: pl.DataType) -> str:
    """What a model takes a column for; within a kind the same value means the same to it."""
    own = family(dtype)
    kinds = {"integer": "number", "float": "number", "boolean": "number"}
    kinds |= {"date": "moment", "datetime": "moment", "text": "category"}
    return kinds.get(own, own)
