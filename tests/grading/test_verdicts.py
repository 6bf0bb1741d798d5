"""The salt of secret inputs changes once feedback could have told something; results stay."""

import os
from dataclasses import replace

import pytest

from autograder.course import Course
from autograder.grading.verdicts import VerdictStore

CHAPTER = "04_backpropagation"


@pytest.fixture
def store(tmp_path):
    return VerdictStore(CHAPTER, replace(Course.here(), classroom=tmp_path))


def write_feedback(store, later_ns=1_000_000):
    page = store.course.feedback / "ada" / CHAPTER / f"{CHAPTER}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("feedback")
    time_ns = (store.folder / "salt").stat().st_mtime_ns + later_ns
    os.utime(page, ns=(time_ns, time_ns))


def test_a_salt_stays_until_feedback_is_written(store):
    salt = store.salt()
    assert store.salt() == salt

    write_feedback(store)
    fresh = store.salt()
    assert fresh != salt
    assert store.seed(fresh) != store.seed(salt)


def test_feedback_of_an_earlier_salt_draws_no_further_one(store):
    salt = store.salt()
    write_feedback(store, later_ns=-1_000_000)

    assert store.salt() == salt
    assert store.salt(renew=True) != salt
