"""How the contract of the nodes on languages, tags, pairs of texts and pictures is checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import polars as pl

TEXTS = pl.DataFrame({"t": ["abab", "bbaa", None, "ab"]})


def trained(structure: Any, tensors: Any) -> Any:
    """A network trained for an epoch."""
    from nodeflow_nodes.deep._settings import TrainingSettings
    from nodeflow_nodes.deep._training import train

    from nodeflow.testing import _Context
    from nodeflow.values.network import Network

    return train(Network(structure), tensors, None, TrainingSettings(epochs=1), _Context(Path())).model


def tokens() -> Any:
    from nodeflow_nodes.deep.text_tokenizer import TextTokenizer

    from nodeflow.testing import _Context

    node = TextTokenizer(text="t", level="character", next_token=True, length=3)
    return node.run(TEXTS.lazy(), _Context(Path())).tensors


@functools.cache
def language_model() -> Any:
    from nodeflow.networks import Structure

    structure = Structure.of_shape((3,), dtype="int32").then("embedding", input_dim=4, output_dim=4)
    return trained(structure.then("dense", units=4, activation="softmax"), tokens())


CONTRACT: dict[str, Any] = {
    "sequence_generator": lambda folder: {
        "parameters": {"length": 2, "column": "t"},
        "inputs": {"model": language_model(), "table": pl.DataFrame({"t": ["ab", "b"]})},
    },
    "language_model_scorer": lambda folder: {
        "inputs": {"model": language_model(), "test": tokens(), "train": tokens()}
    },
}

PAIRS = pl.DataFrame({"de": ["eins zwei", "eins", None], "en": ["one two", "one", "two"]})
SENTENCES = pl.DataFrame({"w": ["a b", None, "b b"], "t": ["X Y", None, "Y X"]})


def pairs() -> Any:
    from nodeflow_nodes.deep.pairs_to_tensors import PairsToTensors

    from nodeflow.testing import _Context

    node = PairsToTensors(text="de", target="en", length=2, target_length=3)
    return node.run(PAIRS.lazy(), _Context(Path()))


@functools.cache
def writer() -> Any:
    from nodeflow_nodes.deep.network_template import NetworkTemplate

    tensors = pairs()
    return trained(NetworkTemplate(task="seq2seq", vocabulary=8).run(tensors).structure, tensors)


@functools.cache
def tagger() -> Any:
    from nodeflow.networks import Structure

    structure = Structure.of_shape((3,), dtype="int32").then("embedding", input_dim=4, output_dim=2)
    return trained(structure.then("softmax"), tagged())


def steps() -> Any:
    import numpy as np

    from nodeflow.values.tensors import Tensors

    return Tensors({"x": np.ones((2, 4, 3), "float32"), "y": np.ones((2, 2), "int32")}, targets=("y",))


@functools.cache
def reader() -> Any:
    from nodeflow.networks import Structure

    return trained(Structure.of_shape((4, 3)).then("ctc_head", labels=2), steps())


CONTRACT |= {
    "pairs_to_tensors": {
        "parameters": {"text": "de", "target": "en", "length": 2, "target_length": 3}, "inputs": {"table": PAIRS},
    },
    "seq2seq_decoder": lambda folder: {"inputs": {"model": writer(), "table": PAIRS, "tensors": None}},
    "tag_encoder": {"parameters": {"words": "w", "tags": "t", "length": 3}, "inputs": {"table": SENTENCES}},
    "tag_predictor": lambda folder: {"inputs": {"model": tagger(), "table": SENTENCES}},
    "ctc_decoder": lambda folder: {"inputs": {"model": reader(), "table": None, "tensors": steps()}},
}  # fmt: skip

TAGS = pl.DataFrame({"t": ["B-A I-A O", None, "O"], "p": ["B-A O O", None, "B-A"]})
SAID = pl.DataFrame({"t": ["one two", None, "Ab"], "p": ["one too", "x", None]})

CONTRACT |= {
    "entity_scorer": {"parameters": {"actual": "t", "prediction": "p"}, "inputs": {"table": TAGS}},
    "text_scorer": {"parameters": {"actual": "t", "prediction": "p"}, "inputs": {"table": SAID}},
    "answer_scorer": {"parameters": {"answers": "t", "prediction": "p"}, "inputs": {"table": SAID}},
}


def file_with(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


CONTRACT |= {
    "conll_reader": lambda folder: {"parameters": {"path": file_with(folder / "a.txt", "Ann B\nsaw O\n")}},
    "text_pairs_reader": lambda folder: {"parameters": {"path": file_with(folder / "a.txt", "a\tb\n")}},
    "labelled_texts_reader": lambda folder: {
        "parameters": {"kind": "SMS spam", "path": file_with(folder / "a.txt", "ham\tHello\n")}
    },
    "chorale_reader": lambda folder: {
        "parameters": {"path": file_with(folder / "a.json", '{"train": [[[60], [62, 64]]]}')}
    },
}

WORDS = pl.DataFrame({"number": [2, 3], "token": ["a", "b"]})
VECTORS = pl.DataFrame({"token": ["a", "b", "c"], "v1": [1.0, 2.0, 3.0], "v2": [0.0, 1.0, 2.0]})


def embedded() -> Any:
    from nodeflow.networks import Structure
    from nodeflow.values.network import Network

    return Network(Structure.of_shape((3,), dtype="int32").then("embedding", input_dim=5, output_dim=2))


CONTRACT |= {
    "word_vectors": {
        "parameters": {"text": "t", "dimensions": 2, "min_count": 1},
        "inputs": {"table": pl.DataFrame({"t": ["a b c", None, "b a c a"]}), "vocabulary": WORDS},
    },
    "embedding_weights": lambda folder: {
        "inputs": {"network": embedded(), "vectors": VECTORS, "vocabulary": WORDS}
    },
}

PICTURES = pl.DataFrame(
    {"image": [[0, 9, 9, 0], None, [0, 0, 0, 255]], "text": ["a", None, "b"]},
    schema_overrides={"image": pl.List(pl.UInt8)},
)
BOXES = pl.DataFrame(
    {"row": [0, 2], "part": [1, 1], "left": [0, 1], "top": [0, 1], "width": [2, 1], "height": [2, 1]}
)


def picture_file(folder: Path) -> str:
    from PIL import Image

    Image.new("L", (3, 2), 7).save(folder / "a.png")
    return str(folder / "a.png")


CONTRACT |= {
    "image_folder_reader": lambda folder: {"parameters": {"path": picture_file(folder)}},
    "image_threshold": {"parameters": {"image": "image"}, "inputs": {"table": PICTURES}},
    "image_denoise": {"parameters": {"image": "image"}, "inputs": {"table": PICTURES}},
    "connected_components": {"parameters": {"image": "image", "min_area": 1}, "inputs": {"table": PICTURES}},
    "crop_characters": {
        "parameters": {"image": "image", "text": "text", "size": 4, "pad": 1},
        "inputs": {"table": PICTURES, "boxes": BOXES},
    },
    "image_features": lambda folder: {"inputs": {"model": tagger(), "table": None, "tensors": tagged()}},
}


def tagged() -> Any:
    from nodeflow_nodes.deep.tag_encoder import TagEncoder

    from nodeflow.testing import _Context

    return TagEncoder(words="w", tags="t", length=3).run(SENTENCES.lazy(), _Context(Path())).tensors
