"""Network Inspector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.networks import Structure
    from nodeflow.values import Chart, Network
    from nodeflow.values.specs import Spec


class Inspected(NamedTuple):
    """What a network is made of."""

    layers: pl.DataFrame
    chart: Chart


class NetworkInspector(Node):
    """Show what a network is made of: its layers, what they take and give, how large they are, and whether they are fast.

    Sizes are those of one sample; "?" is a length that varies. The memory of a layer is that of training: its weights
    with all that trains them (optimizer Adam), and its outputs with their gradients for a whole batch; it is an
    estimate. The fast path says whether the backend has fast code for the layer on the device, and why.

    Inputs:
        network: The network.
    Outputs:
        layers: A row for each input and layer.
        chart: The network drawn.
    """

    category = "Deep Learning / Network"
    keywords = ("summary", "parameters", "shapes", "memory", "draw", "plot model", "architecture")
    headline = "layers"

    backend: Literal["jax", "torch", "tensorflow"] = parameter(
        default="jax", help="The backend that the fast path is told of."
    )
    device: Literal["cpu", "gpu"] = parameter(default="cpu", help="The device that the fast path is told of.")
    batch: int = parameter(
        default=64, minimum=1, maximum=1_000_000, help="Samples in a batch, for the memory."
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "network" not in inputs:
            return []
        try:
            inputs["network"].structure.shapes()
        except NetworkError as error:
            return [Fault("", str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        from nodeflow.values.specs import ChartSpec, TableSpec

        columns = dict(pl.DataFrame(schema=COLUMNS).schema)
        return {"layers": TableSpec(columns), "chart": ChartSpec("Network")}

    def run(self, network: Network) -> Inspected:
        import polars as pl

        from nodeflow.values import Chart
        from nodeflow_nodes.deep._drawing import drawing

        try:
            rows = self._rows(network.structure)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        frame = pl.DataFrame(rows, schema=COLUMNS, orient="row")
        return Inspected(frame, Chart(drawing(network.structure)))

    def _rows(self, structure: Structure) -> list[tuple[Any, ...]]:
        facts, counts = structure.facts, structure.parameter_counts()
        rows: list[tuple[Any, ...]] = [
            (one.name, "input", None, _sizes(one.shape), one.dtype, 0, 0, False, 0, None, None)
            for one in structure.inputs
        ]
        for layer in structure.layers:
            own = facts[layer.id]
            trained, fixed = counts[layer.id]
            fast, why = structure.fast_path(layer.id, self.backend, self.device)
            taken = "; ".join(_sizes(facts[one].shape) for one in layer.inbound)
            rows.append(
                (
                    layer.id, layer.kind, taken, _sizes(own.shape), own.dtype, trained, fixed, own.mask,
                    structure.memory_of_layer(layer.id, self.batch), fast, why,
                )
            )  # fmt: skip
        return rows


COLUMNS: dict[str, Any] = {
    "layer": str, "kind": str, "takes": str, "gives": str, "type": str, "learned": int, "fixed": int, "mask": bool,
    "memory": int, "fast path": bool, "why": str,
}  # fmt: skip


def _sizes(shape: tuple[int | None, ...]) -> str:
    return " x ".join("?" if size is None else str(size) for size in shape) or "1"
