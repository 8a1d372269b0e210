"""The kinds of parameters: how each reads JSON, writes it, describes itself and checks a value."""

from __future__ import annotations

import datetime
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import FormulaError, ParameterError, did_you_mean, shorten
from nodeflow.expressions import Formula, parse
from nodeflow.parameters.columns import Column, Columns, describe, family, is_family, no_column
from nodeflow.parameters.special import Code, Colour, Host, InputPath, OutputPath, Secret, Seed

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.parameters.declared import Record

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING", "__slots__": ()})()
"""Stands for "no default": None is a value of its own."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a parameter: `place` is its name, with an index or field for nested ones."""

    place: str
    sentence: str
    position: int | None = None
    """For a formula: the character, counted from 0."""


@dataclass(frozen=True)
class ParameterInfo:
    """What a declaration says besides the type; see `parameter` for the fields."""

    default: Any = MISSING
    help: str = ""
    label: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    unit: str = ""
    port: str = ""
    types: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    advanced: bool = False
    min_length: int = 0
    when: Mapping[str, Any] = field(default_factory=dict)
    deferred: bool = False


class Kind:
    """Reads and checks the values of one kind of parameter.

    The base class is for plain JSON types; `info` carries the bounds.
    """

    name = "value"

    def __init__(self, info: ParameterInfo) -> None:
        self.info = info

    def decode(self, raw: Any) -> Any:
        """The Python value of a JSON value; raises `ParameterError` with a sentence."""
        return raw

    def encode(self, value: Any) -> Any:
        """The JSON form of a value."""
        return value

    def coerce(self, value: Any) -> Any:
        """Like `decode`, but also takes the Python value itself, for building in code."""
        return self.decode(value)

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        """Faults of a value against the schemas of the input ports that are known."""
        return []

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of the accepted values."""
        return {}

    def requirement(self) -> str:
        """What is accepted, in words: "a whole number from 1 to 10"."""
        return "any value"

    def _port(self, default_port: str) -> str:
        return self.info.port or default_port


class BooleanKind(Kind):
    """True or false."""

    name = "boolean"

    def decode(self, raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise ParameterError(f"must be true or false, not {describe(raw)}")
        return raw

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def requirement(self) -> str:
        return "true or false"


class NumberKind(Kind):
    """A number within bounds, whole if `whole`."""

    name = "number"
    whole = False

    def decode(self, raw: Any) -> Any:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        info = self.info
        if isinstance(raw, float) and not math.isfinite(raw):
            raise ParameterError(f"must be {self.requirement()}, not {raw}")
        if self.whole and isinstance(raw, float):
            if not raw.is_integer():
                raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
            raw = int(raw)
        out = (
            (info.minimum is not None and raw < info.minimum)
            or (info.maximum is not None and raw > info.maximum)
            or (info.above is not None and raw <= info.above)
            or (info.below is not None and raw >= info.below)
            or (self.whole and not -(2**63) <= raw < 2**63)
        )
        if out:
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        try:
            return raw if self.whole else float(raw)
        except OverflowError:
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}") from None

    def json_schema(self) -> dict[str, Any]:
        info = self.info
        bounds = {
            "minimum": info.minimum,
            "maximum": info.maximum,
            "exclusiveMinimum": info.above,
            "exclusiveMaximum": info.below,
        }
        return {"type": "integer" if self.whole else "number"} | {
            k: v for k, v in bounds.items() if v is not None
        }

    def requirement(self) -> str:
        info = self.info
        words = "a whole number" if self.whole else "a number"
        if info.minimum is not None and info.maximum is not None:
            words += f" from {info.minimum:g} to {info.maximum:g}"
        else:
            if info.minimum is not None:
                words += f" of at least {info.minimum:g}"
            if info.maximum is not None:
                words += f" of at most {info.maximum:g}"
        if info.above is not None:
            words += f" above {info.above:g}"
        if info.below is not None:
            words += f"{' and' if info.above is not None else ''} below {info.below:g}"
        return f"{words} ({info.unit})" if info.unit else words


class IntegerKind(NumberKind):
    """A whole number within bounds."""

    name = "integer"
    whole = True


class TextKind(Kind):
    """A text."""

    name = "text"
    type: type[str] = str

    def decode(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        if len(raw) < self.info.min_length:
            raise ParameterError(f"must be {self.requirement()}")
        return self.type(raw)

    def encode(self, value: Any) -> Any:
        return str(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string"} | ({"minLength": self.info.min_length} if self.info.min_length else {})

    def requirement(self) -> str:
        least = self.info.min_length
        return f"a text of at least {least} character{'s' if least > 1 else ''}" if least else "a text"


class CodeKind(TextKind):
    """Source text that the node runs: needs trust."""

    name = "code"
    type = Code


class ColourKind(TextKind):
    """A colour as `#rrggbb`."""

    name = "colour"
    type = Colour

    def decode(self, raw: Any) -> str:
        value = super().decode(raw)
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        return value

    def requirement(self) -> str:
        return 'a colour such as "#1f77b4"'


class PathKind(TextKind):
    """A path, relative to the workflow file (input) or to the output folder (output)."""

    name = "path"

    def __init__(self, info: ParameterInfo, path_type: type[str]) -> None:
        super().__init__(info)
        self.type = path_type

    def decode(self, raw: Any) -> str:
        if hasattr(raw, "__fspath__"):
            raw = raw.__fspath__()
        value = super().decode(raw)
        if not value:
            raise ParameterError(f"must be {self.requirement()}, not an empty text")
        if "\0" in value or len(value) > 4096:
            raise ParameterError(f"must be {self.requirement()}; {describe(value)} is none")
        return value

    def requirement(self) -> str:
        return "the path of a file to read" if self.type is InputPath else "the path of a file to write"


class HostKind(TextKind):
    """A server to reach: its name, its address or the folder of its socket."""

    name = "host"
    type = Host

    def decode(self, raw: Any) -> str:
        if isinstance(raw, str) and ("://" in raw or "@" in raw):
            # not repeated here: it may hold a password
            raise ParameterError(f"must be {self.requirement()} alone, not a URL; {_parts_of_url(raw)}")
        value = super().decode(raw)
        if value.startswith("/") and "\0" not in value and "," not in value:
            return value
        if value.count(":") == 1:
            name, _, port = value.partition(":")
            if port.isdigit():
                raise ParameterError(
                    f'must be {self.requirement()} alone: "{shorten(name)}", with {shorten(port)} as the port'
                )
        if not re.fullmatch(r"[\w.-]*|\[?[0-9a-fA-F:.]+(%\w+)?\]?", value) or len(value) > 253:
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        return value

    def requirement(self) -> str:
        return "the name of a server"


def _parts_of_url(url: str) -> str:
    """What to enter in place of a URL; a password in it is not told."""
    from urllib.parse import unquote, urlsplit

    found: dict[str, Any] = {}
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        found = {
            "host": parts.hostname,
            "port": parts.port,
            "database": unquote(parts.path.strip("/")),
            "user": unquote(parts.username or ""),
        }
        secret = parts.password is not None
    except ValueError:
        secret = "@" in url
    told = ", ".join(f'{name} "{shorten(str(value))}"' for name, value in found.items() if value)
    sentence = f"enter its parts: {told}" if told else "enter its parts"
    if secret:
        sentence += (
            "; and keep the password out of the workflow: name an environment variable or an entry of the "
            "system's keyring as the password"
        )
    return sentence


class ChoiceKind(Kind):
    """One of a few named values."""

    name = "choice"

    def __init__(self, info: ParameterInfo, choices: tuple[Any, ...]) -> None:
        super().__init__(info)
        self.choices = choices

    def decode(self, raw: Any) -> Any:
        for choice in self.choices:
            if type(raw) is type(choice) and raw == choice:
                return choice
        hint = f"; {did_you_mean(raw, [str(c) for c in self.choices])}" if isinstance(raw, str) else ""
        raise ParameterError(
            f"must be {self.requirement()}, not {describe(raw)}{hint if '?' in hint else ''}"
        )

    def json_schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}

    def requirement(self) -> str:
        words = [f'"{c}"' if isinstance(c, str) else str(c) for c in self.choices]
        return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


class SeedKind(IntegerKind):
    """A random seed; null takes one derived from the run's seed and the node's id."""

    name = "seed"

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__(ParameterInfo(default=info.default, help=info.help, minimum=0, maximum=2**32 - 1))

    def decode(self, raw: Any) -> Seed | None:
        return None if raw is None else Seed(super().decode(raw))

    def encode(self, value: Any) -> Any:
        return None if value is None else int(value)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [super().json_schema(), {"type": "null"}]}

    def requirement(self) -> str:
        return f"{super().requirement()}, or null to derive it from the run's seed"


class DateKind(TextKind):
    """A calendar day, `2024-12-31` in JSON."""

    name = "date"

    def decode(self, raw: Any) -> Any:
        if type(raw) is datetime.date:
            return raw
        try:
            return datetime.date.fromisoformat(super().decode(raw))
        except ValueError:
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}") from None

    def encode(self, value: Any) -> Any:
        return value.isoformat()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def requirement(self) -> str:
        return "a date such as 2024-12-31"


class SecretKind(Kind):
    """A reference to a secret; the secret itself is never stored.

    It is `{"environment": "NAME"}` or, in the system's keyring, `{"keyring": "SERVICE", "user": "NAME"}`.
    """

    name = "secret"

    def decode(self, raw: Any) -> Secret:
        if isinstance(raw, Secret):
            return raw
        if (
            not isinstance(raw, dict)
            or set(raw) not in ({"environment"}, {"keyring", "user"})
            or not all(isinstance(value, str) for value in raw.values())
        ):
            raise ParameterError(f"must be {self.requirement()}; secrets are never kept in a workflow")
        if not raw.get("environment", raw.get("keyring")):
            raise ParameterError(f"must be {self.requirement()}, not an empty name")
        return Secret(**raw)

    def encode(self, value: Any) -> Any:
        if value.keyring:
            return {"keyring": value.keyring, "user": value.user}
        return {"environment": value.environment}

    def json_schema(self) -> dict[str, Any]:
        name, text = {"type": "string", "minLength": 1}, {"type": "string"}
        forms: list[dict[str, Any]] = [{"environment": name}, {"keyring": name, "user": text}]
        return {
            "anyOf": [
                {
                    "type": "object",
                    "properties": form,
                    "required": list(form),
                    "additionalProperties": False,
                }
                for form in forms
            ]
        }

    def requirement(self) -> str:
        return (
            'a reference such as {"environment": "DB_PASSWORD"} or {"keyring": "my database", "user": "ann"}'
        )


class ScalarKind(Kind):
    """Any single value: text, number, boolean or null."""

    name = "scalar"

    def decode(self, raw: Any) -> Any:
        if raw is not None and not isinstance(raw, bool | int | float | str):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        return raw

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean", "null"]}

    def requirement(self) -> str:
        return "a text, a number, true, false or null"


class ColumnKind(TextKind):
    """One column of an input table."""

    name = "column"
    type = Column

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        schema = schemas.get(self._port(default_port))
        if schema is None:
            return []
        if value not in schema:
            return [Fault("", no_column(value, schema))]
        if self.info.types and not is_family(schema[value], self.info.types):
            fitting = [n for n, dtype in schema.items() if is_family(dtype, self.info.types)]
            wanted = " or ".join(self.info.types)
            way_out = (
                f"choose for example {', '.join(fitting[:3])}"
                if fitting
                else f"the table has no {wanted} column"
            )
            return [
                Fault("", f'column "{shorten(value)}" is {family(schema[value])}, not {wanted}; {way_out}')
            ]
        return []

    def requirement(self) -> str:
        return (
            f"the name of a {' or '.join(self.info.types)} column"
            if self.info.types
            else "the name of a column"
        )


class ColumnsKind(Kind):
    """A choice of columns of an input table."""

    name = "columns"

    def decode(self, raw: Any) -> Columns:
        return Columns.from_json(raw)

    def coerce(self, value: Any) -> Columns:
        if isinstance(value, Columns):
            return value
        return self.decode(list(value) if isinstance(value, tuple) else value)

    def encode(self, value: Any) -> Any:
        return value.to_json()

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        schema = schemas.get(self._port(default_port))
        if schema is None:
            return []
        faults = [Fault("", sentence) for sentence in value.faults(schema)]
        if self.info.types and not faults:
            for name in value.names:
                if name in schema and not is_family(schema[name], self.info.types):
                    faults.append(
                        Fault(
                            "",
                            f'column "{shorten(name)}" is {family(schema[name])}, not '
                            f"{' or '.join(self.info.types)}; take it out or convert it",
                        )
                    )
        if not faults and self.info.min_length and len(value.resolve(schema)) < self.info.min_length:
            faults.append(
                Fault("", f"chooses no column of the table ({value}); choose at least {self.info.min_length}")
            )
        return faults

    def json_schema(self) -> dict[str, Any]:
        texts = {"type": "array", "items": {"type": "string"}}
        fields = {"names": texts, "types": texts, "exclude": texts, "pattern": {"type": "string"}}
        fields["missing"] = {"enum": ["error", "ignore"]}
        return {"anyOf": [texts, {"type": "object", "properties": fields, "additionalProperties": False}]}

    def requirement(self) -> str:
        return 'a list of column names, or an object with "names", "types", "pattern", "exclude"'


class Expression:
    """A formula over the columns of a table, as a parameter."""

    __slots__ = ("formula",)

    def __init__(self, text: str) -> None:
        self.formula: Formula = parse(text)

    @property
    def text(self) -> str:
        """The formula as the user wrote it."""
        return self.formula.text

    def compile(self, table: nw.LazyFrame[Any]) -> nw.Expr:
        """The formula as a narwhals expression over the columns of `table`."""
        from nodeflow.values.table import schema_of

        schema = schema_of(table)
        self.formula.check(schema)
        return self.formula.compile(schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class ExpressionKind(TextKind):
    """A formula over the columns of an input table; `types` are the families its result may have."""

    name = "formula"

    def decode(self, raw: Any) -> Any:
        if not isinstance(raw, str):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        try:
            return Expression(raw)
        except FormulaError as error:
            raise ParameterError(str(error)) from error

    def coerce(self, value: Any) -> Any:
        return value if isinstance(value, Expression) else self.decode(value)

    def encode(self, value: Any) -> Any:
        return value.text

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        schema = schemas.get(self._port(default_port))
        if schema is None or self.info.deferred:
            return []
        try:
            dtype = value.formula.check(schema)
        except FormulaError as error:
            return [Fault("", str(error), error.position)]
        if dtype is not None and self.info.types and not is_family(dtype, self.info.types):
            wanted = " or ".join(self.info.types)
            return [
                Fault("", f"the formula gives {family(dtype)}, but {wanted} is needed: {shorten(value.text)}")
            ]
        return []

    def requirement(self) -> str:
        return "a formula"


class OptionalKind(Kind):
    """Another kind, or null."""

    def __init__(self, inner: Kind) -> None:
        super().__init__(inner.info)
        self.inner = inner
        self.name = inner.name

    def decode(self, raw: Any) -> Any:
        return None if raw is None else self.inner.decode(raw)

    def coerce(self, value: Any) -> Any:
        return None if value is None else self.inner.coerce(value)

    def encode(self, value: Any) -> Any:
        return None if value is None else self.inner.encode(value)

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        return [] if value is None else self.inner.check(value, schemas, default_port)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [self.inner.json_schema(), {"type": "null"}]}

    def requirement(self) -> str:
        return f"{self.inner.requirement()}, or null"


class OptionalPathKind(PathKind):
    """A path, or null; still a path to all who ask."""

    def decode(self, raw: Any) -> Any:
        return None if raw is None else super().decode(raw)

    def encode(self, value: Any) -> Any:
        return None if value is None else super().encode(value)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [super().json_schema(), {"type": "null"}]}

    def requirement(self) -> str:
        return f"{super().requirement()}, or null"


class OptionalCodeKind(CodeKind):
    """Code, or null; still code to all who ask."""

    def decode(self, raw: Any) -> Any:
        return None if raw is None else super().decode(raw)

    def encode(self, value: Any) -> Any:
        return None if value is None else super().encode(value)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [super().json_schema(), {"type": "null"}]}

    def requirement(self) -> str:
        return f"{super().requirement()}, or null"


class ListKind(Kind):
    """A list of values of one kind; also of records."""

    name = "list"

    def __init__(self, info: ParameterInfo, inner: Kind) -> None:
        super().__init__(info)
        self.inner = inner

    def decode(self, raw: Any) -> Any:
        return self._each(raw, self.inner.decode)

    def coerce(self, value: Any) -> Any:
        return self._each(list(value) if isinstance(value, tuple) else value, self.inner.coerce)

    def _each(self, raw: Any, read: Any) -> list[Any]:
        if not isinstance(raw, list):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        if len(raw) < self.info.min_length:
            raise ParameterError(f"must have at least {self.info.min_length} of {self.inner.requirement()}")
        result = []
        for index, one in enumerate(raw):
            try:
                result.append(read(one))
            except ParameterError as error:
                raise ParameterError(f"entry {index + 1}: {error}", f"[{index}]{error.parameter}") from None
        return result

    def encode(self, value: Any) -> Any:
        return [self.inner.encode(one) for one in value]

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        return [
            Fault(f"[{index}]{fault.place}", f"entry {index + 1}: {fault.sentence}", fault.position)
            for index, one in enumerate(value)
            for fault in self.inner.check(one, schemas, default_port)
        ]

    def json_schema(self) -> dict[str, Any]:
        least = {"minItems": self.info.min_length} if self.info.min_length else {}
        return {"type": "array", "items": self.inner.json_schema()} | least

    def requirement(self) -> str:
        return f"a list, each {self.inner.requirement()}"


class MappingKind(Kind):
    """Named values of one kind."""

    name = "mapping"

    def __init__(self, info: ParameterInfo, inner: Kind) -> None:
        super().__init__(info)
        self.inner = inner

    def decode(self, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        result = {}
        for name, one in raw.items():
            try:
                result[name] = self.inner.decode(one)
            except ParameterError as error:
                raise ParameterError(f'"{shorten(name)}": {error}', f".{name}{error.parameter}") from None
        return result

    def encode(self, value: Any) -> Any:
        return {name: self.inner.encode(one) for name, one in value.items()}

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        schema = schemas.get(self._port(default_port)) if self.info.port else None
        faults = [
            Fault(f".{n}", no_column(n, schema)) for n in value if schema is not None and n not in schema
        ]
        for name, one in value.items():
            for fault in self.inner.check(one, schemas, default_port):
                faults.append(
                    Fault(f".{name}{fault.place}", f'"{shorten(name)}": {fault.sentence}', fault.position)
                )
        return faults

    def json_schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.inner.json_schema()}

    def requirement(self) -> str:
        return f"an object, each value {self.inner.requirement()}"


class RecordKind(Kind):
    """An object with declared fields."""

    name = "record"

    def __init__(self, info: ParameterInfo, record: type[Record]) -> None:
        super().__init__(info)
        self.record = record

    def decode(self, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise ParameterError(f"must be {self.requirement()}, not {describe(raw)}")
        value, faults = self.record.decode(raw)
        if faults:
            first = faults[0].place
            raise ParameterError(
                "; ".join(f'"{f.place}" {f.sentence}' for f in faults), f".{first}" if first else ""
            )
        return value

    def coerce(self, value: Any) -> Any:
        return value if isinstance(value, self.record) else self.decode(value)

    def encode(self, value: Any) -> Any:
        return value.to_json()

    def check(
        self, value: Any, schemas: Mapping[str, Mapping[str, pl.DataType]], default_port: str
    ) -> list[Fault]:
        return [
            Fault(f".{one.name}{fault.place}", f"{one.name}: {fault.sentence}", fault.position)
            for one, part in value.values()
            for fault in one.kind.check(part, schemas, default_port)
        ]

    def json_schema(self) -> dict[str, Any]:
        return object_schema(self.record.parameters())

    def requirement(self) -> str:
        return f"an object with {', '.join(self.record.parameters())}"


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a node or record."""

    name: str
    kind: Kind
    info: ParameterInfo

    @property
    def base(self) -> Kind:
        """The kind without "or null"."""
        return self.kind.inner if isinstance(self.kind, OptionalKind) else self.kind

    @property
    def label(self) -> str:
        """The name in words, for the dialog."""
        return self.info.label or self.name.replace("_", " ").capitalize()

    def default_value(self) -> Any:
        """A fresh copy of the default; lists and mappings are not shared."""
        default = self.info.default
        return default.copy() if isinstance(default, list | dict) else self._coerced(default)

    def _coerced(self, default: Any) -> Any:
        # a formula written as plain text in the declaration
        return self.kind.coerce(default) if isinstance(self.base, ExpressionKind) else default

    def requirement(self) -> str:
        """What is accepted, in words."""
        return self.kind.requirement()

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of the parameter with its help; a variable may stand for any value."""
        schema: dict[str, Any] = {"anyOf": [self.kind.json_schema(), {"$ref": "#/$defs/variable"}]}
        if self.info.help:
            schema["description"] = self.info.help
        if self.info.default is not MISSING:
            schema["default"] = self.kind.encode(self.default_value())
        return schema


def object_schema(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """JSON Schema of an object with these parameters."""
    required = [name for name, one in parameters.items() if one.info.default is MISSING]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: one.json_schema() for name, one in parameters.items()},
        "additionalProperties": False,
    }
    return schema | ({"required": required} if required else {})


_KINDS: dict[Any, Any] = {
    bool: BooleanKind,
    int: IntegerKind,
    float: NumberKind,
    str: TextKind,
    Code: CodeKind,
    Colour: ColourKind,
    Column: ColumnKind,
    Columns: ColumnsKind,
    Expression: ExpressionKind,
    Host: HostKind,
    Seed: SeedKind,
    Secret: SecretKind,
    datetime.date: DateKind,
    Any: ScalarKind,
}


def kind_of(annotation: Any, info: ParameterInfo, record_type: type) -> Kind:
    """The kind for a type annotation; raises `TypeError` for one that is no parameter type."""
    if annotation in (InputPath, OutputPath):
        return PathKind(info, annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return ChoiceKind(info, arguments)
    if origin in (typing.Union, types.UnionType):
        inner = [one for one in arguments if one is not type(None)]
        if len(inner) == 1 and len(arguments) == 2:
            kind = kind_of(inner[0], info, record_type)
            if isinstance(kind, PathKind):
                return OptionalPathKind(info, kind.type)
            if isinstance(kind, CodeKind):
                return OptionalCodeKind(info)
            return kind if isinstance(kind, SeedKind) else OptionalKind(kind)
    # bounds and types speak of the entries, the least length of the list
    entry = ParameterInfo(**{**vars(info), "min_length": 0, "default": MISSING})
    if origin is list:
        return ListKind(info, _nestable(kind_of(arguments[0], entry, record_type)))
    if origin is dict and arguments[0] is str:
        return MappingKind(info, _nestable(kind_of(arguments[1], entry, record_type)))
    if isinstance(annotation, type) and issubclass(annotation, record_type):
        for one in annotation.parameters().values():  # type: ignore[attr-defined]
            _nestable(one.kind)
        return RecordKind(info, typing.cast("type[Record]", annotation))
    try:
        return typing.cast(Kind, _KINDS[annotation](info))
    except (KeyError, TypeError):
        raise TypeError(f"{annotation!r} is not a type a parameter can have") from None


def _nestable(kind: Kind) -> Kind:
    """The kind, unless its values are guarded one by one and must not hide within others."""
    if isinstance(kind, PathKind | HostKind | CodeKind | SeedKind):
        raise TypeError(
            f"a {kind.name} must be a parameter of its own, not an entry of a list, mapping or record, so that "
            "what a workflow reads, writes, reaches and runs is known"
            + ("; a path may be a pattern for many files" if isinstance(kind, PathKind) else "")
        )
    return kind
