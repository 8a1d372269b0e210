"""Formulas: what they give, what they refuse and where, the same on every engine and as a script."""

from __future__ import annotations

import datetime
import random
import subprocess
import sys
import time
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeflow.errors import FormulaError
from nodeflow.expressions import ALIASES, FUNCTIONS, parse, reference, reference_text

TABLE = pl.DataFrame(
    {
        "a": [1, 2, None, -4, 0],
        "b": [2.0, 0.0, 3.5, None, -1.5],
        "t": ["x", "Abc", None, "", "12"],
        "f": [True, False, None, True, False],
        "d": [
            datetime.date(2024, 1, 31),
            None,
            datetime.date(1969, 12, 31),
            datetime.date(2024, 2, 29),
            None,
        ],
        "GRE Score": [0, 320, 300, None, 337],
        "^a.*$": [10, 20, 30, 40, 50],
        "*": [7, 7, 7, 7, 7],
        "c": pl.Series(["u", "v", "u", None, "v"], dtype=pl.Categorical),
    }
)
SCHEMA = dict(TABLE.schema)


def evaluate(text: str, table: pl.DataFrame = TABLE) -> list[Any]:
    formula = parse(text)
    schema = dict(table.schema)
    formula.check(schema)
    frame = nw.from_native(table.lazy()).with_columns(formula.compile(schema).alias("result"))
    return frame.to_native().collect()["result"].to_list()


def by_script(text: str) -> list[Any]:
    """What the exported source gives, run as a script of its own would."""
    source = parse(text).source(SCHEMA)
    namespace: dict[str, Any] = {"pl": pl, "TABLE": TABLE}
    exec(  # noqa: S102 - the exported source is what is tested
        f"result = TABLE.with_columns(({source}).alias('result'))['result'].to_list()", namespace
    )
    return list(namespace["result"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_each_function_is_true(name: str) -> None:
    text, expected = FUNCTIONS[name].example
    table = pl.DataFrame({"x": [1, 2, 3]})
    found = evaluate(text, table)[0]
    assert found == expected
    assert type(found) is type(expected)


EXPECTED = {
    "a + 1": [2, 3, None, -3, 1],
    "a - b": [-1.0, 2.0, None, None, 1.5],
    "a / b": [0.5, None, None, None, 0.0],
    "a / 2": [0.5, 1.0, None, -2.0, 0.0],
    "7 // a": [7, 3, None, -2, None],
    "7 % a": [0, 1, None, -1, None],
    "-a": [-1, -2, None, 4, 0],
    "a ** 2": [1.0, 4.0, None, 16.0, 0.0],
    "a > 0 and b > 0": [True, False, None, False, False],
    "a > 0 or f": [True, True, None, True, False],
    "not f": [False, True, None, False, True],
    "0 < a <= 2": [True, True, None, False, False],
    "a in [1, 2]": [True, True, None, False, False],
    "a not in [1, 2]": [False, False, None, True, True],
    't == "Abc"': [False, True, None, False, False],
    't + "!"': ["x!", "Abc!", None, "!", "12!"],
    "to_number(t)": [None, None, None, None, 12.0],
    '"big" if a > 1 else "small"': ["small", "big", "small", "small", "small"],
    "choose(f, a, missing)": [1, None, None, -4, None],
    "null_if(`GRE Score`, 0)": [None, 320, 300, None, 337],
    "coalesce(a, 99)": [1, 2, 99, -4, 0],
    "is_missing(t)": [False, False, True, False, False],
    "`^a.*$` + 1": [11, 21, 31, 41, 51],
    "`*` * 2": [14, 14, 14, 14, 14],
    'c == "u"': [True, False, True, None, False],
    "upper(c)": ["U", "V", "U", None, "V"],
    "year(d)": [2024, None, 1969, 2024, None],
    'd >= date("2024-01-01")': [True, None, False, True, None],
    'days_between(d, date("2024-03-01"))': [30, None, 19784, 1, None],
    "a > column_mean(a)": [True, True, None, False, True],
    "length(t)": [1, 3, None, 0, 2],
    "a\n  +\n  1": [2, 3, None, -3, 1],
}


@pytest.mark.parametrize("text", EXPECTED)
def test_a_formula_gives_what_is_written_here(text: str) -> None:
    assert evaluate(text) == EXPECTED[text]


@pytest.mark.parametrize("text", EXPECTED)
def test_the_exported_source_gives_the_same(text: str) -> None:
    assert by_script(text) == EXPECTED[text]


PORTABLE = [text for text in EXPECTED if "column_" not in text and "`^" not in text and "`*`" not in text]


@pytest.mark.parametrize("text", [t for t in PORTABLE if not t.startswith(("c ", "upper(c", "7 "))])
def test_duckdb_gives_the_same(text: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    plain = TABLE.select("a", "b", "t", "f", "d", "GRE Score").with_row_index("row")
    relation = duckdb.from_arrow(plain.to_arrow())
    schema = dict(plain.schema)
    frame = nw.from_native(relation).with_columns(parse(text).compile(schema).alias("result"))
    found = pl.from_arrow(frame.sort("row").to_native().to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    assert found["result"].to_list() == EXPECTED[text]


FAULTS = [
    ("aa + 1", 0, 'no column "aa"'),
    ("1 + `GRE score`", 4, 'did you mean "GRE Score"'),
    ("a + uper(t)", 4, 'did you mean "upper"'),
    ("a = 3", 2, 'use "=="'),
    ("a > 3 && f", 6, 'the word "and"'),
    ("a > 3 || f", 6, 'the word "or"'),
    ("a <> 3", 2, 'use "!="'),
    ("f AND f", 2, "small letters"),
    ("a > 'x'", 0, "one type"),
    ("a + t", 0, "to_text"),
    ("t * 2", 0, "to_number"),
    ("upper(a)", 6, "to_text"),
    ("a == missing", 5, "is_missing"),
    ("f and a", 6, "true or false"),
    ("round(b, a)", 9, "written out"),
    ("round(b, 1, 2)", 0, "round(x, digits = 0)"),
    ("matches(t, '(')", 11, "regular expression"),
    ("d + 1", 0, "add_days"),
    ("d > '2024-01-01'", 0, 'date("2024-12-31")'),
    ("t in ['a', 3]", 5, "column's type"),
    ("(a + 1", 0, "never closed"),
    ("a +", 2, "ends too early"),
    ("`a", 0, "not closed"),
    ("a.b", 0, "dot"),
    ("a[0]", 0, "square brackets"),
    ("lambda: 1", 0, "not part"),
    ("f'{a}'", 0, "concat"),
    ("[x for x in a]", 0, "not part"),
    ("a := 3", 2, 'use "=="'),
    ("upper(x=t)", 8, "without names"),
    ("", 0, "empty"),
    ("a if", 3, "ends too early"),
    ("pad_start(t, 20000)", 13, "10,000"),
    ("column_mean(3)", 12, "needs a column"),
    ("a # comment", 2, '"#"'),
    ('date("2024-31-12")', 5, "2024-12-31"),
    ("99999999999999999999", 0, "18 digits"),
    ("choose(a, 1, 2)", 7, "true or false"),
    ("choose(f, 1, 'x')", 0, "one type"),
]


@pytest.mark.parametrize(("text", "position", "words"), FAULTS)
def test_a_fault_is_told_at_its_character_with_a_way_out(text: str, position: int, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text).check(SCHEMA)
    assert words in str(caught.value)
    assert caught.value.position == position


def test_the_message_points_at_the_character() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("a + uper(t)")
    assert str(caught.value).splitlines()[1:] == ["  a + uper(t)", "      ^"]


def test_positions_count_characters_also_behind_wide_letters_and_line_breaks() -> None:
    with pytest.raises(FormulaError) as caught:
        parse('t == "日本語😀" and\n aa > 1').check(SCHEMA)
    assert caught.value.text[caught.value.position :].startswith("aa")


@pytest.mark.parametrize(
    "name", ["^.*$", 'a"b', "{0}", "<script>", "x`y", "ﬁ", "e\u0301", "日本", "if", "true", "a b", "😀"]
)
def test_any_column_name_can_be_written_in_backticks(name: str) -> None:
    table = pl.DataFrame({"other": [5], name: [1]})
    quoted = name.replace("`", "``")
    assert evaluate(f"`{quoted}` + 1", table) == [2]
    assert parse(f"`{quoted}`").columns == (name,)


def test_names_that_only_look_alike_stay_apart() -> None:
    table = pl.DataFrame({"ﬁ": [1], "fi": [2]})
    assert evaluate("ﬁ", table) == [1]
    assert evaluate("fi", table) == [2]


def test_a_long_sum_is_flat_and_deep_nesting_is_refused() -> None:
    assert evaluate(" + ".join(["a"] * 240))[0] == 240
    with pytest.raises(FormulaError, match=r"deeper|deeply"):
        parse("-(" * 80 + "a" + ")" * 80)
    with pytest.raises(FormulaError, match="500 parts"):
        parse(" + ".join(["a"] * 600))
    with pytest.raises(FormulaError, match="10,000 characters"):
        parse("a" * 10_001)


HOSTILE = [
    "__import__('os').system('x')", "open('/etc/passwd')", "().__class__.__bases__", "eval('1')", "exec('1')",
    "(lambda: 1)()", "a.__class__", "{}['x']", "1 .__class__", "print(a)", "[].append(1)", "9" * 5000, "1e999999",
    "(" * 5000, "-" * 9000 + "1", "not " * 2000 + "f", "a\x00b", "'" * 9999, "`" * 9999, "\\", "'\\ud800'", "a;b",
    "a\nimport os", "yield 1", "await a", "*a", "**a", "a if b", "0x", "1__0", "0777", "a @ b", "a << 2", "~a",
    "a is None", "...", "b'x'", "1j", "a, b", "{a: b}", "{a}", "f''", "'%s' % a", "a()()", "a(b)(c)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gives_a_formula_error_and_nothing_else(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(FormulaError):
        parse(text).check(SCHEMA)
    assert time.perf_counter() - started < 1


def test_mutated_formulas_give_a_result_or_a_formula_error() -> None:
    chance = random.Random(0)
    pieces = [*EXPECTED, *HOSTILE[:20], "(", ")", "`", "'", '"', " and ", "==", "é", "\n", "日"]
    told = []
    for _ in range(4000):
        text = list(chance.choice(list(EXPECTED)))
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(text) + 1)
            text[place : place + chance.randrange(3)] = list(chance.choice(pieces))[:12]
        try:
            parse("".join(text)).check(SCHEMA)
        except FormulaError as error:
            told.append(str(error))
    assert all(told)


def test_reading_a_formula_executes_nothing() -> None:
    script = (
        "import sys, polars\n"
        "from nodeflow.expressions import parse\n"
        "from nodeflow.errors import FormulaError\n"
        "schema = {'a': polars.Int64(), 't': polars.String()}\n"
        "parse('a + 1').check(schema); parse('matches(t, \"x\")').check(schema)\n"
        "seen = []\n"
        "watched = ('exec', 'import', 'open', 'os.system', 'subprocess.Popen')\n"
        "sys.addaudithook(lambda e, a: seen.append(e) if e in watched else None)\n"
        f"for text in {HOSTILE!r}:\n"
        "    try: parse(text).check(schema)\n"
        "    except FormulaError: pass\n"
        "print(seen)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# -- against a plain reading, row by row --------------------------------------------------------

NUMBER = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["a", "`GRE Score`"]),
        st.integers(-5, 5).map(lambda n: f"({n})"),
        st.tuples(NUMBER, st.sampled_from("+-*"), NUMBER).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(TRUTH, NUMBER, NUMBER).map(lambda p: f"choose({p[0]}, {p[1]}, {p[2]})"),
        NUMBER.map(lambda n: f"abs({n})"),
        st.tuples(NUMBER, NUMBER).map(lambda p: f"coalesce({p[0]}, {p[1]})"),
    )
)
TRUTH = st.deferred(
    lambda: st.one_of(
        st.just("f"),
        st.tuples(NUMBER, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), NUMBER)
        .map(" ".join)
        .map(lambda t: f"({t})"),
        st.tuples(TRUTH, st.sampled_from(["and", "or"]), TRUTH).map(" ".join).map(lambda t: f"({t})"),
        TRUTH.map(lambda t: f"(not {t})"),
        NUMBER.map(lambda n: f"is_missing({n})"),
    )
)


class Maybe:
    """A value that may be missing, with the rules of SQL: the reference the engine is held against."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def _both(self, other: Maybe, operation: Any) -> Maybe:
        missing = self.value is None or other.value is None
        return Maybe(None if missing else operation(self.value, other.value))

    def both_true(self, other: Maybe) -> Maybe:
        if False in (self.value, other.value):
            return Maybe(False)
        return Maybe(None if None in (self.value, other.value) else True)

    def either_true(self, other: Maybe) -> Maybe:
        if True in (self.value, other.value):
            return Maybe(True)
        return Maybe(None if None in (self.value, other.value) else False)


def by_hand(tree: Any, row: dict[str, Any]) -> Maybe:
    """Read a tree row by row in plain Python."""
    import operator

    kind = type(tree).__name__
    if kind == "Constant":
        return Maybe(tree.value)
    if kind == "Name":
        return Maybe(row[tree.name])
    parts = [by_hand(part, row) for part in tree.parts]
    simple = {
        "-": operator.sub, "*": operator.mul, "==": operator.eq, "!=": operator.ne,
        "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    }  # fmt: skip
    if tree.name in simple:
        return parts[0]._both(parts[1], simple[tree.name])
    if tree.name == "+":
        total = parts[0]
        for part in parts[1:]:
            total = total._both(part, operator.add)
        return total
    if tree.name in ("and", "or"):
        result = parts[0]
        for part in parts[1:]:
            result = result.both_true(part) if tree.name == "and" else result.either_true(part)
        return result
    if tree.name == "not":
        return Maybe(None if parts[0].value is None else not parts[0].value)
    if tree.name == "choose":
        return parts[1] if parts[0].value is True else parts[2]
    if tree.name == "abs":
        return Maybe(None if parts[0].value is None else abs(parts[0].value))
    if tree.name == "coalesce":
        return next((part for part in parts if part.value is not None), Maybe(None))
    assert tree.name == "is_missing", tree.name
    return Maybe(parts[0].value is None)


@settings(max_examples=300, deadline=None)
@given(st.one_of(NUMBER, TRUTH))
def test_formulas_agree_with_a_plain_reading_row_by_row(text: str) -> None:
    try:
        formula = parse(text)
    except FormulaError:
        return  # too long or too deep
    table = TABLE.select("a", "GRE Score", "f")
    expected = [by_hand(formula._tree, row).value for row in table.to_dicts()]
    assert evaluate(text, table) == expected


def test_the_reference_lists_every_function_with_its_example() -> None:
    listed = {one["name"] for group in reference() for one in group["functions"]}
    assert listed == set(FUNCTIONS)
    text = reference_text()
    assert all(function.usage in text and function.example[0] in text for function in FUNCTIONS.values())
    assert all(target in FUNCTIONS for target in ALIASES.values())
    assert len(FUNCTIONS) >= 90
