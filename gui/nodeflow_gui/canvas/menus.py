"""The menus of the canvas, by what lies under the pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QMenu

from nodeflow.workflow import COMPONENT
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.canvas.wire_item import WireItem
from nodeflow_gui.document.notes import COLOURS

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

WIRE_LENGTH = 80.0
"""Of the wire to a node that is added from the menu of a port."""


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("CanvasMenu", text)


def menu_for(view: CanvasView, item: QGraphicsItem | None, point: QPointF) -> QMenu:
    """The menu for an item, or for the empty canvas."""
    menu = QMenu(view)
    port = item.port_at(point) if isinstance(item, NodeItem) and not view.is_batched() else None
    if isinstance(item, NodeItem) and port is not None:
        _of_port(view, menu, item, *port)
    elif isinstance(item, NodeItem):
        _of_nodes(view, menu, item)
    elif isinstance(item, WireItem):
        _of_wire(view, menu, item)
    elif isinstance(item, NoteItem):
        _of_note(view, menu, item)
    else:
        _of_canvas(view, menu, point)
    return menu


def _add(
    menu: QMenu, text: str, action: Callable[[], object], keys: str = "", *, enabled: bool = True
) -> None:
    added = menu.addAction(text, lambda: action())
    if keys:
        added.setShortcut(QKeySequence(keys))
        added.setShortcutVisibleInContextMenu(True)
    added.setEnabled(enabled)


def _of_nodes(view: CanvasView, menu: QMenu, item: NodeItem) -> None:
    editing, chosen = view.editing, view.canvas_scene.selected_nodes()
    node = item.node
    one = len(chosen) <= 1
    _add(menu, tr("Settings"), lambda: view.activate_node(node), "Return", enabled=one)
    _add(menu, tr("Look at the data"), view.look_at_current, "Space", enabled=one and bool(item.face.outputs))
    _add(menu, tr("Rename"), lambda: editing.rename(node), "F2", enabled=one)
    _add(menu, tr("Add a node after it"), editing.add_beside, "Tab", enabled=one)
    menu.addSeparator()
    _add(menu, tr("Cut"), editing.cut, "Ctrl+X")
    _add(menu, tr("Copy"), editing.copy, "Ctrl+C")
    _add(menu, tr("Duplicate"), editing.duplicate, "Ctrl+D")
    menu.addSeparator()
    if item.face.is_component and one:
        _add(menu, tr("Open the component"), lambda: view.enter(node), "Ctrl+Return")
        _add(menu, tr("Expand the component"), editing.expand, "Ctrl+Shift+G")
    else:
        _add(menu, tr("Make a component"), editing.collapse, "Ctrl+G")
        types = {view.level_document.workflow.nodes[name].type for name in chosen}
        if COMPONENT in types:
            _add(menu, tr("Expand the components"), editing.expand, "Ctrl+Shift+G")
    if one and view.level:
        _ports(view, menu, item)
    if not one:
        _add(menu, tr("Connect them"), editing.connect_selected, "C")
    _add(menu, tr("Put a frame round it") if one else tr("Put a frame round them"), editing.add_frame)
    if not one:
        _arranging(view, menu)
    menu.addSeparator()
    _add(menu, tr("Delete"), editing.delete, "Del")
    _add(menu, tr("Delete and join the neighbours"), lambda: editing.delete(heal=True), "Ctrl+Del")


def _of_port(view: CanvasView, menu: QMenu, item: NodeItem, name: str, is_output: bool) -> None:
    document = view.level_document
    wires = [
        one.wire
        for one in item.wires
        if (item.node, name)
        == ((one.wire.source, one.wire.output) if is_output else (one.wire.target, one.wire.input))
    ]
    if is_output:
        _add(menu, tr("Look at the data"), lambda: view.activate_port(item.node, name))
    point = item.port_point(name, is_output) + QPointF(WIRE_LENGTH if is_output else -WIRE_LENGTH, 0)
    _add(menu, tr("Add a node here"), lambda: view.adding.open(point, (item.node, name), is_output))
    menu.addSeparator()
    _add(menu, tr("Remove its connections"), lambda: document.remove([], wires), enabled=bool(wires))
    if view.level:
        own = dict(item.face.exits if is_output else item.face.entries)
        words = tr("Output of the component") if is_output else tr("Input of the component")
        _offer(view, menu, item, words, name, own.get(name, ""), is_output=is_output)


def _offer(
    view: CanvasView, menu: QMenu, item: NodeItem, words: str, name: str, own: str, *, is_output: bool
) -> None:
    """An entry that makes a port of a node one of the component, or takes it away; `own` is its name there."""
    document = view.level_document
    action = menu.addAction(words)
    action.setCheckable(True)
    action.setChecked(bool(own))
    action.setEnabled(bool(own) or is_output or name not in item.used_inputs)
    side = "outputs" if is_output else "inputs"
    action.triggered.connect(
        lambda: (
            document.remove_port(side, own)
            if own
            else document.offer_port(item.node, name, is_output=is_output)
        )
    )


def _ports(view: CanvasView, menu: QMenu, item: NodeItem) -> None:
    """Within a component: which ports of the node are ports of the component."""
    ports = menu.addMenu(tr("Ports of the component"))
    for names, tags, is_output in (
        (item.face.inputs, item.face.entries, False),
        (item.face.outputs, item.face.exits, True),
    ):
        own = dict(tags)
        for name, _ in names:
            words = tr("Output: {0}") if is_output else tr("Input: {0}")
            _offer(view, ports, item, words.format(name), name, own.get(name, ""), is_output=is_output)


def _arranging(view: CanvasView, menu: QMenu) -> None:
    arrange = menu.addMenu(tr("Arrange"))
    _add(arrange, tr("By layers"), view.editing.arrange, "Ctrl+L")
    arrange.addSeparator()
    for how, text in (
        ("left", tr("Align left edges")),
        ("centre", tr("Align centres")),
        ("right", tr("Align right edges")),
        ("top", tr("Align upper edges")),
        ("middle", tr("Align middles")),
        ("bottom", tr("Align lower edges")),
    ):
        _add(arrange, text, lambda how=how: view.editing.align(how))  # type: ignore[misc]
    arrange.addSeparator()
    _add(arrange, tr("Distribute horizontally"), lambda: view.editing.distribute("horizontally"))
    _add(arrange, tr("Distribute vertically"), lambda: view.editing.distribute("vertically"))


def _of_wire(view: CanvasView, menu: QMenu, item: WireItem) -> None:
    wire = item.wire
    middle = item.line().pointAtPercent(0.5)
    _add(menu, tr("Insert a node"), lambda: view.adding.open_on(item, middle))
    _add(menu, tr("Look at the data"), lambda: view.activate_port(wire.source, wire.output))
    menu.addSeparator()
    _add(menu, tr("Delete the connection"), lambda: view.editing.disconnect(wire), "Del")


def _of_note(view: CanvasView, menu: QMenu, item: NoteItem) -> None:
    words = tr("Change the title") if item.note.is_frame else tr("Change the text")
    _add(menu, words, lambda: view.editing.edit_note(item))
    colours = menu.addMenu(tr("Colour"))
    # notes are yellow as usual
    others = [one for one in COLOURS if item.note.is_frame or one != "yellow"]
    for name, shown in (("", tr("Usual")), *((one, colour_words(one)) for one in others)):
        action = colours.addAction(_swatch(name, item.note.is_frame), shown)
        action.triggered.connect(lambda _=False, name=name: view.editing.colour_notes(name))
    _add(menu, tr("Copy"), view.editing.copy, "Ctrl+C")
    _add(menu, tr("Duplicate"), view.editing.duplicate, "Ctrl+D")
    menu.addSeparator()
    _add(menu, tr("Delete"), view.editing.delete, "Del")


def colour_words(colour: str) -> str:
    """A colour in the user's language."""
    words = {
        "yellow": tr("Yellow"),
        "green": tr("Green"),
        "blue": tr("Blue"),
        "violet": tr("Violet"),
        "red": tr("Red"),
        "grey": tr("Grey"),
    }
    return words[colour]


def _swatch(colour: str, is_frame: bool) -> QIcon:
    picture = QPixmap(32, 32)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground, border = paints().note(colour, is_frame=is_frame)
    painter.setBrush(ground)
    painter.setPen(border)
    painter.drawRoundedRect(QRectF(1, 1, 14, 14), 3, 3)
    painter.end()
    return QIcon(picture)


def _of_canvas(view: CanvasView, menu: QMenu, point: QPointF) -> None:
    editing = view.editing
    _add(menu, tr("Add a node"), lambda: view.adding.open(point, None, True), "Tab")
    _add(menu, tr("Add a note"), lambda: editing.add_note(point))
    _add(menu, tr("Add a frame"), lambda: editing.add_frame(point))
    menu.addSeparator()
    _add(menu, tr("Paste"), lambda: editing.paste(point), "Ctrl+V")
    _add(menu, tr("Select all"), editing.select_all, "Ctrl+A")
    _add(menu, tr("Arrange all"), editing.arrange, "Ctrl+L")
    menu.addSeparator()
    _add(menu, tr("Zoom to fit"), view.zoom_to_fit, "Home")
    _add(menu, tr("Actual size"), view.reset_zoom, "Ctrl+1")
    if view.level_document.level:
        _add(menu, tr("Leave the component"), view.go_up)
