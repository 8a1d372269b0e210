"""The search that opens where a wire was dropped, or beside the selected node: only nodes that fit, the usual first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from nodeflow.registry import Registry
from nodeflow_gui.document.wiring import types_fit
from nodeflow_gui.look import draw_icon, group_icon_name, spacing, theme
from nodeflow_gui.palette.finding import NodeFinder
from nodeflow_gui.palette.suggesting import STARTS, USUAL, suggestions
from nodeflow_gui.translations.nodes import alphabetical, type_text

WIDTH, HEIGHT, LEAST_HEIGHT, MOST = 320, 360, 160, 60
_TYPE_ID = Qt.ItemDataRole.UserRole


class QuickAdd(QFrame):
    """A search field over a list of node types; Enter or a click chooses."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, registry: Registry, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAccessibleName(self.tr("Add a node"))
        self._registry, self._parent = registry, parent
        self._finder: NodeFinder | None = None
        self._order: list[str] = []
        self._fits: set[str] = set()
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.tr("Search nodes to add"))
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Nodes that fit"))
        self.list.setIconSize(QSize(20, 20))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda item: self._choose(item))
        self.list.currentItemChanged.connect(self._tell)
        self.about = QLabel(self)
        self.about.setProperty("role", "help")
        self.about.setWordWrap(True)
        self.about.setFixedHeight(32)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[spacing(2)] * 4)
        layout.setSpacing(spacing(1))
        for part in (self.field, self.list, self.about):
            layout.addWidget(part)
        self.setFixedSize(WIDTH, HEIGHT)
        self.hide()

    def open_at(
        self,
        point: QPoint,
        declaration: Mapping[str, Any] | None = None,
        port: Mapping[str, Any] | None = None,
        *,
        is_output: bool = True,
    ) -> None:
        """Open at a point of the parent, for nodes that fit a port of a node; without one for all nodes."""
        if self._finder is None:
            self._finder = NodeFinder(self._registry)
        self._order = fitting_types(self._registry, declaration, port, is_output=is_output)
        self._fits = set(self._order)
        if port is None:
            self.field.setPlaceholderText(self.tr("Add a node"))
        elif is_output:
            self.field.setPlaceholderText(self.tr("Add a node for the {0}").format(type_text(port["type"])))
        else:
            self.field.setPlaceholderText(
                self.tr("Add a node that gives a {0}").format(type_text(port["type"]))
            )
        self.field.clear()
        self._search("")
        within = self._parent.rect().adjusted(8, 8, -8, -8)
        self.setFixedHeight(max(LEAST_HEIGHT, min(HEIGHT, within.height())))
        x = min(max(within.left(), point.x()), within.right() - self.width())
        y = min(max(within.top(), point.y() - 20), within.bottom() - self.height())
        self.move(x, max(y, within.top()))
        self.show()
        self.raise_()
        self.field.setFocus()

    def dismiss(self) -> None:
        """Close without a choice."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _search(self, text: str) -> None:
        assert self._finder is not None
        found = [one for one in self._finder.find(text) if one in self._fits] if text.strip() else self._order
        self.list.clear()
        for type_id in found[:MOST]:
            known = self._registry.get(type_id)
            if known is None:
                continue
            item = QListWidgetItem(_group_icon(known.declaration["category"]), known.declaration["name"])
            item.setData(_TYPE_ID, type_id)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        if not found:
            self.about.setText(self.tr("No node of this name fits here."))

    def _tell(self, item: QListWidgetItem | None) -> None:
        known = self._registry.get(item.data(_TYPE_ID)) if item is not None else None
        self.about.setText(known.declaration["summary"] if known is not None else "")

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.hide()
            self.chosen.emit(item.data(_TYPE_ID))
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            row, last = self.list.currentRow(), self.list.count() - 1
            match event.key():
                case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                    self.list.setCurrentRow(0 if row >= last else row + 1)
                case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                    self.list.setCurrentRow(last if row <= 0 else row - 1)
                case Qt.Key.Key_PageDown:
                    self.list.setCurrentRow(min(last, row + 8))
                case Qt.Key.Key_PageUp:
                    self.list.setCurrentRow(max(0, row - 8))
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self._choose(self.list.currentItem())
                case Qt.Key.Key_Escape:
                    self.dismiss()
                case _:
                    return False
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # while a name is typed, keys such as F or Delete are letters and not commands of the window
            event.accept()
            return True
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and not self.underMouse():
            self.dismiss()
        return super().eventFilter(watched, event)


def fitting_types(
    registry: Registry,
    declaration: Mapping[str, Any] | None,
    port: Mapping[str, Any] | None,
    *,
    is_output: bool,
) -> list[str]:
    """The node types that can be wired to a port: what usually follows, then the usual ones, then all by name."""
    side = "inputs" if is_output else "outputs"
    fits = {
        one.id: one.declaration["name"]
        for one in registry
        if port is None or any(types_fit(port["type"], end["type"]) for end in one.declaration[side])
    }
    first: Sequence[str] = ()
    if is_output:
        first = suggestions(registry, declaration, limit=8) if declaration is not None else STARTS
    ranked = [one for one in first if one in fits]
    rest = sorted(fits, key=lambda one: (one not in USUAL, alphabetical(fits[one])))
    return list(dict.fromkeys([*ranked, *rest]))


_icons: dict[tuple[str, bool], QIcon] = {}


def _group_icon(category: str) -> QIcon:
    """The icon of a group on its own ground, as on the cards."""
    look = theme()
    key = category.split(" / ")[0], look.is_dark
    if key not in _icons:
        colour = look.group(category)
        picture = QPixmap(40, 40)
        picture.fill(Qt.GlobalColor.transparent)
        picture.setDevicePixelRatio(2)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.tint(colour, 0.13))
        painter.drawRoundedRect(QRectF(0, 0, 20, 20), 5, 5)
        draw_icon(painter, group_icon_name(category), QRectF(3, 3, 14, 14), colour, width=2.0)
        painter.end()
        _icons[key] = QIcon(picture)
    return _icons[key]
