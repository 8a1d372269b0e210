"""Reading a network from JSON: strictly, since a file may come from anywhere."""

from __future__ import annotations

import json
from typing import Any

from nodeflow.errors import did_you_mean, shorten
from nodeflow.networks.faults import NetworkError
from nodeflow.networks.structure import FORMAT, MAX_LAYERS, Layer, NetworkInput, Structure

MAX_JSON = 32 << 20
"""The most bytes of a network's JSON."""


def parsed(text: bytes | str) -> Any:
    """Plain data of a JSON text; a key that stands twice, a NaN or a deep nesting is refused.

    Raises:
        NetworkError: it is not such a text.
    """
    if len(text) > MAX_JSON:
        raise NetworkError(f"the network's JSON is larger than {MAX_JSON >> 20} MB")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except NetworkError:
        raise
    except RecursionError:
        raise NetworkError("the network's JSON is nested too deeply") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise NetworkError(f"this is no JSON: {shorten(str(error), 200)}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NetworkError(f'the key "{shorten(twice)}" stands twice in one object')
    return found


def _no_constant(text: str) -> Any:
    raise NetworkError(f"{text} is no number in JSON")


def structure_of(data: Any) -> Structure:
    """The network that plain data describes.

    Raises:
        NetworkError: it describes none.
    """
    told = _fields(data, "the network", ("nodeflow_network", "inputs", "layers", "outputs"))
    version = told["nodeflow_network"]
    if version != FORMAT or isinstance(version, bool):
        raise NetworkError(
            f"the network has format {shorten(repr(version), 20)}, but this nodeflow reads {FORMAT}; update it"
        )
    inputs = [_input(one) for one in _list(told["inputs"], "inputs")]
    layers = [_layer(one) for one in _list(told["layers"], "layers")]
    outputs = [_text(one, "outputs") for one in _list(told["outputs"], "outputs")]
    return Structure(tuple(inputs), tuple(layers), tuple(outputs))


def _input(raw: Any) -> NetworkInput:
    told = _fields(raw, "an input", ("name", "shape"), ("dtype", "meaning"))
    return NetworkInput(
        _text(told["name"], "the name of an input"),
        tuple(_list(told["shape"], "shape")),
        _text(told.get("dtype", "float32"), "dtype"),
        tuple(_text(one, "meaning") for one in _list(told.get("meaning", []), "meaning")),
    )


def _layer(raw: Any) -> Layer:
    told = _fields(raw, "a layer", ("id", "class", "inbound"), ("config",))
    config = told.get("config", {})
    if not isinstance(config, dict):
        raise NetworkError("the config of a layer must be an object")
    inbound = [_text(one, "inbound") for one in _list(told["inbound"], "inbound")]
    return Layer(
        _text(told["id"], "the id of a layer"), _text(told["class"], "class"), config, tuple(inbound)
    )


def _fields(raw: Any, what: str, needed: tuple[str, ...], further: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise NetworkError(f"{what} must be an object with {', '.join(needed)}")
    for name in needed:
        if name not in raw:
            raise NetworkError(f'{what} lacks "{name}"')
    known = [*needed, *further]
    for name in raw:
        if name not in known:
            raise NetworkError(
                f'{what} has an unknown "{shorten(str(name))}"; {did_you_mean(str(name), known)}'
            )
    return raw


def _list(raw: Any, what: str) -> list[Any]:
    if not isinstance(raw, list) or len(raw) > MAX_LAYERS:
        raise NetworkError(f"{what} must be a list of at most {MAX_LAYERS:,}")
    return raw


def _text(raw: Any, what: str) -> str:
    if not isinstance(raw, str):
        raise NetworkError(f"{what} must be a text, not {shorten(repr(raw), 40)}")
    return raw
