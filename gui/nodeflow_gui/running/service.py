"""The service process: checks documents and finds values for the editor, long-lived and warm.

Started as `python -P -m nodeflow_gui.running.service SCRATCH`. Questions come as JSON lines on standard
input and are answered, in any order, on what was standard output; what plug-ins print goes to standard
error. It ends when its input does.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from nodeflow.causes import explain
from nodeflow.errors import NodeflowError
from nodeflow.execution.messages import Request
from nodeflow.execution.plan import step_key
from nodeflow.resolution import Source
from nodeflow_gui.running.protocol import Ask, Formula, Look, Reply

Answering = Callable[[msgspec.Raw], Any]


class Service:
    """Answers questions. Checks, values, what takes long and formulas have a thread each: none waits for another."""

    def __init__(self, descriptor: int, scratch: Path) -> None:
        from nodeflow_gui.running.looking import Looker

        self._descriptor = descriptor
        self._scratch = scratch
        self._lock = threading.Lock()
        self._looker = Looker(scratch)
        self._registries: dict[tuple[str, ...], Any] = {}
        self._environment: dict[str, str | None] = {}
        self._values: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._slow: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._checks: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._answers: dict[str, Answering] = {
            "check": self._check,
            "reset": self._reset,
            "look": lambda raw: self._looker.look(msgspec.json.decode(raw, type=Look)),
            "draw": lambda raw: self._looker.draw(msgspec.json.decode(raw, type=Look)),
            "formula": self._formula,
            "complete": self._complete,
        }

    def serve(self) -> None:
        """Answer until the input ends."""
        for waiting in (self._values, self._slow, self._checks):
            threading.Thread(target=self._work, args=(waiting,), daemon=True).start()
        for line in sys.stdin.buffer:
            ask = msgspec.json.decode(line, type=Ask)
            if ask.do in ("check", "reset"):
                self._checks.put(ask)
            elif ask.do == "look":
                kind = msgspec.json.decode(ask.data, type=Look).kind
                # loading a model imports large libraries
                (self._values if kind in ("", "table", "chart") else self._slow).put(ask)
            elif ask.do == "draw":
                self._slow.put(ask)
            else:
                self._answer(ask)

    def end(self) -> None:
        """End at once: the editor has gone, and perhaps could not take its folder away."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        os._exit(0)

    def _work(self, waiting: queue.SimpleQueue[Ask]) -> None:
        while True:
            self._answer(waiting.get())

    def _answer(self, ask: Ask) -> None:
        try:
            result = msgspec.json.encode(self._answers[ask.do](ask.data), enc_hook=str)
            reply = Reply(ask.id, msgspec.Raw(result))
        except (NodeflowError, OSError) as error:
            reply = Reply(ask.id, error=explain(error))
        except BaseException as error:  # a fault of a plug-in or of ours: told, and the service goes on
            traceback.print_exc()
            reply = Reply(ask.id, error=f"{type(error).__name__}: {error}")
        data = msgspec.json.encode(reply) + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except BrokenPipeError:
                self.end()

    def _check(self, raw: msgspec.Raw) -> Any:
        from nodeflow.execution.worker import registry_of
        from nodeflow_gui.running.checking import check

        request = msgspec.json.decode(raw, type=Request)
        self._set_environment(request.environment)
        key = tuple(request.nodes_path)
        if key not in self._registries:
            self._registries[key] = registry_of(request)
        self._looker.checked, answer = check(request, self._registries[key])
        return answer

    def _set_environment(self, given: dict[str, str]) -> None:
        """Set what the next run will have set, and nothing of what an earlier one had."""
        for name in self._environment.keys() - given.keys():
            own = self._environment[name]
            if own is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = own
        for name, value in given.items():
            self._environment.setdefault(name, os.environ.get(name))
            os.environ[name] = value

    def _reset(self, raw: msgspec.Raw) -> int:
        """Drop the stored results of nodes, of all without any; gives how many."""
        nodes = set(msgspec.json.decode(raw, type=list[str]))
        checked = self._looker.checked
        if checked is None or checked.prepared is None or checked.prepared.store is None:
            return 0
        plan, store = checked.prepared.plan, checked.prepared.store
        heads = {plan.step_of.get(name, name) for name in nodes}
        digests: dict[Source, str] = {}
        dropped = 0
        for step in plan.steps.values():
            keys = {step.key, step_key(plan, step, digests)} - {None}
            if step.entry is None:
                continue
            digests.update({(step.head, port): one.digest for port, one in step.entry.outputs.items()})
            if not nodes or step.head in heads:
                for key in keys:
                    store.remove(str(key))
                dropped += 1
        return dropped

    def _formula(self, raw: msgspec.Raw) -> Any:
        from nodeflow_gui.running.formulas import check_formula

        asked = msgspec.json.decode(raw, type=Formula)
        return check_formula(asked.text, asked.columns)

    def _complete(self, raw: msgspec.Raw) -> Any:
        from nodeflow_gui.running.formulas import complete_formula

        asked = msgspec.json.decode(raw, type=Formula)
        return complete_formula(asked.text, asked.position, asked.columns)


def main() -> None:
    """Serve the editor that started this process."""
    descriptor = os.dup(1)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    service = Service(descriptor, Path(sys.argv[1]))
    service.serve()
    service.end()


if __name__ == "__main__":
    main()
