"""What nodes say of themselves in the user's language: the registry as the editor shows it.

The texts come from the packages of nodes, see `nodeflow.texts`; Qt's translation files hold those of the editor.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from nodeflow.node import Node
from nodeflow.registry import NodeType, Registry
from nodeflow.texts import category_words, translated
from nodeflow_gui.translations import QT_TRANSLATE_NOOP

_TYPE_WORDS = (
    QT_TRANSLATE_NOOP("Ports", "table"),
    QT_TRANSLATE_NOOP("Ports", "model"),
    QT_TRANSLATE_NOOP("Ports", "chart"),
    QT_TRANSLATE_NOOP("Ports", "report"),
    QT_TRANSLATE_NOOP("Ports", "network"),
    QT_TRANSLATE_NOOP("Ports", "tensors"),
    QT_TRANSLATE_NOOP("Ports", "variables"),
    QT_TRANSLATE_NOOP("Ports", "unknown"),
)


def spoken(registry: Registry) -> Registry:
    """The registry with declarations in the user's language; in English, whose texts they are, itself."""
    source = registry.source if isinstance(registry, TranslatedRegistry) else registry
    language = QLocale().name().partition("_")[0]
    return source if language in ("en", "C") else TranslatedRegistry(source, language)


def category_text(registry: Registry, category: str) -> str:
    """A category, or a part of one, in the language of the registry."""
    return category_words(category, registry.words) if isinstance(registry, TranslatedRegistry) else category


def english_name(declaration: Mapping[str, Any]) -> str:
    """The name in English, by which those look for a node who read of it."""
    name: str = declaration.get("english", declaration)["name"]
    return name


def port_label(port: Mapping[str, Any]) -> str:
    """What people call a port; its name is for files."""
    label: str = port.get("label") or port["name"]
    return label.replace("_", " ")


def alphabetical(text: str) -> str:
    """What names are sorted by: as in a dictionary, "Übersicht" beside "Uhr"."""
    return "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)
    )


def type_text(type_name: str) -> str:
    """What flows through a port, in the user's language."""
    return QCoreApplication.translate("Ports", type_name)


class TranslatedRegistry(Registry):
    """Another registry, whose declarations are read in another language, each once it is asked for."""

    def __init__(self, source: Registry, language: str) -> None:
        super().__init__()
        self.source = source
        self.language = language
        self.faults = source.faults
        self._shown: dict[str, NodeType] = {}

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The texts in the language by their English."""
        return self.source.texts(self.language)

    def get(self, type_id: str) -> NodeType | None:
        known = self.source.get(type_id)
        if known is None:
            return None
        shown = self._shown.get(type_id)
        if shown is None:
            declaration = translated(known.declaration, self.words)
            shown = self._shown[type_id] = dataclasses.replace(known, declaration=declaration)
        return shown

    def __iter__(self) -> Iterator[NodeType]:
        return (shown for one in self.source if (shown := self.get(one.id)) is not None)

    def __len__(self) -> int:
        return len(self.source)

    def add(self, node: type[Node], package: str = "") -> None:
        self.source.add(node, package)

    def add_path(self, path: Path) -> None:
        self.source.add_path(path)

    def texts(self, language: str) -> dict[str, str]:
        return self.source.texts(language)
