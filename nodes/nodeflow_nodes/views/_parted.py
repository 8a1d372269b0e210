"""Wholes that are parted by one column, each part by the next: what a treemap and a sunburst draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    OTHERS,
    View,
    check_sums,
    complete,
    label,
    nothing,
    number_text,
    pick,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

MOST_LEVELS = 4
MOST_PARTS = 300


@dataclass
class Part:
    """A part of the whole with its own parts, the largest first."""

    name: str
    size: float
    parts: list[Part] = field(default_factory=list)


class PartedView(View):
    """A view of a whole that is parted level by level."""

    levels: Columns = parameter(
        types=GROUPS,
        min_length=1,
        label="Levels",
        help="The columns that part the whole, the outermost first; one to four.",
    )
    summed: Column | None = parameter(
        default=None, types=("number",), help="The number column that is summed; empty to count rows."
    )
    most_parts: int = parameter(
        default=12,
        minimum=2,
        maximum=100,
        help="How many parts a part is parted into at most; the rest are others.",
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        chosen = self.levels.resolve(columns) if columns else []
        if columns and not chosen:
            return [Fault("levels", "no column is chosen; choose at least one")]
        if len(chosen) > MOST_LEVELS:
            return [
                Fault("levels", f"{len(chosen)} columns are chosen; at most {MOST_LEVELS} levels can be seen")
            ]
        return []

    def what(self) -> str:
        """What the sizes are."""
        return "Rows" if self.summed is None else f"Sum of {self.summed.strip()}"

    def default_title(self) -> str:
        names = ", ".join(getattr(self.levels, "names", None) or ()) or "parts"
        return f"{self.what()} by {names.strip()}"

    def fields(self) -> list[str | None]:
        return [*(getattr(self.levels, "names", None) or ()), self.summed]

    def whole(self, table: pl.LazyFrame, notes: list[str]) -> tuple[Part, list[str]]:
        """The whole with its parts, and the columns of the levels."""
        import polars as pl

        chosen = self.levels.resolve(dict(table.collect_schema()))[:MOST_LEVELS]
        if not chosen:
            raise NodeFailed("no column is chosen; choose at least one")
        roles = {f"level{place}": name for place, name in enumerate(chosen)}
        frame = pick(table, value=self.summed, **roles)
        if self.summed is not None:
            frame, _ = complete(frame, {"value": self.summed}, notes)
        schema = frame.collect_schema()
        amount = pl.len() if self.summed is None else pl.col("value").cast(pl.Float64).sum()
        rows = (
            frame.group_by([label(role, schema[role]).alias(role) for role in roles])
            .agg(
                amount.alias("size").cast(pl.Float64),
                pl.any_horizontal(pl.col(list(roles)).is_not_null()).any().alias("any"),
            )
            .collect(engine="streaming")
        )
        check_sums(rows["size"], str(self.summed))
        if not rows["any"].any():
            raise nothing(chosen)
        if rows["size"].min() < 0:  # type: ignore[operator]
            raise NodeFailed(
                f'"{self.summed}" sums to less than 0 for some parts; a part cannot be negative, a Bar Chart shows it'
            )
        whole = self._part("", rows.filter(pl.col("size") > 0), list(roles))
        if not whole.size:
            raise NodeFailed(f'"{self.summed}" sums to 0; there is nothing to draw')
        kept = self._folded(whole, [0])
        if kept:
            notes.append(f"the largest parts are shown, {kept:,} smaller ones as others")
        return whole, chosen

    def _part(self, name: str, rows: pl.DataFrame, levels: list[str]) -> Part:
        size = float(rows["size"].sum())
        if not levels:
            return Part(name, size)
        found = [
            self._part(str(key[0]), group, levels[1:])
            for key, group in rows.group_by(levels[0], maintain_order=False)
        ]
        return Part(name, size, sorted(found, key=lambda part: (-part.size, part.name)))

    def _folded(self, part: Part, count: list[int]) -> int:
        """Fold the smallest parts of each part into others; how many were folded."""
        if len(part.parts) > self.most_parts:
            rest = part.parts[self.most_parts - 1 :]
            count[0] += len(rest)
            part.parts = [*part.parts[: self.most_parts - 1], Part(OTHERS, sum(one.size for one in rest))]
        for one in part.parts:
            self._folded(one, count)
        return count[0]

    def shades(self, whole: Part) -> list[str]:
        """The colours of the parts of the first level."""
        found: list[str] = self.coloured("top", "", [one.name for one in whole.parts])["scale"]["range"]
        return found

    def facts_of(self, path: list[str], size: float, whole: float) -> dict[str, Any]:
        """What is told of a part under the mouse."""
        return {"name": " › ".join(path), "text": number_text(size), "share": f"{size / whole:.1%}"}


def _any(roles: list[str]) -> pl.Expr:
    """Whether any row has a value in any of the roles."""
    import polars as pl

    return pl.any_horizontal(pl.col(roles).is_not_null()).any()
