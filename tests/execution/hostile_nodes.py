"""Nodes that end their process in every way a node can, for the supervisor's tests."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import Literal

import polars as pl

from nodeflow import Code, Node, TableSpec, parameter


class Numbers(Node):
    """Give the numbers below a limit."""

    count: int = parameter(default=3, help="How many.")

    def run(self) -> pl.DataFrame:
        return pl.DataFrame({"x": list(range(self.count))})

    def spec(self, inputs: object) -> TableSpec:
        return TableSpec({"x": pl.Int64()})


class Deadly(Node):
    """End the process, or do something else a worker must survive."""

    how: Literal["segfault", "exit", "kill", "sys_exit", "nothing", "sleep", "print", "panic", "memory"] = (
        parameter(default="nothing", help="What happens.")
    )
    marker: str = parameter(default="", help="A file that counts the calls.")

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        if self.marker:
            with Path(self.marker).open("a") as file:
                file.write("x")
        if self.how == "segfault":
            ctypes.string_at(0)
        elif self.how == "exit":
            os._exit(7)
        elif self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.how == "sys_exit":
            sys.exit(5)
        elif self.how == "sleep":
            time.sleep(60)
        elif self.how == "print":
            print("{}\n" * 10)
        elif self.how == "memory":
            held = []
            while True:  # a little at a time: the limit must end it, not the machine
                held.append(bytearray(os.urandom(1)) * 20_000_000)
                time.sleep(0.02)
        elif self.how == "panic":
            raise pl.exceptions.PanicException("inside")
        return table

    def spec(self, inputs: dict[str, TableSpec]) -> TableSpec:
        return inputs["table"]


class Coded(Node):
    """Stand for a node that runs code: append the code to a file."""

    code: Code = parameter(help="The code.")
    marker: str = parameter(default="", help="The file.")

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        with Path(self.marker).open("a") as file:
            file.write(f"{self.code}\n")
        return table

    def spec(self, inputs: dict[str, TableSpec]) -> TableSpec:
        return inputs["table"]
