"""The network of a trained model comes out with its weights, and is trained on where it stood."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from nodeflow_nodes.deep.model_to_network import ModelToNetwork
from nodeflow_nodes.deep.network_cut import NetworkCut
from nodeflow_nodes.deep.network_freeze import NetworkFreeze

import nodeflow as nf
from nodeflow.values.network import Network

sys.path.append(str(Path(__file__).parent))

from training_cases import dense, flowers, learn, weights_of


def workflow_with(learner: str) -> nf.Workflow:
    workflow = nf.Workflow("taken")
    cells = {"a": ["1", "2", "3", "4"], "b": ["1", "0", "1", "0"], "y": ["p", "q", "p", "q"]}
    table = workflow.add(
        "table_creator",
        columns=[
            {"name": name, "type": "text" if name == "y" else "number", "cells": of}
            for name, of in cells.items()
        ],
        id="table",
    )
    if learner == "deep_learner":
        tensors = workflow.add("table_to_tensors", table, target="b", features=["a"], id="tensors")
        network = workflow.add("network_template", tensors, id="network")
        workflow.add("deep_learner", network, tensors, epochs=1, id="learn")
    else:
        workflow.add(learner, table, target="y", id="learn")
    workflow.add("model_to_network", workflow["learn"]["model"], id="take")
    return workflow


def test_training_goes_on_with_the_weights_that_were_learned() -> None:
    data = flowers()
    first = learn(dense(), data, epochs=5, learning_rate=0.05)
    taken = ModelToNetwork().run(first.model)
    assert {name: one.tobytes() for name, one in taken.weights.items()} == {
        name: one.tobytes() for name, one in weights_of(first).items()
    }
    anew, further = learn(dense(), data, epochs=1), learn(taken, data, epochs=1)
    assert further.history["loss"][0] < 0.8 * anew.history["loss"][0]


def test_a_piece_of_it_is_frozen_and_stays_as_it_was() -> None:
    data = flowers()
    taken = ModelToNetwork().run(learn(dense(), data, epochs=2).model)
    frozen = NetworkFreeze(layers=["dense"]).run(taken)
    further = weights_of(learn(frozen, data, epochs=2))
    assert further["dense/kernel"].tobytes() == taken.weights["dense/kernel"].tobytes()
    assert not np.array_equal(further["dense_2/kernel"], taken.weights["dense_2/kernel"])
    piece: Network = NetworkCut(until="dense").run(taken)
    assert set(piece.weights) == {"dense/kernel", "dense/bias"}


def test_its_layers_are_known_before_running() -> None:
    workflow = workflow_with("deep_learner")
    workflow.add("network_freeze", workflow["take"], layers=["nothing"], id="freeze")
    told = " ".join(str(one) for one in nf.validate(workflow))
    assert 'no layer "nothing"' in told


def test_a_model_without_a_network_is_refused_before_running() -> None:
    told = " ".join(str(one) for one in nf.validate(workflow_with("decision_tree_learner")))
    assert "the model of Decision Tree Learner holds no network" in told


def test_a_model_where_a_network_is_wanted_says_what_goes_between() -> None:
    workflow = workflow_with("deep_learner")
    workflow.add("network_freeze", workflow["learn"]["model"], id="wrong")
    told = " ".join(str(one) for one in nf.validate(workflow))
    assert "put one of these between: Model to Network" in told
