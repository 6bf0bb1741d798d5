"""`check_all()`: the points of a notebook as it is saved, by the public checks."""

import ast
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
from dlarch.check import read_checks, shell, verdict_of, without_frames
from dlarch.checks_file import ChecksFile
from dlarch.names import names_of, statements
from dlarch.report import points_table, points_text
from dlarch.verdict import Verdict

HOME = "saved_notebook"
"""Module in which the saved answers are defined."""


class Points:
    """The verdicts of all checks, which Jupyter shows as a table."""

    def __init__(self, verdicts: list[Verdict], about: str) -> None:
        self.verdicts, self.about = verdicts, about

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        table = f"<p>{self.about}</p>{points_table(self.verdicts)}"
        return {"text/plain": repr(self), "text/html": table}

    def __repr__(self) -> str:
        return f"{self.about}\n{points_text(self.verdicts)}"


def check_all() -> None:
    """Run every check on the notebook as it is saved, and show the points.

    Grading takes the answer cells, and what they need of cells that you added, from the saved file; so does
    this. Its inputs are others, so the points of grading may be fewer.

    Raises:
        CheckImpossible: there is no checks file.
        CheckStopped: you interrupted it.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        print("The table of points is made when you run this cell yourself.")
        return
    with without_frames():
        checks = read_checks()
        path = session.notebook_path(checks.chapter)
        if path is None:
            about = "What ran in this session (the saved notebook was not found):"
            names, failed = vars(sys.modules["__main__"]), {}
        else:
            about = f"{path.name}, as it was saved at {_clock(path)}:"
            names, failed = _defined(session.saved_cells(path), set(checks.exercises))
        with _quiet():
            verdicts = list(_verdicts(names, failed, checks))
    points = Points(verdicts, about)
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


def _defined(
    cells: list[session.Cell], exercises: set[str]
) -> tuple[dict[str, object], dict[str, str]]:
    """Run the cells that grading takes, in a module of their own.

    Returns:
        What they define, and why they did not define what they should.
    """
    module = types.ModuleType(HOME)
    sys.modules[HOME] = module
    names, failed = vars(module), {}
    names["In"] = []
    taken = [cell for cell in cells if cell.kind not in (session.DEMONSTRATION, "check")]
    sources = {cell.source: _python(cell.source) for cell in taken}
    known = names_of(tuple(sources.values()))
    needed = exercises.union(*(known.used_by(name).names for name in exercises))
    for number, cell in enumerate(taken):
        source = sources[cell.source]
        if cell.kind == "added":
            source = _needed(source, needed)
        names["In"].append(source)
        file = f"<cell {number} of the saved notebook>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        try:
            with _quiet():
                exec(compile(source, file, "exec"), names)
        except Exception as error:
            why = f"its cell raised {type(error).__name__}: {error}"
            failed.update(dict.fromkeys(exercises & set(names_of((cell.source,)).bound), why))
            if isinstance(error, SyntaxError):
                failed.update({name: why for name in exercises if f"def {name}(" in source})
    return names, failed


def _needed(source: str, needed: set[str]) -> str:
    """Keep the statements of an added cell that define what an answer needs."""
    kept = []
    for statement in statements(source):
        text = ast.unparse(statement)
        if needed & names_of((text,)).bound.keys():
            kept.append(text)
    return "\n".join(kept)


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
