"""Functions of texts."""

from __future__ import annotations

from typing import Any

from nodeflow.expressions.function import Group

group = Group("Text")
_define = group.define

_define(
    "upper(x: text) -> text",
    "In capital letters.",
    lambda nw, x: x.str.to_uppercase(),
    ('upper("abc")', "ABC"),
    "ucase",
)
_define(
    "lower(x: text) -> text",
    "In small letters.",
    lambda nw, x: x.str.to_lowercase(),
    ('lower("ABC")', "abc"),
    "lcase",
)
_define(
    "title(x: text) -> text", "Each word with a capital letter.", lambda nw, x: x.str.to_titlecase(),
    ('title("ada lovelace")', "Ada Lovelace"), "capitalize", "proper",
)  # fmt: skip
_define(
    "trim(x: text) -> text", "Without blanks at both ends.", lambda nw, x: x.str.strip_chars(),
    ('trim("  a b ")', "a b"), "strip",
)  # fmt: skip
_define(
    "trim_start(x: text) -> text",
    "Without blanks at the start.",
    lambda nw, x: x.str.strip_chars_start(),
    ('trim_start(" a")', "a"),
    "lstrip",
)
_define(
    "trim_end(x: text) -> text",
    "Without blanks at the end.",
    lambda nw, x: x.str.strip_chars_end(),
    ('trim_end("a ")', "a"),
    "rstrip",
)
_define(
    "length(x: text) -> integer", "The number of characters.", lambda nw, x: x.str.len_chars().cast(nw.Int64),
    ('length("Zürich")', 6), "len",
)  # fmt: skip
_define(
    "contains(x: text, part: constant text) -> boolean",
    "Whether a text has a part, letter by letter.",
    lambda nw, x, part: x.str.contains(part, literal=True),
    ('contains("workflow", "flow")', True),
)
_define(
    "starts_with(x: text, part: constant text) -> boolean",
    "Whether a text starts so.",
    lambda nw, x, part: x.str.starts_with(part),
    ('starts_with("workflow", "work")', True),
    "startswith",
)
_define(
    "ends_with(x: text, part: constant text) -> boolean",
    "Whether a text ends so.",
    lambda nw, x, part: x.str.ends_with(part),
    ('ends_with("workflow", "work")', False),
    "endswith",
)
_define(
    "matches(x: text, pattern: constant pattern) -> boolean",
    "Whether a regular expression is found in a text; ^ and $ bind it to start and end.",
    lambda nw, x, pattern: x.str.contains(pattern),
    ('matches("A-17", "^[A-Z]-[0-9]+$")', True),
    "regex_match",
    "like",
)
_define(
    "replace(x: text, old: constant text, new: constant text) -> text",
    "Every occurrence of a part replaced by another.",
    lambda nw, x, old, new: x.str.replace_all(old, new, literal=True),
    ('replace("1.234.5", ".", "")', "12345"),
    "substitute",
)
_define(
    "replace_pattern(x: text, pattern: constant pattern, new: constant text) -> text",
    "Every match of a regular expression replaced; $1 stands for its first group.",
    lambda nw, x, pattern, new: x.str.replace_all(pattern, new),
    ('replace_pattern("a1b22", "[0-9]+", "#")', "a#b#"),
    "regex_replace",
)
_define(
    "extract(x: text, pattern: constant pattern) -> text",
    "What the first group of a regular expression matches; missing without a match. Write the group in round brackets.",
    lambda nw, x, pattern: nw.when(x.str.contains(pattern)).then(
        x.str.replace(f"(?s)^.*?{pattern}.*$", "$1")
    ),
    ('extract("order 17 of 20", "([0-9]+)")', "17"),
    "regex_extract",
)
_define(
    "substring(x: text, start: constant integer, count: constant integer = -1) -> text",
    "So many characters from a position on, counted from 1; to the end without a count.",
    lambda nw, x, start, count: x.str.slice(_from_one(start), None if count < 0 else count),
    ('substring("workflow", 5, 2)', "fl"),
    "substr",
    "mid",
)
_define(
    "left(x: text, count: constant integer) -> text", "The first characters.",
    lambda nw, x, count: x.str.slice(0, max(count, 0)), ('left("workflow", 4)', "work"),
)  # fmt: skip
_define(
    "right(x: text, count: constant integer) -> text", "The last characters.",
    lambda nw, x, count: x.str.slice(-count, None) if count > 0 else x.str.slice(0, 0), ('right("workflow", 4)', "flow"),
)  # fmt: skip
_define(
    "concat(*x: any) -> text",
    "Several values as one text; missing ones count as empty.",
    lambda nw, *x, kinds: nw.concat_str(
        *[_text(nw, one, kind) for one, kind in zip(x, kinds, strict=True)], ignore_nulls=True
    ),
    ('concat("no. ", 7)', "no. 7"),
    "join_text",
    with_kinds=True,
)
_define(
    'pad_start(x: text, length: constant length, fill: constant character = " ") -> text',
    "Filled up at the start to a length.",
    lambda nw, x, length, fill: x.str.pad_start(length, fill),
    ('pad_start("7", 3, "0")', "007"),
    "lpad",
)
_define(
    'pad_end(x: text, length: constant length, fill: constant character = " ") -> text',
    "Filled up at the end to a length.",
    lambda nw, x, length, fill: x.str.pad_end(length, fill),
    ('pad_end("7", 3, ".")', "7.."),
    "rpad",
)


def _from_one(start: int) -> int:
    return start - 1 if start > 0 else start


def _text(nw: Any, value: Any, kind: str) -> Any:
    return value if kind == "text" else value.cast(nw.String)
