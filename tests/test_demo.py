"""`make demo` itself, and what it leaves behind."""

import os
import subprocess
import time

import pytest

from autograder.chapters import CHAPTERS
from autograder.course import ROOT
from autograder.demo import slips_of
from autograder.release import find_leaks, read_master, secret_lines

LEARNERS = ("ada", "blaise", "carl", "dorothy", "emil")


def make_demo():
    """Run it with references by PyTorch; the kernels' own tests compare them with the interpreter."""
    environment = {**os.environ, "AUTOGRADER_BACKEND": "pytorch"}
    return subprocess.run(
        ["make", "demo"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def demo():
    return make_demo()


def test_it_finishes_and_prints_the_gradebook_with_the_mistakes(demo):
    assert demo.returncode == 0, demo.stdout[-3000:] + demo.stderr[-3000:]
    for learner in LEARNERS:
        assert demo.stdout.count(f"\n{learner} ") == len(CHAPTERS)
    for chapter in CHAPTERS:
        slips = slips_of(chapter)
        assert slips
        assert all(slip.mistake in demo.stdout for slip in slips)
    assert "submission" in demo.stderr, "a progress bar"


def test_what_it_names_is_there(demo):
    assert (ROOT / "_build" / "html" / "index.html").is_file()
    for chapter in CHAPTERS:
        assert (ROOT / f"build/demo/classroom/feedback/blaise/{chapter}/{chapter}.html").is_file()


def test_a_second_run_takes_seconds(demo):
    started = time.monotonic()
    assert make_demo().returncode == 0
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_site_holds_no_solution(demo, chapter):
    secrets = secret_lines(read_master(ROOT / "solutions" / f"{chapter}.py"))
    for page in (ROOT / "_build" / "html").rglob("*"):
        if page.suffix in (".html", ".ipynb", ".txt", ".md", ".py", ".js") and "mathjax" not in str(
            page
        ):
            found = find_leaks(page.read_text(errors="ignore"), secrets)
            assert not found, f"{page}: {found[0]}"
