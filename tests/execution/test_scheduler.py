"""The scheduler: what may start next, as pure state without threads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodeflow.execution.scheduler import Scheduler

Graph = dict[str, list[str]]

graphs = st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=25).map(
    lambda drawn: {
        f"n{index}": sorted({f"n{source % index}" for source in sources}) if index else []
        for index, sources in enumerate(drawn)
    }
)


def order_of(scheduler: Scheduler) -> list[str]:
    """The steps in the order they are handed out when each ends before the next begins."""
    order = []
    while (name := scheduler.next()) is not None:
        order.append(name)
        scheduler.finish(name)
    return order


@given(graphs)
def test_every_step_comes_once_and_after_what_it_needs(graph: Graph) -> None:
    scheduler = Scheduler(graph)
    order = order_of(scheduler)
    assert sorted(order) == sorted(graph)
    assert scheduler.is_finished
    place = {name: index for index, name in enumerate(order)}
    assert all(place[source] < place[name] for name in graph for source in graph[name])


@given(graphs, st.data())
def test_a_failure_drops_exactly_what_depends_on_it(graph: Graph, data: st.DataObject) -> None:
    bad = data.draw(st.sampled_from(sorted(graph)))
    behind = {bad}
    for name, sources in graph.items():
        if behind & set(sources):
            behind.add(name)
    scheduler = Scheduler(graph)
    finished, dropped = [], []
    while (name := scheduler.next()) is not None:
        if name == bad:
            dropped = scheduler.fail(name)
        else:
            finished.append(name)
            scheduler.finish(name)
    assert sorted(dropped) == sorted(behind - {bad})
    assert sorted(finished) == sorted(graph.keys() - behind)
    assert scheduler.is_finished


@given(graphs, st.integers(0, 10))
def test_dropping_the_rest_leaves_only_what_was_taken(graph: Graph, count: int) -> None:
    scheduler = Scheduler(graph)
    taken = [name for _ in range(count) if (name := scheduler.next()) is not None]
    assert sorted([*scheduler.drop_rest(), *taken]) == sorted(graph)
    assert scheduler.next() is None
    for name in taken:
        assert not scheduler.is_finished
        scheduler.finish(name)
    assert scheduler.is_finished


@given(
    graphs,
    st.dictionaries(st.integers(0, 24), st.lists(st.sampled_from(["gpu", "licence"]), max_size=2)),
    st.integers(1, 2),
    st.data(),
)
def test_a_slot_is_never_held_more_often_than_there_are(
    graph: Graph, drawn: dict[int, list[str]], gpus: int, data: st.DataObject
) -> None:
    slots = {f"n{index}": sorted(set(names)) for index, names in drawn.items()}
    limits = {"gpu": gpus, "licence": 1}
    scheduler = Scheduler(graph, slots=slots, limits=limits)
    taken: list[str] = []
    ended = 0
    while not scheduler.is_finished:
        while (name := scheduler.next()) is not None:
            taken.append(name)
        assert taken, "nothing runs, and nothing may start"
        for slot, limit in limits.items():
            assert sum(slot in slots.get(name, ()) for name in taken) <= limit
        scheduler.finish(taken.pop(data.draw(st.integers(0, len(taken) - 1))))
        ended += 1
    assert ended == len(graph)


def test_views_go_first_then_the_longest_way_ahead() -> None:
    scheduler = Scheduler(
        {"short": [], "long": [], "view": [], "next": ["long"], "last": ["next"]}, first=["view"]
    )
    assert order_of(scheduler) == ["view", "long", "next", "short", "last"]


def test_the_way_ahead_is_measured_by_the_cost_of_its_steps() -> None:
    graph: Graph = {"many": [], "one": [], "next": ["many"], "last": ["next"], "end": ["one"]}
    assert order_of(Scheduler(graph))[0] == "many"
    assert order_of(Scheduler(graph, cost={"end": 10.0}))[0] == "one"


def test_a_step_that_waits_for_a_slot_keeps_nobody_else_waiting() -> None:
    scheduler = Scheduler({"a": [], "b": [], "c": []}, slots={"a": ["gpu"], "b": ["gpu"]})
    assert [scheduler.next(), scheduler.next(), scheduler.next()] == ["a", "c", None]
    scheduler.finish("a")
    assert scheduler.next() == "b"


def test_a_failed_step_gives_its_slot_back() -> None:
    scheduler = Scheduler({"a": [], "b": []}, slots={"a": ["gpu"], "b": ["gpu"]})
    assert scheduler.next() == "a"
    assert scheduler.next() is None
    scheduler.fail("a")
    assert scheduler.next() == "b"


def test_ties_are_broken_by_the_order_in_the_workflow() -> None:
    assert order_of(Scheduler({name: [] for name in "qwertz"})) == list("qwertz")


def test_a_chain_of_a_hundred_thousand_steps_needs_no_recursion() -> None:
    graph: Graph = {f"n{index}": [f"n{index - 1}"] if index else [] for index in range(100_000)}
    assert len(order_of(Scheduler(graph))) == 100_000
    scheduler = Scheduler(graph)
    assert scheduler.next() == "n0"
    assert len(scheduler.fail("n0")) == 99_999
