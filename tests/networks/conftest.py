"""The backend of Keras is chosen before Keras is imported, and compiles quickly rather than well."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


@pytest.fixture(scope="session", autouse=True)
def quick_compiling() -> None:
    """Each network here is run once or twice: compiling takes most of the time. Set in this process alone."""
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
