"""GRU Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.parameters import parameter
from nodeflow_nodes.deep._explorer import Explorer

if TYPE_CHECKING:
    from nodeflow_nodes.deep._recurrent.exploring import Explored


class GruExplorer(Explorer):
    """Look into a GRU layer: both gates, the state and every error at each step of one sample.

    The layer is taken with its weights out of a trained model or a network, and calculated anew in NumPy with 64-bit
    numbers, forward and back through time. Without either a new GRU of the given units is shown, with a dense layer behind
    it. z is the update gate, r the reset gate, n the new content, h the state; z_bar and the like are what goes into the
    activations. With the reset after the product, as Keras has it, u is what the reset gate lets through. Steps and units
    are counted from 1. Networks must be a plain chain of layers; see LSTM Explorer.

    Reference: Cho et al. (2014).

    Inputs:
        tensors: The samples, of which one is followed; with their targets, as the errors come from there.
        model: A trained network whose GRU is looked into.
        network: Or a network, trained or not.
    Outputs:
        states: A row for each step, unit and quantity: gates, state, and the network's output and target.
        deltas: The same for the errors: dJ/dh and so on.
        gradients: For each group of weights the gradient, the numeric one over the entries checked, their relative error,
            and how far the sum of what the steps contribute is from the whole (sum_gap).
        contributions: For each step and group of weights the length of what the step adds to the gradient.
        truncation: For windows of truncated back-propagation, how far the gradient is from the full one, by its length; the
            errors do not pass from one window into the one before, and the window of all steps is exact.
        story: What happened, in sentences.
        chart: The gates over time, and the lines of the state.
        diagram: The GRU drawn, with the numbers of one unit at one step.
    """

    category = "Deep Learning / Explain"
    keywords = (
        "gates",
        "update gate",
        "reset gate",
        "back-propagation through time",
        "bptt",
        "gradient check",
    )
    kind = "gru"
    name = "GRU Explorer"

    reset_after: bool = parameter(
        default=True,
        help="Whether the reset gate works after the product with the weights, if no model and no network is connected.",
    )

    def settings(self) -> dict[str, Any]:
        return {"reset_after": self.reset_after}

    def diagram_body(self, seen: Explored, row: int, unit: int) -> dict[str, Any]:
        from nodeflow_nodes.deep._other_diagrams import gru_circuit

        return gru_circuit(seen, row, unit, self.theme)
