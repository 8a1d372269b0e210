"""LSTM Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.deep._explorer import Explorer

if TYPE_CHECKING:
    from nodeflow_nodes.deep._recurrent.exploring import Explored


class LstmExplorer(Explorer):
    """Look into an LSTM layer: every gate, the cell and every error at each step of one sample.

    The layer is taken with its weights out of a trained model or a network, and calculated anew in NumPy with 64-bit
    numbers, forward and back through time. Without either a new LSTM of the given units is shown, with a dense layer
    behind it. Names are those of Greff et al. (2017): block input z, gates i, f and o, cell c, output y; z_bar and the
    like are what goes into the activations. Steps and units are counted from 1.

    The story says in sentences where the layer forgot, wrote and hid most. Two diagrams show one unit at one step with
    its numbers: as a circuit, where the cell is a highway along the top, or in the style of the Search Space Odyssey, with
    the cell in the centre. Peepholes are the dashed lines. Networks must be a plain chain of layers: recurrent ones, Dense,
    Activation, Embedding, Flatten, Reshape, Repeat Vector, and those that only act in training, such as Dropout. J is half
    the sum of the squared errors, or the cross-entropy for classes.

    References: Hochreiter and Schmidhuber (1997); Gers and Schmidhuber (2000), peepholes; Greff et al. (2017).

    Inputs:
        tensors: The samples, of which one is followed; with their targets, as the errors come from there.
        model: A trained network whose LSTM is looked into.
        network: Or a network, trained or not.
    Outputs:
        states: A row for each step, unit and quantity: gates, cell, output, and the network's output and target.
        deltas: The same for the errors: dJ/dy, dJ/dc and so on.
        gradients: For each group of weights (4 W, 4 R, 4 b, 3 p) the gradient, the numeric one over the entries checked,
            their relative error, and how far the sum of what the steps contribute is from the whole (sum_gap).
        contributions: For each step and group of weights the length of what the step adds to the gradient.
        truncation: For windows of truncated back-propagation, how far the gradient is from the full one, by its length; the
            errors do not pass from one window into the one before, and the window of all steps is exact.
        story: What happened, in sentences.
        chart: The gates over time, and the lines of the cell.
        diagram: The LSTM drawn, with the numbers of one unit at one step.
    """

    category = "Deep Learning / Explain"
    keywords = (
        "gates",
        "peephole",
        "cell state",
        "forget gate",
        "back-propagation through time",
        "bptt",
        "gradient check",
    )
    kind = "lstm"
    name = "LSTM Explorer"

    style: Literal["circuit", "odyssey"] = parameter(
        default="circuit", help="How the LSTM is drawn: with the cell as a highway, or in the centre."
    )
    peephole: bool = parameter(
        default=False, help="Whether the gates see the cell, if no model and no network is connected."
    )
    forget_bias: float = parameter(
        default=1.0, minimum=-100, maximum=100,
        help="The bias of the forget gate, if no model and no network is connected.",
    )  # fmt: skip

    def settings(self) -> dict[str, Any]:
        return {"peephole": self.peephole, "forget_bias": self.forget_bias}

    def diagram_body(self, seen: Explored, row: int, unit: int) -> dict[str, Any]:
        from nodeflow_nodes.deep._lstm_circuit import circuit
        from nodeflow_nodes.deep._lstm_moment import moment_of
        from nodeflow_nodes.deep._lstm_odyssey import odyssey

        draw = circuit if self.style == "circuit" else odyssey
        return draw(moment_of(seen, row, unit), self.theme)
