"""The model bundle: a zip with the model's description, and what it learned.

That is a pipeline by skops, a transformation as JSON, or a network as JSON with its weights as safetensors.

Loading runs no code of the file: every type it names is on the list of `nodeflow.values.trusted`, no array
is larger than its part of the file, and trees are checked, since a crafted one ends the process.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import warnings
import zipfile
from typing import Any

import msgspec

from nodeflow.errors import NodeflowError, listing, shorten
from nodeflow.values.dtypes import decode_dtype, encode_dtype
from nodeflow.values.model import Model, as_features
from nodeflow.values.recipe import RECIPE, ROWS, Recipe, decoded
from nodeflow.values.soundness import check_arrays, check_estimator
from nodeflow.values.specs import Change, ModelSpec, TableSpec, Task
from nodeflow.values.trained_network import (
    NETWORK,
    TRAINING,
    WEIGHTS,
    TrainedNetwork,
    network_model_spec,
    read_training,
)
from nodeflow.values.trusted import ASKED_OF_SKOPS, PROTOCOL, foreign_types, is_trusted

FORMAT = 1

MAX_BYTES = 4 << 30
"""Of all members together, as declared in the file and checked before anything is read."""

_TIME = (1980, 1, 1, 0, 0, 0)
_DESCRIPTION, _PIPELINE, _SCHEMA = "model.json", "estimator.skops", "schema.json"
_TRANSFORMATION = "transformation.json"
_REFUSED = "not a model nodeflow can load"


class ModelError(NodeflowError):
    """A file is not a model that can be loaded safely, or a model not one that could be loaded again."""


class _Description(msgspec.Struct):
    """`model.json`, strictly typed."""

    format: int
    task: Task
    features: list[tuple[str, Any]]
    target: str | None
    target_type: Any
    classes: list[str | int | float | bool] | None
    learner: str
    summary: dict[str, Any]
    versions: dict[str, str]
    sha256: dict[str, str]
    kind: str = "model"
    gives: list[tuple[str, Any]] | None = None
    """The columns that an estimator makes, if it transforms."""
    removes: list[str] = []
    """The columns it takes away."""
    method: Any = None
    """The unfitted estimator of a transformation."""


def pack_model(model: Model) -> bytes:
    """The bytes of a model's bundle; the same model gives the same bytes.

    Raises:
        ModelError: the model holds what could not be loaded again.
    """
    spec = model.spec
    try:
        payload = _payload(model)
        description = {
            "kind": "model",
            "format": FORMAT,
            "task": spec.task,
            "features": _columns(spec.features),
            "target": spec.target,
            "target_type": None if spec.target_type is None else encode_dtype(spec.target_type),
            "classes": None if spec.classes is None else list(spec.classes),
            "learner": spec.learner,
            "summary": model.summary,
            "versions": model.versions,
            "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in payload.items()},
        }
        if model.transformation is None and spec.changes and spec.changes[0].gives is not None:
            description["gives"] = _columns(spec.changes[0].gives)
            description["removes"] = list(spec.removes)
        if model.method is not None:
            description["method"] = model.method
        text = json.dumps(description, indent=1, default=str)
    except ModelError:
        raise
    except Exception as error:  # whatever skops does not know how to take apart
        reason = shorten(str(error) or type(error).__name__, 300)
        raise ModelError(f"this {spec.learner or 'model'} cannot be stored: {reason}") from error
    return _zipped({_DESCRIPTION: text.encode(), **payload})


def _payload(model: Model) -> dict[str, bytes]:
    """The parts that hold what was learned."""
    if model.transformation is not None:
        return {_TRANSFORMATION: model.transformation.to_json()}
    if model.network is not None:
        return model.network.to_members()
    import skops.io

    if model.recipe is None:
        return {_PIPELINE: _renumbered(skops.io.dumps(model.estimator))}
    if is_trusted(model.estimator):
        with contextlib.suppress(ModelError):  # what it learned may hold more types than its settings tell
            return {_PIPELINE: _renumbered(skops.io.dumps(model.estimator))}
    return model.recipe.to_members()


def _columns(spec: TableSpec) -> list[list[Any]]:
    return [[name, encode_dtype(dtype)] for name, dtype in spec.columns.items()]


def unpack_model(data: bytes) -> Model:
    """The model of a bundle.

    Raises:
        ModelError: the file is damaged, too large, or holds anything that is not plainly a model.
    """
    try:
        return _unpacked(data)
    except ModelError:
        raise
    except Exception as error:  # a file from elsewhere fails in as many ways as there are readers
        reason = shorten(str(error) or type(error).__name__, 300)
        raise ModelError(f"{_REFUSED}: {reason}") from None


def spec_of_bundle(data: bytes) -> ModelSpec:
    """What the model of a bundle needs and gives, read without loading what it learned.

    Raises:
        ModelError: the file is damaged, or holds anything that is not plainly a model.
    """
    try:
        description, members = _described(data)
        if _TRANSFORMATION in members:
            return _transforming(description, _spec_of(description.features), members[_TRANSFORMATION]).spec
        if NETWORK in members:
            return _network_spec(description, members)
        return _model_spec(description)
    except ModelError:
        raise
    except Exception as error:
        reason = shorten(str(error) or type(error).__name__, 300)
        raise ModelError(f"{_REFUSED}: {reason}") from None


def _described(data: bytes) -> tuple[_Description, dict[str, bytes]]:
    """The description of a bundle and its other parts, which are those it was made of."""
    members = _unzipped(
        data,
        {_DESCRIPTION, _PIPELINE},
        {_DESCRIPTION, _TRANSFORMATION},
        {_DESCRIPTION, RECIPE, ROWS},
        {_DESCRIPTION, NETWORK, WEIGHTS, TRAINING},
    )
    told = json.loads(members.pop(_DESCRIPTION))
    if not isinstance(told, dict) or told.get("format") != FORMAT or told.get("kind", "model") != "model":
        raise ModelError(f"{_REFUSED}: it has another format; update nodeflow")
    description = msgspec.convert(told, _Description)
    if description.sha256 != {name: hashlib.sha256(part).hexdigest() for name, part in members.items()}:
        raise ModelError(f"{_REFUSED}: its content was changed")
    return description, members


def _model_spec(description: _Description) -> ModelSpec:
    features = _spec_of(description.features)
    target_type, classes = description.target_type, description.classes
    changes: tuple[Change, ...] = ()
    if description.gives is not None:
        changes = (Change(tuple(features.columns), _spec_of(description.gives)),)
    return ModelSpec(
        description.task,
        features,
        description.target,
        None if target_type is None else decode_dtype(target_type),
        None if classes is None else tuple(classes),
        description.learner,
        changes,
        tuple(description.removes),
    )


def _unpacked(data: bytes) -> Model:
    description, members = _described(data)
    if _TRANSFORMATION in members:
        made = _transforming(description, _spec_of(description.features), members[_TRANSFORMATION])
        return _with_method(made, description)
    if NETWORK in members:
        return _trained(description, members)
    spec = _model_spec(description)
    recipe = None
    if _PIPELINE in members:
        estimator = _loaded(members[_PIPELINE])
    else:
        recipe = Recipe.from_members(members)
        columns = list(spec.features.columns.items())
        if list(recipe.rows.drop(recipe.target or []).schema.items()) != columns:
            raise ModelError(f"{_REFUSED}: it learned from other columns than it says")
        estimator = recipe.fit(as_features(recipe.rows, spec.features.columns))
    check_estimator(estimator, spec)
    return _with_method(
        Model(estimator, spec, description.summary, description.versions, recipe), description
    )


def _with_method(model: Model, description: _Description) -> Model:
    if description.method is not None:
        decoded(description.method)  # refuses what is no estimator
        model.method = description.method
    return model


def _spec_of(columns: list[tuple[str, Any]]) -> TableSpec:
    found = {name: decode_dtype(dtype) for name, dtype in columns}
    if len(found) != len(columns):
        raise ModelError(f"{_REFUSED}: two of its columns have one name")
    return TableSpec(found)


def _transforming(description: _Description, features: TableSpec, data: bytes) -> Model:
    from nodeflow.values.transformation import Transformation

    if description.task != "transformation":
        raise ModelError(f"{_REFUSED}: what it holds is no {description.task}")
    transformation = Transformation.from_json(data)
    if set(transformation.reads()) != set(features.columns):
        raise ModelError(f"{_REFUSED}: it reads other columns than it says")
    return Model.transforming(
        transformation, features, description.learner, description.summary, description.versions
    )


def _trained(description: _Description, members: dict[str, bytes]) -> Model:
    network = TrainedNetwork.from_members(members)
    model = Model.of_network(network, description.learner, description.summary, description.versions)
    if _identity(model.spec) != _identity(_model_spec(description)):
        raise ModelError(f"{_REFUSED}: its network is for other columns or another target than it says")
    return model


def _network_spec(description: _Description, members: dict[str, bytes]) -> ModelSpec:
    """What a network needs and gives, without its weights."""
    from nodeflow.networks.structure import Structure

    told = read_training(members[TRAINING])
    classes = None if told.classes is None else tuple(told.classes)
    structure = Structure.from_json(members[NETWORK])
    return network_model_spec(
        structure, told.task, told.preparation, told.target, classes, description.learner
    )


def _identity(spec: ModelSpec) -> tuple[Any, ...]:
    return spec.task, spec.features, spec.target, spec.target_type, spec.classes


def _loaded(pipeline: bytes) -> Any:
    import skops.io
    from sklearn.exceptions import InconsistentVersionWarning

    members = _unzipped(pipeline)
    schema = json.loads(members.pop(_SCHEMA))
    if not isinstance(schema, dict) or not _is_current(schema.get("protocol")):
        raise ModelError(f"{_REFUSED}: it was not written by nodeflow")
    unknown = foreign_types(schema) or sorted(
        set(skops.io.get_untrusted_types(data=pipeline)) - set(ASKED_OF_SKOPS)
    )
    if unknown:
        raise ModelError(
            f"{_REFUSED}: it holds {listing(unknown, 3)}, not on the list of trusted types; "
            "train it again with nodeflow"
        )
    check_arrays(members)
    with warnings.catch_warnings():
        # said once, and in words, by `Model.note`
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        return skops.io.loads(pipeline, trusted=list(ASKED_OF_SKOPS))


def _is_current(protocol: Any) -> bool:
    return isinstance(protocol, int) and not isinstance(protocol, bool) and protocol >= PROTOCOL


def _renumbered(pipeline: bytes) -> bytes:
    """skops names parts by their memory addresses; numbers in order of appearance give the same bytes."""
    members = _unzipped(pipeline)
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers) + 1)

    def renamed(file: str) -> str:
        stem, _, suffix = file.partition(".")
        return f"{number(stem)}.{suffix}"

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(one) for one in value]
        if not isinstance(value, dict):
            return value
        result: dict[str, Any] = {}
        for name, one in value.items():
            if name == "__id__":
                result[name] = number(str(one))
            elif name == "file" and one in members:
                result[name] = renamed(one)
            else:
                result[name] = walk(one)
        return result

    read = json.loads(members.pop(_SCHEMA))
    unknown = foreign_types(read)
    if unknown:
        raise ModelError(
            f"a model with {listing(unknown, 3)} cannot be stored, since a crafted file of one could harm whoever "
            "opens it; learn with another estimator"
        )
    schema = json.dumps(walk(read), indent=1).encode()
    ordered = sorted(((renamed(name), _without_gaps(data)) for name, data in members.items()), key=_by_number)
    return _zipped({**dict(ordered), _SCHEMA: schema})


def _without_gaps(array: bytes) -> bytes:
    """A stored array with zeros between the fields of its rows, where memory may hold anything."""
    import numpy as np

    found = np.load(io.BytesIO(array), allow_pickle=False)
    if found.dtype.names is None:
        return array
    plain = np.zeros(found.shape, found.dtype)
    for name in found.dtype.names:
        plain[name] = found[name]
    buffer = io.BytesIO()
    np.save(buffer, plain, allow_pickle=False)
    return buffer.getvalue()


def _by_number(member: tuple[str, bytes]) -> int:
    return int(member[0].partition(".")[0])


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data)
    return buffer.getvalue()


def _unzipped(data: bytes, *expected: set[str]) -> dict[str, bytes]:
    """The members of a zip that is stored, not compressed, and flat; sizes are checked first.

    Where sets of names are `expected`, the members must be one of them.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) != len(names) or len(names) > 100_000:
            raise ModelError(f"{_REFUSED}: its parts are not in order")
        if expected and set(names) not in expected:
            raise ModelError(f"{_REFUSED}: it has other parts than a model")
        if any("/" in name or "\\" in name or ".." in name for name in names):
            raise ModelError(f"{_REFUSED}: a part of it has a path")
        if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            raise ModelError(f"{_REFUSED}: its parts are compressed")
        if sum(info.file_size for info in infos) > min(MAX_BYTES, len(data)):
            raise ModelError(f"{_REFUSED}: it claims to be larger than it is")
        return {info.filename: archive.read(info) for info in infos}
