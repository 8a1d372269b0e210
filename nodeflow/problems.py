"""Problems: what keeps a workflow from running, each with its place and a way to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nodeflow.errors import shorten


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a workflow, found before any data is read.

    Attributes:
        kind: a short name of the fault that never changes, such as "missing-column".
        message: a sentence: what is wrong and how to mend it.
        node: the node's id, empty when the workflow as a whole is meant.
        title: what people call the node, with its type: `Row Filter "adults"`.
        parameter: the parameter, with an index or field where it is nested.
        port: the port, when one is meant.
        position: in a formula, the character counted from 0.
        severity: a "warning" does not keep the workflow from running.
    """

    kind: str
    message: str
    node: str = ""
    title: str = ""
    parameter: str = ""
    port: str = ""
    position: int | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = self.title or self.node
        if self.parameter and f'"{self.parameter}"' not in self.message:
            parameter = shorten(self.parameter)
            where = f"{where}, {parameter}" if where else parameter
        return f"{where}: {self.message}" if where else self.message

    def to_data(self) -> dict[str, Any]:
        """The problem as plain JSON data, without the empty fields."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in data.items() if value not in ("", None)}
