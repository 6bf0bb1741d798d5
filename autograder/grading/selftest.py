"""The sandbox tests itself at the start of every grading run, and grading refuses when it leaks."""

import json
import os
import socket
from pathlib import Path

import autograder
from autograder.course import Course
from autograder.grading.limits import Limits
from autograder.grading.sandbox import NoSandboxError, Sandbox

PROBE = """
import json, os, socket, sys
found = []
for path in {paths!r}:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
        found.append("it can read " + path)
    except OSError:
        pass
for address in {addresses!r}:
    try:
        with socket.create_connection(tuple(address), timeout=2):
            found.append("it reaches a socket of this machine")
    except OSError:
        pass
processes = [name for name in os.listdir("/proc") if name.isdecimal()]
if set(processes) - {{str(os.getpid())}}:
    found.append("it sees other processes")
if os.path.exists("/proc/%d" % {pid}) and {pid} != os.getpid():
    found.append("it sees the process that grades")
outside = ["/", "/usr", "/etc", "/dev", "/home", "/course", "/proc/sys/kernel", sys.prefix]
for folder in [*outside, sys.base_prefix, *{folders!r}]:
    try:
        with open(os.path.join(folder, ".sandbox-probe"), "wb"):
            pass
        os.unlink(os.path.join(folder, ".sandbox-probe"))
        found.append("it can write to " + folder)
    except OSError:
        pass
print(json.dumps(found))
"""


class LeakError(NoSandboxError):
    """The sandbox lets out what it must keep in."""


def private_places(course: Course) -> list[Path]:
    """List what must not be seen from inside a sandbox."""
    code = Path(autograder.__file__).parent
    return [course.classroom, course.solutions, code / "exercises", code / "kernels"]


def find_leaks(sandbox: Sandbox, private: list[Path]) -> list[str]:
    """Say what the inside of a sandbox can do that it must not.

    Args:
        sandbox: a warm parent; nothing of a learner's has run in the session that is made here.
        private: files and folders that must not be seen inside.

    Returns:
        One sentence for each leak; empty when it holds.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = PROBE.format(
            paths=[str(path) for path in private],
            addresses=[list(server.getsockname())],
            pid=os.getpid(),
            folders=[str(path) for path in private if path.is_dir()],
        )
        session = sandbox.session(Limits())
        try:
            answer = session.ask("cell", 30.0, source=source)
        finally:
            session.end()
    try:
        return [str(item) for item in json.loads(answer["stdout"])]
    except (ValueError, KeyError) as error:
        said = f"{answer.get('error')}: {answer.get('detail')}"
        raise LeakError(f"the sandbox's self-test did not run: {said}") from error


def refuse_leaks(sandbox: Sandbox, private: list[Path]) -> None:
    """Refuse a sandbox that leaks.

    Raises:
        LeakError: with everything that was found.
    """
    leaks = find_leaks(sandbox, private)
    if leaks:
        raise LeakError(f"the sandbox is not closed: {'; '.join(leaks)}. Nothing was graded")
