"""String Replacer."""

from __future__ import annotations

import re
from typing import Literal

from nodeflow.errors import FormulaError
from nodeflow.expressions import parse
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.manipulation._each import EachColumn
from nodeflow_nodes.manipulation._formulas import literal, quoted


class StringReplacer(EachColumn):
    """Replace a part of the texts in some columns, or whole texts.

    What to find is taken literally, or with the wildcards * (any characters) and ? (one character), or
    as a regular expression. Every occurrence is replaced, or only texts that fit as a whole. Missing
    values stay missing. Columns that are chosen by type or pattern and hold no texts stay as they are.

    Inputs:
        table: The table with the texts.
    Outputs:
        table: The table with the changed texts.
    """

    category = "Manipulation / Column"
    keywords = (
        "replace",
        "substitute",
        "regex replace",
        "find and replace",
        "sub",
        "str.replace",
        "translate",
    )
    families = ("text", "category")

    find: str = parameter(help="What to look for.", min_length=1)
    replacement: str = parameter(
        default="",
        label="Replace by",
        help="What stands in its place; with a regular expression $1 is the first group in round brackets.",
    )
    reads: Literal["literally", "wildcards", "regular expression"] = parameter(
        default="literally", label="Find is read", help="How what to look for is read."
    )
    match_case: bool = parameter(
        default=True, label="Match case", help="Whether small and capital letters differ."
    )
    whole: bool = parameter(
        default=False,
        label="Whole texts only",
        help="Replace only texts that fit from the first letter to the last.",
    )

    def pattern(self) -> str:
        """What to find as a regular expression."""
        if self.reads == "regular expression":
            found = self.find
        elif self.reads == "wildcards":
            parts = re.split(r"([*?])", self.find)
            found = "".join({"*": ".*", "?": "."}.get(part, _escaped(part)) for part in parts)
        else:
            found = _escaped(self.find)
        if self.whole:
            found = f"^(?:{found})$"
        flags = ("" if self.match_case else "i") + ("s" if self.reads == "wildcards" else "")
        return f"(?{flags}){found}" if flags else found

    def check_parameters(self) -> list[Fault]:
        import polars as pl

        try:
            parse(f"replace_pattern(x, {literal(self.pattern())}, {literal(self._new())})").check(
                {"x": pl.String()}
            )
        except FormulaError as error:
            return [Fault("find", str(error).split("\n")[0].replace('"pattern" of replace_pattern ', ""))]
        return []

    def _new(self) -> str:
        return self.replacement if self.reads == "regular expression" else self.replacement.replace("$", "$$")

    def formula(self, name: str) -> str:
        if self.reads == "literally" and self.match_case and not self.whole:
            return f"replace({quoted(name)}, {literal(self.find)}, {literal(self.replacement)})"
        return f"replace_pattern({quoted(name)}, {literal(self.pattern())}, {literal(self._new())})"

    def summary(self) -> str:
        return f"{self.find} → {self.replacement} in {self.columns}"[:80]


def _escaped(text: str) -> str:
    """Every sign as itself in the patterns of all engines, which know fewer escapes than Python."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)
