"""Whether the code in a document may run: the user let it run, or wrote it here by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodeflow.errors import NodeflowError
from nodeflow_gui.document.document import EditorDocument


class Trust:
    """Follows a document: code that is changed by hand stays trusted if it was, and so does what is written anew.

    Code that comes by a file, by the clipboard or from a crashed session is not, until its digest is known.
    """

    def __init__(self, document: EditorDocument) -> None:
        self._document = document
        self._texts: set[str] = set()
        document.written.connect(self._note)

    def covers(self, code: Mapping[str, Any], allowed: set[str], knows: Callable[[str], bool]) -> bool:
        """Whether all code of a checked document may run; a digest that the user knows vouches for its texts."""
        texts = {one["text"] for one in code["texts"]}
        if code["hash"] in allowed or knows(code["hash"]):
            self._texts |= texts
        return texts <= self._texts

    def _note(self, node: str, name: str, before: Any, after: Any) -> None:
        try:
            declared = self._document.declaration_of(node)["parameters"]
        except NodeflowError:
            return
        own = next((one for one in declared if one["name"] == name), None)
        if own is None or own["kind"] != "code" or not isinstance(after, str):
            return
        if before in (None, "", own.get("default")) or before in self._texts:
            self._texts.add(after)
