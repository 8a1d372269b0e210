"""The bar on top: the open workflows as tabs, run, stop and the search."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabBar, QToolButton, QWidget

from nodeflow_gui.look import caption, hint, icon, spacing, theme


class TopBar(QWidget):
    """Brand, tabs, and what is used most."""

    page_chosen = Signal(int)
    page_closed = Signal(int)

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(spacing(11))
        self._actions = actions
        brand = QPushButton("nodeflow", self)
        brand.setProperty("role", "link")
        brand.setStyleSheet(
            "font-size: 15px; font-weight: 700; color: palette(window-text); text-decoration: none;"
        )
        brand.setToolTip(self.tr("Welcome page"))
        brand.clicked.connect(actions["welcome"].trigger)
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("documents")
        self.tabs.setExpanding(False)
        self.tabs.setTabsClosable(True)
        self.tabs.setDocumentMode(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setAccessibleName(self.tr("Open workflows"))
        self.tabs.tabBarClicked.connect(self.page_chosen)
        self.tabs.currentChanged.connect(self.page_chosen)
        self.tabs.tabCloseRequested.connect(self.page_closed)
        self.run = QPushButton(self.tr("Run all"), self)
        self.run.setProperty("role", "run")
        self.run.setToolTip(actions["run"].toolTip())
        self.run.clicked.connect(actions["run"].trigger)
        self.stop = QPushButton(self.tr("Stop"), self)
        self.stop.setToolTip(actions["stop"].toolTip())
        self.stop.clicked.connect(actions["stop"].trigger)
        self.search = QPushButton(self.tr("Search nodes, columns…   Ctrl+K"), self)
        self.search.setMinimumWidth(spacing(52))
        self.search.clicked.connect(actions["search"].trigger)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(spacing(4), 0, spacing(3), 0)
        layout.setSpacing(spacing(2))
        layout.addWidget(brand)
        layout.addSpacing(spacing(3))
        layout.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addStretch(1)
        self._tools: list[QToolButton] = []
        for name in ("undo", "redo"):
            layout.addWidget(self._tool(actions[name]))
        layout.addSpacing(spacing(1))
        for button in (self.run, self.stop, self.search):
            layout.addWidget(button)
        for name in ("show palette", "show inspector", "show settings"):
            layout.addWidget(self._tool(actions[name]))
        actions["run"].changed.connect(self._follow)
        actions["stop"].changed.connect(self._follow)
        theme().theme_changed.connect(self.recolour)
        self.recolour()
        self._follow()

    def _tool(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setAccessibleName(action.text())
        self._tools.append(button)
        return button

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        self.run.setIcon(icon("run", "on accent", filled=True))
        self.stop.setIcon(icon("stop", filled=True))
        self.search.setIcon(icon("search"))

    def _follow(self) -> None:
        self.run.setEnabled(self._actions["run"].isEnabled())
        self.stop.setEnabled(self._actions["stop"].isEnabled())

    def show_tools(self, shown: bool) -> None:
        """Show what works on a workflow, or hide it while none is open."""
        for widget in (self.run, self.stop, *self._tools):
            widget.setVisible(shown)

    def show_pages(self, titles: list[str], current: int) -> None:
        """Show these titles as tabs, the current one chosen; -1 for none."""
        blocked = self.tabs.blockSignals(True)
        while self.tabs.count() > len(titles):
            self.tabs.removeTab(self.tabs.count() - 1)
        for index, title in enumerate(titles):
            if index >= self.tabs.count():
                self.tabs.addTab(title)
            self.tabs.setTabText(index, caption(title))
            self.tabs.setTabToolTip(index, hint(title))
        if current >= 0:
            self.tabs.setCurrentIndex(current)
        self.tabs.setVisible(bool(titles))
        self.tabs.blockSignals(blocked)
