"""`nodeflow validate` tells what a network will cost before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import nodeflow as nf
from nodeflow.cli.validate import command
from nodeflow.networks import Structure


def made(folder: Path, layer: str) -> Path:
    workflow = nf.Workflow("drawn")
    begin = workflow.add("network_input", shape=[12, 3], id="begin")
    inner = workflow.add(layer, begin, id="inner")
    end = workflow.add("layer_dense", inner, units=2, id="end")
    workflow.add("network_inspector", end, id="look")
    workflow.add("network_freeze", begin, id="start")
    path = folder / "drawn.json"
    nf.save(workflow, path)
    return path


def validate(*arguments: str) -> str:
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("no_gpu")
def test_parameters_memory_and_speed_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    told = validate(str(made(tmp_path, "layer_lstm")))
    lstm, dense = 4 * 32 * (3 + 32 + 1), 32 * 2 + 2
    assert f'Network of "end": 2 layers, {lstm + dense:,} parameters to learn, about ' in told
    assert "with batches of 64; fast with jax on the CPU: yes." in told
    assert told.count("Network of") == 2  # neither the parts of the whole one nor those that look at it
    told = validate(str(made(tmp_path, "layer_conv1d")))
    assert 'fast with jax on the CPU: no. "conv1d": convolutions on the CPU are slow in JAX' in told


@pytest.mark.usefixtures("no_gpu")
def test_the_same_is_told_as_json(tmp_path: Path) -> None:
    (whole,) = (
        one
        for one in json.loads(validate(str(made(tmp_path, "layer_lstm")), "--json"))["networks"]
        if one["node"] == "end"
    )
    structure = Structure.of_shape((12, 3)).then("lstm", units=32).then("dense", units=2)
    assert whole["memory"] == structure.memory(64)
    assert whole["learned"] == sum(trained for trained, _ in structure.parameter_counts().values())


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow.devices.graphics_processors", list)
