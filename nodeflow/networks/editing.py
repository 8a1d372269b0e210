"""Making networks out of networks: joining several, freezing layers, cutting a piece out."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nodeflow.errors import did_you_mean
from nodeflow.networks.faults import NetworkError
from nodeflow.networks.rule import shown
from nodeflow.networks.structure import Layer, NetworkInput, Structure

Renamed = dict[str, str]
"""The new id of each input and layer of one of the networks that were joined."""


def joined(structures: Sequence[Structure]) -> tuple[Structure, list[Renamed]]:
    """Networks side by side, with all their outputs in order, and how the layers of each are called now.

    Inputs of one name are one input. Layers that are the same in name, options and all that goes into them are one
    layer; others of the same name get a new one.

    Raises:
        NetworkError: inputs of one name are not alike.
    """
    inputs: dict[str, NetworkInput] = {}
    layers: dict[str, Layer] = {}
    renames: list[Renamed] = []
    outputs: list[str] = []
    for structure in structures:
        names: Renamed = {}
        for one in structure.inputs:
            known = inputs.setdefault(one.name, one)
            if (known.shape, known.dtype) != (one.shape, one.dtype):
                raise NetworkError(
                    f'both networks have an input "{one.name}", but one takes {shown(known.shape)} of {known.dtype} and '
                    f"the other {shown(one.shape)} of {one.dtype}; give one of them another name"
                )
            names[one.name] = one.name
        for layer in structure.layers:
            moved = _renamed(layer, names, layer.id)
            if layers.get(moved.id, moved) != moved or moved.id in inputs:
                moved = replace(
                    moved, id=_free(layer.id, {*layers, *inputs, *(one.id for one in structure.layers)})
                )
            layers[moved.id] = moved
            names[layer.id] = moved.id
        renames.append(names)
        outputs += [names[one] for one in structure.outputs if names[one] not in outputs]
    return Structure(tuple(inputs.values()), tuple(layers.values()), tuple(outputs)), renames


def _free(name: str, taken: Container[str]) -> str:
    return next(f"{name}_{number}" for number in itertools.count(2) if f"{name}_{number}" not in taken)


def _renamed(layer: Layer, names: Mapping[str, str], id: str) -> Layer:
    config = layer.config
    if "tied_to" in config:
        config = {**config, "tied_to": names.get(config["tied_to"], config["tied_to"])}
    return Layer(id, layer.kind, config, tuple(names[one] for one in layer.inbound))


def with_merged(
    structures: Sequence[Structure], kind: str, config: Mapping[str, Any], *, id: str = ""
) -> tuple[Structure, list[Renamed]]:
    """Networks of one output each, joined by a layer that takes them in this order.

    Raises:
        NetworkError: a network has several outputs, two end in the same layer, or they do not fit.
    """
    for structure in structures:
        if len(structure.outputs) != 1:
            raise NetworkError(
                f"a network with {len(structure.outputs)} outputs cannot be merged; cut it to one first"
            )
    whole, renames = joined(structures)
    ends = [names[one.outputs[0]] for one, names in zip(structures, renames, strict=True)]
    twice = next((end for end in ends if ends.count(end) > 1), None)
    if twice is not None:
        raise NetworkError(
            f'two of the networks end in the same "{twice}", so they are one; give one of the two layers a name of its '
            "own, so that each has weights of its own",
            twice,
        )
    return whole.with_layer(kind, config, ends, id=id), renames


def frozen(structure: Structure, ids: Sequence[str], *, trainable: bool = False) -> Structure:
    """The network with these layers frozen, or free to learn again; layers without weights stay as they are."""
    for id in ids:
        structure.layer(id)
    layers = tuple(
        replace(one, config={**one.config, "trainable": trainable})
        if one.id in ids and "trainable" in one.config
        else one
        for one in structure.layers
    )
    return Structure(structure.inputs, layers, structure.outputs)


def cut(structure: Structure, start: str = "", end: str = "") -> Structure:
    """The piece of a network from after `start` to `end`; empty for from its inputs, to its outputs.

    What `start` gives becomes the input of the piece, under its name.

    Raises:
        NetworkError: there are no such layers, or the end needs more than the start.
    """
    names = [*(one.name for one in structure.inputs), *(one.id for one in structure.layers)]
    for one in (start, end):
        if one and one not in names:
            raise NetworkError(f'there is no layer "{one}"; {did_you_mean(one, names)}')
    outputs = (end,) if end else structure.outputs
    if not start:
        return structure.giving(*outputs)
    missing = next((one for one in outputs if one == start or not _reaches(structure, start, one)), None)
    if missing is not None:
        raise NetworkError(
            f'"{missing}" does not come after "{start}"; choose a later end, or an earlier start'
        )
    facts = structure.facts[start]
    begin = NetworkInput(start, facts.shape, facts.dtype)
    needed, known = set(outputs), {start}
    for layer in reversed(structure.layers):
        if layer.id in needed and layer.id != start:
            needed.update(layer.inbound)
            if "tied_to" in layer.config and layer.config["tied_to"] not in names[names.index(start) + 1 :]:
                raise NetworkError(
                    f'layer "{layer.id}" uses the weights of "{layer.config["tied_to"]}", which is cut off; cut elsewhere',
                    layer.id,
                )
    layers = []
    for layer in structure.layers:
        if layer.id not in needed or layer.id == start or layer.id in known:
            continue
        beyond = next((one for one in layer.inbound if one not in known), None)
        if beyond is None:
            layers.append(layer)
            known.add(layer.id)
        elif layer.id in outputs or _reaches(structure, start, layer.id):
            raise NetworkError(
                f'layer "{layer.id}" also needs "{beyond}", which is cut off; cut where one branch runs'
            )
    return Structure((begin,), tuple(layers), outputs)


def _reaches(structure: Structure, start: str, end: str) -> bool:
    """Whether what a layer gives flows into another."""
    found = {start}
    for layer in structure.layers:
        if found.intersection(layer.inbound):
            found.add(layer.id)
    return end in found
