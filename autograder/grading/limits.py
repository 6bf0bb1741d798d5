"""What a submission may use, and the watch over what the kernel does not limit by itself."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Most that a submission may use; `[limits]` of the classroom's settings.toml changes them."""

    call_s: float = 30.0
    """One call of a learner's function, wall clock."""
    cell_s: float = 60.0
    """One cell of the notebook, wall clock."""
    submission_s: float = 600.0
    """A whole submission, wall clock."""
    cpu_s: int = 300
    """Processor time of one process."""
    memory_mib: int = 2048
    """Private memory of all processes of the submission together."""
    processes: int = 64
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

    def __post_init__(self) -> None:
        self.namespace = _namespace(self.first_pid)
        self.baseline_bytes = self._memory_bytes(self._pids())

    def look(self) -> None:
        """Look once.

        Raises:
            LimitExceededError: too much memory, or too many processes and threads.
        """
        pids = self._pids()
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
