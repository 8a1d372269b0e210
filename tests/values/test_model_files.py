"""A model file from elsewhere: it comes back as it was, or is refused in a sentence; nothing runs or dies."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from nodeflow.values.bundle import ModelError, pack_model, unpack_model
from nodeflow.values.model import Model, ModelCodec
from nodeflow.values.specs import ModelSpec, TableSpec
from nodeflow.values.trusted import ESTIMATORS

Schema = dict[str, Any]
Members = dict[str, bytes]

IDS = itertools.count(10**15)
ROWS = pl.DataFrame({"a": [float(i % 7) for i in range(60)], "b": [float(i * i % 11) for i in range(60)]})
TARGET = (3 * ROWS["a"] + ROWS["b"]).to_numpy()


def model_of(estimator: Any, task: Any = "regression") -> Model:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    spec = ModelSpec(task, TableSpec(ROWS.schema), "y", pl.Float64(), None, "Learner")
    pipeline = Pipeline([("prepare", StandardScaler()), ("learn", estimator)])
    target = TARGET if task == "regression" else np.where(TARGET > 12, "high", "low")
    model = Model(pipeline, spec)
    pipeline.fit(model.features(ROWS), target)
    return model


@pytest.fixture(scope="module")
def forest() -> Model:
    from sklearn.ensemble import RandomForestRegressor

    return model_of(RandomForestRegressor(3, random_state=1))


def unzipped(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Members) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def crafted(bundle: bytes, change: Callable[[Schema, Members], None]) -> bytes:
    """The bundle with its pipeline changed and the digest mended, as an attacker would."""
    members = unzipped(bundle)
    inner = unzipped(members["estimator.skops"])
    schema = json.loads(inner["schema.json"])
    change(schema, inner)
    inner["schema.json"] = json.dumps(schema).encode()
    members["estimator.skops"] = zipped(inner)
    told = json.loads(members["model.json"])
    told["sha256"] = {"estimator.skops": hashlib.sha256(members["estimator.skops"]).hexdigest()}
    members["model.json"] = json.dumps(told).encode()
    return zipped(members)


def parts(value: Any) -> Iterator[Schema]:
    if isinstance(value, dict):
        if "__loader__" in value:
            yield value
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from parts(one)


def trees(schema: Schema) -> list[Schema]:
    return [one for one in parts(schema) if one["__loader__"] == "TreeNode"]


def put(part: Schema, value: Any) -> None:
    """Another number in the place of one; a new id, since skops shares parts of one id."""
    part.update(content=json.dumps(value), __id__=next(IDS))


def array_of(inner: Members, part: Schema) -> Any:
    return np.load(io.BytesIO(inner[part["file"]])).copy()


def put_array(inner: Members, part: Schema, array: Any) -> None:
    buffer = io.BytesIO()
    np.save(buffer, array)
    inner[part["file"]] = buffer.getvalue()


def features_beyond(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        put(tree["__reduce__"]["args"]["content"][0], 10**9)
        nodes = tree["content"]["content"]["nodes"]
        array = array_of(inner, nodes)
        array["feature"][array["left_child"] >= 0] = 10**8
        put_array(inner, nodes, array)


def forest_without_width(schema: Schema, inner: Members) -> None:
    features_beyond(schema, inner)
    for one in parts(schema):
        if one["__loader__"] == "ObjectNode" and "Forest" in one["__class__"]:
            place = list(one["content"]["content"]).index("n_features_in_")
            del one["content"]["content"]["n_features_in_"]
            del one["content"]["key_types"]["content"][place]


def method_replaced(schema: Schema, inner: Members) -> None:
    for one in parts(schema):
        if one["__loader__"] == "ObjectNode" and "Forest" in one["__class__"]:
            known = one["content"]["key_types"]["content"]
            known.append(known[0])
            one["content"]["content"]["_validate_X_predict"] = {
                "__class__": "float32",
                "__module__": "numpy",
                "__loader__": "TypeNode",
                "__id__": next(IDS),
            }


def children_in_circle(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        nodes = tree["content"]["content"]["nodes"]
        array = array_of(inner, nodes)
        array["left_child"][0] = array["right_child"][0] = 0
        put_array(inner, nodes, array)


def children_beyond(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        nodes = tree["content"]["content"]["nodes"]
        array = array_of(inner, nodes)
        array["right_child"][0] = len(array)
        put_array(inner, nodes, array)


def no_nodes(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        for name in ("nodes", "values"):
            part = tree["content"]["content"][name]
            put_array(inner, part, array_of(inner, part)[:0])


def fewer_than_none(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        put(tree["content"]["content"]["node_count"], -5)


def outputs_beyond(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        put(tree["__reduce__"]["args"]["content"][2], 10**8)


def no_state(schema: Schema, inner: Members) -> None:
    for tree in trees(schema):
        tree["content"]["content"].clear()
        tree["content"]["key_types"]["content"] = []


def array_larger_than_its_part(schema: Schema, inner: Members) -> None:
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**11,)}
    np.lib.format.write_array_header_1_0(buffer, header)
    inner.update((name, buffer.getvalue()) for name in inner if name.endswith(".npy"))


def array_of_objects(schema: Schema, inner: Members) -> None:
    buffer = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": (1,)}
    np.lib.format.write_array_header_1_0(buffer, header)
    inner.update((name, buffer.getvalue() + b"cposix\nsystem\n.") for name in inner if name.endswith(".npy"))


def named(loader: str, module: str, name: str, **content: Any) -> Callable[[Schema, Members], None]:
    def change(schema: Schema, inner: Members) -> None:
        part = {"__class__": name, "__module__": module, "__loader__": loader, "__id__": next(IDS)}
        schema["content"]["content"]["verbose"] = part | content

    return change


def old_protocol(schema: Schema, inner: Members) -> None:
    schema["protocol"] = 0


HOSTILE: dict[str, Callable[[Schema, Members], None]] = {
    "features beyond the columns": features_beyond,
    "a forest without a width": forest_without_width,
    "a method replaced by a type": method_replaced,
    "children that are their own parents": children_in_circle,
    "children beyond the nodes": children_beyond,
    "a tree without nodes": no_nodes,
    "a tree with fewer nodes than none": fewer_than_none,
    "more outputs than sizes": outputs_beyond,
    "a tree without state": no_state,
    "an array larger than its part": array_larger_than_its_part,
    "an array of objects": array_of_objects,
    "a reader of an older protocol": old_protocol,
    "a function": named("FunctionNode", "os", "system"),
    "a harmless function": named("FunctionNode", "numpy", "save"),
    "a call put off": named("PartialNode", "functools", "partial", content={}),
    "a method of an object": named("MethodNode", "builtins", "method", content={}),
    "an operator": named("OperatorFuncNode", "operator", "methodcaller", attrs={}),
    "a type of another module": named("TypeNode", "subprocess", "Popen"),
    "an estimator of compiled code": named("ObjectNode", "sklearn.svm._classes", "SVC", content=None),
    "a size as a scalar": named("NdArrayNode", "numpy", "void", type="numpy", file="1.npy"),
    "a reader that is no text": named(["ListNode"], "builtins", "list", content=[]),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_crafted_model_is_refused_in_a_sentence(name: str, forest: Model) -> None:
    with pytest.raises(ModelError, match=r"not a model nodeflow can load: .") as refused:
        unpack_model(crafted(pack_model(forest), HOSTILE[name]))
    assert "\n" not in str(refused.value)


def test_the_same_crafting_with_nothing_changed_loads(forest: Model) -> None:
    back = unpack_model(crafted(pack_model(forest), lambda schema, inner: None))
    assert back.predict(ROWS).tolist() == forest.predict(ROWS).tolist()


MUTANTS = """
import random, sys
sys.path[:0] = {path!r}
import polars as pl
from nodeflow.errors import NodeflowError
from nodeflow.values.bundle import unpack_model
import importlib.util
spec = importlib.util.spec_from_file_location("crafting", {file!r})
crafting = importlib.util.module_from_spec(spec)
spec.loader.exec_module(crafting)
bundle, told = open({bundle!r}, "rb").read(), 0
for seed in range(150):
    draw = random.Random(seed)
    def change(schema, inner):
        name = draw.choice(sorted(inner))
        data = bytearray(inner[name])
        for _ in range(draw.choice((1, 2, 8))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        inner[name] = bytes(data)
    try:
        model = unpack_model(crafting.crafted(bundle, change))
        model.predict(crafting.ROWS)
    except NodeflowError:
        told += 1
    except Exception:
        pass  # a value of another type: Python says so, the process lives
print("lived", told)
"""


def test_mutants_of_a_model_never_end_the_process(forest: Model, tmp_path: Path) -> None:
    bundle = tmp_path / "forest.model"
    bundle.write_bytes(pack_model(forest))
    script = MUTANTS.format(path=sys.path, file=__file__, bundle=str(bundle))
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("lived")
    assert int(done.stdout.split()[1]) > 20


def made(name: str) -> Any:
    import importlib

    module, _, kind = name.rpartition(".")
    return getattr(importlib.import_module(module), kind)()


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_trusted_estimator_comes_back_and_predicts_the_same(name: str) -> None:
    if name.endswith(("Pipeline", "ColumnTransformer")):
        pytest.skip("part of every other")
    estimator = made(name)
    if hasattr(estimator, "predict"):
        is_class = "Classifier" in name or name.endswith(("GaussianNB", "LogisticRegression"))
        model = model_of(estimator, "classification" if is_class else "regression")
        back = unpack_model(pack_model(model))
        assert back.predict(ROWS).tolist() == model.predict(ROWS).tolist()
    else:
        from sklearn.pipeline import Pipeline

        spec = ModelSpec("transformation", TableSpec(ROWS.schema))
        model = Model(Pipeline([("prepare", estimator)]), spec)
        wanted = model.estimator.fit(model.features(ROWS)).transform(model.features(ROWS))
        found = unpack_model(pack_model(model)).estimator.transform(model.features(ROWS))
        assert np.array_equal(
            getattr(found, "toarray", lambda: found)(), getattr(wanted, "toarray", lambda: wanted)()
        )


def test_a_model_that_could_not_be_loaded_is_not_stored() -> None:
    from sklearn.svm import SVR

    with pytest.raises(ModelError, match=r"SVR.*cannot be stored"):
        pack_model(model_of(SVR()))


STORED = """
import sys
sys.path[:0] = {path!r}
import importlib.util, hashlib
spec = importlib.util.spec_from_file_location("crafting", {file!r})
crafting = importlib.util.module_from_spec(spec)
spec.loader.exec_module(crafting)
from sklearn.ensemble import RandomForestRegressor
waste = [object() for _ in range({waste})]
print(hashlib.sha256(crafting.pack_model(crafting.model_of(RandomForestRegressor(3, random_state=1)))).hexdigest())
"""


def test_a_model_has_the_same_bytes_in_every_process(forest: Model) -> None:
    wanted = hashlib.sha256(pack_model(forest)).hexdigest()
    script = STORED.format(path=sys.path, file=__file__, waste=1237)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == wanted


def test_a_description_that_does_not_fit_the_pipeline_is_refused(forest: Model) -> None:
    def told(**changes: Any) -> bytes:
        members = unzipped(pack_model(forest))
        description = json.loads(members["model.json"]) | changes
        members["model.json"] = json.dumps(description).encode()
        return zipped(members)

    wrong = {
        "number of columns": {"features": [["a", "Float64"]]},
        "one name": {"features": [["a", "Float64"], ["a", "Float64"]]},
        "other classes": {"task": "classification", "classes": ["x"]},
        "target": {"target": 7},
        "summary": {"summary": []},
        "another format": {"kind": "chart"},
    }
    for words, changes in wrong.items():
        with pytest.raises(ModelError, match=words):
            unpack_model(told(**changes))


def test_a_file_that_is_too_large_is_not_read(
    forest: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.model"
    path.write_bytes(pack_model(forest))
    monkeypatch.setattr("nodeflow.values.bundle.MAX_BYTES", 100)
    with pytest.raises(ModelError, match="too large"):
        ModelCodec().load(path, {})


def test_another_version_of_scikit_learn_is_told_with_both_names(forest: Model) -> None:
    import sklearn

    old = Model(forest.estimator, forest.spec, forest.summary, {"scikit-learn": "1.2.3"})
    assert forest.note() == ""
    assert "1.2.3" in old.note()
    assert sklearn.__version__ in old.note()


def test_a_model_of_another_version_loads_without_a_python_warning(forest: Model) -> None:
    def older(schema: Schema, inner: Members) -> None:
        for one in parts(schema):
            if one["__loader__"] == "ObjectNode":
                version = one["content"]["content"].get("_sklearn_version")
                if version is not None:
                    put(version, "1.2.3")

    assert unpack_model(crafted(pack_model(forest), older)).predict(ROWS).shape == (60,)


def test_what_a_notebook_shows_of_a_model_is_only_text(forest: Model) -> None:
    spec = ModelSpec("regression", TableSpec({"<script>": pl.Float64()}), "<b>", None, None, "<i>")
    shown = Model(forest.estimator, spec, {"<u>": "<p>"})._repr_html_()
    assert not any(tag in shown for tag in ("<script", "<b>", "<i>", "<u>", "<p>"))
