"""What a command answers on standard output for other programs: always UTF-8, whatever the terminal."""

from __future__ import annotations

import json
from typing import Any

import click


def tell_json(data: Any) -> None:
    """Plain data as JSON. What UTF-8 has no form for, such as an odd file name, stands escaped."""
    tell_file(json.dumps(data, ensure_ascii=False, indent=1))


def tell_file(text: str) -> None:
    """The text of a file, ending with a line break."""
    # half of a surrogate pair becomes \\udcff, which JSON reads back as it was
    click.echo(text.rstrip("\n").encode("utf-8", "backslashreplace"))


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 node", "1,200 nodes"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
