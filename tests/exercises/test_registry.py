"""Every exercise of every chapter, with no test code of its own."""

import inspect
import re
from pathlib import Path

import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.exercise import Chapter
from autograder.release import read_master
from autograder.signature import parameters
from dlarch import drivers
from dlarch.checks_file import AS_GIVEN, Expectation
from dlarch.drivers import Outcome
from dlarch.judge import judge
from dlarch.names import names_of
from dlarch.verdict import Verdict
from tests.exercises.expectations import SECRETS, expectation_of

ROOT = Path(__file__).parents[2]
EXERCISES = [
    pytest.param(exercise, id=f"{stem}-{exercise.name}")
    for stem in CHAPTERS
    for exercise in load_chapter(stem).exercises.values()
]


def run_all(expectation: Expectation, function: object) -> list[Outcome]:
    return [drivers.run(expectation.driver, function, case.arguments) for case in expectation.cases]


def judge_parts(expectation: Expectation, function: object) -> list[Verdict]:
    """Judge `function` as a learner's answer, in every part."""
    return judge_outcomes(expectation, run_all(expectation, function))


def judge_outcomes(expectation: Expectation, outcomes: list[Outcome]) -> list[Verdict]:
    """Judge the outcomes of all cases, in every part."""
    verdicts = []
    for part in expectation.parts:
        selected = expectation.for_part(part)
        kept = {case.name for case in selected.cases}
        counted = [
            outcome
            for case, outcome in zip(expectation.cases, outcomes, strict=True)
            if case.name in kept
        ]
        verdicts.append(judge(selected, counted, part))
    return verdicts


@pytest.fixture(params=SECRETS, ids=["public", "secret"])
def secret(request):
    return request.param


@pytest.mark.parametrize("exercise", EXERCISES)
def test_reference_gets_full_marks(exercise, secret):
    for verdict in judge_parts(expectation_of(exercise, secret), exercise.reference_answer):
        assert (verdict.status, verdict.message) == ("pass", "")
        assert verdict.points == verdict.max_points


@pytest.mark.parametrize("exercise", EXERCISES)
def test_alternatives_get_full_marks(exercise, secret):
    assert len(exercise.alternatives) >= 2
    for name, alternative in exercise.alternatives.items():
        for verdict in judge_parts(expectation_of(exercise, secret), alternative):
            assert verdict.status == "pass", f"{name}: {verdict.message}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mistakes_are_rejected_and_named(exercise, secret):
    assert len(exercise.mistakes) >= 3
    expectation = expectation_of(exercise, secret)
    spellings = [(m, function) for m in exercise.diagnoses for function in m.functions]
    made = [outcomes for m in expectation.mistakes for outcomes in m.spellings]
    for index, ((mistake, function), outcomes) in enumerate(zip(spellings, made, strict=True)):
        if not secret:  # a second run gives the same; once is enough to see that
            outcomes = run_all(expectation, function)
        verdicts = judge_outcomes(expectation, outcomes)
        failed = [verdict for verdict in verdicts if verdict.status != "pass"]
        assert failed, f"{mistake.id} passes"
        named = None if mistake.id == AS_GIVEN else mistake.id
        assert {verdict.mistake for verdict in failed} == {named}, (
            f"{mistake.id} (number {index}): {[verdict.message for verdict in failed]}"
        )


@pytest.mark.parametrize("exercise", EXERCISES)
def test_untouched_answer_gets_nothing_and_is_told_what_to_do(exercise):
    def untouched(*args, **kwargs):
        raise NotImplementedError

    for verdict in judge_parts(expectation_of(exercise, ""), untouched):
        assert (verdict.status, verdict.points) == ("missing", 0.0)
        assert "replace `raise NotImplementedError`" in verdict.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_answer_of_nothing_or_noise_is_rejected_without_a_diagnosis(exercise):
    expectation = expectation_of(exercise, "")
    for wrong in (lambda **_: None, lambda **_: "text", lambda **_: [1, 2, 3, object()]):
        for verdict in judge_parts(expectation, wrong):
            assert (verdict.points, verdict.mistake) == (0.0, None)
            assert verdict.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_signature_in_the_task_is_the_reference_signature(exercise):
    assert exercise.signature.startswith(f"{exercise.name}(")
    if not inspect.isclass(exercise.reference_answer):
        known = tuple(inspect.signature(exercise.reference_answer).parameters)
        assert known == parameters(exercise.signature), exercise.signature


@pytest.mark.parametrize("exercise", EXERCISES)
def test_grading_has_cases_of_its_own(exercise):
    public = expectation_of(exercise, "").cases
    secret = expectation_of(exercise, SECRETS[1]).cases
    assert {case.name for case in public} <= {case.name for case in secret}
    assert any(case.secret for case in exercise.cases)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_master_has_a_check_cell_for_every_part_and_an_answer_for_every_exercise(stem):
    chapter: Chapter = load_chapter(stem)
    cells = {cell.id: cell for cell in read_master(ROOT / "solutions" / f"{stem}.py").cells}
    for exercise in chapter.exercises.values():
        assert cells[exercise.name].metadata.nbgrader.solution
        for part, share in exercise.parts.items():
            cell = cells[f"test_{exercise.name}_{part}" if part else f"test_{exercise.name}"]
            argument = f', "{part}"' if part else ""
            assert cell.source == f"check({exercise.name}{argument})"
            assert cell.metadata.nbgrader.points == share.points
    manual = [
        cell
        for cell in cells.values()
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert manual, "a chapter has at least one written answer"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_earlier_functions_that_the_master_uses_are_declared(stem):
    cells = read_master(ROOT / "solutions" / f"{stem}.py").cells
    names = names_of(
        cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")
    )
    known: dict[str, set[str]] = {}
    for exercise in load_chapter(stem).exercises.values():
        declared = {*exercise.uses, *(name for other in exercise.uses for name in known[other])}
        undeclared = names.used_by(exercise.name).names & known.keys() - declared
        assert not undeclared, f"{exercise.name} uses {undeclared}"
        known[exercise.name] = declared


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_mistake_links_to_a_section_of_the_page(stem):
    labels = set(re.findall(r"^\(([\w-]+)\)=$", (ROOT / f"book/{stem}.md").read_text(), re.M))
    for exercise in load_chapter(stem).exercises.values():
        for section in {exercise.section, *(mistake.section for mistake in exercise.mistakes)}:
            page, _, anchor = section.partition("#")
            assert page == f"{stem}.html"
            assert anchor in labels, f"{exercise.name}: {section}"
