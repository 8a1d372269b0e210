"""What a run looks like in a terminal: live progress, then a table of nodes and the scores."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from nodeflow.execution.events import FINAL, Event
from nodeflow.execution.messages import Ended, Headline, Planned, Refused

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

MARKS = {
    "done": ("●", "green"),
    "cached": ("◆", "cyan"),
    "failed": ("✖", "bold red"),
    "skipped": ("○", "dim"),
    "cancelled": ("◌", "yellow"),
    "running": ("▶", "blue"),
    "queued": ("·", "dim"),
    "idle": ("·", "dim"),
}
"""A shape as well as a colour for each state."""

WORDS = {"cached": "from cache"}

MOST_LINES = 100
"""Nodes in the table at the end; nobody reads a thousand lines, and they would take longer than the run."""


class JsonView:
    """One event a line on standard output; refusals on standard error."""

    def start(self) -> None:
        """Nothing to prepare."""

    def planned(self, plan: Planned) -> None:
        """The plan shows in the events."""

    def event(self, event: Event) -> None:
        """Write the event."""
        import msgspec

        sys.stdout.write(msgspec.json.encode(event).decode() + "\n")
        sys.stdout.flush()

    def end(self, last: Ended | Refused) -> None:
        """Say why nothing ran."""
        if isinstance(last, Refused):
            tell_refusal(last)


class TextView:
    """Live progress on a terminal, a line a finished node elsewhere, and a summary at the end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.last: dict[str, Event] = {}
        self.running: dict[str, Event] = {}
        self.total = 0
        self.finished = 0
        self.output = ""
        self._console: Console | None = None
        self._live: Live | None = None

    def start(self) -> None:
        """Load what draws while the worker loads what computes."""
        from rich.console import Console

        self._console = Console(highlight=False)
        if not self._console.is_terminal:
            self._console = Console(highlight=False, width=int(os.environ.get("COLUMNS", "110")))
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(
                console=self._console, refresh_per_second=10, transient=True, get_renderable=self._draw
            )
            self._live.start()

    def planned(self, plan: Planned) -> None:
        """Take the number of nodes from the plan."""
        self.total = len(plan.step_of)
        self.output = plan.output

    def event(self, event: Event) -> None:
        """Note the event, and print it where there is no live display."""
        if not event.node:
            return
        if event.state == "running":
            self.running[event.node] = event
        else:
            self.running.pop(event.node, None)
        if event.state in FINAL:
            self.finished += 1
        if event.progress is None:
            self.last[event.node] = event
        if self._console is not None and self._live is None and event.state in FINAL:
            mark = MARKS[event.state][0]
            facts = [WORDS.get(event.state, event.state), _rows(event.rows, " rows"), _seconds(event.seconds)]
            line = f"{mark} {event.title or event.node}: {', '.join(fact for fact in facts if fact)}"
            if event.reason and event.state == "cancelled":
                line += f": {event.reason}"
            # not by rich: a thousand lines must not take longer than their nodes
            sys.stdout.write(str(_plain(line)) + "\n")
            sys.stdout.flush()

    def end(self, last: Ended | Refused) -> None:
        """Take the live display away and print the summary."""
        if self._live is not None:
            self._live.stop()
        if isinstance(last, Refused):
            tell_refusal(last)
            return
        console = self._console
        assert console is not None
        console.print()
        console.print(self._nodes())
        for table in headline_tables(last.headlines):
            console.print()
            console.print(table)
        self._tell_failures(console)
        self._tell_messages(console)
        if last.files:
            console.print()
            for path in last.files:
                console.print(_plain(f"wrote {path}"), soft_wrap=True)
        console.print()
        console.print(self._closing(last), soft_wrap=True)

    def _draw(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        head = Table.grid(padding=(0, 1))
        share = f"{self.finished}/{self.total}" if self.total else "checking"
        head.add_row(
            _plain(self.name), ProgressBar(total=max(self.total, 1), completed=self.finished, width=30), share
        )
        lines: list[RenderableType] = [head]
        for event in list(self.running.values())[:8]:
            grid = Table.grid(padding=(0, 1))
            told = f"{event.progress:.0%}" if event.progress is not None else ""
            grid.add_row(
                Text("▶", style="blue"), _plain(event.title or event.node), told, _plain(event.message)
            )
            lines.append(grid)
        return Group(*lines)

    def _nodes(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=_box(), header_style="bold", pad_edge=False)
        table.add_column("Node", overflow="fold")
        table.add_column("State", no_wrap=True)
        table.add_column("Rows", justify="right", no_wrap=True)
        table.add_column("Time", justify="right", no_wrap=True)
        table.add_column("", overflow="fold", style="dim")
        shown = self._shown()
        for event in shown:
            mark, style = MARKS[event.state]
            state = Text(f"{mark} {WORDS.get(event.state, event.state)}", style=style)
            told_below = event.reason == "unchanged" or event.state == "failed"
            reason = "" if told_below else event.reason
            seconds = "" if event.state == "cached" else _seconds(event.seconds)
            table.add_row(
                _plain(event.title or event.node), state, _rows(event.rows), seconds, _plain(reason)
            )
        if len(shown) < len(self.last):
            table.caption = f"and {len(self.last) - len(shown):,} further nodes that took less time"
        return table

    def _shown(self) -> list[Event]:
        """The nodes worth a line: all of them, or of very many those that failed, then those that took longest."""
        events = list(self.last.values())
        if len(events) <= MOST_LINES:
            return events
        told = {"failed": 0, "cancelled": 1, "done": 2, "skipped": 3}

        def worth(place: int) -> tuple[int, float]:
            event = events[place]
            return told.get(event.state, 4), -(event.seconds or 0)

        places = sorted(range(len(events)), key=worth)[:MOST_LINES]
        return [events[place] for place in sorted(places)]

    def _tell_failures(self, console: Console) -> None:
        for event in self.last.values():
            if event.state == "failed":
                console.print()
                console.print(
                    _plain(f"✖ {event.title or event.node}: {event.reason}"), style="red", soft_wrap=True
                )

    def _tell_messages(self, console: Console) -> None:
        told = [event for event in self.last.values() if event.message and event.state in FINAL]
        if told:
            console.print()
        for event in told:
            for line in event.message.split("\n"):
                console.print(_plain(f"! {event.title or event.node}: {line}"), soft_wrap=True)

    def _closing(self, last: Ended) -> Text:
        from rich.text import Text

        count: dict[str, int] = {}
        for event in self.last.values():
            count[event.state] = count.get(event.state, 0) + 1
        order = ("done", "cached", "failed", "skipped", "cancelled")
        parts = [f"{count[state]} {WORDS.get(state, state)}" for state in order if count.get(state)]
        words = {"done": "Done", "failed": "Failed", "cancelled": "Cancelled"}
        told = ", ".join(parts) or "nothing to do"
        text = Text(f"{words[last.state]} in {_seconds(last.seconds)}: {told}.")
        text.stylize("bold", 0, len(words[last.state]))
        if last.cache_trouble:
            text.append(f"\nResults were not kept for later runs: {last.cache_trouble}")
        if last.record:
            text.append(f"\nRun record: {last.record}", style="dim")
        return text


def headline_tables(headlines: list[Headline]) -> list[Table]:
    """Tables for the terminal; scores under the same names stand side by side in one."""
    groups: dict[tuple[Any, ...], list[Headline]] = {}
    for one in headlines:
        is_score = len(one.columns) == 2 or one.columns[1:2] == ["value"]
        names = tuple(row[0] for row in one.rows)
        groups.setdefault((*one.columns, names) if is_score else (one.node,), []).append(one)
    return [
        _side_by_side(group) if len(group) > 1 or len(group[0].columns) == 2 else _alone(group[0])
        for group in groups.values()
    ]


def _side_by_side(group: list[Headline]) -> Table:
    from rich.table import Table

    first = group[0]
    # a further column, such as a baseline, stands there once if all agree
    shared = [
        index
        for index in range(2, len(first.columns))
        if all([row[index] for row in one.rows] == [row[index] for row in first.rows] for one in group)
    ]
    table = Table(box=_box(), header_style="bold", pad_edge=False)
    table.add_column(_plain(first.columns[0]))
    for head in (*(one.label for one in group), *(first.columns[index] for index in shared)):
        table.add_column(_plain(head), justify="right")
    for place, row in enumerate(first.rows):
        cells = [row[0], *(one.rows[place][1] for one in group), *(row[index] for index in shared)]
        table.add_row(*(_plain(_value(cell)) for cell in cells))
    return table


MOST_COLUMNS = 9
"""A terminal shows no more side by side."""


def _alone(one: Headline) -> Table:
    from rich.table import Table

    table = Table(
        box=_box(), header_style="bold", pad_edge=False, title=_plain(one.label), title_justify="left"
    )
    if len(one.columns) > MOST_COLUMNS and 0 < len(one.rows) <= 5:
        # a few rows of many columns read better turned round
        for index, value in enumerate((one.columns[0], *(row[0] for row in one.rows))):
            table.add_column(_plain(_value(value)), justify="left" if index == 0 else "right")
        for index, column in enumerate(one.columns[1:], 1):
            table.add_row(_plain(column), *(_plain(_value(row[index])) for row in one.rows))
        return table
    for index, column in enumerate(one.columns[:MOST_COLUMNS]):
        numeric = any(isinstance(row[index], int | float) for row in one.rows)
        table.add_column(_plain(column), justify="right" if numeric else "left")
    for row in one.rows:
        table.add_row(*(_plain(_value(value)) for value in row[:MOST_COLUMNS]))
    if len(one.columns) > MOST_COLUMNS:
        table.caption = f"and {len(one.columns) - MOST_COLUMNS} more columns"
    return table


def tell_refusal(last: Refused) -> None:
    """Say on standard error why nothing ran: every problem on a line of its own."""
    from nodeflow.cli import problems

    if last.is_bug:
        problems.tell_bug(last.sentence, last.trace, debug=_is_debugging())
    elif last.problems:
        problems.tell(last.problems)
    else:
        problems.tell_error(last.sentence)


def _is_debugging() -> bool:
    import click

    context = click.get_current_context(silent=True)
    return context is not None and bool(context.find_root().params.get("debug"))


def _plain(text: object) -> Text:
    """Data as text: no markup in it is obeyed, and control characters are made visible."""
    from rich.text import Text

    return Text("".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in str(text)))


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    if isinstance(value, float):
        return f"{value:,.4f}" if 1e-3 <= abs(value) < 1e6 or value == 0 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _rows(rows: int | None, unit: str = "") -> str:
    return "" if rows is None else f"{rows:,}{unit}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.2f} s"
    return f"{int(seconds // 60)} min {seconds % 60:.0f} s"


def _box() -> Any:
    from rich import box

    return box.SIMPLE_HEAD
