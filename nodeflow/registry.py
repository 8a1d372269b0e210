"""The registry: which node types exist, found through entry points, and search among them.

A package offers nodes by an entry point in the group `nodeflow.nodes` that names a package or
module. If a `catalogue.json` lies in that package, written by `write_catalogue`, its declarations
are read without importing a single node; a node's module is imported when the node is used.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from nodeflow import texts
from nodeflow.errors import NodeflowError, nearest
from nodeflow.node import Node

GROUP = "nodeflow.nodes"
MOST_BETWEEN = 6
"""How many nodes that lead from one type of port to another are still a help."""

CATALOGUE = "catalogue.json"


@dataclass
class NodeType:
    """A registered node type; its class is imported on first use."""

    id: str
    declaration: Mapping[str, Any]
    package: str
    module: str
    class_name: str
    _loaded: type[Node] | None = None

    def load(self) -> type[Node]:
        """The class itself."""
        if self._loaded is None:
            try:
                found = getattr(importlib.import_module(self.module), self.class_name)
            except (Exception, SystemExit) as error:
                raise NodeflowError(
                    f'the node type "{self.id}" of {self.package} cannot be loaded: {type(error).__name__}: {error}'
                ) from error
            if not (isinstance(found, type) and issubclass(found, Node)):
                raise NodeflowError(
                    f'the node type "{self.id}" of {self.package} cannot be loaded: '
                    f"{self.module}.{self.class_name} is no Node; write the catalogue of the package anew"
                )
            self._loaded = found
        return self._loaded


class Registry:
    """Node types by id. `Registry.installed()` has those of every installed package."""

    def __init__(self) -> None:
        self._types: dict[str, NodeType] = {}
        self._pending: list[importlib.metadata.EntryPoint] | None = []
        self.faults: list[str] = []
        """Sentences on packages whose nodes could not be read."""
        self.folders: dict[str, Path] = {}
        """Where each package has its nodes, and beside them their texts in other languages."""
        self._paths: list[Path] = []

    @classmethod
    def installed(cls) -> Registry:
        """The node types of every installed package with the entry point."""
        registry = cls()
        registry._pending = None
        return registry

    def get(self, type_id: str) -> NodeType | None:
        """The node type of that id."""
        found = self._types.get(type_id)
        if found is None and self._pending != []:
            self._read_entry_points()
            found = self._types.get(type_id)
        return found

    def __iter__(self) -> Iterator[NodeType]:
        self._read_entry_points()
        return iter(sorted(self._types.values(), key=lambda one: (one.declaration["category"], one.id)))

    def __len__(self) -> int:
        self._read_entry_points()
        return len(self._types)

    def names(self) -> list[str]:
        """The ids of all node types."""
        return [one.id for one in self]

    def add(self, node: type[Node], package: str = "") -> None:
        """Register one class, for tests and for nodes made in a program."""
        package = package or node.__module__.partition(".")[0]
        self._take(NodeType(node.id, node.declaration(), package, node.__module__, node.__qualname__, node))

    def _take(self, one: NodeType) -> None:
        held = self._types.get(one.id)
        if held is not None:
            same = (held.module, held.class_name) == (one.module, one.class_name)
            if not same or (None not in (held._loaded, one._loaded) and held._loaded is not one._loaded):
                raise NodeflowError(
                    f'two node types have the id "{one.id}": {held.module}.{held.class_name} and '
                    f"{one.module}.{one.class_name}; set the class attribute id of one of them"
                )
        if held is None or held._loaded is None:
            self._types[one.id] = one

    def add_path(self, path: Path) -> None:
        """Register the nodes of a Python file, or of every Python file of a folder.

        This imports the files: only for paths the user names.
        """
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        if not path.exists() or not files:
            raise NodeflowError(f"no Python file with nodes at {path}")
        self._paths.append(path if path.is_dir() else path.parent)
        for file in files:
            # a name of its own: a file called polars.py must not stand for the library
            name = f"nodeflow_file_{file.stem}"
            spec = importlib.util.spec_from_file_location(name, file)
            if spec is None or spec.loader is None:
                raise NodeflowError(f"{file} is not a Python file")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            # a node file may import its neighbours, as a script may
            if str(file.parent) not in sys.path:
                sys.path.append(str(file.parent))
            try:
                spec.loader.exec_module(module)
            except (Exception, SystemExit) as error:
                del sys.modules[name]
                raise NodeflowError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
            for node in nodes_of(module):
                try:
                    self.add(node, package=str(file))
                except TypeError as error:
                    raise NodeflowError(f"{file}: {error}") from error

    def search(self, text: str) -> list[NodeType]:
        """Node types that fit the words, best first; all of them for an empty text.

        Of several whose names fit alike the shorter one comes first: the words say more of it.
        """
        words = text.casefold().split()
        scored = [(score, one) for one in self if (score := _score(one.declaration, words)) > 0]
        if words:
            scored.sort(key=lambda pair: (-pair[0], _length_if_named(pair[1].declaration["name"], words)))
        return [one for _, one in scored]

    def between(self, given: str, wanted: str) -> list[str]:
        """Names of node types that make a value of the wanted type of one of the given type alone.

        None where there are many, as of those that learn a model of a table: none of them is what was meant.
        """
        names = []
        for one in self:
            needed = [port["type"] for port in one.declaration["inputs"] if not port["optional"]]
            made = [port["type"] for port in one.declaration["outputs"]]
            if needed == [given] and made[:1] == [wanted]:
                names.append(one.declaration["name"])
        return names if len(names) <= MOST_BETWEEN else []

    def texts(self, language: str) -> dict[str, str]:
        """What the packages ship of the texts of their nodes in a language, by the English; ours before others'."""
        self._read_entry_points()
        found: dict[str, str] = {}
        for folder in reversed([*self.folders.values(), *self._paths]):
            found.update(texts.read(texts.file_of(folder, language)))
        return found

    def suggest(self, type_id: str) -> list[str]:
        """Ids of node types that a wrong id may have meant."""
        words = type_id.replace("_", " ").replace("-", " ")
        names = {one.id: one for one in self}
        by_name = nearest(type_id, names)
        found = by_name or [one.id for one in self.search(words)]
        return found[:3]

    def _read_entry_points(self) -> None:
        if self._pending is None:
            # our own first, so that no package takes the place of a node that came with nodeflow
            self._pending = sorted(
                importlib.metadata.entry_points(group=GROUP),
                key=lambda one: (one.dist is None or one.dist.name != "nodeflow", one.name),
            )
        while self._pending:
            entry = self._pending.pop(0)
            try:
                self._read_package(entry.value)
            except (Exception, SystemExit) as error:  # one broken package must not take the others away
                self.faults.append(
                    f"the nodes of {entry.name} ({entry.value}) cannot be read: {type(error).__name__}: {error}"
                )

    def _read_package(self, module_name: str) -> None:
        spec = importlib.util.find_spec(module_name)
        if spec is None:
            raise NodeflowError(f"there is no module {module_name}")
        for location in spec.submodule_search_locations or ():
            self.folders.setdefault(module_name, Path(location))
            catalogue = Path(location) / CATALOGUE
            if catalogue.is_file():
                for row in msgspec.json.decode(catalogue.read_bytes()):
                    declaration = row["declaration"]
                    self._offer(
                        NodeType(declaration["id"], declaration, module_name, row["module"], row["class"])
                    )
                return
        for node in collect(module_name):
            self._offer(
                NodeType(node.id, node.declaration(), module_name, node.__module__, node.__qualname__, node)
            )

    def _offer(self, one: NodeType) -> None:
        """Take a node type of an installed package, unless its id is taken: then the first one stays."""
        try:
            self._take(one)
        except NodeflowError as error:
            self.faults.append(f"{error}; {one.module}.{one.class_name} is left out")


def nodes_of(module: ModuleType) -> Iterator[type[Node]]:
    """The node classes a module defines itself, each once, those with a leading underscore left out."""
    for value in dict.fromkeys(one for one in vars(module).values() if isinstance(one, type)):
        if (
            issubclass(value, Node)
            and value is not Node
            and value.__module__ == module.__name__
            and not value.__name__.startswith("_")
        ):
            yield value


def collect(package_name: str) -> list[type[Node]]:
    """The node classes of a package and all its modules but private ones, by importing them."""
    package = importlib.import_module(package_name)
    found = list(nodes_of(package))
    for info in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package_name}."):
        if any(part.startswith("_") for part in info.name.removeprefix(package_name).split(".")):
            continue
        found.extend(nodes_of(importlib.import_module(info.name)))
    return found


def catalogue_of(package_name: str) -> bytes:
    """The catalogue of a package, as the bytes of its `catalogue.json`."""
    rows = [
        {"module": node.__module__, "class": node.__qualname__, "declaration": node.declaration()}
        for node in sorted(collect(package_name), key=lambda one: one.id)
    ]
    return msgspec.json.format(msgspec.json.encode(rows, order="deterministic"), indent=1) + b"\n"


def _score(declaration: Mapping[str, Any], words: Iterable[str]) -> int:
    """How well a declaration fits: every word must be found somewhere."""
    name = declaration["name"].casefold()
    keywords = [word.casefold() for word in declaration["keywords"]]
    rest = f"{declaration['summary']} {declaration['category']}".casefold()
    total = 1
    for word in words:
        if name == word or declaration["id"] == word:
            score = 100
        elif name.startswith(word) or declaration["id"].startswith(word):
            score = 60
        elif any(part.startswith(word) for part in name.split()):
            score = 40
        elif word in keywords:
            score = 35
        elif any(word in keyword for keyword in keywords):
            score = 20
        elif word in rest:
            score = 10
        elif word in declaration["help"].casefold():
            score = 3
        else:
            return 0
        total += score
    return total


def _length_if_named(name: str, words: Iterable[str]) -> int:
    folded = name.casefold()
    return len(name) if any(word in folded for word in words) else 0


def write_catalogue(package_name: str) -> Path:
    """Write the catalogue of a package beside its `__init__.py`; gives the path."""
    from nodeflow.files import atomic_write

    spec = importlib.util.find_spec(package_name)
    if spec is None or not spec.submodule_search_locations:
        raise NodeflowError(f"there is no package {package_name}")
    path = Path(spec.submodule_search_locations[0]) / CATALOGUE
    with atomic_write(path, "wb") as file:
        file.write(catalogue_of(package_name))
    return path


if __name__ == "__main__":
    for package in sys.argv[1:]:
        print(write_catalogue(package))
