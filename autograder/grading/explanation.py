"""For the instructor alone: what a learner's functions got, gave, and should have given."""

from autograder.chapters import load_chapter
from autograder.course import Course
from autograder.grading.checker import grade
from autograder.grading.pipeline import GradingRun
from autograder.grading.references import read_references
from autograder.grading.roster import suggestion
from autograder.grading.warm_processes import WarmProcesses
from autograder.release import build_for_grading


def explain(
    chapter: str, student: str, course: Course, isolated: bool = True, exercise: str = ""
) -> str:
    """Grade one submission again on the inputs of its recorded result and show everything.

    Nothing is written.

    Args:
        chapter: the chapter's stem.
        student: whose submission.
        course: where its files are.
        isolated: False runs without a sandbox.
        exercise: show this one alone; empty for all.

    Raises:
        KeyError: the chapter has no such exercise.
    """
    known = load_chapter(chapter).exercises
    if exercise and exercise not in known:
        raise KeyError(f"{chapter} has no exercise {suggestion(exercise, known)}")
    build_for_grading(chapter, course)
    run = GradingRun(chapter, course, isolated)
    recorded = run.store.read(run.store.recorded(student).get("key", ""))
    run.salt = recorded.salt if recorded else run.salt
    submission = run.submission(run.path_of(student))
    lines = [f"{student}, {chapter}, salt {run.salt}"]
    if submission.failure:
        return "\n".join([*lines, submission.failure])
    processes = WarmProcesses()
    try:
        findings = grade(
            run.job(submission, explain=True), read_references(run.references()), processes
        )
    finally:
        processes.close()
    lines += submission.notes
    checks = [
        cell.id.removeprefix("test_")
        for cell in run.assignment.of("check", "test")
        if exercise in ("", cell.exercise)
    ]
    for verdict in (item for item in findings.verdicts if item.id in checks):
        lines.append(
            f"\n{verdict.id}: {verdict.status}, {verdict.points:g} of {verdict.max_points:g}"
            f"{f', mistake {verdict.mistake}' if verdict.mistake else ''}\n  {verdict.message}".rstrip()
        )
    for item in findings.explanations:
        if exercise not in ("", item["exercise"]):
            continue
        lines.append(f"\n{item['exercise']}, case: {item['case']}")
        lines += [f"  {name} = {value}" for name, value in item["inputs"].items()]
        lines += [f"  expected {item['expected']}", f"  actual   {item['actual']}"]
    return "\n".join(lines)
