"""What the rules say of a layer is what Keras says of it."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from nodeflow.networks import RULES, Layer, NetworkInput, Structure
from tests.networks.cases import CASES


def structure_of(
    kind: str, config: dict[str, Any], shapes: list[tuple[int | None, ...]], dtype: str
) -> Structure:
    inputs = tuple(NetworkInput(f"x{number}", shape, dtype) for number, shape in enumerate(shapes))
    layer = Layer("layer", kind, config, tuple(one.name for one in inputs))
    return Structure(inputs, (layer,), ("layer",))


@functools.cache
def building() -> Any:
    from nodeflow_nodes.deep._keras import building

    return building


def test_every_kind_of_layer_is_among_the_cases() -> None:
    assert {case[0] for case in CASES} | {"tied_dense"} == set(RULES)
    assert len(RULES) >= 35


def told(case: tuple[Any, ...]) -> str:
    kind, config, shapes, _ = case
    return f"{kind}-{config}-{shapes}".replace(" ", "")[:100]


@pytest.mark.parametrize("case", CASES, ids=told)
def test_shape_dtype_and_parameters_are_those_of_keras(case: tuple[Any, ...]) -> None:
    structure = structure_of(*case)
    facts = structure.facts["layer"]
    model = building().build(structure)
    assert tuple(model.output.shape[1:]) == facts.shape
    assert model.output.dtype == facts.dtype
    weights = dict(building().variables(model, structure))
    assert {name: tuple(one.shape) for name, one in weights.items()} == {
        f"layer/{one.name}": one.shape for one in facts.weights
    }
    trained, fixed = structure.parameter_counts()["layer"]
    assert trained + fixed == model.count_params()
    assert trained == sum(int(np.prod(one.shape)) for one in model.trainable_weights)


FIRST = {case[0]: case for case in reversed(CASES) if not any(None in shape for shape in case[2])}


@pytest.mark.parametrize("kind", FIRST)
def test_numbers_that_come_out_have_the_shape_that_was_told(kind: str) -> None:
    structure = structure_of(*FIRST[kind])
    model = building().build(structure)
    inputs = [np.ones((2, *one.shape), one.dtype) for one in structure.inputs]
    result = model(inputs if len(inputs) > 1 else inputs[0])
    assert result.shape == (2, *structure.facts["layer"].shape)
    assert np.isfinite(np.asarray(result)).all()


def test_masks_pass_or_end_as_in_keras() -> None:
    import keras

    for kind, rule in RULES.items():
        if kind in ("tied_dense", "embedding") or rule.inputs[0] > 1 or rule.group == "Attention":
            continue
        case = FIRST[kind]
        if len(case[2]) > 1 or not case[2][0]:
            continue
        layer = structure_of(*case)
        model = building().build(layer)
        made = model.get_layer("layer")
        if rule.mask == "passes":
            assert made.supports_masking, kind
        elif rule.mask == "ends":
            shape = case[2][0]
            mask = keras.ops.ones((2, *shape[:1]), dtype="bool")
            assert (
                not made.supports_masking or made.compute_mask(keras.ops.ones((2, *shape)), mask) is None
            ), kind
        elif rule.mask == "time":
            assert made.supports_masking


def test_a_frozen_layer_learns_nothing() -> None:
    structure = Structure.of_shape((5,)).then("dense", units=2, trainable=False)
    assert structure.parameter_counts() == {"dense": (0, 12)}
    assert building().build(structure).trainable_weights == []


def test_a_stateful_layer_needs_a_size_of_batches_and_counts_no_state() -> None:
    from nodeflow.networks import NetworkError

    structure = Structure.of_shape((5, 3)).then("lstm", units=2, stateful=True)
    with pytest.raises(NetworkError, match="fixed size of batches"):
        building().build(structure)
    model = building().build(structure, batch_size=4)
    assert set(building().get_weights(model, structure)) == {
        "lstm/kernel",
        "lstm/recurrent_kernel",
        "lstm/bias",
    }
