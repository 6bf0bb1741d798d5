"""The published checks files: small, current, and what the references give on this machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.expectations import digests
from autograder.kernels.backend import BACKENDS
from dlarch import checks_file
from dlarch.judge import judge
from tests.exercises.expectations import expectation_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=CHAPTERS)
def stem(request):
    return request.param


@pytest.fixture
def path(stem):
    return ROOT / "notebooks" / stem / "checks.safetensors"


def test_it_is_at_most_one_megabyte(path):
    assert path.stat().st_size <= 1_000_000


def test_it_says_what_it_was_made_from(path, stem):
    checks = checks_file.load(path)

    assert checks.chapter == stem
    assert {item["backend"] for item in checks.exercises.values()} <= set(BACKENDS)
    assert list(checks.digests.items()) == list(digests(stem).items()), "run `make release`"


def test_recomputed_outcomes_agree_within_tolerance(path, stem):
    checks = checks_file.load(path)
    for exercise in load_chapter(stem).exercises.values():
        published, fresh = checks.expectation(exercise.name), expectation_of(exercise, "")
        assert [m.id for m in published.mistakes] == [m.id for m in fresh.mistakes]
        for part in published.parts:
            selected = fresh.for_part(part)
            outcomes = [
                replace(case.expected, value=_meet_bounds(case.expected.value, exercise.bounds))
                for case in selected.cases
            ]
            for outcome, case in zip(outcomes, published.for_part(part).cases, strict=True):
                assert outcome.error == case.expected.error
            verdict = judge(published.for_part(part), outcomes, part)
            assert verdict.status == "pass", f"{exercise.name}: {verdict.message}"


def _meet_bounds(value, bounds):
    """Put numbers that meet the bounds in place of the bounds."""
    if not bounds:
        return value
    return {**value, **{name: max(bound.low, -1e300) for name, bound in bounds.items()}}
