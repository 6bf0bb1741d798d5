"""An instructor's weeks with one small class: hand-ins, manual grades, late work, feedback."""

import copy
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory

from autograder.cli import main
from autograder.grading.classroom import (
    FeedbackHeldError,
    Options,
    UnknownLearnerError,
    attendance,
    grade,
    gradebook_table,
    write_feedback,
)
from autograder.grading.regrading import regrade
from autograder.grading.report import read_report

CHAPTER = "04_backpropagation"
WRITTEN = "delta_why"
LEARNERS = ("ada", "bert", "cleo", "dora")


@pytest.fixture(scope="module")
def own(course, right_answers, workers, tmp_path_factory):
    """A classroom in which four learners answered everything, each in other words; graded."""
    own = replace(course, classroom=tmp_path_factory.mktemp("routine") / "classroom")
    for learner in LEARNERS:
        hand_in(own, learner, right_answers)
    first = grade(CHAPTER, own, [], given=workers)
    assert [item.failure for item in first] == [""] * 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_CLASSROOM", str(own.classroom))
        yield own


def hand_in(course, learner, answers, text="", timestamp=""):
    notebook = copy.deepcopy(answers)
    for cell in notebook.cells:
        if cell.id == WRITTEN:
            cell.source = text or f"The words of {learner}."
    folder = course.submitted / learner / CHAPTER
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{CHAPTER}.ipynb")
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def gradebook(course):
    return Gradebook(course.gradebook_url, course.id)


def give(course, learner, points, comment=""):
    """Grade the written answer by hand, as formgrader does."""
    with gradebook(course) as book:
        item = book.find_grade(WRITTEN, CHAPTER, CHAPTER, learner)
        item.manual_score, item.needs_manual_grade = points, False
        book.find_comment(WRITTEN, CHAPTER, CHAPTER, learner).manual_comment = comment
        book.db.commit()


def waits(course, learner):
    with gradebook(course) as book:
        item = book.find_grade(WRITTEN, CHAPTER, CHAPTER, learner)
        return item.needs_manual_grade


def feedback_of(course, learner):
    return (course.feedback / learner / CHAPTER / f"{CHAPTER}.html").read_text()


def heading_of(page):
    """Give what a feedback page says beside the written answer and its entry in the contents."""
    soup = BeautifulSoup(page, "html.parser")
    entry = soup.find("a", href=f"#{WRITTEN}").parent.get_text()
    return entry, soup.find("a", attrs={"name": WRITTEN}).parent.get_text()


def autograde(course, learner):
    """What `nbgrader autograde` and formgrader's button do."""
    config = course.grading_config()
    api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
    outcome = api.autograde(CHAPTER, learner)
    assert outcome["success"], outcome["log"]


def test_manual_grades_stay_settled_until_the_answer_changes(own, right_answers, workers):
    give(own, "ada", 1.5)
    (forced,) = grade(CHAPTER, own, ["ada"], Options(force=True), given=workers)
    (own.classroom / "settings.toml").write_text("[limits]\ncall_s = 29\n")
    (limited,) = grade(CHAPTER, own, ["ada"], given=workers)
    (own.classroom / "settings.toml").unlink()
    autograde(own, "ada")
    (again,) = grade(CHAPTER, own, ["ada"], given=workers)
    settled = waits(own, "ada")
    hand_in(own, "ada", right_answers, "Other words.")
    (changed,) = grade(CHAPTER, own, ["ada"], given=workers)

    assert not forced.reused
    assert not limited.reused
    assert again.score == limited.score == forced.score
    assert not settled
    assert waits(own, "ada")
    assert changed.score == again.score


def test_feedback_follows_the_gradebook(own, workers):
    before = heading_of(feedback_of(own, "bert"))
    give(own, "bert", 1.5, "Say why.")
    grade(CHAPTER, own, ["bert"], given=workers)
    page = feedback_of(own, "bert")

    assert all("not graded yet, of 2" in text for text in before)
    assert all("Score: 1.5 / 2" in text for text in heading_of(page))
    assert "Say why." in page


def test_feedback_that_is_held_back_comes_with_its_release(own, right_answers, workers):
    page = own.feedback / "bert" / CHAPTER / f"{CHAPTER}.html"
    hand_in(own, "bert", right_answers, "Something new.")
    grade(CHAPTER, own, ["bert"], Options(hold=True), given=workers)
    grade(CHAPTER, own, ["bert"], given=workers)
    held = page.exists()
    with pytest.raises(FeedbackHeldError):
        write_feedback(CHAPTER, own)
    changed = write_feedback(CHAPTER, own, release_held=True)

    assert not held
    assert "bert" in changed
    assert "Something new." in page.read_text()
    assert write_feedback(CHAPTER, own) == []


def test_an_exercise_can_be_graded_again_or_given_to_all(own, right_answers, workers):
    slip = copy.deepcopy(right_answers)
    for cell in slip.cells:
        if cell.id == "hidden_delta":
            cell.source = "def hidden_delta(*arguments, **named):\n    return 0.0"
    hand_in(own, "cleo", slip)
    (before,) = grade(CHAPTER, own, ["cleo"], given=workers)
    again = regrade(CHAPTER, own, "hidden_delta", given=workers)
    given = {
        item.student: item.score
        for item in regrade(CHAPTER, own, "hidden_delta", grant_all=True, given=workers)
    }
    autograde(own, "cleo")
    with gradebook(own) as book:
        item = book.find_grade("test_hidden_delta", CHAPTER, CHAPTER, "cleo")
        points = (item.auto_score, item.max_score)
    page = feedback_of(own, "cleo")
    (own.classroom / "verdicts" / CHAPTER / "granted.json").unlink()

    assert [(item.student, item.reused) for item in again] == [("cleo", False)]
    assert points[0] == points[1] > 0
    assert given["cleo"] == before.score + points[1]
    assert "Everybody was given the points" in page


def test_the_report_knows_what_nbgraders_own_command_graded(own, right_answers):
    shutil.rmtree(own.classroom / "verdicts" / CHAPTER / "students")
    for learner in LEARNERS:
        autograde(own, learner)
    report = read_report(CHAPTER, own)

    assert set(report.results) >= set(LEARNERS)
    assert not report.failed


@pytest.fixture
def instructors_config(own, tmp_path, monkeypatch):
    """An nbgrader_config.py of the instructor's own."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))

    def write(text):
        (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n")

    return write


def test_late_penalties_are_the_same_whoever_grades_and_follow_the_due_date(
    own, right_answers, workers, instructors_config
):
    instructors_config('c.LateSubmissionPlugin.penalty_method = "zero"')
    hand_in(own, "cleo", right_answers, timestamp="2026-03-02 12:00:00 CET")
    with gradebook(own) as book:
        book.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 3, 1, 10))
    penalties = []

    def note():
        with gradebook(own) as book:
            penalties.append(book.find_submission(CHAPTER, "cleo").late_submission_penalty)

    autograde(own, "cleo")
    note()
    (late,) = grade(CHAPTER, own, ["cleo"], given=workers)
    note()
    grade(CHAPTER, own, ["cleo"], Options(force=True), given=workers)
    note()
    with gradebook(own) as book:
        book.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 3, 3))
    (in_time,) = grade(CHAPTER, own, ["cleo"], given=workers)
    note()

    assert penalties == [late.score] * 3 + [0]
    assert late.lateness == f"1 d 1 h late: {late.score:g} points come off"
    assert late.lateness in gradebook_table([late])
    assert in_time.reused
    assert in_time.lateness == ""
    with gradebook(own) as book:
        book.update_or_create_assignment(CHAPTER, duedate=None)


def test_settings_give_penalties_by_day_grace_and_extensions(own, right_answers, workers):
    with gradebook(own) as book:
        book.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 3, 1))
    hand_in(own, "dora", right_answers, timestamp="2026-03-04 12:00:00 UTC")
    settings = own.classroom / "settings.toml"
    costs = {}
    for text in (
        "[late]\nper_day = 10\n",
        "[late]\nper_day = 10\ngrace_days = 2\n",
        "[late]\nper_day = 40\nmost = 50\n",
        "[late]\nper_day = 10\n[extensions]\ndora = 2.0\n",
        f"[late]\nper_day = 10\n[extensions]\ndora = {{ {CHAPTER} = 7 }}\n",
    ):
        settings.write_text(text)
        (dora,) = grade(CHAPTER, own, ["dora"], given=workers)
        with gradebook(own) as book:
            lost = book.find_submission(CHAPTER, "dora").late_submission_penalty
        costs[text] = round(100 * lost / dora.score)
    autograde(own, "dora")
    with gradebook(own) as book:
        by_button = book.find_submission(CHAPTER, "dora").late_submission_penalty
        book.update_or_create_assignment(CHAPTER, duedate=None)
    settings.unlink()

    assert list(costs.values()) == [40, 20, 50, 20, 0]
    assert by_button == 0


def test_a_timestamp_that_cannot_be_read_is_said(own, right_answers, workers):
    hand_in(own, "dora", right_answers, timestamp="2026-07-01 12:00:00 CST")
    (dora,) = grade(CHAPTER, own, ["dora"], given=workers)

    assert "'2026-07-01 12:00:00 CST' cannot be read and counts as in time" in dora.lateness


def test_a_learner_who_did_not_submit_is_refused_before_anything_is_written(own):
    with pytest.raises(UnknownLearnerError, match=r"berta \(did you mean bert\?\)"):
        grade(CHAPTER, own, ["ada", "berta"])
    with gradebook(own) as book:
        assert "berta" not in [student.id for student in book.students]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--student", "berta"], "did you mean bert?"),
        (["--student", "berta", "--explain"], "did you mean bert?"),
        (["--student", "ada", "--explain", "hidden_delt"], "did you mean hidden_delta?"),
    ],
)
def test_a_typing_error_is_named_and_stops_the_command(own, arguments, says, capsys):
    with pytest.raises(SystemExit) as done:
        main(["grade", CHAPTER, *arguments])

    assert done.value.code == 2
    assert says in capsys.readouterr().err


def test_an_id_that_nbgrader_takes_for_a_pattern_is_named(own, right_answers, workers):
    hand_in(own, "[a]*", right_answers)
    (graded,) = grade(CHAPTER, own, ["[a]*"], given=workers)
    shutil.rmtree(own.submitted / "[a]*")

    assert "rename it" in graded.failure
    with gradebook(own) as book:
        assert "[a]*" not in [student.id for student in book.students]


def test_a_text_of_the_master_is_no_part_of_what_is_graded(run):
    cells = run.assignment.cells
    reworded = [replace(c, source="Mended.") if c.kind == "text" else c for c in cells]
    changed = [replace(c, points=9.0) if c.kind == "check" else c for c in cells]

    assert replace(run.assignment, cells=tuple(reworded)).digest == run.assignment.digest
    assert replace(run.assignment, cells=tuple(changed)).digest != run.assignment.digest


def test_the_roster_says_who_is_missing_and_who_is_not_on_it(own):
    roster = own.classroom / "roster.csv"
    roster.write_text("id,first_name\nada,Ada\nbert,Bert\ncleo,Cleo\ndoro,Dorothy\neve,Eve\n")
    found = attendance(CHAPTER, own)
    roster.unlink()

    assert found.missing == ("doro", "eve")
    assert found.unknown == ("dora (did you mean doro?)",)


def test_feedback_goes_back_through_the_exchange(own, right_answers, workers, tmp_path):
    """Release, submit, collect, grade, release the feedback, fetch it."""
    config = own.grading_config()
    config.Exchange.root, config.Exchange.cache = (
        str(tmp_path / "exchange"),
        str(tmp_path / "cache"),
    )
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    work = tmp_path / "work"
    shutil.copytree(own.notebooks / CHAPTER, work / CHAPTER)
    nbformat.write(right_answers, work / CHAPTER / f"{CHAPTER}.ipynb")
    learners = ("xena", "yuri")

    def exchange(step, learner="*"):
        config.Exchange.assignment_dir = str(work)
        directory = CourseDirectory(config=config, assignment_id=CHAPTER, student_id=learner)
        factory = ExchangeFactory(config=config)
        getattr(factory, step)(
            coursedir=directory, authenticator=Authenticator(config=config), config=config
        ).start()

    exchange("ReleaseAssignment")
    for learner in learners:
        exchange("Submit", learner)
    exchange("Collect")
    assert {folder.name for folder in own.submitted.iterdir()} >= set(learners)
    grade(CHAPTER, own, list(learners), given=workers)
    for learner in learners:
        exchange("ReleaseFeedback", learner)
    released = tmp_path / "exchange" / own.id / "feedback"

    assert len(list(released.glob("*.html"))) == len(learners)
    for learner in learners:
        shutil.rmtree(own.submitted / learner)


AS_ACCOUNT = """
import os, pwd, sys
import nbgrader.apps, nbgrader.exchange.default

name, *arguments = sys.argv[1:]
account = pwd.getpwnam(name)
os.environ |= {"HOME": account.pw_dir, "USER": name, "LOGNAME": name}
os.initgroups(name, account.pw_gid)
os.setgid(account.pw_gid)
os.setuid(account.pw_uid)  # Python may lie where this account cannot read: all is imported by now
os.chdir(account.pw_dir)
step, *arguments = arguments
if step == "list":
    print(os.listdir(arguments[0]))
else:
    getattr(nbgrader.apps, step).launch_instance(arguments)
"""


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    """Two accounts of this machine, with homes of their own, that live as long as the test."""
    if os.geteuid() != 0 or not shutil.which("useradd"):
        pytest.skip("accounts can be made by root alone, with useradd")
    names = [f"dla-{who}-{secrets.token_hex(3)}" for who in ("ann", "ben")]
    homes = Path(
        tempfile.mkdtemp(dir="/tmp")
    )  # every account can reach it, and pytest's folders not
    homes.chmod(0o755)
    try:
        for name in names:
            home = ["--create-home", "--home-dir", str(homes / name)]
            subprocess.run(["useradd", *home, name], check=True, capture_output=True)
        yield names
    finally:
        for name in names:
            subprocess.run(["userdel", "--remove", name], check=False, capture_output=True)
        shutil.rmtree(homes)


def test_two_accounts_hand_in_and_fetch_each_its_own_feedback(
    own, right_answers, workers, accounts
):
    """Submit and fetch as the learner's account; release, collect and grade as the instructor's."""
    homes = {name: Path(pwd.getpwnam(name).pw_dir) for name in accounts}
    exchange = homes[accounts[0]].parent / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)

    def as_account(name, *arguments):
        command = [sys.executable, "-c", AS_ACCOUNT, name, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def hand_over(name, step, *arguments):
        where = [f"--Exchange.root={exchange}", f"--CourseDirectory.course_id={own.id}"]
        ran = as_account(name, step, CHAPTER, *where, *arguments)
        assert ran.returncode == 0, ran.stderr[-2000:]

    def instructor(step, learner="*"):
        config = own.grading_config()
        config.Exchange.root = str(exchange)
        directory = CourseDirectory(config=config, assignment_id=CHAPTER, student_id=learner)
        getattr(ExchangeFactory(config=config), step)(
            coursedir=directory, authenticator=Authenticator(config=config), config=config
        ).start()

    instructor("ReleaseAssignment")
    for name in accounts:
        hand_over(name, "FetchAssignmentApp")
        notebook = homes[name] / CHAPTER / f"{CHAPTER}.ipynb"
        assert notebook.stat().st_uid == pwd.getpwnam(name).pw_uid
        answered = copy.deepcopy(right_answers)
        for cell in answered.cells:
            if cell.id == WRITTEN:
                cell.source = f"The words of {name}."
        nbformat.write(answered, notebook)
        hand_over(name, "SubmitApp")
    instructor("Collect")
    grades = grade(CHAPTER, own, list(accounts), given=workers)
    for name in accounts:
        instructor("ReleaseFeedback", name)
        hand_over(name, "FetchFeedbackApp")
    pages = {
        name: [page.read_text() for page in (homes[name] / CHAPTER / "feedback").rglob("*.html")]
        for name in accounts
    }
    ann, ben = accounts
    folders = [str(exchange / own.id / name) for name in ("feedback", "inbound", "outbound")]
    listed = [as_account(ben, "list", folder).stderr.splitlines()[-1:] for folder in folders]
    for name in accounts:
        shutil.rmtree(own.submitted / name)

    assert [item.failure for item in grades] == ["", ""]
    assert all(len(page) == 1 for page in pages.values())
    for name, other in ((ann, ben), (ben, ann)):
        assert f"The words of {name}." in pages[name][0]
        assert f"The words of {other}." not in pages[name][0]
    assert [line[0].partition(":")[0] for line in listed[:2]] == ["PermissionError"] * 2
    assert listed[2] == []
