"""The command line: `autograder release | pull | check | collect | grade | report | lab | …`."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from autograder.chapters import CHAPTERS
from autograder.course import Course
from autograder.forms import FORMS


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status: 0 done, 1 refused or failed, 2 unusable input."""
    options = _parser().parse_args(arguments)
    try:
        sys.exit(options.run(options, Course.here()))
    except Exception as error:
        from autograder.failures import explain

        line = explain(error)
        if line is None:
            raise
        sys.exit(_fail(line, 1))


def _release(options: argparse.Namespace, course: Course) -> int:
    from tqdm import tqdm

    from autograder.release import release

    changed: list[Path] = []
    with tqdm(options.chapters or CHAPTERS, desc="release", unit="chapter") as chapters:
        for chapter in chapters:
            changed += release(chapter, course)
    for path in changed:
        print(f"wrote {path.relative_to(course.root)}")
    if not changed:
        print("notebooks/ is up to date")
    return 0


def _cells(options: argparse.Namespace, course: Course) -> int:
    from autograder.cells import cells_of

    try:
        print(cells_of(options.chapter, options.function))
    except KeyError:
        return _fail(f"{options.chapter} has no exercise {options.function!r}", 2)
    return 0


def _new(options: argparse.Namespace, course: Course) -> int:
    from autograder.skeletons import NotNewError, new_chapter, new_exercise

    try:
        if options.what == "chapter":
            made = new_chapter(options.name, course)
        elif options.name in CHAPTERS and options.signature:
            made = new_exercise(options.name, options.signature, course, options.form)
        else:
            return _fail("expected `new exercise CHAPTER 'name(x: (N, D)) -> y: (N,)'`", 2)
    except NotNewError as error:
        return _fail(str(error), 2)
    for path in made:
        print(f"wrote {path.relative_to(course.root)}")
    return 0


def _missing(options: argparse.Namespace, course: Course) -> int:
    from autograder.completeness import lacks

    found = lacks(course)
    for lack in found:
        print(lack)
    return 1 if found else 0


def _pull(options: argparse.Namespace, course: Course) -> int:
    from autograder.release import pull

    changed = pull(options.chapter, course)
    print(f"solutions/{options.chapter}.py {'changed' if changed else 'is up to date'}")
    return 0


def _check(options: argparse.Namespace, course: Course) -> int:
    from autograder.grading.notebook import UnusableInputError, check_in_sandbox, check_notebook
    from autograder.grading.sandbox import NoSandboxError

    try:
        if options.sandbox:
            result = check_in_sandbox(options.notebook, course)
        else:
            result = check_notebook(options.notebook, course, options.timeout)
    except UnusableInputError as error:
        return _fail(str(error), 2)
    except NoSandboxError as error:
        return _fail(str(error), 1)
    if options.json:
        print(json.dumps(result, indent=2, ensure_ascii=False))
        return 0
    for note in result["notes"]:
        print(f"note: {note}")
    for check in result["checks"]:
        points = f"{check['points']:g}/{check['max_points']:g}"
        print(f"{check['id']:<36} {points:>7}  {check['status']:<8} {check['message']}".rstrip())
    print(
        f"{result['score']:g} of {result['max_score']:g} points (checks from {result['backend']})"
    )
    if not options.sandbox:
        print("It ran with all rights of your account; work of others: --sandbox", file=sys.stderr)
    return 0


def _grade(options: argparse.Namespace, course: Course) -> int:
    from autograder.grading.classroom import (
        Options,
        UnknownLearnerError,
        attendance,
        grade,
        gradebook_table,
        refuse_unknown,
        summary,
    )
    from autograder.grading.roster import RosterError
    from autograder.grading.sandbox import NoSandboxError
    from autograder.grading.verdicts import VerdictStore

    chapters = CHAPTERS if options.all else tuple(options.chapters)
    if not chapters:
        return _fail("expected chapters, or --all", 2)
    how = Options(
        options.force,
        options.workers,
        options.scheduler,
        options.sandbox,
        options.run_all,
        options.hold,
    )
    try:
        for chapter in chapters:
            refuse_unknown(chapter, course, options.student)
        if options.explain is not None:
            return _explain(options, course, chapters)
        for chapter in chapters:
            present = attendance(chapter, course)
            if present.unknown:
                print(f"{chapter}: not on the roster: {', '.join(present.unknown)}")
            started = time.monotonic()
            grades = grade(chapter, course, options.student, how)
            print(gradebook_table(grades))
            print(summary(grades, time.monotonic() - started, options.sandbox))
            if present.missing and not options.student:
                print(f"Not handed in: {', '.join(present.missing)}")
            if VerdictStore(chapter, course).is_held:
                print(f"Feedback waits for `autograder feedback {chapter} --release`")
            else:
                print(f"Feedback: {course.feedback}/<learner>/{chapter}/{chapter}.html")
            _name_misplaced(chapter, course)
    except NoSandboxError as error:
        return _fail(str(error), 1)
    except (UnknownLearnerError, RosterError) as error:
        return _fail(str(error), 2)
    return 0


def _explain(options: argparse.Namespace, course: Course, chapters: tuple[str, ...]) -> int:
    from autograder.grading.explanation import explain

    if not options.student:
        return _fail("--explain needs --student ID", 2)
    for chapter in chapters:
        for student in options.student:
            try:
                print(explain(chapter, student, course, options.sandbox, options.explain))
            except KeyError as error:
                return _fail(error.args[0], 2)
    return 0


def _regrade(options: argparse.Namespace, course: Course) -> int:
    from autograder.grading.classroom import gradebook_table
    from autograder.grading.regrading import regrade
    from autograder.grading.sandbox import NoSandboxError

    try:
        grades = regrade(options.chapter, course, options.exercise, options.grant_all)
    except KeyError as error:
        return _fail(error.args[0], 2)
    except NoSandboxError as error:
        return _fail(str(error), 1)
    print(gradebook_table(grades) if grades else f"everybody passed {options.exercise}")
    return 0


def _feedback(options: argparse.Namespace, course: Course) -> int:
    from autograder.grading.classroom import FeedbackHeldError, write_feedback

    try:
        changed = write_feedback(options.chapter, course, options.release)
    except FeedbackHeldError as error:
        return _fail(str(error), 1)
    print(f"{len(changed)} pages written: {', '.join(changed) or 'all were up to date'}")
    return 0


def _collect(options: argparse.Namespace, course: Course) -> int:
    from autograder.grading.collect import DownloadError, collect
    from autograder.grading.roster import RosterError

    try:
        found = collect(options.download, options.chapter, course, options.replace)
    except (DownloadError, RosterError) as error:
        return _fail(str(error), 2)
    print(f"{len(found.learners)} collected: {', '.join(found.learners) or 'nobody'}")
    if found.kept:
        print(f"Handed in again, the earlier one stays without --replace: {', '.join(found.kept)}")
    if found.unknown:
        print(f"Nobody's on the roster: {', '.join(map(ascii, found.unknown))}")
    return 0


def _report(options: argparse.Namespace, course: Course) -> int:
    from autograder.grading.report import (
        NothingGradedError,
        open_scores,
        write_report,
        write_term,
    )
    from autograder.grading.roster import RosterError

    if (options.chapter is None) != options.term:
        return _fail("expected a chapter, or --term", 2)
    try:
        if options.term:
            paths = write_term(course, options.output)
        else:
            paths = write_report(options.chapter, course, options.output, options.canvas_column)
    except NothingGradedError as error:
        return _fail(str(error), 1)
    except RosterError as error:
        return _fail(str(error), 2)
    for path in paths:
        print(f"wrote {path}")
    for chapter, count in open_scores(course).items():
        if options.term or chapter == options.chapter:
            print(f"{chapter}: not final, {count} learners wait for a manual grade")
    if options.chapter:
        _name_misplaced(options.chapter, course)
    return 0


def _name_misplaced(chapter: str, course: Course) -> None:
    """Say what lies among the submissions and was not looked at."""
    from autograder.grading.place import misplaced

    for text in misplaced(course.submitted, chapter):
        print(f"not graded, {course.submitted}: {text}", file=sys.stderr)


def _lab(options: argparse.Namespace, course: Course) -> int:
    from autograder.learner import copy_release

    for path in copy_release(course):
        print(f"new in work/: {path.relative_to(course.root)}")
    return 0


def _student(options: argparse.Namespace, course: Course) -> int:
    from autograder.student import write_archive

    print(write_archive(course).relative_to(course.root))
    return 0


def _demo(options: argparse.Namespace, course: Course) -> int:
    from autograder.demo import run

    return run(course)


def _doctor(options: argparse.Namespace, course: Course) -> int:
    from autograder.doctor import examine

    findings = examine()
    for finding in findings:
        print(f"{'✓' if finding.fine else '✗'} {finding.part:<12} {finding.state}")
        if finding.remedy:
            print(f"  {'':<12} → {finding.remedy}")
    return 0 if all(finding.fine or not finding.needed for finding in findings) else 1


def _fail(message: str, status: int) -> int:
    print(f"autograder: {message}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: object, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        return sub

    release = command("release", _release, "masters and exercises → notebooks/")
    release.add_argument("chapters", nargs="*", metavar="CHAPTER", type=_chapter)
    cells = command("cells", _cells, "print the master's cells of a declared exercise")
    cells.add_argument("chapter", type=_chapter)
    cells.add_argument("function")
    new = command("new", _new, "skeletons: `new exercise CHAPTER SIGNATURE`, `new chapter STEM`")
    new.add_argument("what", choices=("exercise", "chapter"))
    new.add_argument("name", metavar="CHAPTER|STEM")
    new.add_argument("signature", nargs="?", default="")
    new.add_argument("--form", choices=FORMS, default="write", help="what the exercise asks")
    command("missing", _missing, "list what chapters lack, with file and remedy")
    pull = command("pull", _pull, "an edit of the built source notebook → its master")
    pull.add_argument("chapter", type=_chapter)
    check = command("check", _check, "run one notebook and print its score")
    check.add_argument("notebook", type=Path)
    check.add_argument("--json", action="store_true", help="print the result as JSON")
    check.add_argument("--sandbox", action="store_true", help="as a class is graded")
    check.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS", help="per cell")
    grade = command("grade", _grade, "grade classroom/submitted with nbgrader, write feedback")
    grade.add_argument("chapters", nargs="*", metavar="CHAPTER", type=_chapter)
    grade.add_argument("--all", action="store_true", help="every chapter")
    grade.add_argument("--student", nargs="+", default=[], metavar="ID")
    grade.add_argument("--force", action="store_true", help="grade again what is graded already")
    grade.add_argument("--hold", action="store_true", help="no feedback until it is released")
    grade.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N")
    grade.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster")
    grade.add_argument("--run-all", action="store_true", help="run demonstrations and added cells")
    grade.add_argument(
        "--explain", nargs="?", const="", metavar="EXERCISE", help="show inputs, results, reference"
    )
    grade.add_argument(
        "--no-sandbox", dest="sandbox", action="store_false", help="UNSAFE: trust the submissions"
    )
    regrade = command("regrade", _regrade, "one exercise again, for those who did not pass it")
    regrade.add_argument("chapter", type=_chapter)
    regrade.add_argument("--exercise", required=True, metavar="NAME")
    regrade.add_argument("--grant-all", action="store_true", help="its points for everybody")
    feedback = command("feedback", _feedback, "the gradebook as it is now → feedback pages")
    feedback.add_argument("chapter", type=_chapter)
    feedback.add_argument("--release", action="store_true", help="hold it back no longer")
    collect = command("collect", _collect, "a download of Moodle or Canvas → classroom/submitted")
    collect.add_argument("download", type=Path, metavar="FILE.zip")
    collect.add_argument("chapter", type=_chapter)
    collect.add_argument("--replace", action="store_true", help="a newer hand-in replaces an older")
    report = command("report", _report, "the instructor's page of a chapter, grades as CSV files")
    report.add_argument("chapter", type=_chapter, nargs="?")
    report.add_argument("--term", action="store_true", help="totals of all graded chapters")
    report.add_argument(
        "--output", type=Path, metavar="FOLDER", help="instead of classroom/reports/CHAPTER"
    )
    report.add_argument(
        "--canvas-column", default="", metavar="'NAME (ID)'", help="the chapter's column in Canvas"
    )
    command("lab", _lab, "copy released notebooks to work/, beside work that exists")
    command("student", _student, "write the archive that is handed to learners")
    command("demo", _demo, "release, a small class, its grades and feedback, the site")
    command("doctor", _doctor, "say what is installed and what to do about what is missing")
    return parser


def _chapter(stem: str) -> str:
    if stem not in CHAPTERS:
        raise argparse.ArgumentTypeError(
            f"no such chapter: expected one of {', '.join(CHAPTERS)}, got {stem!r}"
        )
    return stem
