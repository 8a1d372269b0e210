"""What a supervisor and its worker process say to each other: JSON lines over pipes."""

from __future__ import annotations

from typing import Any

import msgspec

from nodeflow.execution.events import Event


class Request(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A run to do, as plain data: the first line the worker reads.

    `parameters` and `variables` hold the texts of the command line; relative paths in them start at
    `folder`. `without` names nodes that ended an earlier worker, with the sentence to tell. `document` is
    the text of the workflow where it is not to be read from its file; `workflow` is then empty or says
    where the file lies. `environment` holds variables to set. A worker that takes more bytes than
    `memory_ceiling`, by default nine tenths of the machine's, is ended. With `tells` the worker also says
    where results are stored and what is logged.
    """

    workflow: str
    document: str = ""
    tells: bool = False
    grace: float = 3.0
    folder: str
    parameters: dict[str, str] = {}
    variables: dict[str, str] = {}
    targets: list[str] = []
    jobs: int | None = None
    executor: str = "threads"
    seed: int = 0
    cache: bool = True
    cache_folder: str | None = None
    output: str | None = None
    memory_limit: int | None = None
    memory_ceiling: int | None = None
    timeout: float | None = None
    report: str | None = None
    trust: bool = False
    trust_hash: str = ""
    restricted: bool = False
    allow_read: list[str] = []
    allow_write: list[str] = []
    allow_host: list[str] = []
    device: str = "auto"
    nodes_path: list[str] = []
    environment: dict[str, str] = {}
    without: dict[str, str] = {}
    debug: bool = False


class Planned(msgspec.Struct, tag="planned"):
    """The plan stands: the step each node belongs to, and how many nodes will run."""

    step_of: dict[str, str]
    to_run: int
    output: str


class Happened(msgspec.Struct, tag="event"):
    """An event of the run."""

    event: Event


class Place(msgspec.Struct, omit_defaults=True):
    """Where the value of an output is: in a file of the store, or here if it is small."""

    kind: str
    path: str = ""
    data: bytes = b""
    meta: dict[str, Any] = {}


class Stored(msgspec.Struct, tag="stored"):
    """The results of a node are in the store."""

    node: str
    outputs: dict[str, Place]


class Told(msgspec.Struct, tag="told"):
    """A line of the log, or what a node printed (level "output")."""

    level: str
    text: str


class Headline(msgspec.Struct):
    """A small table worth showing when a run ends: rows of plain values."""

    node: str
    label: str
    columns: list[str]
    rows: list[list[Any]]


class Ended(msgspec.Struct, tag="ended"):
    """The run is over; the last message of a worker."""

    state: str
    seconds: float
    record: str = ""
    files: list[str] = []
    headlines: list[Headline] = []
    cache_trouble: str = ""


class Refused(msgspec.Struct, tag="refused"):
    """The workflow or the call is wrong, nothing ran; the last message of a worker.

    `problems` are those of `Problem.to_data`; `sentence` says it all when there are none.
    """

    sentence: str
    problems: list[dict[str, Any]] = []
    trace: str = ""
    is_bug: bool = False


Message = Planned | Happened | Stored | Told | Ended | Refused

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Message).decode
