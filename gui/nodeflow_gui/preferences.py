"""What the editor remembers of its user: theme, language, recent files, sizes. One small JSON file."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from nodeflow.errors import NodeflowError
from nodeflow.files import atomic_write
from nodeflow.trusted_code import TrustedCode, user_folder

_RECENT_FILES = 12
_RECENT_SHOWN = 8
_PATIENCE = 0.05
"""Seconds to look whether recent files are there."""
_RECENT_NODES = 8


class Kept(msgspec.Struct, omit_defaults=True):
    """The content of the file. Every field has a default, so an older file reads as well."""

    theme: Literal["light", "dark", "system"] = "system"
    language: str = ""
    cache_folder: str = ""
    cache_gigabytes: float | None = None
    memory_gigabytes: float | None = None
    backend: Literal["", "jax", "tensorflow", "torch"] = ""
    open_last: bool = False
    recent_files: list[str] = msgspec.field(default_factory=list)
    recent_nodes: list[str] = msgspec.field(default_factory=list)
    favourites: list[str] = msgspec.field(default_factory=list)
    folded_groups: list[str] = msgspec.field(default_factory=list)
    window: dict[str, Any] = msgspec.field(default_factory=dict)


class Preferences:
    """The preferences of one folder; a change is written at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "editor.json"
        self.kept = self._read()
        self.code = TrustedCode(folder)
        self.nodes_path: list[str] = []
        """Files and folders with nodes of the user's own, named on the command line; not kept."""
        self.fault = ""
        """Why the last change could not be written, empty if it was."""

    def _read(self) -> Kept:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Kept)
        except FileNotFoundError:
            return Kept()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            # a damaged file costs the preferences, never the start of the program
            return Kept()

    def change(self, **values: Any) -> None:
        """Take other values and write them."""
        for name, value in values.items():
            setattr(self.kept, name, value)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(self.path, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(self.kept)) + b"\n")
            self.fault = ""
        except (OSError, NodeflowError) as error:
            self.fault = str(error)

    def recent_files(self) -> list[Path]:
        """The workflow files used last that are still there, the newest first."""
        files = [Path(name) for name in self.kept.recent_files]
        there: dict[Path, bool] = {}

        def look() -> None:
            for one in files:
                there[one] = one.exists()

        # a drive that is away answers after seconds: what is not known by then is taken to be there
        thread = threading.Thread(target=look, name="nodeflow-recent", daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        return [one for one in files if there.get(one, True)][:_RECENT_SHOWN]

    def file_used(self, path: Path) -> None:
        """Put a workflow file at the head of the recent ones."""
        name = str(path)
        kept = [one for one in self.kept.recent_files if one != name]
        self.change(recent_files=[name, *kept][:_RECENT_FILES])

    def node_used(self, type_id: str) -> None:
        """Put a node type at the head of the recent ones."""
        kept = [one for one in self.kept.recent_nodes if one != type_id]
        self.change(recent_nodes=[type_id, *kept][:_RECENT_NODES])

    def toggle_favourite(self, type_id: str) -> None:
        """Make a node type a favourite, or no longer."""
        kept = self.kept.favourites
        self.change(
            favourites=[one for one in kept if one != type_id] if type_id in kept else [*kept, type_id]
        )


@cache
def _of(place: Path) -> Preferences:
    return Preferences(place)


def preferences() -> Preferences:
    """The preferences of the user."""
    return _of(user_folder())
