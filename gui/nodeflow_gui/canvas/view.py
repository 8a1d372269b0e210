"""The canvas: where a workflow is drawn, and where a person draws it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QGraphicsItem, QToolTip, QWidget
from shiboken6 import isValid

from nodeflow.errors import NodeflowError
from nodeflow.workflow import COMPONENT
from nodeflow_gui.canvas import tooltips
from nodeflow_gui.canvas.adding import MIME, Adding
from nodeflow_gui.canvas.editing import Editing
from nodeflow_gui.canvas.facts import NoStatus, Status
from nodeflow_gui.canvas.find_bar import FindBar
from nodeflow_gui.canvas.finding import Finding
from nodeflow_gui.canvas.gestures import Gesture, gesture_for
from nodeflow_gui.canvas.hint import Hint
from nodeflow_gui.canvas.keyboard import handle_key
from nodeflow_gui.canvas.menus import menu_for
from nodeflow_gui.canvas.minimap import MARGIN, Minimap
from nodeflow_gui.canvas.node_item import PROBLEM_WIDTH, NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.path_bar import PathBar
from nodeflow_gui.canvas.pointing import Pointing, tip_at
from nodeflow_gui.canvas.quick_add import QuickAdd
from nodeflow_gui.canvas.scene import CanvasScene
from nodeflow_gui.canvas.text_editor import TextEditor
from nodeflow_gui.canvas.wire_item import WireItem
from nodeflow_gui.canvas.zoom_view import ZoomView, view_point
from nodeflow_gui.document import Change, EditorDocument
from nodeflow_gui.document.edits import Level
from nodeflow_gui.document.geometry import CARD_HEIGHT, CARD_WIDTH, Place, snapped
from nodeflow_gui.look import theme

ROOM_FOR_PROBLEM = 96.0
LEAST_FOR_MINIMAP = QSize(520, 320)


class CanvasView(ZoomView):
    """Shows a document, or a component within it. All ids in its signals are full: "component/node"."""

    selection_changed = Signal(list)
    port_activated = Signal(str, str)
    node_activated = Signal(str)
    add_requested = Signal(QPointF, object)
    """A search for a node to add opened, at a place of the scene, for a port (node, port) or None."""
    added = Signal(str)
    """A node was added by hand, of this type."""
    level_changed = Signal(str)
    """The path of the component that is shown, empty for the workflow itself."""
    file_requested = Signal(object)
    """A component was opened that lies in a file of its own, a path."""
    fix_requested = Signal(object)
    """A fix offered under a card was clicked: plain data of the session."""
    menu_opened = Signal(object, list)
    """A menu (`QMenu`) is about to be shown, for these nodes; others may add to it."""
    message = Signal(str)
    """A sentence on something that could not be done."""
    zoom_changed = Signal(float)

    def __init__(
        self, document: EditorDocument, status: Status | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = self.level_document = document
        self.status: Status = status if status is not None else NoStatus(self)
        self.drag_distance = 4
        self.is_space_held = False
        self.current_node: str | None = None
        self._space_used = False
        self.gesture: Gesture | None = None
        self.pointing = Pointing(self)
        self.hint = Hint(self.viewport())
        self._fits_when_shown = True
        self.editing = Editing(self)
        self.text_editor = TextEditor(self.viewport())
        self.quick_add = QuickAdd(document.registry, self)
        self.adding = Adding(self)
        self.quick_add.chosen.connect(self.adding.choose)
        self.quick_add.closed.connect(self.setFocus)
        self.find_bar = FindBar(self)
        self.finding = Finding(self)
        self.find_bar.searched.connect(self.finding.find)
        self.find_bar.closed.connect(self.setFocus)
        self.path_bar = PathBar(self)
        self.path_bar.level_chosen.connect(self.show_level)
        self.minimap = Minimap(self)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Workflow canvas"))
        self._use_scene(document)
        document.changed.connect(self._document_changed)
        theme().theme_changed.connect(self._theme_changed)

    # -- levels -------------------------------------------------------------------------------

    @property
    def level(self) -> Level:
        """The components one has entered."""
        return self.level_document.level

    def show_level(self, level: Level | str) -> None:
        """Show the workflow itself, or that of a component."""
        document = self.document.view(level)
        if document is self.level_document:
            return
        self._cancel_gesture()
        self.canvas_scene.release()
        self._use_scene(document)
        self.zoom_to_fit()
        self.level_changed.emit("/".join(document.level))

    def enter(self, node: str) -> None:
        """Open a component of this level."""
        full = self.full_id(node)
        file = self.document.component_file(full)
        if file is not None:
            self.file_requested.emit(file)
            return
        try:
            self.show_level(self.document.open_component(full))
        except NodeflowError as error:
            self.tell(str(error))

    def enter_current(self) -> None:
        """Open the selected component."""
        if self.current_node is not None:
            self.enter(self.current_node)

    def go_up(self) -> None:
        """Leave the component, which then is selected."""
        if self.level:
            name = self.level[-1]
            self.show_level(self.level[:-1])
            self.canvas_scene.select([name])

    def _use_scene(self, document: EditorDocument) -> None:
        self.level_document = document
        self.current_node = None
        self.pointing.forget()
        self.canvas_scene = CanvasScene(document, self.status)
        self.canvas_scene.selectionChanged.connect(self._selection_changed)
        self.canvas_scene.drawn_anew.connect(self._drawn_anew)
        self.canvas_scene.rebuilt.connect(self._rebuilt)
        self.setScene(self.canvas_scene)
        self.path_bar.show_level(self.document, document.level)
        self.minimap.redraw()
        self._place_overlays()

    def _document_changed(self, change: Change) -> None:
        depth = len(self.level)
        while depth and not self._is_there(self.level[:depth]):
            depth -= 1
        if depth < len(self.level):  # the component that is shown was removed, or its adding undone
            self.gesture = None
            self.hint.show("")
            self.show_level(self.level[:depth])
            return
        if self.gesture is not None and self.gesture.is_ended_by(change):
            self._cancel_gesture()
        if change.kind in ("details changed", "node changed") and self.level:
            self.path_bar.show_level(self.document, self.level)

    def _is_there(self, level: Level) -> bool:
        try:
            return self.document.node("/".join(level)).type == COMPONENT
        except NodeflowError:
            return False

    def _rebuilt(self) -> None:
        self.current_node = None
        self.pointing.forget()
        self.minimap.redraw()
        self._fits_when_shown = not self.isVisible()
        if self.isVisible():
            self.zoom_to_fit()
        self.selection_changed.emit([])

    def full_id(self, node: str) -> str:
        """The id of a node of this level, as others know it."""
        return self.canvas_scene.prefix + node

    # -- telling others -----------------------------------------------------------------------

    def tell(self, sentence: str) -> None:
        """Say why something could not be done."""
        self.message.emit(sentence[:1].upper() + sentence[1:])

    def activate_node(self, node: str) -> None:
        """Ask for a node's settings."""
        self.node_activated.emit(self.full_id(node))

    def activate_port(self, node: str, port: str) -> None:
        """Ask for the data at an output."""
        self.canvas_scene.select([node])
        self.port_activated.emit(self.full_id(node), port)

    def activate_current(self) -> None:
        """Ask for the settings of the selected node."""
        if self.current_node is not None:
            self.activate_node(self.current_node)

    def look_at_current(self) -> None:
        """Ask for the data of the selected node; pressed again, for that of its next output."""
        if self.current_node is None or self.current_node not in self.canvas_scene.nodes:
            return
        outputs = self.canvas_scene.nodes[self.current_node].face.outputs
        if outputs:
            last = self.property("looked at") or ""
            keys = [f"{self.full_id(self.current_node)}.{name}" for name, _ in outputs]
            index = (keys.index(last) + 1) % len(keys) if last in keys else 0
            self.setProperty("looked at", keys[index])
            self.port_activated.emit(self.full_id(self.current_node), outputs[index][0])

    def _selection_changed(self) -> None:
        # Qt tells once more while it takes the scene down
        if not isValid(self.canvas_scene) or self.canvas_scene.is_changing:
            return
        nodes = self.canvas_scene.selected_nodes()
        if self.current_node not in nodes:
            self.current_node = nodes[-1] if nodes else None
        if self.is_batched():
            self.viewport().update()
        self.setAccessibleDescription(
            tooltips.selection_words([self.canvas_scene.nodes[node].face for node in nodes])
        )
        self.selection_changed.emit([self.full_id(node) for node in nodes])

    def select_nodes(self, nodes: list[str]) -> None:
        """Select nodes by their full ids, on the level on which they lie, and bring them into sight."""
        if not nodes:
            self.canvas_scene.clearSelection()
            return
        within = nodes[0].rpartition("/")[0]
        self.show_level(within)
        names = [node.rpartition("/")[2] for node in nodes]
        self.canvas_scene.select(names)
        area = QRectF()
        for name in names:
            if name in self.canvas_scene.nodes:
                area = area.united(self.canvas_scene.nodes[name].scene_card())
        if not self.visible_rect().contains(area):
            self.centerOn(area.center())
            self.view_moved()

    # -- adding -------------------------------------------------------------------------------

    def show_added(self, node: str) -> None:
        """Select a node that is new, and see that it is seen."""
        self.canvas_scene.select([node])
        self.canvas_scene.fit_scene_rect()
        card = self.canvas_scene.nodes[node].scene_card()
        # with room beside and below it for what it may have to say
        self.reveal(card.adjusted(0, 0, PROBLEM_WIDTH - card.width(), ROOM_FOR_PROBLEM))
        self.added.emit(self.level_document.workflow.nodes[node].type)

    def reveal(self, area: QRectF, margin: int = 24) -> None:
        """Move until an area of the scene is seen, and not under the overview."""
        self.ensureVisible(area, margin, margin)
        self.view_moved()
        shown = self.viewportTransform().mapRect(area).toAlignedRect()
        if self.minimap.isVisible() and self.minimap.geometry().intersects(shown):
            self.pan(0, shown.bottom() + MARGIN - self.minimap.geometry().top())

    def place_at(self, point: QPoint) -> Place | None:
        """Where a card lies whose middle is at a point of the screen; None if that is not on the canvas."""
        within = self.viewport().mapFromGlobal(point)
        if not self.viewport().rect().contains(within):
            return None
        corner = self.to_scene(QPointF(within)) - QPointF(CARD_WIDTH / 2, CARD_HEIGHT / 2)
        return snapped((corner.x(), corner.y()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
        else:
            event.ignore()  # files are the window's

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            self.pointing.hover(self.adding.wire_under(event))
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.pointing.hover(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self.pointing.hover(None)
        self.adding.drop(event)
        event.acceptProposedAction()
        self.setFocus()

    # -- the mouse ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.text_editor.finish()
        self.quick_add.dismiss()
        QToolTip.hideText()
        if self.gesture is not None:
            return
        if event.button() == Qt.MouseButton.LeftButton and not self.is_space_held:
            point = self.to_scene(event.position())
            item = self.canvas_scene.item_at(point)
            fix = item.link_at(point) if isinstance(item, NodeItem) else None
            if fix is not None:
                self.fix_requested.emit(fix)
                return
        self.gesture = gesture_for(self, event)
        if self.gesture is not None and self.is_space_held:
            self._space_used = True
        self.pointing.update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            had_moved = self.gesture.has_moved
            self.gesture.move(event)
            if self.gesture.has_moved and not had_moved:
                self.pointing.hover(None)
            if self.is_batched():
                self.viewport().update()
            elif self.gesture.has_moved:
                self.pointing.update_cursor()
            return
        self._point_at(event.position())

    def _point_at(self, position: QPointF) -> None:
        self.pointing.hover(self.canvas_scene.item_at(self.to_scene(position)), position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.release(event)
            self.viewport().update()
        if isValid(self.canvas_scene) and self.gesture is None:
            self._point_at(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._cancel_gesture()
        point = self.to_scene(event.position())
        item = self.canvas_scene.item_at(point)
        if isinstance(item, NodeItem):
            if item.face.is_component:
                self.enter(item.node)
            else:
                self.activate_node(item.node)
        elif isinstance(item, NoteItem):
            self.editing.edit_note(item)
        elif isinstance(item, WireItem):
            self.adding.open_on(item, point)
        else:
            self.adding.open(point - QPointF(CARD_WIDTH / 2, 32), None, True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._cancel_gesture()
        by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        item: QGraphicsItem | None
        if by_keys and self.current_node is not None:
            item = self.canvas_scene.nodes[self.current_node]
            point = item.sceneBoundingRect().center()
        else:
            point = self.to_scene(QPointF(event.pos()))
            item = self.canvas_scene.item_at(point)
        if item is not None and not item.isSelected():
            self.canvas_scene.clearSelection()
            item.setSelected(True)
        menu = menu_for(self, item, point)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        nodes = self.canvas_scene.selected_nodes() if isinstance(item, NodeItem) else []
        self.menu_opened.emit(menu, [self.full_id(node) for node in nodes])
        menu.popup(self.viewport().mapToGlobal(view_point(self, point)))

    def _cancel_gesture(self) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.cancel()
            self.viewport().update()

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self.is_space_held, self._space_used = True, False
                self.pointing.update_cursor()
            event.accept()
        elif handle_key(self, event):
            event.accept()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self.is_space_held:
            self.is_space_held = False
            self.pointing.update_cursor()
            if not self._space_used:
                self.look_at_current()
            event.accept()
        else:
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab adds a node; Ctrl+Tab and the mouse lead to the other panels."""
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.is_space_held = False
        super().focusOutEvent(event)

    def escape(self) -> None:
        """Give up the gesture, else the selection."""
        if self.gesture is not None:
            self._cancel_gesture()
        elif self.canvas_scene.selectedItems():
            self.canvas_scene.clearSelection()
        else:
            self.go_up()

    # -- painting and overlays ----------------------------------------------------------------

    def draw_over(self, painter: QPainter) -> None:
        if self.gesture is not None and self.gesture.has_moved:
            self.gesture.paint(painter)
        self.adding.paint(painter)
        self.hint.paint(painter)

    def view_moved(self) -> None:
        self._place_overlays()
        self.minimap.update()
        self.zoom_changed.emit(self.scale_factor())

    def _place_overlays(self) -> None:
        area = self.viewport().rect()
        room = area.width() >= LEAST_FOR_MINIMAP.width() and area.height() >= LEAST_FOR_MINIMAP.height()
        # where all is seen, an overview only hides a part of it
        covered = self.canvas_scene.nodes_rect()
        is_cut = not covered.isEmpty() and not self.visible_rect().contains(covered)
        self.minimap.setVisible(room and is_cut)
        self.minimap.move(
            area.right() - self.minimap.width() - MARGIN, area.bottom() - self.minimap.height() - MARGIN
        )
        self.path_bar.move(MARGIN, MARGIN)
        self.find_bar.move(area.right() - self.find_bar.width() - MARGIN, MARGIN)

    def _drawn_anew(self) -> None:
        self.minimap.drop_picture()
        self._place_overlays()
        self.count_nodes()
        self.viewport().update()

    def _theme_changed(self) -> None:
        for item in self.canvas_scene.nodes.values():
            item.measure_problem()
        self.minimap.drop_picture()
        self.canvas_scene.update()
        self.viewport().update()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._fits_when_shown:
            self._fits_when_shown = False
            QTimer.singleShot(0, self, self.zoom_to_fit)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(
                event.globalPos(), tip_at(self, self.to_scene(QPointF(event.pos()))), self.viewport()
            )
            return True
        if event.type() == QEvent.Type.Leave and self.gesture is None:
            self.pointing.hover(None)
        return super().viewportEvent(event)
