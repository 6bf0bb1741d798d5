"""What all tests share: the browser, which of them run on one worker, and in which order."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from autograder.chapters import CHAPTERS
from tests.browser import open_browser

TESTS = Path(__file__).parent
FIRST = ("kernels/", "exercises")
"""Groups that need the kernels: grading's tests put PyTorch in their place until the worker ends."""
LONGEST = (
    "exercises of 14_vae",
    "exercises of 08_cnn_architectures",
    "kernels/test_compilation.py",
    "kernels/test_kernels.py",
    "grading/test_attacks.py",
    "grading/test_demo.py",
    "learners",
    "grading/",
    "figures/test_every_figure.py",
    "figures/test_jupyterlab.py",
    "exercises/test_masters.py",
    "site/test_every_page.py",
    "site/",
)
"""Groups by their length, so that no worker is left with a long one at the end; any others follow."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    with open_browser() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def kernels() -> None:
    """The kernels themselves: a test of theirs must not pass with PyTorch in their place."""
    from autograder.kernels.backend import backend_name

    assert backend_name() != "pytorch" or find_spec("triton") is None


def group_of(item: pytest.Item) -> str:
    """Name what a test shares with others: its file, or the part of it that one page or chapter is."""
    path = item.path.relative_to(TESTS).as_posix()
    if path.startswith("learners/"):  # one environment
        return "learners"
    if path in ("exercises/test_registry.py", "exercises/test_checks_files.py"):
        return "exercises of " + next(stem for stem in CHAPTERS if stem in item.name)
    if path == "exercises/test_masters.py":
        return f"{path} {item.name}"
    if path == "site/test_every_page.py":
        address, _ = item.callspec.params["opened"]
        return f"{path} {address}"
    return path


def rank(group: str) -> tuple[bool, int]:
    """Say when a group is to begin: the smallest first."""
    place = next((i for i, start in enumerate(LONGEST) if group.startswith(start)), len(LONGEST))
    return not group.startswith(FIRST), place


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: rank(group_of(item)))
