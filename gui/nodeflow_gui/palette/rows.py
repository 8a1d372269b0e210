"""The rows of the palette as plain data: headings that fold, and node types below them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from nodeflow.registry import Registry
from nodeflow_gui.look.colours import GROUPS
from nodeflow_gui.translations import QT_TRANSLATE_NOOP

GROUP_WORDS = (
    QT_TRANSLATE_NOOP("Groups", "Input / Output"),
    QT_TRANSLATE_NOOP("Groups", "Manipulation"),
    QT_TRANSLATE_NOOP("Groups", "Statistics"),
    QT_TRANSLATE_NOOP("Groups", "Views"),
    QT_TRANSLATE_NOOP("Groups", "Mining"),
    QT_TRANSLATE_NOOP("Groups", "Deep Learning"),
    QT_TRANSLATE_NOOP("Groups", "Text"),
    QT_TRANSLATE_NOOP("Groups", "Networks"),
    QT_TRANSLATE_NOOP("Groups", "Flow"),
    QT_TRANSLATE_NOOP("Groups", "Scripting"),
    QT_TRANSLATE_NOOP("Groups", "Components"),
    QT_TRANSLATE_NOOP("Groups", "Column"),
    QT_TRANSLATE_NOOP("Groups", "Row"),
    QT_TRANSLATE_NOOP("Groups", "Table"),
    QT_TRANSLATE_NOOP("Groups", "Tests"),
    QT_TRANSLATE_NOOP("Groups", "Associations"),
    QT_TRANSLATE_NOOP("Groups", "Choosing columns"),
    QT_TRANSLATE_NOOP("Groups", "Classification"),
    QT_TRANSLATE_NOOP("Groups", "Clustering"),
    QT_TRANSLATE_NOOP("Groups", "Combining"),
    QT_TRANSLATE_NOOP("Groups", "Outliers"),
    QT_TRANSLATE_NOOP("Groups", "Predict"),
    QT_TRANSLATE_NOOP("Groups", "Reducing"),
    QT_TRANSLATE_NOOP("Groups", "Regression"),
    QT_TRANSLATE_NOOP("Groups", "Scoring"),
    QT_TRANSLATE_NOOP("Groups", "Texts"),
    QT_TRANSLATE_NOOP("Groups", "Trees"),
    QT_TRANSLATE_NOOP("Groups", "Preparing"),
    QT_TRANSLATE_NOOP("Groups", "Covariance"),
    QT_TRANSLATE_NOOP("Groups", "Bars"),
    QT_TRANSLATE_NOOP("Groups", "Bars and parts"),
    QT_TRANSLATE_NOOP("Groups", "Clusters"),
    QT_TRANSLATE_NOOP("Groups", "Distributions"),
    QT_TRANSLATE_NOOP("Groups", "Images"),
    QT_TRANSLATE_NOOP("Groups", "Lines"),
    QT_TRANSLATE_NOOP("Groups", "Matrices"),
    QT_TRANSLATE_NOOP("Groups", "Models"),
    QT_TRANSLATE_NOOP("Groups", "Points"),
    QT_TRANSLATE_NOOP("Groups", "Report"),
    QT_TRANSLATE_NOOP("Groups", "Tables"),
    QT_TRANSLATE_NOOP("Groups", "Tensors"),
    QT_TRANSLATE_NOOP("Groups", "Training"),
    QT_TRANSLATE_NOOP("Groups", "Layers"),
    QT_TRANSLATE_NOOP("Groups", "Forecasting"),
    QT_TRANSLATE_NOOP("Groups", "Apply"),
    QT_TRANSLATE_NOOP("Groups", "Explain"),
    QT_TRANSLATE_NOOP("Groups", "Forecast"),
    QT_TRANSLATE_NOOP("Groups", "Attention"),
    QT_TRANSLATE_NOOP("Groups", "Convolution"),
    QT_TRANSLATE_NOOP("Groups", "Core"),
    QT_TRANSLATE_NOOP("Groups", "Heads"),
    QT_TRANSLATE_NOOP("Groups", "Merge"),
    QT_TRANSLATE_NOOP("Groups", "Normalisation"),
    QT_TRANSLATE_NOOP("Groups", "Pooling"),
    QT_TRANSLATE_NOOP("Groups", "Recurrent"),
    QT_TRANSLATE_NOOP("Groups", "Regularisation"),
    QT_TRANSLATE_NOOP("Groups", "Shape"),
    QT_TRANSLATE_NOOP("Groups", "Network"),
    QT_TRANSLATE_NOOP("Groups", "Train"),
    QT_TRANSLATE_NOOP("Groups", "Many dimensions"),
    QT_TRANSLATE_NOOP("Groups", "Systems"),
    QT_TRANSLATE_NOOP("Groups", "Score"),
    QT_TRANSLATE_NOOP("Groups", "Reduction"),
    QT_TRANSLATE_NOOP("Groups", "Data"),
    QT_TRANSLATE_NOOP("Groups", "Time"),
    QT_TRANSLATE_NOOP("Groups", "scikit-learn"),
    QT_TRANSLATE_NOOP("Groups", "Other"),
)


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


def group_text(name: str) -> str:
    """The name of a group or subgroup in the user's language; each part of a path by itself."""
    whole = QCoreApplication.translate("Groups", name)
    if whole != name or " / " not in name:
        return whole
    return " / ".join(QCoreApplication.translate("Groups", part) for part in name.split(" / "))


def browsing_rows(
    registry: Registry,
    folded: Collection[str],
    sections: Sequence[tuple[str, str, Sequence[str]]],
    favourites: Collection[str],
) -> list[Row]:
    """All groups, after the given sections (key, heading, type ids); `folded` holds keys toggled by the user.

    Groups are open at first, what is below a subgroup is folded at first.
    """
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
        rows.append(Row("heading", group_text(group), group, group, folded=group in folded, count=count))
        if group in folded:
            continue
        for below in sorted(tree[group], key=lambda name: (name != "", "scikit" in name, group_text(name))):
            nodes = sorted(tree[group][below], key=lambda row: row.text.casefold())
            if below:
                key = f"{group} / {below}"
                closed = key not in folded
                rows.append(Row("subheading", group_text(below), key, group, "", closed, len(nodes)))
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
            rows.append(
                _node(type_id, known.declaration, favourites, group_text(below.rpartition(" / ")[2] or group))
            )
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
