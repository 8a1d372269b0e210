"""The fixes that are offered against problems: what they are called, and carrying them out, each as one step of undo.

A fix is plain data as `nodeflow_gui.running.fixes` makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from nodeflow.workflow import Connection
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.document.geometry import COLUMN

_LONGEST = 40


def carry_out(document: EditorDocument, fix: Mapping[str, Any]) -> None:
    """Carry out a fix that changes the document; "show parameter" and "allow" are for others."""
    match fix["do"]:
        case "set parameter":
            document.set_parameter(fix["node"], fix["parameter"], fix["value"])
        case "connect":
            document.connect(*fix["connection"])
        case "disconnect":
            document.remove((), [Connection(*fix["connection"])])
        case "insert":
            wire = Connection(*fix["connection"])
            document.check_is_there(wire)  # before there is a step to undo
            left, top = document.places().get(wire.source, (0.0, 0.0))
            document.undo_stack.beginMacro(fix_words(fix, document.title_of))
            try:
                added = document.insert_on_connection(fix["type"], wire, (left + COLUMN, top))
                for name, value in fix.get("parameters", {}).items():
                    document.set_parameter(added, name, value)
            finally:
                document.undo_stack.endMacro()


def fix_words(fix: Mapping[str, Any], title_of: Callable[[str], str]) -> str:
    """A verb and its object, for a link or a button; `title_of` tells what people call a node."""
    match fix.get("do"):
        case "set parameter":
            return tr("Use “{0}”").format(_short(fix.get("name", fix.get("value", ""))))
        case "connect":
            node, port = fix["connection"][:2]
            return tr("Connect “{0}” of “{1}”").format(_short(fix.get("port", port)), _short(title_of(node)))
        case "insert":
            wanted = QCoreApplication.translate("Types", fix.get("name", fix.get("type", "")))
            return tr("Convert to {0} before").format(wanted)
        case "disconnect":
            return tr("Remove the connection from “{0}”").format(_short(title_of(fix["connection"][0])))
        case "allow":
            return tr("Allow {0}").format(_short(fix.get("value", "")))
    return tr("Show the setting")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def tr(text: str) -> str:
    """A text in the language of the user."""
    return QCoreApplication.translate("Fixes", text)
