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


_define(
    "is_blank(x: text) -> boolean", "Whether a text has nothing but blanks, or nothing at all.",
    lambda nw, x: x.str.strip_chars() == "", ('is_blank("  ")', True), "is_empty",
)  # fmt: skip
_define(
    "same_text(x: text, y: text) -> boolean",
    "Whether two texts are equal when capital and small letters and blanks at the ends do not count.",
    lambda nw, x, y: x.str.strip_chars().str.to_lowercase() == y.str.strip_chars().str.to_lowercase(),
    ('same_text("Bern ", "BERN")', True),
    "equals_ignore_case",
)
_define(
    "remove(x: text, part: constant filled) -> text",
    "Without every occurrence of a part.",
    lambda nw, x, part: x.str.replace_all(part, "", literal=True),
    ('remove("1 200", " ")', "1200"),
)
_define(
    "squeeze(x: text) -> text",
    "With one blank for each run of blanks and line breaks, and none at the ends.",
    lambda nw, x: x.str.replace_all(r"\s+", " ").str.strip_chars(),
    ('squeeze(" a   b ")', "a b"),
    "normalize_space",
)
_define(
    "digits(x: text) -> text", "Only the digits 0 to 9 of a text.", lambda nw, x: x.str.replace_all("[^0-9]", ""),
    ('digits("+41 (0)44 12")', "4104412"), "keep_digits",
)  # fmt: skip
_define(
    "letters(x: text) -> text",
    "Only the letters of a text, of any alphabet.",
    lambda nw, x: x.str.replace_all(r"[^\pL]", ""),
    ('letters("A-17 é")', "Aé"),
)
_define(
    "count_of(x: text, part: constant filled) -> integer",
    "How often a part occurs in a text.",
    lambda nw, x, part: (
        (x.str.len_chars() - x.str.replace_all(part, "", literal=True).str.len_chars()).cast(nw.Int64)
        // len(part)
    ),
    ('count_of("a,b,c", ",")', 2),
    "count_matches",
)
_define(
    "word_count(x: text) -> integer",
    "The number of words, parted by blanks.",
    lambda nw, x: x.str.replace_all(r"\S+", "w").str.replace_all(r"\s+", "").str.len_chars().cast(nw.Int64),
    ('word_count("to be or")', 3),
)
_define(
    "word(x: text, number: constant ordinal) -> text",
    "The first, second, ... word of a text; missing where there are fewer.",
    lambda nw, x, number: _piece(nw, x, rf"^\s*(?:\S+\s+){{{number - 1}}}", r"\S", r"\s.*$"),
    ('word("to be or", 2)', "be"),
)
_define(
    "part(x: text, separator: constant filled, number: constant ordinal) -> text",
    "The first, second, ... part of a text between separators; missing where there are fewer.",
    lambda nw, x, separator, number: _piece(
        nw, x, rf"^(?:.*?{_literal(separator)}){{{number - 1}}}", "", rf"{_literal(separator)}.*$"
    ),
    ('part("2024-05-17", "-", 3)', "17"),
    "split",
    "split_part",
)
_define(
    "before(x: text, part: constant filled) -> text",
    "What stands before the first occurrence of a part; missing where it does not occur.",
    lambda nw, x, part: _piece(nw, x, "", f".*{_literal(part)}", f"{_literal(part)}.*$"),
    ('before("ada@site.org", "@")', "ada"),
    "text_before",
)
_define(
    "after(x: text, part: constant filled) -> text",
    "What stands after the first occurrence of a part; missing where it does not occur.",
    lambda nw, x, part: _piece(nw, x, f"^.*?{_literal(part)}", "", ""),
    ('after("ada@site.org", "@")', "site.org"),
    "text_after",
)
_define(
    "position(x: text, part: constant filled) -> integer",
    "Where a part first occurs, counted from 1; 0 where it does not.",
    lambda nw, x, part: (
        nw.when(x.str.contains(part, literal=True))
        .then((x.str.replace_all(f"(?s){_literal(part)}.*$", "").str.len_chars() + 1).cast(nw.Int64))
        .otherwise(nw.when(~x.is_null()).then(nw.lit(0, nw.Int64)))
    ),
    ('position("workflow", "f")', 5),
    "index_of",
    "find",
    "indexof",
)


def _from_one(start: int) -> int:
    return start - 1 if start > 0 else start


def _literal(part: str) -> str:
    import polars as pl

    return pl.escape_regex(part)


def _piece(nw: Any, x: Any, lead: str, rest: str, tail: str) -> Any:
    """What is left of a text without `lead` and `tail`; missing unless `lead` and `rest` are found in it."""
    found = x.str.replace_all(f"(?s){lead}", "") if lead else x
    if tail:
        found = found.str.replace_all(f"(?s){tail}", "")
    return nw.when(x.str.contains(f"(?s){lead}{rest}")).then(found)


def _text(nw: Any, value: Any, kind: str) -> Any:
    return value if kind == "text" else value.cast(nw.String)
