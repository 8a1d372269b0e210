"""Images are read from files, cleaned, cut into their parts, and described by inner layers of networks."""

from __future__ import annotations

import importlib
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.deep._images import boxes_of, cropped, otsu
from nodeflow_nodes.deep.connected_components import ConnectedComponents
from nodeflow_nodes.deep.crop_characters import CropCharacters
from nodeflow_nodes.deep.image_denoise import ImageDenoise
from nodeflow_nodes.deep.image_features import ImageFeatures
from nodeflow_nodes.deep.image_folder_reader import ImageFolderReader
from nodeflow_nodes.deep.image_threshold import ImageThreshold
from nodeflow_nodes.deep.image_to_tensor import ImageToTensor
from PIL import Image

from nodeflow.errors import NodeflowError
from nodeflow.networks import Structure
from nodeflow.values.network import Network
from nodeflow.values.specs import TableSpec

sys.path.append(str(Path(__file__).parent))
cases: Any = importlib.import_module("training_cases")
Listening, learn = cases.Listening, cases.learn

GREY = np.array([[0, 50, 100], [150, 200, 255]], np.uint8)


def saved(path: Path, pixels: Any, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **options)


def read(path: Any, **parameters: Any) -> pl.DataFrame:
    node = ImageFolderReader(path=str(path), **parameters)
    found = node.run(Listening())
    assert node.spec({}).columns == found.schema
    return found


# -- reading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "gif", "webp", "jpg"])
def test_pixels_come_row_by_row_with_the_label_of_the_folder(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "seven" / f"a.{ending}"
    saved(path, GREY, **({"lossless": True} if ending == "webp" else {}))
    (row,) = read(tmp_path / "*" / "*").rows()
    assert row[:4] == (path.name, "seven", 2, 3)
    assert np.array(row[4]) == pytest.approx(GREY.reshape(-1), abs=8 if ending == "jpg" else 0)


def test_labels_come_from_file_names_and_sizes_are_brought_to_one(tmp_path: Path) -> None:
    saved(tmp_path / "ab_1.png", np.full((4, 8), 60, np.uint8))
    saved(tmp_path / "cd.png", np.full((3, 3), 90, np.uint8))
    found = read(tmp_path / "*.png", label="file name", mark="_", height=2, width=2)
    assert found["label"].to_list() == ["ab", "cd"]
    assert found["image"].to_list() == [[60] * 4, [90] * 4]
    plain = read(tmp_path / "*.png", label="none")
    assert plain["label"].to_list() == [None, None]
    assert plain.select("height", "width").rows() == [(4, 8), (3, 3)]


def test_colours_transparency_depth_and_turned_cameras_are_understood(tmp_path: Path) -> None:
    saved(tmp_path / "red.png", Image.new("RGB", (1, 1), (255, 0, 0)))
    assert read(tmp_path / "red.png", colours="red, green, blue")["image"].to_list() == [[255, 0, 0]]
    assert read(tmp_path / "red.png")["image"].to_list() == [[76]]  # 0.299 of red
    saved(tmp_path / "clear.png", Image.new("RGBA", (1, 1), (0, 0, 0, 0)))
    assert read(tmp_path / "clear.png")["image"].to_list() == [[255]]
    saved(tmp_path / "deep.png", np.array([[0, 32768, 65535]], np.uint16))
    assert read(tmp_path / "deep.png")["image"].to_list() == [[0, 128, 255]]
    saved(tmp_path / "one.png", Image.fromarray(np.array([[True, False]])))
    assert read(tmp_path / "one.png")["image"].to_list() == [[255, 0]]
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    saved(tmp_path / "turned.png", GREY, exif=exif)
    turned = read(tmp_path / "turned.png")
    assert turned.select("height", "width").rows() == [(3, 2)]
    assert turned["image"].to_list() == [np.rot90(GREY, -1).reshape(-1).tolist()]


def bomb(width: int, height: int) -> bytes:
    """A PNG that tells of many pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0")) + part(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_100, 10_000, 30_000])
def test_a_small_file_of_many_pixels_is_refused_before_it_unfolds(side: int, tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb(side, side))
    with pytest.raises(NodeflowError, match=r"bomb\.png would unfold to .* pixels"):
        read(tmp_path / "bomb.png")


def test_files_that_are_no_images_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no image at all")
    with pytest.raises(NodeflowError, match=r"a\.png is no image of a kind that is read"):
        read(tmp_path / "a.png")
    saved(tmp_path / "b.png", np.random.default_rng(0).integers(0, 255, (60, 60)).astype(np.uint8))
    whole = (tmp_path / "b.png").read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NodeflowError, match=r"b\.png cannot be read as an image"):
        read(tmp_path / "b.png")


def test_what_is_missing_to_read_images_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "a.png", GREY)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NodeflowError, match=r"needs Pillow; install it by: pip install nodeflow\[deep\]"):
        ImageFolderReader(path=str(tmp_path / "a.png")).run(Listening())


# -- black and white, specks, parts --------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(0, 12), min_size=2, max_size=40).filter(lambda one: len(set(one)) > 1))
def test_otsu_parts_pixels_so_that_both_parts_spread_least(values: list[int]) -> None:
    image = np.array(values, float)

    def spread(limit: float) -> float:
        parts = [image[image <= limit], image[image > limit]]
        return sum(len(one) * one.var() for one in parts if len(one))

    best = min(spread(limit + 0.5) for limit in range(12) if image.min() <= limit < image.max())
    assert spread(otsu(image)) == pytest.approx(best, abs=1e-9)


def frame_of(*images: Any, **columns: Any) -> pl.DataFrame:
    rows = [None if one is None else np.asarray(one).reshape(-1).tolist() for one in images]
    sizes = [(None, None) if one is None else np.asarray(one).shape for one in images]
    told = {"height": [one[0] for one in sizes], "width": [one[1] for one in sizes]}
    return pl.DataFrame({"image": rows, **told, **columns}, schema_overrides={"image": pl.List(pl.UInt8)})


def test_images_become_black_and_white() -> None:
    node = ImageThreshold(image="image")
    frame = frame_of(GREY, None)
    found = node.run(frame.lazy(), Listening())
    assert node.spec({"table": TableSpec(frame.schema)}).columns == found.schema
    assert found["image"].to_list() == [[0, 0, 0, 255, 255, 255], None]
    assert found["threshold"].to_list() == [125, None]
    dark = ImageThreshold(image="image", method="value", value=200, invert=True).run(
        frame.lazy(), Listening()
    )
    assert dark["image"].to_list()[0] == [255, 255, 255, 255, 255, 0]
    square = frame_of(np.array([[9, 0], [0, 9]])).drop("height", "width")
    assert node.run(square.lazy(), Listening())["image"].to_list() == [[255, 0, 0, 255]]


def test_images_of_another_size_than_told_are_refused() -> None:
    wrong = frame_of(GREY).with_columns(width=pl.lit(4))
    with pytest.raises(NodeflowError, match="row 1 has 6 numbers, which are not 2 x 4 pixels"):
        ImageThreshold(image="image").run(wrong.lazy(), Listening())
    with pytest.raises(NodeflowError, match="which are not a square"):
        ImageThreshold(image="image").run(wrong.select("image").lazy(), Listening())
    spec = {"table": TableSpec(wrong.drop("width").schema)}
    assert 'has "height" but no "width"' in ImageThreshold(image="image").check(spec)[0].sentence


def test_specks_go_and_edges_stay() -> None:
    image = np.zeros((7, 8), int)
    image[:, 4:] = 200
    speckled = image.copy()
    speckled[3, 1], speckled[2, 6] = 255, 0
    found = ImageDenoise(image="image").run(frame_of(speckled).lazy(), Listening())
    assert found["image"].to_list() == [image.reshape(-1).tolist()]


PAGE = np.zeros((10, 24), int)
PAGE[2:8, 1:5] = 255  # a letter
PAGE[1:9, 7:10] = 255  # another
PAGE[2:8, 12:22] = 255  # two that touch: 10 wide, others 6 to 8 high
PAGE[0, 23] = 255  # a speck


def test_parts_are_found_in_order_wide_ones_are_cut_and_specks_left_out() -> None:
    node = ConnectedComponents(image="image", min_area=5, split_wide=1.6)
    found = node.run(frame_of(None, PAGE).lazy(), Listening())
    assert node.spec({}).columns == found.schema
    assert found.rows() == [
        (1, 1, 1, 2, 4, 6, 24), (1, 2, 7, 1, 3, 8, 24), (1, 3, 12, 2, 5, 6, 30), (1, 4, 17, 2, 5, 6, 30),
    ]  # fmt: skip
    whole = ConnectedComponents(image="image", min_area=1, split_wide=0, order="largest first")
    assert [row[2] for row in whole.run(frame_of(PAGE).lazy(), Listening()).rows()] == [12, 1, 7, 23]
    corner = np.eye(4, dtype=int)
    assert len(boxes_of(corner, least_area=1, neighbours=8, split=0, order="left to right")) == 1
    assert len(boxes_of(corner, least_area=1, neighbours=4, split=0, order="left to right")) == 4


def test_parts_are_cropped_to_squares_with_their_characters() -> None:
    frame = frame_of(PAGE, PAGE, None, t=["abcd", "abc", "x"])
    boxes = ConnectedComponents(image="image", min_area=5).run(frame.lazy(), Listening())
    listening = Listening()
    node = CropCharacters(image="image", text="t", size=10, pad=1)
    inputs = {"table": TableSpec(frame.schema), "boxes": TableSpec(boxes.schema)}
    assert not node.check(inputs)
    found = node.run(frame.lazy(), boxes.lazy(), listening)
    assert node.spec(inputs).columns == found.schema
    assert found["label"].to_list() == ["a", "b", "c", "d", None, None, None, None]
    assert listening.messages == ["2 of 3 images have another number of parts than their text has characters"]
    first = np.array(found["image"][0].to_list()).reshape(10, 10)
    assert (first[1:9, 2:7] == 255).all()  # 6 x 4 grew to 8 x 5, in the middle
    assert (first == 255).sum() == 40
    outside = boxes.with_columns(left=pl.lit(22))
    with pytest.raises(NodeflowError, match="part 1 of row 0 lies outside its image of 10 x 24"):
        node.run(frame.lazy(), outside.lazy(), listening)


def test_a_crop_keeps_the_shape_of_what_it_holds() -> None:
    image = np.arange(32.0).reshape(4, 8)
    same = cropped(image, (2, 0, 4, 4), 8, 2)
    assert same[2:6, 2:6].tolist() == image[:, 2:6].tolist()
    assert np.count_nonzero(same[:2]) == 0
    line = cropped(np.full((1, 9), 7.0), (0, 0, 9, 1), 9, 0)
    assert (line[4] == 7).all()
    assert np.count_nonzero(line) == 9


# -- features ------------------------------------------------------------------------------------------------


def test_features_are_what_the_layer_before_the_last_gives() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"p": random.integers(0, 255, (8, 9)).tolist(), "kind": ["a", "b"] * 4})
    tensors = ImageToTensor(pixels=["p"], target="kind").run(frame.lazy(), Listening())
    structure = Structure.of_shape((3, 3, 1)).then("flatten", id="flat").then("dense", id="inner", units=2)
    structure = structure.then("dropout", rate=0.5).then("dense", id="last", units=2, activation="softmax")
    model = learn(Network(structure), tensors, epochs=1).model
    weights = model.network.network.weights
    x = tensors.arrays["x"].to_numpy().reshape(8, 9)
    expected = x @ weights["inner/kernel"] + weights["inner/bias"]
    node = ImageFeatures(batch_size=3)
    found = node.run(model, frame.lazy(), None, Listening())
    assert found.columns == ["p", "kind", "feature 1", "feature 2"]
    assert node.spec({"model": model.spec, "table": TableSpec(frame.schema)}).columns == found.schema
    assert found.select("feature 1", "feature 2").to_numpy() == pytest.approx(expected, abs=1e-5)
    flat = ImageFeatures(layer="flat").run(model, None, tensors, Listening())
    assert flat.drop("row").to_numpy() == pytest.approx(x, abs=1e-6)
    assert "did you mean" in ImageFeatures(layer="iner").check({"model": model.spec})[0].sentence


def test_strips_of_real_digits_with_noise_are_cut_into_their_digits() -> None:
    """Four handwritten digits of 8 x 8 pixels a strip, three times as large, with noise and bright specks."""
    from sklearn.datasets import load_digits

    digits, random = load_digits(), np.random.default_rng(0)
    strips, texts = [], []
    for _ in range(100):
        chosen = random.integers(0, len(digits.images), 4)
        strip = np.zeros((32, 140))
        for place, digit in enumerate(chosen):
            left, top = 4 + place * 34 + random.integers(0, 5), random.integers(0, 8)
            strip[top : top + 24, left : left + 24] = np.kron(digits.images[digit] * 12.5, np.ones((3, 3)))
        strip += random.normal(0, 12, strip.shape)
        strip[random.random(strip.shape) < 0.02] = 255
        strips.append(np.clip(strip, 0, 255).astype(np.uint8))
        texts.append("".join(str(digits.target[digit]) for digit in chosen))
    frame = frame_of(*strips, text=texts)
    clean = ImageDenoise(image="image").run(frame.lazy(), Listening())
    white = ImageThreshold(image="image").run(clean.lazy(), Listening())
    boxes = ConnectedComponents(image="image").run(white.lazy(), Listening())
    parts = CropCharacters(image="image", text="text").run(clean.lazy(), boxes.lazy(), Listening())
    whole = parts.drop_nulls("label").group_by("row", maintain_order=True).agg(pl.col("label").str.join())
    assert whole.height >= 97  # of 300 such strips 298
    assert whole["label"].to_list() == [texts[row] for row in whole["row"]]
