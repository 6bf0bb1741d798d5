"""The sandbox tests itself at the start of every grading run, and grading refuses when it leaks."""

import os
import re
import socket
from importlib.util import find_spec
from pathlib import Path

import autograder
from autograder.course import Course
from autograder.grading.limits import LimitExceededError, Limits
from autograder.grading.sandbox import TORCH, NoSandboxError, Sandbox
from autograder.grading.sandboxed.frames import DeadlineError, FrameError
from dlarch.plain import PlainData

NAMESPACES = ("user", "pid", "mnt", "ipc", "net", "uts", "cgroup")


class LeakError(NoSandboxError):
    """The sandbox lets out what it must keep in."""


def private_places(course: Course) -> list[Path]:
    """List what must not be seen from inside a sandbox."""
    code = Path(autograder.__file__).parent
    parts = [course.root / name for name in ("build", "tests", ".git")]
    parts += [code / "exercises", code / "kernels"]
    return [course.classroom, course.solutions, *parts, Path.home()]


def find_leaks(sandbox: Sandbox, private: list[Path]) -> list[str]:
    """Say what the inside of a sandbox can do that it must not.

    Args:
        sandbox: a warm parent; nothing of a learner's has run in the session that is made here.
        private: files and folders that must not be seen inside.

    Returns:
        One sentence for each leak; empty when it holds.
    """
    absent = ["autograder"]
    if not sandbox.torch:
        absent += TORCH
        private = [*private, *_folders_of(TORCH)]
    session = sandbox.session(Limits())
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            session.ask("kind", 30.0, name="")  # now its mounts are complete
            answer = session.ask(
                "probe",
                30.0,
                private=[_identity(path) for path in private],
                mounts=_mount_points(session.watchdog.first_pid),
                absent=absent,
                addresses=[list(server.getsockname())],
                grader=os.getpid(),
            )
        shared = _shared_namespaces(session.watchdog.first_pid)
    except (FrameError, DeadlineError, LimitExceededError) as error:
        raise LeakError(f"the sandbox's self-test did not run: {error}") from error
    finally:
        session.end()
    return [str(item) for item in answer["found"]] + shared


def _identity(path: Path) -> dict[str, PlainData]:
    """Give what a file or folder is known by, under whatever path it may be reached."""
    try:
        found = path.stat()
    except OSError:
        return {"path": str(path), "device": None, "inode": None}
    return {"path": str(path.resolve()), "device": found.st_dev, "inode": found.st_ino}


def _folders_of(modules: tuple[str, ...]) -> list[Path]:
    found = [find_spec(name) for name in modules]
    return [Path(spec.origin).parent for spec in found if spec and spec.origin]


def _mount_points(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    escaped = [line.split()[4] for line in lines]
    return list(dict.fromkeys(re.sub(r"\\(\d{3})", _unescape, path) for path in escaped))


def _unescape(found: re.Match) -> str:
    return chr(int(found[1], 8))


def _shared_namespaces(pid: int) -> list[str]:
    return [
        f"it shares the namespace {name} with the process that grades" for name in NAMESPACES
        if os.readlink(f"/proc/{pid}/ns/{name}") == os.readlink(f"/proc/self/ns/{name}")
    ]  # fmt: skip


def refuse_leaks(sandbox: Sandbox, private: list[Path]) -> None:
    """Refuse a sandbox that leaks.

    Raises:
        LeakError: with everything that was found.
    """
    leaks = find_leaks(sandbox, private)
    if leaks:
        raise LeakError(f"the sandbox is not closed: {'; '.join(leaks)}. Nothing was graded")
