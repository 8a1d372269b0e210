"""Which code of workflows the user lets run: digests, each with a MAC by a key of the user's own.

The file alone lets nothing run: whoever can write it, but not read the key, cannot add to it.
"""

from __future__ import annotations

import hmac
import os
import secrets
import sys
import unicodedata
from pathlib import Path

import msgspec

from nodeflow.errors import NodeflowError
from nodeflow.files import atomic_write

FOLDER_VARIABLE = "NODEFLOW_CONFIG_DIR"
"""The environment variable that names another folder for what nodeflow remembers of its user."""

_INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
"""Categories of characters that are not seen, among them those that turn the direction of text."""

_KEY_BYTES = 32
_PURPOSE = b"nodeflow trusts code\0"


def user_folder() -> Path:
    """Where nodeflow keeps what it remembers of its user; the folder need not be there."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "nodeflow"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "nodeflow"
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "nodeflow"


def visible(text: str) -> str:
    """Code with its invisible characters written out: they can make code look like other code."""
    return "".join(
        f"⟨U+{ord(one):04X}⟩" if one not in "\n\t" and unicodedata.category(one) in _INVISIBLE else one
        for one in text.replace("\r\n", "\n")
    )


class TrustedCode:
    """The digests of code that the user has read and lets run, in a folder of the user."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "trusted_code.json"
        self.key_path = folder / "trusted_code.key"
        self.fault = ""
        """Why the last addition could not be written, empty if it was."""
        self._added: set[str] = set()

    def holds(self, digest: str) -> bool:
        """Whether the user let the code of this digest run."""
        if digest in self._added:
            return True
        key, kept = self._key(), self._read().get(digest, "")
        return key is not None and hmac.compare_digest(kept.encode(), _mac(key, digest).encode())

    def add(self, digest: str) -> None:
        """Let the code of this digest run, from now on."""
        if not digest or self.holds(digest):
            return
        self._added.add(digest)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            key = self._key() or self._new_key()
            self._write({**self._read(), digest: _mac(key, digest)})
            self.fault = ""
        except (OSError, NodeflowError) as error:
            self.fault = str(error)

    def remove(self, digest: str) -> None:
        """Let the code of this digest run no more; raises `FileError` if that cannot be written."""
        self._added.discard(digest)
        kept = self._read()
        if kept.pop(digest, None) is not None:
            self._write(kept)

    def _write(self, kept: dict[str, str]) -> None:
        with atomic_write(self.path, "wb") as file:
            file.write(msgspec.json.encode(kept))

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return {}  # a damaged file costs trust that can be given again, nothing else

    def _key(self) -> bytes | None:
        try:
            key = self.key_path.read_bytes()
        except OSError:
            return None
        return key if len(key) == _KEY_BYTES else None

    def _new_key(self) -> bytes:
        key = secrets.token_bytes(_KEY_BYTES)
        # an empty private file first: what replaces it keeps its rights
        descriptor = os.open(self.key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.close(descriptor)
        with atomic_write(self.key_path, "wb") as file:
            file.write(key)
        return key


def _mac(key: bytes, digest: str) -> str:
    return hmac.new(key, _PURPOSE + digest.encode(), "sha256").hexdigest()
