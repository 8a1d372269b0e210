"""The editor of one column: a list of the columns at the input, with their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QCompleter, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from nodeflow_gui.look import font, hint, spacing, theme
from nodeflow_gui.settings.editor import Editor, KnownColumn, QuietComboBox, Surroundings, row_layout
from nodeflow_gui.translations import QT_TRANSLATE_NOOP

_FAMILY_WORDS = (
    QT_TRANSLATE_NOOP("Types", "number"),
    QT_TRANSLATE_NOOP("Types", "integer"),
    QT_TRANSLATE_NOOP("Types", "float"),
    QT_TRANSLATE_NOOP("Types", "text"),
    QT_TRANSLATE_NOOP("Types", "boolean"),
    QT_TRANSLATE_NOOP("Types", "date"),
    QT_TRANSLATE_NOOP("Types", "datetime"),
    QT_TRANSLATE_NOOP("Types", "time"),
    QT_TRANSLATE_NOOP("Types", "duration"),
    QT_TRANSLATE_NOOP("Types", "category"),
    QT_TRANSLATE_NOOP("Types", "list"),
    QT_TRANSLATE_NOOP("Types", "other"),
)
TYPE_ROLE = Qt.ItemDataRole.UserRole + 1


def family_text(family: str) -> str:
    """The name of a family of types in the user's language."""
    return QCoreApplication.translate("Types", family)


def fits(family: str, wanted: Iterable[str]) -> bool:
    """Whether a column of that family may be chosen; "number" takes integers and floats."""
    wanted = tuple(wanted)
    return (
        not wanted
        or family in wanted
        or not family
        or (family in ("integer", "float") and "number" in wanted)
    )


class ColumnEditor(Editor):
    """A combo box over the fitting columns; a name that is not there can be typed as well."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.box = QuietComboBox(self)
        self.box.setEditable(True)
        self.box.setInsertPolicy(QuietComboBox.InsertPolicy.NoInsert)
        self.box.setItemDelegate(TypeDelegate(self.box))
        self.box.setAccessibleName(self.label)
        field = self.box.lineEdit()
        assert field is not None
        field.setFrame(False)
        field.setStyleSheet("border: none; background: transparent; padding: 0;")
        field.setPlaceholderText(self.tr("not set") if self.is_optional else self.tr("choose a column"))
        completer = self.box.completer()
        assert completer is not None
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        field.textEdited.connect(self.edited)
        field.editingFinished.connect(self._settle)
        self.box.activated.connect(self.committed)
        row_layout(self).addWidget(self.box)
        self.setFocusProxy(self.box)
        self._columns: Sequence[KnownColumn] | None = None
        self.refresh_columns()

    def refresh_columns(self) -> None:
        columns = self.around.columns(str(self.declared.get("port", "")))
        if columns == self._columns and self.box.count():
            return
        self._columns = columns
        shown = self.box.currentText()
        blocked = self.box.blockSignals(True)
        self.box.clear()
        if self.is_optional:
            self.box.addItem("")
        for name, family in columns or ():
            if fits(family, self.declared.get("types", ())):
                self.box.addItem(name)
                self.box.setItemData(self.box.count() - 1, family_text(family), TYPE_ROLE)
                self.box.setItemData(
                    self.box.count() - 1, hint(f"{name} · {family_text(family)}"), Qt.ItemDataRole.ToolTipRole
                )
        self._show(shown)
        self.box.blockSignals(blocked)

    def _show(self, name: str) -> None:
        self.box.setCurrentIndex(
            self.box.findText(name, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchCaseSensitive)
        )
        self.box.setEditText(name)

    def _settle(self) -> None:
        """What was typed is done: a part of the name of just one column stands for that column."""
        text = self.box.currentText().strip().casefold()
        names = [self.box.itemText(row) for row in range(self.box.count())]
        if text and self.box.currentText() not in [name for name, _ in self._columns or ()]:
            found = [name for name in names if text in name.casefold()]
            if len(found) == 1:
                self._show(found[0])
        self.committed.emit()

    def value(self) -> Any:
        text = self.box.currentText()
        return None if self.is_optional and not text else text

    def set_value(self, value: Any) -> None:
        blocked = self.box.blockSignals(True)
        self._show("" if value is None else str(value))
        self.box.blockSignals(blocked)

    def fault(self) -> str:
        name = self.value()
        if name is None:
            return ""
        if not name:
            return self.tr("Choose a column.")
        if self._columns is None:
            return ""
        types = self.declared.get("types", ())
        found = dict(self._columns).get(name)
        if found is None:
            return self.tr("There is no column “{name}” at the input.").format(name=name)
        if not fits(found, types):
            wanted = ", ".join(family_text(one) for one in types)
            return self.tr("“{name}” is {found}; needed is: {wanted}.").format(
                name=name, found=family_text(found), wanted=wanted
            )
        return ""


class TypeDelegate(QStyledItemDelegate):
    """Paints the type of a column quietly at the end of its row."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        words = index.data(TYPE_ROLE)
        if words:
            area = QRect(option.rect).adjusted(0, 0, -spacing(2), 0)
            painter.save()
            painter.setFont(font("small"))
            painter.setPen(theme().colour("muted"))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
            painter.restore()
