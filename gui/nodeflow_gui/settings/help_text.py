"""The help of a node as its author wrote it, in Markdown: with its tables, lists and code."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument, QTextLength, QTextTable
from PySide6.QtWidgets import QLabel, QWidget

from nodeflow_gui.look import font, spacing

_DIALECT = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_CODE = re.compile(r"(`[^`]*`|^ {4}.*$)", re.MULTILINE)
_ROOM = spacing(1.5)
_PLAIN = re.compile(r"(?<!\*)\*(?!\*)(?!\s)|[_<\\]")


def help_label(markdown: str, parent: QWidget | None = None) -> QLabel:
    """A label of formatted text that can be selected."""
    label = QLabel(html_of(markdown), parent)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setProperty("role", "help")
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    label.setOpenExternalLinks(True)
    return label


def html_of(markdown: str) -> str:
    """Markdown as HTML in the small font; what looks like HTML, or like stress within a word, is text."""
    parts = _CODE.split(markdown)
    parts[::2] = [_PLAIN.sub(lambda found: f"\\{found[0]}", part) for part in parts[::2]]
    document = QTextDocument()
    document.setDefaultFont(font("small"))
    document.setMarkdown("".join(parts), _DIALECT)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _lay_out(frame)
    block = document.begin()
    while block.isValid():
        _lay_out_block(QTextCursor(block))
        block = block.next()
    return document.toHtml()


def _lay_out(table: QTextTable) -> None:
    """A quiet table over the whole width."""
    look = table.format()
    look.setBorder(0)
    look.setCellSpacing(0)
    look.setCellPadding(spacing(0.5))
    look.setBottomMargin(_ROOM)
    look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(look)


def _lay_out_block(cursor: QTextCursor) -> None:
    """Room between paragraphs, and code in the editor's own font, as large as the words around it."""
    block, code = cursor.block(), font("code")
    code.setPixelSize(font("small").pixelSize())
    if cursor.currentTable() is None and not _goes_on(block):
        room = cursor.blockFormat()
        room.setBottomMargin(_ROOM)
        cursor.setBlockFormat(room)
    pieces = [one.fragment() for one in block]  # type: ignore[attr-defined]
    for start, length in [(one.position(), one.length()) for one in pieces if _is_code(one.charFormat())]:
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        look = cursor.charFormat()
        look.setFont(code)
        cursor.setCharFormat(look)


def _goes_on(block: QTextBlock) -> bool:
    """Whether the next block is another line of the same list or code."""
    following = block.next()
    if block.textList() is not None:
        return following.textList() == block.textList()
    return following.isValid() and _is_code(block.charFormat()) and _is_code(following.charFormat())


def _is_code(look: QTextCharFormat) -> bool:
    return look.fontFixedPitch()
