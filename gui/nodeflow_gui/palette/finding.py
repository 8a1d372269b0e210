"""Search among node types: over names, keywords and help, with the names that other programs have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nodeflow.registry import Registry
from nodeflow_gui.palette.suggesting import USUAL

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "partition": ("table partitioner", "partitioning", "train test split", "aufteilen"),
    "predictor": (
        "decision tree predictor",
        "random forest predictor",
        "multilayerperceptron predictor",
        "naive bayes predictor",
        "svm predictor",
        "regression predictor",
        "apply model",
        "vorhersage",
    ),
    "date_time_parse": ("string to date&time", "string to date time"),
    "sunburst": ("sunburst chart",),
    "row_filter": ("zeilen filtern", "where"),
    "column_filter": ("spalten filtern", "select columns", "table manipulator"),
    "column_rename": ("table manipulator",),
    "column_resorter": ("table manipulator",),
    "cast_types": ("table manipulator", "column auto type cast"),
    "transpose": ("table transposer",),
    "group_by": ("gruppieren", "aggregate"),
    "joiner": ("verknüpfen", "merge tables", "join"),
    "sorter": ("sortieren", "order by"),
    "csv_reader": ("file reader", "csv lesen", "datei lesen"),
    "csv_writer": ("csv schreiben",),
    "missing_value": ("fehlende werte",),
    "statistics": ("statistik", "describe"),
    "scatter_plot": ("streudiagramm",),
    "bar_chart": ("balkendiagramm", "säulendiagramm"),
    "row_number": ("rowid", "counter generation"),
    "table_creator": ("tabelle anlegen",),
    "parameter_optimisation": ("parameter optimization loop", "grid search"),
    "recursive_feature_elimination": ("feature selection loop",),
}
"""Names by which people from other programs, or in German, look for our nodes."""

_IDLE_WORDS = frozenset(
    ("a", "an", "the", "of", "and", "start", "end", "loop", "node", "regression)", "local")
)
_LIMIT = 60


@dataclass(frozen=True, slots=True)
class _Entry:
    type_id: str
    name: str
    own_names: tuple[str, ...]
    """The name that is shown, and the English one."""
    names: tuple[str, ...]
    words: tuple[str, ...]
    keywords: tuple[str, ...]
    summary: str
    help: str
    rank: int


class NodeFinder:
    """An index over the node types of a registry, folded once, so that each key press costs little."""

    def __init__(self, registry: Registry) -> None:
        self._entries = [_entry(one.declaration) for one in registry]

    def find(self, text: str, limit: int = _LIMIT) -> list[str]:
        """Ids of the node types that fit the words, best first; by likeness when none does."""
        words = [word for word in re.split(r"[\s/_,()-]+", text.casefold()) if word]
        if not words:
            return []
        whole = " ".join(text.casefold().split())
        for wanted in (words, [word for word in words if word not in _IDLE_WORDS]):
            found = self._fitting(wanted, whole)
            if found:
                return found[:limit]
        return self._alike(whole)

    def _fitting(self, words: list[str], whole: str) -> list[str]:
        scored = []
        for entry in self._entries:
            score = _score(entry, words, whole)
            if score > 0:
                scored.append((-score, entry.rank, entry.name, entry.type_id))
        return [type_id for *_, type_id in sorted(scored)]

    def _alike(self, text: str) -> list[str]:
        by_name = {name: entry.type_id for entry in self._entries for name in entry.names}
        return list(dict.fromkeys(by_name[name] for name in difflib.get_close_matches(text, by_name, n=6)))


def _entry(declaration: Mapping[str, Any]) -> _Entry:
    """What finds a node: its texts in the language that is shown and, as most is written in it, in English."""
    english = declaration.get("english", declaration)
    told = (declaration,) if english is declaration else (declaration, english)
    name = declaration["name"].casefold()
    other_names = OTHER_NAMES.get(declaration["id"], ())
    own_names = tuple(one["name"].casefold() for one in told)
    names = (*own_names, declaration["id"].replace("_", " "), *other_names)
    category = declaration["category"].casefold()
    return _Entry(
        declaration["id"],
        name,
        own_names,
        names,
        tuple(dict.fromkeys(word for one in names for word in re.split(r"[\s/&-]+", one))),
        tuple(word.casefold() for word in declaration["keywords"]),
        " ".join([*(one["summary"] for one in told), category]).casefold(),
        " ".join(one["help"] for one in told).casefold(),
        # what people use daily comes first, what is made from scikit-learn's metadata last
        0 if declaration["id"] in USUAL else 2 if "scikit-learn" in category else 1,
    )


def _score(entry: _Entry, words: Iterable[str], whole: str) -> int:
    total = 0
    if whole in entry.names:
        total += 200
    elif whole in entry.keywords:
        total += 120
    elif any(name.startswith(whole) for name in entry.own_names):
        total += 80
    elif any(name.startswith(whole) for name in entry.names):
        total += 30
    for word in words:
        if word in entry.words:
            score = 60
        elif any(part.startswith(word) for part in entry.words):
            score = 40
        elif word in entry.keywords:
            score = 35
        elif any(word in keyword for keyword in entry.keywords):
            score = 20
        elif any(word in name for name in entry.names):
            score = 18
        elif word in entry.summary:
            score = 10
        elif word in entry.help:
            score = 3
        else:
            return 0
        total += score
    return total
