"""Views of clusters: their number, silhouettes and the tree of joins."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from cases_model_views import (
    CLUSTERED,
    JOINS,
    NUMBERS,
)
from drawing import drawn, flowers, layers, made, points, ran

import nodeflow as nf


@pytest.fixture
def iris() -> pl.DataFrame:
    return flowers()


def test_the_elbow_and_the_best_silhouette_are_marked() -> None:
    specification, messages = drawn("elbow_plot", NUMBERS)
    assert specification["title"]["subtitle"] == [
        "the curve bends most at 3 clusters",
        "the silhouette is highest at 3 clusters",
    ]
    assert messages == []
    straight = pl.DataFrame({"clusters": [1, 2, 3, 4], "within": [4.0, 3.0, 2.0, 1.0]})
    specification, _ = drawn("elbow_plot", straight, silhouette=None)
    assert len(specification["vconcat"]) == 1
    assert "subtitle" not in specification["title"]


def test_cluster_numbers_need_no_settings(iris: pl.DataFrame) -> None:
    table = ran(made("cluster_numbers", most=5), table=iris.drop("species"))["table"]
    assert points("elbow_plot", table)["within"].to_list() == table["within"].to_list()


def test_silhouettes_are_those_of_sklearn(iris: pl.DataFrame) -> None:
    from sklearn.metrics import silhouette_samples

    table = ran(made("hierarchical_clustering"), table=iris.drop("species"))["table"]
    values = silhouette_samples(iris.drop("species").to_numpy(), table["cluster"].to_numpy())
    found = points("silhouette_plot", table, standardise=False)
    for cluster in (1, 2, 3):
        own = sorted(values[table["cluster"].to_numpy() == cluster], reverse=True)
        assert found.filter(pl.col("cluster") == str(cluster))["value"].to_list() == pytest.approx(
            own, abs=1e-4
        )
    title = drawn("silhouette_plot", table, standardise=False)[0]["title"]
    assert title["subtitle"] == [f"mean {values.mean():.3f} on 150 rows"]


def test_silhouettes_that_are_there_are_drawn_and_many_rows_thinned() -> None:
    table = pl.DataFrame({"cluster": [1, 2] * 5_000, "silhouette": [i / 10_000 for i in range(10_000)]})
    found = points("silhouette_plot", table)
    assert found.height <= 602
    assert found["value"].max() == 0.9999
    assert drawn("silhouette_plot", table)[0]["title"]["subtitle"] == ["mean 0.500 on 10,000 rows"]


def test_one_cluster_has_no_silhouettes() -> None:
    with pytest.raises(nf.NodeFailed, match="one cluster only"):
        drawn("silhouette_plot", CLUSTERED.with_columns(pl.lit("one").alias("cluster")))


def brackets(inputs: Any, **parameters: Any) -> dict[int, tuple[str, float]]:
    """The cluster and height of each join."""
    found = points("dendrogram", inputs, **parameters).filter(pl.col("step") == 1)
    return {
        join: (cluster, height)
        for join, cluster, height in found.select("join", "cluster", "height").iter_rows()
    }


def test_a_dendrogram_has_a_bracket_for_each_join_in_the_colour_of_its_cluster() -> None:
    assert brackets(JOINS, clusters=2) == {
        6: ("1 (4 rows)", 1),
        7: ("1 (4 rows)", 2),
        8: ("1 (4 rows)", 4),
        9: ("above the cut", 9),
        -5: ("2 (1 row)", 6.5),
    }
    lines = points("dendrogram", JOINS, clusters=2).filter(pl.col("join") == 8)
    assert lines.sort("step").select("place", "height").rows() == [(0.5, 1), (0.5, 4), (2.5, 4), (2.5, 2)]


@pytest.mark.parametrize(
    ("parameters", "clusters"),
    [
        ({"clusters": 1}, 1),
        ({"clusters": 3}, 3),
        ({"clusters": 99}, 5),
        ({"cut": "distance", "distance": 3.0}, 3),
        ({"cut": "distance", "distance": 100.0}, 1),
        ({"cut": "nowhere"}, 0),
    ],
)
def test_a_dendrogram_is_cut_where_asked(parameters: dict[str, Any], clusters: int) -> None:
    specification, _ = drawn("dendrogram", JOINS, **parameters)
    domain = specification["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert len(domain) == clusters + 1


def test_clusters_of_a_dendrogram_are_those_of_the_node(iris: pl.DataFrame) -> None:
    found = ran(made("hierarchical_clustering", clusters=4), table=iris.drop("species"))
    specification, messages = drawn("dendrogram", found["details"], clusters=4)
    counts = found["table"]["cluster"].value_counts().sort("cluster")
    told = specification["layer"][0]["encoding"]["color"]["scale"]["domain"][:-1]
    assert told == [f"{cluster} ({count} rows)" for cluster, count in counts.iter_rows()]
    assert specification["title"]["subtitle"][1] == "the last 49 of 149 joins are drawn"
    assert messages == []


def test_ends_of_a_dendrogram_have_their_names() -> None:
    names = pl.DataFrame({"name": ["p", "q", "r", None, "t"]})
    ends = layers("dendrogram", {"table": JOINS, "rows": names}, names="name")[2]
    assert [row["name"] for row in ends] == ["p", "q", "r", "(missing)", "t"]
    ends = layers("dendrogram", {"table": JOINS, "rows": names}, names="name", most_leaves=3)[2]
    assert [row["name"] for row in ends] == ["2 rows", "2 rows", "t"]
    with pytest.raises(nf.NodeFailed, match="4 rows, but the tree was made of 5"):
        drawn("dendrogram", {"table": JOINS, "rows": names.head(4)}, names="name")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (pl.lit(1).alias("other"), "comes twice"),
        (pl.lit(77).alias("one"), "neither a row nor an earlier join"),
        (pl.lit(None, pl.Float64).alias("distance"), "lacks a part"),
    ],
)
def test_a_table_that_is_no_tree_is_told(change: pl.Expr, sentence: str) -> None:
    with pytest.raises(nf.NodeFailed, match=sentence):
        drawn("dendrogram", JOINS.with_columns(change))


def test_a_chain_of_many_joins_is_drawn() -> None:
    n = 5_000
    chain = pl.DataFrame(
        {
            "one": [1, *range(n + 1, 2 * n - 1)],
            "other": list(range(2, n + 1)),
            "distance": [float(i) for i in range(n - 1)],
        }
    )
    assert len(points("dendrogram", chain, most_leaves=1_000)) < 5_000
