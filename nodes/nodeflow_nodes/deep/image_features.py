"""Image Features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.networks import Structure
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors

MOST_FEATURES = 10_000
_ONE_OF_THEM = "connect a table or tensors, one of them"


class ImageFeatures(Node):
    """Give for each image, or other sample, what an inner layer of a trained network makes of it: a vector.

    A network that learned to tell images apart makes of each image numbers that its last layer reads classes from. They say
    what is in the image better than its pixels, and serve other learners: neighbours, clusters, a network for captions. The
    layer before the last is taken unless another is named; what has several axes becomes one row of numbers.

    The vectors are kept like all results: the network runs once for the same images.

    Inputs:
        model: A model of a Deep Learner.
        table: The rows to read, as the network learned to.
        tensors: The samples to read, instead of a table.
    Outputs:
        table: The table, or the row of each sample, with the numbers feature 1, feature 2 and on.
    """

    category = "Deep Learning / Images"
    keywords = (
        "embedding",
        "feature extraction",
        "transfer learning",
        "penultimate layer",
        "bottleneck",
        "activations",
    )
    slots = ("gpu",)

    layer: str = parameter(default="", help="The name of the layer; empty for the one before the last.")
    batch_size: int = parameter(default=64, minimum=1, unit="images", help="Images at a time.", advanced=True)

    def run(
        self, model: Model, table: pl.LazyFrame | None, tensors: Tensors | None, context: Context
    ) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.deep._beside import beside
        from nodeflow_nodes.deep._training import apply, prepared, trained_network

        if (table is None) == (tensors is None):
            raise NodeFailed(_ONE_OF_THEM)
        trained = trained_network(model)
        layer = self._layer(trained.structure)
        frame = None if table is None else table.collect(engine="streaming")
        data = tensors
        if frame is not None:
            data = prepared(trained, frame, context, with_targets=False)[0]
        assert data is not None
        values = apply(model, data, context, batch_size=self.batch_size, outputs=layer)[layer]
        flat = values.reshape(len(values), -1)
        if flat.shape[1] > MOST_FEATURES:
            raise NodeFailed(
                f'the layer "{layer}" gives {flat.shape[1]:,} numbers a sample, more than {MOST_FEATURES:,} columns; take a '
                "later one, or put a global pooling layer after it"
            )
        return beside(
            frame,
            data,
            [
                pl.Series(f"feature {place + 1}", flat[:, place], dtype=pl.Float32)
                for place in range(flat.shape[1])
            ],
        )

    def _layer(self, structure: Structure) -> str:
        """The layer that is asked for; raises `NodeFailed` where there is none of that name."""
        layers = {one.id: one for one in structure.layers}
        if self.layer:
            if self.layer not in layers:
                from nodeflow.errors import did_you_mean

                raise NodeFailed(
                    f'no layer is called "{self.layer[:80]}"; {did_you_mean(self.layer, list(layers), what="there are")}'
                )
            return self.layer
        name = structure.outputs[0]
        while name in layers:
            name = layers[name].inbound[0]
            if name in layers and layers[name].kind not in _PASSING:
                return name
        raise NodeFailed(
            "the network has one layer only, so there is none before the last; name it to take it"
        )

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.network is None:
            return [Fault("", "the model is no network, so it has no layers")]
        if inputs.get("table") is not None and inputs.get("tensors") is not None:
            return [Fault("", _ONE_OF_THEM)]
        if model is not None:
            try:
                self._layer(model.network.structure)
            except NodeFailed as error:
                return [Fault("layer", str(error))]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import math

        import polars as pl

        table, model = inputs.get("table"), inputs.get("model")
        if table is None or model is None:
            return None
        structure = model.network.structure
        shape = structure.shapes()[self._layer(structure)]
        if None in shape:
            return None
        names = [f"feature {place + 1}" for place in range(math.prod(size or 1 for size in shape))]
        return TableSpec({**table.columns, **dict.fromkeys(names, pl.Float32())})

    def summary(self) -> str:
        return self.layer[:80] or "the layer before the last"


_PASSING = ("dropout", "activation", "softmax", "gaussian_noise", "identity")
