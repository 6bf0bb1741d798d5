"""What all tests share: the browser, and which of them run on one worker, one after the other."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from autograder.chapters import CHAPTERS
from tests.browser import open_browser

TOGETHER = ("learners", "site")
"""Folders whose tests share an environment, or a built site."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    with open_browser() as chromium:
        yield chromium


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.parent.name
        group = folder if folder in TOGETHER else str(item.path)
        if item.path.name == "test_demo.py":  # it builds the site too
            group = "site"
        if item.path.name in ("test_registry.py", "test_checks_files.py"):
            group = "exercises of " + next(stem for stem in CHAPTERS if stem in item.name)
        item.add_marker(pytest.mark.xdist_group(group))
