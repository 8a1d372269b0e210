"""Values of parameters that need a name of their own: paths, secrets, seeds, colours, code."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nodeflow.errors import NodeFailed


class InputPath(str):
    """The path of something to read; the engine makes it absolute before `run`."""

    __slots__ = ()


class OutputPath(str):
    """The path of a file to write; the engine makes it absolute before `run`."""

    __slots__ = ()


class Code(str):
    """Source text that a node runs: a workflow with one needs the user's trust."""

    __slots__ = ()


class Colour(str):
    """A colour as `#rrggbb`."""

    __slots__ = ()


class Seed(int):
    """A seed from 0 to 2**32 - 1."""


@dataclass(frozen=True)
class Secret:
    """A reference to a secret in an environment variable."""

    environment: str

    def reveal(self) -> str:
        """The secret itself; raises `NodeFailed` when the variable is not set."""
        try:
            return os.environ[self.environment]
        except KeyError:
            raise NodeFailed(
                f"the environment variable {self.environment} is not set; it must hold the secret"
            ) from None
