"""The search for sequences finds what listing all of them finds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.deep._search import best_path, collapsed, draw, prefix_beams, search, sharpened

# the likeliest first step leads nowhere good: greedy gives 0.6 * 0.55, the best of all is 0.4 * 0.9
TREE = {(): [0.6, 0.4], (0,): [0.55, 0.45], (1,): [0.1, 0.9]}


def tree(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Any:
    return np.array([TREE[one] for one in prefixes])


def test_greedy_takes_the_likeliest_step_and_beams_the_likeliest_whole() -> None:
    (greedy,) = search(tree, 1, 2)[0]
    assert greedy.tokens == (0, 0)
    assert greedy.chances == (0.6, 0.55)
    best, second = search(tree, 1, 2, width=2)[0]
    assert (best.tokens, best.chances) == ((1, 1), (0.4, 0.9))
    assert best.log_probability == pytest.approx(math.log(0.36))
    assert second.tokens == (0, 0)


def test_an_end_stops_a_beam_and_each_sample_goes_its_own_way() -> None:
    def chances(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Any:
        assert all(2 not in one for one in prefixes)
        stops = {0: 1, 1: 3}
        rows = []
        for sample, prefix in zip(samples, prefixes, strict=True):
            rows.append([0.0, 0.1, 0.9] if len(prefix) == stops[sample] else [0.7, 0.2, 0.1])
        return np.array(rows)

    first, second = (found[0] for found in search(chances, 2, 10, width=3, end=2))
    assert first.tokens == (0, 2)
    assert second.tokens in ((0, 0, 0, 2), (2,))
    greedy = [found[0].tokens for found in search(chances, 2, 10, end=2)]
    assert greedy == [(0, 2), (0, 0, 0, 2)]
    assert [
        one.tokens for one in draw(chances, 2, 10, np.random.default_rng(0), temperature=0, end=2)
    ] == greedy


def test_dividing_by_the_length_brings_longer_ones_forward() -> None:
    def chances(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Any:
        return np.array([[0.55, 0.45] if not one else [0.8, 0.2] for one in prefixes])

    assert search(chances, 1, 4, width=2, end=1)[0][0].tokens == (1,)
    assert search(chances, 1, 4, width=2, end=1, length_power=1.0)[0][0].tokens == (0, 0, 0, 0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), length=st.integers(1, 4))
def test_wide_beams_find_the_best_of_all(seed: int, length: int) -> None:
    def chances(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Any:
        rows = []
        for one in prefixes:
            rows.append(np.random.default_rng([seed, len(one), *one]).dirichlet([1.0, 1.0, 1.0]))
        return np.array(rows)

    def worth(tokens: tuple[int, ...]) -> float:
        return sum(math.log(chances([0], [tokens[:place]])[0][token]) for place, token in enumerate(tokens))

    everything = sorted(itertools.product(range(3), repeat=length), key=worth, reverse=True)
    found = search(chances, 1, length, width=3**length)[0]
    assert [one.tokens for one in found] == everything
    assert found[0].log_probability == pytest.approx(worth(everything[0]))


def test_chance_follows_the_probabilities_temperature_and_the_number_to_choose_from() -> None:
    shares = [0.5, 0.3, 0.2, 0.0]

    def chances(samples: Sequence[int], prefixes: Sequence[tuple[int, ...]]) -> Any:
        return np.array([shares] * len(prefixes))

    def counts(**options: Any) -> Any:
        found = draw(chances, 400, 10, np.random.default_rng(1), **options)
        assert all(set(one.chances) <= set(shares) for one in found)
        return np.bincount([token for one in found for token in one.tokens], minlength=4) / 4000

    assert counts() == pytest.approx(shares, abs=0.03)
    cold = np.array(shares) ** 2
    assert counts(temperature=0.5) == pytest.approx(cold / cold.sum(), abs=0.03)
    assert counts(top_k=2) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)
    assert counts(temperature=0).tolist() == [1, 0, 0, 0]
    assert sharpened(np.array([0.4, 0.4, 0.2]), 1.0, 1).tolist() == [1, 0, 0]


def test_a_path_collapses_to_what_it_says() -> None:
    assert collapsed((0, 1, 1, 0, 1, 2, 2, 0)) == (1, 1, 2)
    assert collapsed(()) == ()
    assert collapsed((3, 3, 1), blank=3) == (1,)


# the best path is blank blank (0.36), but "1" has three paths: 0.16 + 0.24 + 0.24
TWO_STEPS = np.array([[0.6, 0.4], [0.6, 0.4]])


def test_the_best_path_is_not_the_best_labelling() -> None:
    path, chance = best_path(TWO_STEPS)
    assert (path, collapsed(path)) == ((0, 0), ())
    assert math.exp(chance) == pytest.approx(0.36)
    found = prefix_beams(TWO_STEPS, 10)
    assert [labels for labels, _ in found] == [(1,), ()]
    assert [math.exp(one) for _, one in found] == pytest.approx([0.64, 0.36])


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000), steps=st.integers(1, 5), labels=st.integers(2, 4), blank=st.integers(0, 1)
)
def test_prefix_beams_add_up_all_paths(seed: int, steps: int, labels: int, blank: int) -> None:
    shares = np.random.default_rng(seed).dirichlet([0.7] * labels, steps)
    expected: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(labels), repeat=steps):
        said = collapsed(path, blank)
        expected[said] = expected.get(said, 0.0) + math.prod(
            shares[step, label] for step, label in enumerate(path)
        )
    found = {one: math.exp(chance) for one, chance in prefix_beams(shares, 10_000, blank)}
    assert found == pytest.approx({one: chance for one, chance in expected.items() if chance > 0}, rel=1e-9)
    best = prefix_beams(shares, 10_000, blank)[0][0]
    assert expected[best] == pytest.approx(max(expected.values()))


def test_impossible_labels_are_never_said() -> None:
    shares = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert prefix_beams(shares, 5) == [((1, 1), pytest.approx(0.0))]
