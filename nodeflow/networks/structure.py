"""Structure: a network as an immutable value, without weights. Its shapes are known without building it."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nodeflow.errors import did_you_mean, listing, shorten
from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import MOST
from nodeflow.networks.rule import Facts, Rule, Seen, Shape, Weight
from nodeflow.networks.rules import rule_of

FORMAT = 1
MAX_LAYERS = 10_000
DTYPES = ("float32", "float16", "bfloat16", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}")


@dataclass(frozen=True)
class NetworkInput:
    """An input of a network; its shape leaves out the axis of samples, None is a length that varies.

    `meaning` names the axes: "time", "feature", "height", "width", "channel".
    """

    name: str
    shape: Shape
    dtype: str = "float32"
    meaning: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.name, "input")
        object.__setattr__(self, "shape", tuple(self.shape))
        object.__setattr__(self, "meaning", tuple(self.meaning))
        for size in self.shape:
            if size is not None and (
                isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= MOST
            ):
                raise NetworkError(
                    f'input "{self.name}": each size of its shape must be a whole number from 1 to {MOST:,}, or null for '
                    f"a length that varies, not {shorten(repr(size), 40)}"
                )
        if len(self.shape) > 8:
            raise NetworkError(f'input "{self.name}": it has {len(self.shape)} axes, but 8 are the most')
        if self.dtype not in DTYPES:
            raise NetworkError(
                f'input "{self.name}": the type must be one of {", ".join(DTYPES)}, not "{shorten(str(self.dtype), 40)}"'
            )
        if self.meaning and len(self.meaning) != len(self.shape):
            raise NetworkError(
                f'input "{self.name}": {len(self.meaning)} meanings for {len(self.shape)} axes; give one for each'
            )


@dataclass(frozen=True)
class Layer:
    """A layer: its id, its kind by our name, all its options, and the ids of what goes into it.

    `config` may leave options out, which then get their defaults; it must not be changed.
    """

    id: str
    kind: str
    config: Mapping[str, Any] = field(hash=False)
    inbound: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_name(self.id, "layer")
        try:
            settings = rule_of(self.kind).settings(self.config)
        except NetworkError as error:
            raise self.fault(error) from None
        object.__setattr__(self, "config", settings)
        object.__setattr__(self, "inbound", tuple(self.inbound))

    @property
    def rule(self) -> Rule:
        """What is known of its kind."""
        return rule_of(self.kind)

    def fault(self, error: NetworkError) -> NetworkError:
        """The error with the layer named."""
        try:
            title = self.rule.title
        except NetworkError:
            title = "layer"
        return NetworkError(f'{title} "{self.id}" {_joined(str(error))}', self.id, error.option)

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data; options that few people change are left out at their default."""
        told = {
            option.name: self.config[option.name]
            for option in self.rule.all_options
            if not option.advanced or self.config[option.name] != option.read(option.default)
        }
        return {"id": self.id, "class": self.kind, "config": told, "inbound": list(self.inbound)}


def _joined(sentence: str) -> str:
    """A sentence without its subject as it follows the name of the layer."""
    verbs = ("needs", "cannot", "takes", "cuts", "must")
    return sentence if sentence.startswith(verbs) else f"does not fit: {sentence}"


def _check_name(name: object, what: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NetworkError(
            f'the name of {"an" if what == "input" else "a"} {what} must be 1 to 80 letters, digits, "_", "-" and ".", '
            f'not "{shorten(str(name), 40)}"'
        )


@dataclass(frozen=True)
class Structure:
    """A network: its inputs, its layers in an order in which they can be calculated, and its outputs.

    Example:
        Structure.of_shape((96, 3)).then("lstm", units=16).then("dense", units=1)
    """

    inputs: tuple[NetworkInput, ...]
    layers: tuple[Layer, ...]
    outputs: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("inputs", "layers", "outputs"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len(self.layers) > MAX_LAYERS:
            raise NetworkError(
                f"the network has {len(self.layers):,} layers, but {MAX_LAYERS:,} are the most"
            )
        known: set[str] = set()
        for one in self.inputs:
            if one.name in known:
                raise NetworkError(f'two inputs are called "{one.name}"; give one another name')
            known.add(one.name)
        if not known:
            raise NetworkError("the network has no input; begin with one")
        for layer in self.layers:
            if layer.id in known:
                raise NetworkError(
                    f'two layers or inputs are called "{layer.id}"; give one another name', layer.id
                )
            for before in layer.inbound:
                if before not in known:
                    raise NetworkError(
                        f'layer "{layer.id}" takes from "{shorten(str(before))}", which is no input and no layer before '
                        f"it; {did_you_mean(str(before), sorted(known))}",
                        layer.id,
                    )
            known.add(layer.id)
        for output in self.outputs:
            if output not in known:
                raise NetworkError(
                    f'there is no layer "{shorten(str(output))}" for an output; {did_you_mean(str(output), sorted(known))}'
                )
        if not self.outputs or len(set(self.outputs)) != len(self.outputs):
            raise NetworkError("the network needs at least one output, and each only once")

    @classmethod
    def of_shape(
        cls, shape: Shape, *, name: str = "x", dtype: str = "float32", meaning: tuple[str, ...] = ()
    ) -> Structure:
        """A network of one input that gives it as it is, to add layers to."""
        return cls((NetworkInput(name, shape, dtype, meaning),), (), (name,))

    def __hash__(self) -> int:
        return hash(self.digest)

    @functools.cached_property
    def digest(self) -> str:
        """A fingerprint: the same for the same network, SHA-256 of its canonical JSON."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def layer(self, id: str) -> Layer:
        """The layer of that id."""
        try:
            return self._by_id[id]
        except KeyError:
            raise NetworkError(
                f'there is no layer "{shorten(id)}"; {did_you_mean(id, list(self._by_id))}'
            ) from None

    @functools.cached_property
    def _by_id(self) -> dict[str, Layer]:
        return {layer.id: layer for layer in self.layers}

    # Making larger ones

    def then(self, kind: str, /, *, id: str = "", **config: Any) -> Structure:
        """The network with one more layer on its only output.

        Raises:
            NetworkError: it has several outputs, or an option of the layer is wrong.
        """
        if len(self.outputs) != 1:
            raise NetworkError(
                f"the network has {len(self.outputs)} outputs, {listing(self.outputs)}; say which the layer takes, or "
                "merge them first"
            )
        return self.with_layer(kind, config, self.outputs, id=id)

    def with_layer(
        self,
        kind: str,
        config: Mapping[str, Any],
        inbound: Iterable[str],
        *,
        id: str = "",
        outputs: Iterable[str] = (),
    ) -> Structure:
        """The network with one more layer that takes from those of `inbound`, by default its only output."""
        layer = Layer(id or self.free_id(kind), kind, config, tuple(inbound))
        made = Structure(self.inputs, (*self.layers, layer), tuple(outputs) or (layer.id,))
        known = self.__dict__.get("facts")
        if known is not None:  # a long chain made node by node is worked out once
            made.__dict__["facts"] = {**known, layer.id: _facts_of(layer, known)}
        return made

    def free_id(self, wanted: str) -> str:
        """The name, or the name with the first number that makes it a new one."""
        taken = {*self._by_id, *(one.name for one in self.inputs)}
        if wanted not in taken:
            return wanted
        number = 2
        while f"{wanted}_{number}" in taken:
            number += 1
        return f"{wanted}_{number}"

    def giving(self, *outputs: str) -> Structure:
        """The network with other outputs, and without the layers and inputs that they do not need."""
        needed = set(outputs)
        for layer in reversed(self.layers):
            if layer.id in needed:
                needed.update(layer.inbound)
        return Structure(
            tuple(one for one in self.inputs if one.name in needed),
            tuple(layer for layer in self.layers if layer.id in needed),
            outputs,
        )

    def with_config(self, id: str, **config: Any) -> Structure:
        """The network with other options of one layer."""
        old = self.layer(id)
        new = replace(old, config={**old.config, **config})
        return Structure(self.inputs, tuple(new if one is old else one for one in self.layers), self.outputs)

    # What is known without building it

    @functools.cached_property
    def facts(self) -> dict[str, Facts]:
        """Shape, dtype, mask and weights of each input and layer.

        Raises:
            NetworkError: a layer cannot take what it gets; the sentence names it and a way out.
        """
        known = {one.name: Facts(one.shape, one.dtype) for one in self.inputs}
        for layer in self.layers:
            known[layer.id] = _facts_of(layer, known)
        return known

    def shapes(self) -> dict[str, Shape]:
        """The shape of each input and layer, without the axis of samples; raises as `facts` does."""
        return {name: facts.shape for name, facts in self.facts.items()}

    def weights(self) -> Iterator[tuple[str, Weight]]:
        """The weights of all layers with their full names such as "dense/kernel", in order."""
        facts = self.facts
        for layer in self.layers:
            for weight in facts[layer.id].weights:
                yield f"{layer.id}/{weight.name}", weight

    def parameter_counts(self) -> dict[str, tuple[int, int]]:
        """For each layer how many numbers it learns, and how many it holds fixed."""
        counts = {}
        for layer in self.layers:
            weights = self.facts[layer.id].weights
            total = sum(one.size for one in weights)
            frozen = not layer.config.get("trainable", True)
            fixed = total if frozen else sum(one.size for one in weights if one.fixed)
            counts[layer.id] = (total - fixed, fixed)
        return counts

    def memory(self, batch: int = 64, *, length: int = 100) -> int:
        """About how many bytes training takes with batches of that size; `length` stands for lengths that vary."""
        from nodeflow.networks.resources import memory_of

        return memory_of(self, batch, length)

    def memory_of_layer(self, id: str, batch: int = 64, *, length: int = 100) -> int:
        """The share of one layer in `memory`."""
        from nodeflow.networks.resources import memory_of_layer

        return memory_of_layer(self, self.layer(id), batch, length)

    def fast_path(self, id: str, backend: str = "jax", device: str = "cpu") -> tuple[bool, str]:
        """Whether the backend has fast code for the layer on the device ("cpu" or "gpu"), and why."""
        from nodeflow.networks.resources import fast_path_of

        return fast_path_of(self, id, backend, device)

    # As JSON

    def to_data(self) -> dict[str, Any]:
        """The network as plain JSON data."""
        return {
            "nodeflow_network": FORMAT,
            "inputs": [
                {"name": one.name, "shape": list(one.shape), "dtype": one.dtype, "meaning": list(one.meaning)}
                for one in self.inputs
            ],
            "layers": [layer.to_data() for layer in self.layers],
            "outputs": list(self.outputs),
        }

    def to_json(self, *, indent: int | None = None) -> bytes:
        """Canonical JSON: the same network gives the same bytes; with `indent` in lines, for people."""
        separators = (",", ":") if indent is None else (",", ": ")
        data = self.to_data()
        return json.dumps(
            data, sort_keys=True, indent=indent, separators=separators, allow_nan=False
        ).encode()

    @classmethod
    def from_data(cls, data: Any) -> Structure:
        """The network of plain JSON data.

        Raises:
            NetworkError: it describes no network; the sentence says what is wrong.
        """
        from nodeflow.networks.reading import structure_of

        return structure_of(data)

    @classmethod
    def from_json(cls, text: bytes | str) -> Structure:
        """The network of a JSON text; raises as `from_data` does."""
        from nodeflow.networks.reading import parsed

        return cls.from_data(parsed(text))


def _facts_of(layer: Layer, known: Mapping[str, Facts]) -> Facts:
    try:
        return layer.rule.facts(layer.config, Seen(tuple(known[one] for one in layer.inbound), known))
    except NetworkError as error:
        raise layer.fault(error) from None
