"""Grade a class: what is known from before is reused, the rest is graded in parallel, one process writes."""

import hashlib
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SAWarning, SQLAlchemyError
from tqdm import tqdm

from autograder.course import Course
from autograder.grading import folders
from autograder.grading.folders import find_strange_name, printable
from autograder.grading.job import Findings, Job
from autograder.grading.lateness import Penalties, duration, read_moment
from autograder.grading.pipeline import GradingRun, current
from autograder.grading.roster import enrol, expected_learners, read_roster, suggestion
from autograder.grading.sandbox import describe
from autograder.grading.staging import stage
from autograder.grading.verdicts import Result
from autograder.grading.workers import STOPPED, Workers, grade_all, prepare
from autograder.release import build_for_grading
from dlarch.importer import Submission
from dlarch.verdict import Verdict

if TYPE_CHECKING:
    from nbgrader.api import SubmittedAssignment
    from nbgrader.apps import NbGraderAPI

Answer = TypeVar("Answer")
LOCKED_TRIES = 5


class UnknownLearnerError(ValueError):
    """A learner was named of whom there is no submission."""


class FeedbackHeldError(RuntimeError):
    """Feedback was asked for that is held back."""


@dataclass
class Grade:
    """What a learner has for one chapter."""

    student: str
    chapter: str
    score: float | None
    max_score: float
    needs_manual_grade: bool = False
    result: Result | None = None
    reused: bool = False
    """True when the work had been graded before."""
    failure: str = ""
    """Why the submission could not be graded, or not be read."""
    lateness: str = ""
    """How late it was and what that costs, or that its timestamp cannot be read."""

    @property
    def verdicts(self) -> list[Verdict]:
        """One for each check."""
        return self.result.verdicts if self.result else []

    @property
    def mistakes(self) -> list[str]:
        """Diagnosed mistakes, `<check>: <mistake>`."""
        return [f"{v.id}: {v.mistake}" for v in self.verdicts if v.mistake]


@dataclass(frozen=True)
class Graded:
    """What came of one submission, to be written into the gradebook."""

    student: str
    result: Result | None
    reused: bool = False
    """True when the work had been graded before."""
    failure: str = ""
    """Why there is no result, or why the notebook could not be read."""
    handed_in: str = ""
    """A digest of what was read."""


@dataclass(frozen=True)
class Options:
    """How a class is graded."""

    force: bool = False
    """Grade again what is known, with new secret inputs when it is the whole class."""
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    scheduler: str = ""
    """Address of a Dask scheduler; empty for threads of this machine."""
    isolated: bool = True
    run_all: bool = False
    hold: bool = False
    """Write no feedback from now on, until it is released."""


def grade(
    chapter: str,
    course: Course,
    students: list[str],
    options: Options | None = None,
    given: Workers | None = None,
) -> list[Grade]:
    """Grade submissions of one chapter, write the gradebook and the feedback.

    Args:
        chapter: the chapter's stem.
        course: where its files are.
        students: whose; empty for everybody who submitted.
        options: how.
        given: workers that are there already; without them some are made where there is work for them.

    Returns:
        A grade for each, in the order of their names; whatever a submission does, it stops no other.

    Raises:
        UnknownLearnerError: there is no submission of somebody who is named; then nothing was graded.
        NoSandboxError: no sandbox can be made here, or it leaks; then nothing was graded.
    """
    options = options or Options()
    refuse_unknown(chapter, course, students)
    build_for_grading(chapter, course)
    course.prepare_nbgrader()
    run = GradingRun(
        chapter, course, options.isolated, options.run_all, options.force and not students
    )
    if options.hold:
        run.store.hold()
    students = sorted(students) or submitters(chapter, course)
    grades: dict[str, Grade] = {}
    with (
        closing(Writer(run, options)) as writer,
        tqdm(total=len(students), desc=chapter, unit="submission") as progress,
    ):
        for graded in _results(run, students, options, given):
            grades[graded.student] = writer.write(graded)
            progress.update()
    return [grades[student] for student in students]


def _results(
    run: GradingRun, students: list[str], options: Options, given: Workers | None
) -> Iterator[Graded]:
    """Give what is known from before first, the rest as it is graded."""
    waiting: dict[str, list[str]] = {}
    submissions: dict[str, Submission] = {}
    handed_in: dict[str, str] = {}
    jobs: dict[str, Job] = {}
    for student in students:
        try:
            handed_in[student] = "" if find_strange_name(student) else run.handed_in(student)
            known = _known(run, student, handed_in[student], options)
            if isinstance(known, Submission):
                key = run.key(known)
                jobs[key] = jobs.get(key) or run.job(known)
        except Exception as error:  # whatever one submission does, it stops no other
            yield _stopped(student, f"{type(error).__name__}: {error}")
            continue
        if isinstance(known, Graded):
            yield replace(known, handed_in=handed_in[student])
        else:
            submissions[key] = known
            waiting.setdefault(key, []).append(student)
    if not jobs:
        return
    for key, findings in _findings(run, jobs, options, given):
        for student in waiting[key]:
            if isinstance(findings, str):
                yield Graded(student, None, failure=findings)
                continue
            try:
                result = run.result(submissions[key], findings)
                yield Graded(student, result, handed_in=handed_in[student])
            except OSError as error:
                yield _stopped(student, str(error))


def _stopped(student: str, reason: str) -> Graded:
    return Graded(student, None, failure=f"{STOPPED}: {reason}")


def _known(run: GradingRun, student: str, handed_in: str, options: Options) -> Graded | Submission:
    """Give what is known of a learner's work without grading it, or the submission that is to be graded."""
    strange = find_strange_name(student)
    if strange:
        return _stopped(student, strange)
    recorded = run.store.recorded(student)
    if handed_in and recorded.get("handed_in") == handed_in and not options.force:
        kept = run.store.read(recorded["key"])
        if kept is not None:
            return Graded(student, kept, True, kept.failure)
    submission = run.submission(run.path_of(student))
    kept = None if options.force else run.store.read(run.key(submission))
    if kept is not None:
        return Graded(student, kept, True, kept.failure)
    if submission.failure:
        return Graded(student, run.unreadable(submission), failure=submission.failure)
    return submission


def _findings(
    run: GradingRun, jobs: dict[str, Job], options: Options, given: Workers | None
) -> Iterator[tuple[str, Findings | str]]:
    made = nullcontext(given) if given else _workers(min(options.workers, len(jobs)), options)
    with ThreadPoolExecutor(1) as meanwhile, made as workers:
        references = meanwhile.submit(run.references)
        prepare(workers, next(iter(jobs.values())), run.private())
        yield from grade_all(workers, jobs, references.result())


def _workers(number: int, options: Options) -> AbstractContextManager[Workers]:
    """Make what there is work for; imported only then."""
    if options.scheduler:
        from autograder.grading.cluster import open_cluster

        return open_cluster(options.scheduler)
    from autograder.grading.threads import Threads

    return Threads(number)


class Writer:
    """The one place that writes gradebook, autograded notebooks and feedback: through nbgrader."""

    def __init__(self, run: GradingRun, options: Options) -> None:
        from nbgrader.api import Gradebook

        from autograder.grading.pages import look

        self.run, self.options, self.look = run, options, look()
        self.seconds = {"gradebook": 0.0, "feedback": 0.0}
        self.gradebook = _patiently(lambda: Gradebook(run.course.gradebook_url, run.course.id))
        _patiently(lambda: enrol(run.course, self.gradebook))
        self.config = run.course.grading_config(options.isolated, options.run_all)
        self.penalties = Penalties(config=self.config)

    @cached_property
    def api(self) -> "NbGraderAPI":
        """Nbgrader's steps, imported when there is something to write."""
        from nbgrader.apps import NbGraderAPI

        from autograder.grading.rebuilding import Folders

        return NbGraderAPI(coursedir=Folders(config=self.config), config=self.config)

    def close(self) -> None:
        """Close the gradebook."""
        self.gradebook.close()

    def write(self, graded: Graded) -> Grade:
        """Write one learner's result, unless the gradebook has it; a locked gradebook is waited for.

        Returns:
            The grade as the gradebook has it now, with the reason where it could not be written.
        """
        if find_strange_name(graded.student):
            name = printable(graded.student)
            return Grade(name, self.run.chapter, None, 0.0, failure=graded.failure)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's, which nobody here can mend
                return _patiently(lambda: self._write(graded))
        except (OSError, SQLAlchemyError) as error:
            reason = f"the gradebook could not be written: {str(error).splitlines()[0]}"
            return self._ungraded(replace(graded, failure=reason))
        finally:
            self.gradebook.db.rollback()  # no lock is held between learners

    def _write(self, graded: Graded) -> Grade:
        run, student, result = self.run, graded.student, graded.result
        if result is None:
            return self._grade(graded)
        if not self._is_recorded(student, result):
            run.store.forget(student)
            self._page(student).unlink(missing_ok=True)
            self._autograde(student)
            self.gradebook.db.rollback()  # what autograde wrote is read anew
        recorded = run.store.recorded(student)
        if recorded.get("handed_in") != graded.handed_in:
            run.store.record(student, **{**recorded, "handed_in": graded.handed_in})
        self._penalise(student)
        if not run.store.is_held:
            self.write_feedback(student)
        return self._grade(graded)

    def write_feedback(self, student: str) -> bool:
        """Bring a learner's page in line with the gradebook, and say whether it changed."""
        page = self._page(student)
        digest, recorded = self._page_digest(student), self.run.store.recorded(student)
        if page.exists() and recorded.get("shown") == digest:
            return False
        self._step("feedback", self.api.generate_feedback, student)
        if recorded:
            self.run.store.record(student, **{**recorded, "shown": digest})
        return True

    def _page(self, student: str) -> Path:
        return self.run.course.feedback / student / self.run.chapter / f"{self.run.chapter}.html"

    def _is_recorded(self, student: str, result: Result) -> bool:
        """Say whether the gradebook has this result, from the submission as it is now."""
        recorded = self.run.store.recorded(student)
        moment = read_moment(self.run.path_of(student).parent)
        return (
            recorded.get("key") == result.key
            and recorded.get("timestamp") == moment.text
            and recorded.get("look") == self.look
            and self._submission(student) is not None
        )

    def _penalise(self, student: str) -> None:
        """Bring the late penalty up to date: a date, a setting or a score may have moved."""
        self.penalties.assign(self._submission(student))
        self.gradebook.db.commit()

    def _page_digest(self, student: str) -> str:
        """Digest what a feedback page shows of the gradebook."""
        from nbgrader.api import BaseCell, Comment, Grade

        (notebook,) = self._submission(student).notebooks
        parts: list = [notebook.late_submission_penalty]
        for kind, columns in (
            (Grade, (Grade.score, Grade.needs_manual_grade)),
            (Comment, (Comment.comment,)),
        ):
            rows = (
                self.gradebook.db.query(BaseCell.name, *columns)
                .join(kind, kind.cell_id == BaseCell.id)
                .filter(kind.notebook_id == notebook.id)
            )
            parts += sorted(map(repr, rows))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _step(self, name: str, step: object, student: str) -> None:
        """Run one of nbgrader's steps.

        Raises:
            OSError: it failed, with the last line of its log.
        """
        started = time.monotonic()
        with current(self.run):
            outcome = step(self.run.chapter, student, force=True)
        self.seconds[name] += time.monotonic() - started
        if not outcome["success"]:
            log = f"{outcome['error'] or ''}\n{outcome['log'] or ''}".strip()
            locked = "database is locked; " if "database is locked" in log else ""
            raise OSError(f"{locked}{log.splitlines()[-1] if log else 'nbgrader gave no reason'}")

    def _autograde(self, student: str) -> None:
        """Let nbgrader write the gradebook; of the submission it gets nothing but when it came."""
        with TemporaryDirectory() as place:
            stage(self.run.path_of(student).parent, Path(place))
            folders = self.api.coursedir
            usual = folders.submitted_directory
            folders.submitted_directory = os.path.relpath(place, self.run.course.root)
            try:
                self._step("gradebook", self.api.autograde, student)
            finally:
                folders.submitted_directory = usual

    def _submission(self, student: str) -> "SubmittedAssignment | None":
        from nbgrader.api import MissingEntry

        try:
            return self.gradebook.find_submission(self.run.chapter, student)
        except MissingEntry:
            return None

    def _ungraded(self, graded: Graded, most: float = 0.0) -> Grade:
        """Give a grade without a score."""
        return Grade(
            graded.student, self.run.chapter, None, most, False,
            graded.result, graded.reused, graded.failure,
        )  # fmt: skip

    def _grade(self, graded: Graded) -> Grade:
        grade = self._ungraded(graded, self.gradebook.find_assignment(self.run.chapter).max_score)
        submission = self._submission(graded.student)
        if submission is not None:
            grade.score = submission.score
            grade.needs_manual_grade = submission.needs_manual_grade
            grade.lateness = _lateness(submission)
        moment = read_moment(self.run.path_of(graded.student).parent)
        grade.lateness = moment.problem or grade.lateness
        return grade


def _patiently(action: Callable[[], Answer]) -> Answer:
    """Do something with the gradebook; while another program has it locked, try again."""
    for attempt in range(LOCKED_TRIES):
        try:
            return action()
        except (OSError, SQLAlchemyError) as error:
            if "locked" not in str(error):
                raise
            time.sleep(2**attempt)
    return action()


def write_feedback(chapter: str, course: Course, release_held: bool = False) -> list[str]:
    """Write the feedback of a chapter that is not as the gradebook is now.

    Args:
        chapter: the chapter's stem.
        course: where its files are.
        release_held: end the holding back.

    Returns:
        Whose page changed.

    Raises:
        FeedbackHeldError: it is held back.
    """
    course.prepare_nbgrader()
    run = GradingRun(chapter, course)
    if release_held:
        run.store.release()
    if run.store.is_held:
        raise FeedbackHeldError(
            f"the feedback of {chapter} is held back: `autograder feedback {chapter} --release`"
        )
    with closing(Writer(run, Options())) as writer:
        autograded = (course.classroom / "autograded").glob(f"*/{chapter}/{chapter}.ipynb")
        students = sorted(path.parent.parent.name for path in autograded)
        return [student for student in students if writer.write_feedback(student)]


def submitters(chapter: str, course: Course) -> list[str]:
    """List who submitted a chapter."""
    return folders.submitters(course.submitted, chapter)


def refuse_unknown(chapter: str, course: Course, students: list[str]) -> None:
    """Refuse to go on with learners who did not submit.

    Raises:
        UnknownLearnerError: with their ids, and what may have been meant.
    """
    known = submitters(chapter, course)
    unknown = [suggestion(student, known) for student in students if student not in known]
    if unknown:
        raise UnknownLearnerError(
            f"expected learners with a submission in {course.submitted}/<learner>/{chapter}, "
            f"got {', '.join(unknown)}"
        )


@dataclass(frozen=True)
class Attendance:
    """Whose work of a chapter is there, and whose is not."""

    missing: tuple[str, ...]
    """Who has not handed in."""
    unknown: tuple[str, ...]
    """Who handed in and is not on the roster, with whom may be meant."""


def attendance(chapter: str, course: Course) -> Attendance:
    """Compare submissions with the roster, or with whom the gradebook knows where there is none."""
    from nbgrader.api import Gradebook

    there = submitters(chapter, course)
    course.prepare_nbgrader()

    def read() -> set[str]:
        with Gradebook(course.gradebook_url, course.id) as gradebook:
            return expected_learners(course, gradebook)

    expected = _patiently(read)
    unknown = set(there) - expected if read_roster(course) is not None else set()
    absent = sorted(expected - set(there))
    return Attendance(tuple(absent), tuple(suggestion(who, absent) for who in sorted(unknown)))


def _lateness(submission: "SubmittedAssignment") -> str:
    if submission.total_seconds_late <= 0:
        return ""
    penalty = submission.late_submission_penalty
    cost = f"{penalty:g} points come off" if penalty else "nothing comes off"
    return f"{duration(submission.total_seconds_late)} late: {cost}"


def gradebook_table(grades: list[Grade]) -> str:
    """Show grades as a table of text, with each learner's diagnosed mistakes below the score."""
    width = max((len(grade.student) for grade in grades), default=0)
    width = max(width, len("learner"))
    lines = [f"{'learner':<{width}}  {'chapter':<20}  {'score':>11}  {'how':<7} notes"]
    for grade in sorted(grades, key=lambda grade: (grade.student, grade.chapter)):
        score = "—" if grade.score is None else f"{grade.score:g} / {grade.max_score:g}"
        how = "failed" if grade.failure else "reused" if grade.reused else "graded"
        notes = [grade.failure] if grade.failure else []
        notes += grade.result.notes if grade.result else []
        notes += [grade.lateness] if grade.lateness else []
        notes += ["written answers wait for you"] if grade.needs_manual_grade else []
        notes += grade.mistakes
        first, *more = notes or [""]
        lines.append(
            f"{grade.student:<{width}}  {grade.chapter:<20}  {score:>11}  {how:<7} {first}".rstrip()
        )
        lines += [" " * (width + 45) + note for note in more]
    return "\n".join(lines)


def summary(grades: list[Grade], elapsed_s: float, isolated: bool) -> str:
    """Say in two lines how a run went: how many, how fast, behind which walls."""
    failed = sum(bool(grade.failure) for grade in grades)
    reused = sum(grade.reused and not grade.failure for grade in grades)
    graded = len(grades) - failed - reused
    return (
        f"{graded} graded, {reused} reused, {failed} failed in {elapsed_s:.1f} s "
        f"({60 * len(grades) / elapsed_s:.0f} submissions a minute)\n{describe(isolated)}"
    )
