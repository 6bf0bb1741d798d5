"""`check(fn)`: immediate feedback on an answer, from the chapter's checks file."""

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

from dlarch import drivers
from dlarch.checks_file import ChecksFile, Expectation, load
from dlarch.judge import judge
from dlarch.names import forbidden_names, names_of
from dlarch.report import Report, text
from dlarch.session import namespace_of, sources_of
from dlarch.verdict import Verdict

FILE_NAME = "checks.safetensors"


class CheckFailed(AssertionError):
    """An answer that is not right yet; the message says why in one line."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in Jupyter: the frames would be this library's."""
        return [f"CheckFailed: {self}"]


def check(function: Callable, part: str = "") -> None:
    """Check an answer and show what came of it.

    Args:
        function: your function or class, under the name the task gave it.
        part: which part of the exercise, where it is checked in parts.

    Raises:
        CheckFailed: the answer is not right yet.
        FileNotFoundError: there is no checks file beside the notebook.
        ValueError: the chapter has no exercise or part of this name.
    """
    verdict = verdict_of(function, part, load(find_checks_file()))
    _show(verdict)
    if verdict.status != "pass":
        raise CheckFailed(verdict.message) from None


def verdict_of(function: Callable, part: str, checks: ChecksFile) -> Verdict:
    """Judge an answer by a checks file, without showing anything."""
    name = _name_of(function, checks)
    expectation = checks.expectation(name).for_part(part)
    forbidden = forbidden_names(name, sources_of(function), expectation.forbids)
    if forbidden:
        return Verdict(
            id=f"{name}_{part}" if part else name,
            points=0.0,
            max_points=expectation.parts[part].points,
            status="fail",
            message=f"{name} uses {', '.join(forbidden)}, which this task asks you to do without.",
        )
    with redirect_stderr(sys.stdout):  # nbgrader gives no points to a cell that wrote to stderr
        outcomes = [
            drivers.run(expectation.driver, function, case.arguments) for case in expectation.cases
        ]
    return judge(
        expectation,
        outcomes,
        part,
        lambda: _first_failing_use(function, expectation, checks),
    )


def _name_of(function: Callable, checks: ChecksFile) -> str:
    """Give the exercise's name: the function's own, or the one the notebook gave a lambda or a partial."""
    notebook = vars(sys.modules["__main__"])
    own = getattr(function, "__name__", type(function).__name__)
    for name in checks.structures:
        if own == name or notebook.get(name) is function:
            return name
    known = ", ".join(checks.structures)
    remedy = "" if callable(function) else "; pass the function itself, without calling it"
    raise ValueError(f"expected an exercise of {checks.chapter} ({known}), got {own!r}{remedy}")


def find_checks_file() -> Path:
    """Find the checks file: beside the notebook, or in notebooks/ when a master runs as a script.

    Raises:
        FileNotFoundError: with the places that were searched.
    """
    if "DLARCH_CHECKS" in os.environ:
        return Path(os.environ["DLARCH_CHECKS"])
    places = [Path.cwd() / FILE_NAME]
    script = getattr(sys.modules["__main__"], "__file__", None)
    if script:
        stem = Path(script).stem
        places += [root / "notebooks" / stem / FILE_NAME for root in Path(script).resolve().parents]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(
        f"expected {FILE_NAME} beside the notebook, in {places[0].parent}; "
        "copy it there from the folder the notebook came in"
    )


def _first_failing_use(
    function: Callable, expectation: Expectation, checks: ChecksFile
) -> str | None:
    namespace = namespace_of(function)
    called = names_of(sources_of(function)).used_by(expectation.name).names
    for name in (name for name in expectation.uses if name in called):
        used = namespace.get(name)
        if used is None:
            return name
        for part in checks.structures[name]["parts"]:
            if verdict_of(used, part, checks).status != "pass":
                return name
    return None


def _show(verdict: Verdict) -> None:
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        sys.modules["IPython"].display.display(Report(verdict))
    else:
        print(text(verdict))
