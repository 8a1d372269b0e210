"""Network Template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.templates import Wanted, template
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.deep._beginning import inputs_of

if TYPE_CHECKING:
    from nodeflow.values import Network, Tensors
    from nodeflow.values.specs import Spec
    from nodeflow.values.tensor_specs import TensorsSpec

_REBUILDING = ("autoencoder", "sequence_autoencoder")


class NetworkTemplate(Node):
    """Make the usual network for a task, to fit the samples: a start that works as it is.

    With the task on automatic the samples decide: sequences get recurrent layers, pictures convolutions, features dense
    layers; what is to be given back gets an autoencoder. The last layer has as many outputs as there are targets or
    classes. To change the layers, put others on it, cut it, or rebuild it by a Layer List: the Network Inspector shows
    what it is made of.

    - regression, classification: dense layers on features
    - many_to_one: a sequence in, one answer out, such as a forecast or the class of a text
    - one_to_many: one sample in, a sequence out
    - tagger: an answer for each step of a sequence
    - char_lm: the next letter or word of a text
    - seq2seq: a sequence in, another out, of which the part written so far is the second input
    - ctc: a long sequence in, a short text out
    - cnn: pictures or sequences by convolutions
    - autoencoder, sequence_autoencoder: samples or windows that are to be given back
    - captioner: a picture in, a sentence out; vqa: a picture and a question in, an answer out

    Inputs:
        tensors: The samples the network is for.
    Outputs:
        network: The network.
    """

    category = "Deep Learning / Network"
    keywords = (
        "lstm", "gru", "rnn", "mlp", "cnn", "autoencoder", "forecast", "sequence to sequence", "example", "start",
    )  # fmt: skip

    task: Literal[
        "auto", "regression", "classification", "many_to_one", "one_to_many", "tagger", "char_lm", "seq2seq", "ctc",
        "cnn", "autoencoder", "sequence_autoencoder", "captioner", "vqa",
    ] = parameter(default="auto", help="What the network is to do; auto for what fits the samples.")  # fmt: skip
    size: Literal["small", "medium", "large"] = parameter(
        default="small", help="How wide and deep: 32 units in 1 layer, 64 in 2, or 128 in 3."
    )
    cell: Literal["lstm", "gru", "simple_rnn"] = parameter(
        default="lstm",
        label="Recurrent layers",
        help="The kind of recurrent layers, where the task has some.",
    )
    direction: Literal["forward", "backward", "both"] = parameter(
        default="forward", help="In which direction they read; both sees what comes later, too."
    )
    dropout: float = parameter(
        default=0.0, minimum=0, below=1, help="The share left out before the last layer in training."
    )
    code: int = parameter(
        default=2, minimum=1, maximum=1 << 20, help="How many numbers an autoencoder has in its middle.",
        when={"task": "autoencoder"},
    )  # fmt: skip
    outputs: int | None = parameter(
        default=None, minimum=1, maximum=1 << 20, advanced=True,
        help="How many numbers come out, such as classes; empty for what the samples tell.",
    )  # fmt: skip
    vocabulary: int = parameter(
        default=20_000, minimum=1, maximum=1 << 20, advanced=True,
        help="How many different whole numbers an input of words has.",
    )  # fmt: skip
    steps: int = parameter(
        default=10, minimum=1, maximum=1 << 20, advanced=True, help="How many steps come out of one_to_many."
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "tensors" not in inputs:
            return []
        try:
            self._made(inputs["tensors"])
        except NetworkError as error:
            return [Fault("task", str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from nodeflow.values.network import NetworkSpec

        made = self._made(inputs["tensors"])
        return None if made is None else NetworkSpec(made)

    def run(self, tensors: Tensors) -> Network:
        from nodeflow.values.network import Network

        try:
            made = self._made(tensors.spec)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        if made is None:
            raise NodeFailed("the samples do not tell how many classes there are; give the number of outputs")
        return Network(made)

    def _made(self, spec: TensorsSpec) -> Structure | None:
        """The network; None where the number of classes shows only in the samples."""
        task = _task_of(spec) if self.task == "auto" else self.task
        outputs, activation, each_step = self.outputs, "linear", False
        if spec.targets and task not in _REBUILDING:
            target = spec.arrays[spec.targets[0]]
            each_step = _is_each_step(spec)
            if spec.task == "classification" or target.dtype.startswith(("int", "uint", "bool")):
                one_hot = bool(target.shape) and target.axes[-1:] == ("class",)
                count = (
                    target.shape[-1] if one_hot else len(spec.classes) if spec.classes is not None else None
                )
                if outputs is None and count is None:
                    return None
                outputs, activation = outputs or count, "softmax"
            elif outputs is None:
                numbers = target.shape[1:] if each_step else target.shape
                outputs = (numbers[0] or 1) if numbers else 1
        wanted = Wanted(
            self.size, outputs or 1, activation, each_step, self.steps, self.code, self.vocabulary, self.cell,
            self.direction, self.dropout,
        )  # fmt: skip
        return template(task, inputs_of(spec), wanted)

    def summary(self) -> str:
        return f"{self.task}, {self.size}"


def _is_each_step(spec: TensorsSpec) -> bool:
    """Whether the target has a value for each step of the last input, not just several values."""
    target, last = spec.arrays[spec.targets[0]], spec.arrays[spec.inputs[-1]]
    has_steps = target.axes[:1] == ("time",) or len(target.shape) == 2
    return bool(has_steps and last.shape and target.shape[0] in (None, last.shape[0]))


def _task_of(spec: TensorsSpec) -> str:
    """The task that fits samples."""
    first = spec.arrays[spec.inputs[0]]
    rank = len(first.shape)
    is_picture = rank == 3 or first.axes[:2] == ("height", "width")
    if spec.task == "reconstruction" or not spec.targets:
        return "sequence_autoencoder" if rank == 2 and not is_picture else "autoencoder"
    if len(spec.inputs) > 1:
        raise NetworkError(
            f"the samples have {len(spec.inputs)} inputs; choose a task, such as seq2seq or vqa"
        )
    if is_picture:
        return "cnn"
    if rank == 2 or (rank == 1 and first.dtype.startswith(("int", "uint"))):
        return "many_to_one"
    return "classification" if spec.task == "classification" else "regression"
