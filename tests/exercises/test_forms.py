"""What each form of a graded task promises, over all exercises."""

import contextlib
import io
import re

import numpy as np
import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT
from autograder.release import read_master
from autograder.stubs import given, text_given
from dlarch.checks_file import AS_GIVEN
from dlarch.plain import leaves
from tests.exercises.expectations import SECRETS, expectation_of
from tests.exercises.test_registry import EXERCISES, judge_parts

FOLDED = re.compile(r"^(:{3,})\{after\} (\w+)$.*?^\1$", re.MULTILINE | re.DOTALL)
BEYOND = dict.fromkeys(CHAPTERS, 1 / 3) | {"05_optimization": 1 / 2}
"""The least share of a chapter's points that is not for typing a printed formula."""


def of_form(form):
    chosen = [item for item in EXERCISES if item.values[0].form == form]
    return pytest.mark.parametrize("exercise", chosen)


def cells_of(stem):
    return read_master(ROOT / "solutions" / f"{stem}.py").cells


def written(text):
    """LaTeX without what only spaces it."""
    return re.sub(r"\s|\\[,;!:]|[{}]", "", text)


def points_of(exercise):
    return sum(part.points for part in exercise.parts.values())


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_good_part_of_the_points_goes_beyond_a_printed_formula(stem):
    exercises = load_chapter(stem).exercises.values()
    typed = sum(points_of(exercise) for exercise in exercises if exercise.form == "transcribe")
    assert 1 - typed / sum(map(points_of, exercises)) >= BEYOND[stem]


@of_form("mend")
def test_the_function_to_mend_counts_as_untouched_until_it_is_mended(exercise):
    names = {}
    for cell in cells_of(exercise.chapter):
        settings = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and not cell.metadata.get("tags") and not settings.get("grade"):
            source = text_given(cell) if cell.id == exercise.name else cell.source
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(source, cell.id, "exec"), names)
    for secret in SECRETS:
        for verdict in judge_parts(expectation_of(exercise, secret), names[exercise.name]):
            assert (verdict.status, verdict.points, verdict.mistake) == ("missing", 0.0, None)
            assert "as it was given: which line is it?" in verdict.message


@of_form("mend")
def test_a_check_of_a_function_to_mend_does_not_say_which_slips_were_given(exercise):
    told = expectation_of(exercise, "").mistakes
    assert AS_GIVEN in {mistake.id for mistake in told}
    assert not set(exercise.gives) & {mistake.id for mistake in told}
    messages = {item.message for item in exercise.mistakes if item.id in exercise.gives}
    assert not messages & {mistake.message for mistake in told}


@of_form("mend")
def test_the_function_to_mend_follows_the_masters_answer(exercise):
    (cell,) = [cell for cell in cells_of(exercise.chapter) if cell.id == exercise.name]
    for edit in exercise.given_edits:
        assert edit.right in cell.source
        assert edit.right not in text_given(cell)
    with pytest.raises(ValueError, match=f"the master's answer to {exercise.name}: expected"):
        given(exercise, cell.source.replace(exercise.given_edits[0].right, "0"))


@of_form("predict")
def test_a_prediction_is_checked_before_the_cell_that_shows_it(exercise):
    cells = [cell for cell in cells_of(exercise.chapter) if cell.cell_type == "code"]
    uses = [
        index
        for index, cell in enumerate(cells)
        if "demonstration" in cell.metadata.get("tags", []) and f"{exercise.name}(" in cell.source
    ]
    checks = [
        index
        for index, cell in enumerate(cells)
        if cell.source.startswith(f"check({exercise.name}")
    ]
    assert uses, "a demonstration calls the prediction"
    assert min(uses) == max(checks) + 1


@of_form("identify")
def test_what_is_identified_differs_within_each_case_and_cannot_be_guessed(exercise):
    for secret in SECRETS:
        expected = [
            [leaf for leaf in leaves(case.expected.value).values() if isinstance(leaf, str)]
            for case in expectation_of(exercise, secret).cases
        ]
        assert all(len(set(names)) >= 2 for names in expected)
        kinds = {name for names in expected for name in names}
        assert len(kinds) >= 3
        assert len(kinds) ** sum(map(len, expected)) > 1000


@of_form("derive")
def test_a_formula_to_derive_is_folded_on_the_page_and_not_in_the_notebook(exercise):
    page = (ROOT / f"book/{exercise.chapter}.md").read_text()
    folded = {found[2]: found[0] for found in FOLDED.finditer(page)}
    text = [cell.source for cell in cells_of(exercise.chapter) if cell.cell_type == "markdown"]
    public = [cell for cell in text if "BEGIN SOLUTION" not in cell]
    for formula in map(written, exercise.reveals):
        assert formula in written(folded[exercise.name])
        assert formula not in written(FOLDED.sub("", page))
        assert not [cell for cell in public if formula in written(cell)]


@of_form("design")
def test_a_design_is_rejected_on_either_side_of_the_bound(exercise):
    for factor in (0.5, 2):

        def beside(factor=factor, **arguments):
            return exercise.reference_answer(**arguments) * np.float64(factor)

        for verdict in judge_parts(expectation_of(exercise, ""), beside):
            assert verdict.points == 0
