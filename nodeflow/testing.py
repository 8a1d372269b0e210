"""The contract every node keeps, ours and other packages': `check_node(MyNode)` in one of your tests."""

from __future__ import annotations

import contextlib
import json
import math
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nodeflow.errors import Cancelled, NodeflowError, ParameterError
from nodeflow.execution.calling import arguments, from_form, give_seed, named_outputs
from nodeflow.node import Node
from nodeflow.parameters import MISSING, Fault
from nodeflow.parameters.kinds import (
    ChoiceKind,
    ColumnKind,
    ColumnsKind,
    ExpressionKind,
    Kind,
    ListKind,
    MappingKind,
    NumberKind,
    OptionalKind,
    Parameter,
    PathKind,
    RecordKind,
    TextKind,
)
from nodeflow.ports import Port
from nodeflow.validation import output_specs, parameter_faults

HOSTILE_NAMES = (
    "^.*$", "*", '"; DROP TABLE x; --', "{0.__class__}", "<script>alert(1)</script>", "a\u202eb", "é", "e\u0301",
    "../x", "x" * 2000, "日本語", "😀", "a.b", "a[0]", "a b", " ", "'", "`", "\\", "%s", "None", "select", "\t",
)  # fmt: skip
"""Column names that are only data; a node gives the right result for each, or refuses with a sentence."""


class _Context:
    """Stands for a run's context; with `cancelled` every check raises."""

    def __init__(self, folder: Path, *, cancelled: bool = False) -> None:
        self.node = "checked"
        self.seed = 0
        self.device = "cpu"
        self.temporary_folder = folder
        self.messages: list[str] = []
        self._cancelled = cancelled
        self._parts: dict[str, bytes] = {}

    def progress(
        self, fraction: float, message: str = "", figures: Mapping[str, float] | None = None
    ) -> None:
        self.check_cancelled()

    def check_cancelled(self) -> None:
        if self._cancelled:
            raise Cancelled("cancelled")

    def warn(self, message: str) -> None:
        self.messages.append(message)

    def kept(self, what: str) -> bytes | None:
        return self._parts.get(what)

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None:
        self._parts[what] = data

    @contextlib.contextmanager
    def write(self, path: str) -> Iterator[Path]:
        from nodeflow.files import atomic_path

        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            yield temporary


def check_node(
    node_class: type[Node],
    *,
    parameters: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> None:
    """Check that a node type keeps the contract; raises `AssertionError` that says what to mend.

    Args:
        node_class: the node type.
        parameters: JSON values under which it can run on the inputs. Required parameters that are not
            given are filled in: the first fitting column, the first choice, a simple formula.
        inputs: a value a port, tables as anything `Table.wrap` takes; by default a small table with columns
            of every common type, in which values are missing. None leaves an optional port unconnected.
    """
    _check_declaration(node_class)
    given = {
        port.name: _input(port, (inputs or {}).get(port.name, MISSING))
        for port in node_class.signature().inputs
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = {**_filled(node_class, given, folder), **(parameters or {})}
        _check_parameters(node_class, raw, given)
        outputs = _check_result(node_class, raw, given, folder)
        _check_in_engine(node_class, raw, given, outputs, folder)
        if any(
            port.type.name == "table" and given[port.name] is not None
            for port in node_class.signature().inputs
        ):
            for what, change in _VARIANTS.items():
                _check_survives(node_class, raw, given, change, what, folder)
            _check_names(node_class, raw, given, outputs, folder)
        _check_cancelled(node_class, raw, given, folder)
        _check_export(node_class, raw, given)


def _check_declaration(node_class: type[Node]) -> None:
    name = node_class.__qualname__
    try:
        told = node_class.declaration()
        json.dumps(told, allow_nan=False)
    except (TypeError, ValueError, NodeflowError, AttributeError) as error:
        raise AssertionError(f"{name}: the declaration cannot be read: {error}") from error
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,79}", told["id"]), (
        f'{name}: the id "{told["id"]}" must be small letters, digits and _, as it stands in every workflow file'
    )
    assert told["summary"].endswith("."), (
        f"{name}: the docstring's first line must be a sentence on what it does, with a period at its end"
    )
    assert told["category"] != "Other", f"{name}: say by `category` where the palette shows it"
    for port in (*told["inputs"], *told["outputs"]):
        assert port["help"], (
            f'{name}: describe the port "{port["name"]}" under Inputs: or Outputs: in the docstring'
        )
    for one in told["parameters"]:
        assert one["help"], f'{name}: the parameter "{one["name"]}" needs a help text'


_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, 10**400, "", "\0", "never right", "(", "x" * 100_000, [], [[["never"]]],
    {"never": "right"}, [None], [{}], ["", ""],
)  # fmt: skip


def _check_parameters(node_class: type[Node], raw: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Defaults are values; wrong values are told by sentences; odd but right ones do no harm before data."""
    specs = _specs(node_class, given)
    for one in node_class.parameters().values():
        where = f'{node_class.__qualname__}: parameter "{one.name}"'
        if one.info.default is not MISSING:
            try:
                encoded = one.kind.encode(one.default_value())
                again = one.kind.encode(one.kind.decode(encoded))
            except Exception as error:
                raise AssertionError(
                    f"{where}: its default {one.info.default!r} is no value: {error}"
                ) from error
            assert again == encoded, f"{where}: its default does not survive being saved and read"
        for wrong in _out_of_bounds(one):
            _, faults = node_class.decode({**raw, one.name: wrong})
            assert faults, f"{where}: {wrong!r} lies beyond its bounds, but is taken"
        for odd in _ODD:
            try:
                node, faults = node_class.decode({**raw, one.name: odd})
                if not faults:
                    node.summary()
                    faults = parameter_faults(node, specs) or list(node.check(specs))
                if not faults:
                    output_specs(node, specs)
            except NodeflowError as error:
                faults = [Fault(one.name, str(error))]
            except Exception as error:
                raise AssertionError(
                    f"{where}: {odd!r:.60} is answered by {error!r:.300}, not by a fault; check it in "
                    "check_parameters or check"
                ) from error
            assert all(fault.sentence for fault in faults), (
                f"{where}: {odd!r:.60} is refused without a sentence"
            )


def _out_of_bounds(one: Parameter) -> list[Any]:
    """Values of the right type that a parameter's own bounds forbid."""
    info, kind = one.info, one.base
    if isinstance(kind, NumberKind):
        step = 1 if kind.whole else 0.001
        limits = (
            (info.minimum, -step), (info.maximum, step), (info.above, 0), (info.below, 0),
        )  # fmt: skip
        return [limit + by for limit, by in limits if limit is not None and math.isfinite(limit)]
    if isinstance(kind, TextKind | ListKind) and info.min_length:
        return ["" if isinstance(kind, TextKind) else []]
    return []


def _input(port: Any, value: Any) -> Any:
    from nodeflow.values.table import Table

    if value is None and port.optional:
        return None
    value = None if value is MISSING else value
    if port.type.name != "table":
        assert value is not None or port.optional, f'give an example for the input "{port.name}" in `inputs`'
        return value
    table = Table.wrap(value if value is not None else example_table())
    return [table, table] if port.variadic else table


def example_table() -> Any:
    """A small table with columns of every common type, in which values are missing."""
    import datetime

    import polars as pl

    days = [datetime.date(2024, 1, 31), None, datetime.date(1969, 12, 31), datetime.date(2024, 2, 29)] * 3
    return pl.DataFrame(
        {
            "number": [1.5, -2.0, None, 0.0, 1e9, 3.25, 4.0, -0.5, 2.5, 7.0, None, 1.0],
            "whole": [3, 1, 2, None, 5, 4, 4, 2, 9, 1, 0, 6],
            "text": ["b", "a", None, "ü", "", "a", "b", "a", "b", "a", "c", "c"],
            "flag": [True, False, None, True, False, True, True, False, True, False, True, False],
            "day": days,
        }
    )


def _filled(node_class: type[Node], given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Values for required parameters, by their kind."""
    from nodeflow.parameters import is_family
    from nodeflow.values.table import Table

    tables = {name: value for name, value in given.items() if isinstance(value, Table)}
    found: dict[str, Any] = {}
    for one in node_class.parameters().values():
        if one.info.default is not MISSING:
            continue
        table = tables.get(one.info.port) or next(iter(tables.values()), None)
        schema = table.schema if table is not None else {}
        fitting = [n for n, dtype in schema.items() if not one.info.types or is_family(dtype, one.info.types)]
        if isinstance(one.kind, ColumnKind) and fitting:
            found[one.name] = fitting[0]
        elif isinstance(one.kind, ColumnsKind):
            found[one.name] = fitting[:1]
        elif isinstance(one.kind, ExpressionKind):
            found[one.name] = "true" if "boolean" in one.info.types else "1"
        elif isinstance(one.kind, ChoiceKind):
            found[one.name] = one.kind.choices[0]
        elif isinstance(one.kind, PathKind):
            found[one.name] = str(folder / f"file{(one.info.suffixes or ('.csv',))[0]}")
    return found


def _run(node: Node, given: Mapping[str, Any], context: _Context) -> dict[str, Any]:
    """The outputs by port, computed; errors of the data library count as the node's."""
    import inspect

    signature = node.signature()
    values = {name: value for name, value in given.items() if value is not None}
    extra = {}
    if signature.takes_context:
        names = inspect.signature(node.run).parameters
        extra = {
            name: context
            for name, one in names.items()
            if str(one.annotation).rpartition(".")[2] == "Context"
        }
    returned = named_outputs(signature, node.run(**arguments(node, values), **extra), node.name)
    found = {port.name: from_form(returned[port.name], port, node.name) for port in signature.outputs}
    for value in found.values():
        if hasattr(value, "to_polars"):
            value.to_polars()
    return found


def _made(node_class: type[Node], raw: Mapping[str, Any]) -> Node:
    node = node_class.from_json(raw)
    give_seed(node, 0, "checked")
    return node


def _specs(node: Node | type[Node], given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for port in node.signature().inputs:
        value = given.get(port.name)
        if value is not None:
            codec = port.type.stored_by
            found[port.name] = (
                [codec.spec_of(one) for one in value] if port.variadic else codec.spec_of(value)
            )
    return found


def _check_result(
    node_class: type[Node], raw: Mapping[str, Any], given: Mapping[str, Any], folder: Path
) -> dict[str, Any]:
    """The result, which fits its spec and comes again."""
    name = node_class.__qualname__
    try:
        node = _made(node_class, raw)
    except ParameterError as error:
        raise AssertionError(f"{name}: give `parameters` under which it can run: {error}") from error
    again = node_class.from_json(node.to_json())
    assert again.to_json() == node.to_json(), f"{name}: parameters do not survive being saved and read"
    specs = _specs(node, given)
    faults = [fault.sentence for fault in (*parameter_faults(node, specs), *node.check(specs))]
    assert not faults, f"{name}: give `parameters` that fit the inputs: {'; '.join(faults)}"
    before = {port: _content(value) for port, value in given.items()}
    try:
        predicted = output_specs(node, specs)
        outputs = _run(node, given, _Context(folder))
    except Exception as error:
        raise AssertionError(
            f"{name}: does not run on its example: {type(error).__name__}: {error}; mend it, or give "
            "`parameters` and `inputs`"
        ) from error
    after = {port: _content(value) for port, value in given.items()}
    assert before == after, f"{name}: run changes its inputs"
    _check_specs(node, predicted, outputs, name)
    second = _run(_made(node_class, raw), given, _Context(folder))
    for port_name, value in outputs.items():
        assert _content(value) == _content(second[port_name]), (
            f'{name}: "{port_name}" differs when it runs again'
        )
    return outputs


def _check_specs(node: Node, predicted: Mapping[str, Any], outputs: Mapping[str, Any], where: str) -> None:
    unknown = predicted.keys() - outputs.keys()
    assert not unknown, f"{where}: spec speaks of an output {sorted(unknown)} that is not there"
    for port in node.signature().outputs:
        told = predicted.get(port.name)
        if told is not None:
            actual = port.type.stored_by.spec_of(outputs[port.name])
            assert agrees(told, actual), (
                f'{where}: the spec of "{port.name}" is {told}, but run gives {actual}'
            )


_HELD: dict[str, Any] = {}
"""The values that `_given` nodes give, by their parameter."""


def _given(port: Port) -> type[Node]:
    """A node type that gives the value of a port's type that is held under its parameter."""
    from nodeflow.ports import annotation_of

    def run(self: Any) -> Any:
        return _HELD[self.held]

    run.__annotations__["return"] = annotation_of(port.type)
    body = {
        "__doc__": "Give a value.",
        "__module__": __name__,
        "__annotations__": {"held": str},
        "id": f"given_{port.type.name}",
        "reads_outside": True,
        "run": run,
    }
    return type(f"Given{port.type.name.title()}", (Node,), body)


def _check_in_engine(
    node_class: type[Node],
    raw: Mapping[str, Any],
    given: Mapping[str, Any],
    outputs: Mapping[str, Any],
    folder: Path,
) -> None:
    """In a workflow it gives the same, checked, stored and read back."""
    from nodeflow.registry import Registry
    from nodeflow.workflow import NodeInstance, Workflow

    name = node_class.__qualname__
    workflow = Workflow(name, folder=folder)
    workflow.registry = Registry()
    workflow.registry.add(node_class)
    sources: dict[str, type[Node]] = {}
    try:
        for port in node_class.signature().inputs:
            value = given.get(port.name)
            if value is None:
                continue
            giver = sources.setdefault(port.type.name, _given(port))
            workflow.registry.add(giver)
            for index, one in enumerate(value if port.variadic else [value]):
                held = f"{port.name}_{index}"
                _HELD[held] = one
                workflow.nodes[held] = NodeInstance(giver.id, {"held": held})
                output = giver.signature().outputs[0].name
                workflow.connect(f"{held}.{output}", f"checked.{port.name}")
        workflow.nodes["checked"] = NodeInstance(node_class.id, json.loads(json.dumps(dict(raw))))
        for time in ("first", "second"):
            result = workflow.run(
                executor="inline", cache_folder=folder / "cache", output=folder, check=False, record=False
            )
            report = result.reports["checked"]
            assert report.state in ("done", "cached"), f"{name}: fails in a workflow: {report.reason}"
            for port_name, value in outputs.items():
                assert _content(result["checked"][port_name]) == _content(value), (
                    f'{name}: "{port_name}" is not the same when it runs in a workflow for the {time} time'
                )
    except NodeflowError as error:
        raise AssertionError(f"{name}: fails in a workflow: {error}") from error
    finally:
        _HELD.clear()


def agrees(told: Any, actual: Any) -> bool:
    """Whether a spec told before running fits that of the value; None stands for what was not known."""
    from nodeflow.values.specs import ModelSpec

    if isinstance(told, ModelSpec) and isinstance(actual, ModelSpec):
        # columns without any value are left out when learning, which shows only then
        named = set(actual.features.columns) <= set(told.features.columns)
        pairs = [
            (getattr(told, part), getattr(actual, part))
            for part in ("task", "target", "target_type", "classes")
        ]
        given = [change.gives for change in told.changes]
        changed = None in given or (told.changes, told.removes) == (actual.changes, actual.removes)
        return named and changed and all(old is None or old == new for old, new in pairs)
    if hasattr(told, "fits"):  # a spec that says itself what may show only later
        return type(told) is type(actual) and bool(told.fits(actual))
    return bool(told == actual)


def _content(value: Any) -> Any:
    if isinstance(value, list):
        return [_content(one) for one in value]
    if hasattr(value, "to_polars"):
        frame = value.to_polars()
        return (dict(frame.schema), frame.to_dict(as_series=False).__repr__())
    pack = getattr(value, "specification", None)
    if pack is not None:
        return pack
    if hasattr(value, "parts"):
        from nodeflow.values.report import ReportCodec

        return ReportCodec().pack(value)
    if hasattr(value, "estimator"):
        from nodeflow.values.bundle import pack_model, unpack_model

        # as it comes back from the store: trained in memory it may share arrays that it does not share there
        return pack_model(unpack_model(pack_model(value)))
    if hasattr(value, "arrays"):
        import io

        from nodeflow.values.tensor_files import write_tensors

        buffer = io.BytesIO()
        write_tensors(value, buffer)
        return buffer.getvalue()
    return value


def _all_missing(table: Any) -> Any:
    import polars as pl

    from nodeflow.values.table import Table

    frame = table.to_polars()
    return Table(
        pl.DataFrame([pl.Series(c.name, [None] * len(c), dtype=c.dtype) for c in frame.get_columns()])
    )


def _head(rows: int) -> Callable[[Any], Any]:
    from nodeflow.values.table import Table

    return lambda table: Table(table.to_polars().head(rows))


_VARIANTS: dict[str, Callable[[Any], Any]] = {
    "no rows": lambda table: _head(0)(table),
    "one row": lambda table: _head(1)(table),
    "missing values only": _all_missing,
}


def _changed(given: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The inputs with their tables changed."""
    from nodeflow.values.table import Table

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(one) for one in value]
        return change(value) if isinstance(value, Table) else value

    return {name: changed(value) for name, value in given.items()}


def _check_survives(
    node_class: type[Node],
    raw: Mapping[str, Any],
    given: Mapping[str, Any],
    change: Callable[[Any], Any],
    what: str,
    folder: Path,
) -> dict[str, Any] | None:
    """On an odd table the node gives a result that fits its spec, or refuses with a sentence: then None."""
    changed = _changed(given, change)
    where = f"{node_class.__qualname__} on a table with {what}"
    try:
        node = _made(node_class, raw)
        specs = _specs(node, changed)
        if parameter_faults(node, specs) or node.check(specs):
            return None  # told before running
        predicted = output_specs(node, specs)
        outputs = _run(node, changed, _Context(folder))
    except NodeflowError as error:
        if not str(error):
            raise AssertionError(f"{where}: refused without a sentence") from error
        return None
    except Exception as error:
        raise AssertionError(
            f"{where}: {type(error).__name__}: {error}; raise NodeFailed with a sentence"
        ) from error
    _check_specs(node, predicted, outputs, where)
    return outputs


def _check_names(
    node_class: type[Node],
    raw: Mapping[str, Any],
    given: Mapping[str, Any],
    outputs: Mapping[str, Any],
    folder: Path,
) -> None:
    """Under any column names the tables that come have the same shape: a name is never a pattern or code."""
    from nodeflow.values.table import Table

    names: list[str] = []
    for value in given.values():
        for one in value if isinstance(value, list) else [value]:
            names += [n for n in (one.columns if isinstance(one, Table) else ()) if n not in names]
    for start in range(0, len(HOSTILE_NAMES), max(len(names), 1)):
        chosen = [*HOSTILE_NAMES[start:], *HOSTILE_NAMES[:start]]
        new = dict(zip(names, chosen, strict=False))

        def renamed(table: Any, new: Mapping[str, str] = new) -> Any:
            frame = table.to_polars()
            return Table(frame.rename({old: new[old] for old in frame.columns if old in new}))

        said = {
            name: _with_names(node_class.parameters()[name].kind, value, new)
            if name in node_class.parameters()
            else value
            for name, value in raw.items()
        }
        what = f"the columns {', '.join(map(ascii, list(new.values())))}"[:200]
        found = _check_survives(node_class, said, given, renamed, what, folder)
        for port, value in (found or {}).items():
            if isinstance(value, Table):
                shape, plain = value.to_polars().shape, outputs[port].to_polars().shape
                assert shape == plain, (
                    f'{node_class.__qualname__} on a table with {what}: "{port}" has the shape {shape}, but '
                    f"{plain} under plain names; take columns by their very names (Column.of, nodeflow.ops)"
                )


def _with_names(kind: Kind, value: Any, new: Mapping[str, str]) -> Any:
    """A JSON value of a kind with columns called by their new names."""
    if isinstance(kind, OptionalKind):
        return value if value is None else _with_names(kind.inner, value, new)
    if isinstance(kind, ColumnKind) and isinstance(value, str):
        return new.get(value, value)
    if isinstance(kind, ColumnsKind) and isinstance(value, list):
        return [new.get(one, one) for one in value]
    if isinstance(kind, ColumnsKind) and isinstance(value, dict):
        lists = {k: [new.get(one, one) for one in value[k]] for k in ("names", "exclude") if k in value}
        return {**value, **lists}
    if isinstance(kind, ExpressionKind) and isinstance(value, str):
        words = "|".join(re.escape(name) for name in sorted(new, key=len, reverse=True))
        return re.sub(rf"`?\b({words})\b`?", lambda found: f"`{new[found[1]]}`", value)
    if isinstance(kind, ListKind) and isinstance(value, list):
        return [_with_names(kind.inner, one, new) for one in value]
    if isinstance(kind, MappingKind) and isinstance(value, dict):
        return {new.get(k, k): _with_names(kind.inner, one, new) for k, one in value.items()}
    if isinstance(kind, RecordKind) and isinstance(value, dict):
        fields = kind.record.parameters()
        return {k: _with_names(fields[k].kind, one, new) if k in fields else one for k, one in value.items()}
    return value


def _check_cancelled(
    node_class: type[Node], raw: Mapping[str, Any], given: Mapping[str, Any], folder: Path
) -> None:
    try:
        _run(_made(node_class, raw), given, _Context(folder, cancelled=True))
    except Cancelled:
        pass
    except Exception as error:
        raise AssertionError(
            f"{node_class.__qualname__}: when cancelled it raises {error!r}, not Cancelled"
        ) from error


def _check_export(node_class: type[Node], raw: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """The node adds lines to a Python script that can be parsed, or says that it has none."""
    import ast

    from nodeflow.export.python import CannotExport, PythonScript

    name = node_class.__qualname__
    script, wires = PythonScript(), {}
    for port in node_class.signature().inputs:
        value = given.get(port.name)
        many: list[Any] = [] if value is None else value if port.variadic else [value]
        wires[port.name] = [(f"{port.name}_{index}", port.type.name) for index, _ in enumerate(many)]
        for source, output in wires[port.name]:
            script.begin(source, source, {}, 0)
            script.add(f"{script.output(output)} = None")
    wires = {port: sources for port, sources in wires.items() if sources}
    schemas = {p: spec.columns for p, spec in _specs(node_class, given).items() if hasattr(spec, "columns")}
    script.begin("checked", name, wires, 0, schemas)
    try:
        _made(node_class, raw).export_python(script)
        text = script.text()
        ast.parse(text)
    except (CannotExport, NodeflowError):
        return
    except Exception as error:
        raise AssertionError(f"{name}: export_python is answered by {error!r}") from error
    assert "import nodeflow" not in text, f"{name}: an exported script must do without nodeflow"


__all__ = ["HOSTILE_NAMES", "agrees", "check_node", "example_table"]
