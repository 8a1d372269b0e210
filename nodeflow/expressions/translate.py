"""From a checked tree to an expression: for narwhals, or for the recorder that writes Polars source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodeflow.expressions.check import Checker, arguments_of
from nodeflow.expressions.function import Function
from nodeflow.expressions.functions import FUNCTIONS
from nodeflow.expressions.tree import Apply, Constant, Name, Tree, Values

Columns = Callable[[str], Any]
"""Gives the expression of a column by its literal name."""


class Translator:
    """Builds expressions with the names in `nw`, a namespace like narwhals."""

    def __init__(self, nw: Any, column: Columns, kinds: Mapping[str, str], text: str) -> None:
        self.nw = nw
        self.column = column
        self.checker = Checker(text, kinds)

    def expression(self, tree: Tree) -> Any:
        """The expression of a tree that was checked."""
        if isinstance(tree, Constant):
            if type(tree.value) is int:
                return self.nw.lit(tree.value, self.nw.Int64)
            return self.nw.lit(tree.value)
        if isinstance(tree, Name):
            return self.column(tree.name)
        assert isinstance(tree, Apply)
        if tree.is_function:
            return self._function(FUNCTIONS[tree.name], tree)
        return _BUILDERS[tree.name](self, tree)

    def _function(self, function: Function, tree: Apply) -> Any:
        parameters = arguments_of(function, len(tree.parts)) or []
        given: list[Any] = []
        for index, parameter in enumerate(parameters):
            if index >= len(tree.parts):
                given.append(parameter.default if parameter.constant else self.nw.lit(parameter.default))
                continue
            part = tree.parts[index]
            constant = isinstance(part, Constant) and parameter.constant
            given.append(part.value if constant and isinstance(part, Constant) else self.expression(part))
        if function.with_kinds:
            kinds = tuple(self.checker.kind(part) for part in tree.parts)
            return function.build(self.nw, *given, kinds=kinds)
        return function.build(self.nw, *given)

    def pair(self, tree: Apply) -> tuple[Any, Any]:
        """Both sides of a comparison or difference; a date beside a date and time counts as its midnight."""
        left, right = (self.expression(part) for part in tree.parts)
        kinds = [self.checker.kind(part) for part in tree.parts]
        if set(kinds) == {"date", "datetime"}:
            left, right = (
                side.cast(self.nw.Datetime) if kind == "date" else side
                for side, kind in zip((left, right), kinds, strict=True)
            )
        return left, right

    def subtract(self, tree: Apply) -> Any:
        left, right = self.pair(tree)
        if all(self.checker.kind(part) == "date" for part in tree.parts):
            # DuckDB takes the difference of two days as a plain number
            left, right = left.cast(self.nw.Datetime), right.cast(self.nw.Datetime)
        return left - right

    def add(self, tree: Apply) -> Any:
        terms = [self.expression(part) for part in tree.parts]
        if self.checker.kind(tree) == "text":
            return self.nw.concat_str(terms)
        return balanced(terms, lambda left, right: left + right)

    def divide(self, tree: Apply) -> Any:
        left, right = (self.expression(part) for part in tree.parts)
        divisor = tree.parts[1]
        if tree.name == "/":
            left = left.cast(self.nw.Float64)
        operation: Callable[[Any, Any], Any] = {
            "/": lambda a, b: a / b,
            "//": lambda a, b: a // b,
            "%": lambda a, b: a % b,
        }[tree.name]
        if isinstance(divisor, Constant) and divisor.value:
            return operation(left, right)
        # dividing by zero gives missing, on every engine
        return operation(left, self.nw.when(right != 0).then(right))

    def contained(self, tree: Apply) -> Any:
        values = tree.parts[1]
        assert isinstance(values, Values)
        inside = self.expression(tree.parts[0]).is_in(list(values.values))
        return inside if tree.name == "in" else ~inside


def balanced(terms: list[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Many terms joined two by two, so that the depth grows with the logarithm of their number."""
    while len(terms) > 1:
        pairs = [join(a, b) for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + ([terms[-1]] if len(terms) % 2 else [])
    return terms[0]


def _pairwise(operation: Callable[[Any, Any], Any]) -> Callable[[Translator, Apply], Any]:
    return lambda translator, tree: operation(*translator.pair(tree))


def _logic(operation: Callable[[Any, Any], Any]) -> Callable[[Translator, Apply], Any]:
    return lambda translator, tree: balanced([translator.expression(part) for part in tree.parts], operation)


_BUILDERS: dict[str, Callable[[Translator, Apply], Any]] = {
    "+": Translator.add,
    "-": Translator.subtract,
    "*": _pairwise(lambda a, b: a * b),
    "**": lambda translator, tree: (
        translator.expression(tree.parts[0]).cast(translator.nw.Float64)
        ** translator.expression(tree.parts[1])
    ),
    **dict.fromkeys(("/", "//", "%"), Translator.divide),
    "negative": lambda translator, tree: translator.expression(tree.parts[0]) * -1,
    "positive": lambda translator, tree: translator.expression(tree.parts[0]),
    "and": _logic(lambda a, b: a & b),
    "or": _logic(lambda a, b: a | b),
    "not": lambda translator, tree: ~translator.expression(tree.parts[0]),
    "==": _pairwise(lambda a, b: a == b),
    "!=": _pairwise(lambda a, b: a != b),
    "<": _pairwise(lambda a, b: a < b),
    "<=": _pairwise(lambda a, b: a <= b),
    ">": _pairwise(lambda a, b: a > b),
    ">=": _pairwise(lambda a, b: a >= b),
    **dict.fromkeys(("in", "not in"), Translator.contained),
}
