"""Which backend and device deep learning uses here, and why. Imports none of them, so it is quick."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from nodeflow.errors import NodeflowError, listing

BACKENDS = ("jax", "torch", "tensorflow")
"""Backends of Keras in the order in which they are taken."""


class DeviceError(NodeflowError):
    """The backend or device that was asked for is not there."""


@dataclass(frozen=True)
class Choice:
    """A backend and a device, with the sentences that say why they were chosen."""

    backend: str
    device: str
    """ "cpu" or "gpu"."""
    backend_reason: str
    device_reason: str
    gpu_name: str = ""

    def sentence(self) -> str:
        """Both with their reasons in one line."""
        device = f"the GPU {self.gpu_name}".strip() if self.device == "gpu" else "the CPU"
        return f"{self.backend} ({self.backend_reason}) on {device} ({self.device_reason})"


def installed_backends() -> list[str]:
    """The backends of Keras that are installed, the preferred one first."""
    return [name for name in BACKENDS if importlib.util.find_spec(name) is not None]


@functools.cache
def graphics_processors() -> tuple[str, ...]:
    """Name and memory of each NVIDIA graphics processor, asked of its driver once a process."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in done.stdout.splitlines() if line.strip())


def computes_on_gpu(backend: str) -> bool:
    """Whether the installed build of a backend can use an NVIDIA graphics processor, as far as files tell."""
    if backend == "jax":
        return any(importlib.util.find_spec(f"jax_cuda{version}_plugin") is not None for version in (13, 12))
    if backend == "torch":
        # the build for the CPU comes without the libraries of CUDA
        spec = importlib.util.find_spec("torch")
        places = spec.submodule_search_locations if spec is not None else None
        files = ("libtorch_cuda.so", "torch_cuda.dll")
        return any(
            os.path.exists(os.path.join(place, "lib", file)) for place in places or () for file in files
        )
    return importlib.util.find_spec(backend) is not None


def choose(
    backend: str = "auto", device: str = "auto", environment: Mapping[str, str] | None = None
) -> Choice:
    """The backend and device for what was asked: a backend's name or "auto", and "auto", "cpu" or "gpu".

    Raises:
        DeviceError: it is not installed, or there is no graphics processor it could use.
    """
    surroundings = os.environ if environment is None else environment
    installed = installed_backends()
    if importlib.util.find_spec("keras") is None or not installed:
        raise DeviceError(
            "deep learning needs Keras and a backend; install them by: pip install nodeflow[deep]"
        )
    chosen, reason = _backend(backend, surroundings.get("KERAS_BACKEND", ""), installed, device)
    names = graphics_processors()
    name = names[0].partition(",")[0] if names else ""
    able = bool(names) and computes_on_gpu(chosen)
    if device == "gpu":
        if not names:
            raise DeviceError(
                "a GPU was asked for, but no NVIDIA graphics processor is found here; run with --device cpu or auto, "
                "or check the driver by nvidia-smi"
            )
        if not able:
            raise DeviceError(
                f"a GPU was asked for, but {chosen} is installed for the CPU alone; install it by: "
                "pip install nodeflow[gpu], or run with --device cpu"
            )
        return Choice(chosen, "gpu", reason, "as asked for", name)
    if device == "cpu":
        return Choice(chosen, "cpu", reason, "as asked for")
    if able:
        return Choice(chosen, "gpu", reason, "one is there", name)
    why = f"{chosen} is installed for the CPU alone" if names else "no GPU is found"
    return Choice(chosen, "cpu", reason, why)


def _backend(asked: str, told: str, installed: list[str], device: str) -> tuple[str, str]:
    if asked != "auto":
        if asked not in installed:
            raise DeviceError(
                f"the backend {asked} is not installed; there is {listing(installed)}; install it, or choose auto"
            )
        return asked, "chosen in the node"
    if told:
        if told not in installed:
            raise DeviceError(
                f'KERAS_BACKEND is "{told}", which is not installed or not supported; there is {listing(installed)}'
            )
        return told, "KERAS_BACKEND says so"
    if device != "cpu" and graphics_processors():
        able = [name for name in installed if computes_on_gpu(name)]
        if able and able[0] != installed[0]:
            return able[0], "the first one installed that can use the GPU"
    return installed[0], "the first one installed" if len(installed) > 1 else "the one installed"


def is_gpu_in_force(device: str) -> bool:
    """Whether a heavy job would run on a graphics processor, so that only one should at a time."""
    if device == "cpu" or not graphics_processors():
        return False
    try:
        return choose("auto", device).device == "gpu"
    except DeviceError:
        return False
