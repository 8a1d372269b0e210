"""Which backend and device deep learning uses, and why, without importing any of them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from nodeflow_nodes.deep._device import process_environment

from nodeflow import devices
from nodeflow.devices import DeviceError, choose


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend backends, those of them built for a GPU, and graphics processors."""

    def pretend(backends: list[str], gpus: tuple[str, ...] = (), able: tuple[str, ...] = ()) -> None:
        monkeypatch.setattr(devices, "installed_backends", lambda: backends)
        monkeypatch.setattr(devices, "graphics_processors", lambda: gpus)
        monkeypatch.setattr(devices, "computes_on_gpu", lambda name: name in able)

    return pretend


GPU = ("NVIDIA T4, 15360 MiB",)


def test_the_first_backend_on_the_cpu_is_taken_where_there_is_no_gpu(machine: Any) -> None:
    machine(["jax", "torch"])
    chosen = choose(environment={})
    assert (chosen.backend, chosen.device) == ("jax", "cpu")
    assert chosen.sentence() == "jax (the first one installed) on the CPU (no GPU is found)"


def test_the_environment_and_the_node_choose_the_backend(machine: Any) -> None:
    machine(["jax", "torch"])
    assert choose(environment={"KERAS_BACKEND": "torch"}).backend_reason == "KERAS_BACKEND says so"
    assert choose("jax", environment={"KERAS_BACKEND": "torch"}).backend == "jax"
    with pytest.raises(DeviceError, match='KERAS_BACKEND is "mxnet", which is not installed'):
        choose(environment={"KERAS_BACKEND": "mxnet"})
    with pytest.raises(DeviceError, match="the backend tensorflow is not installed"):
        choose("tensorflow", environment={})


def test_a_gpu_is_taken_where_one_is_there_and_the_build_can_use_it(machine: Any) -> None:
    machine(["jax", "torch"], GPU, ("jax",))
    chosen = choose(environment={})
    assert chosen.sentence() == "jax (the first one installed) on the GPU NVIDIA T4 (one is there)"
    assert choose(device="cpu", environment={}).device == "cpu"
    assert devices.is_gpu_in_force("auto")
    assert not devices.is_gpu_in_force("cpu")


def test_a_backend_that_can_use_the_gpu_goes_before_one_that_cannot(machine: Any) -> None:
    machine(["jax", "torch"], GPU, ("torch",))
    assert choose(environment={}).backend == "torch"
    assert choose(device="cpu", environment={}).backend == "jax"
    chosen = choose("jax", environment={})
    assert (chosen.device, chosen.device_reason) == ("cpu", "jax is installed for the CPU alone")
    with pytest.raises(
        DeviceError, match=r"jax is installed for the CPU alone; install it by: pip install nodeflow\[gpu\]"
    ):
        choose("jax", "gpu", environment={})


def test_a_gpu_that_is_not_there_is_a_sentence(machine: Any) -> None:
    machine(["jax"])
    with pytest.raises(
        DeviceError, match="no NVIDIA graphics processor is found here; run with --device cpu or auto"
    ):
        choose(device="gpu", environment={})
    assert not devices.is_gpu_in_force("gpu")


def test_without_a_backend_the_extra_is_named(machine: Any) -> None:
    machine([])
    with pytest.raises(DeviceError, match=r"pip install nodeflow\[deep\]"):
        choose(environment={})


def test_the_environment_of_a_keras_process_is_set_for_backend_device_and_mode(tmp_path: Any) -> None:
    cpu = devices.Choice("jax", "cpu", "", "")
    gpu = devices.Choice("jax", "gpu", "", "", "NVIDIA T4")
    found = process_environment(cpu, True, tmp_path, {"XLA_FLAGS": "--mine"})
    assert (found["KERAS_BACKEND"], found["JAX_PLATFORMS"], found["CUDA_VISIBLE_DEVICES"]) == (
        "jax",
        "cpu",
        "",
    )
    assert found["XLA_FLAGS"] == "--mine"
    assert found["JAX_COMPILATION_CACHE_DIR"].startswith(str(tmp_path))
    found = process_environment(gpu, True, tmp_path, {"XLA_FLAGS": "--mine"})
    assert found["XLA_FLAGS"] == "--mine --xla_gpu_deterministic_ops=true"
    assert found["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert "CUDA_VISIBLE_DEVICES" not in found
    assert "XLA_FLAGS" not in process_environment(gpu, False, tmp_path, {})
    torch = process_environment(devices.Choice("torch", "gpu", "", "", "T4"), True, tmp_path, {})
    assert (torch["KERAS_TORCH_DEVICE"], torch["CUBLAS_WORKSPACE_CONFIG"]) == ("cuda", ":4096:8")
    tensorflow = process_environment(devices.Choice("tensorflow", "gpu", "", "", "T4"), True, tmp_path, {})
    assert (tensorflow["TF_FORCE_GPU_ALLOW_GROWTH"], tensorflow["TF_DETERMINISTIC_OPS"]) == ("true", "1")


def test_another_backend_or_device_is_another_result_and_the_plan_says_so(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nodeflow_nodes.deep.deep_learner import DeepLearner

    from nodeflow.execution.keys import changes

    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    machine(["jax", "torch"], GPU, ("jax",))
    parts = {"parameters": {}, "type": ["deep_learner", 1], "code": "", "libraries": {}}
    by_gpu = {**parts, "surroundings": DeepLearner().surroundings("auto")}
    by_cpu = {**parts, "surroundings": DeepLearner().surroundings("cpu")}
    assert by_gpu["surroundings"] == {"backend": "jax", "device": "gpu"}
    assert changes(by_gpu, by_cpu) == ["another device"]
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    by_torch = {**parts, "surroundings": DeepLearner().surroundings("cpu")}
    assert changes(by_torch, by_cpu) == ["another backend"]


def test_choosing_imports_no_backend() -> None:
    script = (
        "import sys; from nodeflow.devices import choose, is_gpu_in_force; choose(); is_gpu_in_force('auto'); "
        "print([m for m in ('keras', 'jax', 'torch', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_doctor_says_backend_and_device_with_the_reason() -> None:
    from click.testing import CliRunner

    from nodeflow.cli.doctor import command

    told = CliRunner().invoke(command, []).output
    assert "in use: " in told
    assert f"in use: {choose().sentence()}" in told


def test_only_one_step_at_a_time_holds_the_gpu_and_none_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    import polars as pl

    import nodeflow as nf
    from nodeflow.execution import run as running

    busy, most, lock = [0], [0], threading.Lock()

    class Heavy(nf.Node):
        """Work for a while."""

        category = "Test"
        slots = ("gpu",)
        number: int = nf.parameter(default=0, help="Which one.")

        def run(self) -> pl.DataFrame:
            with lock:
                busy[0] += 1
                most[0] = max(most[0], busy[0])
            time.sleep(0.05)
            with lock:
                busy[0] -= 1
            return pl.DataFrame({"n": [self.number]})

    def most_at_once(gpu: bool) -> int:
        monkeypatch.setattr(running, "is_gpu_in_force", lambda device: gpu)
        most[0] = 0
        workflow = nf.Workflow("heavy")
        for number in range(4):
            workflow.add(Heavy, number=number)
        workflow.run(cache=False, jobs=4)
        return most[0]

    assert most_at_once(gpu=True) == 1
    assert most_at_once(gpu=False) > 1
