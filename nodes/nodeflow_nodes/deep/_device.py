"""The backend and device of a deep learning node, and the environment its Keras process starts with."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from nodeflow.devices import Choice, DeviceError, choose
from nodeflow.errors import NodeFailed

MOST_COMPILED = 1 << 30
"""Bytes of compiled steps that are kept for later processes."""


def device_for(backend: str, device: str) -> Choice:
    """The backend and device in force; raises `NodeFailed` that says what is missing."""
    try:
        return choose(backend, device)
    except DeviceError as error:
        raise NodeFailed(str(error)) from None


def process_environment(
    choice: Choice, deterministic: bool, cache: Path, surroundings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment of a Keras process: all that must be set before Keras is imported.

    `cache` is the folder for what is worth keeping between processes, such as compiled steps.
    """
    given = dict(os.environ if surroundings is None else surroundings)
    on_gpu = choice.device == "gpu"
    # the user's keras.json may set another backend or precision; results must not depend on it
    given |= {"KERAS_BACKEND": choice.backend, "KERAS_HOME": str(cache / "keras")}
    given["NODEFLOW_DETERMINISTIC"] = "1" if deterministic else "0"
    given["PYTHONHASHSEED"] = "0"
    if not on_gpu:
        given["CUDA_VISIBLE_DEVICES"] = ""
    if choice.backend == "jax":
        given |= _for_jax(given, on_gpu, deterministic, cache)
    elif choice.backend == "torch":
        given["KERAS_TORCH_DEVICE"] = "cuda" if on_gpu else "cpu"
        if deterministic:
            given["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    else:
        given |= {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "TF_CPP_MIN_LOG_LEVEL": "2"}
        if deterministic:
            given["TF_DETERMINISTIC_OPS"] = "1"
    return given


def _for_jax(given: Mapping[str, str], on_gpu: bool, deterministic: bool, cache: Path) -> dict[str, str]:
    flags = given.get("XLA_FLAGS", "")
    if on_gpu and deterministic:
        flags = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    found = {
        "JAX_PLATFORMS": "cuda,cpu" if on_gpu else "cpu",
        "JAX_COMPILATION_CACHE_DIR": str(cache / "jax" / _processor()),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        # memory is taken as it is needed, so that others can use the device too
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_CPP_MIN_LOG_LEVEL": given.get("TF_CPP_MIN_LOG_LEVEL", "2"),
    }
    if importlib.util.find_spec("filelock") is not None:  # JAX needs it to keep the folder small
        found["JAX_COMPILATION_CACHE_MAX_SIZE"] = str(MOST_COMPILED)
    if flags:
        found["XLA_FLAGS"] = flags
    return found


@functools.cache
def _processor() -> str:
    """A name for the kind of processor: code compiled for one may end a process on another that shares the folder."""
    told = platform.processor() or platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        told += "".join(
            dict.fromkeys(line for line in file if line.startswith(("model name", "flags", "Features")))
        )
    return hashlib.sha256(told.encode()).hexdigest()[:16]
