"""The editor of formulas: colours, completion of columns and functions, faults marked at their character."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QMenu, QTextEdit, QVBoxLayout, QWidget

from nodeflow.errors import FormulaError
from nodeflow_gui.look import font, spacing, theme
from nodeflow_gui.settings.columns import family_text, fits
from nodeflow_gui.settings.editor import Editor, KnownColumn, Surroundings, row_layout, small_button
from nodeflow_gui.settings.highlighting import FormulaHighlighter
from nodeflow_gui.settings.simple import LongText

_WORD = re.compile(r"[^\W\d]\w*$")
_PLAIN = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"`[^`\n]*`?|[^\W\d]\w*")
_RESERVED = frozenset(("and", "or", "not", "in", "if", "else", "missing", "true", "false"))


class FormulaEditor(Editor):
    """A few lines of code with a button that lists columns and functions."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.field = FormulaField(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setPlaceholderText(self.tr('for example: age >= 18 and country == "DE"'))
        self.field.textChanged.connect(self._typed)
        self.field.left = self.committed.emit
        self.insert = small_button("add", self.tr("Insert a column or function"), self)
        self.insert.clicked.connect(self._offer)
        row = QWidget(self)
        across = row_layout(row)
        across.addWidget(self.field, 1)
        across.addWidget(self.insert, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(row)
        self.setFocusProxy(self.field)
        self._columns: Sequence[KnownColumn] | None = None
        self._fault = ""
        self.refresh_columns()

    def refresh_columns(self) -> None:
        columns = self.around.columns(str(self.declared.get("port", "")))
        if columns != self._columns or columns is None:
            self._columns = columns
            self.field.offer([name for name, _ in columns or ()])
            self._check()

    def _typed(self) -> None:
        self._check()
        self.edited.emit()

    def _check(self) -> None:
        """Find the fault and mark its character."""
        from nodeflow.expressions import parse

        text, position = self.field.toPlainText(), None
        self._fault = ""
        if text.strip():
            try:
                formula = parse(text)
                if self._columns is not None and not self.declared.get("deferred"):
                    self._fault = self._unfit(formula)
            except FormulaError as error:
                self._fault, position = error.message, error.position
        elif not self.is_optional:
            self._fault = self.tr("Enter a formula.")
        self._fault = self._fault[:1].upper() + self._fault[1:]
        self.field.mark(position)

    def _unfit(self, formula: Any) -> str:
        from nodeflow.parameters import family
        from nodeflow_gui.settings.choosing import schema_of

        types = self.declared.get("types", ())
        dtype = formula.check(schema_of(self._columns or ()))
        if dtype is not None and not fits(family(dtype), types):
            return self.tr("The formula gives {found}; needed is: {wanted}.").format(
                found=family_text(family(dtype)), wanted=", ".join(map(family_text, types))
            )
        return ""

    def _offer(self) -> None:
        """A menu of all columns and functions, with what each does."""
        from nodeflow.expressions import reference

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        columns = menu.addMenu(self.tr("Columns"))
        columns.setEnabled(bool(self._columns))
        for name, family in self._columns or ():
            columns.addAction(f"{name}\t{family_text(family)}", partial(self.field.put, quoted(name)))
        menu.addSeparator()
        for group in reference():
            below = menu.addMenu(group["group"])
            below.setToolTipsVisible(True)
            for one in group["functions"]:
                action = below.addAction(one["usage"], partial(self.field.put, f"{one['name']}()", back=1))
                action.setToolTip(f"{one['help']}\n{one['example']}")
        menu.popup(self.insert.mapToGlobal(self.insert.rect().bottomLeft()))

    def value(self) -> Any:
        text = self.field.toPlainText()
        return None if self.is_optional and not text.strip() else text

    def set_value(self, value: Any) -> None:
        text = "" if value is None else str(value)
        if text != self.field.toPlainText():
            blocked = self.field.blockSignals(True)
            self.field.setPlainText(text)
            self.field.blockSignals(blocked)
            self.field.fit()
        self._check()

    def fault(self) -> str:
        return self._fault


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
        self.completer.setModel(QStringListModel(self.completer))
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.activated.connect(self._complete)
        theme().theme_changed.connect(self._highlighter.recolour)

    def offer(self, columns: Sequence[str]) -> None:
        """Complete these columns and all functions."""
        from nodeflow.expressions import reference

        self._names = {name: quoted(name) for name in columns}
        for group in reference():
            self._names.update((f"{one['name']}(", f"{one['name']}(") for one in group["functions"])
        model = self.completer.model()
        assert isinstance(model, QStringListModel)
        model.setStringList(list(self._names))
        self._highlighter.know(columns)

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._popup()
        chooses = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape)
        if popup.isVisible() and event.key() in chooses:
            if event.key() == Qt.Key.Key_Escape:
                popup.hide()
            else:
                self._complete(popup.currentIndex().data() or self.completer.currentCompletion())
            return
        asked = event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier
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
        area.setWidth(max(spacing(50), popup.sizeHintForColumn(0) + spacing(6)))
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


def quoted(name: str) -> str:
    """A column's name as a formula writes it: in backticks unless it is a plain word."""
    return name if _PLAIN.fullmatch(name) and name not in _RESERVED else f"`{name}`"
