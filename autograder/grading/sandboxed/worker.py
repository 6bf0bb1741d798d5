"""A learner's process: runs the notebook's cells, then its functions on inputs that come as frames."""

import socket
import sys
import time
from collections.abc import Callable

import frames
import numpy as np
import probe
from examiner import examine
from given import Given
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import dlarch
from dlarch import drivers
from dlarch.plain import PlainData

FOREVER_S = 1e9


class Shell(InteractiveShell):
    """IPython, where `%matplotlib inline` finds no window to open and needs none."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing."""


def prepare() -> None:
    """Make, in the warm parent, the shell that every session inherits."""
    Shell.instance(colors="nocolor").history_manager.enabled = False
    dlarch.check = sys.modules["dlarch.check"].check = _graded_later


def serve(connection: socket.socket, limits: dict) -> None:
    """Answer frames until the checker hangs up.

    Args:
        connection: to the checker.
        limits: `frame_bytes`, the largest frame; `output_bytes`, how much of a cell's output is kept.
    """
    shell = InteractiveShell.instance()
    number = 0
    given: dict[str, Given] = {}

    def send(answer: dict[str, PlainData]) -> None:
        frame = frames.pack({"number": number, **answer})
        frames.send(connection, frame, time.monotonic() + FOREVER_S)

    def receive() -> dict[str, PlainData]:
        nonlocal number
        request = frames.receive(connection, time.monotonic() + FOREVER_S, 1 << 31)
        number = request.pop("number")
        return request

    def ask(question: dict[str, PlainData]) -> dict[str, PlainData]:
        send(question)
        return receive()

    def run_cell(source: str) -> dict[str, PlainData]:
        shown = _run_cell(shell, source, limits["output_bytes"])
        shell.user_ns.update(given)
        return shown

    def give(names: list[str]) -> dict[str, PlainData]:
        given.update({name: Given(name, ask) for name in names})
        return {}

    operations: dict[str, Callable[..., dict]] = {
        "cell": run_cell,
        "give": give,
        "kind": lambda name: {"kind": _kind(shell.user_ns, name)},
        "value": lambda name: {"value": shell.user_ns[name]},
        "run": lambda name, driver, arguments: _run(shell.user_ns[name], driver, arguments),
        "call": lambda name, positional, keyword: _call(shell.user_ns[name], positional, keyword),
        "test": lambda **content: examine(ask, **content),
        "probe": lambda **content: {"found": probe.find(**content, limits=limits)},
    }
    while True:
        try:
            request = receive()
        except frames.ClosedError:
            return
        answer = operations[request.pop("operation")](**request)
        try:
            send(answer)
        except MemoryError:
            send({"value": None, "error": "MemoryError", "detail": "", "place": "", "modified": []})


def _graded_later(function: Callable, part: str = "") -> None:
    """Take the place of `dlarch.check`: the checker asks for results itself."""
    print("graded later")


def _run_cell(shell: InteractiveShell, source: str, output_bytes: int) -> dict[str, PlainData]:
    with capture_output() as captured:
        result = shell.run_cell(source, store_history=False, silent=False)
    error = result.error_before_exec or result.error_in_exec
    texts = [captured.stdout, captured.stderr]
    shown = []
    for output in captured.outputs:
        size = sum(len(str(content)) for content in output.data.values())
        if size <= output_bytes:
            output_bytes -= size
            shown.append({mime: str(content) for mime, content in output.data.items()})
    return {
        "error": None if error is None else type(error).__name__,
        "detail": "" if error is None else str(error)[:300],
        "stdout": texts[0][:output_bytes],
        "stderr": texts[1][:output_bytes],
        "outputs": shown,
    }


def _kind(namespace: dict[str, object], name: str) -> str:
    if name not in namespace:
        return "missing"
    return "function" if callable(namespace[name]) else "data"


def _run(function: Callable, driver: str, arguments: dict[str, PlainData]) -> dict[str, PlainData]:
    with np.errstate(all="ignore"):
        outcome = drivers.record(driver, function, arguments)
    return {
        "value": outcome.value,
        "error": outcome.error,
        "detail": outcome.detail,
        "place": outcome.place,
        "modified": list(outcome.modified),
    }


def _call(
    function: Callable, positional: list[PlainData], keyword: dict[str, PlainData]
) -> dict[str, PlainData]:
    try:
        return {"value": function(*positional, **keyword), "error": None, "detail": ""}
    except Exception as error:
        return {"value": None, "error": type(error).__name__, "detail": str(error)[:300]}
