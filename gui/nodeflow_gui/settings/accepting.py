"""What a parameter takes, in the user's words; the engine's own sentences are for files, and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication

from nodeflow_gui.settings.columns import family_text
from nodeflow_gui.settings.simple import choice_labels, plain_schema
from nodeflow_gui.translations import QT_TRANSLATE_NOOP

_PLAIN = {
    "boolean": QT_TRANSLATE_NOOP("Accepting", "true or false"),
    "code": QT_TRANSLATE_NOOP("Accepting", "code"),
    "colour": QT_TRANSLATE_NOOP("Accepting", "a colour such as #1f77b4"),
    "date": QT_TRANSLATE_NOOP("Accepting", "a date such as 2024-12-31"),
    "formula": QT_TRANSLATE_NOOP("Accepting", "a formula"),
    "host": QT_TRANSLATE_NOOP("Accepting", "the name of a server"),
    "scalar": QT_TRANSLATE_NOOP("Accepting", "a text, a number, true or false"),
    "secret": QT_TRANSLATE_NOOP("Accepting", "the place where a secret is kept"),
}


def accepted(declared: Mapping[str, Any]) -> str:
    """What a value may be: "a whole number from 1 to 10"; empty for what is not known."""
    words = _accepted(declared)
    return tr("{0}, or nothing").format(words) if words and declared.get("optional") else words


def _accepted(declared: Mapping[str, Any]) -> str:
    match declared["kind"]:
        case "integer" | "number" | "seed":
            return _number(declared)
        case "text":
            least = plain_schema(declared).get("minLength", 0)
            if least > 1:
                return tr("a text of {0} characters or more").format(least)
            return tr("a text that is not empty") if least else tr("a text")
        case "choice":
            return _either(choice_labels(declared))
        case "column" | "columns" as kind:
            types = _either([family_text(one) for one in declared.get("types", ())])
            if kind == "column":
                return tr("a column ({0})").format(types) if types else tr("a column")
            return tr("columns ({0})").format(types) if types else tr("columns")
        case "path":
            return tr("a file to write") if declared.get("writes") else tr("a file to read")
        case "list" | "mapping" as kind:
            entry = dict(declared.get("entry") or {"kind": "scalar"})
            entry |= {name: declared[name] for name in ("unit", "types", "fields") if name in declared}
            words = accepted(entry)
            return (tr("a list, each {0}") if kind == "list" else tr("names, each with {0}")).format(words)
        case "record":
            return ", ".join(str(one["label"]) for one in declared.get("fields", ()))
        case kind:
            return tr(_PLAIN[kind]) if kind in _PLAIN else ""


def _number(declared: Mapping[str, Any]) -> str:
    schema = plain_schema(declared)
    least, most = schema.get("minimum"), schema.get("maximum")
    words = [tr("a number") if declared["kind"] == "number" else tr("a whole number")]
    if least is not None and most is not None:
        words.append(tr("from {0} to {1}").format(f"{least:g}", f"{most:g}"))
    elif least is not None:
        words.append(tr("of at least {0}").format(f"{least:g}"))
    elif most is not None:
        words.append(tr("of at most {0}").format(f"{most:g}"))
    if "exclusiveMinimum" in schema:
        words.append(tr("above {0}").format(f"{schema['exclusiveMinimum']:g}"))
    if "exclusiveMaximum" in schema:
        words.append(tr("below {0}").format(f"{schema['exclusiveMaximum']:g}"))
    if declared.get("unit"):
        words.append(f"({declared['unit']})")
    return " ".join(words)


def _either(words: Sequence[str]) -> str:
    return tr("{0} or {1}").format(", ".join(words[:-1]), words[-1]) if len(words) > 1 else "".join(words)


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("Accepting", text)
