"""Transformations: what their steps do on every engine, stored and read back, and files that are refused."""

from __future__ import annotations

import datetime
import decimal
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nodeflow.values.bundle import ModelError, pack_model, unpack_model
from nodeflow.values.model import Model
from nodeflow.values.specs import TableSpec
from nodeflow.values.transformation import Bin, Fill, Map, OneHot, Rescale, Transformation, Values

sys.path.append(str(Path(__file__).parent.parent))
from engines import ENGINES, rows

TABLE = pl.DataFrame(
    {
        "x": [1.0, None, 3.0, 5.0],
        "n": [1, 2, None, 9],
        "t": ["a", None, "b", "z"],
        "^v$": ["u", "v", "u", None],
    }
)


def texts(*items: str | None) -> Values:
    return Values("String", list(items))


def whole(*items: int | None) -> Values:
    return Values("Int64", list(items))


STEPS: dict[str, tuple[Any, list[Any]]] = {
    "rescale": (Rescale("x", 1.0, 4.0, 10.0, -5.0), [-5.0, None, 0.0, 5.0]),
    "rescale whole numbers": (Rescale("n", 1.0, 4.0), [0.0, 0.25, None, 2.0]),
    "fill": (Fill("t", texts("?"), "String"), ["a", "?", "b", "z"]),
    "fill whole numbers by a decimal one": (Fill("n", Values("Float64", [0.5]), "Float64"), [1.0, 2.0, 0.5, 9.0]),
    "fill by nothing": (Fill("t", texts(None), "String"), ["a", None, "b", "z"]),
    "classes": (Bin("n", "n", [2.0, 5.0], texts("low", "mid", "high")), ["low", "mid", None, "high"]),
    "classes closed on the right": (
        Bin("n", "n", [2.0, 5.0], whole(1, 2, 3), closed="right"),
        [1, 1, None, 3],
    ),
    "classes with an end": (
        Bin("n", "n", [2.0], whole(1, 2), highest=8.0, lowest=2.0, outside="missing"),
        [None, 2, None, None],
    ),
    "one class": (Bin("x", "x", [], texts("all")), ["all", None, "all", "all"]),
    "map": (Map("t", "t", texts("a", "b"), whole(0, 1)), [0, None, 1, None]),
    "map, others stay": (Map("t", "t", texts("a", None), texts(None, "?"), "keep"), [None, "?", "b", "z"]),
    "map nothing, others stay": (Map("t", "t", texts(), texts(), "keep"), ["a", None, "b", "z"]),
    "map, others become": (
        Map("t", "t", texts("a"), whole(0), "default", whole(7)),
        [0, None, 7, 7],
    ),
    "map nothing": (Map("n", "n", whole(), texts(), "default", texts("!")), ["!", "!", None, "!"]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_gives_the_same_on_every_engine(name: str, engine: str) -> None:
    step, wanted = STEPS[name]
    column = next(iter(step.gives()))
    transformation = Transformation([step])
    transformation.check()
    found = rows(transformation.apply(ENGINES[engine](TABLE)).select(column))
    assert [None if one is None or one != one else one for (one,) in found] == wanted


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", list(ENGINES))
def test_one_column_for_each_value_on_every_engine(engine: str) -> None:
    step = OneHot("t", texts("a"), ["t_a"], texts("a", "b"), missing="t none", other="t more")
    transformation = Transformation([step, Map("^v$", "v", texts("u"), whole(1))], ["t", "x", "^v$"])
    transformation.check()
    result = transformation.apply(ENGINES[engine](TABLE))
    assert list(result.collect_schema()) == ["n", "t_a", "t none", "t more", "v"]
    assert [row[1:4] for row in rows(result)] == [(1, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1)]


def test_the_schema_told_is_the_one_that_comes() -> None:
    for step, _ in STEPS.values():
        model = stored(Transformation([step], ["^v$"]))
        told = model.spec.transformed(TABLE.schema)
        assert told is not None
        assert model.transformation is not None
        result = model.transformation.transform(TABLE.lazy())
        assert told.columns == dict(result.collect_schema()) == dict(result.collect().schema)


def stored(transformation: Transformation, schema: Any = None) -> Model:
    """The model of a transformation, stored and read back."""
    types = schema or TABLE.schema
    features = TableSpec({name: types[name] for name in transformation.reads()})
    model = Model.transforming(transformation, features, "Test")
    data = pack_model(model)
    back = unpack_model(data)
    assert pack_model(back) == data
    assert back.spec == model.spec
    assert back.transformation == transformation
    assert back.note() == ""
    return back


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([True, False]),
        pl.Series([1, 2**63 - 1]),
        pl.Series([2**64 - 1], dtype=pl.UInt64),
        pl.Series([0.1, -1e308]),
        pl.Series(["", "ü\0"]),
        pl.Series(["a", "b"], dtype=pl.Categorical),
        pl.Series([datetime.date(1, 1, 1), datetime.date(9999, 12, 31)]),
        pl.Series([datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
        pl.Series([datetime.datetime(2024, 2, 29)], dtype=pl.Datetime("ms", "Europe/Berlin")),
        pl.Series([datetime.datetime(2024, 2, 29)], dtype=pl.Datetime("ns")),
        pl.Series([datetime.time(23, 59, 59, 999999)]),
        pl.Series([datetime.timedelta(days=-3, microseconds=1)]),
        pl.Series([decimal.Decimal("1.50"), decimal.Decimal("-2.25")]),
    ],
    ids=lambda one: str(one.dtype),
)  # fmt: skip
def test_values_of_every_type_are_mapped_stored_and_mapped_back(values: pl.Series) -> None:
    step = Map("x", "x", Values.of(values), whole(*range(len(values))))
    table = pl.DataFrame({"x": values}).lazy()
    found = stored(Transformation([step]), {"x": values.dtype}).transformation
    assert found is not None
    codes = found.transform(table)
    assert codes.collect()["x"].to_list() == list(range(len(values)))
    again = found.undone().transform(codes).collect()["x"]
    assert again.to_list() == values.to_list()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pl.Series([float("inf")]), "infinite"),
        (pl.Series([[1]]), "cannot be part of a model"),
        (pl.Series([b"x"]), "cannot be part of a model"),
        (pl.Series([1], dtype=pl.Datetime("ns")), "nanoseconds"),
    ],
)
def test_values_that_json_cannot_hold_are_refused(values: pl.Series, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Values.of(values)


def test_refused_values_are_told_by_name() -> None:
    strict = Transformation([Map("t", "t", texts("a"), whole(1), "fail")])
    assert strict.refused(TABLE.lazy()) == (
        'column "t" has values that were not there while learning: "b", "z"'
    )
    assert strict.refused(TABLE.lazy().head(2)) == ""
    within = Transformation([Bin("n", "n", [], whole(1), lowest=2, highest=8, outside="fail")])
    assert '"1", "9"' in within.refused(TABLE.lazy())
    hot = Transformation([OneHot("^v$", texts("u"), ["u"], texts("u"), refuse=True)])
    assert 'column "^v$"' in hot.refused(TABLE.lazy())
    assert Transformation([Rescale("x", 0, 1)]).refused(TABLE.lazy()) == ""


def test_what_cannot_be_undone_is_left_out() -> None:
    kept = Map("t", "t", texts("a"), texts("b"), "keep")
    double = Map("t", "u", texts("a", "b"), whole(1, 1))
    both = Transformation([kept, double, Rescale("x", 2, 4)])
    assert both.undone({"prediction": "x"}) == Transformation(
        [Rescale("x", 0, 1, 4, 2), Rescale("prediction", 0, 1, 4, 2)]
    )
    assert [change.back for change in both.changes()] == [None, None, TableSpec({"x": pl.Float64()})]


# ------------------------------------------------------------------ files from elsewhere


def crafted(**changes: Any) -> bytes:
    """A bundle whose transformation is other JSON, with the digest mended, as an attacker would."""
    model = Model.transforming(Transformation([Rescale("x", 0, 1)]), TableSpec({"x": pl.Float64()}), "Test")
    with zipfile.ZipFile(io.BytesIO(pack_model(model))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["model.json"])
    content = changes.pop("content", members["transformation.json"])
    members |= changes.pop("more", {})
    told |= {"sha256": {"transformation.json": hashlib.sha256(content).hexdigest()}} | changes
    members |= {"transformation.json": content, "model.json": json.dumps(told).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def one(step: Any) -> bytes:
    return json.dumps({"steps": [step]}).encode()


def scaled(**changes: Any) -> bytes:
    return one({"step": "rescale", "column": "x", "centre": 0, "spread": 1} | changes)


def mapped(**changes: Any) -> bytes:
    old, new = {"type": "String", "items": ["a"]}, {"type": "Int64", "items": [1]}
    return one({"step": "map", "column": "x", "name": "x", "old": old, "new": new} | changes)


def classes(**changes: Any) -> bytes:
    labels = {"type": "Int64", "items": [1, 2]}
    return one({"step": "bin", "column": "x", "name": "x", "limits": [0], "labels": labels} | changes)


def hot(**changes: Any) -> bytes:
    known = {"type": "String", "items": ["a"]}
    return one({"step": "one_hot", "column": "x", "values": known, "known": known, "names": ["a"]} | changes)


def values(dtype: Any, *items: Any) -> dict[str, Any]:
    return {"type": dtype, "items": list(items)}


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no JSON": (lambda: b"\x80\x04cposix\nsystem\n.", "malformed"),
    "deep JSON": (lambda: b'{"steps": ' + b"[" * 200_000, "."),
    "a deep type": (lambda: mapped(old=values(_deep(), 1)), "."),
    "an unknown step": (lambda: one({"step": "python", "column": "x"}), "python"),
    "no step": (lambda: one({"column": "x"}), "step"),
    "a further field": (lambda: scaled(code="import os"), "code"),
    "a text for a number": (lambda: scaled(centre="0"), "float"),
    "a number that is none": (lambda: scaled(centre=1).replace(b'"centre": 1', b'"centre": NaN'), "."),
    "an infinite number": (lambda: scaled(centre=1).replace(b'"centre": 1', b'"centre": 1e999'), "."),
    "no width": (lambda: scaled(width=0), "no width"),
    "no spread": (lambda: scaled(spread=0), "no width"),
    "a column given twice": (
        lambda: json.dumps({"steps": [json.loads(scaled())["steps"][0]] * 2}).encode(),
        "two steps",
    ),
    "a column that is removed": (
        lambda: json.dumps({**json.loads(scaled()), "removes": ["x"]}).encode(),
        "removes what it gives",
    ),
    "another column": (lambda: scaled(column="y"), "other columns than it says"),
    "fewer new values than old": (lambda: mapped(new=values("Int64")), "one new value each"),
    "one value twice": (
        lambda: mapped(old=values("String", "a", "a"), new=values("Int64", 1, 2)),
        "not distinct",
    ),
    "a value of another type": (lambda: mapped(old=values("String", 1)), "not of the type"),
    "truth for a number": (lambda: mapped(new=values("Int64", True)), "not of the type"),
    "a number beyond its type": (lambda: mapped(new=values("Int8", 300)), "not of the type"),
    "a huge number": (lambda: mapped(new=values("Int64", 10**40)), "not of the type"),
    "a day that is none": (lambda: mapped(old=values("Date", 10**9)), "beyond the range"),
    "a time that is none": (lambda: mapped(old=values("Time", -1)), "beyond the range"),
    "a moment that is none": (
        lambda: mapped(old=values(["Datetime", "us", None], 2**62)),
        "beyond the range",
    ),
    "a zone that is none": (lambda: mapped(old=values(["Datetime", "us", "/etc/passwd"], 0)), "."),
    "a type that is none": (lambda: mapped(old=values("os.system", "a")), "no column type"),
    "a list of values": (lambda: mapped(old=values("String", ["a"])), "."),
    "values in lists": (lambda: mapped(old=values(["List", "String"], "a")), "cannot be part"),
    "a default too many": (lambda: mapped(default=values("Int64", 1)), "default"),
    "no default": (lambda: mapped(others="default"), "default"),
    "a default of another type": (
        lambda: mapped(others="default", default=values("String", "1")),
        "default",
    ),
    "an unknown policy": (lambda: mapped(others="run"), "run"),
    "limits not in order": (
        lambda: classes(limits=[1, 0], labels=values("Int64", 1, 2, 3)),
        "not in order",
    ),
    "one limit twice": (lambda: classes(limits=[0, 0], labels=values("Int64", 1, 2, 3)), "not in order"),
    "an end before the limits": (lambda: classes(highest=-1.0), "not in order"),
    "limits without names": (lambda: classes(labels=values("Int64", 1)), "one name each"),
    "too many limits": (
        lambda: classes(limits=list(range(1001)), labels=values("Int64", *range(1002))),
        "more than 1,001",
    ),
    "values without columns": (lambda: hot(names=[]), "one column each"),
    "columns of one name": (lambda: hot(other="a"), "one name"),
    "values that are not known": (lambda: hot(known=values("String", "b")), "not among the known"),
    "a missing value as a column": (
        lambda: hot(known=values("String", None), values=values("String", None)),
        "not distinct",
    ),
    "two values to fill in": (
        lambda: one({"step": "fill", "column": "x", "value": values("Int64", 1, 2), "type": "Int64"}),
        "other than one value",
    ),
}  # fmt: skip


def _deep() -> Any:
    dtype: Any = "String"
    for _ in range(900):
        dtype = ["List", dtype]
    return dtype


@pytest.mark.parametrize("name", HOSTILE)
def test_a_crafted_transformation_is_refused_in_a_sentence(name: str) -> None:
    content, words = HOSTILE[name]
    with pytest.raises(ModelError, match=r"not a model nodeflow can load: .*" + words) as refused:
        unpack_model(crafted(content=content()))
    assert "\n" not in str(refused.value)


def test_descriptions_that_do_not_fit_are_refused() -> None:
    assert unpack_model(crafted()).transformation == Transformation([Rescale("x", 0, 1)])
    for words, changes in {
        "no regression": {"task": "regression"},
        "changed": {"sha256": {}},
        "one name": {"features": [["x", "Float64"], ["x", "Float64"]]},
        "other columns": {"features": []},
    }.items():
        with pytest.raises(ModelError, match=words):
            unpack_model(crafted(**changes))


def test_a_transformation_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = crafted()
    monkeypatch.setattr("nodeflow.values.transformation.MOST_BYTES", 10)
    with pytest.raises(ModelError, match="too large"):
        unpack_model(data)
    with pytest.raises(ModelError, match=r"Test cannot be stored: it holds too many values"):
        stored(Transformation([Rescale("x", 0, 1)]))


def test_a_file_with_an_estimator_and_a_transformation_is_refused() -> None:
    with pytest.raises(ModelError, match="other parts than a model"):
        unpack_model(crafted(more={"estimator.skops": b""}))


def test_mutants_are_refused_or_work() -> None:
    import random

    both = Transformation([STEPS["rescale whole numbers"][0], STEPS["map"][0]])
    content, told = both.to_json(), 0
    features = [["n", "Int64"], ["t", "String"]]
    for seed in range(300):
        draw = random.Random(seed)
        data = bytearray(content)
        for _ in range(draw.choice((1, 1, 3))):
            data[draw.randrange(len(data))] = draw.randrange(32, 127)
        try:
            model = unpack_model(crafted(content=bytes(data), features=features))
        except ModelError:
            told += 1
            continue
        assert model.transformation is not None
        model.transformation.transform(TABLE.lazy()).collect()
    assert told > 100


def test_loading_a_transformation_needs_no_scikit_learn() -> None:
    import subprocess

    script = (
        "import sys; from nodeflow.values.bundle import unpack_model; "
        "unpack_model(sys.stdin.buffer.read()); "
        "print([m for m in ('sklearn', 'skops', 'pandas', 'pickle5') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], input=crafted(), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_steps_read_the_table_as_it_comes_in() -> None:
    steps = Transformation([Rescale("x", 0, 2), Bin("x", "class", [2.0], whole(1, 2))])
    assert_frame_equal(
        steps.transform(TABLE.lazy()).select("x", "class").collect(),
        pl.DataFrame({"x": [0.5, None, 1.5, 2.5], "class": [1, None, 2, 2]}),
    )
