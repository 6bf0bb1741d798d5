"""What a submission may use, and the watch over what the kernel does not limit by itself."""

import math
import os
import random
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.grading.sandboxed.frames import DeadlineError

MIB = 1 << 20
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Limits:
    """Most that a submission may use; `[limits]` of the classroom's settings.toml changes them."""

    call_s: float = 30.0
    """One call of a learner's function, processor time."""
    cell_s: float = 60.0
    """One cell of the notebook, processor time."""
    submission_s: float = 600.0
    """A whole submission, processor time."""
    patience: float = 4.0
    """Wall clock that each of these may take, in units of it: a busy machine is not the learner's fault."""
    cpu_s: int = 300
    """Processor time of one process."""
    memory_mib: int = 2048
    """Private memory of all processes of the submission together."""
    processes: int = 16
    """Processes and threads at one time."""
    file_mib: int = 64
    """The size of one file."""
    disk_mib: int = 64
    """Each of the folders that can be written, which live in memory."""
    frame_mib: int = 16
    """One answer to the checker."""
    output_kib: int = 256
    """What one cell displays."""

    def for_session(self) -> dict[str, int]:
        """Give what the learner's process sets for itself before it runs anything."""
        return {
            "memory_bytes": self.memory_mib * MIB,
            "cpu_s": self.cpu_s,
            "file_bytes": self.file_mib * MIB,
            "disk_bytes": self.disk_mib * MIB,
            "processes": self.processes,
            "output_bytes": self.output_kib << 10,
        }


class LimitExceededError(Exception):
    """A submission took more than it may; the message says of what."""


@dataclass
class Watchdog:
    """Watches all processes in the namespace of one session, from outside it."""

    first_pid: int
    """The namespace's first process, as this process sees it."""
    limits: Limits
    baseline_bytes: int = 0
    """Memory that the session had before it ran anything."""
    spent_s: dict[int, float] = field(default_factory=dict)
    """Processor time of each process that was ever seen."""
    until_s: float = math.inf
    """Processor time of all together at which the session is late."""

    def __post_init__(self) -> None:
        self.namespace = _namespace(self.first_pid)
        self.baseline_bytes = self._memory_bytes(self._pids())

    def allow(self, seconds: float) -> None:
        """Begin to count processor time: from now on, this much."""
        self.until_s = self.processor_s([self.first_pid]) + seconds

    def processor_s(self, pids: list[int]) -> float:
        """Give the session's processor time, looking again at these of its processes."""
        for pid in pids:
            self.spent_s[pid] = max(self.spent_s.get(pid, 0.0), _processor_s(pid))
        return sum(self.spent_s.values())

    def look(self) -> None:
        """Look once.

        Raises:
            DeadlineError: no processor time is left.
            LimitExceededError: too much memory, or too many processes and threads.
        """
        pids = self._pids()
        if self.processor_s(pids) > self.until_s:
            raise DeadlineError
        tasks = sum(_tasks(pid) for pid in pids)
        if tasks > self.limits.processes:
            raise LimitExceededError(f"{tasks} processes and threads")
        used = self._memory_bytes(pids) - self.baseline_bytes
        if used > self.limits.memory_mib * MIB:
            raise LimitExceededError(f"{used // MIB} MiB of memory")

    def _pids(self) -> list[int]:
        """List the processes; without a namespace of its own, the session's first process alone."""
        if self.namespace == _namespace(os.getpid()):
            return [self.first_pid]
        found = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
        return [pid for pid in found if _namespace(pid) == self.namespace]

    def _memory_bytes(self, pids: list[int]) -> int:
        return sum(_private_bytes(pid) for pid in pids)


@cache
def own_core() -> int | None:
    """Take a processor core for this process's sessions; None when other checkers have them all.

    The name of a socket marks it as taken; the kernel forgets the name when this process ends.
    """
    cores = sorted(os.sched_getaffinity(0))
    random.shuffle(cores)
    for core in cores:
        _marks.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        with suppress(OSError):
            _marks[-1].bind(f"\0autograder-core-{core}")
            return core
        _marks.pop().close()
    return None


_marks: list[socket.socket] = []


def _processor_s(pid: int) -> float:
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S
    return 0.0


def _namespace(pid: int) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/pid")
    return ""


def _tasks(pid: int) -> int:
    with suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/task"))
    return 0


def _private_bytes(pid: int) -> int:
    """Give a process's share of anonymous and shared memory."""
    with suppress(OSError, ValueError):
        return sum(
            int(line.split()[1]) << 10
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if line.startswith(("Pss_Anon:", "Pss_Shmem:"))
        )
    return 0
