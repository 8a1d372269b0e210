"""A line at the top of the page with something to decide: it never blocks the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from nodeflow_gui.look import spacing
from nodeflow_gui.settings.editor import clear, small_button, small_label

_PASSES = 8_000


class NoticeBar(QFrame):
    """Shows one sentence with its buttons; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(spacing(4), spacing(1), spacing(2), spacing(1))
        self._layout.setSpacing(spacing(2))
        self.buttons: list[QPushButton] = []
        self.text = ""
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.setInterval(_PASSES)
        self._passing.timeout.connect(self.clear)
        self.hide()

    def tell(
        self,
        sentence: str,
        choices: Sequence[tuple[str, Callable[[], None]]] = (),
        *,
        passes: bool = False,
    ) -> None:
        """Show a sentence; each choice is a word and what it does. What `passes` goes away by itself."""
        if passes:
            self._passing.start()
        else:
            self._passing.stop()
        clear(self._layout)
        self.buttons = []
        self.text = sentence
        label = small_label(sentence, "strong", self)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._layout.addWidget(label, 1)
        for words, does in choices:
            button = QPushButton(words, self)
            button.clicked.connect(lambda _=False, do=does: self._chosen(do))
            self.buttons.append(button)
            self._layout.addWidget(button)
        close = small_button("close", self.tr("Close this notice"), self)
        close.clicked.connect(self.clear)
        self._layout.addWidget(close)
        self.show()

    def _chosen(self, does: Callable[[], None]) -> None:
        self.clear()
        does()

    def clear(self) -> None:
        """Hide it."""
        self.text = ""
        self.hide()
