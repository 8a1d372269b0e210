"""Convolutions: the same small filters on every place of a sequence or picture."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, Weight, known_size, shown
from nodeflow.networks.rules.common import ACTIVITY, USE_BIAS, activation, size, tuning

INSTEAD = {
    1: {
        1: "put a Reshape to time x feature before it, or take Dense",
        3: "take the layer for pictures, or put a Reshape before it",
    },
    2: {
        1: "put a Reshape to height x width x channel before it, or take Dense",
        2: "take the layer for sequences (Conv1D and the like), or put a Reshape before it that adds the channel",
    },
}
"""What to take instead of a layer for sequences (1) or pictures (2), by the rank that came."""


def window_length(length: int | None, size: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    """How many places a window of this size has along an axis."""
    if length is None:
        return None
    if padding in ("same", "causal"):
        return -(-length // stride)
    span = (size - 1) * dilation + 1
    if length < span:
        raise NetworkError(
            f"its window of {span} does not fit into a length of {length}; make it smaller, or set the padding to same"
        )
    return (length - span) // stride + 1


def transposed_length(length: int | None, size: int, stride: int, padding: str) -> int | None:
    """How long an axis becomes when a convolution is undone."""
    if length is None:
        return None
    return length * stride if padding == "same" else length * stride + max(size - stride, 0)


def _windows(axes: int, *, dilates: bool = True, causal: bool = False) -> tuple[Option, ...]:
    kind: Any = "integer" if axes == 1 else "integers"
    length = None if axes == 1 else axes
    size: Any = 3 if axes == 1 else [3] * axes
    one: Any = 1 if axes == 1 else [1] * axes
    paddings = ("valid", "same", "causal") if causal else ("valid", "same")
    earlier = "; causal looks at earlier steps only" if causal else ""
    told = (
        Option("kernel_size", kind, size, "How many places a filter sees.", minimum=1, maximum=10_000, length=length),
        Option("strides", kind, one, "How many places it moves on.", minimum=1, maximum=10_000, length=length),
        Option(
            "padding", "choice", "same",
            f"Same keeps the length by zeros around, valid stays within{earlier}.", choices=paddings,
        ),
    )  # fmt: skip
    if not dilates:
        return told
    return (
        *told,
        Option(
            "dilation_rate", kind, one, "How far apart the places lie that a filter sees.", minimum=1, maximum=10_000,
            length=length, advanced=True,
        ),
    )  # fmt: skip


def _each(config: Config, name: str, axes: int) -> list[int]:
    value = config.get(name, 1)
    return list(value) if isinstance(value, list) else [value] * axes


def _shape_of(axes: int, channels: Any, *, transposed: bool = False) -> Any:
    def shape(config: Config, seen: Seen) -> Shape:
        sizes, strides, dilations = (
            _each(config, one, axes) for one in ("kernel_size", "strides", "dilation_rate")
        )
        padding = config["padding"]
        lengths = [
            transposed_length(seen.shape[axis], sizes[axis], strides[axis], padding)
            if transposed
            else window_length(seen.shape[axis], sizes[axis], strides[axis], padding, dilations[axis])
            for axis in range(axes)
        ]
        return (*lengths, channels(config, seen))

    return shape


def _filters(config: Config, seen: Seen) -> int:
    return int(config["filters"])


def _multiplied(config: Config, seen: Seen) -> int:
    return known_size(seen.shape, -1, "the axis of channels") * int(config["depth_multiplier"])


def _bias(config: Config, count: int) -> tuple[Weight, ...]:
    return (Weight("bias", (count,)),) if config["use_bias"] else ()


def _weights_of(axes: int, form: str) -> Any:
    def weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
        places = _each(config, "kernel_size", axes)
        channels = known_size(seen.shape, -1, "the axis of channels")
        if form == "depthwise":
            multiplier = config["depth_multiplier"]
            kernel = Weight("kernel", (*places, channels, multiplier))
            return (kernel, *_bias(config, channels * multiplier))
        filters = config["filters"]
        if form == "separable":
            multiplier = config["depth_multiplier"]
            ones = [1] * axes
            return (
                Weight("depthwise_kernel", (*places, channels, multiplier)),
                Weight("pointwise_kernel", (*ones, channels * multiplier, filters)),
                *_bias(config, filters),
            )
        if form == "transposed":
            return (Weight("kernel", (*places, filters, channels)), *_bias(config, filters))
        return (Weight("kernel", (*places, channels // config["groups"], filters)), *_bias(config, filters))

    return weights


def _check(config: Config, seen: Seen) -> None:
    channels = known_size(seen.shape, -1, "the axis of channels")
    groups = config.get("groups", 1)
    if channels % groups or config.get("filters", groups) % groups:
        raise NetworkError(
            f"its {groups} groups must divide its filters and the {channels} channels that come in, "
            f"{shown(seen.shape)}; set groups to 1"
        )
    _check_steps(config)


def _check_steps(config: Config) -> None:
    strides = config["strides"] if isinstance(config["strides"], list) else [config["strides"]]
    rate = config.get("dilation_rate", 1)
    rates = rate if isinstance(rate, list) else [rate]
    if max(strides) > 1 and max(rates) > 1:
        raise NetworkError("cannot have both strides and a dilation above 1; set one of them to 1")


def _check_equal_steps(config: Config, seen: Seen) -> None:
    """Depthwise filters move equally far along all axes."""
    _check(config, seen)
    if isinstance(config["strides"], list) and len(set(config["strides"])) > 1:
        raise NetworkError("must move equally far along both axes; give one number for the strides")


_GROUPS = Option(
    "groups", "integer", 1, "Into how many groups the channels are parted, each with filters of its own.",
    minimum=1, maximum=100_000, advanced=True,
)  # fmt: skip
_MULTIPLIER = Option(
    "depth_multiplier", "integer", 1, "How many filters each channel gets.", minimum=1, maximum=10_000
)
_DEPTH_TUNING = tuning(("depthwise", "glorot_uniform"), ("bias", "zeros"))
_SEPARABLE_TUNING = tuning(
    ("depthwise", "glorot_uniform"), ("pointwise", "glorot_uniform"), ("bias", "zeros")
)
_KERNEL_TUNING = tuning(("kernel", "glorot_uniform"), ("bias", "zeros"))


def _rules(axes: int) -> tuple[Rule, ...]:
    what = "sequence" if axes == 1 else "picture"
    ends = f"{axes}D"
    rank = axes + 1
    common: dict[str, Any] = {
        "group": "Convolution",
        "ranks": (rank,),
        "dtype": "float",
        "mask": "ends",
        "instead": INSTEAD[axes],
    }
    words = ("time series", "text") if axes == 1 else ("image", "cnn", "vision")
    return (
        Rule(
            kind=f"conv{axes}d", keras=f"Conv{ends}", title=f"Conv{ends}",
            purpose=f"Look for learned patterns at every place of a {what}.",
            advice="Pooling after it makes the result smaller; a Flatten or global pooling, then Dense, make the end.",
            options=(
                size("filters", 32, "How many patterns it looks for."), *_windows(axes, causal=axes == 1),
                activation("relu"),
                _GROUPS, USE_BIAS, *_KERNEL_TUNING, ACTIVITY,
            ),
            shape=_shape_of(axes, _filters), weights=_weights_of(axes, "plain"), check=_check,
            keywords=("convolution", "filter", *words), **common,
        ),
        Rule(
            kind=f"depthwise_conv{axes}d", keras=f"DepthwiseConv{ends}", title=f"Depthwise Conv{ends}",
            purpose=f"Look for patterns in each channel of a {what} by itself.",
            options=(
                _MULTIPLIER, *_windows(axes), activation("linear"), USE_BIAS, *_DEPTH_TUNING, ACTIVITY,
            ),
            shape=_shape_of(axes, _multiplied), weights=_weights_of(axes, "depthwise"), check=_check_equal_steps,
            keywords=("convolution", "mobilenet", *words), **common,
        ),
        Rule(
            kind=f"separable_conv{axes}d", keras=f"SeparableConv{ends}", title=f"Separable Conv{ends}",
            purpose=f"Look for patterns of a {what} in each channel, then mix the channels: far fewer weights.",
            options=(
                size("filters", 32, "How many channels come out."), *_windows(axes), activation("relu"), _MULTIPLIER,
                USE_BIAS, *_SEPARABLE_TUNING, ACTIVITY,
            ),
            shape=_shape_of(axes, _filters), weights=_weights_of(axes, "separable"), check=_check_equal_steps,
            keywords=("convolution", "xception", *words), **common,
        ),
        Rule(
            kind=f"conv{axes}d_transpose", keras=f"Conv{ends}Transpose", title=f"Conv{ends} Transpose",
            purpose=f"Make a {what} larger by learned patterns, as the decoder of an autoencoder does.",
            options=(
                size("filters", 32, "How many channels come out."), *_windows(axes, dilates=False),
                activation("relu"), USE_BIAS, *_KERNEL_TUNING, ACTIVITY,
            ),
            shape=_shape_of(axes, _filters, transposed=True), weights=_weights_of(axes, "transposed"), check=_check,
            keywords=("deconvolution", "upsampling", "decoder", *words), **common,
        ),
    )  # fmt: skip


RULES = (*_rules(1), *_rules(2))
