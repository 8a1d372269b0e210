"""What the editor and its service process say to each other: JSON lines over pipes."""

from __future__ import annotations

from typing import Any

import msgspec

NOT_COMPUTED = "it has not been computed yet"
"""What is said of an output that has no value yet; the window says it in the language of the user."""


class Ask(msgspec.Struct):
    """A question; `do` names what the service shall do with `data`."""

    id: int
    do: str
    data: msgspec.Raw


class Reply(msgspec.Struct):
    """The answer to a question, or the sentence why there is none."""

    id: int
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""


class Look(msgspec.Struct, omit_defaults=True):
    """The value of an output is wanted, to show it. The rest says where it is, if that is known.

    `picture` is the format in which a chart is drawn, "svg" or "png".
    """

    node: str
    port: str
    kind: str = ""
    path: str = ""
    inline: bytes = b""
    meta: dict[str, Any] = {}
    picture: str = "svg"


class Seen(msgspec.Struct, omit_defaults=True):
    """A value to show.

    Attributes:
        kind: "table", "chart", "model" or another port type; "nothing" when it has not been computed.
        path, inline: of a table the Arrow file, or its bytes.
        rows: of a table how many it has; None if only the first rows are here.
        data: of other kinds what to show, as plain data.
        sentence: why there is nothing, or what is missing.
    """

    kind: str
    path: str = ""
    inline: bytes = b""
    rows: int | None = None
    data: dict[str, Any] = {}
    sentence: str = ""


class Formula(msgspec.Struct):
    """A formula to check or to complete, over columns with their families."""

    text: str
    columns: dict[str, str]
    position: int = 0
