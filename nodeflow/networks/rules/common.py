"""Options that many layers share."""

from __future__ import annotations

from nodeflow.networks.option import ACTIVATIONS, MOST, Option


def size(name: str, default: int, help: str, label: str = "") -> Option:
    """A number of units, filters or the like."""
    return Option(name, "integer", default, help, label, minimum=1, maximum=MOST)


def activation(
    default: str = "linear", name: str = "activation", *, advanced: bool = False, of: str = ""
) -> Option:
    """The function put on what a layer gives."""
    told = of or "The function put on each number that comes out; linear leaves it as it is."
    return Option(name, "choice", default, told, choices=ACTIVATIONS, advanced=advanced)


USE_BIAS = Option(
    "use_bias", "boolean", True, "Whether a learned number is added to each output.", advanced=True
)


def share(name: str, default: float, help: str, *, advanced: bool = False) -> Option:
    """A share from 0 to below 1, such as that of a dropout."""
    return Option(name, "number", default, help, minimum=0, below=1, advanced=advanced)


def tuning(*stems: tuple[str, str]) -> tuple[Option, ...]:
    """Start values, penalty and bounds of weights; a stem is the name of the weight and its initialiser."""
    options = []
    for stem, start in stems:
        # Keras calls the options of an embedding by the plural
        words = {"kernel": "weights", "recurrent": "weights from step to step", "bias": "biases"}.get(
            stem, stem
        )
        options += [
            Option(
                f"{stem}_initializer", "initializer", start, f"What the {words} are before training.", advanced=True,
            ),
            Option(
                f"{stem}_regularizer", "regularizer", None,
                f"Penalties on large {words}: l1 on their sizes, l2 on their squares.", optional=True, advanced=True,
            ),
            Option(
                f"{stem}_constraint", "constraint", None,
                f"What the {words} must keep after each step of training.", optional=True, advanced=True,
            ),
        ]  # fmt: skip
    return tuple(options)


ACTIVITY = Option(
    "activity_regularizer",
    "regularizer",
    None,
    "Penalties on large outputs: l1 on their sizes, l2 on their squares.",
    optional=True,
    advanced=True,
)
