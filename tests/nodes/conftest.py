"""Running one node as the engine does, with what every node must keep checked on the way."""

from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nodeflow.execution.calling import named_outputs
from nodeflow.export.python import CannotExport, PythonScript
from nodeflow.files import atomic_path
from nodeflow.node import Node
from nodeflow.validation import parameter_faults
from nodeflow.values.specs import TableSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

sys.path.append(str(Path(__file__).parent))

# column names that a careless program reads as a pattern, as code, as markup or as a path
HOSTILE_NAMES = [
    "^.*$",
    "*",
    "^a",
    "a$",
    '"; DROP TABLE t; --',
    "{0.__class__}",
    "{}",
    "%s%n",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "a\0b",
    "",
    " ",
    "Ame\u0301lie",
    "Am\u00e9lie",
    "x" * 10_000,
    "🦆",
    "../x",
    "C:\\CON",
    "line\nbreak",
    "tab\there",
    "`back`",
    "'quote'",
    "nw.col('a')",
    "__row",
    "l0",
    "${HOME}",
]


class FakeContext:
    """The little of the engine that a writing node uses."""

    node, seed, device = "node", 7, "cpu"

    def __init__(self, folder: Path) -> None:
        self.temporary_folder = folder
        self.warnings: list[str] = []
        self.parts: dict[str, bytes] = {}

    def kept(self, what: str) -> bytes | None:
        return self.parts.get(what)

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None:
        self.parts[what] = data

    def progress(self, fraction: float, message: str = "", figures: Any = None) -> None: ...

    def check_cancelled(self) -> None: ...

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    @contextlib.contextmanager
    def write(self, path: str) -> Iterator[Path]:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            yield temporary


@pytest.fixture
def context(tmp_path: Path) -> FakeContext:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return FakeContext(folder)


def frames_in_form(node: Node, inputs: dict[str, Any], *, empty: bool = False) -> dict[str, Any]:
    given = {}
    for port in node.signature().inputs:
        if port.name not in inputs:
            continue

        def form(frame: pl.DataFrame, kind: str = port.form) -> Any:
            lazy = (frame.clear() if empty else frame).lazy()
            return nw.from_native(lazy) if kind == "narwhals" else lazy

        value = inputs[port.name]
        given[port.name] = [form(one) for one in value] if isinstance(value, list) else form(value)
    return given


def run_lazy(node: Node, inputs: dict[str, Any], *, empty: bool = False) -> dict[str, pl.LazyFrame]:
    results = named_outputs(
        node.signature(), node.run(**frames_in_form(node, inputs, empty=empty)), node.name
    )
    return {name: getattr(frame, "to_native", lambda frame=frame: frame)() for name, frame in results.items()}


def faults_of(node: Node, **inputs: Any) -> list[str]:
    """What validation would report before running."""
    specs: dict[str, Any] = {
        name: [TableSpec(one.schema) for one in value] if isinstance(value, list) else TableSpec(value.schema)
        for name, value in inputs.items()
    }
    found = parameter_faults(node, specs) or node.check(specs)
    return [fault.sentence for fault in found]


def run_script(node: Node, inputs: dict[str, Any]) -> dict[str, pl.DataFrame] | None:
    """The result of the node's exported script; None if it cannot be exported."""
    script = PythonScript()
    wires: dict[str, list[tuple[str, str]]] = {}
    names: dict[str, Any] = {}
    for port, value in inputs.items():
        wires[port] = []
        for index, frame in enumerate(value if isinstance(value, list) else [value]):
            source = (f"{port}_{index}", "table")
            script.begin(source[0], "", {}, 0)
            names[script.output("table")] = frame.lazy()
            wires[port].append(source)
    schemas = {port: dict(value.schema) for port, value in inputs.items() if isinstance(value, pl.DataFrame)}
    script.begin("result", node.name, wires, 0, schemas)
    try:
        node.export_python(script)
    except CannotExport:
        return None
    text = script.text()
    assert "nodeflow" not in text
    exec(compile(text, "exported.py", "exec"), names)  # noqa: S102 - the test is about running it
    return {
        port: names[variable].collect()
        for (owner, port), variable in script._variables.items()
        if owner == "result"
    }


def applied(node: Node, *, exported: bool = True, **inputs: Any) -> Any:
    """The result of a node, a list of two and more; along the way checks what every node promises."""
    node = type(node).from_json(node.to_json())  # what a workflow file keeps is all there is
    assert faults_of(node, **inputs) == []
    assert len(node.summary()) <= 80
    results = {name: frame.collect(engine="streaming") for name, frame in run_lazy(node, inputs).items()}
    assert node.is_lazy()
    for name, frame in run_lazy(node, inputs, empty=True).items():
        if node.signature().inputs:
            assert frame.collect_schema() == results[name].schema, (
                "what is known before running is what comes"
            )
            assert frame.collect().schema == results[name].schema
    if exported:
        again = run_script(node, inputs)
        assert again is not None, "the node can be exported"
        for name, frame in results.items():
            assert_frame_equal(again[name], frame)
    frames = list(results.values())
    return frames[0] if len(frames) == 1 else frames


@pytest.fixture
def apply() -> Callable[..., Any]:
    return applied


@pytest.fixture
def faults() -> Callable[..., list[str]]:
    return faults_of


@pytest.fixture
def hostile_names() -> list[str]:
    return HOSTILE_NAMES


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """A PostgreSQL server; where there can be none, the tests that need it are skipped with the reason."""
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    databases = importlib.import_module("databases")
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(databases.postgres())
        except databases.NoServer as reason:
            pytest.skip(str(reason))
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("NODEFLOW_TEST_PASSWORD", databases.PASSWORD)
        yield running


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty database of each kind."""
    is_server = request.param == "postgresql"
    server = request.getfixturevalue("server") if is_server else None
    return importlib.import_module("databases").Database(request.param, tmp_path, server)


@pytest.fixture
def sqlite(tmp_path: Path) -> Any:
    """An empty SQLite database."""
    return importlib.import_module("databases").Database("sqlite", tmp_path)


@pytest.fixture
def postgresql(server: Any, tmp_path: Path) -> Any:
    """An empty PostgreSQL database."""
    return importlib.import_module("databases").Database("postgresql", tmp_path, server)
