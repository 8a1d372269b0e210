"""Attention: each step of a sequence gathers from all steps of another what fits it."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, Weight, known_size, shown
from nodeflow.networks.rules.common import USE_BIAS, share, size, tuning

_CAUSAL = Option(
    "use_causal_mask", "boolean", False, "Whether a step sees only itself and earlier ones.", advanced=True
)
_DROPOUT = share("dropout", 0.0, "The share of the weights of attention left out in training.", advanced=True)
_ADVICE = (
    "With one network connected it is self-attention; with two the first asks (query) and the second answers "
    "(value); a third one stands for what is compared (key)."
)


def _parts(seen: Seen) -> tuple[Shape, Shape, Shape]:
    """Query, value and key."""
    shapes = seen.shapes
    return shapes[0], shapes[min(1, len(shapes) - 1)], shapes[-1 if len(shapes) < 3 else 2]


def _shape(config: Config, seen: Seen) -> Shape:
    query, value, _ = _parts(seen)
    return (query[0], value[-1])


def _check(config: Config, seen: Seen) -> None:
    query, value, key = _parts(seen)
    _sequences(seen)
    if query[-1] != key[-1]:
        raise NetworkError(
            f"needs query and key with as many features, but gets {shown(query)} and {shown(key)}; put a Dense on one"
        )
    if value[0] != key[0]:
        raise NetworkError(f"needs value and key of one length, but gets {shown(value)} and {shown(key)}")


def _sequences(seen: Seen) -> None:
    for shape in seen.shapes[1:]:
        if len(shape) != 2:
            raise NetworkError(
                f"needs time x feature in all inputs, but gets {shown(shape)}; put a Reshape before it"
            )


def _attention_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    found = [Weight("scale", ())] if config["use_scale"] else []
    if config["score_mode"] == "concat":
        found.append(Weight("concat_score_weight", ()))
    return tuple(found)


def _additive_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    return (Weight("scale", (known_size(seen.shape, -1),)),) if config["use_scale"] else ()


def _heads_shape(config: Config, seen: Seen) -> Shape:
    query = seen.shapes[0]
    return (query[0], config["output_shape"] or query[-1])


def _heads_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    query, value, key = _parts(seen)
    heads, depth = config["num_heads"], config["key_dim"]
    depth_out = config["value_dim"] or depth
    features = config["output_shape"] or known_size(query, -1)
    found = []
    for name, shape, width in (("query", query, depth), ("key", key, depth), ("value", value, depth_out)):
        found.append(Weight(f"{name}_kernel", (known_size(shape, -1), heads, width)))
        if config["use_bias"]:
            found.append(Weight(f"{name}_bias", (heads, width)))
    found.append(Weight("attention_output_kernel", (heads, depth_out, features)))
    if config["use_bias"]:
        found.append(Weight("attention_output_bias", (features,)))
    return tuple(found)


def _heads_check(config: Config, seen: Seen) -> None:
    _sequences(seen)
    _, value, key = _parts(seen)
    if value[0] != key[0]:
        raise NetworkError(f"needs value and key of one length, but gets {shown(value)} and {shown(key)}")


def _rule(
    kind: str, keras: str, title: str, purpose: str, options: tuple[Option, ...], weights: Any, **more: Any
) -> Rule:
    return Rule(
        kind=kind,
        keras=keras,
        title=title,
        group="Attention",
        purpose=purpose,
        advice=_ADVICE,
        options=options,
        ranks=(2,),
        inputs=(1, 3),
        weights=weights,
        dtype="float",
        instead={
            1: "keep the steps: return_sequences in the layer before",
            3: "put a Reshape before it that makes one axis of places",
        },
        **{"shape": _shape, "check": _check, **more},
    )


RULES = (
    _rule(
        "attention",
        "Attention",
        "Attention",
        "Let each step gather from all steps those that fit it, by a product.",
        (
            Option("use_scale", "boolean", False, "Whether a learned number scales the fit."),
            Option("score_mode", "choice", "dot", "How the fit is measured.", choices=("dot", "concat"), advanced=True),
            _DROPOUT,
            _CAUSAL,
        ),
        _attention_weights,
        keywords=("luong", "query", "value", "transformer"),
    ),
    _rule(
        "additive_attention",
        "AdditiveAttention",
        "Additive Attention",
        "Let each step gather from all steps those that fit it, by a learned sum.",
        (Option("use_scale", "boolean", True, "Whether learned numbers scale the fit."), _DROPOUT, _CAUSAL),
        _additive_weights,
        keywords=("bahdanau", "query", "value"),
    ),
    _rule(
        "multi_head_attention",
        "MultiHeadAttention",
        "Multi-Head Attention",
        "Let each step gather from all steps in several ways at once.",
        (
            size("num_heads", 4, "In how many ways.", "Heads"),
            size("key_dim", 16, "How many numbers a query and a key have in each.", "Key size"),
            Option(
                "value_dim", "integer", None, "How many numbers a value has in each; empty for those of a key.",
                minimum=1, maximum=1 << 20, optional=True, advanced=True,
            ),
            _DROPOUT,
            _CAUSAL,
            USE_BIAS,
            Option(
                "output_shape", "integer", None, "How many features come out; empty for those of the query.",
                minimum=1, maximum=1 << 20, optional=True, advanced=True, label="Output features",
            ),
            *tuning(("kernel", "glorot_uniform"), ("bias", "zeros")),
        ),
        _heads_weights,
        shape=_heads_shape,
        check=_heads_check,
        keywords=("transformer", "self-attention", "query", "key", "value"),
    ),
)  # fmt: skip
