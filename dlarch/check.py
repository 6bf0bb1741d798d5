"""`check(fn)`: immediate feedback on an answer, from the chapter's checks file."""

import ast
import difflib
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from dlarch import drivers, session
from dlarch.checks_file import ChecksFile, Expectation, LayoutError, load
from dlarch.drivers import Outcome
from dlarch.judge import called_again, judge
from dlarch.names import forbidden_names, names_of, refusal, statements
from dlarch.plain import PlainData, clone
from dlarch.report import Report, headline, text
from dlarch.verdict import Verdict

FILE_NAME = "checks.safetensors"
MOST_PRINTED = 2_000
"""Characters that one case may print."""
MOST_PRINTED_IN_ALL = 8_000
"""Characters that all cases of a check may print together."""
NOT_AN_INPUT = ("cotangent", "wrt")
"""Arguments of drivers that the learner's function is not given."""

session.watch()


class _InOneLine:
    """An exception that Jupyter shows without frames, which would be this library's."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_InOneLine, AssertionError):
    """An answer that is not right yet; the message says why in one line."""

    shown_above = False

    def _render_traceback_(self) -> list[str]:
        """Point to the table above it where a person looks; Validate and scripts get the message."""
        if self.shown_above:
            return ["CheckFailed: see the table above."]
        return super()._render_traceback_()


class CheckImpossible(_InOneLine, ValueError):
    """Nothing was checked: `check` was called wrongly, or its file is missing."""


class CheckStopped(_InOneLine, KeyboardInterrupt):
    """The learner stopped a check that took too long."""


def check(function: Callable, part: str = "") -> None:
    """Check an answer and show what came of it.

    Args:
        function: your function or class, under the name the task gave it.
        part: which part of the exercise, where it is checked in parts.

    Raises:
        CheckFailed: the answer is not right yet.
        CheckImpossible: there is no checks file, or no such exercise or part.
        CheckStopped: you interrupted it.
    """
    with without_frames():
        checks = read_checks()
        name = _name_of(function, checks)
        verdict = verdict_of(function, name, part, checks)
    verdict.notes = session.doubts(name, function, checks.chapter)
    _show(verdict, checks.chapter)
    if verdict.status != "pass":
        failure = CheckFailed(verdict.message)
        failure.shown_above = _is_watched()
        raise failure from None


def failing_case(function: Callable, part: str = "") -> dict[str, PlainData]:
    """Give the inputs of the case that the check's message speaks of, the smallest that fails.

        inputs = failing_case(hidden_delta)
        hidden_delta(**inputs)

    Args:
        function: your function or class.
        part: which part of the exercise.

    Returns:
        The arguments by name; empty when no case fails.
    """
    with without_frames():
        checks = read_checks()
        name = _name_of(function, checks)
        verdict = verdict_of(function, name, part, checks)
    for case in checks.expectation(name).cases:
        if case.name == verdict.case:
            inputs = {
                name: value for name, value in clone(case.arguments).items()
                if name not in NOT_AN_INPUT
            }  # fmt: skip
            print(f"case: {case.name}")
            return inputs
    print(headline(verdict))
    return {}


def verdict_of(function: Callable, name: str, part: str, checks: ChecksFile) -> Verdict:
    """Judge an answer to an exercise by a checks file, without showing anything.

    Raises:
        CheckImpossible: no such part.
        CheckStopped: it was interrupted.
    """
    try:
        expectation = checks.expectation(name).for_part(part)
    except ValueError as error:
        raise CheckImpossible(str(error)) from None
    forbidden = forbidden_names(name, session.sources_of(function), expectation.forbids)
    if forbidden:
        return Verdict(
            id=f"{name}_{part}" if part else name,
            points=0.0,
            max_points=expectation.parts[part].points,
            status="fail",
            message=refusal(name, forbidden),
        )
    printed = _Printed(sys.stdout)
    outcomes = [_run(expectation, function, case.arguments, printed) for case in expectation.cases]
    again = called_again(expectation.cases)
    repeated = _run(
        expectation, function, expectation.cases[again].arguments, _Printed(io.StringIO())
    )
    return judge(
        expectation,
        outcomes,
        part,
        lambda: _first_failing_use(function, expectation, checks),
        (again, repeated),
    )


def _run(
    expectation: Expectation,
    function: Callable,
    arguments: dict[str, PlainData],
    printed: "_Printed",
) -> Outcome:
    printed.begin_case()
    # nbgrader gives no points to a cell that wrote to stderr
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            return drivers.run(expectation.driver, function, arguments)
        except KeyboardInterrupt as error:
            place = drivers.place_of(error, function)
            raise CheckStopped(f"stopped while {expectation.name} ran{place}") from None


class _Printed(io.TextIOBase):
    """Passes on what a check's cases print, up to a limit for each and one for all."""

    def __init__(self, target: io.TextIOBase) -> None:
        self._target, self._left = target, MOST_PRINTED_IN_ALL
        self.begin_case()

    def begin_case(self) -> None:
        """Begin to count for the next case."""
        self._left_of_case, self._told = MOST_PRINTED, self._left == 0

    def write(self, text: str) -> int:
        shown = text[: min(self._left_of_case, self._left)]
        self._target.write(shown)
        self._left_of_case -= len(shown)
        self._left -= len(shown)
        if len(shown) < len(text) and not self._told:
            self._target.write("\n… more was printed; a check shows only the beginning\n")
            self._told = True
        return len(text)

    def flush(self) -> None:
        self._target.flush()


@contextmanager
def without_frames() -> Iterator[None]:
    """Let an exception that explains itself leave without this library's frames."""
    try:
        yield
    except (CheckImpossible, CheckStopped) as error:
        raise error.with_traceback(None) from None


def _name_of(function: Callable, checks: ChecksFile) -> str:
    """Give the exercise's name: the one that the notebook gave the function, else the function's own."""
    own = getattr(function, "__name__", "")
    known = ", ".join(checks.exercises)
    if isinstance(function, str):
        raise CheckImpossible(f"expected a function, got text: write check({function})")
    if not callable(function):
        raise CheckImpossible(
            f"expected an exercise of {checks.chapter} ({known}), got a {type(function).__name__}: "
            "pass the function itself, without calling it"
        )
    notebooks = (session.namespace_of(function), vars(sys.modules["__main__"]))
    names = [
        name for name in checks.exercises
        if any(notebook.get(name) is function for notebook in notebooks)
    ]  # fmt: skip
    if len(names) > 1:
        names = _written_in_call(names, function) or names
    if len(names) > 1:
        raise CheckImpossible(
            f"{' and '.join(names)} are one and the same function: define each by a def of its own"
        )
    if names or own in checks.exercises:
        return names[0] if names else own
    close = difflib.get_close_matches(own, checks.exercises, 1)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise CheckImpossible(f"expected an exercise of {checks.chapter} ({known}), got {own!r}{meant}")


def _written_in_call(names: list[str], function: Callable) -> list[str]:
    """Keep the names that the running cell passes to a call."""
    calls = [
        node for statement in statements(session.sources_of(function)[-1])
        for node in ast.walk(statement) if isinstance(node, ast.Call)
    ]  # fmt: skip
    passed = {node.id for call in calls for node in call.args if isinstance(node, ast.Name)}
    return [name for name in names if name in passed]


def read_checks() -> ChecksFile:
    """Read the checks file of this notebook.

    Raises:
        CheckImpossible: it is missing or damaged.
    """
    path = find_checks_file()
    try:
        return load(path)
    except LayoutError as error:
        raise CheckImpossible(str(error)) from None
    except Exception:
        raise CheckImpossible(
            f"{path.name} in {path.parent} is damaged or not of this course: "
            "copy it again from the folder the notebook came in"
        ) from None


def find_checks_file() -> Path:
    """Find the checks file: beside the notebook, or in notebooks/ when a master runs as a script.

    Raises:
        CheckImpossible: with the places that were searched.
    """
    if "DLARCH_CHECKS" in os.environ:
        return Path(os.environ["DLARCH_CHECKS"])
    shown = os.environ.get("JPY_SESSION_NAME")
    folders = [Path(shown).parent] if shown else []
    folders = [folder for folder in (*folders, session.STARTED_IN, Path.cwd()) if folder.is_dir()]
    script = getattr(sys.modules["__main__"], "__file__", None)
    if script:
        stem = Path(script).stem
        folders += [root / "notebooks" / stem for root in Path(script).resolve().parents]
    for folder in folders:
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise CheckImpossible(
        f"expected {FILE_NAME} beside the notebook, in {folders[0]}; "
        "copy it there from the folder the notebook came in"
    )


def _first_failing_use(
    function: Callable, expectation: Expectation, checks: ChecksFile
) -> str | None:
    namespace = session.namespace_of(function)
    called = names_of(session.sources_of(function)).used_by(expectation.name).names
    for name in (name for name in expectation.uses if name in called):
        used = namespace.get(name)
        if not callable(used):
            return name
        for part in checks.exercises[name]["parts"]:
            with redirect_stdout(io.StringIO()):
                verdict = verdict_of(used, name, part, checks)
            if verdict.status != "pass":
                return name
    return None


def shell() -> object | None:
    """Give IPython's shell, where there is one."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _is_watched() -> bool:
    """Say whether a person's notebook, which names its cells, shows what is displayed."""
    parent = getattr(shell(), "parent_header", None)
    metadata = parent.get("metadata", {}) if isinstance(parent, dict) else {}
    return "cellId" in metadata


def _show(verdict: Verdict, chapter: str) -> None:
    if shell() is not None:
        report = Report(verdict, session.book_of(chapter))
        sys.modules["IPython"].display.display(report)
    else:
        print(text(verdict))
