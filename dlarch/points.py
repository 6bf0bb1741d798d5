"""`check_all()`: the points of a notebook as it is saved, by the public checks."""

import html
import linecache
import os
import sys
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from dlarch import session
from dlarch.check import (
    FILE_NAME,
    CheckImpossible,
    find_checks_file,
    read_checks,
    shell,
    verdict_of,
    without_frames,
)
from dlarch.checks_file import ChecksFile
from dlarch.report import points_table, points_text
from dlarch.verdict import Verdict

HOME = "saved_notebook"
"""Module in which the saved answers are defined."""


class Points:
    """The verdicts of all checks, which Jupyter shows as a table."""

    def __init__(self, verdicts: list[Verdict], about: str, notes: list[str]) -> None:
        self.verdicts, self.about, self.notes = verdicts, about, notes

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        notes = "".join(f"<p>Note: {html.escape(note)}.</p>" for note in self.notes)
        table = f"<p>{html.escape(self.about)}</p>{points_table(self.verdicts)}{notes}"
        return {"text/plain": repr(self), "text/html": table}

    def __repr__(self) -> str:
        notes = [f"Note: {note}." for note in self.notes]
        return "\n".join([self.about, points_text(self.verdicts), *notes])


def check_all() -> None:
    """Run every check on the notebook as it is saved, and show the points.

    The saved file is read as grading reads it: the answers, and what they need of other cells. The inputs are
    those of the checks, and grading has others besides, so its points may be fewer.

    Raises:
        CheckImpossible: there is no checks file, or it is of an earlier release.
        CheckStopped: you interrupted it.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        print("The table of points is made when you run this cell yourself.")
        return
    with without_frames():
        checks = read_checks()
        path = session.notebook_path(checks.chapter)
        notes: list[str] = []
        if path is None:
            about = "What ran in this session (the saved notebook was not found):"
            names, failed = vars(sys.modules["__main__"]), {}
        else:
            about = f"{path.name}, as it was saved at {_clock(path)}:"
            names, failed, notes = _saved(path, checks)
        with _quiet():
            verdicts = list(_verdicts(names, failed, checks))
    points = Points(verdicts, about, notes)
    if shell() is not None:
        sys.modules["IPython"].display.display(points)
    else:
        print(points)


def _clock(path: Path) -> str:
    return time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))


def _verdicts(
    names: dict[str, object], failed: dict[str, str], checks: ChecksFile
) -> Iterator[Verdict]:
    for name, structure in checks.exercises.items():
        for part, share in structure["parts"].items():
            if callable(names.get(name)):
                yield verdict_of(names[name], name, part, checks)
                continue
            why = failed.get(name, f"no cell defines {name}")
            identifier = f"{name}_{part}" if part else name
            yield Verdict(identifier, 0.0, share["points"], "missing", f"{name}: {why}")


def _saved(path: Path, checks: ChecksFile) -> tuple[dict[str, object], dict[str, str], list[str]]:
    """Run the answers of a saved notebook, as grading finds them, in a module of their own.

    Returns:
        What they define, why they do not define what they should, and what was odd about the notebook.
    """
    from dlarch.importer import import_notebook  # nbformat takes its time
    from dlarch.importer.released import read_released

    released = read_released(find_checks_file(), checks.chapter)
    if released is None:
        raise CheckImpossible(
            f"{FILE_NAME} is of an earlier release: take it and dlarch from the same one"
        )
    submission = import_notebook(path.read_bytes(), released, path.name)
    if submission.failure:
        return {}, dict.fromkeys(checks.exercises, submission.failure), []
    module = types.ModuleType(HOME)
    sys.modules[HOME] = module
    names, failed = vars(module), {}
    names["In"] = []
    for cell in released.of("set-up", "answer", "shown", "written code"):
        why = _run(cell.id, submission.answers.get(cell.id, cell.source), names)
        if why:
            failed[cell.id] = why
    written = {name: names[name] for name in submission.answers if name in names}
    missing = dict.fromkeys(checks.exercises.keys() - submission.answers, "not written yet")
    return written, failed | missing | submission.reasons, submission.notes


def _run(cell: str, source: str, names: dict[str, object]) -> str:
    """Run a cell, and say what it raised."""
    source = _python(source)
    names["In"].append(source)
    file = f"<{cell} of the saved notebook>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        with _quiet():
            exec(compile(source, file, "exec"), names)
    except Exception as error:
        return f"its cell raised {type(error).__name__}: {error}"
    return ""


def _python(source: str) -> str:
    return shell().transform_cell(source) if shell() is not None else source


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what cells print and show."""
    if shell() is None:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            yield
        return
    from IPython.utils.capture import capture_output

    with capture_output():
        yield
