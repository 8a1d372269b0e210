"""What a check of a document found, as it comes from the service."""

from __future__ import annotations

from typing import Any

import msgspec

from nodeflow.execution.messages import Place


class Answer(msgspec.Struct):
    """What a check found. `specs` points into `schemas`, as many ports share one.

    Attributes:
        plan: for each node what a run will do, why, and the node whose query it is part of.
        sources: for each input the outputs it reads, through components.
        outputs: for each component the true sources of its outputs.
        places: stored results of nodes that are in the cache.
        ends: the nodes to run for, when nodes with problems are left out; None if all are sound.
        code: digest and texts of the user's code in the workflow, empty if there is none.
    """

    problems: list[dict[str, Any]]
    schemas: list[dict[str, Any]]
    specs: dict[str, dict[str, int]]
    summaries: dict[str, str]
    plan: dict[str, tuple[str, str, str]]
    sources: dict[str, dict[str, list[tuple[str, str]]]]
    outputs: dict[str, dict[str, tuple[str, str]]]
    places: dict[str, dict[str, Place]]
    ends: list[str] | None
    code: dict[str, Any]
    trouble: str = ""
