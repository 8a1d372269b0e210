"""Layers that make one out of several branches."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, shown


def _broadcast(config: Config, seen: Seen) -> Shape:
    """The shape of what is calculated place by place; a size of 1 goes with any."""
    result = seen.shapes[0]
    for shape in seen.shapes[1:]:
        longer, shorter = (result, shape) if len(result) >= len(shape) else (shape, result)
        sizes: list[int | None] = list(longer[: len(longer) - len(shorter)])
        for one, two in zip(longer[len(longer) - len(shorter) :], shorter, strict=True):
            if one == 1:
                sizes.append(two)
            elif two in (1, one) or None in (one, two):
                sizes.append(None if None in (one, two) and two != 1 else one)
            else:
                raise NetworkError(
                    f"needs inputs of one shape, but gets {shown(result)} and {shown(shape)}; bring them to one shape, "
                    "by a Dense for the features or a Concatenate"
                )
        result = tuple(sizes)
    return result


def _same_rank(config: Config, seen: Seen) -> None:
    ranks = {len(shape) for shape in seen.shapes}
    if len(ranks) > 1:
        told = " and ".join(shown(shape) for shape in seen.shapes)
        raise NetworkError(
            f"needs inputs with as many axes each, but gets {told}; put a Reshape or Flatten on one"
        )


def _concatenated(config: Config, seen: Seen) -> Shape:
    axis = config["axis"]
    rank = len(seen.shape)
    if axis == 0 or not -rank <= axis <= rank:
        raise NetworkError(
            f"axis {axis} is not there: it gets {shown(seen.shape)}; count from 1, or back from -1"
        )
    place = axis - 1 if axis > 0 else rank + axis
    sizes: list[int | None] = list(seen.shape)
    for shape in seen.shapes[1:]:
        for other in range(rank):
            one, two = sizes[other], shape[other]
            if other == place:
                sizes[other] = None if one is None or two is None else one + two
            elif one is None or two is None:
                sizes[other] = one if two is None else two
            elif one != two:
                raise NetworkError(
                    f"needs inputs alike but for axis {axis}, but gets {shown(seen.shape)} and {shown(shape)}; choose "
                    "another axis, or bring them to one length"
                )
    return tuple(sizes)


def _dot(config: Config, seen: Seen) -> Shape:
    left, right = seen.shapes
    axes = config["axes"]
    one, two = axes if len(axes) == 2 else axes * 2
    for axis, shape in ((one, left), (two, right)):
        if axis == 0 or not -len(shape) <= axis <= len(shape):
            raise NetworkError(
                f"axis {axis} is not there: it gets {shown(shape)}; count from 1, or back from -1"
            )
    places = [axis - 1 if axis > 0 else len(shape) + axis for axis, shape in ((one, left), (two, right))]
    sizes = left[places[0]], right[places[1]]
    if None not in sizes and sizes[0] != sizes[1]:
        raise NetworkError(
            f"needs both axes of one size, but gets {sizes[0]} and {sizes[1]} of {shown(left)} and {shown(right)}; "
            "choose other axes"
        )
    rest = (
        *(size for place, size in enumerate(left) if place != places[0]),
        *(size for place, size in enumerate(right) if place != places[1]),
    )
    return rest or (1,)


def _rule(kind: str, keras: str, title: str, purpose: str, **more: Any) -> Rule:
    return Rule(
        kind=kind,
        keras=keras,
        title=title,
        group="Merge",
        purpose=purpose,
        advice="The connected networks share their inputs; layers that are the same in all of them are shared too. "
        "Two branches that are to have weights of their own need layers of different names.",
        **{"inputs": (2, 99), "shape": _broadcast, "check": _same_rank, **more},
    )


RULES = (
    _rule(
        "add", "Add", "Add", "Add branches up, number by number.", keywords=("sum", "residual", "skip connection")
    ),
    _rule(
        "subtract", "Subtract", "Subtract", "Take the second branch from the first.", inputs=(2, 2),
        keywords=("difference", "minus"),
    ),
    _rule(
        "multiply", "Multiply", "Multiply", "Multiply branches, number by number.", keywords=("product", "gate"),
    ),
    _rule("average", "Average", "Average", "Take the mean of branches.", dtype="float", keywords=("mean", "ensemble")),
    _rule("maximum", "Maximum", "Maximum", "Take the largest of branches, number by number.", keywords=("max",)),
    _rule("minimum", "Minimum", "Minimum", "Take the smallest of branches, number by number.", keywords=("min",)),
    _rule(
        "concatenate", "Concatenate", "Concatenate", "Put branches side by side.",
        options=(
            Option("axis", "integer", -1, "The axis along which, from 1, or back from -1.", minimum=-8, maximum=8),
        ),
        shape=_concatenated, keywords=("join", "merge", "stack"),
    ),
    _rule(
        "dot", "Dot", "Dot", "Multiply two branches and add up along an axis.",
        options=(
            Option(
                "axes", "integers", [-1], "The axis, or one for each branch, from 1, or back from -1.", minimum=-8,
                maximum=8,
            ),
            Option("normalize", "boolean", False, "Whether vectors are brought to length 1 first: the cosine."),
        ),
        inputs=(2, 2), shape=_dot, mask="ends", dtype="float", keywords=("product", "cosine", "similarity"),
        check=lambda config, seen: _two_axes(config, seen),
    ),
)  # fmt: skip


def _two_axes(config: Config, seen: Seen) -> None:
    if len(config["axes"]) > 2:
        raise NetworkError("axes must be one number, or one for each of the two branches")
