"""CSV Reader, on awkward files."""

from __future__ import annotations

import datetime
import gzip
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.csv_reader import CsvReader
from polars.testing import assert_frame_equal

from nodeflow.errors import NodeflowError, ParameterError

UTC = datetime.UTC


def read(apply: Any, path: Path, *, exported: bool = True, **options: Any) -> pl.DataFrame:
    result = apply(CsvReader(path=str(path), **options), exported=exported)
    assert isinstance(result, pl.DataFrame)
    return result


# content, options, what is read: a column a line
FILES: dict[str, tuple[str | bytes, dict[str, Any], dict[str, list[Any]]]] = {
    "plain": ("a,b\n1,x\n2,y\n", {}, {"a": [1, 2], "b": ["x", "y"]}),
    "no line break at the end": ("a,b\n1,x", {}, {"a": [1], "b": ["x"]}),
    "crlf": ("a,b\r\n1,x\r\n", {}, {"a": [1], "b": ["x"]}),
    "old mac": (b"a,b\r1,x\r2,y\r", {}, {"a": [1, 2], "b": ["x", "y"]}),
    "byte order mark": (b"\xef\xbb\xbfa,b\n1,x\n", {}, {"a": [1], "b": ["x"]}),
    "utf-16": ("a,b\n1,né\n".encode("utf-16"), {}, {"a": [1], "b": ["né"]}),
    "utf-16 big endian": (b"\xfe\xff" + "a,b\n1,né\n".encode("utf-16-be"), {}, {"a": [1], "b": ["né"]}),
    "utf-16 without mark": (
        "a,b\n1,né\n".encode("utf-16-le"),
        {"encoding": "utf-16"},
        {"a": [1], "b": ["né"]},
    ),
    "windows-1252": ("a,b\n1,né €\n".encode("windows-1252"), {}, {"a": [1], "b": ["né €"]}),
    "latin-1": ("a,b\n1,né\n".encode("latin-1"), {"encoding": "latin-1"}, {"a": [1], "b": ["né"]}),
    "semicolons and decimal commas": ("a;b\n1,5;x\n2;y\n", {}, {"a": [1.5, 2.0], "b": ["x", "y"]}),
    "thousands are not guessed": ("a;b\n1.234,5;x\n", {}, {"a": ["1.234,5"], "b": ["x"]}),
    "decimal points after all": ("a;b\n1.5;1,5\n", {}, {"a": [1.5], "b": ["1,5"]}),
    "tabs": ("a\tb\n1\tx, y\n", {}, {"a": [1], "b": ["x, y"]}),
    "pipes": ("a|b|c\n1|2|3\n", {}, {"a": [1], "b": [2], "c": [3]}),
    "delimiter by word": ("a b\tc\n1\t2\n", {"delimiter": "tab"}, {"a b": [1], "c": [2]}),
    "quoted line breaks": ('a,b\n"x\ny",1\n"z",2\n', {}, {"a": ["x\ny", "z"], "b": [1, 2]}),
    "doubled quotes": ('a,b\n"he said ""hi""",1\n', {}, {"a": ['he said "hi"'], "b": [1]}),
    "other quote": ("a,b\n'x,y',1\n", {"quote": "'"}, {"a": ["x,y"], "b": [1]}),
    "quotes as they are": ('a\tb\n5" pipe\t1\n', {"quote": ""}, {"a": ['5" pipe'], "b": [1]}),
    "one column": ("a\n1\n\n3\n", {}, {"a": [1, None, 3]}),
    "header only": ("a,b\n", {}, {"a": [], "b": []}),
    "header only without end": ("a,b", {}, {"a": [], "b": []}),
    "blank lines": ("a,b\n1,2\n\n3,4\n\n\n", {}, {"a": [1, 3], "b": [2, 4]}),
    "blank lines kept": ("a,b\n1,2\n\n", {"blank_lines": "keep"}, {"a": [1, None], "b": [2, None]}),
    "short rows": ("a,b,c\n1,2,3\n4\n", {}, {"a": [1, 4], "b": [2, None], "c": [3, None]}),
    "long rows cut": ("a,b\n1,2\n3,4,5\n", {"ragged_rows": "fill"}, {"a": [1, 3], "b": [2, 4]}),
    "same names": ("a,a,a\n1,2,3\n", {}, {"a": [1], "a_2": [2], "a_3": [3]}),
    "empty names": (",b,\n1,2,3\n", {}, {"column_1": [1], "b": [2], "column_3": [3]}),
    "blanks around names": ("a , b\n1,2\n", {}, {"a": [1], "b": [2]}),
    "blanks around names kept": ("a , b\n1,2\n", {"trim_names": False}, {"a ": [1], " b": [2]}),
    "no header": ("1,x\n2,y\n", {"header": False}, {"column_1": [1, 2], "column_2": ["x", "y"]}),
    "preamble": ('A "report\n\na,b\n1,2\n', {"skip_rows": 2}, {"a": [1], "b": [2]}),
    "comments": ("# by me\na,b\n# more\n1,2\n", {"comment": "#"}, {"a": [1], "b": [2]}),
    "missing markers": (
        "a,b\nNA,N/A\n1,null\n,\n",
        {"blank_lines": "keep"},
        {"a": [None, 1, None], "b": [None] * 3},
    ),
    "own markers": ("a,b\n?,x\n1,-\n", {"missing": ["?", "-"]}, {"a": [None, 1], "b": ["x", None]}),
    "empty text is a value": ('a,b\n1,\n2,""\n', {"missing": []}, {"a": [1, 2], "b": ["", ""]}),
    "nan is missing": ("a\n1.5\nnan\n-NaN\nNAN\n", {}, {"a": [1.5, None, None, None]}),
    "infinity": ("a\n1.5\ninf\n-Infinity\n", {}, {"a": [1.5, float("inf"), float("-inf")]}),
    "leading zeros": ("zip,n\n01234,0\n00501,7\n", {}, {"zip": ["01234", "00501"], "n": [0, 7]}),
    "huge whole numbers": ("a\n99999999999999999999\n1\n", {}, {"a": ["99999999999999999999", "1"]}),
    "mixed types": ("a,b\n1,1\nx,1.5\n", {}, {"a": ["1", "x"], "b": [1.0, 1.5]}),
    "signs and exponents": ("a,b\n+1,1e3\n-2,.5\n", {}, {"a": [1, -2], "b": [1000.0, 0.5]}),
    "blanks before numbers": ("a, b\n 1, 2.5\n", {}, {"a": [1], "b": [2.5]}),
    "booleans": ("a,b\ntrue,TRUE\nFalse,yes\n", {}, {"a": [True, False], "b": ["TRUE", "yes"]}),
    "types by hand": (
        "a,b,c\n1,2,x\n",
        {"types": {"a": "text", "b": "number"}},
        {"a": ["1"], "b": [2.0], "c": ["x"]},
    ),
    "rows at most": ("a\n1\n2\n3\n", {"max_rows": 2}, {"a": [1, 2]}),
    "dates": (
        "d,t,z\n2024-02-29,2024-01-01 08:30,2024-01-01T08:30:00Z\n"
        ",2024-01-01T08:30:15.5,2024-01-01T08:30:00+02:00\n",
        {},
        {
            "d": [datetime.date(2024, 2, 29), None],
            "t": [datetime.datetime(2024, 1, 1, 8, 30), datetime.datetime(2024, 1, 1, 8, 30, 15, 500_000)],
            "z": [datetime.datetime(2024, 1, 1, h, 30, tzinfo=UTC) for h in (8, 6)],
        },
    ),
    "no such day": ("d\n2024-02-30\n", {}, {"d": ["2024-02-30"]}),
    "dates as text": ("d\n2024-02-29\n", {"parse_dates": False}, {"d": ["2024-02-29"]}),
    "unicode names": ("名前,größe,🦆\nx,1,2\n", {}, {"名前": ["x"], "größe": [1], "🦆": [2]}),
    "hostile names": ("^.*$,*,{0}\n1,2.5,3\n", {}, {"^.*$": [1], "*": [2.5], "{0}": [3]}),
    "all missing": ("a,b\n,\n,\n", {"blank_lines": "keep"}, {"a": [None, None], "b": [None, None]}),
    "source column": ("a\n1\n", {"source": "file"}, {"a": [1], "file": ["f.csv"]}),
}


@pytest.mark.parametrize("case", list(FILES))
def test_awkward_files(apply, tmp_path: Path, case: str) -> None:
    content, options, expected = FILES[case]
    path = tmp_path / "f.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    # Python's name for UTF-16 without a mark and the old Mac line ends have no plain Polars form
    result = read(apply, path, **options, exported=case not in ("old mac",))
    assert result.to_dict(as_series=False) == expected


def test_the_real_admission_file_loses_the_blanks_behind_its_names(apply) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / "graduate_admission.csv"
    if not path.exists():
        pytest.skip("the data is not here")
    result = read(apply, path)
    assert result.shape == (500, 9)
    assert "Chance of Admit" in result.columns


def test_many_files_are_read_sorted_and_matched_by_name(apply, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("y,x\n3,4\n")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "c.txt").write_text("z\n9\n")
    result = read(apply, tmp_path / "*.csv", source="from")
    assert result.to_dict(as_series=False) == {"x": [1, 4], "y": [2, 3], "from": ["a.csv", "b.csv"]}


def test_a_file_with_brackets_in_its_name_is_no_pattern(apply, tmp_path: Path) -> None:
    (tmp_path / "data[1].csv").write_text("x\n1\n")
    assert read(apply, tmp_path / "data[1].csv")["x"].to_list() == [1]


def test_files_of_two_encodings_are_read_together(apply, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\né\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("x\nü\n", encoding="latin-1")
    assert read(apply, tmp_path / "*.csv", source="f", exported=False).rows() == [
        ("é", "a.csv"),
        ("ü", "b.csv"),
    ]


def test_compressed_files(apply, tmp_path: Path) -> None:
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n2,y\n", mtime=0))
    with zipfile.ZipFile(tmp_path / "f.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.csv", "a,b\n1,x\n2,y\n")
    for name in ("f.csv.gz", "f.zip"):
        result = read(apply, tmp_path / name, exported=name != "f.zip")
        assert result.rows() == [(1, "x"), (2, "y")]
    assert not list(tmp_path.parent.glob("evil*"))


def test_decoded_files_take_filters_and_choices_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b,c\n" + "".join(f"{i},é{i},{i / 2}\n" for i in range(1000)), encoding="latin-1")
    query = CsvReader(path=str(path)).run()
    result = query.filter(pl.col("a") % 100 == 7).select("b").head(2).collect()
    assert result["b"].to_list() == ["é7", "é107"]
    assert query.head(3).select("c").collect()["c"].to_list() == [0.0, 0.5, 1.0]
    assert query.select(pl.len()).collect().item() == 1000


def test_filters_and_choices_of_columns_reach_the_scan(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b,c\n1,x,2\n")
    plan = CsvReader(path=str(path)).run().filter(pl.col("a") > 0).select("b").explain()
    assert "PROJECT 2/3 COLUMNS" in plan
    assert 'SELECTION: col("a") > 0' in plan


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_value_that_does_not_fit_far_down_is_found_with_its_line(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n" + "1234567,é\n" * 120_000 + "oops,é\n" + "1,é\n" * 10, encoding=encoding)
    node = CsvReader(path=str(path))
    query = node.run()
    assert query.collect_schema() == {"a": pl.Int64, "b": pl.String}
    with pytest.raises((pl.exceptions.ComputeError, NodeflowError)) as caught:
        query.collect()
    told = node.explain(caught.value) or str(caught.value)
    assert 'line 120002: "oops" in the column "a" is not of type integer; the type was guessed' in told
    assert read_all(CsvReader(path=str(path), types={"a": "text"})).height == 120_011
    whole = CsvReader(path=str(path), guess_from="whole file")
    assert whole.run().collect_schema()["a"] == pl.String


def read_all(node: CsvReader) -> pl.DataFrame:
    return node.run().collect(engine="streaming")


def test_a_long_row_far_down_is_found_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n" + '1234567,"x\ny"\n' * 90_000 + "1,2,3\n")
    node = CsvReader(path=str(path))
    query = node.run()
    with pytest.raises(pl.exceptions.ComputeError) as caught:
        query.collect()
    assert f"{path}, line 180002: 3 cells, but there are 2 columns" in (node.explain(caught.value) or "")


def test_bytes_that_are_not_utf8_far_down_are_found_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"a,b\n" + b"1234567,x\n" * 120_000 + b"1,\xe9\n")
    node = CsvReader(path=str(path))
    with pytest.raises(pl.exceptions.ComputeError) as caught:
        node.run().collect()
    assert "line 120002: this is not UTF-8 text; try the encoding windows-1252" in (
        node.explain(caught.value) or ""
    )


def test_a_file_with_other_columns_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,z\n1,2\n")
    node = CsvReader(path=str(tmp_path / "*.csv"))
    with pytest.raises(pl.exceptions.PolarsError) as caught:
        node.run().collect()
    told = node.explain(caught.value) or ""
    assert 'b.csv lacks "y" and has "z" as well' in told


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (None, {}, "there is no file"),
        ("", {}, "is empty"),
        (b"\xef\xbb\xbf \n\n", {}, "is empty"),
        ("a,b\n1,2,3\n", {}, "line 2: 3 cells, but there are 2 columns"),
        ('a,b\n"x,1\n2,3\n', {}, "line 2: a quotation mark opens a text that is not closed"),
        ("a,b\n1,x\n", {"types": {"b": "integer"}}, 'line 2: "x" in the column "b" is not of type integer'),
        ("a,b\n1,x\n", {"types": {"bb": "integer"}}, 'no column "bb"'),
        (b"a,b\n1,\xe9\n", {"encoding": "utf-8"}, "line 2: this is not UTF-8 text"),
        (b"a,b\n1,\x81\n", {"encoding": "windows-1252"}, "line 2: this is not WINDOWS-1252 text"),
        ("a,b\n1,2\n", {"source": "a"}, 'a column "a" already'),
        (b"\x1f\x8b\x08\x00broken", {}, "cannot be decompressed"),
        (b"PK\x03\x04broken", {}, "cannot be decompressed"),
        (gzip.compress(b"a,b\n1,x\n", mtime=0)[:-6], {}, "cannot be decompressed"),
        ("a,b\n", {"skip_rows": 5}, "no header and no rows"),
    ],
)
def test_faults_name_file_line_and_remedy(
    tmp_path: Path, content: Any, options: dict[str, Any], words: str
) -> None:
    path = tmp_path / "f.csv"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(NodeflowError) as caught:
        CsvReader(path=str(path), **options).run().collect()
    assert words in str(caught.value)
    assert str(path) in str(caught.value) or "types" in options or "source" in options


def test_folders_devices_and_patterns_without_files_are_refused(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "is a folder"),
        ("/dev/zero", "device"),
        (tmp_path / "*.csv", "no file fits"),
    ):
        with pytest.raises(NodeflowError, match=words):
            CsvReader(path=str(path)).run()


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 12_000_000, 9))
    with pytest.raises(NodeflowError, match="200 times"):
        CsvReader(path=str(path)).run().collect()


def test_a_zip_with_two_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    with pytest.raises(NodeflowError, match="holds 2 files"):
        CsvReader(path=str(tmp_path / "f.zip")).run()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delimiter": "::"}, "one plain character"),
        ({"quote": "„"}, "one plain character"),
        ({"quote": ";", "delimiter": ";"}, "same character"),
        ({"delimiter": ",", "decimal": ","}, "cannot be both"),
    ],
)
def test_settings_that_contradict_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        CsvReader(path="x.csv", **options)


def test_a_wide_header_longer_than_the_sample_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    names = [f"{'n' * 300}{i}" for i in range(4000)]
    path.write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    assert CsvReader(path=str(path)).run().collect_schema().names() == names


def test_the_plan_is_the_same_when_it_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n1,x\n")
    node = CsvReader(path=str(path))
    assert_frame_equal(node.run().collect(), node.run().collect())


BAD = 'a,b,c\n1,2.5,x\nq,1,y\n\n3,zz,"z\nz"\n4\n5,6,7,8\n6,x,7,9\n'
BAD_TYPES = {"a": "integer", "b": "number"}
SEVERAL = (
    'line 3, column "a": "q"; {0}, line 6, column "b": "zz"; {0}, line 8, beyond the columns: "8"; '
    '{0}, line 9, column "b": "x"; {0}, line 9, beyond the columns: "9"'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_cells_that_cannot_be_read_become_missing(apply, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(BAD, encoding=encoding)
    node = CsvReader(path=str(path), types=BAD_TYPES, bad_rows="null")
    result = apply(node, exported=encoding == "utf-8")
    assert result.rows() == [
        (1, 2.5, "x"), (None, 1.0, "y"), (3, None, "z\nz"), (4, None, None), (5, 6.0, "7"), (6, None, "7"),
    ]  # fmt: skip
    assert node.remarks() == [
        f"5 values in 4 rows could not be read, so they are missing: {path}, {SEVERAL.format(path)}"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rows_that_cannot_be_read_are_dropped(apply, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(BAD, encoding=encoding)
    node = CsvReader(path=str(path), types=BAD_TYPES, bad_rows="drop", source="file")
    assert apply(node, exported=False).rows() == [(1, 2.5, "x", "f.csv"), (4, None, None, "f.csv")]
    assert "so these rows were dropped" in node.remarks()[0]
    query = node.run()
    assert query.filter(pl.col("a") > 1).select("c", "a").collect().rows() == [(None, 4)]
    assert query.head(1).collect().rows() == [(1, 2.5, "x", "f.csv")]
    assert query.select(pl.len()).collect().item() == 2


@pytest.mark.parametrize("policy", ["null", "drop"])
def test_nothing_is_remarked_when_all_can_be_read(apply, tmp_path: Path, policy: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b,c\n1,x,\n,y,2.5\n3,,nan\n")
    node = CsvReader(path=str(path), bad_rows=policy)
    assert apply(node, exported=policy == "null").rows() == [
        (1, "x", None),
        (None, "y", 2.5),
        (3, None, None),
    ]
    assert node.remarks() == []
    assert CsvReader(path=str(path)).remarks() == []
    path.write_text("a,b\nx,y\n1,2,3\n")  # texts only: a line can still be too long
    node = CsvReader(path=str(path), bad_rows=policy, types={"a": "text", "b": "text"})
    assert apply(node, exported=policy == "null").height == (2 if policy == "null" else 1)
    assert node.remarks()[0].startswith("1 value in 1 row could not be read")


def test_the_first_ten_places_of_many_files_are_told(apply, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("# no\nn\n" + "1\nx\n" * 8)
    node = CsvReader(path=str(tmp_path / "*.csv"), types={"n": "integer"}, bad_rows="null", comment="#")
    assert apply(node)["n"].to_list() == [1, None] * 16
    (told,) = node.remarks()
    assert told.startswith("16 values in 16 rows could not be read, so they are missing: ")
    assert told.count("line ") == 10
    assert f'{tmp_path}/b.csv, line 6, column "n": "x" and 6 more' in told
    assert CsvReader(**{**vars(node), "max_rows": 2}).remarks()[0].count("line ") == 2


@pytest.mark.parametrize("policy", ["null", "drop"])
def test_a_guess_that_fails_far_down_is_read_by_the_policy(apply, tmp_path: Path, policy: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n" + "1234567,x\n" * 120_000 + "oops,y\n2,z\n")
    node = CsvReader(path=str(path), bad_rows=policy)
    result = apply(node, exported=policy == "null")
    assert result.tail(2).rows() == (
        [(None, "y"), (2, "z")] if policy == "null" else [(1234567, "x"), (2, "z")]
    )
    assert 'line 120002, column "a": "oops"' in node.remarks()[0]


def test_the_warning_reaches_the_user(tmp_path: Path) -> None:
    import nodeflow as nf

    (tmp_path / "f.csv").write_text("n\n1\nx\n")
    workflow = nf.Workflow("x", folder=tmp_path)
    table = workflow.add("csv_reader", id="read", path="f.csv", types={"n": "integer"}, bad_rows="null")
    workflow.add("sorter", table, id="sort", by=[{"column": "n"}])
    result = workflow.run(cache=False)
    told = [message for report in result.reports.values() for message in report.messages]
    assert len(told) == 1
    assert 'line 3, column "n": "x"' in told[0]
