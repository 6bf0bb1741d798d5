"""Which tests run on one worker, one after the other: those that share something slow or a folder."""

import pytest

from autograder.exercise import CHAPTERS

TOGETHER = ("grading", "learners", "site")
"""Folders whose tests share a class, an environment, or a built site."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.parent.name
        group = folder if folder in TOGETHER else str(item.path)
        if item.path.name in ("test_registry.py", "test_checks_files.py"):
            group = "exercises of " + next(stem for stem in CHAPTERS if stem in item.name)
        item.add_marker(pytest.mark.xdist_group(group))
