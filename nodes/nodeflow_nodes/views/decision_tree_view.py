"""Decision Tree View."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.views._base import (
    MOST_COLOURS,
    OTHERS,
    Drawing,
    Picture,
    caption,
    captions,
    number_text,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model

_MOST_NODES = 600
_BOX = (132.0, 62.0)
_GAP = {"down": (18.0, 66.0), "right": (14.0, 176.0)}
_PAD = 10.0


@dataclass
class _Node:
    """A node of the tree as it is drawn; `x` and `y` are the middle of its box."""

    number: int
    depth: int
    rows: int
    title: str
    shares: list[float]
    level: float
    impurity: float
    question: str = ""
    full: str = ""
    hidden: int = 0
    """How many nodes below it are not drawn."""
    children: list[_Node] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0


class DecisionTreeView(Drawing):
    """Draw a decision tree: at each fork a question, yes to the left and no to the right, and where rows end up.

    Each box says what is predicted there, of how many rows, and shows the shares of the classes as a bar; of a tree
    that predicts numbers the bar shows where the mean lies between the smallest and the largest. Lines are as thick as
    the share of the rows that go there. A tree deeper than the limit is cut, and the boxes say how many nodes follow.
    Of a Random Forest one of its trees is drawn.

    Inputs:
        model: The model of a Decision Tree Learner, or of a learner of several trees such as a Random Forest Learner.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "plot tree",
        "dtreeviz",
        "CART",
        "rules",
        "splits",
        "random forest",
        "export graphviz",
        "explain",
    )
    sized = False
    without = ("width", "height")

    depth: int = parameter(
        default=3, minimum=0, maximum=12, unit="questions", help="How deep the tree is drawn."
    )
    tree: int = parameter(
        default=1,
        minimum=1,
        label="Tree of a forest",
        help="Which tree is drawn if the model has several.",
        advanced=True,
    )
    direction: Literal["down", "right"] = parameter(
        default="down", help="Where the tree grows to; to the right is better for many leaves."
    )
    show_impurity: bool = parameter(
        default=False, help="Write the impurity (Gini, entropy or squared error) into the boxes."
    )

    def run(self, model: Model, context: Context) -> Chart:
        notes: list[str] = []
        learner = self._learner(model)
        root = self._tree(model, learner)
        return self.chart(self._picture(model, root, learner, notes), context)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.task in ("transformation", "clustering"):
            return [
                Fault(
                    "",
                    f"a model of {model.task} is no decision tree; connect that of a Decision Tree Learner",
                )
            ]
        return ()

    def default_title(self) -> str:
        return "Decision tree"

    def _learner(self, model: Model) -> Any:
        """The fitted tree; raises `NodeFailed`."""
        import numpy as np

        learner = getattr(model.estimator, "named_steps", {}).get("learn")
        if hasattr(learner, "tree_"):
            return learner
        trees = [one for one in np.ravel(getattr(learner, "estimators_", [])) if hasattr(one, "tree_")]
        if not trees:
            name = shorten(model.spec.learner or "this learner")
            raise NodeFailed(
                f"a model of {name} is no decision tree; connect that of a Decision Tree Learner"
            )
        if self.tree > len(trees):
            raise NodeFailed(f"the model has {len(trees):,} trees, so there is no tree {self.tree:,}")
        return trees[self.tree - 1]

    def _tree(self, model: Model, learner: Any) -> _Node:
        import numpy as np

        from nodeflow_nodes.mining._training import terms_of

        terms = terms_of(model.estimator, model.spec)
        inner = learner.tree_
        # trees of a forest know their classes by number only
        whole = model.estimator.named_steps["learn"]
        labels = [str(one) for one in getattr(whole, "classes_", ())] if hasattr(learner, "classes_") else []
        values = inner.value[:, 0, :] if inner.value.ndim == 3 else inner.value
        low, high = (float(values.min()), float(values.max())) if not labels else (0.0, 1.0)

        def made(number: int, depth: int) -> _Node:
            own = values[number]
            shares = (own / own.sum() if own.sum() else own).tolist() if labels else []
            title = labels[int(np.argmax(own))] if labels else number_text(float(own[0]))
            level = 0.0 if labels or high <= low else (float(own[0]) - low) / (high - low)
            node = _Node(
                number,
                depth,
                int(inner.n_node_samples[number]),
                title,
                shares,
                level,
                float(inner.impurity[number]),
            )
            left, right = int(inner.children_left[number]), int(inner.children_right[number])
            if left == -1:
                return node
            if depth >= self.depth:
                node.hidden = _below(inner, number)
                return node
            column, term = (
                terms[inner.feature[number]] if terms else ("", f"feature {inner.feature[number] + 1}")
            )
            limit = float(inner.threshold[number])
            node.question = question(column, term, limit, model.spec.features.columns.get(column))
            node.children = [made(left, depth + 1), made(right, depth + 1)]
            return node

        return made(0, 0)

    def _placed(self, root: _Node) -> tuple[list[_Node], float, float]:
        """All nodes with their places; and the size of the whole."""
        (across, along), (wide, tall) = _GAP[self.direction], _BOX
        is_down = self.direction == "down"
        slot = (wide if is_down else tall) + across
        step = (tall if is_down else wide) + along
        found: list[_Node] = []
        leaves = 0

        def place(node: _Node) -> float:
            nonlocal leaves
            found.append(node)
            if node.children:
                middle = sum(place(child) for child in node.children) / len(node.children)
            else:
                middle, leaves = leaves * slot, leaves + 1
            node.x, node.y = (middle, node.depth * step) if is_down else (node.depth * step, middle)
            return middle

        place(root)
        for node in found:
            node.x, node.y = node.x + wide / 2 + _PAD, node.y + tall / 2 + _PAD
        width = max(node.x for node in found) + wide / 2 + _PAD
        height = (
            max(node.y for node in found)
            + tall / 2
            + _PAD
            + (16 if any(node.hidden for node in found) else 0)
        )
        return found, width, height

    def _picture(self, model: Model, root: _Node, learner: Any, notes: list[str]) -> Picture:
        nodes, width, height = self._placed(root)
        if len(nodes) > _MOST_NODES:
            raise NodeFailed(
                f"the tree has {len(nodes):,} nodes down to depth {self.depth}, too many to draw; draw it less deep"
            )
        whole = model.estimator.named_steps["learn"]
        labels = captions([str(one) for one in getattr(whole, "classes_", ())]) if root.shares else []
        shown = self._shown(root, labels, notes)
        boxes, bars, edges, texts = self._boxes(nodes, root, labels, shown), [], [], []
        for node in nodes:
            bars += self._bar(node, labels, shown)
            edges += self._edges(node, root.rows)
            texts += self._questions(node)
        depth, leaves = int(learner.get_depth()), int(learner.get_n_leaves())
        what = f"predicts {caption(str(model.spec.target))}" if model.spec.target else "predicts"
        facts = [f"{what} by {leaves:,} leaves, at most {depth} questions, learned from {root.rows:,} rows"]
        if depth > self.depth:
            facts.append(f"drawn down to question {self.depth}" if self.depth else "only the root is drawn")
        body = self._body((boxes, bars, edges, texts), shown, width, height, str(model.spec.target or ""))
        return Picture(boxes, body, notes, facts)

    def _shown(self, root: _Node, labels: list[str], notes: list[str]) -> list[str]:
        """The classes with a colour of their own, those of most rows."""
        if len(labels) <= MOST_COLOURS:
            return labels
        best = sorted(range(len(labels)), key=lambda k: -root.shares[k])[: MOST_COLOURS - 1]
        notes.append(f"the {len(best)} most frequent of {len(labels):,} classes have their own colour")
        return [*(labels[k] for k in sorted(best)), OTHERS]

    def _boxes(
        self, nodes: list[_Node], root: _Node, labels: list[str], shown: list[str]
    ) -> list[dict[str, Any]]:
        wide, tall = _BOX
        classes = dict(zip([*labels], labels, strict=True))
        found = []
        for node in nodes:
            share = node.rows / root.rows
            told = f"{node.rows:,} rows, {f'{share:.0%}' if share >= 0.005 else '<1%'}"
            if self.show_impurity:
                told = f"{node.rows:,} rows, imp. {number_text(node.impurity)}"
            row: dict[str, Any] = {
                "x": node.x - wide / 2, "x2": node.x + wide / 2, "y": node.y - tall / 2, "y2": node.y + tall / 2,
                "middle": node.x, "title_y": node.y - 16, "told_y": node.y + 2,
                "title": shorten(classes.get(node.title, node.title), 60), "told": told,
                "impurity": number_text(node.impurity), "question": node.question,
            }  # fmt: skip
            if node.hidden:
                more = f"… {node.hidden:,} nodes"
                is_down = self.direction == "down"
                at = (node.x, node.y + tall / 2 + 10) if is_down else (node.x + wide / 2 + 8, node.y)
                row |= {"more": more, "more_x": at[0], "more_y": at[1]}
            if node.shares:
                order = sorted(zip(node.shares, labels, strict=True), reverse=True)[:3]
                row["shares"] = ", ".join(f"{name} {share:.0%}" for share, name in order)
            found.append(row)
        return found

    def _bar(self, node: _Node, labels: list[str], shown: list[str]) -> list[dict[str, Any]]:
        """The bar at the foot of a box: the shares of the classes, or where the mean lies."""
        left, wide = node.x - _BOX[0] / 2 + 8, _BOX[0] - 16
        top = node.y + _BOX[1] / 2 - 16
        place = {"y": top, "y2": top + 9}
        if not node.shares:
            full = {"x": left, "x2": left + wide, "class": OTHERS, "told": node.title, **place}
            return [full, {**full, "x2": left + max(wide * node.level, 1.5), "class": "mean"}]
        found, start = [], left
        rest = 0.0
        for name, share in zip(labels, node.shares, strict=True):
            if name not in shown:
                rest += share
            elif share > 0:
                told = f"{name}: {share:.1%}"
                found.append({"x": start, "x2": start + wide * share, "class": name, "told": told, **place})
                start += wide * share
        if rest > 0:
            found.append(
                {
                    "x": start,
                    "x2": start + wide * rest,
                    "class": OTHERS,
                    "told": f"{OTHERS}: {rest:.1%}",
                    **place,
                }
            )
        return found

    def _edges(self, node: _Node, rows: int) -> list[dict[str, Any]]:
        wide, tall = _BOX
        found = []
        for child in node.children:
            size = 1.0 + 7.0 * child.rows / rows
            if self.direction == "down":
                fork = node.y + tall / 2 + 34
                ends = [
                    (node.x, node.y + tall / 2 + 23),
                    (node.x, fork),
                    (child.x, fork),
                    (child.x, child.y - tall / 2),
                ]
            else:
                fork = node.x + wide / 2 + 138
                ends = [
                    (node.x + wide / 2, node.y),
                    (fork, node.y),
                    (fork, child.y),
                    (child.x - wide / 2, child.y),
                ]
            found += [
                {"edge": child.number, "size": size, "step": step, "x": x, "y": y}
                for step, (x, y) in enumerate(ends)
            ]
        return found

    def _questions(self, node: _Node) -> list[dict[str, Any]]:
        """What is asked below a box, and which way yes and no lead."""
        if not node.children:
            return []
        yes, no = node.children
        wide, tall = _BOX
        if self.direction == "down":
            room = no.x - yes.x + wide / 2 - 10
            asked = {
                "x": node.x,
                "y": node.y + tall / 2 + 13,
                "text": fitted(node.question, room / 6.3),
                "kind": "question",
            }
            sides = [((yes.x + 12, "left"), "yes"), ((no.x - 12, "right"), "no")]
            fork = node.y + tall / 2 + 45
            answers = [{"x": x, "y": fork, "text": text, "kind": side} for (x, side), text in sides]
            return [{**asked, "full": node.question}, *answers]
        middle = node.x + wide / 2 + 68
        asked = {"x": middle, "y": node.y - 10, "text": fitted(node.question, 20), "kind": "question"}
        fork = node.x + wide / 2 + 144
        answers = [
            {"x": fork, "y": yes.y - 9, "text": "yes", "kind": "left"},
            {"x": fork, "y": no.y - 9, "text": "no", "kind": "left"},
        ]
        return [{**asked, "full": node.question}, *answers]

    def _body(
        self,
        data: tuple[list[dict[str, Any]], ...],
        shown: list[str],
        width: float,
        height: float,
        target: str,
    ) -> dict[str, Any]:
        boxes, bars, edges, texts = data
        soft = "#f5f7fa" if self.theme == "light" else "#262c34"
        bare = {"axis": None, "type": "quantitative"}
        x = {"field": "x", "scale": {"domain": [0, width], "nice": False, "zero": False}, **bare}
        y = {
            "field": "y",
            "scale": {"domain": [0, height], "reverse": True, "nice": False, "zero": False},
            **bare,
        }
        ranged = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
        if shown:
            colour = self.coloured(
                "class", target, shown,
                legend={"orient": "bottom", "direction": "horizontal", "columns": 4, "symbolType": "square"},
            )  # fmt: skip
        else:
            fill = [self.main_colour(), "#d5dbe1" if self.theme == "light" else "#3e4954"]
            colour = {
                "field": "class", "type": "nominal", "legend": None, "scale": {"domain": ["mean", OTHERS], "range": fill},
            }  # fmt: skip
        tooltip = [
            {"field": "title", "title": "prediction"},
            {"field": "told", "title": "rows"},
            {"field": "impurity", "title": "impurity"},
            *([{"field": "shares", "title": "shares"}] if shown else []),
            {"field": "question", "title": "question"},
        ]

        def text(rows: list[dict[str, Any]], role: str, at: tuple[str, str], **look: Any) -> dict[str, Any]:
            mark = {"type": "text", "limit": _BOX[0] - 12, "color": self.ink(), **look}
            places = {"x": {**x, "field": at[0]}, "y": {**y, "field": at[1]}, "text": {"field": role}}
            return {"data": {"values": rows}, "mark": mark, "encoding": places}

        layers: list[dict[str, Any]] = []
        if edges:
            line = {
                "type": "line",
                "color": self.quiet(),
                "opacity": 0.55,
                "strokeJoin": "round",
                "strokeCap": "round",
            }
            size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
            encoding = {
                "x": x,
                "y": y,
                "detail": {"field": "edge"},
                "order": {"field": "step"},
                "strokeWidth": size,
            }
            layers.append({"data": {"values": edges}, "mark": line, "encoding": encoding})
        frame = {
            "type": "rect",
            "fill": soft,
            "stroke": self.quiet(),
            "strokeOpacity": 0.6,
            "cornerRadius": 6,
        }
        layers.append({"data": {"values": boxes}, "mark": frame, "encoding": {**ranged, "tooltip": tooltip}})
        bar = {
            "data": {"values": bars},
            "mark": "rect",
            "encoding": {**ranged, "color": colour, "tooltip": {"field": "told"}},
        }
        layers += [
            bar,
            text(boxes, "title", ("middle", "title_y"), fontSize=13, fontWeight=700),
            text(boxes, "told", ("middle", "told_y"), fontSize=11, color=self.quiet()),
        ]
        if any(box.get("more") for box in boxes):
            more = [box for box in boxes if box.get("more")]
            align = "center" if self.direction == "down" else "left"
            layers.append(
                text(more, "more", ("more_x", "more_y"), fontSize=10, color=self.quiet(), align=align)
            )
        accent = self.main_colour()
        for kind, look in (
            ("question", {"fontWeight": 600, "fontSize": 12}),
            ("left", {"align": "left", "fontSize": 11, "color": accent}),
            ("right", {"align": "right", "fontSize": 11, "color": accent}),
        ):
            rows = [row for row in texts if row["kind"] == kind]
            if rows:
                layers.append(text(rows, "text", ("x", "y"), **{**look, "limit": 1_000}))
        return {"width": round(width), "height": round(height), "layer": layers}


def _below(inner: Any, number: int) -> int:
    """How many nodes are below one."""
    count, waiting = 0, [number]
    while waiting:
        node = waiting.pop()
        for child in (int(inner.children_left[node]), int(inner.children_right[node])):
            if child != -1:
                count += 1
                waiting.append(child)
    return count


def question(column: str, term: str, limit: float, dtype: pl.DataType | None) -> str:
    """What is asked at a fork, so that yes leads to the left: at most the limit."""
    import polars as pl

    name = caption(term) or "(no name)"
    if dtype is not None and term != column and term.startswith(f"{column} = "):
        return f"{caption(column)} is not {shorten(term[len(column) + 3 :])}"
    if dtype == pl.Boolean:
        return f"{name} is false"
    if dtype is not None and dtype in (pl.Date, pl.Datetime):
        try:
            moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=limit)
        except OverflowError:
            return f"{name} ≤ {limit:.6g} days since 1970"
        return (
            f"{name} until {moment:%Y-%m-%d}" if dtype == pl.Date else f"{name} until {moment:%Y-%m-%d %H:%M}"
        )
    if dtype is not None and dtype.is_integer():
        return f"{name} ≤ {int(limit // 1):,}"
    return f"{name} ≤ {limit:,.4g}" if abs(limit) < 10_000 else f"{name} ≤ {limit:,.0f}"


def fitted(text: str, letters: float) -> str:
    """The text in at most so many letters, its middle left out, as the end says what is asked."""
    most = max(int(letters), 8)
    if len(text) <= most:
        return text
    tail = most * 2 // 3
    return f"{text[: most - tail - 1]}…{text[-tail:]}"
