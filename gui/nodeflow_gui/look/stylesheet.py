"""The style sheet of all widgets, filled in with the colours of a theme."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

_SHEET = """
QWidget { color: @text; font-size: 13px; }
QMainWindow, QDialog, QStackedWidget#pages { background: @window; }
QToolTip { background: @tooltip; color: @on-tooltip; border: none; padding: 6px 8px; }

QWidget#panel { background: @panel; }
QWidget#topbar { background: @panel; border-bottom: 1px solid @border; }
QWidget#statusbar { background: @panel; border-top: 1px solid @border; }
QLabel[role="title"] { font-size: 16px; font-weight: 600; }
QLabel[role="display"] { font-size: 24px; font-weight: 600; }
QLabel[role="strong"], QLabel[role="label"] { font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="help"] { color: @muted; font-size: 11px; }
QLabel[role="heading"] { color: @muted; font-size: 11px; font-weight: 600; }
QLabel[role="fault"] { color: @failed; font-size: 11px; }
QLabel[role="warning"] { color: @warning; font-size: 11px; }
QLabel[role="chip"] { background: @button; border-radius: 4px; padding: 4px 8px; font-size: 11px; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    background: @field; border: 1px solid @border; border-radius: 6px; padding: 0 8px;
    selection-background-color: @accent; selection-color: @on-accent;
}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 28px; max-height: 28px; }
QPlainTextEdit, QTextEdit { padding: 4px 6px; }
QLineEdit:hover, QPlainTextEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover {
    border-color: @strong-border;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QComboBox:on { border: 1px solid @accent; }
QLineEdit[faulty="true"], QPlainTextEdit[faulty="true"], QSpinBox[faulty="true"], QDoubleSpinBox[faulty="true"],
QComboBox[faulty="true"] { border: 1px solid @failed; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: @faint; }
QLineEdit#search { background: @field; border-radius: 8px; padding-left: 8px; }

QCalendarWidget QToolButton { color: @on-accent; font-weight: 600; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(icon:chevron-down-@scheme.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: @card; border: 1px solid @strong-border; border-radius: 6px; padding: 4px; outline: none;
    selection-background-color: @selection; selection-color: @text;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; }

QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button { border: none; width: 22px; }

QPushButton, QToolButton[role="button"] {
    background: @button; border: 1px solid transparent; border-radius: 6px; padding: 0 12px; min-height: 28px;
}
QPushButton:hover, QToolButton[role="button"]:hover { background: @pressed; }
QPushButton:pressed { background: @border; }
QPushButton:checked { background: @pressed; border-color: @accent; }
QPushButton:focus, QToolButton[role="button"]:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; }
QPushButton[role="primary"] { background: @accent; color: @on-accent; font-weight: 600; }
QPushButton[role="run"] { background: @run; color: @on-accent; font-weight: 600; padding: 0 18px; }
QPushButton[role="run"]:hover { background: @run-hover; }
QPushButton[role="run"]:disabled { background: @button; color: @faint; }
QPushButton[role="link"] {
    background: transparent; color: @accent; border: none; padding: 0; min-height: 20px; text-align: left;
}
QPushButton[role="link"]:hover, QPushButton[role="link"]:focus { text-decoration: underline; }
QPushButton[role="card"] {
    background: @card; border: 1px solid @border; border-radius: 8px; padding: 0; text-align: left;
}
QPushButton[role="card"]:hover { border-color: @accent; }
QPushButton[role="card"]:focus { border: 2px solid @accent; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @pressed; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; }
QCheckBox::indicator, QTreeView::indicator, QListView::indicator {
    width: 16px; height: 16px; border: 1px solid @strong-border; border-radius: 4px; background: @field;
}
QCheckBox::indicator:hover { border-color: @accent; }
QCheckBox::indicator:focus { border: 2px solid @accent; }
QCheckBox::indicator:checked, QTreeView::indicator:checked, QListView::indicator:checked {
    background: @accent; border-color: @accent; image: url(icon:check-@scheme.svg);
}
QCheckBox::indicator:indeterminate { background: @accent; border-color: @accent; image: url(icon:minus-@scheme.svg); }

QMenu, QMenuBar { background: @panel; }
QMenuBar { border-bottom: 1px solid @border; padding: 1px 6px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QMenu { border: 1px solid @strong-border; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
    padding: 6px 14px; border: none; color: @muted; background: transparent; margin-right: 2px;
    border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: @text; }
QTabBar::tab:disabled { color: @faint; }
QTabBar::tab:selected { color: @accent; font-weight: 600; border-bottom: 2px solid @accent; }
QTabWidget::pane { border: none; }
QTabBar#documents::tab {
    border: none; border-top-left-radius: 8px; border-top-right-radius: 8px; padding: 8px 14px; min-height: 18px;
    margin-top: 6px; margin-right: 4px;
}
QTabBar#documents::tab:selected { background: @canvas; color: @text; }
QTabBar#documents::tab:hover:!selected { background: @hover; }
QTabBar#documents::close-button { image: url(icon:close-@scheme.svg); }
QTabBar#documents::close-button:hover { background: @pressed; border-radius: 4px; }

QListView, QTreeView, QTableView, QListWidget, QTreeWidget {
    background: @panel; border: none; outline: none; selection-background-color: @selection; selection-color: @text;
}
QListView::item, QTreeView::item { min-height: 24px; border-radius: 4px; padding: 0 4px; }
QListView::item:hover, QTreeView::item:hover { background: @hover; }
QListView::item:selected, QTreeView::item:selected { background: @selection; color: @text; }
QFrame#record { background: transparent; border: 1px solid @border; border-radius: 6px; }
QListWidget[framed="true"], QTableWidget[framed="true"] {
    background: @field; border: 1px solid @border; border-radius: 6px; padding: 2px;
}
QHeaderView { background: @panel; }
QHeaderView::section {
    background: @panel; color: @muted; border: none; border-bottom: 1px solid @border; padding: 4px 8px;
    font-size: 11px; font-weight: 600;
}
QTableView { gridline-color: @border; alternate-background-color: @canvas; }
QTableCornerButton::section { background: @panel; border: none; }

QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget#contents { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @strong-border; border-radius: 3px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: @border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: @accent; }

QProgressBar { background: @border; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @running; border-radius: 3px; }

QFrame#notice { background: @selection; border-bottom: 1px solid @border; }
QFrame#search-everywhere, QFrame#popup {
    background: @card; border: 1px solid @strong-border; border-radius: 10px;
}
QFrame#search-everywhere QLineEdit {
    border: none; background: transparent; font-size: 16px; min-height: 40px; max-height: 40px;
}
QFrame#search-everywhere QListView { background: transparent; }
QFrame[role="line"] { background: @border; border: none; max-height: 1px; min-height: 1px; }
"""


def stylesheet(colours: Mapping[str, str]) -> str:
    """The style sheet in these colours."""
    scheme = "light" if colours["text"] < colours["window"] else "dark"

    def value(match: re.Match[str]) -> str:
        name = match[1].replace("-", " ")
        return scheme if name == "scheme" else colours[name]

    return re.sub(r"@([a-z]+(?:-[a-z]+)*)", value, _SHEET)


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Change a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
