"""Deep Learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.devices import DeviceError, choose
from nodeflow.errors import NodeflowError, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow.values.specs import ChartSpec, Spec, TableSpec
from nodeflow_nodes.deep._goals import OF_CLASSES, Plan, plan_of
from nodeflow_nodes.deep._settings import (
    Backend,
    ClipName,
    LossName,
    MetricName,
    OptimizerName,
    Precision,
    ScheduleName,
    TrainingSettings,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model
    from nodeflow.values.network import Network, NetworkSpec
    from nodeflow.values.tensor_specs import TensorsSpec
    from nodeflow.values.tensors import Tensors


class TrainedOutputs(NamedTuple):
    """What a Deep Learner gives."""

    model: Model
    history: pl.DataFrame
    curves: Chart


class DeepLearner(Node):
    """Train a network on tensors.

    Training stops when the validation loss has not become lower for some epochs, and the weights of the best
    epoch come out. Validation data comes by its own port, or is a share of the training data: of series the
    last samples, else some at random. Without either the training loss decides. Each epoch sees all
    samples once, in an order that follows from the seed; the last batch may hold fewer samples, and counts by
    those it has.

    The same seed gives the same weights, bit for bit on a CPU. A run that was stopped goes on from the last
    checkpoint and ends with the weights it would have had. If memory runs out, batches are halved and the
    gradients of several make one step, which a message tells. A loss that is no number any more stops the
    training, and the message says where.

    The loss "auto" goes by the target and the last layer: mean squared error for numbers, cross-entropy for
    classes. The history has a row an epoch: loss and metrics, those of validation with "val_", the
    learning rate, and the length of the gradient before and after clipping, on average and at most.

    Inputs:
        network: The network to train, with its initial weights if it has some.
        train: The samples to learn from.
        validation: Samples to judge each epoch by.
    Outputs:
        model: The trained network with the preparation of its data, for a Predictor.
        history: One row an epoch.
        curves: Loss and metrics by epoch.
    """

    category = "Deep Learning / Train"
    keywords = (
        "keras network learner", "fit", "train", "lstm", "cnn", "backpropagation", "gradient clipping", "tbptt",
        "early stopping", "gpu",
    )  # fmt: skip
    slots = ("gpu",)

    epochs: int = parameter(
        default=20, minimum=1, maximum=1_000_000, help="How often all samples are gone through at most."
    )
    batch_size: int = parameter(
        default=64,
        minimum=1,
        maximum=10_000_000,
        unit="samples",
        help="The samples whose mean gradient makes one step.",
    )
    optimizer: OptimizerName = parameter(default="adam", help="How steps follow from gradients.")
    learning_rate: float = parameter(default=0.001, above=0.0, maximum=1e6, help="The size of the steps.")
    loss: LossName = parameter(
        default="auto", help="What is made small; auto goes by the target and the last layer."
    )
    metrics: list[MetricName] = parameter(
        default=[],
        help="What is measured beside the loss; empty for accuracy of classes and the mean absolute error of numbers.",
    )
    patience: int = parameter(
        default=5,
        minimum=0,
        unit="epochs",
        help="After how many epochs without a gain to stop; 0 never stops early.",
    )
    validation_share: float = parameter(
        default=0.0,
        minimum=0.0,
        below=1.0,
        help="The share of the samples held back to judge epochs by, where nothing is connected for it.",
    )
    clip: ClipName = parameter(
        default="none",
        label="Clip gradients",
        help="Cut each number of a gradient off at a bound (value), or shorten gradients that are too long: "
        "those of each weight by itself (norm) or all together (global_norm).",
    )
    clip_at: float = parameter(
        default=1.0,
        above=0.0,
        maximum=1e12,
        help="The bound or the greatest length.",
        when={"clip": ["value", "norm", "global_norm"]},
    )
    tbptt_steps: int = parameter(
        default=0,
        minimum=0,
        label="Truncate back-propagation",
        unit="steps",
        help="How many steps of time errors are carried back in recurrent layers; 0 for all.",
    )
    schedule: ScheduleName = parameter(
        default="constant",
        label="Learning rate schedule",
        help="How the rate falls: evenly (exponential), in steps, by a cosine to the last epoch, or when nothing gets "
        "better (plateau).",
        advanced=True,
    )
    decay: float = parameter(
        default=0.5, above=0.0, maximum=1.0, help="What the rate is multiplied by each time.",
        when={"schedule": ["exponential", "step", "plateau"]}, advanced=True,
    )  # fmt: skip
    decay_every: int = parameter(
        default=5, minimum=1, unit="epochs", help="How often it falls; for plateau the epochs to wait for a gain.",
        when={"schedule": ["exponential", "step", "plateau"]}, advanced=True,
    )  # fmt: skip
    least_rate: float = parameter(
        default=0.0,
        minimum=0.0,
        maximum=1.0,
        help="The share of the first rate below which it never falls.",
        advanced=True,
    )
    warm_up: int = parameter(
        default=0,
        minimum=0,
        unit="epochs",
        help="Epochs in which the rate rises to its full size.",
        advanced=True,
    )
    momentum: float = parameter(
        default=0.9, minimum=0.0, below=1.0, help="How much of the last step goes into the next.",
        when={"optimizer": ["momentum", "nesterov"]}, advanced=True,
    )  # fmt: skip
    weight_decay: float = parameter(
        default=0.0,
        minimum=0.0,
        maximum=1.0,
        help="The share of each weight taken away in a step, for steadier networks.",
        advanced=True,
    )
    accumulate: int = parameter(
        default=1,
        minimum=1,
        maximum=10_000,
        unit="batches",
        help="How many batches make one step together, for large steps in little memory.",
        advanced=True,
    )
    ema: float = parameter(
        default=0.0, minimum=0.0, below=1.0, label="Average weights",
        help="Give out a moving average of the weights that keeps this share of itself in each step; 0 for none.",
        advanced=True,
    )  # fmt: skip
    class_weights: bool = parameter(
        default=False, help="Whether rare classes weigh more, so that all classes count alike.", advanced=True
    )
    restore_best: bool = parameter(
        default=True,
        help="Whether the weights of the best epoch come out, not those of the last.",
        advanced=True,
    )
    least_gain: float = parameter(
        default=0.0, minimum=0.0, help="By how much the loss must fall to count as a gain.", advanced=True
    )
    shuffle: bool = parameter(
        default=True, help="Whether each epoch has another order of samples.", advanced=True
    )
    precision: Precision = parameter(
        default="float32",
        help="The numbers that are computed with; the shorter ones are quicker on a GPU.",
        advanced=True,
    )
    backend: Backend = parameter(
        default="auto",
        help="What computes; auto takes the environment's KERAS_BACKEND, else the first one installed.",
        advanced=True,
    )
    deterministic: bool = parameter(
        default=True,
        help="Whether the same seed gives the same weights on a GPU too, at the cost of some speed.",
        advanced=True,
    )
    checkpoint_every: int = parameter(
        default=1,
        minimum=0,
        unit="epochs",
        help="How often at most to save the state to go on from if the run is stopped; 0 never saves.",
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def run(
        self, network: Network, train: Tensors, validation: Tensors | None, context: Context
    ) -> TrainedOutputs:
        from nodeflow_nodes.deep._curves import learning_curves
        from nodeflow_nodes.deep._device import device_for
        from nodeflow_nodes.deep._training import train as train_network

        trained = train_network(network, train, validation, self.settings(), context)
        context.warn(f"trained by {device_for(self.backend, context.device).sentence()}")
        title = _title(trained.model.spec.target)
        curves = learning_curves(trained.history, title, int(trained.model.summary["best epoch"]))
        return TrainedOutputs(trained.model, trained.history, curves)

    def settings(self) -> TrainingSettings:
        """The parameters as settings."""
        given = {one.name: value for one, value in self.values()}
        return TrainingSettings(**{**given, "metrics": tuple(self.metrics), "seed": int(self.seed or 0)})

    def surroundings(self, device: str) -> Mapping[str, Any]:
        try:
            choice = choose(self.backend, device)
        except DeviceError:
            return {"backend": self.backend, "device": device}
        return {"backend": choice.backend, "device": choice.device}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        network, data = inputs.get("network"), inputs.get("train")
        if network is None or data is None:
            return ()
        faults: list[Fault] = []
        for tensors in (data, inputs.get("validation")):
            try:
                if tensors is not None and not faults:
                    faults += self._unfit_settings(self._plan(network, tensors))
            except NodeflowError as error:
                faults.append(Fault("", str(error)))
        return faults

    def _unfit_settings(self, plan: Plan) -> list[Fault]:
        """Settings that do not fit what is trained."""
        names = [goal.loss["name"] for goal in plan.goals]
        if self.class_weights and (len(names) > 1 or names[0] not in OF_CLASSES):
            return [Fault("class_weights", "are for one target of classes; switch them off")]
        if "crf" in names and any(one != "accuracy" for one in self.metrics):
            return [Fault("metrics", "of the labels of a CRF Head can be accuracy alone")]
        return []

    def _plan(self, network: NetworkSpec, data: TensorsSpec) -> Plan:
        return plan_of(network.structure, data, self.loss)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        from nodeflow.values.trained_network import network_model_spec
        from nodeflow_nodes.deep._training import LEARNER

        network, data = inputs["network"], inputs["train"]
        plan = self._plan(network, data)
        target = (data.preparation or {}).get("target")
        model = network_model_spec(
            network.structure, data.task or "regression", data.preparation, target, data.classes, LEARNER
        )
        history: Spec | None = None
        if len(plan.goals) == 1:
            names = ["loss", *(self.metrics or plan.usual_metrics())]
            if self.validation_share or inputs.get("validation") is not None:
                names += [f"val_{name}" for name in names]
            # the order is Keras's own: of its names, loss first
            history = TableSpec(
                {"epoch": pl.Int64(), **{name: pl.Float64() for name in (*names, *_MEASURED)}}
            )
        return {"model": model, "history": history, "curves": ChartSpec(_title(target))}

    def summary(self) -> str:
        return f"{self.epochs} epochs, {self.optimizer} {self.learning_rate:g}"


def _title(target: str | None) -> str:
    return f"Training for {shorten(target)}" if target else "Training"


_MEASURED = (
    "learning_rate",
    "gradient_norm",
    "clipped_norm",
    "largest_gradient_norm",
    "largest_clipped_norm",
)
