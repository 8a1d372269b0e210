"""Images in the cells of a table: lists of pixels row by row, whose size stands in the columns height and width."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing
from nodeflow.parameters import Fault, family

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    Numbers = np.ndarray[Any, np.dtype[Any]]

SIZES = ("height", "width")


def size_faults(place: str, image: str, columns: Mapping[str, pl.DataType]) -> list[Fault]:
    """Faults on the columns that tell the sizes of images."""
    known = [name for name in SIZES if name in columns]
    if len(known) == 1:
        other = next(name for name in SIZES if name not in columns)
        return [
            Fault(
                place, f'the table has "{known[0]}" but no "{other}": give both, or neither for square images'
            )
        ]
    wrong = [name for name in known if family(columns[name]) != "integer"]
    if wrong:
        return [
            Fault(place, f"{listing(wrong)} must hold whole numbers, the size of the image in {image[:80]}")
        ]
    return []


def images_of(frame: pl.DataFrame, column: str) -> Iterator[Numbers | None]:
    """The grey image of each row, (height, width) as doubles; None where it is missing.

    Raises:
        NodeFailed: a list is no image of its size, or holds missing numbers.
    """
    import numpy as np
    import polars as pl

    lists = frame.get_column(column)
    if family(lists.dtype) != "list" or family(lists.dtype.inner) not in ("integer", "float", "boolean"):  # type: ignore[attr-defined]
        raise NodeFailed(f'the column "{column[:80]}" has no lists of pixels (type {lists.dtype})')
    sized = all(name in frame.columns for name in SIZES)
    sizes = zip(*(frame.get_column(name).to_list() for name in SIZES), strict=True) if sized else None
    for number, pixels in enumerate(lists, 1):
        height, width = next(sizes) if sizes is not None else (None, None)
        if pixels is None:
            yield None
            continue
        if height is None or width is None:
            height = width = math.isqrt(len(pixels))
        if height < 1 or width < 1 or height * width != len(pixels):
            told = f"{height:,} x {width:,} pixels" if sized else "a square"
            raise NodeFailed(
                f"the list of row {number:,} has {len(pixels):,} numbers, which are not {told} of one grey value each"
            )
        values = pixels.cast(pl.Float64).to_numpy()
        if pixels.null_count() or not np.isfinite(values).all():
            raise NodeFailed(f"the image of row {number:,} has missing pixels")
        yield values.reshape(height, width)


def as_lists(images: list[Numbers | None], name: str) -> pl.Series:
    """Images as a column of lists of whole numbers from 0 to 255."""
    import numpy as np
    import polars as pl

    found = [
        None if one is None else np.clip(np.rint(one), 0, 255).astype(np.uint8).reshape(-1) for one in images
    ]
    return pl.Series(
        name, [None if one is None else pl.Series(one) for one in found], dtype=pl.List(pl.UInt8)
    )


def otsu(image: Numbers) -> float:
    """The threshold that parts dark from bright pixels so that both are as much alike as can be (Otsu 1979).

    Pixels above it are bright. It lies between two values that come, and is exact for whole numbers.
    """
    import numpy as np

    values, counts = np.unique(image, return_counts=True)
    if len(values) == 1:
        return float(values[0])
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * values)
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    place = int((below * above * apart**2).argmax())
    return float((values[place] + values[place + 1]) / 2)


def boxes_of(
    image: Numbers, *, least_area: int, neighbours: int, split: float, order: str
) -> list[tuple[int, int, int, int, int]]:
    """The connected bright parts of an image: left, top, width, height and area of each.

    A part wider than `split` times the usual height of parts is cut into equal ones: letters that touch.
    """
    import numpy as np
    from scipy import ndimage

    around = np.ones((3, 3)) if neighbours == 8 else None
    labels, count = ndimage.label(image > 0, structure=around)
    areas = np.bincount(labels.reshape(-1), minlength=count + 1)
    found = []
    for number, place in enumerate(ndimage.find_objects(labels), 1):
        if place is not None and areas[number] >= least_area:
            rows, columns = place
            size = (columns.stop - columns.start, rows.stop - rows.start)
            found.append((columns.start, rows.start, *size, int(areas[number])))
    if split and found:
        usual = float(np.median([height for _, _, _, height, _ in found]))
        found = [part for one in found for part in _cut(image, one, split * usual, usual)]
    keys = {"left to right": lambda one: (one[0], one[1]), "top to bottom": lambda one: (one[1], one[0])}
    return sorted(found, key=keys.get(order, lambda one: (-one[4], one[0], one[1])))


def _cut(
    image: Numbers, box: tuple[int, int, int, int, int], widest: float, usual: float
) -> list[tuple[int, int, int, int, int]]:
    left, top, width, height, _ = box
    parts = max(round(width / usual), 2) if width > widest else 1
    if parts == 1:
        return [box]
    edges = [left + round(width * part / parts) for part in range(parts + 1)]
    found = []
    for begin, end in itertools.pairwise(edges):
        area = int((image[top : top + height, begin:end] > 0).sum())
        if area:
            found.append((begin, top, end - begin, height, area))
    return found


def cropped(image: Numbers, box: tuple[int, int, int, int], size: int, pad: int) -> Numbers:
    """What is in a box (left, top, width, height), brought to a square of `size` with `pad` free pixels around."""
    import numpy as np
    from scipy import ndimage

    left, top, width, height = box
    part = image[top : top + height, left : left + width]
    inner = size - 2 * pad
    factor = inner / max(part.shape)
    shape = [max(1, min(inner, round(length * factor))) for length in part.shape]
    scaled = ndimage.zoom(
        part,
        [new / old for new, old in zip(shape, part.shape, strict=True)],
        order=1,
        mode="nearest",
        grid_mode=True,
    )
    found = np.zeros((size, size))
    begin = [(size - length) // 2 for length in scaled.shape]
    found[begin[0] : begin[0] + scaled.shape[0], begin[1] : begin[1] + scaled.shape[1]] = scaled
    return found
