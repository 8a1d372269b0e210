"""Functions of the formula language: declared once, for checking, running, exporting and help."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nodeflow.expressions.kinds import common


@dataclass(frozen=True)
class Parameter:
    """One argument of a function: the kinds it takes, and whether it must be a constant."""

    name: str
    kinds: tuple[str, ...]
    constant: bool = False
    default: Any = None
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Function:
    """A function: how it is written, what it gives, and how it becomes a query.

    `build` takes a namespace with the names of narwhals (or the recorder that writes Polars source),
    then the arguments: expressions, or plain values for constant ones. It may ask for the kinds of the
    arguments by the keyword `kinds`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: str
    help: str
    group: str
    build: Callable[..., Any]
    example: tuple[str, Any]
    aliases: tuple[str, ...] = ()
    with_kinds: bool = False
    usage: str = ""
    whole_column: bool = False

    def result_kind(self, kinds: Sequence[str]) -> str:
        """The kind of the result for arguments of these kinds."""
        if self.result == "same":
            return kinds[0] if kinds[0] != "missing" else "any"
        if self.result == "common":
            return common(list(kinds)) or "any"
        if self.result == "number":
            return "integer" if all(kind == "integer" for kind in kinds) else "float"
        return self.result


_USAGE = re.compile(r"(\w+)\((.*)\) -> (\w+)")
_ARGUMENT = re.compile(r"(\*?)(\w+): (constant )?([\w |]+?)(?: = (.+))?")


class Group:
    """Collects the functions of one group: `define` reads a usage line such as `round(x: number) -> same`."""

    def __init__(self, name: str, *, whole_column: bool = False) -> None:
        self.name = name
        self.whole_column = whole_column
        self.functions: list[Function] = []

    def define(
        self,
        usage: str,
        help: str,
        build: Callable[..., Any],
        example: tuple[str, Any],
        *aliases: str,
        with_kinds: bool = False,
    ) -> None:
        """Add a function."""
        found = _USAGE.fullmatch(usage)
        assert found is not None, usage
        parameters = []
        for text in found[2].split(", ") if found[2] else []:
            argument = _ARGUMENT.fullmatch(text)
            assert argument is not None, text
            kinds = tuple(part.strip() for part in argument[4].split("|"))
            default = _constant(argument[5]) if argument[5] else None
            parameters.append(
                Parameter(
                    argument[2],
                    kinds,
                    bool(argument[3]),
                    default,
                    argument[5] is not None,
                    argument[1] == "*",
                )
            )
        shown = f"{found[1]}({', '.join(_shown(one) for one in parameters)})"
        self.functions.append(
            Function(
                found[1],
                tuple(parameters),
                found[3],
                help,
                self.name,
                build,
                example,
                aliases,
                with_kinds,
                shown,
                self.whole_column,
            )
        )


def _shown(one: Parameter) -> str:
    if one.repeated:
        return f"{one.name}, …"
    return f"{one.name} = {one.default!r}" if one.optional else one.name


def _constant(text: str) -> Any:
    if text.startswith('"'):
        return text.strip('"')
    return {"true": True, "false": False}[text] if text in ("true", "false") else int(text)
