"""Control groups: the kernel itself counts and limits memory and processes of a session, where it may.

Needs version 2 with the controllers memory and pids in a group that is delegated to this user, as
`systemd-run --user --scope -p Delegate=yes autograder grade CHAPTER` gives it. Elsewhere rlimits and the
watchdog do without.
Source: cgroups(7), the kernel's Documentation/admin-guide/cgroup-v2.rst.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.grading.limits import MIB, Limits

CONTROLLERS = {"memory", "pids"}
CHECKER = "checker"
"""The group of the processes that grade: a group that limits others may hold none itself."""
REMOVAL_S = 2.0


@dataclass(frozen=True)
class SessionGroup:
    """The group of one session."""

    folder: Path

    def ran_out_of_memory(self) -> bool:
        """Say whether the kernel ended a process of the session for its memory."""
        with suppress(OSError):
            events = (self.folder / "memory.events").read_text().split()
            return int(dict(zip(events[::2], events[1::2], strict=True)).get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """End what is left of the session, and the group."""
        with suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        end = time.monotonic() + REMOVAL_S
        while time.monotonic() < end:
            with suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.01)


@dataclass(frozen=True)
class ControlGroups:
    """A group below which sessions get groups of their own."""

    folder: Path

    def session(self, pid: int, limits: Limits) -> SessionGroup:
        """Put a session's first process, and so all that it will start, in a group.

        Raises:
            OSError: the kernel refuses.
        """
        group = self.folder / f"session-{pid}"
        group.mkdir()
        (group / "memory.max").write_text(str(limits.memory_mib * MIB))
        with suppress(OSError):  # there is no such file where there is no swap
            (group / "memory.swap.max").write_text("0")
        (group / "pids.max").write_text(str(limits.processes))
        (group / "cgroup.procs").write_text(str(pid))
        return SessionGroup(group)


@cache
def find_control_groups(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> ControlGroups | None:
    """Give the group that is delegated to this process, or None.

    Args:
        root: where version 2 is mounted.
        own: the kernel's list of this process's groups.
    """
    with suppress(OSError):
        names = [line[3:] for line in own.read_text().splitlines() if line.startswith("0::/")]
        folder = root / names[0].strip("/") if names else root
        folder = folder.parent if folder.name == CHECKER else folder
        if folder == root:  # never the whole machine's, or container's
            return None
        if not set((folder / "cgroup.controllers").read_text().split()) >= CONTROLLERS:
            return None
        (folder / CHECKER).mkdir(exist_ok=True)
        for pid in (folder / "cgroup.procs").read_text().split():
            (folder / CHECKER / "cgroup.procs").write_text(pid)
        (folder / "cgroup.subtree_control").write_text("+memory +pids")
        return ControlGroups(folder)
    return None
