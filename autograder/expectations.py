"""The expectations of a chapter, made anew only where something that they depend on has changed.

The digest of an exercise says what they depend on: its declaration as it is in the end (a default tolerance
counts as the number it is), and the sources it uses: its own file, what that imports, its driver, and the
few files that draw inputs, run functions and store results. Versions of NumPy, PyTorch and Triton are not in
it: between them, published outcomes agree within tolerance, which a test finds out on every machine, and
nobody's checks files change because another wheel was installed. Where grading draws secret inputs, they
count (`VERSIONS`), for NumPy may draw other numbers.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version

from autograder import sources
from autograder.chapters import load_chapter
from autograder.exercise import Exercise
from dlarch.checks_file import ChecksFile, Expectation

MACHINERY = ("autograder.exercise", "dlarch.checks_file", "dlarch.drivers", "dlarch.plain")
"""How inputs are drawn, functions run and results stored; only these files, not what they import."""
DECLARED = ("dlarch.compare",)
"""What comes from here stands in the declaration."""
VERSIONS = ("numpy", "torch", "triton")


def digest(exercise: Exercise) -> str:
    """Hash all that the expectations of an exercise depend on."""
    module = f"autograder.exercises.{exercise.slug}.{exercise.name.lower()}"
    used = sources.sources([module, *exercise.driver_modules], apart=(*MACHINERY, *DECLARED))
    machinery = sources.only(MACHINERY)
    return sources.digest(used | machinery, json.dumps(_declaration(exercise), sort_keys=True))


def digests(stem: str) -> dict[str, str]:
    """Give the digest of each exercise of a chapter."""
    return {name: digest(exercise) for name, exercise in load_chapter(stem).exercises.items()}


def expectations(stem: str, made: Iterable[ChecksFile], secret: str = "") -> list[Expectation]:
    """Give the expectations of a chapter's exercises.

    Args:
        stem: the chapter's stem.
        made: files with expectations from before; what is not stale is taken from them.
        secret: empty for the public cases, else the seed of a grading run.
    """
    from autograder.kernels.backend import backend_name

    current = []
    for name, exercise in load_chapter(stem).exercises.items():
        wanted = digest(exercise)
        known = next((file for file in made if file.digests.get(name) == wanted), None)
        if known:
            current.append(known.expectation(name))
        else:
            fresh = exercise.expectation(secret)
            current.append(replace(fresh, digest=wanted, backend=backend_name()))
    return current


def versions() -> list[str]:
    """Name the versions of what computes the references."""
    return [f"{name} {_version(name)}" for name in VERSIONS]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _declaration(exercise: Exercise) -> dict:
    return {
        "name": exercise.name,
        "chapter": exercise.chapter,
        "driver": exercise.driver,
        "outputs": exercise.outputs,
        "parts": {name: asdict(part) for name, part in exercise.parts.items()},
        "tolerance": asdict(exercise.tolerance),
        "bounds": {name: asdict(bound) for name, bound in exercise.bounds.items()},
        "uses": exercise.uses,
        "forbids": exercise.forbids,
        "section": exercise.section,
        "cases": [(case.name, case.secret, case.raises) for case in exercise.cases],
        "mistakes": [(m.id, m.message, m.section, len(m.functions)) for m in exercise.diagnoses],
    }
