"""The rows of the palette as plain data: headings that fold, and node types below them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from nodeflow.registry import Registry
from nodeflow_gui.look.colours import GROUPS
from nodeflow_gui.translations.nodes import alphabetical, category_text


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a heading of level 1 or 2, or a node type."""

    kind: Literal["heading", "subheading", "node"]
    text: str
    key: str = ""
    """The key of a heading for folding; the type id of a node."""
    category: str = ""
    summary: str = ""
    folded: bool = False
    count: int = 0
    is_favourite: bool = False
    aside: str = ""
    """A quiet text at the right end."""


def split_category(category: str) -> tuple[str, str]:
    """The group and what is below it: "Mining / Trees" gives ("Mining", "Trees")."""
    for group in GROUPS:
        start = category[: len(group)]
        if start.casefold() == group.casefold() and category[len(group) :][:3] in ("", " / "):
            return group, category[len(group) + 3 :]
    group, _, rest = category.partition(" / ")
    return group, rest


def browsing_rows(
    registry: Registry,
    folded: Collection[str],
    sections: Sequence[tuple[str, str, Sequence[str]]],
    favourites: Collection[str],
) -> list[Row]:
    """All groups, after the given sections (key, heading, type ids); `folded` holds keys toggled by the user.

    Groups are open at first, what is below a subgroup is folded at first.
    """
    words = partial(category_text, registry)
    rows: list[Row] = []
    for key, heading, ids in sections:
        known = [one for one in (registry.get(type_id) for type_id in ids) if one is not None]
        if not known:
            continue
        rows.append(Row("heading", heading, key, folded=key in folded, count=len(known)))
        if key not in folded:
            rows.extend(_node(one.id, one.declaration, favourites) for one in known)
    tree: dict[str, dict[str, list[Row]]] = {}
    for one in registry:
        group, below = split_category(one.declaration["category"])
        tree.setdefault(group, {}).setdefault(below, []).append(_node(one.id, one.declaration, favourites))
    order = {group: index for index, group in enumerate(GROUPS)}
    for group in sorted(tree, key=lambda name: (order.get(name, len(order)), name)):
        count = sum(len(rows) for rows in tree[group].values())
        rows.append(Row("heading", words(group), group, group, folded=group in folded, count=count))
        if group in folded:
            continue
        for below in sorted(
            tree[group], key=lambda name: (name != "", "scikit" in name, alphabetical(words(name)))
        ):
            nodes = sorted(tree[group][below], key=lambda row: alphabetical(row.text))
            if below:
                key = f"{group} / {below}"
                closed = key not in folded
                rows.append(Row("subheading", words(below), key, group, "", closed, len(nodes)))
                if closed:
                    continue
            rows.extend(nodes)
    return rows


def found_rows(registry: Registry, ids: Sequence[str], favourites: Collection[str]) -> list[Row]:
    """The results of a search, each with its group at the end of the row."""
    rows = []
    for type_id in ids:
        known = registry.get(type_id)
        if known is not None:
            group, below = split_category(known.declaration["category"])
            aside = category_text(registry, below.rpartition(" / ")[2] or group)
            rows.append(_node(type_id, known.declaration, favourites, aside))
    return rows


def _node(type_id: str, declaration: object, favourites: Collection[str], aside: str = "") -> Row:
    assert isinstance(declaration, dict)
    return Row(
        "node",
        declaration["name"],
        type_id,
        declaration["category"],
        declaration["summary"],
        is_favourite=type_id in favourites,
        aside=aside,
    )
