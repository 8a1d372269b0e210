"""Ports: where values enter and leave a node, read off the annotations of `run`."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nodeflow.values.codec import Codec


@dataclass(frozen=True)
class PortType:
    """A kind of wire.

    `codec` names the class that stores its values as "module:class"; it is imported on first
    use, so that the palette needs no data library.
    """

    name: str
    label: str
    codec: str

    @functools.cached_property
    def stored_by(self) -> Codec:
        """The codec of the values on this wire."""
        module, _, name = self.codec.partition(":")
        codec = getattr(importlib.import_module(module), name)()
        assert isinstance(codec, Codec)
        return codec


@dataclass(frozen=True)
class Port:
    """One input or output of a node type.

    `form` is what `run` takes or gives: "narwhals", "polars", "polars-frame", "pandas",
    "arrow" or "value"; `lazy` says that the form is an unevaluated query.
    """

    name: str
    type: PortType
    form: str
    optional: bool = False
    variadic: bool = False
    help: str = ""

    @property
    def lazy(self) -> bool:
        """Whether the form is a query that has not run yet."""
        return self.form in ("narwhals", "polars")


TABLE = PortType("table", "Table", "nodeflow.values.table:TableCodec")
MODEL = PortType("model", "Model", "nodeflow.values.model:ModelCodec")
CHART = PortType("chart", "Chart", "nodeflow.values.chart:ChartCodec")
REPORT = PortType("report", "Report", "nodeflow.values.report:ReportCodec")
TENSORS = PortType("tensors", "Tensors", "nodeflow.values.tensors:TensorsCodec")
NETWORK = PortType("network", "Network", "nodeflow.values.network:NetworkCodec")
VARIABLES = PortType("variables", "Variables", "nodeflow.values.variables:VariablesCodec")

# by the last two parts of the annotation's name, as nodes usually import them
_FORMS: dict[str, tuple[PortType, str]] = {
    "nw.LazyFrame": (TABLE, "narwhals"),
    "narwhals.LazyFrame": (TABLE, "narwhals"),
    "pl.LazyFrame": (TABLE, "polars"),
    "polars.LazyFrame": (TABLE, "polars"),
    "pl.DataFrame": (TABLE, "polars-frame"),
    "polars.DataFrame": (TABLE, "polars-frame"),
    "pd.DataFrame": (TABLE, "pandas"),
    "pandas.DataFrame": (TABLE, "pandas"),
    "pa.Table": (TABLE, "arrow"),
    "pyarrow.Table": (TABLE, "arrow"),
    "Table": (TABLE, "value"),
    "Model": (MODEL, "value"),
    "Network": (NETWORK, "value"),
    "Chart": (CHART, "value"),
    "Report": (REPORT, "value"),
    "Tensors": (TENSORS, "value"),
    "Variables": (VARIABLES, "value"),
}


def register_port_type(annotation: str, port_type: PortType, form: str = "value") -> None:
    """Make an annotation of `run` mean a port of a further type, for packages that bring one."""
    _FORMS[annotation] = (port_type, form)


def annotation_of(port_type: PortType) -> str:
    """An annotation of `run` that means a port of this type."""
    own = {text: form for text, (known, form) in _FORMS.items() if known == port_type}
    return next((text for text, form in own.items() if form == "value"), next(iter(own)))


def port_types() -> dict[str, PortType]:
    """The known port types by name."""
    return {port_type.name: port_type for port_type, _ in _FORMS.values()}


@dataclass(frozen=True)
class Signature:
    """The ports of a node type, and how `run` is called."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    takes_context: bool
    gives_tuple: bool
    """`run` gives a NamedTuple with one field a port; otherwise the value of the one port, or nothing."""


def signature_of(run: Callable[..., Any], help_of: Mapping[str, Mapping[str, str]]) -> Signature:
    """The ports of a `run` method.

    Raises:
        TypeError: an annotation is missing or names no port type.
    """
    where = f"{run.__module__}.{run.__qualname__}"
    inputs: list[Port] = []
    takes_context = False
    for name, argument in list(inspect.signature(run).parameters.items())[1:]:
        text = _text_of(argument.annotation, where, name)
        if text.rpartition(".")[2] == "Context":
            takes_context = True
            continue
        text, optional = _strip_optional(text)
        found = re.fullmatch(r"(?:list|Sequence|tuple)\[(.+?)(?:, \.\.\.)?\]", text)
        port_type, form = _form(found[1] if found else text, where, name)
        inputs.append(
            Port(name, port_type, form, optional, found is not None, help_of["Inputs"].get(name, ""))
        )
    returned = _text_of(inspect.signature(run).return_annotation, where, "the result")
    gives_tuple = False
    if returned == "None":
        outputs: list[Port] = []
    elif _known(returned):
        port_type, form = _form(returned, where, "the result")
        name = port_type.name
        outputs = [Port(name, port_type, form, help=help_of["Outputs"].get(name, ""))]
    else:
        gives_tuple = True
        outputs = _tuple_ports(run, returned, where, help_of["Outputs"])
    return Signature(tuple(_helped(inputs)), tuple(_helped(outputs)), takes_context, gives_tuple)


def _helped(ports: list[Port]) -> list[Port]:
    # a lone port needs no words of its own
    if len(ports) == 1 and not ports[0].help:
        only = ports[0]
        help_text = f"The {only.type.label.lower()}."
        return [Port(only.name, only.type, only.form, only.optional, only.variadic, help_text)]
    return ports


def _tuple_ports(run: Callable[..., Any], name: str, where: str, help_of: Mapping[str, str]) -> list[Port]:
    owner = vars(sys.modules[run.__module__]) if run.__module__ in sys.modules else run.__globals__
    named = owner.get(name)
    if named is None or not hasattr(named, "_fields"):
        raise TypeError(
            f"{where}: the result is annotated {name!r}, which is neither a port type nor a NamedTuple"
        )
    ports = []
    for field in named._fields:
        text, optional = _strip_optional(_text_of(named.__annotations__[field], where, field))
        port_type, form = _form(text, where, field)
        ports.append(Port(field, port_type, form, optional, help=help_of.get(field, "")))
    return ports


def _text_of(annotation: Any, where: str, name: str) -> str:
    if annotation is inspect.Parameter.empty:
        raise TypeError(f"{where}: {name} has no annotation; it says what kind of port it is")
    if annotation is None:
        return "None"
    if hasattr(annotation, "__forward_arg__"):
        return str(annotation.__forward_arg__)
    if isinstance(annotation, str):
        return annotation.strip("'\"")
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        root = annotation.__module__.partition(".")[0]
        return annotation.__name__ if root == "nodeflow" else f"{root}.{annotation.__name__}"
    return re.sub(r"\b([a-z_]+)(?:\.\w+)*\.(\w+)\b", r"\1.\2", str(annotation)).replace("typing.", "")


def _strip_optional(text: str) -> tuple[str, bool]:
    found = re.fullmatch(r"(.+?)\s*\|\s*None|None\s*\|\s*(.+)|Optional\[(.+)\]", text)
    if found is None:
        return text, False
    return next(part for part in found.groups() if part), True


def _shortened(text: str) -> str:
    text = re.sub(r"\[Any\]$", "", text)
    if text in _FORMS:
        return text
    return text.rpartition(".")[2]


def _known(text: str) -> bool:
    return _shortened(text) in _FORMS


def _form(text: str, where: str, name: str) -> tuple[PortType, str]:
    try:
        return _FORMS[_shortened(text)]
    except KeyError:
        raise TypeError(
            f"{where}: {name} is annotated {text!r}; a port is one of {', '.join(_FORMS)}"
        ) from None
