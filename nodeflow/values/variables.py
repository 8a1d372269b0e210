"""Variables: named scalars on a wire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from nodeflow.values.codec import Codec
from nodeflow.values.specs import VariablesSpec

Scalar = bool | int | float | str | None


class Variables(dict[str, Scalar]):
    """Named scalars: booleans, whole numbers, numbers, texts or null."""


def type_name(value: Any) -> str:
    """The name of a scalar's type: "boolean", "integer", "number", "text" or "any" for null."""
    names = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return names.get(type(value), "any")


class VariablesCodec(Codec):
    """Variables are stored as JSON."""

    suffix = ".json"

    def pack(self, value: Any) -> bytes:
        return msgspec.json.encode(value)

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Variables:
        raw = path if isinstance(path, bytes) else path.read_bytes()
        return Variables(msgspec.json.decode(raw, type=dict[str, Scalar]))

    def spec_of(self, value: Any) -> VariablesSpec:
        return VariablesSpec({name: type_name(one) for name, one in value.items()})
