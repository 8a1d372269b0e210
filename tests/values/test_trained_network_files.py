"""A model with a trained network comes back bit for bit from its file; a crafted file is refused in a sentence."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodeflow.networks import Structure
from nodeflow.values.bundle import ModelError, pack_model, spec_of_bundle, unpack_model
from nodeflow.values.model import Model
from nodeflow.values.network import Network
from nodeflow.values.trained_network import TrainedNetwork

Members = dict[str, bytes]


def trained(**changes: Any) -> TrainedNetwork:
    structure = Structure.of_shape((2,)).then("dense", units=3, activation="tanh").then("dense", units=1)
    random = np.random.default_rng(0)
    weights = {name: random.normal(size=one.shape).astype("float32") for name, one in structure.weights()}
    preparation = {"kind": "columns", "columns": ["a", "b"], "target": "y", "task": "regression"}
    made = TrainedNetwork(
        Network(structure, weights),
        ("x",),
        ("y",),
        ({"name": "mse"},),
        "regression",
        "y",
        None,
        preparation,
        ({"epoch": 1, "loss": 0.5, "val_loss": float("nan")},),
        {"seed": 7, "backend": "jax"},
    )
    return replace(made, **changes)


def bundle(**changes: Any) -> bytes:
    return pack_model(
        Model.of_network(trained(**changes), "Deep Learner", {"epochs": 1}, {"keras": "3.15.1"})
    )


def test_a_network_comes_back_as_it_was_and_has_the_same_bytes() -> None:
    data = bundle()
    assert data == bundle()
    model = unpack_model(data)
    assert model.network is not None
    for name, one in trained().network.weights.items():
        assert model.network.network.weights[name].tobytes() == one.tobytes()
    assert model.network.history[0] == {"epoch": 1, "loss": 0.5, "val_loss": None}
    assert model.network.record == {"seed": 7, "backend": "jax"}
    assert list(model.spec.features.columns) == ["a", "b"]
    assert (model.spec.task, model.spec.target) == ("regression", "y")
    assert model.spec.network is not None
    assert model.spec.network.structure == trained().structure
    assert spec_of_bundle(data) == model.spec
    assert pack_model(model) == data


def test_another_version_of_keras_is_told() -> None:
    old = unpack_model(pack_model(Model.of_network(trained(), "Deep Learner", None, {"keras": "3.0.0"})))
    assert "trained with Keras 3.0.0, but this is" in old.note()
    assert unpack_model(bundle()).note() in ("", old.note().replace("3.0.0", "3.15.1"))


def crafted(change: Callable[[Members], None]) -> bytes:
    """The bundle with parts changed and the digests mended, as an attacker would."""
    with zipfile.ZipFile(io.BytesIO(bundle())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    told = json.loads(members["model.json"])
    told["sha256"] = {
        name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != "model.json"
    }
    members["model.json"] = json.dumps(told).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def in_json(part: str, change: Callable[[Any], None]) -> Callable[[Members], None]:
    def changed(members: Members) -> None:
        told = json.loads(members[part])
        change(told)
        members[part] = json.dumps(told).encode()

    return changed


def in_header(change: Callable[[dict[str, Any]], None]) -> Callable[[Members], None]:
    """The weights with another header before the same bytes."""

    def changed(members: Members) -> None:
        data = members["weights.safetensors"]
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8 : 8 + length])
        change(header)
        told = json.dumps(header).encode()
        members["weights.safetensors"] = struct.pack("<Q", len(told)) + told + data[8 + length :]

    return changed


def put(part: str, data: bytes) -> Callable[[Members], None]:
    return lambda members: members.__setitem__(part, data)


HOSTILE: dict[str, Callable[[Members], None]] = {
    "a Lambda layer": in_json("network.json", lambda t: t["layers"][0].update({"class": "lambda"})),
    "a module path as a layer": in_json("network.json", lambda t: t["layers"][0].update({"class": "os.system"})),
    "an unknown option": in_json("network.json", lambda t: t["layers"][0]["config"].update({"fn": "x"})),
    "a gigantic layer": in_json("network.json", lambda t: t["layers"][0]["config"].update({"units": 10**12})),
    "a network that feeds itself": in_json("network.json", lambda t: t["layers"][0].update({"inbound": ["dense_2"]})),
    "another format": in_json("network.json", lambda t: t.update({"nodeflow_network": 99})),
    "a network that is no JSON": put("network.json", b"\x80\x04pickle"),
    "deep nesting": put("network.json", b"[" * 200_000),
    "weights cut off": lambda m: m.__setitem__("weights.safetensors", m["weights.safetensors"][:-9]),
    "weights that are a pickle": put("weights.safetensors", b"\x80\x04cos\nsystem\n(S'id'\ntR."),
    "no weights": put("weights.safetensors", b""),
    "a header longer than the file": put("weights.safetensors", struct.pack("<Q", 1 << 62) + b"{}"),
    "a weight too few": in_header(lambda h: h.pop("dense/bias")),
    "a weight of another layer": in_header(lambda h: h.__setitem__("other/kernel", h.pop("dense/kernel"))),
    "a gigantic weight": in_header(lambda h: h["dense/kernel"].update({"shape": [1 << 40, 1 << 40]})),
    "a weight beyond the end": in_header(lambda h: h["dense/kernel"].update({"data_offsets": [0, 1 << 50]})),
    "weights of objects": in_header(lambda h: h["dense/kernel"].update({"dtype": "O"})),
    "a record of another kind": put("training.json", b"[1, 2]"),
    "further fields in the record": in_json("training.json", lambda t: t.update({"run": "me"})),
    "a loss too many": in_json("training.json", lambda t: t["losses"].append({"name": "mse"})),
    "a preparation of another kind": in_json("training.json", lambda t: t["preparation"].update({"kind": "code"})),
    "a preparation with more": in_json("training.json", lambda t: t["preparation"].update({"call": "os.system"})),
    "other columns than it says": in_json("training.json", lambda t: t["preparation"].update({"columns": ["c", "d"]})),
    "another target than it says": in_json("training.json", lambda t: t.update({"target": "z"})),
    "a part with a path": lambda m: m.__setitem__("../evil.json", b"{}"),
    "a part too few": lambda m: m.__delitem__("weights.safetensors"),
    "an estimator as well": lambda m: m.__setitem__("estimator.skops", b"PK"),
    "nothing that is read back": in_json("model.json", lambda t: t.update({"features": "all"})),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_crafted_network_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ModelError, match=r"not a model nodeflow can load: .{8,}") as caught:
        unpack_model(crafted(HOSTILE[name]))
    assert len(str(caught.value)) < 500


def test_the_same_crafting_with_nothing_changed_loads() -> None:
    unpack_model(crafted(lambda members: None))


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_a_flipped_byte_is_refused(place: int) -> None:
    data = bytearray(bundle())
    data[len(data) * place // 100] ^= 0xFF
    try:
        model = unpack_model(bytes(data))
    except ModelError:
        return
    assert pack_model(model) == bundle()  # a byte of the zip's own that nobody reads


def test_model_writer_and_reader_carry_networks(tmp_path: Path) -> None:
    import nodeflow as nf

    path = tmp_path / "net.nodeflow-model"
    path.write_bytes(bundle())
    workflow = nf.Workflow("models")
    read = workflow.add("model_reader", id="read", path=str(path))
    workflow.add("model_writer", read, id="write", path=str(tmp_path / "again.nodeflow-model"))
    workflow.add("model_writer", read, id="keras", path=str(tmp_path / "net.keras"), form="keras")
    result = workflow.run(cache=False)
    assert "the preparation of the data is left out" in result.reports["keras"].messages[0]
    from nodeflow_nodes.deep._keras_file import read_keras

    again = read_keras(tmp_path / "net.keras")
    for name, one in trained().network.weights.items():
        assert again.weights[name].tobytes() == one.tobytes()
    assert (tmp_path / "again.nodeflow-model").read_bytes() == bundle()
