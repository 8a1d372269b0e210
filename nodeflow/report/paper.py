"""Setting words, tables and pictures on pages: boxes of known height, put on pages from top to bottom.

Pages are SVG, which vl-convert turns into PDF: it brings the fonts, uses those of the system for scripts
they lack, and keeps charts as vectors. Widths of letters are Helvetica's, after which its fonts are made.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape

WIDTH, HEIGHT, MARGIN, FOOT = 595.28, 841.89, 48.0, 40.0
ROOM = WIDTH - 2 * MARGIN
TALLEST = HEIGHT - 2 * MARGIN - FOOT

TEXT, QUIET, LINE, SOFT, LINK = "#1f2933", "#52606d", "#d5dae1", "#f5f7fa", "#0072b2"
FAMILY = "'Liberation Sans', Arial, Helvetica, 'DejaVu Sans', sans-serif"
MONO = "'Liberation Mono', 'DejaVu Sans Mono', monospace"

# thousandths of the size, of the letters from the blank to the tilde (Adobe font metrics of Helvetica)
_WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]  # fmt: skip

_BOLD_WIDTHS = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
]  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Words in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    colour: str = TEXT

    def width(self, size: float) -> float:
        """How wide the words are, a little more rather than less."""
        return text_width(self.text, size, bold=self.bold, code=self.code)


@dataclass(frozen=True)
class Box:
    """Something set: SVG whose upper left corner is the origin, and how high it is.

    `keep` binds it to the box after it; `head` is set again when a new page begins with this box;
    `outline` is its entry in the table of contents, with the level.
    """

    height: float
    svg: str = ""
    gap: float = 0.0
    keep: bool = False
    head: Box | None = None
    outline: tuple[int, str] | None = None


@dataclass
class Pages:
    """Pages in the making, as SVG, and where the headings are."""

    done: list[list[str]] = field(default_factory=lambda: [[]])
    outline: list[tuple[int, str, int]] = field(default_factory=list)
    y: float = MARGIN

    def put(self, boxes: Sequence[Box]) -> None:
        """Set boxes below what is there."""
        for index, box in enumerate(boxes):
            needed, at = box.height, index
            while boxes[at].keep and at + 1 < len(boxes):
                at += 1
                needed += boxes[at].gap + boxes[at].height
            gap = box.gap if self.done[-1] else 0.0
            if self.done[-1] and self.y + gap + min(needed, TALLEST) > MARGIN + TALLEST:
                self.done.append([])
                self.y, gap = MARGIN, 0.0
                if box.head is not None:
                    self._set(box.head, 0.0)
            self._set(box, gap)

    def _set(self, box: Box, gap: float) -> None:
        self.y += gap
        if box.svg:
            self.done[-1].append(f'<g transform="translate({MARGIN:g} {self.y:.2f})">{box.svg}</g>')
        if box.outline is not None:
            self.outline.append((*box.outline, len(self.done) - 1))
        self.y += box.height

    def finished(self, title: str) -> list[str]:
        """The pages as SVG, numbered at the foot."""
        count = len(self.done)
        pages = []
        for number, parts in enumerate(self.done, 1):
            foot = [
                words([Run(cut(title, 8, ROOM - 80), colour=QUIET)], 8, 0, HEIGHT - MARGIN, MARGIN),
                words(
                    [Run(f"{number} of {count}", colour=QUIET)],
                    8,
                    0,
                    HEIGHT - MARGIN,
                    MARGIN + ROOM,
                    end=True,
                ),
            ]
            pages.append(
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
                f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{escape(FAMILY)}">'
                f'<rect width="100%" height="100%" fill="#fff"/>'
                f"{''.join(parts)}{''.join(foot)}</svg>"
            )
        return pages


# -- words ----------------------------------------------------------------------------------------------


def text_width(text: str, size: float, *, bold: bool = False, code: bool = False) -> float:
    """How wide a text is, a little more rather than less."""
    if code:
        return 0.602 * size * len(text)
    total, widths = 0, _BOLD_WIDTHS if bold else _WIDTHS
    for letter in text:
        place = ord(letter) - 32
        if 0 <= place < len(widths):
            total += widths[place]
        elif unicodedata.combining(letter):
            continue
        else:
            total += 1000 if unicodedata.east_asian_width(letter) in "WF" else 620
    return total * size / 1000


def plain(text: str) -> str:
    """A text on one line, without what cannot be printed."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def cut(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text on one line, cut to the width."""
    text = plain(text)
    if text_width(text, size, bold=bold) <= width:
        return text
    room, kept = width - text_width("…", size, bold=bold), []
    for letter in text:
        room -= text_width(letter, size, bold=bold)
        if room < 0:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"


def words(
    runs: Iterable[Run], size: float, x: float, y: float, shift: float = 0.0, *, end: bool = False
) -> str:
    """A line of words from `x` on, or up to it, on the base line `y`."""
    parts, x = [], x + shift
    for run in runs:
        style = ' font-weight="bold"' if run.bold else ""
        style += ' font-style="italic"' if run.italic else ""
        style += f' font-family="{escape(MONO)}"' if run.code else ""
        style += ' text-anchor="end"' if end else ""
        parts.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" fill="{run.colour}" xml:space="preserve"{style}>'
            f"{escape(run.text)}</text>"
        )
        x += run.width(size)
    return "".join(parts)


def paragraph(
    runs: Sequence[Run], size: float, width: float, *, gap: float = 0.0, indent: float = 0.0, mark: str = "",
    leading: float = 1.4,
) -> list[Box]:  # fmt: skip
    """Words broken into lines, a box each; `mark` stands before the first, in the indent."""
    boxes = []
    for number, line in enumerate(_lines(runs, size, width - indent)):
        svg = words(line, size, indent, size * 1.05)
        if mark and not number:
            svg += words([Run(mark, colour=QUIET)], size, indent - 6, size * 1.05, end=True)
        boxes.append(Box(size * leading, svg, 0.0 if number else gap))
    return boxes


def _lines(runs: Sequence[Run], size: float, width: float) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    room = width
    for run in runs:
        for line_number, part in enumerate(run.text.split("\n")):
            if line_number:
                lines.append([])
                room = width
            for word in re.findall(r"\s+|[^\s]+", plain(part)):
                for piece in _pieces(replace(run, text=word), size, width):
                    needed = piece.width(size)
                    if needed > room and lines[-1] and not piece.text.isspace():
                        lines.append([])
                        room = width
                    if piece.text.isspace() and not lines[-1]:
                        continue
                    if lines[-1] and replace(lines[-1][-1], text="") == replace(piece, text=""):
                        lines[-1][-1] = replace(piece, text=lines[-1][-1].text + piece.text)
                    else:
                        lines[-1].append(piece)
                    room -= needed
    return lines


def _pieces(word: Run, size: float, width: float) -> list[Run]:
    """A word, divided if it is longer than a line."""
    if word.width(size) <= width:
        return [word]
    pieces, text, room = [], "", width
    for letter in word.text:
        needed = text_width(letter, size, bold=word.bold, code=word.code)
        if needed > room and text:
            pieces.append(replace(word, text=text))
            text, room = "", width
        text += letter
        room -= needed
    return [*pieces, replace(word, text=text)]


def heading(text: str, level: int, width: float = ROOM) -> list[Box]:
    """A heading, bound to what follows, with its entry in the contents."""
    size, gap = {1: (22.0, 0.0), 2: (15.0, 22.0), 3: (12.0, 14.0)}.get(level, (10.5, 10.0))
    boxes = paragraph([Run(text, bold=True)], size, width, gap=gap, leading=1.3)
    boxes = [replace(box, keep=True) for box in boxes]
    boxes[0] = replace(boxes[0], outline=(level, plain(text)))
    return [*boxes, Box(4.0, keep=True)]


# -- tables and pictures -----------------------------------------------------------------------------------


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], width: float
) -> list[Box]:
    """A table, a box for each row, its head repeated on every page; as many columns as there is room for."""
    size, pad, row_height = (8.0, 5.0, 16.0) if width > 300 else (7.2, 3.0, 14.5)
    wanted = [
        min(
            max([text_width(heads[i], size, bold=True), *(text_width(row[i], size) for row in rows)])
            + 2 * pad,
            220.0,
        )
        for i in range(len(heads))
    ]
    shown = len(wanted)
    while shown > 1 and sum(min(one, 60.0) for one in wanted[:shown]) > width:
        shown -= 1
    wide = _shared(wanted[:shown], width)
    left = [sum(wide[:i]) for i in range(shown + 1)]

    def line(cells: Sequence[str], *, bold: bool) -> str:
        parts = []
        for i in range(shown):
            text = cut(cells[i], size, wide[i] - 2 * pad, bold=bold)
            x = left[i + 1] - pad if right[i] else left[i] + pad
            parts.append(words([Run(text, bold=bold)], size, x, row_height - 5, end=right[i]))
        rule = f'<path d="M0 {row_height} H{left[-1]:.2f}" stroke="{LINE}" stroke-width=".6"/>'
        return "".join([*parts, rule])

    ground = f'<rect width="{left[-1]:.2f}" height="{row_height}" fill="{SOFT}"/>'
    head = Box(row_height, ground + line(heads, bold=True), keep=True)
    boxes = [head, *(Box(row_height, line(row, bold=False), head=head) for row in rows)]
    if shown < len(heads):
        told = f"the first {shown} of {len(heads)} columns"
        boxes += paragraph([Run(told, colour=QUIET)], 8, width, gap=3)
    return boxes


def _shared(wanted: list[float], width: float) -> list[float]:
    """The widths of columns within the room: narrow ones as they are, wide ones as much as is left for each."""
    if sum(wanted) <= width:
        return wanted
    found = [0.0] * len(wanted)
    room = width
    for count, index in enumerate(sorted(range(len(wanted)), key=lambda i: wanted[i])):
        found[index] = min(wanted[index], room / (len(wanted) - count))
        room -= found[index]
    return found


def picture(svg: str, width: float, *, gap: float = 0.0, largest: float = 1.0) -> Box:
    """A picture at most `largest` times its size, scaled down to the room there is."""
    natural = size_of(svg)
    scale = min(largest, width / natural[0], TALLEST * 0.9 / natural[1])
    wide, high = natural[0] * scale, natural[1] * scale
    data = base64.b64encode(svg.encode()).decode()
    return Box(
        high,
        f'<image width="{wide:.2f}" height="{high:.2f}" href="data:image/svg+xml;base64,{data}"/>',
        gap,
    )


def size_of(svg: str) -> tuple[float, float]:
    """The width and height that a picture says it has."""
    found = re.search(r"<svg[^>]*?>", svg)
    tag = found[0] if found is not None else ""
    width, height = (re.search(rf'\s{name}="([\d.]+)"', tag) for name in ("width", "height"))
    return (float(width[1]) if width else 400.0, float(height[1]) if height else 400.0)


def stacked(boxes: Sequence[Box]) -> Box:
    """Several boxes as one."""
    y, parts = 0.0, []
    for number, box in enumerate(boxes):
        y += box.gap if number else 0.0
        parts.append(f'<g transform="translate(0 {y:.2f})">{box.svg}</g>')
        y += box.height
    return Box(y, "".join(parts))


def beside(cells: Sequence[Box], width: float, space: float) -> Box:
    """Boxes side by side, each `width` wide."""
    parts = [
        f'<g transform="translate({number * (width + space):.2f} 0)">{cell.svg}</g>'
        for number, cell in enumerate(cells)
    ]
    return Box(max((cell.height for cell in cells), default=0.0), "".join(parts))
