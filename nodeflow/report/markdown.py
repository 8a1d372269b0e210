"""Markdown as HTML that can do no harm: text, headings, lists, tables and links to the web."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LINKS = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)


def tokens_of(text: str) -> Sequence[Token]:
    """The parts of a text; HTML in it is text, and so is a link that leads anywhere but to the web."""
    return _parser().parse(text)


def to_html(text: str) -> str:
    """The text as HTML, its headings one level down."""
    return str(_parser().render(text))


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.validateLink = _is_harmless  # type: ignore[method-assign]
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    return parser


def _is_harmless(url: str) -> bool:
    return _LINKS.match(url) is not None


def _link(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, index, options, env))


def _heading(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    level = min(int(token.tag[1]) + 1, 6)
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"
