"""Layers that bring numbers to one scale within the network."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Weight, known_size, shown
from nodeflow.networks.rules.common import tuning

_AXIS = Option(
    "axis",
    "integer",
    -1,
    "The axis of features, counted from 1, or back from -1.",
    minimum=-8,
    maximum=8,
    advanced=True,
)
_CENTRE = Option("center", "boolean", True, "Whether a learned number is added.", advanced=True)
_SCALE = Option("scale", "boolean", True, "Whether it is multiplied by a learned number.", advanced=True)
_TUNING = tuning(("gamma", "ones"), ("beta", "zeros"))


def _epsilon(default: float) -> Option:
    return Option(
        "epsilon", "number", default, "What is added to the variance, against division by zero.", minimum=0, maximum=1e3,
        advanced=True,
    )  # fmt: skip


def _features(config: Config, seen: Seen) -> int:
    axis = config.get("axis", -1)
    if axis == 0 or not -len(seen.shape) <= axis <= len(seen.shape):
        raise NetworkError(
            f"axis {axis} is not there: it gets {shown(seen.shape)}; count from 1, or back from -1"
        )
    return known_size(seen.shape, axis - 1 if axis > 0 else axis, "the axis of features")


def _weights_of(*, moving: bool = False) -> Any:
    def weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
        count = (_features(config, seen),)
        found = []
        if config.get("scale", True):
            found.append(Weight("gamma", count))
        if config.get("center", True):
            found.append(Weight("beta", count))
        if moving:
            found += [Weight("moving_mean", count, fixed=True), Weight("moving_variance", count, fixed=True)]
        return tuple(found)

    return weights


def _check(config: Config, seen: Seen) -> None:
    _features(config, seen)


def _group_check(config: Config, seen: Seen) -> None:
    count, groups = _features(config, seen), config["groups"]
    if count % groups:
        raise NetworkError(
            f"its {groups} groups must divide the {count} features that come in; change the groups"
        )


def _rms_weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
    return (Weight("scale", (_features(config, seen),)),)


def _rule(kind: str, keras: str, title: str, purpose: str, options: tuple[Option, ...], **more: Any) -> Rule:
    return Rule(
        kind=kind,
        keras=keras,
        title=title,
        group="Normalisation",
        purpose=purpose,
        options=options,
        dtype="float",
        **{"check": _check, **more},
    )


RULES = (
    _rule(
        "batch_normalization",
        "BatchNormalization",
        "Batch Normalization",
        "Bring each feature to mean 0 and standard deviation 1 over the samples of a batch.",
        (
            Option(
                "momentum", "number", 0.99, "How slowly the running mean follows; that one is used for predictions.",
                minimum=0, below=1,
            ),
            _epsilon(1e-3), _AXIS, _CENTRE, _SCALE, *_TUNING,
        ),
        weights=_weights_of(moving=True),
        keywords=("batchnorm", "standardise"),
    ),
    _rule(
        "layer_normalization",
        "LayerNormalization",
        "Layer Normalization",
        "Bring the features of each sample and step to mean 0 and standard deviation 1.",
        (_epsilon(1e-3), _AXIS, _CENTRE, _SCALE, *_TUNING),
        weights=_weights_of(),
        keywords=("layernorm", "transformer"),
    ),
    _rule(
        "group_normalization",
        "GroupNormalization",
        "Group Normalization",
        "Bring groups of features of each sample to mean 0 and standard deviation 1.",
        (
            Option("groups", "integer", 1, "How many groups; they divide the features.", minimum=1, maximum=100_000),
            _epsilon(1e-3), _CENTRE, _SCALE, *_TUNING,
        ),
        weights=_weights_of(),
        check=_group_check,
        ranks=(2, 3, 4),
        instead={1: "take Layer Normalization"},
        keywords=("small batches",),
    ),
    _rule(
        "rms_normalization",
        "RMSNormalization",
        "RMS Normalization",
        "Bring the root mean square of the features of each sample and step to 1.",
        (_epsilon(1e-6),),
        weights=_rms_weights,
        keywords=("transformer",),
    ),
    _rule(
        "unit_normalization",
        "UnitNormalization",
        "Unit Normalization",
        "Bring the features of each sample and step to the length 1.",
        (),
        keywords=("l2 norm", "cosine"),
    ),
)  # fmt: skip
