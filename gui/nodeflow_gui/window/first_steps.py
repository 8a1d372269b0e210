"""What an empty canvas says: how to begin."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nodeflow_gui.look import pixmap, spacing, theme
from nodeflow_gui.settings.editor import small_label


class FirstSteps(QWidget):
    """Lies over an empty canvas and lets the mouse through; it is gone with the first node."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._mark = QLabel(self)
        self._mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setSpacing(spacing(2))
        layout.addStretch(1)
        layout.addWidget(self._mark)
        for words, role in (
            (self.tr("Drop a data file here"), "title"),
            (self.tr("or drag a node from the palette, or press Tab to search for one."), "muted"),
        ):
            label = small_label(words, role, self)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addStretch(1)
        canvas.installEventFilter(self)
        theme().theme_changed.connect(self._recolour)
        self._recolour()
        self.setGeometry(canvas.rect())

    def _recolour(self) -> None:
        self._mark.setPixmap(pixmap("drop", theme().colour("faint"), 40, 2))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)
