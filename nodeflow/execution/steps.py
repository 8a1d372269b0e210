"""Performing one step: run its nodes, collect its query once, keep the results."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.causes import NODE_ERRORS, explain, where_it_happened
from nodeflow.errors import Cancelled, NodeflowError, StoreError
from nodeflow.execution.calling import arguments, from_form, named_outputs
from nodeflow.execution.environment import Environment, LostValue, NodeContext
from nodeflow.execution.events import State
from nodeflow.execution.keys import file_digests
from nodeflow.execution.plan import Step, step_key, usable
from nodeflow.files import FileDigests
from nodeflow.node import Node
from nodeflow.ports import Port
from nodeflow.resolution import Source

if TYPE_CHECKING:
    from nodeflow.execution.store import Entry, Output

logger = logging.getLogger("nodeflow")

_CLAIM_WAIT = 600.0
"""Seconds to wait for another run that computes the same thing before computing it as well."""

_CANNOT_STORE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}


@dataclass
class Outcome:
    """What came of a step; `culprit` is the member whose error stopped it."""

    step: Step
    state: State
    seconds: float = 0.0
    reason: str = ""
    rows: int | None = None
    memory: int | None = None
    messages: list[str] = field(default_factory=list)
    culprit: str = ""
    error: BaseException | None = None
    files: dict[str, str] = field(default_factory=dict)


class MemberFailed(Exception):  # noqa: N818 - carries the guilty node to `perform`
    """A node of the step failed; its error is the cause."""

    def __init__(self, member: str, error: BaseException) -> None:
        super().__init__(member)
        self.member = member
        self.error = error


def perform(step: Step, environment: Environment) -> Outcome:
    """Run a step, or find that its result exists after all. Gives the outcome, never raises."""
    started = time.perf_counter()
    stack = [step]
    outcome: Outcome | None = None
    while stack:
        current = stack[-1]
        try:
            outcome = _perform_or_reuse(current, environment)
        except LostValue as lost:
            # a stored value was damaged: its step runs again first, then this one
            if len(stack) > len(environment.plan.steps):
                lost_again = StoreError("the result store keeps losing values; clear it")
                return _failed(step, step.head, lost_again, environment)
            stack.append(environment.plan.steps[lost.step])
            continue
        except Cancelled as error:
            return Outcome(step, "cancelled", time.perf_counter() - started, str(error))
        except MemberFailed as failure:
            outcome = _failed(current, failure.member, failure.error, environment)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            outcome = _failed(current, current.head, error, environment)
        if outcome.state == "failed" and current is not step:
            return Outcome(step, "failed", reason=outcome.reason, culprit=step.head, error=outcome.error)
        stack.pop()
    assert outcome is not None
    outcome.seconds = outcome.seconds or time.perf_counter() - started
    return outcome


def _failed(step: Step, member: str, error: BaseException, environment: Environment) -> Outcome:
    reason = _explained(step, member, error, environment)
    if not isinstance(error, NodeflowError | OSError | MemoryError) and not _from_data_library(error):
        reason = f"{reason} (at {where_it_happened(error)}; this is a fault of the node)"
    logger.debug("node %s failed", member, exc_info=error)
    return Outcome(step, "failed", reason=reason, culprit=member, error=error)


def _explained(step: Step, member: str, error: BaseException, environment: Environment) -> str:
    """The error in words; the nodes of a query know best what its errors mean."""
    if _from_data_library(error):
        for one in dict.fromkeys((member, *step.members)):
            node = environment.plan.resolution.nodes[one].node
            told = node.explain(error) if node is not None and isinstance(error, Exception) else None
            if told is not None:
                return told
    return explain(error)


def _from_data_library(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in (
        "polars",
        "narwhals",
        "polars_runtime",
        "pyo3_runtime",
    )


def _perform_or_reuse(step: Step, environment: Environment) -> Outcome:
    store, plan = environment.store, environment.plan
    if store is None:
        return _perform(step, environment, ())
    if any(plan.steps[source].key is None for source in step.sources):
        step.key = None  # as it would promise what a file that changed meanwhile no longer holds
    shallow = step_key(plan, step, environment.digests) if step.sources else None
    names = tuple(dict.fromkeys(key for key in (step.key, shallow) if key is not None))
    if not names:
        return _perform(step, environment, ())
    if shallow is not None and shallow != step.key:
        entry = usable(store.get(shallow), plan.files)
        if entry is not None:
            if step.key is not None:
                store.remember(shallow, step.key)
            return reuse(step, entry, environment, "its input turned out the same as before")
    deadline = time.monotonic() + _CLAIM_WAIT
    while True:
        with store.claim(names[0], wait=0.5) as is_held:
            if is_held or time.monotonic() > deadline:
                entry = usable(store.get(names[0]), plan.files)
                if entry is not None:
                    return reuse(
                        step, entry, environment, "the same was computed meanwhile, by another node or run"
                    )
                return _perform(step, environment, names)
        environment.cancellation.check()


def reuse(step: Step, entry: Entry, environment: Environment, reason: str) -> Outcome:
    """The outcome of taking a step's results from the store."""
    for port, output in entry.outputs.items():
        environment.stored[step.head, port] = output
    return Outcome(
        step,
        "cached",
        reason=reason,
        rows=rows_of(entry.outputs),
        memory=sum(output.size for output in entry.outputs.values()),
        messages=list(entry.info.get("messages", ())),
        files=dict(entry.files),
    )


def rows_of(outputs: Mapping[str, Output]) -> int | None:
    """The rows of the first table among stored outputs."""
    return next((int(one.meta["rows"]) for one in outputs.values() if "rows" in one.meta), None)


def _perform(step: Step, environment: Environment, names: tuple[str, ...]) -> Outcome:
    """Run the step and publish its results under the given keys; without any they are kept for this run."""
    started = time.perf_counter()
    local: dict[Source, Any] = {}
    contexts: list[NodeContext] = []
    try:
        for member in step.members:
            environment.cancellation.check()
            context = NodeContext(environment, member)
            contexts.append(context)
            try:
                given = run_member(member, environment, local, context)
            except (LostValue, Cancelled):
                raise
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                raise _blamed(step, member, error, local, environment) from error
            for port, value in given.items():
                local[member, port] = value
        outputs = {source[1]: value for source, value in local.items() if source[0] == step.head}
        try:
            stored = _keep(step, outputs, environment)
        except (LostValue, Cancelled, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise _blamed(step, step.head, error, local, environment) from error
        for member, context in zip(step.members, contexts, strict=True):
            context.messages += _remarks(member, environment)
        messages = [message for context in contexts for message in context.messages]
        files = {path: digest for context in contexts for path, digest in context.files.items()}
        seconds = time.perf_counter() - started
        if stored is not None and names:
            messages += _publish(step, stored, environment, names, seconds, messages, files)
    finally:
        for context in contexts:
            context.close()
    rows = rows_of(stored) if stored is not None else _rows_in_memory(outputs)
    memory = sum(output.size for output in stored.values()) if stored is not None else None
    return Outcome(step, "done", seconds, rows=rows, memory=memory, messages=messages, files=files)


def run_member(
    member: str, environment: Environment, local: Mapping[Source, Any], context: NodeContext
) -> dict[str, Any]:
    """Call one node with its inputs, from the step itself or from the wires; its outputs by port."""
    resolved = environment.plan.resolution.nodes[member]
    node = resolved.node
    assert node is not None

    def fetch(source: Source) -> Any:
        return local[source] if source in local else environment.value(source)

    values: dict[str, Any] = {}
    for port in node.signature().inputs:
        wires = resolved.inputs.get(port.name)
        if wires:
            values[port.name] = [fetch(wire) for wire in wires] if port.variadic else fetch(wires[0])
    signature = node.signature()
    given = arguments(node, values)
    if signature.takes_context:
        returned = node.run(**given, **{_context_name(type(node)): context})
    else:
        returned = node.run(**given)
    named = named_outputs(signature, returned, node.name)
    return {port.name: from_form(named[port.name], port, node.name) for port in signature.outputs}


def _remarks(member: str, environment: Environment) -> list[str]:
    node = environment.plan.resolution.nodes[member].node
    assert node is not None
    try:
        return list(node.remarks())
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise MemberFailed(member, error) from error


def _context_name(node: type[Node]) -> str:
    import inspect

    for name, argument in inspect.signature(node.run).parameters.items():
        if str(argument.annotation).strip("'\"").rpartition(".")[2].rstrip("'>") == "Context":
            return name
    raise AssertionError(node)


def _blamed(
    step: Step, member: str, error: BaseException, local: Mapping[Source, Any], environment: Environment
) -> MemberFailed:
    """Find the node at fault: an error of a fused query shows only where the query is collected."""
    folded = [one for one in step.members if one != member]
    if _from_data_library(error) and folded:
        import polars as pl

        for one in step.members:
            for source, table in local.items():
                if source[0] != one or environment.cancellation.is_cancelled:
                    continue
                try:
                    table.lazy().select(pl.all().null_count()).collect(engine="streaming")
                except BaseException as found:
                    return MemberFailed(one, found)
    return MemberFailed(member, error)


def _keep(step: Step, outputs: Mapping[str, Any], environment: Environment) -> dict[str, Output] | None:
    """Collect what is lazy, store it if there is a store; None when the values are in memory only."""
    node = environment.plan.resolution.nodes[step.head].node
    assert node is not None
    ports = {port.name: port for port in node.signature().outputs}
    store = environment.store
    stored: dict[str, Output] | None = None
    if store is not None and store.trouble is None:
        try:
            stored = _store_values(ports, outputs, environment)
        except BaseException as error:
            if not is_full(error):
                raise
            logger.warning("results are not kept: %s", explain(error))
    if stored is not None and store is not None and store.trouble is None:
        for name, value in outputs.items():
            environment.stored[step.head, name] = stored[name]
            if ports[name].type.name != "table" or value.is_computed:
                environment.values[step.head, name] = value
        return stored
    _collect([value for name, value in outputs.items() if ports[name].type.name == "table"])
    for name, value in outputs.items():
        environment.values[step.head, name] = value
    return None


def _store_values(
    ports: Mapping[str, Port], outputs: Mapping[str, Any], environment: Environment
) -> dict[str, Output]:
    """Write the outputs to the store; those of one codec together, so that a shared query runs once."""
    store = environment.store
    assert store is not None
    stored: dict[str, Output] = {}
    groups: dict[str, list[str]] = {}
    for name, value in outputs.items():
        packed = ports[name].type.stored_by.pack(value)
        if packed is not None:
            stored[name] = store.add(ports[name].type.name, packed)
        else:
            groups.setdefault(ports[name].type.name, []).append(name)
    paths: list[Path] = []
    try:
        for kind, names in groups.items():
            codec = ports[names[0]].type.stored_by
            own = [store.new_payload(codec.suffix) for _ in names]
            paths += own
            payloads = codec.dump_all([outputs[name] for name in names], own)
            for name, path, payload in zip(names, own, payloads, strict=True):
                stored[name] = store.add(kind, path, meta=payload.meta)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
    return {name: stored[name] for name in outputs}


def _collect(tables: list[Any]) -> None:
    """Compute lazy tables together, so that what they share is computed once."""
    open_tables = [table for table in tables if not table.is_computed]
    if len(open_tables) == 1:
        open_tables[0].to_polars()
    elif open_tables:
        import polars as pl

        frames = pl.collect_all([table.lazy() for table in open_tables], engine="streaming")
        for table, frame in zip(open_tables, frames, strict=True):
            table.keep(frame)


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that the disk takes no more; Polars keeps only the text."""
    if isinstance(error, OSError) and error.errno in _CANNOT_STORE:
        return True
    text = str(error).casefold()
    return any(words in text for words in ("no space left", "disk quota", "read-only file system"))


def _publish(
    step: Step,
    stored: dict[str, Output],
    environment: Environment,
    names: tuple[str, ...],
    seconds: float,
    messages: list[str],
    files: dict[str, str],
) -> list[str]:
    """Make the results findable, unless a file changed while it was read; gives further messages."""
    assert environment.store is not None
    plan = environment.plan
    for member in step.members:
        node, parts = plan.resolution.nodes[member].node, plan.parts[member]
        if node is None or parts is None:
            continue
        for one, value in node.values():
            known = parts.get("files", {}).get(one.name)
            if known is not None and _files_now(value, plan.files) != known:
                step.key = None
                return [f"{value} changed while it was read; the result is not kept for later runs"]
    head = plan.resolution.nodes[step.head]
    assert head.type is not None
    environment.store.put(
        names[0],
        stored,
        node_type=head.type.id,
        seconds=seconds,
        files=files,
        info={"messages": messages} if messages else {},
        also=names[1:],
    )
    return []


def _files_now(path: str, files: FileDigests) -> list[list[str]] | None:
    """What `file_digests` tells after the run; None if a file is gone."""
    try:
        return file_digests(path, files)
    except (NodeflowError, OSError):
        return None


def _rows_in_memory(outputs: Mapping[str, Any]) -> int | None:
    for value in outputs.values():
        rows = getattr(value, "rows", None)
        if isinstance(rows, int):
            return rows
    return None


__all__ = ["NODE_ERRORS", "Outcome", "is_full", "perform", "reuse", "rows_of", "run_member"]
