"""What nodes declare in other languages: only what people read changes, and no file is needed or trusted for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

import nodeflow as nf
from nodeflow.errors import NodeflowError
from nodeflow.registry import Registry
from nodeflow.texts import category_words, file_of, read, texts_of, translated, update

GERMAN = {
    "Pick Rows": "Zeilen wählen",
    "Keep some rows.": "Einige Zeilen behalten.",
    "The rest goes.": "Der Rest entfällt.",
    "table": "Tabelle",
    "How many": "Wie viele",
    "The number of rows.": "Die Zahl der Zeilen.",
    "rows": "Zeilen",
    "first": "erste",
    "Manipulation": "Bearbeitung",
    "Row": "Zeile",
    "Column and weight": "Spalte und Gewicht",
    "Weight": "Gewicht",
}


class Weighted(nf.Record):
    """A column that counts."""

    weight: float = nf.parameter(default=1.0)


class PickRows(nf.Node):
    """Keep some rows.

    The rest goes.
    """

    category = "Manipulation / Row"

    how_many: int = nf.parameter(default=10, minimum=1, unit="rows", help="The number of rows.")
    which: Literal["first", "last"] = nf.parameter(default="first")
    weights: list[Weighted] = nf.parameter(default=[], label="Column and weight")

    def run(self, table: nf.Table) -> nf.Table:
        return table


def shown() -> dict[str, Any]:
    return translated(PickRows.declaration(), GERMAN)


def test_what_people_read_is_translated() -> None:
    declared = shown()
    assert (declared["name"], declared["summary"], declared["help"]) == (
        "Zeilen wählen",
        "Einige Zeilen behalten.",
        "Der Rest entfällt.",
    )
    assert declared["inputs"][0]["label"] == "Tabelle"
    how_many, which, weights = declared["parameters"]
    assert (how_many["label"], how_many["unit"], how_many["help"]) == (
        "Wie viele",
        "Zeilen",
        "Die Zahl der Zeilen.",
    )
    assert which["choice_labels"] == ["erste", "last"]
    assert weights["label"] == "Spalte und Gewicht"
    assert weights["fields"][0]["label"] == "Gewicht"


def test_a_word_may_mean_something_else_in_one_node() -> None:
    texts = {**GERMAN, "pick_rows: first": "vorderste", "pick_rows: Weight": "Last", "other: Which": "Andere"}
    _, which, weights = translated(PickRows.declaration(), texts)["parameters"]
    assert (which["label"], which["choice_labels"]) == ("Which", ["vorderste", "last"])
    assert weights["fields"][0]["label"] == "Last"


def test_what_files_hold_stays_as_it_is() -> None:
    declared, plain = shown(), PickRows.declaration()
    assert declared["english"] == plain
    assert declared["id"] == plain["id"]
    assert declared["category"] == plain["category"]
    assert [one["name"] for one in declared["inputs"]] == ["table"]
    for one, before in zip(declared["parameters"], plain["parameters"], strict=True):
        assert (one["name"], one.get("choices"), one.get("default")) == (
            before["name"],
            before.get("choices"),
            before.get("default"),
        )


def test_a_category_is_said_whole_or_part_by_part() -> None:
    words = {"Input / Output": "Ein- und Ausgabe", "Input": "Eingang", "Trees": "Bäume"}
    assert category_words("Input / Output", words) == "Ein- und Ausgabe"
    assert category_words("Mining / Trees", words) == "Mining / Bäume"


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b""])
def test_a_damaged_file_says_nothing(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.de.json"
    file.write_bytes(content)
    assert read(file) == {}
    assert read(tmp_path / "missing.json") == {}


def test_every_installed_package_may_bring_texts_and_ours_are_first(tmp_path: Path) -> None:
    package = tmp_path / "garden_nodes"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import nodeflow as nf\n\n\nclass Plant(nf.Node):\n"
        '    """Plant a tree."""\n\n    def run(self) -> nf.Table:\n        ...\n'
    )
    texts = {"Plant": "Pflanzen", "Row Filter": "Unkraut"}
    file_of(package, "de").write_text(json.dumps(texts), encoding="utf-8")
    info = tmp_path / "garden_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: garden_nodes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nodeflow.nodes]\ngarden_nodes = garden_nodes\n")
    told = run(
        tmp_path,
        "from nodeflow.registry import Registry\n"
        "texts = Registry.installed().texts('de')\n"
        "print(texts['Plant'], texts['Row Filter'] != 'Unkraut')",
    )
    assert told.split() == ["Pflanzen", "True"]

    # its author brings the file up to date: what is to be translated is there and empty, what is gone is gone
    told = run(tmp_path, "from nodeflow.texts import main\nmain('garden_nodes', 'de')")
    assert "no node says 'Row Filter' any more, which was 'Unkraut'" in told
    assert "'Plant a tree.' is still to translate" in told
    kept = json.loads(file_of(package, "de").read_text(encoding="utf-8"))
    assert kept["Plant"] == "Pflanzen"
    assert kept["Plant a tree."] == ""
    assert "Row Filter" not in kept


def run(folder: Path, script: str) -> str:
    script = f"import sys; sys.path.insert(0, {str(folder)!r})\n{script}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_of_nodes_may_bring_texts(tmp_path: Path) -> None:
    (tmp_path / "shouting.py").write_text(
        "import nodeflow as nf\n\n\nclass ShoutLoud(nf.Node):\n"
        '    """Shout."""\n\n    def run(self, table: nf.Table) -> nf.Table:\n        return table\n'
    )
    file_of(tmp_path, "de").write_text('{"Shout Loud": "Laut rufen"}', encoding="utf-8")
    registry = Registry()
    registry.add_path(tmp_path)
    assert registry.texts("de") == {"Shout Loud": "Laut rufen"}
    assert registry.texts("fr") == {}


def test_a_damaged_file_is_not_written_over(tmp_path: Path) -> None:
    registry = Registry()
    registry.add(PickRows, package="mine")
    registry.folders["mine"] = tmp_path
    file = file_of(tmp_path, "de")
    file.write_text('{"Pick Rows": "Zeilen wählen",')
    with pytest.raises(NodeflowError, match="is damaged and left as it is"):
        update(registry, "mine", "de")
    known = {
        "Pick Rows": "Zeilen wählen",
        "Manipulation / Row": "Zeilen",
        "pick_rows: first": "vorderste",
        "pick_rows: gone": "weg",
    }
    file.write_text(json.dumps(known), encoding="utf-8")
    done = update(registry, "mine", "de")
    assert done.gone == {"pick_rows: gone": "weg"}
    assert "Keep some rows." in done.missing
    assert list(read(file)) == [*texts_of([PickRows.declaration()]), "Manipulation / Row", "pick_rows: first"]
    with pytest.raises(NodeflowError, match="no package other with nodes"):
        update(registry, "other", "de")
