"""Bring the translation files up to date: collect the texts of the sources, keep what is translated, compile.

The tools are Qt's own, which PySide6 brings along. All texts go into one context, so that a text is translated
once wherever it stands; see `translations.Translator`. What the nodes say is in files of their own, beside their
catalogue; see `nodeflow.texts`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import PySide6

from nodeflow.files import atomic_write
from nodeflow.texts import main as texts_of_nodes
from nodeflow_gui.translations import CONTEXT, FOLDER, LANGUAGES

NODES = "nodeflow_nodes"


def collect() -> dict[str, bool]:
    """Every text of the sources, and whether it has a number in it."""
    sources = sorted(str(path) for path in FOLDER.parent.rglob("*.py"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.ts"
        _run("lupdate", *sources, "-ts", str(file), "-locations", "none", "-silent")
        root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    found: dict[str, bool] = {}
    for message in root.iter("message"):
        text = message.findtext("source") or ""
        found[text] = found.get(text, False) or message.get("numerus") == "yes"
    return dict(sorted(found.items()))


def read(language: str) -> dict[str, list[str]]:
    """What is translated: one text, or one for each form of the number."""
    file = FOLDER / f"{language}.ts"
    if not file.exists():
        return {}
    known: dict[str, list[str]] = {}
    for message in ElementTree.fromstring(file.read_text(encoding="utf-8")).iter("message"):
        translation = message.find("translation")
        if translation is None or translation.get("type") == "unfinished":
            continue
        forms = [form.text or "" for form in translation.findall("numerusform")]
        known[message.findtext("source") or ""] = forms or [translation.text or ""]
    return known


def write(language: str, texts: dict[str, bool], known: dict[str, list[str]]) -> None:
    """Write the file of a language with all texts; English needs those with numbers only."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for text, has_number in texts.items():
        if language == "en" and not has_number:
            continue
        message = ElementTree.SubElement(context, "message", {"numerus": "yes"} if has_number else {})
        ElementTree.SubElement(message, "source").text = text
        forms = known.get(text)
        translation = ElementTree.SubElement(message, "translation", {} if forms else {"type": "unfinished"})
        if has_number:
            for form in forms or ["", ""]:
                ElementTree.SubElement(translation, "numerusform").text = form
        elif forms:
            translation.text = forms[0]
    ElementTree.indent(root, " ")
    with atomic_write(FOLDER / f"{language}.ts", "w") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n')
        file.write(ElementTree.tostring(root, encoding="unicode") + "\n")


def compile_file(language: str, target: Path | None = None) -> Path:
    """Compile the file of a language for Qt."""
    made = target or FOLDER / f"{language}.qm"
    _run("lrelease", str(FOLDER / f"{language}.ts"), "-qm", str(made), "-silent")
    return made


def _run(tool: str, *arguments: str) -> None:
    beside = Path(PySide6.__file__).parent / tool
    program = str(beside) if beside.exists() else shutil.which(f"pyside6-{tool}")
    if program is None:
        raise SystemExit(f"{tool} is not there; it comes with PySide6-Essentials")
    subprocess.run([program, *arguments], check=True)


def main() -> int:
    """Update all languages; the exit code is 1 if something is left to translate."""
    texts = collect()
    left = 0
    for language in LANGUAGES:
        known = read(language)
        write(language, texts, known)
        compile_file(language)
        missing = [
            text for text, number in texts.items() if text not in known and (number or language != "en")
        ]
        left += len(missing)
        for text in missing:
            print(f"{language}: {text}")
        if language != "en":
            left += texts_of_nodes(NODES, language)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
