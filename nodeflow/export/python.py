"""A workflow as a plain Python script with Polars and scikit-learn, without nodeflow.

Each node type contributes its own lines in `Node.export_python`. In the script a table is a
Polars LazyFrame, a model is a fitted scikit-learn pipeline, a chart is a Vega-Lite dictionary.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


class CannotExport(Exception):  # noqa: N818 - carries a reason to the refusal, is never shown by itself
    """The node has no plain Python form."""


class PythonScript:
    """Collects the lines of one script; during `Node.export_python` it speaks for that node.

    Attributes:
        seed: the node's seed, for nodes with a seed parameter.
    """

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.functions: dict[str, str] = {}
        self.lines: list[str] = []
        self.seed = 0
        self._names: set[str] = set()
        self._variables: dict[tuple[str, str], str] = {}
        self._node = ""
        self._inputs: Mapping[str, Sequence[tuple[str, str]]] = {}
        self._schemas: Mapping[str, Mapping[str, pl.DataType]] = {}
        self._before: tuple[set[str], dict[str, str], list[str]] = (set(), {}, [])

    def begin(
        self,
        node: str,
        title: str,
        inputs: Mapping[str, Sequence[tuple[str, str]]],
        seed: int,
        schemas: Mapping[str, Mapping[str, pl.DataType]] | None = None,
    ) -> None:
        """Start a node's lines.

        Args:
            node: the node's id.
            title: a comment above its lines.
            inputs: the source (node, port) pairs of each connected input port.
            seed: the node's seed, 0 for one without.
            schemas: the columns of each table input, where they are known.
        """
        self._node, self._inputs, self.seed, self._schemas = node, inputs, seed, schemas or {}
        self._before = (set(self.imports), dict(self.functions), list(self.lines))
        self.lines += ["", f"# {title}"]

    def take_back(self) -> None:
        """Forget what the node has said so far."""
        self.imports, self.functions, self.lines = self._before

    def require(self, line: str) -> None:
        """Add an import line, such as `import polars as pl`."""
        self.imports.add(line)

    def define(self, name: str, source: str) -> None:
        """Add a helper function to the top of the script, once however often it is asked for."""
        self.functions[name] = source

    def input(self, port: str) -> str:
        """The variable with the value that arrives at an input port."""
        return self._variables[self._inputs[port][0]]

    def input_list(self, port: str) -> list[str]:
        """The variables that arrive at a variadic port, none if it is not connected."""
        return [self._variables[source] for source in self._inputs.get(port, ())]

    def schema(self, port: str) -> Mapping[str, pl.DataType] | None:
        """The columns that arrive at a table input; None where they are not known."""
        return self._schemas.get(port)

    def has_input(self, port: str) -> bool:
        """Whether something is connected to an input port."""
        return bool(self._inputs.get(port))

    def output(self, port: str) -> str:
        """A new variable for the value of an output port."""
        base = re.sub(r"\W", "_", self._node)
        plain = port in ("table", "model", "chart")
        base = base if plain else base + "_" + re.sub(r"\W", "_", port)
        if not base or base[0].isdigit() or keyword.iskeyword(base) or base in ("pl", "np", "pd"):
            base = f"node_{base}"
        name, count = base, 1
        while name in self._names:
            count += 1
            name = f"{base}_{count}"
        self._names.add(name)
        self._variables[self._node, port] = name
        return name

    def file_to_write(self, path: str | PurePath) -> str:
        """The path of a file that the node writes; lines that make its folder come first."""
        folder = PurePath(path).parent
        if folder != PurePath():
            self.require("from pathlib import Path")
            self.add(f"Path({str(folder)!r}).mkdir(parents=True, exist_ok=True)")
        return str(path)

    def add(self, *lines: str) -> None:
        """Add lines of code."""
        self.lines.extend(lines)

    def cannot_express(self, reason: str = "") -> None:
        """Refuse: this node, or this setting of it, has no plain Python form."""
        raise CannotExport(reason)

    def text(self) -> str:
        """The script."""
        parts = ["\n".join(sorted(self.imports, key=_import_order))]
        parts += [f"\n\n{source.strip()}\n" for source in self.functions.values()]
        return "\n".join([*parts, *self.lines, ""])


def literal(value: Any) -> str:
    """A value as Python source."""
    return repr(value)


def _import_order(line: str) -> tuple[bool, str]:
    return (line.startswith("from"), line)
