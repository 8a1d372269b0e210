"""Split Tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.values import Tensors
    from nodeflow.values.specs import Spec
    from nodeflow.values.tensor_specs import TensorsSpec


class TensorParts(NamedTuple):
    """The parts."""

    train: Tensors
    validation: Tensors
    test: Tensors


class SplitTensors(Node):
    """Split the samples of tensors into parts to learn from, to watch the training by, and to test with.

    Sizes are shares of all samples, rounded to whole ones; the last part has the rest. Windows stay windows. "first"
    keeps the order of time, which windows over a series need, as neighbours overlap. Scales that were learned before
    stay as they are: where they must not know the test rows, split the table and use `like` of Table to Tensors.

    | method | how samples come into parts |
    |---|---|
    | random | by chance |
    | stratified | by chance, each class with its share |
    | first | in their order |

    Inputs:
        tensors: The samples.
    Outputs:
        train: The first part.
        validation: The second part.
        test: The rest.
    """

    category = "Deep Learning / Data"
    keywords = ("train test split", "partition", "holdout", "validation split")

    train_share: float = parameter(
        default=0.7,
        above=0.0,
        maximum=1.0,
        label="Share to train",
        help="The share of samples to learn from.",
    )
    validation_share: float = parameter(
        default=0.15,
        minimum=0.0,
        below=1.0,
        label="Share to validate",
        help="The share of samples to watch by.",
    )
    method: Literal["random", "stratified", "first"] = parameter(default="random", help="See above.")
    seed: Seed | None = parameter(default=None, help="Another seed chooses other samples.")

    def check_parameters(self) -> list[Fault]:
        if self.train_share + self.validation_share > 1 + 1e-9:
            return [
                Fault("validation_share", "the shares to train and to validate are more than all together")
            ]
        return []

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        spec: TensorsSpec | None = inputs.get("tensors")
        if spec is not None and self.method == "stratified" and spec.task != "classification":
            return [
                Fault(
                    "method",
                    f'"stratified" needs a target of classes, but these are for {spec.task or "nothing"}',
                )
            ]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        spec: TensorsSpec = inputs["tensors"]
        return dict.fromkeys(TensorParts._fields, replace(spec, samples=None))

    def run(self, tensors: Tensors) -> TensorParts:
        import numpy as np

        if not tensors.samples:
            raise NodeFailed("there is no sample to split")
        order = np.arange(tensors.samples)
        if self.method != "first":
            order = np.random.default_rng(self.seed or 0).permutation(tensors.samples)
        part = np.empty(tensors.samples, np.int64)
        if self.method == "stratified":
            if tensors.task != "classification" or not tensors.targets():
                raise NodeFailed('"stratified" needs a target of classes; choose another method')
            labels = tensors.arrays[tensors.targets()[0]].to_numpy()
            codes = labels if labels.ndim == 1 else labels.argmax(axis=-1)
            for code in np.unique(codes):
                own = order[codes[order] == code]
                part[own] = self._parts(len(own))
        else:
            part[order] = self._parts(tensors.samples)
        return TensorParts(*(tensors.chosen(np.flatnonzero(part == number)) for number in range(3)))

    def _parts(self, count: int) -> np.ndarray:
        """For each place which part it is in, with sizes rounded halves up."""
        import numpy as np

        ends = [
            int(share * count + 0.5 + 1e-9)
            for share in (self.train_share, self.train_share + self.validation_share)
        ]
        return np.searchsorted(ends, np.arange(count), side="right")

    def summary(self) -> str:
        return f"{self.train_share:.0%} / {self.validation_share:.0%} / rest, {self.method}"
