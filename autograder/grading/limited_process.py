"""What runs in the limited process: `python -I limited_process.py`, a line of JSON for each text."""

import json
import math
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

MEMORY_BYTES = 1 << 30
WORK = {
    "submission": "autograder.grading.reading",
    "as_python": "autograder.grading.transform",
    "markdown": "autograder.grading.formatting",
    "code": "autograder.grading.formatting",
    "clean": "autograder.grading.formatting",
}
"""The functions that do the work, and the modules where they are."""


def main() -> None:
    """Do what is asked, one text after the other, until nobody asks any more."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin.buffer:
        request = json.loads(line)
        work = getattr(import_module(WORK[request["work"]]), request["work"])
        started = time.process_time()
        answer = _within(request["seconds"], work, request["arguments"])
        spent = {"answer": answer, "seconds": time.process_time() - started}
        sys.stdout.write(f"{json.dumps(spent)}\n")
        sys.stdout.flush()


def _within(seconds: int, work: Callable[..., object], arguments: list) -> object:
    """Do work; beyond its processor time the kernel ends this process."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = math.ceil(time.process_time()) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))
    try:
        return work(*arguments)
    except Exception:
        return None
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


if __name__ == "__main__":
    main()
