"""One exercise again: for those who did not pass it, or its points for everybody."""

from dataclasses import replace

from autograder.course import Course
from autograder.grading.classroom import Grade, Options, grade, submitters
from autograder.grading.pipeline import GradingRun
from autograder.grading.roster import suggestion
from autograder.grading.workers import Workers
from autograder.release import build_for_grading


def regrade(
    chapter: str,
    course: Course,
    exercise: str,
    grant_all: bool = False,
    options: Options | None = None,
    given: Workers | None = None,
) -> list[Grade]:
    """Grade again those who did not pass an exercise, on the same inputs; or give its points to all.

    Args:
        chapter: the chapter's stem.
        course: where its files are.
        exercise: its name.
        grant_all: whoever submits has the points of its checks from now on, whatever the verdict.
        options: how.
        given: workers that are there already.

    Raises:
        KeyError: the chapter checks no such exercise.
    """
    options = options or Options()
    build_for_grading(chapter, course)
    run = GradingRun(chapter, course)
    checks = {cell.exercise: set() for cell in run.assignment.of("check")}
    for cell in run.assignment.of("check"):
        checks[cell.exercise].add(cell.check)
    if exercise not in checks:
        raise KeyError(f"{chapter} has no exercise {suggestion(exercise, checks)}")
    if grant_all:
        run.store.grant(exercise)
        for student in submitters(chapter, course):
            run.store.forget(student)
        return grade(chapter, course, [], options, given)
    students = [
        student
        for student, result in run.store.results().items()
        if any(v.id in checks[exercise] and v.status != "pass" for v in result.verdicts)
    ]
    here = sorted(set(students) & set(submitters(chapter, course)))
    return grade(chapter, course, here, replace(options, force=True), given) if here else []
