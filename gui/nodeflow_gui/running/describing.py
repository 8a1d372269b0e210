"""Values that are neither tables nor charts, as plain data to show: facts, and tables of words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def described(kind: str, value: Any) -> dict[str, Any]:
    """What to show: {"title", "facts": [[name, text]], "tables": [{"title", "columns", "rows"}], "texts"}."""
    known = {"model": _model, "report": _report, "variables": _variables}
    return known[kind](value) if kind in known else _other(kind, value)


def _model(model: Any) -> dict[str, Any]:
    from nodeflow.parameters.columns import family

    spec = model.spec
    facts = [["Task", spec.task]]
    if spec.learner:
        facts.insert(0, ["Learner", spec.learner])
    if spec.target and spec.target_type is not None:
        facts.append(["Target", f"{spec.target} ({family(spec.target_type)})"])
    if spec.classes is not None:
        facts.append(["Classes", ", ".join(map(str, spec.classes[:20]))])
    facts += [
        [_words(name), _text(one)] for name, one in model.summary.items() if not isinstance(one, dict | list)
    ]
    facts.append(["Made with", ", ".join(f"{name} {version}" for name, version in model.versions.items())])
    features = [[name, family(dtype)] for name, dtype in spec.features.columns.items()]
    tables = [{"title": "Features", "columns": ["Column", "Type"], "rows": features}]
    if model.estimator is not None:
        tables.append({"title": "Steps", "columns": ["Step", "Settings"], "rows": _steps(model.estimator)})
    return {"title": spec.learner or "Model", "facts": facts, "tables": tables}


def _steps(estimator: Any) -> list[list[str]]:
    steps = getattr(estimator, "steps", None) or [("model", estimator)]
    rows = []
    for _, step in steps:
        settings = step.get_params(deep=False) if hasattr(step, "get_params") else {}
        told = ", ".join(f"{name} {_text(one)}" for name, one in settings.items() if _is_plain(one))
        rows.append([type(step).__name__, told])
    return rows


def _report(report: Any) -> dict[str, Any]:
    texts: list[dict[str, Any]] = []

    def walk(one: Any) -> None:
        name = type(one).__name__
        if name == "Report":
            if one.title:
                texts.append({"markdown": f"## {one.title}"})
            if one.text:
                texts.append({"markdown": one.text})
            for part in one.parts:
                walk(part)
        elif name == "Text":
            texts.append({"markdown": one.markdown})
        elif name == "Excerpt":
            columns = [column for column, _ in one.columns]
            rows = [["" if cell is None else _text(cell) for cell in row] for row in one.rows]
            texts.append({"table": {"columns": columns, "rows": rows}})
        else:
            texts.append({"svg": one.to_bytes("svg").decode()})

    walk(report)
    return {"title": report.title or "Report", "facts": [], "tables": [], "texts": texts}


def _variables(variables: Any) -> dict[str, Any]:
    rows = [[name, _text(one)] for name, one in dict(variables).items()]
    return {
        "title": "Variables",
        "facts": [],
        "tables": [{"title": "", "columns": ["Name", "Value"], "rows": rows}],
    }


def _other(kind: str, value: Any) -> dict[str, Any]:
    """Tensors, networks and what else may come: what their spec tells, and a table if they have one."""
    from nodeflow.ports import port_types

    spec = port_types()[kind].stored_by.spec_of(value)
    data: Mapping[str, Any] = spec.to_data() if spec is not None else {}
    facts, tables = [], []
    for name, one in data.items():
        if isinstance(one, list) and one and all(isinstance(row, dict) for row in one):
            columns = list(dict.fromkeys(key for row in one for key in row))
            rows = [[_text(row.get(key, "")) for key in columns] for row in one]
            tables.append({"title": _words(name), "columns": [_words(key) for key in columns], "rows": rows})
        elif isinstance(one, dict) and one:
            rows = [[str(key), _text(inner)] for key, inner in one.items()]
            tables.append({"title": _words(name), "columns": ["Name", "Value"], "rows": rows})
        elif one not in (None, "", [], {}):
            facts.append([_words(name), _text(one)])
    return {"title": kind.capitalize(), "facts": facts, "tables": tables}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    return str(value)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
