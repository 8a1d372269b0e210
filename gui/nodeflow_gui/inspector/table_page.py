"""The table page: a table of any length with search, filter, sorting, copying and exporting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from nodeflow.errors import FormulaError
from nodeflow.values.selection import Selection
from nodeflow_gui.inspector.choosing import chosen_rows, copied
from nodeflow_gui.inspector.head import HistogramHead
from nodeflow_gui.inspector.jobs import Jobs
from nodeflow_gui.inspector.selections import Pick, Rows, mask_of
from nodeflow_gui.inspector.table_model import WINDOW, TableModel
from nodeflow_gui.inspector.writing import ask_path, write_csv
from nodeflow_gui.look import font, hint, icon, set_look, spacing, theme
from nodeflow_gui.running.values import ColumnFacts, TableSource

if TYPE_CHECKING:
    import polars as pl

_TYPING = 250
_PICKING = 60
_PATIENCE = 250
_MOST_FACTS = 200
_MOST_NAMED = 5_000


class _View(QTableView):
    def __init__(self, page: TablePage) -> None:
        super().__init__(page)
        self._page = page

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._page.copy()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.selectRow(self.currentIndex().row())  # as spreadsheets do
        else:
            super().keyPressEvent(event)


class TablePage(QWidget):
    """Shows one table; everything that takes time happens in a thread."""

    shown = Signal()
    """The table is on the screen."""
    facts_found = Signal(int, object)
    message = Signal(str)
    failed = Signal(str)
    filter_wanted = Signal()
    """A Row Filter is wanted that keeps what is picked."""
    picked = Signal(object)
    """`Rows` that were picked here, or an empty `Selection`."""
    mask_found = Signal(object)
    """For each row whether it is picked; None if nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        """What the table is called, as a proposal for a file."""
        self.model = TableModel(self)
        self._wanted_column = ""
        self.jobs = Jobs(self)
        self._facts_jobs = Jobs(self)
        self._pick_jobs = Jobs(self)
        self._found: pl.Series | None = None
        self._sorting: tuple[int, bool] | None = None
        self._asked_facts: set[int] = set()
        self.model.facts_wanted.connect(self.ask_facts)
        self._selection: Pick = Selection()
        self._mask: pl.Series | None = None
        self.view = self._made_view()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find in all cells"))
        self.search.setAccessibleName(self.tr("Find in all cells"))
        self.search.setClearButtonEnabled(True)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Show rows where, for example: age >= 18"))
        self.filter.setAccessibleName(self.tr("Show rows where"))
        self.filter.setClearButtonEnabled(True)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.only_picked = QPushButton(self.tr("Show what is picked"))
        self.only_picked.setCheckable(True)
        self.only_picked.hide()
        self.only_picked.toggled.connect(self._find)
        self.keep = QPushButton(self.tr("Make a filter of it"))
        self.keep.setToolTip(self.tr("Add a Row Filter that keeps what is picked"))
        self.keep.hide()
        self.keep.clicked.connect(self.filter_wanted)
        self.unpick = _button("close", self.tr("Pick nothing"), lambda: self.picked.emit(Selection()))
        self.unpick.hide()
        self.copying = _button("copy", self.tr("Copy the selected cells, or all"), self.copy)
        self.exporting = _button("save", self.tr("Export as CSV"), self._ask_export)
        self.window_slider = QSlider(Qt.Orientation.Horizontal)
        self.window_slider.setAccessibleName(self.tr("Part of the table"))
        self.window_slider.hide()
        self.window_slider.sliderReleased.connect(self._move_window)
        self._picking = QTimer(self)
        self._picking.setSingleShot(True)
        self._picking.setInterval(_PICKING)
        self._picking.timeout.connect(self._pick_rows)
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(_PATIENCE)
        self._busy.timeout.connect(lambda: self.count.setText(self.tr("Working …")))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING)
        self._typing.timeout.connect(self._find)
        self.search.textChanged.connect(self._typing.start)
        self.filter.textChanged.connect(self._typing.start)
        bar = QHBoxLayout()
        bar.setContentsMargins(spacing(3), spacing(1), spacing(3), spacing(1))
        bar.setSpacing(spacing(2))
        bar.addWidget(self.search, 2)
        bar.addWidget(self.filter, 3)
        bar.addWidget(self.count)
        bar.addWidget(self.window_slider, 1)
        bar.addStretch(1)
        bar.addWidget(self.only_picked)
        bar.addWidget(self.keep)
        bar.addWidget(self.unpick)
        bar.addWidget(self.copying)
        bar.addWidget(self.exporting)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.view, 1)
        theme().theme_changed.connect(self.view.viewport().update)

    # the window has a command of its own for these keys
    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Find)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.search.hasFocus():
            self.search.clear()
            self.view.setFocus()
        else:
            super().keyPressEvent(event)

    def _made_view(self) -> QTableView:
        view = _View(self)
        self.head = HistogramHead(view)
        view.setHorizontalHeader(self.head)
        view.setModel(self.model)
        view.setShowGrid(False)
        view.setAlternatingRowColors(True)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setFrameShape(QTableView.Shape.NoFrame)
        view.setAccessibleName(self.tr("Table"))
        view.setCornerButtonEnabled(False)
        view.setStyleSheet("QTableView::item { padding: 0 8px; border: none; }")
        rows = view.verticalHeader()
        rows.setDefaultSectionSize(24)
        rows.setMinimumSectionSize(20)
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        rows.setFont(font("small"))
        self.head.sortIndicatorChanged.connect(self._sort)
        view.selectionModel().selectionChanged.connect(self._rows_selected)
        return view

    # -- showing ------------------------------------------------------------------------------

    def open(self, path: str = "", inline: bytes = b"", *, rows: int | None = None) -> None:
        """Show the table of an Arrow file or its bytes; `rows` is None if it is only the beginning."""
        self.jobs.forget()
        self._pick_jobs.forget()
        self._mask = None
        self.jobs.run(
            lambda: TableSource(path, inline), lambda source: self._take(source, rows), self.failed.emit
        )

    def _take(self, source: TableSource, rows: int | None) -> None:
        same = self.model.source is not None and self.model.source.columns == source.columns
        self._facts_jobs.forget()
        self._found, self._mask, self._sorting = None, None, None
        self.head.blockSignals(True)
        self.head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.head.blockSignals(False)
        self.model.show(source, is_beginning=rows is None)
        if not same:
            self._fit_columns()
        self._update_window()
        self._tell_count()
        if self._wanted_column:
            self._bring_column()
            self._wanted_column = ""
        self.shown.emit()
        self._asked_facts.clear()
        for column in range(min(len(source.columns), _MOST_FACTS)):
            self.ask_facts(column)
        self.select(self._selection)
        if self.search.text() or self.filter.text():
            self._find()

    def ask_facts(self, column: int) -> None:
        """Find out the facts of a column, once; of the first columns they come unasked."""
        source = self.model.source
        if source is None or column in self._asked_facts:
            return
        self._asked_facts.add(column)

        def take(facts: ColumnFacts) -> None:
            if self.model.source is source:
                self.model.set_facts(column, facts)
                self.facts_found.emit(column, facts)

        self._facts_jobs.run(lambda: source.facts(source.columns[column]), take)

    def clear(self) -> None:
        """Show nothing."""
        self.jobs.forget()
        self._facts_jobs.forget()
        self.model.show(None)
        self.count.clear()

    def close_jobs(self) -> None:
        """End the threads."""
        for jobs in (self.jobs, self._facts_jobs, self._pick_jobs):
            jobs.close()

    def _fit_columns(self) -> None:
        """Widths after the first rows and the names."""
        source = self.model.source
        assert source is not None
        metrics = self.view.fontMetrics()
        head = source.slice(0, 30)
        for column, name in enumerate(source.columns[:_MOST_FACTS]):
            texts = [self.model.index(row, column).data() for row in range(len(head))]
            widest = max((metrics.horizontalAdvance(str(text)) for text in texts), default=0)
            named = metrics.horizontalAdvance(name[:40]) + 44
            self.view.setColumnWidth(column, min(max(widest + 24, named, 84), 280))
        for column, name in enumerate(source.columns[_MOST_FACTS:_MOST_NAMED], _MOST_FACTS):
            named = metrics.horizontalAdvance(name[:40]) + 44
            self.view.setColumnWidth(column, min(max(named, 112), 280))

    def _update_window(self) -> None:
        height = self.model.height
        is_long = height > WINDOW
        self.window_slider.setVisible(is_long)
        if is_long:
            self.window_slider.setRange(0, (height - 1) // WINDOW)
            self.window_slider.setValue(self.model.start // WINDOW)

    def _move_window(self) -> None:
        self.model.set_start(self.window_slider.value() * WINDOW)
        self._tell_count()

    def _tell_count(self) -> None:
        self._busy.stop()
        source = self.model.source
        if source is None:
            return
        if self.model.is_beginning:
            text = self.tr("the first {0} rows").format(f"{source.height:,}")
        elif self._found is not None:
            text = self.tr("{0} of {1} rows").format(f"{self.model.height:,}", f"{source.height:,}")
        elif source.height == 1:
            text = self.tr("1 row")
        else:
            text = self.tr("{0} rows").format(f"{source.height:,}")
        self.count.setText(text)

    # -- order --------------------------------------------------------------------------------

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        self._sorting = None if column < 0 else (column, order == Qt.SortOrder.DescendingOrder)
        self._arrange()

    def _find(self, *_: Any) -> None:
        """Look for the rows that fit search, filter and selection, in the thread."""
        source = self.model.source
        if source is None:
            return
        text, formula = self.search.text(), self.filter.text().strip()
        mask = self._mask if self.only_picked.isChecked() else None
        set_look(self.filter, "faulty", False)
        self.filter.setToolTip("")
        if not text.strip() and not formula and mask is None:
            self._found = None
            self._arrange()
            return
        self.jobs.forget()
        self._busy.start()
        self.jobs.run(lambda: _rows_that_fit(source, text, formula, mask), self._take_found, self._tell_fault)

    def _take_found(self, found: Any) -> None:
        self._found = found
        self._arrange()

    def _tell_fault(self, sentence: str) -> None:
        self._tell_count()
        set_look(self.filter, "faulty", True)
        self.filter.setToolTip(hint(sentence))
        self.failed.emit(sentence.splitlines()[0])

    def _tell_trouble(self, sentence: str) -> None:
        self._tell_count()
        self.failed.emit(sentence)

    def _arrange(self) -> None:
        source, found, sorting = self.model.source, self._found, self._sorting
        if source is None:
            return
        if sorting is None:
            self._show_order(found)
            return
        column, descending = sorting
        name = source.columns[column]
        self._busy.start()
        self.jobs.run(lambda: source.sorted(name, descending, found), self._show_order, self._tell_trouble)

    def _show_order(self, order: Any) -> None:
        self.model.set_order(order)
        self._update_window()
        self._tell_count()

    # -- selection ----------------------------------------------------------------------------

    def select(self, selection: Pick) -> None:
        """Let the rows stand out that are picked in any view of the same data."""
        self._selection = selection
        source = self.model.source
        if not selection or source is None:
            self._pick_jobs.forget()
            self._take_mask(None)
            return
        self._pick_jobs.forget()
        self._pick_jobs.run(lambda: mask_of(source, selection), self._take_mask, self.failed.emit)

    @property
    def picked_mask(self) -> pl.Series | None:
        """For each row whether it is picked; None if nothing is, or it is not known yet."""
        return self._mask

    def _rows_selected(self, *_: Any) -> None:
        self._picking.start()

    def _pick_rows(self) -> None:
        """Pick the rows that were selected as a whole, by their numbers at the left."""
        numbers = chosen_rows(self.view, self.model)
        source = self.model.source
        if source is not None and numbers is not None and 0 < numbers.len() < self.model.height:
            self.picked.emit(Rows(numbers, source.identity))

    def _take_mask(self, mask: Any) -> None:
        self._mask = mask
        self.model.set_picked(mask)
        self.only_picked.setVisible(mask is not None)
        self.keep.setVisible(mask is not None)
        self.unpick.setVisible(mask is not None)
        self.mask_found.emit(mask)
        if mask is not None:
            self.only_picked.setText(self.tr("Show the {0} picked").format(f"{int(mask.sum()):,}"))
            if self.only_picked.isChecked():
                self._find()
        elif self.only_picked.isChecked():
            self.only_picked.setChecked(False)

    # -- taking away --------------------------------------------------------------------------

    def copy(self) -> None:
        """Copy the selected cells, or all rows of a table that is not too long, as spreadsheets take them."""
        source = self.model.source
        if source is None:
            return
        try:
            text, rows = copied(self.view, self.model, source.columns)
        except ValueError:
            self.failed.emit(self.tr("That is too much to copy; export it as CSV."))
            return
        QGuiApplication.clipboard().setText(text)
        self.message.emit(self.tr("{0} rows copied").format(f"{rows:,}"))

    def _ask_export(self) -> None:
        path = ask_path(self, self.tr("Export as CSV"), self.name, [("csv", self.tr("CSV files"))])
        if path is not None:
            self.export(path)

    def export(self, path: Path) -> None:
        """Write the rows, as they are shown, to a CSV file."""
        source, order = self.model.source, self.model.order
        if source is None:
            return

        done = self.tr("{0} rows were written to {1}")
        self.jobs.run(lambda: write_csv(source.frame, order, path, done), self.message.emit, self.failed.emit)

    def show_column(self, name: str) -> None:
        """Bring a column into sight, that of the table which is on its way too."""
        self._wanted_column = name
        self._bring_column()

    def _bring_column(self) -> None:
        source = self.model.source
        if source is not None and self._wanted_column in source.columns and self.model.rowCount():
            self.select_cell(
                max(0, self.view.currentIndex().row()), source.columns.index(self._wanted_column)
            )
            self.view.scrollTo(self.view.currentIndex())

    def select_cell(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        index: QModelIndex = self.model.index(row, column)
        self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def _rows_that_fit(source: TableSource, text: str, formula: str, mask: Any) -> Any:
    """The numbers of the rows that fit all that is asked, in order."""
    import polars as pl

    found: list[pl.Series] = []
    if text.strip():
        found.append(source.searched(text))
    if formula:
        try:
            found.append(source.formula(formula))
        except FormulaError as error:
            raise ValueError(error.message) from None
    if mask is not None:
        found.append(mask.arg_true().cast(pl.UInt32))
    rows = found[0]
    for other in found[1:]:
        rows = rows.filter(rows.is_in(other.implode()))
    return rows


def _button(name: str, text: str, action: Any) -> QPushButton:
    made = QPushButton()
    made.setIcon(icon(name))
    made.setFlat(True)
    made.setToolTip(text)
    made.setAccessibleName(text)
    made.clicked.connect(lambda: action())
    return made
