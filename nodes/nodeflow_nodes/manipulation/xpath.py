"""XPath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodeflow_nodes.manipulation._extracting import ExtractingNode


class XPath(ExtractingNode):
    """Make columns of what XML texts in a column hold.

    An XPath says what is looked for: `//title` all titles, `/book/author[1]/@id` an attribute,
    `count(//chapter)` a number. Prefixes of namespaces are those of the document. A column of type list
    takes all that is found, any other the first of it; an element gives the text in it. What is not
    there is missing. Nothing but the text itself is read, and one that declares entities is refused.

    Inputs:
        table: The table with the texts.
    Outputs:
        table: The table with the new columns, last.
    """

    id = "xpath"
    name = "XPath"
    category = "Manipulation / Column"
    keywords = ("xml", "extract xml", "parse xml", "elementtree", "html")
    language = "XML"

    @classmethod
    def reader(cls, path: str) -> Callable[[Any], list[Any]]:
        from nodeflow_nodes.io._xml import expression, found_by, text_of

        expression(path)
        return lambda root: [text for one in found_by(root, path) if (text := text_of(one)) is not None]

    @classmethod
    def document(cls, text: str) -> Any:
        from nodeflow_nodes.io._xml import parse

        return parse(text.encode(), encoding="utf-8")
