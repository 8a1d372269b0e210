"""Node: the base class of every node type. One declaration feeds dialog, help, checks and tests."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from nodeflow.parameters import MISSING, Code, Declared, Fault, OutputPath, Parameter
from nodeflow.parameters.declared import Record
from nodeflow.parameters.kinds import (
    ChoiceKind,
    CodeKind,
    Kind,
    ListKind,
    MappingKind,
    OptionalCodeKind,
    OptionalKind,
    OptionalPathKind,
    PathKind,
    RecordKind,
)
from nodeflow.ports import Port, Signature, signature_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.values.specs import Spec


class Context(Protocol):
    """What a running node may ask of the engine; an argument of `run` annotated `Context` gets it."""

    @property
    def node(self) -> str:
        """The id of the node in its workflow."""

    @property
    def seed(self) -> int:
        """The node's random seed: its own parameter, else derived from the run's seed and the node's id."""

    @property
    def device(self) -> str:
        """ "auto", "cpu" or "gpu", as the run was asked."""

    @property
    def temporary_folder(self) -> Path:
        """An empty folder that is removed when the node is done."""

    def progress(
        self, fraction: float, message: str = "", figures: Mapping[str, float] | None = None
    ) -> None:
        """Report the done share, 0 to 1. Raises `Cancelled` if the run was cancelled.

        `figures` are numbers by name that go with the event, such as epoch and loss, for live curves.
        """

    def check_cancelled(self) -> None:
        """Raise `Cancelled` if the run was cancelled."""

    def warn(self, message: str) -> None:
        """A sentence for the user that goes with the result, also when it comes from the cache."""

    def kept(self, what: str) -> bytes | None:
        """A part of the work that an earlier run kept under these words, None if there is none.

        The words must tell all it depends on but the code of the node type, such as digests of inputs.
        """

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None:
        """Keep a part of the work in the result store, so that a run that was stopped goes on from there."""

    def write(self, path: str) -> AbstractContextManager[Path]:
        """A temporary path to write to; it becomes `path` when the block ends without an error."""


class Node(Declared):
    """A node type. Subclass it, annotate parameters, write `run`; its docstring is its help page.

    `run` takes the inputs by name, annotated with what they should come as, and gives the
    output, or a `NamedTuple` of several. It never changes its inputs. `self` holds the parameters.
    The docstring may describe ports under the headings `Inputs:` and `Outputs:`.
    """

    id: ClassVar[str] = ""
    """The name in workflow files; it never changes. By default the class name, as in `row_filter`."""
    name: ClassVar[str] = ""
    """The name people see. By default the class name in words."""
    category: ClassVar[str] = "Other"
    """Where the palette shows it: "Group / Subgroup"."""
    keywords: ClassVar[tuple[str, ...]] = ()
    """Further names people search for."""
    version: ClassVar[int] = 1
    """Raised when the same parameters give other results; see `migrate`."""
    headline: ClassVar[str] = ""
    """The output port with a small table worth showing when a run ends, such as scores."""
    views_first: ClassVar[bool] = False
    """Whether the scheduler should favour the node, since a person waits to see it."""
    slots: ClassVar[tuple[str, ...]] = ()
    """Named resources of which the node needs one each while it runs.

    "gpu" is held only where a graphics processor is in force; on a CPU such nodes run beside each other.
    """

    reads_outside: ClassVar[bool] = False
    """Whether the result depends on something the key cannot hold, such as a database: it runs every time."""

    run: ClassVar[Callable[..., Any]]

    _signature: ClassVar[Signature | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._signature = None
        if "id" not in cls.__dict__:
            cls.id = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", cls.__name__)

    @classmethod
    def signature(cls) -> Signature:
        """The ports, read off the annotations of `run`."""
        if cls._signature is None:
            run = cls.__dict__.get("run") or getattr(cls, "run", None)
            if run is None:
                raise TypeError(f"{cls.__qualname__} has no method run")
            cls._signature = signature_of(run, _sections(cls.__doc__ or ""))
        return cls._signature

    @classmethod
    def is_lazy(cls) -> bool:
        """Whether the node only adds to a query: all its ports are tables in a lazy form."""
        signature = cls.signature()
        return (
            all(port.lazy for port in (*signature.inputs, *signature.outputs))
            and bool(signature.outputs)
            and not signature.takes_context
        )

    @classmethod
    def is_portable(cls) -> bool:
        """Whether the node runs on every engine of narwhals, not on Polars alone."""
        signature = cls.signature()
        tables = [port for port in (*signature.inputs, *signature.outputs) if port.type.name == "table"]
        return cls.is_lazy() and all(port.form == "narwhals" for port in tables) and bool(signature.inputs)

    @classmethod
    def input(cls, name: str) -> Port | None:
        """The input port of that name."""
        return next((port for port in cls.signature().inputs if port.name == name), None)

    @classmethod
    def output(cls, name: str) -> Port | None:
        """The output port of that name."""
        return next((port for port in cls.signature().outputs if port.name == name), None)

    @classmethod
    def migrate(cls, version: int, parameters: dict[str, Any]) -> dict[str, Any]:
        """Parameters saved under an older `version`, as the present one wants them."""
        return parameters

    @classmethod
    def runs_code(cls) -> bool:
        """Whether a user's own code is among the parameters: such a node needs trust."""
        return any(isinstance(one.kind, CodeKind) for one in cls.parameters().values())

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None] | Spec | None:
        """The specs of the outputs, from those of the connected inputs (a list for a variadic port).

        Only called when all inputs are known. Lazy table nodes need none: the engine runs them on
        an empty table. None means not known before running.
        """
        return None

    def surroundings(self, device: str) -> Mapping[str, Any]:
        """What else the result depends on: plain JSON data that is part of the cache key.

        For a node whose result differs between devices or backends; `device` is as the run was asked.
        """
        return {}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        """Further faults, given the specs of the inputs that are known, beyond what the kinds check."""
        return ()

    def summary(self) -> str:
        """What the node does here, in one short line from its parameters: "age >= 18"."""
        for one, value in self.values():
            if one.info.default is MISSING:
                return " ".join(str(getattr(value, "text", value)).split())[:80]
        return ""

    def explain(self, error: Exception) -> str | None:
        """A plain sentence on an error of the data library that came up when the node's query ran.

        A lazy node is done long before its query runs, so it cannot catch such an error itself; a
        reader can say here which line of which file is at fault. None if the error is not the node's.
        """
        return None

    def remarks(self) -> Sequence[str]:
        """Sentences for the user that go with the result, asked for when the node's query has run.

        For a lazy node, which has no context to warn by; each sentence is one line.
        """
        return ()

    def export_python(self, script: PythonScript) -> None:
        """Add the node's lines to a plain Python script; see `nodeflow.export.python`.

        A node without its own version is named in the refusal of `nodeflow export --to python`.
        """
        script.cannot_express()

    def code_texts(self) -> list[str]:
        """The user's code in the parameters, for the question of trust."""
        return [str(value) for _, value in self.values() if isinstance(value, Code)]

    @classmethod
    def declaration(cls) -> dict[str, Any]:
        """The whole declaration as plain JSON data: the source of dialog, help, schema and palette."""
        text = inspect.cleandoc(cls.__doc__ or "")
        summary, _, rest = text.partition("\n")
        signature = cls.signature()
        return {
            "id": cls.id,
            "name": cls.name,
            "category": cls.category,
            "keywords": list(cls.keywords),
            "version": cls.version,
            "summary": summary.strip(),
            "help": _HEADINGS.split(rest)[0].strip(),
            "lazy": cls.is_lazy(),
            "portable": cls.is_portable(),
            "runs_code": cls.runs_code(),
            "inputs": [_port_data(port) for port in signature.inputs],
            "outputs": [_port_data(port) for port in signature.outputs],
            "parameters": [_parameter_data(one) for one in cls.parameters().values()],
        }


_HEADINGS = re.compile(r"^(Inputs|Outputs):\s*$", re.MULTILINE)


def _sections(docstring: str) -> dict[str, dict[str, str]]:
    """The port descriptions under `Inputs:` and `Outputs:`."""
    parts = _HEADINGS.split(inspect.cleandoc(docstring))
    found: dict[str, dict[str, str]] = {"Inputs": {}, "Outputs": {}}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        name = ""
        for line in body.splitlines():
            if line and not line.startswith(" "):
                break
            entry = re.match(r" {4}(\w+): (.*)", line)
            if entry:
                name = entry[1]
                found[heading][name] = entry[2].strip()
            elif line.strip() and name:
                found[heading][name] += " " + line.strip()
    return found


def _port_data(port: Port) -> dict[str, Any]:
    return {
        "name": port.name,
        "type": port.type.name,
        "optional": port.optional,
        "variadic": port.variadic,
        "help": port.help,
    }


def _record_of(kind: Kind) -> type[Record] | None:
    """The record that a parameter holds: one, or in a list or mapping many."""
    while isinstance(kind, ListKind | MappingKind | OptionalKind):
        kind = kind.inner
    return kind.record if isinstance(kind, RecordKind) else None


def _entry_data(kind: Kind) -> dict[str, Any]:
    """The entries of a list or mapping: their kind, and what else a dialog needs to edit one."""
    inner = kind.inner if isinstance(kind, OptionalKind) else kind
    data: dict[str, Any] = {"kind": kind.name, "accepts": kind.requirement(), "schema": kind.json_schema()}
    if inner is not kind:
        data["optional"] = True
    if isinstance(inner, ChoiceKind):
        data["choices"] = list(inner.choices)
    if isinstance(inner, ListKind | MappingKind):
        data["entry"] = _entry_data(inner.inner)
    return data


def _parameter_data(one: Parameter) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": one.name,
        "label": one.label,
        "kind": one.kind.name,
        "help": one.info.help,
        "accepts": one.requirement(),
        "required": one.info.default is MISSING,
        "schema": one.json_schema(),
    }
    if one.info.default is not MISSING:
        data["default"] = one.kind.encode(one.default_value())
    if isinstance(one.base, ChoiceKind):
        data["choices"] = list(one.base.choices)
    if one.base is not one.kind or isinstance(one.kind, OptionalPathKind | OptionalCodeKind):
        data["optional"] = True
    if isinstance(one.base, PathKind) and one.base.type is OutputPath:
        data["writes"] = True
    if isinstance(one.base, ListKind | MappingKind):
        data["entry"] = _entry_data(one.base.inner)
    record = _record_of(one.base)
    if record is not None:
        data["fields"] = [_parameter_data(field) for field in record.parameters().values()]
    for name in ("unit", "port", "types", "suffixes", "advanced", "when", "deferred"):
        value = getattr(one.info, name)
        if value:
            data[name] = list(value) if isinstance(value, tuple) else value
    return data
