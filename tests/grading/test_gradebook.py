"""nbgrader's own commands and rules on top of the same pipeline."""

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from autograder.course import ROOT
from autograder.grading import folders
from autograder.grading.classroom import grade
from autograder.grading.folders import find_strange_file
from autograder.grading.pipeline import GradingRun
from autograder.release import release

CHAPTER = "04_backpropagation"


@pytest.fixture
def own(course, tmp_path, solved):
    """A classroom for one test, with ada's right answers in it."""
    own = replace(course, classroom=tmp_path / "classroom")
    release(CHAPTER, own)
    hand_in(own, "ada", nbformat.writes(solved))
    return own


def hand_in(course, student, text, timestamp=""):
    folder = course.submitted / student / CHAPTER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{CHAPTER}.ipynb").write_text(text)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def gradebook(course):
    return Gradebook(course.gradebook_url, course.id)


def nbgrader(course, *arguments):
    environment = {**os.environ, "AUTOGRADER_CLASSROOM": str(course.classroom)}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_nbgraders_own_command_gives_the_same_scores_and_stops_at_nothing(
    own, solved, course, grades
):
    learners = ("ada", "blaise", "carl", "dorothy", "emil")
    expected = {learner: grades[learner, CHAPTER].score for learner in learners}
    for learner in learners[1:]:
        source = course.submitted / learner / CHAPTER / f"{CHAPTER}.ipynb"
        hand_in(own, learner, source.read_text())
    ran = nbgrader(own, "autograde", CHAPTER)

    assert ran.returncode == 0, ran.stderr[-2000:]
    with gradebook(own) as book:
        scores = {learner: book.find_submission(CHAPTER, learner).score for learner in learners}
    assert scores == expected


def strange_submissions(submitted):
    """Lay out folders that would harm whoever copies or follows what is in them."""
    right = submitted / "ada" / CHAPTER / f"{CHAPTER}.ipynb"

    def folder(student):
        place = submitted / student / CHAPTER
        place.mkdir(parents=True)
        shutil.copy(right, place)
        return place

    (folder("beside_a_device") / "data.bin").symlink_to("/dev/zero")
    os.mkfifo(folder("beside_a_pipe") / "data.bin")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(folder("beside_a_socket"))  # its path may not be long
        server.bind("data.bin")
        os.chdir(here)
    os.truncate(_touched(folder("large") / "data.bin"), 3 << 30)
    for number in range(folders.MAX_ENTRIES):
        _touched(submitted / "many" / CHAPTER / "d" / str(number))
    shutil.copy(right, submitted / "many" / CHAPTER)
    (folder("nested") / "/".join("d" * (folders.MAX_DEPTH + 1))).mkdir(parents=True)
    (submitted / "linked").symlink_to(submitted / "ada")
    (submitted / "linking").mkdir()
    (submitted / "linking" / CHAPTER).symlink_to(right.parent)
    (submitted / "copying" / CHAPTER).mkdir(parents=True)
    (submitted / "copying" / CHAPTER / right.name).symlink_to(right)
    folder("[az]*")
    return {path.name for path in submitted.iterdir()} - {"ada"}


def _touched(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_nbgraders_own_command_refuses_what_grade_refuses_and_copies_nothing(own, grades):
    strange = strange_submissions(own.submitted)
    renamed = own.submitted / "renamed" / CHAPTER
    renamed.mkdir(parents=True)
    shutil.copy(own.submitted / "ada" / CHAPTER / f"{CHAPTER}.ipynb", renamed / "Untitled.ipynb")
    run = GradingRun(CHAPTER, own)
    refused = [who for who in strange if run.submission(run.path_of(who)).failure]
    config = own.grading_config()
    api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
    outcome = api.autograde(CHAPTER, "*")

    assert outcome["success"], outcome["log"][-2000:]
    assert sorted([*refused, "[az]*"]) == sorted(strange)
    with gradebook(own) as book:
        scores = {item.student.id: item.score for item in book.assignment_submissions(CHAPTER)}
    full = grades["ada", CHAPTER].score
    assert scores == {"ada": full, "renamed": full, **dict.fromkeys(refused, 0)}
    autograded = own.classroom / "autograded"
    assert {path.name for path in autograded.glob("*/*/*")} == {f"{CHAPTER}.ipynb"}


def test_a_newer_submission_replaces_the_score_even_when_it_is_damaged(own, workers):
    first = grade(CHAPTER, own, [], given=workers)[0]
    hand_in(own, "ada", "{")
    second = grade(CHAPTER, own, [], given=workers)[0]
    with gradebook(own) as book:
        score = book.find_submission(CHAPTER, "ada").score

    assert first.score > 0
    assert second.score == score == 0
    assert "damaged" in second.failure


def test_a_submission_without_its_notebook_has_no_points(own, workers):
    grade(CHAPTER, own, [], given=workers)
    (own.submitted / "ada" / CHAPTER / f"{CHAPTER}.ipynb").unlink()
    (ada,) = grade(CHAPTER, own, [], given=workers)

    assert ada.score == 0
    assert "missing" in ada.failure


def test_a_manual_score_and_extra_credit_stay_and_ask_for_review(own, solved, workers):
    grade(CHAPTER, own, [], given=workers)
    with gradebook(own) as book:
        item = book.find_grade("test_hidden_delta", CHAPTER, CHAPTER, "ada")
        item.manual_score, item.extra_credit = 0.5, 1.0
        book.db.commit()
    for cell in solved.cells:
        if cell.id == "output_delta":
            cell.source = "def output_delta(*arguments, **named):\n    return 0.0"
    hand_in(own, "ada", nbformat.writes(solved))
    grade(CHAPTER, own, [], given=workers)
    with gradebook(own) as book:
        item = book.find_grade("test_hidden_delta", CHAPTER, CHAPTER, "ada")
        other = book.find_grade("test_output_delta", CHAPTER, CHAPTER, "ada")

        assert (item.manual_score, item.extra_credit) == (0.5, 1.0)
        assert item.needs_manual_grade
        assert (other.auto_score, other.needs_manual_grade) == (0, False)


def test_late_penalties_are_nbgraders(own, solved, monkeypatch, workers):
    import autograder.course as course_module

    with gradebook(own) as book:
        book.update_or_create_assignment(CHAPTER, duedate="2026-01-01 12:00:00 UTC")
    plain = course_module.Course.nbgrader_config

    def with_penalty(self, *arguments):
        config = plain(self, *arguments)
        config.LateSubmissionPlugin.penalty_method = "zero"
        return config

    monkeypatch.setattr(course_module.Course, "nbgrader_config", with_penalty)
    hand_in(own, "ada", nbformat.writes(solved), "2025-12-31 12:00:00 UTC")
    grade(CHAPTER, own, [], given=workers)
    with gradebook(own) as book:
        in_time = book.find_submission(CHAPTER, "ada").late_submission_penalty
    hand_in(own, "ada", nbformat.writes(solved), "2026-01-02 12:00:00 UTC")
    (late,) = grade(CHAPTER, own, [], given=workers)
    with gradebook(own) as book:
        penalty = book.find_submission(CHAPTER, "ada").late_submission_penalty

    assert in_time == 0
    assert penalty == late.score > 0
    assert late.reused


def test_side_files_go_nowhere(own, workers):
    folder = own.submitted / "ada" / CHAPTER
    (folder / "nbgrader_config.py").write_text("raise SystemExit")
    (folder / "page.html").write_text("<script>")
    grade(CHAPTER, own, [], given=workers)
    found = {
        path.name
        for step in ("autograded", "feedback")
        for path in (own.classroom / step / "ada" / CHAPTER).rglob("*")
    }

    assert found == {f"{CHAPTER}.ipynb", f"{CHAPTER}.html"}


def test_a_file_that_is_none_is_refused_before_anything_reads_it(own, workers):
    os.mkfifo(own.submitted / "ada" / CHAPTER / "timestamp.txt")
    (ada,) = grade(CHAPTER, own, [], given=workers)

    assert "not an ordinary file" in ada.failure


def test_a_file_name_cannot_act_on_a_terminal(own):
    folder = own.submitted / "ada" / CHAPTER
    os.symlink("timestamp.txt", os.fsencode(folder) + b"/\x1b[2J\xff")

    assert find_strange_file(folder).isprintable()
