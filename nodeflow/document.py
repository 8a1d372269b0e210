"""The workflow file: JSON to model and back, versions and their migrations. Reading runs no code."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from nodeflow.errors import DocumentError, NodeflowError, did_you_mean, shorten
from nodeflow.parameters.columns import describe
from nodeflow.workflow import COMPONENT, Connection, NodeInstance, Variable, Workflow, check_id

FORMAT = 1
"""The version of the file format this release writes."""

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 200
MAX_NODES = 200_000

_TOP = (
    *("nodeflow", "name", "description", "variables", "inputs", "outputs", "expose"),
    *("nodes", "connections", "layout", "notes"),
)
_NODE = ("type", "version", "label", "workflow", "parameters")
_OPEN = [("connections",), ("nodes", "*", "parameters"), ("layout",), ("variables",), ("notes",)]


def load(path: Path | str) -> Workflow:
    """Read a workflow file.

    Raises:
        DocumentError: the file is missing, unreadable, too large, no JSON or no workflow.
    """
    path = Path(path)
    try:
        # looked at before opening, which can hang on a pipe
        if path.exists() and not path.is_file() and not path.is_dir():
            raise DocumentError(f"{path} is a device or a pipe, not a workflow file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise DocumentError(f"{path} is a folder; name a workflow file in it") from None
    except FileNotFoundError:
        raise DocumentError(f"there is no file {path}{_neighbours(path)}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentError(f"{path} cannot be read: {reason}") from None
    workflow = loads(raw, source=str(path))
    workflow.path = path
    workflow.folder = path.resolve().parent
    return workflow


def loads(raw: bytes | str, *, source: str = "the workflow") -> Workflow:
    """Read a workflow from the text of a file; `source` names it in messages."""
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{source}: larger than {MAX_BYTES >> 20} MB, which no workflow file should be")
    try:
        return from_data(_parse(data))
    except DocumentError as error:
        raise DocumentError(f"{source}: {error}") from None


def from_data(data: Any) -> Workflow:
    """A workflow from plain JSON data; raises `DocumentError` with the place of the fault."""
    if not isinstance(data, dict):
        raise DocumentError(f"a workflow is a JSON object, but this is {describe(data)}")
    return _workflow(_migrated(data), "", 0)


def _migrated(data: dict[str, Any]) -> dict[str, Any]:
    """The data in the present format; raises `DocumentError` for a format that is not known."""
    version = data.get("nodeflow")
    if isinstance(version, bool) or not isinstance(version, int):
        raise DocumentError('not a workflow: "nodeflow" with the number of the format is missing')
    if version > FORMAT:
        raise DocumentError(
            f"made by a newer nodeflow (its file format has {describe(version)}, this one knows up to "
            f"{FORMAT}); update nodeflow to open it"
        )
    if version < 0:
        raise DocumentError(f"a file format has no {describe(version).removeprefix('the ')}")
    for number in range(version, FORMAT):
        data = MIGRATIONS[number](data)
    return data


def to_data(workflow: Workflow) -> dict[str, Any]:
    """The plain JSON data of a workflow, in the order of the file."""
    return _workflow_data(workflow, top=True)


def dumps(workflow: Workflow) -> str:
    """The text of the workflow's file: stable order, one parameter a line.

    Raises:
        DocumentError: the workflow, made in code, holds a value that JSON has no form for.
    """
    try:
        text = _format(to_data(workflow), 0, _OPEN) + "\n"
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        reason = "a text has half of a surrogate pair" if isinstance(error, UnicodeError) else str(error)
        raise DocumentError(
            f"the workflow cannot be written as JSON: {reason}; parameters and variables are texts, "
            "finite numbers, true, false, null, lists and objects"
        ) from None
    return text


def save(workflow: Workflow, path: Path | str) -> None:
    """Write the workflow's file, completely or not at all; never one that could not be opened again.

    Raises:
        DocumentError: it holds what a file cannot: see `dumps`, and the limits that hold in `load`.
        FileError: the file cannot be written.
    """
    from nodeflow.files import atomic_write

    text = dumps(workflow)
    loads(text, source="the workflow cannot be saved, as it could not be opened again")
    with atomic_write(Path(path), "wb") as file:
        file.write(text.encode())
    if workflow.folder is None:
        workflow.folder = Path(path).resolve().parent
    workflow.path = Path(path)


# -- reading ----------------------------------------------------------------------------------


def _parse(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8 text (byte {error.start})") from None
    try:
        parsed = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        what = "it ends too early; is the file complete?" if cut else error.msg
        raise DocumentError(f"not JSON at line {error.lineno}, column {error.colno}: {what}") from None
    except RecursionError:
        raise DocumentError(f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:  # an integer of more than 4,300 digits
        raise DocumentError("a number in it has thousands of digits") from None
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(parsed, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError):
            raise DocumentError("a text in it has half of a surrogate pair (\\ud800 to \\udfff)") from None
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise DocumentError(
                    f'"{shorten(name)}" stands twice in one object; rename or remove one of them'
                )
            seen.add(name)
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise DocumentError(f"the number {shorten(text, 40)} is too large")
    return number


def _no_constant(name: str) -> Any:
    raise DocumentError(f"{name} is not JSON; use null or a text")


def _workflow(data: dict[str, Any], place: str, depth: int) -> Workflow:
    if depth > 20:
        raise DocumentError(f"{place}: components nested deeper than 20 levels")
    workflow = Workflow(_expect(data, "name", str, "", place), _expect(data, "description", str, "", place))
    for name, raw in _expect(data, "variables", dict, {}, place).items():
        workflow.variables[name] = _variable(raw, f"{_at(place, 'variables')}.{shorten(name, 60)}")
    nodes = _expect(data, "nodes", dict, {}, place)
    if len(nodes) > MAX_NODES:
        raise DocumentError(f"{_at(place, 'nodes')}: more than {MAX_NODES:,} nodes")
    for name, raw in nodes.items():
        workflow.nodes[name] = _node(name, raw, f"{_at(place, 'nodes')}.{shorten(name, 60)}", depth)
    for index, text in enumerate(_expect(data, "connections", list, [], place)):
        where = f"{_at(place, 'connections')}[{index}]"
        if not isinstance(text, str):
            raise DocumentError(f'{where}: must be a text "node.output -> node.input", not {describe(text)}')
        try:
            workflow.connections.append(Connection.parse(text))
        except ValueError as error:
            raise DocumentError(f"{where}: {error}") from None
    workflow.layout = _expect(data, "layout", dict, {}, place)
    workflow.notes = _expect(data, "notes", list, [], place)
    for name, targets in _expect(data, "inputs", dict, {}, place).items():
        many = targets if isinstance(targets, list) else [targets]
        if not all(isinstance(one, str) for one in many):
            raise DocumentError(f'{_at(place, "inputs")}.{shorten(name)}: must be a list of "node.input"')
        workflow.inputs[name] = many
    for key in ("outputs", "expose"):
        for name, target in _expect(data, key, dict, {}, place).items():
            if not isinstance(target, str):
                raise DocumentError(
                    f"{_at(place, key)}.{shorten(name)}: must be a text, not {describe(target)}"
                )
            getattr(workflow, key)[name] = target
    workflow.extra = {name: value for name, value in data.items() if name not in _TOP}
    _check_depth([workflow.layout, workflow.notes, workflow.extra], place)
    return workflow


def _node(name: str, raw: Any, place: str, depth: int) -> NodeInstance:
    if not isinstance(raw, dict):
        raise DocumentError(f'{place}: must be an object with "type", not {describe(raw)}')
    try:
        check_id(name)
    except NodeflowError as error:
        raise DocumentError(f"{place}: {error}") from None
    node_type = raw.get("type")
    if not isinstance(node_type, str) or not node_type:
        hint = did_you_mean("type", list(raw)) if raw and "type" not in raw else ""
        raise DocumentError(f'{place}: "type" must name a node type{"; " + hint if "?" in hint else ""}')
    parameters = raw.get("parameters", {})
    if not isinstance(parameters, dict):
        raise DocumentError(f"{place}.parameters: must be an object, not {describe(parameters)}")
    for value in parameters.values():
        if type(value) in (dict, list):
            _check_depth([value], place)
    instance = NodeInstance(node_type, parameters)
    if len(raw) > 1:
        instance.label = _expect(raw, "label", str, "", place)
        version = raw.get("version")
        if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
            raise DocumentError(f"{place}.version: must be a whole number, not {describe(version)}")
        instance.version = version
        inner = raw.get("workflow")
        if isinstance(inner, dict):
            if "nodeflow" in inner:  # a whole file pasted in
                try:
                    inner = _migrated(inner)
                except DocumentError as error:
                    raise DocumentError(f"{place}.workflow: {error}") from None
            instance.workflow = _workflow(inner, f"{place}.workflow", depth + 1)
        elif isinstance(inner, str):
            instance.workflow = inner
        elif inner is not None:
            raise DocumentError(
                f"{place}.workflow: must be a workflow or the path of one, not {describe(inner)}"
            )
        instance.extra = {key: value for key, value in raw.items() if key not in _NODE}
        if instance.extra:
            _check_depth([instance.extra], place)
    if node_type == COMPONENT and instance.workflow is None:
        raise DocumentError(f'{place}: a component needs "workflow": a workflow or the path of its file')
    return instance


def _variable(raw: Any, place: str) -> Variable:
    if isinstance(raw, dict | list):
        _check_depth([raw], place)
    if isinstance(raw, dict) and "default" in raw:
        help_text = _expect(raw, "help", str, "", place)
        extra = {name: value for name, value in raw.items() if name not in ("default", "help")}
        return Variable(raw["default"], help_text, extra)
    return Variable(raw)


def _expect(data: dict[str, Any], key: str, kind: type, default: Any, place: str) -> Any:
    value = data.get(key, default)
    if not isinstance(value, kind):
        words = {"str": "a text", "dict": "an object", "list": "a list"}[kind.__name__]
        raise DocumentError(f"{_at(place, key)}: must be {words}, not {describe(value)}")
    return value


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _check_depth(values: Iterable[Any], place: str) -> None:
    level = [value for value in values if type(value) in (dict, list)]
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = [
            inner
            for value in level
            for inner in (value.values() if type(value) is dict else value)
            if type(inner) in (dict, list)
        ]
    raise DocumentError(f"{place or 'the file'}: nested deeper than {MAX_DEPTH} levels")


def _neighbours(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix == path.suffix][:1000]
    except OSError:
        return f"; there is no folder {path.parent} either"
    hint = did_you_mean(path.name, names)
    return f"; {hint}" if hint.endswith("?") else ""


# -- writing ----------------------------------------------------------------------------------


def _workflow_data(workflow: Workflow, *, top: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"nodeflow": FORMAT} if top else {}
    data["name"] = workflow.name
    if workflow.description:
        data["description"] = workflow.description
    data["variables"] = {name: _variable_data(one) for name, one in workflow.variables.items()}
    data["inputs"] = dict(workflow.inputs)
    data["outputs"] = dict(workflow.outputs)
    data["expose"] = dict(workflow.expose)
    for key in ("variables", "inputs", "outputs", "expose"):
        if not data[key]:
            del data[key]
    data["nodes"] = {name: _node_data(node) for name, node in workflow.nodes.items()}
    data["connections"] = [str(connection) for connection in workflow.connections]
    data["layout"] = workflow.layout
    data["notes"] = workflow.notes
    for key in ("layout", "notes"):
        if not data[key]:
            del data[key]
    return data | workflow.extra


def _node_data(node: NodeInstance) -> dict[str, Any]:
    data: dict[str, Any] = {"type": node.type}
    if node.version is not None:
        data["version"] = node.version
    if node.label:
        data["label"] = node.label
    if isinstance(node.workflow, Workflow):
        data["workflow"] = _workflow_data(node.workflow, top=False)
    elif node.workflow is not None:
        data["workflow"] = node.workflow
    data["parameters"] = node.parameters
    return data | node.extra


def _variable_data(one: Variable) -> Any:
    if one.help or one.extra or (isinstance(one.default, dict) and "default" in one.default):
        return {"default": one.default} | ({"help": one.help} if one.help else {}) | one.extra
    return one.default


def _format(value: Any, level: int, open_paths: Sequence[tuple[str, ...]] = ()) -> str:
    """JSON text: what lies on an open path has one entry a line, the rest only when it is long.

    `open_paths` are the rests of the paths that led here; "*" stands for any name.
    """
    compact = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or not value:
        return compact
    if not open_paths and len(compact) + 2 * level <= 100:
        return compact
    inner = "  " * (level + 1)
    if isinstance(value, list):
        body = [inner + _format(one, level + 1) for one in value]
        brackets = "[]"
    else:
        body = []
        for name, one in value.items():
            rests = [path[1:] for path in open_paths if path and path[0] in ("*", name)]
            body.append(f"{inner}{json.dumps(name, ensure_ascii=False)}: {_format(one, level + 1, rests)}")
        brackets = "{}"
    return f"{brackets[0]}\n" + ",\n".join(body) + f"\n{'  ' * level}{brackets[1]}"


# -- older formats ----------------------------------------------------------------------------


def _from_draft(data: dict[str, Any]) -> dict[str, Any]:
    """Format 0: nodes as a list with ids and settings, connections as objects or lists of four."""
    nodes: dict[str, Any] = {}
    for index, raw in enumerate(_expect(data, "nodes", list, [], "")):
        if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
            raise DocumentError(f'nodes[{index}]: must be an object with "id"')
        if raw["id"] in nodes:
            raise DocumentError(f'nodes[{index}]: the id "{shorten(raw["id"])}" stands twice')
        node = {name: value for name, value in raw.items() if name not in ("id", "settings", "position")}
        nodes[raw["id"]] = node | {"parameters": raw.get("settings", {})}
    wires = []
    for index, raw in enumerate(_expect(data, "connections", list, [], "")):
        if not isinstance(raw, list) or len(raw) != 4 or not all(isinstance(part, str) for part in raw):
            raise DocumentError(f"connections[{index}]: must be a list of four texts")
        wires.append("{}.{} -> {}.{}".format(*raw))
    layout = {raw["id"]: raw["position"] for raw in data.get("nodes", []) if "position" in raw}
    rest = {name: value for name, value in data.items() if name not in ("nodes", "connections", "layout")}
    return rest | {"nodeflow": 1, "nodes": nodes, "connections": wires, "layout": layout}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {0: _from_draft}
"""From each older format to the one after it; none is ever removed."""
