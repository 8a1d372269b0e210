"""Views of rows as they are: images, networks and texts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from cases_model_views import (
    EDGES,
    IMAGES,
    NODES,
    TEXTS,
)
from drawing import drawn, layers, made, points

import nodeflow as nf

# -- images --------------------------------------------------------------------------------------------


def test_images_are_drawn_pixel_by_pixel_with_captions() -> None:
    found = points("image_grid", IMAGES, pixels=["a", "b", "c", "d"])
    first = found.filter((pl.col("place") == 0) & (pl.col("line") == 0))
    assert first.select("x", "y", "shade").sort("y", "x").rows() == [(1, 0, 8), (0, 1, 15)]
    told = layers("image_grid", IMAGES, pixels=["a", "b", "c", "d"], names="name", compared="said")[1]
    assert [row["text"] for row in told] == ["x", "y → z", "z"]
    assert drawn("image_grid", IMAGES, pixels=["a", "b", "c", "d"])[1] == [
        "1 of 4 rows without a usable value is not shown"
    ]


def test_only_images_that_differ_are_drawn_if_asked_for() -> None:
    settings = {"pixels": ["a", "b", "c", "d"], "names": "name", "compared": "said", "only_different": True}
    assert [row["text"] for row in layers("image_grid", IMAGES, **settings)[1]] == ["y → z"]
    same = IMAGES.with_columns(pl.col("name").alias("said"))
    with pytest.raises(nf.NodeFailed, match="are the same for every image"):
        drawn("image_grid", same, **settings)
    with pytest.raises(nf.ParameterError, match="both captions"):
        made("image_grid", only_different=True)


def test_digits_need_no_settings_and_other_shapes_a_width() -> None:
    from sklearn.datasets import load_digits

    digits = pl.DataFrame(load_digits().data, schema=[f"p{i}" for i in range(64)])
    specification, _ = drawn("image_grid", digits)
    assert specification["title"]["subtitle"] == ["40 of 1,797 images"]
    assert drawn("image_grid", digits, image_width=16, choice="spread", most=5)[0]["data"]["values"]
    with pytest.raises(nf.NodeFailed, match="63 number columns make no image"):
        drawn("image_grid", digits.drop("p0"))
    with pytest.raises(nf.NodeFailed, match="no number column is chosen"):
        drawn("image_grid", digits, pixels=[])


def test_large_images_are_fewer() -> None:
    import numpy as np

    noise = np.random.default_rng(0).random((4, 10_000))
    table = pl.DataFrame(noise, schema=[f"p{i}" for i in range(10_000)])
    specification, messages = drawn("image_grid", table)
    assert len(specification["data"]["values"]) <= 25_000
    assert messages[0].startswith("the images are too detailed to draw more than 2")


# -- networks ------------------------------------------------------------------------------------------


def test_a_network_counts_connections_of_both_directions_together() -> None:
    specification, messages = drawn("network_view", EDGES)
    nodes = {row["node"]: row["neighbours"] for row in specification["data"]["values"]}
    assert nodes == {"a": 2, "b": 2, "c": 2, "d": 1, "e": 1, "f": 0}
    edges = layers("network_view", EDGES, weight="weight")[1]
    assert {(row["from"], row["to"]): row["weight"] for row in edges} == {
        ("a", "b"): "1", ("a", "c"): "6", ("b", "c"): "3", ("d", "e"): "3",
    }  # fmt: skip
    assert messages == [
        "1 of 9 rows without a usable value is not shown",
        "1 connection of a node with itself is not drawn",
    ]
    assert len(layers("network_view", EDGES, directed=True)[1]) == 6


@pytest.mark.parametrize("metric", ["weighted degree", "pagerank", "betweenness", "closeness"])
def test_metrics_are_those_of_networkx(metric: str) -> None:
    import networkx as nx

    graph = nx.karate_club_graph()
    table = pl.DataFrame([(a, b) for a, b in graph.edges()], schema=["from", "to"], orient="row")
    found = points("network_view", table, size="alike", colour=metric)
    wanted = {
        "weighted degree": dict(graph.degree()),
        "pagerank": nx.pagerank(graph, weight=None),
        "betweenness": nx.betweenness_centrality(graph),
        "closeness": nx.closeness_centrality(graph),
    }[metric]
    assert dict(found.select("node", "colour").iter_rows()) == pytest.approx(
        {str(n): v for n, v in wanted.items()}
    )


@pytest.mark.parametrize("layout", ["spring", "circle", "by distance"])
def test_a_layout_is_the_same_for_the_same_seed_and_lies_in_the_picture(layout: str) -> None:
    one, other = (points("network_view", EDGES, layout=layout, seed=3) for _ in range(2))
    assert one.rows() == other.rows()
    assert one.select(pl.col("x", "y").is_between(-0.06, 1.0).all()).row(0) == (True, True)


def test_nodes_are_coloured_by_their_table() -> None:
    given = {"table": EDGES, "nodes": NODES}
    found = points("network_view", given, colour="column", coloured_by="team")
    assert dict(found.select("node", "colour").iter_rows()) == {
        "a": "red", "b": "red", "c": "(missing)", "d": "blue", "e": "(missing)", "f": "(missing)",
    }  # fmt: skip
    with pytest.raises(nf.ParameterError, match="column of the nodes"):
        made("network_view", colour="column")
    with pytest.raises(nf.ParameterError, match="more than 300 nodes"):
        made("network_view", layout="by distance", most_nodes=301)
    negative = EDGES.with_columns(pl.col("weight") - 2)
    with pytest.raises(nf.NodeFailed, match="weights below 0"):
        drawn("network_view", negative, weight="weight", size="pagerank")
    with pytest.raises(nf.NodeFailed, match="connect a table of the nodes"):
        drawn("network_view", EDGES, colour="column", coloured_by="team")
    with pytest.raises(nf.NodeFailed, match="choose the column"):
        drawn("network_view", EDGES.rename({"source": "s"}))


def test_of_a_large_network_the_nodes_with_most_neighbours_are_drawn() -> None:
    star = [("hub", f"leaf {i}") for i in range(3_000)] + [("leaf 1", "leaf 2")]
    table = pl.DataFrame(star, schema=["source", "target"], orient="row")
    specification, _ = drawn("network_view", table, most_nodes=3)
    assert [row["node"] for row in specification["data"]["values"]] == ["hub", "leaf 1", "leaf 2"]
    told = specification["title"]["subtitle"]
    assert told[1] == "the 3 of 3,001 nodes with the largest number of neighbours are drawn"


# -- texts ---------------------------------------------------------------------------------------------


def test_texts_are_broken_into_lines_and_cut() -> None:
    from nodeflow_nodes.views._texts import is_right_to_left, lines_of, visible

    assert lines_of("one two three", 8, 9) == (["one two", "three"], False)
    assert lines_of("one two three four", 8, 1) == (["one two …"], True)
    assert lines_of("a\n\nb\n", 8, 9) == (["a", "", "b"], False)
    assert lines_of("x" * 20, 8, 9)[0] == ["x" * 8, "x" * 8, "x" * 4]
    assert lines_of("猫" * 6, 8, 9)[0] == ["猫" * 4, "猫" * 2]
    assert visible("a\tb\x00c\u202ed") == "a bcd"
    assert is_right_to_left("1. שלום")
    assert not is_right_to_left("abc שלום")


def test_a_block_for_each_text_with_its_heading() -> None:
    specification, messages = drawn("text_view", TEXTS, text="text", titles="title")
    lines = [row["text"] for row in specification["data"]["values"]]
    assert lines == ["one", "A cat sat on the mat. The cat slept.", "two", "Cats and dogs"]
    assert messages == ["2 of 4 rows without a usable value are not shown"]
    longest = points("text_view", TEXTS, text="text", choice="longest", most=1)
    assert longest["text"].to_list() == ["A cat sat on the mat. The cat slept."]


def test_markup_in_texts_is_text() -> None:
    table = pl.DataFrame({"t": ["<script>alert(1)</script>", "=1+1", "[a](javascript:x)", "{{7*7}}"]})
    svg = nf.Chart(drawn("text_view", table, text="t")[0]).to_bytes("svg").decode()
    assert "<script" not in svg
    assert "href" not in svg


def hits(word: str, texts: list[str], **parameters: Any) -> list[tuple[str, str, str]]:
    found = points("text_concordance", pl.DataFrame({"t": texts}), text="t", word=word, **parameters)
    return found.select("before", "word", "after").rows()


def test_a_concordance_has_a_line_for_each_place() -> None:
    texts = ["A cat sat on the mat. The cat slept.", "Cats and dogs", "concat"]
    assert hits("cat", texts) == [
        ("A ", "cat", " sat on the mat. The cat slept."),
        ("A cat sat on the mat. The ", "cat", " slept."),
    ]
    assert [word for _, word, _ in hits("cat*", texts)] == ["cat", "cat", "Cats"]
    assert [word for _, word, _ in hits("cat", texts, whole_words=False)] == ["cat", "cat", "Cat", "cat"]
    assert [word for _, word, _ in hits("Cat*", texts, exact_case=True)] == ["Cats"]
    specification, _ = drawn("text_concordance", pl.DataFrame({"t": texts}), text="t", word="cat", most=1)
    assert specification["title"]["subtitle"] == ["2 times in 1 of 3 texts, 1 are shown"]


def test_a_concordance_is_sorted_by_what_stands_around() -> None:
    texts = ["b x z", "a x y", "c b x a"]
    assert [after.strip() for _, _, after in hits("x", texts, order="after")] == ["a", "y", "z"]
    assert [before.strip() for before, _, _ in hits("x", texts, order="before")] == ["a", "b", "c b"]


def test_what_is_looked_for_is_no_pattern_but_for_the_asterisk() -> None:
    assert hits("a.c", ["abc a.c"]) == [("abc ", "a.c", "")]
    assert hits("C++", ["I like C++ (and C)"]) == [("I like ", "C++", " (and C)")]
    assert hits("new   york", ["New\nYork"]) == [("", "New York", "")]
    assert hits("שלום", ["אמר שלום לו"])[0][1] == "שלום"
    with pytest.raises(nf.NodeFailed, match='none of 1 texts has the word "q"'):
        hits("q", ["abc"])
    with pytest.raises(nf.ParameterError, match="say which word"):
        made("text_concordance", text="t", word=" * ")


def test_long_contexts_are_cut_at_words() -> None:
    before, _, after = hits(
        "here", ["one two three " * 20 + "here " + "four five six " * 20], context_letters=10
    )[0]
    assert before == "… two three "
    assert after == " four five …"
