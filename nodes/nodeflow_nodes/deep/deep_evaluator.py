"""Deep Evaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._settings import MetricName
from nodeflow_nodes.deep.deep_predictor import backend_and_device

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors


class DeepEvaluator(Node):
    """Measure the loss and metrics of a trained network on tensors with their targets.

    Numbers are in the unit of the tensors, which usually are scaled; for errors in the target's own unit predict and
    use a scorer. Every sample counts the same, also in a last batch that is smaller.

    Inputs:
        model: A model of a Deep Learner.
        tensors: Samples with targets, best ones that were not learned from.
    Outputs:
        table: One row a measure.
    """

    category = "Deep Learning / Apply"
    keywords = ("keras evaluate", "test loss", "score", "accuracy")
    slots = ("gpu",)
    headline = "table"

    metrics: list[MetricName] = parameter(
        default=[],
        help="What is measured beside the loss; empty for accuracy of classes and the mean absolute error of numbers.",
    )
    batch_size: int = parameter(
        default=0, minimum=0, unit="samples", help="Samples at a time; 0 chooses.", advanced=True
    )

    def run(self, model: Model, tensors: Tensors, context: Context) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.deep._training import evaluate, trained_network

        figures = evaluate(model, tensors, context, metrics=self.metrics, batch_size=self.batch_size)
        losses = " and ".join(dict.fromkeys(str(one["name"]) for one in trained_network(model).losses))
        names = [f"loss ({losses})" if name == "loss" else name for name in figures]
        return pl.DataFrame(
            {"measure": names, "value": list(figures.values())},
            schema={"measure": pl.String, "value": pl.Float64},
        )

    def surroundings(self, device: str) -> Mapping[str, Any]:
        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.network is None:
            return [Fault("", "the model is no network; score its predictions by a scorer")]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        import polars as pl

        return TableSpec({"measure": pl.String(), "value": pl.Float64()})
