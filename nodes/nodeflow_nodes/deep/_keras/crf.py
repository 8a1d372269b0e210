"""Linear-chain conditional random fields in `keras.ops` alone: the layer, its loss, and the best sequence of labels.

The layer gives `scores[t, i, j]`: how well label j at step t fits what is seen there and label i at the step before. A
whole sequence of labels is scored by the sum over its steps, and its probability is the exponential of that over the sum
of those of all sequences. Lafferty, McCallum and Pereira, "Conditional random fields" (2001).

Imported in the process of Keras only.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nodeflow.networks.keras_form import PACKAGE

NEVER = -1e9
"""The score of what cannot be, finite so that nothing becomes NaN."""


@keras.saving.register_keras_serializable(PACKAGE)
class CRFHead(keras.layers.Layer):
    """Scores of each label after each other.

    Steps that are masked keep the label of the step before at no cost, so they change neither loss nor labels.
    """

    def __init__(
        self,
        labels: int,
        *,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_initializer: Any = "zeros",
        bias_regularizer: Any = None,
        bias_constraint: Any = None,
        transitions_initializer: Any = "glorot_uniform",
        transitions_regularizer: Any = None,
        transitions_constraint: Any = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.supports_masking = True
        self.labels = labels
        self._told = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
            "transitions": (transitions_initializer, transitions_regularizer, transitions_constraint),
        }

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        labels = self.labels
        self.kernel = self._weight("kernel", (input_shape[-1], labels))
        self.bias = self._weight("bias", (labels,))
        self.transitions = self._weight("transitions", (labels, labels))
        self.start = self.add_weight(shape=(labels,), name="start", initializer="zeros")

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        start, penalty, bound = self._told[name]
        return self.add_weight(
            shape=shape,
            name=name,
            initializer=keras.initializers.get(start),
            regularizer=keras.regularizers.get(penalty),
            constraint=keras.constraints.get(bound),
        )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The scores, of the shape (samples, steps, labels before, labels)."""
        seen = ops.matmul(inputs, self.kernel) + self.bias
        if mask is None:
            mask = ops.ones_like(seen[..., 0], dtype="bool")
        count = ops.cumsum(ops.cast(mask, "int32"), axis=1)
        first = ops.logical_and(mask, ops.equal(count, 1))[..., None, None]
        begun, going = ops.convert_to_tensor(self.start), ops.convert_to_tensor(self.transitions)
        scores = seen[:, :, None, :] + ops.where(first, begun, going)
        return ops.where(mask[..., None, None], scores, _kept(self.labels, scores.dtype))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the scores themselves say which steps are left out."""
        return None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """A score for each pair of labels."""
        return (*input_shape[:-1], self.labels, self.labels)

    def get_config(self) -> dict[str, Any]:
        """What it is made with."""
        told: dict[str, Any] = {"labels": self.labels}
        for name, (start, penalty, bound) in self._told.items():
            told |= {
                f"{name}_initializer": keras.initializers.serialize(keras.initializers.get(start)),
                f"{name}_regularizer": keras.regularizers.serialize(keras.regularizers.get(penalty)),
                f"{name}_constraint": keras.constraints.serialize(keras.constraints.get(bound)),
            }
        return {**super().get_config(), **told}


def _kept(labels: int, dtype: Any) -> Any:
    """Scores of a step that keeps the label of the one before."""
    return (1 - ops.eye(labels, dtype=dtype)) * NEVER


def _by_step(values: Any) -> Any:
    """With the axis of time first, to go through it."""
    return ops.moveaxis(values, 1, 0)


class ChainLoss(keras.losses.Loss):
    """The negative logarithm of the probability of the true labels; steps whose label is below 0 are left out."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        labels = y_pred.shape[-1]
        wanted = ops.cast(y_true, "int32")
        told = ops.greater_equal(wanted, 0)
        scores = ops.where(told[..., None, None], y_pred, _kept(labels, y_pred.dtype))
        hot = ops.one_hot(ops.maximum(wanted, 0), labels, dtype=y_pred.dtype)

        def step(state: Any, seen: Any) -> Any:
            every, last, true = state
            here, now, is_told = seen
            every = ops.logsumexp(every[..., None] + here, axis=1)
            now = ops.where(is_told[..., None], now, last)
            true = true + ops.sum(ops.sum(here * last[..., None], axis=1) * now, axis=-1)
            return (every, now, true), ()

        # before the first step any label may stand, and its scores are the same for all: the first is taken
        before = ops.one_hot(ops.zeros_like(wanted[:, 0]), labels, dtype=y_pred.dtype)
        none = ops.zeros_like(before[:, 0])
        start = ((1 - before) * NEVER, before, none)
        (every, _, true), _ = ops.scan(step, start, (_by_step(scores), _by_step(hot), _by_step(told)))
        return ops.logsumexp(every, axis=-1) - true


def best_labels(scores: Any) -> Any:
    """The most probable sequence of labels of each sample, by Viterbi's algorithm."""
    labels = scores.shape[-1]
    before = ops.one_hot(ops.zeros_like(scores[:, 0, 0, 0], dtype="int32"), labels, dtype=scores.dtype)

    def ahead(best: Any, here: Any) -> Any:
        ways = best[..., None] + here
        return ops.max(ways, axis=1), ops.cast(ops.argmax(ways, axis=1), "int32")

    best, came_from = ops.scan(ahead, (1 - before) * NEVER, _by_step(scores))
    last = ops.cast(ops.argmax(best, axis=-1), "int32")

    def back(label: Any, origins: Any) -> Any:
        return ops.take_along_axis(origins, label[:, None], axis=1)[:, 0], label

    _, found = ops.scan(back, last, came_from, reverse=True)
    return _by_step(found)


class TagAccuracy(keras.metrics.Mean):
    """The share of labels that the best sequence has right, of the steps that have a label."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Take a batch."""
        wanted = ops.cast(y_true, "int32")
        weights = ops.cast(ops.greater_equal(wanted, 0), self.dtype)
        if sample_weight is not None:
            weights = weights * ops.cast(sample_weight, self.dtype)[:, None]
        right = ops.cast(ops.equal(wanted, best_labels(y_pred)), self.dtype)
        return super().update_state(right, sample_weight=weights)
