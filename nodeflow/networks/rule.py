"""Rules: what a kind of layer takes and gives, known without building it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nodeflow.errors import did_you_mean, shorten
from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option

Shape = tuple[int | None, ...]
"""Without the axis of samples; None is a length that varies."""

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Weight:
    """One array that a layer holds; `fixed` ones are not trained, such as a running mean."""

    name: str
    shape: tuple[int, ...]
    fixed: bool = False

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Facts:
    """What is known of the output of an input or layer; `weights` are those of the layer itself."""

    shape: Shape
    dtype: str
    mask: bool = False
    weights: tuple[Weight, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What a layer sees: its inputs in order, and all layers before it by id."""

    inputs: tuple[Facts, ...]
    earlier: Mapping[str, Facts] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """The shape of the first input."""
        return self.inputs[0].shape

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of all inputs."""
        return tuple(one.shape for one in self.inputs)

    @property
    def mask(self) -> bool:
        """Whether the first input has a mask."""
        return self.inputs[0].mask


def _same_shape(config: Config, seen: Seen) -> Shape:
    return seen.shape


def _no_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    return ()


def nothing(config: Config, seen: Seen) -> None:
    """Check nothing."""


@dataclass(frozen=True)
class Rule:
    """What is known of a kind of layer.

    Attributes:
        kind: our name, which never changes.
        keras: the class in `keras.layers`, empty for a layer of our own.
        title: the name people see.
        group: where the palette shows it.
        purpose: what it does to the data, a sentence.
        advice: further help: when to take it, and how its options work together.
        options: in the order of the dialog.
        ranks: the numbers of axes an input may have, without the axis of samples; empty for any.
        inputs: least and most number of inputs.
        shape, weights, check: from settings and inputs; they raise `NetworkError` with a sentence.
        dtype: "keep" gives the type that comes in, "float" makes floating-point numbers of whole ones.
        mask: what becomes of a mask of the first input: "passes", "ends", "makes" one, or "time" where it
            passes on if the sequence does.
        instead: for a wrong rank, by the rank that came: what to take instead.
        aliases: other names of options that Keras has.
    """

    kind: str
    keras: str
    title: str
    group: str
    purpose: str
    advice: str = ""
    options: tuple[Option, ...] = ()
    ranks: tuple[int, ...] = ()
    inputs: tuple[int, int] = (1, 1)
    shape: Callable[[Config, Seen], Shape] = _same_shape
    weights: Callable[[Config, Seen], tuple[Weight, ...]] = _no_weights
    check: Callable[[Config, Seen], None] = nothing
    dtype: Literal["keep", "float"] = "keep"
    mask: Literal["passes", "ends", "makes", "time"] = "passes"
    instead: Mapping[int, str] = field(default_factory=dict)
    aliases: Mapping[str, Callable[[Any], dict[str, Any]]] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()

    def settings(self, config: Config) -> dict[str, Any]:
        """All options with their values, in canonical form.

        Raises:
            NetworkError: an option is unknown or has a value it cannot have.
        """
        known = {option.name: option for option in self.all_options}
        given: dict[str, Any] = {}
        for name, value in config.items():
            if name in self.aliases:
                given |= self.aliases[name](value)
            elif name in known:
                given[name] = value
            else:
                names = list(known)
                raise NetworkError(
                    f'there is no option "{shorten(str(name))}"; {did_you_mean(str(name), names)}',
                    option=str(name),
                )
        return {
            name: option.read(given[name]) if name in given else option.read(option.default)
            for name, option in known.items()
        }

    @property
    def all_options(self) -> tuple[Option, ...]:
        """The options, with those that every layer has."""
        return (*self.options, *((TRAINABLE,) if self.has_weights else ()))

    @property
    def has_weights(self) -> bool:
        """Whether such a layer can hold weights."""
        return self.weights is not _no_weights

    def facts(self, config: Config, seen: Seen) -> Facts:
        """What comes out of a layer with these settings.

        Raises:
            NetworkError: the layer cannot take what comes in.
        """
        self._check_inputs(seen)
        self.check(config, seen)
        dtype = seen.inputs[0].dtype
        if self.dtype == "float" and not dtype.startswith(("float", "bfloat")):
            dtype = "float32"
        return Facts(
            self.shape(config, seen), dtype, self._gives_mask(config, seen), self.weights(config, seen)
        )

    def _gives_mask(self, config: Config, seen: Seen) -> bool:
        if self.mask == "time":
            return seen.mask and bool(config["return_sequences"])
        if self.mask == "makes":
            return bool(config.get("mask_zero", True))
        return self.mask == "passes" and seen.mask

    def _check_inputs(self, seen: Seen) -> None:
        least, most = self.inputs
        count = len(seen.inputs)
        if not least <= count <= most:
            wanted = (
                f"{least}" if least == most else f"{least} to {most}" if most < 99 else f"{least} or more"
            )
            raise NetworkError(f"needs {wanted} input{'s' if most > 1 else ''}, but gets {count}")
        rank = len(seen.shape)
        if self.ranks and rank not in self.ranks:
            wanted = " or ".join(AXES[one] for one in self.ranks)
            way_out = self.instead.get(rank, "put a Reshape before it")
            raise NetworkError(f"needs {wanted}, but gets {shown(seen.shape)}; {way_out}")


TRAINABLE = Option(
    "trainable", "boolean", True, "Whether its weights change in training; off freezes them.", advanced=True
)

AXES = {
    0: "a single number",
    1: "feature",
    2: "time x feature",
    3: "height x width x channel",
    4: "time x height x width x channel",
}
"""What the axes of a sample usually are, by their number."""


def shown(shape: Shape) -> str:
    """A shape for people, with the usual meaning of its axes: `96 x 3 (time x feature)`."""
    sizes = " x ".join("?" if size is None else f"{size}" for size in shape) or "one number"
    meaning = AXES.get(len(shape), f"{len(shape)} axes")
    return f"{meaning} ({sizes})"


def known_size(shape: Shape, axis: int, what: str = "the last axis") -> int:
    """The size along an axis; raises where it varies."""
    size = shape[axis] if shape else None
    if size is None:
        raise NetworkError(
            f"needs {what} to have a fixed size, but gets {shown(shape)}; give the input a fixed shape there"
        )
    return size
