"""Files of Keras come in and go out with the same numbers, and hostile ones are refused without running anything."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep._keras_file import read_keras, write_keras

from nodeflow.networks import RULES, Layer, NetworkError, NetworkInput, Structure
from nodeflow.networks.editing import joined
from nodeflow.values.network import Network
from tests.networks.test_rules_against_keras import CASES, FIRST

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not support masking.*"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # Keras saves variables so
]


def network_of(structure: Structure) -> Network:
    from nodeflow_nodes.deep._keras.building import build, get_weights

    return Network(structure, get_weights(build(structure), structure))


def outputs_of(structure: Structure, weights: Any) -> Any:
    from nodeflow_nodes.deep._keras.building import build, set_weights

    model = build(structure)
    set_weights(model, structure, weights)
    return run(model, structure)


def run(model: Any, structure: Structure) -> Any:
    generator = np.random.default_rng(0)
    inputs = [generator.integers(1, 5, (2, *one.shape)).astype(one.dtype) for one in structure.inputs]
    return model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)


def every_layer() -> Structure:
    """Each kind of layer on inputs of its own, side by side."""
    more = [case for case in CASES if len(case[2]) > 1 and case[0] in ("gru", "attention")]
    pieces = []
    for number, (kind, config, shapes, dtype) in enumerate([*FIRST.values(), *more]):
        if kind == "ctc_head":
            continue
        inputs = tuple(
            NetworkInput(f"in_{number}_{place}", shape, dtype) for place, shape in enumerate(shapes)
        )
        layer = Layer(f"layer_{number}", kind, config, tuple(one.name for one in inputs))
        pieces.append(Structure(inputs, (layer,), (layer.id,)))
    return joined(pieces)[0]


def test_every_layer_saved_by_keras_comes_in_as_it_is(tmp_path: Path) -> None:
    from nodeflow_nodes.deep._keras.building import build, get_weights

    structure = every_layer()
    assert {one.kind for one in structure.layers} >= set(RULES) - {"ctc_head", "tied_dense"}
    model = build(structure)
    model.save(tmp_path / "model.keras")
    network = read_keras(tmp_path / "model.keras")
    for layer in structure.layers:
        read = network.structure.layer(layer.id)
        assert (read.kind, read.config, read.inbound) == (layer.kind, layer.config, layer.inbound)
    weights = get_weights(model, structure)
    assert network.weights.keys() == weights.keys()
    assert all(np.array_equal(network.weights[name], weights[name]) for name in weights)


def test_a_head_for_ctc_comes_in_as_the_dense_layer_it_is(tmp_path: Path) -> None:
    (tmp_path / "ctc.keras").write_bytes(
        write_keras(network_of(Structure.of_shape((9, 3)).then("ctc_head", labels=5)))
    )
    read = read_keras(tmp_path / "ctc.keras").structure.layers[0]
    assert (read.kind, read.config["units"]) == ("dense", 6)


def small() -> Structure:
    structure = (
        Structure.of_shape((9, 3))
        .then("masking")
        .then("lstm", units=2, peephole=True, direction="both", return_sequences=True)
    )
    structure = structure.then("gru", units=3, return_sequences=True).then(
        "multi_head_attention", num_heads=2, key_dim=3
    )
    return (
        structure.then("time_distributed", units=3)
        .then("lstm", units=4, direction="backward")
        .then("dense", units=2, kernel_regularizer={"l2": 0.1})
    )


def test_a_network_written_for_keras_gives_the_same_there(tmp_path: Path) -> None:
    import keras

    network = network_of(small())
    (tmp_path / "model.keras").write_bytes(write_keras(network))
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.allclose(
        run(loaded, network.structure), outputs_of(network.structure, network.weights), atol=1e-6
    )
    assert read_keras(tmp_path / "model.keras") == network


def test_tied_weights_are_written_twice_and_predict_the_same(tmp_path: Path) -> None:
    import keras

    structure = Structure.of_shape((4,)).then("dense", units=2).then("tied_dense", tied_to="dense")
    network = network_of(structure)
    (tmp_path / "model.keras").write_bytes(write_keras(network))
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.allclose(run(loaded, structure), outputs_of(structure, network.weights), atol=1e-6)


def test_a_branching_network_with_first_states_is_written_and_read(tmp_path: Path) -> None:
    import keras

    structure = Structure((NetworkInput("a", (3,)), NetworkInput("b", (5, 2))), (), ("a",)).then(
        "dense", id="code", units=4
    )
    structure = structure.with_layer("gru", {"units": 4}, ("b", "code"))
    structure = structure.with_layer("concatenate", {}, ("gru", "code"))
    network = network_of(structure)
    (tmp_path / "model.keras").write_bytes(write_keras(network))
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.allclose(run(loaded, structure), outputs_of(structure, network.weights), atol=1e-6)
    assert read_keras(tmp_path / "model.keras") == network


def test_a_sequential_model_comes_in(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )
    model.save(tmp_path / "model.keras")
    network = read_keras(tmp_path / "model.keras")
    assert [one.kind for one in network.structure.layers] == ["conv2d", "flatten", "dense"]
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype("float32")
    from nodeflow_nodes.deep._keras.building import build, set_weights

    own = build(network.structure)
    set_weights(own, network.structure, network.weights)
    assert np.allclose(np.asarray(own(x)), np.asarray(model(x)), atol=1e-6)


def test_a_network_without_weights_is_not_written_for_keras() -> None:
    with pytest.raises(NetworkError, match="are not there"):
        write_keras(Network(small()))


# Hostile files: the parts of a good one, changed

MARKER = "never-made"


def parts() -> dict[str, bytes]:
    structure = Structure.of_shape((4,)).then("dense", units=3)
    weights = {"dense/kernel": np.ones((4, 3), "float32"), "dense/bias": np.zeros(3, "float32")}
    with zipfile.ZipFile(io.BytesIO(write_keras(Network(structure, weights)))) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(found: dict[str, bytes], **more: Any) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", **more) as file:
        for name, data in found.items():
            file.writestr(name, data)
    return whole.getvalue()


def with_layer(**changes: Any) -> bytes:
    """A file whose dense layer is described otherwise."""
    found = parts()
    config = json.loads(found["config.json"])
    config["config"]["layers"][1] |= changes
    return zipped(found | {"config.json": json.dumps(config).encode()})


def with_option(**options: Any) -> bytes:
    found = parts()
    config = json.loads(found["config.json"])
    config["config"]["layers"][1]["config"] |= options
    return zipped(found | {"config.json": json.dumps(config).encode()})


def with_weights(change: Callable[[Any], None]) -> bytes:
    import h5py

    found = parts()
    stored = io.BytesIO(found["model.weights.h5"])
    with h5py.File(stored, "r+") as file:
        change(file)
    return zipped(found | {"model.weights.h5": stored.getvalue()})


def replaced(**options: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars"].create_dataset("0", **options)

    return change


def linked(link: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = link

    return change


def symlink() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, data in parts().items():
            entry = zipfile.ZipInfo(name)
            if name == "config.json":
                entry.external_attr = 0o120777 << 16
                data = b"/etc/passwd"
            file.writestr(entry, data)
    return whole.getvalue()


def twice() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, data in parts().items():
            file.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("config.json", b"{}")
    return whole.getvalue()


def virtual(file: Any) -> None:
    import h5py

    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(4, 3))
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_virtual_dataset("0", layout)


def h5() -> Any:
    import h5py

    return h5py


CODE = "import os; os.system('touch never-made')"
NESTED = (
    b'{"class_name":"Functional","module":"keras","config":'
    + b'{"a":' * 100_000
    + b"1"
    + b"}" * 100_000
    + b"}"
)

HOSTILE: dict[str, Callable[[], bytes]] = {
    "a lambda layer": lambda: with_layer(class_name="Lambda", config={"name": "l", "function": {"class_name": "__lambda__", "config": {"code": CODE}}}),
    "a foreign module": lambda: with_layer(module="os", class_name="system"),
    "a class of another package": lambda: with_layer(registered_name="evil>Dense"),
    "a registered name of ours for another class": lambda: with_layer(registered_name="nodeflow>PeepholeLSTMCell", module="subprocess"),
    "a module that begins like Keras": lambda: with_layer(module="keras.layers.evil"),
    "a TFSMLayer": lambda: with_layer(class_name="TFSMLayer", config={"name": "t", "filepath": "/tmp/x"}),
    "a TorchModuleWrapper": lambda: with_layer(class_name="TorchModuleWrapper", config={"name": "t"}),
    "an activation of its own": lambda: with_option(activation={"class_name": "function", "module": "os", "config": "system", "registered_name": "system"}),
    "a regulariser of its own": lambda: with_option(kernel_regularizer={"module": "evil", "class_name": "L2", "config": {}, "registered_name": "evil>L2"}),
    "a vocabulary in another file": lambda: with_layer(class_name="StringLookup", config={"name": "s", "vocabulary": "/etc/passwd"}),
    "layers within layers": lambda: with_layer(class_name="Functional", module="keras.src.models.functional"),
    "huge shapes": lambda: with_option(units=1 << 20),
    "more than huge shapes": lambda: with_option(units=10**30),
    "shapes that are no numbers": lambda: zipped(parts() | {"config.json": parts()["config.json"].replace(b"[null, 4]", b"[null, NaN]")}),
    "negative shapes": lambda: zipped(parts() | {"config.json": parts()["config.json"].replace(b"[null, 4]", b"[null, -4]")}),
    "a deep nesting": lambda: zipped(parts() | {"config.json": NESTED}),
    "a zip bomb": lambda: zipped(parts() | {"config.json": b" " * (64 << 20)}, compression=zipfile.ZIP_DEFLATED),
    "a path that leads out": lambda: zipped(parts() | {"../../never-made": b"x"}),
    "an absolute path": lambda: zipped(parts() | {"/tmp/never-made": b"x"}),
    "assets": lambda: zipped(parts() | {"assets/never-made": b"x"}),
    "a symbolic link": symlink,
    "a part that stands twice": twice,
    "a truncated file": lambda: zipped(parts())[:-200],
    "truncated weights": lambda: zipped(parts() | {"model.weights.h5": parts()["model.weights.h5"][:-300]}),
    "no zip at all": lambda: b"\x89HDF\r\n\x1a\n" + b"\0" * 500,
    "an external link": lambda: with_weights(linked(h5().ExternalLink("/etc/passwd", "/x"))),
    "a soft link": lambda: with_weights(linked(h5().SoftLink("/layers/dense/vars/1"))),
    "arrays in another file": lambda: with_weights(replaced(shape=(4, 3), dtype="f4", external=[("/etc/passwd", 0, 48)])),
    "a virtual array": lambda: with_weights(virtual),
    "an array that was never stored": lambda: with_weights(replaced(shape=(4, 3), dtype="f4", chunks=(1, 1))),
    "an array of objects": lambda: with_weights(replaced(data=np.array([["a"] * 3] * 4, dtype="S1"))),
    "an array of another shape": lambda: with_weights(replaced(data=np.ones((400, 300), "f4"))),
}  # fmt: skip


def test_the_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.keras").write_bytes(zipped(parts()))
    assert len(read_keras(tmp_path / "good.keras").weights) == 2
    (tmp_path / "good.keras").write_bytes(with_option(activation="relu"))
    assert read_keras(tmp_path / "good.keras").structure.layer("dense").config["activation"] == "relu"


@pytest.fixture(scope="module")
def watched() -> list[tuple[str, str]]:
    """What happens in the process: imports, code, files, programs."""
    import sys

    seen: list[tuple[str, str]] = []
    watching = (
        "import",
        "exec",
        "compile",
        "os.system",
        "subprocess.Popen",
        "socket.connect",
        "os.symlink",
        "os.mkdir",
    )

    def hook(event: str, arguments: Any) -> None:
        if seen and (event in watching or event == "open"):
            seen.append((event, str(arguments[0])))

    sys.addaudithook(hook)
    return seen


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_runs_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: list[tuple[str, str]]
) -> None:
    import resource
    import sys

    path = tmp_path / "hostile.keras"
    path.write_bytes(HOSTILE[name]())
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    watched[:] = [("begun", "")]
    try:
        with pytest.raises(NetworkError) as refused:
            read_keras(path)
    finally:
        seen, watched[:] = watched[1:], []
    assert 20 < len(str(refused.value)) < 600
    assert "\n" not in str(refused.value)
    # what a library of the installation does when it is imported is no fault of the file
    own = f'file "{sys.base_prefix}'
    bad = [(event, what) for event, what in seen if event not in ("open", "import") and own not in what]
    assert not bad
    opened = {one[1] for one in seen if one[0] == "open"} - {str(path)}
    assert not {one for one in opened if not one.endswith((".py", ".pyc", ".so"))}
    assert not list((tmp_path / "empty").iterdir())
    assert not Path("/tmp/never-made").exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_a_layer_used_twice_and_states_are_refused_with_a_way_to_see_why(tmp_path: Path) -> None:
    import keras

    x = keras.Input((4, 2))
    _, h, c = keras.layers.LSTM(3, return_state=True)(x)
    keras.Model(x, [h, c]).save(tmp_path / "states.keras")
    with pytest.raises(NetworkError, match="states"):
        read_keras(tmp_path / "states.keras")
    shared = keras.layers.Dense(2)
    keras.Model(x, shared(shared(x))).save(tmp_path / "shared.keras")
    with pytest.raises(NetworkError, match="used 2 times"):
        read_keras(tmp_path / "shared.keras")
