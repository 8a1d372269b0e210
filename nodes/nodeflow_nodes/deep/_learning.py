"""What nodes share that make their own network and train it: the choices of training, and what they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.devices import DeviceError, choose
from nodeflow.node import Node
from nodeflow.parameters import Parameter, Seed, parameter

if TYPE_CHECKING:
    from nodeflow_nodes.deep._settings import TrainingSettings


class TrainsNetwork(Node):
    """A node that trains a network of its own making."""

    slots = ("gpu",)

    epochs: int = parameter(
        default=50, minimum=1, maximum=1_000_000, help="How often all samples are gone through at most."
    )
    batch_size: int = parameter(
        default=64, minimum=1, maximum=10_000_000, unit="samples", help="The samples that make one step.",
        advanced=True,
    )  # fmt: skip
    learning_rate: float = parameter(
        default=0.001, above=0.0, maximum=1e6, help="The size of the steps.", advanced=True
    )
    patience: int = parameter(
        default=10,
        minimum=0,
        unit="epochs",
        help="After how many epochs without a gain to stop; 0 never stops early.",
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """The parameters of the node itself first, then those of every training."""
        found = super().parameters()
        ordered = sorted(found, key=lambda name: name in TrainsNetwork.__annotations__)
        return {name: found[name] for name in ordered}

    def settings(self, **more: Any) -> TrainingSettings:
        """The parameters as settings of a training."""
        from nodeflow_nodes.deep._settings import TrainingSettings

        given: dict[str, Any] = {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "patience": self.patience,
            "seed": int(self.seed or 0),
        }
        return TrainingSettings(**{**given, **more})

    def surroundings(self, device: str) -> Mapping[str, Any]:
        try:
            choice = choose("auto", device)
        except DeviceError:
            return {"device": device}
        return {"backend": choice.backend, "device": choice.device}
