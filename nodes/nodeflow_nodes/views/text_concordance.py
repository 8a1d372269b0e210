"""Text Concordance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import GROUPS, Picture, View, complete, label, pick
from nodeflow_nodes.views._texts import LETTER, room_of, visible

if TYPE_CHECKING:
    import polars as pl

_LINE = 20.0
_MOST_ROWS = 20_000
_MOST_HITS = 50_000


class TextConcordance(View):
    """Draw every place where a word comes in texts, with what stands before and after it (keyword in context).

    The word stands in the middle of each line, so that one sees at a glance with what it comes together. Sorted by
    what follows, or by what comes before read backwards, like phrases stand together. An asterisk stands for any letters, so
    that "teach*" finds teacher and teaching. Rows without a text are left out, and told.

    Inputs:
        table: The rows with the texts.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Texts"
    keywords = (
        "kwic",
        "keyword in context",
        "concordancer",
        "word context",
        "corpus linguistics",
        "collocation",
        "search",
    )
    sized = False
    without = ("width", "height")

    text: Column = parameter(types=("text", "category"), help="The column with the texts.")
    word: str = parameter(
        default="",
        label="Word or phrase",
        help="What is looked for; * stands for any letters.",
    )
    whole_words: bool = parameter(
        default=True, help="Whether it must stand by itself, not within another word."
    )
    exact_case: bool = parameter(default=False, help="Whether capital and small letters differ.")
    order: Literal["table", "after", "before"] = parameter(
        default="table",
        label="Sort by",
        help="As the table has them, by what follows, or by what comes before.",
    )
    titles: Column | None = parameter(
        default=None,
        types=GROUPS,
        label="Name of a text",
        help="A column written at the left of each line, such as a title.",
    )
    context_letters: int = parameter(
        default=45,
        minimum=5,
        maximum=200,
        unit="letters",
        label="Letters of context",
        help="On each side of the word.",
    )
    most: int = parameter(
        default=30, minimum=1, maximum=500, unit="lines", label="Most lines", help="How many are drawn."
    )

    def check_parameters(self) -> list[Fault]:
        if not self.word.strip().strip("*"):
            return [Fault("word", "say which word to look for")]
        if len(self.word) > 200:
            return [Fault("word", "a word or phrase of more than 200 letters is too long to look for")]
        return []

    def default_title(self) -> str:
        return f'"{self.word.strip()}" in {self.text.strip()}'

    def fields(self) -> list[str | None]:
        return [self.text, self.titles]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        frame = pick(table, text=self.text, heading=self.titles)
        schema = frame.collect_schema()
        frame, total = complete(frame, {"text": self.text}, notes)
        if self.titles is not None:
            frame = frame.with_columns(label("heading", schema["heading"]))
        counts = pl.col("text").str.count_matches(self.pattern())
        count, texts = (
            frame.select(counts.sum(), (counts > 0).sum().alias("texts")).collect(engine="streaming").row(0)
        )
        if not count:
            raise NodeFailed(
                f'none of {total:,} texts has the word "{shorten(self.word)}"; there is nothing to draw'
            )
        found = frame.filter(counts > 0).head(self.most if self.order == "table" else _MOST_ROWS)
        hits = self._hits(found.collect(engine="streaming"))
        if self.order != "table" and texts > _MOST_ROWS:
            notes.append(f"the first {_MOST_ROWS:,} texts with the word are sorted")
        shown = hits[: self.most]
        times = f"{count:,} time{'' if count == 1 else 's'} in {texts:,} of {total:,} text{'' if total == 1 else 's'}"
        facts = [times if len(shown) == count else f"{times}, {len(shown):,} are shown"]
        return Picture(shown, self._body(shown), notes, facts)

    def pattern(self) -> str:
        """What is looked for as a regular expression, which Polars and Python understand alike."""
        words = [r"\w*".join(re.escape(part) for part in word.split("*")) for word in self.word.split()]
        pattern = r"\s+".join(words)
        if self.whole_words:
            start = r"\b" if re.match(r"[\w*]", self.word.strip()) else ""
            end = r"\b" if re.search(r"[\w*]$", self.word.strip()) else ""
            pattern = f"{start}{pattern}{end}"
        return pattern if self.exact_case else f"(?i){pattern}"

    def _hits(self, rows: pl.DataFrame) -> list[dict[str, Any]]:
        pattern = re.compile(self.pattern())
        letters = self.context_letters
        found: list[dict[str, Any]] = []
        for row in rows.iter_rows(named=True):
            text = row["text"]
            for hit in pattern.finditer(text):
                start, end = hit.span()
                before = visible(text[max(start - 3 * letters, 0) : start]).lstrip()
                after = visible(text[end : end + 3 * letters]).rstrip()
                found.append(
                    {
                        "before": _last(before, letters, cut=start > 3 * letters),
                        "word": visible(text[start:end]),
                        "after": _first(after, letters, cut=len(text) > end + 3 * letters),
                        "name": shorten(row["heading"], 40) if self.titles is not None else "",
                    }
                )
                if len(found) >= _MOST_HITS:
                    break
        if self.order == "after":
            found.sort(key=lambda one: _words(one["after"]))
        elif self.order == "before":
            found.sort(key=lambda one: _words(one["before"])[::-1])
        return found

    def _body(self, shown: list[dict[str, Any]]) -> dict[str, Any]:
        names = max((room_of(row["name"]) for row in shown), default=0.0)
        name_room = min(names * LETTER + 16, 190) if names else 0.0
        side = (self.context_letters + 3) * LETTER
        word = max(room_of(row["word"]) for row in shown) * LETTER * 1.08 + 14
        width = name_room + 2 * side + word
        middle = name_room + side + word / 2
        for line, row in enumerate(shown):
            row["line"] = line
        height = len(shown) * _LINE
        y = {
            "field": "line", "type": "quantitative", "axis": None,
            "scale": {"domain": [-0.5, len(shown) - 0.5], "reverse": True, "nice": False, "zero": False},
        }  # fmt: skip
        soft = "#f5f7fa" if self.theme == "light" else "#262c34"
        band = {
            "transform": [
                {"filter": "datum.line % 2 === 0"},
                {"calculate": "datum.line - 0.5", "as": "top"},
                {"calculate": "datum.line + 0.5", "as": "foot"},
            ],
            "mark": {"type": "rect", "fill": soft, "stroke": None},
            "encoding": {
                "x": {"value": 0},
                "x2": {"value": "width"},
                "y": {**y, "field": "top"},
                "y2": {"field": "foot"},
            },
        }
        layers: list[dict[str, Any]] = [band]
        parts = [
            ("before", "right", middle - word / 2, {"color": self.ink(), "limit": side}),
            ("word", "center", middle, {"color": self.accent(), "fontWeight": 700}),
            ("after", "left", middle + word / 2, {"color": self.ink(), "limit": side}),
        ]
        if names:
            parts.append(("name", "left", 6.0, {"color": self.quiet(), "limit": name_room - 10}))
        for role, align, x, look in parts:
            mark = {"type": "text", "align": align, "fontSize": 12, **look}
            layers.append({"mark": mark, "encoding": {"x": {"value": x}, "y": y, "text": {"field": role}}})
        return {"width": round(width), "height": round(height), "layer": layers}


def _words(text: str) -> list[str]:
    """The words of a text to sort by."""
    return re.findall(r"\w+", text.lower())


def _last(text: str, letters: int, *, cut: bool) -> str:
    """The end of a text, at a word's beginning."""
    if room_of(text) <= letters and not cut:
        return text
    while room_of(text) > letters:
        head, _, rest = text.lstrip().partition(" ")
        text = rest if rest.strip() else head[-letters:]
        if not rest.strip():
            break
    return f"… {text.lstrip()}"


def _first(text: str, letters: int, *, cut: bool) -> str:
    """The beginning of a text, at a word's end."""
    if room_of(text) <= letters and not cut:
        return text
    while room_of(text) > letters:
        rest, _, tail = text.rstrip().rpartition(" ")
        text = rest if rest.strip() else tail[:letters]
        if not rest.strip():
            break
    return f"{text.rstrip()} …"
