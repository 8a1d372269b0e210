"""The settings panel: every parameter of every node type can be seen, changed and brought back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.running.status import Status
from nodeflow_gui.settings.choosing import chosen, read
from nodeflow_gui.settings.column_set import ColumnsEditor
from nodeflow_gui.settings.columns import TYPE_ROLE, ColumnEditor
from nodeflow_gui.settings.dates import DateEditor
from nodeflow_gui.settings.editor import Surroundings
from nodeflow_gui.settings.formula import FormulaEditor
from nodeflow_gui.settings.formula_field import quoted
from nodeflow_gui.settings.grid import GridEditor
from nodeflow_gui.settings.help_text import html_of
from nodeflow_gui.settings.making import KINDS, editor_for
from nodeflow_gui.settings.numbers import NumberEditor
from nodeflow_gui.settings.panel import SettingsPanel
from nodeflow_gui.settings.scalars import JsonEditor, ScalarEditor, VariableEditor
from nodeflow_gui.settings.sequences import applies, first_value
from nodeflow_gui.settings.simple import ChoiceEditor, LongText
from nodeflow_gui.settings.tabbing import stop_outside
from PySide6.QtCore import QDate, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from nodeflow.document import loads
from nodeflow.registry import Registry

REGISTRY = Registry.installed()
COLUMNS = [
    ("age", "integer"),
    ("income", "float"),
    ("first name", "text"),
    ("country", "category"),
    ("born", "date"),
    ("member", "boolean"),
]
ONLY_ONE = object()
"""There is no other value."""
AROUND = Surroundings(columns=lambda port: COLUMNS)


class KnownStatus(Status):
    """A status that knows the columns, without a process that finds them out."""

    def columns_for(self, node: str, parameter: str, port: str = "") -> list[tuple[str, str]]:
        return COLUMNS


@pytest.fixture
def document(qapp: QApplication, tmp_path: Any) -> Iterator[EditorDocument]:
    made = EditorDocument(REGISTRY, recovery=tmp_path)
    made.new()
    yield made
    made.close()


@pytest.fixture
def open_panel(document: EditorDocument, qtbot: QtBot) -> Callable[..., SettingsPanel]:
    def show(type_id: str, **parameters: Any) -> SettingsPanel:
        node = document.add_node(type_id, (0, 0), parameters=parameters)
        panel = SettingsPanel(document, KnownStatus())
        qtbot.addWidget(panel)
        panel.resize(300, 700)
        panel.show()
        panel.show_node(node)
        return panel

    return show


def other_value(declared: dict[str, Any], value: Any) -> Any:
    """A valid value that differs from `value`."""
    kind = declared["kind"]
    if kind == "boolean":
        return not value
    if kind == "choice":
        others = [one for one in declared["choices"] if one != value or type(one) is not type(value)]
        return others[0] if others else ONLY_ONE
    if kind in ("integer", "number", "seed"):
        editor = NumberEditor(declared, AROUND)
        start = value if isinstance(value, int | float) else 3
        for number in (start + 1, start - 1, start * 0.5, 0.5, 0.25, 0.75, 1, 2, 10, start * 2, 5):
            number = int(number) if editor.whole else float(number)
            editor.set_value(number)
            if number != value and not editor.fault():
                return number
        raise AssertionError(f"no other number for {declared}")
    if kind == "columns":
        return (
            {"types": ["number"], "exclude": ["age"]}
            if value != {"types": ["number"], "exclude": ["age"]}
            else ["age"]
        )
    if kind == "list":
        entry = {**declared["entry"], **{k: declared[k] for k in ("fields",) if k in declared}}
        return [*(value or []), first_value(entry)]
    if kind == "mapping":
        return {**(value or {}), "one": first_value(declared["entry"])}
    if kind == "record":
        return {**(value or {}), declared["fields"][0]["name"]: other_value(declared["fields"][0], None)}
    simple = {
        "code": "print(1)",
        "colour": "#123456",
        "column": "income",
        "date": "2023-02-03",
        "formula": "age + 1",
        "host": "db.example.org",
        "path": "some/file.csv",
        "scalar": 4.5,
        "secret": {"environment": "MY_PASSWORD"},
        "text": "something else",
    }
    return simple[kind] if simple[kind] != value else simple[kind] + "2"


@pytest.mark.parametrize("type_id", REGISTRY.names())
def test_every_parameter_of_every_node_can_be_read_changed_and_undone(
    type_id: str, open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    panel = open_panel(type_id)
    if any(one.get("advanced") for one in panel._parameters()):
        panel._toggle_advanced()
    before = document.to_text()
    assert panel.node is not None
    given = document.node(panel.node).parameters
    assert list(panel.rows) == [
        one["name"] for one in sorted(panel._parameters(), key=lambda p: bool(p.get("advanced")))
    ]
    for name, row in panel.rows.items():
        declared = dict(row.declared)
        assert declared["kind"] in KINDS
        assert not isinstance(row.editor, JsonEditor)
        present = given.get(name, declared.get("default", first_value(declared)))
        assert row.editor.value() == present, name
        other = other_value(declared, present)
        if other is ONLY_ONE:
            continue
        row.editor.set_value(other)
        assert row.editor.value() == other, name
        row.editor.committed.emit()
        assert document.node(panel.node).parameters.get(name) == other, name
        document.undo_stack.undo()
        assert document.to_text() == before, name
        assert row.editor.value() == present, name


def nested_kinds(declared: dict[str, Any]) -> Iterator[str]:
    yield declared["kind"]
    if "entry" in declared:
        yield from nested_kinds(declared["entry"])
    for field in declared.get("fields", ()):
        yield from nested_kinds(field)


def test_every_kind_of_the_catalogue_has_an_editor() -> None:
    found = {
        kind
        for one in REGISTRY
        for declared in one.declaration["parameters"]
        for kind in nested_kinds(declared)
    }
    assert found <= KINDS


@pytest.mark.parametrize(
    ("kind", "value", "more"),
    [
        ("code", "import os\n\nx = 1", {}),
        ("colour", "#a0b1c2", {}),
        ("date", "1999-12-31", {}),
        ("secret", {"keyring": "db", "user": "ann"}, {}),
        ("record", {"a": 3}, {"fields": [{"name": "a", "label": "A", "kind": "integer", "required": True}]}),
        ("scalar", True, {}),
        ("scalar", None, {}),
        ("scalar", "12", {}),
    ],
)
def test_kinds_that_plug_ins_may_have_keep_their_values(
    qtbot: QtBot, kind: str, value: Any, more: dict[str, Any]
) -> None:
    editor = editor_for({"kind": kind, "name": "x", "label": "X", "help": "", **more}, AROUND)
    qtbot.addWidget(editor)
    editor.set_value(value)
    assert editor.value() == value
    assert type(editor.value()) is type(value)
    assert editor.fault() == ""


@pytest.mark.parametrize("kind", ["columns", "list", "mapping", "boolean"])
def test_what_may_be_empty_can_be_set_and_unset(qtbot: QtBot, kind: str) -> None:
    declared = {
        "kind": kind,
        "name": "x",
        "label": "X",
        "optional": True,
        "entry": {"kind": "text", "schema": {}},
    }
    editor = editor_for(declared, AROUND)
    qtbot.addWidget(editor)
    editor.set_value(None)
    assert editor.value() is None
    editor.box.click()  # type: ignore[attr-defined]
    assert editor.value() is not None
    editor.box.click()  # type: ignore[attr-defined]
    assert editor.value() is None


# -- as a person acts ---------------------------------------------------------------------------


def test_a_typed_number_is_applied_once_and_undone_once(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot
) -> None:
    panel = open_panel("random_forest_learner")
    field = panel.rows["trees"].editor.field  # type: ignore[attr-defined]
    steps = document.undo_stack.count()
    field.selectAll()
    qtbot.keyClicks(field, "250")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert document.node(panel.node or "").parameters["trees"] == 250
    assert document.undo_stack.count() == steps + 1
    document.undo_stack.undo()
    assert field.text() == "100"


@pytest.mark.parametrize("held", [{}, {"trees": 100}])
def test_a_number_typed_back_to_what_it_was_leaves_no_step_to_undo(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot, held: dict[str, int]
) -> None:
    panel = open_panel("random_forest_learner", **held)
    document.undo_stack.setClean()
    before, steps = document.to_text(), document.undo_stack.count()
    field = panel.rows["trees"].editor.field  # type: ignore[attr-defined]
    for typed in ("250", "100"):
        field.selectAll()
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (document.undo_stack.count(), document.to_text()) == (steps, before)
    assert not document.is_modified
    document.undo_stack.undo()
    document.undo_stack.redo()
    assert document.to_text() == before


def test_typing_is_applied_after_a_pause_without_return(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot
) -> None:
    panel = open_panel("random_forest_learner")
    field = panel.rows["trees"].editor.field  # type: ignore[attr-defined]
    field.selectAll()
    qtbot.keyClicks(field, "77")
    qtbot.waitUntil(lambda: document.node(panel.node or "").parameters.get("trees") == 77)


def test_a_number_out_of_bounds_explains_itself(
    open_panel: Callable[..., SettingsPanel], qtbot: QtBot
) -> None:
    panel = open_panel("partition")
    row = panel.rows["fraction"]
    field = row.editor.field  # type: ignore[attr-defined]
    field.selectAll()
    qtbot.keyClicks(field, "7")
    assert "1" in row.fault_text
    assert "number" in row.fault_text
    assert field.property("faulty") is True
    field.selectAll()
    qtbot.keyClicks(field, "0,75")
    assert row.fault_text == ""
    assert row.editor.value() == 0.75


def test_arrow_keys_step_a_number(open_panel: Callable[..., SettingsPanel], qtbot: QtBot) -> None:
    panel = open_panel("partition", fraction=0.8)
    editor = panel.rows["fraction"].editor
    qtbot.keyClick(editor.field, Qt.Key.Key_Up)  # type: ignore[attr-defined]
    assert editor.value() == 0.9
    qtbot.keyClick(editor.field, Qt.Key.Key_Down)  # type: ignore[attr-defined]
    assert editor.value() == 0.8


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2023-02-28", "2023-02-28"),
        ("28.2.2023", "2023-02-28"),
        ("2023/2/28", "2023-02-28"),
        ("", None),
        ("2023-13-45", "2023-13-45"),
        ("soon", "soon"),
    ],
)
def test_a_day_is_typed_over_the_one_before(qtbot: QtBot, typed: str, value: str | None) -> None:
    editor = editor_for({"kind": "date", "name": "d", "label": "D", "optional": True}, AROUND)
    qtbot.addWidget(editor)
    editor.set_value("1999-12-31")
    field: QLineEdit = editor.field  # type: ignore[attr-defined]
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert editor.value() == value
    assert field.text() == (value or "")
    assert bool(editor.fault()) == (value == typed and "28" not in typed)


def test_a_day_is_stepped_and_taken_from_a_calendar(qtbot: QtBot) -> None:
    editor = DateEditor({"kind": "date", "name": "d", "label": "D"}, AROUND)
    qtbot.addWidget(editor)
    editor.show()
    editor.set_value("2024-02-28")
    qtbot.keyClick(editor.field, Qt.Key.Key_Up)
    assert editor.value() == "2024-02-29"
    editor.button.click()
    assert editor.calendar.selectedDate() == QDate(2024, 2, 29)
    qtbot.keyClick(editor.calendar.focusProxy() or editor.calendar, Qt.Key.Key_Right)
    with qtbot.waitSignal(editor.committed):
        qtbot.keyClick(editor.calendar.focusProxy() or editor.calendar, Qt.Key.Key_Return)
    assert editor.value() == "2024-03-01"
    assert not editor.calendar.isVisible()
    editor.move(100, editor.screen().availableGeometry().bottom() - editor.height())
    editor.button.click()
    end = editor.calendar.mapToGlobal(editor.calendar.rect().bottomLeft()).y()
    assert end < editor.screen().availableGeometry().bottom()


def test_a_parameter_shows_only_while_its_condition_holds(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    panel = open_panel("partition")
    assert panel.rows["fraction"].isVisibleTo(panel)
    assert not panel.rows["count"].isVisibleTo(panel)
    document.set_parameter(panel.node or "", "size", "count")
    assert not panel.rows["fraction"].isVisibleTo(panel)
    assert panel.rows["count"].isVisibleTo(panel)


@pytest.mark.parametrize(
    ("when", "value", "holds"),
    [
        ({"kind": "a"}, "a", True),
        ({"kind": "a"}, "b", False),
        ({"kind": ["a", "b"]}, "b", True),
        ({"kind": []}, [], True),
        ({"kind": None}, None, True),
        ({"kind": True}, False, False),
    ],
)
def test_conditions_are_values_or_lists_of_them(when: dict[str, Any], value: Any, holds: bool) -> None:
    assert applies({"when": when}, {"kind": value}) is holds


def test_columns_are_offered_by_type_and_wrong_ones_explained(
    open_panel: Callable[..., SettingsPanel],
) -> None:
    panel = open_panel("cell_splitter", column="age")
    row = panel.rows["column"]
    box = row.editor.box  # type: ignore[attr-defined]
    assert [box.itemText(i) for i in range(box.count())] == ["first name", "country"]
    assert "age" in row.fault_text
    assert "integer" in row.fault_text


def test_a_column_that_is_not_there_is_named(open_panel: Callable[..., SettingsPanel]) -> None:
    panel = open_panel("cell_splitter", column="nmae")
    assert "nmae" in panel.rows["column"].fault_text


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("COUNTRY", "country"),
        ("inc", "income"),
        ("age", "age"),  # a name of its own
        ("m", "m"),  # of several columns
        ("ghost", "ghost"),
        ("", ""),
    ],
)
def test_a_part_of_the_name_of_one_column_stands_for_it(qtbot: QtBot, typed: str, taken: str) -> None:
    around = Surroundings(columns=lambda port: [*COLUMNS, ("age in days", "integer")])
    editor = ColumnEditor({"kind": "column", "name": "by", "label": "By"}, around)
    qtbot.addWidget(editor)
    editor.show()
    field = editor.box.lineEdit()
    assert field is not None
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert editor.value() == taken


def columns_editor(qtbot: QtBot, value: Any) -> ColumnsEditor:
    editor = ColumnsEditor({"kind": "columns", "name": "columns", "label": "Columns"}, AROUND)
    qtbot.addWidget(editor)
    editor.set_value(value)
    editor.show()
    editor.head.setChecked(True)
    return editor


def tick(editor: ColumnsEditor, name: str) -> None:
    for row in range(editor.list.count()):
        item = editor.list.item(row)
        if item.data(Qt.ItemDataRole.UserRole) == name:
            checked = item.checkState() == Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)
            return
    raise AssertionError(name)


def test_unticking_among_all_excludes_so_that_new_columns_come_in(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, {})
    tick(editor, "age")
    assert editor.value() == {"exclude": ["age"]}
    assert "5 of 6" in editor.head.text()
    tick(editor, "age")
    assert editor.value() == {}


def test_columns_by_type_take_single_ones_in_and_out(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, {"types": ["number"]})
    tick(editor, "income")
    assert editor.value() == {"types": ["number"], "exclude": ["income"]}
    tick(editor, "first name")
    assert chosen(read(editor.value()), COLUMNS) == ["age", "first name"]
    tick(editor, "first name")
    assert chosen(read(editor.value()), COLUMNS) == ["age"]


def test_a_pattern_chooses_by_name_as_the_engine_does(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, {"types": ["number"]})
    editor.types["number"].click()
    editor.pattern.setText("^(age|born)$")
    editor.pattern.textEdited.emit(editor.pattern.text())
    assert editor.value() == {"pattern": "^(age|born)$"}
    assert editor.head.text().startswith("2 of 6")


def test_a_bad_pattern_says_what_is_wrong(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, {"pattern": "("})
    assert "regular expression" in editor.fault()


def test_ticked_names_keep_their_order_and_can_be_moved(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, ["income", "age"])
    tick(editor, "born")
    assert editor.value() == ["income", "age", "born"]
    editor.list.setCurrentRow(2)
    editor.move_up.click()
    assert editor.value() == ["income", "born", "age"]


def test_columns_that_are_gone_stay_visible_and_can_be_taken_out(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, ["age", "ghost"])
    assert "ghost" in editor.fault()
    tick(editor, "ghost")
    assert editor.value() == ["age"]


def test_the_filter_only_hides(qtbot: QtBot) -> None:
    editor = columns_editor(qtbot, ["age"])
    qtbot.keyClicks(editor.filter, "b")
    shown = [
        editor.list.item(i).text() for i in range(editor.list.count()) if not editor.list.item(i).isHidden()
    ]
    assert shown == ["born", "member"]
    editor.every.click()
    assert editor.value() == ["age", "born", "member"]


def formula_editor(qtbot: QtBot, text: str) -> FormulaEditor:
    editor = FormulaEditor({"kind": "formula", "name": "f", "label": "F", "types": ["boolean"]}, AROUND)
    qtbot.addWidget(editor)
    editor.set_value(text)
    editor.show()
    return editor


def test_a_fault_of_a_formula_is_marked_at_its_character(qtbot: QtBot) -> None:
    editor = formula_editor(qtbot, "age > 3 and incme > 1")
    assert "incme" in editor.fault()
    (mark,) = editor.field.extraSelections()
    assert mark.cursor.selectedText() == "incme"
    editor.set_value("age > 3")
    assert editor.fault() == ""
    assert editor.field.extraSelections() == []


def test_a_formula_of_the_wrong_type_is_told(qtbot: QtBot) -> None:
    assert "boolean" in formula_editor(qtbot, "age + 1").fault()


def test_typing_completes_columns_and_functions(qtbot: QtBot) -> None:
    editor = formula_editor(qtbot, "")
    qtbot.keyClicks(editor.field, "fir")
    assert editor.field.completer.popup().isVisible()
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert editor.value() == "`first name`"
    qtbot.keyClicks(editor.field, " == lowe")
    qtbot.keyClick(editor.field, Qt.Key.Key_Tab)
    assert editor.value().startswith("`first name` == lower")


def test_ctrl_space_completes_also_where_nothing_is_begun(qtbot: QtBot) -> None:
    editor = formula_editor(qtbot, "age > ")
    editor.field.moveCursor(QTextCursor.MoveOperation.End)
    editor.field.setFocus()
    keys = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    keys.ignore()
    QApplication.sendEvent(editor.field, keys)
    assert keys.isAccepted()  # else the window would add a node
    qtbot.keyClick(editor.field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    popup = editor.field.completer.popup()
    assert popup.isVisible()
    assert popup.model().index(0, 0).data(TYPE_ROLE) == "integer"
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert editor.value() == "age > age"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("round(abs(age), |)", "round(x"),
        ("round(abs(ag|e), 2)", "abs(x"),
        ("rou|nd(age)", "round(x"),
        ('upper("(" |)', "upper(x"),
        ("age + |1", ""),
    ],
)
def test_what_the_function_at_the_cursor_does_is_told(qtbot: QtBot, text: str, told: str) -> None:
    editor = formula_editor(qtbot, text.replace("|", ""))
    cursor = editor.field.textCursor()
    cursor.setPosition(text.index("|"))
    editor.field.setTextCursor(cursor)
    assert editor.about.text().startswith(told)
    assert editor.about.isVisible() == bool(told)


def test_a_name_with_backticks_is_written_so_that_it_is_found(qtbot: QtBot) -> None:
    from nodeflow.expressions import parse

    assert parse(quoted("a`b")).columns == parse("`a``b`").columns


def test_only_the_field_at_fault_is_marked_and_the_character_the_engine_tells(
    open_panel: Callable[..., SettingsPanel],
) -> None:
    formulas = [{"name": "a", "expression": "age"}, {"name": "b", "expression": "age + ag"}]
    panel = open_panel("formula", formulas=formulas)
    place = "formulas[1].expression"
    told = {"node": panel.node, "parameter": place, "message": "no", "kind": "x", "position": 6}
    panel.status.problems = [told]
    panel.status.problems_changed.emit()
    entries = panel.rows["formulas"].editor.entries  # type: ignore[attr-defined]
    marked = [
        (number, name)
        for number, entry in enumerate(entries)
        for name, field in entry.fields.items()
        if field.field.property("faulty")
    ]
    assert marked == [(1, "expression")]
    (mark,) = entries[1].fields["expression"].field.extraSelections()
    assert mark.cursor.selectedText() == "ag"


def test_entries_are_moved_and_removed_by_keys_alone(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot
) -> None:
    by = [{"column": name} for name in ("age", "income", "born")]
    panel = open_panel("sorter", by=by)
    editor = panel.rows["by"].editor
    editor.buttons[2]["up"].setFocus()  # type: ignore[attr-defined]
    for _ in range(2):
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    names = [one["column"] for one in document.node(panel.node or "").parameters["by"]]
    assert names == ["born", "age", "income"]
    assert panel.focusWidget() is editor.buttons[0]["down"]  # type: ignore[attr-defined]
    editor.buttons[1]["close"].setFocus()  # type: ignore[attr-defined]
    for _ in range(3):
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    assert document.node(panel.node or "").parameters["by"] == []
    assert panel.focusWidget() is editor.add_button  # type: ignore[attr-defined]


def test_tab_goes_through_the_settings_as_they_stand(
    open_panel: Callable[..., SettingsPanel], qtbot: QtBot
) -> None:
    formulas = [{"name": "a", "expression": "age"}, {"name": "b", "expression": "a"}]
    panel = open_panel("formula", formulas=formulas)
    assert stop_outside(panel, forwards=True) is None  # there is nothing else in its window
    editor: Any = panel.rows["formulas"].editor
    editor.move_entry(editor.entries[1], -1)  # what is made anew must not go to the end
    panel.focus_first()
    first, second = editor.entries
    order = []
    for entry, buttons in zip((first, second), editor.buttons, strict=True):
        order += [button for button in buttons.values() if button.isEnabled()]
        order += [
            entry.fields["name"].field,
            entry.fields["expression"].field,
            entry.fields["expression"].insert,
        ]
    order.append(editor.add_button)
    assert panel.focusWidget() is first.fields["name"].field
    order[0].setFocus()
    passed = [order[0]]
    for _ in order[1:]:
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Tab)
        passed.append(panel.focusWidget())
    assert passed == order
    for expected in order[-2::-1]:
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert panel.focusWidget() is expected


def test_a_list_grows_moves_and_shrinks(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    panel = open_panel("binner", method="custom", limits=[1.0, 2.0])
    editor = panel.rows["limits"].editor
    editor.add_button.click()  # type: ignore[attr-defined]
    assert document.node(panel.node or "").parameters["limits"][:2] == [1, 2]
    editor.move_entry(editor.entries[1], -1)  # type: ignore[attr-defined]
    assert document.node(panel.node or "").parameters["limits"][:2] == [2, 1]
    editor.remove_entry(editor.entries[0])  # type: ignore[attr-defined]
    assert document.node(panel.node or "").parameters["limits"][0] == 1


def test_records_have_a_field_for_each_of_theirs(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    panel = open_panel("joiner", keys=[{"left": "age", "right": "age"}])
    entry = panel.rows["keys"].editor.entries[0]  # type: ignore[attr-defined]
    entry.fields["right"].set_value("income")
    entry.fields["right"].committed.emit()
    assert document.node(panel.node or "").parameters["keys"] == [{"left": "age", "right": "income"}]


def test_the_settings_of_a_listed_layer_are_offered_with_editors_of_their_kind(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot
) -> None:
    layers = [{"layer": "dense", "settings": {"units": 8, "mine": 1}}, {"layer": "conv2d"}]
    panel = open_panel("layer_list", layers=layers)
    first, second = panel.rows["layers"].editor.entries  # type: ignore[attr-defined]
    settings = first.fields["settings"]
    assert [type(one) for one in settings.entries] == [NumberEditor, ScalarEditor]
    settings.add_button.click()
    menu = settings.findChild(QMenu)
    offered = {action.text(): action for action in menu.actions()}
    assert "Units" not in offered
    assert offered["Activation"].toolTip()
    offered["Activation"].trigger()
    menu.close()
    assert isinstance(settings.entries[-1], ChoiceEditor)
    settings.entries[-1].box.setCurrentText("relu")
    settings.entries[-1].box.activated.emit(0)
    second.fields["settings"].add_named("kernel_size")
    first.fields["layer"].box.setCurrentText("dropout")
    first.fields["layer"].box.activated.emit(0)
    assert [type(one) for one in settings.entries] == [ScalarEditor] * 3
    assert document.node(panel.node or "").parameters["layers"] == [
        {"layer": "dropout", "settings": {"units": 8, "mine": 1, "activation": "relu"}},
        {"layer": "conv2d", "settings": {"kernel_size": "3, 3"}},
    ]


def test_a_variable_can_stand_for_a_value_and_go_again(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    document.set_variable("k", 5)
    panel = open_panel("random_forest_learner")
    panel.rows["trees"].take_variable("k")
    assert document.node(panel.node or "").parameters["trees"] == {"variable": "k"}
    assert panel.rows["trees"].editor.value() == {"variable": "k"}
    panel.rows["trees"].editor.back.click()  # type: ignore[attr-defined]
    assert "trees" not in document.node(panel.node or "").parameters
    assert panel.rows["trees"].editor.value() == 100


def test_a_problem_found_by_the_engine_stands_below_its_parameter(
    open_panel: Callable[..., SettingsPanel],
) -> None:
    panel = open_panel("row_filter", condition="age > 1")
    panel.status.problems = [
        {"node": panel.node, "parameter": "condition", "message": "Look here.", "kind": "x"}
    ]
    panel.status.problems_changed.emit()
    assert panel.rows["condition"].fault_text == "Look here."


def test_what_the_engine_found_stays_until_the_value_is_another(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot
) -> None:
    panel = open_panel("csv_reader", path="gone.csv")
    panel.status.problems = [
        {"node": panel.node, "parameter": "path", "message": "there is no file", "kind": "x"}
    ]
    panel.status.problems_changed.emit()
    row = panel.rows["path"]
    field = row.editor.field  # type: ignore[attr-defined]
    field.editingFinished.emit()  # the field is left, such as for the file dialog
    document.set_parameter(panel.node or "", "header", False)
    assert row.fault_text == "There is no file"
    qtbot.keyClicks(field, "x")
    assert row.fault_text == ""
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert row.fault_text == "There is no file"
    qtbot.keyClicks(field, "x")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert row.fault_text == ""


def test_a_title_of_ones_own_can_be_given_and_undone(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument, qtbot: QtBot
) -> None:
    panel = open_panel("row_filter")
    field: QLineEdit = panel._title
    field.selectAll()
    qtbot.keyClicks(field, "adults")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert document.node(panel.node or "").label == "adults"
    document.undo_stack.undo()
    assert document.node(panel.node or "").label == ""


def test_a_removed_node_leaves_an_empty_panel(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    panel = open_panel("row_filter")
    document.remove([panel.node or ""], [])
    assert panel.node is None
    assert panel.rows == {}


def test_every_editor_has_an_accessible_name(open_panel: Callable[..., SettingsPanel]) -> None:
    panel = open_panel("csv_reader")
    for row in panel.rows.values():
        proxy = row.editor.focusProxy()
        assert proxy is not None
        assert proxy.accessibleName(), row.name


def test_without_a_node_the_workflow_itself_is_set(document: EditorDocument, qtbot: QtBot) -> None:
    panel = SettingsPanel(document, KnownStatus())
    qtbot.addWidget(panel)
    panel.show()
    settings = panel.workflow_settings
    qtbot.keyClicks(settings.name, "Sales")
    qtbot.keyClick(settings.name, Qt.Key.Key_Return)
    assert document.workflow.name == "Sales"
    qtbot.keyClicks(settings.new_name, "k")
    qtbot.keyClick(settings.new_name, Qt.Key.Key_Return)
    row = settings.rows["k"]
    row.value.field.selectAll()
    qtbot.keyClicks(row.value.field, "7")
    qtbot.keyClick(row.value.field, Qt.Key.Key_Return)
    assert document.workflow.variables["k"].default == 7
    qtbot.keyClicks(settings.new_name, "k")
    qtbot.keyClick(settings.new_name, Qt.Key.Key_Return)
    assert "already" in settings.fault.text()
    for _ in range(3):
        document.undo_stack.undo()
    assert document.workflow.variables == {}
    assert document.workflow.name == ""
    assert settings.rows == {}


def test_a_table_is_typed_and_pasted_as_in_a_spreadsheet(
    open_panel: Callable[..., SettingsPanel], document: EditorDocument
) -> None:
    panel = open_panel("table_creator", columns=[{"name": "a", "type": "integer", "cells": [1, 2]}])
    grid = panel.rows["columns"].editor
    assert isinstance(grid, GridEditor)
    grid.table.item(0, 0).setText("5")
    columns = document.node(panel.node or "").parameters["columns"]
    assert columns == [{"name": "a", "type": "integer", "cells": [5, 2]}]
    grid.table.setCurrentCell(1, 0)
    grid.paste("7\tx\n8\t\n")
    columns = document.node(panel.node or "").parameters["columns"]
    assert [one["cells"] for one in columns] == [[5, 7, 8], [None, "x", None]]
    grid.set_type(0, "text")
    assert document.node(panel.node or "").parameters["columns"][0]["cells"] == ["5", "7", "8"]
    grid.table.selectRow(0)
    grid.remove_rows()
    assert grid.value()[0]["cells"] == ["7", "8"]
    grid.add_column()
    assert grid.fault() == ""
    assert len(grid.value()) == 3
    while document.node(panel.node or "").parameters["columns"][0]["cells"] != [1, 2]:
        document.undo_stack.undo()
    assert grid.value() == [{"name": "a", "type": "integer", "cells": [1, 2]}]


def test_settings_of_an_unknown_type_can_be_read_and_stay(document: EditorDocument, qtbot: QtBot) -> None:
    document.new(
        loads('{"nodeflow": 1, "nodes": {"x": {"type": "not_there", "parameters": {"a": [1, {"b": 2}]}}}}')
    )
    before = document.to_text()
    panel = SettingsPanel(document, KnownStatus())
    qtbot.addWidget(panel)
    panel.show_node("x")
    (text,) = panel.findChildren(LongText)
    assert '"b": 2' in text.toPlainText()
    assert text.isReadOnly()
    assert document.to_text() == before


def test_help_is_shown_with_its_tables_lists_and_code(qapp: QApplication) -> None:
    shown = QTextDocument()
    shown.setHtml(
        html_of(
            "Files such as photos/*.jpg and a_b_c, but not <b>this</b>, of `some_code`.\n\n"
            "| kind | rows |\n|---|---|\n| inner | of both |\n\n- one\n- two\n\n**Beware.** The end."
        )
    )
    text = shown.toPlainText()
    assert text.splitlines()[0] == "Files such as photos/*.jpg and a_b_c, but not <b>this</b>, of some_code."
    assert "|" not in text
    assert "**" not in text
    (table,) = [one for one in shown.rootFrame().childFrames() if isinstance(one, QTextTable)]
    assert (table.rows(), table.columns()) == (2, 2)
    cells = [
        table.cellAt(row, column).firstCursorPosition().block().text() for row in (0, 1) for column in (0, 1)
    ]
    assert cells == ["kind", "rows", "inner", "of both"]
    assert text.splitlines()[-1] == "Beware. The end."


def test_json_nested_without_end_is_a_fault_and_not_the_end(qtbot: QtBot) -> None:
    editor = JsonEditor({"name": "odd", "kind": "json"}, Surroundings())
    qtbot.addWidget(editor)
    editor.field.setPlainText("[" * 100_000)
    assert "no JSON" in editor.fault()
    assert editor.value() == "[" * 100_000


def test_a_long_text_is_broken_beside_its_bar(qtbot: QtBot) -> None:
    field = LongText()
    qtbot.addWidget(field)
    field.resize(270, 100)
    field.put_text("Trains a small network to forecast the sunspots of the next year. " * 12)
    field.show()
    qtbot.waitUntil(field.verticalScrollBar().isVisible)
    lines = field.document().firstBlock().layout()
    assert lines.lineAt(0).width() <= field.viewport().width()


def test_what_is_no_name_of_a_variable_is_shown_as_a_value(open_panel: Callable[..., SettingsPanel]) -> None:
    panel = open_panel("row_filter", condition={"variable": 5})
    assert not isinstance(panel.rows["condition"].editor, VariableEditor)
