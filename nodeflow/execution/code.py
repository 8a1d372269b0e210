"""The digest of a node's code: changes when its result may, not when a comment or docstring does.

A module's digest is made of its syntax tree without docstrings and positions, and of the digests of
every module it imports, followed as long as they are source files outside other installed
distributions. Those count with their version instead. Imports inside functions are followed too.
What is imported by a name computed at run time is not seen; such a node must raise its `version`.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import sys
import sysconfig
import threading
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import msgspec

_DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "yaml": "PyYAML",
    "vl_convert": "vl-convert-python",
}
"""Import names that differ from the name of the distribution."""

_ENGINE_PARTS_WITHOUT_RESULTS = ("nodeflow.cli", "nodeflow.execution", "nodeflow.export", "nodeflow.report")
"""Rooms of the engine that decide how a workflow runs or is shown, never what a node gives."""


@dataclass(frozen=True)
class CodeDigest:
    """The digest of a node's own code and the versions of the libraries it uses."""

    digest: str
    libraries: dict[str, str]


class _Module(msgspec.Struct, frozen=True):
    tree: str
    imports: list[str]


_PARSED: dict[str, _Module] = {}
"""What this process has parsed, by version, name and content, for all stores it uses."""


class CodeDigests:
    """Digests of the code of node classes, remembered between runs by the content of the files."""

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self._known: dict[str, _Module] = {}
        self._by_module: dict[str, CodeDigest] = {}
        self._changed = False
        self._lock = threading.Lock()
        if memory is not None:
            try:
                self._known = msgspec.json.decode(memory.read_bytes(), type=dict[str, _Module])
            except (OSError, msgspec.DecodeError):
                self._known = {}

    def of(self, node: type) -> CodeDigest:
        """The digest of the code of a class, all its bases' modules included."""
        with self._lock:
            found = self._by_module.get(node.__module__)
            if found is None:
                found = self._by_module[node.__module__] = self._digest(node)
            return found

    def save(self) -> None:
        """Keep what was parsed for the next run."""
        if self._memory is None or not self._changed:
            return
        from nodeflow.files import atomic_write

        recent = dict(list(self._known.items())[-5000:])
        try:
            with atomic_write(self._memory, "wb") as file:
                file.write(msgspec.json.encode(recent))
        except OSError:
            return  # only costs parsing again
        self._changed = False

    def _digest(self, node: type) -> CodeDigest:
        start = [base.__module__ for base in node.__mro__ if base is not object]
        waiting, seen = list(dict.fromkeys(start)), set(start)
        trees: dict[str, str] = {}
        libraries: dict[str, str] = {}
        own = {name.partition(".")[0] for name in start}
        while waiting:
            name = waiting.pop()
            root = name.partition(".")[0]
            if root not in own and _is_library(root):
                libraries[root] = version_of(root)
                continue
            path = _source_of(name)
            if path is None:
                continue
            module = self._module(name, path)
            trees[name] = module.tree
            for imported in (*module.imports, *_packages_above(name)):
                if imported not in seen and not imported.startswith(_ENGINE_PARTS_WITHOUT_RESULTS):
                    seen.add(imported)
                    waiting.append(imported)
        if node.__module__ not in trees:
            return CodeDigest("", {})  # typed into a console: its code cannot be read, so nothing is reused
        text = "\n".join(f"{name} {trees[name]}" for name in sorted(trees))
        return CodeDigest(hashlib.sha256(text.encode()).hexdigest(), dict(sorted(libraries.items())))

    def _module(self, name: str, path: Path) -> _Module:
        source = path.read_bytes()
        key = f"{sys.version_info[0]}.{sys.version_info[1]}:{name}:{hashlib.sha256(source).hexdigest()}"
        module = self._known.get(key)
        if module is None:
            module = _PARSED.get(key)
            if module is None:
                module = _PARSED[key] = _parse(source, name, path.name == "__init__.py")
            self._known[key] = module
            self._changed = True
        return module


def _packages_above(name: str) -> list[str]:
    """The packages whose initialisation runs before a module is imported; the engine's does nothing."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts)) if parts[0] != "nodeflow"]


def version_of(module: str) -> str:
    """The version of the distribution that brings a module."""
    return _version(_DISTRIBUTIONS.get(module, module), module)


@cache
def _version(distribution: str, module: str) -> str:
    # looked up, not asked for: some libraries warn when their version is asked for
    told = vars(sys.modules[module]).get("__version__") if module in sys.modules else None
    if isinstance(told, str):
        return str(told)  # PyTorch has a type of its own for it
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


@cache
def _library_folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({str(Path(sysconfig.get_paths()[name]).resolve()) for name in names})


@cache
def _is_library(root: str) -> bool:
    """Whether a top-level module is installed, so that its version stands for its code.

    Only the top is looked at: looking for a submodule would import what lies above it.
    """
    path = _source_of(root)
    if path is None:
        return False
    text = str(path.resolve())
    return "site-packages" in text or text.startswith(_library_folders())


def _source_of(name: str) -> Path | None:
    """The source file of a module without importing it; None for built-in, standard and absent ones."""
    root = name.partition(".")[0]
    if root in sys.stdlib_module_names or root == "__future__":
        return None
    loaded = sys.modules.get(name)
    file = getattr(loaded, "__file__", None)
    if file is None:
        spec = _spec_of(name)
        file = spec.origin if spec is not None else None
    if not file or not file.endswith(".py"):
        return Path(file) if file and file not in ("built-in", "frozen") else None
    return Path(file)


def _spec_of(name: str) -> ModuleSpec | None:
    """Where a module is, found without importing what lies above it, as `find_spec` would."""
    parent, _, _ = name.rpartition(".")
    try:
        if not parent:
            return importlib.util.find_spec(name)
        loaded = sys.modules.get(parent)
        if loaded is not None:
            places = getattr(loaded, "__path__", None)
        else:
            above = _spec_of(parent)
            places = above.submodule_search_locations if above is not None else None
        return None if places is None else PathFinder.find_spec(name, list(places))
    except (ImportError, ValueError, AttributeError):
        return None


def _parse(source: bytes, name: str, is_package: bool) -> _Module:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # compiled, or nothing that this Python could import: every byte counts
        return _Module(hashlib.sha256(source).hexdigest(), [])
    package = name if is_package else name.rpartition(".")[0]
    written: list[str] = []
    imports: set[str] = set()
    # one walk over the tree without recursion, as a chain of operators can be deep
    waiting: list[Any] = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            written.append(one)
            continue
        written.append(f"{type(one).__name__}(")
        waiting.append(")")
        for field in reversed(one._fields):
            if field in _FIELDS_WITHOUT_MEANING:
                continue
            value: Any = getattr(one, field, None)
            if field == "body" and isinstance(one, _WITH_DOCSTRING):
                value = _without_docstring(value)
            elif field in ("annotation", "returns"):
                value = _without_quotes(value)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting.append("]")
                waiting += [item if isinstance(item, ast.AST) else repr(item) for item in reversed(value)]
                waiting.append("[")
            else:
                waiting.append(f"{value!r},")
        if isinstance(one, ast.Import):
            imports.update(alias.name for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            imports.update(_imported(one, package))
    return _Module(
        hashlib.sha256("".join(written).encode("utf-8", "surrogatepass")).hexdigest(), sorted(imports)
    )


_WITH_DOCSTRING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)

_FIELDS_WITHOUT_MEANING = frozenset(("ctx", "kind", "type_comment", "type_ignores"))
"""What is told by the place in the tree, or only to type checkers."""


def _imported(one: ast.ImportFrom, package: str) -> list[str]:
    """The modules that a `from` import may load."""
    base = one.module or ""
    if one.level:
        parent = package.split(".")[: len(package.split(".")) - one.level + 1]
        base = ".".join([*parent, base] if base else parent)
    if base == "nodeflow":
        return [_engine_home(alias.name) for alias in one.names]
    # `from package import module` names a module as often as a value
    return [base, *(f"{base}.{alias.name}" for alias in one.names if alias.name != "*")]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return body[1:] or [ast.Pass()]
    return body


def _without_quotes(annotation: Any) -> Any:
    """An annotation as it would be without quotes around all of it."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return annotation
    return annotation


def _engine_home(name: str) -> str:
    """The module that defines a name of nodeflow's public surface."""
    import nodeflow

    return nodeflow.HOMES.get(name, f"nodeflow.{name}")
