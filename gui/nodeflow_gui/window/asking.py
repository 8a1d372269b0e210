"""Questions that must be answered before anything is lost."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def question(parent: QWidget, sentence: str) -> QMessageBox:
    """A box with a sentence; whoever asks adds the buttons."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    # names come out of files: Qt would take some for HTML
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(sentence)
    return box


def agrees(parent: QWidget, sentence: str, words: str) -> bool:
    """Whether the user wants what the words on the button say; not to do it is the default."""
    box = question(parent, sentence)
    button = box.addButton(words, QMessageBox.ButtonRole.DestructiveRole)
    cancel = QCoreApplication.translate("FileCommands", "Cancel")
    box.setDefaultButton(box.addButton(cancel, QMessageBox.ButtonRole.RejectRole))
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    return clicked is button
