"""The document's words in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("Document", text)


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark a text for Qt's tool that collects them; it is translated where it is shown."""
    return text
