"""Checkpoints of a training: all state it goes on from, in one file of plain arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 1


def write_checkpoint(path: Path, arrays: Mapping[str, Sequence[Any]], state: Mapping[str, Any]) -> None:
    """Write groups of arrays, and the state as JSON data."""
    from safetensors.numpy import save_file

    flat = {
        f"{group}/{index}": np.ascontiguousarray(one).reshape(np.shape(one))
        for group, items in arrays.items()
        for index, one in enumerate(items)
    }
    told = json.dumps({"format": FORMAT, **state, "groups": {name: len(one) for name, one in arrays.items()}})
    save_file(flat, path, metadata={"state": told})


def read_checkpoint(path: Path) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The groups of arrays and the state; raises `ValueError` for a file of another kind."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        state = json.loads((file.metadata() or {}).get("state", "{}"))
        if state.get("format") != FORMAT:
            raise ValueError("not a checkpoint of this version")
        arrays = {
            group: [file.get_tensor(f"{group}/{index}") for index in range(count)]
            for group, count in state.pop("groups").items()
        }
    return arrays, state
