"""Finding out how a CSV file is written: delimiter, names, types; from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DELIMITERS = (",", ";", "\t", "|", ":")
_SPACE = r"^ *"
_PATTERNS = {
    "boolean": r"^(true|false|True|False|TRUE|FALSE)$",
    "integer": _SPACE + r"[+-]?\d+$",
    "number": _SPACE + r"([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(?i:nan|inf|infinity))$",
    "comma": _SPACE + r"([+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?|[+-]?(?i:nan|inf|infinity))$",
    "zeros": _SPACE + r"[+-]?0\d",
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "datetime": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$",
    "zoned": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$",
}
DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "zoned": pl.Datetime("us", "UTC"),
    "category": pl.Categorical(),
}


def whole_lines(data: bytes, quote: str) -> bytes:
    """The data up to the last line break outside quotes."""
    end = data.rfind(b"\n")
    marks = data.count(quote.encode(), 0, end) if quote else 0
    lowest = max(0, end - (1 << 18))
    while end > lowest and marks % 2:
        previous = data.rfind(b"\n", 0, end)
        if previous < 0:
            break
        marks -= data.count(quote.encode(), previous, end)
        end = previous
    return data[: end + 1] if end >= 0 and marks % 2 == 0 else data


def guess_delimiter(data: bytes, quote: str, comment: str, skip: int) -> str:
    """The delimiter that parts the first lines into the same number of cells; "," if none does."""
    lines = data[:65536].decode(errors="replace").splitlines()[skip:]
    lines = [line for line in lines if line.strip() and not (comment and line.startswith(comment))][:50]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        quoting: Any = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote or None, quoting=quoting))
        except csv.Error:
            continue
        counts = Counter(len(row) for row in rows)
        if not counts:
            continue
        cells, times = counts.most_common(1)[0]
        # the header tells most: data may have decimal commas
        if cells > 1 and len(rows[0]) == cells:
            score = (round(times / len(rows), 1), cells)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def final_names(raw: Sequence[str], *, header: bool, trim: bool, quote: str) -> dict[str, str]:
    """The name each column gets: without outer blanks if wanted, never empty, never twice."""
    if not header:
        return {name: f"column_{place}" for place, name in enumerate(raw, 1)}
    bases = []
    for name in raw:
        # Polars marks a repeated name: "a", "a_duplicated_0"
        found = re.fullmatch(r"(.*)_duplicated_\d+", name, re.DOTALL)
        base = found[1] if found and found[1] in raw else name
        # Polars leaves doubled quotes of the header doubled
        base = base.replace(quote * 2, quote) if quote else base
        bases.append(base.strip() if trim else base)
    return dict(zip(raw, unique_names(bases), strict=True))


def unique_names(names: Iterable[str]) -> list[str]:
    """Names as they are, but column_3 by its place for an empty one, and _2 behind one that comes again."""
    result: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        base = name or f"column_{place}"
        new, count = base, 1
        while new in result:
            count += 1
            new = f"{base}_{count}"
        result[new] = None
    return list(result)


def guess_types(texts: pl.LazyFrame, *, dates: bool, decimal: str) -> tuple[dict[str, str], bool]:
    """The type of each column of texts, and whether numbers have a decimal comma.

    `decimal` is ".", "," or "guess". Numbers with leading zeros are codes and stay text, so do whole
    numbers too large for 64 bits. A column without values is text.
    """
    names = list(texts.collect_schema())
    value = pl.col("value")
    checks = {kind: value.str.contains(pattern).all() for kind, pattern in _PATTERNS.items()}
    checks["digits"] = checks["integer"]
    checks["some"] = value.count() > 0
    checks["zeros"] = value.str.contains(_PATTERNS["zeros"]).any()
    whole = value.str.strip_chars_start(" +").cast(pl.Int64, strict=False)
    checks["integer"] &= whole.is_not_null().sum() == value.count()
    day = value.str.to_date("%Y-%m-%d", strict=False)
    checks["date"] &= day.is_not_null().sum() == value.count()
    # all columns below each other: thousands of columns are tested by as many expressions as one
    places = [str(place) for place in range(len(names))]
    long = texts.rename(dict(zip(names, places, strict=True))).unpivot(variable_name="place")
    rows = long.group_by("place").agg(check.alias(kind) for kind, check in checks.items())
    by_place = (
        {row["place"]: row for row in rows.collect(engine="streaming").rows(named=True)} if names else {}
    )
    found: list[Mapping[str, bool]] = [by_place.get(place, {"some": False}) for place in places]
    comma = decimal == "," or (
        decimal == "guess"
        and any(one["some"] and one["comma"] and not one["digits"] for one in found)
        and not any(one["some"] and one["number"] and not one["digits"] for one in found)
    )
    kinds = {name: _kind(one, comma=comma, dates=dates) for name, one in zip(names, found, strict=True)}
    return kinds, comma


def _kind(found: Mapping[str, bool], *, comma: bool, dates: bool) -> str:
    if not found["some"]:
        return "text"
    if found["boolean"]:
        return "boolean"
    if found["digits"] and not found["zeros"]:
        return "integer" if found["integer"] else "text"
    if found["comma" if comma else "number"] and not found["digits"]:
        return "number"
    if dates:
        for kind in ("date", "datetime", "zoned"):
            if found[kind]:
                return kind
    return "text"
