"""What a CRF Head says, read without Keras: the best sequence of labels, and how probable each label is at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.networks.structure import Structure

    Numbers = np.ndarray[Any, np.dtype[Any]]


def is_chain(structure: Structure, output: str) -> bool:
    """Whether an output is that of a CRF Head."""
    return any(layer.id == output and layer.kind == "crf_head" for layer in structure.layers)


def best_labels(scores: Numbers) -> Numbers:
    """The numbers of the labels of the most probable sequence, (samples, steps), by Viterbi's algorithm.

    `scores` has the shape (samples, steps, labels before, labels).
    """
    import numpy as np

    samples, steps, labels, _ = scores.shape
    best = _beginning(samples, labels)
    origins = np.zeros((steps, samples, labels), "int64")
    for step in range(steps):
        ways = best[:, :, None] + scores[:, step].astype("float64")
        origins[step], best = ways.argmax(axis=1), ways.max(axis=1)
    found = np.zeros((samples, steps), "int64")
    label = best.argmax(axis=1)
    for step in reversed(range(steps)):
        found[:, step] = label
        label = origins[step][np.arange(samples), label]
    return found


def label_shares(scores: Numbers) -> Numbers:
    """How probable each label is at each step over all sequences, (samples, steps, labels): forward and backward."""
    import numpy as np

    samples, steps, labels, _ = scores.shape
    given = scores.astype("float64")
    ahead = np.zeros((samples, steps, labels))
    state = _beginning(samples, labels)
    for step in range(steps):
        state = np.logaddexp.reduce(state[:, :, None] + given[:, step], axis=1)
        ahead[:, step] = state
    back = np.zeros((samples, steps, labels))
    for step in reversed(range(steps - 1)):
        back[:, step] = np.logaddexp.reduce(given[:, step + 1] + back[:, step + 1, None, :], axis=2)
    both = ahead + back
    shares: Numbers = np.exp(both - np.logaddexp.reduce(both, axis=2)[..., None])
    return shares


def _beginning(samples: int, labels: int) -> Numbers:
    """Before the first step, whose scores are the same whatever came before: so the first label, as one way."""
    import numpy as np

    state = np.full((samples, labels), -1e9)
    state[:, 0] = 0.0
    return state
