"""JSON and JSON Lines, reading and writing."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nodeflow_nodes.io._json_path import JsonPathError, parse
from nodeflow_nodes.io.json_lines_reader import JsonLinesReader
from nodeflow_nodes.io.json_lines_writer import JsonLinesWriter
from nodeflow_nodes.io.json_reader import JsonReader
from nodeflow_nodes.io.json_writer import JsonWriter
from polars.testing import assert_frame_equal

from nodeflow.errors import NodeFailed, ParameterError

DAY = datetime.date(2024, 12, 31)


def read(apply: Any, path: Path, **options: Any) -> pl.DataFrame:
    node = JsonLinesReader if path.name.endswith((".jsonl", ".jsonl.gz")) else JsonReader
    found = apply(node(path=str(path), **options), exported=False)
    assert isinstance(found, pl.DataFrame)
    return found


DOCUMENTS: dict[str, tuple[str, dict[str, Any], dict[str, list[Any]]]] = {
    "records": ('[{"a": 1, "b": "x"}, {"b": "y", "c": true}]', {}, {"a": [1, None], "b": ["x", "y"], "c": [None, True]}),
    "one list of records within": ('{"n": 2, "items": [{"a": 1}, {"a": 2}]}', {}, {"a": [1, 2]}),
    "one object is one record": ('{"a": 1, "b": {"c": null}}', {}, {"a": [1], "b.c": [None]}),
    "columns": ('{"a": [1, 2], "b": ["x", null]}', {}, {"a": [1, 2], "b": ["x", None]}),
    "lists of one length each within records": ('[{"a": [1, 2], "b": [3, 4]}]', {}, {"a": [[1, 2]], "b": [[3, 4]]}),
    "rows": ('[[1, "x"], [2]]', {}, {"column_1": [1, 2], "column_2": ["x", None]}),
    "values": ("[1, 2.5, null]", {}, {"value": [1.0, 2.5, None]}),
    "a value": ("7", {}, {"value": [7]}),
    "empty": ("[]", {}, {}),
    "path": ('{"r": {"x": [{"a": 1}], "y": [{"a": 2}]}}', {"records": "$.r.y"}, {"a": [2]}),
    "path without dollar": ('{"r": {"y": [{"a": 2}]}}', {"records": "r.y"}, {"a": [2]}),
    "path to many": ('{"u": {"p": {"a": 1}, "q": {"a": 2}}}', {"records": "$.u[*]"}, {"a": [1, 2]}),
    "path to one": ('{"u": [{"a": 1}, {"a": 2}]}', {"records": "u[-1]"}, {"a": [2]}),
    "nested": (
        '[{"p": {"x": 1, "q": {"y": "a"}}, "l": [1, 2], "o": [{"k": 1}]}, {"p": null, "l": []}]',
        {},
        {"p.x": [1, None], "p.q.y": ["a", None], "l": [[1, 2], []], "o": [[{"k": 1}], None]},
    ),
    "nested with another separator": ('[{"p": {"x": 1}}]', {"separator": "_"}, {"p_x": [1]}),
    "nested as it is": ('[{"p": {"x": 1}}]', {"flatten": False}, {"p": [{"x": 1}]}),
    "names that clash": ('[{"p": {"x": 1}, "p.x": 2}]', {}, {"p.x": [1], "p.x_2": [2]}),
    "odd names": ('[{"*": 1, "^a$": {"*": 2, "": 3}, "": 4}]', {}, {"*": [1], "^a$.*": [2], "^a$.": [3], "column_4": [4]}),
    "mixed kinds are text": ('[{"a": 1}, {"a": "x"}]', {}, {"a": ["1", "x"]}),
    "numbers": ('[{"a": 1, "b": 1}, {"a": 1.5, "b": 2}]', {}, {"a": [1.0, 1.5], "b": [1, 2]}),
    "dates": (
        '[{"d": "2024-12-31", "t": "2024-12-31T08:30", "z": "2024-12-31T08:30:00Z", "n": "12"},'
        ' {"d": null, "t": "2024-12-31 08:30:15.5", "z": "2024-12-31 08:30:00.25+02:00", "n": "13"}]',
        {},
        {
            "d": [DAY, None],
            "t": [datetime.datetime(2024, 12, 31, 8, 30), datetime.datetime(2024, 12, 31, 8, 30, 15, 500_000)],
            "z": [
                datetime.datetime(2024, 12, 31, 8, 30, tzinfo=datetime.UTC),
                datetime.datetime(2024, 12, 31, 6, 30, 0, 250_000, tzinfo=datetime.UTC),
            ],
            "n": ["12", "13"],
        },
    ),
    "dates as texts": ('[{"d": "2024-12-31"}]', {"parse_dates": False}, {"d": ["2024-12-31"]}),
    "source": ('[{"a": 1}]', {"source": "f"}, {"a": [1], "f": ["a.json"]}),
    "empty objects": ("[{}, {}]", {}, {}),
    "nothing but null": ('[{"a": null, "b": {}}]', {}, {"a": [None], "b": [None]}),
    "unicode": ('[{"größe": "🦆\\u00e9"}]', {}, {"größe": ["🦆é"]}),
}  # fmt: skip


@pytest.mark.parametrize("case", list(DOCUMENTS))
def test_documents(apply: Any, tmp_path: Path, case: str) -> None:
    content, options, expected = DOCUMENTS[case]
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    assert read(apply, tmp_path / "a.json", **options).to_dict(as_series=False) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_and_compression(apply: Any, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.json").write_text('[{"a": "é"}]', encoding=encoding)
    (tmp_path / "a.jsonl").write_text('{"a": "é"}\n', encoding=encoding)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    for name in ("a.json", "a.jsonl", "b.jsonl.gz"):
        assert read(apply, tmp_path / name)["a"].to_list() == ["é"]


def test_many_files(apply: Any, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('[{"y": 1, "x": 2.5}]')
    (tmp_path / "a.json").write_text('[{"x": 1, "y": 2}]')
    found = read(apply, tmp_path / "*.json", source="f")
    assert found.rows() == [(1.0, 2, "a.json"), (2.5, 1, "b.json")]
    (tmp_path / "b.json").write_text('[{"x": 1}]')
    with pytest.raises(NodeFailed, match=r'b.json lacks "y", unlike a.json'):
        JsonReader(path=str(tmp_path / "*.json")).run()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "is not JSON; it seems to be plain text, which the CSV Reader reads"),
        ('{"a": 1}\n{"a": 2}\n', "that is JSON Lines; use the JSON Lines Reader"),
        ('[{"a": 1},\n {"a": tru}]', "line 2, character 1"),
        ('[{"a": NaN}]', "JSON has no comments, no NaN"),
        ('[{"a": 1}', "is incomplete: the JSON in it does not end"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"a": [1]}, {"a": {"b": 1}}]', '"a" is a list here and an object there'),
        ('[{"a": ' + "[" * 200 + "]" * 200 + "}]", ""),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    if not words:  # deep, but not beyond measure
        assert JsonReader(path=str(path)).run().collect().height == 1
        return
    with pytest.raises(NodeFailed, match=words):
        JsonReader(path=str(path)).run()


def test_nothing_at_the_path(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"items": []}')
    with pytest.raises(NodeFailed, match=r'has nothing at "itms"; it has "items"'):
        JsonReader(path=str(tmp_path / "a.json"), records="itms").run()
    with pytest.raises(ParameterError, match="is no JSON path from"):
        JsonReader(path="a.json", records="$.a[?(@.x)]")


def test_a_huge_document_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow_nodes.io._json_scan._MOST_BYTES", 10)
    (tmp_path / "a.json").write_text("[1, 2, 3, 4, 5]")
    with pytest.raises(NodeFailed, match="convert it to JSON Lines"):
        JsonReader(path=str(tmp_path / "a.json")).run()
    (tmp_path / "b.json").write_bytes(gzip.compress(b"[" + b" " * (40 << 20) + b"]"))
    monkeypatch.setattr("nodeflow_nodes.io._json_scan._MOST_BYTES", 1 << 40)
    with pytest.raises(NodeFailed, match="grows to more than 200 times its size"):
        JsonReader(path=str(tmp_path / "b.json")).run()


# JSON paths

DOCUMENT = {"a": {"b": [1, {"c": 2}, {"c": 3}]}, "x y": 4, "c": 5, "it's": 6}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [DOCUMENT]),
        ("", [DOCUMENT]),
        ("$.a.b[0]", [1]),
        ("a.b[-1].c", [3]),
        ("$.a.b[*].c", [2, 3]),
        ("$.a.b[1:].c", [2, 3]),
        ("$.a.b[:-2]", [1]),
        ("$['x y']", [4]),
        ('$["x y"]', [4]),
        (r"$['it\'s']", [6]),
        ("$..c", [5, 2, 3]),
        ("$.a..c", [2, 3]),
        ("$.a.*", [DOCUMENT["a"]["b"]]),  # type: ignore[index]
        ("$.a.nope", []),
        ("$.a.b[9]", []),
        ("$.c.d", []),
        ("$.c[0]", []),
    ],
)
def test_json_paths(path: str, found: list[Any]) -> None:
    assert sorted(map(str, parse(path).find(DOCUMENT))) == sorted(map(str, found))


@pytest.mark.parametrize(
    "path",
    ["$.", "a..", "[?(@.x)]", "$[", "$['a", "a b", "$.a[1,2]", "x" * 2000, ".a" * 60, "..a..b", "$.a()"],
)
def test_what_is_no_json_path(path: str) -> None:
    with pytest.raises(JsonPathError):
        parse(path)


# JSON Lines

LINES: dict[str, tuple[str, dict[str, Any], dict[str, list[Any]]]] = {
    "plain": ('{"a":1,"b":"x"}\n\n{"a":2,"c":true}\n', {}, {"a": [1, 2], "b": ["x", None], "c": [None, True]}),
    "crlf and no end": ('{"a":1}\r\n{"a":2}', {}, {"a": [1, 2]}),
    "nested": ('{"p":{"x":1,"q":{"y":2}},"l":[1]}\n{"p":null}\n', {}, {"p.x": [1, None], "p.q.y": [2, None], "l": [[1], None]}),
    "as it is": ('{"p":{"x":1}}\n', {"flatten": False}, {"p": [{"x": 1}]}),
    "mixed": ('{"a":1}\n{"a":"x"}\n', {}, {"a": ["1", "x"]}),
    "dates": ('{"d":"2024-12-31"}\n{"d":null}\n', {}, {"d": [DAY, None]}),
    "dates found in the start": ('{"d":"2024-12-31"}\n', {"guess_from": "start"}, {"d": [DAY]}),
    "rows at most": ('{"a":1}\n{"a":2}\n', {"max_rows": 1}, {"a": [1]}),
    "source": ('{"a":1}\n', {"source": "f"}, {"a": [1], "f": ["a.jsonl"]}),
    "odd names": ('{"*":1,"^a$":{"*":2}}\n', {}, {"*": [1], "^a$.*": [2]}),
    "null only": ('{"a":null,"b":{}}\n', {}, {"a": [None], "b": [None]}),
}  # fmt: skip


@pytest.mark.parametrize("case", list(LINES))
def test_lines(apply: Any, tmp_path: Path, case: str) -> None:
    content, options, expected = LINES[case]
    (tmp_path / "a.jsonl").write_bytes(content.encode())
    assert read(apply, tmp_path / "a.jsonl", **options).to_dict(as_series=False) == expected


def test_lines_of_many_files_have_the_columns_of_all(apply: Any, tmp_path: Path) -> None:
    (tmp_path / "a[1].jsonl").write_text('{"x":1}\n')
    (tmp_path / "b.jsonl").write_text('{"y":"q","x":2.5}\n')
    found = read(apply, tmp_path / "*.jsonl", source="f")
    assert found.rows() == [(1.0, None, "a[1].jsonl"), (2.5, "q", "b.jsonl")]
    assert read(apply, tmp_path / "a[1].jsonl")["x"].to_list() == [1]


def test_lines_take_filters_and_choices_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"a":{i},"b":{{"c":"{i}"}}}}\n' for i in range(500)))
    query = JsonLinesReader(path=str(path)).run()
    assert query.filter(pl.col("a") % 100 == 7).select("b.c").head(2).collect()["b.c"].to_list() == [
        "7",
        "107",
    ]
    assert "PROJECT 1/2 COLUMNS" in query.select("a").explain()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty: it has no lines"),
        ('{"a":1}\n{"a":\n{"a":3}\n', "line 2: this is no JSON"),
        ('{"a":1}\n{"a":', "line 2: this is no JSON.*the last one: the file may be incomplete"),
        ('{"a":1}\n[1]\n', "line 2: this is no object such as"),
        ('[{"a":1}]\n', "that is plain JSON; use the JSON Reader"),
        ("a,b\n", "is not JSON Lines, an object a line; it seems to be plain text"),
        ('{"a":' + "[" * 2000 + "]" * 2000 + "}\n", "nested too deeply"),
    ],
)
def test_lines_that_cannot_be_read_are_told(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    with pytest.raises(NodeFailed, match=words):
        JsonLinesReader(path=str(path)).run()


def test_a_value_beyond_the_start_that_does_not_fit_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1}\n' * 10_000 + '{"a":"x"}\n')
    assert JsonLinesReader(path=str(path)).run().collect_schema()["a"] == pl.String
    node = JsonLinesReader(path=str(path), guess_from="start")
    with pytest.raises(pl.exceptions.PolarsError) as caught:
        node.run().collect()
    assert "let the types be guessed from the whole file" in (node.explain(caught.value) or "")


# writing

TABLE = pl.DataFrame(
    {
        "n": [1, None],
        "x": [0.5, float("nan")],
        "a.d": [DAY, None],
        "a.l": [[1, 2], None],
        "s": [datetime.timedelta(hours=1, minutes=30), None],
        "t": ['ü\n"', None],
    }
)


def save(context: Any, node_class: Any, path: Path, table: pl.DataFrame = TABLE, **options: Any) -> str:
    node = node_class.from_json(node_class(path=str(path), **options).to_json())
    assert node.run(table.lazy(), context) is None
    return path.read_text(encoding="utf-8")


def test_json_is_written(context: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    first = {"n": 1, "x": 0.5, "a.d": "2024-12-31", "a.l": [1, 2], "s": "PT1H30M", "t": 'ü\n"'}
    text = save(context, JsonWriter, path)
    assert json.loads(text) == [first, dict.fromkeys(first)]
    assert len(text.splitlines()) == 4
    assert json.loads(save(context, JsonWriter, path, missing="omit"))[1] == {}
    nested = json.loads(save(context, JsonWriter, path, nest=".", indent=2))
    assert nested[0]["a"] == {"d": "2024-12-31", "l": [1, 2]}
    assert save(context, JsonWriter, path, TABLE.clear()) == "[\n]\n"
    with pytest.raises(NodeFailed, match="exists already"):
        save(context, JsonWriter, path, existing="fail")


def test_a_name_that_would_be_value_and_object_is_a_fault(faults: Any) -> None:
    table = pl.DataFrame({"a": [1], "a.b": [2]})
    assert '"a" would be a value and an object' in faults(JsonWriter(path="a.json", nest="."), table=table)[0]
    assert faults(JsonWriter(path="a.json"), table=table) == []


def test_lines_are_written(context: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = save(context, JsonLinesWriter, path).splitlines()
    assert [json.loads(line)["s"] for line in lines] == ["PT1H30M", None]
    assert json.loads(lines[1]) == dict.fromkeys(TABLE.columns)
    zipped = tmp_path / "a.jsonl.gz"
    JsonLinesWriter(path=str(zipped)).run(TABLE.lazy(), context)
    assert gzip.decompress(zipped.read_bytes()).decode().splitlines() == lines
    with pytest.raises(NodeFailed, match="exists already"):
        save(context, JsonLinesWriter, path, existing="fail")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**53), 2**53)),
            st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))),
            st.one_of(st.none(), st.booleans()),
            st.one_of(
                st.none(), st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)))
            ),
        ),
        min_size=1,
    )
)
def test_tables_come_back(context: Any, tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    schema = {"n": pl.Int64, "t": pl.String, "b": pl.Boolean, "l": pl.List(pl.Float64)}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    for name, writer, reader in (
        ("a.json", JsonWriter, JsonReader),
        ("a.jsonl", JsonLinesWriter, JsonLinesReader),
    ):
        path = tmp_path / name
        save(context, writer, path, table)
        found = reader(path=str(path), parse_dates=False).run().collect()
        assert_frame_equal(found.cast(schema), table)  # type: ignore[arg-type]
