"""The NumPy reference of recurrent layers: numeric gradients, sums over steps, truncated back-propagation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nodeflow_nodes.deep._recurrent.activations import ACTIVATIONS, activation
from nodeflow_nodes.deep._recurrent.cell import Cell, before
from nodeflow_nodes.deep._recurrent.checking import check_gradient
from nodeflow_nodes.deep._recurrent.layers import Dense, Recurrent
from nodeflow_nodes.deep._recurrent.lstm import GATES, Lstm
from nodeflow_nodes.deep._recurrent.stack import Loss, Stack, gradients_of
from nodeflow_nodes.deep._recurrent.weights import cell_of, initial_weights

import nodeflow as nf

SAMPLES, STEPS, INPUTS, UNITS, OUTPUTS = 2, 9, 3, 4, 2

CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "simple rnn": ("simple_rnn", {}),
    "simple rnn, relu": ("simple_rnn", {"activation": "relu"}),
    "lstm": ("lstm", {}),
    "lstm with peepholes": ("lstm", {"peephole": True}),
    "lstm, hard sigmoid and softsign": ("lstm", {"recurrent_activation": "hard_sigmoid", "activation": "softsign"}),
    "gru, reset after": ("gru", {"reset_after": True}),
    "gru, reset before": ("gru", {"reset_after": False}),
}  # fmt: skip


def made(kind: str, config: dict[str, Any], seed: int = 3) -> Cell:
    """A cell all of whose parameters are random, so that no path is hidden by a zero."""
    random = np.random.default_rng(seed)
    weights = initial_weights(kind, INPUTS, {"units": UNITS, **config}, random)
    return cell_of(kind, config, {name: random.normal(0, 0.6, one.shape) for name, one in weights.items()})


def problem(cell: Cell, seed: int = 5, steps: int = STEPS) -> tuple[Stack, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    dense = Dense("out", random.normal(0, 0.8, (UNITS, OUTPUTS)), random.normal(0, 0.3, OUTPUTS), "tanh")
    x = random.normal(0, 1, (SAMPLES, steps, INPUTS))
    target = random.normal(0, 1, (SAMPLES, steps, OUTPUTS))
    return Stack([Recurrent("cell", (cell,), (False,), sequences=True), dense]), x, target


@pytest.mark.parametrize("name", CELLS)
def test_the_gradient_of_every_group_is_the_numeric_one(name: str) -> None:
    cell = made(*CELLS[name])
    stack, x, target = problem(cell)
    checked = check_gradient(stack, 0, x, target, Loss("squared"))
    assert {one.group for one in checked} == set(cell.parameters)
    for one in checked:
        assert one.entries == int(np.prod(one.shape))
        assert one.analytic > 1e-4, one.group  # else nothing would be checked
        assert one.relative_error <= 1e-6, one


def test_an_lstm_with_peepholes_has_fifteen_groups() -> None:
    groups = list(made("lstm", {"peephole": True}).parameters)
    assert len(groups) == 15
    assert sorted(groups) == sorted([f"{g}_{b}" for g in "WRb" for b in "zifo"] + [f"p_{b}" for b in "ifo"])
    sizes = sum(one.size for one in made("lstm", {"peephole": True}).parameters.values())
    assert sizes == 4 * UNITS * (INPUTS + UNITS + 1) + 3 * UNITS


@pytest.mark.parametrize("name", CELLS)
def test_what_the_steps_contribute_adds_up_to_the_gradient(name: str) -> None:
    cell = made(*CELLS[name])
    stack, x, target = problem(cell, steps=40)
    trace = stack.gradient(x, target, Loss("squared"))[0].traces[0]
    whole = trace.cell.gradient(trace.x, trace.values, trace.errors)
    parts = list(trace.cell.contributions(trace.x, trace.values, trace.errors))
    steps = {group: np.stack([part[group] for part in parts]) for group in whole}
    for group, gradient in whole.items():
        assert steps[group].shape == (40, *gradient.shape)
        assert np.abs(steps[group].sum(axis=0) - gradient).max() <= 1e-12 * max(1.0, np.abs(gradient).max())


class Mistaken(Lstm):
    """The classic mistake: the way through the forget gate carries the input gate's peephole."""

    def backward(self, x: Any, values: Any, above: Any, window: int | None = None) -> Any:
        right = self.parameters["p_f"]
        wrong = Lstm({**self.parameters, "p_f": self.parameters["p_i"]})
        assert not np.allclose(right, self.parameters["p_i"])
        return wrong.backward(x, values, above, window)


def test_the_way_through_the_forget_gate_carries_its_own_peephole() -> None:
    right = made("lstm", {"peephole": True})
    errors = {}
    for cell in (right, Mistaken(right.parameters)):
        stack, x, target = problem(cell)
        checked = check_gradient(stack, 0, x, target, Loss("squared"))
        errors[type(cell).__name__] = max(one.relative_error for one in checked)
    assert errors["Lstm"] <= 1e-6
    assert errors["Mistaken"] > 1e-3


def test_the_error_of_a_simple_layer_takes_the_transposed_jacobian() -> None:
    cell = made("simple_rnn", {})
    x = np.random.default_rng(0).normal(size=(1, 2, INPUTS))
    values = cell.forward(x)
    above = np.zeros((1, 2, UNITS))
    above[0, 1] = [1.0, -2.0, 0.5, 3.0]
    found = cell.backward(x, values, above)["h"][0, 0]
    jacobian = np.diag(1 - values["h"][0, 1] ** 2) @ cell.parameters["R"].T  # dh(2)/dh(1)
    assert found == pytest.approx(jacobian.T @ above[0, 1], abs=1e-14)


@pytest.mark.parametrize("name", CELLS)
def test_a_window_of_all_steps_is_full_back_propagation(name: str) -> None:
    stack, x, target = problem(made(*CELLS[name]))
    full = gradients_of(stack.gradient(x, target, Loss("squared"))[0])
    for window in (STEPS, STEPS + 5):
        cut = gradients_of(stack.gradient(x, target, Loss("squared"), window)[0])
        assert all(np.array_equal(full[group], cut[group]) for group in full)  # bit for bit


@pytest.mark.parametrize("name", ["simple rnn", "lstm with peepholes", "gru, reset after"])
def test_a_longer_window_leaves_less_error_in_the_gradient(name: str) -> None:
    stack, x, target = problem(made(*CELLS[name]), steps=32)
    full = _flat(gradients_of(stack.gradient(x, target, Loss("squared"))[0]))
    gaps = []
    for window in (1, 4, 16, 32):
        cut = _flat(gradients_of(stack.gradient(x, target, Loss("squared"), window)[0]))
        gaps.append(float(np.linalg.norm(cut - full) / np.linalg.norm(full)))
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3] == 0.0


def _flat(gradients: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([one.reshape(-1) for one in gradients.values()])


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_slope_of_an_activation_is_the_numeric_one(name: str) -> None:
    one = activation(name)
    x = np.array([-4.0, -2.9, -1.0, -0.3, 0.2, 0.9, 2.5, 4.0])
    numeric = (one.value(x + 1e-6) - one.value(x - 1e-6)) / 2e-6
    slope = one.slope(x, one.value(x))
    assert slope == pytest.approx(numeric, rel=1e-7, abs=1e-9)
    assert slope.max() <= one.steepest + 1e-12


def test_an_unknown_activation_is_told() -> None:
    with pytest.raises(nf.NodeFailed, match='"mish" cannot be followed'):
        activation("mish")


@pytest.mark.parametrize(
    ("name", "g"), [("squared", "linear"), ("crossentropy", "softmax"), ("binary", "sigmoid")]
)
def test_the_layers_around_are_differentiated_too(name: Any, g: str) -> None:
    random = np.random.default_rng(1)
    cells = made("lstm", {"peephole": True}), made("lstm", {}, seed=8)
    stack = Stack([
        Recurrent("both", cells, (False, True), sequences=True),
        Recurrent("back", (cell_of("gru", {}, initial_weights("gru", 2 * UNITS, {"units": 3}, random)),), (True,), sequences=False),
        Dense("hidden", random.normal(size=(3, 5)), random.normal(size=5), "softplus"),
        Dense("out", random.normal(size=(5, 3)), None, g),
    ])  # fmt: skip
    x = random.normal(size=(SAMPLES, 6, INPUTS))
    target = np.eye(3)[[0, 2]]
    for number in range(4):
        for one in check_gradient(stack, number, x, target, Loss(name)):
            assert one.relative_error <= 1e-6, (number, one)


def test_states_before_the_first_step_are_zero() -> None:
    assert before(np.ones((1, 3, 1)))[0, :, 0].tolist() == [0.0, 1.0, 1.0]


def test_gates_of_the_reference_are_named_in_the_order_of_greff() -> None:
    assert GATES == ("i", "f", "o")
