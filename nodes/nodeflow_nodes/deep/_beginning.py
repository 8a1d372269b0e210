"""How a network begins: with an input for arrays of tensors, or of a given shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nodeflow.errors import did_you_mean, listing
from nodeflow.networks import NetworkError, NetworkInput, Structure

if TYPE_CHECKING:
    from nodeflow.values.tensor_specs import TensorsSpec

_TYPES = {"uint16": "int32", "uint32": "int64", "uint64": "int64"}


def inputs_of(spec: TensorsSpec) -> tuple[NetworkInput, ...]:
    """The inputs of a network that takes these tensors."""
    found = []
    for name in spec.inputs:
        array = spec.arrays[name]
        meaning = array.axes if len(array.axes) == len(array.shape) else ()
        found.append(NetworkInput(name, array.shape, _TYPES.get(array.dtype, array.dtype), meaning))
    return tuple(found)


def begun(
    spec: TensorsSpec | None, shape: Sequence[int], dtype: str, name: str, array: str = ""
) -> Structure:
    """A network without layers, for tensors or for a shape in which -1 stands for a length that varies.

    Raises:
        NetworkError: the tensors have several inputs and none is chosen, or not that one.
    """
    if spec is None:
        sizes = tuple(None if size == -1 else size for size in shape)
        return Structure.of_shape(sizes, name=name or "x", dtype=dtype)
    inputs = inputs_of(spec)
    if array and array not in spec.inputs:
        raise NetworkError(
            f'the tensors have no input "{array}"; {did_you_mean(array, list(spec.inputs))}', option="array"
        )
    chosen = [one for one in inputs if array in ("", one.name)]
    if len(chosen) != 1:
        raise NetworkError(
            f"the tensors have {len(inputs)} inputs, {listing(spec.inputs)}; say which one it is, and take a Network "
            "Input for each",
            option="array",
        )
    return Structure(tuple(chosen), (), (chosen[0].name,))
