"""A stand-in for narwhals that writes Polars source: what would be computed is noted as text."""

from __future__ import annotations

from typing import Any


class Source:
    """A piece of source text; whatever is done to it gives a longer one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __getattr__(self, name: str) -> Source:
        if name.startswith("__"):
            raise AttributeError(name)
        return Source(f"{self.text}.{name}")

    def __call__(self, *given: Any, **named: Any) -> Source:
        parts = [_written(one) for one in given] + [f"{name}={_written(one)}" for name, one in named.items()]
        return Source(f"{self.text}({', '.join(parts)})")

    def __invert__(self) -> Source:
        return Source(f"~{self.text}" if self.text.startswith("(") else f"~({self.text})")

    def __repr__(self) -> str:
        return f"Source({self.text!r})"

    __hash__ = object.__hash__


def _written(value: Any) -> str:
    if isinstance(value, Source):
        return value.text
    if isinstance(value, list | tuple):
        return f"[{', '.join(_written(one) for one in value)}]"
    if type(value).__module__.startswith("polars."):
        return f"pl.{value!r}"  # a type such as Int64
    return repr(value)


def _operator(name: str, sign: str) -> None:
    def forward(self: Source, other: Any) -> Source:
        return Source(f"({self.text} {sign} {_written(other)})")

    def backward(self: Source, other: Any) -> Source:
        return Source(f"({_written(other)} {sign} {self.text})")

    setattr(Source, f"__{name}__", forward)
    if name not in ("eq", "ne", "lt", "le", "gt", "ge"):
        setattr(Source, f"__r{name}__", backward)


for _name, _sign in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "and": "&", "or": "|", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}.items():  # fmt: skip
    _operator(_name, _sign)


POLARS = Source("pl")
"""In place of the module narwhals."""


def column(name: str) -> Source:
    """A column by its literal name; Polars takes some names as patterns."""
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return Source(f"pl.selectors.by_name({name!r})")
    return Source(f"pl.col({name!r})")
