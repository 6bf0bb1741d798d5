"""Run one notebook and score it from the verdicts of its check cells."""

import shutil
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.chapters import CHAPTERS
from autograder.course import KERNEL_OPTIONS, Course
from autograder.grading.assignment import DEMONSTRATION
from autograder.grading.checker import Workshop
from autograder.grading.pipeline import Run, result_of
from autograder.release import build_for_grading
from dlarch import checks_file
from dlarch.check import FILE_NAME
from dlarch.report import MIME_TYPE
from dlarch.verdict import Verdict

MEMORY_LIMIT_BYTES = 8 << 30
LIMIT_MEMORY = (
    "import resource; resource.setrlimit("
    f"resource.RLIMIT_DATA, ({MEMORY_LIMIT_BYTES}, resource.getrlimit(resource.RLIMIT_DATA)[1]))"
)


class UnusableInputError(ValueError):
    """Something that is not a notebook of this course."""


def check_notebook(path: Path, course: Course, timeout_s: float = 120.0) -> dict:
    """Run a notebook and score its check cells.

    The check cells are the released ones, whatever the notebook made of them. A cell that kills the kernel
    or runs too long is left out of a second run, so that it costs its own checks only.

    Args:
        path: a learner's notebook.
        course: where the released notebooks are.
        timeout_s: longest run of one cell, in seconds.

    Returns:
        notebook, score, max_score, backend, and for each check
        id, points, max_points, status, message, mistake.

    Raises:
        UnusableInputError: not a notebook, or of no chapter of this course.
    """
    notebook = _read(path)
    chapter = _chapter_of(path, notebook, course)
    released = nbformat.read(course.notebooks / chapter / f"{chapter}.ipynb", as_version=4)
    checks = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in released.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }
    present = _restore(notebook, checks, released)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(course.notebooks / chapter / FILE_NAME, folder)
        fatal = _execute(notebook, Path(folder), timeout_s)
    verdicts = [
        _verdict(grade_id, cell, present.get(grade_id), fatal) for grade_id, cell in checks.items()
    ]
    backend = checks_file.load(course.notebooks / chapter / FILE_NAME).backend
    return _summary(path, verdicts, backend)


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
    chapter = _chapter_of(path, _read(path), course)
    build_for_grading(chapter, course)
    workshop = Workshop()
    try:
        result = result_of(Run(chapter, course), path, workshop)
    finally:
        workshop.close()
    if result.failure:
        raise UnusableInputError(f"{path}: {result.failure}")
    return _summary(path, result.verdicts, result.backend)


def _summary(path: Path, verdicts: list[Verdict], backend: str) -> dict:
    fields = ("id", "points", "max_points", "status", "message", "mistake")
    return {
        "notebook": str(path),
        "score": sum(verdict.points for verdict in verdicts),
        "max_score": sum(verdict.max_points for verdict in verdicts),
        "backend": backend,
        "checks": [{name: getattr(verdict, name) for name in fields} for verdict in verdicts],
    }


def _read(path: Path) -> NotebookNode:
    try:
        notebook = nbformat.convert(nbformat.reader.reads(path.read_text(encoding="utf-8-sig")), 4)
        for cell in notebook.cells:
            ids = (cell.get("id", ""), cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if not all(isinstance(text, str) for text in (cell.cell_type, *ids)):
                raise ValueError("expected text as the types and ids of the cells")
            cell.source.encode()
    except OSError as error:
        raise UnusableInputError(f"cannot read {path}: {error.strerror}") from error
    except Exception as error:
        raise UnusableInputError(
            f"{path} is not a Jupyter notebook: its JSON is damaged or of another kind"
        ) from error
    return notebook


def _chapter_of(path: Path, notebook: NotebookNode, course: Course) -> str:
    """Find the chapter by the notebook's name, else by the ids of its graded cells."""
    if path.stem in CHAPTERS:
        return path.stem
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    for chapter in CHAPTERS:
        released = course.notebooks / chapter / f"{chapter}.ipynb"
        if released.exists():
            graded = {
                cell.metadata.nbgrader.grade_id
                for cell in nbformat.read(released, as_version=4).cells
                if cell.metadata.get("nbgrader", {}).get("grade")
            }
            if graded & ids:
                return chapter
    raise UnusableInputError(
        f"{path} belongs to no chapter: expected a notebook named after one of {', '.join(CHAPTERS)}, "
        "or with its check cells"
    )


def _restore(
    notebook: NotebookNode, checks: dict[str, NotebookNode], released: NotebookNode
) -> dict[str, NotebookNode]:
    """Make fresh cells, with the released checks, without demonstrations; give the checks that were there."""
    shown = {
        cell.id: cell.source
        for cell in released.cells
        if DEMONSTRATION in cell.metadata.get("tags", [])
    }
    present: dict[str, NotebookNode] = {}
    kept = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type != "code" or shown.get(cell.get("id")) == cell.source:
            continue
        if grade_id in present:
            continue
        fresh = nbformat.v4.new_code_cell(checks.get(grade_id, cell).source)
        if grade_id in checks:
            present[grade_id] = fresh
        kept.append(fresh)
    notebook.cells = kept
    return present


def _execute(notebook: NotebookNode, folder: Path, timeout_s: float) -> dict[str, str]:
    """Run the cells; give the ids of those that were fatal, and how."""
    fatal: dict[str, str] = {}
    while True:
        runnable = nbformat.v4.new_notebook(
            cells=[cell for cell in notebook.cells if cell.id not in fatal]
        )
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
    grade_id: str, released: NotebookNode, cell: NotebookNode | None, fatal: dict[str, str]
) -> Verdict:
    points = float(released.metadata.nbgrader.points)
    missing = Verdict(grade_id.removeprefix("test_"), 0.0, points, "missing")
    if cell is None:
        missing.message = "The check cell is missing from the notebook."
        return missing
    if cell.id in fatal:
        missing.status = fatal[cell.id]
        missing.message = {
            "timeout": "The answer did not finish in time.",
            "crash": "The answer ended the Python process.",
        }[missing.status]
        return missing
    for output in reversed(cell.outputs):  # what the answer displays comes before the verdict
        if MIME_TYPE in output.get("data", {}):
            return Verdict.from_json(output["data"][MIME_TYPE])
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        missing.message = "The check cell gave no verdict."
    elif error.ename == "NameError":
        missing.message = f"Nothing was there to check: {error.evalue}."
    else:
        missing.status, missing.message = "error", f"{error.ename}: {error.evalue}"
    return missing
