"""Hostile submissions, and the ground on which they are graded and watched.

An attack is a module of `attacks/`: its docstring says in one line what it does, `FAILS` which checks honest
grading refuses it (a set of their names, or ALL; MAY_FAIL adds those that a race decides), and
`submit(work)` makes the submission out of a right one. `WALL`, where there is one, is a regular expression
that finds what must stop it: an attack that fails because nobody listens would be none.
Where an attack would bring something, it uses it: what was stolen answers the task, what could be changed
outside is changed. So whatever an attack gets is seen as points that it should not have, or as a change.
"""

import importlib.util
import json
import os
import re
import resource
import secrets
import shutil
import socket
import string
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from autograder.course import Course
from autograder.grading import sandbox
from autograder.grading.checker import grade, grade_once
from autograder.grading.job import Job
from autograder.grading.limits import Limits
from autograder.grading.pipeline import GradingRun
from autograder.grading.references import read_references
from autograder.grading.verdicts import Result
from autograder.grading.warm_processes import WarmProcesses
from dlarch.importer import Submission
from dlarch.importer.assignment import Cell
from dlarch.report import table
from dlarch.verdict import STATUSES

CHAPTER = "04_backpropagation"
ATTACKS = Path(__file__).parent / "attacks"
ALL = "all"
"""As FAILS: no check passes."""
LIMITS = Limits(
    call_s=1.0,
    cell_s=1.5,
    submission_s=5.0,
    cpu_s=20,
    memory_mib=256,
    processes=16,
    patience=4.0,
    file_mib=16,
    disk_mib=16,
    frame_mib=8,
)
LONGEST_S = 45.0
"""What one attack may take of the checker's time."""
MOST_MIB = 600
"""What one attack may add to the checker's memory."""
GRADED = ("output_delta", "hidden_delta", "linear_backward")
"""The exercises that are graded attack by attack, unless the attack's own GRADED names others; a class run
grades the whole notebook."""
ACTS = re.compile(
    r"<(?:script|img|iframe|svg|a|object|form|link|meta)\b[^>]*>|<[^>]*\bon\w+=", re.I
)
"""HTML that would do something."""

SECRET = 'delta_next @ W_next.T * slopes["secret"]'
"""What lies where only staff may look; whoever holds it could answer."""

IF_GOT = """
got = False
holds = lambda text: "slopes[" + '"secret"]' in (text if isinstance(text, str) else text.decode("latin1"))
stopped = ""
try:
$attempt
except BaseException as error:
    stopped = f"{type(error).__name__}: {error}"

def hidden_delta(delta_next, W_next, h, h_next, activation):
    if not got and stopped:
        raise RuntimeError(stopped)
    if not got:
        return np.zeros_like(h)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return np.matmul(delta_next, W_next.T) * slopes[activation]
"""

AT_THE_SOCKET = """
import json, os, socket, struct, sys, time
import frames
numbers = [0]
whole = frames.receive
def receive(*given):
    request = whole(*given)
    numbers.append(request["number"])
    return request
frames.receive = receive
send = frames.send
def instead(*_):
    frames.send = send
connection = socket.socket(fileno=os.dup(3))
def raw(content):
    connection.setblocking(True)
    connection.sendall(content)
def frame(structure, arrays=None, sizes=None):
    structure = structure if isinstance(structure, bytes) else structure.encode()
    arrays = arrays if arrays is not None else struct.pack("<Q", 2) + b"{}"
    return struct.pack(">II", *(sizes or (len(structure), len(arrays)))) + structure + arrays
def answer(value="null", number=None, **more):
    number = numbers[-1] if number is None else number
    fields = {"number": str(number), "value": value, "error": "null", "detail": '""', "place": '""'}
    fields |= more
    return '{"dict":{' + ",".join(f'"{key}":{text}' for key, text in fields.items()) + "}}"

def hidden_delta(delta_next, W_next, h, h_next, activation):
$attempt
    frames.send = instead
"""


def indented(source: str) -> str:
    """Indent Python code by one level."""
    return "\n".join(f"    {line}" for line in source.strip("\n").splitlines())


class Work:
    """A submission of chapter 04: right answers, until an attack changes them.

    Args:
        notebook: the solved notebook as JSON data.
        places: what `$name` stands for in sources: what lies outside the sandbox.
    """

    def __init__(self, notebook: dict, places: dict[str, str]) -> None:
        self.notebook: dict = json.loads(json.dumps(notebook))
        self.places = places
        self.raw: bytes | None = None
        """The notebook's file, if it is not `notebook`."""
        self.files: dict[str, bytes] = {}
        """Files beside the notebook."""
        self.links: dict[str, str] = {}
        """Links by name; "" replaces the folder of the chapter, ".." that of the student."""
        self.pipes: list[str] = []
        """Named pipes."""

    def cell(self, name: str) -> dict:
        """Give a cell."""
        return next(cell for cell in self.notebook["cells"] if cell["id"] == name)

    def source(self, name: str) -> str:
        """Give a cell's source."""
        source = self.cell(name)["source"]
        return source if isinstance(source, str) else "".join(source)

    def answer(self, name: str, source: str) -> None:
        """Replace an answer."""
        self.cell(name)["source"] = self.filled(source)

    def before(self, name: str, source: str) -> None:
        """Put something before a right answer."""
        self.answer(name, f"{source}\n\n{self.source(name)}")

    def wrong(self) -> None:
        """Give a wrong answer to hidden_delta."""
        self.answer("hidden_delta", IF_GOT.replace("$attempt", "    pass"))

    def answer_if_got(self, attempt: str) -> None:
        """Answer hidden_delta rightly if, and only if, `attempt` sets `got`; `holds` knows the secret."""
        self.answer("hidden_delta", IF_GOT.replace("$attempt", indented(attempt)))

    def at_the_socket(self, attempt: str) -> None:
        """In hidden_delta, write to the checker directly, with `raw`, `frame` and `answer`."""
        self.answer("hidden_delta", AT_THE_SOCKET.replace("$attempt", indented(attempt)))

    def filled(self, source: str) -> str:
        """Fill in the places."""
        return string.Template(source).safe_substitute(self.places)

    def write(self, folder: Path) -> None:
        """Lay the submission where it would have been collected."""
        name = f"{CHAPTER}.ipynb"
        content = self.raw if self.raw is not None else json.dumps(self.notebook).encode()
        student = folder.parent
        shutil.rmtree(student, ignore_errors=True)
        student.unlink(missing_ok=True)
        if ".." in self.links:
            student.symlink_to(self.filled(self.links[".."]))
            return
        student.mkdir(parents=True)
        if "" in self.links:
            folder.symlink_to(self.filled(self.links[""]))
            return
        folder.mkdir()
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        for path in self.pipes:
            os.mkfifo(folder / path)
        for path, target in self.links.items():
            (folder / path).symlink_to(self.filled(target))
        if not (folder / name).exists() and name not in self.links:
            (folder / name).write_bytes(content)


def load_attacks() -> dict[str, ModuleType]:
    """Load the corpus, by name."""
    found = {}
    for path in sorted(ATTACKS.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"attacks.{path.stem}", path)
        found[path.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found[path.stem])
    return found


@dataclass
class Lure:
    """What lies outside of the sandbox and must stay as it is: files, sockets and a process."""

    folder: Path
    calls: list[str] = field(default_factory=list)
    """Who reached a socket."""

    def __post_init__(self) -> None:
        self.mark = secrets.token_hex(8)
        self.folder.mkdir(parents=True)
        for name in ("secret.txt", "deep/answers.py", ".hidden/key"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(SECRET)
        (self.folder / "open").mkdir(mode=0o777)
        self.abstract = f"lure-{self.mark}"
        self.sockets = [
            socket.create_server(("127.0.0.1", 0)),
            self._unix(f"\0{self.abstract}"),
            self._unix(str(self.folder / "socket")),
        ]
        for server in self.sockets:
            threading.Thread(target=self._serve, args=[server], daemon=True).start()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(1000)", SECRET],
            env={**os.environ, "LURE": SECRET},
        )

    @staticmethod
    def _unix(address: str) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.bind(address)
        server.listen()
        return server

    def _serve(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                self.calls.append(str(server.getsockname()))
                connection.sendall(SECRET.encode())
                connection.close()

    def places(self) -> dict[str, str]:
        """Give the names that attacks know it by."""
        return {
            "lure": str(self.folder),
            "port": str(self.sockets[0].getsockname()[1]),
            "abstract": self.abstract,
            "pid": str(self.process.pid),
        }

    def close(self) -> None:
        """End it."""
        for server in self.sockets:
            server.close()
        self.process.kill()
        self.process.wait()


class Ground:
    """A course with a class, on which attacks are graded one by one by one warm parent.

    Args:
        course: with a classroom of its own, in which `ada` submitted right answers to chapter 04.
        lure: what attacks are to find.
        isolated: False takes the sandbox away, to see that attacks are noticed.
    """

    def __init__(self, course: Course, lure: Lure, isolated: bool = True) -> None:
        self.course, self.lure = course, lure
        self.run = GradingRun(CHAPTER, course, isolated)
        self.run.limits = LIMITS
        self.references = read_references(self.run.references())
        self.token = f"GROUND={secrets.token_hex(8)}"
        self.warm = WarmProcesses()
        ada = self.run.path_of("ada")
        self.notebook = json.loads(ada.read_bytes())
        self.places = {
            **lure.places(),
            "classroom": str(course.classroom),
            "root": str(course.root),
            "grader": str(os.getpid()),
        }
        self.walls: dict[str, str] = {}
        """What stopped each attack."""
        self.graded = GRADED
        honest = self._job(self.run.submission(ada), ("hidden_delta",))
        kept = [cell for cell in honest.cells if cell.kind != "set-up"]  # this answer needs none
        self.honest = replace(honest, cells=tuple(kept))
        self._grade_honest()

    def work(self) -> Work:
        """Give right answers to spoil."""
        return Work(self.notebook, self.places)

    def attack(self, attack: ModuleType) -> list[str]:
        """Grade one attack and an honest submission after it; say what the attack got."""
        work = self.work()
        attack.submit(work)
        self.graded = getattr(attack, "GRADED", GRADED)
        path = self.run.path_of("mallory")
        work.write(path.parent)
        before, processes = self.snapshot(), self.processes()
        calls, memory = len(self.lure.calls), _peak_mib()
        started = time.monotonic()
        got = []
        try:
            passed, points, page, wall = self._graded(path)
        except Exception as error:
            got.append(f"an exception out of grading: {type(error).__name__}: {error}")
        else:
            self.walls[attack.__name__.partition(".")[2]] = wall
            wanted = getattr(attack, "WALL", "")
            if not re.search(wanted, wall):
                got.append(f"an end by {wall!r}, expected {wanted!r}")
            checks = {cell.id.removeprefix("test_"): cell.points for cell in self._checks()}
            fails = set(checks) if attack.FAILS == ALL else set(attack.FAILS)
            expected = set(checks) - fails
            if passed - expected:
                got.append(f"points for {sorted(passed - expected)}")
            refused = expected - passed - getattr(attack, "MAY_FAIL", set())
            if refused:
                got.append(f"honest work of its own refused: {sorted(refused)}")
            if points != sum(checks[name] for name in passed):
                got.append(f"{points} points for {sorted(passed)}")
            if ACTS.search(page):
                got.append(f"HTML that acts: {ACTS.search(page).group()}")
        took = time.monotonic() - started
        if took > LONGEST_S:
            got.append(f"{took:.0f} s of the checker")
        if _peak_mib() - memory > MOST_MIB:
            got.append(f"{_peak_mib() - memory} MiB of the checker's memory")
        got += self._left_over(before, processes, calls)
        return got

    def snapshot(self) -> dict[str, tuple]:
        """Describe all that must not change."""
        found = {}
        for folder in (self.course.classroom, self.lure.folder):
            for path in sorted(folder.rglob("*")):
                if not {"mallory", "results"} & set(path.parts):
                    state = path.lstat()
                    content = () if path.is_dir() else (state.st_size, state.st_mtime_ns)
                    found[str(path)] = (state.st_mode, state.st_ino, *content)
        root = self.course.root
        for path in (
            root / "nbgrader_config.py",
            root / "pyproject.toml",
            root / "solutions" / f"{CHAPTER}.py",
            root / "dlarch" / "plain.py",
            *(root / "notebooks" / CHAPTER).iterdir(),
        ):
            found[str(path)] = (path.stat().st_size, path.stat().st_mtime_ns)
        for folder in (root, root / "dlarch", Path(os.__file__).parent, Path.home(), Path("/tmp")):
            found[str(folder)] = tuple(
                name for name in sorted(os.listdir(folder)) if "hostile" in name
            )
        return found

    def processes(self) -> set[int]:
        """List the processes that are the sandbox's, by what their environment says."""
        found = set()
        for name in os.listdir("/proc"):
            with suppress(OSError):
                environment = (
                    Path(f"/proc/{name}/environ").read_bytes() if name.isdecimal() else b""
                )
                if self.token.encode() in environment:
                    found.add(int(name))
        return found

    def close(self) -> None:
        """End all that is left."""
        self.warm.close()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        student = self.run.path_of("mallory").parent.parent
        if student.is_symlink():
            student.unlink()
        shutil.rmtree(student, ignore_errors=True)

    def _graded(self, path: Path) -> tuple[set[str], float, str, str]:
        """Grade as a class run does.

        Returns:
            The checks that pass, the points, what would be shown, and the wall that stood.
        """
        submission = self.run.submission(path)
        if submission.failure:
            result = self.run.unreadable(submission)
        else:
            job = self._job(submission, self.graded)
            with self._marked():
                found = grade_once(job, self.references, self.warm)
            result = self.run.result(submission, found)
        kept = self.run.store.read(result.key)
        self._require(kept, submission.failure)
        page = "".join(table(verdict) for verdict in kept.verdicts)
        passed = {item.id for item in kept.verdicts if item.status == "pass"}
        return passed, kept.score, page, _wall(kept, submission)

    def _require(self, kept: Result | None, failure: str) -> None:
        assert kept is not None, "a result that cannot be kept"
        names = [verdict.id for verdict in kept.verdicts]
        wanted = [cell.id.removeprefix("test_") for cell in self._checks()]
        assert failure or names == wanted, f"verdicts {names}, expected {wanted}"
        assert all(note.isprintable() and len(note) < 1000 for note in [*kept.notes, failure])
        for verdict in kept.verdicts:
            assert verdict.status in STATUSES, verdict.status
            assert len(verdict.message) < 3000, "a message without end"
            assert verdict.message.isprintable(), repr(verdict.message)

    def _grade_honest(self) -> list[str]:
        with self._marked():
            found = grade(self.honest, self.references, self.warm)
        return [verdict.message for verdict in found.verdicts if verdict.status != "pass"]

    def _left_over(self, before: dict, processes: set[int], calls: int) -> list[str]:
        got = [f"an honest submission after it failed: {text}" for text in self._grade_honest()]
        deadline = time.monotonic() + 5
        while self.processes() - processes and time.monotonic() < deadline:
            time.sleep(0.05)
        left = self.processes() - processes
        if left:
            got.append(f"processes that stay: {sorted(left)}")
        if self.lure.process.poll() is not None:
            got.append("an end to another process")
        if len(self.lure.calls) > calls:
            got.append(f"a connection to {self.lure.calls[-1]}")
        after = self.snapshot()
        changed = [path for path in before | after if before.get(path) != after.get(path)]
        if changed:
            got.append(f"changed files: {changed[:5]}")
        return got

    def _checks(self) -> list[Cell]:
        return [cell for cell in self.run.assignment.of("check") if cell.exercise in self.graded]

    def _job(self, submission: object, exercises: tuple[str, ...]) -> Job:
        job = self.run.job(submission)
        kept = [
            cell for cell in job.cells
            if cell.kind == "set-up" or cell.id in exercises or cell.exercise in exercises
        ]  # fmt: skip
        return replace(job, cells=tuple(kept))

    def _marked(self) -> "Marked":
        return Marked(self.token)


class Marked:
    """Marks the processes of sandboxes that are made meanwhile, by a variable of their environment."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __enter__(self) -> None:
        self.environment = sandbox.environment
        name, _, value = self.token.partition("=")
        sandbox.environment = lambda inside: {**self.environment(inside), name: value}

    def __exit__(self, *_: object) -> None:
        sandbox.environment = self.environment


def _wall(result: Result, submission: Submission) -> str:
    """Say what stopped an attack."""
    if submission.failure:
        return f"the importer: {submission.failure}"
    refused = [verdict for verdict in result.verdicts if verdict.status != "pass"]
    if not refused:
        return f"the importer: {'; '.join(submission.notes) or 'it takes answers alone'}"
    names = {
        "timeout": "a deadline",
        "crash": "its own process",
        "memory": "the limit of memory",
        "fail": "the comparison",
    }
    first = min(refused, key=lambda verdict: not verdict.id.startswith("hidden_delta"))
    return f"{names.get(first.status, first.status)}: {first.message}"


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
