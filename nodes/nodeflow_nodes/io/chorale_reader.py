"""Chorale Reader."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

_PARTS = ("train", "valid", "test")
_MOST_STEPS = 5_000_000


class ChoraleReader(Node):
    """Read music from a JSON file of chorales (JSB): in each piece, at each step, the notes that sound.

    The file has pieces under train, valid and test, a piece being a list of steps, and a step a list of notes by their
    MIDI numbers (60 is the middle C). An empty list is a rest. A step that is a single number, or -1 for a rest, is taken
    as well.

    As a piano roll each note from the lowest to the highest is a column that is 1 while it sounds, as a network reads
    it; as lists the notes of a step are one column.

    Outputs:
        table: For each step part, piece (counted on through the file), step, and the notes.
    """

    category = "Input / Output"
    keywords = ("jsb chorales", "music", "piano roll", "midi", "bach", "polyphonic", "notes")

    path: InputPath = parameter(help="The file.", suffixes=(".json", ".json.gz"))
    form: Literal["piano roll", "lists"] = parameter(default="piano roll", help="See above.")
    lowest: int = parameter(
        default=21, minimum=0, maximum=127, help="The lowest note.", when={"form": "piano roll"}
    )
    highest: int = parameter(
        default=108, minimum=0, maximum=127, help="The highest note.", when={"form": "piano roll"}
    )

    def run(self) -> pl.DataFrame:
        import polars as pl

        steps = [
            (part, piece, step, notes)
            for piece, (part, one) in enumerate(self._pieces(), 1)
            for step, notes in enumerate(one, 1)
        ]
        parts, pieces, places, notes = zip(*steps, strict=True)
        head = pl.DataFrame({"part": parts, "piece": pieces, "step": places}, schema=_head())
        if self.form == "lists":
            return head.with_columns(pl.Series("notes", notes, dtype=pl.List(pl.Int64)))
        return pl.concat([head, self._roll(notes)], how="horizontal")

    def _roll(self, notes: tuple[list[int], ...]) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        count = self.highest - self.lowest + 1
        rows = np.repeat(np.arange(len(notes)), [len(one) for one in notes])
        found = np.array([note for one in notes for note in one], dtype=np.int64) - self.lowest
        outside = (found < 0) | (found >= count)
        if outside.any():
            raise NodeFailed(
                f"the note {int(found[outside][0]) + self.lowest} is not from {self.lowest} to {self.highest}; change the "
                "lowest or the highest note"
            )
        roll = np.zeros((len(notes), count), np.int8)
        roll[rows, found] = 1
        return pl.DataFrame(roll, schema=dict.fromkeys(self._names(), pl.Int8))

    def _names(self) -> list[str]:
        return [f"note {one}" for one in range(self.lowest, self.highest + 1)]

    def _pieces(self) -> list[tuple[str, list[list[int]]]]:
        """The part and the steps of each piece; raises `NodeFailed` for another file."""
        import msgspec

        from nodeflow_nodes.io._text_file import files_of
        from nodeflow_nodes.io._whole_text import whole_bytes

        (file, *others) = files_of(self.path, ".json")
        if others:
            raise NodeFailed(f"{self.path} stands for {len(others) + 1} files; name one")
        kind = dict[str, list[list[list[int] | int]]]
        try:
            told = msgspec.json.decode(whole_bytes(file, 256 << 20), type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NodeFailed(
                f"{os.path.basename(file)} holds no chorales, but another thing: {shorten(str(error), 120)}; wanted are "
                "lists of notes for each step of each piece under train, valid and test"
            ) from None
        unknown = [name for name in told if name not in (*_PARTS, "validation")]
        if unknown or not any(step for pieces in told.values() for step in pieces):
            what = f'a part "{shorten(unknown[0])}"' if unknown else "no note"
            raise NodeFailed(
                f"{os.path.basename(file)} has {what}; wanted are the parts train, valid and test"
            )
        if sum(len(piece) for pieces in told.values() for piece in pieces) > _MOST_STEPS:
            raise NodeFailed(f"{os.path.basename(file)} has more than {_MOST_STEPS:,} steps")
        found = []
        for part in ("train", "valid", "validation", "test"):
            for piece in told.get(part, []):
                steps = [[step] if isinstance(step, int) else step for step in piece]
                sounding = [sorted({note for note in step if note != -1}) for step in steps]
                wrong = next((note for step in sounding for note in step if not 0 <= note <= 127), None)
                if wrong is not None:
                    raise NodeFailed(
                        f"{os.path.basename(file)} has the note {wrong}, but notes are from 0 to 127"
                    )
                found.append(("valid" if part == "validation" else part, sounding))
        return found

    def check_parameters(self) -> list[Fault]:
        if self.form == "piano roll" and self.lowest > self.highest:
            return [Fault("highest", "the highest note is below the lowest")]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        import polars as pl

        if self.form == "lists":
            return TableSpec({**_head(), "notes": pl.List(pl.Int64)})
        return TableSpec({**_head(), **dict.fromkeys(self._names(), pl.Int8())})

    def summary(self) -> str:
        return f"{os.path.basename(self.path)}, {self.form}"[:80]


def _head() -> dict[str, pl.DataType]:
    import polars as pl

    return {"part": pl.String(), "piece": pl.Int64(), "step": pl.Int64()}
