"""A workflow as a plain Python script: every node adds its own lines, or is named in the refusal."""

from __future__ import annotations

from nodeflow.errors import NodeflowError, WorkflowError, shorten
from nodeflow.execution.calling import give_seed
from nodeflow.execution.run import check_workflow
from nodeflow.export.python import CannotExport, PythonScript
from nodeflow.resolution import Settings
from nodeflow.values.specs import TableSpec
from nodeflow.workflow import Workflow


def to_python(workflow: Workflow, *, settings: Settings | None = None, seed: int = 0) -> str:
    """The text of the script.

    Raises:
        WorkflowError: the workflow has problems.
        NodeflowError: nodes have no plain Python form; the text names them all.
    """
    resolution, validation = check_workflow(workflow, workflow.registry, settings or Settings())
    if validation.errors:
        raise WorkflowError(validation.errors)
    script = PythonScript()
    refused: dict[str, str] = {}
    for name, resolved in resolution.nodes.items():
        node = resolved.node
        assert node is not None
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
            refused[name] = f"{resolved.title}{': ' if str(reason) else ''}{reason}"
            for port in node.signature().outputs:
                script.output(port.name)
    if refused:
        told = "\n".join(f"  {one}" for one in refused.values())
        raise NodeflowError(
            f"{len(refused)} node{'s have' if len(refused) > 1 else ' has'} no plain Python form:\n{told}\n"
            "Take them out of the workflow, or run it with nodeflow."
        )
    title = shorten(workflow.name or "workflow", 100).replace('"', "'").replace("\\", "/")
    return f'"""{title}"""\n\n{script.text()}'
