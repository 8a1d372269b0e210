"""The welcome page: begin, go on with a recent file, or try an example."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nodeflow.registry import Registry
from nodeflow_gui.look import caption, hint, icon, spacing, theme
from nodeflow_gui.preferences import Preferences
from nodeflow_gui.settings.editor import clear, small_label
from nodeflow_gui.window.examples import Example, Sketch, examples, sketch_of

_PICTURE = QSize(228, 128)
_LEFT = spacing(64)


class WelcomePage(QWidget):
    """What to do first. Pictures of the examples come after the window is there."""

    new_requested = Signal()
    open_requested = Signal()
    file_chosen = Signal(object)
    example_chosen = Signal(object)
    data_dropped = Signal(object)

    def __init__(self, registry: Registry, kept: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._registry = registry
        self._kept = kept
        self._waiting: list[ExampleCard] = []
        contents = QWidget(self)
        contents.setObjectName("contents")
        outer = QHBoxLayout(contents)
        outer.setContentsMargins(spacing(10), spacing(12), spacing(10), spacing(8))
        outer.setSpacing(spacing(14))
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(spacing(2))
        right.setSpacing(spacing(3))
        outer.addLayout(left)
        outer.addLayout(right, 1)
        name = small_label("nodeflow", "display", self)
        name.setFixedWidth(_LEFT)
        left.addWidget(name)
        left.addWidget(small_label(self.tr("Draw a workflow, run it, look at every step."), "muted", self))
        left.addSpacing(spacing(4))
        self.new_button = QPushButton(self.tr("New workflow"), self)
        self.new_button.setProperty("role", "primary")
        self.new_button.clicked.connect(self.new_requested)
        self.open_button = QPushButton(self.tr("Open…"), self)
        self.open_button.clicked.connect(self.open_requested)
        buttons = QHBoxLayout()
        buttons.addWidget(self.new_button)
        buttons.addWidget(self.open_button)
        buttons.addStretch(1)
        left.addLayout(buttons)
        left.addSpacing(spacing(2))
        drop = small_label(self.tr("Or drop a data file here: CSV, Excel, Parquet, JSON …"), "muted", self)
        left.addWidget(drop)
        left.addSpacing(spacing(6))
        left.addWidget(small_label(self.tr("Recent files"), "heading", self))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(spacing(1))
        left.addLayout(self._recent)
        left.addStretch(1)
        right.addWidget(small_label(self.tr("Examples to try"), "heading", self))
        self._grid = QGridLayout()
        self._grid.setSpacing(spacing(4))
        right.addLayout(self._grid)
        right.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(contents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._draw_next)
        self.cards: list[ExampleCard] = []
        for example in examples():
            card = ExampleCard(example, self)
            card.clicked.connect(lambda _=False, one=example: self.example_chosen.emit(one.path))
            self.cards.append(card)
        theme().theme_changed.connect(self.draw_pictures)
        self._columns = 0
        self._place_cards()
        self.refresh()

    def refresh(self) -> None:
        """Show the recent files as they are now."""
        clear(self._recent)
        for path in self._kept.recent_files():
            button = QPushButton(caption(path.stem.replace("_", " ")), self)
            button.setProperty("role", "link")
            button.setIcon(icon("file"))
            button.setToolTip(hint(str(path)))
            button.clicked.connect(lambda _=False, one=path: self.file_chosen.emit(one))
            self._recent.addWidget(button)
        if not self._recent.count():
            self._recent.addWidget(small_label(self.tr("None yet."), "muted", self))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_cards()

    def _place_cards(self) -> None:
        """As many cards side by side as there is room for."""
        room = self.width() - spacing(30) - _LEFT
        columns = max(1, room // (_PICTURE.width() + spacing(4)))
        if columns != self._columns:
            self._columns = columns
            for number, card in enumerate(self.cards):
                corner = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
                self._grid.addWidget(card, number // columns, number % columns, corner)
            for column in range(self._grid.columnCount()):
                self._grid.setColumnStretch(column, 1 if column == columns - 1 else 0)

    def draw_pictures(self) -> None:
        """Draw the pictures of the examples, one at a time, so that the window stays quick."""
        self._waiting = list(self.cards)
        self._timer.start()

    def _draw_next(self) -> None:
        if not self._waiting or not self.isVisible():
            self._timer.stop()
            return
        card = self._waiting.pop(0)
        if card.sketch is None:
            card.sketch = sketch_of(card.example.path, self._registry)
        card.show_sketch(card.sketch)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            QTimer.singleShot(50, self, self.draw_pictures)
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.data_dropped.emit(paths)


class ExampleCard(QPushButton):
    """An example as a card: its picture, its title and a sentence."""

    def __init__(self, example: Example, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.example = example
        self.sketch: Sketch | None = None
        self.setProperty("role", "card")
        self.setAccessibleName(example.title)
        self.setToolTip(f"{example.title}\n{example.sentence}")
        self.setFixedSize(_PICTURE.width() + 2, _PICTURE.height() + spacing(17))
        self._picture = QLabel(self)
        self._picture.setFixedSize(_PICTURE)
        title = small_label("", "strong", self)
        title.ensurePolished()
        room = _PICTURE.width() - spacing(7)
        title.setText(title.fontMetrics().elidedText(example.title, Qt.TextElideMode.ElideRight, room))
        sentence = small_label(example.sentence, "help", self)
        sentence.ensurePolished()
        sentence.setFixedHeight(2 * sentence.fontMetrics().lineSpacing())
        sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, spacing(2))
        layout.setSpacing(spacing(1))
        layout.addWidget(self._picture)
        for label in (title, sentence):
            label.setContentsMargins(spacing(3), 0, spacing(3), 0)
            layout.addWidget(label)
        for label in (self._picture, title, sentence):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_sketch(self, sketch: Sketch) -> None:
        """Show the workflow as blocks in the colours of their groups."""
        ratio = self.devicePixelRatioF()
        canvas = QPixmap(_PICTURE * ratio)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(theme().colour("canvas"))
        painter = QPainter(canvas)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_sketch(painter, sketch, QRectF(QPointF(), QSizeF(_PICTURE)))
        painter.end()
        self._picture.setPixmap(canvas)


def draw_sketch(painter: QPainter, sketch: Sketch, area: QRectF) -> None:
    """Draw blocks and wires, spread over the area; the blocks keep their size however many there are."""
    if not sketch.nodes:
        return
    xs = sorted({x for x, _, _ in sketch.nodes.values()})
    ys = sorted({y for _, y, _ in sketch.nodes.values()})
    width = min(30.0, (area.width() - 24) / max(1, len(xs)) * 0.62)
    height = min(14.0, (area.height() - 24) / max(1, len(ys)) * 0.7)
    inner = area.adjusted(14 + width / 2, 14 + height / 2, -14 - width / 2, -14 - height / 2)

    def at(value: float, values: list[float], start: float, length: float) -> float:
        low, high = values[0], values[-1]
        return start + length * ((value - low) / (high - low) if high > low else 0.5)

    centres = {
        name: QPointF(at(x, xs, inner.left(), inner.width()), at(y, ys, inner.top(), inner.height()))
        for name, (x, y, _) in sketch.nodes.items()
    }
    painter.setPen(QPen(theme().colour("wire"), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for source, target in sketch.wires:
        if source in centres and target in centres:
            start, end = centres[source] + QPointF(width / 2, 0), centres[target] - QPointF(width / 2, 0)
            middle = (start.x() + end.x()) / 2
            path = QPainterPath(start)
            path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
            painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    for name, (_, _, category) in sketch.nodes.items():
        painter.setBrush(theme().group(category))
        centre = centres[name]
        painter.drawRoundedRect(QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height), 3, 3)
