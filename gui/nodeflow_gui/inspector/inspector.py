"""The inspector: the panel below the canvas that shows what is at the ports of the chosen node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from nodeflow.errors import NodeflowError, shorten
from nodeflow_gui.document.edits import Change
from nodeflow_gui.inspector.chart_page import ChartPage
from nodeflow_gui.inspector.curves_page import CurvesPage
from nodeflow_gui.inspector.linking import Linking
from nodeflow_gui.inspector.log_page import LogPage
from nodeflow_gui.inspector.statistics_page import StatisticsPage
from nodeflow_gui.inspector.table_page import TablePage
from nodeflow_gui.inspector.words_page import WordsPage
from nodeflow_gui.look import icon, spacing
from nodeflow_gui.running.protocol import NOT_COMPUTED, Seen
from nodeflow_gui.running.session import Session
from nodeflow_gui.running.status import Status
from nodeflow_gui.translations.nodes import port_label

_AGAIN = 120
_PATIENCE = 250
_MOST_STEPS = 20_000
_LONGEST = 60
_DETAILS = "details"
_SOMETIMES = (_DETAILS, "curves")


class Inspector(QWidget):
    """Shows an output: its table, chart, statistics or description, and the log of the session."""

    filter_made = Signal(str)
    """The id of a Row Filter that was made of a selection."""
    message = Signal(str)
    """A sentence on what was done."""
    failed = Signal(str)
    """A sentence on what could not be done."""
    node_wanted = Signal(str)
    """A node that a line of the log leads to."""

    def __init__(
        self, session: Session, status: Status, parent: QWidget | None = None, *, is_apart: bool = False
    ) -> None:
        super().__init__(parent)
        self.is_apart = is_apart
        """Whether it stands in a window of its own, for one output."""
        self.apart: list[QWidget] = []
        """The windows that were opened from here."""
        self.session = session
        self.status = status
        self.node = ""
        self.port = ""
        self._asked = 0
        self._kind = ""
        self._leaves_log = False
        self._figures: dict[str, list[dict[str, float | None]]] = {}
        self.table = TablePage()
        self.chart = ChartPage()
        self.statistics = StatisticsPage()
        self.details = WordsPage()
        self.curves = CurvesPage()
        self.log = LogPage()
        self.pages: dict[str, QWidget] = {
            "table": self.table,
            "chart": self.chart,
            "statistics": self.statistics,
            "log": self.log,
            _DETAILS: self.details,
            "curves": self.curves,
        }
        self._build()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN)
        self._again.timeout.connect(self.refresh)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE)
        self._waiting.timeout.connect(lambda: self._show_nothing(self.tr("Loading …")))
        self._connect()
        self._show_nothing(self.tr("Choose a node to look at its data."))

    def _build(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setMinimumWidth(spacing(50))
        # all the room there is: a bar that is too narrow for a tab that comes scrolls the others away
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tabs.setAccessibleName(self.tr("What to show"))
        names = {
            "table": self.tr("Table"),
            "chart": self.tr("Chart"),
            "statistics": self.tr("Statistics"),
            _DETAILS: self.tr("Details"),
            "curves": self.tr("Training"),
            "log": self.tr("Log"),
        }
        self.stack = QStackedWidget()
        for name, page in self.pages.items():
            self.tabs.setTabData(self.tabs.addTab(names[name]), name)
            self.stack.addWidget(page)
        self.empty = QWidget()
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setProperty("role", "muted")
        self.run_here = QPushButton(self.tr("Run to here"))
        self.run_here.clicked.connect(lambda: self.session.run((self.node,)))
        inner = QVBoxLayout(self.empty)
        inner.addStretch(1)
        for widget in (self.sentence, self.run_here):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(widget, 2 if widget is self.sentence else 0)
            row.addStretch(1)
            inner.addLayout(row)
        inner.addStretch(1)
        self.stack.addWidget(self.empty)
        self.ports = QComboBox()
        self.ports.setAccessibleName(self.tr("Output"))
        self.ports.hide()
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setMinimumWidth(spacing(15))
        self.title.setProperty("role", "muted")
        self.open_apart = QPushButton()
        self.open_apart.setIcon(icon("apart"))
        self.open_apart.setFlat(True)
        self.open_apart.setToolTip(self.tr("Show in a window of its own"))
        self.open_apart.setAccessibleName(self.tr("Show in a window of its own"))
        self.open_apart.clicked.connect(self.show_apart)
        self.open_apart.hide()
        bar = QHBoxLayout()
        bar.setContentsMargins(spacing(2), spacing(1), spacing(4), 0)
        bar.setSpacing(spacing(3))
        bar.addWidget(self.tabs, 1)
        bar.addWidget(self.title)
        bar.addWidget(self.ports)
        bar.addWidget(self.open_apart)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(self._show_page)
        self.ports.activated.connect(lambda _: self.show_port(self.node, self.ports.currentData()))

    def _connect(self) -> None:
        self.session.log.connect(self._log)
        self.session.document.changed.connect(self._document_changed)
        self.log.node_wanted.connect(self.node_wanted)
        self.status.node_changed.connect(self._node_changed)
        self.status.specs_changed.connect(self._specs_changed)
        self.status.figures_changed.connect(self._take_figures)
        self.table.facts_found.connect(self.statistics.statistics.set_facts)
        self.statistics.message.connect(self.message)
        self.statistics.statistics.facts_wanted.connect(self.table.ask_facts)
        self.table.shown.connect(self._table_shown)
        for page in (self.table, self.chart):
            page.message.connect(self.message)
            page.failed.connect(self.failed)
        self.linking = Linking(self)

    # -- choosing -----------------------------------------------------------------------------

    def show_node(self, node: str) -> None:
        """Show the first output of a node; of one without outputs what it gets."""
        outputs = self._outputs(node)
        if outputs:
            self.show_port(node, outputs[0]["name"])
            return
        self.node, self.port = node, ""
        self._fill_ports([])
        for one in self._declaration(node).get("inputs", []):
            source = self.status.source_of(node, one["name"])
            if source is not None:
                self._write_title()
                self._ask(*source)
                return
        self._show_nothing(self.tr("This node has no output to look at."))

    def look_at(self, node: str, port: str) -> None:
        """Show an output of a node, also to somebody who reads the log."""
        self._leaves_log = True
        self.show_port(node, port)

    def show_port(self, node: str, port: str) -> None:
        """Show an output of a node; the log stays in front if it is."""
        is_other = (node, port) != (self.node, self.port)
        self.node, self.port = node, port
        self._fill_ports(self._outputs(node))
        self.curves.show_figures(self._figures.get(node, []))
        self._write_title()
        if is_other:
            self._kind = ""
            self.chart.picture.show_all()
        self.refresh()

    def take_figures_of(self, other: Inspector) -> None:
        """Begin with the figures of trainings that another inspector was told."""
        self._figures = {node: list(rows) for node, rows in other._figures.items()}

    def refresh(self) -> None:
        """Ask again for what is shown."""
        if self.port:
            self._ask(self.node, self.port)
        elif self.node:
            self.show_node(self.node)

    def close_jobs(self) -> None:
        """Close the windows that were opened from here, and end the threads of all pages."""
        for window in list(self.apart):
            window.close()
        self._asked += 1
        self.linking.jobs.close()
        for page in (self.table, self.chart, self.curves):
            page.close_jobs()

    def show_apart(self) -> None:
        """Show the output in a window of its own, where it stays while others are looked at here."""
        from nodeflow_gui.inspector.apart_window import ApartWindow

        window = ApartWindow(self, self.node, self.port)
        self.apart.append(window)
        window.closed.connect(self.apart.remove)
        window.show()

    def _ask(self, node: str, port: str) -> None:
        self._asked += 1
        asked = self._asked

        def take(seen: Seen) -> None:
            if asked == self._asked:
                self._waiting.stop()
                self._take(node, port, seen)

        if not self._kind:
            self._waiting.start()
        self.session.request_value(node, port, take)

    def _take(self, node: str, port: str, seen: Seen) -> None:
        """Show a value on the page for its kind."""
        if seen.kind == "nothing" or (seen.sentence and not seen.data):
            state = self.status.of(node)
            fault = state.reason if state.state in ("failed", "needs settings", "unknown type") else ""
            words, is_coming = seen.sentence, state.state in ("queued", "running")
            if words == NOT_COMPUTED:
                words = (
                    self.tr("It is being computed.")
                    if is_coming
                    else self.tr("It has not been computed yet.")
                )
            self._show_nothing(fault or words, may_run=not fault and not is_coming)
            return
        is_new = seen.kind != self._kind
        self._kind = seen.kind
        self.run_here.hide()
        if seen.kind == "table":
            self.linking.data = {"table": self.linking.data_of(*self.status.true_source(node, port))}
            self._offer("table", "statistics")
            self.table.open(seen.path, seen.inline, rows=seen.rows)
        elif seen.kind == "chart":
            self._take_chart(node, port, seen)
        else:
            self._offer(_DETAILS)
            self.tabs.setTabText(self._tab(_DETAILS), seen.data.get("title") or seen.kind.capitalize())
            self.details.show_data(seen.data)
        if is_new or self._leaves_log or self.stack.currentWidget() is self.empty:
            self._go_to({"table": "table", "chart": "chart"}.get(seen.kind, _DETAILS))
        self._write_title()

    def _take_chart(self, node: str, port: str, seen: Seen) -> None:
        """Show a chart, and on the table page the data behind it."""
        shown = ["chart"]
        self.chart.show_chart(seen.data, lambda kind, take: self.session.draw(node, port, kind, take))
        for one in self._declaration(node).get("inputs", []):
            source = self.status.source_of(node, one["name"])
            if source is None or one["type"] != "table":
                continue
            self.linking.data = dict.fromkeys(("table", "chart"), self.linking.data_of(*source))
            shown += ["table", "statistics"]
            asked = self._asked

            def take(table: Seen, asked: int = asked) -> None:
                if asked == self._asked and table.kind == "table":
                    self.table.open(table.path, table.inline, rows=table.rows)

            self.session.request_value(*source, take)
            break
        else:
            self.linking.data = {}
            self.table.clear()
        self._offer(*shown)
        self.linking.show("chart")

    # -- pages --------------------------------------------------------------------------------

    def _tab(self, name: str) -> int:
        return next(at for at in range(self.tabs.count()) if self.tabs.tabData(at) == name)

    def _offer(self, *names: str) -> None:
        """Offer the pages of these names, and the log; pages that only some nodes have come and go."""
        offered = {*names, *(("curves",) if self._figures.get(self.node) else ())}
        if not self.is_apart:
            offered.add("log")
        for name in offered:
            self.tabs.setTabVisible(self._tab(name), True)
            self.tabs.setTabEnabled(self._tab(name), True)
        # first another in front: a tab that goes hands on to its neighbour
        if self.current() not in offered:
            self.tabs.setCurrentIndex(self._tab(names[0] if names else "log"))
        for name in self.pages.keys() - offered:
            self.tabs.setTabEnabled(self._tab(name), False)
            if name in _SOMETIMES or self.is_apart:
                self.tabs.setTabVisible(self._tab(name), False)
        self.open_apart.setVisible(bool(self._kind and self.port) and not self.is_apart)
        self.tabs.updateGeometry()
        self._show_page()

    def _go_to(self, name: str) -> None:
        # who reads the log or watches a training goes on
        if self.current() not in ("log", "curves") or self._leaves_log:
            self._leaves_log = False
            self.tabs.setCurrentIndex(self._tab(name))
            self._show_page()

    def current(self) -> str:
        """The name of the page in front: "table", "chart", "statistics", "details", "curves" or "log"."""
        return str(self.tabs.tabData(self.tabs.currentIndex()))

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self.tabs.setCurrentIndex(self._tab(name))
        self._show_page()

    def _show_page(self, _: int = 0) -> None:
        name = self.current()
        if name == "log":
            self.tabs.setTabText(self._tab("log"), self.tr("Log"))
        if name != "log" and not self._kind:
            self.stack.setCurrentWidget(self.empty)
        else:
            self.stack.setCurrentWidget(self.pages[name])

    def _show_nothing(self, sentence: str, *, may_run: bool = False) -> None:
        self._kind = ""
        self.table.clear()
        self.statistics.statistics.show(None)
        self.sentence.setText(sentence[:1].upper() + sentence[1:])
        self.run_here.setVisible(may_run and bool(self.node))
        self._offer(self.current() if self.current() in ("table", "chart") else "table")
        self._write_title()

    def _table_shown(self) -> None:
        self.statistics.statistics.show(self.table.model.source)
        for column, facts in self.table.model.facts.items():
            self.statistics.statistics.set_facts(column, facts)
        self.linking.show("table")
        self._write_title()

    def _fill_ports(self, outputs: list[Mapping[str, Any]]) -> None:
        self.ports.clear()
        for one in outputs:
            self.ports.addItem(port_label(one), one["name"])
            if one["name"] == self.port:
                self.ports.setCurrentIndex(self.ports.count() - 1)
        self.ports.setVisible(len(outputs) > 1)

    def _write_title(self) -> None:
        self.table.name = self.name() if self.node else ""
        if not self.node:
            self.title.clear()
            return
        parts = [self.name()]
        source = self.table.model.source
        if self._kind == "table" and source is not None:
            rows = f"{source.height:,}" + ("+" if self.table.model.is_beginning else "")
            columns = f"{len(source.columns):,}"
            parts.append(
                self.tr("1 row × {0} columns").format(columns)
                if source.height == 1
                else self.tr("{0} rows × {1} columns").format(rows, columns)
            )
        self.title.setText(" · ".join(parts))

    def name(self) -> str:
        """What people call the node that is shown."""
        return shorten(self.session.document.title_of(self.node), _LONGEST)

    def _declaration(self, node: str) -> Mapping[str, Any]:
        try:
            return self.session.document.declaration_of(node)
        except (NodeflowError, KeyError):
            return {}

    def _outputs(self, node: str) -> list[Mapping[str, Any]]:
        return list(self._declaration(node).get("outputs", []))

    # -- news ---------------------------------------------------------------------------------

    def _node_changed(self, node: str) -> None:
        if node == self.node and self.status.of(node).state not in ("queued", "running"):
            self._again.start()

    def _document_changed(self, change: Change) -> None:
        """Show nothing of a node that is gone; in a window of its own it is shown again when it comes back."""
        if not self.node or change.kind not in ("nodes removed", "nodes added", "reset"):
            return
        is_there = bool(self._declaration(self.node))
        if not is_there and self.is_apart:
            self._show_nothing(self.tr("The node is not there any more."))
        elif not is_there:
            self.node = self.port = ""
            self._asked += 1
            self._waiting.stop()
            self._fill_ports([])
            self._show_nothing(self.tr("Choose a node to look at its data."))
        elif not self._kind and change.kind == "nodes added":
            self._again.start()

    def _specs_changed(self) -> None:
        if self.node and not self.status.is_running and not self._kind:
            self._again.start()

    def _take_figures(self, node: str, told: tuple[float | None, dict[str, float | None]]) -> None:
        progress, figures = told
        held = self._figures.setdefault(node, [])
        if progress is not None and held and self.status.of(node).state != "running":
            held.clear()  # another run
        held.append(figures)
        del held[:-_MOST_STEPS]
        if node == self.node:
            self.curves.add(figures)
            self.tabs.setTabVisible(self._tab("curves"), True)
            self.tabs.setTabEnabled(self._tab("curves"), True)
            if not self._kind and self.stack.currentWidget() is self.empty:
                self._kind = "curves"
                self.show_page("curves")

    def _log(self, level: str, text: str, node: str) -> None:
        self.log.add(level, text, node)
        if level == "error" and self.current() != "log":
            self.tabs.setTabText(self._tab("log"), self.tr("Log ({0})").format(self.log.count("error")))
