"""What the commands of the window do with the workflow that is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from nodeflow.errors import NodeflowError
from nodeflow.workflow import COMPONENT
from nodeflow_gui.look import group_icon_name
from nodeflow_gui.look.theme import apply
from nodeflow_gui.palette.finding import OTHER_NAMES
from nodeflow_gui.palette.rows import split_category
from nodeflow_gui.translations.nodes import category_text, english_name
from nodeflow_gui.window.commands import COMMANDS, command_text
from nodeflow_gui.window.everywhere import Hit, SearchEverywhere

if TYPE_CHECKING:
    from nodeflow_gui.window.main_window import MainWindow
    from nodeflow_gui.window.page import WorkflowPage

_NEED_SELECTION = frozenset(
    ("cut", "copy", "duplicate", "delete", "collapse", "run here", "reset", "zoom selection")
)


class WorkCommands(QObject):
    """The commands of all menus but the files', for one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.shows = {
            "show palette": True,
            "show inspector": True,
            "show settings": True,
            "show problems": False,
        }
        self._before_alone: dict[str, bool] | None = None
        self.search: SearchEverywhere | None = None

    def table(self) -> dict[str, Callable[[], None]]:
        """What each command does."""
        files = self.window.files

        def on_page(do: Callable[[WorkflowPage], object]) -> Callable[[], None]:
            def run() -> None:
                page = self.window.page
                if page is None:
                    return
                try:
                    do(page)
                except NodeflowError as error:
                    self.window.tell(str(error))

            return run

        return {
            "new": lambda: void(files.new()),
            "new window": self.new_window,
            "open": files.ask_and_open,
            "save": on_page(files.save),
            "save as": on_page(files.save_as),
            "export picture": on_page(files.export_picture),
            "export python": on_page(files.export_python),
            "welcome": self.window.show_welcome,
            "preferences": self.preferences,
            "close": on_page(self.window.close_page),
            "quit": self.quit,
            "undo": on_page(lambda page: page.document.undo_stack.undo()),
            "redo": on_page(lambda page: page.document.undo_stack.redo()),
            "cut": on_page(lambda page: page.canvas.editing.cut()),
            "copy": on_page(lambda page: page.canvas.editing.copy()),
            "paste": on_page(lambda page: page.canvas.editing.paste()),
            "duplicate": on_page(lambda page: page.canvas.editing.duplicate()),
            "delete": on_page(lambda page: page.canvas.editing.delete()),
            "select all": on_page(lambda page: page.canvas.editing.select_all()),
            "add next": on_page(lambda page: page.canvas.editing.add_beside()),
            "collapse": on_page(lambda page: page.canvas.editing.collapse()),
            "expand": on_page(lambda page: page.canvas.editing.expand()),
            "arrange": on_page(lambda page: page.canvas.editing.arrange()),
            "align left": on_page(lambda page: page.canvas.editing.align("left")),
            "align top": on_page(lambda page: page.canvas.editing.align("top")),
            "add note": on_page(lambda page: page.canvas.editing.add_note()),
            "run": on_page(lambda page: page.run()),
            "run here": on_page(lambda page: page.run(page.selection)),
            "stop": on_page(lambda page: page.session.stop()),
            "reset": on_page(lambda page: page.session.reset(page.selection)),
            "reset all": on_page(lambda page: page.session.reset()),
            "automatic": on_page(
                lambda page: page.session.set_automatic(self.window.actions_by_key["automatic"].isChecked())
            ),
            "search": self.search_everywhere,
            "find node": self.find_node,
            "settings": on_page(self.to_settings),
            "look": on_page(lambda page: page.look_at_selected()),
            "show palette": partial(self.toggle, "show palette"),
            "show inspector": partial(self.toggle, "show inspector"),
            "show settings": partial(self.toggle, "show settings"),
            "show problems": partial(self.toggle, "show problems"),
            "canvas only": self.canvas_only,
            "zoom in": on_page(lambda page: page.canvas.zoom_in()),
            "zoom out": on_page(lambda page: page.canvas.zoom_out()),
            "zoom fit": on_page(lambda page: page.canvas.zoom_to_fit()),
            "actual size": on_page(lambda page: page.canvas.reset_zoom()),
            "zoom selection": on_page(lambda page: page.canvas.zoom_to_selection()),
            "shortcuts": self.shortcuts,
            "about": self.about,
        }

    # -- what can be done ---------------------------------------------------------------------

    def enable(self, page: WorkflowPage | None) -> None:
        """Enable the commands that make sense now."""
        actions = self.window.actions_by_key
        for command in COMMANDS:
            able = page is not None or not command.needs
            if page is not None:
                if command.key in _NEED_SELECTION:
                    able = bool(page.selection)
                elif command.key.startswith("align"):
                    able = len(page.selection) > 1
            actions[command.key].setEnabled(able)
        if page is not None:
            stack, running = page.document.undo_stack, page.status.is_running
            actions["undo"].setEnabled(stack.canUndo())
            actions["redo"].setEnabled(stack.canRedo())
            actions["run"].setEnabled(not running and bool(page.document.workflow.nodes))
            actions["run here"].setEnabled(not running and bool(page.selection))
            actions["stop"].setEnabled(running)
            actions["expand"].setEnabled((page.declaration_of_selected() or {}).get("id") == COMPONENT)
            self._show_panels(page)
        for key, shown in self.shows.items():
            actions[key].setChecked(shown)

    def _show_panels(self, page: WorkflowPage) -> None:
        for key, panel in self._panels(page).items():
            if panel.isHidden() == self.shows[key]:
                panel.setVisible(self.shows[key])

    def _panels(self, page: WorkflowPage) -> dict[str, QWidget]:
        return {
            "show palette": self.window.palette_panel,
            "show inspector": page.inspector,
            "show settings": page.settings,
            "show problems": page.problems,
        }

    def toggle(self, key: str) -> None:
        """Fold a panel away, or bring it back."""
        self.shows[key] = not self.shows[key]
        self._before_alone = None
        self.window.follow_pages()

    def reveal(self, key: str) -> None:
        """Bring a panel back if it is folded away."""
        if not self.shows[key]:
            self.toggle(key)

    def canvas_only(self) -> None:
        """Give the canvas the whole window, or bring the panels back."""
        if self._before_alone is None:
            self._before_alone = dict(self.shows)
            self.shows = dict.fromkeys(self.shows, False)
        else:
            self.shows, self._before_alone = self._before_alone, None
        self.window.follow_pages()

    # -- editing ------------------------------------------------------------------------------

    def add_node(self, type_id: str) -> None:
        """Add a node to the workflow that is shown, or to a new one."""
        page = self.window.page or self.window.files.new()
        page.add_node(type_id)
        page.focus_canvas()

    def extend_menu(self, menu: QMenu, nodes: list[str]) -> None:
        """Put what runs nodes on top of the menu of nodes."""
        first = menu.actions()[0] if menu.actions() else None
        if not nodes or first is None:
            return
        for key in ("run here", "reset"):
            menu.insertAction(first, self.window.actions_by_key[key])
        menu.insertSeparator(first)

    # -- finding ------------------------------------------------------------------------------

    def find_node(self) -> None:
        """Put the cursor into the search of the palette."""
        if self.window.page is None:
            self.window.files.new()
        self.reveal("show palette")
        self.window.palette_panel.focus_search()

    def to_settings(self, page: WorkflowPage) -> None:
        """Put the cursor into the first setting of the selected node."""
        self.reveal("show settings")
        page.settings.focus_first()

    def search_everywhere(self) -> None:
        """Open the search over everything."""
        if self.search is not None:
            self.search.field.setFocus()
            return
        self.search = SearchEverywhere(self._hits(), self._nodes_to_add(), self.window)
        self.search.closed.connect(self._search_closed)

    def _search_closed(self) -> None:
        self.search = None
        if self.window.page is not None:
            self.window.page.focus_canvas()

    def _nodes_to_add(self) -> list[Hit]:
        hits = []
        for one in self.window.registry:
            declaration = one.declaration
            category = declaration["category"]
            hits.append(
                Hit(
                    declaration["name"],
                    self.tr("add"),
                    partial(self.add_node, one.id),
                    group_icon_name(category),
                    category,
                    category_text(self.window.registry, split_category(category)[0]),
                    " ".join(
                        (english_name(declaration), *declaration["keywords"], *OTHER_NAMES.get(one.id, ()))
                    ),
                )
            )
        return sorted(hits, key=lambda hit: "scikit" in hit.category)

    def _hits(self) -> list[Hit]:
        hits: list[Hit] = []
        page = self.window.page
        if page is not None:
            hits += self._workflow_hits(page)
        for command in COMMANDS:
            action = self.window.actions_by_key[command.key]
            if action.isEnabled() and command.key != "search":
                words = command_text(command).rstrip("…")
                hits.append(
                    Hit(
                        words,
                        self.tr("command"),
                        action.trigger,
                        command.icon or "command",
                        "",
                        action.shortcut().toString(),
                    )
                )
        return hits

    def _workflow_hits(self, page: WorkflowPage) -> list[Hit]:
        hits = []
        columns: dict[str, tuple[str, str]] = {}
        for node in page.document.workflow.nodes:
            declaration = page.document.declaration_of(node)
            title = page.document.title_of(node)
            summary = page.status.summary_of(node)
            hits.append(
                Hit(
                    title,
                    self.tr("node"),
                    partial(page.go_to, node),
                    group_icon_name(declaration["category"]),
                    declaration["category"],
                    summary[:40],
                    f"{declaration['name']} {english_name(declaration)} {node}",
                )
            )
            for port in declaration["outputs"]:
                spec = page.status.spec_of(node, port["name"])
                for column in (spec or {}).get("families", ()):
                    columns.setdefault(column, (node, port["name"]))
        for column, (node, port) in columns.items():
            where = page.document.title_of(node)
            does = partial(page.look_at_column, node, port, column)
            hits.append(Hit(column, self.tr("column"), does, "column", "", where))
        return hits

    # -- the rest -----------------------------------------------------------------------------

    def new_window(self) -> None:
        """One more window."""
        from nodeflow_gui.window.main_window import MainWindow

        window = MainWindow(self.window.registry, kept=self.window.kept)
        window.move(self.window.x() + 32, self.window.y() + 32)
        window.show()

    def quit(self) -> None:
        """Close all windows; each asks for what is not saved."""
        for window in list(self.window.windows):
            if not window.close():
                return

    def preferences(self) -> None:
        """Show the preferences, and take what was changed."""
        from nodeflow_gui.window.dialogs import PreferencesDialog

        dialog = PreferencesDialog(self.window.kept, self.window)
        dialog.accepted.connect(self._take_preferences)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_preferences(self) -> None:
        from nodeflow_gui.translations import install

        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply(application, self.window.kept.kept.theme)
        install(application, self.window.kept.kept.language)
        for window in self.window.windows:
            for page in window.pages:
                page.take_preferences()

    def shortcuts(self) -> None:
        """Show all keys."""
        from nodeflow_gui.window.dialogs import ShortcutsDialog

        dialog = ShortcutsDialog(self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def about(self) -> None:
        """Show the versions."""
        from nodeflow_gui.window.dialogs import AboutDialog

        dialog = AboutDialog(self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def void(_: object) -> None:
    """Takes a result that nobody wants."""
