"""Tensors keep windows as windows, come back from their file as they were, and refuse files that lie."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeflow.values.arrays import Dense, TensorError, Windows
from nodeflow.values.tensor_files import MAGIC, read_tensors, write_tensors
from nodeflow.values.tensors import ArraySpec, Tensors, TensorsCodec, TensorsSpec


def packed(tensors: Tensors) -> bytes:
    buffer = io.BytesIO()
    write_tensors(tensors, buffer)
    return buffer.getvalue()


def example() -> Tensors:
    base = np.arange(40, dtype=np.float32).reshape(20, 2)
    return Tensors(
        {
            "x": Windows(base, np.arange(0, 10, 2), 4, 3),
            "y": np.arange(5, dtype=np.float32)[:, None],
            "z": np.ones(5),
        },
        axes={"x": ("time", "feature")},
        targets=("y",),
        task="forecast",
        preparation={"kind": "windows", "scaler": {"mean": [0.1, 1e300], "scale": [1.0, 3.0]}},
    )


def test_windows_take_every_so_many_th_row_and_share_their_base() -> None:
    base = np.arange(20, dtype=np.float32).reshape(10, 2)
    windows = Windows(base, np.array([0, 1, 3]), 3, 2)
    assert windows.shape == (3, 3, 2)
    assert windows.take(np.array([2]))[0, :, 0].tolist() == [6, 10, 14]
    assert windows.base is base
    assert np.shares_memory(windows.chosen(np.array([1])).base, base)
    assert np.shares_memory(windows.chosen(np.array([1])).trimmed().base, base)


@given(
    rows=st.integers(1, 30),
    length=st.integers(1, 5),
    step=st.integers(1, 4),
    data=st.data(),
)
def test_windows_are_equal_to_their_plain_slow_copy(rows: int, length: int, step: int, data: Any) -> None:
    base = np.random.default_rng(0).normal(size=(rows, 2)).astype(np.float32)
    most = rows - (length - 1) * step
    if most < 1:
        return
    starts = data.draw(st.lists(st.integers(0, most - 1), max_size=8))
    windows = Windows(base, np.array(starts, np.int64), length, step)
    slow = [[base[start + place * step] for place in range(length)] for start in starts]
    expected = np.array(slow, np.float32).reshape(len(starts), length, 2)
    assert np.array_equal(windows.to_numpy(), expected)
    assert np.array_equal(windows.trimmed().to_numpy(), expected)


@pytest.mark.parametrize("starts", [[-1], [8], [2**62]])
def test_windows_beyond_the_rows_are_refused(starts: list[int]) -> None:
    with pytest.raises(TensorError, match="beyond the rows"):
        Windows(np.zeros((10, 1), np.float32), np.array(starts), 3)


def test_arrays_of_other_things_than_numbers_are_refused() -> None:
    with pytest.raises(TensorError, match="turn it into numbers"):
        Dense(np.array(["a"]))
    with pytest.raises(TensorError, match="different numbers of samples"):
        Tensors({"x": np.zeros(2), "y": np.zeros(3)})
    with pytest.raises(TensorError, match='no array "y"'):
        Tensors({"x": np.zeros(2)}, targets=("y",))


def test_tensors_come_back_as_they_were_and_the_same_gives_the_same_bytes(tmp_path: Path) -> None:
    tensors, path = example(), tmp_path / "a.tensors"
    payload = TensorsCodec().dump(tensors, path)
    back = TensorsCodec().load(path, payload.meta)
    assert back.spec == tensors.spec
    for name, one in tensors.arrays.items():
        assert np.array_equal(back.arrays[name].to_numpy(), one.to_numpy())
    assert isinstance(back.arrays["x"], Windows)
    assert packed(back) == path.read_bytes() == packed(example())
    turned = tensors.with_(preparation=dict(reversed(list((tensors.preparation or {}).items()))))
    assert packed(turned) == packed(tensors)


def test_a_file_is_mapped_and_read_only(tmp_path: Path) -> None:
    path = tmp_path / "a.tensors"
    TensorsCodec().dump(example(), path)
    x = TensorsCodec().load(path, {}).arrays["x"]
    owner = x.base
    while not isinstance(owner, np.memmap):
        owner = owner.base
    with pytest.raises(ValueError, match="read-only"):
        x.base[0] = 1


def test_windows_and_shared_arrays_are_stored_once() -> None:
    base = np.random.default_rng(0).normal(size=(1000, 4)).astype(np.float32)
    starts = np.arange(900)
    one = Tensors({"x": Windows(base, starts, 100)})
    two = Tensors({"x": Windows(base, starts, 100), "again": Windows(base.copy(), starts, 50)})
    assert len(packed(one)) < base.nbytes + starts.nbytes + 1000
    assert len(packed(two)) < len(packed(one)) + 200


@settings(max_examples=60, deadline=None)
@given(
    dtype=st.sampled_from(["float32", "float64", "float16", "int8", "int64", "uint16", "bool"]),
    shape=st.lists(st.integers(0, 4), min_size=1, max_size=4),
)
def test_every_dtype_and_shape_makes_the_round_trip(dtype: str, shape: list[int]) -> None:
    values = (np.random.default_rng(1).normal(size=shape) * 3).astype(dtype)
    back = read_tensors(packed(Tensors({"x": values})))
    assert back.arrays["x"].dtype == dtype
    assert np.array_equal(back.arrays["x"].to_numpy(), values, equal_nan=True)


def header_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(data[8:16], "little")
    return json.loads(data[16 : 16 + length]), data[16 + length :]


def rebuilt(header: Any, body: bytes) -> bytes:
    told = header if isinstance(header, bytes) else json.dumps(header).encode()
    told += b" " * (-(16 + len(told)) % 64)
    return MAGIC + len(told).to_bytes(8, "little") + told + body


def changed(path: list[Any], value: Any) -> bytes:
    header, body = header_of(packed(example()))
    one = header
    for step in path[:-1]:
        one = one[step]
    one[path[-1]] = value
    return rebuilt(header, body)


LIES: dict[str, bytes] = {
    "empty": b"",
    "another file": b"PK\x03\x04" + b"\0" * 100,
    "a header longer than the file": MAGIC + (2**63).to_bytes(8, "little") + b"{}",
    "no JSON": rebuilt(b"{" * 1000, b""),
    "deep JSON": rebuilt(b"[" * 100_000, b""),
    "another format": changed(["nodeflow_tensors"], 2),
    "an unknown field": changed(["code"], "print(1)"),
    "objects": changed(["buffers", 0, "dtype"], "object"),
    "a structured dtype": changed(["buffers", 0, "dtype"], "O,O"),
    "text": changed(["buffers", 0, "dtype"], "U10"),
    "a huge shape": changed(["buffers", 0, "shape"], [2**62, 2**62]),
    "a shape of no size": changed(["buffers", 0, "shape"], [0, 2**70]),
    "a negative shape": changed(["buffers", 0, "shape"], [-20, -2]),
    "a single value": changed(["buffers", 0, "shape"], []),
    "a wrong size": changed(["buffers", 0, "shape"], [25, 2]),
    "an array elsewhere": changed(["buffers", 0, "at"], 64),
    "an array before the file": changed(["buffers", 0, "at"], -64),
    "a negative index": changed(["arrays", "x", "base"], -1),
    "an index beyond": changed(["arrays", "x", "base"], 99),
    "starts of another type": changed(["arrays", "x", "starts"], 0),
    "windows too long": changed(["arrays", "x", "length"], 2**40),
    "windows of no length": changed(["arrays", "x", "length"], 0),
    "a negative step": changed(["arrays", "x", "step"], -1),
    "a step beyond all measure": changed(["arrays", "x", "step"], 2**62),
    "an unknown kind": changed(["arrays", "x", "kind"], "python"),
    "inputs that are not there": changed(["inputs"], ["nothing"]),
    "wrong axes": changed(["arrays", "x", "axes"], ["time"]),
    "an unknown task": changed(["task"], "pickle"),
    "classes that are objects": changed(["classes"], [{"a": 1}]),
    "cut off": packed(example())[:-64],
    "more behind": packed(example()) + b"\0" * 64,
}


@pytest.mark.parametrize("what", LIES)
def test_a_file_that_lies_is_refused_with_a_sentence(what: str, tmp_path: Path) -> None:
    path = tmp_path / "lie.tensors"
    path.write_bytes(LIES[what])
    for source in (path, LIES[what]):
        with pytest.raises(TensorError, match=r"this file of tensors cannot be loaded: \S"):
            read_tensors(source)


def test_a_start_beyond_the_rows_in_a_file_is_refused() -> None:
    header, body = header_of(packed(example()))
    place = header["buffers"][header["arrays"]["x"]["starts"]]["at"]
    for bad in (-1, 11, 2**63 - 1):
        wrong = body[:place] + bad.to_bytes(8, "little", signed=True) + body[place + 8 :]
        with pytest.raises(TensorError, match="beyond the rows"):
            read_tensors(rebuilt(header, wrong))


def test_damaged_files_never_end_in_anything_but_a_sentence_or_tensors() -> None:
    whole = packed(example())
    random = np.random.default_rng(0)
    for _ in range(1_500):
        data = bytearray(whole)
        for place in random.integers(0, len(whole), 3):
            data[place] = int(random.integers(0, 256))
        cut = bytes(data[: random.integers(0, len(data))]) if random.random() < 0.3 else bytes(data)
        with contextlib.suppress(TensorError):
            found = read_tensors(cut)
            found.take(np.arange(found.samples))


def test_a_spec_fits_what_came_where_it_was_known() -> None:
    came = example().spec
    told = TensorsSpec(
        {"x": ArraySpec((None, 2), "float32", ("time", "feature")), "y": ArraySpec((1,)), "z": ArraySpec((), "float64")},
        targets=("y",), task="forecast", preparation={"kind": "windows"},
    )  # fmt: skip
    assert told.fits(came)
    assert hash(told) == hash(told.unfitted())
    assert not TensorsSpec({**told.arrays, "x": ArraySpec((5, 2), "float32", ("time", "feature"))}).fits(came)
    assert not TensorsSpec(told.arrays, task="regression", targets=("y",)).fits(came)


def test_facts_tell_shapes_with_the_meaning_of_their_axes_and_markup_is_escaped() -> None:
    facts = example().facts()
    assert facts["input x"] == "4 time x 2 feature, float32, windows over 20 rows"
    html = Tensors({"x": np.zeros(2)}, classes=("<script>", "b"))._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_choosing_samples_keeps_windows() -> None:
    some = example().chosen(np.array([4, 1]))
    assert isinstance(some.arrays["x"], Windows)
    assert some.samples == 2
    assert np.array_equal(some.arrays["x"].to_numpy(), example().arrays["x"].take(np.array([4, 1])))
