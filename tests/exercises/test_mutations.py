"""An exercise's own cases tell a right answer from each slip in it.

What passes although it is no longer the answer is a survivor: its cases want mending, unless it is as right
as before. Those are in `equivalent_mutants.toml`, by chapter and exercise, with the reason.
"""

import contextlib
import io
import os
import signal
import tomllib
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT
from autograder.exercise import Exercise
from autograder.release import read_master
from dlarch import drivers
from dlarch.checks_file import Expectation
from dlarch.judge import judge
from tests.exercises.expectations import SECRETS, expectation_of
from tests.exercises.mutations import Mutant, mutants

OTHER_SECRETS = [f"the seed of run {number}" for number in range(5)]
"""What is as right as before in an answer of the form `identify` is right for these too."""
LIMIT_S = 10
"""What a slip may take before it counts as noticed: some never end."""
EQUIVALENT = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text())
EXERCISES = [
    pytest.param(exercise, id=f"{stem}-{exercise.name}")
    for stem in CHAPTERS
    for exercise in load_chapter(stem).exercises.values()
]


@cache
def notebook_of(stem: str) -> dict:
    """The names that a solved notebook has, without running what it only shows."""
    names: dict = {"__name__": "__main__"}
    for cell in read_master(ROOT / "solutions" / f"{stem}.py").cells:
        settings = cell.metadata.get("nbgrader", {})
        shown = cell.metadata.get("tags") or settings.get("grade")
        if cell.cell_type == "code" and not shown:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, cell.id, "exec"), names)
    return names


@cache
def answers_of(stem: str) -> dict[str, str]:
    cells = read_master(ROOT / "solutions" / f"{stem}.py").cells
    return {cell.id: cell.source for cell in cells}


def survives(exercise: Exercise, mutant: Mutant, secrets: Iterable[str] = SECRETS) -> bool:
    """Say whether a slip gets full marks in all parts, with public and with secret cases."""
    names = dict(notebook_of(exercise.chapter))
    expectations = [expectation_of(exercise, secret) for secret in secrets]  # not on its time
    warnings.simplefilter("ignore")

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    try:
        signal.alarm(LIMIT_S)
        exec(compile(mutant.source, "mutant", "exec"), names)
        return all(full_marks(item, names[exercise.name]) for item in expectations)
    except TimeoutError:
        return False
    finally:
        signal.alarm(0)


def full_marks(expectation: Expectation, function: object) -> bool:
    outcomes = {}
    for case in expectation.cases:
        outcomes[case.name] = drivers.run(expectation.driver, function, case.arguments)
        if outcomes[case.name].error != case.expected.error:
            return False
    for part in expectation.parts:
        selected = expectation.for_part(part)
        came = [outcomes[case.name] for case in selected.cases]
        if judge(selected, came, part).status != "pass":
            return False
    return True


@pytest.mark.exhaustive
@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_slip_in_the_masters_answer_is_noticed(exercise, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "MPLBACKEND", "Agg")
    answer = answers_of(exercise.chapter)[exercise.name]
    tried = list(mutants(answer))
    survivors = {mutant.slip for mutant in tried if survives(exercise, mutant)}

    print(f"{exercise.chapter}/{exercise.name}: {len(tried)} slips, {len(survivors)} unnoticed")
    known = EQUIVALENT.get(exercise.chapter, {}).get(exercise.name, {})
    left = [mutant for mutant in tried if mutant.slip in survivors - known.keys()]
    if exercise.form == "identify":  # kinds lie apart: a limit between them may stand elsewhere
        left = [mutant for mutant in left if not survives(exercise, mutant, OTHER_SECRETS)]
    unknown = [f"line {mutant.line}: {mutant.slip}" for mutant in left]
    assert not unknown, "\n".join(unknown)
    assert set(known) <= survivors, "no longer unnoticed: " + "; ".join(
        sorted(set(known) - survivors)
    )


def test_mutants_are_each_one_slip():
    source = "def f(x, W):\n    y = x @ W.T + 1\n    y += 2 * x\n    return y.sum(axis=0)\n"
    slips = [mutant.slip for mutant in mutants(source)]

    for wanted in (
        "y = x @ W.T + 1 → y = x @ W.T - 1",
        "y = x @ W.T + 1 → y = x @ W + 1",
        "y += 2 * x → y = 2 * x",
        "y += 2 * x → pass",
        "y += 2 * x → y -= 2 * x",
        "return y.sum(axis=0) → return y.sum(axis=1)",
        "return y.sum(axis=0) → return y.mean(axis=0)",
        "return y.sum(axis=0) → return y.sum()",
    ):
        assert wanted in slips
    assert len(slips) == len(set(slips))
