"""What the views share: title, size and theme, values ready for Vega-Lite, and what is told of rows left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, Parameter, parameter
from nodeflow.values.specs import ChartSpec, Spec
from nodeflow_nodes.views._theme import PALETTE, config, line_colour, palette

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart

GROUPS = ("number", "text", "boolean", "category", "date", "datetime", "time")
"""The types whose values can name groups."""

PLACES = ("number", "date", "datetime")
"""The types whose values have a place on an axis."""

MISSING = "(missing)"
OTHERS = "others"
MOST_COLOURS = 8

COMPOSED = {"facet", "repeat", "concat", "hconcat", "vconcat"}
"""The parts of a specification whose own parts have sizes."""


@dataclass
class Picture:
    """What a view draws: rows of data, the part of the specification that draws them, what to tell.

    `columns` says for fields of the data whose values are those of a column of the table which one that is,
    so that what is selected in the chart can be looked up in the table.
    """

    data: list[dict[str, Any]]
    body: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    """What is told under the title and is nothing to be warned of."""
    columns: dict[str, str] = field(default_factory=dict)


class Drawing(Node):
    """A node that draws: title, size and theme, and colours that go with it."""

    views_first = True

    sized: ClassVar[bool] = True
    """Whether width and height are those of the whole plot, not to be shared among several."""

    without: ClassVar[tuple[str, ...]] = ()
    """Those of the parameters below that have no meaning here, as the size follows from what is drawn."""

    title: str = parameter(default="", help="The title; empty for one made of the columns' names.")
    width: int = parameter(
        default=560, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=400, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )
    theme: Literal["light", "dark"] = parameter(default="light", help="Dark marks on light, or the reverse.")

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """The parameters of the view itself first, then those every view has."""
        found = super().parameters()
        common = Drawing.__annotations__
        ordered = sorted(found, key=lambda name: name in common)
        return {name: found[name] for name in ordered if name not in cls.without}

    def chart(self, drawn: Picture, context: Context) -> Chart:
        """The picture with its title, size and look."""
        from nodeflow.values import Chart

        for note in drawn.notes:
            context.warn(note)
        told = [shorten(line, 160) for line in (*drawn.facts, *drawn.notes)]
        subtitle = {"subtitle": told} if told else {}
        whole = self.sized and not COMPOSED & drawn.body.keys()
        size = {"width": self.width, "height": self.height} if whole else {}
        meta = {"usermeta": {"nodeflow": {"columns": drawn.columns}}} if drawn.columns else {}
        width = drawn.body.get("width") or self.width
        return Chart(
            {
                "title": {"text": shorten(self.heading(), 110), "limit": width + 80, **subtitle},
                **size,
                "data": {"values": drawn.data},
                **drawn.body,
                "config": config(self.theme),
                **meta,
            },
            self.chart_spec(),
        )

    def default_title(self) -> str:
        """The title if none is given."""
        raise NotImplementedError

    def fields(self) -> list[str | None]:
        """The names of the columns shown; None for a parameter that is not set."""
        return []

    def heading(self) -> str:
        """The title shown."""
        return self.title or self.default_title()

    def chart_spec(self) -> ChartSpec:
        """What is known of the chart before it is drawn."""
        used = [str(name) for name in self.fields() if name is not None]
        return ChartSpec(self.heading(), tuple(dict.fromkeys(used)))

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None] | Spec | None:
        return self.chart_spec()

    def summary(self) -> str:
        return self.default_title()[:80]

    def main_colour(self) -> str:
        """The colour of marks that are not coloured by a column."""
        return PALETTE[4] if self.theme == "dark" else PALETTE[0]

    def colours(self) -> list[str]:
        """Colours of groups, distinguishable with any colour vision."""
        return palette(self.theme)

    def accent(self) -> str:
        """The colour of a mark that stands out beside the main colour."""
        return PALETTE[1] if self.theme == "dark" else PALETTE[3]

    def quiet(self) -> str:
        """The colour of reference lines and of what is left over."""
        return line_colour(self.theme)

    def ink(self) -> str:
        """The colour of text."""
        return str(config(self.theme)["axis"]["titleColor"])

    def paper(self) -> str:
        """The colour behind the marks."""
        return str(config(self.theme)["background"])

    def ink_on(self, colour: str, opacity: float = 1.0) -> str:
        """Black or white, whichever is easier to read on a colour laid over the paper."""
        pairs = zip(_rgb(colour), _rgb(self.paper()), strict=True)
        red, green, blue = (top * opacity + below * (1 - opacity) for top, below in pairs)
        return "#10151b" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"

    def coloured(self, role: str, title: str, labels: Sequence[str], **more: Any) -> dict[str, Any]:
        """The encoding that colours groups in this order, those left over in grey."""
        left = (MISSING, OTHERS)
        free = iter(self.colours() * (1 + len(labels) // MOST_COLOURS))
        shown = [self.quiet() if label in left else next(free) for label in labels]
        return {
            "field": role, "type": "nominal", "title": caption(title), "sort": list(labels),
            "scale": {"domain": list(labels), "range": shown}, **more,
        }  # fmt: skip


def _rgb(colour: str) -> tuple[int, int, int]:
    """The parts of a colour such as #0072b2."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


class View(Drawing):
    """A node that draws one table; a subclass says what by `picture`."""

    def run(self, table: pl.LazyFrame, context: Context) -> Chart:
        return self.chart(self.picture(table), context)

    def picture(self, table: pl.LazyFrame) -> Picture:
        """What to draw; raises `NodeFailed` where there is nothing."""
        raise NotImplementedError


# -- choosing and preparing values ---------------------------------------------------------------------


def pick(table: pl.LazyFrame, **chosen: str | None) -> pl.LazyFrame:
    """The chosen columns called by their roles; what is no finite number is missing.

    Moments of a time zone become the times that its clocks show.
    """
    import polars as pl
    import polars.selectors as cs

    schema = table.collect_schema()
    picked = []
    for role, name in chosen.items():
        if name is None:
            continue
        values, dtype = cs.by_name(name).as_expr(), schema[name]
        if dtype.is_decimal() or dtype == pl.Float32:
            values = values.cast(pl.Float64)
        if dtype.is_float() or dtype.is_decimal():
            values = pl.when(values.is_finite()).then(values) if dtype.is_float() else values
        elif isinstance(dtype, pl.Categorical | pl.Enum):
            values = values.cast(pl.String)
        elif isinstance(dtype, pl.Datetime):
            values = values.dt.replace_time_zone(None).dt.cast_time_unit("us")
        picked.append(values.alias(role))
    return table.select(picked)


def complete(
    frame: pl.LazyFrame, needed: Mapping[str, str], notes: list[str], usable: pl.Expr | None = None
) -> tuple[pl.LazyFrame, int]:
    """The rows with a value in each of the needed roles (and `usable`), their number; tells of the others.

    `needed` maps a role to the column's name. Raises `NodeFailed` if no row is left.
    """
    import polars as pl

    whole = pl.all_horizontal(pl.col(list(needed)).is_not_null())
    if usable is not None:
        whole = whole & usable.fill_null(value=False)
    total, kept = (
        frame.select(pl.len().alias("all"), whole.sum().alias("kept")).collect(engine="streaming").row(0)
    )
    if not kept:
        raise nothing(list(needed.values()))
    tell_left_out(total, kept, notes)
    return frame.filter(whole), kept


def evenly(frame: pl.LazyFrame, most: int, notes: list[str]) -> pl.LazyFrame:
    """At most so many rows, spread evenly over all; tells of a sample."""
    import polars as pl

    total = frame.select(pl.len()).collect(engine="streaming").item()
    step = -(-total // most)
    if step < 2:
        return frame
    notes.append(f"a sample of {-(-total // step):,} of {total:,} rows is used, spread evenly")
    return frame.gather_every(step)


def nothing(names: Sequence[str]) -> NodeFailed:
    """The error that there is nothing to draw."""
    where = f"in {listing(names)}" if len(names) < 2 else f"in each of {listing(names)}"
    return NodeFailed(f"no row has a usable value {where}; there is nothing to draw")


def check_sums(values: pl.Series, name: str) -> None:
    """Raises `NodeFailed` if sums or means are beyond the largest number there is."""
    if values.dtype.is_float() and not values.drop_nulls().is_finite().all():
        raise NodeFailed(
            f'the numbers of "{shorten(name)}" are too large to be summarised; scale them down first'
        )


def tell_zones(table: pl.LazyFrame, names: Sequence[str | None], notes: list[str]) -> None:
    """Note the time zones of the columns shown."""
    schema = table.collect_schema()
    zones = {getattr(schema[name], "time_zone", None) for name in names if name is not None}
    if zones - {None}:
        notes.append(f"times are those of {listing(sorted(zone for zone in zones if zone))}")


def tell_left_out(total: int, kept: int, notes: list[str]) -> None:
    """Note how many rows are not shown."""
    if total > kept:
        verb = "is" if total - kept == 1 else "are"
        notes.append(f"{total - kept:,} of {total:,} rows without a usable value {verb} not shown")


def label(role: str, dtype: pl.DataType) -> pl.Expr:
    """The values as names of groups; what is missing is a group of its own."""
    import polars as pl

    text = pl.col(role).cast(pl.String)
    if dtype.is_float():
        text = text.str.strip_suffix(".0")
    elif isinstance(dtype, pl.Datetime | pl.Time):
        text = text.str.replace(r"\.0+", "").str.strip_suffix(" 00:00:00")
    return text.fill_null(MISSING)


def labelled(frame: pl.LazyFrame, role: str, most: int, notes: list[str]) -> tuple[pl.LazyFrame, list[str]]:
    """The frame with the role's values as labels, the rarest folded into "others"; the labels in order.

    Labels stand in the order of their values, what is missing and the others at the end.
    """
    import polars as pl

    dtype = frame.collect_schema()[role]
    named = frame.with_columns(label(role, dtype).alias(f"{role}_label"))
    counts = (
        named.group_by(f"{role}_label")
        .agg(pl.len().alias("n"), pl.col(role).min().alias("first"))
        .sort("n", "first", descending=[True, False], nulls_last=True)
        .collect(engine="streaming")
    )
    shown = counts if counts.height <= most else counts.head(most - 1)
    labels = in_order(shown.sort("first", nulls_last=True).get_column(f"{role}_label").to_list())
    found = pl.col(f"{role}_label")
    if counts.height > most:
        notes.append(
            f"the {most - 1} most frequent of {counts.height:,} groups are shown, the rest as others"
        )
        found = pl.when(found.is_in(labels)).then(found).otherwise(pl.lit(OTHERS))
        labels = in_order([*labels, OTHERS])
    return named.with_columns(found.alias(role)).drop(f"{role}_label"), labels


def in_order(labels: Iterable[str]) -> list[str]:
    """The labels as they come, each once, with what is missing and the others at the end."""
    return sorted(dict.fromkeys(labels), key=lambda one: (one == OTHERS, one == MISSING))


def captions(names: Sequence[str]) -> list[str]:
    """Texts for columns, in one short line each and different from one another."""
    found: list[str] = []
    for name in names:
        text, count = caption(name) or "(no name)", 1
        base = text
        while text in found:
            count += 1
            text = f"{base} ({count})"
        found.append(text)
    return found


def caption(name: str) -> str:
    """A column's name as the title of an axis, a legend or a line of the text under the mouse.

    Vega-Lite writes titles into expressions without escaping the backslash, hence another one like it.
    """
    return shorten(name.strip()).replace("\\", "\N{REVERSE SOLIDUS OPERATOR}")


def moments(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with dates and moments as ISO text; without the Z a browser reads a moment in its own zone."""
    import polars as pl

    columns = []
    for values in frame.get_columns():
        if values.dtype == pl.Date:
            values = values.dt.to_string("%Y-%m-%d")
        elif isinstance(values.dtype, pl.Datetime):
            in_utc = values if values.dtype.time_zone is None else values.dt.convert_time_zone("UTC")
            values = in_utc.dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ")
        columns.append(values)
    return pl.DataFrame(columns)


# -- axes and numbers ----------------------------------------------------------------------------------

# d3 says G for a thousand millions, which only engineers do
_SHORT = "replace(format(datum.value, '~s'), 'G', 'B')"


def numbers(role: str, title: str, *, zero: bool = False, high: float = 0.0, **more: Any) -> dict[str, Any]:
    """The encoding of a number column; ticks beyond 100,000 (`high`) are told as 200k, 3M, 5B."""
    scale = {"zero": zero, "nice": True, **more.pop("scale", {})}
    axis = dict(more.pop("axis", {}))
    if abs(high) >= 100_000:
        axis["labelExpr"] = _SHORT
    return {
        "field": role,
        "type": "quantitative",
        "title": caption(title),
        "scale": scale,
        "axis": axis,
        **more,
    }


def shares(role: str, title: str, **more: Any) -> dict[str, Any]:
    """The encoding of a number from 0 to 1, told in per cent."""
    axis = {"format": ".0%", **more.pop("axis", {})}
    return {
        "field": role, "type": "quantitative", "title": title, "axis": axis,
        "scale": more.pop("scale", {"domain": [0, 1]}), **more,
    }  # fmt: skip


def places(role: str, title: str, dtype: pl.DataType, *, high: float = 0.0) -> dict[str, Any]:
    """The encoding of a number, date or moment along an axis."""
    if dtype.is_temporal():
        return {"field": role, "type": "temporal", "title": caption(title), "scale": {"type": "utc"}}
    return numbers(role, title, high=high)


def categories(role: str, title: str, labels: Sequence[str], **more: Any) -> dict[str, Any]:
    """The encoding of groups in this order."""
    axis = {"labelOverlap": False, **more.pop("axis", {})}
    return {
        "field": role, "type": "nominal", "title": caption(title), "sort": list(labels), "axis": axis,
        "scale": {"domain": list(labels)}, **more,
    }  # fmt: skip


def tooltip(**fields: str) -> list[dict[str, Any]]:
    """What is told under the mouse: roles and their titles."""
    return [{"field": role, "title": caption(title)} for role, title in fields.items()]


def number_text(value: float | None) -> str:
    """A number as a label: 1,234 or 12.3 or 0.00123."""
    if value is None or not math.isfinite(value):
        return ""
    size = abs(value)
    if size >= 1e15:
        return f"{value:.3g}"
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if size >= limit:
            return f"{value / limit:.4g}{unit}"
    if float(value).is_integer() or size >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size < 100 else f"{value:.1f}"


def nice_step(span: float, parts: int) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that cuts `span` into about `parts`."""
    rough = span / max(parts, 1)
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    if power == 0:
        return rough
    return next((power * step for step in (1, 2, 2.5, 5, 10) if power * step >= rough * 0.999), power * 10)


def fewer_than_two(names: Sequence[str], chosen: object) -> list[Fault]:
    """The fault that at least two columns are needed."""
    if len(names) >= 2:
        return []
    return [Fault("columns", f"fewer than two number columns are chosen ({chosen}); choose two or more")]
