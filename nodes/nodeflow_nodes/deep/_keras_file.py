"""Files of Keras (`.keras`): read and written by hand, so that nothing of a file is ever run.

A file is a zip of config.json, metadata.json and the weights as HDF5. Sizes are checked before anything is made.
"""

from __future__ import annotations

import io
import json
import math
import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import shorten
from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.keras_reading import structure_of_keras
from nodeflow.networks.keras_writing import model_config, variable_places
from nodeflow.networks.reading import MAX_JSON, parsed

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.values import Network

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MAX_WEIGHTS = 4 << 30
"""The most bytes of weights that are read."""
_RATIO = 200
_REFUSED = "not a model nodeflow can import"


def read_keras(path: Path) -> Network:
    """The network of a `.keras` file, with its weights.

    Raises:
        NetworkError: it is damaged, too large, or holds anything but layers that nodeflow knows and their weights.
    """
    from nodeflow.values.network import Network

    config, weights = _members(path)
    structure = _structure(config)
    return Network(structure, _read_weights(weights, structure) if weights is not None else None)


def structure_in_keras(path: Path) -> Structure:
    """The network of a `.keras` file without its weights; raises as `read_keras` does."""
    return _structure(_members(path, with_weights=False)[0])


def _structure(config: bytes) -> Structure:
    structure = structure_of_keras(parsed(config))
    try:
        structure.shapes()
    except NetworkError as error:
        raise NetworkError(f"{_REFUSED}: {error}", error.layer) from None
    return structure


def _members(path: Path, *, with_weights: bool = True) -> tuple[bytes, bytes | None]:
    """config.json and the weights, out of a zip that holds nothing else."""
    try:
        with zipfile.ZipFile(path) as file:
            entries = file.infolist()
            names = [one.filename for one in entries]
            if len(set(names)) != len(names):
                raise NetworkError(f"{_REFUSED}: a part stands in it twice")
            for one in entries:
                _check_member(one)
            if _CONFIG not in names:
                raise NetworkError(f'{_REFUSED}: it has no "{_CONFIG}"')
            config = _part(file, _CONFIG, MAX_JSON)
            return config, _part(file, _WEIGHTS, MAX_WEIGHTS) if with_weights and _WEIGHTS in names else None
    except NetworkError:
        raise
    except Exception as error:  # a zip from elsewhere fails in many ways, and none of them is ours
        raise NetworkError(f"{_REFUSED}: {shorten(str(error) or type(error).__name__, 200)}") from None


def _check_member(one: zipfile.ZipInfo) -> None:
    name = shorten(one.filename, 80)
    if one.filename not in (_CONFIG, _METADATA, _WEIGHTS):
        raise NetworkError(f'{_REFUSED}: it holds "{name}" beside its description and its weights')
    mode = one.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise NetworkError(f'{_REFUSED}: "{name}" is no plain file')
    if one.flag_bits & 1:
        raise NetworkError(f'{_REFUSED}: "{name}" is encrypted')
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NetworkError(f'{_REFUSED}: "{name}" is compressed in a way that is not read')
    if one.file_size > max(one.compress_size, 4096) * _RATIO:
        raise NetworkError(
            f'{_REFUSED}: "{name}" would grow to {one.file_size:,} bytes, more than {_RATIO} times its size'
        )


def _part(file: zipfile.ZipFile, name: str, most: int) -> bytes:
    size = file.getinfo(name).file_size
    if size > most:
        raise NetworkError(f'{_REFUSED}: "{name}" has {size:,} bytes, more than {most:,}')
    with file.open(name) as part:
        data = part.read(size + 1)
    if len(data) != size:
        raise NetworkError(f'{_REFUSED}: "{name}" is not as large as it says')
    return data


def _read_weights(data: bytes, structure: Structure) -> dict[str, np.ndarray]:
    import h5py

    shapes = {name: weight.shape for name, weight in structure.weights()}
    needed = sum(4 * math.prod(shape) for shape in shapes.values())
    # weights lie in the file as they are, so what does not fit into it is not there
    if needed > 2 * len(data) + (1 << 20):
        raise NetworkError(
            f"{_REFUSED}: its layers need {needed:,} bytes of weights, but the file has {len(data):,}"
        )
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            return {name: _array(file, place, shapes[name]) for name, place in variable_places(structure)}
    except NetworkError:
        raise
    except Exception as error:  # HDF5 from elsewhere fails in many ways
        raise NetworkError(f"{_REFUSED}: its weights are damaged: {shorten(str(error), 200)}") from None


def _array(file: Any, place: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array, from a path that leads through plain groups of this very file."""
    import h5py
    import numpy as np

    here = file
    for name in place.split("/"):
        link = here.get(name, getlink=True) if isinstance(here, h5py.Group) else None
        if link is None:
            raise NetworkError(f'{_REFUSED}: its weights lack "{place}"')
        if not isinstance(link, h5py.HardLink):
            raise NetworkError(f'{_REFUSED}: "{place}" in its weights is a link to elsewhere')
        here = here[name]
    if not isinstance(here, h5py.Dataset) or here.dtype.kind != "f" or here.dtype.itemsize not in (2, 4, 8):
        raise NetworkError(f'{_REFUSED}: "{place}" in its weights is no array of numbers')
    if here.shape != shape:
        raise NetworkError(
            f'{_REFUSED}: "{place}" in its weights has the shape {here.shape}, but its layer needs {shape}'
        )
    if here.external or here.is_virtual:
        raise NetworkError(f'{_REFUSED}: "{place}" in its weights lies in another file')
    if here.chunks is not None or here.id.get_storage_size() != here.nbytes:
        raise NetworkError(f'{_REFUSED}: "{place}" in its weights is not stored plainly')
    array = np.asarray(here[()], dtype=here.dtype.newbyteorder("="))
    return array.astype("float32") if array.dtype != np.float32 else array


def write_keras(network: Network) -> bytes:
    """The bytes of a `.keras` file, the same for the same network.

    Raises:
        NetworkError: Keras has no way to say a layer, or weights are missing.
    """
    import h5py
    import numpy as np

    structure = network.structure
    config = json.dumps(model_config(structure), allow_nan=False)
    parts: dict[str, bytes] = {
        _METADATA: json.dumps({"keras_version": "3.15.0", "date_saved": "1980-01-01@00:00:00"}).encode(),
        _CONFIG: config.encode(),
    }
    names = {name for name, _ in structure.weights()}
    missing = sorted(names - network.weights.keys())
    if missing:
        raise NetworkError(
            f'a .keras file holds weights, but those of "{missing[0]}" are not there; write the network as JSON, or train '
            "it first"
        )
    stored = io.BytesIO()
    with h5py.File(stored, mode="w") as file:  # in memory
        for name, place in variable_places(structure):
            array = network.weights[name] if name in network.weights else _tied(network, name)
            file.create_dataset(place, data=np.ascontiguousarray(array, dtype="float32"))
    parts[_WEIGHTS] = stored.getvalue()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        for name, data in parts.items():
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return whole.getvalue()


def _tied(network: Network, name: str) -> np.ndarray:
    """The weights of a tied layer, which has none of its own: those of the other one turned round."""
    layer = network.structure.layer(name.partition("/")[0])
    return network.weights[f"{layer.config['tied_to']}/kernel"].T
