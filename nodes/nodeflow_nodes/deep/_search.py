"""Searching for sequences, a token at a time, by the probability of each next one: by chance, greedily or by beams."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

NextChances = Callable[[Sequence[int], Sequence[tuple[int, ...]]], "Numbers"]
"""Gives the probability of each token, (beams, tokens), for samples by their number and what was chosen so far."""

LEAST = 1e-12
"""Probabilities below this one count as this one, so that their logarithms are finite."""


@dataclass(frozen=True)
class Chosen:
    """A sequence that was chosen, and how likely each choice was given those before it."""

    tokens: tuple[int, ...] = ()
    chances: tuple[float, ...] = ()

    @property
    def log_probability(self) -> float:
        """The natural logarithm of the probability of the whole."""
        return sum(math.log(max(one, LEAST)) for one in self.chances)

    def then(self, token: int, chance: float) -> Chosen:
        """The sequence one token longer."""
        return Chosen((*self.tokens, token), (*self.chances, chance))

    def ended(self, end: int | None) -> bool:
        """Whether nothing more comes."""
        return end is not None and self.tokens[-1:] == (end,)


def draw(
    chances: NextChances,
    samples: int,
    length: int,
    random: np.random.Generator,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    end: int | None = None,
    step: Callable[[int], None] = lambda number: None,
) -> list[Chosen]:
    """A sequence by chance for each sample.

    With a temperature below 1 likely tokens become likelier, at 0 the likeliest is taken; `top_k` leaves only so many
    to choose from. The probability told of a choice is that of the network, before either.
    """
    found = [Chosen() for _ in range(samples)]
    for number in range(length):
        step(number)
        open_ = [place for place, one in enumerate(found) if not one.ended(end)]
        if not open_:
            break
        rows = chances(open_, [found[place].tokens for place in open_])
        for place, row in zip(open_, rows, strict=True):
            token = _drawn(row, random, temperature, top_k)
            found[place] = found[place].then(token, float(row[token]))
    return found


def _drawn(row: Numbers, random: np.random.Generator, temperature: float, top_k: int) -> int:
    import numpy as np

    if temperature == 0:
        return int(row.argmax())
    shares = sharpened(row, temperature, top_k)
    ends = np.cumsum(shares)
    # below the last end whatever rounding did to it
    return min(int(np.searchsorted(ends, random.random() * ends[-1], side="right")), len(row) - 1)


def sharpened(row: Numbers, temperature: float, top_k: int = 0) -> Numbers:
    """Probabilities at a temperature, of the `top_k` likeliest alone; of equal ones the first count as likelier."""
    import numpy as np

    scores = np.log(np.where(row > 0, row, 1.0), dtype=np.float64) / temperature
    scores[row <= 0] = -np.inf
    if 0 < top_k < len(row):
        scores[np.argsort(-scores, kind="stable")[top_k:]] = -np.inf
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def search(
    chances: NextChances,
    samples: int,
    length: int,
    *,
    width: int = 1,
    end: int | None = None,
    length_power: float = 0.0,
    step: Callable[[int], None] = lambda number: None,
) -> list[list[Chosen]]:
    """The `width` likeliest sequences found for each sample, the best first; a width of 1 is greedy.

    Sequences are compared by their log probability, divided by their length to the power of `length_power`, so that
    long ones are not put behind for being long. A sequence that ended keeps its place among the beams.
    """
    import numpy as np

    def worth(one: Chosen) -> float:
        return one.log_probability / float(max(len(one.tokens), 1) ** length_power)

    beams: list[list[Chosen]] = [[Chosen()] for _ in range(samples)]
    for number in range(length):
        step(number)
        open_ = [(sample, one) for sample in range(samples) for one in beams[sample] if not one.ended(end)]
        if not open_:
            break
        rows = chances([sample for sample, _ in open_], [one.tokens for _, one in open_])
        longer: list[list[Chosen]] = [[one for one in kept if one.ended(end)] for kept in beams]
        for (sample, one), row in zip(open_, rows, strict=True):
            # no more than `width` tokens of one beam can be among the best
            for token in np.argsort(-row, kind="stable")[:width]:
                if row[token] > 0:
                    longer[sample].append(one.then(int(token), float(row[token])))
        beams = [sorted(kept, key=worth, reverse=True)[:width] for kept in longer]
    return beams


# Connectionist temporal classification (Graves et al. 2006)


def collapsed(path: Sequence[int], blank: int = 0) -> tuple[int, ...]:
    """What a path says: each run of a label once, and no blanks."""
    before = [None, *path][: len(path)]
    return tuple(label for label, last in zip(path, before, strict=True) if label not in (last, blank))


def best_path(shares: Numbers, blank: int = 0) -> tuple[tuple[int, ...], float]:
    """The likeliest label of each step of (steps, labels), and the log probability of that one path."""
    import numpy as np

    path = shares.argmax(axis=1)
    chances = np.maximum(shares[np.arange(len(path)), path], LEAST)
    return tuple(int(one) for one in path), float(np.log(chances).sum())


def prefix_beams(shares: Numbers, width: int, blank: int = 0) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest label sequences of (steps, labels) with their log probabilities over all paths, best first.

    Prefix beam search: a prefix is kept with the probability of its paths that end in a blank and of those that do
    not, since a label repeated after a blank is a new one (Hannun et al. 2014). With beams for all prefixes it is exact.
    """
    import numpy as np

    logs = np.log(np.maximum(shares, 0.0), out=np.full(shares.shape, -np.inf), where=shares > 0)
    prefixes: list[tuple[int, ...]] = [()]
    in_blank, in_label = np.zeros(1), np.full(1, -np.inf)
    for row in logs:
        whole = np.logaddexp(in_blank, in_label)
        lasts = np.array([one[-1] if one else blank for one in prefixes])
        some = np.array([bool(one) for one in prefixes])
        stay_blank = whole + row[blank]
        stay_label = np.where(some, in_label + row[lasts], -np.inf)
        grown = whole[:, None] + row
        grown[:, blank] = -np.inf
        beams = np.flatnonzero(some)
        grown[beams, lasts[beams]] = in_blank[beams] + row[lasts[beams]]
        known = {one: place for place, one in enumerate(prefixes)}
        for place in beams:
            parent = known.get(prefixes[place][:-1])
            if parent is not None:  # a prefix that grows into one that is kept already
                label = lasts[place]
                stay_label[place] = np.logaddexp(stay_label[place], grown[parent, label])
                grown[parent, label] = -np.inf
        stay = np.logaddexp(stay_blank, stay_label)
        scores = np.concatenate([stay, grown.reshape(-1)])
        best = np.argsort(-scores, kind="stable")[:width]
        best = best[np.isfinite(scores[best])]
        count, labels = len(prefixes), grown.shape[1]
        is_old = best < count
        parents = np.where(is_old, best, (best - count) // labels)
        added = (best - count) % labels
        in_blank = np.where(is_old, stay_blank[parents], -np.inf)
        in_label = np.where(is_old, stay_label[parents], scores[best])
        prefixes = [
            prefixes[parent] if old else (*prefixes[parent], int(label))
            for parent, old, label in zip(parents, is_old, added, strict=True)
        ]
    whole = np.logaddexp(in_blank, in_label)
    return [(prefixes[place], float(whole[place])) for place in np.argsort(-whole, kind="stable")]
