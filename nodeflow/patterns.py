"""Paths that stand for many files: `data/*.csv`, `data/**/*.csv`."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator

ANY_DEPTH = "**"


def is_pattern(path: str) -> bool:
    """Whether a path stands for the files that fit it, and is not the name of a file itself."""
    return any(character in path for character in "*?[") and not os.path.lexists(path)


def files_fitting(path: str) -> list[str]:
    """The files a pattern stands for, sorted, each once; the path itself when it is no pattern.

    `**` stands for any folders below, at one place of the pattern. It follows no links to folders, which may
    lead round in circles.
    """
    if not is_pattern(path):
        return [path]
    found: dict[str, str] = {}
    for one in sorted(one for one in _fitting(path) if not os.path.isdir(one)):
        found.setdefault(os.path.realpath(one), one)
    return list(found.values())


def fixed_folder(path: str) -> str:
    """The folder in which the search for a pattern begins; that of the file when the path is no pattern."""
    if not is_pattern(path):
        return os.path.dirname(path) or os.curdir
    parts = path.replace(os.sep, "/").split("/")
    first = next(index for index, part in enumerate(parts) if any(one in part for one in "*?["))
    return "/".join(parts[: min(first, len(parts) - 1)]) or ("/" if path.startswith("/") else os.curdir)


def _fitting(pattern: str) -> Iterator[str]:
    parts = pattern.replace(os.sep, "/").split("/")
    if ANY_DEPTH not in parts:
        yield from glob.iglob(pattern)
        return
    at = parts.index(ANY_DEPTH)
    rest = [part for part in parts[at + 1 :] if part != ANY_DEPTH] or ["*"]
    for start in glob.iglob("/".join(parts[:at]) or os.curdir):
        for folder, inner, _ in os.walk(start):
            inner[:] = [name for name in inner if not name.startswith(".")]
            yield from glob.iglob(os.path.join(glob.escape(folder), *rest))
