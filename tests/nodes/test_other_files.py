"""Fixed-width, ARFF and statistical files."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from nodeflow_nodes.io.arff_reader import ArffReader
from nodeflow_nodes.io.fixed_width_reader import FixedWidthReader
from nodeflow_nodes.io.statistical_file_reader import StatisticalFileReader

from nodeflow.errors import NodeFailed, ParameterError

DAY = datetime.datetime(2024, 12, 31)


def read(
    apply: Any, node: Any, path: Path, content: str | None = None, **options: Any
) -> dict[str, list[Any]]:
    if content is not None:
        path.write_text(content, encoding="utf-8")
    table = apply(node(path=str(path), **options), exported=False)
    return table.to_dict(as_series=False)  # type: ignore[no-any-return]


FIXED: dict[str, tuple[str, dict[str, Any], dict[str, list[Any]]]] = {
    "found": (
        "name       age  town\nAda Bell    36  Ulm\n\nBo           7  Köln am Rhein\n",
        {},
        {"name": ["Ada Bell", "Bo"], "age": [36, 7], "town": ["Ulm", "Köln am Rhein"]},
    ),
    "widths": ("nnntttt\n0012024\n", {"widths": [3, 4]}, {"nnn": ["001"], "tttt": [2024]}),
    "widths without header": (
        "abc1.52024-12-31\nd    \n",
        {"widths": [3, 3, 10], "header": False, "names": ["t", "x"]},
        {"t": ["abc", "d"], "x": [1.5, None], "column_3": [DAY.date(), None]},
    ),
    "names and types": (
        "x y\n1 2\nNA 3\n", {"widths": [2, 2], "names": ["a"], "types": {"y": "text"}}, {"a": [1, None], "y": ["2", "3"]},
    ),
    "skipped lines": ("Report\n\na b\n1 2\n", {"skip_rows": 2}, {"a": [1], "b": [2]}),
    "tabs": ("a\tb\n1\t2\n", {}, {"a": [1], "b": [2]}),
    "header only": ("a b\n", {}, {"a": [], "b": []}),
    "longer further down": ("a  b\n" + "1  2\n" * 1500 + "1  2222\n", {}, {"a": [1] * 1501, "b": [2] * 1500 + [2222]}),
    "same names": ("a a\n1 2\n", {}, {"a": [1], "a_2": [2]}),
    "decimal commas": ("a   b\n1,5 x\n", {}, {"a": [1.5], "b": ["x"]}),
}  # fmt: skip


@pytest.mark.parametrize("case", list(FIXED))
def test_fixed_width(apply: Any, tmp_path: Path, case: str) -> None:
    content, options, expected = FIXED[case]
    assert read(apply, FixedWidthReader, tmp_path / "a.txt", content, **options) == expected


def test_fixed_width_agrees_with_pandas(apply: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "id   name      value\n" + "".join(f"{i:<5}{'n' * (i % 9 + 1):<10}{i / 4:>5}\n" for i in range(50))
    )
    ours = read(apply, FixedWidthReader, path, widths=[5, 10, 5])
    theirs = pd.read_fwf(path, widths=[5, 10, 5])
    assert ours == {name: theirs[name].tolist() for name in theirs.columns}


def test_fixed_width_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def told(content: bytes, **options: Any) -> str:
        path.write_bytes(content)
        with pytest.raises(NodeFailed) as caught:
            FixedWidthReader(path=str(path), **options).run()
        return str(caught.value)

    assert "is empty" in told(b"")
    assert "has no lines" in told(b"\n \n")
    assert "has no lines after those that are skipped" in told(b"a\n", skip_rows=5)
    assert "is no text file" in told(b"PK\0\0abc")
    assert 'line 4, column "b": "x" is not of type integer' in told(
        b"a b\n\n1 2\n2 x\n", types={"b": "integer"}
    )
    assert 'no column "z"; it has: "a", "b"' in told(b"a b\n1 2\n", types={"z": "text"})
    assert "has 2 columns, but 3 names" in told(b"a b\n1 2\n", names=["x", "y", "z"])
    assert "a line of 200,000 characters" in told(b"a" * 200_000 + b"\n")
    with pytest.raises(ParameterError, match="given twice"):
        FixedWidthReader(path="a", names=["a", "a"])
    with pytest.raises(ParameterError, match="1 widths, but 2 names"):
        FixedWidthReader(path="a", widths=[1], names=["a", "b"])


ARFF = """% a comment
@RELATION 'my data'
@attribute a numeric
@attribute 'b c' {x, 'y z', "w"}
@ATTRIBUTE d string
@attribute e date "yyyy-MM-dd"
@attribute f integer
@attribute g date
@data
1.5, x, 'it\\'s, so', '2024-12-31', 7, 2024-12-31T00:00:00
?, 'y z', ?, ?, ?, ?
% another
-1e3,w,"q",2024-12-31,7.0,?
"""


def test_arff(apply: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.arff"
    assert read(apply, ArffReader, path, ARFF) == {
        "a": [1.5, None, -1000.0],
        "b c": ["x", "y z", "w"],
        "d": ["it's, so", None, "q"],
        "e": [DAY, None, DAY],
        "f": [7, None, 7],
        "g": [DAY, None, None],
    }
    assert ArffReader(path=str(path)).run().collect_schema()["b c"] == pl.Enum(["x", "y z", "w"])


def test_sparse_arff(apply: Any, tmp_path: Path) -> None:
    head = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@attribute c numeric\n@data\n"
    content = head + "{0 5, 1 y}\n{}\n{2 ?}\n{1 'y'}\n"
    assert read(apply, ArffReader, tmp_path / "a.arff", content) == {
        "a": [5, 0, 0, 0], "b": ["y", "x", "x", "y"], "c": [0, 0, None, 0],
    }  # fmt: skip


def test_arff_agrees_with_scipy(apply: Any, tmp_path: Path) -> None:
    from scipy.io import arff

    path = tmp_path / "a.arff"
    rows = "\n".join(f"{i / 3},{'ab'[i % 2]}" for i in range(20))
    content = f"@relation r\n@attribute x real\n@attribute k {{a,b}}\n@data\n{rows}\n"
    ours = read(apply, ArffReader, path, content)
    data, _ = arff.loadarff(path)
    assert ours == {"x": data["x"].tolist(), "k": [one.decode() for one in data["k"]]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "is not an ARFF file, which begins with @relation; it seems to be plain text"),
        ("@relation r\n@attribute a numeric\n", "has no @data"),
        ("@relation r\n@data\n1\n", "line 2: there is no @attribute before @data"),
        ("@relation r\n@attribute a numeric\n@attribute a string\n@data\n", 'two attributes are called "a"'),
        ("@relation r\n@attribute a blob\n", 'line 2: the type "blob" of "a" is not known'),
        ("@relation r\n@attribute a {x\n", "do not end with a brace"),
        ("@relation r\n@attribute a date 'QQ'\n", "the date format"),
        ("@relation r\n@attribute a numeric\n@data\n1,2\n", "line 4: 2 values, but there are 1 attributes"),
        ("@relation r\n@attribute a numeric\n@data\n1\nx\n", 'line 5: "x" of "a" is not a number'),
        ("@relation r\n@attribute a {x,y}\n@data\nz\n", 'line 4: "z" of "a" is none of its values "x", "y"'),
        ("@relation r\n@attribute a numeric\n@data\n{1 2}\n", "must be the number of an attribute from 0"),
        ("@relation r\n@attribute a string\n@data\n'open\n", "is no value; put it in quotes"),
    ],
)
def test_arff_faults(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "a.arff").write_text(content)
    with pytest.raises(NodeFailed) as caught:
        ArffReader(path=str(tmp_path / "a.arff")).run()
    assert words in str(caught.value)


FRAME = pd.DataFrame(
    {"n": [1.0, None, 3.0], "t": ["a", "ü", "c"], "g": [1.0, 2.0, 1.0], "d": [DAY, None, DAY]}
)


def test_spss(apply: Any, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(FRAME, path, variable_value_labels={"g": {1: "male", 2: "female"}})
    wanted = {
        "n": [1.0, None, 3.0],
        "t": ["a", "ü", "c"],
        "g": ["male", "female", "male"],
        "d": [DAY, None, DAY],
    }
    assert read(apply, StatisticalFileReader, path) == wanted
    assert read(apply, StatisticalFileReader, path, labels=False)["g"] == [1.0, 2.0, 1.0]


def test_spss_without_its_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyreadstat", None)
    (tmp_path / "a.sav").write_bytes(b"$FL2" + bytes(100))
    with pytest.raises(NodeFailed, match=r"needs the package pyreadstat: pip install 'nodeflow\[spss\]'"):
        StatisticalFileReader(path=str(tmp_path / "a.sav")).run()


def test_stata(apply: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    FRAME.assign(g=pd.Categorical(["m", "f", "m"])).to_stata(path, write_index=False, version=118)
    found = read(apply, StatisticalFileReader, path)
    assert found == {"n": [1.0, None, 3.0], "t": ["a", "ü", "c"], "g": ["m", "f", "m"], "d": [DAY, None, DAY]}
    assert read(apply, StatisticalFileReader, path, labels=False)["g"] == [1, 0, 1]


@pytest.mark.parametrize("version", [5, 8])
def test_sas_transport(apply: Any, tmp_path: Path, version: int) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.xpt"
    pyreadstat.write_xport(FRAME[["n", "g"]], path, table_name="X", file_format_version=version)
    assert read(apply, StatisticalFileReader, path) == {"n": [1.0, None, 3.0], "g": [1.0, 2.0, 1.0]}


def test_many_statistical_files(apply: Any, tmp_path: Path) -> None:
    for name in "ab":
        FRAME[["n", "t"]].to_stata(tmp_path / f"{name}.dta", write_index=False, version=118)
    assert len(read(apply, StatisticalFileReader, tmp_path / "*.dta")["n"]) == 6


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a,b\n", "is not a file of SPSS, SAS or Stata; it seems to be plain text"),
        (b"<stata_dta><header><release>118</release>", "cannot be read"),
        (b"$FL2" + bytes(50), "cannot be read"),
        (bytes(12) + b"\xc2\xea\x81\x60" + bytes(100), "cannot be read"),
        (b"HEADER RECORD*******LIBRARY" + bytes(60), "cannot be read"),
    ],
)
def test_what_is_no_statistical_file_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.sav").write_bytes(content)
    with pytest.raises(NodeFailed, match=words):
        StatisticalFileReader(path=str(tmp_path / "a.sav")).run()
