"""`autograder check`: one notebook, read by the importer, run in an ordinary kernel, scored by its checks."""

import re
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.chapters import CHAPTERS
from autograder.course import KERNEL_OPTIONS, Course
from autograder.grading.assignment import Assignment, read_released
from autograder.grading.checker import MAX_MESSAGE
from autograder.grading.learner_process import printable
from autograder.grading.pipeline import RUN, GradingRun, result_of
from autograder.grading.place import meant_chapter
from autograder.grading.reading import read_submission
from autograder.grading.warm_processes import WarmProcesses
from autograder.release import build_for_grading
from dlarch import checks_file
from dlarch.check import FILE_NAME
from dlarch.importer import OTHER_NOTEBOOK, Submission
from dlarch.importer.assignment import Cell
from dlarch.report import MIME_TYPE
from dlarch.verdict import STATUSES, Verdict

MEMORY_LIMIT_BYTES = 8 << 30
LIMIT_MEMORY = (
    "import resource; resource.setrlimit("
    f"resource.RLIMIT_DATA, ({MEMORY_LIMIT_BYTES}, resource.getrlimit(resource.RLIMIT_DATA)[1]))"
)


class UnusableInputError(ValueError):
    """Something that is not a notebook of this course."""


def check_notebook(path: Path, course: Course, timeout_s: float = 120.0) -> dict:
    """Read a notebook as grading does, run its answers, and score them by the public checks.

    A cell that kills the kernel or runs too long is left out of a second run, so that it costs its own
    checks only.

    Args:
        path: a learner's notebook, of any name and form.
        course: where the released notebooks are.
        timeout_s: longest run of one cell, in seconds.

    Returns:
        notebook, score, max_score, backend, notes of the importer, and for each check
        id, points, max_points, status, message, mistake.

    Raises:
        UnusableInputError: not a notebook, or of no chapter of this course.
    """
    assignment, submission = _read(path, course)
    cells = {
        cell.id: nbformat.v4.new_code_cell(submission.answers.get(cell.id, cell.source))
        for kinds in (RUN, ("check", "test"))
        for cell in assignment.of(*kinds)
    }
    folder = course.notebooks / assignment.chapter
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(folder / FILE_NAME, place)
        fatal = _execute(list(cells.values()), Path(place), timeout_s)
    verdicts = [_verdict(cell, cells, fatal, submission) for cell in assignment.of("check", "test")]
    backend = checks_file.load(folder / FILE_NAME).backend
    return _summary(path, verdicts, backend, submission.notes)


def check_in_sandbox(path: Path, course: Course) -> dict:
    """Grade one notebook as a class is graded: in the sandbox, on inputs that nobody has seen.

    Args:
        path: a learner's notebook.
        course: where its files are.

    Returns:
        What `check_notebook` gives.

    Raises:
        UnusableInputError: not a notebook, or of no chapter of this course.
        NoSandboxError: this machine cannot make the sandbox.
    """
    assignment, _ = _read(path, course)
    build_for_grading(assignment.chapter, course)
    processes = WarmProcesses()
    try:
        result = result_of(GradingRun(assignment.chapter, course), path, processes)
    finally:
        processes.close()
    if result.failure:
        raise UnusableInputError(result.failure)
    return _summary(path, result.verdicts, result.backend, result.notes)


def _summary(path: Path, verdicts: list[Verdict], backend: str, notes: list[str]) -> dict:
    fields = ("id", "points", "max_points", "status", "message", "mistake")
    return {
        "notebook": str(path),
        "score": sum(verdict.points for verdict in verdicts),
        "max_score": sum(verdict.max_points for verdict in verdicts),
        "backend": backend,
        "notes": notes,
        "checks": [{name: getattr(verdict, name) for name in fields} for verdict in verdicts],
    }


def _read(path: Path, course: Course) -> tuple[Assignment, Submission]:
    """Read a notebook by the importer, against the chapter that its name or else its cells mean."""
    if not path.is_file():
        raise UnusableInputError(f"cannot read {path}: there is no such file")
    meant = meant_chapter(path.name)
    read = []
    for chapter in [meant] if meant else CHAPTERS:
        if not (course.notebooks / chapter / f"{chapter}.ipynb").exists():
            continue
        assignment = read_released(chapter, course)
        read.append((assignment, read_submission(path.resolve(), assignment)))
    best = max(read, key=lambda item: (not item[1].failure, _written(*item)), default=None)
    if best is None or best[1].failure:
        failure = best[1].failure if best else ""
        if not meant and OTHER_NOTEBOOK in failure:
            failure = f"{path} belongs to no chapter: {failure}"
        raise UnusableInputError(failure or f"no chapter is released in {course.notebooks}")
    return best


def _written(assignment: Assignment, submission: Submission) -> tuple[int, int]:
    """Count the functions that the answers define, then the answers: some are found by place alone."""
    defined = [
        name
        for name, cell in assignment.functions.items()
        if re.search(rf"^(?:def|class) {name}\b", submission.answers.get(cell, ""), re.MULTILINE)
    ]
    return len(defined), len(submission.answers)


def _execute(cells: list[NotebookNode], folder: Path, timeout_s: float) -> dict[str, str]:
    """Run the cells; give the ids of those that were fatal, and how."""
    fatal: dict[str, str] = {}
    while True:
        runnable = nbformat.v4.new_notebook(cells=[cell for cell in cells if cell.id not in fatal])
        culprit = _run(runnable, folder, timeout_s)
        if culprit is None:
            return fatal
        fatal[culprit[0].id] = culprit[1]


def _run(notebook: NotebookNode, folder: Path, timeout_s: float) -> tuple[NotebookNode, str] | None:
    if not notebook.cells:
        return None
    client = NotebookClient(
        notebook,
        timeout=timeout_s,
        kernel_name="python3",
        allow_errors=True,
        extra_arguments=KERNEL_OPTIONS,
        resources={"metadata": {"path": str(folder)}},
    )
    with client.setup_kernel():
        client.kc.execute(LIMIT_MEMORY, silent=True)
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellTimeoutError:
                return cell, "timeout"
            except DeadKernelError:
                return cell, "crash"
            except CellExecutionError:
                continue
    return None


def _verdict(
    check: Cell, cells: dict[str, NotebookNode], fatal: dict[str, str], submission: Submission
) -> Verdict:
    """Read the verdict of a check from what its cell displayed."""
    verdict = Verdict(check.check, 0.0, check.points, "missing")
    ended = [cells[name].id for name in (check.id, check.exercise) if name in cells]
    status = next((fatal[cell] for cell in ended if cell in fatal), "")
    if status:
        verdict.status = status
        verdict.message = {
            "timeout": "The answer did not finish in time.",
            "crash": "The answer ended the Python process.",
        }[status]
        return verdict
    if check.exercise and check.exercise not in submission.answers:
        why = submission.reasons.get(check.exercise, "not written yet")
        verdict.message = f"{check.exercise}: {why}."
        return verdict
    outputs = cells[check.id].outputs
    displayed = [output["data"] for output in outputs if MIME_TYPE in output.get("data", {})]
    if displayed:  # what the answer displays comes before the verdict
        return _told(displayed[-1][MIME_TYPE], verdict)
    error = next((output for output in outputs if output.output_type == "error"), None)
    if error is None:
        verdict.message = "The check cell gave no verdict."
    elif error.ename == "NameError":
        verdict.message = _line(f"Nothing was there to check: {error.evalue}.")
    else:
        verdict.status, verdict.message = "error", _line(f"{error.ename}: {error.evalue}")
    return verdict


def _told(content: object, verdict: Verdict) -> Verdict:
    """Fill in what a cell displayed; how many points there are is not asked of the learner's process."""
    told = content if isinstance(content, dict) else {}
    if told.get("id") != verdict.id or told.get("status") not in STATUSES:
        verdict.status = "error"
        verdict.message = f"The check cell gave no verdict on {verdict.id}, but another one."
        return verdict
    verdict.status = told["status"]
    verdict.points = verdict.max_points if verdict.status == "pass" else 0.0
    verdict.message = _line(told.get("message"))
    verdict.mistake = _line(told.get("mistake")) or None
    return verdict


def _line(text: object) -> str:
    return printable(text[:MAX_MESSAGE]) if isinstance(text, str) else ""
