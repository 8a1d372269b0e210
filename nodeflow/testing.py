"""The contract every node keeps, ours and other packages': `check_node(MyNode)` in one of your tests."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nodeflow.errors import Cancelled, NodeflowError, ParameterError
from nodeflow.execution.calling import arguments, from_form, give_seed, named_outputs
from nodeflow.node import Node
from nodeflow.parameters import MISSING
from nodeflow.parameters.kinds import ChoiceKind, ColumnKind, ColumnsKind, ExpressionKind, PathKind
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

    def progress(self, fraction: float, message: str = "") -> None:
        self.check_cancelled()

    def check_cancelled(self) -> None:
        if self._cancelled:
            raise Cancelled("cancelled")

    def warn(self, message: str) -> None:
        self.messages.append(message)

    @contextlib.contextmanager
    def write(self, path: str) -> Iterator[Path]:
        from nodeflow.files import atomic_path

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
            of every common type, in which values are missing.
    """
    _check_declaration(node_class)
    _check_parameters(node_class)
    given = {port.name: _input(port, (inputs or {}).get(port.name)) for port in node_class.signature().inputs}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = {**_filled(node_class, given, folder), **(parameters or {})}
        _check_result(node_class, raw, given, folder)
        tables = any(port.type.name == "table" for port in node_class.signature().inputs)
        if tables:
            for what, change in _VARIANTS.items():
                _check_survives(node_class, raw, given, change, what, folder)
        _check_cancelled(node_class, raw, given, folder)


def _check_declaration(node_class: type[Node]) -> None:
    told = node_class.declaration()
    name = node_class.__qualname__
    assert told["summary"].endswith("."), (
        f"{name}: the docstring's first line must be a sentence on what it does"
    )
    assert told["category"] != "Other", f"{name}: say by `category` where the palette shows it"
    for port in (*told["inputs"], *told["outputs"]):
        assert port["help"], (
            f'{name}: describe the port "{port["name"]}" under Inputs: or Outputs: in the docstring'
        )
    for one in told["parameters"]:
        assert one["help"], f'{name}: the parameter "{one["name"]}" needs a help text'


def _check_parameters(node_class: type[Node]) -> None:
    for one in node_class.parameters().values():
        where = f'{node_class.__qualname__}: parameter "{one.name}"'
        if one.info.default is not MISSING:
            encoded = one.kind.encode(one.default_value())
            decoded = one.kind.encode(one.kind.decode(encoded))
            assert decoded == encoded, f"{where}: its default does not survive being saved and read"
        for wrong in ({"never": "right"}, [[["never"]]], 10**30):
            try:
                one.kind.decode(wrong)
            except ParameterError as error:
                if not str(error):
                    raise AssertionError(f"{where}: a wrong value is refused without a sentence") from error
            except Exception as error:
                raise AssertionError(
                    f"{where}: {wrong!r} is answered by {error!r}, not by a ParameterError"
                ) from error


def _input(port: Any, value: Any) -> Any:
    from nodeflow.values.table import Table

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


def _specs(node: Node, given: Mapping[str, Any]) -> dict[str, Any]:
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
) -> None:
    name = node_class.__qualname__
    node = _made(node_class, raw)
    again = node_class.from_json(node.to_json())
    assert again.to_json() == node.to_json(), f"{name}: parameters do not survive being saved and read"
    before = {port: _content(value) for port, value in given.items()}
    predicted = output_specs(node, _specs(node, given))
    outputs = _run(node, given, _Context(folder))
    after = {port: _content(value) for port, value in given.items()}
    assert before == after, f"{name}: run changes its inputs"
    for port in node.signature().outputs:
        told = predicted.get(port.name)
        if told is not None:
            actual = port.type.stored_by.spec_of(outputs[port.name])
            assert agrees(told, actual), (
                f'{name}: the spec of "{port.name}" is {told}, but run gives {actual}'
            )
    second = _run(_made(node_class, raw), given, _Context(folder))
    for port_name, value in outputs.items():
        assert _content(value) == _content(second[port_name]), (
            f'{name}: "{port_name}" differs when it runs again'
        )


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
        return named and all(old is None or old == new for old, new in pairs)
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
    if hasattr(value, "estimator"):
        from nodeflow.values.bundle import pack_model

        return pack_model(value)
    return value


def _renamed(table: Any) -> Any:
    from nodeflow.values.table import Table

    frame = table.to_polars()
    return Table(frame.rename(dict(zip(frame.columns, HOSTILE_NAMES, strict=False))))


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
    "hostile column names": _renamed,
}


def _check_survives(
    node_class: type[Node],
    raw: Mapping[str, Any],
    given: Mapping[str, Any],
    change: Callable[[Any], Any],
    what: str,
    folder: Path,
) -> None:
    """On an odd table the node gives a result that fits its spec, or refuses with a sentence."""
    from nodeflow.values.table import Table

    changed = {
        name: [change(one) for one in value]
        if isinstance(value, list)
        else change(value)
        if isinstance(value, Table)
        else value
        for name, value in given.items()
    }
    if what == "hostile column names":
        raw = {**raw, **_filled(node_class, changed, folder)}
    where = f"{node_class.__qualname__} on a table with {what}"
    try:
        node = _made(node_class, raw)
        specs = _specs(node, changed)
        if parameter_faults(node, specs) or node.check(specs):
            return  # told before running
        predicted = output_specs(node, specs)
        outputs = _run(node, changed, _Context(folder))
    except NodeflowError as error:
        if not str(error):
            raise AssertionError(f"{where}: refused without a sentence") from error
        return
    except Exception as error:
        raise AssertionError(
            f"{where}: {type(error).__name__}: {error}; raise NodeFailed with a sentence"
        ) from error
    for port in node_class.signature().outputs:
        told = predicted.get(port.name)
        if told is not None:
            actual = port.type.stored_by.spec_of(outputs[port.name])
            assert agrees(told, actual), (
                f'{where}: the spec of "{port.name}" is {told}, but run gives {actual}'
            )


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


__all__ = ["HOSTILE_NAMES", "agrees", "check_node", "example_table"]
