"""Work on learners' texts in a process of its own: what parsers and formatters need for one can be minutes.

The process lives on from text to text, with bounds on memory and, for each text, on processor time; when it
reaches one it ends, and the next text has a new one.
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache

from autograder.grading import limited_process
from dlarch.plain import PlainData

PATIENCE = 4
"""Wall clock that work may take, in units of its processor time, and START_S besides."""
START_S = 30.0
RESTART_S = 1.0
"""What a new process costs."""
MAX_ANSWER_BYTES = 32 << 20


class Limited:
    """The process, made when first needed."""

    def __init__(self) -> None:
        self.spent_s = 0.0
        """Processor time of all work so far."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None

    def ask(self, work: str, seconds: int, *arguments: PlainData) -> PlainData:
        """Have work done.

        Args:
            work: one of `limited_process.WORK`.
            seconds: processor time for it.
            arguments: what the work is done on, as JSON has it.

        Returns:
            The answer; None when it takes too long or too much memory, or fails.
        """
        request = {"work": work, "seconds": seconds, "arguments": arguments}
        with self._lock:
            try:
                answer = self._answer(json.dumps(request).encode(), PATIENCE * seconds + START_S)
            except (OSError, ValueError, EOFError):
                self._end()
                self.spent_s += seconds + RESTART_S
                return None
            self.spent_s += answer["seconds"]
        return answer["answer"]

    def _answer(self, request: bytes, patience_s: float) -> dict:
        process, deadline = self._running(), time.monotonic() + patience_s
        process.stdin.write(request + b"\n")
        process.stdin.flush()
        parts, size = [b""], 0
        while not parts[-1].endswith(b"\n"):
            left_s = deadline - time.monotonic()
            if size > MAX_ANSWER_BYTES or not select.select([process.stdout], [], [], left_s)[0]:
                raise TimeoutError
            parts.append(os.read(process.stdout.fileno(), 1 << 16))
            size += len(parts[-1])
            if not parts[-1]:
                raise EOFError("it reached a limit")
        return json.loads(b"".join(parts))

    def _running(self) -> subprocess.Popen:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", limited_process.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for end in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # of what was not written to it
                    end.close()
            self._process = None


def limited() -> Limited:
    """Give this process's own; a fork has another one."""
    return _of(os.getpid())


@cache
def _of(pid: int) -> Limited:
    return Limited()
