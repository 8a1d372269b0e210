"""Running a workflow: check, plan, then execute the plan; the embedding interface."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from nodeflow.devices import is_gpu_in_force
from nodeflow.errors import NodeflowError, StoreError, WorkflowError
from nodeflow.execution.cancellation import Cancellation
from nodeflow.execution.code import CodeDigests
from nodeflow.execution.environment import Environment, remove_left_files
from nodeflow.execution.events import Event, EventStream, Listener, State
from nodeflow.execution.executors import EXECUTORS, Executor
from nodeflow.execution.importing import packages_first
from nodeflow.execution.keys import Parts
from nodeflow.execution.plan import Plan, Step, ancestors, build_plan, expanded_targets, untrusted, wires
from nodeflow.execution.result import NodeReport, Result
from nodeflow.execution.scheduler import Scheduler
from nodeflow.execution.steps import Outcome, is_full, perform, reuse
from nodeflow.execution.trust import check_trust, is_trusted
from nodeflow.files import FileDigests
from nodeflow.memory import read_size
from nodeflow.problems import Problem
from nodeflow.registry import Registry
from nodeflow.resolution import Resolution, Settings, Source, resolve
from nodeflow.temporaries import make_scratch_folder, remove_scratch_folder
from nodeflow.validation import Validation
from nodeflow.validation import validate as validate_resolution
from nodeflow.workflow import Workflow

if TYPE_CHECKING:
    from nodeflow.execution.store import Output, Store

logger = logging.getLogger("nodeflow")

GRACE = 3.0
"""Seconds that running nodes have to stop after a cancel before the run ends without them."""


@dataclass(frozen=True)
class Options:
    """How to run; see `run` for the meaning of each."""

    settings: Settings = field(default_factory=Settings)
    targets: tuple[str, ...] = ()
    jobs: int | None = None
    executor: str = "threads"
    seed: int = 0
    cache: bool = True
    cache_folder: Path | None = None
    memory_limit: int | None = None
    timeout: float | None = None
    trust_hash: str = ""
    restricted: bool = False
    """Run without the workflow's own code unless it is trusted: skip its nodes and what depends on them."""
    device: str = "auto"
    keep: Literal["all", "ends"] = "all"
    record: bool | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    """Nodes that must not run, with the reason: they count as failed from the start."""
    grace: float | None = None
    """Seconds that running nodes have to stop after a cancel before the run ends without them; else `GRACE`."""


@dataclass
class Prepared:
    """A workflow that is ready to run: resolved, without problems, planned."""

    plan: Plan
    validation: Validation
    store: Store | None
    code: CodeDigests
    files: FileDigests
    history_path: Path | None
    scratch: Path | None = None
    """A store for this run alone, where there is no cache but a memory limit."""

    def close(self) -> None:
        """Remove the scratch store; values not yet read are lost. Garbage collection does the same."""
        if self.scratch is not None:
            remove_scratch_folder(self.scratch)


def run(
    workflow: Workflow,
    *,
    parameters: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    targets: Sequence[str] | str = (),
    jobs: int | None = None,
    executor: str = "threads",
    seed: int = 0,
    cache: bool = True,
    cache_folder: Path | str | None = None,
    output: Path | str | None = None,
    memory_limit: int | str | None = None,
    timeout: float | None = None,
    trust: bool = False,
    allow_read: Sequence[Path | str] = (),
    allow_write: Sequence[Path | str] = (),
    allow_host: Sequence[str] = (),
    restricted: bool = False,
    device: Literal["auto", "cpu", "gpu"] = "auto",
    on_event: Listener | None = None,
    cancellation: Cancellation | None = None,
    check: bool = True,
    keep: Literal["all", "ends"] = "all",
    record: bool | None = None,
    registry: Registry | None = None,
) -> Result:
    """Run a workflow and give its result.

    Args:
        workflow: the workflow; it is not changed.
        parameters: values by "node.parameter", instead of those in the workflow.
        variables: values of the workflow's variables.
        targets: nodes the run is for; by default all. Only what they need runs.
        jobs: steps at a time; by default the number of processors.
        executor: "threads", or "inline" for the calling thread.
        seed: the run's seed, from which nodes without a seed of their own get theirs.
        cache: reuse and keep results in the store.
        cache_folder: the store; by default the user's cache folder.
        output: where files are written; by default `output` beside the workflow's file.
        memory_limit: sort, group and join tables within about so many bytes, or a size such as "2GB",
            by spilling to disk; slower. Nodes that need a whole table in memory still load it.
        timeout: seconds after which the run is cancelled.
        trust: run the workflow's own code, and let it read, write and reach anything.
        allow_read, allow_write: further files or folders the workflow may read or write.
        allow_host: servers the workflow may reach.
        restricted: run without the workflow's own code; its nodes and what depends on them are skipped.
        device: for nodes that can use a GPU.
        on_event: called with every `Event`, in order, from the engine's threads.
        cancellation: to cancel from another thread.
        check: raise `RunFailed` if a node failed and `Cancelled` if the run was cancelled.
        keep: "ends" drops values from memory once their last consumer is done.
        record: write the run record to the output folder; by default if the workflow has a file.
        registry: the known node types; by default those of all installed packages.

    Raises:
        WorkflowError: the workflow has problems; nothing has run.
        TrustError: it holds code and is not trusted.
        RunFailed, Cancelled: see `check`.
    """
    settings = Settings(
        parameters or {},
        variables or {},
        Path(output) if output is not None else None,
        tuple(map(Path, allow_read)),
        tuple(map(Path, allow_write)),
        tuple(allow_host),
        trust,
    )
    options = Options(
        settings=settings,
        targets=(targets,) if isinstance(targets, str) else tuple(targets),
        jobs=jobs,
        executor=executor,
        seed=seed,
        cache=cache,
        cache_folder=Path(cache_folder) if cache_folder is not None else None,
        memory_limit=read_size(memory_limit) if isinstance(memory_limit, str) else memory_limit,
        timeout=timeout,
        restricted=restricted,
        device=device,
        keep=keep,
        record=record,
    )
    prepared = prepare(workflow, options, registry)
    result = execute(prepared, options, [on_event] if on_event else [], cancellation)
    return result.check() if check else result


def validate(
    workflow: Workflow, *, registry: Registry | None = None, settings: Settings | None = None
) -> list[Problem]:
    """All problems of a workflow, found without reading data."""
    return check_workflow(workflow, registry, settings or Settings())[1].problems


def plan(workflow: Workflow, *, registry: Registry | None = None, **options: Any) -> Plan:
    """What a run would do; the keywords are the fields of `Options`."""
    return prepare(workflow, Options(**options), registry).plan


def check_workflow(
    workflow: Workflow, registry: Registry | None, settings: Settings, targets: tuple[str, ...] = ()
) -> tuple[Resolution, Validation]:
    """Resolve and validate; with targets only what they need."""
    known = registry or workflow.registry or Registry.installed()
    resolution = resolve(workflow, known, settings)
    wanted = None
    if targets and not resolution.cyclic:
        wanted = set(ancestors(resolution.nodes, expanded_targets(resolution, targets)))
    return resolution, validate_resolution(resolution, wanted)


def prepare(workflow: Workflow, options: Options, registry: Registry | None = None) -> Prepared:
    """Check a workflow and plan its run.

    Raises:
        WorkflowError: it has problems, or the call has.
        TrustError: it holds code and is not trusted.
    """
    if options.executor not in EXECUTORS:
        raise NodeflowError(f'no executor "{options.executor}"; there are {", ".join(EXECUTORS)}')
    if options.jobs is not None and options.jobs < 1:
        raise NodeflowError(f"the number of jobs must be at least 1, not {options.jobs}")
    resolution, validation = check_workflow(workflow, registry, options.settings, options.targets)
    wanted = set(ancestors(resolution.nodes, expanded_targets(resolution, options.targets)))
    errors = [
        problem
        for problem in validation.errors
        if not options.targets or problem.node in wanted or not problem.node
    ]
    if errors:
        raise WorkflowError(errors)
    check_trust(resolution, options)
    return plan_run(resolution, validation, options)


def plan_run(resolution: Resolution, validation: Validation, options: Options) -> Prepared:
    """Plan the run of a workflow that was checked; the nodes it is for must have no problems."""
    workflow = resolution.workflow
    store: Store | None = None
    code, files = CodeDigests(), FileDigests()
    history_path: Path | None = None
    scratch: Path | None = None
    if options.cache or options.memory_limit is not None:
        from nodeflow.execution.store import Store as ResultStore

        scratch = None if options.cache else make_scratch_folder()
        try:
            store = ResultStore(scratch or options.cache_folder)
        except StoreError as error:
            if not is_full(error.__cause__):
                raise
            logger.warning("the cache is not used: %s", error)
    if store is not None:
        code = CodeDigests(store.root / "code.json")
        files = FileDigests(store.root / "files.json")
        name = str(workflow.path.resolve()) if workflow.path else f"unsaved {workflow.name}"
        history_path = store.root / "history" / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
    plan = build_plan(
        resolution,
        store=store,
        code=code,
        files=files,
        seed=options.seed,
        targets=options.targets,
        history=_LazyHistory(history_path),
        device=options.device,
        left_out=untrusted(resolution)
        if options.restricted and not is_trusted(resolution, options)
        else None,
    )
    prepared = Prepared(plan, validation, store, code, files, history_path, scratch)
    if scratch is not None and store is not None:
        weakref.finalize(store, remove_scratch_folder, scratch)
    return prepared


class _LazyHistory(Mapping[str, Parts]):
    """What each node's key was made of when it last ran; read from the file only when asked."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, Parts] | None = None

    def _read(self) -> dict[str, Parts]:
        if self._found is None:
            try:
                data = msgspec.json.decode(self._path.read_bytes()) if self._path is not None else {}
                self._found = data if isinstance(data, dict) else {}
            except (OSError, msgspec.DecodeError):
                self._found = {}
        return self._found

    def __getitem__(self, node: str) -> Parts:
        return self._read()[node]

    def __contains__(self, node: object) -> bool:
        return node in self._read()

    def __iter__(self) -> Any:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def execute(
    prepared: Prepared,
    options: Options,
    listeners: Sequence[Listener] = (),
    cancellation: Cancellation | None = None,
    on_stored: Callable[[str, Mapping[str, Output]], None] | None = None,
) -> Result:
    """Carry out a plan. Node failures are in the result; nothing is raised for them.

    `on_stored` is told a node and its stored outputs, before the event that it is done.
    """
    return _Run(prepared, options, list(listeners), cancellation or Cancellation(), on_stored).go()


class _Run:
    """One run in progress. Its lock guards scheduler and reports; executors call in from threads."""

    def __init__(
        self,
        prepared: Prepared,
        options: Options,
        listeners: list[Listener],
        cancellation: Cancellation,
        on_stored: Callable[[str, Mapping[str, Output]], None] | None,
    ) -> None:
        self.prepared, self.options, self.cancellation = prepared, options, cancellation
        self.on_stored = on_stored
        self.plan = prepared.plan
        self.nodes = self.plan.resolution.nodes
        self.reports: dict[str, NodeReport] = {
            name: NodeReport(name, self.nodes[name].title) for name in self.plan.step_of if name in self.nodes
        }
        self.reports = {name: self.reports[name] for name in self.nodes if name in self.reports}
        self.events = EventStream([self._note, *listeners])
        self.environment = Environment(
            self.plan,
            prepared.store,
            self.events,
            cancellation,
            options.device,
            _protected(self.plan.resolution),
            memory_limit=options.memory_limit,
        )
        self.jobs = options.jobs or os.cpu_count() or 1
        self.executor: Executor = EXECUTORS[options.executor](self.jobs)
        running = {name: step for name, step in self.plan.steps.items() if step.action == "run"}
        self.scheduler = Scheduler(
            {name: [s for s in step.sources if s in running] for name, step in running.items()},
            first=[name for name in running if self._class(name).views_first],
            slots={name: slots for name in running if (slots := self._slots(running[name]))},
        )
        self.uses: dict[str, int] = {}
        self.in_flight = 0
        self.failed = False
        self.fault: BaseException | None = None
        self.interrupted = False
        self.lock = threading.RLock()
        self.started = time.time()
        self.clock = time.perf_counter()

    def _class(self, name: str) -> Any:
        node = self.nodes[name].node
        assert node is not None
        return type(node)

    def _slots(self, step: Step) -> tuple[str, ...]:
        slots = dict.fromkeys(slot for member in step.members for slot in self._class(member).slots)
        if "gpu" in slots and not is_gpu_in_force(self.options.device):
            del slots["gpu"]  # on a CPU nothing is gained by waiting for each other
        return tuple(slots)

    def go(self) -> Result:
        title = self.plan.resolution.workflow.name
        remove_left_files(self.plan, self.prepared.store)
        self.events.emit("", "queued", title=title)
        self.events.emit("", "running", title=title)
        timer: threading.Timer | None = None
        if self.options.timeout is not None:
            reason = f"the time limit of {self.options.timeout:g} s has passed"
            timer = threading.Timer(self.options.timeout, self.cancellation.cancel, [reason])
            timer.daemon = True
            timer.start()
        try:
            with packages_first():
                self._drive()
        finally:
            if timer is not None:
                timer.cancel()
            self.cancellation.forget(self._cancelled)
        if self.fault is not None:
            raise self.fault
        result = self._finish()
        if self.interrupted:
            raise KeyboardInterrupt
        return result

    def _drive(self) -> None:
        with self.lock:
            self._announce()
            self._advance()
        self.cancellation.on_cancel(self._cancelled)
        try:
            self.executor.drive()
        except KeyboardInterrupt:
            self.interrupted = True
            self.cancellation.cancel("interrupted")
            self.executor.drive()

    def _announce(self) -> None:
        """Tell the state of every node before the first runs."""
        for step in self.plan.steps.values():
            if step.action == "cached":
                assert step.entry is not None
                self._settle(step, reuse(step, step.entry, self.environment, step.reason))
            elif step.action in ("unneeded", "left out"):
                self._settle(step, Outcome(step, "skipped", reason=step.reason))
            else:
                for source in step.sources:
                    self.uses[source] = self.uses.get(source, 0) + 1
                for member in step.members:
                    self.events.emit(member, "queued", title=self.nodes[member].title)

    def _advance(self) -> None:
        """Hand out work while there is some and a job is free. Called with the lock held."""
        while self.in_flight < self.jobs and not self.cancellation.is_cancelled:
            name = self.scheduler.next()
            if name is None:
                break
            step = self.plan.steps[name]
            self.in_flight += 1
            banned = next((member for member in step.members if member in self.options.without), None)
            if banned is not None:
                for member in step.members:
                    self.events.emit(member, "running", title=self.nodes[member].title)
                self._done(Outcome(step, "failed", reason=self.options.without[banned], culprit=banned))
                continue
            for member in step.members:
                self.events.emit(member, "running", title=self.nodes[member].title)
            self.executor.submit(lambda step=step: self._work(step))  # type: ignore[misc]
        if self.in_flight == 0 and (self.scheduler.is_finished or self.cancellation.is_cancelled):
            self.executor.stop()

    def _work(self, step: Step) -> None:
        try:
            self._carry_out(step)
        except BaseException as error:  # of a listener: the caller must see it, not wait for ever
            self.fault = self.fault or error
            self.cancellation.cancel(f"a listener failed: {error}")
            self.executor.stop()

    def _carry_out(self, step: Step) -> None:
        try:
            outcome = perform(step, self.environment)
        except KeyboardInterrupt:
            self.interrupted = True
            self.cancellation.cancel("interrupted")
            outcome = Outcome(step, "cancelled", reason="interrupted")
        with self.lock:
            if self.events.states.get(step.head) != "running":
                return  # the run ended without it
            self._done(outcome)
            self._advance()

    def _done(self, outcome: Outcome) -> None:
        step = outcome.step
        self.in_flight -= 1
        if outcome.state in ("done", "cached"):
            self._settle(step, outcome)
            self.scheduler.finish(step.head)
            self._release(step)
            return
        self._settle(step, outcome)
        dropped = self.scheduler.fail(step.head)
        if outcome.state == "failed":
            self.failed = True
        stopped_by = outcome.culprit or step.head
        word = "failed" if outcome.state == "failed" else "was cancelled"
        for name in dropped:
            other = self.plan.steps[name]
            state: State = "skipped" if outcome.state == "failed" else "cancelled"
            self._settle(other, Outcome(other, state, reason=f"{self.nodes[stopped_by].title} {word}"))

    def _settle(self, step: Step, outcome: Outcome) -> None:
        """Emit the final event of every member of a step."""
        if self.on_stored is not None and outcome.state in ("done", "cached"):
            node = self.nodes[step.head].node
            assert node is not None
            places = {port.name: (step.head, port.name) for port in node.signature().outputs}
            held = self.environment.stored
            self.on_stored(step.head, {port: held[one] for port, one in places.items() if one in held})
        for member in step.members:
            title = self.nodes[member].title
            if member == step.head and outcome.culprit in ("", member):
                self.reports[member].files = outcome.files
                self.events.emit(
                    member,
                    outcome.state,
                    title=title,
                    reason=outcome.reason,
                    rows=outcome.rows,
                    seconds=outcome.seconds if outcome.state in ("done", "failed", "cached") else None,
                    message="\n".join(outcome.messages),
                    memory=outcome.memory,
                )
            elif outcome.state == "failed" and member == outcome.culprit:
                self.events.emit(
                    member, "failed", title=title, reason=outcome.reason, seconds=outcome.seconds
                )
            elif outcome.state == "failed":
                culprit = self.nodes[outcome.culprit].title if outcome.culprit else ""
                self.events.emit(member, "skipped", title=title, reason=f"{culprit} failed")
            else:
                reason = (
                    outcome.reason
                    if outcome.state in ("skipped", "cancelled")
                    else f"in the query of {step.head}"
                )
                self.events.emit(member, outcome.state, title=title, reason=reason)

    def _release(self, step: Step) -> None:
        """Drop values that nobody will read any more."""
        if self.options.keep == "all" and self.prepared.store is None:
            return
        for source in step.sources:
            self.uses[source] = self.uses.get(source, 1) - 1
            if self.uses[source] == 0:
                for held in [one for one in list(self.environment.values) if one[0] == source]:
                    stored = held in self.environment.stored
                    if stored or (self.options.keep == "ends" and not self._is_shown(held)):
                        self.environment.forget(held)

    def _is_shown(self, source: Source) -> bool:
        """Whether a value is small and told at the end of the run: scores, charts, what reports are made of."""
        node = self.plan.resolution.nodes[source[0]].node
        port = node.output(source[1]) if node is not None else None
        if node is None or port is None:
            return False
        return port.type.name in ("chart", "report") or node.headline == port.name

    def _cancelled(self) -> None:
        """Start nothing more, and end the run even if what runs does not listen."""
        with self.lock:
            for name in self.scheduler.drop_rest():
                step = self.plan.steps[name]
                self._settle(step, Outcome(step, "cancelled", reason=self.cancellation.reason))
            if self.in_flight == 0:
                self.executor.stop()
                return
        patience = threading.Timer(GRACE if self.options.grace is None else self.options.grace, self._abandon)
        patience.daemon = True
        patience.start()

    def _abandon(self) -> None:
        """End the run without the nodes that still work."""
        with self.lock:
            for name, state in list(self.events.states.items()):
                if name and state == "running":
                    reason = f"{self.cancellation.reason}; it did not stop in time"
                    self.events.emit(name, "cancelled", title=self.nodes[name].title, reason=reason)
            self.executor.stop()

    def _note(self, event: Event) -> None:
        if not event.node:
            return
        report = self.reports[event.node]
        report.state, report.reason = event.state, event.reason
        if event.rows is not None:
            report.rows = event.rows
        if event.seconds is not None:
            report.seconds = event.seconds
        if event.message and event.progress is None:
            report.messages = event.message.split("\n")

    def _finish(self) -> Result:
        seconds = time.perf_counter() - self.clock
        state: State = "done"
        reason = ""
        if self.cancellation.is_cancelled:
            state, reason = "cancelled", self.cancellation.reason
        elif self.failed:
            state = "failed"
            count = sum(report.state == "failed" for report in self.reports.values())
            reason = f"{count} node{'s' if count > 1 else ''} failed"
        ran = any(step.action == "run" for step in self.plan.steps.values())
        if self.prepared.store is not None:
            if ran:
                self._keep_history()
            self.prepared.code.save()
            self.prepared.files.save()
            self.prepared.store.settle()
        result = Result(self.environment, state, self.reports, seconds)
        result.record = self._record(state, reason, seconds)
        self.events.emit("", state, title=self.plan.resolution.workflow.name, reason=reason, seconds=seconds)
        return result

    def _record(self, state: State, reason: str, seconds: float) -> dict[str, Any]:
        from nodeflow.execution.record import make_record, write_record

        workflow = self.plan.resolution.workflow
        wanted = self.options.record
        if wanted is None:
            wanted = workflow.path is not None or self.options.settings.output is not None
        record = make_record(
            self.plan,
            self.reports,
            self.environment.stored,
            state=state,
            reason=reason,
            started=self.started,
            seconds=seconds,
            seed=self.options.seed,
            device=self.options.device,
            executor=self.options.executor,
            jobs=self.jobs,
        )
        if wanted:
            try:
                record["saved"] = str(write_record(record, self.plan.resolution.output))
            except OSError as error:
                logger.warning("the run record was not written: %s", error)
        return record

    def _keep_history(self) -> None:
        path = self.prepared.history_path
        if path is None:
            return
        from nodeflow.files import atomic_write

        kept = dict(_LazyHistory(path))
        for name, parts in self.plan.parts.items():
            if parts is not None and self.reports[name].state in ("done", "cached"):
                kept[name] = parts | {"inputs": wires(self.nodes[name])}
        known = self.nodes.keys()
        kept = {name: parts for name, parts in kept.items() if name in known}
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with atomic_write(path, "wb") as file:
                file.write(msgspec.json.encode(kept))
        except OSError as error:
            logger.warning("why nodes ran is not remembered: %s", error)


def _protected(resolution: Resolution) -> frozenset[Path]:
    """Files a run must never overwrite: the workflow and what it reads."""
    from nodeflow.parameters.kinds import PathKind
    from nodeflow.parameters.special import InputPath
    from nodeflow.patterns import files_fitting

    found = {resolution.workflow.path.resolve()} if resolution.workflow.path is not None else set()
    for resolved in resolution.nodes.values():
        for one, value in resolved.node.values() if resolved.node is not None else ():
            if isinstance(one.kind, PathKind) and one.kind.type is InputPath and isinstance(value, str):
                found.update(Path(one) for one in files_fitting(value))
    return frozenset(found)


__all__ = [
    "Cancellation",
    "Options",
    "Prepared",
    "check_workflow",
    "execute",
    "plan",
    "prepare",
    "run",
    "validate",
]
