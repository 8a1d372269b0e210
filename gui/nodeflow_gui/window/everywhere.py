"""One search over everything: nodes to add, nodes on the canvas, columns, commands and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nodeflow_gui.look import draw_icon, font, spacing, theme
from nodeflow_gui.palette.listing import Index

_MOST_OF_A_KIND = 6


@dataclass(frozen=True)
class Hit:
    """Something that can be found: its words, what it is, and what choosing it does."""

    text: str
    kind: str
    does: Callable[[], None]
    icon: str = "other"
    category: str = ""
    aside: str = ""
    also: str = ""
    """Further words that find it."""


def matching(hits: Iterable[Hit], text: str) -> list[Hit]:
    """The hits whose words all occur, those that begin with the text first, a few of each kind.

    Nodes to add come up only once something is typed: without a text there are too many.
    """
    words = text.casefold().split()
    whole = " ".join(words)
    scored: list[tuple[int, int, Hit]] = []
    for place, hit in enumerate(hits):
        name = hit.text.casefold()
        searched = f"{name} {hit.also.casefold()}"
        if all(word in searched for word in words):
            starts = any(part.startswith(whole) for part in name.split())
            fits = (name == whole, name.startswith(whole), starts, whole in name)
            rank = fits.index(True) if any(fits) else len(fits)
            scored.append((rank, place, hit))
    taken: dict[str, int] = {}
    found = []
    for _, _, hit in sorted(scored, key=lambda one: one[:2]):
        taken[hit.kind] = taken.get(hit.kind, 0) + 1
        if taken[hit.kind] <= _MOST_OF_A_KIND:
            found.append(hit)
    return found


class SearchEverywhere(QFrame):
    """A field over the middle of the window; typing filters, Enter chooses, Esc closes."""

    closed = Signal()

    def __init__(
        self,
        hits: Sequence[Hit],
        nodes: Sequence[Hit],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("search-everywhere")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 10)
        colour = theme().colour("shadow").lighter()
        colour.setAlpha(90)
        shadow.setColor(colour)
        self.setGraphicsEffect(shadow)
        self._hits = list(hits)
        self._nodes = list(nodes)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Search nodes, columns, commands, settings"))
        self.field.setAccessibleName(self.tr("Search everything"))
        self.field.textChanged.connect(self.show_hits)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setItemDelegate(HitDelegate(self.list))
        self.list.setAccessibleName(self.tr("Found"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._choose)
        line = QFrame(self)
        line.setProperty("role", "line")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(spacing(2), spacing(2), spacing(2), spacing(2))
        layout.setSpacing(spacing(1))
        layout.addWidget(self.field)
        layout.addWidget(line)
        layout.addWidget(self.list)
        self.found: list[Hit] = []
        self.resize(min(spacing(150), parent.width() - spacing(10)), spacing(100))
        self.move(QPoint((parent.width() - self.width()) // 2, spacing(14)))
        self.show_hits()
        self.show()
        self.raise_()
        self.field.setFocus()

    def show_hits(self) -> None:
        """Show what fits the text."""
        text = self.field.text().strip()
        self.found = matching([*self._hits, *self._nodes] if text else self._hits, text)
        self.list.clear()
        for hit in self.found:
            item = QListWidgetItem(hit.text)
            item.setData(Qt.ItemDataRole.UserRole, hit)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{hit.text}, {hit.kind}")
            self.list.addItem(item)
        if not self.found:
            self.list.addItem(QListWidgetItem(self.tr("Nothing found")))
        self.list.setCurrentRow(0)
        rows = min(12, max(1, self.list.count()))
        self.resize(self.width(), self.field.height() + rows * spacing(8) + spacing(9))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        keeps = (Qt.Key.Key_Escape, Qt.Key.Key_Tab)
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() in keeps:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
            if key == Qt.Key.Key_Escape:
                self.leave()
                return True
        if event.type() == QEvent.Type.FocusOut and not self.list.hasFocus() and self.isVisible():
            self.leave()
        return super().eventFilter(watched, event)

    def _choose(self, item: QListWidgetItem | None) -> None:
        hit = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(hit, Hit):
            self.leave()
            hit.does()

    def leave(self) -> None:
        """Close without doing anything."""
        if self.isVisible():
            self.hide()
            self.closed.emit()
            self.close()
            self.deleteLater()


class HitDelegate(QStyledItemDelegate):
    """Paints a hit with its icon, and what it is at the end."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, spacing(8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit = index.data(Qt.ItemDataRole.UserRole)
        colours, area = theme(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected and isinstance(hit, Hit):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("selection"))
            painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 6, 6)
        text = area.adjusted(spacing(9), 0, -spacing(3), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if isinstance(hit, Hit):
            tint = colours.group(hit.category) if hit.category else colours.colour("muted")
            draw_icon(
                painter, hit.icon, QRectF(area.left() + spacing(2.5), area.center().y() - 8, 16, 16), tint
            )
            aside = f"{hit.aside}   {hit.kind}" if hit.aside else hit.kind
            painter.setFont(font("small"))
            painter.setPen(colours.colour("muted"))
            painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, aside)
            text.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(aside) - spacing(3), 0)
        painter.setFont(font("body"))
        painter.setPen(colours.colour("text" if isinstance(hit, Hit) else "muted"))
        words = index.data(Qt.ItemDataRole.DisplayRole)
        painter.drawText(
            text,
            middle | Qt.AlignmentFlag.AlignLeft,
            painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(text.width())),
        )
        painter.restore()
