"""Expectations of exercises, made once for all tests, workers and runs, until their digest changes."""

import hashlib
import os
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from autograder.chapters import load_chapter
from autograder.course import ROOT
from autograder.expectations import digest, versions
from autograder.kernels.backend import backend_name
from dlarch import checks_file
from dlarch.checks_file import Expectation

SECRETS = ("", "a seed of a grading run")
KEPT = ROOT / "build" / "expectations"


def expectation_of(exercise, secret: str) -> Expectation:
    return _expectation(exercise.chapter, exercise.name, secret)


@cache
def _expectation(chapter: str, name: str, secret: str) -> Expectation:
    assert backend_name() != "pytorch" or find_spec("triton") is None, "the kernels are replaced"
    exercise = load_chapter(chapter).exercises[name]
    current = digest(exercise)
    made_from = "\0".join([current, secret, backend_name(), *versions()])
    path = KEPT / f"{name}_{hashlib.sha256(made_from.encode()).hexdigest()[:16]}.safetensors"
    if not path.exists():
        fresh = replace(exercise.expectation(secret), digest=current, backend=backend_name())
        _write(path, chapter, fresh)
    return checks_file.load(path).expectation(name)


def _write(path: Path, chapter: str, expectation: Expectation) -> None:
    """Write a file that is whole as soon as others see it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    checks_file.save(unfinished, chapter, [expectation])
    unfinished.replace(path)
