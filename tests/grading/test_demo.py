"""`make demo` itself, and what it leaves behind."""

import os
import subprocess
import time
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT
from autograder.demo import slips_of
from autograder.grading.classroom import grade
from autograder.release import find_leaks, read_master, secret_lines

LEARNERS = ("ada", "blaise", "carl", "dorothy", "emil")


def make_demo():
    """Run it with references by PyTorch; the kernels' own tests compare them with the interpreter."""
    environment = {**os.environ, "AUTOGRADER_BACKEND": "pytorch"}
    return subprocess.run(
        ["make", "demo"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def demo():
    return make_demo()


@pytest.fixture(scope="module")
def course(demo, course):
    return replace(course, classroom=ROOT / "build" / "demo" / "classroom")


@pytest.fixture(scope="module")
def grades(course):
    """What the demo found, in every chapter; nothing is graded again."""
    found = {
        (item.student, chapter): item for chapter in CHAPTERS for item in grade(chapter, course, [])
    }
    assert all(item.reused for item in found.values())
    return found


@pytest.fixture(params=CHAPTERS)
def chapter(request):
    return request.param


def test_it_finishes_and_prints_the_gradebook_with_the_mistakes(demo):
    assert demo.returncode == 0, demo.stdout[-3000:] + demo.stderr[-3000:]
    for learner in LEARNERS:
        assert demo.stdout.count(f"\n{learner} ") == len(CHAPTERS)
    for chapter in CHAPTERS:
        slips = slips_of(chapter)
        assert slips
        assert all(slip.mistake in demo.stdout for slip in slips)
    assert "submission" in demo.stderr, "a progress bar"


def test_what_it_names_is_there(demo):
    assert (ROOT / "_build" / "html" / "index.html").is_file()
    for chapter in CHAPTERS:
        assert (ROOT / f"build/demo/classroom/feedback/blaise/{chapter}/{chapter}.html").is_file()


def test_a_second_run_takes_seconds(demo):
    started = time.monotonic()
    assert make_demo().returncode == 0
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_site_holds_no_solution(demo, chapter):
    secrets = secret_lines(read_master(ROOT / "solutions" / f"{chapter}.py"))
    for page in (ROOT / "_build" / "html").rglob("*"):
        if page.suffix in (".html", ".ipynb", ".txt", ".md", ".py", ".js") and "mathjax" not in str(
            page
        ):
            found = find_leaks(page.read_text(errors="ignore"), secrets)
            assert not found, f"{page}: {found[0]}"


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
