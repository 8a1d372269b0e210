"""Adding Problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter

if TYPE_CHECKING:
    from nodeflow.values import Tensors
    from nodeflow.values.specs import Spec

_MOST_NUMBERS = 500_000_000


class AddingProblem(Node):
    """Generate sequences in which two marked numbers are to be added: what a network must remember over many steps.

    Each step has a number from 0 to 1 and a mark, which is 1 at one step of the first half and at one of the second, and
    0 elsewhere. The target is the sum of the two marked numbers (Hochreiter and Schmidhuber, 1997). Always saying 1 has a
    mean squared error of 1/6 = 0.167, and that is as good as a network can be that forgets the first number before the
    second comes. The data are generated; an error of 0 can be reached.

    Outputs:
        tensors: The sequences, `x` of steps with two features, and the sum `y`.
    """

    category = "Deep Learning / Data"
    keywords = (
        "long-term dependencies",
        "memory",
        "benchmark",
        "lstm",
        "vanishing gradient",
        "toy data",
        "generated",
    )

    steps: int = parameter(default=100, minimum=2, maximum=100_000, help="The length of the sequences.")
    samples: int = parameter(default=5_000, minimum=1, maximum=10_000_000, help="How many sequences.")
    seed: Seed | None = parameter(default=None, help="Another seed gives other sequences.")

    def check_parameters(self) -> list[Fault]:
        if 2 * self.steps * self.samples > _MOST_NUMBERS:
            return [
                Fault(
                    "samples",
                    f"{self.samples:,} sequences of {self.steps:,} steps are too many; take fewer or shorter",
                )
            ]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

        arrays = {
            "x": ArraySpec((self.steps, 2), "float32", ("time", "feature")),
            "y": ArraySpec((1,), "float32", ("feature",)),
        }
        return TensorsSpec(arrays, targets=("y",), task="regression", samples=self.samples)

    def run(self) -> Tensors:
        import numpy as np

        from nodeflow.values.tensors import Tensors

        chance = np.random.Generator(np.random.PCG64(int(self.seed or 0)))
        x = np.zeros((self.samples, self.steps, 2), np.float32)
        x[:, :, 0] = chance.random((self.samples, self.steps), dtype=np.float32)
        half, every = self.steps // 2, np.arange(self.samples)
        for low, high in ((0, half), (half, self.steps)):
            x[every, chance.integers(low, high, self.samples), 1] = 1
        y = (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)
        return Tensors(
            {"x": x, "y": y},
            axes={"x": ("time", "feature"), "y": ("feature",)},
            targets=("y",),
            task="regression",
        )

    def summary(self) -> str:
        return f"{self.samples:,} sequences of {self.steps:,} steps"
