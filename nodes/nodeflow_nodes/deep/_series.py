"""The values of a series that windows look back on, in the unit of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.values import Tensors
    from nodeflow.values.preparation import WindowsPreparation


def windows_of(preparation: Any) -> WindowsPreparation:
    """The preparation of forecast windows; raises `NodeFailed` for other tensors."""
    from nodeflow.values.preparation import WindowsPreparation, read

    found = None if preparation is None else read(preparation)
    if not isinstance(found, WindowsPreparation) or found.target is None:
        raise NodeFailed(
            "these tensors are no windows with a value to forecast; make them by Sequence Windows"
        )
    return found


def levels(tensors: Tensors, preparation: WindowsPreparation, places: np.ndarray) -> np.ndarray:
    """The target's own values at the rows of some windows, oldest first: (windows, rows of a window).

    Raises:
        NodeFailed: the windows do not look back on the target.
    """
    import numpy as np

    target = preparation.target
    if target not in preparation.columns:
        raise NodeFailed(
            f'the windows do not look back on "{shorten(str(target))}" itself; add it to the features of Sequence Windows'
        )
    column = preparation.columns.index(target)
    values = tensors.arrays["x"].take(places)[:, :, column].astype(np.float64)
    scaler = preparation.scaler
    if scaler is not None:
        values = values * scaler.scale[column] + scaler.mean[column]
    if preparation.difference == "all":
        now = tensors.arrays["base"].take(places).reshape(-1, 1)
        later = np.cumsum(values[:, ::-1], axis=1)[
            :, ::-1
        ]  # from each row to the last, its own change included
        values = now - np.concatenate([later[:, 1:], np.zeros_like(now)], axis=1)
    return values


def column_names(title: str, count: int) -> list[str]:
    """The names of columns for one value, or for each step of a path, as the Deep Predictor calls them."""
    return [title] if count == 1 else [f"{title} {place + 1}" for place in range(count)]
