"""The code that a workflow brings along, and whether it may run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nodeflow.errors import TrustError
from nodeflow.resolution import Resolution
from nodeflow.trusted_code import TrustedCode, user_folder

if TYPE_CHECKING:
    from nodeflow.execution.run import Options


def code_hash(resolution: Resolution) -> str:
    """The digest of all code the workflow brings along, empty if it brings none."""
    texts = [f"{name}\0{text}" for name, _, text in code_of(resolution)]
    return hashlib.sha256("\0\0".join(texts).encode()).hexdigest() if texts else ""


def code_of(resolution: Resolution) -> list[tuple[str, str, str]]:
    """The code that the workflow brings along: node, title and text."""
    return [
        (name, resolved.title, text)
        for name, resolved in resolution.nodes.items()
        if resolved.node is not None
        for text in resolved.node.code_texts()
    ]


def is_trusted(resolution: Resolution, options: Options) -> bool:
    """Whether that code may run: by an option of the run, or because the user let it for good."""
    digest = code_hash(resolution)
    return (
        options.settings.trusted
        or options.trust_hash == (digest or None)
        or (bool(digest) and TrustedCode(user_folder()).holds(digest))
    )


def check_trust(resolution: Resolution, options: Options) -> None:
    """Raise `TrustError` if the workflow would run code that nobody let run; code made in Python is the program's."""
    digest = code_hash(resolution)
    made_in_code = resolution.workflow.path is None
    if not digest or options.restricted or made_in_code or is_trusted(resolution, options):
        return
    nodes = list(dict.fromkeys(title for _, title, _ in code_of(resolution)))
    raise TrustError(
        f"the workflow holds code of its own ({', '.join(nodes[:5])}); read it, then allow it for this run by "
        f"--trust, for exactly this code by --trust-hash {digest}, or for good by nodeflow trust; "
        "--restricted runs the rest without it"
    )
