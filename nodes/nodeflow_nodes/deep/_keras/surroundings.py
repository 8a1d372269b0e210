"""Imports Keras with its backend, and tells what it found: devices and versions."""

from __future__ import annotations

import importlib.metadata
import os
from typing import Any

import keras


def facts() -> dict[str, Any]:
    """The backend in force, the devices it sees, and the versions of the libraries."""
    backend = keras.backend.backend()
    if backend == "torch" and os.environ.get("NODEFLOW_DETERMINISTIC") == "1":
        import torch

        torch.use_deterministic_algorithms(True, warn_only=True)
    names = ["keras", backend, *(["jaxlib"] if backend == "jax" else []), "numpy"]
    versions: dict[str, str] = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"backend": backend, "devices": _devices(backend), "versions": versions}


def _devices(backend: str) -> list[str]:
    """What the backend can compute on, as "cpu" or "gpu: name"."""
    if backend == "jax":
        import jax

        return [
            "cpu" if one.platform == "cpu" else f"{one.platform}: {one.device_kind}" for one in jax.devices()
        ]
    if backend == "torch":
        import torch

        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return [f"gpu: {torch.cuda.get_device_name(index)}" for index in range(count)] or ["cpu"]
    return [str(one) for one in keras.distribution.list_devices()] or ["cpu"]
