"""What an exercise is: plain declarations, a file for each, listed by their chapter.

    hidden_delta = Exercise("hidden_delta", signature="...", outputs=("delta",), points=2)

    @hidden_delta.case("tanh, N = 5")
    def _(random): return {"delta_next": random.normal(size=(5, 3)), ...}

    @hidden_delta.reference
    def _(delta_next, ...): ...

    @hidden_delta.mistake("derivative_at_target", "You took g′ at ...", section="...")
    def _(delta_next, ...): ...

    hidden_delta.slip("slope_dropped", "You left out ...", of="with_einsum", right=" * slope", wrong="")

    @hidden_delta.alternative
    def with_einsum(delta_next, ...): ...

    chapter = Chapter("04_backpropagation", (output_delta, hidden_delta, ...))

Nothing here knows notebooks, nbgrader, sandboxes or processes.
"""

import hashlib
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, InitVar, dataclass, field, replace
from itertools import combinations

import numpy as np

from autograder import sources
from autograder.forms import FORMS
from dlarch import drivers
from dlarch.checks_file import AS_GIVEN, Expectation, ExpectedCase, ExpectedMistake, Part
from dlarch.compare import Bound, Tolerance
from dlarch.plain import PlainData

MakeArguments = Callable[[np.random.Generator], dict[str, PlainData]]


@dataclass(frozen=True)
class Case:
    """Inputs of an exercise: a name and a function of a random generator."""

    name: str
    arguments: MakeArguments = field(repr=False)
    secret: bool = False
    """True for a case that grading alone uses, never the checks file."""
    raises: str | None = None
    """Name of the exception that a right answer raises here."""


@dataclass(frozen=True)
class Edit:
    """A slip in a right answer: what stands in it, and what a learner wrote instead."""

    of: str
    """The alternative that it is a slip in."""
    right: str
    wrong: str

    def apply(self, source: str) -> str:
        """Make the slip.

        Raises:
            ValueError: the right text does not stand in the source, or several times.
        """
        count = source.count(self.right)
        if count != 1:
            raise ValueError(f"expected {self.right!r} once in {self.of}, found it {count} times")
        return source.replace(self.right, self.wrong)


def apply_all(edits: Iterable[Edit], source: str) -> str:
    """Make several slips in one source, one after the other.

    Raises:
        ValueError: one of them does not fit.
    """
    for edit in edits:
        source = edit.apply(source)
    return source


@dataclass
class Mistake:
    """One misconception as executable wrong answers, one for each way in which learners spell it."""

    id: str
    message: str
    section: str
    spellings: list[Callable | Edit] = field(default_factory=list, repr=False)
    functions: list[Callable] = field(default_factory=list, repr=False)
    """The spellings, with edits applied."""

    @property
    def edits(self) -> list[Edit]:
        """The spellings that are edits."""
        return [spelling for spelling in self.spellings if isinstance(spelling, Edit)]


@dataclass(repr=False)
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
    form: str = "write"
    """What is asked of the learner: one of `autograder.forms.FORMS`."""
    gives: tuple[str, ...] = ()
    """Of the form `mend`: the slips, by id, in the function that the answer cell holds."""
    reveals: tuple[str, ...] = ()
    """Of the form `derive`: LaTeX that page and notebook have only where it is folded away."""
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
    diagnoses: tuple[Mistake, ...] = field(default=(), init=False)
    """The mistakes as a check names them; of a function to mend, no message says what was given."""
    reference_answer: Callable | None = None
    """The reference."""

    def __post_init__(self, points: float | None) -> None:
        if (points is None) == (not self.parts):
            raise ValueError(f"{self.name}: expected either points or parts, got both or neither")
        self.parts = self.parts or {"": Part(points)}

    def __repr__(self) -> str:
        return f"<exercise {self.chapter}/{self.name}>"

    @property
    def slug(self) -> str:
        """The chapter's name without its number."""
        return self.chapter.partition("_")[2]

    @property
    def driver_modules(self) -> tuple[str, str]:
        """The modules that both halves of the driver are in, if the second is there."""
        module = self.driver.rpartition(".")[0]
        return f"dlarch.drivers.{module}".rstrip("."), f"dlarch.facts.{module}".rstrip(".")

    def join(self, chapter: str) -> None:
        """Become an exercise of a chapter: complete now, it is validated.

        Raises:
            ValueError: the declaration contradicts itself or names what does not exist.
        """
        self.chapter = chapter
        self.section = self.section or f"{chapter}.html#{self.name.lower().replace('_', '-')}"
        self._validate()
        for mistake in self.mistakes:
            mistake.section = mistake.section or self.section
            mistake.functions = [
                self._edited(spelling) if isinstance(spelling, Edit) else spelling
                for spelling in mistake.spellings
            ]
        self.diagnoses = self._diagnoses()

    def _validate(self) -> None:
        public = {case.name for case in self.cases if not case.secret}
        problems = [
            f"{kind} {name!r} is there twice"
            for kind, names in (
                ("the case", [case.name for case in self.cases]),
                ("the output", self.outputs),
            )
            for name in {name for name in names if list(names).count(name) > 1}
        ]
        problems += self._problems_of_form()
        for name, part in self.parts.items():
            whole = f"the part {name!r}" if name else "the exercise"
            surplus = set(part.outputs) - set(self.outputs)
            problems += [f"{whole} counts {output!r}, which is no output" for output in surplus]
            surplus = set(part.cases) - {case.name for case in self.cases}
            problems += [f"{whole} counts the case {case!r}, which is none" for case in surplus]
            if not (public & set(part.cases) if part.cases else public):
                problems.append(f"{whole} has no public case")
        problems += [
            f"the bound of {name!r}, no output" for name in self.bounds.keys() - self.outputs
        ]
        problems += [
            f"the mistake {mistake.id!r} has no message and is not declared before"
            for mistake in self.mistakes
            if not mistake.message
        ]
        problems += [
            f"{text!r} is no section: expected PAGE.html#LABEL"
            for text in {
                self.section,
                *(mistake.section or self.section for mistake in self.mistakes),
            }
            if not all(text.partition(".html#"))
        ]
        if not sources.defines(self.driver_modules[0], self.driver.rpartition(".")[2]):
            problems.append(f"there is no driver {self.driver!r}")
        if self.reference_answer is None:
            problems.append("there is no reference")
        if problems:
            raise ValueError(f"{self.chapter}/{self.name}: {'; '.join(sorted(problems))}")

    def _problems_of_form(self) -> list[str]:
        if self.form not in FORMS:
            return [f"expected a form of {', '.join(FORMS)}, got {self.form!r}"]
        problems = []
        if (self.form == "mend") != bool(self.gives):
            problems.append("slips are given in the form 'mend', and in no other")
        if (self.form == "derive") != bool(self.reveals):
            problems.append("a formula is revealed in the form 'derive', and in no other")
        edits = {mistake.id: mistake.edits[0] for mistake in self.mistakes if mistake.edits}
        problems += [
            f"the slip {id!r} is given, and no mistake is an edit of that name"
            for id in self.gives
            if id not in edits
        ]
        if len({edits[id].of for id in self.gives if id in edits}) > 1:
            problems.append("the slips that are given are edits of several alternatives")
        return problems

    @property
    def given_edits(self) -> tuple[Edit, ...]:
        """The edits that make of a right answer the function to mend."""
        known = {mistake.id: mistake for mistake in self.mistakes}
        return tuple(known[id].edits[0] for id in self.gives)

    def _diagnoses(self) -> tuple[Mistake, ...]:
        if not self.gives:
            return tuple(self.mistakes)
        edits = self.given_edits
        whole = Mistake(
            AS_GIVEN, f"{self.name} is as it was given: which line is it?", self.section
        )
        whole.functions = [self._edited(*edits)]
        given = [mistake for mistake in self.mistakes if mistake.id in self.gives]
        others = [mistake for mistake in self.mistakes if mistake.id not in self.gives]
        alone = [function for mistake in given for function in mistake.functions]
        if len(edits) == 1:
            whole.functions += alone
            return (*others, whole)
        partly = Mistake(
            "partly_mended", "Not all of the slips that were given are mended yet.", self.section
        )
        some = (combinations(edits, number) for number in range(2, len(edits)))
        partly.functions = [*alone, *(self._edited(*few) for each in some for few in each)]
        return (*others, partly, whole)

    def edited(self, *edits: Edit) -> str:
        """Give the source of a right answer with slips in it, under the learner's name for it.

        Raises:
            ValueError: there is no such alternative, or an edit does not fit it.
        """
        of = edits[0].of
        if of not in self.alternatives:
            raise ValueError(f"{self.name} has no alternative {of!r} to edit")
        lines = textwrap.dedent(inspect.getsource(self.alternatives[of])).splitlines(True)
        start = next(i for i, line in enumerate(lines) if not line.startswith("@"))
        wrong = apply_all(edits, "".join(lines[start:]))
        return wrong.replace(f" {of}", f" {self.name}", 1)

    def _edited(self, *edits: Edit) -> Callable:
        source, of = self.edited(*edits), edits[0].of
        slips = ", ".join(f"{edit.right!r} → {edit.wrong!r}" for edit in edits)
        name = f"<{self.chapter}/{self.name}: {of}, {slips}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        scope = dict(vars(inspect.getmodule(self.alternatives[of])))
        exec(compile(source, name, "exec"), scope)
        return scope[self.name]

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
        self.reference_answer = function
        return function

    def mistake(
        self, id: str, message: str = "", section: str = ""
    ) -> Callable[[Callable], Callable]:
        """Add a mistake; the decorated function is the wrong answer.

        Args:
            id: its name; one that is there already, without a message, gets another spelling.
            message: what was done and why it is wrong, never the answer.
            section: where the page explains it; empty for the exercise's section.

        Raises:
            ValueError: the id is there already, with a message of its own.
        """

        def add(function: Callable) -> Callable:
            self._add_spelling(id, message, section, function)
            return function

        return add

    def slip(
        self, id: str, message: str = "", section: str = "", *, of: str, right: str, wrong: str
    ) -> None:
        """Add a mistake that is an edit of a right answer.

        Args:
            id: as in `mistake`.
            message: as in `mistake`.
            section: as in `mistake`.
            of: the alternative that it is a slip in.
            right: what stands there once.
            wrong: what stands there instead.
        """
        self._add_spelling(id, message, section, Edit(of, right, wrong))

    def _add_spelling(self, id: str, message: str, section: str, spelling: Callable | Edit) -> None:
        known = next((mistake for mistake in self.mistakes if mistake.id == id), None)
        if known and (message or section):
            raise ValueError(
                f"{self.name}: the mistake {id!r} is there already; another spelling of it has no "
                "message of its own"
            )
        if not known:
            known = Mistake(id, message, section)
            self.mistakes.append(known)
        known.spellings.append(spelling)

    def alternative(self, function: Callable) -> Callable:
        """Add another right answer; its name says how it differs.

        Raises:
            ValueError: the name is there already.
        """
        if function.__name__ in self.alternatives:
            raise ValueError(f"{self.name}: the alternative {function.__name__} is there already")
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
            [
                ExpectedMistake(m.id, m.message, m.section, [[] for _ in m.functions])
                for m in self.diagnoses
            ],
        )
        for case in self._cases(secret):
            arguments = self.arguments(case, secret)
            expected = drivers.run(self.driver, self.reference_answer, arguments)
            if expected.error != case.raises:
                raise RuntimeError(
                    f"{self.chapter}/{self.name}, case {case.name!r}: expected the reference to raise "
                    f"{case.raises}, got {expected.error}: {expected.detail}"
                )
            if self.bounds and not expected.error:
                expected.value = {**expected.value, **self.bounds}
            cases.append(ExpectedCase(case.name, arguments, expected))
            for mistake, wrong in zip(self.diagnoses, mistakes, strict=True):
                for function, outcomes in zip(mistake.functions, wrong.spellings, strict=True):
                    outcomes.append(drivers.run(self.driver, function, arguments))
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
    """By name."""

    def __post_init__(self, listed: tuple[Exercise, ...]) -> None:
        self.exercises = {}
        for exercise in listed:
            if exercise.name in self.exercises:
                raise ValueError(f"{self.stem} lists {exercise.name} twice")
            unknown = set(exercise.uses) - self.exercises.keys()
            if unknown:
                raise ValueError(
                    f"{self.stem}/{exercise.name} uses {', '.join(sorted(unknown))}: expected exercises "
                    "that the chapter lists before it"
                )
            exercise.join(self.stem)
            self.exercises[exercise.name] = exercise
