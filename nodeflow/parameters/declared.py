"""Classes whose annotations declare parameters: the base of nodes and of records."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, dataclass_transform

from nodeflow.errors import ParameterError, did_you_mean, shorten
from nodeflow.parameters.kinds import MISSING, Fault, Kind, Parameter, ParameterInfo, kind_of


def parameter(
    *,
    default: Any = MISSING,
    help: str = "",
    label: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    unit: str = "",
    port: str = "",
    types: tuple[str, ...] = (),
    suffixes: tuple[str, ...] = (),
    advanced: bool = False,
    min_length: int = 0,
    when: Mapping[str, Any] | None = None,
    deferred: bool = False,
) -> Any:
    """Declare one parameter of a `Node` or `Record`.

    Args:
        default: value when the workflow gives none; without it the parameter is required.
        help: one or two sentences for the dialog and the help page.
        label: name shown in the dialog; by default the attribute's name in words.
        minimum, maximum: inclusive bounds of a number.
        above, below: exclusive bounds of a number.
        unit: unit of a number, for people ("rows", "seconds").
        port: the input port whose columns a column parameter or formula speaks of; by
            default the first table input.
        types: families a column must be of: "number", "text", "boolean", "date", ...
        suffixes: file name endings a path usually has (".csv").
        advanced: fold away in the dialog.
        min_length: least number of entries of a list, or of characters of a text.
        when: other parameters' values under which this one matters, for the dialog.
        deferred: a formula that the node itself checks in `check`, as it speaks of columns the input lacks.
    """
    return ParameterInfo(
        default=default,
        help=help,
        label=label,
        minimum=minimum,
        maximum=maximum,
        above=above,
        below=below,
        unit=unit,
        port=port,
        types=tuple(types),
        suffixes=tuple(suffixes),
        advanced=advanced,
        min_length=min_length,
        when=dict(when or {}),
        deferred=deferred,
    )


@dataclass_transform(kw_only_default=True, field_specifiers=(parameter,))
class Declared:
    """A class with declared parameters; instances are immutable by convention and compare by value.

    The constructor takes parameters by keyword as Python values and raises one
    `ParameterError` that names every fault.
    """

    _own_parameters: ClassVar[dict[str, Parameter] | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # no parameter may hide what every node or record has
        root = next(one for one in cls.__mro__ if Declared in one.__bases__)
        for name, annotation in inspect.get_annotations(cls).items():
            if cls is not root and hasattr(root, name) and not _is_classvar(annotation):
                raise TypeError(
                    f'{cls.__qualname__}: a parameter cannot be called "{name}"; every {root.__name__.lower()} has that'
                )

    def __init__(self, **values: Any) -> None:
        declared = type(self).parameters()
        faults = [
            Fault(name, f'unknown parameter "{shorten(name)}"; {did_you_mean(name, list(declared))}')
            for name in values
            if name not in declared
        ]
        for name, one in declared.items():
            if name in values:
                try:
                    setattr(self, name, one.kind.coerce(values[name]))
                except ParameterError as error:
                    faults.append(Fault(name, str(error)))
            elif one.info.default is MISSING:
                faults.append(Fault(name, f'parameter "{name}" needs a value'))
            else:
                setattr(self, name, one.default_value())
        if not faults:
            faults.extend(self.check_parameters())
        raise_faults(faults)

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """The declared parameters by name, in the order of declaration, base classes first."""
        if "_own_parameters" not in cls.__dict__ or cls._own_parameters is None:
            cls._own_parameters = _collect(cls)
        return cls._own_parameters

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> typing.Self:
        """An instance from the values of a workflow file; raises one error with every fault."""
        instance, faults = cls.decode(raw)
        raise_faults(faults)
        return instance

    @classmethod
    def decode(cls, raw: Mapping[str, Any]) -> tuple[typing.Self, list[Fault]]:
        """Like `from_json`, but gives back what could be read together with the faults.

        A parameter with a fault is left at its default, or absent if it has none.
        """
        instance = object.__new__(cls)
        faults: list[Fault] = []
        declared = cls.parameters()
        for name in raw:
            if name not in declared:
                faults.append(
                    Fault(name, f'unknown parameter "{shorten(name)}"; {did_you_mean(name, list(declared))}')
                )
        for name, one in declared.items():
            value = raw.get(name, MISSING)
            if value is not MISSING:
                try:
                    setattr(instance, name, one.kind.decode(value))
                    continue
                except ParameterError as error:
                    place = f"{name}{error.parameter}" if error.parameter else name
                    faults.append(Fault(place, str(error)))
            elif one.info.default is MISSING:
                faults.append(Fault(name, f'parameter "{name}" needs a value: {one.requirement()}'))
            if one.info.default is not MISSING:
                setattr(instance, name, one.default_value())
        if not faults:
            faults.extend(instance.check_parameters())
        return instance, faults

    def check_parameters(self) -> list[Fault]:
        """Faults that concern several parameters together; override to add some."""
        return []

    def to_json(self) -> dict[str, Any]:
        """Every parameter as plain JSON data, defaults included."""
        return {name: one.kind.encode(getattr(self, name)) for name, one in self.parameters().items()}

    def values(self) -> Iterator[tuple[Parameter, Any]]:
        """Each parameter with its value; one that could not be read is left out."""
        for name, one in self.parameters().items():
            if name in self.__dict__:
                yield one, self.__dict__[name]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), tuple(map(repr, self.__dict__.values()))))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{one.name}={value!r}"
            for one, value in self.values()
            if one.info.default is MISSING or value != one.default_value()
        )
        return f"{type(self).__name__}({shown})"


class Record(Declared):
    """One row of a list-of-records parameter, such as one sort key or one aggregation."""


def raise_faults(faults: list[Fault]) -> None:
    """Raise one `ParameterError` for a list of faults; nothing when it is empty."""
    if faults:
        raise ParameterError("\n".join(fault.sentence for fault in faults), faults[0].place)


def _collect(cls: type[Declared]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for base in reversed(cls.__mro__):
        namespace = vars(sys.modules[base.__module__]) if base.__module__ in sys.modules else {}
        for name, annotation in inspect.get_annotations(base).items():
            if name.startswith("_") or _is_classvar(annotation):
                continue
            info = base.__dict__.get(name, MISSING)
            if not isinstance(info, ParameterInfo):
                info = ParameterInfo(default=info)
            kind = kind_of(_resolve(annotation, namespace, base, name), info, Record)
            found[name] = Parameter(name, kind, info)
    return found


def _is_classvar(annotation: Any) -> bool:
    return str(annotation).removeprefix("typing.").startswith("ClassVar")


def _resolve(annotation: Any, namespace: Mapping[str, Any], owner: type, name: str) -> Any:
    if not isinstance(annotation, str):
        return annotation
    holder = type("_", (), {"__annotations__": {name: annotation}, "__module__": owner.__module__})
    try:
        return typing.get_type_hints(holder, globalns=dict(namespace), localns=dict(vars(owner)))[name]
    except NameError as error:
        raise TypeError(
            f"{owner.__qualname__}.{name}: {error}; the types of parameters must be imported when the "
            "module is, not only for type checking"
        ) from None


__all__ = ["Declared", "Kind", "Record", "parameter"]
