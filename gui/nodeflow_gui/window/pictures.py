"""Pictures of workflows as PNG."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from nodeflow.files import FileError

_LONGEST = 16_000
"""Pixels; a larger picture is made smaller."""


def svg_to_png(svg: str, path: Path) -> None:
    """Write an SVG as PNG at twice its size; raises `FileError`."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    scale = min(2.0, _LONGEST / max(1, size.width(), size.height()))
    image = QImage(size * scale, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload]
        raise FileError(f"{path} cannot be written as PNG")
