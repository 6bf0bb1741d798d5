"""From a submission to its result: import, look it up, else have it graded."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from autograder import sources
from autograder.course import Course
from autograder.expectations import digests, versions
from autograder.grading.assignment import Assignment, read_assignment
from autograder.grading.checker import grade as grade_job
from autograder.grading.job import Findings, Job
from autograder.grading.names import UnreadableError, defined_in
from autograder.grading.reading import content_digest, read_submission
from autograder.grading.references import read_references, references
from autograder.grading.sandbox import describe
from autograder.grading.selftest import private_places, refuse_leaks
from autograder.grading.settings import read_settings
from autograder.grading.verdicts import Result, VerdictStore, key_of
from autograder.grading.warm_processes import WarmProcesses
from dlarch.importer import Submission
from dlarch.importer.assignment import DEMONSTRATION, Cell
from dlarch.verdict import Verdict

INSIDE = ("worker", "examiner", "given", "frames", "isolation", "system_calls", "zygote")
"""Modules of `autograder.grading.sandboxed`, which are started by their paths."""
READER = "autograder.grading.transform"
"""Runs in the limited process, and decides which names an answer uses."""
APART = (
    "autograder.chapters",
    "autograder.course",
    "autograder.exercise",
    "dlarch.figures",
    "dlarch.plots",
    "dlarch.report",
)
"""Modules that decide no score, or whose part in it is in the exercises' digests."""

RUN = ("set-up", "answer", "shown", "written code")


@dataclass
class GradingRun:
    """One grading run of one chapter.

    Args:
        chapter: the chapter's stem.
        course: where its files are; the chapter is released.
        isolated: False grades without a sandbox.
        run_all: run the cells too that only show something, and those that the learner added.
        renew: draw new secret inputs.
    """

    chapter: str
    course: Course
    isolated: bool = True
    run_all: bool = False
    renew: bool = False
    store: VerdictStore = field(init=False)
    _last_read: tuple[tuple | None, Submission | None] = field(init=False, default=(None, None))

    def __post_init__(self) -> None:
        self.store = VerdictStore(self.chapter, self.course)
        settings = read_settings(self.course.classroom)
        self.limits, self.carry = settings.limits, settings.errors_carried_forward

    @cached_property
    def assignment(self) -> Assignment:
        """The master, as released."""
        return read_assignment(self.chapter, self.course)

    @cached_property
    def version(self) -> list:
        """Digests of the exercises, and of the other sources that decide a score."""
        inside = [f"autograder.grading.sandboxed.{name}" for name in INSIDE]
        imported = [name for name in self.assignment.preload() if name.startswith("dlarch")]
        files = sources.sources([__name__, READER, *inside, *imported], apart=APART)
        return [digests(self.chapter), sources.digest(files), versions()]

    @cached_property
    def salt(self) -> str:
        """The salt of what is graded now."""
        return self.store.salt(self.renew)

    @cached_property
    def seed(self) -> str:
        """The seed of the run's inputs."""
        return self.store.seed(self.salt)

    def path_of(self, student: str) -> Path:
        """Give the place where a learner's notebook should be; `submission` finds it elsewhere too."""
        return self.course.submitted / student / self.chapter / f"{self.chapter}.ipynb"

    def submission(self, path: Path) -> Submission:
        """Read a notebook; where a submission should be, whatever was submitted in its folder."""
        usual = f"{self.chapter}.ipynb"
        if path.parent.parent.parent != self.course.submitted or path.name != usual:
            return read_submission(path, self.assignment)
        content = content_digest(path.parent)
        if not content or (path, content) != self._last_read[0]:
            submission = read_submission(path.parent, self.assignment, in_folder=True)
            self._last_read = (path, content), submission
        return self._last_read[1]

    def key(self, submission: Submission) -> str:
        """Hash all that a result depends on, but the salt: unchanged work keeps its result."""
        return key_of(vars(submission), *self._depends_on)

    def handed_in(self, student: str) -> str:
        """Hash what a submission's result depends on before it is read; empty where it must be read."""
        content = content_digest(self.path_of(student).parent)
        return key_of(content, *self._depends_on) if content else ""

    @cached_property
    def _depends_on(self) -> list:
        return [
            self.chapter,
            self.assignment.digest,
            self.version,
            vars(self.limits),
            self.isolated,
            self.run_all,
            self.carry,
        ]

    def references(self) -> bytes:
        """Give inputs and expected outcomes, computed once."""
        return references(self.chapter, self.seed, self.course)

    def job(self, submission: Submission, explain: bool = False) -> Job:
        """Say what is to be done for one submission."""
        cells = tuple(self._cells(submission))
        run = [cell.source for cell in cells if cell.kind in RUN]
        elsewhere: set[str] = set()
        with suppress(UnreadableError):  # it serves a hint alone
            elsewhere = defined_in(source for _, source in submission.extra) - defined_in(run)
        return Job(
            self.chapter,
            cells,
            submission.answers,
            tuple(sorted(elsewhere)),
            self.assignment.preload(),
            self.limits,
            self.isolated,
            explain,
            self.carry,
        )

    def _cells(self, submission: Submission) -> Iterator[Cell]:
        """Give the master's cells that count, with the learner's answers in them."""
        for number, cell in enumerate(self.assignment.cells):
            if cell.kind == DEMONSTRATION and self.run_all:
                yield replace(cell, kind="shown")
            elif cell.kind in (*RUN, "check", "test"):
                yield replace(cell, source=submission.answers.get(cell.id, cell.source))
            if self.run_all:
                for source in (text for place, text in submission.extra if place == cell.id):
                    yield Cell(f"extra-{number}", "set-up", source)

    def result(self, submission: Submission, findings: Findings) -> Result:
        """Make what is kept of a graded submission, and keep it."""
        from autograder.kernels.backend import backend_name

        self._give_reasons(submission, findings.verdicts)
        result = Result(
            key=self.key(submission),
            chapter=self.chapter,
            verdicts=findings.verdicts,
            notes=submission.notes,
            displays=findings.displays,
            seconds={stage: round(value, 4) for stage, value in findings.seconds.items()},
            sandbox=describe(self.isolated),
            backend=backend_name(),
            salt=self.salt,
        )
        self.store.write(result)
        return result

    def _give_reasons(self, submission: Submission, verdicts: list[Verdict]) -> None:
        """Say of an answer that could not be used why, in place of "not written yet"."""
        exercises = {cell.id.removeprefix("test_"): cell.exercise for cell in self.assignment.cells}
        for verdict in verdicts:
            name = exercises.get(verdict.id, "")
            if verdict.status == "missing" and name in submission.reasons:
                verdict.message = f"{name}: {submission.reasons[name]}."

    def unreadable(self, submission: Submission) -> Result:
        """Give the result of a notebook that cannot be read: no points, and the reason."""
        verdicts = [
            Verdict(
                cell.id.removeprefix("test_"), 0.0, cell.points, "missing", f"{submission.failure}."
            )
            for cell in self.assignment.of("check", "test")
        ]
        result = Result(
            self.key(submission),
            self.chapter,
            verdicts,
            submission.failure,
            submission.notes,
            salt=self.salt,
        )
        self.store.write(result)
        return result

    def private(self) -> list[Path]:
        """List what must not be seen from inside the sandbox."""
        return private_places(self.course)


_current: ContextVar[GradingRun] = ContextVar("the grading run whose results are being written")


@contextmanager
def current(run: GradingRun) -> Iterator[None]:
    """Let nbgrader's steps work in a run that is there, which has read sources and assignment."""
    token = _current.set(run)
    try:
        yield
    finally:
        _current.reset(token)


def run_of(
    chapter: str, course: Course, isolated: bool = True, run_all: bool = False
) -> GradingRun:
    """Give the current run where it is of this kind, else a new one."""
    run = _current.get(None)
    kind = (chapter, course, isolated, run_all)
    if run is not None and (run.chapter, run.course, run.isolated, run.run_all) == kind:
        return run
    return GradingRun(*kind)


def result_of(run: GradingRun, path: Path, processes: WarmProcesses) -> Result:
    """Give the result of one submission: kept from before, or graded now on this machine.

    Args:
        run: the grading run.
        path: the submitted notebook.
        processes: where warm parents are had from.

    Raises:
        NoSandboxError: this machine cannot make the sandbox, or it leaks.
    """
    submission = run.submission(path)
    kept = run.store.read(run.key(submission))
    if kept is not None:
        return kept
    if submission.failure:
        return run.unreadable(submission)
    job = run.job(submission)
    if run.isolated:
        refuse_leaks(processes.sandbox(job.preload, True, True), run.private())
    return run.result(submission, grade_job(job, read_references(run.references()), processes))
