"""Layer-wise Pretrainer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._learning import TrainsNetwork

if TYPE_CHECKING:
    from nodeflow.networks import Layer, Structure
    from nodeflow.node import Context
    from nodeflow.values.network import Network
    from nodeflow.values.tensors import Tensors

_LAYERS: dict[str, pl.DataType] = {
    "layer": pl.String(),
    "inputs": pl.Int64(),
    "units": pl.Int64(),
    "epochs": pl.Int64(),
    "first_loss": pl.Float64(),
    "last_loss": pl.Float64(),
}


class Pretrained(NamedTuple):
    """What the node gives."""

    network: Network
    layers: pl.DataFrame


class LayerwisePretrainer(TrainsNetwork):
    """Give the dense layers of a deep network weights to begin with, learned one after another without any target.

    Each dense layer but the last is trained as the first half of an autoencoder on what the layers below it give; then it
    is kept, and the next one learns from what it gives (Hinton and Salakhutdinov, 2006; Bengio and others, 2007). A Deep
    Learner goes on from there. Deep networks of sigmoids, whose gradients fade from layer to layer, learn little without;
    with relu and good first weights it gains nothing, so compare with training from the start.

    What a layer gets is brought to mean 0 and deviation 1 while it is learned, as the numbers in deep sigmoids hardly
    vary; the scale is put into its weights.

    Noise on the inputs makes each a denoising autoencoder. Other layers, such as dropout, are passed through as they
    are when a network is applied. The network must be a chain: one input, one output, no branch.

    Inputs:
        network: The network to find first weights for.
        train: The samples; no target is looked at.
    Outputs:
        network: The network with first weights for its dense layers.
        layers: One row a layer: how well it came to give back what it was given.
    """

    name = "Layer-wise Pretrainer"
    category = "Deep Learning / Train"
    keywords = ("stacked autoencoder", "greedy", "unsupervised pretraining", "initial weights", "deep belief")

    noise: float = parameter(
        default=0.2, minimum=0.0, maximum=1000.0,
        help="The standard deviation of the noise added to a layer's scaled inputs; 0 for none.",
    )  # fmt: skip
    epochs: int = parameter(
        default=20,
        minimum=1,
        maximum=1_000_000,
        label="Epochs a layer",
        help="How often each sees all samples.",
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        network = inputs.get("network")
        if network is None:
            return ()
        try:
            _dense_chain(network.structure)
        except NodeflowError as error:
            return [Fault("", str(error))]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        return {"network": inputs["network"], "layers": TableSpec(_LAYERS)}

    def run(self, network: Network, train: Tensors, context: Context) -> Pretrained:
        chain = _dense_chain(network.structure)
        weights = dict(network.weights)
        rows = []
        for place, layer in enumerate(chain):
            context.progress(place / len(chain), f"layer {place + 1} of {len(chain)}: {layer.id}")
            below = self._given_to(network, weights, layer, train, context)
            found, row = self._learned(layer, below, context)
            weights |= found
            rows.append(row)
        from nodeflow.values.network import Network

        return Pretrained(
            Network(network.structure, weights), pl.DataFrame(rows, schema=_LAYERS, orient="row")
        )

    def _given_to(
        self, network: Network, weights: Mapping[str, Any], layer: Layer, data: Tensors, context: Context
    ) -> Tensors:
        """What the layers below give for the samples, as samples to be given back."""
        from nodeflow.values.network import Network
        from nodeflow.values.tensors import Tensors
        from nodeflow_nodes.deep._goals import match_inputs
        from nodeflow_nodes.deep._training import apply_network

        before = layer.inbound[0]
        try:
            arrays = match_inputs(network.structure, data.spec)
        except NodeflowError as error:
            raise NodeFailed(str(error)) from None
        if before == network.structure.inputs[0].name:
            values = data.arrays[arrays[0]].to_numpy()
        else:
            part = network.structure.giving(before)
            names = {name for name, _ in part.weights()}
            known = Network(part, {name: one for name, one in weights.items() if name in names})
            values = next(iter(apply_network(known, arrays, data, context).values.values()))
        return Tensors({"x": values.astype("float32")})

    def _learned(
        self, layer: Layer, below: Tensors, context: Context
    ) -> tuple[dict[str, Any], tuple[Any, ...]]:
        """The weights of a layer as the first half of an autoencoder, and what to tell of it."""
        import numpy as np

        from nodeflow.networks import Structure
        from nodeflow.values.network import Network
        from nodeflow_nodes.deep._training import train, trained_network

        values = below.arrays["x"].to_numpy().astype("float64")
        over = tuple(range(values.ndim - 1))
        spread = values.std(axis=over)
        spread[spread < 1e-6] = 1.0
        middle = values.mean(axis=over) if layer.config["use_bias"] else np.zeros_like(spread)
        scaled = ((values - middle) / spread).astype("float32")
        inputs = scaled.shape[-1]
        built = Structure.of_shape(scaled.shape[1:])
        if self.noise:
            built = built.then("gaussian_noise", id="noise", stddev=self.noise)
        config = {**layer.config, "trainable": True}
        built = built.then("dense", id="first_half", **config).then("dense", id="second_half", units=inputs)
        samples = below.with_(arrays={"x": scaled}, targets=("x",), task="reconstruction")
        settings = self.settings(loss="mse", checkpoint_every=0)
        trained = train(Network(built), samples, None, settings, context, learner=self.name)
        learned = trained_network(trained.model).network.weights
        # the layer gets its inputs as they are, so what scaled them goes into its weights
        kernel = learned["first_half/kernel"].astype("float64") / spread[:, None]
        own = {f"{layer.id}/kernel": kernel.astype("float32")}
        if layer.config["use_bias"]:
            own[f"{layer.id}/bias"] = (learned["first_half/bias"] - middle @ kernel).astype("float32")
        losses = trained.history["loss"]
        row = (layer.id, inputs, layer.config["units"], len(losses), losses[0], losses.min())
        return own, row

    def summary(self) -> str:
        return f"{self.epochs} epochs a layer"


def _dense_chain(structure: Structure) -> list[Layer]:
    """The dense layers of a chain but the last.

    Raises:
        NodeFailed: the network branches, or has too few of them.
    """
    one_each = all(len(layer.inbound) == 1 for layer in structure.layers)
    used = [layer.inbound[0] for layer in structure.layers if layer.inbound]
    if (
        not one_each
        or len(set(used)) != len(used)
        or len(structure.inputs) != 1
        or len(structure.outputs) != 1
    ):
        raise NodeFailed(
            "layers are pretrained in a chain; this network branches, so take a part without branches"
        )
    dense = [layer for layer in structure.layers if layer.kind == "dense"]
    if len(dense) < 2:
        raise NodeFailed(
            f"the network has {len(dense)} dense layer{'' if len(dense) == 1 else 's'}; pretraining needs one before the "
            "last"
        )
    return dense[:-1]
