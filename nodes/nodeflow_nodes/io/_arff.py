"""ARFF, the text format of Weka: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow_nodes.io._formats import wrong_format
from nodeflow_nodes.io._text_file import Encoding
from nodeflow_nodes.io._whole_text import whole_text

_VALUE = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"{}\s%][^,{}]*?)?)\s*(?:,|$)""")
_ATTRIBUTE = re.compile(
    r"""@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{]+))\s*(.*)""", re.IGNORECASE
)
_TOKENS = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MMM", "%b"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"),
    ("ss", "%S"), ("'", ""),
)  # fmt: skip
_ISO = "yyyy-MM-dd'T'HH:mm:ss"
_NUMBERS = {"numeric": pl.Float64(), "real": pl.Float64(), "integer": pl.Int64()}
_MISSING = object()


@dataclass(frozen=True)
class _Attribute:
    name: str
    dtype: pl.DataType
    values: tuple[str, ...] = ()
    format: str = ""


def read(path: str, encoding: Encoding) -> pl.DataFrame:
    """The table of a file."""
    attributes: list[_Attribute] = []
    cells: list[list[Any]] = []
    in_data = False
    for number, raw in enumerate(whole_text(path, encoding).decode().split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("%"):
            continue
        try:
            word = line.split(None, 1)[0].lower()
            if in_data:
                _add(line, attributes, cells)
            elif word == "@attribute":
                attributes.append(_attribute(line))
                cells.append([])
            elif word == "@data":
                in_data = True
                _check(attributes)
            elif word != "@relation":
                if number == 1 or not attributes:
                    raise wrong_format(path, "an ARFF file, which begins with @relation")
                raise ValueError(
                    f'"{shorten(line, 40)}" is no declaration; it must begin with @attribute or @data'
                )
        except ValueError as error:
            raise NodeFailed(f"{path}, line {number}: {error}") from None
    if not in_data:
        raise NodeFailed(f"{path} is incomplete: it has no @data; fetch or write it again")
    return pl.DataFrame(
        [pl.Series(one.name, column, dtype=one.dtype) for one, column in zip(attributes, cells, strict=True)]
    )


def _check(attributes: list[_Attribute]) -> None:
    names = [one.name for one in attributes]
    if not names:
        raise ValueError("there is no @attribute before @data")
    twice = [name for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise ValueError(f"two attributes are called {listing(twice[:1])}; rename one")


def _attribute(line: str) -> _Attribute:
    found = _ATTRIBUTE.fullmatch(line)
    if found is None:
        raise ValueError(f'"{shorten(line, 60)}" must be @attribute, a name and a type')
    name = _unescaped(next(part for part in found.groups()[:3] if part is not None))
    kind = found[4].strip()
    if kind.startswith("{"):
        if not kind.endswith("}"):
            raise ValueError(f'the values of "{shorten(name)}" do not end with a brace')
        values = tuple(dict.fromkeys(str(one) for one in _values(kind[1:-1]) if one is not _MISSING))
        return _Attribute(name, pl.Enum(values), values)
    word, _, rest = kind.partition(" ")
    if word.lower() in _NUMBERS:
        return _Attribute(name, _NUMBERS[word.lower()])
    if word.lower() == "string":
        return _Attribute(name, pl.String())
    if word.lower() == "date":
        return _Attribute(name, pl.Datetime("us"), format=_format(rest.strip().strip("\"'") or _ISO))
    raise ValueError(
        f'the type "{shorten(kind, 40)}" of "{shorten(name)}" is not known; known are numeric, real, integer, string, '
        "date and {...}"
    )


def _format(java: str) -> str:
    for token, ours in _TOKENS:
        java = java.replace(token, ours)
    left = re.sub(r"%[YymbdHMS]", "", java)
    if re.search(r"[A-SU-Za-z]", left):
        raise ValueError(f'the date format "{shorten(java, 40)}" is not known')
    return java


def _add(line: str, attributes: list[_Attribute], cells: list[list[Any]]) -> None:
    if line.startswith("{"):
        row = _sparse(line, attributes)
    else:
        row = _values(line)
        if len(row) != len(attributes):
            raise ValueError(f"{len(row)} values, but there are {len(attributes)} attributes")
    for value, attribute, column in zip(row, attributes, cells, strict=True):
        column.append(None if value is _MISSING else _parsed(value, attribute))


def _sparse(line: str, attributes: list[_Attribute]) -> list[Any]:
    row: list[Any] = [one.values[0] if one.values else "0" for one in attributes]
    inner = line[1:].rpartition("}")[0].strip()
    for part in _split(inner) if inner else ():
        place, _, value = part.strip().partition(" ")
        if not place.isdecimal() or int(place) >= len(attributes):
            raise ValueError(f'"{shorten(part, 40)}" must be the number of an attribute from 0 and a value')
        row[int(place)] = _values(value)[0]
    return row


def _split(text: str) -> list[str]:
    """Parts between commas outside quotes."""
    return re.findall(r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,'"])+""", text)


def _values(text: str) -> list[Any]:
    """The values of a row: texts, or the mark of a missing one."""
    result: list[Any] = []
    at = 0
    text = text.strip()
    while True:
        found = _VALUE.match(text, at)
        if found is None:
            raise ValueError(f'"{shorten(text[at:], 40)}" is no value; put it in quotes')
        single, double, plain = found.groups()
        quoted = single if single is not None else double
        if quoted is not None:
            result.append(_unescaped(quoted))
        else:
            result.append(_MISSING if plain in (None, "", "?") else plain)
        if found.end() >= len(text) and not found[0].endswith(","):
            return result
        at = found.end()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _parsed(value: str, attribute: _Attribute) -> Any:
    try:
        if attribute.dtype == pl.Float64:
            number = float(value)
            return None if number != number else number
        if attribute.dtype == pl.Int64:
            whole = float(value) if "." in value or "e" in value.lower() else int(value)
            if whole != int(whole) or not -(2**63) <= whole < 2**63:
                raise ValueError
            return int(whole)
        if attribute.format:
            return datetime.datetime.strptime(value, attribute.format)
    except (ValueError, OverflowError):
        kind = "a number" if not attribute.format else f"a date like {attribute.format}"
        raise ValueError(
            f'"{shorten(value, 40)}" of "{shorten(attribute.name)}" is not {kind}; mend the line or its type'
        ) from None
    if attribute.values and value not in attribute.values:
        raise ValueError(
            f'"{shorten(value, 40)}" of "{shorten(attribute.name)}" is none of its values {listing(attribute.values)}'
        )
    return value
