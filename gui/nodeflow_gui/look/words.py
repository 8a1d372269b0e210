"""Texts of the user, shown as they are where Qt looks for signs in them."""

from __future__ import annotations

from html import escape


def hint(text: str) -> str:
    """A text to show under the mouse as it is, where Qt would take some for HTML."""
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'


def caption(text: str) -> str:
    """A text for a button, a tab or an entry of a menu, where "&" marks the key of the next letter."""
    return text.replace("&", "&&")
