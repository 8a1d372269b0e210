"""The run record: what ran, with what, on what, and what came of it, as plain JSON data."""

from __future__ import annotations

import datetime
import locale
import os
import platform
from pathlib import Path
from typing import Any

import msgspec

import nodeflow
from nodeflow.execution.plan import Plan
from nodeflow.execution.result import NodeReport

FORMAT = 1


def make_record(
    plan: Plan,
    reports: dict[str, NodeReport],
    stored: dict[tuple[str, str], Any],
    *,
    state: str,
    reason: str,
    started: float,
    seconds: float,
    seed: int,
    device: str,
    executor: str,
    jobs: int,
) -> dict[str, Any]:
    """The record of a run that ended."""
    resolution = plan.resolution
    libraries: dict[str, str] = {}
    nodes: dict[str, Any] = {}
    digests: dict[str, dict[str, str]] = {}
    for (name, port), output in stored.items():
        digests.setdefault(name, {})[port] = output.digest
    for name, report in reports.items():
        resolved = resolution.nodes[name]
        parts = plan.parts.get(name) or {}
        libraries.update(parts.get("libraries", {}))
        row: dict[str, Any] = {
            "type": resolved.type.id if resolved.type is not None else "",
            "state": report.state,
            "parameters": resolved.node.to_json() if resolved.node is not None else {},
        }
        step = plan.steps[plan.step_of[name]]
        facts: dict[str, Any] = {
            "reason": report.reason,
            "rows": report.rows,
            "seconds": None if report.seconds is None else round(report.seconds, 6),
            "messages": report.messages,
            "seed": plan.seeds.get(name),
            "read": parts.get("files"),
            "written": report.files,
            "key": step.key if step.head == name else None,
            "with": step.head if step.head != name else None,
        }
        row |= {key: value for key, value in facts.items() if value not in (None, "", [], {})}
        if name in digests:
            row["outputs"] = digests[name]
        nodes[name] = row
    return {
        "format": FORMAT,
        "workflow": str(resolution.workflow.path) if resolution.workflow.path else resolution.workflow.name,
        "state": state,
        "reason": reason,
        "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(),
        "seconds": round(seconds, 6),
        "seed": seed,
        "device": device,
        "executor": executor,
        "jobs": jobs,
        "environment": {
            "nodeflow": nodeflow.__version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "processors": os.cpu_count(),
            "locale": locale.setlocale(locale.LC_CTYPE),
            "time_zone": os.environ.get("TZ", ""),
            "libraries": dict(sorted(libraries.items())),
        },
        "nodes": nodes,
    }


def write_record(record: dict[str, Any], folder: Path) -> Path:
    """Save a record as `runs/<start>.json` below the output folder; gives the path."""
    from nodeflow.files import atomic_write

    runs = folder / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    stamp = record["started"].replace(":", "").replace("-", "").replace("+0000", "Z")
    path = runs / f"{stamp}.json"
    number = 1
    while path.exists():
        number += 1
        path = runs / f"{stamp}-{number}.json"
    with atomic_write(path, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    return path


__all__ = ["FORMAT", "make_record", "write_record"]
