"""Values of parameters that need a name of their own: paths, secrets, seeds, colours, code."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nodeflow.errors import NodeFailed, shorten


class InputPath(str):
    """The path of something to read; the engine makes it absolute before `run`."""

    __slots__ = ()


class OutputPath(str):
    """The path of a file to write; the engine makes it absolute before `run`."""

    __slots__ = ()


class Host(str):
    """The name or address of a server to reach, or the folder of its socket; empty for none."""

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
    """A reference to a secret: in an environment variable, or in the system's keyring.

    In the keyring it lies under a service (here `keyring`) and the name of a user.
    """

    environment: str = ""
    keyring: str = ""
    user: str = ""

    def reveal(self) -> str:
        """The secret itself; raises `NodeFailed` when it is not there."""
        if self.keyring:
            return self._from_keyring()
        try:
            return os.environ[self.environment]
        except (KeyError, ValueError):
            raise NodeFailed(
                f"the environment variable {shorten(self.environment)} is not set; it must hold the secret"
            ) from None

    def _from_keyring(self) -> str:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise NodeFailed(
                "secrets of the system's keyring need the package keyring: pip install nodeflow[keyring]"
            ) from None
        service, user = shorten(self.keyring), shorten(self.user)
        try:
            found = keyring.get_password(self.keyring, self.user)
        except KeyringError as error:
            raise NodeFailed(
                f'the system\'s keyring cannot be asked for "{service}": {shorten(str(error), 200)}; put the '
                "secret in an environment variable instead"
            ) from None
        if found is None:
            raise NodeFailed(
                f'the system\'s keyring has no secret of "{user}" for "{service}"; store it by: '
                f'keyring set "{service}" "{user}"'
            )
        return str(found)
