"""What a node type does, in a few lines at the foot of the palette."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from nodeflow_gui.look import spacing
from nodeflow_gui.translations.nodes import port_label

_MARGINS = (spacing(4), spacing(3))


class Description(QFrame):
    """Name, first sentence, ports and other names of the node type under the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedHeight(spacing(42))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*_MARGINS, *_MARGINS)
        layout.setSpacing(spacing(1))
        self._name = _label("strong")
        self._name.setWordWrap(True)
        self._summary = _label("muted")
        self._summary.setWordWrap(True)
        self._ports = _label("help")
        self._ports.setWordWrap(True)
        for one in (self._name, self._summary, self._ports):
            layout.addWidget(one)
        layout.addStretch(1)
        self.setAccessibleName(self.tr("What the node does"))

    def describe(self, declaration: Mapping[str, Any] | None) -> None:
        """Show a node type, or what the palette is for when there is none."""
        if declaration is None:
            self._name.setText("")
            self._summary.setText(
                self.tr("Point at a node to read what it does. Enter adds it, so does dragging it.")
            )
            self._ports.setText("")
            return
        self._name.setText(declaration["name"])
        self._summary.setText(declaration["summary"])
        takes = ", ".join(map(port_label, declaration["inputs"])) or self.tr("nothing")
        gives = ", ".join(map(port_label, declaration["outputs"])) or self.tr("nothing")
        self._ports.setText(self.tr("Takes {takes} → gives {gives}").format(takes=takes, gives=gives))
        self._fit()

    def _fit(self) -> None:
        """Rather leave the ports out than cut through the lines of a long description."""
        width, height = self.width() - 2 * _MARGINS[0], self.height() - 2 * _MARGINS[1]
        parts = (self._name, self._summary, self._ports)
        needed = sum(max(part.heightForWidth(width), 0) + spacing(1) for part in parts)
        self._ports.setVisible(needed <= height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
