"""The tree of a formula: what was written, with the place of each part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Constant:
    """A number, text, truth value, or None for the word missing."""

    value: Any
    position: int


@dataclass(frozen=True)
class Name:
    """A column."""

    name: str
    position: int


@dataclass(frozen=True)
class Values:
    """A list of constants, on the right of `in`."""

    values: tuple[Any, ...]
    position: int


@dataclass(frozen=True)
class Apply:
    """An operator, such as "+" or "and", or a function by its name, applied to parts."""

    name: str
    parts: tuple[Tree, ...]
    position: int
    is_function: bool = False


Tree = Constant | Name | Values | Apply


def walk(tree: Tree) -> Iterator[Tree]:
    """Every part, the tree itself first, from left to right."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Apply):
            waiting.extend(reversed(one.parts))
