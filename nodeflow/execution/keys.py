"""Cache keys: what a node's result depends on, as named parts and as one digest.

A node has a *deep* key, made of its own parts and the deep keys of all it depends on, known before
anything runs; and a *shallow* key, in which inputs that exist count by the digest of their content.
Results are found under both: the shallow key gives early cut-off when an edit changes nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

import nodeflow
from nodeflow.execution.code import CodeDigests
from nodeflow.files import FileDigests
from nodeflow.node import Node
from nodeflow.parameters.kinds import PathKind
from nodeflow.parameters.special import InputPath
from nodeflow.patterns import files_fitting, fixed_folder
from nodeflow.resolution import Source

Parts = dict[str, Any]
"""What a node's result depends on besides its inputs: plain JSON data, compared to tell what changed."""

VERSION = 1
"""Raised when the engine itself changes what a stored result means."""


def parts_of(
    node: Node, seed: int | None, code: CodeDigests, files: FileDigests, device: str = "auto"
) -> Parts | None:
    """The parts of a node's key; None if its code cannot be read, so that nothing can be reused.

    Raises:
        NodeflowError: a file it reads cannot be read.
    """
    digest = code.of(type(node))
    if not digest.digest or node.reads_outside:
        return None
    parameters = node.to_json()
    read: dict[str, Any] = {}
    for one, value in node.values():
        if isinstance(one.kind, PathKind) and one.kind.type is InputPath and isinstance(value, str):
            # name and content count, not the place
            del parameters[one.name]
            read[one.name] = file_digests(value, files)
    parts: Parts = {
        "type": [node.id, node.version],
        "code": digest.digest,
        "libraries": digest.libraries,
        "parameters": parameters,
    }
    if read:
        parts["files"] = read
    if seed is not None:
        parts["seed"] = seed
    surroundings = node.surroundings(device)
    if surroundings:
        parts["surroundings"] = dict(surroundings)
    return parts


def file_digests(path: str, files: FileDigests) -> list[list[str]]:
    """Name and content digest of a file, or of each file a pattern fits, in order.

    A reader may tell the name of a file in its result, and those of the folders in which a pattern found
    it, such as `year=2024`; where the files lie as a whole counts for nothing.
    """
    start = fixed_folder(path)
    return [
        [os.path.relpath(one, start).replace(os.sep, "/"), files.digest(one)] for one in files_fitting(path)
    ]


def fingerprint(parts: Parts) -> bytes:
    """The digest of a node's own parts."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()


_BASE = f"{VERSION} {nodeflow.__version__}".encode()


def combined(
    own: bytes, inputs: Mapping[str, Sequence[Source]], identity: Callable[[Source], str | None]
) -> str | None:
    """The key of a node from its fingerprint and the identities of its inputs; None if one has none."""
    told = hashlib.sha256(_BASE)
    told.update(own)
    for port in sorted(inputs):
        told.update(f"\0{port}".encode())
        for source in inputs[port]:
            one = identity(source)
            if one is None:
                return None
            told.update(b"\1")
            told.update(one.encode())
    return told.hexdigest()


def changes(now: Parts, before: Parts) -> list[str]:
    """What differs between two sets of parts, in words."""
    found: list[str] = []
    old, new = before.get("parameters", {}), now["parameters"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if names:
        found.append(f"{'parameters' if len(names) > 1 else 'parameter'} {', '.join(sorted(names))} changed")
    if now.get("files") != before.get("files"):
        found.append("the name or content of a file it reads changed")
    if now.get("seed") != before.get("seed"):
        found.append("the seed changed")
    around, was_around = now.get("surroundings", {}), before.get("surroundings", {})
    others = sorted(name for name in {**around, **was_around} if around.get(name) != was_around.get(name))
    if others:
        found.append(f"another {', '.join(others)}")
    if now["type"] != before.get("type"):
        found.append("it is another node type or version")
    elif now["code"] != before.get("code"):
        found.append("the code of the node changed")
    if now["libraries"] != before.get("libraries"):
        was, libraries = before.get("libraries", {}), now["libraries"]
        names = sorted(name for name in {**was, **libraries} if was.get(name) != libraries.get(name))
        found.append(f"another version of {', '.join(names)}")
    return found
