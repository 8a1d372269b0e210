"""Gradient Flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow.values.specs import ChartSpec, Spec, TableSpec
from nodeflow_nodes.deep._followed import followed, network_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model, Network, Tensors
    from nodeflow_nodes.deep._recurrent.flowing import Flow
    from nodeflow_nodes.deep._recurrent.layers import Passed

_CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "simple RNN": ("simple_rnn", {}),
    "LSTM": ("lstm", {"forget_bias": 1.0}),
    "LSTM, forget bias 0": ("lstm", {"forget_bias": 0.0}),
    "GRU": ("gru", {}),
    "linear RNN, gain 1.5": ("simple_rnn", {"activation": "linear", "gain": 1.5}),
    "linear RNN, gain 0.9": ("simple_rnn", {"activation": "linear", "gain": 0.9}),
}


class Flows(NamedTuple):
    """The flow of each network."""

    table: pl.DataFrame
    summary: pl.DataFrame
    chart: Chart


class GradientFlow(Node):
    """Measure how the error fades or explodes on its way back through time: the length of dJ/dstate at each step.

    A length that falls by the same factor at each step is a straight line on the logarithmic scale. What is left of it at
    the first step is what the network can learn from there: the vanishing gradient, or the exploding one if it grows.

    **Of networks.** Connect networks or a model, and tensors: J is the loss of some batches of samples. Networks must be
    plain chains of recurrent layers, Dense, Activation, Embedding, Flatten, Reshape, Repeat Vector, and layers that only
    act in training. Branches, convolutions, attention and normalisation are refused by name. Without tensors, samples are
    drawn from the normal distribution, and J is half the sum of the squared outputs.

    **Of cells at their start.** With no network connected the chosen cells are compared as Keras draws them (Glorot's
    uniform weights for the inputs, orthogonal ones for the state). J is half the squared distance of the last output from
    a random target, so that the error enters at the last step alone.

    The thin dotted line is the bound of Pascanu, Mikolov and Bengio (2013) for a simple recurrent layer: the error cannot
    exceed its last length times the largest singular value of R times the steepest slope of the activation, to the power of
    the steps. It is drawn where the error enters at the last step alone. Clipping by the global norm makes the whole
    gradient shorter, and with it each step's share (dashed): it stops explosions, and does nothing against fading.

    References: Hochreiter (1991); Bengio, Simard and Frasconi (1994); Pascanu, Mikolov and Bengio (2013).

    Inputs:
        networks: Networks to compare, untrained or trained.
        model: A trained network to compare with them.
        tensors: The samples.
    Outputs:
        table: For each network, layer and step the mean length over the batches, the least and the largest, the length after
            clipping, and the bound.
        summary: For each network and layer the length at the first and the last step, their ratio, the length of the
            gradient of all weights before and after clipping, and whether 32-bit numbers overflow when it is worked out.
        chart: The lengths over time, on a logarithmic scale.
    """

    category = "Deep Learning / Explain"
    keywords = (
        "vanishing gradient",
        "exploding gradient",
        "back-propagation through time",
        "clipping",
        "long-term dependencies",
    )
    headline = "summary"
    views_first = True

    cells: list[
        Literal["simple RNN", "LSTM", "LSTM, forget bias 0", "GRU", "linear RNN, gain 1.5", "linear RNN, gain 0.9"]
    ] = parameter(
        default=["simple RNN", "LSTM", "LSTM, forget bias 0", "GRU"],
        help="The cells compared at their start, if no network is connected.",
    )  # fmt: skip
    units: int = parameter(default=32, minimum=1, maximum=512, help="Units of these cells.")
    steps: int = parameter(
        default=100, minimum=2, maximum=2_000, help="Steps of the samples, if no tensors are connected."
    )
    features: int = parameter(
        default=8, minimum=1, maximum=512, help="Features of each step, if no tensors are connected."
    )
    state: Literal["output", "cell"] = parameter(
        default="output",
        help="The error of what: the output of a layer (h, or y of an LSTM), or the cell c of an LSTM.",
    )
    batches: int = parameter(default=4, minimum=1, maximum=100, help="How many batches are averaged.")
    batch_size: int = parameter(default=32, minimum=1, maximum=1_024, help="Samples of a batch.")
    clip: float = parameter(
        default=0.0, minimum=0.0, maximum=1e12, label="Clip at global norm",
        help="The length to which the gradient of all weights is cut; 0 for no clipping.",
    )  # fmt: skip
    names: list[str] = parameter(
        default=[], help="Names of the networks in the picture, in the order of their connections."
    )
    seed: Seed | None = parameter(
        default=None, help="The seed of weights, samples and errors that are drawn."
    )
    width: int = parameter(
        default=640, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=420, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )
    theme: Literal["light", "dark"] = parameter(default="light", help="Dark marks on light, or the reverse.")

    def run(
        self, networks: list[Network] | None, model: Model | None, tensors: Tensors | None, context: Context
    ) -> Flows:
        import numpy as np

        given: list[Network] = list(networks or [])
        trained = network_of(model, None)
        given += [] if trained is None else [trained]
        if not given and not self.cells:
            raise NodeFailed("there is nothing to compare; connect a network, or choose cells")
        found: dict[str, list[Flow]] = {}
        random = np.random.default_rng(int(self.seed or 0))
        parts = (
            self._of_networks(given, trained, tensors, random, context)
            if given
            else self._of_cells(tensors, random)
        )
        for number, (name, flows) in enumerate(parts, 1):
            found[name] = flows
            context.progress(number / max(len(given) or len(self.cells), 1))
        table, summary = self._table(found), self._summary(found)
        return Flows(table, summary, self._chart(table, summary))

    def _of_cells(
        self, tensors: Tensors | None, random: np.random.Generator
    ) -> Iterator[tuple[str, list[Flow]]]:
        import numpy as np

        from nodeflow_nodes.deep._followed import samples_of
        from nodeflow_nodes.deep._recurrent.flowing import flows_of
        from nodeflow_nodes.deep._recurrent.layers import Recurrent
        from nodeflow_nodes.deep._recurrent.stack import Loss
        from nodeflow_nodes.deep._recurrent.weights import cell_of, initial_weights

        inputs = []
        for _ in range(self.batches):
            if tensors is None:
                inputs.append(random.standard_normal((self.batch_size, self.steps, self.features)))
            else:
                x, _ = samples_of(tensors, self._rows(tensors, random))
                inputs.append(x if x.ndim == 3 else x[:, :, None])
        targets = [random.standard_normal((len(x), self.units)) for x in inputs]
        weights_seed = int(random.integers(2**31))
        for name in dict.fromkeys(self.cells):
            kind, options = _CELLS[name]
            config = {"units": self.units, **options}
            drawn = initial_weights(kind, inputs[0].shape[2], config, np.random.default_rng(weights_seed))
            layer = Recurrent(name, (cell_of(kind, config, drawn),), (False,), sequences=False)
            passed = []
            for x, target in zip(inputs, targets, strict=True):
                forward = layer.forward(x)
                passed.append([layer.backward(forward, Loss("squared").slope(forward.out, target))])
            yield name, flows_of(passed, self.state == "cell", is_last_only=True)

    def _of_networks(
        self, given: list[Network], trained: Network | None, tensors: Tensors | None, random: np.random.Generator,
        context: Context,
    ) -> Iterator[tuple[str, list[Flow]]]:  # fmt: skip
        from nodeflow_nodes.deep._recurrent.flowing import flows_of

        rows = None if tensors is None else [self._rows(tensors, random) for _ in range(self.batches)]
        weights_seed, samples_seed = (int(random.integers(2**31)) for _ in range(2))
        told: list[str] = []
        for number, network in enumerate(given, 1):
            usual = "model" if network is trained else f"network {number}"
            name = self.names[number - 1] if number <= len(self.names) else usual
            batches: list[list[Passed]] = []
            for batch in range(self.batches):
                samples = tensors if tensors is not None else self._drawn(network, samples_seed + batch)
                chosen = rows[batch] if rows is not None else list(range(1, samples.samples + 1))
                what = followed(samples, chosen, network, "", {}, weights_seed)
                told += [f"{name}: {note}" for note in what.notes]
                batches.append(what.stack.gradient(what.x, what.target, what.loss))
            last = max(index for index, part in enumerate(batches[0]) if part.traces)
            yield name, flows_of(batches, self.state == "cell", is_last_only=batches[0][last].out.ndim == 2)
        for note in dict.fromkeys(told):
            context.warn(note)

    def _rows(self, tensors: Tensors, random: np.random.Generator) -> list[int]:
        many = min(self.batch_size, tensors.samples)
        return sorted(int(one) + 1 for one in random.choice(tensors.samples, many, replace=False))

    def _drawn(self, network: Network, seed: int) -> Tensors:
        """Samples of the shape that a network takes, from the normal distribution."""
        import numpy as np

        from nodeflow.values import Tensors

        shape = network.structure.inputs[0].shape
        if len(shape) != 2 or shape[1] is None:
            raise NodeFailed(
                "without tensors only networks that take steps with features can be tried; connect tensors"
            )
        x = np.random.default_rng(seed).standard_normal((self.batch_size, shape[0] or self.steps, shape[1]))
        return Tensors({"x": x}, axes={"x": ("time", "feature")}, inputs=("x",), targets=())

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        from nodeflow_nodes.deep._recurrent.reading import why_not

        faults = []
        for number, spec in enumerate(inputs.get("networks") or [], 1):
            reason = why_not(spec.structure) if spec is not None else None
            if reason:
                faults.append(Fault("", f"network {number}: {reason}"))
        return faults

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        real, text = pl.Float64(), pl.String()
        named = {"network": text, "layer": text}
        lengths = dict.fromkeys(("norm", "least", "largest", "clipped", "bound"), real)
        sums = dict.fromkeys(("first", "last", "ratio", "gradient_norm", "clipped_norm"), real)
        return {
            "table": TableSpec({**named, "step": pl.Int64(), **lengths}),
            "summary": TableSpec({**named, **sums, "overflows_32_bit": pl.Boolean()}),
            "chart": ChartSpec(self._title(), ("step", "norm")),
        }

    def summary(self) -> str:
        return "dJ/dc" if self.state == "cell" else "dJ/dh"

    def _title(self) -> str:
        return f"How the error {'dJ/dc' if self.state == 'cell' else 'dJ/dh'} comes back through time"

    def _factors(self, flow: Flow) -> np.ndarray:
        """By what clipping multiplies the gradient of each batch."""
        import numpy as np

        if not self.clip:
            return np.ones_like(flow.gradient)
        return np.asarray(np.minimum(1.0, self.clip / np.maximum(flow.gradient, 1e-300)))

    def _table(self, found: dict[str, list[Flow]]) -> pl.DataFrame:
        import polars as pl

        rows = []
        for name, flows in found.items():
            for flow in flows:
                lengths, factors = flow.lengths, self._factors(flow)[:, None]
                clipped = (lengths * factors).mean(axis=0) if self.clip else [None] * lengths.shape[1]
                bound = [None] * lengths.shape[1] if flow.bound is None else flow.bound.tolist()
                for step, values in enumerate(
                    zip(
                        lengths.mean(axis=0),
                        lengths.min(axis=0),
                        lengths.max(axis=0),
                        clipped,
                        bound,
                        strict=True,
                    ),
                    1,
                ):
                    rows.append(
                        (name, flow.layer, step, *(None if one is None else float(one) for one in values))
                    )
        return pl.DataFrame(rows, schema=self._schema("table"), orient="row")

    def _summary(self, found: dict[str, list[Flow]]) -> pl.DataFrame:
        import polars as pl

        rows = [
            (
                name, flow.layer, float(flow.lengths[:, 0].mean()), float(flow.lengths[:, -1].mean()), flow.ratio,
                float(flow.gradient.mean()), float((flow.gradient * self._factors(flow)).mean()), flow.overflows,
            )
            for name, flows in found.items()
            for flow in flows
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=self._schema("summary"), orient="row").with_columns(
            pl.col("ratio").fill_nan(None)
        )

    def _schema(self, port: str) -> dict[str, pl.DataType]:
        spec = self.spec({})[port]
        assert isinstance(spec, TableSpec)
        return spec.columns

    def _chart(self, table: pl.DataFrame, summary: pl.DataFrame) -> Chart:
        from nodeflow.values import Chart
        from nodeflow_nodes.deep._flow_chart import flow_body
        from nodeflow_nodes.views._theme import config

        body, facts = flow_body(table, summary, self.theme, "c" if self.state == "cell" else "h")
        if self.clip:
            facts.append(f"dashed: after clipping by the global norm at {self.clip:g}")
        head = {
            "text": self._title(),
            "subtitle": [shorten(one, 150) for one in facts],
            "limit": self.width + 200,
        }
        size = {"width": self.width, "height": self.height}
        return Chart(
            {"title": head, **size, **body, "config": config(self.theme)},
            ChartSpec(self._title(), ("step", "norm")),
        )
