"""The result of a run: every port's value, read on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, NodeflowError, did_you_mean, shorten
from nodeflow.execution.environment import Environment, LostValue, NodeContext
from nodeflow.execution.events import State
from nodeflow.execution.steps import run_member
from nodeflow.resolution import Source

if TYPE_CHECKING:
    from nodeflow.values.chart import Chart
    from nodeflow.values.model import Model
    from nodeflow.values.network import Network
    from nodeflow.values.table import Table
    from nodeflow.values.tensors import Tensors
    from nodeflow.values.variables import Variables


@dataclass
class NodeReport:
    """What happened to one node: its last state and the facts that came with it."""

    node: str
    title: str
    state: State = "idle"
    reason: str = ""
    rows: int | None = None
    seconds: float | None = None
    messages: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


class RunFailed(NodeflowError):  # noqa: N818 - says what happened
    """Nodes failed; `result` has what the others gave."""

    def __init__(self, result: Result) -> None:
        self.result = result
        failed = [report for report in result.reports.values() if report.state == "failed"]
        lines = [f"{report.title}: {report.reason}" for report in failed[:10]]
        if len(failed) > 10:
            lines.append(f"and {len(failed) - 10} more nodes failed")
        super().__init__("\n".join(lines))


class Result(Mapping[str, "NodeResult"]):
    """What a run gave. `result["score"].table` is the table of the node "score".

    Attributes:
        state: "done", "failed" (a node failed) or "cancelled".
        reports: for each node what happened to it.
        record: the run record, as saved in the output folder.
        seconds: time from start to end.
    """

    def __init__(
        self, environment: Environment, state: State, reports: dict[str, NodeReport], seconds: float
    ) -> None:
        self.state = state
        self.reports = reports
        self.seconds = seconds
        self.record: dict[str, Any] = {}
        self._environment = environment

    def __getitem__(self, node: str) -> NodeResult:
        resolution = self._environment.plan.resolution
        if node in self.reports or node in resolution.outputs:
            return NodeResult(self, node)
        known = [*self.reports, *resolution.outputs]
        if node in resolution.nodes:
            raise NodeflowError(f'"{shorten(node)}" was not part of this run; add it to the targets')
        raise NodeflowError(f'no node "{shorten(node)}"; {did_you_mean(node, known)}')

    def __contains__(self, node: object) -> bool:
        return node in self.reports or node in self._environment.plan.resolution.outputs

    def __iter__(self) -> Iterator[str]:
        return iter(self.reports)

    def __len__(self) -> int:
        return len(self.reports)

    def __repr__(self) -> str:
        return f"Result({self.state}, {len(self.reports)} nodes, {self.seconds:.2f} s)"

    def check(self) -> Result:
        """Raise `RunFailed` if a node failed, `Cancelled` if the run was; else give the result."""
        if self.state == "failed":
            raise RunFailed(self)
        if self.state == "cancelled":
            from nodeflow.errors import Cancelled

            raise Cancelled(self._environment.cancellation.reason or "cancelled")
        return self

    def value(self, node: str, port: str) -> Any:
        """The value at an output. A node in the middle of a query gives a table that is still lazy.

        Raises:
            NodeflowError: the node or port is unknown, or the node has no result.
        """
        return self._value((node, port))

    def _value(self, source: Source) -> Any:
        environment, plan = self._environment, self._environment.plan
        name = source[0]
        report = self.reports[name]
        step = plan.steps[plan.step_of[name]]
        if step.action == "left out":
            raise NodeFailed(f"{report.title} did not run: {step.reason}")
        if step.action == "unneeded":
            raise NodeFailed(
                f"{report.title} did not run, as only results that are in the cache depend on it; "
                "run again with it among the targets"
            )
        if report.state in ("failed", "skipped", "cancelled") and source not in environment.stored:
            why = f": {report.reason}" if report.reason else ""
            raise NodeFailed(f"{report.title} has no result, it {_ENDED[report.state]}{why}")
        try:
            return environment.value(source)
        except LostValue:
            pass
        node = plan.resolution.nodes[name].node
        if node is None or not node.is_lazy():
            raise NodeFailed(
                f"the result of {report.title} was not kept; name it as a target, or use the cache"
            )
        # a folded node: its part of the query, on top of what is there
        local: dict[Source, Any] = {}
        for member in _upstream_lazy(plan, name):
            sources = [s for wires in plan.resolution.nodes[member].inputs.values() for s in wires]
            for one in sources:
                if one not in local and plan.step_of[one[0]] == one[0]:
                    local[one] = self._given(one, report)
            given = run_member(member, environment, local, NodeContext(environment, member))
            local.update({(member, key): value for key, value in given.items()})
        return local[source]

    def _given(self, source: Source, user: NodeReport) -> Any:
        """The input of a folded node."""
        try:
            return self._environment.value(source)
        except LostValue:
            raise NodeFailed(
                f"{user.title} is part of a query, and its input from {self.reports[source[0]].title} was not "
                "kept; run again with it among the targets"
            ) from None


_ENDED = {"failed": "failed", "skipped": "was skipped", "cancelled": "was cancelled"}


def _upstream_lazy(plan: Any, name: str) -> list[str]:
    """The members of the node's step that it builds on, itself last."""
    members = plan.steps[plan.step_of[name]].members
    wanted = {name}
    for member in reversed(members):
        if member in wanted:
            wanted.update(plan.resolution.nodes[member].sources)
    return [member for member in members if member in wanted]


class NodeResult:
    """The outputs of one node. `.table` is its first table; `["train"]` the output of that name."""

    def __init__(self, result: Result, node: str) -> None:
        self._result = result
        self.node = node

    @property
    def report(self) -> NodeReport:
        """State, rows, time and messages of the node."""
        return self._result.reports[self.node]

    def outputs(self) -> dict[str, Source]:
        """The names of the output ports, with the node and port each value comes from."""
        resolution = self._result._environment.plan.resolution
        if self.node in resolution.outputs:
            return dict(resolution.outputs[self.node])
        node = resolution.nodes[self.node].node
        assert node is not None
        return {port.name: (self.node, port.name) for port in node.signature().outputs}

    def __getitem__(self, port: str) -> Any:
        outputs = self.outputs()
        if port not in outputs:
            raise NodeflowError(
                f'"{self.node}" has no output "{shorten(port)}"; {did_you_mean(port, list(outputs))}'
            )
        return self._result._value(outputs[port])

    def _first(self, kind: str) -> Any:
        resolution = self._result._environment.plan.resolution
        for source in self.outputs().values():
            node = resolution.nodes[source[0]].node
            assert node is not None
            port = node.output(source[1])
            if port is not None and port.type.name == kind:
                return self._result._value(source)
        raise NodeflowError(
            f'"{self.node}" gives no {kind}; it gives {", ".join(self.outputs()) or "nothing"}'
        )

    @property
    def table(self) -> Table:
        """The first table."""
        found: Table = self._first("table")
        return found

    @property
    def model(self) -> Model:
        """The first model."""
        found: Model = self._first("model")
        return found

    @property
    def chart(self) -> Chart:
        """The first chart."""
        found: Chart = self._first("chart")
        return found

    @property
    def network(self) -> Network:
        """The first network."""
        found: Network = self._first("network")
        return found

    @property
    def tensors(self) -> Tensors:
        """The first tensors."""
        found: Tensors = self._first("tensors")
        return found

    @property
    def variables(self) -> Variables:
        """The first set of variables."""
        found: Variables = self._first("variables")
        return found

    def __repr__(self) -> str:
        return f"NodeResult({self.node!r}, {', '.join(self.outputs())})"
