"""A submission is read in little time and memory, whatever it is."""

import json
import os

import nbformat
import pytest

from autograder.grading import pipeline, reading
from autograder.grading.classroom import grade
from autograder.grading.place import import_file
from autograder.grading.reading import TOO_LONG, content_digest, read_submission
from tests.grading.conftest import CHAPTER


@pytest.fixture
def handed_in(solved, tmp_path):
    path = tmp_path / "anything.ipynb"
    nbformat.write(solved, path)
    return path


def test_what_is_read_apart_is_what_the_importer_reads(run, handed_in):
    assert read_submission(handed_in, run.assignment) == import_file(handed_in, run.assignment)


def test_a_notebook_that_takes_minutes_has_its_reason_soon_and_the_next_is_read(
    run, handed_in, monkeypatch
):
    monkeypatch.setattr(reading, "READ_S", 1)
    content = json.loads(handed_in.read_text())
    extra = {"cell_type": "code", "source": "a = 0\n" * 30_000, "metadata": {}, "outputs": []}
    many = {**content, "cells": [{**extra, "id": f"x{n}"} for n in range(9)] + content["cells"]}
    slow = handed_in.with_name("slow.ipynb")
    slow.write_text(json.dumps(many))

    assert read_submission(slow, run.assignment).failure == f"slow.ipynb {TOO_LONG}"
    assert read_submission(handed_in, run.assignment).answers


def test_what_was_handed_in_is_known_again_by_its_bytes_alone(tmp_path):
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "work.ipynb").write_text("{}")
    first = content_digest(folder)
    (folder / "work.ipynb").write_text("{} ")
    second = content_digest(folder)
    (folder / "more.txt").write_text("")
    third = content_digest(folder)

    assert len({first, second, third, ""}) == 4
    for strange in (os.mkfifo, os.mkdir, lambda path: os.symlink(folder / "more.txt", path)):
        place = tmp_path / strange.__name__
        place.mkdir()
        strange(place / "work.ipynb")
        assert content_digest(place) == ""
    (tmp_path / "linked").symlink_to(folder)
    assert content_digest(tmp_path / "linked") == ""
    assert content_digest(tmp_path / "nobody") == ""


def test_unchanged_work_is_not_read_again(course, grades, monkeypatch):
    before = {name: grades[name, CHAPTER].score for name in ("ada", "blaise")}
    grade(CHAPTER, course, list(before))  # by the sources as they are now
    monkeypatch.setattr(pipeline, "read_submission", None)

    again = grade(CHAPTER, course, list(before))

    assert {item.student: item.score for item in again} == before
