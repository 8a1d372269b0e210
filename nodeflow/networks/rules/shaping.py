"""Layers that only move numbers to other places."""

from __future__ import annotations

import math

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import MOST, Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, known_size, shown


def _flatten(config: Config, seen: Seen) -> Shape:
    if None in seen.shape:
        return (None,)
    return (math.prod(size for size in seen.shape if size is not None),)


def _reshape(config: Config, seen: Seen) -> Shape:
    wanted: list[int] = config["target_shape"]
    if wanted.count(-1) > 1:
        raise NetworkError("only one size can be -1, which stands for what is left over")
    rest = math.prod(size for size in wanted if size != -1)
    if None in seen.shape:
        return tuple(None if size == -1 else size for size in wanted)
    total = math.prod(size for size in seen.shape if size is not None)
    if -1 not in wanted:
        if rest != total:
            raise NetworkError(
                f"cannot make {' x '.join(map(str, wanted))} = {rest:,} numbers out of {total:,}, {shown(seen.shape)}; "
                "write -1 for one of the sizes"
            )
        return tuple(wanted)
    if rest == 0 or total % rest:
        raise NetworkError(
            f"cannot part {total:,} numbers, {shown(seen.shape)}, into groups of {rest:,}; change the target shape"
        )
    return tuple(total // rest if size == -1 else size for size in wanted)


def _permute(config: Config, seen: Seen) -> Shape:
    order: list[int] = config["dims"]
    if sorted(order) != list(range(1, len(seen.shape) + 1)):
        axes = ", ".join(map(str, range(1, len(seen.shape) + 1)))
        raise NetworkError(f"its order must name the axes {axes} once each, as it gets {shown(seen.shape)}")
    return tuple(seen.shape[axis - 1] for axis in order)


def _repeat(config: Config, seen: Seen) -> Shape:
    return (config["n"], known_size(seen.shape, -1))


RULES = (
    Rule(
        kind="flatten",
        keras="Flatten",
        title="Flatten",
        group="Shape",
        purpose="Put all numbers of a sample into one row of features.",
        shape=_flatten,
        mask="ends",
        keywords=("vector", "ravel"),
    ),
    Rule(
        kind="reshape",
        keras="Reshape",
        title="Reshape",
        group="Shape",
        purpose="Put the numbers of a sample into another shape, in the same order.",
        options=(
            Option(
                "target_shape", "integers", [-1], "The sizes of the axes; -1 is what is left over.",
                minimum=-1, maximum=MOST,
            ),
        ),
        shape=_reshape,
        check=lambda config, seen: _no_zero(config),
        mask="ends",
        keywords=("axes", "dimensions"),
    ),
    Rule(
        kind="permute",
        keras="Permute",
        title="Permute",
        group="Shape",
        purpose="Put the axes of a sample into another order.",
        options=(
            Option(
                "dims", "integers", [2, 1], "The axes, counted from 1, in their new order.", minimum=1, maximum=8
            ),
        ),
        shape=_permute,
        mask="ends",
        keywords=("transpose", "axes", "swap"),
    ),
    Rule(
        kind="repeat_vector",
        keras="RepeatVector",
        title="Repeat Vector",
        group="Shape",
        purpose="Make a sequence that has the same features at each step.",
        advice="It stands between the encoder and the decoder of a sequence autoencoder.",
        options=(Option("n", "integer", 10, "How many steps.", minimum=1, maximum=MOST, label="Steps"),),
        ranks=(1,),
        shape=_repeat,
        mask="ends",
        instead={2: "give only the last step: return_sequences off in the layer before", 3: "put a Flatten before it"},
        keywords=("sequence autoencoder", "decoder"),
    ),
)  # fmt: skip


def _no_zero(config: Config) -> None:
    if 0 in config["target_shape"]:
        raise NetworkError("no axis can have the size 0; write -1 for what is left over")
