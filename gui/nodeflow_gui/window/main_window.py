"""MainWindow: the frame around the open workflows. It holds no logic of its own: it hands on what is commanded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from nodeflow.registry import Registry
from nodeflow_gui.look import spacing, theme
from nodeflow_gui.look.icons import application_icon
from nodeflow_gui.palette import Palette
from nodeflow_gui.preferences import Preferences, preferences
from nodeflow_gui.translations.nodes import spoken
from nodeflow_gui.window import commands
from nodeflow_gui.window.files import FileCommands
from nodeflow_gui.window.notice import NoticeBar
from nodeflow_gui.window.statusbar import StatusBar
from nodeflow_gui.window.topbar import TopBar
from nodeflow_gui.window.welcome import WelcomePage
from nodeflow_gui.window.work import WorkCommands

if TYPE_CHECKING:
    from nodeflow_gui.window.page import WorkflowPage


class MainWindow(QMainWindow):
    """One window with its tabs. `windows` holds all that are open."""

    windows: ClassVar[list[MainWindow]] = []

    def __init__(self, registry: Registry | None = None, *, kept: Preferences | None = None) -> None:
        super().__init__()
        self.registry = spoken(registry or Registry.installed())
        self.kept = kept or preferences()
        self.pages: list[WorkflowPage] = []
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.files = FileCommands(self)
        self.work = WorkCommands(self)
        self.actions_by_key = commands.make_actions(self, self.work.table())
        menus = commands.fill_menus(self.menuBar(), self.actions_by_key)
        commands.add_recent(menus, self.actions_by_key, self.files.fill_recent)
        self.topbar = TopBar(self.actions_by_key, self)
        self.topbar.page_chosen.connect(self._choose_tab)
        self.topbar.page_closed.connect(lambda index: self.close_page(self.pages[index]))
        self.notice = NoticeBar(self)
        self.palette_panel = Palette(self.registry, kept=self.kept)
        self.palette_panel.add_requested.connect(self.work.add_node)
        self.welcome = WelcomePage(self.registry, self.kept)
        self.welcome.new_requested.connect(self.files.new)
        self.welcome.open_requested.connect(self.files.ask_and_open)
        self.welcome.file_chosen.connect(self.files.open)
        self.welcome.example_chosen.connect(self.files.open_example)
        self.welcome.data_dropped.connect(self.files.take_files)
        self.stack = QStackedWidget(self)
        self.stack.setObjectName("pages")
        self.stack.addWidget(self.welcome)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(self.palette_panel)
        self.splitter.addWidget(self.stack)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setCollapsible(1, False)
        self.splitter.setSizes([spacing(58), spacing(300)])
        self.status_bar = StatusBar(self)
        self.status_bar.problems_chosen.connect(self.actions_by_key["show problems"].trigger)
        contents = QWidget(self)
        layout = QVBoxLayout(contents)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.topbar)
        layout.addWidget(self.notice)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.status_bar)
        self.setCentralWidget(contents)
        # many nodes may tell of changes at once; the line at the foot follows a few times a second
        self._settling = QTimer(self, singleShot=True, interval=60)
        self._settling.timeout.connect(self._follow_state)
        theme().theme_changed.connect(self._recolour)
        self.windows.append(self)
        self._restore()
        self.show_welcome()

    # -- pages --------------------------------------------------------------------------------

    @property
    def page(self) -> WorkflowPage | None:
        """The workflow that is shown; None on the welcome page."""
        shown = self.stack.currentWidget()
        return next((page for page in self.pages if page is shown), None)

    def add_page(self) -> WorkflowPage:
        """A page for one more workflow; it is shown by `show_page`."""
        # the canvas and the views are loaded with the first workflow, not with the window
        from nodeflow_gui.window.page import WorkflowPage

        page = WorkflowPage(self.registry, self.kept, self)
        page.title_changed.connect(self.follow_pages)
        page.state_changed.connect(self._settling.start)
        page.status.node_changed.connect(lambda _: self._settling.start())
        page.failed.connect(self.tell)
        page.panel_wanted.connect(self.work.reveal)
        page.canvas.file_requested.connect(self.files.open)
        page.canvas.added.connect(self.palette_panel.node_used)
        page.canvas.menu_opened.connect(self.work.extend_menu)
        self.pages.append(page)
        self.stack.addWidget(page)
        return page

    def show_page(self, page: WorkflowPage) -> None:
        """Bring a workflow to the front."""
        page.document.look_at_files()
        self.stack.setCurrentWidget(page)
        self.follow_pages()
        page.focus_canvas()

    def show_welcome(self) -> None:
        """Show the welcome page."""
        self.welcome.refresh()
        self.stack.setCurrentWidget(self.welcome)
        self.follow_pages()

    def remove_page(self, page: WorkflowPage) -> None:
        """Take a page away, whatever it holds."""
        place = self.pages.index(page)
        self.pages.remove(page)
        page.finish()
        self.stack.removeWidget(page)
        page.hide()
        page.deleteLater()
        if self.pages:
            self.show_page(self.pages[min(place, len(self.pages) - 1)])
        else:
            self.show_welcome()

    def close_page(self, page: WorkflowPage) -> bool:
        """Close a workflow, after asking for what is not saved; gives whether it is closed."""
        if not self.files.may_close(page):
            return False
        self.remove_page(page)
        return True

    def _choose_tab(self, index: int) -> None:
        if 0 <= index < len(self.pages) and self.pages[index] is not self.page:
            self.show_page(self.pages[index])

    def follow_pages(self) -> None:
        """Bring tabs, title and commands to what is open."""
        page = self.page
        titles = [f"{one.title} •" if one.is_modified else one.title for one in self.pages]
        self.topbar.show_pages(titles, self.pages.index(page) if page is not None else -1)
        self.topbar.show_tools(page is not None)
        # the place of the mark comes before the mark
        self.setWindowTitle(f"{page.title}[*] – nodeflow" if page is not None else "nodeflow[*]")
        self.setWindowModified(page is not None and page.is_modified)
        self.palette_panel.setVisible(self.work.shows["show palette"] and page is not None)
        self._follow_state()

    def _follow_state(self) -> None:
        page = self.page
        self.work.enable(page)
        if page is None:
            self.status_bar.show_nothing()
            return
        self.status_bar.show_status(page.status, page.document.workflow.nodes, self.kept.fault)
        self.palette_panel.suggest_after(page.declaration_of_selected())

    def tell(self, sentence: str, choices: Any = ()) -> None:
        """Say something without stopping the work."""
        (self.page.notice if self.page is not None and not choices else self.notice).tell(sentence, choices)

    # -- the window itself --------------------------------------------------------------------

    def _recolour(self) -> None:
        commands.recolour(self.actions_by_key)
        self.topbar.recolour()
        self.welcome.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, where it means nothing else, leads back to the canvas from any panel."""
        if event.key() == Qt.Key.Key_Escape and self.page is not None:
            self.page.focus_canvas()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.page is not None:
            self.page.document.look_at_files()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.files.take_files(paths, self.mapToGlobal(event.position().toPoint()))

    def _restore(self) -> None:
        state = self.kept.kept.window
        geometry = state.get("geometry")
        if not (isinstance(geometry, str) and self.restoreGeometry(QByteArray.fromHex(geometry.encode()))):
            frame = QSize(spacing(4), spacing(12))  # of the window manager, unknown until it is shown
            self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize() - frame))
        sizes = state.get("palette")
        if (
            isinstance(sizes, list)
            and len(sizes) == 2
            and all(isinstance(one, int) and one > 0 for one in sizes)
        ):
            self.splitter.setSizes(sizes)

    def closeEvent(self, event: QCloseEvent) -> None:
        for page in list(self.pages):
            if not self.files.may_close(page):
                event.ignore()
                return
        window = dict(self.kept.kept.window)
        window["geometry"] = bytes(self.saveGeometry().toHex().data()).decode()
        if all(self.splitter.sizes()):  # a panel that is folded away has no size to remember
            window["palette"] = self.splitter.sizes()
        self.kept.change(window=window)
        for page in list(self.pages):
            self.pages.remove(page)
            page.finish()
        if self in self.windows:
            self.windows.remove(self)
        event.accept()
