"""A submission is read in little time and memory, whatever it is."""

import json

import nbformat
import pytest

from autograder.grading import reading
from autograder.grading.place import import_file
from autograder.grading.reading import TOO_LONG, read_submission


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
