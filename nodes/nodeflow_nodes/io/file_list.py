"""File List."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class FileList(Node):
    """List files with their names, folders, sizes and dates.

    A pattern such as photos/*.jpg gives the files of a folder that fit, photos/**/*.jpg those in all folders
    below as well. They come sorted by path. Hidden files, whose name begins with a dot, are left out. The
    list is made anew at each run.

    Outputs:
        table: A row for each file: path, name, extension (such as jpg, in small letters), folder (the name
            of the one it lies in), bytes, and modified, in UTC.
    """

    category = "Input / Output"
    keywords = ("list files", "list files/folders", "glob", "directory", "folder", "ls", "listdir")
    reads_outside = True  # names and dates are no part of what files hold

    path: InputPath = parameter(
        help="A pattern with * for any characters and ** for any folders below, such as photos/**/*.jpg."
    )

    def run(self) -> pl.DataFrame:
        import datetime

        import polars as pl

        from nodeflow.errors import NodeFailed
        from nodeflow.patterns import files_fitting, is_pattern

        found = [one for one in files_fitting(self.path) if os.path.isfile(one)]
        if not found and not is_pattern(self.path):
            raise NodeFailed(
                f"there is no file {self.path}; check its name, or give a pattern such as photos/*.jpg"
            )
        found = [one for one in found if not os.path.basename(one).startswith(".")]
        states = [os.stat(one) for one in found]
        return pl.DataFrame(
            {
                "path": found,
                "name": [os.path.basename(one) for one in found],
                "extension": [os.path.splitext(one)[1].removeprefix(".").lower() for one in found],
                "folder": [os.path.basename(os.path.dirname(os.path.abspath(one))) for one in found],
                "bytes": [state.st_size for state in states],
                "modified": [
                    datetime.datetime.fromtimestamp(state.st_mtime, datetime.UTC).replace(tzinfo=None)
                    for state in states
                ],
            },
            schema={
                "path": pl.String,
                "name": pl.String,
                "extension": pl.String,
                "folder": pl.String,
                "bytes": pl.Int64,
                "modified": pl.Datetime("us"),
            },
        )

    def summary(self) -> str:
        return self.path[-80:]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("a list of files")
