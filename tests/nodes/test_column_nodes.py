"""Nodes that rename, order, add and compute columns."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from nodeflow_nodes.manipulation.column_rename import ColumnRename
from nodeflow_nodes.manipulation.column_resorter import ColumnResorter
from nodeflow_nodes.manipulation.column_splitter import ColumnSplitter
from nodeflow_nodes.manipulation.constant_column import ConstantColumn
from nodeflow_nodes.manipulation.math_formula import MathFormula
from nodeflow_nodes.manipulation.round import Round
from nodeflow_nodes.manipulation.rule_based_row_filter import RuleBasedRowFilter
from nodeflow_nodes.manipulation.rule_engine import RuleEngine
from nodeflow_nodes.manipulation.string_manipulation import StringManipulation
from nodeflow_nodes.manipulation.string_replacer import StringReplacer

from nodeflow.errors import ParameterError
from nodeflow.parameters import Columns

TABLE = pl.DataFrame({"b": [1, 2], "a": ["x", None], "First Name": ["y", "z"], "^c$": [1.5, 2.5]})


@pytest.mark.parametrize(
    ("node", "names"),
    [
        (ColumnRename(renames=[{"column": "^c$", "name": "*"}]), ["b", "a", "First Name", "*"]),
        (ColumnRename(letters="snake_case"), ["b", "a", "first_name", "c"]),
        (ColumnRename(letters="upper", columns=["a", "b"]), ["B", "A", "First Name", "^c$"]),
        (ColumnRename(find="(.*) (.*)", replacement="$2, $1"), ["b", "a", "Name, First", "^c$"]),
        (
            ColumnRename(prefix="p_", suffix="_s", columns={"types": ["number"]}),
            ["p_b_s", "a", "First Name", "p_^c$_s"],
        ),
        (
            ColumnRename(letters="upper", renames=[{"column": "a", "name": "z"}]),
            ["B", "z", "FIRST NAME", "^C$"],
        ),
        (ColumnRename(), ["b", "a", "First Name", "^c$"]),
    ],
)
def test_columns_get_new_names(apply, node, names) -> None:
    found = apply(node, table=TABLE)
    assert found.columns == names
    assert found.rows() == TABLE.rows()


def test_names_that_would_meet_are_told(faults) -> None:
    assert '"b" and "a" would both be called "q"' in faults(
        ColumnRename(renames=[{"column": "a", "name": "q"}, {"column": "b", "name": "q"}]), table=TABLE
    )[0].replace("; choose another name", "")
    assert "no column" in faults(ColumnRename(renames=[{"column": "c", "name": "q"}]), table=TABLE)[0]


@pytest.mark.parametrize("pattern", ["(", "(?<=a)b"])
def test_a_pattern_that_cannot_be_used_is_told(pattern) -> None:
    with pytest.raises(ParameterError, match=r"no regular|cannot be"):
        ColumnRename(find=pattern)


def test_one_column_is_not_renamed_twice() -> None:
    with pytest.raises(ParameterError, match="twice"):
        ColumnRename(renames=[{"column": "a", "name": "q"}, {"column": "a", "name": "r"}])


@pytest.mark.parametrize(
    ("node", "names"),
    [
        (ColumnResorter(first=["^c$", "a"]), ["^c$", "a", "b", "First Name"]),
        (ColumnResorter(last={"types": ["number"]}), ["a", "First Name", "b", "^c$"]),
        (ColumnResorter(others="a to z"), ["^c$", "a", "b", "First Name"]),
        (ColumnResorter(first=["a"], last=["a", "b"]), ["a", "First Name", "^c$", "b"]),
    ],
)
def test_columns_get_another_order(apply, node, names) -> None:
    found = apply(node, table=TABLE)
    assert found.columns == names
    assert found.select(TABLE.columns).equals(TABLE) if "^c$" not in names else found.width == 4


def test_columns_are_divided(apply) -> None:
    chosen, others = apply(ColumnSplitter(columns=Columns.typed("number")), table=TABLE)
    assert (chosen.columns, others.columns) == (["b", "^c$"], ["a", "First Name"])
    assert chosen.height == others.height == 2


@pytest.mark.parametrize(
    ("kind", "text", "value", "dtype"),
    [
        ("text", "yes", "yes", pl.String()),
        ("text", "", None, pl.String()),
        ("integer", "-7", -7, pl.Int64()),
        ("integer", "", None, pl.Int64()),
        ("number", "1e3", 1000.0, pl.Float64()),
        ("boolean", "No", False, pl.Boolean()),
        ("date", "2024-02-29", datetime.date(2024, 2, 29), pl.Date()),
        ("datetime", "2024-02-29T08:30:00", datetime.datetime(2024, 2, 29, 8, 30), pl.Datetime("us")),
    ],
)
def test_a_constant_has_its_type(apply, kind, text, value, dtype) -> None:
    found = apply(ConstantColumn(column="k", value=text, type=kind), table=TABLE)
    assert found["k"].to_list() == [value, value]
    assert found.schema["k"] == dtype


@pytest.mark.parametrize(
    ("kind", "text"), [("integer", "1.5"), ("integer", str(2**64)), ("boolean", "ja"), ("date", "29.2.2024")]
)
def test_a_constant_that_does_not_fit_is_told(kind, text) -> None:
    with pytest.raises(ParameterError, match="must be"):
        ConstantColumn(value=text, type=kind)


def test_a_constant_column_that_is_there_is_told_or_replaced(apply, faults) -> None:
    assert "already" in faults(ConstantColumn(column="a"), table=TABLE)[0]
    assert apply(ConstantColumn(column="a", existing="replace"), table=TABLE).columns == TABLE.columns


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [2.0, -2.0, 1235.0, None]),
        ({"digits": 1}, [2.5, -1.6, 1234.6, None]),
        ({"digits": -2}, [0.0, 0.0, 1200.0, None]),
        ({"method": "up"}, [3.0, -1.0, 1235.0, None]),
        ({"method": "down", "digits": 1}, [2.5, -1.6, 1234.5, None]),
        ({"method": "towards zero"}, [2.0, -1.0, 1234.0, None]),
    ],
)
def test_numbers_are_rounded(apply, options, expected) -> None:
    table = pl.DataFrame({"x": [2.5, -1.55, 1234.56, None], "t": ["a"] * 4})
    found = apply(Round(**options), table=table)
    assert found["x"].to_list() == [
        pytest.approx(one, abs=1e-9) if one is not None else None for one in expected
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"find": "a"}, ["bnn", "A.n+", None]),
        ({"find": "A", "match_case": False, "replacement": "_"}, ["b_n_n_", "_.n+", None]),
        ({"find": ".n+", "replacement": "$0"}, ["banana", "A$0", None]),
        ({"find": "?.*", "reads": "wildcards", "replacement": "-"}, ["banana", "-", None]),
        ({"find": "(n)a", "reads": "regular expression", "replacement": "<$1>"}, ["ba<n><n>", "A.n+", None]),
        ({"find": "banana", "whole": True, "replacement": "x"}, ["x", "A.n+", None]),
        ({"find": "anana", "whole": True, "replacement": "x"}, ["banana", "A.n+", None]),
    ],
)
def test_texts_are_replaced(apply, options, expected) -> None:
    table = pl.DataFrame({"t": ["banana", "A.n+", None], "n": [1, 2, 3]})
    assert apply(StringReplacer(**options), table=table)["t"].to_list() == expected


def test_a_wrong_pattern_is_told() -> None:
    with pytest.raises(ParameterError, match="is no regular expression"):
        StringReplacer(find="(", reads="regular expression")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["trim"], "A-1,  b!"),
        (["trim", "collapse blanks", "lower case"], "a-1, b!"),
        (["remove punctuation", "trim"], "A1  b"),
        (["remove digits", "remove blanks"], "A-,b!"),
        (["keep digits"], "1"),
        (["keep digits", "remove digits", "empty to missing"], None),
        (["upper case", "trim"], "A-1,  B!"),
        (["title case", "trim"], "A-1,  B!"),
    ],
)
def test_texts_are_cleaned(apply, steps, expected) -> None:
    table = pl.DataFrame({"t": [" A-1,  b! ", None]})
    assert apply(StringManipulation(steps=steps), table=table)["t"].to_list() == [expected, None]


def test_one_formula_changes_many_texts(apply) -> None:
    table = pl.DataFrame({"a": [" x", "y"], "`b`": ["p", None], "n": [1, 2]})
    node = StringManipulation(
        steps=["trim"], expression='concat(value, "/", to_text(n), "/", value)', mode="append", suffix=" 2"
    )
    found = apply(node, table=table)
    assert found.columns == ["a", "`b`", "n", "a 2", "`b` 2"]
    assert found["a 2"].to_list() == ["x/1/x", "y/2/y"]


def test_nothing_to_do_and_nothing_to_do_it_with_is_told(faults) -> None:
    with pytest.raises(ParameterError, match="nothing is to be done"):
        StringManipulation()
    assert (
        "no text or category column"
        in faults(StringManipulation(steps=["trim"]), table=pl.DataFrame({"n": [1]}))[0]
    )
    assert (
        "already"
        in faults(
            StringManipulation(steps=["trim"], columns=["a"], mode="append", suffix="2"),
            table=pl.DataFrame({"a": ["x"], "a2": [1]}),
        )[0]
    )


def test_a_fault_in_a_formula_for_many_is_told_where_it_is(faults) -> None:
    told = faults(MathFormula(expression="value * nothing"), table=TABLE)
    assert len(told) == 1
    assert '"nothing"' in told[0]


def test_one_formula_computes_many_numbers(apply) -> None:
    table = pl.DataFrame({"x": [1.0, 3.0, None], "y": [10, 20, 30], "t": ["a", "b", "c"]})
    found = apply(MathFormula(expression="value / column_sum(value)"), table=table)
    assert found["x"].to_list() == [0.25, 0.75, None]
    assert found["y"].to_list() == [pytest.approx(one) for one in (1 / 6, 1 / 3, 1 / 2)]
    assert found["t"].to_list() == ["a", "b", "c"]
    whole = apply(MathFormula(columns=["x"], expression="value * 1.5", whole=True), table=table)
    assert whole["x"].to_list() == [2, 4, None]
    assert whole.schema["x"] == pl.Int64()


PEOPLE = pl.DataFrame({"age": [5, 30, 70, None], "city": ["A", "B", "A", "C"]})


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('age < 18 => "child"\ntrue => "adult"', ["child", "adult", "adult", "adult"]),
        ('age < 18 => "child"', ["child", None, None, None]),
        (
            '// a note => with an arrow\n\n  age >= 60 => "old"\ncity == "A" => "a => b"',
            ["a => b", None, "old", None],
        ),
        ("age > 20 => age * 2\nTRUE => 0", [0, 60, 140, 0]),
        ("true => city", ["A", "B", "A", "C"]),
    ],
)
def test_the_first_rule_that_fits_counts(apply, rules, expected) -> None:
    assert apply(RuleEngine(rules=rules, column="kind"), table=PEOPLE)["kind"].to_list() == expected


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("age > 1", "line 1 has no =>"),
        ("age => 1 => 2", "more than one"),
        ("age > 1 =>", "lacks the value"),
        ("=> 1", "lacks the condition"),
        ("age > 1 => 2\nage >> 1 => 2", "line 2: "),
        ("// nothing", "there is no rule"),
    ],
)
def test_a_line_that_is_no_rule_is_told(rules, words) -> None:
    with pytest.raises(ParameterError, match=words):
        RuleEngine(rules=rules)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("agee > 1 => 2", 'did you mean "age"'),
        ('age > 1 => 2\ntrue => "x"', "line 2: the value is text, but that of line 1 is number"),
        ("age => 2", "the condition gives integer"),
    ],
)
def test_rules_that_do_not_fit_the_table_are_told(faults, rules, words) -> None:
    (told,) = faults(RuleEngine(rules=rules), table=PEOPLE)
    assert words in told


def test_a_fault_in_a_rule_has_its_place() -> None:
    from nodeflow.values.specs import TableSpec

    text = "// note\nage > 1 => agee"
    (fault,) = RuleEngine(rules=text).check({"table": TableSpec(PEOPLE.schema)})
    assert text[fault.position :] == "agee"


def test_rows_are_filtered_by_rules(apply, faults) -> None:
    rules = 'city == "C" => true\nage < 60 and city == "A" => false\nage > 1 => true'
    assert apply(RuleBasedRowFilter(rules=rules), table=PEOPLE)["age"].to_list() == [30, 70, None]
    assert apply(RuleBasedRowFilter(rules=rules, keep="others"), table=PEOPLE)["age"].to_list() == [5]
    assert "ends in true or false" in faults(RuleBasedRowFilter(rules='age > 1 => "yes"'), table=PEOPLE)[0]
