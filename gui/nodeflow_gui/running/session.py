"""Session: keeps a document checked, runs it in worker processes, and finds values to look at.

The GUI thread never waits here: checks and values come from the service process, runs from a worker
process, and both are told by signals.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from nodeflow.document import to_data
from nodeflow.execution.events import FINAL, Event
from nodeflow.execution.messages import Ended, Refused, Request, Stored, Told
from nodeflow.workflow import Workflow
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.running.answer import Answer
from nodeflow_gui.running.client import ServiceClient
from nodeflow_gui.running.protocol import Formula, Look, Seen
from nodeflow_gui.running.runs import Run, Spares
from nodeflow_gui.running.status import NodeStatus, Status
from nodeflow_gui.running.trust import Trust
from nodeflow_gui.running.wording import reworded

CHECK_AFTER = 150
"""Milliseconds after the last change until the document is checked."""

GRACE = 1.0
"""Seconds that a node has to listen to a stop; its process is ended 1.5 s later."""

SPILL_FROM = 0.6
"""The share of a run's memory from which tables are sorted and joined on disk: what is held beside needs room."""

LEAST_MEMORY = 500_000_000
"""Bytes that a worker needs to do anything at all."""

_LOOKS_ONLY = ("moved", "notes changed")
_DIED = ("it ended the worker process", "it took more memory than a run may have")


@dataclass
class RunOptions:
    """How the editor runs workflows: preferences, and what the user has allowed."""

    cache_folder: Path | None = None
    memory: int | None = None
    """Bytes that a run may take: a node that takes more is ended."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables of the environment, such as the backend of Keras."""
    device: str = "auto"
    seed: int = 0
    jobs: int | None = None
    allowed_code: set[str] = field(default_factory=set)
    knows_code: Callable[[str], bool] = lambda digest: False
    """Whether the user has let the code of a digest run before."""
    allow_read: list[str] = field(default_factory=list)
    allow_write: list[str] = field(default_factory=list)
    allow_host: list[str] = field(default_factory=list)
    nodes_path: list[str] = field(default_factory=list)


class Session(QObject):
    """Everything that happens to one document outside the editor's process."""

    happened = Signal(object)
    """An `Event` of the engine."""
    ended = Signal(object)
    """The last word of a run: `Ended` or `Refused`."""
    log = Signal(str, str, str)
    """Level ("debug", "info", "warning", "error", "output"), text, and the node that tells it, if one does."""
    worker_lost = Signal(str, str)
    """A node ended its worker process: node and sentence."""
    trust_needed = Signal(object)
    """A run waits for `allow_code` or `leave_out_code`: {"hash", "texts": [{"node", "title", "text"}]}."""
    code_kept = Signal(str)
    """Code that the user wrote here, by its digest: it is run or saved, and may run from then on."""
    checked = Signal()

    def __init__(
        self,
        document: EditorDocument,
        status: Status,
        options: RunOptions | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.status = status
        self.options = options or RunOptions()
        self.client = ServiceClient(self)
        self._spares = Spares()
        self._run: Run | None = None
        self._is_automatic = False
        self._is_checking = False
        self._is_dirty = True
        self._fault = ""
        self._answer: Answer | None = None
        self._after_check: list[Callable[[], None]] = []
        self._waiting_targets: tuple[str, ...] | None = None
        self._trust = Trust(document)
        self._left_out = ""
        self._changed: set[str] = set()
        self._outdated: set[str] = set()
        """Nodes that changed since the run began."""
        self._unchecked: set[str] = set()
        """Nodes that changed since the check under way was asked for."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_AFTER)
        self._timer.timeout.connect(self._check)
        document.changed.connect(self._document_changed)
        document.path_changed.connect(self.check_soon)
        document.undo_stack.cleanChanged.connect(self._keep_code_when_saved)
        self.client.lost.connect(self._service_lost)
        self.client.printed.connect(lambda text: self.log.emit("output", text, ""))
        QTimer.singleShot(0, self, self._check)
        QTimer.singleShot(400, self, lambda: self._spares.prepare(self._memory_limit()))

    # -- checking -----------------------------------------------------------------------------

    def check_soon(self) -> None:
        """Check the document shortly."""
        self._is_dirty = True
        self._timer.start()

    def allow(self, fix: dict[str, Any]) -> None:
        """Carry out a fix "allow": let the workflow read, write or reach what it names."""
        granted = {
            "read": self.options.allow_read,
            "write": self.options.allow_write,
            "host": self.options.allow_host,
        }[fix["what"]]
        if fix["value"] not in granted:
            granted.append(fix["value"])
        self.check_soon()

    def allow_code(self, code_hash: str) -> None:
        """Let the workflow's own code of this digest run; a run that waited for that starts."""
        self.options.allowed_code.add(code_hash)
        self._tell_trust()
        self._go_on()

    def leave_out_code(self) -> None:
        """Run without the workflow's own code, as it is now; a run that waited starts."""
        self._left_out = self.status.code.get("hash", "")
        self._go_on()

    @property
    def waits_for_trust(self) -> bool:
        """Whether a run waits for the answer to `trust_needed`."""
        return self._waiting_targets is not None

    def _go_on(self) -> None:
        waiting, self._waiting_targets = self._waiting_targets, None
        if waiting is not None:
            self.run(waiting)

    def _check(self) -> None:
        self._timer.stop()
        if self._is_checking:
            return  # the answer's arrival looks whether it is still of the present document
        self._is_dirty = False
        self._unchecked.clear()
        try:
            request = self._request()
        except UnicodeEncodeError as error:
            self._take_check(
                msgspec.Raw(b"null"), self.tr("A text in the workflow is broken: {0}").format(error)
            )
            return
        self._is_checking = True
        self.client.ask("check", request, self._take_check)

    def _take_check(self, result: msgspec.Raw, error: str) -> None:
        self._is_checking = False
        self._fault = error
        if error:
            self.log.emit("error", error, "")
        else:
            self._answer = msgspec.json.decode(result, type=Answer)
            self._answer.problems = reworded(self._answer.problems, self.document.declaration_of)
            self.status.take_check(self._answer, self._unchecked)
            self._tell_trust()
        if self._is_dirty:
            # the timer may have run out meanwhile, and then nobody else would ask again
            if self._after_check or not self._timer.isActive():
                self._check()
            return
        self.checked.emit()
        waiting, self._after_check = self._after_check, []
        for go_on in waiting:
            go_on()
        if self._is_automatic and self.status.will_run and not self.status.is_running and not error:
            self.run()

    def _when_checked(self, go_on: Callable[[], None]) -> None:
        if self._is_dirty or self._is_checking or self._answer is None or self._fault:
            self._after_check.append(go_on)
            self._check()
        else:
            go_on()

    def _tell_trust(self) -> None:
        code, options = self.status.code, self.options
        self.status.is_allowed = not code or self._trust.covers(
            code, options.allowed_code, options.knows_code
        )
        self.status.trust_changed.emit()

    def _keep_code(self) -> None:
        if self.status.code and self.status.is_allowed:
            self.code_kept.emit(self.status.code["hash"])

    def _keep_code_when_saved(self, is_saved: bool) -> None:
        if is_saved and self.status.code:
            self._when_checked(self._keep_code)

    def _service_lost(self, sentence: str) -> None:
        self.log.emit("error", sentence, "")
        # else the document may be what ended it: it is asked again when somebody needs the answer
        if not self._fault:
            self.check_soon()

    def _document_changed(self, change: Any) -> None:
        if change.kind in _LOOKS_ONLY:
            return
        gone: set[str] | None = None
        if change.kind not in ("variables changed", "reset"):
            gone = self._with_followers(_nodes_of(change.ids))
        self.status.forget(gone)
        known = self._with_followers(self.document.workflow.nodes) if gone is None else gone
        self._unchecked |= known
        if self._run is not None:
            self._outdated |= known
        self.check_soon()

    def _with_followers(self, nodes: Iterable[str]) -> set[str]:
        """The nodes, all that depend on them, and what lies in components among them."""
        workflow: Workflow = self.document.workflow
        found = {one.split("/")[0] for one in nodes}
        followers: dict[str, list[str]] = {}
        for wire in workflow.connections:
            followers.setdefault(wire.source, []).append(wire.target)
        waiting = list(found)
        while waiting:
            for target in followers.get(waiting.pop(), ()):
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        known = self._answer.summaries if self._answer is not None else {}
        return found | {one for one in known if one.split("/")[0] in found}

    # -- running ------------------------------------------------------------------------------

    def run(self, targets: Sequence[str] = ()) -> None:
        """Run all, or what the targets need; nodes with problems and what depends on them are left out."""
        if self._run is None:
            self._when_checked(lambda: self._start(tuple(targets)))

    def stop(self) -> None:
        """Stop the run: at once between nodes, within seconds if a node does not listen."""
        self._waiting_targets = None
        if self._run is not None:
            self._run.stop()

    def reset(self, nodes: Collection[str] = ()) -> None:
        """Drop the results of nodes, of all without any."""
        chosen = self._with_followers(nodes) if nodes else None

        def done(result: msgspec.Raw, error: str) -> None:
            if error:
                self.log.emit("error", error, "")
            self.status.forget(chosen)
            self.check_soon()

        self._when_checked(lambda: self.client.ask("reset", sorted(chosen or ()), done))

    def set_automatic(self, automatic: bool) -> None:
        """Run what changed after every edit, or only when asked."""
        self._is_automatic = automatic
        if automatic:
            self.check_soon()

    def _start(self, targets: tuple[str, ...]) -> None:
        if self._run is not None:
            return
        if self._fault or self._answer is None:
            self._take_end(Refused(self._fault))
            return
        if self._is_restricted() and self.status.code["hash"] != self._left_out:
            self._waiting_targets = targets
            self.trust_needed.emit(self.status.code)
            return
        self._keep_code()
        ends = self._answer.ends
        if not targets and ends is not None:
            if not ends:
                self._take_end(Refused("", self.status.problems))
                return
            targets = tuple(ends)
        self._outdated = set()
        self._run = Run(self._request(targets), self._spares, self)
        self._run.news.connect(self._take_news)
        self._run.portion_done.connect(self._tell_changed)
        self._run.ended.connect(self._take_end)
        self.status.is_running = True
        self._run.start()
        self.status.run_changed.emit()

    def _take_news(self, news: Any) -> None:
        if isinstance(news, Event):
            self._take_event(news)
        elif isinstance(news, Stored):
            if news.node not in self._outdated:
                self.status.put_places(news.node, news.outputs)
        elif isinstance(news, Told):
            self.log.emit(news.level, news.text, "")

    def _take_event(self, event: Event) -> None:
        self.happened.emit(event)
        node = event.node
        if not node:
            return
        if event.state in FINAL and node in self._outdated:
            self.status.forget([node])
            return
        before = self.status.marked(node)
        rows = event.rows
        if rows is None and event.state == "cached" and before is not None:
            rows = before.rows
        figures = getattr(event, "figures", None) or {}
        self.status.mark(
            node,
            NodeStatus(
                event.state, event.progress, event.message, rows, event.seconds, event.reason, dict(figures)
            ),
        )
        self._changed.update((node, *self.status.outer_of(node)))
        if figures:
            self.status.figures_changed.emit(node, (event.progress, dict(figures)))
        if event.state == "failed":
            self.log.emit("error", f"{event.title or node}: {event.reason}", node)
            if event.reason.startswith(_DIED):
                self.worker_lost.emit(node, event.reason)
        elif event.message and event.progress is None:
            for line in event.message.split("\n"):
                self.log.emit("warning", f"{event.title or node}: {line}", node)

    def _tell_changed(self) -> None:
        changed, self._changed = self._changed, set()
        for node in changed:
            self.status.node_changed.emit(node)

    def _take_end(self, last: Ended | Refused) -> None:
        self._tell_changed()
        if self._run is not None:
            self._run.deleteLater()
            self._run = None
        self.status.is_running = False
        if isinstance(last, Refused) and last.sentence and last.sentence != self._fault:
            self.log.emit("error", last.sentence, "")
        elif isinstance(last, Ended):
            self.log.emit("info", self._words_of(last), "")
        self.status.run_changed.emit()
        self.ended.emit(last)
        self.check_soon()

    def _words_of(self, last: Ended) -> str:
        seconds = f"{last.seconds:.1f} s"
        words = {
            "done": self.tr("The run is done ({0})."),
            "failed": self.tr("The run ended with failed nodes ({0})."),
            "cancelled": self.tr("The run was stopped ({0})."),
        }
        return words.get(last.state, last.state).format(seconds)

    # -- looking ------------------------------------------------------------------------------

    def request_value(self, node: str, port: str, callback: Callable[[Seen], None]) -> None:
        """Find the value at an output; `callback` gets a `Seen` from the event loop or at once."""
        place = self.status.place_of(node, port)
        if place is not None and place.kind == "table":
            callback(Seen("table", place.path, place.data, place.meta.get("rows")))
            return
        look = Look(node, port)
        if place is not None:
            look = Look(node, port, place.kind, place.path, place.data, place.meta)

        def answered(result: msgspec.Raw, error: str) -> None:
            seen = Seen("nothing", sentence=error) if error else msgspec.json.decode(result, type=Seen)
            callback(seen)

        if place is not None:
            self.client.ask("look", look, answered)
        else:
            self._when_checked(lambda: self.client.ask("look", look, answered))

    def draw(self, node: str, port: str, picture: str, callback: Callable[[bytes, str], None]) -> None:
        """A chart as "svg" or "png": `callback` gets it, or the sentence why there is none."""
        place = self.status.place_of(node, port)
        if place is None:
            callback(b"", self.tr("The chart has not been computed yet."))
            return
        look = Look(node, port, place.kind, place.path, place.data, place.meta, picture)
        self.client.ask(
            "draw",
            look,
            lambda result, error: callback(b"" if error else msgspec.json.decode(result, type=bytes), error),
        )

    def check_formula(
        self, text: str, columns: dict[str, str], callback: Callable[[dict[str, Any]], None]
    ) -> None:
        """Check a formula: `callback` gets {"fault", "position"} or {"fault": "", "columns"}."""
        self._ask_data("formula", Formula(text, columns), callback)

    def complete_formula(
        self, text: str, position: int, columns: dict[str, str], callback: Callable[[dict[str, Any]], None]
    ) -> None:
        """What could stand at a position of a formula: {"start", "items": [{"text", "name", "kind", "help"}]}."""
        self._ask_data("complete", Formula(text, columns, position), callback)

    def _ask_data(self, do: str, data: Any, callback: Callable[[dict[str, Any]], None]) -> None:
        def answered(result: msgspec.Raw, error: str) -> None:
            if not error:
                callback(msgspec.json.decode(result))

        self.client.ask(do, data, answered)

    # -- ending -------------------------------------------------------------------------------

    def close(self) -> None:
        """End all processes of the session."""
        self._timer.stop()
        self._after_check.clear()
        if self._run is not None:
            self._run.close()
            self._run = None
        self._spares.close()
        self.client.close()

    def process_ids(self) -> list[int]:
        """The numbers of the processes that wait for work."""
        return [self.client.process_id, *self._spares.process_ids()]

    def _is_restricted(self) -> bool:
        return bool(self.status.code) and not self.status.is_allowed

    def _memory_limit(self) -> int | None:
        return round(SPILL_FROM * self.options.memory) if self.options.memory else None

    def _request(self, targets: Sequence[str] = ()) -> Request:
        document, options = self.document, self.options
        workflow: Workflow = document.workflow
        path: Path | None = document.path
        folder = workflow.folder or (path.resolve().parent if path is not None else Path.home())
        code = self.status.code.get("hash", "")
        return Request(
            workflow=str(path.resolve()) if path is not None else "",
            document=msgspec.json.encode(to_data(workflow)).decode(),
            folder=str(folder),
            # an example that came with the program may lie where nobody can write
            output=None
            if path is not None and os.access(folder, os.W_OK)
            else str(self.client.scratch / "output"),
            targets=list(targets),
            jobs=options.jobs,
            seed=options.seed,
            cache_folder=str(options.cache_folder) if options.cache_folder is not None else None,
            memory_limit=self._memory_limit(),
            memory_ceiling=max(options.memory, LEAST_MEMORY) if options.memory else None,
            environment=options.environment,
            device=options.device,
            trust_hash=code if self.status.is_allowed else "",
            restricted=self._is_restricted(),
            allow_read=options.allow_read,
            allow_write=options.allow_write,
            allow_host=options.allow_host,
            nodes_path=options.nodes_path,
            tells=True,
            grace=GRACE,
        )


def _nodes_of(ids: Iterable[Any]) -> set[str]:
    """The nodes that a change names; of connections the nodes that get something else."""
    return {one if isinstance(one, str) else one.target for one in ids}
