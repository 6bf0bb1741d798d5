"""For the instructor alone: what a learner's functions got, gave, and should have given."""

from autograder.course import Course
from autograder.grading.checker import Workshop, grade
from autograder.grading.pipeline import Run
from autograder.grading.references import read_references
from autograder.release import build_for_grading


def explain(chapter: str, student: str, course: Course, isolated: bool = True) -> str:
    """Grade one submission again on the inputs of its recorded result and show everything.

    Nothing is written.

    Args:
        chapter: the chapter's stem.
        student: whose submission.
        course: where its files are.
        isolated: False runs without a sandbox.
    """
    build_for_grading(chapter, course)
    run = Run(chapter, course, isolated)
    recorded = run.store.read(run.store.recorded(student).get("key", ""))
    run.salt = recorded.salt if recorded else run.salt
    submission = run.submission(run.path_of(student))
    lines = [f"{student}, {chapter}, salt {run.salt}"]
    if submission.failure:
        return "\n".join([*lines, submission.failure])
    workshop = Workshop()
    try:
        found = grade(
            run.job(submission, explain=True), read_references(run.references()), workshop
        )
    finally:
        workshop.close()
    lines += submission.notes
    for verdict in found.verdicts:
        lines.append(
            f"\n{verdict.id}: {verdict.status}, {verdict.points:g} of {verdict.max_points:g}"
            f"{f', mistake {verdict.mistake}' if verdict.mistake else ''}\n  {verdict.message}".rstrip()
        )
    for item in found.explanations:
        lines.append(f"\n{item['exercise']}, case: {item['case']}")
        lines += [f"  {name} = {value}" for name, value in item["inputs"].items()]
        lines += [f"  expected {item['expected']}", f"  came     {item['came']}"]
    return "\n".join(lines)
