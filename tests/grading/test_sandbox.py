"""The sandbox tests itself, and grading refuses one that leaks."""

import os
import time
from dataclasses import replace

import pytest

from autograder.grading import sandbox as sandbox_module
from autograder.grading.checker import Workshop
from autograder.grading.classroom import Options, grade
from autograder.grading.pipeline import result_of
from autograder.grading.sandbox import NoSandboxError, Sandbox
from autograder.grading.selftest import LeakError, find_leaks, refuse_leaks

CHAPTER = "04_backpropagation"


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def private(run):
    return run.private()


def test_a_closed_sandbox_has_no_leaks(workshop, run, private):
    assert find_leaks(workshop.sandbox(run.assignment.preload(), True, True), private) == []


def test_without_walls_every_question_is_answered_yes(private):
    open_one = Sandbox(("numpy",), isolated=False)
    try:
        leaks = " ".join(find_leaks(open_one, private))
    finally:
        open_one.close()

    for part in ("can read", "reaches a socket", "sees other processes", "can write to"):
        assert part in leaks


def test_one_folder_too_many_is_found(private, run):
    leaky = Sandbox(("numpy",), shown=(run.course.solutions,))
    try:
        with pytest.raises(LeakError, match="can read"):
            refuse_leaks(leaky, private)
    finally:
        leaky.close()


def test_grading_refuses_where_no_sandbox_can_be_made(monkeypatch, run, grades):
    assert grades["ada", CHAPTER].score
    monkeypatch.setattr(sandbox_module, "find_bubblewrap", lambda: None)
    stranger = replace(run, run_all=True)
    workshop = Workshop()

    with pytest.raises(NoSandboxError, match="--no-sandbox"):
        result_of(stranger, run.path_of("ada"), workshop)


def test_without_a_sandbox_every_report_says_so(course, grades):
    score = grades["ada", CHAPTER].score
    (ada,) = grade(CHAPTER, course, ["ada"], Options(isolated=False))

    assert ada.score == score
    assert "NO SANDBOX" in ada.result.sandbox
    grade(CHAPTER, course, ["ada"])


def test_sessions_leave_no_process_and_no_descriptor(workshop, run):
    sandbox = workshop.sandbox(run.assignment.preload(), True, True)
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        session = sandbox.session(run.limits)
        session.ask(
            "cell",
            10,
            source="import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(60)",
        )
        first = session.watchdog.first_pid
        assert len(session.watchdog._pids()) == 2
        session.end()
        wait_until(lambda first=first: not os.path.exists(f"/proc/{first}"))
        assert session.watchdog._pids() == []

    assert len(os.listdir("/proc/self/fd")) == descriptors
