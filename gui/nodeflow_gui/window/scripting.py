"""A workflow as a Python script, made in a process of its own, since the nodes are imported for it.

As a program it reads {"folder", "document"} from its input and writes the script.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QProcess


def request_script(
    document: str, folder: Path | None, parent: QObject, answer: Callable[[str, str], None]
) -> QProcess:
    """Ask for the script; `answer` gets it, or the sentence why there is none."""
    process = QProcess(parent)

    def finished() -> None:
        text = bytes(process.readAllStandardOutput().data()).decode()
        fault = bytes(process.readAllStandardError().data()).decode().strip()
        process.deleteLater()
        answer(text, "" if process.exitCode() == 0 else fault or "the process ended")

    process.finished.connect(finished)
    process.start(sys.executable, ["-P", "-m", "nodeflow_gui.window.scripting"])
    process.write(msgspec.json.encode({"folder": str(folder or Path.home()), "document": document}))
    process.closeWriteChannel()
    return process


def main() -> int:
    """Write the script of the workflow on standard input; the exit code is 1 if there is none."""
    from nodeflow.document import loads
    from nodeflow.errors import NodeflowError
    from nodeflow.export.script import to_python

    given = msgspec.json.decode(sys.stdin.buffer.read())
    try:
        workflow = loads(given["document"])
        workflow.folder = Path(given["folder"])
        sys.stdout.write(to_python(workflow))
    except NodeflowError as error:
        sys.stderr.write(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
