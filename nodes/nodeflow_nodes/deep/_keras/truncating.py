"""Truncated back-propagation through time: recurrent layers in pieces, between which no gradient flows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nodeflow.networks.keras_form import PACKAGE


class _Truncated:
    """Goes before a recurrent layer of Keras: runs it in pieces of `tbptt_steps` steps.

    The state goes on from piece to piece, its gradient does not. A sequence that fits into one piece runs
    through the very code of the layer.
    """

    def __init__(self, *arguments: Any, tbptt_steps: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.tbptt_steps = tbptt_steps

    def get_config(self) -> dict[str, Any]:
        """What it is made with; Keras makes the other direction of it."""
        config: dict[str, Any] = super().get_config()  # type: ignore[misc]
        return {**config, "tbptt_steps": self.tbptt_steps}

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """The last output, all outputs and the last states, as the layer itself gives them."""
        loop = super().inner_loop  # type: ignore[misc]
        length = sequences.shape[1]
        if length is None or length <= self.tbptt_steps:
            return loop(sequences, initial_state, mask, training=training)
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        states = initial_state
        last: Any = None
        pieces = []
        for start, stop in self._pieces(length):
            seen = None if mask is None else mask[:, start:stop]
            if last is not None:
                states = [ops.stop_gradient(one) for one in states]
            new, outputs, states = loop(sequences[:, start:stop], states, seen, training=training)
            if seen is not None:
                new, outputs = self._without_gaps(new, outputs, last, seen)
            last = new
            pieces.append(outputs)
        outputs = ops.concatenate(pieces, axis=1) if self.return_sequences else pieces[-1]  # type: ignore[attr-defined]
        return last, outputs, states

    def _pieces(self, length: int) -> list[tuple[int, int]]:
        """Where the pieces start and stop, in the order in which they are read."""
        steps = self.tbptt_steps
        if self.go_backwards:  # type: ignore[attr-defined]
            return [(max(stop - steps, 0), stop) for stop in range(length, 0, -steps)]
        return [(start, min(start + steps, length)) for start in range(0, length, steps)]

    def _without_gaps(self, new: Any, outputs: Any, last: Any, mask: Any) -> tuple[Any, Any]:
        """Steps that are left out give the output before, which at the start of a piece is that of the last piece."""
        if last is None:
            return new, outputs
        mask = ops.flip(mask, axis=1) if self.go_backwards else mask  # type: ignore[attr-defined]
        begun = ops.cumsum(ops.cast(mask, "int32"), axis=1) > 0
        new = ops.where(begun[:, -1:], new, last)
        if self.return_sequences and not self.zero_output_for_mask:  # type: ignore[attr-defined]
            outputs = ops.where(begun[:, :, None], outputs, last[:, None, :])
        return new, outputs


@keras.saving.register_keras_serializable(PACKAGE)
class TruncatedSimpleRNN(_Truncated, keras.layers.SimpleRNN):
    """A simple RNN with truncated back-propagation."""


@keras.saving.register_keras_serializable(PACKAGE)
class TruncatedGRU(_Truncated, keras.layers.GRU):
    """A GRU with truncated back-propagation."""


@keras.saving.register_keras_serializable(PACKAGE)
class TruncatedLSTM(_Truncated, keras.layers.LSTM):
    """An LSTM with truncated back-propagation."""


@keras.saving.register_keras_serializable(PACKAGE)
class TruncatedRNN(_Truncated, keras.layers.RNN):
    """A cell of our own with truncated back-propagation."""
