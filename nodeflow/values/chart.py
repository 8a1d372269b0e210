"""Chart: a Vega-Lite specification with its data, and the pictures made of it without a browser."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from nodeflow.errors import NodeflowError, shorten
from nodeflow.values.codec import Codec
from nodeflow.values.specs import ChartSpec

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v5.json"
Format = Literal["png", "svg", "pdf", "json"]

MOST_ROWS = 100_000
"""Rows a chart may carry; a node bins or samples what is larger and says so."""

_STUMBLES = frozenset(
    (
        "constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf",
        "propertyIsEnumerable", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
    )
)  # fmt: skip
"""Texts that Vega takes for something else wherever they stand, and then draws nothing."""

_VERSIONS = {"v5": "5.20"}  # the one of each major version that every vl-convert we allow can draw


class Chart:
    """A picture of data as a Vega-Lite specification; treat it as immutable.

    The specification holds its data inline, so that it can be shown anywhere, and nothing of it is
    fetched: not data, not images. Numbers that are not finite become null. `spec` says what it shows.
    """

    __slots__ = ("spec", "specification")

    def __init__(self, specification: Mapping[str, Any], spec: ChartSpec | None = None) -> None:
        self.specification: dict[str, Any] = {"$schema": VEGA_LITE, **_plain(specification)}
        _check(self.specification)
        self.spec = spec or ChartSpec(_title(specification))

    @property
    def columns(self) -> dict[str, str]:
        """The table's column behind each field of the data whose values are a column's, as far as known."""
        told: Any = self.specification.get("usermeta")
        for name in ("nodeflow", "columns"):
            told = told.get(name) if isinstance(told, dict) else None
        named = told.items() if isinstance(told, dict) else ()
        return {name: one for name, one in named if isinstance(one, str)}

    @classmethod
    def wrap(cls, value: Any) -> Chart:
        """A chart from a chart, a specification or an Altair chart; raises `NodeflowError` otherwise."""
        if isinstance(value, Chart):
            return value
        if isinstance(value, Mapping):
            return cls(value)
        if hasattr(value, "to_dict"):
            return cls(value.to_dict())
        raise NodeflowError(f"a chart cannot be made of a {type(value).__qualname__}")

    def to_bytes(self, format: Format, *, scale: float = 2.0) -> bytes:
        """The chart as a file: "png" with `scale` pixels a point, "svg", "pdf" or "json".

        Raises:
            NodeflowError: the specification is none that Vega-Lite can draw, or vl-convert is missing.
        """
        if format == "json":
            return json.dumps(self.specification, ensure_ascii=False, indent=1).encode()
        convert = _converter()
        schema = str(self.specification["$schema"]).rpartition("/")[2]
        options: dict[str, Any] = {
            "vl_version": _VERSIONS.get(schema.removesuffix(".json")),
            "allowed_base_urls": [],
        }
        text = json.dumps(self.specification)
        try:
            if format == "png":
                return bytes(convert.vegalite_to_png(text, scale=scale, **options))
            if format == "svg":
                return str(convert.vegalite_to_svg(text, **options)).encode()
            return bytes(convert.vegalite_to_pdf(text, **options))
        except ValueError as error:
            reason = " ".join(line for line in str(error).splitlines() if not line.startswith("    at "))
            raise NodeflowError(f"the chart cannot be drawn: {shorten(reason, 200)}") from error

    def __repr__(self) -> str:
        return f"Chart({self.spec.title!r})"

    def _repr_svg_(self) -> str | None:
        try:
            return self.to_bytes("svg").decode()
        except NodeflowError:
            return None  # a notebook then shows the text


def _title(specification: Mapping[str, Any]) -> str:
    title = specification.get("title", "")
    return str(title.get("text", "")) if isinstance(title, Mapping) else str(title)


def drawable(text: str) -> str:
    """The text, followed by a blank without width where Vega would stumble over it."""
    return f"{text}\u200b" if text in _STUMBLES else text


def _plain(value: Any) -> Any:
    """The value as JSON has it: null for what is not finite, ISO text for moments."""
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {drawable(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if hasattr(value, "item"):  # a NumPy scalar
        return _plain(value.item())
    raise NodeflowError(f"a chart cannot hold a {type(value).__qualname__}")


def _check(specification: Mapping[str, Any]) -> None:
    """Refuse too much data, and images, whose addresses would be fetched while drawing."""
    waiting: list[Any] = [specification]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            for name, part in one.items():
                if name in ("values", "datasets"):
                    rows = part if isinstance(part, list) else []
                    sets = part.values() if isinstance(part, dict) else ()
                    if max((len(s) for s in (rows, *sets) if isinstance(s, list)), default=0) > MOST_ROWS:
                        raise NodeflowError(
                            f"a chart cannot carry more than {MOST_ROWS:,} rows; bin or sample them first"
                        )
                elif name == "mark" and "image" in (part, part.get("type") if isinstance(part, dict) else ""):
                    raise NodeflowError("a chart cannot hold images, which are fetched from elsewhere")
                else:
                    waiting.append(part)


def _converter() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise NodeflowError(
            "pictures of charts need the package vl-convert-python; install it by: pip install nodeflow[report]"
        ) from None
    return vl_convert


class ChartCodec(Codec):
    """Charts are stored as JSON."""

    suffix = ".chart.json"

    def pack(self, value: Any) -> bytes:
        data = {
            "specification": value.specification,
            "title": value.spec.title,
            "fields": list(value.spec.fields),
        }
        return json.dumps(data, ensure_ascii=False).encode()

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Chart:
        raw = path if isinstance(path, bytes) else path.read_bytes()
        try:
            data = msgspec.json.decode(raw, type=_Stored)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise NodeflowError(f"not a chart nodeflow can load: {shorten(str(error), 200)}") from None
        return Chart(data.specification, ChartSpec(data.title, tuple(data.fields)))

    def spec_of(self, value: Any) -> ChartSpec:
        spec: ChartSpec = value.spec
        return spec


class _Stored(msgspec.Struct):
    specification: dict[str, Any]
    title: str
    fields: list[str]
