"""How runs are to go, from the preferences of the user."""

from __future__ import annotations

from pathlib import Path

from nodeflow_gui.preferences import Preferences
from nodeflow_gui.running.session import RunOptions


def run_options(kept: Preferences, before: RunOptions | None = None) -> RunOptions:
    """The options of the next run; what was allowed before stays allowed."""
    options = before or RunOptions()
    values = kept.kept
    options.cache_folder = Path(values.cache_folder).expanduser() if values.cache_folder else None
    options.memory = round(values.memory_gigabytes * 1e9) if values.memory_gigabytes else None
    options.nodes_path = list(kept.nodes_path)
    options.knows_code = kept.code.holds
    options.environment = {}
    if values.backend:
        options.environment["KERAS_BACKEND"] = values.backend
    if values.cache_gigabytes:
        options.environment["NODEFLOW_CACHE_LIMIT"] = str(round(values.cache_gigabytes * 1e9))
    return options
