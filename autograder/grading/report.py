"""The instructor's report of one chapter: a page that needs nothing else, and the grades as CSV files."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.course import Course
from autograder.grading.classroom import attendance, submitters
from autograder.grading.export import (
    CanvasExportPlugin,
    MoodleExportPlugin,
    TotalsExportPlugin,
    final_score,
    submissions_of,
)
from autograder.grading.lateness import duration
from autograder.grading.roster import read_roster
from autograder.grading.sandbox import NO_FILTER, describe
from autograder.grading.similarity import Similar, similar_answers
from autograder.grading.verdicts import Result, VerdictStore, write_whole
from dlarch.verdict import STATUSES

MOST_BARS = 14
SLOWEST = 10


class NothingGradedError(Exception):
    """A report was asked for before anything was graded."""


@dataclass(frozen=True)
class LearnerRow:
    """One learner's line of the gradebook."""

    id: str
    name: str
    score: float
    """Before the late penalty."""
    penalty: float
    final: float
    waiting: bool
    """True when a written answer waits for a manual grade."""
    late: str = ""
    """How late it was handed in; empty when in time."""


@dataclass(frozen=True)
class Bar:
    """One bar of the distribution: scores from `start` to below `end`; the last one has its end too."""

    start: float
    end: float
    count: int


@dataclass(frozen=True)
class ExerciseRow:
    """How one check went, over all submissions that could be read."""

    id: str
    max_points: float
    mean_points: float
    """As the gradebook has them, manual scores in it."""
    statuses: Counter[str]
    unnamed: int
    """How many failed with no diagnosed mistake."""
    given: int = 0
    """How many passed given an earlier function right, where their own fails."""

    @property
    def count(self) -> int:
        """How many submissions were checked."""
        return self.statuses.total()

    @property
    def pass_rate(self) -> float:
        """The part of them that passed."""
        return self.statuses["pass"] / self.count


@dataclass(frozen=True)
class MistakeRow:
    """A diagnosed mistake and who made it."""

    check: str
    mistake: str
    message: str
    section: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """A written answer and whose wait for a manual grade."""

    cell: str
    max_points: float
    students: tuple[str, ...]


@dataclass(frozen=True)
class ClassReport:
    """All that the page shows of one chapter."""

    chapter: str
    made: datetime
    graded_at: datetime | None
    """When the gradebook last took over a result."""
    max_score: float
    learners: tuple[LearnerRow, ...]
    results: dict[str, Result]
    """The result of each learner whose submission could be read."""
    failed: dict[str, str]
    """Why a submission could not be graded, by learner."""
    exercises: tuple[ExerciseRow, ...]
    mistakes: tuple[MistakeRow, ...]
    """Most frequent first."""
    waiting: tuple[Waiting, ...]
    missing: tuple[str, ...] = ()
    """Who has not handed in."""
    unknown: tuple[str, ...] = ()
    """Who handed in and is not on the roster."""
    similar: tuple[Similar, ...] = ()
    """Pairs whose answers are alike beyond what is likely, most alike first."""

    @property
    def open(self) -> int:
        """How many learners wait for a manual grade."""
        return sum(learner.waiting for learner in self.learners)

    @property
    def submitted(self) -> int:
        """How many submissions there are."""
        return len(self.results) + len(self.failed)

    @property
    def without_sandbox(self) -> list[str]:
        """Whose code ran without a sandbox."""
        return [who for who, found in self.results.items() if found.sandbox == describe(False)]

    @property
    def without_filter(self) -> list[str]:
        """Whose code could make every system call."""
        return [who for who, found in self.results.items() if NO_FILTER in found.sandbox]

    @property
    def mean(self) -> float:
        """The mean final score."""
        return statistics.fmean(learner.final for learner in self.learners)

    @property
    def median(self) -> float:
        """The median final score."""
        return statistics.median(learner.final for learner in self.learners)

    @property
    def bars(self) -> list[Bar]:
        """The distribution of final scores; extra credit may go beyond the maximal score."""
        scores = [learner.final for learner in self.learners]
        most = max(self.max_score, *scores, 1.0)
        step = _nice_step(most / MOST_BARS)
        count = math.ceil(most / step)
        places = Counter(min(int(score / step), count - 1) for score in scores)
        return [Bar(step * i, step * (i + 1), places[i]) for i in range(count)]

    @property
    def slowest(self) -> list[tuple[str, float, list[tuple[str, float]]]]:
        """Learner, seconds and the seconds of each stage, of those that took longest."""
        lines = [
            (who, sum(found.seconds.values()), _largest_first(found.seconds))
            for who, found in self.results.items()
        ]
        return sorted(lines, key=lambda line: -line[1])[:SLOWEST]

    @property
    def failures(self) -> list[str]:
        """List the statuses that occur besides passed and failed."""
        found = {status for exercise in self.exercises for status in exercise.statuses}
        return [status for status in STATUSES if status in found - {"pass", "fail"}]

    @property
    def notes(self) -> dict[str, list[str]]:
        """What was odd about submissions, by learner."""
        return {who: found.notes for who, found in self.results.items() if found.notes}

    def distinct(self, name: str) -> list[str]:
        """List what a field of the results says, each once: sandbox, backend or salt."""
        found = Counter(getattr(result, name) for result in self.results.values())
        return [value for value, _ in found.most_common()]


def read_report(chapter: str, course: Course) -> ClassReport:
    """Collect what is known of one chapter: the gradebook's scores and the store's verdicts.

    Args:
        chapter: the chapter's stem.
        course: where its files are.

    Raises:
        NothingGradedError: the gradebook has no submission of the chapter.
    """
    store = VerdictStore(chapter, course)
    recorded = store.results()
    results = {who: found for who, found in recorded.items() if not found.failure}
    failed = {who: found.failure for who, found in recorded.items() if found.failure}
    for student in submitters(chapter, course):
        if student not in recorded:
            failed[student] = (
                f"not graded yet, or grading failed: run `autograder grade {chapter}` again"
            )
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            assignment = gradebook.find_assignment(chapter)
            submissions = submissions_of(gradebook, assignment)
        except MissingEntry:
            submissions = []
        if not submissions:
            raise NothingGradedError(
                f"nothing of {chapter} is graded yet: run `autograder grade {chapter}` first"
            )
        learners = tuple(_learner(submission) for submission in submissions)
        points, waiting = _cells(gradebook, assignment)
        max_score = assignment.max_score
    present = attendance(chapter, course)
    times = [path.stat().st_mtime for path in (store.folder / "students").glob("*.json")]
    return ClassReport(
        chapter=chapter,
        made=datetime.now().astimezone(),
        graded_at=datetime.fromtimestamp(max(times)).astimezone() if times else None,
        max_score=max_score,
        learners=learners,
        results=results,
        failed=dict(sorted(failed.items())),
        exercises=tuple(_exercises(results, points)),
        mistakes=tuple(_mistakes(results)),
        waiting=waiting,
        missing=present.missing,
        unknown=present.unknown,
        similar=tuple(similar_answers(chapter, course)),
    )


def render(report: ClassReport) -> str:
    """Give the report as one HTML page with no script and nothing from another place."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{round(value, 2):g}"
    template = environment.get_template("report.html.jinja")
    return template.render(report=report)


def write_report(
    chapter: str, course: Course, folder: Path | None = None, canvas_column: str = ""
) -> list[Path]:
    """Write the page and the CSV files of one chapter.

    Args:
        chapter: the chapter's stem.
        course: where its files are.
        folder: where to write; None for reports/<chapter> in the classroom.
        canvas_column: the chapter's heading in Canvas's export, `Name (id)`; empty for the stem.

    Returns:
        report.html, moodle.csv, canvas.csv.

    Raises:
        NothingGradedError: the gradebook has no submission of the chapter.
    """
    folder = folder or course.classroom / "reports" / chapter
    page = folder / "report.html"
    write_whole(page, render(read_report(chapter, course)).encode(), mode=0o600)
    moodle, canvas = folder / "moodle.csv", folder / "canvas.csv"
    columns = {chapter: canvas_column} if canvas_column else {}
    whom = {"assignment": [chapter], "learners": list(read_roster(course) or ())}
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        MoodleExportPlugin(to=str(moodle), **whom).export(gradebook)
        CanvasExportPlugin(to=str(canvas), columns=columns, **whom).export(gradebook)
    return [page, moodle, canvas]


def write_term(course: Course, folder: Path | None = None) -> list[Path]:
    """Write what learners have in all graded chapters together.

    Args:
        course: where its files are.
        folder: where to write; None for reports/term in the classroom.

    Returns:
        totals.csv, moodle.csv, canvas.csv.

    Raises:
        NothingGradedError: the gradebook has no submission.
    """
    folder = folder or course.classroom / "reports" / "term"
    totals, moodle, canvas = (folder / f"{name}.csv" for name in ("totals", "moodle", "canvas"))
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        graded = [item for item in gradebook.assignments if item.num_submissions]
        if not graded:
            raise NothingGradedError("no chapter is graded yet: run `autograder grade` first")
        names = [item.name for item in graded]
        whom = {"assignment": names, "learners": list(read_roster(course) or ())}
        for plugin, path in (
            (TotalsExportPlugin, totals),
            (MoodleExportPlugin, moodle),
            (CanvasExportPlugin, canvas),
        ):
            plugin(to=str(path), **whom).export(gradebook)
    return [totals, moodle, canvas]


def open_scores(course: Course) -> dict[str, int]:
    """Count, for each chapter where there are any, the learners who wait for a manual grade."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        counts = {
            item.name: sum(bool(one.needs_manual_grade) for one in submissions_of(gradebook, item))
            for item in gradebook.assignments
        }
    return {chapter: count for chapter, count in counts.items() if count}


def _learner(submission: SubmittedAssignment) -> LearnerRow:
    student = submission.student
    return LearnerRow(
        student.id,
        " ".join(filter(None, (student.first_name, student.last_name))),
        submission.score,
        submission.late_submission_penalty,
        final_score(submission),
        bool(submission.needs_manual_grade),
        duration(submission.total_seconds_late),
    )


def _cells(
    gradebook: Gradebook, assignment: Assignment
) -> tuple[dict[tuple[str, str], float], tuple[Waiting, ...]]:
    """Give the points by cell and learner, and the cells that wait for a manual grade."""
    grades = (
        gradebook.db.query(
            BaseCell.name, SubmittedAssignment.student_id, Grade.score, Grade.needs_manual_grade
        )
        .join(Grade, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
        .order_by(SubmittedAssignment.student_id)
        .all()
    )
    most = {
        cell.name: cell.max_score
        for notebook in assignment.notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    }
    waiting = defaultdict(list)
    for cell, student, _, waits in grades:
        if waits:
            waiting[cell].append(student)
    return (
        {(cell, student): score for cell, student, score, _ in grades},
        tuple(Waiting(cell, most[cell], tuple(who)) for cell, who in sorted(waiting.items())),
    )


def _exercises(
    results: dict[str, Result], points: dict[tuple[str, str], float]
) -> Iterable[ExerciseRow]:
    """Give what became of each check, in the notebook's order."""
    verdicts = defaultdict(dict)
    for student, result in results.items():
        for verdict in result.verdicts:
            verdicts[verdict.id][student] = verdict
    for check, found in verdicts.items():
        yield ExerciseRow(
            check,
            max(verdict.max_points for verdict in found.values()),
            statistics.fmean(points.get((f"test_{check}", student), 0.0) for student in found),
            Counter(verdict.status for verdict in found.values()),
            sum(verdict.status == "fail" and not verdict.mistake for verdict in found.values()),
            sum(verdict.status == "pass" and bool(verdict.given) for verdict in found.values()),
        )


def _mistakes(results: dict[str, Result]) -> list[MistakeRow]:
    found = defaultdict(list)
    for student, result in results.items():
        for item in result.verdicts:
            if item.mistake:
                found[item.id, item.mistake, item.message, item.section].append(student)
    mistakes = [MistakeRow(*key, tuple(students)) for key, students in found.items()]
    return sorted(mistakes, key=lambda item: -len(item.students))


def _nice_step(least: float) -> float:
    """Give the smallest of 1, 2, 5, 10, 20, 50, … that is not below."""
    power = 10.0 ** max(0, math.floor(math.log10(least)))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def _largest_first(seconds: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda item: -item[1])
