"""What the steps of one run share: values by reference, the store, files written, cancellation."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.execution.cancellation import Cancellation
from nodeflow.execution.events import EventStream
from nodeflow.execution.keys import combined, fingerprint
from nodeflow.execution.plan import Plan
from nodeflow.files import atomic_path, digest_file
from nodeflow.parameters.kinds import PathKind
from nodeflow.parameters.special import OutputPath
from nodeflow.resolution import Source
from nodeflow.temporaries import (
    make_scratch_folder,
    remove_left_scratch_folders,
    remove_scratch_folder,
    remove_stale_temporaries,
)

if TYPE_CHECKING:
    from nodeflow.execution.store import Output, Store


class LostValue(Exception):  # noqa: N818 - caught by the run, which computes the value again
    """A stored value turned out to be damaged or gone; `step` must run again."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


@dataclass
class Environment:
    """Shared by all steps of a run; the executor's threads use it at once."""

    plan: Plan
    store: Store | None
    events: EventStream
    cancellation: Cancellation
    device: str = "auto"
    protected: frozenset[Path] = frozenset()
    values: dict[Source, Any] = field(default_factory=dict)
    stored: dict[Source, Output] = field(default_factory=dict)
    memory_limit: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def digests(self) -> Mapping[Source, str]:
        """The content digests of the values that are stored."""
        return _Digests(self.stored)

    def value(self, source: Source) -> Any:
        """The value at an output, from memory or from the store.

        Raises:
            LostValue: the store has lost it.
        """
        found = self.values.get(source)
        if found is None:
            found = self.load(source)
            with self.lock:
                self.values[source] = found
        return found

    def load(self, source: Source) -> Any:
        """The value at an output, from the store."""
        output = self.stored.get(source)
        if output is None or self.store is None:
            raise LostValue(self.plan.step_of[source[0]])
        payload = self.store.open(output)
        if payload is None:
            raise LostValue(self.plan.step_of[source[0]])
        node = self.plan.resolution.nodes[source[0]].node
        assert node is not None
        port = node.output(source[1])
        assert port is not None
        try:
            return port.type.stored_by.load(payload, output.meta)
        except FileNotFoundError:  # evicted or cleared since it was looked at
            raise LostValue(self.plan.step_of[source[0]]) from None

    def forget(self, source: Source) -> None:
        """Drop a value from memory; it stays in the store."""
        with self.lock:
            self.values.pop(source, None)


class _Digests(Mapping[Source, str]):
    def __init__(self, stored: Mapping[Source, Any]) -> None:
        self._stored = stored

    def __getitem__(self, source: Source) -> str:
        return str(self._stored[source].digest)

    def __contains__(self, source: object) -> bool:
        return source in self._stored

    def __iter__(self) -> Iterator[Source]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def remove_left_files(plan: Plan, store: Store | None) -> None:
    """Remove what killed runs left half-written where this run, or one like it, writes."""
    resolution = plan.resolution
    folders = {resolution.output, resolution.output / "runs"}
    if store is not None:
        folders |= {store.root, store.root / "history"}
    for resolved in resolution.nodes.values():
        for one, value in resolved.node.values() if resolved.node is not None else ():
            if isinstance(one.kind, PathKind) and one.kind.type is OutputPath and isinstance(value, str):
                folders.add(Path(value).parent)
    for folder in folders:
        remove_stale_temporaries(folder)
    remove_left_scratch_folders()


class NodeContext:
    """What a running node sees of the run; the engine's side of `nodeflow.node.Context`."""

    def __init__(self, environment: Environment, node: str) -> None:
        self._environment = environment
        self._folder: Path | None = None
        self.node = node
        self.messages: list[str] = []
        self.files: dict[str, str] = {}

    @property
    def seed(self) -> int:
        """The node's random seed, 0 for a node without one."""
        return self._environment.plan.seeds.get(self.node, 0)

    @property
    def device(self) -> str:
        """ "auto", "cpu" or "gpu"."""
        return self._environment.device

    @property
    def temporary_folder(self) -> Path:
        """A folder that is removed when the node is done."""
        if self._folder is None:
            self._folder = make_scratch_folder()
        return self._folder

    def progress(
        self, fraction: float, message: str = "", figures: Mapping[str, float] | None = None
    ) -> None:
        """Tell the done share; raises `Cancelled` if the run was cancelled."""
        self.check_cancelled()
        share = min(max(float(fraction), 0.0), 1.0)
        title = self._environment.plan.resolution.nodes[self.node].title
        told = None
        if figures:
            told = {name: float(one) if math.isfinite(one) else None for name, one in figures.items()}
        self._environment.events.emit(
            self.node, "running", title=title, progress=share, message=message, figures=told
        )

    def check_cancelled(self) -> None:
        """Raise `Cancelled` if the run was cancelled."""
        self._environment.cancellation.check()

    def warn(self, message: str) -> None:
        """Add a sentence for the user to the result."""
        self.messages.append(message)

    def kept(self, what: str) -> bytes | None:
        """What was kept under these words by a node of this type and code; None if nothing was."""
        key, store = self._key_of(what), self._environment.store
        entry = store.get(key) if store is not None and key else None
        if store is None or entry is None or "part" not in entry.outputs:
            return None
        found = store.open(entry.outputs["part"])
        return found.read_bytes() if isinstance(found, Path) else found

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None:
        """Keep a part of the work, so that a run after this one need not do it again."""
        key, store = self._key_of(what), self._environment.store
        if store is not None and key and store.trouble is None:
            store.put(
                key, {"part": store.add("part", data)}, node_type=f"part of {self.node}", seconds=seconds
            )

    def _key_of(self, what: str) -> str:
        parts = self._environment.plan.parts.get(self.node)
        if parts is None:
            return ""
        code = {name: parts[name] for name in ("type", "code", "libraries")}
        return combined(fingerprint({"part": what, **code}), {}, lambda source: None) or ""

    @contextlib.contextmanager
    def write(self, path: str) -> Iterator[Path]:
        """A temporary path that becomes `path` when the block ends well.

        Raises:
            NodeFailed: the path is one the workflow reads, or the workflow itself.
        """
        target = Path(path)
        if target.resolve() in self._environment.protected:
            raise NodeFailed(f"{shorten(str(target), 200)} is read by this workflow; write to another file")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NodeFailed(
                f"the folder {shorten(str(target.parent), 200)} cannot be made: {error.strerror or error}; "
                "choose another output folder"
            ) from error
        with atomic_path(target) as temporary:
            yield temporary
        self.files[str(target)] = digest_file(target)

    def close(self) -> None:
        """Remove the temporary folder."""
        if self._folder is not None:
            remove_scratch_folder(self._folder)
