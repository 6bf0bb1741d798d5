"""Expectations of exercises, computed once for all tests of one worker."""

from functools import cache

from autograder.chapters import load_chapter
from dlarch.checks_file import Expectation

SECRETS = ("", "a seed of a grading run")


@cache
def _expectation(chapter: str, name: str, secret: str) -> Expectation:
    return load_chapter(chapter).exercises[name].expectation(secret)


def expectation_of(exercise, secret: str) -> Expectation:
    return _expectation(exercise.chapter, exercise.name, secret)
