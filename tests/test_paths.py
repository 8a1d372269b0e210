"""Paths in a workflow file: each hostile one is refused or confined, with a sentence, at once."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

import nodeflow as nf
from nodeflow.execution.keys import file_digests
from nodeflow.files import FileDigests
from nodeflow.patterns import fixed_folder

HOSTILE = [
    "../outside.csv", "../../etc/passwd", "/etc/passwd", "/etc/hostname", "~/secret.csv", "~root/secret.csv", "/dev/zero",
    "/dev/stdin", "/dev/random", "/proc/self/environ", "/proc/self/mem", "/sys/kernel", "a/../../outside.csv",
    "./../outside.csv", "sub/../../outside.csv", "..", ".", "/", "", " ", "a\0b", "\0", "x" * 5000, "x/" * 3000,
    "y" * 300, "name.", "name ", "dir./x", "CON", "con.csv", "NUL", "aux.txt", "COM1", "lpt9.csv", "sub/PRN",
    "\\\\server\\share\\x.csv", "//server/share/x.csv", "\\\\?\\C:\\x", "C:\\x.csv", "file:///etc/passwd",
    "file://localhost/etc/passwd", "http://127.0.0.1/x.csv", "https://example.org/x.csv", "ftp://x/y", "s3://bucket/key",
    "data:text/csv,a", "gs://b/k", "link.csv", "linked/x.csv", "pipe", "loop", "folder", "missing.csv", "*.nothing",
    "/etc/*", "../*", "/**", "..\\x.csv", "a|b", "$(id)", "`id`", "%2e%2e/x", "….csv",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.csv").write_text("secret\n1\n")
    (inside / "link.csv").symlink_to(tmp_path / "outside.csv")
    (inside / "linked").symlink_to(tmp_path)
    (inside / "loop").symlink_to(inside / "loop")
    (inside / "folder").mkdir()
    os.mkfifo(inside / "pipe")
    return inside


def load(folder: Path, node: dict[str, object]) -> nf.Workflow:
    (folder / "w.json").write_text(json.dumps({"nodeflow": 1, "nodes": {"it": node}}))
    return nf.load(folder / "w.json")


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: ascii(path)[:30])
def test_a_hostile_path_to_read_is_refused_with_a_sentence(path: str, folder: Path) -> None:
    workflow = load(folder, {"type": "csv_reader", "parameters": {"path": path}})
    started = time.perf_counter()
    problems = nf.validate(workflow)
    assert time.perf_counter() - started < 1
    assert problems, path
    assert all(problem.node == "it" and len(str(problem)) < 6000 for problem in problems)


@pytest.mark.parametrize(
    "path",
    [p for p in HOSTILE if p not in ("missing.csv", "folder", "pipe", "loop", "link.csv", "linked/x.csv")
     and not any(c in p for c in "*|$`%…") and p not in ("..\\x.csv", "C:\\x.csv", "data:text/csv,a", "~/secret.csv", "~root/secret.csv", ".")],
    ids=lambda path: ascii(path)[:30],
)  # fmt: skip
def test_a_hostile_path_to_write_is_refused_with_a_sentence(path: str, folder: Path) -> None:
    table = {
        "type": "table_creator",
        "parameters": {"columns": [{"name": "a", "type": "integer", "cells": ["1"]}]},
    }
    data = {
        "nodeflow": 1,
        "nodes": {"table": table, "it": {"type": "csv_writer", "parameters": {"path": path}}},
        "connections": ["table.table -> it.table"],
    }
    (folder / "w.json").write_text(json.dumps(data))
    assert nf.validate(nf.load(folder / "w.json")), path


def test_what_is_written_stays_in_the_output_folder(folder: Path) -> None:
    table = {
        "type": "table_creator",
        "parameters": {"columns": [{"name": "a", "type": "integer", "cells": ["1"]}]},
    }
    for path in ("~/x.csv", "a|b.csv", "$(id).csv", "sub/dir/x.csv", "..\\x.csv"):
        data = {
            "nodeflow": 1,
            "nodes": {"table": table, "it": {"type": "csv_writer", "parameters": {"path": path}}},
            "connections": ["table.table -> it.table"],
        }
        (folder / "w.json").write_text(json.dumps(data))
        result = nf.load(folder / "w.json").run(cache_folder=folder / "cache", check=False)
        for written in result.reports["it"].files:
            assert Path(written).resolve().is_relative_to(folder / "output")


@pytest.mark.parametrize(
    "pattern",
    ["l*nk.csv", "[l]ink.csv", "link*", "linke?/outside.csv", "link*/*.csv", "*/outside.csv", "linked/**/*.csv", "**/link.csv"],
)  # fmt: skip
def test_a_pattern_leads_outside_by_no_link(pattern: str, folder: Path) -> None:
    (problem,) = nf.validate(load(folder, {"type": "csv_reader", "parameters": {"path": pattern}}))
    assert "--allow-read" in problem.message


def test_any_depth_follows_no_links_round_in_circles_and_reads_each_file_once(folder: Path) -> None:
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "data" / "a.csv").write_text("n\n1\n")
    (folder / "data" / "deep" / "b.csv").write_text("n\n2\n")
    for name in ("one", "two", "three"):
        (folder / "data" / name).symlink_to(folder / "data")
    workflow = load(folder, {"type": "csv_reader", "parameters": {"path": "data/**/*.csv"}})
    started = time.perf_counter()
    assert workflow.run(cache=False)["it"].table.to_polars()["n"].to_list() == [1, 2]
    assert time.perf_counter() - started < 2


def test_any_depth_stands_once(folder: Path) -> None:
    path = "**/a/**/b/**/*.csv"
    (problem,) = nf.validate(load(folder, {"type": "csv_reader", "parameters": {"path": path}}))
    assert "** may stand once" in problem.message


def test_a_pattern_that_fits_a_pipe_is_told_before_it_is_opened(folder: Path) -> None:
    (problem,) = nf.validate(load(folder, {"type": "csv_reader", "parameters": {"path": "pip?"}}))
    assert "a device or a pipe" in problem.message


def test_a_file_with_brackets_in_its_name_is_that_file_and_its_changes_are_seen(folder: Path) -> None:
    workflow = load(folder, {"type": "csv_reader", "parameters": {"path": "data[1].csv"}})
    for content in (1, 2):
        (folder / "data[1].csv").write_text(f"n\n{content}\n")
        result = workflow.run(cache_folder=folder / "cache")
        assert result["it"].table.to_polars()["n"].to_list() == [content]


def test_a_path_that_may_be_left_out_is_guarded_like_any_other(folder: Path) -> None:
    class ReadMaybe(nf.Node):
        """Read a file, if there is one."""

        path: nf.InputPath | None = None

        def run(self) -> nf.Table:
            return nf.Table.wrap({"path": [self.path]})

    def loaded(path: str | None) -> nf.Workflow:
        workflow = load(folder, {"type": "read_maybe", "parameters": {"path": path}})
        workflow.registry = nf.Registry()
        workflow.registry.add(ReadMaybe)
        return workflow

    for path in ("../outside.csv", "link.csv", "/etc/passwd"):
        (problem,) = nf.validate(loaded(path))
        assert "--allow-read" in problem.message
    assert loaded(None).run(cache=False)["it"].table.to_polars()["path"].to_list() == [None]
    (folder / "mine.csv").write_text("n\n1\n")
    read = loaded("mine.csv").run(cache=False)["it"].table.to_polars()["path"].to_list()
    assert read == [str(folder.resolve() / "mine.csv")]


def test_a_file_read_by_a_pattern_is_not_overwritten(folder: Path) -> None:
    (folder / "mine.csv").write_text("a\n1\n")
    data = {
        "nodeflow": 1,
        "nodes": {
            "read": {"type": "csv_reader", "parameters": {"path": "min?.csv"}},
            "it": {"type": "csv_writer", "parameters": {"path": "mine.csv"}},
        },
        "connections": ["read.table -> it.table"],
    }
    (folder / "w.json").write_text(json.dumps(data))
    result = nf.load(folder / "w.json").run(cache=False, output=folder, check=False)
    assert "is read by this workflow" in result.reports["it"].reason


def test_reading_outside_is_allowed_by_name_or_by_trust(folder: Path) -> None:
    workflow = load(folder, {"type": "csv_reader", "parameters": {"path": "../outside.csv"}})
    with pytest.raises(nf.WorkflowError, match="--allow-read"):
        workflow.run(cache=False)
    assert workflow.run(cache=False, allow_read=[folder.parent])["it"].table.rows == 1
    assert workflow.run(cache=False, trust=True)["it"].table.rows == 1


def test_an_input_is_never_overwritten(folder: Path) -> None:
    (folder / "mine.csv").write_text("a\n1\n")
    data = {
        "nodeflow": 1,
        "nodes": {
            "read": {"type": "csv_reader", "parameters": {"path": "mine.csv"}},
            "it": {"type": "csv_writer", "parameters": {"path": "mine.csv"}},
        },
        "connections": ["read.table -> it.table"],
    }
    (folder / "w.json").write_text(json.dumps(data))
    result = nf.load(folder / "w.json").run(cache=False, output=folder, check=False)
    assert "is read by this workflow" in result.reports["it"].reason
    assert (folder / "mine.csv").read_text() == "a\n1\n"


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("data/a.csv", "data"),
        ("a.csv", "."),
        ("*.csv", "."),
        ("data/*.csv", "data"),
        ("data/**/a*.csv", "data"),
        ("data/y=*/a.csv", "data"),
        ("/*.csv", "/"),
        ("/data/[ab]/c?.csv", "/data"),
    ],
)
def test_the_search_for_a_pattern_begins_in_its_fixed_folder(path: str, start: str) -> None:
    assert fixed_folder(path) == start


def test_the_folders_a_pattern_goes_through_count_as_content(tmp_path: Path) -> None:
    (tmp_path / "year=2024").mkdir()
    (tmp_path / "year=2024" / "a.csv").write_text("x\n1\n")
    before = file_digests(str(tmp_path / "**" / "*.csv"), FileDigests())
    (tmp_path / "year=2024").rename(tmp_path / "year=2025")
    after = file_digests(str(tmp_path / "**" / "*.csv"), FileDigests())
    assert [name for name, _ in before] == ["year=2024/a.csv"]
    assert [name for name, _ in after] == ["year=2025/a.csv"]
    assert [digest for _, digest in before] == [digest for _, digest in after]
