"""RNN Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.deep._explorer import Explorer

if TYPE_CHECKING:
    from nodeflow_nodes.deep._recurrent.exploring import Explored


class RnnExplorer(Explorer):
    """Look into a simple recurrent layer: what goes in, the state and every error at each step of one sample.

    The layer is taken with its weights out of a trained model or a network, and calculated anew in NumPy with 64-bit
    numbers: forward by a(t) = x(t) W + h(t-1) R + b and h(t) = g(a(t)), and back through time, where the error of a state is
    that from above plus that of the next step times the transposed weights: dJ/dh(t-1) gets (dJ/dh(t) * g'(a(t))) R'.
    Without a model or network a new layer of the given units is shown, with a dense layer behind it. o and y_hat are what
    goes into the network's last activation and what comes out. Steps and units are counted from 1. Networks must be a plain
    chain of layers; see LSTM Explorer.

    References: Elman (1990); Werbos (1990), back-propagation through time.

    Inputs:
        tensors: The samples, of which one is followed; with their targets, as the errors come from there.
        model: A trained network whose simple recurrent layer is looked into.
        network: Or a network, trained or not.
    Outputs:
        states: A row for each step, unit and quantity: a, h, o, y_hat and the target.
        deltas: The same for the errors: dJ/dh, dJ/da and dJ/dx.
        gradients: For W, R and b the gradient, the numeric one over the entries checked, their relative error, and how far
            the sum of what the steps contribute is from the whole (sum_gap).
        contributions: For each step and group of weights the length of what the step adds to the gradient.
        truncation: For windows of truncated back-propagation, how far the gradient is from the full one, by its length; the
            errors do not pass from one window into the one before, and the window of all steps is exact.
        story: What happened, in sentences.
        chart: Sums, states and errors over time, and the lines of the state.
        diagram: One step drawn, forward and backward, with the numbers of one unit.
    """

    name = "RNN Explorer"
    category = "Deep Learning / Explain"
    keywords = ("simple rnn", "elman", "back-propagation through time", "bptt", "jacobian", "gradient check")
    kind = "simple_rnn"

    activation: Literal["tanh", "linear", "relu", "sigmoid"] = parameter(
        default="tanh", help="The activation g, if no model and no network is connected."
    )

    def settings(self) -> dict[str, Any]:
        return {"activation": self.activation}

    def diagram_body(self, seen: Explored, row: int, unit: int) -> dict[str, Any]:
        from nodeflow_nodes.deep._other_diagrams import simple_circuit

        return simple_circuit(seen, row, unit, self.theme)
