"""The editor while workflows run: whether it stays fluid, how soon runs begin and end, tables of ten million rows.

A heartbeat of 5 ms in the GUI thread tells the longest time in which it could not have answered a person.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench_job import GENERATE
from measure import python, row

import nodeflow as nf
from nodeflow.registry import Registry

HOSTILE = Path(__file__).parents[1] / "execution" / "hostile_nodes.py"
BEAT = 0.005
LONGEST = 0.05


def big_workflow(folder: Path) -> nf.Workflow:
    """The job of ten million rows."""
    workflow = nf.Workflow("orders", folder=folder)
    orders = workflow.add("csv_reader", id="orders", path="orders.csv")
    products = workflow.add("csv_reader", id="products", path="products.csv")
    kept = workflow.add("row_filter", orders, id="keep", condition="quantity >= 5 and discount < 0.3")
    formulas = [{"name": "revenue", "expression": "quantity * price * (1 - discount)"}]
    revenue = workflow.add("formula", kept, id="revenue", formulas=formulas)
    joined = workflow.add(
        "joiner", revenue, products, id="join", keys=[{"left": "product", "right": "product"}]
    )
    totals = [{"column": "revenue", "function": name} for name in ("sum", "mean", "count")]
    grouped = workflow.add("group_by", joined, id="group", keys=["category"], aggregations=totals)
    workflow.add("sorter", grouped, id="sort", by=[{"column": "category"}])
    return workflow


def many_nodes(count: int) -> nf.Workflow:
    """Many small nodes, so that many events come at once."""
    workflow = nf.Workflow("many")
    column = {"name": "n", "type": "integer", "cells": ["1", "2", "3"]}
    rows = workflow.add("table_creator", id="rows", columns=[column])
    for number in range(count):
        workflow.add("row_filter", rows, id=f"keep_{number}", condition=f"n > {number % 3}")
    return workflow


class Heartbeat:
    """Beats in the GUI thread; `longest` is the longest gap beyond the beat itself.

    `busiest` is the longest time that the thread itself computed between two beats. `blocked` is the longest gap
    without the time in which the thread could have gone on, but others had the processors: what is the editor's own
    doing on a machine that is not its own.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 * BEAT))
        self._timer.timeout.connect(self._beat)
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self.longest, self._last = 0.0, time.perf_counter()
        self.busiest, self._last_work = 0.0, time.thread_time()
        self.blocked, self._last_wait = 0.0, _waited()
        self._timer.start()

    def stop(self) -> float:
        """End; gives the longest gap."""
        self._timer.stop()
        return self.longest

    def _beat(self) -> None:
        now = time.perf_counter()
        gap, wait = now - self._last - BEAT, _waited()
        self.longest = max(self.longest, gap)
        self.blocked = max(self.blocked, gap - (wait - self._last_wait))
        self._last, self._last_wait = now, wait
        work = time.thread_time()
        self.busiest = max(self.busiest, work - self._last_work)
        self._last_work = work


def _waited() -> float:
    """Seconds that this thread was ready and had no processor; 0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_bytes().split()[1]) / 1e9
    except OSError:
        return 0.0


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Runs under a heartbeat, then tables and charts."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from nodeflow_gui.application import start
    from nodeflow_gui.warming import import_of_qt, import_plain

    start()
    folder = Path(tempfile.mkdtemp())
    try:
        python(GENERATE, "200000" if quick else "10000000", str(folder))
        time.sleep(2.5)  # files as old as those of a person: younger ones are read again and again
        import_plain()  # as the editor does once its window is shown
        import_of_qt()
        yield from _runs(folder, 200 if quick else 1_000)
        yield from _table(folder, 200_000 if quick else 10_000_000)
        yield from _chart(20_000)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _until(condition: Callable[[], Any], seconds: float = 300.0) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.perf_counter() + seconds
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        if time.perf_counter() > end:
            raise RuntimeError("it did not happen in time")


class _Editor:
    """A document with its session, canvas and inspector, all shown."""

    def __init__(self, folder: Path, workflow: nf.Workflow) -> None:
        from nodeflow_gui.canvas import CanvasView
        from nodeflow_gui.document.document import EditorDocument
        from nodeflow_gui.inspector.inspector import Inspector
        from nodeflow_gui.running.session import RunOptions, Session
        from nodeflow_gui.running.status import Status

        self.document = EditorDocument(recovery=folder / "recovery")
        self.document.registry.add_path(HOSTILE)
        self.document.new(workflow)
        options = RunOptions(cache_folder=folder / "cache", nodes_path=[str(HOSTILE)])
        self.status = Status()
        self.session = Session(self.document, self.status, options)
        self.canvas = CanvasView(self.document, self.status)
        self.inspector = Inspector(self.session, self.status)
        for widget, height in ((self.canvas, 600), (self.inspector, 400)):
            widget.resize(1600, height)
            widget.show()
        self.ended: list[Any] = []
        self.session.ended.connect(self.ended.append)
        checked: list[int] = []
        self.session.checked.connect(lambda: checked.append(1))
        _until(lambda: checked and self.session._spares.process_ids())

    def run(self) -> float:
        """Run to the end; gives the seconds until the first node ran."""
        self.ended.clear()
        first: list[float] = []

        def take(event: Any) -> None:
            if event.node and event.state == "running" and not first:
                first.append(time.perf_counter())

        self.session.happened.connect(take)
        started = time.perf_counter()
        self.session.run()
        _until(lambda: self.ended)
        self.session.happened.disconnect(take)
        return first[0] - started if first else 0.0

    def close(self) -> None:
        self.inspector.close_jobs()
        self.session.close()
        self.document.close()
        for widget in (self.canvas, self.inspector):
            widget.close()
            widget.deleteLater()


def _runs(folder: Path, many: int) -> Iterator[dict[str, Any]]:
    heart = Heartbeat()
    editor = _Editor(folder, big_workflow(folder))
    time.sleep(6)  # the spare worker has its imports done, also where others work beside it
    heart.start()
    latency = editor.run()
    gap = heart.stop()
    assert editor.ended[0].state == "done", editor.ended
    yield row("editor: from Run to the first node at work", latency, "s", 1.0)
    yield row("editor: longest gap of the GUI thread, run of the 10 M row job", gap, "s", LONGEST)
    yield row("editor: ... without waiting for a processor", heart.blocked, "s", LONGEST)
    yield row("editor: the most it computed at a time meanwhile", heart.busiest, "s", LONGEST)
    heart.start()
    editor.inspector.show_node("sort")
    _until(lambda: editor.inspector.table.model.source is not None)
    yield row("editor: longest gap, looking at the result for the first time", heart.stop(), "s")
    yield row("editor: ... without waiting for a processor", heart.blocked, "s", LONGEST)
    yield row("editor: the most it computed at a time meanwhile", heart.busiest, "s", LONGEST)
    editor.close()

    editor = _Editor(folder, many_nodes(many))
    heart.start()
    editor.run()
    yield row(f"editor: longest gap, run of {many:,} nodes", heart.stop(), "s", LONGEST)
    yield row("editor: ... without waiting for a processor", heart.blocked, "s", LONGEST)
    yield row("editor: the most it computed at a time meanwhile", heart.busiest, "s", LONGEST)
    editor.close()

    workflow = nf.Workflow("deaf")
    workflow.registry = Registry.installed()
    workflow.registry.add_path(HOSTILE)
    workflow.add("deadly", workflow.add("numbers", id="numbers"), id="deaf", how="sleep")
    editor = _Editor(folder, workflow)
    editor.session.run()
    _until(lambda: editor.status.of("deaf").state == "running")
    started = time.perf_counter()
    editor.session.stop()
    _until(lambda: editor.ended)
    yield row("editor: stop a node that does not listen", time.perf_counter() - started, "s", 3.0)
    editor.close()


def _table(folder: Path, count: int) -> Iterator[dict[str, Any]]:
    import numpy as np
    import polars as pl
    from nodeflow_gui.inspector.table_page import TablePage

    chance = np.random.default_rng(0)
    frame = pl.DataFrame(
        {name: chance.normal(size=count).round(4) for name in ("a", "b", "c")}
        | {"id": np.arange(count), "group": chance.integers(0, 50, count)}
    )
    frame.with_columns(name=pl.format("name {}", "id")).write_ipc(folder / "table.arrow")
    page = TablePage()
    page.resize(1600, 400)
    page.show()
    shown: list[float] = []
    page.shown.connect(lambda: shown.append(time.perf_counter()))
    page.open(str(folder / "table.arrow"), rows=count)  # its imports are done once a session
    _until(lambda: shown)
    page.clear()
    shown.clear()
    heart = Heartbeat()
    started = time.perf_counter()
    page.open(str(folder / "table.arrow"), rows=count)
    _until(lambda: shown)
    page.view.viewport().repaint()
    yield row(f"editor: open a table of {count:,} rows", time.perf_counter() - started, "s", 0.2)
    yield row("editor: a frame while scrolling it", _scrolling(page), "s", 0.016)
    heart.start()
    page._sort(0, page.head.sortIndicatorOrder())
    _until(lambda: page.model.order is not None)
    yield row("editor: longest gap while it is sorted", heart.stop(), "s", LONGEST)
    yield row("editor: ... without waiting for a processor", heart.blocked, "s", LONGEST)
    yield row("editor: the most it computed at a time meanwhile", heart.busiest, "s", LONGEST)
    yield row("editor: a frame while scrolling it sorted", _scrolling(page), "s", 0.016)
    page.close_jobs()
    page.close()


def _scrolling(page: Any) -> float:
    bar = page.view.verticalScrollBar()
    times = []
    for frame in range(60):
        started = time.perf_counter()
        bar.setValue((frame + 1) * bar.maximum() // 61 + frame)
        page.view.viewport().repaint()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _chart(count: int) -> Iterator[dict[str, Any]]:
    import numpy as np
    from nodeflow_gui.inspector.plot import ChartPlot
    from nodeflow_gui.running.pictures import resolved
    from PySide6.QtCore import QCoreApplication

    from nodeflow.values import Chart

    chance = np.random.default_rng(0)
    values = [{"x": float(a), "y": float(b)} for a, b in chance.normal(size=(count, 2))]
    encoding = {name: {"field": name, "type": "quantitative"} for name in ("x", "y")}
    mark = {"type": "point", "filled": True}
    chart = resolved(Chart({"data": {"values": values}, "mark": mark, "encoding": encoding}))
    plot = ChartPlot()
    plot.resize(900, 400)
    plot.show()
    QCoreApplication.processEvents()
    started = time.perf_counter()
    plot.show_chart(chart)
    QCoreApplication.processEvents()
    yield row(f"editor: show a chart of {count:,} points", time.perf_counter() - started, "s", 0.3)
    times = []
    for _ in range(20):
        started = time.perf_counter()
        plot.plotItem.vb.translateBy(x=0.02, y=0.01)
        plot.viewport().update()
        QCoreApplication.processEvents()
        times.append(time.perf_counter() - started)
    yield row("editor: a frame while panning it", statistics.median(times), "s", 0.05)
    plot.close()
