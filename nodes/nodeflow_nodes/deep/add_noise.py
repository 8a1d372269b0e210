"""Add Noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.specs import Spec
    from nodeflow.values.tensor_specs import TensorsSpec


class AddNoise(Node):
    """Add noise to the inputs of tensors, such as for an autoencoder that learns to take it off again.

    Of tensors that are to be given back, the noisy input `x` gets the clean one as the target `y`. Tensors with a
    target of their own keep it: noise then makes a network robust. Windows that overlap share their noise as they
    share their rows. Amounts are in the unit of the tensors, after scaling.

    | noise | does |
    |---|---|
    | gaussian | adds normal numbers with the amount as standard deviation |
    | uniform | adds numbers from minus the amount to plus the amount |
    | masking | sets that share of the values to 0 |
    | salt and pepper | sets that share of the values to the smallest or the largest of all |

    Inputs:
        tensors: The clean samples.
    Outputs:
        tensors: The noisy samples.
    """

    category = "Deep Learning / Data"
    keywords = (
        "denoising",
        "corrupt",
        "gaussian noise",
        "salt and pepper",
        "dropout",
        "augmentation",
        "jitter",
    )

    noise: Literal["gaussian", "uniform", "masking", "salt and pepper"] = parameter(
        default="gaussian", help="The kind of noise; see above."
    )
    amount: float = parameter(
        default=0.4,
        minimum=0.0,
        maximum=1e6,
        help="The strength of the noise, or the share of values it changes.",
    )
    clip: bool = parameter(
        default=False,
        help="Whether values stay between the smallest and the largest clean one, as for images.",
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        if self.noise in ("masking", "salt and pepper") and self.amount > 1:
            return [
                Fault(
                    "amount", f"{self.noise} changes a share of the values, from 0 to 1, not {self.amount:g}"
                )
            ]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        spec: TensorsSpec | None = inputs.get("tensors")
        whole = (
            [] if spec is None else [n for n in spec.inputs if not spec.arrays[n].dtype.startswith("float")]
        )
        if whole:
            return [
                Fault(
                    "", f'the input "{whole[0]}" holds whole numbers, such as tokens; noise is for decimals'
                )
            ]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        spec: TensorsSpec = inputs["tensors"]
        if spec.targets != spec.inputs or len(spec.inputs) != 1:
            return spec
        clean = spec.arrays[spec.inputs[0]]
        rest = {name: one for name, one in spec.arrays.items() if name != "y"}
        return replace(spec, arrays={**rest, "y": clean}, targets=("y",))

    def run(self, tensors: Tensors, context: Context) -> Tensors:
        import numpy as np

        from nodeflow.values.arrays import Array, Dense, Windows

        random = np.random.default_rng(self.seed or 0)
        arrays: dict[str, Array] = dict(tensors.arrays)
        for name in tensors.inputs():
            one = tensors.arrays[name]
            if not one.dtype.startswith("float"):
                raise NodeFailed(
                    f'the input "{name}" holds whole numbers, such as tokens; noise is for decimals'
                )
            if isinstance(one, Windows):
                arrays[name] = Windows(self._noisy(one.base, random), one.starts, one.length, one.step)
            else:
                arrays[name] = Dense(self._noisy(one.to_numpy(), random))
            context.check_cancelled()
        if tensors.targets() != tensors.inputs() or len(tensors.inputs()) != 1:
            return tensors.with_(arrays=arrays)
        clean = tensors.inputs()[0]
        arrays.pop("y", None)
        arrays["y"] = tensors.arrays[clean]
        axes = {**tensors.axes, "y": tensors.axes[clean]}
        return tensors.with_(arrays=arrays, axes={n: axes[n] for n in arrays}, targets=("y",))

    def _noisy(self, clean: np.ndarray, random: np.random.Generator) -> np.ndarray:
        import numpy as np

        if not clean.size:
            return clean
        low, high = clean.min(), clean.max()
        if self.noise == "gaussian":
            noisy = clean + self.amount * random.standard_normal(clean.shape, dtype=np.float32)
        elif self.noise == "uniform":
            noisy = clean + self.amount * (2 * random.random(clean.shape, dtype=np.float32) - 1)
        else:
            hit = random.random(clean.shape, dtype=np.float32) < self.amount
            ends = np.where(random.random(clean.shape, dtype=np.float32) < 0.5, low, high)
            noisy = np.where(hit, 0 if self.noise == "masking" else ends, clean)
        if self.clip:
            noisy = noisy.clip(low, high)
        return np.asarray(noisy, clean.dtype)

    def summary(self) -> str:
        return f"{self.noise} {self.amount:g}"
