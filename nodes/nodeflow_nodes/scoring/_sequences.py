"""Measures of sequences and texts: spans of tags, edit distances, n-grams that agree, answers of several people."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Sequence

Span = tuple[str, int, int]
"""A kind of name, the place of its first word, and the place behind its last."""

_OUTSIDE = "O"


def spans(tags: Sequence[str | None]) -> list[Span]:
    """The names in the tags of a sentence, by the rules of the program conlleval of the CoNLL shared tasks.

    B begins a name and I goes on with it; an I of another kind, or after no name, begins one, so that the schemes IOB1 and
    BIO read alike. S and U are a name of one word, E and L its end. A tag without a prefix counts as an I of that kind.
    """
    found: list[Span] = []
    begin, kind, before = 0, "", _OUTSIDE
    for place, tag in enumerate([*tags, _OUTSIDE]):
        prefix, own = _parts(tag)
        ends = kind and (prefix in "OBSU" or before in "ELSU" or own != kind)
        if ends:
            found.append((kind, begin, place))
            kind = ""
        if prefix != _OUTSIDE and not kind:
            begin, kind = place, own
        before = prefix
    return found


def _parts(tag: str | None) -> tuple[str, str]:
    """Prefix and kind of a tag."""
    if tag is None or tag in (_OUTSIDE, ""):
        return _OUTSIDE, ""
    prefix, dash, kind = tag.partition("-")
    if dash and prefix in ("B", "I", "E", "L", "S", "U"):
        return prefix, kind
    return "I", tag


def edit_distance(one: Sequence[Hashable], two: Sequence[Hashable]) -> int:
    """How many insertions, deletions and replacements lead from one sequence to the other (Levenshtein 1966).

    A whole column of the table of distances is kept in the bits of two numbers (Myers 1999; Hyyrö 2003).
    """
    if not one:
        return len(two)
    masks: dict[Hashable, int] = {}
    for place, item in enumerate(one):
        masks[item] = masks.get(item, 0) | 1 << place
    all_, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = all_, 0, len(one)
    for item in two:
        mask = masks.get(item, 0)
        diagonal = (((mask & up) + up) ^ up) | mask | down
        rises, falls = down | ~(diagonal | up), up & diagonal
        distance += 1 if rises & last else -1 if falls & last else 0
        rises, falls = rises << 1 | 1, falls << 1
        up, down = (falls | ~(diagonal | rises)) & all_, rises & diagonal & all_
    return distance


def bleu(
    references: Sequence[Sequence[Sequence[str]]],
    candidates: Sequence[Sequence[str]],
    most: int = 4,
    *,
    smooth: bool = False,
) -> tuple[float, list[float], float]:
    """BLEU of a corpus, the precision of n-grams for each n, and the brevity penalty (Papineni et al. 2002).

    Each candidate has one or more references. With `smooth` one is added to the counts of n-grams of two words and more
    (Lin and Och 2004), so that short texts are not all 0.
    """
    agreed, all_ = [0] * most, [0] * most
    length = nearest = 0
    for ways, own in zip(references, candidates, strict=True):
        length += len(own)
        nearest += min((len(one) for one in ways), key=lambda count: (abs(count - len(own)), count))
        for n in range(1, most + 1):
            wanted: Counter[tuple[str, ...]] = Counter()
            for one in ways:
                wanted |= _grams(one, n)
            counts = _grams(own, n)
            agreed[n - 1] += (counts & wanted).total()
            all_[n - 1] += counts.total()
    more = [1 if smooth and n else 0 for n in range(most)]
    precisions = [(a + m) / (b + m) if b + m else 0.0 for a, b, m in zip(agreed, all_, more, strict=True)]
    brevity = 1.0 if length >= nearest else math.exp(1 - nearest / length) if length else 0.0
    if min(precisions) <= 0:
        return 0.0, precisions, brevity
    return brevity * math.exp(sum(map(math.log, precisions)) / most), precisions, brevity


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[place : place + n]) for place in range(len(words) - n + 1))


_WORDS = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


def words_in(text: str) -> list[str]:
    """The words of a text, marks apart."""
    return _WORDS.findall(text)


_ARTICLES = re.compile(r"\b(a|an|the)\b")
_MARKS = re.compile(r"[^\w\s]")


def plain_answer(text: str) -> str:
    """An answer without capitals, marks, articles and needless blanks."""
    return " ".join(_ARTICLES.sub(" ", _MARKS.sub(" ", text.lower())).split())


def answer_score(answer: str, given: Sequence[str], *, leave_out: bool = False) -> float:
    """How far people agree with an answer: 1 if three of them gave it, else a third for each (Antol et al. 2015).

    With `leave_out` it is the mean over leaving out each person once, as the official program has it.
    """
    same = sum(one == answer for one in given)
    if not leave_out or len(given) < 2:
        return min(same / 3, 1.0)
    others = len(given) - same
    return (same * min((same - 1) / 3, 1.0) + others * min(same / 3, 1.0)) / len(given)
