"""Whatever lies in submitted/, each learner has a line, and the walk through a folder ends soon."""

import os
import time

import pytest

from autograder.grading.classroom import gradebook_table
from autograder.grading.folders import find_strange_file, find_strange_name, submitters
from autograder.grading.pipeline import GradingRun

CHAPTER = "04_backpropagation"


@pytest.fixture
def nested(tmp_path):
    """A folder with 1,200 folders in each other; it is taken apart from inside."""
    here, depth = os.getcwd(), 1200
    os.chdir(tmp_path)
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    yield tmp_path
    for _ in range(depth):
        os.chdir("..")
        os.rmdir("d")
    os.chdir(here)


def test_nested_folders_have_a_reason(nested):
    assert "nested" in find_strange_file(nested)


def test_many_files_have_a_reason_soon(tmp_path):
    for number in range(10_000):
        (tmp_path / str(number)).touch()
    started = time.monotonic()

    assert "more than" in find_strange_file(tmp_path)
    assert time.monotonic() - started < 5


def as_nobody(action):
    """Do something as an account that is not root's; give what it printed to itself."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(writing, str(action()).encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


@pytest.mark.parametrize("mode", [0o000, 0o600])
def test_a_closed_folder_has_a_reason_and_its_owner_a_line(mode, tmp_path_factory):
    submitted = tmp_path_factory.mktemp("submitted")
    for parent in [submitted, *submitted.parents]:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    submitted.chmod(0o755)
    inside = submitted / "ada" / CHAPTER / "deep"
    inside.mkdir(parents=True)
    (submitted / "blaise" / CHAPTER).mkdir(parents=True)
    (submitted / "ada" / CHAPTER).chmod(mode)
    (submitted / "blaise").chmod(mode)
    reason = as_nobody(lambda: find_strange_file(submitted / "ada" / CHAPTER))
    listed = as_nobody(lambda: submitters(submitted, CHAPTER))
    (submitted / "ada" / CHAPTER).chmod(0o755)
    (submitted / "blaise").chmod(0o755)

    assert "cannot be read" in reason
    assert listed == "['ada', 'blaise']"


@pytest.mark.parametrize("name", ["[az]*", "a\x1b[31m", "gr\udcfc\udcdfe", "b?", "line\nline"])
def test_names_that_would_mean_something_else_are_refused(name):
    assert find_strange_name(name)


@pytest.mark.parametrize("name", ["ada", "Jürgen Ö", "s123456@example.org", "李"])
def test_ordinary_names_are_not(name):
    assert not find_strange_name(name)


def test_a_submission_that_breaks_reading_stops_no_other(course, workers, grades, monkeypatch):
    """Names of folders that mean something else, and an importer that raises, beside honest work."""
    from autograder.grading.classroom import grade

    assert grades["ada", CHAPTER].score
    names = ["[az]*", os.fsdecode(b"gr\xfc\xdfe")]
    for name in names:
        (course.submitted / name / CHAPTER).mkdir(parents=True)
    whole = GradingRun.submission

    def breaking(run, path):
        if path.parent.parent.name == "blaise":
            raise RecursionError("too deep")
        return whole(run, path)

    monkeypatch.setattr(GradingRun, "submission", breaking)
    changed = course.submitted / "blaise" / CHAPTER / f"{CHAPTER}.ipynb"
    before = changed.read_bytes()
    changed.write_bytes(before + b"\n")
    try:
        found = grade(CHAPTER, course, ["ada", "blaise", *names], given=workers)
    finally:
        changed.write_bytes(before)
        for name in names:
            (course.submitted / name / CHAPTER).rmdir()
            (course.submitted / name).rmdir()

    failures = {item.student: item.failure for item in found}
    assert failures.pop("ada") == ""
    assert "RecursionError" in failures["blaise"]
    assert all(failures.values())
    assert gradebook_table(found).encode().decode().replace("\n", "").isprintable()
