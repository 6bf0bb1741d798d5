"""The secret inputs of a grading run with what a right answer and every mistake make of them.

Computed once for a class: cached under build/ by chapter, seed, code and backend.
"""

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from autograder.course import Course
from autograder.exercise import code_version, load_chapter
from autograder.grading.verdicts import write_whole
from dlarch import checks_file
from dlarch.checks_file import ChecksFile


def references(chapter: str, seed: str, course: Course) -> bytes:
    """Give the content of the checks file of a grading run.

    Args:
        chapter: the chapter's stem.
        seed: the run's seed.
        course: where build/ is.
    """
    from autograder.kernels.backend import backend_name

    backend, version = backend_name(), code_version(chapter)
    digest = hashlib.sha256(f"{seed}/{version}/{backend}".encode()).hexdigest()[:32]
    path = course.root / "build" / "references" / f"{chapter}-{digest}.safetensors"
    if not path.exists():
        exercises = load_chapter(chapter).exercises.values()
        expectations = [exercise.expectation(seed) for exercise in exercises]
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
