"""LSTM Forecaster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, ParameterError
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow.values.specs import ChartSpec, Spec, TableSpec
from nodeflow_nodes.deep._learning import TrainsNetwork

if TYPE_CHECKING:
    from nodeflow.networks import Structure
    from nodeflow.node import Context
    from nodeflow.values import Chart, Model
    from nodeflow.values.network import Network
    from nodeflow.values.tensors import Tensors
    from nodeflow_nodes.deep.sequence_windows import SequenceWindows

LEARNER = "LSTM Forecaster"

_SCORES: dict[str, pl.DataType] = {
    "forecast": pl.String(),
    "MAE": pl.Float64(),
    "RMSE": pl.Float64(),
    "skill": pl.Float64(),
    "windows": pl.Int64(),
}


class Forecasted(NamedTuple):
    """What the node gives."""

    model: Model
    forecasts: pl.DataFrame
    scores: pl.DataFrame
    chart: Chart
    history: pl.DataFrame
    curves: Chart
    network: Network


class LstmForecaster(TrainsNetwork):
    """Learn to forecast a column of a series some rows ahead from what was known up to now.

    The time is cut into three parts: an LSTM learns from the windows of the first, stops when it no longer gets better
    on the second, and is scored on the third, which it has not seen. Beside it stands what costs nothing: the naive
    forecast says "as now", the seasonal one, where a season is given, "as at this point of the last season that is known".
    A forecast that is no better than these is none. Skill is 1 - MAE / MAE of the naive forecast.

    Series that drift, such as prices or the carbon dioxide in the air, leave the range that was learned from: forecast
    changes then (`difference`). Windows with missing values are left out, or inputs keep their last known value.

    **Opening it up.** The node is the same as Sequence Windows, the network at the output `network`, a Deep Learner and a
    Deep Predictor. To change layers, connect that network and such a Sequence Windows node to a Deep Learner, or make one
    by layer nodes.

    Inputs:
        table: The series, a row for each moment.
    Outputs:
        model: The model, for a Predictor: its forecast stands in the row at which it is made.
        forecasts: The windows of the test part: the moment, the true value, and each forecast.
        scores: One row a kind of forecast: mean absolute and root mean squared error in the target's unit.
        chart: True values and forecasts of the test part.
        history: Loss by epoch.
        curves: The history as a chart.
        network: The network before training, to be opened up and changed.
    """

    name = "LSTM Forecaster"
    category = "Deep Learning / Systems"
    keywords = ("time series", "forecast", "many to one", "recurrent", "gru", "rnn", "temperature", "naive")
    headline = "scores"

    target: Column = parameter(types=("number",), help="The column to forecast.")
    features: Columns = parameter(
        default=Columns.of(), types=("number", "boolean"), help="The columns to look back on; none for the target alone."
    )  # fmt: skip
    time: Column | None = parameter(
        default=None, types=("date", "datetime", "number"), label="Time column",
        help="The moment of each row. Rows are brought in its order, and gaps in it are found.",
    )  # fmt: skip
    lookback: int = parameter(default=96, minimum=1, maximum=1_000_000, help="How far a window looks back.")
    horizon: int = parameter(default=24, minimum=1, maximum=1_000_000, help="How far ahead the target lies.")
    unit: Literal["rows", "seconds", "minutes", "hours", "days", "weeks"] = parameter(
        default="rows",
        label="Unit of look-back and horizon",
        help="Rows, or a length of time, which needs a time column.",
    )
    season: int = parameter(
        default=0, minimum=0, maximum=1_000_000, unit="rows",
        help="After how many rows a season comes again, for the seasonal forecast; 0 for none.",
    )  # fmt: skip
    difference: Literal["off", "target", "all"] = parameter(
        default="off", help="Forecast the change instead of the value; look back on changes as well."
    )
    missing: Literal["leave out", "last value"] = parameter(
        default="leave out",
        label="Missing values",
        help="Leave out windows that hold one, or give inputs their last known value.",
    )
    layer: Literal["lstm", "gru", "simple_rnn"] = parameter(
        default="lstm", help="The kind of recurrent layer."
    )
    units: list[int] = parameter(
        default=[32], minimum=1, maximum=100_000, min_length=1, help="The size of each recurrent layer."
    )
    dropout: float = parameter(
        default=0.0, minimum=0.0, below=1.0, help="The share of the last state left out in training."
    )
    stride: int = parameter(
        default=1, minimum=1, maximum=1_000_000, unit="rows", help="Of the look-back, every so many-th row is taken.",
        advanced=True,
    )  # fmt: skip
    train_share: float = parameter(
        default=0.7, above=0.0, maximum=1.0, label="Share to train", help="The share of the time to learn from."
    )  # fmt: skip
    validation_share: float = parameter(
        default=0.15, minimum=0.0, below=1.0, label="Share to validate",
        help="The share of the time after it, to stop by; what is left is to test with.",
    )  # fmt: skip

    def _windows(self) -> SequenceWindows:
        from nodeflow_nodes.deep.sequence_windows import SequenceWindows

        return SequenceWindows(
            target=self.target,
            features=Columns.of(str(self.target)) if self.features == Columns.of() else self.features,
            time=self.time,
            lookback=self.lookback,
            horizon=self.horizon,
            unit=self.unit,
            stride=self.stride,
            difference=self.difference,
            missing=self.missing,
            train_share=self.train_share,
            validation_share=self.validation_share,
        )

    def check_parameters(self) -> list[Fault]:
        faults = window_faults(self._windows)
        if self.train_share + self.validation_share > 1 - 1e-6:
            faults.append(
                Fault(
                    "train_share",
                    "nothing is left to test with; make the shares to train and to validate smaller",
                )
            )
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return self._windows().check(inputs)

    def _structure(self, steps: int | None, features: int) -> Structure:
        from nodeflow.networks import Structure

        built = Structure.of_shape((steps, features), meaning=("time", "feature"))
        for place, units in enumerate(self.units):
            more = place < len(self.units) - 1
            built = built.then(self.layer, units=units, return_sequences=more)
        if self.dropout:
            built = built.then("dropout", rate=self.dropout)
        return built.then("dense", id="forecast", units=1)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        from nodeflow.values.network import NetworkSpec
        from nodeflow.values.trained_network import network_model_spec

        told: Any = self._windows().spec(inputs)["train"]
        structure = self._structure(*told.arrays["x"].shape)
        model = network_model_spec(structure, "forecast", told.preparation, str(self.target), None, LEARNER)
        columns = inputs["table"].columns
        start = {} if self.time is None else {str(self.time): columns[self.time]}
        return {
            "model": model,
            "forecasts": TableSpec({**start, **self._forecast_columns()}),
            "scores": TableSpec(_SCORES),
            "chart": ChartSpec(self._title()),
            "history": None,
            "curves": ChartSpec(f"Training for {self.target}"),
            "network": NetworkSpec(structure),
        }

    def _forecast_columns(self) -> dict[str, pl.DataType]:
        names = ["actual", "forecast", "naive", *(["seasonal"] if self.season else [])]
        return {"row": pl.Int64(), **dict.fromkeys(names, pl.Float64())}

    def run(self, table: pl.LazyFrame, context: Context) -> Forecasted:
        from nodeflow.values.network import Network
        from nodeflow_nodes.deep._autoencoding import with_facts
        from nodeflow_nodes.deep._curves import learning_curves
        from nodeflow_nodes.deep._drawn import lines_chart
        from nodeflow_nodes.deep._training import train

        frame = self._in_order(table)
        parts = self._windows().run(frame.lazy(), context)
        network = Network(self._structure(*parts.train.arrays["x"].shape[1:]))
        validation = parts.validation if parts.validation.samples else None
        settings = self.settings(clip="global_norm", clip_at=1.0)
        trained = train(network, parts.train, validation, settings, context, learner=LEARNER)
        if not parts.test.samples:
            raise NodeFailed(
                "the test part has no window; give it a larger share, or shorten look-back and horizon"
            )
        forecasts = self._forecasts(trained.model, parts.test, frame, context)
        scores = _scores(forecasts)
        errors = dict(scores.select("forecast", "MAE").iter_rows())
        told = {"MAE": errors["model"], "naive MAE": errors["naive"]}
        model = with_facts(trained.model, told, LEARNER, **told)
        if errors["model"] >= errors["naive"]:
            context.warn("on the test part the model is no better than the naive forecast, as now")
        lines = {"actual": "actual", "forecast": "forecast", "naive": "naive"}
        along = "row" if self.time is None else str(self.time)
        facts = [f"mean absolute error {errors['model']:.4g}, of the naive forecast {errors['naive']:.4g}"]
        chart = lines_chart(
            forecasts, along, lines, title=self._title(), facts=facts, up=str(self.target), numbered="row"
        )
        curves = learning_curves(
            trained.history, f"Training for {self.target}", int(trained.model.summary["best epoch"])
        )
        return Forecasted(model, forecasts, scores, chart, trained.history, curves, network)

    def _in_order(self, table: pl.LazyFrame) -> pl.DataFrame:
        """The rows in the order of their time, so that neighbours in the table are neighbours in time."""
        frame = table.collect(engine="streaming")
        if self.time is None:
            return frame
        moment = pl.nth(frame.columns.index(self.time))
        return frame.filter(moment.is_not_null()).sort(moment, maintain_order=True)

    def _forecasts(self, model: Model, test: Tensors, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The windows of the test part with the true value and the forecasts, in the target's unit."""
        from nodeflow.values.preparation import restore
        from nodeflow_nodes.deep._training import apply

        preparation = dict(test.preparation or {})
        base = test.arrays["base"].to_numpy()
        made = next(iter(apply(model, test, context).values()))
        rows = test.arrays["row"].to_numpy().reshape(-1) + preparation["horizon"]
        columns: dict[str, Any] = {"row": rows}
        columns["actual"] = restore(preparation, test.arrays["y"].to_numpy(), base).reshape(-1)
        columns["forecast"] = restore(preparation, made, base).reshape(-1)
        columns["naive"] = base.reshape(-1)
        if self.season:
            back = -(-preparation["horizon"] // self.season) * self.season
            target = frame.get_column(self.target).cast(pl.Float64)
            before = pl.Series(rows - back)
            columns["seasonal"] = target.gather(before.set(before < 0, None))
            if columns["seasonal"].null_count() == len(rows):
                context.warn(
                    f"nothing is known {back:,} rows before what is forecast, so there is no seasonal forecast"
                )
        found = pl.DataFrame(columns, schema=self._forecast_columns())
        if self.time is None:
            return found
        return found.insert_column(0, frame.get_column(self.time).gather(rows))

    def _title(self) -> str:
        return f"{self.target}, forecast {self.horizon} {self.unit} ahead"

    def summary(self) -> str:
        return f"{self.target}, {self.lookback} {self.unit} back, {self.horizon} ahead"[:80]


def window_faults(windows: Callable[[], SequenceWindows]) -> list[Fault]:
    """What is wrong with the parameters handed on to a Sequence Windows node."""
    try:
        windows()
    except ParameterError as error:
        return [Fault(error.parameter, str(error))]
    return []


def _scores(forecasts: pl.DataFrame) -> pl.DataFrame:
    """The errors of each forecast, on the same windows."""
    kinds = {"model": "forecast", "naive": "naive"}
    if "seasonal" in forecasts.columns and forecasts["seasonal"].null_count() < forecasts.height:
        kinds["seasonal"] = "seasonal"
        forecasts = forecasts.filter(pl.col("seasonal").is_not_null())
    errors = {kind: forecasts[name] - forecasts["actual"] for kind, name in kinds.items()}
    naive = _mean(errors["naive"].abs())
    rows = [
        (
            kind,
            _mean(one.abs()),
            _mean(one**2) ** 0.5,
            1 - _mean(one.abs()) / naive if naive else None,
            len(one),
        )
        for kind, one in errors.items()
    ]
    return pl.DataFrame(rows, schema=_SCORES, orient="row")


def _mean(values: pl.Series) -> float:
    found = values.mean()
    return float(found) if isinstance(found, int | float) else float("nan")
