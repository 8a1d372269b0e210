"""How a network is trained: the choices of the Deep Learner, as plain data for the Keras process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

LossName = Literal[
    "auto", "mse", "mae", "mape", "huber", "log_cosh", "binary_crossentropy", "categorical_crossentropy",
    "sparse_categorical_crossentropy", "poisson", "kl_divergence", "ctc", "crf",
]  # fmt: skip
OptimizerName = Literal[
    "adam", "adamw", "adamax", "nadam", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adadelta", "ftrl",
    "lion", "lamb",
]  # fmt: skip
ScheduleName = Literal["constant", "exponential", "step", "cosine", "plateau"]
ClipName = Literal["none", "value", "norm", "global_norm"]
Precision = Literal["float32", "bfloat16", "float16"]
MetricName = Literal[
    "accuracy", "top_3_accuracy", "mae", "mse", "rmse", "mape", "cosine_similarity"
]  # fmt: skip
Backend = Literal["auto", "jax", "torch", "tensorflow"]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How to train.

    Attributes:
        loss: "auto" goes by the target and the last activation.
        learning_rate: that of the first step, after warming up.
        schedule: how the rate falls: by `decay` every `decay_every` epochs, evenly or in steps, by a cosine to
            the last epoch, or when nothing got better for `decay_every` epochs ("plateau"). It never falls
            below `least_rate` of the first.
        warm_up: epochs in which the rate rises to its full size.
        momentum: of "momentum" and "nesterov".
        patience: epochs without a gain of more than `least_gain` after which to stop; 0 never stops early.
        restore_best: whether the weights of the best epoch come out, not those of the last.
        clip: how gradients are clipped, at `clip_at`.
        tbptt_steps: steps after which back-propagation through time is cut off, 0 for none.
        ema: momentum of the moving average of weights that comes out, 0 for none.
        accumulate: batches whose gradients make one step.
        validation_share: of the samples, the last ones, held back where no validation data is given.
        checkpoint_every: epochs between two checkpoints at least, 0 for none.
    """

    loss: LossName = "auto"
    metrics: tuple[MetricName, ...] = ()
    optimizer: OptimizerName = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: ScheduleName = "constant"
    decay: float = 0.5
    decay_every: int = 5
    least_rate: float = 0.0
    warm_up: int = 0
    epochs: int = 20
    batch_size: int = 64
    patience: int = 5
    least_gain: float = 0.0
    restore_best: bool = True
    clip: ClipName = "none"
    clip_at: float = 1.0
    tbptt_steps: int = 0
    precision: Precision = "float32"
    ema: float = 0.0
    accumulate: int = 1
    shuffle: bool = True
    class_weights: bool = False
    validation_share: float = 0.0
    checkpoint_every: int = 1
    seed: int = 0
    deterministic: bool = True
    backend: Backend = "auto"

    def to_data(self) -> dict[str, Any]:
        """The settings as plain JSON data."""
        return {**asdict(self), "metrics": list(self.metrics)}
