"""Nodes that make, change, read and write tensors give known arrays, and refuse files that lie."""

from __future__ import annotations

import gzip
import importlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.deep.add_noise import AddNoise
from nodeflow_nodes.deep.image_to_tensor import ImageToTensor
from nodeflow_nodes.deep.one_hot_generator import OneHotGenerator
from nodeflow_nodes.deep.split_tensors import SplitTensors
from nodeflow_nodes.deep.table_to_tensors import TableToTensors
from nodeflow_nodes.deep.tensors_reader import TensorsReader
from nodeflow_nodes.deep.tensors_to_table import TensorsToTable
from nodeflow_nodes.deep.tensors_writer import TensorsWriter

from nodeflow.errors import NodeflowError
from nodeflow.values.arrays import Windows
from nodeflow.values.specs import TableSpec
from nodeflow.values.tensors import Tensors

sys.path.append(str(Path(__file__).parents[1] / "nodes"))
FakeContext: Any = importlib.import_module("conftest").FakeContext


@pytest.fixture
def context(tmp_path: Path) -> Any:
    return FakeContext(tmp_path)


FLOWERS = pl.DataFrame(
    {"width": [1.0, 2.0, 3.0, 6.0], "open": [True, False, True, True], "kind": ["b", "a", "b", "a"]}
)


def labelled(count: int = 20) -> Tensors:
    return Tensors(
        {"x": np.arange(count, dtype=np.float32)[:, None], "y": (np.arange(count) % 4 == 0).astype(np.int32)},
        axes={"x": ("feature",)}, targets=("y",), task="classification", classes=("no", "yes"),
    )  # fmt: skip


# Tables and images


def test_test_rows_take_over_scale_and_classes_of_those_learned_from(context: Any) -> None:
    node = TableToTensors(target="kind")
    train = node.run(FLOWERS.lazy(), context=context)
    later = pl.DataFrame({"kind": ["a"], "width": [1.0], "open": [True], "more": ["x"]})
    inputs = {"table": TableSpec(later.schema), "like": train.spec}
    assert node.check(inputs) == []
    test = node.run(later.lazy(), context=context, like=train)
    assert node.spec(inputs).fits(test.spec)
    assert test.preparation == train.preparation
    assert test.arrays["x"].to_numpy()[0].tolist() == train.arrays["x"].to_numpy()[0].tolist()


def test_a_table_that_cannot_be_like_the_first_is_told_before_running(context: Any) -> None:
    like = TableToTensors(target="kind").run(FLOWERS.lazy(), context=context).spec
    node = TableToTensors()
    assert (
        'no column "width"'
        in node.check({"table": TableSpec(FLOWERS.drop("width").schema), "like": like})[0].sentence
    )
    wrong = TableSpec(FLOWERS.with_columns(width=pl.lit("x")).schema)
    assert "has no numbers" in node.check({"table": wrong, "like": like})[0].sentence
    images = ImageToTensor(pixels=["width"])
    assert (
        "not made by such a node"
        in images.check({"table": TableSpec(FLOWERS.schema), "like": like})[0].sentence
    )


def test_texts_as_features_and_decimals_as_classes_are_told_before_running() -> None:
    table = TableSpec(FLOWERS.schema)
    assert "One to Many" in TableToTensors(features=["kind"]).check({"table": table})[0].sentence
    assert (
        "has no classes"
        in TableToTensors(target="width", task="classification").check({"table": table})[0].sentence
    )
    assert TableToTensors(target="kind").check({"table": table}) == []


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_of_one_row_become_one_image(channels: int, context: Any) -> None:
    count = 4 * channels
    frame = pl.DataFrame(
        {f"p{place}": [place, count - 1 - place] for place in range(count)} | {"digit": [7, 3]}
    )
    node = ImageToTensor(target="digit", channels=channels)
    told = node.spec({"table": TableSpec(frame.schema)})
    tensors = node.run(frame.lazy(), context=context)
    assert told.fits(tensors.spec)
    x = tensors.arrays["x"].to_numpy()
    assert x.shape == (2, 2, 2, channels)
    assert x[0].reshape(-1) == pytest.approx(np.arange(count) / (count - 1))
    assert tensors.classes == (3, 7)
    assert tensors.arrays["y"].to_numpy().tolist() == [1, 0]


def test_images_from_lists_find_their_size(context: Any) -> None:
    frame = pl.DataFrame({"image": [[0.0, 1.0, 2.0, 4.0], None], "kind": ["a", "b"]})
    node = ImageToTensor(pixels=["image"], scale="none")
    tensors = node.run(frame.lazy(), context=context)
    assert node.spec({"table": TableSpec(frame.schema)}).fits(tensors.spec)
    assert tensors.arrays["x"].to_numpy()[..., 0].tolist() == [[[0, 1], [2, 4]]]
    assert context.warnings == ["1 of 2 rows with missing values are left out"]


def test_columns_that_make_no_image_are_told_before_running() -> None:
    table = TableSpec({f"p{place}": pl.Int64() for place in range(5)})
    assert "no square image" in ImageToTensor().check({"table": table})[0].sentence
    assert "has 6 pixels" in ImageToTensor(height=2, width=3).check({"table": table})[0].sentence


def test_a_table_comes_back_with_its_names_units_and_classes(context: Any) -> None:
    tensors = TableToTensors(target="kind", labels="one-hot").run(FLOWERS.lazy(), context=context)
    table = TensorsToTable().run(tensors, context=context)
    assert table.columns == ["width", "open", "kind", "row"]
    assert table["kind"].to_list() == FLOWERS["kind"].to_list()
    assert table["width"].to_numpy() == pytest.approx(FLOWERS["width"].to_numpy(), abs=1e-6)
    plain = TensorsToTable(own_unit=False, first=1).run(tensors, context=context)
    assert plain.columns == ["x 1", "x 2", "y 1", "y 2", "row"]
    assert plain.height == 1


# Generated, noisy, split


def test_one_hot_patterns_have_a_single_one(context: Any) -> None:
    found = OneHotGenerator(size=8, repeats=2).run()
    assert np.array_equal(found.tensors.arrays["x"].to_numpy(), np.vstack([np.eye(8)] * 2))
    assert found.tensors.targets() == ("x",)
    assert found.table.height == 16
    assert found.table["pattern"].to_list() == [*range(1, 9)] * 2


def test_noise_has_its_amount_and_the_clean_input_becomes_the_target(context: Any) -> None:
    clean = Tensors(
        {"x": np.zeros((200, 100), np.float32)},
        axes={"x": ("feature",)},
        targets=("x",),
        task="reconstruction",
    )
    noisy = AddNoise(amount=0.4, seed=1).run(clean, context=context)
    assert noisy.arrays["x"].to_numpy().std() == pytest.approx(0.4, rel=0.02)
    assert noisy.targets() == ("y",)
    assert noisy.arrays["y"] is clean.arrays["x"]
    again = AddNoise(amount=0.4, seed=1).run(clean, context=context)
    assert np.array_equal(noisy.arrays["x"].to_numpy(), again.arrays["x"].to_numpy())
    assert AddNoise().spec({"tensors": clean.spec}).fits(noisy.spec)


@pytest.mark.parametrize(("noise", "values"), [("masking", {0.0, 2.0}), ("salt and pepper", {1.0, 2.0, 3.0})])
def test_noise_that_replaces_values_hits_its_share(noise: Any, values: set[float], context: Any) -> None:
    x = np.full((100, 100), 2, np.float32)
    if noise == "salt and pepper":
        x[0, 0], x[0, 1] = 1, 3
    found = (
        AddNoise(noise=noise, amount=0.3, seed=0)
        .run(Tensors({"x": x}), context=context)
        .arrays["x"]
        .to_numpy()
    )
    assert set(np.unique(found)) == values
    assert (found != 2).mean() == pytest.approx(0.3, abs=0.02)


def test_noise_on_windows_keeps_them_windows_and_targets_their_own(context: Any) -> None:
    base = np.zeros((50, 2), np.float32)
    tensors = Tensors({"x": Windows(base, np.arange(40), 5), "y": np.ones(40, np.float32)}, targets=("y",))
    noisy = AddNoise(seed=0).run(tensors, context=context)
    assert isinstance(noisy.arrays["x"], Windows)
    assert noisy.arrays["y"] is tensors.arrays["y"]
    assert not base.any()


def test_parts_have_their_sizes_and_share_no_sample() -> None:
    for method in ("random", "stratified", "first"):
        parts = SplitTensors(train_share=0.5, validation_share=0.25, method=method, seed=3).run(labelled(200))
        found = [part.arrays["x"].to_numpy()[:, 0].tolist() for part in parts]
        assert [len(one) for one in found] in ([100, 50, 50], [100, 51, 49])
        assert sorted(value for one in found for value in one) == list(range(200))
        if method == "first":
            assert found[0] == list(range(100))
        if method == "stratified":
            assert parts.train.arrays["y"].to_numpy().sum() == 25


def test_strata_of_tensors_without_classes_are_told_before_running() -> None:
    spec = OneHotGenerator().run().tensors.spec
    assert (
        "needs a target of classes" in SplitTensors(method="stratified").check({"tensors": spec})[0].sentence
    )


# Files


def read(path: Path, **parameters: Any) -> Tensors:
    node = TensorsReader(path=str(path), **parameters)
    found = node.run()
    assert node.spec({}) == found.spec
    return found


def test_windows_and_all_that_is_known_of_them_survive_a_file(tmp_path: Path, context: Any) -> None:
    base = np.arange(60, dtype=np.float32).reshape(30, 2)
    tensors = Tensors(
        {"x": Windows(base, np.arange(20), 5, 2)},
        axes={"x": ("time", "feature")},
        preparation={"kind": "windows"},
    )
    TensorsWriter(path=str(tmp_path / "a.tensors")).run(tensors, context=context)
    assert read(tmp_path / "a.tensors").spec == tensors.spec
    TensorsWriter(path=str(tmp_path / "a.npz")).run(tensors, context=context)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as other:
        assert np.array_equal(other["x"], tensors.arrays["x"].to_numpy())
    first = (tmp_path / "a.npz").read_bytes()
    TensorsWriter(path=str(tmp_path / "a.npz")).run(tensors, context=context)
    assert (tmp_path / "a.npz").read_bytes() == first
    TensorsWriter(path=str(tmp_path / "a.npy")).run(tensors, context=context)
    assert np.array_equal(read(tmp_path / "a.npy").arrays["x"].to_numpy(), tensors.arrays["x"].to_numpy())


def idx(kind: int, values: np.ndarray) -> bytes:
    lengths = b"".join(int(one).to_bytes(4, "big") for one in values.shape)
    return bytes([0, 0, kind, values.ndim]) + lengths + values.tobytes()


def test_mnist_as_it_comes_is_read(tmp_path: Path) -> None:
    images = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4) * 5
    labels = np.array([5, 0, 5], np.uint8)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(8, images)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(8, labels))
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=labels, x_test=images[:1], y_test=labels[:1])
    one = read(tmp_path / "train-images-idx3-ubyte.gz", labels=str(tmp_path / "train-labels-idx1-ubyte"))
    two = read(tmp_path / "mnist.npz")
    for tensors in (one, two):
        assert tensors.arrays["x"].to_numpy()[..., 0] == pytest.approx(images / 255)
        assert tensors.spec.arrays["x"].axes == ("height", "width", "channel")
        assert tensors.classes == (0, 5)
        assert tensors.arrays["y"].to_numpy().tolist() == [1, 0, 1]
    assert read(tmp_path / "mnist.npz", part="test").samples == 1
    assert read(tmp_path / "mnist.npz", scale="none").arrays["x"].dtype == "uint8"


def test_idx_of_other_types_is_read_in_the_byte_order_of_the_file(tmp_path: Path) -> None:
    for kind, dtype in ((9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")):
        values = np.array([[1, -2], [3, 4]], dtype)
        (tmp_path / "a.idx").write_bytes(idx(kind, values))
        assert read(tmp_path / "a.idx").arrays["x"].to_numpy().tolist() == values.tolist()


def npy(values: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


OBJECTS = npy(np.array([{"a": 1}], dtype=object))
HUGE = npy(np.zeros(2)).replace(b"(2,), ", b"(2**9,")
LIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty|not a single byte|holds no arrays"),
    "text": (b"width,height\n1,2\n", "holds no arrays"),
    "objects": (OBJECTS, "hide code"),
    "objects in an npz": (zipped(("x.npy", OBJECTS)), "hide code"),
    "structured": (npy(np.zeros(2, [("a", "f4")])), "hide code"),
    "a cut npy": (npy(np.zeros(100))[:-8], "cut off"),
    "a longer npy": (npy(np.zeros(100)) + b"x", "cut off"),
    "an expression as a header": (HUGE, "cannot be read"),
    "a cut npz": (zipped(("x.npy", npy(np.zeros(100))))[:-30], "cannot be read"),
    "an npz of other things": (zipped(("run.py", b"print()")), "0 arrays"),
    "a bomb": (zipped(("x.npy", npy(np.zeros(30_000_000, np.int8)) + bytes(200_000_000))), "400 times"),
    "a gzip bomb": (gzip.compress(bytes(200_000_000)), "400 times|no IDX"),
    "a gzip of text": (gzip.compress(b"hello"), "no IDX"),
    "a cut idx": (idx(8, np.zeros((3, 4), np.uint8))[:-1], "cut off"),
    "an idx of endless axes": (b"\0\0\x08\xff" + b"\xff" * 1020, "no IDX"),
    "an idx of huge lengths": (b"\0\0\x08\x04" + b"\xff" * 16, "cut off"),
    "a wrong own file": (b"NFTENSOR" + b"\xff" * 100, "cannot be loaded"),
    "a single number": (npy(np.float64(3)), "no samples"),
}  # fmt: skip


@pytest.mark.parametrize("what", LIES)
def test_files_that_lie_are_refused_with_a_sentence(what: str, tmp_path: Path) -> None:
    data, words = LIES[what]
    (tmp_path / "lie").write_bytes(data)
    with pytest.raises(NodeflowError, match=words):
        TensorsReader(path=str(tmp_path / "lie")).run()


def test_arrays_that_cannot_be_told_apart_are_asked_for(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", first=np.zeros(2), second=np.ones(2))
    with pytest.raises(NodeflowError, match="say which one"):
        TensorsReader(path=str(tmp_path / "a.npz")).run()
    with pytest.raises(NodeflowError, match='did you mean "first"'):
        TensorsReader(path=str(tmp_path / "a.npz"), input_array="frist").run()
    assert read(tmp_path / "a.npz", input_array="first", target_array="second").targets() == ("y",)
