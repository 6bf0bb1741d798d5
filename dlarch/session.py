"""The learner's session: which cells ran, and what the saved notebook holds, as far as that can be known.

Python hears of a cell when it runs and sees the notebook when it is saved. Between two saves an edit that
was not run is invisible.
"""

import inspect
import json
import linecache
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dlarch.names import names_of

STARTED_IN = Path.cwd()
"""The notebook's folder, wherever the learner changes to later."""
LOCAL_BOOK = "../book/"
"""Where the pages lie beside the notebooks."""
DEMONSTRATION = "demonstration"
"""Tag of a cell that only shows something: grading does not run it."""


@dataclass(frozen=True)
class Cell:
    """A code cell of the saved notebook."""

    source: str
    kind: str
    """answer, check, demonstration, set-up (given by the course) or added (by the learner)."""


@dataclass(frozen=True)
class Run:
    """A cell that ran."""

    source: str
    time_s: float
    cell_id: str | None
    """Its id in the notebook, where the program that shows the notebook tells it."""


_runs: list[Run] = []
_loaded_s = time.time()


def watch() -> None:
    """Note from now on which cells run, in a Jupyter kernel."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.events.register("pre_run_cell", _note)


def _note(info: object) -> None:
    _runs.append(Run(str(info.raw_cell), time.time(), getattr(info, "cell_id", None)))


def namespace_of(function: Callable) -> dict[str, object]:
    """Give the global names that a learner's function or class sees."""
    function = inspect.unwrap(function)
    if hasattr(function, "__globals__"):
        return function.__globals__
    home = getattr(function, "__module__", None)
    return vars(sys.modules.get(home, sys.modules["__main__"]))


def sources_of(function: Callable) -> tuple[str, ...]:
    """Give the sources of the cells that ran, in their order, or of the script that holds a function."""
    namespace = namespace_of(function)
    cells = namespace.get("In")
    if isinstance(cells, list):
        return tuple(cell for cell in cells if isinstance(cell, str))
    return ("".join(linecache.getlines(str(namespace.get("__file__", "")))),)


def notebook_path(chapter: str) -> Path | None:
    """Find the saved notebook: the one that Jupyter says it shows, else the chapter's own."""
    shown = os.environ.get("JPY_SESSION_NAME", "")
    for path in (Path(shown), STARTED_IN / f"{chapter}.ipynb"):
        if path.suffix == ".ipynb" and path.is_file():
            return path
    return None


def saved_cells(path: Path) -> list[Cell]:
    """Read the code cells of a saved notebook; of one that cannot be read, none."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [_cell(cell) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def book_of(chapter: str) -> str:
    """Give the address of the book's pages: where the course is published, else the copy at hand."""
    path = notebook_path(chapter)
    if path is None:
        return ""
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        address = str(metadata.get("dlarch", {}).get("book", LOCAL_BOOK))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        address = LOCAL_BOOK
    if address.startswith("https://"):
        return address
    return address if (path.parent / address).is_dir() else ""


def _cell(cell: dict) -> Cell:
    source, metadata = cell["source"], cell.get("metadata", {})
    settings = metadata.get("nbgrader", {})
    kind = "added" if metadata.get("editable", True) else "set-up"
    if DEMONSTRATION in metadata.get("tags", []):
        kind = DEMONSTRATION
    if settings.get("solution"):
        kind = "answer"
    elif settings.get("grade"):
        kind = "check"
    return Cell(source if isinstance(source, str) else "".join(source), kind)


def doubts(name: str, function: Callable, chapter: str) -> list[str]:
    """Say why a handed-in notebook may not hold what was just checked.

    Args:
        name: the answer's name.
        function: the answer.
        chapter: the chapter's stem.
    """
    path = notebook_path(chapter)
    cells = saved_cells(path) if path else []
    saved_s = path.stat().st_mtime if path else 0.0
    source = _source_run(function)
    return [
        *_stale(name, source, cells, saved_s),
        *_not_graded(name, sources_of(function), cells, saved_s),
    ]


def _source_run(function: Callable) -> str:
    """Give the cell that defined a function, as it ran."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is None and inspect.isclass(function):
        members = (getattr(member, "__code__", None) for member in vars(function).values())
        code = next((member for member in members if member), None)
    return "".join(linecache.getlines(code.co_filename)) if code else ""


def _stale(name: str, source: str, cells: list[Cell], saved_s: float) -> list[str]:
    run = next((run for run in reversed(_runs) if _alike(run.source, source)), None)
    if run is not None and run.cell_id:
        later = _runs[_runs.index(run) + 1 :]
        if any(again.cell_id == run.cell_id and name not in _bound(again) for again in later):
            return [
                f"The cell that defined {name} ran again and does not define it any more: "
                "this check is about the earlier version."
            ]
    ran_s = run.time_s if run else _loaded_s
    if source and saved_s > ran_s and not any(_alike(cell.source, source) for cell in cells):
        return [
            f"The saved notebook holds another version of {name}: run its cell again, "
            "then this one."
        ]
    return []


def _not_graded(
    name: str, sources: tuple[str, ...], cells: list[Cell], saved_s: float
) -> list[str]:
    """Say which names of other cells an answer needs that grading does not have."""
    graded = names_of(
        tuple(cell.source for cell in cells if cell.kind in ("answer", "other"))
    ).bound
    texts = {cell.source.strip(): cell.kind for cell in cells}
    found = []
    for needed in sorted(names_of(sources).used_by(name).names - graded.keys()):
        definer = next(
            (source for source in reversed(sources) if needed in names_of((source,)).bound), None
        )
        if definer is None:
            continue
        kind = texts.get(definer.strip())
        ran_s = next((run.time_s for run in reversed(_runs) if _alike(run.source, definer)), None)
        if kind in (DEMONSTRATION, "check"):
            reason = "a cell that grading does not run"
        elif kind is None and cells and ran_s is not None and saved_s > ran_s:
            reason = "a cell that is not in the saved notebook"
        else:
            continue
        found.append(
            f"Grading will not have {needed}, which {name} uses: it comes from {reason}. "
            f"Define it in the cell of {name}."
        )
    return found


def _alike(source: str, other: str) -> bool:
    return source.strip() == other.strip()


def _bound(run: Run) -> set[str]:
    return set(names_of((run.source,)).bound)
