"""The secret inputs of a grading run with what a right answer and every mistake make of them.

Computed once for a class: cached under build/ by chapter, seed, code and backend.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from autograder.course import Course
from autograder.exercise import code_version, load_chapter
from autograder.grading.verdicts import write_whole
from dlarch import checks_file
from dlarch.checks_file import ChecksFile, Expectation

MapExercises = Callable[[Callable[..., Expectation], Iterable[str]], Iterable[Expectation]]


def expect(chapter: str, exercise: str, seed: str) -> Expectation:
    """Run the reference and the mistakes of one exercise on a run's inputs."""
    return load_chapter(chapter).exercises[exercise].expectation(seed)


def references(chapter: str, seed: str, course: Course, map_exercises: MapExercises = map) -> bytes:
    """Give the content of the checks file of a grading run.

    Args:
        chapter: the chapter's stem.
        seed: the run's seed.
        course: where build/ is.
        map_exercises: what runs `expect` for each exercise, in order: `map`, or a cluster's.
    """
    from autograder.kernels.backend import backend_name

    backend, version = backend_name(), code_version(chapter)
    digest = hashlib.sha256(f"{seed}/{version}/{backend}".encode()).hexdigest()[:32]
    path = course.root / "build" / "references" / f"{chapter}-{digest}.safetensors"
    if not path.exists():
        names = list(load_chapter(chapter).exercises)
        expectations = list(map_exercises(_Expect(chapter, seed), names))
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "references"
            checks_file.save(made, chapter, backend, version, expectations)
            write_whole(path, made.read_bytes(), mode=0o600)
    return path.read_bytes()


@lru_cache(maxsize=4)
def read_references(content: bytes) -> ChecksFile:
    """Read what `references` gave."""
    handle, name = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return checks_file.load(Path(name))
    finally:
        os.unlink(name)


class _Expect:
    """`expect` with chapter and seed filled in; unlike a closure it can be sent to another process."""

    def __init__(self, chapter: str, seed: str) -> None:
        self.chapter, self.seed = chapter, seed

    def __call__(self, exercise: str) -> Expectation:
        return expect(self.chapter, exercise, self.seed)
