"""A workflow as a Python script, made in a process of its own, since the nodes are imported for it.

As a program it reads {"folder", "document", "nodes_path"} from its input and writes {"text", "left_out"}.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QProcess


def request_script(
    document: str,
    folder: Path | None,
    nodes_path: list[str],
    parent: QObject,
    answer: Callable[[str, list[str], str], None],
) -> QProcess:
    """Ask for the script.

    `answer` gets its text and a phrase for each node that has no plain form, or the sentence why there is no script.
    """
    process = QProcess(parent)

    def finished() -> None:
        told = bytes(process.readAllStandardOutput().data())
        fault = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
        process.deleteLater()
        if process.exitCode() == 0:
            made = msgspec.json.decode(told)
            answer(made["text"], made["left_out"], "")
        else:
            answer("", [], fault or "the process ended")

    def failed(error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            fault = process.errorString()
            process.deleteLater()
            answer("", [], fault)

    process.finished.connect(finished)
    process.errorOccurred.connect(failed)
    process.start(sys.executable, ["-P", "-m", "nodeflow_gui.window.scripting"])
    asked = {"folder": str(folder or Path.home()), "document": document, "nodes_path": nodes_path}
    process.write(msgspec.json.encode(asked))
    process.closeWriteChannel()
    return process


def main() -> int:
    """Write the script of the workflow on standard input; the exit code is 1 if there is none."""
    from nodeflow.document import loads
    from nodeflow.errors import NodeflowError
    from nodeflow.export.script import to_script
    from nodeflow.registry import Registry

    given = msgspec.json.decode(sys.stdin.buffer.read())
    try:
        workflow = loads(given["document"])
        workflow.folder = Path(given["folder"])
        workflow.registry = Registry.installed()
        for path in given["nodes_path"]:
            workflow.registry.add_path(Path(path))
        script = to_script(workflow)
        sys.stdout.buffer.write(msgspec.json.encode({"text": script.text, "left_out": script.left_out}))
    except NodeflowError as error:
        sys.stderr.write(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
