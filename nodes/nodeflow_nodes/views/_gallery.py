"""Draws every view on sample data, light and dark, and puts them together in one picture each.

    python -m nodeflow_nodes.views._gallery nodes

writes `views_light.png` and `views_dark.png` there. With a second folder each view is also written there as
a picture of its own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import parameter
from nodeflow.values import Chart, Table
from nodeflow.workflow import Handle, Workflow

ACROSS = 6
CELL = (460, 350)
GAP = 20
SCALE = 0.75

TOURS = """Ada to Basel, Ada to Bern, Basel to Bern, Basel to Olten, Bern to Olten, Olten to Zug, Zug to Chur, Zug to Lugano,
Chur to Lugano, Olten to Ada, Bern to Thun, Thun to Brig, Brig to Sion, Sion to Thun, Zug to Olten"""
TEXTS = [
    "The river rose in the night, and by morning the lower fields stood under water.",
    "She drew the river as it had been before the mill was built beside it.",
    "No boat went down the river that spring; the ice had stayed too long.",
    "They followed the river to the sea and slept where the dunes begin.",
]


class Walk(Node):
    """Give made-up measures over two years, from a fixed seed.

    Outputs:
        table: Day, sales, visits, region.
    """

    category = "Test"
    rows: int = parameter(default=2_000, help="How many rows.")

    def run(self) -> Table:
        import datetime

        import numpy as np
        import polars as pl

        chance = np.random.default_rng(0)
        regions = np.array(["North", "South", "East", "West"])[chance.integers(0, 4, self.rows)]
        day = np.sort(chance.integers(0, 730, self.rows))
        season = 20 * np.sin(day / 58) + day / 12
        visits = chance.gamma(8, 12, self.rows) + season
        return Table(
            pl.LazyFrame(
                {
                    "day": [datetime.date(2024, 1, 1) + datetime.timedelta(days=int(one)) for one in day],
                    "region": regions,
                    "visits": visits.round(),
                    "sales": (
                        visits * 2.4 + chance.normal(0, 60, self.rows) + 40 * (regions == "North")
                    ).round(2),
                    "channel": np.array(["shop", "web", "phone"])[
                        chance.choice(3, self.rows, p=[0.5, 0.4, 0.1])
                    ],
                }
            )
        )


class Words(Node):
    """Give texts, or pairs of places.

    Outputs:
        table: The rows.
    """

    category = "Test"
    pairs: bool = parameter(default=False, help="Pairs of places instead of texts.")

    def run(self) -> Table:
        import polars as pl

        if self.pairs:
            rows = [re.split(r"\s+to\s+", one.strip()) for one in TOURS.split(",")]
            return Table(pl.LazyFrame(rows, schema=["from", "to"], orient="row"))
        return Table(pl.LazyFrame({"text": TEXTS}))


def gallery(theme: str) -> dict[str, Chart]:
    """A chart of each view by the view's id."""
    flow = Workflow("gallery")
    views: dict[str, Handle] = {}

    def view(id: str, *sources: Any, **settings: Any) -> None:
        views[id] = flow.add(id, *sources, id=f"view_{id}", theme=theme, **settings)

    walk, words = flow.add(Walk), flow.add(Words)
    iris, wine = flow.add("sample_data", data="iris"), flow.add("sample_data", data="wine")
    cancer, digits = flow.add("sample_data", data="breast cancer"), flow.add("sample_data", data="digits")
    diabetes = flow.add("sample_data", data="diabetes")

    view("bar_chart", walk, group="region", aggregation="sum", summarised="sales", colour="channel")
    view("pie_chart", walk, group="channel", shape="donut")
    view("treemap", walk, levels=["region", "channel"], summed="sales")
    view("sunburst", walk, levels=["region", "channel"])
    view("line_plot", walk, x="day", y=["sales"], colour="region", aggregation="mean", period="month")
    view("stacked_area", walk, x="day", group="channel", period="month")
    view("histogram", walk, column="sales", colour="region", lines="median")
    view("density_plot", walk, column="visits", colour="region")
    view("box_plot", walk, columns=["sales"], group="region")
    view("violin_plot", iris, columns=["petal length (cm)"], group="species")
    view("scatter_plot", iris, x="petal length (cm)", y="petal width (cm)", colour="species", line="trend")
    view("scatter_matrix", iris, columns={"pattern": "length|width"}, colour="species")
    view("parallel_coordinates", iris, columns={"pattern": "length|width"}, colour="species")
    view("heatmap", walk, x="day", y="region", aggregation="mean", summarised="sales", ranges=12)
    view("correlation_matrix_view", wine, order="similar")
    view("data_explorer", walk, across=3)

    parts = flow.add("partition", cancer, method="stratified", by="diagnosis", seed=1)
    logistic = flow.add("logistic_regression_learner", parts["first"], target="diagnosis")
    tree = flow.add("decision_tree_learner", parts["first"], target="diagnosis", depth=3, seed=0)
    forest = flow.add("random_forest_learner", parts["first"], target="diagnosis", trees=50, seed=0)
    first = flow.add("predictor", logistic["model"], parts["second"], probabilities=True)
    view("roc_curve_view", first)
    view("precision_recall_view", first)
    view("lift_gain_chart", first)
    view("calibration_plot", first)
    view("confusion_matrix_view", first)
    view("decision_tree_view", tree["model"])
    view("feature_importance_view", forest["importances"], most=10)
    view("partial_dependence", forest["model"], parts["second"], most=4)
    line = flow.add("linear_regression_learner", diabetes, target="progression")
    guessed = flow.add("predictor", line["model"], diabetes)
    view("residual_plot", guessed)
    two = flow.add("column_filter", iris, columns=["petal length (cm)", "petal width (cm)", "species"])
    vectors = flow.add("svm_learner", two, target="species")
    view("decision_surface", vectors["model"], two)
    view("learning_curve_view", flow.add("learning_curve", tree["model"], parts["first"], seed=0))
    view("elbow_plot", flow.add("cluster_numbers", iris, seed=0, features={"types": ["number"]}))
    groups = flow.add("k_means", iris, clusters=3, seed=0, features={"types": ["number"]})
    view("silhouette_plot", groups["table"])
    joins = flow.add("hierarchical_clustering", iris, features={"types": ["number"]})
    view("dendrogram", joins["details"], iris)
    view("image_grid", digits, most=24, pixels={"pattern": "^pixel"}, names="digit")
    view("network_view", flow.add(Words, pairs=True, id="tours"), source="from", target="to", seed=3)
    view("text_view", words, text="text")
    view("text_concordance", words, text="text", word="river")
    result = flow.run(cache=False)
    return {id: result[handle.id].chart for id, handle in views.items()}


def sheet(charts: dict[str, Chart], theme: str) -> str:
    """All charts in one SVG, each fitted into a cell."""
    from nodeflow_nodes.views._theme import config

    wide, high = CELL
    down = -(-len(charts) // ACROSS)
    size = (ACROSS * (wide + GAP) + GAP, down * (high + GAP) + GAP)
    ground = str(config(theme)["background"])
    parts = []
    for place, chart in enumerate(charts.values()):
        svg = chart.to_bytes("svg").decode()
        found = re.search(r'width="([\d.]+)"[^>]*height="([\d.]+)"', svg)
        assert found is not None
        own = (float(found[1]), float(found[2]))
        scale = min(wide / own[0], high / own[1])
        x = GAP + place % ACROSS * (wide + GAP) + (wide - own[0] * scale) / 2
        y = GAP + place // ACROSS * (high + GAP) + (high - own[1] * scale) / 2
        # the names of clips and gradients are told apart
        svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>p{place}_", svg)
        parts.append(f'<g transform="translate({x:.1f} {y:.1f}) scale({scale:.4f})">{svg}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{size[0]}" '
        f'height="{size[1]}"><rect width="100%" height="100%" fill="{ground}"/>{"".join(parts)}</svg>'
    )


def main(folder: Path, each: Path | None) -> None:
    """Write the pictures."""
    import vl_convert

    for theme in ("light", "dark"):
        charts = gallery(theme)
        if each is not None:
            for id, chart in charts.items():
                with atomic_write(each / f"{id}_{theme}.png", "wb") as target:
                    target.write(chart.to_bytes("png"))
        with atomic_write(folder / f"views_{theme}.png", "wb") as target:
            target.write(vl_convert.svg_to_png(sheet(charts, theme), scale=SCALE))


if __name__ == "__main__":
    folders = [Path(one) for one in sys.argv[1:]]
    main(folders[0] if folders else Path(), folders[1] if len(folders) > 1 else None)
