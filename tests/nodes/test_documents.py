"""XML and web pages as tables, texts and lists of files, and values taken out of documents in cells."""

from __future__ import annotations

import datetime
import gzip
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.file_list import FileList
from nodeflow_nodes.io.html_table_reader import HtmlTableReader
from nodeflow_nodes.io.text_file_reader import TextFileReader
from nodeflow_nodes.io.xml_reader import XmlReader
from nodeflow_nodes.manipulation.json_path import JsonPath
from nodeflow_nodes.manipulation.xpath import XPath

import nodeflow as nf
from nodeflow.errors import NodeFailed, ParameterError

BOOKS = """<?xml version="1.0" encoding="{encoding}"?>
<b:shop xmlns:b="urn:books" xmlns="urn:other"><!-- note -->
  <owner>Zoë</owner>
  <b:shelf>
    <b:book id="007" b:sold="2024-12-31">
      <title>Ä &amp; B</title><author><name>Ada</name></author><tag>x</tag><tag>y</tag><price>1.5</price>
    </b:book>
    <b:book id="008"><title/><author><name>Bo</name><name>Cy</name></author><price>2</price></b:book>
  </b:shelf>
</b:shop>
"""


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(node: Any) -> pl.DataFrame:
    found = node.run()
    return found.collect() if isinstance(found, pl.LazyFrame) else found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
@pytest.mark.parametrize("records", ["", "//b:book", "/b:shop/b:shelf/*"])
def test_xml_records_become_rows(tmp_path: Path, encoding: str, records: str) -> None:
    path = write(tmp_path, "a.xml", BOOKS.format(encoding=encoding).encode(encoding))
    assert read(XmlReader(path=path, records=records)).to_dict(as_series=False) == {
        "id": ["007", "008"],
        "sold": [datetime.date(2024, 12, 31), None],
        "title": ["Ä & B", None],
        "author.name": [["Ada"], ["Bo", "Cy"]],
        "tag": [["x", "y"], None],
        "price": [1.5, 2.0],
    }


def test_many_xml_files_and_texts(tmp_path: Path) -> None:
    write(tmp_path, "1.xml", "<r><i a='1'/><i a='2'/></r>")
    write(tmp_path, "2.xml.gz", gzip.compress(b"<r><i a='3'/><i a='4'/></r>"))
    found = read(XmlReader(path=str(tmp_path / "*.xml*"), source="file"))
    assert found.rows() == [(1, "1.xml"), (2, "1.xml"), (3, "2.xml.gz"), (4, "2.xml.gz")]
    texts = read(XmlReader(path=str(tmp_path / "1.xml"), records="//@a", types="text"))
    assert texts.rows() == [("1",), ("2",)]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB + "]><x>&j;</x>", "entit"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x><y>&f;</y></x>', "declares entities"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://192.0.2.1/x"> %p;]><x/>', "declares entities"),
        ("<a><b></a>", "cannot be read as XML"),
        ("a,b\n1,2\n", "plain text, which the CSV Reader reads"),
        ("", "empty"),
        ("<a/>" * 2, "cannot be read as XML"),
        ("<a>" * 5000 + "</a>" * 5000, "cannot be read as XML"),
        ("<a>" * 240 + "</a>" * 240, ""),
    ],
)
def test_other_files_and_traps_are_told(tmp_path: Path, content: str, words: str) -> None:
    path = write(tmp_path, "a.xml", content)
    if not words:
        assert read(XmlReader(path=path)).height == 1
        return
    with pytest.raises(NodeFailed) as caught:
        read(XmlReader(path=path))
    assert words in str(caught.value)
    assert "root:" not in str(caught.value)


def test_wrong_xpaths_are_told(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no XPath"):
        XmlReader(path="a.xml", records="//[")
    path = write(tmp_path, "a.xml", BOOKS.format(encoding="utf-8"))
    with pytest.raises(NodeFailed, match="finds nothing"):
        read(XmlReader(path=path, records="//book"))
    with pytest.raises(NodeFailed, match='prefixes "b"'):
        read(XmlReader(path=path, records="//q:book"))
    with pytest.raises(NodeFailed, match="no XPath"):
        read(XmlReader(path=path, records="document('/etc/passwd')"))


PAGE = """<html><body><table><tr><td>menu</td></tr></table>
<table><thead><tr><th rowspan=2>Town</th><th colspan=2>People</th></tr><tr><th>2020</th><th>2021</th></tr></thead>
<tbody><tr><td>Bern <b>(BE)</b></td><td>007</td><td>5</td></tr>
<tr><td rowspan="2">Zug</td><td>008</td><td>-</td></tr><tr><td>009</td><td>6.5</td><td colspan="9999999">x</td></tr></tbody>
</table><script>document.write('<table><tr><td>no</td></tr></table>')</script></body></html>"""


def test_the_table_of_a_page(tmp_path: Path) -> None:
    path = write(tmp_path, "a.html", PAGE)
    found = read(HtmlTableReader(path=path, number=2))
    assert found.to_dict(as_series=False) == {
        "Town": ["Bern (BE)", "Zug", "Zug"],
        "People 2020": ["007", "008", "009"],
        "People 2021": [5.0, None, 6.5],
        "column_4": [None, None, "x"],
    }
    assert read(HtmlTableReader(path=path, text="Bern")).height == 3
    assert read(HtmlTableReader(path=path)).rows() == [("menu",)]
    assert read(HtmlTableReader(path=path, text="Bern", types="text"))["People 2021"].to_list() == [
        "5",
        None,
        "6.5",
    ]


def test_pages_without_the_table_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a.html", PAGE)
    with pytest.raises(NodeFailed, match="has 2 tables, so there is no table 3"):
        read(HtmlTableReader(path=path, number=3))
    with pytest.raises(NodeFailed, match='has 0 of 2 tables with the text "no such"'):
        read(HtmlTableReader(path=path, text="no such"))
    with pytest.raises(NodeFailed, match="has 0 tables"):
        read(HtmlTableReader(path=write(tmp_path, "b.html", "\x01 just text")))


def test_texts_by_file_paragraph_and_line(tmp_path: Path) -> None:
    write(tmp_path, "good/a.txt", "one\r\ntwo\r\n\r\n\r\nthree \r\n")
    write(tmp_path, "bad/b.txt", "")
    write(tmp_path, "bad/c.txt", "d\xe9j\xe0".encode("latin-1"))
    path = str(tmp_path / "*" / "*.txt")
    assert read(TextFileReader(path=path)).rows() == [
        ("b.txt", "bad", ""),
        ("c.txt", "bad", "déjà"),
        ("a.txt", "good", "one\ntwo\n\n\nthree \n"),
    ]
    lines = read(TextFileReader(path=path, unit="line")).rows()
    assert lines == [("c.txt", "bad", 1, "déjà")] + [
        ("a.txt", "good", n, text) for n, text in ((1, "one"), (2, "two"), (5, "three "))
    ]
    assert read(TextFileReader(path=path, unit="line", drop_empty=False)).height == 6
    assert read(TextFileReader(path=path, unit="paragraph"))["text"].to_list() == [
        "déjà",
        "one\ntwo",
        "three ",
    ]
    assert read(TextFileReader(path=path, unit="paragraph"))["line"].to_list() == [1, 1, 5]
    with pytest.raises(NodeFailed, match="there is no file"):
        read(TextFileReader(path=str(tmp_path / "none.txt")))


def test_files_are_listed(tmp_path: Path) -> None:
    for name in ("b/2.JPG", "a/1.txt", ".hidden", "a/c/3.tar.gz"):
        write(tmp_path, name, b"xyz")
    os.utime(tmp_path / "b/2.JPG", (0, 0))
    found = read(FileList(path=str(tmp_path / "**" / "*")))
    assert found.select("name", "extension", "folder", "bytes").rows() == [
        ("1.txt", "txt", "a", 3),
        ("3.tar.gz", "gz", "c", 3),
        ("2.JPG", "jpg", "b", 3),
    ]
    assert found["modified"][2] == datetime.datetime(1970, 1, 1)
    assert found["path"].to_list() == [
        str(tmp_path / name) for name in ("a/1.txt", "a/c/3.tar.gz", "b/2.JPG")
    ]
    assert read(FileList(path=str(tmp_path / "*.none"))).schema == found.schema
    with pytest.raises(NodeFailed, match="there is no file"):
        read(FileList(path=str(tmp_path / "none")))


def test_a_list_of_files_is_made_anew_at_each_run(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "")
    workflow = nf.Workflow("files")
    workflow.add("file_list", path=str(tmp_path / "*.txt"), id="files")
    options = {"cache": tmp_path / "cache"}
    assert workflow.run(**options)["files"].table.rows == 1
    write(tmp_path, "b.txt", "")
    assert workflow.run(**options)["files"].table.rows == 2


JSONS = pl.DataFrame(
    {
        "^j$": [
            '{"a": {"b": [1, 2.5]}, "t": "x", "n": "7", "ok": true}',
            '{"a": null}',
            None,
            '[{"a": 9}]',
            "oops",
        ],
        "n": range(5),
    }
)


def extraction(*parts: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"name": name, "path": path, "type": kind} for name, path, kind in parts]


def test_values_are_taken_out_of_json(apply: Any) -> None:
    extract = extraction(
        ("first", "$.a.b[0]", "integer"),
        ("all", "$.a.b", "list"),
        ("half", "$.a.b[1]", "integer"),
        ("text", "a", "text"),
        ("number", "n", "number"),
        ("ok", "ok", "boolean"),
        ("deep", "$..a", "list"),
        ("wrong", "t", "number"),
    )
    found = apply(JsonPath(column="^j$", extract=extract), exported=False, table=JSONS)
    assert found.columns == ["^j$", "n", *(one["name"] for one in extract)]
    assert found.select(one["name"] for one in extract).rows() == [
        (1, ["1", "2.5"], None, '{"b":[1,2.5]}', 7.0, True, ['{"b":[1,2.5]}'], None),
        (None, None, None, None, None, None, [None], None),
        (None,) * 8,
        (None, None, None, None, None, None, ["9"], None),
        (None,) * 8,
    ]


def test_values_are_taken_out_of_xml(apply: Any) -> None:
    table = pl.DataFrame(
        {
            "x": [
                BOOKS.format(encoding="utf-16"),
                "<r><b:t xmlns:b='u'>5</b:t></r>",
                "<r>",
                None,
                BOMB + "]><x>&j;</x>",
            ]
        }
    )
    extract = extraction(
        ("x", "//*[local-name()='title'][1]", "text"),
        ("ids", "//@id", "list"),
        ("count", "count(//*)", "integer"),
        ("price", "//*[local-name()='price'][1]", "number"),
    )
    found = apply(XPath(column="x", extract=extract, keep=False), exported=False, table=table)
    assert found.rows() == [
        ("Ä & B", ["007", "008"], 16, 1.5),
        (None, None, 2, None),
        *[(None, None, None, None)] * 3,
    ]


@pytest.mark.parametrize(("kind", "text"), [("json_path", "{oops"), ("xpath", "<a>")])
def test_unfit_documents_can_stop_the_run(kind: str, text: str) -> None:
    workflow = nf.Workflow("unfit")
    table = workflow.add("table_creator", columns=[{"name": "c", "type": "text", "cells": [text]}])
    workflow.add(kind, table, column="c", extract=extraction(("a", "a", "text")), unfit="fail")
    reason = workflow.run(cache=False, check=False).reports[kind].reason
    assert f'"c" has a text that is no {"JSON" if kind == "json_path" else "XML"}: "{text}"' in reason


def test_settings_of_extractions_are_checked(faults: Any) -> None:
    with pytest.raises(ParameterError, match="entry 1"):
        JsonPath(column="^j$", extract=extraction(("a", "$[", "text")))
    with pytest.raises(ParameterError, match="no XPath"):
        XPath(column="x", extract=extraction(("a", "//[", "text")))
    twice = JsonPath(column="^j$", extract=extraction(("a", "a", "text"), ("a", "b", "text")))
    assert "two columns" in faults(twice, table=JSONS)[0]
    assert "already" in faults(JsonPath(column="^j$", extract=extraction(("n", "a", "text"))), table=JSONS)[0]
    assert "text" in faults(JsonPath(column="n", extract=extraction(("a", "a", "text"))), table=JSONS)[0]
