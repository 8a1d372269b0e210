"""What a fix is called where it is offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication


def fix_words(fix: Mapping[str, Any]) -> str:
    """A verb and its object, for a link or a button."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Fix", text)

    match fix.get("do"):
        case "set parameter":
            return tr("Use {0}").format(_short(fix.get("name", fix.get("value", ""))))
        case "connect":
            node, port = fix["connection"][:2]
            return tr("Connect {0} of {1}").format(port, node)
        case "insert":
            return tr("Insert {0} before it").format(fix.get("name", fix.get("type", "")))
        case "disconnect":
            return tr("Remove the connection")
        case "show parameter":
            return tr("Show the setting")
        case "allow":
            return tr("Allow it")
    return str(fix.get("words", "")) or tr("Mend it")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
