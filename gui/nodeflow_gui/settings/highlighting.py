"""Colours for formulas and for Python code while they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from nodeflow_gui.look import theme

_FORMULA = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
    r"|(?P<column>`[^`]*`?)"
    r"|(?P<word>\b(?:and|or|not|in|if|else|missing|true|false)\b)"
    r"|(?P<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
    r"|(?P<function>[^\W\d]\w*(?=\s*\())"
    r"|(?P<name>[^\W\d]\w*)"
)
_PYTHON = re.compile(
    r"""(?P<comment>\#.*)"""
    r"""|(?P<text>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
    r"|(?P<word>\b(?:def|class|return|import|from|as|if|elif|else|for|while|in|not|and|or|is|None|True|False|"
    r"try|except|finally|raise|with|lambda|yield|pass|break|continue|global|assert|del|async|await)\b)"
    r"|(?P<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
    r"|(?P<function>[^\W\d]\w*(?=\s*\())"
)


class _Highlighter(QSyntaxHighlighter):
    pattern = _FORMULA

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._known: frozenset[str] = frozenset()
        self._formats: dict[str, QTextCharFormat] = {}

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        self._formats.clear()
        self.rehighlight()

    def _format(self, part: str) -> QTextCharFormat:
        if part not in self._formats:
            made = QTextCharFormat()
            made.setForeground(theme().colour("muted" if part == "comment" else f"formula {part}"))
            if part == "word":
                made.setFontWeight(QFont.Weight.DemiBold)
            self._formats[part] = made
        return self._formats[part]

    def highlightBlock(self, text: str) -> None:
        for match in self.pattern.finditer(text):
            part = match.lastgroup or ""
            if part == "name":
                if match[0] not in self._known:
                    continue
                part = "column"
            self.setFormat(match.start(), match.end() - match.start(), self._format(part))


class FormulaHighlighter(_Highlighter):
    """Texts, numbers, functions, words of the language, and the names of columns that are there."""

    def know(self, columns: Iterable[str]) -> None:
        """Colour these names as columns."""
        known = frozenset(columns)
        if known != self._known:
            self._known = known
            self.rehighlight()


class PythonHighlighter(_Highlighter):
    """Python code."""

    pattern = _PYTHON
