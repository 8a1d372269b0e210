"""Deep Predictor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.devices import DeviceError, choose
from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow.values.specs import ModelSpec, Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors


class DeepPredictor(Node):
    """Apply a trained network to tensors, or to a raw table.

    To a table columns are added, as a Predictor does: the preparation is part of the model, and rows at which no
    prediction is made, such as those before the first full window, stay empty. Of tensors comes a table with a row
    a sample: the row of the raw table it belongs to, the true value where the tensors hold it, and the
    prediction, both in the target's own unit. A network that tells a class for each step gives a list of them; that of
    a CRF Head is the most probable sequence.

    With dropout runs the network is applied several times with dropout on: predictions are the mean, and a further
    column tells their standard deviation, a measure of how sure the network is (Gal and Ghahramani 2016).

    Inputs:
        model: A model of a Deep Learner.
        tensors: The samples to predict for.
        table: The rows to predict for, instead of tensors.
    Outputs:
        table: The predictions.
    """

    category = "Deep Learning / Apply"
    keywords = ("keras network executor", "inference", "monte carlo dropout", "forecast", "predict")
    slots = ("gpu",)

    column: str = parameter(
        default="",
        help='The name of the new column; empty for "Prediction (target)" with the target\'s name.',
    )
    probabilities: bool = parameter(
        default=True, help="Whether to add the probability of each class, for a classification."
    )
    dropout_runs: int = parameter(
        default=0,
        minimum=0,
        maximum=1_000,
        help="How often to apply the network with dropout on; 0 applies it once, without.",
    )
    batch_size: int = parameter(
        default=0, minimum=0, unit="samples", help="Samples at a time; 0 chooses.", advanced=True
    )
    seed: Seed | None = parameter(
        default=None,
        help="The random seed of dropout runs; empty to take one from the run's seed.",
        advanced=True,
    )

    def run(
        self, model: Model, tensors: Tensors | None, table: pl.LazyFrame | None, context: Context
    ) -> pl.DataFrame:
        from nodeflow_nodes.deep._predicting import predict_table, predict_tensors

        options: dict[str, Any] = {
            "column": self.column,
            "probabilities": self.probabilities,
            "passes": self.dropout_runs,
            "batch_size": self.batch_size,
            "seed": int(self.seed or 0),
        }
        if (tensors is None) == (table is None):
            raise NodeFailed(_ONE_OF_THEM)
        if model.note():
            context.warn(model.note())
        if table is not None:
            return predict_table(model, table.collect(), context, **options)
        assert tensors is not None
        return _beside(model, tensors, predict_tensors(model, tensors, context, **options))

    def surroundings(self, device: str) -> Mapping[str, Any]:
        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        if model is not None and model.network is None:
            return [Fault("", "the model is no network; apply it by a Predictor")]
        if table is not None and inputs.get("tensors") is not None:
            return [Fault("", _ONE_OF_THEM)]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from nodeflow_nodes.deep._predicting import prediction_columns

        model: ModelSpec = inputs["model"]
        table = inputs.get("table")
        added = prediction_columns(model, self.column, self.probabilities, self.dropout_runs > 0)
        if table is None or added is None:
            return None
        return TableSpec({**table.columns, **added})

    def summary(self) -> str:
        return f"{self.dropout_runs} dropout runs" if self.dropout_runs else "adds a prediction"


_ONE_OF_THEM = "connect tensors or a table, one of them"


def backend_and_device(device: str) -> dict[str, str]:
    """What a result depends on besides model and data."""
    try:
        choice = choose("auto", device)
    except DeviceError:
        return {"device": device}
    return {"backend": choice.backend, "device": choice.device}


def _beside(model: Model, tensors: Tensors, predicted: list[pl.Series]) -> pl.DataFrame:
    """Predictions with the row they belong to and the true value."""
    import polars as pl

    from nodeflow_nodes.deep._predicting import true_values

    columns = []
    if "row" in tensors.arrays:
        columns.append(pl.Series("row", tensors.arrays["row"].to_numpy().reshape(-1), dtype=pl.Int64))
    columns += true_values(model, tensors, {one.name for one in predicted})
    return pl.DataFrame([*columns, *predicted])
