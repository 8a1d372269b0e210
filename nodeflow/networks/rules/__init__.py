"""The table of layer rules, a file a group."""

from __future__ import annotations

from nodeflow.errors import did_you_mean, shorten
from nodeflow.networks.faults import NetworkError
from nodeflow.networks.rule import Rule
from nodeflow.networks.rules import (
    attention,
    convolution,
    core,
    merging,
    noise,
    normalising,
    pooling,
    recurrent,
    shaping,
)

RULES: dict[str, Rule] = {
    rule.kind: rule
    for group in (
        core, convolution, pooling, recurrent, shaping, noise, normalising, attention, merging,
    )
    for rule in group.RULES
}  # fmt: skip
"""The rules by kind."""


def rule_of(kind: str) -> Rule:
    """The rule of a kind of layer; raises `NetworkError` with the nearest names."""
    try:
        return RULES[kind]
    except (KeyError, TypeError):
        text = shorten(str(kind))
        raise NetworkError(f'there is no layer "{text}"; {did_you_mean(text, list(RULES))}') from None
