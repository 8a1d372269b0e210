"""What nodes declare in other languages: which texts these are, where they are kept, and a declaration read in one.

A package of nodes may ship `catalogue.de.json` beside its `__init__.py`: one JSON object of English texts with
their German, and so for any language by its code. A text that is not there, or is empty, is shown in English.
Where a word means something else in one node, "ID: TEXT" with the node's id has what it is there.
Only what people read changes: ids, the names of ports and parameters, and the values of choices are the same in
every language. `python -m nodeflow.texts PACKAGE LANGUAGE` brings such a file up to date with the package.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nodeflow.errors import NodeflowError

if TYPE_CHECKING:
    from nodeflow.registry import Registry


def file_of(folder: Path, language: str) -> Path:
    """Where the nodes of a folder keep their texts in a language."""
    return folder / f"catalogue.{language}.json"


def read(file: Path) -> dict[str, str]:
    """The texts of a file by their English; none where it is missing or damaged, as English can always be shown."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


# -- a declaration in another language --------------------------------------------------------


def translated(declaration: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """A copy of a declaration for people to read in another language; the category stays, as colours follow it.

    Ports have a "label" more, choices "choice_labels" in their order, and "english" is the declaration itself.
    """
    node = declaration["id"]
    ports = {
        side: [
            {**port, "label": said(port["name"], texts, node), "help": said(port["help"], texts, node)}
            for port in declaration[side]
        ]
        for side in ("inputs", "outputs")
    }
    parameters = [_parameter(one, texts, node) for one in declaration["parameters"]]
    words = {name: said(declaration[name], texts, node) for name in ("name", "summary", "help")}
    return {**declaration, **words, **ports, "parameters": parameters, "english": declaration}


def said(text: str, texts: Mapping[str, str], node: str = "") -> str:
    """A text in the language of `texts`, as the node of that id means it, else itself."""
    return (node and texts.get(_of_node(node, text))) or texts.get(text) or text


def _of_node(node: str, text: str) -> str:
    return f"{node}: {text}"


def category_words(category: str, texts: Mapping[str, str]) -> str:
    """A category in the language of `texts`: looked up whole, else part by part."""
    whole = said(category, texts)
    if whole != category:
        return whole
    return " / ".join(said(part, texts) for part in category.split(" / "))


def _parameter(declared: Mapping[str, Any], texts: Mapping[str, str], node: str) -> dict[str, Any]:
    shown = dict(declared)
    for name in ("label", "help", "unit"):
        if name in declared:
            shown[name] = said(declared[name], texts, node)
    if "choices" in declared:
        shown["choice_labels"] = [
            said(one, texts, node) if isinstance(one, str) else one for one in declared["choices"]
        ]
    if "fields" in declared:
        shown["fields"] = [_parameter(one, texts, node) for one in declared["fields"]]
    if "entry" in declared:
        shown["entry"] = _parameter(declared["entry"], texts, node)
    return shown


# -- the texts of a package -------------------------------------------------------------------


def texts_of(declarations: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every text of these declarations once, in the order in which people meet them."""
    found: dict[str, None] = {}
    for declaration in declarations:
        found.update(dict.fromkeys(_texts(declaration)))
    return [text for text in found if text.strip()]


def _texts(declaration: Mapping[str, Any]) -> Iterator[str]:
    yield from declaration["category"].split(" / ")
    yield from (declaration["name"], declaration["summary"], declaration["help"])
    for port in (*declaration["inputs"], *declaration["outputs"]):
        yield from (port["name"], port["help"])
    for one in declaration["parameters"]:
        yield from _texts_of_parameter(one)


def _texts_of_parameter(declared: Mapping[str, Any]) -> Iterator[str]:
    for name in ("label", "help", "unit"):
        yield declared.get(name, "")
    yield from (one for one in declared.get("choices", ()) if isinstance(one, str))
    for one in (*declared.get("fields", ()), *([declared["entry"]] if "entry" in declared else ())):
        yield from _texts_of_parameter(one)


@dataclass(frozen=True)
class Update:
    """What bringing a file up to date found: texts still to translate, and those that no node has any more."""

    file: Path
    missing: list[str]
    gone: dict[str, str]


def update(registry: Registry, package: str, language: str) -> Update:
    """Bring the texts of a package in a language up to date: every text in order, those to translate empty."""
    declarations = [one.declaration for one in registry if one.package == package]
    folder = registry.folders.get(package)
    if folder is None or not declarations:
        raise NodeflowError(
            f"there is no package {package} with nodes in a folder of its own; is it installed?"
        )
    file = file_of(folder, language)
    try:
        known = msgspec.json.decode(file.read_bytes(), type=dict[str, str]) if file.exists() else {}
    except msgspec.MsgspecError as error:
        raise NodeflowError(f"{file} is damaged and left as it is: {error}") from error
    wanted = texts_of(declarations)
    # a category of two words that is one thing, such as "Input / Output", may be said as a whole
    wanted += [text for text in known if text in {one["category"] for one in declarations} - set(wanted)]
    of_nodes = {_of_node(one["id"], text) for one in declarations for text in _texts(one)}
    wanted += sorted(of_nodes & known.keys())
    write(file, {text: known.get(text, "") for text in wanted})
    gone = {text: other for text, other in known.items() if text not in set(wanted)}
    return Update(file, [text for text in wanted if not known.get(text)], gone)


def write(file: Path, texts: Mapping[str, str]) -> None:
    """Write texts with a line each."""
    from nodeflow.files import atomic_write

    with atomic_write(file, "wb") as opened:
        opened.write(msgspec.json.format(msgspec.json.encode(texts), indent=1) + b"\n")


def main(package: str, language: str) -> int:
    """Update one file and tell what is left to do; the exit code is 1 if something is."""
    from nodeflow.registry import Registry

    done = update(Registry.installed(), package, language)
    for text, other in done.gone.items():
        print(f"{language}: no node says {text!r} any more, which was {other!r}")
    for text in done.missing:
        print(f"{language}: {text!r} is still to translate in {done.file}")
    return 1 if done.missing else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m nodeflow.texts PACKAGE LANGUAGE")
    try:
        raise SystemExit(main(sys.argv[1], sys.argv[2]))
    except NodeflowError as told:
        raise SystemExit(str(told)) from told
