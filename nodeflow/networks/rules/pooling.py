"""Pooling, and layers that make sequences and pictures longer or shorter by plain means."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, known_size, nothing, shown
from nodeflow.networks.rules.convolution import INSTEAD, window_length


def _list(value: Any, axes: int) -> list[Any]:
    return list(value) if isinstance(value, list) else [value] * axes


def _pool_options(axes: int) -> tuple[Option, ...]:
    kind: Any = "integer" if axes == 1 else "integers"
    length = None if axes == 1 else axes
    return (
        Option(
            "pool_size", kind, 2 if axes == 1 else [2] * axes, "How many places become one.", minimum=1,
            maximum=10_000, length=length,
        ),
        Option(
            "strides", kind, None, "How many places it moves on; empty for the size of the pool.", minimum=1,
            maximum=10_000, length=length, optional=True, advanced=True,
        ),
        Option(
            "padding", "choice", "valid", "Valid leaves an incomplete end out, same keeps it.", choices=("valid", "same")
        ),
    )  # fmt: skip


def _pool_shape(axes: int) -> Any:
    def shape(config: Config, seen: Seen) -> Shape:
        sizes = _list(config["pool_size"], axes)
        strides = _list(config["strides"] or config["pool_size"], axes)
        return (
            *(
                window_length(seen.shape[axis], sizes[axis], strides[axis], config["padding"])
                for axis in range(axes)
            ),
            seen.shape[-1],
        )

    return shape


def _global_shape(config: Config, seen: Seen) -> Shape:
    return (*([1] * (len(seen.shape) - 1)), seen.shape[-1]) if config["keepdims"] else (seen.shape[-1],)


_KEEP = Option(
    "keepdims", "boolean", False, "Whether the axes stay, with a length of 1.", advanced=True
)  # fmt: skip


def _grow_shape(axes: int) -> Any:
    def shape(config: Config, seen: Seen) -> Shape:
        sizes = _list(config["size"], axes)
        return (
            *(
                None if length is None else length * sizes[axis]
                for axis, length in enumerate(seen.shape[:axes])
            ),
            seen.shape[-1],
        )

    return shape


def _pad_shape(axes: int, name: str, sign: int) -> Any:
    def shape(config: Config, seen: Seen) -> Shape:
        lengths = []
        for length, (before, after) in zip(seen.shape[:axes], config[name], strict=True):
            new = None if length is None else length + sign * (before + after)
            if new is not None and new <= 0:
                raise NetworkError(f"cuts off all of {shown(seen.shape)}; cut less")
            lengths.append(new)
        return (*lengths, seen.shape[-1])

    return shape


def _pads(name: str, axes: int, default: Any, help: str) -> Option:
    return Option(name, "pads", default, help, minimum=0, maximum=100_000, length=axes)


def _interpolates(config: Config, seen: Seen) -> None:
    if config["interpolation"] != "nearest":
        for axis in range(2):
            known_size(seen.shape, axis, "height and width, between whose pixels it draws,")


def _rules(axes: int) -> tuple[Rule, ...]:
    what = "sequence" if axes == 1 else "picture"
    common: dict[str, Any] = {"ranks": (axes + 1,), "mask": "ends", "instead": INSTEAD[axes]}
    pooling: dict[str, Any] = {
        "group": "Pooling",
        "options": _pool_options(axes),
        "shape": _pool_shape(axes),
        "keywords": ("downsample", "subsample"),
        **common,
    }
    globally: dict[str, Any] = {
        "group": "Pooling", "options": (_KEEP,), "shape": _global_shape, "keywords": ("vector", "summarise"), **common,
    }  # fmt: skip
    ways: tuple[Option, ...] = ()
    if axes == 2:
        ways = (
            Option(
                "interpolation", "choice", "nearest", "Repeat pixels, or draw between them.",
                choices=("nearest", "bilinear", "bicubic"), advanced=True,
            ),
        )  # fmt: skip
    pads: Any = [[1, 1]] * axes
    return (
        Rule(
            kind=f"max_pooling{axes}d", keras=f"MaxPooling{axes}D", title=f"Max Pooling {axes}D",
            purpose=f"Make a {what} smaller by keeping the largest of neighbouring places.", **pooling,
        ),
        Rule(
            kind=f"average_pooling{axes}d", keras=f"AveragePooling{axes}D", title=f"Average Pooling {axes}D",
            purpose=f"Make a {what} smaller by the mean of neighbouring places.", **{**pooling, "dtype": "keep"},
        ),
        Rule(
            kind=f"global_max_pooling{axes}d", keras=f"GlobalMaxPooling{axes}D", title=f"Global Max Pooling {axes}D",
            purpose=f"Keep of a whole {what} the largest value of each channel.", **globally,
        ),
        Rule(
            kind=f"global_average_pooling{axes}d", keras=f"GlobalAveragePooling{axes}D",
            title=f"Global Average Pooling {axes}D",
            purpose=f"Take the mean of each channel over a whole {what}.", **globally,
        ),
        Rule(
            kind=f"up_sampling{axes}d", keras=f"UpSampling{axes}D", title=f"Up Sampling {axes}D", group="Pooling",
            purpose=f"Make a {what} larger by repeating its places.",
            options=(
                Option(
                    "size", "integer" if axes == 1 else "integers", 2 if axes == 1 else [2] * axes,
                    "How many places each becomes.", minimum=1, maximum=10_000, length=None if axes == 1 else axes,
                ),
                *ways,
            ),
            shape=_grow_shape(axes), keywords=("decoder", "enlarge"), **common,
            check=_interpolates if axes == 2 else nothing,
        ),
        Rule(
            kind=f"zero_padding{axes}d", keras=f"ZeroPadding{axes}D", title=f"Zero Padding {axes}D", group="Pooling",
            purpose=f"Put zeros around a {what}.",
            options=(_pads("padding", axes, pads, "How many zeros before and after, for each axis."),),
            shape=_pad_shape(axes, "padding", 1), keywords=("border", "margin"), **common,
        ),
        Rule(
            kind=f"cropping{axes}d", keras=f"Cropping{axes}D", title=f"Cropping {axes}D", group="Pooling",
            purpose=f"Cut the ends of a {what} off.",
            options=(_pads("cropping", axes, pads, "How much to cut before and after, for each axis."),),
            shape=_pad_shape(axes, "cropping", -1), keywords=("trim", "cut"), **common,
        ),
    )  # fmt: skip


RULES = (*_rules(1), *_rules(2))
