"""Whatever is killed, locked, full or unreadable: a second run completes, and every score is right once."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course import ROOT
from autograder.demo import mistaken, slips_of
from autograder.grading.classroom import grade
from autograder.release import release

CHAPTER = "04_backpropagation"
ROLES = {
    "learner's process": "zygote.py",
    "bubblewrap": "bwrap",
    "grading command": "-m autograder grade",
}
"""What is killed, and a part of its command line; `zygote.py` is in that of the warm parent too, which a
learner's process is a copy of. The checker is a thread of the grading command."""


@pytest.fixture(scope="module")
def right(run, grades):
    """Submissions, and the score that honest grading gives to each."""
    scores = {name: grades[name, CHAPTER].score for name in ("ada", "blaise", "carl", "emil")}
    submitted = run.course.submitted
    texts = {
        name: (submitted / name / CHAPTER / f"{CHAPTER}.ipynb").read_text()
        for name in ("ada", "blaise", "carl", "emil")
    }
    notebook = nbformat.reads(texts["ada"], as_version=4)
    texts["slow"] = nbformat.writes(slow(notebook))
    texts["two"] = nbformat.writes(mistaken(notebook, slips_of(CHAPTER)[:1]))
    points = {cell.id: cell.points for cell in run.assignment.of("check")}
    scores["slow"] = scores["ada"]
    scores["two"] = scores["ada"] - points["test_output_delta"]
    return texts, scores


def slow(notebook):
    """A right notebook with an answer that takes its time."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.id == "hidden_delta":
            cell.source = f"import time\ntime.sleep(1)\n{cell.source}"
    return notebook


@pytest.fixture
def classroom(right, course, tmp_path):
    own = replace(course, classroom=tmp_path / "classroom")
    for student, text in right[0].items():
        place = own.submitted / student / CHAPTER / f"{CHAPTER}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(text)
    release(CHAPTER, own)
    return own


def start(course):
    environment = {**os.environ, "AUTOGRADER_CLASSROOM": str(course.classroom)}
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", CHAPTER],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def descendants(pid):
    """List the processes below one, with their command lines."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        parents[int(folder.name)] = (int(stat[1]), command)
    found, waiting = {}, [pid]
    while waiting:
        parent = waiting.pop()
        for child, (above, command) in parents.items():
            if above == parent and child not in found:
                found[child] = command
                waiting.append(child)
    return found


def kill(role, process, seconds):
    """Kill one process of a role at some time; False when there was none by then."""
    time.sleep(seconds)
    if role == "grading command":
        process.kill()
        return True
    found = [pid for pid, command in descendants(process.pid).items() if ROLES[role] in command]
    if not found:
        return False
    try:
        os.kill(random.choice(found), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def assert_every_score_is_right_once(course, scores):
    with Gradebook(course.gradebook_url, course.id) as book:
        stored = [(item.student.id, item.score) for item in book.assignment_submissions(CHAPTER)]
    assert sorted(stored) == sorted(scores.items())
    for student in scores:
        page = course.feedback / student / CHAPTER / f"{CHAPTER}.html"
        assert page.read_text().rstrip().endswith("</html>")


def survive(role, seconds, course, scores, workers):
    process = start(course)
    kill(role, process, seconds)
    process.wait(timeout=300)
    wait_for_orphans(process.pid)
    second = grade(CHAPTER, course, [], given=workers)
    assert {item.student: item.score for item in second} == scores
    assert_every_score_is_right_once(course, scores)


def wait_for_orphans(session):
    """The processes of a killed command end by themselves."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        left = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                left.append(folder.name)
        if not left:
            return
        time.sleep(0.2)
    raise AssertionError(f"these processes stayed behind: {left}")


@pytest.mark.parametrize("role", ROLES)
def test_a_kill_costs_nobody_a_point(role, classroom, right, workers):
    survive(role, random.uniform(2, 9), classroom, right[1], workers)


@pytest.fixture(scope="module")
def load():
    """Four processes that spin, beside whatever the test starts."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    yield
    for process in spinning:
        process.kill()
        process.wait()


@pytest.mark.exhaustive
@pytest.mark.usefixtures("load")
@pytest.mark.parametrize("number", range(200))
def test_two_hundred_kills_cost_nobody_a_point(number, classroom, right, workers):
    role = list(ROLES)[number % len(ROLES)]
    survive(role, random.uniform(1, 12), classroom, right[1], workers)


def test_a_kill_while_the_gradebook_is_written_leaves_no_half_score(classroom, right, workers):
    """The second kill falls when an earlier score is there and a new submission replaces it."""
    texts, scores = right
    grade(CHAPTER, classroom, [], given=workers)
    swapped = {"ada": "blaise", "blaise": "ada", "carl": "ada"}
    for student, other in swapped.items():
        (classroom.submitted / student / CHAPTER / f"{CHAPTER}.ipynb").write_text(texts[other])
    expected = {**scores, **{student: scores[other] for student, other in swapped.items()}}

    survive("grading command", random.uniform(2, 4), classroom, expected, workers)


def test_a_locked_gradebook_is_waited_for(classroom, right, workers):
    grade(CHAPTER, classroom, ["carl"], given=workers)
    lock = sqlite3.connect(classroom.classroom / "gradebook.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    process = start(classroom)
    time.sleep(12)
    lock.execute("ROLLBACK")
    lock.close()

    assert process.wait(timeout=200) == 0
    grade(CHAPTER, classroom, [], given=workers)
    assert_every_score_is_right_once(classroom, right[1])


def test_a_full_disk_stops_nothing_for_good(right, course, tmp_path, workers):
    """On a file system of its own, too small for the class, then enlarged."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.fail("this test mounts a small file system: run it as root")
    try:
        own = replace(course, classroom=place / "classroom")
        for student, text in right[0].items():
            target = own.submitted / student / CHAPTER / f"{CHAPTER}.ipynb"
            target.parent.mkdir(parents=True)
            target.write_text(text)
        process = start(own)
        process.wait(timeout=200)
        with pytest.raises(AssertionError):
            assert_every_score_is_right_once(own, right[1])
        subprocess.run(["mount", "-o", "remount,size=100m", place], check=True)
        grade(CHAPTER, own, [], given=workers)
        assert_every_score_is_right_once(own, right[1])
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_unreadable_and_cut_files_have_a_reason_and_can_be_mended(classroom, right, workers):
    texts, scores = right
    grade(CHAPTER, classroom, [], given=workers)
    folder = classroom.classroom / "verdicts" / CHAPTER
    for path in (folder / "results").glob("*.json"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for path in (folder / "students").glob("*.json"):
        path.write_text("{")
    notebook = classroom.submitted / "ada" / CHAPTER / f"{CHAPTER}.ipynb"
    notebook.write_text(texts["ada"][: len(texts["ada"]) // 3])
    cut = {item.student: item for item in grade(CHAPTER, classroom, [], given=workers)}
    assert cut["ada"].score == 0
    assert "damaged" in cut["ada"].failure
    assert cut["blaise"].score == scores["blaise"]

    notebook.write_text(texts["ada"])
    grade(CHAPTER, classroom, [], given=workers)
    assert_every_score_is_right_once(classroom, scores)
