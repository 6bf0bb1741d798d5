"""A Dask cluster that exists already grades as the threads of one machine do, and survives its workers."""

import os
import signal
import threading
from dataclasses import replace

import pytest
from distributed import LocalCluster

from autograder.grading.classroom import Options, grade
from autograder.release import release
from tests.grading.conftest import CHAPTER

LEARNERS = ("ada", "blaise", "carl")


@pytest.fixture(scope="module")
def cluster(course):
    with LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=0, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def classroom(course, grades, tmp_path):
    own = replace(course, classroom=tmp_path / "classroom")
    for student in LEARNERS:
        assert (student, CHAPTER) in grades or grades[student, CHAPTER]
        place = own.submitted / student / CHAPTER / f"{CHAPTER}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text((course.submitted / student / CHAPTER / place.name).read_text())
    release(CHAPTER, own)
    return own


def test_a_cluster_gives_what_threads_give_though_a_worker_dies(cluster, classroom, grades):
    victim = next(iter(cluster.workers.values())).pid
    threading.Timer(3.0, os.kill, (victim, signal.SIGKILL)).start()

    found = grade(CHAPTER, classroom, [], Options(scheduler=cluster.scheduler_address))

    expected = {student: grades[student, CHAPTER] for student in LEARNERS}
    assert {item.student: item.score for item in found} == {
        student: item.score for student, item in expected.items()
    }
    assert all(item.mistakes == expected[item.student].mistakes for item in found)
