"""Reference functions answer calls, in a process of their own: a learner chose what they are called with.

Started as `python -m autograder.grading.answering SOCKET CHAPTER`. It has no secrets, so whatever a call
makes of it, none can come out; and it is ended when it takes too much or too long. It computes with PyTorch
alone: a kernel believes the shapes that it is given, and small calls in Triton's interpreter are slow.
"""

import os
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.grading.limits import Limits, Watchdog
from autograder.grading.sandbox import Session
from autograder.grading.sandboxed import frames
from dlarch.plain import Foreign, PlainData, detached, leaves

START_S = 120.0
LIMITS = Limits()
FOREVER_S = 1e9
MOST_BYTES = 1 << 31
ENVIRONMENT = {
    "AUTOGRADER_BACKEND": "pytorch",
    "CUDA_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
READY = b"r"
NOT_PLAIN = "an argument that is no plain data"


@dataclass
class Answerer:
    """The process, as the checker sees it; started when it is first asked, and again when it ended."""

    chapter: str
    _process: subprocess.Popen | None = field(default=None, init=False)
    _session: Session | None = field(default=None, init=False)

    def ask(self, operation: str, seconds: float, **content: PlainData) -> dict[str, PlainData]:
        """Ask for a value (`call`), or for gradients (`pull_back`).

        Raises:
            DeadlineError: no answer in time.
            FrameError: no answer, or one that is too large.
            LimitExceededError: it took too much.
        """
        if self._session is None:
            self._start()
        try:
            return self._session.ask(operation, seconds, **content)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        if self._session is not None:
            self._session.end()
            self._process.wait()
            self._session = self._process = None

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", __name__, str(theirs.fileno()), self.chapter]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(START_S)
        if ours.recv(1) != READY:
            said = self._process.communicate()[1].strip().splitlines()
            raise RuntimeError(f"the references of {self.chapter} did not start: {said[-1:]}")
        self._process.stderr.close()
        pid = self._process.pid
        self._session = Session(ours, os.pidfd_open(pid), LIMITS, Watchdog(pid, LIMITS))


def serve(connection: socket.socket, functions: dict[str, Callable]) -> None:
    """Answer frames until the other side hangs up."""
    operations = {"call": _call, "pull_back": _pull_back}
    connection.sendall(READY)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)  # nothing that a learner chose reaches a terminal
    while True:
        try:
            request = frames.receive(connection, time.monotonic() + FOREVER_S, MOST_BYTES)
        except frames.ClosedError:
            return
        number, operation = request.pop("number"), operations[request.pop("operation")]
        try:
            if any(isinstance(leaf, Foreign) for leaf in leaves(request).values()):
                raise TypeError(NOT_PLAIN)
            answer = operation(functions[request.pop("name")], **request)
        except Exception as error:
            answer = {"value": None, "error": type(error).__name__, "detail": str(error)[:300]}
        frame = frames.pack({"number": number, **answer})
        frames.send(connection, frame, time.monotonic() + FOREVER_S)


def _call(
    function: Callable, positional: list[PlainData], keyword: dict[str, PlainData]
) -> dict[str, PlainData]:
    from dlarch import objects

    arguments = objects.unpack([*positional, *keyword.values()])
    given = dict(zip(keyword, arguments[len(positional) :], strict=True))
    value = detached(function(*arguments[: len(positional)], **given))
    if any(map(objects.is_object, arguments)):
        value = {"value": value, "states": objects.states(arguments)}
    return {"value": value, "error": None, "detail": ""}


def _pull_back(
    function: Callable,
    positional: list[PlainData],
    keyword: dict[str, PlainData],
    cotangents: list[PlainData],
) -> dict[str, PlainData]:
    """Give the gradient of ⟨cotangents, results⟩ for each argument, None for one that asks for none."""
    import torch

    value = function(*positional, **keyword)
    arguments = [*positional, *keyword.values()]
    wanted = [
        index
        for index, item in enumerate(arguments)
        if torch.is_tensor(item) and item.requires_grad
    ]
    results = value if isinstance(value, tuple) else (value,)
    attached = [
        (result, pull.to(result.dtype))
        for result, pull in zip(results, cotangents, strict=True)
        if torch.is_tensor(result) and result.requires_grad
    ]
    gradients: list[PlainData] = [None] * len(arguments)
    if attached:
        outputs, pulls = zip(*attached, strict=True)
        leafs = [arguments[index] for index in wanted]
        found = torch.autograd.grad(outputs, leafs, pulls, allow_unused=True)
        for index, gradient in zip(wanted, found, strict=True):
            gradients[index] = gradient
    return {"value": gradients, "error": None, "detail": ""}


def main() -> None:
    """Serve the references of a chapter."""
    from autograder.chapters import load_chapter

    warnings.simplefilter("ignore")
    exercises = load_chapter(sys.argv[2]).exercises
    import numpy as np

    import autograder.kernels.backend  # noqa: F401 (imports torch, before the memory is measured)

    with np.errstate(all="ignore"):
        serve(
            socket.socket(fileno=int(sys.argv[1])),
            {name: exercise.reference_answer for name, exercise in exercises.items()},
        )


if __name__ == "__main__":
    main()
