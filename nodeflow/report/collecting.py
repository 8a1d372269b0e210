"""Reading off a run what its report tells."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.errors import NodeflowError
from nodeflow.export.svg import Ran, to_svg
from nodeflow.expressions.kinds import kind_of
from nodeflow.report.content import (
    WORDS,
    ChartPart,
    Content,
    Note,
    Part,
    Score,
    SectionPart,
    TablePart,
    seconds_text,
)
from nodeflow.values.chart import Chart, drawable
from nodeflow.values.model import Model
from nodeflow.values.report import Excerpt, Report, Text, cell_of
from nodeflow.values.table import Table

if TYPE_CHECKING:
    from nodeflow.execution.result import Result
    from nodeflow.resolution import ResolvedNode, Source

Told = tuple[str, dict[str, Any]]
"""A title and facts by their names."""

MOST_LINKED = 5_000
"""Rows of a table by which its charts are linked; those of a larger one only by the columns they share."""


def content_of(result: Result) -> Content:
    """What there is to tell of a run."""
    return _Collector(result).collect()


class _Collector:
    def __init__(self, result: Result) -> None:
        self.result = result
        self.nodes: dict[str, ResolvedNode] = result._environment.plan.resolution.nodes
        self.placed: set[Source] = set()
        self.names: dict[Source, str] = {}

    def collect(self) -> Content:
        workflow = self.result._environment.plan.resolution.workflow
        arranged = self.arranged()
        charts, tables, models, tensors = self.rest()
        ran = self.ran()
        content = Content(
            title=workflow.name or "Workflow",
            description=workflow.description,
            state=self.result.state,
            facts=self.facts(),
            notes=self.notes(),
            arranged=arranged,
            scores=self.scores(),
            charts=charts,
            tables=tables,
            models=models,
            tensors=tensors,
            reports=list(self.result.reports.values()),
            pictures={theme: to_svg(workflow, ran, theme) for theme in ("light", "dark")},
            origin=self.origin(),
            record=self.result.record,
            names=self.names,
        )
        content.tables += self.behind(content)
        content.links = self.links(content)
        return content

    # -- values ----------------------------------------------------------------------------------------

    def value(self, source: Source) -> Any:
        """The value at an output; None where it was not kept."""
        try:
            return self.result.value(*source)
        except NodeflowError:
            return None

    def ended(self) -> Iterator[tuple[str, ResolvedNode]]:
        """The nodes that have results."""
        for name, report in self.result.reports.items():
            if self.nodes[name].node is not None and report.state in ("done", "cached"):
                yield name, self.nodes[name]

    def label(self, source: Source) -> str:
        """What to call an output: the node's title, with the port where there are several."""
        resolved = self.nodes[source[0]]
        assert resolved.node is not None
        title = resolved.own_label or resolved.node.name
        return f"{title}: {source[1]}" if len(resolved.node.signature().outputs) > 1 else title

    def arranged(self) -> list[SectionPart]:
        """The reports that are in no other report, in the order of the workflow."""
        order = list(self.result._environment.plan.resolution.workflow.nodes)
        reports = [
            ((name, port.name), resolved)
            for name, resolved in self.ended()
            if resolved.node is not None
            for port in resolved.node.signature().outputs
            if port.type.name == "report"
        ]
        within = {source for _, one in reports for wires in one.inputs.values() for source in wires}
        found = []
        for source, _ in sorted(reports, key=lambda one: order.index(one[0][0].partition("/")[0])):
            value = self.value(source) if source not in within else None
            if isinstance(value, Report):
                found.append(self.section(value, source[0]))
        return found

    def section(self, report: Report, node: str) -> SectionPart:
        """A report's parts with what the workflow knows of them, by the wires they came on."""
        wires: dict[type, list[Source]] = {Chart: [], Excerpt: [], Report: []}
        resolved = self.nodes.get(node)
        for port in resolved.node.signature().inputs if resolved is not None and resolved.node else ():
            kind = {"chart": Chart, "table": Excerpt, "report": Report}.get(port.type.name)
            if kind is not None and resolved is not None:
                wires[kind] += resolved.inputs.get(port.name, [])
        parts: list[Part] = []
        for one in report.parts:
            waiting = wires.get(type(one), [])
            source = waiting.pop(0) if waiting else None
            if source is not None:
                self.placed.add(source)
            if isinstance(one, Text):
                parts.append(one)
            elif isinstance(one, Report):
                part = self.section(one, source[0] if source is not None else "")
                # a lone text needs no section around it
                parts.append(part.parts[0] if len(part.parts) == 1 and not part.title + part.text else part)
            elif isinstance(one, Chart):
                parts.append(self.chart(one, source))
            else:
                title = self.label(source) if source is not None else ""
                parts.append(TablePart(one, title, source))
        return SectionPart(report.title, report.columns, tuple(self.with_scores(parts)), report.text)

    def with_scores(self, parts: list[Part]) -> list[Part]:
        """The parts, with tables of scores that are alike side by side where the first of them stands."""
        headlines = {(name, one.node.headline) for name, one in self.ended() if one.node is not None}
        found: list[Part] = []
        groups: dict[tuple[Any, ...], list[_Headline]] = {}
        places: dict[tuple[Any, ...], int] = {}
        for part in parts:
            if not isinstance(part, TablePart) or part.source not in headlines:
                found.append(part)
                continue
            names = [name for name, _ in part.excerpt.columns]
            headline = self.headline(part.source, names, list(part.excerpt.rows))
            key = _kin(headline)
            groups.setdefault(key, []).append(headline)
            if key not in places:
                places[key] = len(found)
                found.append(part)
        for key, group in groups.items():
            found[places[key]] = _side_by_side(group)
        return found

    def chart(self, chart: Chart, source: Source | None) -> ChartPart:
        """A chart with the table it is of, and the columns its data hold."""
        if source is None:
            return ChartPart(chart, chart.spec.title)
        resolved = self.nodes[source[0]]
        fed = [
            wire
            for port in (resolved.node.signature().inputs if resolved.node is not None else ())
            if port.type.name == "table" and not port.variadic
            for wire in resolved.inputs.get(port.name, [])
        ]
        if len(fed) != 1:  # of no table, or of several: there is no telling whose columns are meant
            return ChartPart(chart, self.label(source))
        return ChartPart(chart, self.label(source), fed[0], self.fields(chart, fed[0]))

    def fields(self, chart: Chart, table: Source) -> dict[str, tuple[str, str]]:
        """The columns that the fields of a chart's data hold, with their kinds."""
        value = self.value(table)
        if not isinstance(value, Table):
            return {}
        schema = value.schema
        usermeta = chart.specification.get("usermeta")
        told = usermeta.get("nodeflow") if isinstance(usermeta, Mapping) else None
        columns = told.get("columns") if isinstance(told, Mapping) else None
        if not isinstance(columns, Mapping) and chart.spec.fields:
            return {}  # of a view that does not say which columns its data hold
        if not isinstance(columns, Mapping):
            # a chart made by hand calls the fields of its data as the columns are called
            columns = {
                drawable(name): drawable(name) for name in schema if drawable(name) in _fields_of(chart)
            }
        found = {}
        known = {drawable(name): name for name in schema}
        for name, shown in columns.items():
            column = known.get(shown) if isinstance(shown, str) else None
            if column is not None:
                kind = kind_of(schema[column])
                zone = getattr(schema[column], "time_zone", None)
                if kind in ("integer", "float", "text", "boolean", "date", "datetime") and not zone:
                    found[name] = (column, kind)
        if found:
            self.names[table] = self.label(table)
        return found

    def rest(self) -> tuple[list[ChartPart], list[TablePart], list[Told], list[Told]]:
        """What no report shows: charts, the tables at the ends of the workflow, models, tensors at its ends."""
        used = {source for node in self.nodes.values() for source in node.sources}
        wired = {wire for node in self.nodes.values() for wires in node.inputs.values() for wire in wires}
        charts: list[ChartPart] = []
        tables: list[TablePart] = []
        models: list[Told] = []
        tensors: list[Told] = []
        for name, resolved in self.ended():
            assert resolved.node is not None
            outputs = resolved.node.signature().outputs
            sources = [(name, port.name) for port in outputs]
            title = resolved.own_label or resolved.node.name
            tensor_ports = {port.name for port in outputs if port.type.name == "tensors"}
            if not outputs:  # a writer: what it wrote
                sources = [wire for wires in resolved.inputs.values() for wire in wires]
            for source in sources:
                if source in self.placed:
                    continue
                value = self.value(source)
                if isinstance(value, Chart) and outputs:
                    charts.append(self.chart(value, source))
                elif (
                    isinstance(value, Table)
                    and (not outputs or name not in used)
                    and not resolved.node.headline
                ):
                    several = len(outputs) > 1
                    tables.append(
                        TablePart(Excerpt.of(value), f"{title}: {source[1]}" if several else title, source)
                    )
                elif isinstance(value, Model) and outputs:
                    models.append((title, _model(value)))
                elif source[1] in tensor_ports and source not in wired and value is not None:
                    tensors.append((self.label(source), value.facts()))
        return charts, tables, models, tensors

    def behind(self, content: Content) -> list[TablePart]:
        """The tables that linked charts are of and nothing else shows, so that a selection can be read row by row."""
        shown = {part.source for part in content.all_tables()}
        linked = [part.source for part in content.all_charts() if part.source is not None and part.fields]
        found = []
        for source in dict.fromkeys(linked):
            node = self.nodes[source[0]].node
            told = source in shown or (node is not None and node.headline == source[1])
            value = None if told else self.value(source)
            # one whose rows nobody counted is a query, which may take long to run once more
            if isinstance(value, Table) and value.known_rows is not None:
                found.append(TablePart(Excerpt.of(value), self.label(source), source))
        return found

    def links(self, content: Content) -> dict[Source, dict[str, list[Any]]]:
        """The rows by which charts know what is selected in each other."""
        columns: dict[Source, dict[str, None]] = {}
        for part in content.all_charts():
            if part.source is not None and part.fields:
                columns.setdefault(part.source, {}).update((name, None) for name, _ in part.fields.values())
        found = {}
        for source, names in columns.items():
            value = self.value(source)
            if isinstance(value, Table) and value.known_rows is not None and value.known_rows <= MOST_LINKED:
                frame = value.head(MOST_LINKED)
                found[source] = {
                    name: [cell_of(one) for one in frame.get_column(name).to_list()] for name in names
                }
        return found

    # -- words and figures -----------------------------------------------------------------------------

    def facts(self) -> list[str]:
        """How it ended, when, how many nodes, with which seed."""
        record = self.result.record
        counts: Counter[str] = Counter(report.state for report in self.result.reports.values())
        facts = [", ".join(f"{counts[state]} {word}" for state, word in WORDS.items() if counts[state])]
        if record.get("started"):
            when = datetime.datetime.fromisoformat(record["started"])
            facts.append(f"{when.day} {when:%B %Y, %H:%M} UTC")
        if "seed" in record:
            facts.append(f"seed {record['seed']}")
        ended = {"done": "Done", "failed": "Failed", "cancelled": "Cancelled"}.get(
            self.result.state, self.result.state
        )
        return [f"{ended} in {seconds_text(self.result.seconds)}", *(fact for fact in facts if fact)]

    def notes(self) -> list[Note]:
        """Failures and warnings."""
        found = []
        for report in self.result.reports.values():
            if report.state in ("failed", "cancelled") and report.reason:
                found.append(Note(report.title, report.reason, failed=True))
            found += [Note(report.title, message) for message in report.messages]
        return found

    def scores(self) -> list[Score]:
        """The headlines that no report shows, those with the same first column side by side."""
        groups: dict[tuple[Any, ...], list[_Headline]] = {}
        for name, resolved in self.ended():
            source = (name, resolved.node.headline if resolved.node is not None else "")
            value = self.value(source) if source[1] and source not in self.placed else None
            if isinstance(value, Table):
                frame = value.head(100)
                headline = self.headline(source, frame.columns, frame.rows())
                groups.setdefault(_kin(headline), []).append(headline)
        return [_side_by_side(group) for group in groups.values()]

    def headline(self, source: Source, columns: list[str], rows: list[tuple[Any, ...]]) -> _Headline:
        """A small table of figures with what to call it."""
        resolved = self.nodes[source[0]]
        assert resolved.node is not None
        return _Headline(source, resolved.own_label or resolved.node.name, columns, rows)

    def ran(self) -> dict[str, Ran]:
        """What happened to each node of the picture, which shows a component as one."""
        environment = self.result._environment
        found: dict[str, Ran] = {}
        worst = ("failed", "cancelled", "skipped", "done", "cached")
        for name, report in self.result.reports.items():
            top = name.partition("/")[0]
            state, seconds = report.state, report.seconds
            if top in found and worst.index(found[top].state) < worst.index(state):
                state = found[top].state  # type: ignore[assignment]
            if state in worst:
                time = (
                    seconds_text(seconds) if name == top and seconds is not None and state == "done" else ""
                )
                found[top] = Ran(state, time, {})
        rows: dict[Source, int] = {}
        for source, output in environment.stored.items():
            if isinstance(output.meta.get("rows"), int):
                rows[source] = output.meta["rows"]
        for source, value in environment.values.items():
            if isinstance(value, Table) and value.known_rows is not None:
                rows.setdefault(source, value.known_rows)
        resolution = environment.plan.resolution
        inner = {
            (name, port): source
            for name, ports in resolution.outputs.items()
            for port, source in ports.items()
        }
        for place in (*rows, *inner):
            count = rows.get(inner.get(place, place))
            if count is not None and place[0] in found:
                told = found[place[0]]
                found[place[0]] = Ran(told.state, told.time, {**told.rows, place[1]: count})
        return found

    def origin(self) -> dict[str, str]:
        """What somebody needs to get the same again."""
        environment: Mapping[str, Any] = self.result.record.get("environment", {})
        libraries = ", ".join(
            f"{name} {version}" for name, version in environment.get("libraries", {}).items()
        )
        facts = {
            "nodeflow": environment.get("nodeflow", ""),
            "Python": environment.get("python", ""),
            "platform": environment.get("platform", ""),
            "libraries": libraries,
            "seed": self.result.record.get("seed", ""),
        }
        return {name: str(value) for name, value in facts.items() if value != ""}


def _fields_of(chart: Chart) -> Collection[str]:
    """The names of the fields of a chart's data."""
    data = chart.specification.get("data")
    rows = data.get("values") if isinstance(data, Mapping) else None
    return rows[0].keys() if isinstance(rows, list) and rows and isinstance(rows[0], dict) else ()


def _model(model: Model) -> dict[str, Any]:
    facts: dict[str, Any] = {"task": model.spec.task}
    if model.spec.target:
        facts["predicts"] = model.spec.target
    facts["from"] = ", ".join(model.spec.features.columns)
    return facts | {str(name): value for name, value in model.summary.items()}


class _Headline(NamedTuple):
    source: Source
    title: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


def _kin(headline: _Headline) -> tuple[Any, ...]:
    """The same for scores that can stand side by side."""
    if len(headline.columns) == 2 or headline.columns[1:2] == ["value"]:
        return (*headline.columns, tuple(row[0] for row in headline.rows))
    return headline.source


def _side_by_side(group: Sequence[_Headline]) -> Score:
    _, title, columns, rows = group[0]
    if len(group) == 1 and len(columns) != 2:
        return Score(columns, [list(row) for row in rows], title)
    # a further column, such as a baseline, stands there once if all agree
    shared = [
        i
        for i in range(2, len(columns))
        if all([row[i] for row in one.rows] == [row[i] for row in rows] for one in group)
    ]
    heads = [columns[0], *(one.title for one in group), *(columns[i] for i in shared)]
    body = [
        [row[0], *(one.rows[at][1] for one in group), *(row[i] for i in shared)]
        for at, row in enumerate(rows)
    ]
    return Score(heads, body)
