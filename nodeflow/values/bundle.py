"""The model bundle: a zip with the model's description, its pipeline by skops, and digests of both.

Loading runs no code of the file: skops builds only types of its own list and of `TRUSTED_TYPES`, and
trees are checked, since a crafted one crashes the process when it predicts.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

from nodeflow.errors import NodeflowError, shorten
from nodeflow.values.dtypes import decode_dtype, encode_dtype
from nodeflow.values.model import Model
from nodeflow.values.specs import ModelSpec, TableSpec

FORMAT = 1

TRUSTED_TYPES = frozenset(("numpy.dtype", "sklearn.tree._tree.Tree"))
"""Types skops may build beyond those it trusts itself. Reviewed by hand; never extended by a file."""

MAX_BYTES = 4 << 30
"""Of all members together, as declared in the file and checked before anything is read."""

_TIME = (1980, 1, 1, 0, 0, 0)
_DESCRIPTION, _PIPELINE = "model.json", "estimator.skops"
_TASKS = ("regression", "classification", "clustering", "transformation", "outliers")


class ModelError(NodeflowError):
    """A file is not a model that can be loaded safely."""


def pack_model(model: Model) -> bytes:
    """The bytes of a model's bundle; the same model gives the same bytes."""
    import skops.io

    pipeline = _renumbered(skops.io.dumps(model.estimator))
    spec = model.spec
    description = {
        "format": FORMAT,
        "task": spec.task,
        "features": [[name, encode_dtype(dtype)] for name, dtype in spec.features.columns.items()],
        "target": spec.target,
        "target_type": None if spec.target_type is None else encode_dtype(spec.target_type),
        "classes": None if spec.classes is None else list(spec.classes),
        "learner": spec.learner,
        "summary": model.summary,
        "versions": model.versions,
        "sha256": {_PIPELINE: hashlib.sha256(pipeline).hexdigest()},
    }
    return _zipped(
        {_DESCRIPTION: json.dumps(description, indent=1, default=str).encode(), _PIPELINE: pipeline}
    )


def unpack_model(data: bytes) -> Model:
    """The model of a bundle.

    Raises:
        ModelError: the file is damaged, too large, or holds anything that is not plainly a model.
    """
    try:
        return _unpacked(data)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f"not a model nodeflow can load: {shorten(str(error) or type(error).__name__, 300)}"
        ) from None


def _unpacked(data: bytes) -> Model:
    members = _unzipped(data, {_DESCRIPTION, _PIPELINE})
    description = json.loads(members[_DESCRIPTION])
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise ModelError("not a model nodeflow can load: it has another format; update nodeflow")
    if hashlib.sha256(members[_PIPELINE]).hexdigest() != description["sha256"][_PIPELINE]:
        raise ModelError("not a model nodeflow can load: its content was changed")
    if description["task"] not in _TASKS:
        raise ModelError("not a model nodeflow can load: its task is unknown")
    features = TableSpec({str(name): decode_dtype(dtype) for name, dtype in description["features"]})
    target_type = description["target_type"]
    classes = description["classes"]
    spec = ModelSpec(
        description["task"],
        features,
        description["target"],
        None if target_type is None else decode_dtype(target_type),
        None if classes is None else tuple(classes),
        str(description["learner"]),
    )
    estimator = _loaded(members[_PIPELINE])
    check_trees(estimator)
    return Model(estimator, spec, description["summary"], description["versions"])


def _loaded(pipeline: bytes) -> Any:
    import skops.io

    _unzipped(pipeline, None)
    unknown = set(skops.io.get_untrusted_types(data=pipeline)) - TRUSTED_TYPES
    if unknown:
        raise ModelError(
            f"not a model nodeflow can load: it holds {', '.join(sorted(unknown)[:3])}, which is not on the list of "
            "trusted types; train it again with nodeflow"
        )
    return skops.io.loads(pipeline, trusted=sorted(TRUSTED_TYPES))


def check_trees(estimator: Any) -> None:
    """Raise `ModelError` unless every decision tree within is sound: children after parents and in range."""
    for tree in _trees(estimator):
        left, right, feature = tree.children_left, tree.children_right, tree.feature
        count = len(left)
        sound = len(right) == len(feature) == count and tree.value.shape[0] == count > 0
        for node in range(count) if sound else ():
            a, b = int(left[node]), int(right[node])
            if a == -1 and b == -1:
                continue
            if not (node < a < count and node < b < count and 0 <= int(feature[node]) < tree.n_features):
                sound = False
                break
        if not sound:
            raise ModelError("not a model nodeflow can load: one of its decision trees is damaged")


def _trees(estimator: Any) -> list[Any]:
    """Every tree below an estimator, found by walking plain containers and attributes."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if type(one).__name__ == "Tree" and type(one).__module__ == "sklearn.tree._tree":
            found.append(one)
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif getattr(getattr(one, "dtype", None), "kind", "") == "O":
            waiting.extend(one.ravel().tolist())
        elif type(one).__module__.startswith("sklearn."):
            waiting.extend(vars(one).values() if hasattr(one, "__dict__") else ())
    return found


def _renumbered(pipeline: bytes) -> bytes:
    """skops names parts by their memory addresses; numbers in order of appearance give the same bytes."""
    members = _unzipped(pipeline, None)
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers) + 1)

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(one) for one in value]
        if not isinstance(value, dict):
            return value
        result: dict[str, Any] = {}
        for name, one in value.items():
            if name == "__id__":
                result[name] = number(str(one))
            elif isinstance(one, str) and one in members:
                stem, _, suffix = one.partition(".")
                result[name] = f"{number(stem)}.{suffix}"
            else:
                result[name] = walk(one)
        return result

    schema = json.dumps(walk(json.loads(members.pop("schema.json"))), indent=1).encode()
    renamed = {}
    for name, data in members.items():
        stem, _, suffix = name.partition(".")
        renamed[f"{number(stem)}.{suffix}"] = data
    ordered = dict(sorted(renamed.items(), key=lambda one: int(one[0].partition(".")[0])))
    return _zipped({**ordered, "schema.json": schema})


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data)
    return buffer.getvalue()


def _unzipped(data: bytes, expected: set[str] | None) -> dict[str, bytes]:
    """The members of a zip that is stored, not compressed, and flat; sizes are checked first."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) != len(names) or len(names) > 100_000:
            raise ModelError("not a model nodeflow can load: its parts are not in order")
        if expected is not None and set(names) != expected:
            raise ModelError("not a model nodeflow can load: it has other parts than a model")
        if any("/" in name or "\\" in name or ".." in name for name in names):
            raise ModelError("not a model nodeflow can load: a part of it has a path")
        if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            raise ModelError("not a model nodeflow can load: its parts are compressed")
        if sum(info.file_size for info in infos) > min(MAX_BYTES, len(data)):
            raise ModelError("not a model nodeflow can load: it claims to be larger than it is")
        return {info.filename: archive.read(info) for info in infos}
