"""Models, networks, reports and the like in words: facts, small tables, texts and pictures."""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QImage, QPainter, QTextDocument
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QTextBrowser, QWidget

from nodeflow_gui.inspector.svg import fitting
from nodeflow_gui.look import spacing, theme

_MOST_ROWS = 500


class WordsPage(QTextBrowser):
    """Shows a value that `running.describing` put into words. Nothing it shows is loaded from elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setStyleSheet("QTextBrowser { background: transparent; border: none; }")
        self.setAccessibleName(self.tr("Description of the value"))
        self.document().setDocumentMargin(spacing(4))
        self._data: dict[str, Any] = {}
        theme().theme_changed.connect(self._recolour)

    def _recolour(self) -> None:
        self.show_data(self._data)

    def _restyle(self) -> None:
        self.show_data(self._data)

    def show_data(self, data: dict[str, Any]) -> None:
        """Show what `described` gave."""
        self._data = data
        parts = []
        facts = data.get("facts", [])
        if facts:
            rows = "".join(
                f'<tr><td style="color:{_ink("muted")}; padding-right:24px">{escape(name)}</td>'
                f"<td>{escape(text)}</td></tr>"
                for name, text in facts
            )
            parts.append(f"<table cellpadding='2'>{rows}</table>")
        for table in data.get("tables", []):
            parts.append(_table(table.get("title", ""), table["columns"], table["rows"]))
        document = self.document()
        for place, one in enumerate(data.get("texts", [])):
            if "markdown" in one:
                made = QTextDocument()
                made.setMarkdown(one["markdown"], QTextDocument.MarkdownFeature.MarkdownNoHTML)
                parts.append(made.toHtml())
            elif "table" in one:
                parts.append(_table("", one["table"]["columns"], one["table"]["rows"]))
            elif "svg" in one:
                document.addResource(
                    QTextDocument.ResourceType.ImageResource.value,
                    QUrl(f"part:{place}"),
                    picture_of(one["svg"]),
                )
                parts.append(f'<p><img src="part:{place}"/></p>')
        self.setHtml("".join(parts))


def picture_of(svg: str) -> QImage:
    """An SVG as a picture in its own size."""
    renderer = QSvgRenderer(QByteArray(fitting(svg).encode()))
    image = QImage(renderer.defaultSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def _table(title: str, columns: list[str], rows: list[list[str]]) -> str:
    head = "".join(f'<td style="color:{_ink("muted")}"><b>{escape(one)}</b></td>' for one in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows[:_MOST_ROWS]
    )
    more = f"<p>… {len(rows) - _MOST_ROWS:,}</p>" if len(rows) > _MOST_ROWS else ""
    named = f"<h4>{escape(title)}</h4>" if title else ""
    return f"{named}<table cellpadding='4' cellspacing='0'><tr>{head}</tr>{body}</table>{more}"


def _ink(name: str) -> str:
    return theme().colour(name).name()
