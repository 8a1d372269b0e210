"""Palette: the panel at the left with everything a workflow can be made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QMenu, QVBoxLayout, QWidget

from nodeflow.registry import Registry
from nodeflow_gui.look import icon, spacing, theme
from nodeflow_gui.palette.description import Description
from nodeflow_gui.palette.finding import NodeFinder
from nodeflow_gui.palette.listing import NODE_MIME, RowDelegate, RowModel
from nodeflow_gui.palette.row_list import RowList
from nodeflow_gui.palette.rows import Row, browsing_rows, found_rows
from nodeflow_gui.palette.suggesting import suggestions
from nodeflow_gui.preferences import Preferences, preferences

__all__ = ["NODE_MIME", "Palette"]


class Palette(QWidget):
    """Search on top, then suggestions, favourites, recent ones and all groups; a description below."""

    add_requested = Signal(str)

    def __init__(
        self, registry: Registry, parent: QWidget | None = None, *, kept: Preferences | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(spacing(46))
        self.registry = registry
        self._kept = kept or preferences()
        self._finder: NodeFinder | None = None
        self._selected: Mapping[str, Any] | None = None
        self.search = QLineEdit(self)
        self.search.setObjectName("search")
        self.search.setPlaceholderText(self.tr("Search nodes"))
        self.search.setAccessibleName(self.tr("Search nodes"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.rows = RowModel(self)
        self.list = RowList(self)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(RowDelegate(self.list))
        self.list.setAccessibleName(self.tr("Nodes"))
        self.list.setMouseTracking(True)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._offer_menu)
        self.list.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        self.list.doubleClicked.connect(self._activated)
        self.list.entered.connect(self._point_at)
        self.list.selectionModel().currentChanged.connect(self._point_at)
        self.description = Description(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, spacing(3), 0, 0)
        layout.setSpacing(spacing(2))
        field = QVBoxLayout()
        field.setContentsMargins(spacing(3), 0, spacing(3), 0)
        field.addWidget(self.search)
        layout.addLayout(field)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.description)
        self._glass = self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        theme().theme_changed.connect(self._recolour)
        self.description.describe(None)

    def showEvent(self, event: QShowEvent) -> None:
        # the catalogue is read with the first look, so that the window need not wait for it
        super().showEvent(event)
        if not self.rows.rows:
            self._show()
            # ready before the first key press
            QTimer.singleShot(200, self, self._finder_of)

    # -- what is shown ------------------------------------------------------------------------

    def suggest_after(self, declaration: Mapping[str, Any] | None) -> None:
        """Suggest what usually follows the node of this declaration; None for the start of a workflow."""
        if declaration is not self._selected:
            self._selected = declaration
            if not self.search.text().strip():
                self._show()

    def focus_search(self) -> None:
        """Let the user type at once."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def current_type(self) -> str:
        """The id of the chosen node type, empty if none is."""
        row = self._row(self.list.currentIndex())
        return row.key if row is not None and row.kind == "node" else ""

    def _show(self) -> None:
        text = self.search.text().strip()
        favourites = self._kept.kept.favourites
        if text:
            found = found_rows(self.registry, self._finder_of().find(text), favourites)
            self.rows.show_rows(found or [Row("heading", self.tr("No node fits these words"))])
            if found:
                self.list.setCurrentIndex(self.rows.index(0))
                self.list.scrollToTop()
            return
        kept = self._kept.kept
        sections = [
            (
                "suggested",
                self.tr("Suggested next") if self._selected is not None else self.tr("Begin with"),
                suggestions(self.registry, self._selected),
            ),
            ("favourites", self.tr("Favourites"), favourites),
            ("recent", self.tr("Recently used"), kept.recent_nodes[:5]),
        ]
        place = self.list.verticalScrollBar().value()
        self.rows.show_rows(browsing_rows(self.registry, kept.folded_groups, sections, favourites))
        self.list.verticalScrollBar().setValue(place)

    def _finder_of(self) -> NodeFinder:
        if self._finder is None:
            self._finder = NodeFinder(self.registry)
        return self._finder

    def _recolour(self) -> None:
        self._glass.setIcon(icon("search"))
        self.list.viewport().update()

    # -- what the user does -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._activated(self.list.currentIndex())
                return True
            if watched is self.search and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._step(1 if key == Qt.Key.Key_Down else -1)
                return True
            if watched is self.search and key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        if watched is self.list and event.type() == QEvent.Type.Leave:
            self._point_at(self.list.currentIndex())
        return super().eventFilter(watched, event)

    def _step(self, direction: int) -> None:
        place = self.list.currentIndex().row()
        while 0 <= (place := place + direction) < len(self.rows.rows):
            if self.rows.rows[place].kind == "node":
                self.list.setCurrentIndex(self.rows.index(place))
                return

    def _clicked(self, index: QModelIndex) -> None:
        row = self._row(index)
        if row is not None and row.kind != "node" and row.key:
            self._toggle(row.key)

    def _toggle(self, key: str) -> None:
        folded = self._kept.kept.folded_groups
        self._kept.change(
            folded_groups=[one for one in folded if one != key] if key in folded else [*folded, key]
        )
        self._show()

    def _activated(self, index: QModelIndex) -> None:
        row = self._row(index)
        if row is None or not row.key:
            return
        if row.kind != "node":
            if not self.list.underMouse():  # a click has folded it already
                self._toggle(row.key)
            return
        self.add_requested.emit(row.key)

    def node_used(self, type_id: str) -> None:
        """A node of this type was added, from here or elsewhere."""
        # what is shown now must outlive the event that chose it
        QTimer.singleShot(0, self, lambda: self._remember(type_id))

    def _remember(self, type_id: str) -> None:
        self._kept.node_used(type_id)
        if not self.search.text().strip():
            self._show()

    def _point_at(self, index: QModelIndex) -> None:
        row = self._row(index)
        known = self.registry.get(row.key) if row is not None and row.kind == "node" else None
        self.description.describe(known.declaration if known is not None else None)

    def _offer_menu(self, place: QPoint) -> None:
        row = self._row(self.list.indexAt(place))
        if row is None or row.kind != "node":
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("add"), self.tr("Add to the workflow"), lambda: self.add_requested.emit(row.key))
        words = self.tr("Remove from favourites") if row.is_favourite else self.tr("Add to favourites")
        menu.addAction(icon("star"), words, lambda: self.toggle_favourite(row.key))
        menu.popup(self.list.viewport().mapToGlobal(place))

    def toggle_favourite(self, type_id: str) -> None:
        """Make a node type a favourite, or no longer."""
        self._kept.toggle_favourite(type_id)
        self._show()

    def _row(self, index: QModelIndex) -> Row | None:
        return self.rows.rows[index.row()] if index.isValid() and index.row() < len(self.rows.rows) else None
