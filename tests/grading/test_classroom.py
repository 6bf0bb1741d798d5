"""A class from submissions to gradebook and feedback."""

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder.chapters import CHAPTERS, load_chapter
from autograder.demo import slips_of
from autograder.grading.classroom import Options, grade, gradebook_table, summary
from autograder.release import find_leaks, read_master, secret_lines

LEARNERS = ("ada", "blaise", "carl", "dorothy", "emil")


GRADED = [chapter for chapter in CHAPTERS if chapter != "14_vae"]
"""Its references train for a minute; the demo's test grades its class."""


@pytest.fixture(params=GRADED)
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
    assert {slip.mistake for slip in slips_of(chapter)} <= set(named.values())


def test_an_untouched_notebook_gets_zero(grades, chapter):
    assert grades["carl", chapter].score == 0
    assert grades["carl", chapter].mistakes == []


def test_doubled_cells_are_graded_once_and_damage_has_a_reason(grades, chapter):
    dorothy, emil = grades["dorothy", chapter], grades["emil", chapter]

    assert dorothy.score == points_of(chapter)
    assert dorothy.failure == ""
    assert emil.score == 0
    assert "damaged" in emil.failure
    assert all("damaged" in verdict.message for verdict in emil.verdicts)


def test_the_gradebook_shows_points_by_check(grades, course, chapter):
    diagnosed = grades["blaise", chapter].verdicts
    with Gradebook(course.gradebook_url, "deep_learning_architectures") as gradebook:
        submission = gradebook.find_submission(chapter, "blaise")
        scores = {
            cell.name: (cell.auto_score, cell.max_score) for cell in submission.notebooks[0].grades
        }
    wrong = {f"test_{verdict.id}" for verdict in diagnosed if verdict.mistake}

    assert all(scores[name][0] == 0 for name in wrong)
    assert any(scored == most > 0 for scored, most in scores.values())


def test_feedback_shows_the_diagnosis_and_no_solution(grades, course, chapter):
    diagnosed = grades["blaise", chapter].verdicts
    text = (course.feedback / "blaise" / chapter / f"{chapter}.html").read_text()
    messages = {
        mistake.message
        for exercise in load_chapter(chapter).exercises.values()
        for mistake in exercise.diagnoses
    }
    secrets = secret_lines(read_master(course.solutions / f"{chapter}.py"))
    untouched = (course.feedback / "carl" / chapter / f"{chapter}.html").read_text()

    shown = BeautifulSoup(text, "html.parser").get_text()
    for verdict in diagnosed:
        if verdict.mistake:
            assert verdict.message in messages
            assert verdict.message.replace("`", "") in shown
    assert "<script" not in text.split("<body", 1)[1].split("nbgrader_cell", 1)[-1]
    assert "&lt;tbody" not in text
    assert find_leaks(untouched, secrets) == []


def test_grading_again_reuses_every_result(grades, course):
    first = {name: grades[name, "04_backpropagation"].score for name in LEARNERS}
    again = grade("04_backpropagation", course, list(LEARNERS))

    assert all(item.reused for item in again)
    assert {item.student: item.score for item in again} == first


def test_force_draws_new_inputs_for_the_whole_class_and_gives_the_same_scores(grades, course):
    before = grades["blaise", "02_neuron"]
    again = {item.student: item for item in grade("02_neuron", course, [], Options(force=True))}

    assert again["blaise"].result.salt != before.result.salt
    assert not again["blaise"].reused
    assert again["blaise"].score == before.score
    assert again["blaise"].mistakes == before.mistakes


def test_the_table_names_learners_scores_and_mistakes(grades):
    items = [grades[name, "04_backpropagation"] for name in LEARNERS]
    table = gradebook_table(items)

    for item in items:
        assert item.student in table
        assert item.chapter in table
        assert all(mistake in table for mistake in item.mistakes)


def test_the_summary_counts_and_names_the_walls(grades):
    items = [grades[name, "04_backpropagation"] for name in LEARNERS]
    words = summary(items, 30.0, True)

    assert "1 failed" in words
    assert "bubblewrap" in words
    assert "NO SANDBOX" in summary(items, 30.0, False)
