"""The sentences of problems for people in front of the window: by the labels they see, without hints for terminals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from nodeflow.errors import NodeflowError
from nodeflow_gui.document.wiring import port_of
from nodeflow_gui.translations.nodes import port_label, type_text

_TERMINAL = re.compile(r"; `nodeflow [^`]*` lists the functions")
_ENTRY = re.compile(r"\[(\d+)\](?:\.(\w+))?")
_NO_NAME = re.compile(r'no column "";')
_NO_COLUMN = re.compile(r'no column "(.+?)"(?:[;,]|$)')
_VERB = re.compile(r"(?:must|is|are|has|needs|takes|cannot|may|can|does|do)\b")


def reworded(
    problems: Iterable[Mapping[str, Any]], declaration_of: Callable[[str], Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The same problems with the sentences of the window."""

    def declared(node: str) -> Mapping[str, Any]:
        try:
            return declaration_of(node) if node else {}
        except NodeflowError:  # the node went while it was checked
            return {}

    found = []
    for problem in problems:
        declaration = declared(problem.get("node", ""))
        parameters = declaration.get("parameters", ())
        message = _of_table(problem, declaration) or worded(problem, parameters)
        shown = {**problem, "message": message}
        if "fixes" in problem:
            shown["fixes"] = [_named(fix, declared) for fix in problem["fixes"]]
        found.append(shown)
    return found


def _of_table(problem: Mapping[str, Any], declaration: Mapping[str, Any]) -> str:
    """What is wrong with what comes in; empty where the engine's sentence is better."""
    message = problem["message"]
    if problem["kind"] == "missing-input" and "is not connected" in message:
        port = port_of(declaration.get("inputs", ()), problem.get("port", ""))
        if port is not None:
            words = tr("input “{label}” is not connected; it needs a {type}")
            return words.format(label=port_label(port), type=type_text(port["type"]))
    no_column = _NO_COLUMN.match(message)
    # in English the engine's sentence names those that are there
    if problem["kind"] == "missing-column" and no_column and "english" in declaration:
        return tr("there is no column “{name}”").format(name=no_column[1])
    return ""


def _named(fix: Mapping[str, Any], declared: Callable[[str], Mapping[str, Any]]) -> Mapping[str, Any]:
    """A fix that connects an output, with what people call that."""
    if fix.get("do") != "connect":
        return fix
    node, name = fix["connection"][:2]
    port = port_of(declared(node).get("outputs", ()), name)
    return {**fix, "port": port_label(port)} if port is not None else fix


def worded(problem: Mapping[str, Any], parameters: Iterable[Mapping[str, Any]]) -> str:
    """What a problem says, by the declared parameters of its node."""
    place_told = problem.get("parameter", "")
    name = re.split(r"[\[.]", place_told, maxsplit=1)[0]
    declared = next((one for one in parameters if one["name"] == name), None)
    message = _TERMINAL.sub("", problem["message"])
    if declared is None:
        return message
    label = declared.get("label", name)
    fields = {one["name"]: one for one in declared.get("fields", ())}
    place = _ENTRY.match(place_told.removeprefix(name))
    meant = fields.get(place[2], declared) if place else declared
    where = tr("{label}, entry {number}: ").format(label=label, number=int(place[1]) + 1) if place else ""
    if problem["kind"] == "missing-parameter":
        return where + _asking(meant["kind"]).format(label=meant.get("label", name))
    if _NO_NAME.search(message):
        return where + _asking("column").format(label=meant.get("label", name))
    told = f'parameter "{place_told}" '
    if not message.startswith(told):
        return message
    message = message.removeprefix(told)
    if not place:
        return _with_subject(label, message)
    message = re.sub(r"^entry \d+: ", "", message)
    known = "|".join(map(re.escape, fields))
    faults = re.split(rf'; (?="(?:{known})" )', message) if fields else [message]
    return where + "; ".join(_of_field(fault, fields) for fault in faults)


def _asking(kind: str) -> str:
    match kind:
        case "column":
            return tr("choose a column for “{label}”")
        case "columns":
            return tr("choose columns for “{label}”")
        case "path":
            return tr("choose a file for “{label}”")
        case "list" | "mapping":
            return tr("add an entry to “{label}”")
        case "formula":
            return tr("enter a formula for “{label}”")
    return tr("enter a value for “{label}”")


def _of_field(fault: str, fields: Mapping[str, Mapping[str, Any]]) -> str:
    found = re.match(r'"([^"]+)" ', fault)
    if found is None or found[1] not in fields:
        return fault
    return _with_subject(fields[found[1]].get("label", found[1]), fault[found.end() :])


def _with_subject(label: str, rest: str) -> str:
    """The label before its verb, or with a colon before a sentence of its own."""
    return f"“{label}” {rest}" if _VERB.match(rest) else f"“{label}”: {rest}"


def tr(text: str) -> str:
    """A text in the language of the user."""
    return QCoreApplication.translate("Problems", text)
