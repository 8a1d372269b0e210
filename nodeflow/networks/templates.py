"""Networks for usual tasks, as a start: from the inputs and what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.rule import Shape, known_size, shown
from nodeflow.networks.structure import NetworkInput, Structure

Size = Literal["small", "medium", "large"]
_UNITS = {"small": 32, "medium": 64, "large": 128}
_DEPTH = {"small": 1, "medium": 2, "large": 3}


@dataclass(frozen=True)
class Wanted:
    """What a template is to be made for.

    Attributes:
        size: how wide and deep.
        outputs: how many numbers come out, of each step where steps come out: targets, classes or labels.
        activation: that of the last layer.
        each_step: whether something comes out for each step.
        steps: how many steps come out where the input has none.
        code: how many numbers an autoencoder has in its middle.
        vocabulary: how many different whole numbers an input of words has.
        cell: the kind of recurrent layers, and their direction.
        dropout: the share left out before the last layer.
    """

    size: Size = "small"
    outputs: int = 1
    activation: str = "linear"
    each_step: bool = False
    steps: int = 10
    code: int = 2
    vocabulary: int = 20_000
    cell: str = "lstm"
    direction: str = "forward"
    dropout: float = 0.0

    @property
    def units(self) -> int:
        """The width of layers."""
        return _UNITS[self.size]

    @property
    def depth(self) -> int:
        """How many layers do the main work."""
        return _DEPTH[self.size]


def template(task: str, inputs: tuple[NetworkInput, ...], wanted: Wanted | None = None) -> Structure:
    """The usual network for a task, one of `TEMPLATES`.

    Raises:
        NetworkError: the task does not fit the inputs.
    """
    make, count = TEMPLATES[task]
    if len(inputs) != count:
        raise NetworkError(
            f"the template {task.replace('_', ' ')} takes {count} input{'s' if count > 1 else ''}, but the data "
            f"{'has' if len(inputs) == 1 else 'have'} {len(inputs)}; choose another task or other data"
        )
    made = make(Structure(inputs, (), (inputs[-1].name,)), wanted or Wanted())
    made.shapes()  # what does not fit is told here
    return made


def _dense(start: Structure, wanted: Wanted) -> Structure:
    """Layers on features: several dense ones."""
    made = _as_vector(start)
    for _ in range(wanted.depth):
        made = made.then("dense", units=wanted.units, activation="relu")
    return _ended(made, wanted)


def _many_to_one(start: Structure, wanted: Wanted) -> Structure:
    """A sequence in, one answer out."""
    return _ended(_recurrent(_as_sequence(start, wanted), wanted, each_step=wanted.each_step), wanted)


def _each_step(start: Structure, wanted: Wanted) -> Structure:
    """A sequence in, an answer for each step."""
    return _ended(_recurrent(_as_sequence(start, wanted), wanted, each_step=True), wanted)


def _one_to_many(start: Structure, wanted: Wanted) -> Structure:
    """One sample in, a sequence out."""
    made = _as_vector(start).then("repeat_vector", n=wanted.steps)
    return _ended(_recurrent(made, wanted, each_step=True), wanted)


def _seq2seq(start: Structure, wanted: Wanted) -> Structure:
    """A sequence in and another out: the second is written with what was kept of the first.

    The second input is what was written so far (teacher forcing). Cho et al. (2014).
    """
    source, written = start.inputs
    made = _as_sequence(Structure(start.inputs, (), (source.name,)), wanted)
    made = made.then("gru", id="encoder", units=wanted.units)
    return _written(made, written, "encoder", wanted)


def _captioner(start: Structure, wanted: Wanted) -> Structure:
    """Features of a picture in, a sentence out. Vinyals et al., "Show and tell" (2015)."""
    picture, written = start.inputs
    made = _picture_vector(Structure(start.inputs, (), (picture.name,)), wanted)
    made = made.then("dense", id="encoder", units=wanted.units, activation="tanh")
    return _written(made, written, "encoder", wanted)


def _written(made: Structure, written: NetworkInput, state: str, wanted: Wanted) -> Structure:
    """A decoder that writes step by step from a first state."""
    made = _as_sequence(Structure(made.inputs, made.layers, (written.name,)), wanted)
    config = {"units": wanted.units, "return_sequences": True}
    made = made.with_layer("gru", config, (*made.outputs, state), id="decoder")
    return _ended(made, wanted)


def _question(start: Structure, wanted: Wanted) -> Structure:
    """A picture and a question in, an answer out."""
    picture, question = start.inputs
    made = _picture_vector(Structure(start.inputs, (), (picture.name,)), wanted)
    made = made.then("dense", id="seen", units=wanted.units, activation="tanh")
    made = _as_sequence(Structure(made.inputs, made.layers, (question.name,)), wanted)
    made = made.then(wanted.cell, id="asked", units=wanted.units)
    made = made.with_layer("multiply", {}, ("seen", "asked"))
    return _ended(made.then("dense", units=wanted.units, activation="relu"), wanted)


def _ctc(start: Structure, wanted: Wanted) -> Structure:
    """A long sequence in, a short text out, where nobody says which step is which letter. Graves et al. (2006)."""
    shape = start.inputs[0].shape
    made = start
    if len(shape) == 3:  # a picture of a line: its columns become the steps
        made = made.then("conv2d", filters=wanted.units // 2, kernel_size=3).then("max_pooling2d")
        height, _, channels = made.shapes()[made.outputs[0]]
        made = made.then("permute", dims=[2, 1, 3])
        if height is None:
            raise NetworkError(f"needs pictures of a fixed height, but gets {shown(shape)}")
        made = made.then("reshape", target_shape=[-1, height * (channels or 1)])
    elif len(shape) == 2:
        made = made.then("conv1d", filters=wanted.units, kernel_size=3)
    else:
        raise NetworkError(f"needs time x feature or a picture, but gets {shown(shape)}")
    for _ in range(wanted.depth):
        made = made.then(wanted.cell, units=wanted.units, direction="both", return_sequences=True)
    return _dropped(made, wanted).then("ctc_head", labels=wanted.outputs)


def _cnn(start: Structure, wanted: Wanted) -> Structure:
    """Convolutions and pooling, then dense layers."""
    made, axes = start, len(start.inputs[0].shape) - 1
    if axes == 1 and start.inputs[0].meaning[:2] == (
        "height",
        "width",
    ):  # pictures without an axis of channels
        height, width = start.inputs[0].shape
        made = made.then("reshape", target_shape=[height or -1, width or -1, 1])
        axes = 2
    if axes not in (1, 2):
        raise NetworkError(
            f"needs pictures or sequences, but gets {shown(start.inputs[0].shape)}; take the task regression or "
            "classification"
        )
    filters = wanted.units // 2
    for number in range(wanted.depth + 1):
        made = made.then(f"conv{axes}d", filters=filters << min(number, 2), kernel_size=3)
        sizes = made.shapes()[made.outputs[0]][:axes]
        if all(size is None or size >= 4 for size in sizes):
            made = made.then(f"max_pooling{axes}d")
    varies = None in made.shapes()[made.outputs[0]]
    made = made.then(f"global_average_pooling{axes}d" if varies else "flatten")
    made = _dropped(made, wanted).then("dense", units=wanted.units, activation="relu")
    return _ended(made, wanted)


def _autoencoder(start: Structure, wanted: Wanted) -> Structure:
    """What comes in comes out again, through a middle of few numbers."""
    shape = start.inputs[0].shape
    made = _as_vector(start)
    features = known_size(made.shapes()[made.outputs[0]], -1)
    widths = [wanted.units << number for number in reversed(range(wanted.depth))]
    for number, width in enumerate(widths, 1):
        made = made.then("dense", id=f"encoder_{number}", units=width, activation="relu")
    made = made.then("dense", id="code", units=wanted.code)
    for number, width in enumerate(reversed(widths), 1):
        made = made.then("dense", id=f"decoder_{number}", units=width, activation="relu")
    made = made.then("dense", id="decoded", units=features, activation=wanted.activation)
    return made if len(shape) == 1 else made.then("reshape", target_shape=[size or -1 for size in shape])


def _sequence_autoencoder(start: Structure, wanted: Wanted) -> Structure:
    """A window comes in and comes out again, through one state of the last step."""
    steps, features = _two_axes(start)
    made = start.then(wanted.cell, id="code", units=wanted.units).then("repeat_vector", n=steps)
    made = made.then(wanted.cell, id="decoder", units=wanted.units, return_sequences=True)
    return _dropped(made, wanted).then(
        "time_distributed", id="decoded", units=features, activation=wanted.activation
    )


def _two_axes(start: Structure) -> tuple[int, int]:
    shape = start.inputs[0].shape
    if len(shape) != 2:
        raise NetworkError(
            f"needs windows of time x feature, but gets {shown(shape)}; make them by Sequence Windows"
        )
    return known_size(shape, 0, "the axis of time"), known_size(shape, 1)


def _as_vector(start: Structure) -> Structure:
    shape: Shape = start.inputs[0].shape
    if not shape:
        return start.then("reshape", target_shape=[1])
    return start if len(shape) == 1 else start.then("flatten")


def _as_sequence(start: Structure, wanted: Wanted) -> Structure:
    """Time x feature; whole numbers of words become vectors."""
    name = start.outputs[0]
    one = next(each for each in start.inputs if each.name == name)
    if len(one.shape) == 1 and one.dtype.startswith(("int", "uint")):
        return start.then("embedding", input_dim=wanted.vocabulary, output_dim=wanted.units)
    if len(one.shape) == 1:
        return start.then("reshape", target_shape=[-1, 1])
    if len(one.shape) != 2:
        raise NetworkError(
            f"needs a sequence, but gets {shown(one.shape)}; make windows by Sequence Windows, or choose another task"
        )
    return start


def _picture_vector(start: Structure, wanted: Wanted) -> Structure:
    """Features of a picture; of a picture itself by convolutions."""
    one = start.inputs[0]
    if len(one.shape) == 3:
        start = start.then("conv2d", filters=wanted.units // 2).then("max_pooling2d")
        start = start.then("conv2d", filters=wanted.units).then("max_pooling2d").then("flatten")
    return start if len(one.shape) in (1, 3) else start.then("flatten")


def _recurrent(made: Structure, wanted: Wanted, *, each_step: bool) -> Structure:
    for number in range(wanted.depth):
        inner = each_step or number < wanted.depth - 1
        made = made.then(wanted.cell, units=wanted.units, return_sequences=inner, direction=wanted.direction)
    return made


def _dropped(made: Structure, wanted: Wanted) -> Structure:
    return made.then("dropout", rate=wanted.dropout) if wanted.dropout else made


def _ended(made: Structure, wanted: Wanted) -> Structure:
    return _dropped(made, wanted).then("dense", units=wanted.outputs, activation=wanted.activation)


TEMPLATES: dict[str, tuple[Callable[[Structure, Wanted], Structure], int]] = {
    "regression": (_dense, 1),
    "classification": (_dense, 1),
    "many_to_one": (_many_to_one, 1),
    "one_to_many": (_one_to_many, 1),
    "tagger": (_each_step, 1),
    "char_lm": (_many_to_one, 1),
    "seq2seq": (_seq2seq, 2),
    "ctc": (_ctc, 1),
    "cnn": (_cnn, 1),
    "autoencoder": (_autoencoder, 1),
    "sequence_autoencoder": (_sequence_autoencoder, 1),
    "captioner": (_captioner, 2),
    "vqa": (_question, 2),
}
"""How each is made, and how many inputs it takes."""
