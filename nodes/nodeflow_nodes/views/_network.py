"""Networks as networkx has them: metrics of their nodes, communities, and where nodes are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow_nodes.views._base import MOST_COLOURS

if TYPE_CHECKING:
    import networkx as nx


def placed(graph: nx.Graph, order: Sequence[str], layout: str, seed: int) -> dict[str, tuple[float, float]]:
    """Places of the nodes from 0 to 1, the same for the same seed; `order` has the most important first."""
    import numpy as np

    alone = [node for node in order if node in graph and not graph.degree(node)]
    alone = [] if len(alone) == len(graph) else alone
    plain = graph.to_undirected()
    plain.remove_nodes_from(alone)
    found = _laid_out(plain, order, layout, seed)
    spots = np.array(list(found.values()), dtype=float).reshape(-1, 2)
    low, high = spots.min(axis=0), spots.max(axis=0)
    scaled = np.where(high - low > 1e-9, (spots - low) / np.where(high - low > 1e-9, high - low, 1.0), 0.5)
    places = {node: (float(x), float(y)) for node, (x, y) in zip(found, scaled, strict=True)}
    # nodes without a connection stand in a line below, where they take no room from the others
    step = 1 / max(len(alone), 2)
    return places | {node: ((place + 0.5) * step, -0.04) for place, node in enumerate(alone)}


def _laid_out(plain: nx.Graph, order: Sequence[str], layout: str, seed: int) -> dict[str, Any]:
    """Places in any unit."""
    import networkx as nx

    if layout == "circle":
        ring = [node for node in order if node in plain]
        turns = [2 * math.pi * place / len(ring) for place in range(len(ring))]
        return {node: (math.sin(turn), math.cos(turn)) for node, turn in zip(ring, turns, strict=True)}
    if layout == "by distance":
        return dict(nx.kamada_kawai_layout(_joined(plain)))
    size = len(plain)
    weights = sorted(abs(weight) for _, _, weight in plain.edges(data="weight"))
    middle = weights[len(weights) // 2] if weights else 1.0
    bonds = nx.Graph()
    bonds.add_nodes_from(plain)
    # a few strong connections would pull all nodes into one spot
    bonds.add_weighted_edges_from(
        (a, b, min(math.sqrt(abs(weight) / middle), 3.0) if middle else 1.0)
        for a, b, weight in plain.edges(data="weight")
    )
    rounds = 120 if size < 500 else 60
    return dict(
        nx.spring_layout(bonds, seed=seed % 2**32, k=2.2 / math.sqrt(max(size, 1)), iterations=rounds)
    )


def metric(graph: nx.Graph, name: str) -> dict[str, float]:
    """A metric of every node."""
    import networkx as nx

    if name == "weighted degree":
        return {node: float(value) for node, value in graph.degree(weight="weight")}
    if name == "pagerank":
        if any(w < 0 for _, _, w in graph.edges(data="weight")):
            raise NodeFailed("PageRank takes no weights below 0; choose another metric or no weight")
        try:
            found: dict[str, float] = nx.pagerank(graph, weight="weight")
        except nx.NetworkXException as error:
            raise NodeFailed(
                "PageRank finds no end for these weights; choose another metric or no weight"
            ) from error
        return found
    if name == "betweenness":
        # of large networks the paths from some nodes stand for all
        sample = None if len(graph) <= 500 else 300
        return dict(nx.betweenness_centrality(graph, k=sample, seed=0))
    if name == "closeness":
        return dict(nx.closeness_centrality(graph))
    return {node: float(value) for node, value in graph.degree()}


def communities(graph: nx.Graph) -> dict[str, str]:
    """The community of each node, the largest first; those beyond the colours are others."""
    from networkx.algorithms import community

    plain = graph.to_undirected()
    if plain.number_of_edges() == 0:
        return dict.fromkeys(plain, "1")
    is_weighted = all(w > 0 for _, _, w in plain.edges(data="weight"))
    groups = community.greedy_modularity_communities(plain, weight="weight" if is_weighted else None)
    ordered = sorted(groups, key=lambda one: (-len(one), min(one)))
    many = len(ordered) > MOST_COLOURS
    return {
        node: "others" if many and place >= MOST_COLOURS - 1 else str(place + 1)
        for place, group in enumerate(ordered)
        for node in group
    }


def _joined(graph: nx.Graph) -> nx.Graph:
    """The network with its pieces tied together, as distances between pieces are not known."""
    import networkx as nx

    pieces = [sorted(piece) for piece in nx.connected_components(graph)]
    if len(pieces) < 2:
        return graph
    tied = nx.Graph(graph.edges())
    tied.add_nodes_from(graph)
    hubs = [max(piece, key=lambda node: (graph.degree(node), node)) for piece in pieces]
    tied.add_edges_from((hubs[0], hub) for hub in hubs[1:])
    return tied
