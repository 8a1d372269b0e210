"""The editor of paths: typed, chosen in a dialog or dropped; relative to the workflow where that is shorter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from nodeflow_gui.document.paths import relative
from nodeflow_gui.look import hint
from nodeflow_gui.settings.editor import Editor, Surroundings, row_layout, small_button


class PathEditor(Editor):
    """A line with a button that opens the file dialog for reading or for writing."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.writes = bool(declared.get("writes"))
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setPlaceholderText(
            self.tr("not set")
            if self.is_optional
            else self.tr("a file to write")
            if self.writes
            else self.tr("a file")
        )
        self.field.textEdited.connect(self.edited)
        self.field.editingFinished.connect(self.committed)
        self.button = small_button("folder", self.tr("Choose a file"), self)
        self.button.clicked.connect(self.browse)
        self.setAcceptDrops(True)
        self.field.setAcceptDrops(False)  # the editor takes the drop and makes a path of it
        layout = row_layout(self)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.field)

    def browse(self) -> None:
        """Let the user choose in the file dialog."""
        start = self._absolute() or str(self.around.folder or Path.home())
        if self.writes:
            chosen, _ = QFileDialog.getSaveFileName(self, self.label, start, self._filters())
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, self.label, start, self._filters())
        if chosen:
            self._take(Path(chosen))

    def _filters(self) -> str:
        suffixes = self.declared.get("suffixes", ())
        every = self.tr("All files") + " (*)"
        if not suffixes:
            return every
        return self.tr("Fitting files") + f" ({' '.join(f'*{one}' for one in suffixes)});;{every}"

    def _absolute(self) -> str:
        text = self.field.text().strip()
        return str((self.around.folder or Path.home()) / text) if text else ""

    def _take(self, path: Path) -> None:
        self.field.setText(relative(path, self.around.folder))
        self.field.setToolTip(hint(str(path)))
        self.committed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self._take(Path(url.toLocalFile()))
                event.acceptProposedAction()
                return

    def value(self) -> Any:
        text = self.field.text().strip()
        return None if self.is_optional and not text else text

    def set_value(self, value: Any) -> None:
        if self.value() != value:
            self.field.setText("" if value is None else str(value))
        self.field.setToolTip(hint(self._absolute()))

    def fault(self) -> str:
        value = self.value()
        if value == "":
            return self.tr("Choose a file.")
        if value is not None and "\0" in value:
            return self.tr("This is no path.")
        return ""
