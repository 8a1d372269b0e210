"""Carrying out fixes on a document, each as one step of undo, and the words on their buttons."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from nodeflow.workflow import Connection
from nodeflow_gui.document.document import EditorDocument


def carry_out(document: EditorDocument, fix: dict[str, Any]) -> None:
    """Carry out a fix that changes the document; "show parameter" and "allow" are for others."""
    if fix["do"] == "set parameter":
        document.set_parameter(fix["node"], fix["parameter"], fix["value"])
    elif fix["do"] == "connect":
        document.connect(*fix["connection"])
    elif fix["do"] == "disconnect":
        document.remove([], [Connection(*fix["connection"])])
    elif fix["do"] == "insert":
        wire = Connection(*fix["connection"])
        places = document.places()
        (left, top), (right, bottom) = places[wire.source], places[wire.target]
        document.undo_stack.beginMacro(words_of(fix))
        node = document.insert_on_connection(fix["type"], wire, ((left + right) / 2, (top + bottom) / 2))
        for name, value in fix["parameters"].items():
            document.set_parameter(node, name, value)
        document.undo_stack.endMacro()


def words_of(fix: dict[str, Any]) -> str:
    """What the button of a fix says."""
    name = fix.get("name", fix.get("value", ""))
    texts = {
        "set parameter": _tr("Use “{0}”"),
        "connect": _tr("Connect “{0}”"),
        "disconnect": _tr("Remove the connection from “{0}”"),
        "insert": _tr("Convert to {0} before"),
        "show parameter": _tr("Show the setting"),
        "allow": _tr("Allow {0}"),
    }
    return texts[fix["do"]].format(name)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Fixes", text)
