"""nbgrader's own loop on the demo's class: generate_assignment, autograde, generate_feedback."""

import json
from html import unescape

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.demo import SLIPS
from autograder.exercise import CHAPTERS, load_chapter
from autograder.grading.classroom import find_damage, grade, gradebook_table
from autograder.release import find_leaks, read_master, secret_lines


@pytest.fixture(params=CHAPTERS)
def chapter(request):
    return request.param


def points_of(chapter):
    exercises = load_chapter(chapter).exercises.values()
    return sum(part.points for exercise in exercises for part in exercise.parts.values())


def test_right_answers_get_full_marks(grades, chapter):
    ada = grades["ada", chapter]

    assert ada.score == points_of(chapter)
    assert {verdict.status for verdict in ada.verdicts} == {"pass"}
    assert ada.needs_manual_grade


def test_slips_cost_their_own_exercises_and_are_named(grades, chapter):
    blaise = grades["blaise", chapter]
    named = {verdict.id: verdict.mistake for verdict in blaise.verdicts if verdict.mistake}

    assert 0 < blaise.score < points_of(chapter)
    assert {slip.mistake for slip in SLIPS[chapter]} <= set(named.values())


def test_an_untouched_notebook_gets_zero(grades, chapter):
    assert grades["carl", chapter].score == 0
    assert grades["carl", chapter].mistakes == []


def test_damaged_notebooks_have_a_reason_and_stop_nobody(grades, chapter):
    assert "more than once" in grades["dorothy", chapter].failure
    assert "damaged" in grades["emil", chapter].failure


def test_the_gradebook_shows_points_by_check(grades, course, chapter):
    with Gradebook(course.gradebook_url, "deep_learning_architectures") as gradebook:
        submission = gradebook.find_submission(chapter, "blaise")
        scores = {
            cell.name: (cell.auto_score, cell.max_score) for cell in submission.notebooks[0].grades
        }
    wrong = {
        f"test_{verdict.id}" for verdict in grades["blaise", chapter].verdicts if verdict.mistake
    }

    assert all(scores[name][0] == 0 for name in wrong)
    assert any(scored == most > 0 for scored, most in scores.values())


def test_feedback_shows_the_diagnosis_and_no_solution(grades, course, chapter):
    page = course.feedback / "blaise" / chapter / f"{chapter}.html"
    text = page.read_text()
    messages = {
        mistake.message
        for exercise in load_chapter(chapter).exercises.values()
        for mistake in exercise.mistakes
    }
    secrets = secret_lines(read_master(course.solutions / f"{chapter}.py"))
    untouched = (course.feedback / "carl" / chapter / f"{chapter}.html").read_text()

    shown = unescape(text)
    for verdict in grades["blaise", chapter].verdicts:
        if verdict.mistake:
            assert verdict.message in messages
            assert verdict.message in shown
    assert "<script" not in text.split("<body", 1)[1].split("nbgrader_cell", 1)[-1]
    assert find_leaks(untouched, secrets) == []


def test_grading_again_changes_nothing_and_is_quick(grades, course):
    again = grade("04_backpropagation", course, ["ada"])

    assert again[0].score == grades["ada", "04_backpropagation"].score


def test_the_table_names_learners_scores_and_mistakes(grades):
    table = gradebook_table(list(grades.values()))

    for (learner, chapter), item in grades.items():
        assert learner in table
        assert chapter in table
        assert all(mistake in table for mistake in item.mistakes)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"cells": 3}',
        '{"cells": [{"metadata": 3}]}',
        '{"cells": [3]}',
        "\0",
        "[" * 100_000,
        json.dumps({"cells": 2 * [{"metadata": {"nbgrader": {"grade_id": ["a"]}}}]}),
    ],
)
def test_anything_that_is_no_notebook_is_damage(content, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(content)

    assert "damaged" in find_damage(path)


def test_warnings_of_right_answers_cost_nothing(course, grades, tmp_path):
    """nbgrader gives no points to a cell with output on stderr."""
    chapter = "04_backpropagation"
    notebook = nbformat.read(course.submitted / "ada" / chapter / f"{chapter}.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "hidden_delta")
    lines = cell.source.splitlines()
    start = next(i for i, line in enumerate(lines) if line.rstrip().endswith('"""') and i > 0)
    lines.insert(start + 1, "    import sys; print('warning', file=sys.stderr)")
    cell.source = "\n".join(lines)
    folder = course.submitted / "grace" / chapter
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{chapter}.ipynb")

    assert grade(chapter, course, ["grace"])[0].score == grades["ada", chapter].score
