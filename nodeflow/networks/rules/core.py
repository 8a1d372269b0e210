"""Dense layers, embeddings, activations, and the heads that stand last."""

from __future__ import annotations

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, Weight, known_size, shown
from nodeflow.networks.rules.common import ACTIVITY, USE_BIAS, activation, size, tuning


def _dense_shape(config: Config, seen: Seen) -> Shape:
    return (*seen.shape[:-1], config["units"])


def dense_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    """The weights of a dense layer: from each feature to each unit."""
    units = config["units"]
    kernel = Weight("kernel", (known_size(seen.shape, -1), units))
    return (kernel, Weight("bias", (units,))) if config["use_bias"] else (kernel,)


def _needs_axis(config: Config, seen: Seen) -> None:
    if not seen.shape:
        raise NetworkError(
            "needs at least one axis of features, but gets a single number; put a Reshape to 1 before it"
        )


_DENSE_TUNING = (*tuning(("kernel", "glorot_uniform"), ("bias", "zeros")), ACTIVITY)


def _embedding_shape(config: Config, seen: Seen) -> Shape:
    return (*seen.shape, config["output_dim"])


def _embedding_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    return (Weight("embeddings", (config["input_dim"], config["output_dim"])),)


def _embedding_check(config: Config, seen: Seen) -> None:
    dtype = seen.inputs[0].dtype
    if not dtype.startswith(("int", "uint")):
        raise NetworkError(
            f"needs whole numbers such as the numbers of words, but gets {dtype}; give the input the type int32, "
            "or take a Dense layer for measured numbers"
        )


def _prelu_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    shared = {axis - 1 for axis in config["shared_axes"] or ()}
    return (
        Weight(
            "alpha",
            tuple(
                1 if axis in shared else known_size(seen.shape, axis, f"axis {axis + 1}")
                for axis in range(len(seen.shape))
            ),
        ),
    )


def _prelu_check(config: Config, seen: Seen) -> None:
    beyond = [axis for axis in config["shared_axes"] or () if axis > len(seen.shape)]
    if beyond:
        raise NetworkError(f"shared axis {beyond[0]} is not there: it gets {shown(seen.shape)}")


def _ctc_shape(config: Config, seen: Seen) -> Shape:
    return (*seen.shape[:-1], config["labels"] + 1)


def _ctc_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    return dense_weights({"units": config["labels"] + 1, "use_bias": True}, seen)


def _crf_shape(config: Config, seen: Seen) -> Shape:
    return (seen.shape[0], config["labels"], config["labels"])


def _crf_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    labels = config["labels"]
    scores = dense_weights({"units": labels, "use_bias": True}, seen)
    return (*scores, Weight("transitions", (labels, labels)), Weight("start", (labels,)))


def _tied(config: Config, seen: Seen) -> Weight:
    """The weights of the layer it is tied to."""
    other = seen.earlier.get(config["tied_to"])
    weights = {one.name: one for one in other.weights} if other is not None else {}
    if "kernel" not in weights or len(weights["kernel"].shape) != 2:
        names = [
            name for name, facts in seen.earlier.items() if any(one.name == "kernel" for one in facts.weights)
        ]
        told = f"the layers it can use: {', '.join(names)}" if names else "there is no dense layer before it"
        raise NetworkError(
            f'cannot be tied to "{config["tied_to"]}", which is no dense layer before it; {told}'
        )
    return weights["kernel"]


def _tied_shape(config: Config, seen: Seen) -> Shape:
    return (*seen.shape[:-1], _tied(config, seen).shape[0])


def _tied_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    return (Weight("bias", (_tied(config, seen).shape[0],)),) if config["use_bias"] else ()


def _tied_check(config: Config, seen: Seen) -> None:
    _needs_axis(config, seen)
    wanted = _tied(config, seen).shape[1]
    if seen.shape[-1] != wanted:
        raise NetworkError(
            f'needs the {wanted} features that "{config["tied_to"]}" gives, but gets {shown(seen.shape)}; '
            "mirror the layers of the encoder one by one"
        )


RULES = (
    Rule(
        kind="dense",
        keras="Dense",
        title="Dense",
        group="Core",
        purpose="Make each output from all features of a sample, by learned weights.",
        advice="Of a sequence or picture it works on the last axis, the same at each place. As the last layer take "
        "as many units as there are targets, with softmax for classes, sigmoid for yes or no, linear for numbers.",
        options=(size("units", 32, "How many outputs it has."), activation("linear"), USE_BIAS, *_DENSE_TUNING),
        shape=_dense_shape,
        weights=dense_weights,
        check=_needs_axis,
        dtype="float",
        keywords=("fully connected", "linear layer", "perceptron", "mlp"),
    ),
    Rule(
        kind="time_distributed",
        keras="TimeDistributed",
        title="Time Distributed Dense",
        group="Core",
        purpose="Put one dense layer on each step of a sequence, the same weights for all steps.",
        advice="Dense does the same on a sequence; this one says it plainly, and keeps a mask.",
        options=(size("units", 32, "How many outputs each step has."), activation("linear"), USE_BIAS, *_DENSE_TUNING),
        ranks=(2, 3, 4),
        shape=_dense_shape,
        weights=dense_weights,
        dtype="float",
        instead={1: "take Dense, as there are no steps"},
        keywords=("each step", "sequence"),
    ),
    Rule(
        kind="embedding",
        keras="Embedding",
        title="Embedding",
        group="Core",
        purpose="Give each whole number, such as that of a word, a learned vector.",
        advice="With the mask on, 0 stands for padding and later layers leave those steps out.",
        options=(
            size("input_dim", 20_000, "How many different numbers there are; they run from 0 to one less.", "Vocabulary"),
            size("output_dim", 64, "How many numbers a vector has.", "Vector length"),
            Option("mask_zero", "boolean", False, "Whether 0 is padding that later layers leave out."),
            *tuning(("embeddings", "random_uniform")),
        ),
        shape=_embedding_shape,
        weights=_embedding_weights,
        check=_embedding_check,
        dtype="float",
        mask="makes",
        keywords=("word vectors", "lookup", "tokens"),
    ),
    Rule(
        kind="masking",
        keras="Masking",
        title="Masking",
        group="Core",
        purpose="Leave out the steps of a sequence whose features all have one value.",
        options=(Option("mask_value", "number", 0.0, "The value that marks a step as missing."),),
        ranks=(2, 3, 4),
        mask="makes",
        instead={1: "a mask needs steps of time"},
        keywords=("padding", "missing steps"),
    ),
    Rule(
        kind="activation",
        keras="Activation",
        title="Activation",
        group="Core",
        purpose="Put a function on each number.",
        options=(activation("relu", of="The function."),),
        check=_needs_axis,
        keywords=("relu", "sigmoid", "tanh", "softmax", "nonlinearity"),
    ),
    Rule(
        kind="leaky_relu",
        keras="LeakyReLU",
        title="Leaky ReLU",
        group="Core",
        purpose="Keep positive numbers and make negative ones small.",
        options=(
            Option("negative_slope", "number", 0.3, "What negative numbers are multiplied by.", minimum=0, maximum=1e6),
        ),
        dtype="float",
        keywords=("activation",),
    ),
    Rule(
        kind="prelu",
        keras="PReLU",
        title="PReLU",
        group="Core",
        purpose="Keep positive numbers and multiply negative ones by a learned slope.",
        options=(
            Option(
                "shared_axes", "integers", None, "Axes along which the slope is the same, from 1 on; empty for none.",
                minimum=1, optional=True, advanced=True,
            ),
            *tuning(("alpha", "zeros")),
        ),
        weights=_prelu_weights,
        check=_prelu_check,
        dtype="float",
        keywords=("activation", "parametric relu"),
    ),
    Rule(
        kind="elu",
        keras="ELU",
        title="ELU",
        group="Core",
        purpose="Keep positive numbers and bend negative ones towards a bound.",
        options=(Option("alpha", "number", 1.0, "Minus this is the bound.", minimum=0, maximum=1e6),),
        dtype="float",
        keywords=("activation",),
    ),
    Rule(
        kind="softmax",
        keras="Softmax",
        title="Softmax",
        group="Core",
        purpose="Turn numbers into shares that add up to 1.",
        options=(
            Option("axis", "integer", -1, "The axis along which they add up.", minimum=-8, maximum=8, advanced=True),
        ),
        check=lambda config, seen: _axis_check(config["axis"], seen),
        dtype="float",
        keywords=("activation", "probability"),
    ),
    Rule(
        kind="rescaling",
        keras="Rescaling",
        title="Rescaling",
        group="Core",
        purpose="Multiply by a number and add another.",
        advice="A scale of 1/255 brings the pixels of pictures to 0 to 1.",
        options=(
            Option("scale", "number", 1 / 255, "What numbers are multiplied by."),
            Option("offset", "number", 0.0, "What is added then."),
        ),
        dtype="float",
        keywords=("normalise", "pixels", "scale"),
    ),
    Rule(
        kind="ctc_head",
        keras="",
        title="CTC Head",
        group="Heads",
        purpose="Give for each step a score for each label and for a blank, as the CTC loss wants them.",
        advice="The blank is label 0, so labels count from 1. The loss takes scores; choose softmax only to look at "
        "probabilities.",
        options=(
            size("labels", 26, "How many labels there are, without the blank."),
            Option("activation", "choice", "linear", "Scores, or shares that add up to 1.", choices=("linear", "softmax")),
            *tuning(("kernel", "glorot_uniform"), ("bias", "zeros")),
        ),
        ranks=(2,),
        shape=_ctc_shape,
        weights=_ctc_weights,
        dtype="float",
        instead={3: "put a Reshape before it that makes one axis of time", 1: "keep the steps: return_sequences"},
        keywords=("connectionist temporal classification", "speech", "handwriting", "blank"),
    ),
    Rule(
        kind="crf_head",
        keras="",
        title="CRF Head",
        group="Heads",
        purpose="Score each label after each other label, at each step, so that whole sequences of labels are chosen.",
        advice="For tags such as those of names in a text: a conditional random field learns which label may follow which, "
        "which a softmax at each step cannot. The target has the number of a label for each step, and -1 where there is "
        "none. The loss is that of the whole sequence; the best sequence is found by Viterbi's algorithm. Lafferty, "
        "McCallum and Pereira, Conditional random fields (2001).",
        options=(
            size("labels", 9, "How many labels there are."),
            *tuning(("kernel", "glorot_uniform"), ("bias", "zeros"), ("transitions", "glorot_uniform")),
        ),
        ranks=(2,),
        shape=_crf_shape,
        weights=_crf_weights,
        dtype="float",
        mask="ends",
        instead={3: "put a Reshape before it that makes one axis of time", 1: "keep the steps: return_sequences"},
        keywords=("conditional random field", "viterbi", "tagger", "named entities", "bilstm-crf"),
    ),
    Rule(
        kind="tied_dense",
        keras="",
        title="Tied Dense",
        group="Heads",
        purpose="Undo a dense layer by its own weights the other way round.",
        advice="For autoencoders: the decoder has no weights of its own but a bias. It gives as many outputs as the "
        "layer it is tied to has inputs.",
        options=(
            Option("tied_to", "text", "dense", "The name of the dense layer whose weights it uses."),
            activation("linear"),
            USE_BIAS,
            *tuning(("bias", "zeros")),
        ),
        shape=_tied_shape,
        weights=_tied_weights,
        check=_tied_check,
        dtype="float",
        keywords=("autoencoder", "transposed", "weight sharing"),
    ),
)  # fmt: skip


def _axis_check(axis: int, seen: Seen) -> None:
    if not -len(seen.shape) <= axis <= len(seen.shape) or axis == 0:
        raise NetworkError(
            f"axis {axis} is not there: it gets {shown(seen.shape)}; count from 1, or back from -1"
        )
