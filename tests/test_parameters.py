"""Parameters: each kind takes its values, refuses the others by a sentence, and comes back from JSON the same."""

from __future__ import annotations

import datetime
import json
import sys
import types
from typing import Any, Literal

import pytest

import nodeflow as nf
from nodeflow.parameters import object_schema


class Key(nf.Record):
    column: nf.Column
    down: bool = False


class Everything(nf.Node):
    """Have a parameter of each kind."""

    flag: bool = False
    whole: int = nf.parameter(default=3, minimum=1, maximum=9, unit="rows")
    share: float = nf.parameter(default=0.5, above=0, below=1)
    text: str = nf.parameter(default="some", min_length=2)
    choice: Literal["left", "right", 3] = "left"
    day: datetime.date = datetime.date(2024, 2, 29)
    colour: nf.Colour = nf.Colour("#1f77b4")
    seed: nf.Seed | None = None
    column: nf.Column | None = None
    columns: nf.Columns = nf.Columns.all()
    formula: nf.Expression | None = nf.parameter(default="a + 1")
    keys: list[Key] = nf.parameter(default=[])
    names: dict[str, int] = nf.parameter(default={}, minimum=0)
    numbers: list[float] = nf.parameter(default=[1.0], min_length=1)
    secret: nf.Secret | None = None
    host: nf.Host = nf.Host("")
    code: nf.Code | None = None
    read: nf.InputPath | None = None
    write: nf.OutputPath | None = None
    any: Any = None

    def run(self, table: nf.Table) -> nf.Table:
        return table


RIGHT: list[tuple[str, Any]] = [
    ("flag", True), ("whole", 1), ("whole", 9), ("whole", 4.0), ("share", 0.999), ("text", "né"), ("choice", 3),
    ("choice", "right"), ("day", "1969-12-31"), ("colour", "#FFFFFF"), ("seed", 0), ("seed", 2**32 - 1), ("seed", None),
    ("column", "a.b"), ("column", None), ("columns", []), ("columns", ["a"]), ("columns", {}),
    ("columns", {"types": ["number"], "exclude": ["a"], "pattern": "^x", "missing": "ignore"}), ("formula", "a > 1"),
    ("formula", None), ("keys", [{"column": "a", "down": False}, {"column": "b", "down": True}]), ("names", {"x": 0}),
    ("numbers", [1, 2.5]), ("secret", {"environment": "X"}),
    ("secret", {"keyring": "db", "user": "ann"}), ("secret", {"keyring": "db", "user": ""}), ("host", ""), ("host", "db.example"),
    ("host", "127.0.0.1"), ("host", "::1"), ("host", "/var/run/postgresql"), ("code", "x = 1"), ("code", None), ("read", "a.csv"),
    ("write", "b.csv"), ("any", 1.5), ("any", None),
]  # fmt: skip

WRONG: list[tuple[str, Any, str]] = [
    ("flag", 1, "true or false"), ("flag", "true", "true or false"), ("flag", None, "null"),
    ("whole", 0, "from 1 to 9 (rows)"), ("whole", 10, "from 1 to 9"), ("whole", 1.5, "whole number"), ("whole", True, "true"),
    ("whole", "3", 'the text "3"'), ("whole", None, "null"), ("whole", 10**400, "1000000"), ("whole", float("inf"), "inf"),
    ("share", 0, "above 0 and below 1"), ("share", 1, "below 1"), ("share", float("nan"), "nan"), ("share", 10**400, "a number"),
    ("text", "x", "at least 2 characters"), ("text", None, "null"), ("choice", "lfet", 'did you mean "left"'),
    ("choice", True, "true"), ("day", "2023-02-29", "a date such as"),
    ("day", 20240101, "a date such as"), ("colour", "red", "#1f77b4"), ("colour", "#fffffg", "#1f77b4"), ("seed", -1, "null to derive"),
    ("seed", 2**32, "4.29"), ("column", 3, "the name of a column"), ("columns", "a", "list of column names"), ("columns", [1], "list of texts"),
    ("columns", {"types": ["numbers"]}, 'did you mean "number"'), ("columns", {"name": ["a"]}, 'did you mean "names"'),
    ("columns", {"pattern": "("}, "regular expression"), ("columns", {"missing": "x"}, "ignore"), ("formula", "a +", ""),
    ("formula", 3, "a formula"), ("keys", [{}], 'entry 1: "column"'), ("keys", [{"column": "a", "up": True}], 'unknown parameter "up"'),
    ("keys", {"column": "a"}, "a list"), ("keys", ["a"], "an object with column, down"), ("names", {"x": -1}, '"x": must be'),
    ("names", [], "an object"), ("numbers", [], "at least 1"), ("numbers", [1, "x"], "entry 2"), ("secret", "hunter2", "never kept"),
    ("secret", {"environment": 3}, "never kept"), ("secret", {"keyring": "db"}, "never kept"), ("secret", {"environment": ""}, "empty name"),
    ("secret", {"environment": "X", "keyring": "db", "user": "ann"}, "never kept"), ("host", "db.example:5432", "5432 as the port"),
    ("host", "good.example,evil.example", "name of a server"), ("host", 3, "name of a server"), ("host", "/a,/b", "name of a server"),
    ("host", "postgresql://db.example/sales", 'host "db.example", database "sales"'), ("code", 3, "a text"), ("read", "", "empty text"), ("read", "a\0b", "file to read"),
    ("write", "x" * 5000, "file to write"), ("write", 3, "file to write, or null"), ("any", [], "a text, a number"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), RIGHT, ids=str)
def test_a_right_value_is_taken_and_comes_back_the_same(name: str, value: Any) -> None:
    node = Everything.from_json({name: value})
    again = json.loads(json.dumps(node.to_json()))
    assert Everything.from_json(again).to_json() == again
    assert Everything.from_json(again) == node
    assert again[name] == value


@pytest.mark.parametrize(("name", "value", "words"), WRONG, ids=lambda value: ascii(value)[:40])
def test_a_wrong_value_is_refused_by_a_sentence(name: str, value: Any, words: str) -> None:
    node, (fault,) = Everything.decode({name: value})
    assert fault.place.startswith(name)
    assert words in fault.sentence
    assert len(fault.sentence) < 500
    assert getattr(node, name) == Everything().__dict__[name]  # left at its default


def test_a_secret_given_in_clear_is_not_repeated() -> None:
    _, (fault,) = Everything.decode({"secret": "hunter2"})
    assert "hunter2" not in fault.sentence


def test_all_wrong_values_are_told_at_once() -> None:
    wrong = {name: value for name, value, _ in WRONG}
    _, faults = Everything.decode({**wrong, "colr": 1})
    assert {fault.place.partition("[")[0].partition(".")[0] for fault in faults} == {*wrong, "colr"}
    assert 'did you mean "colour"' in faults[0].sentence


def test_a_formula_as_default_is_a_formula_also_where_none_is_allowed() -> None:
    assert isinstance(Everything().formula, nf.Expression)
    assert isinstance(Everything.from_json({}).formula, nf.Expression)


def test_defaults_are_not_shared_between_nodes() -> None:
    one, other = Everything(), Everything()
    one.keys.append(Key(column=nf.Column("a")))
    one.names["x"] = 1
    assert (other.keys, other.names) == ([], {})


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [(n, v, True) for n, v in RIGHT]
    + [(n, v, False) for n, v, _ in WRONG if n not in ("day", "formula", "columns", "read", "write", "any", "secret", "colour", "host")],
    ids=lambda value: ascii(value)[:40],
)  # fmt: skip
def test_the_json_schema_takes_what_the_parameter_takes(name: str, value: Any, takes: bool) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    variable = {"type": "object", "properties": {"variable": {"type": "string"}}, "required": ["variable"]}
    schema = {**object_schema(Everything.parameters()), "$defs": {"variable": variable}}
    if isinstance(value, float) and (value != value or value == float("inf")):
        pytest.skip("no JSON")
    assert jsonschema.Draft202012Validator(schema).is_valid({name: value}) is takes


@pytest.mark.parametrize(
    "annotation", [list[nf.InputPath], dict[str, nf.OutputPath], list[nf.Code], list[nf.InputPath | None], list[nf.Seed]]
)  # fmt: skip
def test_what_is_guarded_does_not_hide_in_lists_and_records(annotation: Any) -> None:
    def run(self: Any) -> nf.Table:
        raise AssertionError

    body = {
        "__doc__": "Hide.",
        "__module__": __name__,
        "__annotations__": {"hidden": annotation},
        "run": run,
    }
    with pytest.raises(TypeError, match="a parameter of its own"):
        type("Hiding", (nf.Node,), body).parameters()


def test_code_that_may_be_left_out_needs_trust_like_any_other() -> None:
    assert Everything.runs_code()
    assert Everything(code=nf.Code("x = 1")).code_texts() == ["x = 1"]
    assert Everything().code_texts() == []


def test_the_password_of_a_url_is_not_repeated() -> None:
    for url in (
        "postgresql+psycopg://ann:hunter2@db.example:5432/sales",
        "ann:hunter2@db.example",
        "x://ann:hunter2@[z",
    ):
        _, faults = Everything.decode({"host": url})
        (told,) = [fault.sentence for fault in faults]
        assert "hunter2" not in told
        assert "out of the workflow" in told
    assert (
        'host "db.example"' in Everything.decode({"host": "x://ann:hunter2@db.example/sales"})[1][0].sentence
    )


def test_secrets_come_from_the_environment_or_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    assert nf.Secret("DB_PASSWORD").reveal() == "hunter2"
    with pytest.raises(nf.NodeFailed, match="OTHER is not set"):
        nf.Secret("OTHER").reveal()
    held = {("db", "ann"): "hunter3"}
    keyring, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    monkeypatch.setattr(keyring, "get_password", lambda *key: held.get(key), raising=False)
    monkeypatch.setattr(errors, "KeyringError", KeyError, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert nf.Secret(keyring="db", user="ann").reveal() == "hunter3"
    with pytest.raises(nf.NodeFailed, match='keyring set "db" "bob"'):
        nf.Secret(keyring="db", user="bob").reveal()


def test_what_is_missing_for_the_keyring_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(nf.NodeFailed, match=r"pip install nodeflow\[keyring\]"):
        nf.Secret(keyring="db", user="ann").reveal()


@pytest.mark.parametrize("base", [nf.Node, nf.Record])
def test_a_parameter_may_not_hide_what_all_have(base: Any) -> None:
    with pytest.raises(TypeError, match='cannot be called "values"'):
        type("Hiding", (base,), {"__annotations__": {"values": str}, "__module__": __name__})
