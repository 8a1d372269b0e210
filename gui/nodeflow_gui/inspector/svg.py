"""Pictures of charts as they come from vl-convert, made fit for Qt and for the theme."""

from __future__ import annotations

import re

from nodeflow.values.looks import swaps
from nodeflow_gui.look import theme

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


def fitting(svg: str) -> str:
    """The picture in the colours of the present theme, without the empty paths at which Qt complains."""
    text = svg.replace(' d=""', ' d="M0,0"')
    if not theme().is_dark:
        return text
    dark = swaps("dark")
    return _COLOUR.sub(lambda found: dark.get(found[0].lower(), found[0]), text)
