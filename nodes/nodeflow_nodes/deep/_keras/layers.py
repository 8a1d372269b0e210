"""Layers of our own, in `keras.ops` alone, so that they run on every backend.

Imported in the process of Keras only.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nodeflow.networks.keras_form import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class ForgetBias(keras.initializers.Initializer):
    """Biases of an LSTM: those of the forget gate have one value, the others their own start."""

    def __init__(self, units: int, value: float, others: Any = "zeros") -> None:
        self.units = units
        self.value = value
        self.others = keras.initializers.get(others)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """The biases of the gates input, forget, cell, output."""
        units = self.units
        return ops.concatenate(
            [
                self.others((units,), dtype=dtype),
                ops.full((units,), self.value, dtype=dtype or "float32"),
                self.others((2 * units,), dtype=dtype),
            ]
        )

    def get_config(self) -> dict[str, Any]:
        """What it is made with."""
        others = keras.saving.serialize_keras_object(self.others)
        return {"units": self.units, "value": self.value, "others": others}


@keras.saving.register_keras_serializable(PACKAGE)
class PeepholeLSTMCell(keras.layers.LSTMCell):
    """A cell of an LSTM whose gates see the cell: the input and forget gate the last, the output gate the new one.

    Gers, Schraudolph and Schmidhuber, "Learning precise timing with LSTM recurrent networks" (2002). The three rows
    of the weight `peephole` are those of the input, forget and output gate.
    """

    def build(self, input_shape: Any) -> None:
        """Make the weights, with the start values and penalties of the recurrent ones for the peepholes."""
        super().build(input_shape)
        self.peephole = self.add_weight(
            shape=(3, self.units),
            name="peephole",
            initializer="glorot_uniform",
            regularizer=self.recurrent_regularizer,
        )

    def _compute_carry_and_output(self, x: Any, h_tm1: Any, c_tm1: Any) -> Any:
        kernels = ops.split(self.recurrent_kernel, 4, axis=1)
        z = [one + ops.matmul(h, kernel) for one, h, kernel in zip(x, h_tm1, kernels, strict=True)]
        return self._compute_carry_and_output_fused(z, c_tm1)

    def _compute_carry_and_output_fused(self, z: Any, c_tm1: Any) -> Any:
        z_i, z_f, z_c, z_o = z
        i = self.recurrent_activation(z_i + self.peephole[0] * c_tm1)
        f = self.recurrent_activation(z_f + self.peephole[1] * c_tm1)
        c = f * c_tm1 + i * self.activation(z_c)
        o = self.recurrent_activation(z_o + self.peephole[2] * c)
        return c, o


class TiedDense(keras.layers.Layer):
    """A dense layer with the weights of another one the other way round, and a bias of its own."""

    def __init__(
        self,
        dense: Any,
        *,
        activation: Any = None,
        use_bias: bool = True,
        bias_initializer: Any = "zeros",
        bias_regularizer: Any = None,
        bias_constraint: Any = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.supports_masking = True
        self._kernel_of = lambda: dense.kernel  # not an attribute, so that the weights count once
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self._bias = {
            "initializer": bias_initializer,
            "regularizer": bias_regularizer,
            "constraint": bias_constraint,
        }

    def build(self, input_shape: Any) -> None:
        """Make the bias."""
        if self.use_bias:
            self.bias = self.add_weight(shape=(self._kernel_of().shape[0],), name="bias", **self._bias)

    def call(self, inputs: Any) -> Any:
        """Multiply by the other layer's weights turned round."""
        kernel = ops.cast(self._kernel_of(), inputs.dtype)
        given = ops.matmul(inputs, ops.transpose(kernel))
        return self.activation(given + self.bias if self.use_bias else given)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As many features as the other layer takes."""
        return (*input_shape[:-1], self._kernel_of().shape[0])
