"""Values to look at: what the store holds, the first rows of a query in the middle, models in words."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodeflow.errors import NodeflowError
from nodeflow.execution.calling import arguments, from_form, named_outputs
from nodeflow.execution.store import Output, Store
from nodeflow.ports import port_types
from nodeflow.resolution import Source
from nodeflow_gui.running.checking import Checked
from nodeflow_gui.running.protocol import NOT_COMPUTED, Look, Seen

FIRST_ROWS = 1_000
_KEPT = 20


class Looker:
    """Finds values of the document that was checked last. `scratch` takes the first rows of queries."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.checked: Checked | None = None
        self._numbers = itertools.count()
        self._written: list[Path] = []
        self._stores: dict[Path, Store] = {}

    def look(self, wanted: Look) -> Seen:
        """The value of an output; raises `NodeflowError` with a sentence if it cannot be had."""
        if wanted.kind:
            place = Path(wanted.path) if wanted.path else wanted.inline
            return self._seen(wanted.kind, place, wanted.meta)
        checked = self.checked  # another check may end meanwhile
        if checked is None:
            return Seen("nothing", sentence=NOT_COMPUTED)
        outputs = checked.resolution.outputs.get(wanted.node, {})
        source = outputs.get(wanted.port, (wanted.node, wanted.port))
        if source[0] not in checked.resolution.nodes:
            return Seen("nothing", sentence=NOT_COMPUTED)
        output = _stored(checked, source)
        if output is not None:
            prepared = checked.prepared
            assert prepared is not None
            assert prepared.store is not None
            held = prepared.store.open(output)
            if held is not None:
                return self._seen(output.kind, held, output.meta)
        return self._first_rows(checked, source)

    def draw(self, wanted: Look) -> bytes:
        """A chart as a picture."""
        value = self._load(wanted.kind, Path(wanted.path) if wanted.path else wanted.inline, wanted.meta)
        drawn: bytes = value.to_bytes(wanted.picture)
        return drawn

    def _load(self, kind: str, held: Path | bytes, meta: Mapping[str, Any]) -> Any:
        return port_types()[kind].stored_by.load(held, meta)

    def _seen(self, kind: str, held: Path | bytes, meta: Mapping[str, Any]) -> Seen:
        if kind == "table":
            rows = meta.get("rows")
            if isinstance(held, bytes):
                return Seen("table", inline=held, rows=rows)
            return Seen("table", path=str(held), rows=rows)
        if kind not in port_types():
            return Seen(kind, sentence=f"a {kind} of another version of nodeflow cannot be shown")
        value = self._load(kind, held, meta)
        if kind == "chart":
            from nodeflow_gui.running.pictures import resolved

            return Seen("chart", data=resolved(value))
        from nodeflow_gui.running.describing import described

        return Seen(kind, data=described(kind, value))

    def _first_rows(self, checked: Checked, source: Source) -> Seen:
        """The beginning of a query that nothing has computed as a whole."""
        table = self._lazy(checked, source)
        if table is None:
            return Seen("nothing", sentence=NOT_COMPUTED)
        frame = table.head(FIRST_ROWS + 1)
        path = self.scratch / f"rows_{next(self._numbers)}.arrow"
        is_whole = frame.height <= FIRST_ROWS
        frame.head(FIRST_ROWS).rechunk().write_ipc(path)
        self._written.append(path)
        while len(self._written) > _KEPT:
            self._written.pop(0).unlink(missing_ok=True)
        return Seen("table", path=str(path), rows=frame.height if is_whole else None)

    def _lazy(self, checked: Checked, source: Source) -> Any:
        """The query behind an output, if all it needs is lazy or stored; else None."""
        nodes = checked.resolution.nodes
        values: dict[Source, Any] = {}
        needed = _needed(checked, source)
        if needed is None:
            return None
        for name in [one for one in nodes if one in needed]:
            resolved = nodes[name]
            node = resolved.node
            assert node is not None
            stored = [port.name for port in node.signature().outputs if _stored(checked, (name, port.name))]
            if stored:
                for port in stored:
                    values[name, port] = self._open(checked, (name, port))
                continue
            given: dict[str, Any] = {}
            for one in node.signature().inputs:
                wires = resolved.inputs.get(one.name)
                if wires:
                    given[one.name] = [values[w] for w in wires] if one.variadic else values[wires[0]]
            named = named_outputs(node.signature(), node.run(**arguments(node, given)), node.name)
            for out in node.signature().outputs:
                values[name, out.name] = from_form(named[out.name], out, node.name)
        return values.get(source)

    def _open(self, checked: Checked, source: Source) -> Any:
        assert checked.prepared is not None
        store, output = checked.prepared.store, _stored(checked, source)
        assert store is not None
        assert output is not None
        held = store.open(output)
        if held is None:
            raise NodeflowError("a stored result is gone; run again")
        return self._load(output.kind, held, output.meta)


def _stored(checked: Checked, source: Source) -> Output | None:
    if checked.prepared is None or checked.prepared.store is None:
        return None
    step = checked.prepared.plan.steps.get(source[0])
    return step.entry.outputs.get(source[1]) if step is not None and step.entry is not None else None


def _needed(checked: Checked, source: Source) -> set[str] | None:
    """The nodes behind an output back to what is stored, if putting their query together computes nothing."""
    nodes = checked.resolution.nodes
    faulty = {problem.node for problem in checked.validation.errors}
    needed: set[str] = set()
    waiting = [source]
    while waiting:
        name, port = waiting.pop()
        if name in needed:
            continue
        resolved = nodes[name]
        if resolved.node is None or name in faulty:
            return None
        if _stored(checked, (name, port)) is None:
            # code of the user's runs when the workflow is run, after the question of trust; never by looking
            if not resolved.node.is_lazy() or resolved.node.code_texts():
                return None
            waiting.extend(wire for wires in resolved.inputs.values() for wire in wires)
        needed.add(name)
    return needed
