"""Which editor a kind of parameter gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from nodeflow_gui.settings.column_set import ColumnsEditor
from nodeflow_gui.settings.columns import ColumnEditor
from nodeflow_gui.settings.dates import DateEditor
from nodeflow_gui.settings.editor import Editor, Surroundings
from nodeflow_gui.settings.formula import FormulaEditor
from nodeflow_gui.settings.grid import GridEditor, is_grid
from nodeflow_gui.settings.mappings import MappingEditor
from nodeflow_gui.settings.numbers import NumberEditor
from nodeflow_gui.settings.paths import PathEditor
from nodeflow_gui.settings.scalars import CodeEditor, JsonEditor, ScalarEditor, SecretEditor
from nodeflow_gui.settings.sequences import ListEditor, OptionalEditor, RecordEditor
from nodeflow_gui.settings.simple import (
    BooleanEditor,
    ChoiceEditor,
    ColourEditor,
    HostEditor,
    TextEditor,
)

_EDITORS: dict[str, type[Editor]] = {
    "boolean": BooleanEditor,
    "choice": ChoiceEditor,
    "code": CodeEditor,
    "colour": ColourEditor,
    "column": ColumnEditor,
    "columns": ColumnsEditor,
    "date": DateEditor,
    "formula": FormulaEditor,
    "host": HostEditor,
    "integer": NumberEditor,
    "number": NumberEditor,
    "path": PathEditor,
    "scalar": ScalarEditor,
    "secret": SecretEditor,
    "seed": NumberEditor,
    "text": TextEditor,
}
_NESTED: dict[str, Callable[..., Editor]] = {
    "list": ListEditor,
    "mapping": MappingEditor,
    "record": RecordEditor,
}
_KNOW_NULL = frozenset(
    (
        "choice",
        "code",
        "colour",
        "column",
        "date",
        "formula",
        "host",
        "integer",
        "number",
        "path",
        "scalar",
        "secret",
        "seed",
        "text",
    )
)
"""Kinds whose editors can themselves show that nothing is set."""

KINDS = frozenset(_EDITORS) | frozenset(_NESTED)
"""The kinds of parameters that have an editor of their own."""


def editor_for(declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None) -> Editor:
    """The editor for a declared parameter, field or entry."""
    kind = declared["kind"]
    if declared.get("optional") and kind not in _KNOW_NULL:
        return OptionalEditor(declared, around, editor_for, parent)
    if is_grid(declared):
        return GridEditor(declared, around, parent)
    if kind in _NESTED:
        return _NESTED[kind](declared, around, editor_for, parent)
    return _EDITORS.get(kind, JsonEditor)(declared, around, parent)
