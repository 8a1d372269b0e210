"""JSON Path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodeflow_nodes.manipulation._extracting import ExtractingNode


class JsonPath(ExtractingNode):
    """Make columns of what JSON texts in a column hold.

    A path leads from the outermost value inwards: `$.user.name` is the field "name" of the field "user",
    `$.items[0]` the first of a list, `$.items[-1]` the last, `$.items[*].price` the prices of all,
    `$..price` all prices at any depth, and `$['odd name']` a field whose name has other characters. A
    column of type list takes all that a path finds, any other the first of it. An object or a list in a
    text column comes as JSON text. What is not there is missing.

    Inputs:
        table: The table with the texts.
    Outputs:
        table: The table with the new columns, last.
    """

    name = "JSON Path"
    category = "Manipulation / Column"
    keywords = ("json to table", "extract json", "json_normalize", "parse json", "jsonpath", "json extract")
    language = "JSON"

    @classmethod
    def reader(cls, path: str) -> Callable[[Any], list[Any]]:
        from nodeflow_nodes.io._json_path import parse

        return parse(path).find

    @classmethod
    def document(cls, text: str) -> Any:
        import msgspec

        return msgspec.json.decode(text)
