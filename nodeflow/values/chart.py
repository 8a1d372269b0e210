"""Chart: a Vega-Lite specification with its data, and the pictures made of it without a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from nodeflow.errors import NodeflowError
from nodeflow.values.codec import Codec
from nodeflow.values.specs import ChartSpec

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v5.json"
Format = Literal["png", "svg", "pdf", "json"]


class Chart:
    """A picture of data as a Vega-Lite specification; treat it as immutable.

    The specification holds its data inline, so that it can be shown anywhere. `spec` says what it shows.
    """

    __slots__ = ("spec", "specification")

    def __init__(self, specification: Mapping[str, Any], spec: ChartSpec | None = None) -> None:
        self.specification: dict[str, Any] = {"$schema": VEGA_LITE, **specification}
        self.spec = spec or ChartSpec(_title(specification))

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
        """The chart as a file: "png" with `scale` pixels a point, "svg", "pdf" or "json"."""
        if format == "json":
            return json.dumps(self.specification, ensure_ascii=False, indent=1).encode()
        convert = _converter()
        text = json.dumps(self.specification)
        if format == "png":
            picture: bytes = convert.vegalite_to_png(text, scale=scale)
            return picture
        if format == "svg":
            return str(convert.vegalite_to_svg(text)).encode()
        page: bytes = convert.vegalite_to_pdf(text)
        return page

    def __repr__(self) -> str:
        return f"Chart({self.spec.title!r})"

    def _repr_svg_(self) -> str:
        return self.to_bytes("svg").decode()


def _title(specification: Mapping[str, Any]) -> str:
    title = specification.get("title", "")
    return str(title.get("text", "")) if isinstance(title, Mapping) else str(title)


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
        data = msgspec.json.decode(raw)
        return Chart(data["specification"], ChartSpec(data["title"], tuple(data["fields"])))

    def spec_of(self, value: Any) -> ChartSpec:
        spec: ChartSpec = value.spec
        return spec
