"""The plan: which nodes run, which come from the cache and why; the run executes this very plan.

Lazy nodes are folded into the step that collects their query. A step ends at its *head*: a node that
is not lazy, or a lazy one whose result is needed more than once, by a node that wants data, or by
nobody else. Only heads have results in the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeflowError, did_you_mean, shorten
from nodeflow.execution import keys
from nodeflow.execution.calling import give_seed
from nodeflow.execution.code import CodeDigests
from nodeflow.execution.keys import Parts
from nodeflow.files import FileDigests
from nodeflow.resolution import Resolution, ResolvedNode, Source

if TYPE_CHECKING:
    from nodeflow.execution.store import Entry, Store

Action = Literal["run", "cached", "unneeded", "left out"]

FUSION_LIMIT = 50
"""Lazy nodes in one query at most: planning time of the query engine grows with the square."""


@dataclass(slots=True)
class Step:
    """Nodes that run as one: folded lazy ones first, the head last.

    Attributes:
        action: "run", "cached", "unneeded" when only cached results would use it, or "left out" when it
            must not run.
        reason: why, in words.
        key: the head's deep key, None when nothing may be reused.
        sources: the heads of the steps whose results it reads.
    """

    head: str
    members: tuple[str, ...]
    key: str | None = None
    action: Action = "run"
    reason: str = ""
    sources: tuple[str, ...] = ()
    entry: Entry | None = None
    shallow: str | None = None


@dataclass
class Plan:
    """The steps in the order of their dependencies; `step_of` tells each node's step."""

    resolution: Resolution
    steps: dict[str, Step]
    step_of: dict[str, str]
    parts: dict[str, Parts | None]
    fingerprints: dict[str, bytes | None]
    seeds: dict[str, int]
    targets: tuple[str, ...]
    files: FileDigests = field(default_factory=FileDigests)

    @property
    def to_run(self) -> list[str]:
        """The nodes that will run, folded ones included, in order."""
        return [node for step in self.steps.values() if step.action == "run" for node in step.members]

    def to_data(self) -> list[dict[str, Any]]:
        """The plan as plain JSON data, one row a node."""
        rows = []
        for step in self.steps.values():
            for node in step.members:
                folded = node != step.head
                rows.append(
                    {
                        "node": node,
                        "title": self.resolution.nodes[node].title,
                        "action": step.action,
                        "reason": f"in the query of {step.head}" if folded else step.reason,
                        "with": step.head,
                    }
                )
        return rows


def build_plan(
    resolution: Resolution,
    *,
    store: Store | None,
    code: CodeDigests,
    files: FileDigests,
    seed: int = 0,
    targets: tuple[str, ...] = (),
    history: Mapping[str, Parts] | None = None,
    device: str = "auto",
    left_out: Mapping[str, str] | None = None,
) -> Plan:
    """Decide what runs. The resolution must be free of problems.

    Nodes that are `left_out` do not run, each with the reason; all that depend on them must be among them.

    Raises:
        NodeflowError: a target is not a node, or a file that is read cannot be read.
    """
    nodes = resolution.nodes
    wanted = ancestors(nodes, expanded_targets(resolution, targets))
    without = {name: left_out[name] for name in wanted if name in left_out} if left_out else {}
    needed = [name for name in wanted if name not in without]
    seeds: dict[str, int] = {}
    parts: dict[str, Parts | None] = {}
    fingerprints: dict[str, bytes | None] = {}
    for name in needed:
        node = nodes[name].node
        assert node is not None
        given = give_seed(node, seed, name)
        if given is not None:
            seeds[name] = given
        if store is not None:
            own = parts_of_node(name, node, given, code, files, nodes, device)
            parts[name] = own
            fingerprints[name] = None if own is None else keys.fingerprint(own)
    steps, step_of = _steps(nodes, needed, set(expanded_targets(resolution, targets)))
    plan = Plan(resolution, steps, step_of, parts, fingerprints, seeds, targets, files)
    if store is not None:
        _look_up(plan, store, files)
        _decide(plan, history or {})
    else:
        for step in steps.values():
            step.reason = "the cache is not used"
    for name, reason in without.items():
        steps[name] = Step(name, (name,), action="left out", reason=reason)
        step_of[name] = name
        parts[name] = fingerprints[name] = None
    return plan


def parts_of_node(
    name: str,
    node: Any,
    seed: int | None,
    code: CodeDigests,
    files: FileDigests,
    nodes: Mapping[str, ResolvedNode],
    device: str,
) -> Parts | None:
    """The key's parts, with the node named in an error."""
    try:
        return keys.parts_of(node, seed, code, files, device)
    except (NodeflowError, OSError) as error:
        raise NodeflowError(f"{nodes[name].title}: {error}") from error


def expanded_targets(resolution: Resolution, targets: tuple[str, ...]) -> list[str]:
    """The nodes a run is for: all of them without targets; the insides of a component for its id."""
    if not targets:
        return list(resolution.nodes)
    found: list[str] = []
    for target in targets:
        if target in resolution.nodes:
            found.append(target)
        elif target in resolution.outputs:
            found.extend(source for source, _ in resolution.outputs[target].values())
        else:
            known = [*resolution.nodes, *resolution.outputs]
            raise NodeflowError(f'no node "{shorten(target)}" to run for; {did_you_mean(target, known)}')
    return found


def ancestors(nodes: Mapping[str, ResolvedNode], targets: list[str]) -> list[str]:
    """The targets and all they depend on, in topological order."""
    wanted = set(targets)
    for name in reversed(list(nodes)):
        if name in wanted:
            wanted.update(nodes[name].sources)
    return [name for name in nodes if name in wanted]


def untrusted(resolution: Resolution) -> dict[str, str]:
    """The nodes with a user's code and all that depend on them, each with the words why it is skipped."""
    found: dict[str, str] = {}
    for name, resolved in resolution.nodes.items():
        if resolved.node is not None and resolved.node.code_texts():
            found[name] = "not trusted"
            continue
        source = next((one for one in resolved.sources if one in found), None)
        if source is not None:
            own = found[source] == "not trusted"
            found[name] = f"not trusted: {resolution.nodes[source].title}" if own else found[source]
    return found


def _steps(
    nodes: Mapping[str, ResolvedNode], needed: list[str], targets: set[str]
) -> tuple[dict[str, Step], dict[str, str]]:
    uses: dict[str, list[tuple[str, str]]] = {name: [] for name in needed}
    for name in needed:
        for port, wires in nodes[name].inputs.items():
            for source, _ in wires:
                uses[source].append((name, port))
    explicit = len(targets) < len(nodes)
    depth: dict[str, int] = {}
    folded: set[str] = set()
    for name in needed:
        node = nodes[name].node
        assert node is not None
        depth[name] = 1 + max((depth[s] for s in nodes[name].sources if s in folded), default=0)
        if not node.is_lazy() or len(uses[name]) != 1 or depth[name] >= FUSION_LIMIT:
            continue
        if explicit and name in targets:
            continue
        user, port_name = uses[name][0]
        consumer = nodes[user].node
        assert consumer is not None
        entered = consumer.input(port_name)
        if entered is not None and entered.lazy:
            folded.add(name)
    step_of: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for name in reversed(needed):
        step_of[name] = step_of[uses[name][0][0]] if name in folded else name
        members.setdefault(step_of[name], []).append(name)
    steps: dict[str, Step] = {}
    for name in needed:
        if name in folded:
            continue
        inside = members[name][::-1]
        sources = dict.fromkeys(
            step_of[s] for member in inside for s in nodes[member].sources if step_of[s] != name
        )
        steps[name] = Step(name, tuple(inside), sources=tuple(sources))
    return steps, step_of


def step_key(plan: Plan, step: Step, digests: Mapping[Source, str]) -> str | None:
    """The key of a step's head, in which sources with a known content digest count by it."""
    nodes = plan.resolution.nodes
    found: dict[str, str | None] = {}

    def identity(source: Source) -> str | None:
        if source in digests:
            return f"content {digests[source]}"
        own = found.get(source[0])
        if own is None and source[0] not in found:
            other = plan.steps.get(source[0])
            own = other.key if other is not None else None
        return None if own is None else f"{own} {source[1]}"

    for member in step.members:
        own = plan.fingerprints[member]
        found[member] = None if own is None else keys.combined(own, nodes[member].inputs, identity)
    return found[step.head]


def _look_up(plan: Plan, store: Store, files: FileDigests) -> None:
    """Find every step's entry, by its deep key and, where all inputs are stored, its shallow one."""
    digests: dict[Source, str] = {}
    for step in plan.steps.values():
        step.key = step_key(plan, step, {})
        if step.key is None:
            continue
        step.entry = usable(store.get(step.key), files)
        if step.entry is None and step.sources and all(plan.steps[s].entry is not None for s in step.sources):
            step.shallow = step_key(plan, step, digests)
            if step.shallow is not None:
                step.entry = usable(store.get(step.shallow), files)
        if step.entry is not None:
            for port, stored in step.entry.outputs.items():
                digests[step.head, port] = stored.digest


def usable(entry: Entry | None, files: FileDigests) -> Entry | None:
    """The entry, unless files that the node wrote are gone or changed since."""
    if entry is None:
        return None
    for path, digest in entry.files.items():
        try:
            if not Path(path).is_file() or files.digest(path) != digest:
                return None
        except (NodeflowError, OSError):
            return None
    return entry


def _decide(plan: Plan, history: Mapping[str, Parts]) -> None:
    """From the ends back: a step runs if somebody needs its result and the store has none."""
    needed: set[str] = set()
    used = {source for step in plan.steps.values() for source in step.sources}
    wanted = set(expanded_targets(plan.resolution, plan.targets)) if plan.targets else set()
    for name in reversed(plan.steps):
        step = plan.steps[name]
        is_end = name in wanted or name not in used
        if step.entry is not None:
            step.action, step.reason = "cached", "unchanged"
        elif is_end or name in needed:
            step.action = "run"
            needed.update(step.sources)
        else:
            step.action, step.reason = "unneeded", "only results that are in the cache depend on it"
    for step in plan.steps.values():
        if step.action == "run":
            step.reason = _why(plan, step, history)


def _why(plan: Plan, step: Step, history: Mapping[str, Parts]) -> str:
    nodes = plan.resolution.nodes
    reasons: list[str] = []
    for member in step.members:
        now = plan.parts[member]
        if now is None:
            why = "it reads from outside" if nodes[member].node.reads_outside else "its code cannot be read"  # type: ignore[union-attr]
            found = [f"{why}, so nothing is reused"]
        elif member not in history:
            found = ["it has not run here before"]
        else:
            found = keys.changes(now, history[member])
            if not found and history[member].get("inputs", wires(nodes[member])) != wires(nodes[member]):
                found = ["it is connected differently"]
        prefix = "" if member == step.head else f"{member}: "
        reasons.extend(f"{prefix}{reason}" for reason in found)
    if reasons:
        shown = reasons[:3] + ([f"and {len(reasons) - 3} more"] if len(reasons) > 3 else [])
        return "; ".join(shown)
    running = [source for source in step.sources if plan.steps[source].action == "run"]
    if running:
        return f"its input comes anew from {', '.join(running[:3])}"
    return "its result is not in the cache any more"


def wires(resolved: ResolvedNode) -> dict[str, list[list[str]]]:
    """The connections of a node as plain data, for the history."""
    return {port: [list(source) for source in sources] for port, sources in resolved.inputs.items()}
