"""Watches the file of a document, to say when another program changed it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from nodeflow.files import digest_bytes


class FileWatch(QObject):
    """Tells when the file is not what was last read or written here."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._known = ""
        self._told: str | None = None
        self._watcher = QFileSystemWatcher(self)
        # editors replace files; the folder tells of a new file of the old name
        self._watcher.fileChanged.connect(self._look)
        self._watcher.directoryChanged.connect(self._look)

    def follow(self, path: Path | None, known: str | None = None) -> None:
        """The file was just read or written: what it holds now, or what had the digest, is what is known."""
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        self._path = path
        self._known, self._told = digest_of(path) if known is None else known, None
        if path is not None:
            self._watcher.addPaths([str(one) for one in (path, path.parent) if one.exists()])

    def doubt(self) -> None:
        """What the file holds is not what one goes on with here."""
        self._known = ""

    def is_changed(self) -> bool:
        """Whether the file holds something else than what is known; a file that is gone does too."""
        return self._path is not None and digest_of(self._path) != self._known

    def _look(self) -> None:
        if self._path is not None and str(self._path) not in self._watcher.files() and self._path.exists():
            self._watcher.addPath(str(self._path))
        found = digest_of(self._path)
        # each new content is told once: the folder tells of every other file in it, too
        if found not in (self._known, self._told):
            self._told = found
            self.changed.emit()


def digest_of(path: Path | None) -> str:
    """The digest of a file's content, empty if there is no such file."""
    try:
        return digest_bytes(path.read_bytes()) if path is not None and path.is_file() else ""
    except OSError:
        return ""


def modified_at(path: Path) -> float:
    """When a file was last written, 0 if it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
