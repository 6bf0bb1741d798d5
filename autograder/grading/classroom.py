"""Grade a class with nbgrader, one submission at a time, and read the gradebook."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from sqlalchemy.exc import SAWarning
from tqdm import tqdm

from autograder.course import Course
from autograder.release import release
from dlarch.report import MIME_TYPE
from dlarch.verdict import Verdict

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI


@dataclass
class Grade:
    """What a learner has for one chapter."""

    student: str
    chapter: str
    score: float | None
    max_score: float
    needs_manual_grade: bool = False
    verdicts: list[Verdict] = field(default_factory=list)
    failure: str = ""
    """Why the submission could not be graded."""

    @property
    def mistakes(self) -> list[str]:
        """Diagnosed mistakes, `<check>: <mistake>`."""
        return [f"{v.id}: {v.mistake}" for v in self.verdicts if v.mistake]


def grade(chapter: str, course: Course, students: list[str], force: bool = False) -> list[Grade]:
    """Autograde submissions of one chapter and write their feedback.

    Args:
        chapter: the chapter's stem.
        course: where its files are.
        students: whose; empty for everybody who submitted.
        force: grade again what is graded already.

    Returns:
        A grade for each; a submission that cannot be graded has a reason in place of a score.
    """
    from nbgrader.apps import NbGraderAPI

    release(chapter, course)
    course.prepare_nbgrader()
    api = NbGraderAPI(config=course.nbgrader_config())
    failures: dict[str, str] = {}
    for student in tqdm(students or submitters(chapter, course), desc=chapter, unit="submission"):
        failure = find_damage(course.submitted / student / chapter / f"{chapter}.ipynb")
        if not failure:
            failure = _autograde(api, chapter, student, force)
        if failure:
            failures[student] = failure
    return [
        _grade_of(student, chapter, course, failures.get(student, ""))
        for student in students or submitters(chapter, course)
    ]


def find_damage(path: Path) -> str:
    """Say why nbgrader could not grade a submitted notebook; empty when it can."""
    if not path.is_file():
        return f"{path.name} is missing from the submission"
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        ids = [
            cell["metadata"]["nbgrader"]["grade_id"]
            for cell in notebook["cells"]
            if "grade_id" in cell["metadata"].get("nbgrader", {})
        ]
        twice = sorted({grade_id for grade_id in ids if ids.count(grade_id) > 1})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"{path.name} is damaged: it is not a whole notebook"
    return f"the cell {twice[0]} stands in the notebook more than once" if twice else ""


def _autograde(api: "NbGraderAPI", chapter: str, student: str, force: bool) -> str:
    """Autograde one submission and write its feedback; give the reason of a failure."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="nbgrader", category=SAWarning)
        for step in (api.autograde, api.generate_feedback):
            result = step(chapter, student, force=force)
            if not result["success"]:
                log = (result["error"] or result["log"] or "nbgrader gave no reason").strip()
                return log.splitlines()[-1]
    return ""


def submitters(chapter: str, course: Course) -> list[str]:
    """List who submitted a chapter."""
    return sorted(folder.parent.name for folder in course.submitted.glob(f"*/{chapter}"))


def _grade_of(student: str, chapter: str, course: Course, failure: str) -> Grade:
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(course.gradebook_url, "deep_learning_architectures") as gradebook:
        max_score = gradebook.find_assignment(chapter).max_score
        if failure:
            return Grade(student, chapter, None, max_score, failure=failure)
        try:
            submission = gradebook.find_submission(chapter, student)
        except MissingEntry:
            return Grade(student, chapter, None, max_score, failure="not graded yet")
        grade = Grade(student, chapter, submission.score, max_score, submission.needs_manual_grade)
    autograded = course.classroom / "autograded" / student / chapter / f"{chapter}.ipynb"
    grade.verdicts = list(read_verdicts(autograded))
    return grade


def read_verdicts(notebook: Path) -> Iterator[Verdict]:
    """Read the verdicts that the check cells of an executed notebook show."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        for output in cell.get("outputs", []):
            if MIME_TYPE in output.get("data", {}):
                yield Verdict.from_json(output["data"][MIME_TYPE])


def gradebook_table(grades: list[Grade]) -> str:
    """Show grades as a table of text, with each learner's diagnosed mistakes below the score."""
    width = max((len(grade.student) for grade in grades), default=7)
    lines = [f"{'learner':<{width}}  {'chapter':<20}  {'score':>11}  notes"]
    for grade in sorted(grades, key=lambda grade: (grade.student, grade.chapter)):
        score = "—" if grade.score is None else f"{grade.score:g} / {grade.max_score:g}"
        notes = [grade.failure] if grade.failure else []
        notes += ["written answers wait for you"] if grade.needs_manual_grade else []
        notes += grade.mistakes
        first, *more = notes or [""]
        lines.append(
            f"{grade.student:<{width}}  {grade.chapter:<20}  {score:>11}  {first}".rstrip()
        )
        lines += [" " * (width + 37) + note for note in more]
    return "\n".join(lines)
