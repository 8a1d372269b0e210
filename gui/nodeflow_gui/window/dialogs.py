"""The few dialogs: preferences, about, keyboard shortcuts, and the question of trust."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import nodeflow
from nodeflow.trusted_code import visible
from nodeflow_gui.look import font, set_look, spacing
from nodeflow_gui.look.icons import application_icon
from nodeflow_gui.preferences import Preferences
from nodeflow_gui.running.session import LEAST_MEMORY
from nodeflow_gui.settings.editor import Surroundings, small_label
from nodeflow_gui.settings.highlighting import PythonHighlighter
from nodeflow_gui.settings.numbers import NumberEditor
from nodeflow_gui.translations import LANGUAGES, QT_TRANSLATE_NOOP
from nodeflow_gui.window.commands import COMMANDS, command_text

_PACKAGES = (
    "PySide6-Essentials",
    "pyqtgraph",
    "polars",
    "pandas",
    "scikit-learn",
    "keras",
    "jax",
    "torch",
    "pyarrow",
)


class PreferencesDialog(QDialog):
    """Theme, language, and what runs may use. Closed by OK, everything is taken at once."""

    def __init__(self, kept: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.setMinimumWidth(spacing(120))
        self._kept = kept
        values = kept.kept
        self.theme = self._choice(
            [(self.tr("as the system"), "system"), (self.tr("light"), "light"), (self.tr("dark"), "dark")],
            values.theme,
        )
        self.language = self._choice(
            [(self.tr("as the system"), ""), *((name, code) for code, name in LANGUAGES.items())],
            values.language,
        )
        self.open_last = QCheckBox(self.tr("Open the last workflow at the start"), self)
        self.open_last.setChecked(values.open_last)
        self.cache_folder = QLineEdit(values.cache_folder, self)
        self.cache_folder.setPlaceholderText(self.tr("the usual folder"))
        choose = QPushButton(self.tr("Choose…"), self)
        choose.clicked.connect(self._choose_folder)
        folder = QWidget(self)
        across = QHBoxLayout(folder)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.cache_folder, 1)
        across.addWidget(choose)
        self.cache_size = self._size(values.cache_gigabytes, self.tr("Size of the cache"), 0.1)
        self.memory = self._size(values.memory_gigabytes, self.tr("Memory of a run"), LEAST_MEMORY / 1e9)
        self.backend = self._choice(
            [
                (self.tr("as installed"), ""),
                ("JAX", "jax"),
                ("TensorFlow", "tensorflow"),
                ("PyTorch", "torch"),
            ],
            values.backend,
        )
        form = QFormLayout()
        form.setHorizontalSpacing(spacing(6))
        form.setVerticalSpacing(spacing(3))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(small_label(self.tr("Appearance"), "heading", self))
        form.addRow(self.tr("Theme"), self.theme)
        form.addRow(self.tr("Language"), self.language)
        form.addRow(
            "", small_label(self.tr("Another language counts for windows opened from then on."), "help", self)
        )
        form.addRow(self.open_last)
        form.addRow(small_label(self.tr("Running"), "heading", self))
        form.addRow(self.tr("Folder of the cache"), folder)
        form.addRow(self.tr("Size of the cache"), self.cache_size)
        form.addRow(self.tr("Memory of a run"), self.memory)
        form.addRow(self.tr("Deep learning by"), self.backend)
        form.addRow("", small_label(self.tr("These count from the next run on."), "help", self))
        self.fault = small_label("", "fault", self)
        self.fault.setVisible(False)
        form.addRow("", self.fault)
        self.buttons = QDialogButtonBox(self)
        accept = self.buttons.addButton(self.tr("OK"), QDialogButtonBox.ButtonRole.AcceptRole)
        accept.setProperty("role", "primary")
        self.buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(spacing(6), spacing(6), spacing(6), spacing(4))
        layout.setSpacing(spacing(4))
        layout.addLayout(form)
        layout.addWidget(self.buttons)

    def _choice(self, entries: Sequence[tuple[str, str]], value: str) -> QComboBox:
        box = QComboBox(self)
        for words, key in entries:
            box.addItem(words, key)
        box.setCurrentIndex(max(0, box.findData(value)))
        return box

    def _size(self, value: float | None, words: str, least: float) -> NumberEditor:
        declared = {
            "kind": "number",
            "label": words,
            "unit": "GB",
            "optional": True,
            "schema": {"type": "number", "minimum": least},
        }
        editor = NumberEditor(declared, Surroundings(), self)
        editor.field.setPlaceholderText(self.tr("automatic"))
        editor.set_value(value)
        return editor

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Folder of the cache"), self.cache_folder.text()
        )
        if chosen:
            self.cache_folder.setText(chosen)

    def accept(self) -> None:
        words = ""
        entries = (
            (self.cache_folder, folder_fault(self.cache_folder.text().strip())),
            (self.cache_size, self.cache_size.fault()),
            (self.memory, self.memory.fault()),
        )
        for entry, fault in reversed(entries):
            set_look(entry.field if isinstance(entry, NumberEditor) else entry, "faulty", bool(fault))
            if fault:
                words = fault
                entry.setFocus()
        self.fault.setText(words)
        self.fault.setVisible(bool(words))
        if words:
            return
        self._kept.change(
            theme=self.theme.currentData(),
            language=self.language.currentData(),
            open_last=self.open_last.isChecked(),
            cache_folder=self.cache_folder.text().strip(),
            cache_gigabytes=self.cache_size.value(),
            memory_gigabytes=self.memory.value(),
            backend=self.backend.currentData(),
        )
        super().accept()


def folder_fault(text: str) -> str:
    """Why a folder cannot hold the cache; empty if it can, or if none is named."""
    if not text:
        return ""
    folder = Path(text)
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not folder.is_absolute():
        words = QT_TRANSLATE_NOOP("PreferencesDialog", "Enter the whole path of the folder.")
    elif not there.is_dir():
        words = QT_TRANSLATE_NOOP("PreferencesDialog", "“{path}” is no folder.")
    elif not os.access(there, os.W_OK | os.X_OK):
        words = QT_TRANSLATE_NOOP("PreferencesDialog", "Writing in “{path}” is not allowed.")
    else:
        return ""
    return QCoreApplication.translate("PreferencesDialog", words).format(path=there)


class AboutDialog(QDialog):
    """What this is, and the versions to name in a report of a fault."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About nodeflow"))
        picture = QLabel(self)
        picture.setPixmap(application_icon().pixmap(64, 64))
        head = QHBoxLayout()
        head.setSpacing(spacing(4))
        head.addWidget(picture)
        words = QVBoxLayout()
        words.addWidget(small_label(f"nodeflow {nodeflow.__version__}", "title", self))
        words.addWidget(
            small_label(self.tr("Workflows for data analysis and machine learning."), "muted", self)
        )
        head.addLayout(words, 1)
        self.versions = QPlainTextEdit(versions(), self)
        self.versions.setReadOnly(True)
        self.versions.setFont(font("code"))
        self.versions.setMinimumSize(spacing(100), spacing(50))
        self.versions.setAccessibleName(self.tr("Versions"))
        copy = QPushButton(self.tr("Copy"), self)
        copy.clicked.connect(self._copy)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(small_label(self.tr("Licence: Apache-2.0"), "muted", self))
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(spacing(6), spacing(6), spacing(6), spacing(4))
        layout.setSpacing(spacing(4))
        layout.addLayout(head)
        layout.addWidget(self.versions)
        layout.addLayout(buttons)

    def _copy(self) -> None:
        self.versions.selectAll()
        self.versions.copy()


def versions() -> str:
    """The versions of what matters, one a line; nothing is imported for that."""
    lines = [f"nodeflow {nodeflow.__version__}", f"Python {platform.python_version()}", platform.platform()]
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            lines.append(
                QCoreApplication.translate("AboutDialog", "{package} is not installed").format(
                    package=package
                )
            )
    return "\n".join(lines)


class ShortcutsDialog(QDialog):
    """All keys in one place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        contents = QWidget(self)
        contents.setObjectName("contents")
        grid = QGridLayout(contents)
        grid.setHorizontalSpacing(spacing(8))
        rows = [
            (
                command_text(one).rstrip("…"),
                ", ".join(
                    QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
                    for keys in (one.shortcut, one.also)
                    if keys
                ),
            )
            for one in COMMANDS
            if one.shortcut
        ]
        rows += [
            (self.tr("Add a node next to the selected one"), self.tr("Tab")),
            (self.tr("Walk along the wires"), self.tr("Arrow keys")),
            (self.tr("Move the selected nodes"), self.tr("Ctrl+arrow keys")),
            (self.tr("Find a node on the canvas"), "F"),
            (self.tr("Change the name of the node"), "F2"),
            (self.tr("Write a note"), "N"),
            (self.tr("Connect the selected nodes"), "C"),
            (self.tr("Delete and join the neighbours"), self.tr("Ctrl+Del")),
            (self.tr("Open the component"), self.tr("Ctrl+Enter")),
            (self.tr("Leave the component"), self.tr("Alt+Up")),
            (self.tr("Back to the canvas"), self.tr("Esc")),
            (self.tr("To the settings of the node"), self.tr("Enter")),
            (self.tr("Look at the data of the node"), self.tr("Space")),
            (self.tr("Move the view"), self.tr("Middle button")),
            (
                self.tr("Complete a name in a formula"),
                QKeySequence("Ctrl+Space").toString(QKeySequence.SequenceFormat.NativeText),
            ),
        ]
        half = (len(rows) + 1) // 2
        for number, (words, keys) in enumerate(rows):
            column = 2 * (number // half)
            grid.addWidget(small_label(words, "", self), number % half, column)
            pressed = small_label(keys, "muted", self)
            pressed.setWordWrap(False)
            grid.addWidget(pressed, number % half, column + 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(contents)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        # as large as all of it, if the screen has room
        wanted = contents.sizeHint() + QSize(spacing(12), spacing(8))
        self.resize(wanted.boundedTo(self.screen().availableSize() * 0.9))


class TrustDialog(QDialog):
    """Asks once whether the code of a workflow may run, and shows all of it. To run without it is the default.

    `choice` is "allow", "without", or "" if the user turned away: then nothing runs.
    """

    def __init__(self, code: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Code in this workflow"))
        self.setMinimumSize(spacing(170), spacing(120))
        title = small_label(self.tr("This workflow holds code of its own"), "title", self)
        words = small_label(
            self.tr(
                "It would run on your computer with your rights. Read it, and let it run only if you know where "
                "the workflow comes from. Without it, all nodes run but these and those that need their results."
            ),
            "muted",
            self,
        )
        self.code = QPlainTextEdit(self)
        self.code.setReadOnly(True)
        self.code.setFont(font("code"))
        self.code.setAccessibleName(self.tr("The code"))
        self._highlighter = PythonHighlighter(self.code.document())
        self.code.setPlainText("\n\n".join(f"# {visible(name)}\n{visible(text)}" for name, text in code))
        self.choice = ""
        allow = QPushButton(self.tr("Let this code run"), self)
        allow.clicked.connect(lambda: self._choose("allow"))
        allow.setAutoDefault(False)
        self.without = QPushButton(self.tr("Run without this code"), self)
        self.without.setProperty("role", "primary")
        self.without.setDefault(True)
        self.without.clicked.connect(lambda: self._choose("without"))
        self.allow = allow
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(allow)
        buttons.addWidget(self.without)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(spacing(6), spacing(6), spacing(6), spacing(4))
        layout.setSpacing(spacing(3))
        for widget in (title, words, self.code):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.without.setFocus()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)

    def _choose(self, choice: str) -> None:
        self.choice = choice
        self.accept()
