"""Every command of the window in one table: menus, shortcuts, the search and the tooltips come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from nodeflow_gui.look import icon
from nodeflow_gui.translations import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Command:
    """One command: its menu, its words and its keys, `also` for those of other systems. `needs` is "" or "workflow"."""

    key: str
    menu: str
    words: str
    shortcut: str = ""
    icon: str = ""
    needs: str = ""
    checkable: bool = False
    begins_group: bool = False
    also: str = ""


_FILE = QT_TRANSLATE_NOOP("Commands", "&File")
_EDIT = QT_TRANSLATE_NOOP("Commands", "&Edit")
_RUN = QT_TRANSLATE_NOOP("Commands", "&Run")
_VIEW = QT_TRANSLATE_NOOP("Commands", "&View")
_HELP = QT_TRANSLATE_NOOP("Commands", "&Help")

COMMANDS = (
    Command("new", _FILE, QT_TRANSLATE_NOOP("Commands", "New workflow"), "Ctrl+N", "new"),
    Command("new window", _FILE, QT_TRANSLATE_NOOP("Commands", "New window"), "Ctrl+Shift+N"),
    Command("open", _FILE, QT_TRANSLATE_NOOP("Commands", "Open…"), "Ctrl+O", "open"),
    Command(
        "save", _FILE, QT_TRANSLATE_NOOP("Commands", "Save"), "Ctrl+S", "save", "workflow", begins_group=True
    ),
    Command("save as", _FILE, QT_TRANSLATE_NOOP("Commands", "Save as…"), "Ctrl+Shift+S", "", "workflow"),
    Command(
        "export picture",
        _FILE,
        QT_TRANSLATE_NOOP("Commands", "Export as picture…"),
        "",
        "picture",
        "workflow",
        begins_group=True,
    ),
    Command(
        "export python",
        _FILE,
        QT_TRANSLATE_NOOP("Commands", "Export as Python script…"),
        "",
        "script",
        "workflow",
    ),
    Command("welcome", _FILE, QT_TRANSLATE_NOOP("Commands", "Welcome page"), "", "", begins_group=True),
    Command("preferences", _FILE, QT_TRANSLATE_NOOP("Commands", "Preferences…"), "Ctrl+,", "settings"),
    Command("close", _FILE, QT_TRANSLATE_NOOP("Commands", "Close workflow"), "Ctrl+W", "", "workflow"),
    Command("quit", _FILE, QT_TRANSLATE_NOOP("Commands", "Quit"), "Ctrl+Q", begins_group=True),
    Command("undo", _EDIT, QT_TRANSLATE_NOOP("Commands", "Undo"), "Ctrl+Z", "undo", "workflow"),
    Command(
        "redo",
        _EDIT,
        QT_TRANSLATE_NOOP("Commands", "Redo"),
        "Ctrl+Shift+Z",
        "redo",
        "workflow",
        also="Ctrl+Y",
    ),
    Command("cut", _EDIT, QT_TRANSLATE_NOOP("Commands", "Cut"), "Ctrl+X", "", "workflow", begins_group=True),
    Command("copy", _EDIT, QT_TRANSLATE_NOOP("Commands", "Copy"), "Ctrl+C", "copy", "workflow"),
    Command("paste", _EDIT, QT_TRANSLATE_NOOP("Commands", "Paste"), "Ctrl+V", "", "workflow"),
    Command("duplicate", _EDIT, QT_TRANSLATE_NOOP("Commands", "Duplicate"), "Ctrl+D", "", "workflow"),
    Command("delete", _EDIT, QT_TRANSLATE_NOOP("Commands", "Delete"), "Del", "delete", "workflow"),
    Command("select all", _EDIT, QT_TRANSLATE_NOOP("Commands", "Select all"), "Ctrl+A", "", "workflow"),
    Command(
        "add next",
        _EDIT,
        QT_TRANSLATE_NOOP("Commands", "Add a node…"),
        "Ctrl+Space",
        "add",
        "workflow",
        begins_group=True,
    ),
    Command(
        "collapse",
        _EDIT,
        QT_TRANSLATE_NOOP("Commands", "Make a component of the selection"),
        "Ctrl+G",
        "component",
        "workflow",
    ),
    Command(
        "expand", _EDIT, QT_TRANSLATE_NOOP("Commands", "Expand the component"), "Ctrl+Shift+G", "", "workflow"
    ),
    Command(
        "arrange",
        _EDIT,
        QT_TRANSLATE_NOOP("Commands", "Lay out automatically"),
        "Ctrl+L",
        "layout",
        "workflow",
    ),
    Command(
        "align left",
        _EDIT,
        QT_TRANSLATE_NOOP("Commands", "Align at the left"),
        "",
        "",
        "workflow",
        begins_group=True,
    ),
    Command("align top", _EDIT, QT_TRANSLATE_NOOP("Commands", "Align at the top"), "", "", "workflow"),
    Command(
        "add note", _EDIT, QT_TRANSLATE_NOOP("Commands", "Add a note"), "", "", "workflow", begins_group=True
    ),
    Command("run", _RUN, QT_TRANSLATE_NOOP("Commands", "Run all"), "F5", "run", "workflow"),
    Command(
        "run here",
        _RUN,
        QT_TRANSLATE_NOOP("Commands", "Run to the selected nodes"),
        "Shift+F5",
        "run to",
        "workflow",
    ),
    Command("stop", _RUN, QT_TRANSLATE_NOOP("Commands", "Stop"), "Esc", "stop", "workflow"),
    Command(
        "reset",
        _RUN,
        QT_TRANSLATE_NOOP("Commands", "Reset the selected nodes"),
        "F8",
        "reset",
        "workflow",
        begins_group=True,
    ),
    Command("reset all", _RUN, QT_TRANSLATE_NOOP("Commands", "Reset all nodes"), "", "", "workflow"),
    Command(
        "automatic",
        _RUN,
        QT_TRANSLATE_NOOP("Commands", "Run changes automatically"),
        "",
        "",
        "workflow",
        checkable=True,
    ),
    Command("search", _VIEW, QT_TRANSLATE_NOOP("Commands", "Search everything…"), "Ctrl+K", "search"),
    Command("find node", _VIEW, QT_TRANSLATE_NOOP("Commands", "Search the palette"), "Ctrl+F"),
    Command("settings", _VIEW, QT_TRANSLATE_NOOP("Commands", "Go to the settings"), "F3", "", "workflow"),
    Command("look", _VIEW, QT_TRANSLATE_NOOP("Commands", "Look at the data"), "F4", "table", "workflow"),
    Command(
        "show palette",
        _VIEW,
        QT_TRANSLATE_NOOP("Commands", "Palette"),
        "Alt+1",
        "panel left",
        checkable=True,
        begins_group=True,
    ),
    Command(
        "show inspector",
        _VIEW,
        QT_TRANSLATE_NOOP("Commands", "Data"),
        "Alt+2",
        "panel bottom",
        checkable=True,
    ),
    Command(
        "show settings",
        _VIEW,
        QT_TRANSLATE_NOOP("Commands", "Settings"),
        "Alt+3",
        "panel right",
        checkable=True,
    ),
    Command(
        "show problems", _VIEW, QT_TRANSLATE_NOOP("Commands", "Problems"), "Alt+4", "warning", checkable=True
    ),
    Command("canvas only", _VIEW, QT_TRANSLATE_NOOP("Commands", "Canvas alone"), "F11", "fit", "workflow"),
    Command(
        "zoom in",
        _VIEW,
        QT_TRANSLATE_NOOP("Commands", "Zoom in"),
        "Ctrl++",
        "",
        "workflow",
        begins_group=True,
    ),
    Command("zoom out", _VIEW, QT_TRANSLATE_NOOP("Commands", "Zoom out"), "Ctrl+-", "", "workflow"),
    Command(
        "zoom fit",
        _VIEW,
        QT_TRANSLATE_NOOP("Commands", "Show the whole workflow"),
        "Ctrl+0",
        "fit",
        "workflow",
    ),
    Command(
        "zoom selection",
        _VIEW,
        QT_TRANSLATE_NOOP("Commands", "Zoom to the selection"),
        "Ctrl+2",
        "",
        "workflow",
    ),
    Command("actual size", _VIEW, QT_TRANSLATE_NOOP("Commands", "Actual size"), "Ctrl+1", "", "workflow"),
    Command("shortcuts", _HELP, QT_TRANSLATE_NOOP("Commands", "Keyboard shortcuts"), "F1", "help"),
    Command("about", _HELP, QT_TRANSLATE_NOOP("Commands", "About nodeflow"), "", "info"),
)
"""In the order of the menus."""

OF_THE_CANVAS = frozenset(("cut", "copy", "paste", "duplicate", "delete", "select all"))
"""Commands whose keys mean something else in tables and fields: the canvas listens for them itself."""


def command_text(command: Command) -> str:
    """The words of a command in the user's language."""
    return QCoreApplication.translate("Commands", command.words)


def make_actions(window: QWidget, does: Mapping[str, Callable[[], None]]) -> dict[str, QAction]:
    """An action for each command; `does` says what it does."""
    actions = {}
    for command in COMMANDS:
        action = QAction(command_text(command), window)
        if command.key in OF_THE_CANVAS:
            keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            action.setText(f"{command_text(command)}\t{keys}")
        elif command.shortcut:
            action.setShortcuts([QKeySequence(keys) for keys in (command.shortcut, command.also) if keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(command.checkable)
        action.setToolTip(_tooltip(command))
        action.triggered.connect(lambda _=False, do=does[command.key]: do())
        actions[command.key] = action
    recolour(actions)
    return actions


def recolour(actions: Mapping[str, QAction]) -> None:
    """Give the actions their icons in the colours of the theme."""
    for command in COMMANDS:
        if command.icon:
            actions[command.key].setIcon(icon(command.icon))


def fill_menus(bar: QMenuBar, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """The menus with all commands; gives them by their English titles."""
    menus: dict[str, QMenu] = {}
    for command in COMMANDS:
        menu = menus.get(command.menu)
        if menu is None:
            menu = menus[command.menu] = bar.addMenu(QCoreApplication.translate("Commands", command.menu))
        if command.begins_group:
            menu.addSeparator()
        menu.addAction(actions[command.key])
    return menus


def add_recent(
    menus: Mapping[str, QMenu], actions: Mapping[str, QAction], fill: Callable[[QMenu], None]
) -> None:
    """Put the menu of recent files below "Open…"; it is filled each time it opens."""
    menu = menus[_FILE]
    recent = QMenu(QCoreApplication.translate("Commands", "Open recent"), menu)
    recent.setToolTipsVisible(True)
    recent.aboutToShow.connect(lambda: fill(recent))
    following = menu.actions()[menu.actions().index(actions["open"]) + 1]
    menu.insertMenu(following, recent)


def _tooltip(command: Command) -> str:
    words = command_text(command).rstrip("…")
    keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{words} ({keys})" if keys else words
