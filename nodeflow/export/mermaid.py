"""A workflow as a Mermaid flowchart, which many sites draw from text."""

from __future__ import annotations

from nodeflow.workflow import Workflow


def to_mermaid(workflow: Workflow) -> str:
    """The text of a flowchart from left to right; whatever stands in labels is shown as it is."""
    numbers = {name: f"n{index}" for index, name in enumerate(workflow.nodes)}
    lines = ["flowchart LR"]
    for name, node in workflow.nodes.items():
        lines.append(
            f'    {numbers[name]}["{_safe(workflow.title_of(name))}<br/><small>{_safe(node.type)}</small>"]'
        )
    for wire in workflow.connections:
        if wire.source in numbers and wire.target in numbers:
            lines.append(f'    {numbers[wire.source]} -- "{_safe(wire.output)}" --> {numbers[wire.target]}')
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    """Letters, digits and blanks as they are, all else as Mermaid's character codes."""
    return "".join(c if c.isalnum() or c in " _-,.%()" else f"#{ord(c)};" for c in text)
