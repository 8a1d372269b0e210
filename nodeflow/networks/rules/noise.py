"""Layers that disturb training so that a network generalises, and penalties."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.option import Option
from nodeflow.networks.rule import Rule
from nodeflow.networks.rules.common import share
from nodeflow.networks.rules.convolution import INSTEAD

_ONLY = "It works in training only, and leaves predictions alone."


def _rule(kind: str, keras: str, title: str, purpose: str, option: Option, **more: Any) -> Rule:
    advice = more.pop("advice", "")
    return Rule(
        kind=kind,
        keras=keras,
        title=title,
        group="Regularisation",
        purpose=purpose,
        advice=f"{advice} {_ONLY}".strip(),
        options=(option,),
        **more,
    )


RULES = (
    _rule(
        "dropout",
        "Dropout",
        "Dropout",
        "Set a random share of the numbers to zero in training, and enlarge the others to match.",
        share("rate", 0.5, "The share that is set to zero."),
        keywords=("overfitting", "regularisation"),
    ),
    _rule(
        "spatial_dropout1d",
        "SpatialDropout1D",
        "Spatial Dropout 1D",
        "Set whole features of a sequence to zero at random in training.",
        share("rate", 0.2, "The share of features that is set to zero."),
        ranks=(2,),
        instead=INSTEAD[1],
        keywords=("overfitting", "embedding"),
    ),
    _rule(
        "spatial_dropout2d",
        "SpatialDropout2D",
        "Spatial Dropout 2D",
        "Set whole channels of a picture to zero at random in training.",
        share("rate", 0.2, "The share of channels that is set to zero."),
        ranks=(3,),
        instead=INSTEAD[2],
        keywords=("overfitting", "cnn"),
    ),
    _rule(
        "alpha_dropout",
        "AlphaDropout",
        "Alpha Dropout",
        "Leave numbers out at random so that mean and spread stay as they are.",
        share("rate", 0.1, "The share that is left out."),
        advice="It belongs to the activation selu with the initialiser lecun_normal.",
        keywords=("selu", "self-normalising"),
    ),
    _rule(
        "gaussian_noise",
        "GaussianNoise",
        "Gaussian Noise",
        "Add normally distributed noise in training.",
        Option("stddev", "number", 0.1, "The standard deviation of the noise.", minimum=0, maximum=1e6),
        advice="Put first in an autoencoder it makes a denoising one.",
        keywords=("denoising", "augmentation"),
    ),
    _rule(
        "gaussian_dropout",
        "GaussianDropout",
        "Gaussian Dropout",
        "Multiply by normally distributed noise around 1 in training.",
        share("rate", 0.5, "How strong, as the rate of a dropout that disturbs as much."),
        keywords=("overfitting", "regularisation"),
    ),
    Rule(
        kind="activity_regularization",
        keras="ActivityRegularization",
        title="Activity Regularization",
        group="Regularisation",
        purpose="Add a penalty on large outputs to the loss, and leave the numbers as they are.",
        advice="On the code of an autoencoder l1 makes it sparse.",
        options=(
            Option("l1", "number", 0.0, "The penalty on the sizes.", minimum=0, maximum=1e9),
            Option("l2", "number", 0.0, "The penalty on the squares.", minimum=0, maximum=1e9),
        ),
        keywords=("sparse", "penalty"),
    ),
)
