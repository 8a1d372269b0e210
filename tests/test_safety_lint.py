"""No code of ours can run code out of a file, and files are written in one place only.

The rules are read from the syntax tree, so a comment, a docstring or a method of the same name is no fault.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
WRITERS = {"nodeflow/files.py", "nodeflow/execution/store.py"}

UNSAFE_MODULES = {"pickle", "_pickle", "cPickle", "joblib", "cloudpickle", "marshal", "dill", "shelve"}
UNSAFE_BUILTINS = {"eval", "exec", "compile"}
POLARS_SQL = {"SQLContext", "sql_expr"}
# methods and functions of libraries, whatever they are called on
UNSAFE_CALLS = {
    "eval": "write the condition with expressions",
    "query": "write the condition with expressions; on a DuckDB connection call execute",
    "sql": "write it with expressions; on a DuckDB connection call execute",
    "sql_expr": "write it with expressions",
    "SQLContext": "write it with expressions",
    "read_pickle": "store Arrow, JSON or skops instead",
    "to_pickle": "store Arrow, JSON or skops instead",
    "extractall": "read the members that are wanted, by name",
    "unpack_archive": "read the members that are wanted, by name",
}


def faults(source: str, file: str) -> list[str]:
    """What is forbidden in the source of `file` (a path from the root), as `line: what and the way out`."""
    tree = ast.parse(source, file)
    own = names_bound_in(tree)
    found = []
    for node in ast.walk(tree):
        for fault in faults_of(node, own, may_write=file in WRITERS):
            found.append(f"{file}:{getattr(node, 'lineno', 0)}: {fault}")
    return found


def faults_of(node: ast.AST, own: set[str], *, may_write: bool) -> Iterator[str]:
    """The faults of one node of the tree, not of those below it."""
    if isinstance(node, ast.Import):
        yield from (f"imports {each.name}" for each in node.names if root_of(each.name) in UNSAFE_MODULES)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        module = node.module or ""
        names = {each.name for each in node.names}
        if root_of(module) in UNSAFE_MODULES:
            yield f"imports {module}"
        elif module == "builtins":
            yield from (f"imports builtins.{name}" for name in sorted(names & UNSAFE_BUILTINS))
        elif module == "yaml":
            yield from (f"imports yaml.{name}: use safe_load" for name in sorted(names) if is_yaml_load(name))
        elif root_of(module) == "polars":
            yield from (f"imports polars.{name}" for name in sorted(names & {*POLARS_SQL, "sql"}))
        elif root_of(module) in {"sklearn", "pandas"}:
            yield from (f"imports {name}" for name in sorted(names & (UNSAFE_MODULES | {"read_pickle"})))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in UNSAFE_BUILTINS - own:
            yield f"the builtin {node.id}"
    elif isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id == "builtins" and node.attr in UNSAFE_BUILTINS:
            yield f"the builtin {node.attr}"
        elif isinstance(node.value, ast.Name) and node.value.id == "yaml" and is_yaml_load(node.attr):
            yield f"yaml.{node.attr}: use safe_load"
    elif isinstance(node, ast.Call):
        yield from faults_of_call(node, may_write=may_write)


def faults_of_call(call: ast.Call, *, may_write: bool) -> Iterator[str]:
    name = called(call)
    is_method = isinstance(call.func, ast.Attribute)
    if is_method and name in UNSAFE_CALLS and not is_of_lists(call):
        yield f".{name}(): {UNSAFE_CALLS[name]}"
    for keyword in call.keywords:
        turned_off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
        if keyword.arg in {"shell", "allow_pickle"} and not turned_off:
            yield f"{keyword.arg}=True"
    if may_write:
        return
    if name in {"write_text", "write_bytes"} and is_method:
        yield f".{name}(): a crash leaves half a file; write through nodeflow.files"
    elif name in {"open", "fdopen"} and opens_for_writing(call):
        yield "opens a file for writing: a crash leaves half of it; write through nodeflow.files"


def is_of_lists(call: ast.Call) -> bool:
    """Whether it is Polars' `.list.eval(...)`, which takes an expression and no text."""
    return (
        called(call) == "eval"
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Attribute)
        and call.func.value.attr == "list"
        and not any(isinstance(one, ast.Constant) for one in call.args)
    )


def opens_for_writing(call: ast.Call) -> bool:
    """Whether an `open`, of whatever library, may write; a mode that is only known while running counts."""
    builtin = isinstance(call.func, ast.Name)
    mode = next((each.value for each in call.keywords if each.arg == "mode"), None)
    if mode is None and builtin and len(call.args) > 1:
        mode = call.args[1]
    if mode is not None:
        return not isinstance(mode, ast.Constant) or is_writing_mode(mode.value)
    # path.open(mode), gzip.open(path, mode): the mode is the one that looks like a mode
    return not builtin and any(
        isinstance(each, ast.Constant) and is_writing_mode(each.value) for each in call.args[:2]
    )


def is_writing_mode(value: object) -> bool:
    return isinstance(value, str) and set(value) <= set("rwaxbt+U") and bool(set(value) & set("wax+"))


def is_yaml_load(name: str) -> bool:
    return name in {"load", "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all"}


def called(call: ast.Call) -> str:
    """The last name of what is called: `c` of `a.b.c()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def root_of(module: str) -> str:
    return module.partition(".")[0]


def names_bound_in(tree: ast.Module) -> set[str]:
    """The names a module defines or imports at its top, which then are no builtins."""
    bound = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module not in {"builtins", None}:
            bound.update(each.asname or each.name for each in node.names)
    return bound


def sources() -> list[str]:
    folders = ("nodeflow", "nodes", "gui")
    return sorted(
        path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*.py")
    )


def test_the_packages_keep_the_rules() -> None:
    files = sources()
    assert any(file.startswith("nodeflow/") for file in files)
    assert any(file.startswith("nodes/") for file in files)
    found = [fault for file in files for fault in faults((ROOT / file).read_text(encoding="utf-8"), file)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        "import pickle",
        "import os, pickle as p",
        "def late():\n    import joblib",
        "from cloudpickle import loads",
        "import marshal",
        "import dill",
        "import shelve",
        "from sklearn.externals import joblib",
        "eval(text)",
        "exec(text)",
        "compile(text, 'file', 'exec')",
        "list(map(eval, texts))",
        "import builtins\nbuiltins.exec(text)",
        "from builtins import eval as calculate",
        "frame.query(text)",
        "frame.eval(text)",
        "pd.eval(text)",
        "pd.read_pickle(path)",
        "from pandas import read_pickle",
        "np.load(path, allow_pickle=True)",
        "pl.sql(text)",
        "lazy_frame.sql(text)",
        "pl.SQLContext(frame=frame)",
        "pl.sql_expr(text)",
        "from polars import SQLContext",
        "from polars import sql_expr as expression",
        "yaml.load(text)",
        "yaml.unsafe_load(text)",
        "from yaml import load",
        "subprocess.run(text, shell=True)",
        "subprocess.run(text, shell=chosen)",
        "archive.extractall(folder)",
        "shutil.unpack_archive(path)",
        "open(path, 'w')",
        "open(path, 'ab')",
        "open(path, mode='x')",
        "open(path, 'r+')",
        "open(path, mode)",
        "path.open('w', encoding='utf-8')",
        "gzip.open(path, 'wb')",
        "os.fdopen(number, 'w')",
        "path.write_text(text)",
        "path.write_bytes(data)",
    ],
)
def test_a_planted_fault_is_found(planted: str) -> None:
    assert faults(planted, "nodeflow/planted.py")


@pytest.mark.parametrize(
    "harmless",
    [
        "import re\nre.compile(text)",
        "formula.compile(table)",
        "from nodeflow.expressions import compile\ncompile(formula)",
        "def compile(formula): ...\ncompile(formula)",
        "class Formula:\n    def eval(self): ...",
        "ast.literal_eval(text)",
        "'eval(text)'  # import pickle",
        "yaml.safe_load(text)",
        "connection.execute(text)",
        "subprocess.run(words, shell=False)",
        "np.load(path, allow_pickle=False)",
        "open(path)",
        "open(path, 'rb')",
        "open(path, encoding='utf-8')",
        "path.open()",
        "path.open('rb')",
        "archive.open('manifest.json')",
        "path.read_text()",
        "from polars import col",
    ],
)
def test_what_is_harmless_passes(harmless: str) -> None:
    assert not faults(harmless, "nodeflow/planted.py")


@pytest.mark.parametrize("file", sorted(WRITERS))
def test_only_the_file_layer_and_the_store_may_write(file: str) -> None:
    planted = "open(path, 'wb')\npath.write_text(text)"
    assert not faults(planted, file)
    assert faults("open(path, 'wb').write(eval(text))", file) == [f"{file}:1: the builtin eval"]


def test_a_fault_names_file_line_and_way_out() -> None:
    assert faults("\nframe.query(text)", "nodes/x.py") == [
        "nodes/x.py:2: .query(): write the condition with expressions; on a DuckDB connection call execute"
    ]
