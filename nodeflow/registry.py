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

from nodeflow.errors import NodeflowError, nearest
from nodeflow.node import Node

GROUP = "nodeflow.nodes"
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
            found = getattr(importlib.import_module(self.module), self.class_name)
            assert isinstance(found, type)
            assert issubclass(found, Node)
            self._loaded = found
        return self._loaded


class Registry:
    """Node types by id. `Registry.installed()` has those of every installed package."""

    def __init__(self) -> None:
        self._types: dict[str, NodeType] = {}
        self._pending: list[importlib.metadata.EntryPoint] | None = []
        self.faults: list[str] = []
        """Sentences on packages whose nodes could not be read."""

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
        if node.id in self._types and self._types[node.id]._loaded is not node:
            held = self._types[node.id]
            raise NodeflowError(
                f'two node types have the id "{node.id}": {held.module}.{held.class_name} and '
                f"{node.__module__}.{node.__qualname__}; set the class attribute id of one of them"
            )
        package = package or node.__module__.partition(".")[0]
        self._types[node.id] = NodeType(
            node.id, node.declaration(), package, node.__module__, node.__qualname__, node
        )

    def add_path(self, path: Path) -> None:
        """Register the nodes of a Python file, or of every Python file of a folder.

        This imports the files: only for paths the user names.
        """
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        if not path.exists() or not files:
            raise NodeflowError(f"no Python file with nodes at {path}")
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
                found = list(nodes_of(module))
            except Exception as error:
                raise NodeflowError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
            for node in found:
                self.add(node, package=str(file))

    def search(self, text: str) -> list[NodeType]:
        """Node types that fit the words, best first; all of them for an empty text."""
        words = text.casefold().split()
        scored = [(score, one) for one in self if (score := _score(one.declaration, words)) > 0]
        return [one for _, one in sorted(scored, key=lambda pair: -pair[0])]

    def suggest(self, type_id: str) -> list[str]:
        """Ids of node types that a wrong id may have meant."""
        words = type_id.replace("_", " ").replace("-", " ")
        names = {one.id: one for one in self}
        by_name = nearest(type_id, names)
        found = by_name or [one.id for one in self.search(words)]
        return found[:3]

    def _read_entry_points(self) -> None:
        if self._pending is None:
            self._pending = sorted(importlib.metadata.entry_points(group=GROUP), key=lambda one: one.name)
        while self._pending:
            entry = self._pending.pop(0)
            try:
                self._read_package(entry.value)
            except Exception as error:  # one broken package must not take the others away
                self.faults.append(f"the nodes of {entry.name} ({entry.value}) cannot be read: {error}")

    def _read_package(self, module_name: str) -> None:
        spec = importlib.util.find_spec(module_name)
        if spec is None:
            raise NodeflowError(f"there is no module {module_name}")
        for location in spec.submodule_search_locations or ():
            catalogue = Path(location) / CATALOGUE
            if catalogue.is_file():
                for row in msgspec.json.decode(catalogue.read_bytes()):
                    declaration = row["declaration"]
                    one = NodeType(declaration["id"], declaration, module_name, row["module"], row["class"])
                    self._types.setdefault(one.id, one)
                return
        for node in collect(module_name):
            self.add(node, module_name)


def nodes_of(module: ModuleType) -> Iterator[type[Node]]:
    """The node classes a module defines itself, those with a leading underscore left out."""
    for value in list(vars(module).values()):
        if (
            isinstance(value, type)
            and issubclass(value, Node)
            and value is not Node
            and value.__module__ == module.__name__
            and not value.__name__.startswith("_")
        ):
            yield value


def collect(package_name: str) -> list[type[Node]]:
    """The node classes of a package and all its modules, by importing them."""
    package = importlib.import_module(package_name)
    found = list(nodes_of(package))
    for info in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package_name}."):
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
