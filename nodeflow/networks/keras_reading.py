"""A network out of the configuration of a Keras model: layer by layer by the table of rules, running nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeflow.errors import shorten
from nodeflow.networks.faults import NetworkError
from nodeflow.networks.keras_form import CONSTRAINTS, INITIALIZERS, NUMBER_OF, PACKAGE, RECURRENT
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Rule
from nodeflow.networks.rules import RULES
from nodeflow.networks.structure import Layer, NetworkInput, Structure

_KINDS = {rule.keras: rule.kind for rule in RULES.values() if rule.keras} | {"CRFHead": "crf_head"}
_OWN = ("PeepholeLSTMCell", "ForgetBias", "CRFHead")
"""Our own classes, as Keras knows them when `nodeflow_nodes` has registered them."""
_MODULES = (
    "keras.layers",
    "keras.src.models.functional",
    "keras.src.models.sequential",
    "keras",
    "keras.models",
)
_CODE = {
    "Lambda": "a Lambda layer holds Python code",
    "TFSMLayer": "a TFSMLayer runs a program of TensorFlow",
    "TorchModuleWrapper": "a TorchModuleWrapper holds a program of PyTorch",
    "JaxLayer": "a JaxLayer holds Python code",
    "FlaxLayer": "a FlaxLayer holds Python code",
}
_OF_MASKS = ("NotEqual", "Any")
"""Operations by which Keras writes down how masks are made; ours are made anew."""
_IDLE = {
    "name", "dtype", "seed", "trainable", "zero_output_for_mask", "implementation", "use_cudnn", "batch_input_shape",
    "data_format", "input_length", "sparse", "layer", "backward_layer", "cell", "merge_mode", "go_backwards",
    "unit_forget_bias", "return_state", "supports_masking", "build_config",
}  # fmt: skip
"""Options that change nothing here, or are looked at by themselves."""
_USUAL: dict[str, tuple[Any, ...]] = {
    "attention_axes": ([1],),
    "renorm_momentum": (0.99,),
    "axis": (-1, [-1]),
    "dilation_rate": (1, [1], [1, 1]),
}
"""Values of options that nodeflow does not have which say what it does."""
_TENSOR = "__keras_tensor__"


def structure_of_keras(data: Any) -> Structure:
    """The network of a config.json.

    Raises:
        NetworkError: it holds a layer that nodeflow does not know, code, or anything that is not plainly a network.
    """
    try:
        name, config = _object(data, "the model")
        if name == "Sequential":
            return _sequential(config)
        if name == "Functional":
            return _functional(config)
    except NetworkError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        told = shorten(str(error) or type(error).__name__, 100)
        raise NetworkError(f"the model is not described as Keras does it: {told}") from None
    raise NetworkError(
        f'the model is a "{shorten(name)}"; only Sequential and Functional models are described by their layers'
    )


def _object(data: Any, what: str) -> tuple[str, dict[str, Any]]:
    """The class and config of an object, which must be of Keras itself or one of ours."""
    if not isinstance(data, dict) or not isinstance(data.get("class_name"), str):
        raise NetworkError(f"{what} is not described as Keras does it")
    name: str = data["class_name"]
    told = shorten(str(data.get("name") or (data.get("config") or {}).get("name") or name), 60)
    if name in _CODE:
        raise NetworkError(f'layer "{told}" is refused: {_CODE[name]}, which nodeflow never runs from a file')
    module, registered = data.get("module"), data.get("registered_name")
    is_ours = name in _OWN and registered == f"{PACKAGE}>{name}"
    if not is_ours and (module not in _MODULES or registered not in (None, name)):
        raise NetworkError(
            f'"{told}" is refused: it is a class "{shorten(name, 40)}" of "{shorten(str(registered or module), 60)}", '
            "not of Keras itself"
        )
    config = data.get("config")
    if not isinstance(config, dict):
        raise NetworkError(f'"{told}" has no config')
    return name, config


def _sequential(config: Mapping[str, Any]) -> Structure:
    inputs: list[NetworkInput] = []
    layers: list[Layer] = []
    last = ""
    for raw in config["layers"]:
        name, settings = _object(raw, "a layer")
        if name == "InputLayer":
            inputs.append(_input(settings))
            last = inputs[-1].name
            continue
        if not last:
            raise NetworkError(
                "the model does not say the shape of its input; add an Input layer to it, and save it again"
            )
        layers.append(_layer(raw, name, settings, (last,), {}))
        last = layers[-1].id
    return Structure(tuple(inputs), tuple(layers), (last,))


def _functional(config: Mapping[str, Any]) -> Structure:
    inputs: dict[str, NetworkInput] = {}
    layers: list[Layer] = []
    for raw in config["layers"]:
        if raw.get("class_name") in _OF_MASKS and raw.get("module") == "keras.src.ops.numpy":
            continue
        name, settings = _object(raw, "a layer")
        if name == "InputLayer":
            one = _input(settings)
            inputs[one.name] = one
            continue
        nodes = raw["inbound_nodes"]
        if not isinstance(nodes, list) or len(nodes) != 1:
            raise NetworkError(
                f'layer "{shorten(str(raw.get("name")))}" is used {len(nodes)} times; nodeflow has layers that are used once'
            )
        inbound, more = _inbound(nodes[0], str(raw.get("name")))
        layers.append(_layer(raw, name, settings, inbound, more))
    starts = [inputs[one] for one in _ends(config["input_layers"])]
    return Structure(tuple(starts), tuple(layers), tuple(_ends(config["output_layers"])))


def _ends(raw: Any) -> list[str]:
    many = raw if raw and isinstance(raw[0], list) else [raw]
    return [str(one[0]) for one in many]


def _input(config: Mapping[str, Any]) -> NetworkInput:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if not isinstance(shape, list) or not shape:
        raise NetworkError("an input does not say its shape")
    return NetworkInput(config["name"], tuple(shape[1:]), config.get("dtype") or "float32")


def _inbound(node: Any, name: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The ids a layer takes from, and options that stand in its call."""
    kwargs = dict(node.get("kwargs") or {})
    found = [*_tensors(node["args"])]
    for argument in ("query", "value", "key", "initial_state"):
        found += _tensors(kwargs.pop(argument, []))
    options = {}
    if kwargs.pop("use_causal_mask", False):
        options["use_causal_mask"] = True
    for argument in ("mask", "training", "query_mask", "value_mask", "key_mask"):
        kwargs.pop(argument, None)
    strange = [one for one, value in kwargs.items() if value not in (None, False)]
    if strange:
        raise NetworkError(
            f'layer "{shorten(name)}" is called with "{shorten(strange[0])}", which nodeflow does not know'
        )
    return tuple(found), options


def _tensors(raw: Any) -> list[str]:
    if isinstance(raw, dict) and raw.get("class_name") == _TENSOR:
        history = raw["config"]["keras_history"]
        if history[1:] != [0, 0]:
            raise NetworkError(
                f'something is taken from another than the first output of "{shorten(str(history[0]))}", as from the states '
                "of a recurrent layer; nodeflow has layers of one output"
            )
        return [str(history[0])]
    if isinstance(raw, list):
        return [one for each in raw for one in _tensors(each)]
    if raw is None:
        return []
    raise NetworkError(f"a layer takes {shorten(repr(raw), 40)}, which is no tensor")


def _layer(
    raw: Any, name: str, config: Mapping[str, Any], inbound: tuple[str, ...], more: dict[str, Any]
) -> Layer:
    id = str(config.get("name") or raw.get("name"))
    own: dict[str, Any] = dict(more)
    if name == "Bidirectional":
        inner, settings = _object(config["layer"], f'the layer within "{id}"')
        own |= {"direction": "both", "merge_mode": config.get("merge_mode") or "none"}
        _check_backward(config, settings, id)
    elif name == "TimeDistributed":
        inner, settings = _object(config["layer"], f'the layer within "{id}"')
        if inner != "Dense":
            raise NetworkError(
                f'layer "{id}" puts a {shorten(inner)} on each step; nodeflow does so with Dense only'
            )
        inner = "TimeDistributed"
    else:
        inner, settings = name, dict(config)
    if inner == "RNN":
        cell, in_cell = _object(settings["cell"], f'the cell of "{id}"')
        if cell != "PeepholeLSTMCell":
            raise NetworkError(f'layer "{id}" has the cell {shorten(cell)}, which nodeflow does not know')
        inner, settings = "LSTM", {**settings, **in_cell, "name": id}
        own["peephole"] = True
    kind = _KINDS.get(inner)
    if kind is None:
        raise NetworkError(
            f'layer "{shorten(id)}" is a {shorten(inner, 40)}, which nodeflow has no layer for'
        )
    if kind in RECURRENT:
        if settings.get("go_backwards") and "direction" not in own:
            own["direction"] = "backward"
        if kind == "lstm":
            own["forget_bias"] = 1.0 if settings.get("unit_forget_bias", True) else 0.0
        if settings.get("return_state"):
            raise NetworkError(f'layer "{id}" gives its states as well; nodeflow has layers of one output')
    if settings.get("data_format") not in (None, "channels_last"):
        raise NetworkError(f'layer "{id}" has channels first; nodeflow has them last')
    if "pool_size" in settings and settings.get("strides") == settings["pool_size"]:
        settings = {**settings, "strides": None}
    if kind == "multi_head_attention" and settings.get("value_dim") == settings.get("key_dim"):
        settings = {**settings, "value_dim": None}
    rule = RULES[kind]
    own |= _options(rule, settings, id)
    if rule.has_weights:
        own["trainable"] = config.get("trainable") is not False
    if rule.group == "Attention" and len(inbound) == 2 and inbound[0] == inbound[1]:
        inbound = inbound[:1]
    return Layer(id, kind, own, inbound)


def _check_backward(config: Mapping[str, Any], forward: Mapping[str, Any], id: str) -> None:
    """Both directions must be of one kind."""
    if config.get("backward_layer") is None:
        return
    _, backward = _object(config["backward_layer"], f'the layer within "{id}"')
    for name in {*forward, *backward} - (_IDLE - {"cell", "unit_forget_bias"}):
        if _told(forward.get(name)) != _told(backward.get(name)):
            raise NetworkError(f'layer "{id}" has two directions of different kinds; nodeflow has equal ones')


def _told(value: Any) -> Any:
    """What is said of an object, without the numbers by which Keras knows it again."""
    if not isinstance(value, dict):
        return value
    return {name: _told(one) for name, one in value.items() if name not in ("shared_object_id", "name")}


def _options(rule: Rule, settings: Mapping[str, Any], id: str) -> dict[str, Any]:
    known = {option.name: option for option in rule.options}
    found = {}
    for name, value in settings.items():
        option = known.get(name)
        if option is not None and name not in ("trainable", "merge_mode"):
            found[name] = _value(option, value, id)
        elif (
            name not in _IDLE
            and not name.endswith("_initializer")
            and value not in (None, False, *_USUAL.get(name, ()))
        ):
            raise NetworkError(
                f'layer "{shorten(id)}" has the option {shorten(name, 40)}={shorten(repr(value), 40)}, which nodeflow does '
                "not know"
            )
    return found


def _value(option: Option, value: Any, id: str) -> Any:
    if option.name == "output_shape" and isinstance(value, list):
        return value[0] if len(value) == 1 else value
    if not isinstance(value, dict):
        if option.kind == "integer" and isinstance(value, list) and len(value) == 1:
            return value[0]
        return value
    if option.kind == "choice":
        raise NetworkError(
            f'layer "{shorten(id)}": {option.name} is an object of its own, which nodeflow does not know'
        )
    name, config = str(value.get("class_name")), value.get("config") or {}
    if value.get("registered_name") not in (None, name) and option.kind != "initializer":
        raise NetworkError(
            f'layer "{shorten(id)}": {option.name} is of a foreign class, which is never loaded'
        )
    if option.kind == "initializer":  # start values matter no more: weights come with the file
        return _initializer(option, name, config)
    if option.kind == "regularizer" and name in ("L1L2", "L1", "L2"):
        return {way: float(config.get(way) or 0) for way in ("l1", "l2")}
    constraints = {keras: ours for ours, keras in CONSTRAINTS.items()}
    if option.kind == "constraint" and name in constraints:
        number = config.get("max_value")
        return (
            f"max_norm({float(number):.12g})"
            if constraints[name] == "max_norm" and number
            else constraints[name]
        )
    raise NetworkError(
        f'layer "{shorten(id)}" has the {option.name} {shorten(name, 40)}, which nodeflow does not know'
    )


def _initializer(option: Option, name: str, config: Mapping[str, Any]) -> Any:
    ours = {keras: own for own, keras in INITIALIZERS.items()}.get(name)
    if ours is None:
        return option.default
    number = config.get(NUMBER_OF.get(ours, ""))
    if number is None or (ours == "random_uniform" and config.get("minval") != -number):
        return ours
    usual = {
        "orthogonal": 1.0,
        "identity": 1.0,
        "random_normal": 0.05,
        "random_uniform": 0.05,
        "truncated_normal": 0.05,
    }
    return ours if usual.get(ours) == number else f"{ours}({float(number):.12g})"
