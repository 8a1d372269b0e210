"""How a value of one port type goes to disk and comes back: data only, never code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodeflow.values.specs import Spec


@dataclass(frozen=True)
class Payload:
    """What a codec says of the file it wrote: small facts kept beside it, such as row counts."""

    meta: dict[str, Any] = field(default_factory=dict)


class Codec:
    """Stores and loads the values of one port type.

    The same value must give the same bytes, since the bytes' digest is the value's identity.
    """

    suffix = ""

    def pack(self, value: Any) -> bytes | None:
        """The bytes of a value that is small by nature; None when `dump` writes it to a file."""
        return None

    def dump(self, value: Any, path: Path) -> Payload:
        """Write `value` to `path`."""
        raise NotImplementedError(type(self).__name__)

    def dump_all(self, values: Sequence[Any], paths: Sequence[Path]) -> list[Payload]:
        """Write several values of one node; override where doing so together saves work."""
        return [self.dump(value, path) for value, path in zip(values, paths, strict=True)]

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Any:
        """Read a value back from a file, or from the bytes of a small one."""
        raise NotImplementedError(type(self).__name__)

    def spec_of(self, value: Any) -> Spec | None:
        """The spec of a value that exists."""
        return None
