"""How fast a class is graded: stock `nbgrader autograde` against `autograder grade`, in one run.

Run on a machine that does nothing else: `python benchmarks/grading.py --students 24`.
Both get the same answers of one chapter. Stock nbgrader runs each notebook, with the check cells that
learners have, in a kernel of its own, one after the other; it is spared the damaged notebooks, which it
cannot grade, and with --spare the demonstrations too. `autograder grade` has the sandbox on, and writes the
feedback pages too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.course import ROOT, Course
from autograder.demo import mistaken, slips_of, with_solutions
from autograder.grading.classroom import Graded, Options, Writer, submitters
from autograder.grading.job import Job
from autograder.grading.pipeline import GradingRun
from autograder.grading.threads import Threads
from autograder.grading.workers import grade_all, prepare
from autograder.release import release
from dlarch.importer.assignment import DEMONSTRATION

SLEEP_S = 2.0
"""What a slow answer waits in each call."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chapter", default="04_backpropagation")
    parser.add_argument("--students", type=int, default=24)
    parser.add_argument("--class-size", type=int, default=5000, help="of the simulated class")
    parser.add_argument("--spare", action="store_true", help="stock nbgrader the demonstrations")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stock, ours = (Course(classroom=Path(folder) / name) for name in ("stock", "ours"))
        for course in (stock, ours):
            release(options.chapter, course)
        write_class(options.chapter, options.students, stock, ours, options.spare)
        compare(options.chapter, stock, ours)
        stages = show_stages(options.chapter, ours)
        simulate(options.chapter, ours, options.class_size, stages)


def write_class(chapter: str, students: int, stock: Course, ours: Course, spare: bool) -> None:
    """Write the same submissions for both; each differs by a comment, so that none is a copy."""
    released = nbformat.read(ours.notebooks / chapter / f"{chapter}.ipynb", as_version=4)
    source = nbformat.read(ours.source / chapter / f"{chapter}.ipynb", as_version=4)
    right = with_solutions(released, source)
    kinds = {
        "right": right,
        "wrong": mistaken(right, slips_of(chapter)),
        "slow": slow(right, slips_of(chapter)[0].function),
    }
    for number in range(students):
        student = f"student-{number:03d}"
        if number % 12 == 11:
            put(ours, student, chapter, "{ damaged")
            continue
        kind = ("right", "wrong", "right", "wrong", "wrong", "slow")[number % 6]
        notebook = nbformat.from_dict(kinds[kind])
        answer = next(cell for cell in notebook.cells if cell.id == slips_of(chapter)[0].function)
        answer.source += f"\n# {student}"
        put(ours, student, chapter, nbformat.writes(notebook))
        theirs = without_demonstrations(notebook) if spare else notebook
        put(stock, student, chapter, nbformat.writes(theirs))


def slow(notebook: NotebookNode, function: str) -> NotebookNode:
    """Let one right answer take its time."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.id == function:
            cell.source = f"import time\ntime.sleep({SLEEP_S})\n{cell.source}"
    return notebook


def without_demonstrations(notebook: NotebookNode) -> NotebookNode:
    """Tag demonstrations so that stock nbgrader skips them."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if DEMONSTRATION in cell.metadata.get("tags", []):
            cell.metadata.tags = ["skip-execution"]
    return notebook


def put(course: Course, student: str, chapter: str, text: str) -> None:
    place = course.submitted / student / chapter / f"{chapter}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def stock_settings(course: Course) -> str:
    """Give settings that name folders, and leave grading to nbgrader.

    The folders are below the classroom: nbgrader reads settings in its root too, and ours lie there.
    """
    return (
        f"c = get_config()\nc.CourseDirectory.root = {str(course.classroom)!r}\n"
        f"c.CourseDirectory.course_id = {course.id!r}\n"
        f"c.CourseDirectory.db_url = {course.gradebook_url!r}\nc.Execute.timeout = 300\n"
    )


def compare(chapter: str, stock: Course, ours: Course) -> None:
    """Time both commands and print their throughputs and the ratio."""
    shutil.copytree(stock.source / chapter, stock.classroom / "source" / chapter)
    (stock.classroom / "nbgrader_config.py").write_text(stock_settings(stock))
    stock_s = timed(["nbgrader", "autograde", chapter], stock, cwd=stock.classroom)
    ours_s = timed(["autograder", "grade", chapter], ours, cwd=ROOT)
    check_scores(chapter, stock, ours)
    stock_rate = 60 * len(submitters(chapter, stock)) / stock_s
    ours_rate = 60 * len(submitters(chapter, ours)) / ours_s
    print(f"stock nbgrader autograde   {stock_s:7.1f} s   {stock_rate:6.1f} submissions a minute")
    print(f"autograder grade           {ours_s:7.1f} s   {ours_rate:6.1f} submissions a minute")
    print(
        f"ratio {ours_rate / stock_rate:.1f} (sandbox on, feedback included, on {os.cpu_count()} cores)"
    )


def check_scores(chapter: str, stock: Course, ours: Course) -> None:
    """Refuse to compare runs that do not give the same scores."""
    scores = []
    for course in (stock, ours):
        with Gradebook(course.gradebook_url, course.id) as gradebook:
            found = gradebook.assignment_submissions(chapter)
            scores.append({item.student.id: item.score for item in found})
    differing = [student for student, score in scores[0].items() if scores[1].get(student) != score]
    if differing:
        raise RuntimeError(f"expected the same scores from both, got others for {differing}")


def timed(command: list[str], course: Course, cwd: Path) -> float:
    environment = {
        **os.environ,
        "AUTOGRADER_CLASSROOM": str(course.classroom),
        "OMP_NUM_THREADS": "1",
    }
    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{ran.stderr[-3000:]}")
    return time.monotonic() - started


def show_stages(chapter: str, course: Course) -> dict[str, float]:
    """Print what each stage costs, and how much two workers do more than one.

    Returns:
        Seconds a submission by stage.
    """
    run = GradingRun(chapter, course)
    started = time.monotonic()
    submissions = [run.submission(run.path_of(student)) for student in submitters(chapter, course)]
    stages = {"import": (time.monotonic() - started) / len(submissions)}
    jobs = {run.key(item): run.job(item) for item in submissions if not item.failure}
    rates = {workers: rate(run, jobs, workers, stages) for workers in (1, 2)}
    writer = Writer(run, Options())
    for student in submitters(chapter, course):
        run.store.forget(student)
        result = run.store.read(run.key(run.submission(run.path_of(student))))
        writer.write(Graded(student, result, reused=True))
    stages |= {name: seconds / len(submissions) for name, seconds in writer.seconds.items()}
    print("\nseconds a submission, by stage")
    for stage, seconds in stages.items():
        print(f"  {stage:<12} {seconds:8.4f}")
    efficiency = rates[2] / (2 * rates[1])
    print(f"efficiency from 1 to 2 workers {efficiency:.2f}")
    return stages


def rate(run: GradingRun, jobs: dict[str, Job], workers: int, stages: dict[str, float]) -> float:
    """Grade everything on warm workers; give submissions a second."""
    with Threads(workers) as threads:
        prepare(threads, next(iter(jobs.values())), run.private())
        references = run.references()
        list(grade_all(threads, dict(list(jobs.items())[:workers]), references))  # warm
        started = time.monotonic()
        found = [item for _, item in grade_all(threads, again(jobs), references)]
        elapsed = time.monotonic() - started
    for stage in ("fork", "cell", "kind", "run", "judge"):
        stages[stage] = mean(item.seconds.get(stage, 0.0) for item in found)
    return 2 * len(jobs) / elapsed


def again(jobs: dict[str, Job]) -> dict[str, Job]:
    """Give every job twice, under other keys, so that none is taken for another."""
    return {f"{key}-{number}": job for key, job in jobs.items() for number in range(2)}


def simulate(chapter: str, course: Course, students: int, stages: dict[str, float]) -> None:
    """Send as many tasks as a large class has, each of the measured duration and size, and print the rest."""
    run = GradingRun(chapter, course)
    submissions = [run.submission(run.path_of(student)) for student in submitters(chapter, course)]
    jobs = [run.job(item) for item in submissions if not item.failure]
    seconds = sum(stages[stage] for stage in ("fork", "cell", "kind", "run", "judge"))
    from distributed import Client, LocalCluster, as_completed

    slots = 128
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=slots // 2, dashboard_address=":0", memory_limit=0
        ) as cluster,
        Client(cluster) as client,
    ):
        (scattered,) = client.scatter([run.references()], broadcast=True)
        started = time.monotonic()
        futures = [
            client.submit(
                pretend, replace(jobs[i % len(jobs)]), scattered, seconds, key=f"task-{i}"
            )
            for i in range(students)
        ]
        for future in as_completed(futures):
            future.release()
        elapsed = time.monotonic() - started
    ideal = seconds * students / slots
    print(
        f"\n{students} submissions of {seconds:.3f} s on {slots} slots: {elapsed:.1f} s, "
        f"{ideal:.1f} s without a scheduler; it adds {1000 * (elapsed - ideal) / students:.2f} ms each"
    )


def pretend(job: Job, references: bytes, seconds: float) -> int:
    time.sleep(seconds)
    return len(job.cells) + len(references)


if __name__ == "__main__":
    main()
