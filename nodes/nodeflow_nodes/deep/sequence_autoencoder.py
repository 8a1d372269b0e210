"""Sequence Autoencoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow.values.specs import ChartSpec, Spec
from nodeflow_nodes.deep._learning import TrainsNetwork
from nodeflow_nodes.deep.lstm_forecaster import window_faults

if TYPE_CHECKING:
    from nodeflow.networks import Structure
    from nodeflow.node import Context
    from nodeflow.values import Chart, Model
    from nodeflow.values.network import Network
    from nodeflow_nodes.deep.sequence_windows import SequenceWindows

LEARNER = "Sequence Autoencoder"


class SequenceAutoencoded(NamedTuple):
    """What the node gives."""

    model: Model
    table: pl.DataFrame
    chart: Chart
    history: pl.DataFrame
    curves: Chart
    network: Network


class SequenceAutoencoder(TrainsNetwork):
    """Learn to squeeze windows of a series into the state of an LSTM and to make them again, to find odd stretches.

    One LSTM reads a window, its last state is the code, and a second LSTM makes the window of it step by step (Srivastava
    and others, 2015; Malhotra and others, 2016). Stretches unlike those learned from come back badly. With `reversed` the
    first LSTM reads from the end, so that what the second must make first is what the first has read last: that is easier
    to learn, as for a decoder that makes the window backwards.

    The first part of the time is learned from, the next tells when to stop; the errors are those of the whole series.
    A row's error is the median over all windows that hold it. Beyond the threshold, a quantile of the errors of the rows in
    the first part, it is called odd. Learn from a part in which all is as it should be. A simple rule, such as the distance
    from a moving median, may do as well: put it beside.

    **Opening it up.** The node is the same as Sequence Windows without a target, the network at the output `network`, a
    Deep Learner and a Reconstruction Error node.

    Inputs:
        table: The series, a row for each moment.
    Outputs:
        model: The model, for a Reconstruction Error node.
        table: The rows with `Reconstruction error` and `odd`, in the order of their time.
        chart: The errors along the series, with the threshold.
        history: Loss by epoch.
        curves: The history as a chart.
        network: The network before training, to be opened up and changed.
    """

    category = "Deep Learning / Systems"
    keywords = (
        "lstm autoencoder",
        "anomaly detection",
        "time series",
        "encoder decoder",
        "repeat vector",
        "outlier",
    )

    columns: Columns = parameter(
        default=Columns.typed("number"),
        types=("number", "boolean"),
        help="The columns of the series to give back.",
    )
    time: Column | None = parameter(
        default=None, types=("date", "datetime", "number"), label="Time column",
        help="The moment of each row. Rows are brought in its order, and gaps in it are found.",
    )  # fmt: skip
    window: int = parameter(default=30, minimum=2, maximum=100_000, unit="rows", help="The rows of a window.")
    hop: int = parameter(
        default=1,
        minimum=1,
        maximum=100_000,
        unit="rows",
        help="The rows from one window to the next, in learning.",
    )
    units: int = parameter(
        default=16, minimum=1, maximum=100_000, help="The numbers of the state: the size of the code."
    )
    reversed: bool = parameter(default=True, help="Whether the first LSTM reads the window from its end.")
    loss: Literal["mse", "mae"] = parameter(default="mse", help="How far output and input are apart.")
    missing: Literal["leave out", "last value"] = parameter(
        default="leave out",
        label="Missing values",
        help="Leave out windows that hold one, or give inputs their last known value.",
    )
    train_share: float = parameter(
        default=0.4, above=0.0, maximum=1.0, label="Share to train", help="The share of the time to learn from."
    )  # fmt: skip
    validation_share: float = parameter(
        default=0.1, minimum=0.0, below=1.0, label="Share to validate", help="The share after it, to stop by."
    )
    quantile: float = parameter(
        default=0.99, above=0.0, maximum=1.0, label="Threshold quantile",
        help="The share of the errors in the part learned from that lies below the threshold.",
    )  # fmt: skip

    def _windows(self) -> SequenceWindows:
        from nodeflow_nodes.deep.sequence_windows import SequenceWindows

        return SequenceWindows(
            features=self.columns,
            time=self.time,
            lookback=self.window,
            horizon=1,
            stride=1,
            hop=self.hop,
            missing=self.missing,
            train_share=self.train_share,
            validation_share=self.validation_share,
        )

    def check_parameters(self) -> list[Fault]:
        return window_faults(self._windows)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return [
            Fault("columns" if fault.place == "features" else fault.place, fault.sentence)
            for fault in self._windows().check(inputs)
        ]

    def _structure(self, steps: int, features: int) -> Structure:
        from nodeflow.networks import Structure
        from nodeflow_nodes.deep._autoencoding import CODE

        direction = "backward" if self.reversed else "forward"
        return (
            Structure.of_shape((steps, features), meaning=("time", "feature"))
            .then("lstm", id=CODE, units=self.units, direction=direction)
            .then("repeat_vector", id="repeat", n=steps)
            .then("lstm", id="decode", units=self.units, return_sequences=True)
            .then("time_distributed", id="output", units=features)
        )

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        from nodeflow.values.network import NetworkSpec
        from nodeflow.values.specs import TableSpec
        from nodeflow.values.trained_network import network_model_spec
        from nodeflow_nodes.deep._autoencoding import ERROR

        told: Any = self._windows().spec(inputs)["train"]
        structure = self._structure(*told.arrays["x"].shape)
        columns = inputs["table"].columns
        return {
            "model": network_model_spec(structure, "reconstruction", told.preparation, None, None, LEARNER),
            "table": TableSpec({**columns, ERROR: pl.Float64(), "odd": pl.Boolean()}),
            "chart": ChartSpec("Reconstruction error along the series"),
            "history": None,
            "curves": ChartSpec("Training of the sequence autoencoder"),
            "network": NetworkSpec(structure),
        }

    def run(self, table: pl.LazyFrame, context: Context) -> SequenceAutoencoded:
        import numpy as np

        from nodeflow.values.network import Network
        from nodeflow_nodes.deep._autoencoding import ERROR, given_back, with_facts
        from nodeflow_nodes.deep._curves import learning_curves
        from nodeflow_nodes.deep._drawn import lines_chart
        from nodeflow_nodes.deep._training import prepared, train, trained_network
        from nodeflow_nodes.deep.reconstruction_error import beside_rows, errors_by_row, in_order

        time = {} if self.time is None else {"time": str(self.time)}
        frame = in_order(table, time)
        parts = self._windows().run(frame.lazy(), context)
        if not parts.train.samples:
            raise NodeFailed(
                f"the part to learn from, {self.train_share:.0%} of {frame.height:,} rows, has no whole window of "
                f"{self.window:,} rows; give it a larger share, or shorten the window"
            )
        network = Network(self._structure(*parts.train.arrays["x"].shape[1:]))
        validation = parts.validation if parts.validation.samples else None
        settings = self.settings(loss=self.loss, clip="global_norm", clip_at=1.0)
        trained = train(network, parts.train, validation, settings, context, learner=LEARNER)
        data = prepared(trained_network(trained.model), frame, context, with_targets=False)[0]
        errors = errors_by_row(data, given_back(trained.model, data, context), frame.height)
        learned_to = int(parts.train.arrays["row"].to_numpy().max()) + 1
        known = errors[:learned_to]
        threshold = float(np.quantile(known[np.isfinite(known)], self.quantile))
        facts = {"threshold": threshold, "quantile": self.quantile}
        model = with_facts(trained.model, facts, LEARNER, threshold=threshold)
        rows = beside_rows(frame, errors, threshold)
        along = "row" if self.time is None else str(self.time)
        drawn = rows.with_row_index("row") if self.time is None and "row" not in rows.columns else rows
        chart = lines_chart(
            drawn,
            along,
            {ERROR: ERROR},
            title="Reconstruction error along the series",
            facts=[
                f"the dashed line is the threshold, {threshold:.4g}; learned from the first {learned_to:,} rows"
            ],
            up=ERROR,
            level=threshold,
            logarithmic=True,
        )
        curves = learning_curves(
            trained.history, "Training of the sequence autoencoder", int(model.summary["best epoch"])
        )
        return SequenceAutoencoded(model, rows, chart, trained.history, curves, network)

    def summary(self) -> str:
        return f"windows of {self.window} rows, {self.units} units"
