"""Options of layers: their kinds, bounds and choices as data, and how a value is read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from nodeflow.errors import did_you_mean, shorten
from nodeflow.networks.faults import NetworkError

OptionKind = Literal[
    "integer", "number", "boolean", "choice", "text", "integers", "pads", "initializer", "regularizer", "constraint"
]  # fmt: skip

ACTIVATIONS = (
    "linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "gelu", "silu", "softplus", "softsign",
    "exponential", "hard_sigmoid", "leaky_relu", "relu6", "mish", "log_softmax",
)  # fmt: skip
INITIALIZERS = (
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal",
    "identity", "zeros", "ones", "random_normal", "random_uniform", "truncated_normal", "constant",
)  # fmt: skip
SCALED = ("orthogonal", "identity", "random_normal", "random_uniform", "truncated_normal", "constant")
"""Initialisers that take a number: the gain, the standard deviation, the limit or the value."""
CONSTRAINTS = ("non_negative", "unit_norm", "max_norm")

MOST = 1 << 20
"""The largest size along one axis that an option may ask for."""


@dataclass(frozen=True)
class Option:
    """One option of a layer.

    Attributes:
        name: as in Keras.
        kind: what its values are. "integers" is a list of whole numbers, a lone one stands for all of them;
            "pads" is a list of pairs, before and after; "initializer" a name, which may carry a number as in
            "orthogonal(1.5)"; "regularizer" an object with "l1" and "l2", or null; "constraint" a name, or
            "max_norm(3)".
        default: the value where none is given.
        help: a sentence for the dialog.
        length: how many entries a list has; None for any number.
        optional: whether null is a value.
        advanced: whether it is folded away, and left out of JSON at its default.
    """

    name: str
    kind: OptionKind
    default: Any
    help: str
    label: str = ""
    minimum: float | None = None
    maximum: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    length: int | None = None
    optional: bool = False
    advanced: bool = False

    def read(self, value: Any) -> Any:
        """A value in its one canonical form.

        Raises:
            NetworkError: it is no value of this option; the text goes after the option's name.
        """
        if value is None or (self.optional and value == "none"):
            if self.optional:
                return None
            raise self._fault(value)
        return _READERS[self.kind](self, value)

    def requirement(self) -> str:
        """What is accepted, in words."""
        bounds = "".join(
            f" {word} {limit:,.12g}"
            for word, limit in (("from", self.minimum), ("to", self.maximum), ("below", self.below))
            if limit is not None
        )
        words = {
            "integer": f"a whole number{bounds}",
            "number": f"a number{bounds}",
            "boolean": "true or false",
            "choice": f"one of {', '.join(self.choices)}",
            "text": "a text",
            "integers": f"{self.length or 'some'} whole numbers{bounds}",
            "pads": "whole numbers of at least 0, before and after each axis",
            "initializer": f"one of {', '.join(INITIALIZERS)}, some with a number as in orthogonal(1.5)",
            "regularizer": 'an object such as {"l1": 0, "l2": 0.01} with numbers of at least 0',
            "constraint": "non_negative, unit_norm or max_norm with a number as in max_norm(3)",
        }[self.kind]
        return f"{words}, or null" if self.optional else words

    def _fault(self, value: Any) -> NetworkError:
        shown = shorten(repr(value) if not isinstance(value, str) else f'"{value}"', 60)
        return NetworkError(f"{self.name} must be {self.requirement()}, not {shown}", option=self.name)

    def _within(self, number: float) -> bool:
        return (
            math.isfinite(number)
            and (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (self.below is None or number < self.below)
        )


def _integer(option: Option, value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or abs(value) > 1 << 53
        or not option._within(value)
    ):
        raise option._fault(value)
    return value


def _number(option: Option, value: Any) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        raise option._fault(value)
    if not option._within(value):
        raise option._fault(value)
    return float(value)


_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*")


def _boolean(option: Option, value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise option._fault(value)
    return value


def _choice(option: Option, value: Any) -> str:
    if not isinstance(value, str) or value not in option.choices:
        fault = option._fault(value)
        if isinstance(value, str):
            fault = NetworkError(f"{fault}; {did_you_mean(value, list(option.choices))}", option=option.name)
        raise fault
    return value


def _text(option: Option, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise option._fault(value)
    return value


def _integers(option: Option, value: Any) -> list[int]:
    if isinstance(value, str):
        value = re.split(r"\s*[,x× ]\s*", value.strip())
    many = list(value) if isinstance(value, list | tuple) else [value]
    if len(many) == 1 and option.length:
        many = many * option.length
    if len(many) != (option.length or len(many)) or not 0 < len(many) <= 8:
        raise option._fault(value)
    try:
        return [_integer(option, one) for one in many]
    except NetworkError:
        raise option._fault(value) from None


def _pads(option: Option, value: Any) -> list[list[int]]:
    """Pairs: one for each axis. One number stands for all, one for an axis for both of its ends."""
    axes = option.length or 1
    if isinstance(value, str):
        value = re.split(r"\s*[,x× ]\s*", value.strip())
    many = list(value) if isinstance(value, list | tuple) else [value]
    flat: list[Any] = []
    for one in many:
        flat.extend(one if isinstance(one, list | tuple) else [one])
    if len(many) == axes and len(flat) == axes and axes > 1:
        flat = [end for end in flat for _ in range(2)]
    elif len(flat) == 1:
        flat = flat * (2 * axes)
    if len(flat) != 2 * axes:
        raise option._fault(value)
    try:
        ends = [_integer(option, one) for one in flat]
    except NetworkError:
        raise option._fault(value) from None
    return [ends[axis * 2 : axis * 2 + 2] for axis in range(axes)]


_CALL = re.compile(r"([a-z_]+)(?:\(([^()]{1,30})\))?")


def named_number(text: str) -> tuple[str, float | None]:
    """Name and number of a text such as "orthogonal(1.5)"."""
    found = _CALL.fullmatch(text)
    if found is None or (found[2] is not None and not _NUMBER.fullmatch(found[2])):
        raise NetworkError(f'"{shorten(text, 40)}" is no name with a number')
    return found[1], None if found[2] is None else float(found[2])


def _named(names: tuple[str, ...], with_number: tuple[str, ...]) -> Any:
    def read(option: Option, value: Any) -> str:
        try:
            name, number = named_number(value)
        except (NetworkError, TypeError):
            raise option._fault(value) from None
        if name not in names or (number is not None and (name not in with_number or abs(number) > 1e6)):
            raise option._fault(value)
        return name if number is None else f"{name}({number:.12g})"

    return read


def _regularizer(option: Option, value: Any) -> dict[str, float] | None:
    if not isinstance(value, dict) or not set(value) <= {"l1", "l2"}:
        raise option._fault(value)
    strengths = {}
    for name in ("l1", "l2"):
        one = value.get(name, 0.0)
        if isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one < 1e9:
            raise option._fault(value)
        strengths[name] = float(one)
    return strengths if any(strengths.values()) else None


_READERS: dict[str, Any] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "text": _text,
    "integers": _integers,
    "pads": _pads,
    "initializer": _named(INITIALIZERS, SCALED),
    "regularizer": _regularizer,
    "constraint": _named(CONSTRAINTS, ("max_norm",)),
}
