"""Making a Row Filter of what is picked: where in the workflow it goes, and what it is to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.document.geometry import COLUMN, ROW
from nodeflow_gui.running.status import Status

Output = tuple[str, str]


def output_to_filter(status: Status, node: str, source: Output) -> tuple[str, Output]:
    """The level, and the node and output there, that carry to a node what an output gives.

    That is the output itself, or that of the component around it where the node is not within that component.
    """
    around = node.rpartition("/")[0]
    while (level := source[0].rpartition("/")[0]) and not f"{around}/".startswith(f"{level}/"):
        passed_on = status.passed_on(level, source)
        if passed_on is None:
            break
        source = passed_on
    return level, (source[0].rpartition("/")[2], source[1])


def add_filter(document: EditorDocument, level: str, source: Output, parameters: Mapping[str, Any]) -> str:
    """Add a Row Filter after an output and give its id; raises `NodeflowError` where nothing can be added."""
    shown = document.view(level)
    left, top = shown.places().get(source[0], (0.0, 0.0))
    made = shown.add_node("row_filter", (left + COLUMN, top + ROW), parameters=parameters, source=source)
    return f"{level}/{made}" if level else made
