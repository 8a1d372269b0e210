"""Network: a structure, and weights for it where it has some. Stored as JSON and safetensors, never as code."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import shorten
from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.reading import MAX_JSON, parsed
from nodeflow.networks.rule import shown
from nodeflow.values.codec import Codec
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 16 << 30
"""The most bytes of a stored network."""

_MAX_HEADER = 64 << 20
_STRUCTURE = "nodeflow_network"
_DTYPES = {"F32": "float32", "F16": "float16", "F64": "float64", "I32": "int32", "I64": "int64"}


class NetworkSpec(Spec):
    """The whole structure of a network: its layers are known before anything runs."""

    __slots__ = ("structure",)

    def __init__(self, structure: Structure) -> None:
        self.structure = structure

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NetworkSpec) and self.structure == other.structure

    def __hash__(self) -> int:
        return hash(self.structure)

    def __repr__(self) -> str:
        return f"NetworkSpec({self.structure.digest[:12]}: {len(self.structure.layers)} layers)"

    def to_data(self) -> dict[str, Any]:
        """The structure, with the shape of each layer and the number of parameters."""
        shapes = {name: list(shape) for name, shape in self.structure.shapes().items()}
        counts = self.structure.parameter_counts().values()
        return {
            "network": self.structure.to_data(),
            "shapes": shapes,
            "parameters": sum(trained + fixed for trained, fixed in counts),
        }


class Network:
    """A network: its structure, and weights by name where it has some; treat it as immutable.

    Weights are called "layer/variable", as in "lstm/recurrent_kernel". Those of some layers may be missing: they
    start anew in training.

    Raises:
        NetworkError: a weight does not fit the structure.
    """

    __slots__ = ("structure", "weights")

    def __init__(self, structure: Structure, weights: Mapping[str, np.ndarray] | None = None) -> None:
        self.structure = structure
        self.weights: dict[str, np.ndarray] = dict(weights or {})
        if self.weights:
            check_weights(structure, {name: one.shape for name, one in self.weights.items()})

    @property
    def spec(self) -> NetworkSpec:
        """The spec: the structure."""
        return NetworkSpec(self.structure)

    def with_weights(self, weights: Mapping[str, np.ndarray]) -> Network:
        """The network with other weights."""
        return Network(self.structure, weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and pack_network(self) == pack_network(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        held = f", {len(self.weights)} weights" if self.weights else ""
        return f"Network({' -> '.join(one.kind for one in self.structure.layers[:8])}{held})"

    def _repr_html_(self) -> str:
        shapes = self.structure.shapes()
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(shown(shape))}</td></tr>"
            for name, shape in shapes.items()
        )
        return f"<table><caption>Network</caption>{rows}</table>"


def check_weights(structure: Structure, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check that weights of these names and shapes belong to a structure.

    Raises:
        NetworkError: one does not.
    """
    wanted = {name: weight.shape for name, weight in structure.weights()}
    for name, shape in shapes.items():
        if name not in wanted:
            raise NetworkError(f'the network has no weight "{shorten(name)}"')
        if tuple(shape) != wanted[name]:
            raise NetworkError(
                f'weight "{name}" has the shape {tuple(shape)}, but its layer needs {wanted[name]}',
                name.partition("/")[0],
            )


def pack_network(network: Network) -> bytes:
    """The bytes of a network, the same for the same one: JSON, or safetensors with it where there are weights."""
    text = network.structure.to_json()
    if not network.weights:
        return text
    return pack_arrays(network.weights, {_STRUCTURE: text.decode()})


def unpack_network(data: bytes) -> Network:
    """The network of such bytes.

    Raises:
        NetworkError: they are damaged, or hold anything that is not plainly a network.
    """
    if data[:1] == b"{":
        return Network(Structure.from_json(data))
    structure = _structure_in(_header(data)[0])
    return Network(structure, unpack_arrays(data, structure))


def structure_in_file(path: Path) -> Structure:
    """The structure of a stored network, without reading its weights.

    Raises:
        NetworkError: the file holds none.
    """
    with path.open("rb") as file:
        start = file.read(8)
        if start[:1] == b"{":
            return Structure.from_json(start + file.read(MAX_JSON))
        length = min(int.from_bytes(start, "little"), _MAX_HEADER)
        return _structure_in(_header(start + file.read(length))[0])


def _structure_in(header: Mapping[str, Any]) -> Structure:
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(metadata.get(_STRUCTURE), str):
        raise NetworkError("these are weights without a network; a file of nodeflow holds both")
    return Structure.from_json(metadata[_STRUCTURE])


def pack_arrays(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> bytes:
    """Arrays as safetensors, ordered by name."""
    import numpy as np
    from safetensors.numpy import save

    whole = {name: np.ascontiguousarray(arrays[name]).reshape(arrays[name].shape) for name in sorted(arrays)}
    return save(whole, metadata=dict(metadata or {}))


def unpack_arrays(data: bytes, structure: Structure) -> dict[str, np.ndarray]:
    """The weights of a structure out of safetensors; sizes are checked before anything is made.

    Raises:
        NetworkError: the bytes are damaged, or hold other arrays than the structure has.
    """
    import numpy as np

    header, body = _header(data)
    places = {name: _place(name, told) for name, told in header.items() if name != "__metadata__"}
    check_weights(structure, {name: shape for name, (_, shape, _, _) in places.items()})
    expected = 0
    for name, (dtype, shape, start, stop) in sorted(places.items(), key=lambda one: one[1][2]):
        size = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
        if start != expected or stop - start != size:
            raise NetworkError(f'the weights are damaged: "{shorten(name)}" does not lie where it should')
        expected = stop
    if expected != len(data) - body:
        raise NetworkError("the weights are damaged: the file is cut off, or has more than it says")
    view = memoryview(data)[body:]
    return {
        name: np.frombuffer(view[start:stop], dtype=dtype).reshape(shape).copy()
        for name, (dtype, shape, start, stop) in places.items()
    }


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header of safetensors, and where the arrays begin."""
    length = int.from_bytes(data[:8], "little") if len(data) >= 8 else -1
    if not 2 <= length <= min(_MAX_HEADER, len(data) - 8):
        raise NetworkError("this is no network: neither JSON nor safetensors, or it is cut off")
    header = parsed(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise NetworkError("this is no network: its header is no object")
    return header, 8 + length


def _place(name: str, told: Any) -> tuple[str, tuple[int, ...], int, int]:
    """Type, shape, start and stop of an array."""
    try:
        dtype = _DTYPES[told["dtype"]]
        shape = tuple(told["shape"])
        start, stop = told["data_offsets"]
        numbers = (*shape, start, stop)
        if any(
            isinstance(one, bool) or not isinstance(one, int) or not 0 <= one < 1 << 48 for one in numbers
        ):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise NetworkError(
            f'the weights are damaged: "{shorten(name)}" is not described as an array'
        ) from None
    return dtype, shape, start, stop


class NetworkCodec(Codec):
    """Networks are stored as JSON, with weights as safetensors."""

    suffix = ".network"

    def pack(self, value: Any) -> bytes:
        return pack_network(value)

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Network:
        if isinstance(path, bytes):
            return unpack_network(path)
        if path.stat().st_size > MAX_BYTES:
            raise NetworkError(f"the file is larger than {MAX_BYTES >> 30} GB")
        return unpack_network(path.read_bytes())

    def spec_of(self, value: Any) -> NetworkSpec:
        spec: NetworkSpec = value.spec
        return spec


__all__ = [
    "Network",
    "NetworkCodec",
    "NetworkSpec",
    "check_weights",
    "pack_arrays",
    "pack_network",
    "structure_in_file",
    "unpack_arrays",
    "unpack_network",
]
