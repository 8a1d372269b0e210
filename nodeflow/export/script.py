"""A workflow as a plain Python script: every node adds its own lines, or is named among those left out."""

from __future__ import annotations

from dataclasses import dataclass

from nodeflow.errors import NodeflowError, WorkflowError, shorten
from nodeflow.execution.calling import give_seed
from nodeflow.execution.run import check_workflow
from nodeflow.export.python import CannotExport, PythonScript
from nodeflow.resolution import Settings
from nodeflow.values.specs import TableSpec
from nodeflow.workflow import Workflow


@dataclass(frozen=True)
class Script:
    """What of a workflow could be said in plain Python."""

    text: str
    left_out: tuple[str, ...]
    """A phrase for each node that is not in it: those without a plain form, and those that need one of them."""

    def refusal(self) -> str:
        """The sentence for a user who wants the whole workflow or nothing."""
        count, told = len(self.left_out), "\n".join(f"  {one}" for one in self.left_out)
        return f"{count} node{'s have' if count > 1 else ' has'} no plain Python form:\n{told}"


def to_script(workflow: Workflow, *, settings: Settings | None = None, seed: int = 0) -> Script:
    """The script of all nodes that have a plain form; a comment at its top names the others.

    Raises:
        WorkflowError: the workflow has problems.
    """
    resolution, validation = check_workflow(workflow, workflow.registry, settings or Settings())
    if validation.errors:
        raise WorkflowError(validation.errors)
    script = PythonScript()
    left_out: dict[str, str] = {}
    for name, resolved in resolution.nodes.items():
        node = resolved.node
        assert node is not None
        missing = [source for wires in resolved.inputs.values() for source, _ in wires if source in left_out]
        if missing:
            left_out[name] = f"{resolved.title}: it needs {resolution.nodes[missing[0]].title}"
            continue
        given = give_seed(node, seed, name)
        schemas = {
            port: spec.columns
            for port, wires in resolved.inputs.items()
            if isinstance(spec := validation.specs.get(wires[0]), TableSpec)
        }
        script.begin(name, shorten(resolved.title, 100), resolved.inputs, given or 0, schemas)
        try:
            node.export_python(script)
        except CannotExport as reason:
            script.take_back()
            left_out[name] = f"{resolved.title}{': ' if str(reason) else ''}{reason}"
    title = shorten(workflow.name or "workflow", 100).replace('"', "'").replace("\\", "/")
    told = "".join(f"#   {shorten(one, 200)}\n" for one in left_out.values())
    note = f"\n# Without these nodes, which have no plain Python form:\n{told}" if told else ""
    return Script(f'"""{title}"""\n{note}\n{script.text()}', tuple(left_out.values()))


def to_python(workflow: Workflow, *, settings: Settings | None = None, seed: int = 0) -> str:
    """The text of the script of the whole workflow.

    Raises:
        WorkflowError: the workflow has problems.
        NodeflowError: nodes have no plain Python form; the text names them all.
    """
    script = to_script(workflow, settings=settings, seed=seed)
    if script.left_out:
        raise NodeflowError(
            f"{script.refusal()}\nTake them out of the workflow, run it with nodeflow, or export the rest (--partial)."
        )
    return script.text
