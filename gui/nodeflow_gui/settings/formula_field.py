"""The field of formulas: completes names while they are typed and on Ctrl+Space, and marks the character at fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QKeyEvent, QStandardItem, QStandardItemModel, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QTextEdit, QWidget

from nodeflow_gui.look import font, spacing, theme
from nodeflow_gui.settings.columns import TYPE_ROLE, TypeDelegate, family_text
from nodeflow_gui.settings.editor import KnownColumn
from nodeflow_gui.settings.highlighting import FormulaHighlighter
from nodeflow_gui.settings.simple import LongText

_WORD = re.compile(r"[^\W\d]\w*$")
_PLAIN = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"`[^`\n]*`?|[^\W\d]\w*")
_QUOTED = re.compile(r"`[^`]*`?|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?")
_RESERVED = frozenset(("and", "or", "not", "in", "if", "else", "missing", "true", "false"))


class FormulaField(LongText):
    """The text itself: completes names while they are typed, and on Ctrl+Space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, least=2)
        self.setFont(font("code"))
        self.setStyleSheet(f'font-family: "{font("code").family()}"; font-size: 12px;')
        self._highlighter = FormulaHighlighter(self.document())
        self._names: dict[str, str] = {}
        self.completer = QCompleter(self)
        self.completer.setWidget(self)
        self.completer.setModel(QStandardItemModel(self.completer))
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.activated.connect(self._complete)
        self._popup().setItemDelegate(TypeDelegate(self._popup()))
        theme().theme_changed.connect(self._highlighter.recolour)

    def offer(self, columns: Sequence[KnownColumn]) -> None:
        """Complete these columns and all functions."""
        self._names = {name: quoted(name) for name, _ in columns}
        notes = {name: (family_text(family), f"{name} · {family_text(family)}") for name, family in columns}
        for name, one in functions().items():
            self._names[f"{name}("] = f"{name}("
            notes[f"{name}("] = (one["usage"].partition("(")[2].rstrip(")"), f"{one['usage']}\n{one['help']}")
        model = self.completer.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        for name, (words, tip) in notes.items():
            item = QStandardItem(name)
            item.setData(words, TYPE_ROLE)
            item.setToolTip(tip)
            model.appendRow(item)
        self._highlighter.know([name for name, _ in columns])

    def function_at_cursor(self) -> str:
        """The function whose name or brackets the cursor is in, the innermost; empty outside of all."""
        cursor = self.textCursor()
        text = self.toPlainText()
        word = _NAME.match(text, cursor.position() - len(self._begun()))
        if word is not None and text[word.end() : word.end() + 1] == "(":
            return word[0]
        depth = 0
        before = _QUOTED.sub(lambda found: " " * len(found[0]), text[: cursor.position()])
        for place in range(len(before) - 1, -1, -1):
            depth += (before[place] == ")") - (before[place] == "(")
            if depth < 0:
                found = _WORD.search(before[:place])
                return found[0] if found else ""
        return ""

    def _popup(self) -> QAbstractItemView:
        popup = self.completer.popup()
        assert popup is not None
        return popup

    def _begun(self) -> str:
        """The name before the cursor that is not finished."""
        cursor = self.textCursor()
        line = cursor.block().text()[: cursor.positionInBlock()]
        if line.count("`") % 2:
            return line[line.rindex("`") :]
        found = _WORD.search(line)
        return found[0] if found else ""

    def focusNextPrevChild(self, next: bool) -> bool:
        # Tab takes the completion that is shown, else it goes on
        return False if self._popup().isVisible() else super().focusNextPrevChild(next)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _asks(event):
            event.accept()  # elsewhere in the window these keys add a node
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._popup()
        chooses = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape)
        if popup.isVisible() and event.key() in chooses:
            if event.key() == Qt.Key.Key_Escape:
                popup.hide()
            else:
                self._complete(popup.currentIndex().data() or self.completer.currentCompletion())
            return
        asked = _asks(event)
        if not asked:
            super().keyPressEvent(event)
        begun = self._begun()
        if not asked and (not event.text().strip() or len(begun) < 2):
            popup.hide()
            return
        self.completer.setCompletionPrefix(begun.strip("`"))
        if self.completer.completionCount() == 0 or self.completer.currentCompletion() == begun:
            popup.hide()
            return
        popup.setCurrentIndex(self.completer.completionModel().index(0, 0))
        area = self.cursorRect()
        area.setWidth(max(spacing(60), popup.sizeHintForColumn(0) + spacing(24)))
        self.completer.complete(area)

    def _complete(self, name: str) -> None:
        self._popup().hide()
        begun = self._begun()
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(begun))
        cursor.insertText(self._names.get(name, name))
        self.setTextCursor(cursor)

    def put(self, text: str, *, back: int = 0) -> None:
        """Insert a text at the cursor and go some characters back in it."""
        cursor = self.textCursor()
        cursor.insertText(text)
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.MoveAnchor, back)
        self.setTextCursor(cursor)
        self.setFocus()

    def mark(self, position: int | None) -> None:
        """Underline the character at fault; None for none."""
        selections = []
        if position is not None:
            text = self.toPlainText()
            start = min(position, max(0, len(text) - 1))
            word = _NAME.match(text, start)
            mark = QTextEdit.ExtraSelection()
            mark.cursor = self.textCursor()
            mark.cursor.setPosition(start)
            end = word.end() if word else min(start + 1, len(text))
            mark.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            wave = QTextCharFormat()
            wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wave.setUnderlineColor(theme().colour("failed"))
            tint = QColor(theme().colour("failed"))
            tint.setAlpha(45)
            wave.setBackground(tint)
            mark.format = wave
            selections.append(mark)
        self.setExtraSelections(selections)


@cache
def functions() -> dict[str, dict[str, Any]]:
    """What the formula language says of its functions, by their names."""
    from nodeflow.expressions import reference

    return {one["name"]: one for group in reference() for one in group["functions"]}


def _asks(event: QKeyEvent) -> bool:
    """Whether these keys ask for completion."""
    has_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Space and has_control


def quoted(name: str) -> str:
    """A column's name as a formula writes it: in backticks unless it is a plain word."""
    from nodeflow.expressions import writing

    return name if _PLAIN.fullmatch(name) and name not in _RESERVED else writing.quoted(name)
