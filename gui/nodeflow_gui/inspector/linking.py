"""What is picked in an inspector goes to all views of the same data, and what is picked there comes here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from nodeflow.errors import NodeflowError
from nodeflow_gui.inspector.filtering import add_filter, output_to_filter
from nodeflow_gui.inspector.jobs import Jobs
from nodeflow_gui.inspector.selections import Data, Pick, Rows, selections
from nodeflow_gui.inspector.telling import filter_of_rows

if TYPE_CHECKING:
    from nodeflow_gui.inspector.inspector import Inspector


class Linking(QObject):
    """Joins the table and the chart of an inspector to the selections of all windows."""

    def __init__(self, inspector: Inspector) -> None:
        super().__init__(inspector)
        self.inspector = inspector
        self.jobs = Jobs(self)
        self.data: dict[str, Data] = {}
        """Whose data the pages "table" and "chart" show."""
        table, chart = inspector.table, inspector.chart
        table.mask_found.connect(self._mask_found)
        table.picked.connect(lambda pick: self._pick("table", pick))
        chart.picked.connect(lambda pick: self._pick("chart", pick))
        chart.shown.connect(lambda: self._mask_found(table.picked_mask))
        for page in (table, chart):
            page.filter_wanted.connect(self._make_filter)
        selections().changed.connect(self._changed)

    def data_of(self, node: str, port: str) -> Data:
        """How the data of an output are called among the selections."""
        return id(self.inspector.session.document), node, port

    def show(self, page: str) -> None:
        """Let stand out on a page what is picked of its data."""
        if page in self.data:
            view = self.inspector.table if page == "table" else self.inspector.chart
            view.select(selections().of(self.data[page]))

    def _pick(self, page: str, pick: Pick) -> None:
        if page in self.data:
            selections().pick(self.data[page], pick)

    def _changed(self, data: Data) -> None:
        for page, own in self.data.items():
            if own == data:
                self.show(page)

    def _mask_found(self, mask: Any) -> None:
        """Mark in the chart what stands for the picked rows of the table behind it."""
        source = self.inspector.table.model.source
        if "chart" in self.data and self.data["chart"] == self.data.get("table") and source is not None:
            self.inspector.chart.mark_rows(source, mask)

    # -- filters ------------------------------------------------------------------------------

    def _make_filter(self) -> None:
        """Add a Row Filter that keeps what is picked, after the table it was picked from."""
        inspector = self.inspector
        data = self.data.get("chart" if inspector.current() == "chart" else "table")
        if data is None:
            return
        pick = selections().of(data)
        if isinstance(pick, Rows):
            source, mask = inspector.table.model.source, inspector.table.picked_mask
            if source is None or mask is None:
                return
            self.jobs.run(
                lambda: filter_of_rows(source.frame, mask),
                lambda found: self._add_filter(data, *found),
                inspector.failed.emit,
            )
        elif pick:
            self._add_filter(data, pick.as_filter(), 0)

    def _add_filter(self, data: Data, parameters: dict[str, Any], others: int) -> None:
        inspector = self.inspector
        level, _, name = inspector.node.rpartition("/")
        source = (name, inspector.port)
        try:
            if "chart" in self.data or not inspector.port:
                level, source = output_to_filter(inspector.status, inspector.node, data[1:])
            made = add_filter(inspector.session.document, level, source, parameters)
        except NodeflowError as error:
            inspector.failed.emit(str(error))
            return
        inspector.filter_made.emit(made)
        text = self.tr("A Row Filter was added that keeps what is picked.")
        if others:
            text = self.tr(
                "A Row Filter was added. It keeps {0} other rows as well, whose values are like those picked."
            ).format(f"{others:,}")
        inspector.message.emit(text)
