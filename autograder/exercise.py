"""What an exercise is: plain declarations, a file for each, listed by their chapter.

    hidden_delta = Exercise("hidden_delta", signature="...", outputs=("delta",), points=2)

    @hidden_delta.case("tanh, N = 5")
    def _(random): return {"delta_next": random.normal(size=(5, 3)), ...}

    @hidden_delta.reference
    def _(delta_next, ...): ...

    @hidden_delta.mistake("derivative_at_target", "You took g′ at ...", section="...")
    def _(delta_next, ...): ...

    @hidden_delta.alternative
    def with_einsum(delta_next, ...): ...

    chapter = Chapter("04_backpropagation", (output_delta, hidden_delta, ...))

Nothing here knows notebooks, nbgrader, sandboxes or processes.
"""

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import KW_ONLY, InitVar, dataclass, field, replace
from pathlib import Path

import numpy as np

import dlarch
from dlarch import drivers
from dlarch.checks_file import Expectation, ExpectedCase, ExpectedMistake, Part
from dlarch.compare import Bound, Tolerance
from dlarch.plain import PlainData

CHAPTERS = (
    "00_start",
    "01_background",
    "02_neuron",
    "03_mlp",
    "04_backpropagation",
    "05_optimization",
    "06_regularization",
    "07_convolution",
    "14_vae",
    "15_gan",
)

MakeArguments = Callable[[np.random.Generator], dict[str, PlainData]]


@dataclass(frozen=True)
class Case:
    """Inputs of an exercise: a name and a function of a random generator."""

    name: str
    arguments: MakeArguments
    secret: bool = False
    """True for a case that grading alone uses, never the checks file."""
    raises: str | None = None
    """Name of the exception that a right answer raises here."""


@dataclass(frozen=True)
class Mistake:
    """One misconception as an executable wrong answer."""

    id: str
    message: str
    section: str
    function: Callable


@dataclass
class Exercise:
    """One function or class that a learner writes."""

    name: str
    _: KW_ONLY
    signature: str
    """Arguments and result with shapes and dtypes, as the task states them."""
    outputs: tuple[str, ...]
    points: InitVar[float | None] = None
    """What the exercise is worth as a whole, in place of parts."""
    parts: dict[str, Part] = field(default_factory=dict)
    driver: str = "call"
    tolerance: Tolerance = field(default_factory=Tolerance)
    uses: tuple[str, ...] = ()
    """Earlier functions of the learner's that the answer calls."""
    forbids: tuple[str, ...] = ()
    """Names that the answer may not use."""
    bounds: dict[str, Bound] = field(default_factory=dict)
    """Outputs that are judged by a bound in place of the reference's value."""
    section: str = ""
    """Where the page explains it; the chapter fills in the section of the exercise's own name."""
    chapter: str = field(default="", init=False)
    """Stem of the chapter that lists it."""
    cases: list[Case] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    alternatives: dict[str, Callable] = field(default_factory=dict)
    solve: Callable | None = None
    """The reference."""

    def __post_init__(self, points: float | None) -> None:
        if (points is None) == (not self.parts):
            raise ValueError(f"{self.name}: expected either points or parts, got both or neither")
        self.parts = self.parts or {"": Part(points)}

    def join(self, chapter: str) -> None:
        """Become an exercise of a chapter, whose page explains what has no section of its own."""
        self.chapter = chapter
        self.section = self.section or f"{chapter}.html#{self.name.lower().replace('_', '-')}"
        self.mistakes = [replace(m, section=m.section or self.section) for m in self.mistakes]

    def case(
        self, name: str, secret: bool = False, raises: str | None = None
    ) -> Callable[[MakeArguments], MakeArguments]:
        """Add a case; the decorated function gives the arguments for a random generator."""

        def add(arguments: MakeArguments) -> MakeArguments:
            self.cases.append(Case(name, arguments, secret, raises))
            return arguments

        return add

    def reference(self, function: Callable) -> Callable:
        """Set the reference, which calls the kernels."""
        self.solve = function
        return function

    def mistake(self, id: str, message: str, section: str = "") -> Callable[[Callable], Callable]:
        """Add a mistake; the decorated function is the wrong answer."""

        def add(function: Callable) -> Callable:
            self.mistakes.append(Mistake(id, message, section, function))
            return function

        return add

    def alternative(self, function: Callable) -> Callable:
        """Add another right answer; its name says how it differs."""
        self.alternatives[function.__name__] = function
        return function

    def arguments(self, case: Case, secret: str = "") -> dict[str, PlainData]:
        """Draw the arguments of a case.

        Args:
            case: one of this exercise's cases.
            secret: empty for the public inputs of the checks file, else what grading mixes in.
        """
        text = f"{self.chapter}/{self.name}/{case.name}/{secret}"
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
        return case.arguments(np.random.default_rng(seed))

    def _cases(self, secret: str) -> list[Case]:
        """List the cases; those of a grading run come in an order of its own, so that none is known by it."""
        if not secret:
            return [case for case in self.cases if not case.secret]
        seed = hashlib.sha256(f"{self.chapter}/{self.name}/{secret}".encode()).digest()[:8]
        order = np.random.default_rng(int.from_bytes(seed, "little")).permutation(len(self.cases))
        return [self.cases[index] for index in order]

    def _parts_of(self, cases: set[str]) -> dict[str, Part]:
        """Give the parts without the cases that are not there, whose names stay secret."""
        return {
            name: replace(part, cases=tuple(case for case in part.cases if case in cases))
            for name, part in self.parts.items()
        }

    def expectation(self, secret: str = "") -> Expectation:
        """Run reference and mistakes on every case.

        Args:
            secret: empty for the public cases, else the seed of a grading run, which adds secret cases.
        """
        import autograder.kernels.backend  # noqa: F401 (torch's optimisers load Triton: it goes first)

        cases, mistakes = (
            [],
            [ExpectedMistake(m.id, m.message, m.section, []) for m in self.mistakes],
        )
        for case in self._cases(secret):
            arguments = self.arguments(case, secret)
            expected = drivers.run(self.driver, self.solve, arguments)
            if expected.error != case.raises:
                raise RuntimeError(
                    f"{self.chapter}/{self.name}, case {case.name!r}: expected the reference to raise "
                    f"{case.raises}, got {expected.error}: {expected.detail}"
                )
            if self.bounds and not expected.error:
                expected.value = {**expected.value, **self.bounds}
            cases.append(ExpectedCase(case.name, arguments, expected))
            for mistake, wrong in zip(self.mistakes, mistakes, strict=True):
                wrong.outcomes.append(drivers.run(self.driver, mistake.function, arguments))
        return Expectation(
            self.name,
            self.driver,
            self.outputs,
            self._parts_of({case.name for case in cases}),
            self.tolerance,
            self.uses,
            self.forbids,
            self.section,
            cases,
            mistakes,
        )


@dataclass
class Chapter:
    """The exercises of one chapter, in the notebook's order."""

    stem: str
    """`NN_slug`, the same for page, master, notebook and assignment."""
    listed: InitVar[tuple[Exercise, ...]]
    exercises: dict[str, Exercise] = field(init=False)

    def __post_init__(self, listed: tuple[Exercise, ...]) -> None:
        self.exercises = {exercise.name: exercise for exercise in listed}
        for exercise in listed:
            exercise.join(self.stem)


def load_chapter(stem: str) -> Chapter:
    """Import the exercises of one chapter.

    Args:
        stem: the chapter's stem, `NN_slug`.

    Raises:
        ValueError: no such chapter.
    """
    if stem not in CHAPTERS:
        raise ValueError(f"expected a chapter ({', '.join(CHAPTERS)}), got {stem!r}")
    module = importlib.import_module(f"autograder.exercises.{stem.split('_', 1)[1]}")
    return module.chapter


def code_version(stem: str) -> str:
    """Digest all sources that a chapter's expectations are made from."""
    root = Path(__file__).parent
    learners = Path(dlarch.__file__).parent
    slug = stem.split("_", 1)[1]
    sources = [
        root / "exercise.py",
        root / "exercises" / "shared.py",
        *sorted((root / "exercises" / slug).glob("*.py")),
        *sorted((root / "kernels").glob("*.py")),
        *(learners / name for name in ("checks_file.py", "data.py", "models.py", "plain.py")),
        learners / "drivers" / "__init__.py",
        learners / "drivers" / f"{slug}.py",
        learners / "facts" / "losses.py",
        learners / "facts" / f"{slug}.py",
    ]
    digest = hashlib.sha256()
    for source in sources:
        if source.exists():
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
