"""Texts of well-known forms as lines, with faults told by file and line."""

from __future__ import annotations

import os
from collections.abc import Iterator

from nodeflow.errors import NodeFailed, shorten
from nodeflow_nodes.io._text_file import Encoding, files_of
from nodeflow_nodes.io._whole_text import whole_text

MOST_BYTES = 1 << 30


def lines_of(path: str, encoding: Encoding, ending: str = ".txt") -> Iterator[tuple[str, int, str]]:
    """File name, line number and line of all files a path or pattern stands for; raises `NodeFailed`."""
    for file in files_of(path, ending):
        name = os.path.basename(file)
        text = whole_text(file, encoding, MOST_BYTES).decode().removesuffix("\n")
        for number, line in enumerate(text.split("\n"), 1):
            yield name, number, line


def wrong_line(name: str, number: int, line: str, wanted: str) -> NodeFailed:
    """What to say of a line that is not as it should be."""
    return NodeFailed(
        f'{name}, line {number:,} is not {wanted}, but "{shorten(line, 60)}"; is it another file?'
    )
