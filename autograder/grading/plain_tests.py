"""Ordinary nbgrader test cells, written by an instructor as plain asserts.

The cell runs in a process of its own, in which the learner's functions are remote: calls and results pass
through here as plain data, so that it sees results and no objects of the learner's.
"""

import ast
import math
import time

from autograder.grading.job import Job
from autograder.grading.learner_process import Learner, NoAnswer, printable
from autograder.grading.limits import LimitExceededError
from autograder.grading.names import UnreadableError, defined_in
from autograder.grading.sandbox import Session
from autograder.grading.sandboxed.frames import DeadlineError, FrameError
from dlarch.importer.assignment import Cell
from dlarch.plain import PlainData
from dlarch.verdict import Verdict


def run_test(cell: Cell, job: Job, learner: Learner, deadline: float) -> Verdict:
    """Run one test cell.

    Args:
        cell: the test.
        job: the submission.
        learner: the learner's process.
        deadline: latest end, by time.monotonic().

    Returns:
        All points when nothing was raised, or the number that the cell's last line gave, as nbgrader
        does it; the message names the assertion's own text, never the test's source.
    """
    verdict = Verdict(cell.check, 0.0, cell.points, "fail")
    try:
        functions, data = _used(cell, learner)
        examiner = learner.sandbox.session(job.limits)
        try:
            result = _examine(examiner, cell, job, learner, functions, data, deadline)
        finally:
            examiner.end()
    except NoAnswer as no_answer:
        verdict.status, verdict.message = no_answer.status, f"The answer {no_answer.message}."
        return verdict
    if result["error"] is None:
        score = result["score"]
        if score is not None and not math.isfinite(score):
            verdict.message = f"The test gave {score} for its points, which is no number."
            return verdict
        verdict.points = cell.points if score is None else min(max(score, 0.0), cell.points)
        if math.isclose(verdict.points, cell.points):  # seven sevenths are a whole
            verdict.status, verdict.points = "pass", cell.points
    elif result["error"] == "AssertionError":
        verdict.message = printable(result["detail"]) or "A test of this cell did not pass."
    elif result["error"] == "NotImplementedError":
        verdict.status, verdict.message = "missing", "The answer is not written yet."
    else:
        told = filter(None, (result["error"], result["detail"]))
        verdict.status, verdict.message = "error", printable(": ".join(told))
    return verdict


def _used(cell: Cell, learner: Learner) -> tuple[list[str], dict[str, PlainData]]:
    """Find which of the learner's functions and values the test uses."""
    cells = [item for item in learner.job.cells if item.kind == "answer"]
    names = {
        node.id for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }  # fmt: skip
    functions, data = [], {}
    try:
        defined = defined_in(item.source for item in cells)
    except UnreadableError as error:
        raise NoAnswer("error", f"could not be read: {error}") from None
    for name in sorted(names & defined):
        kind = learner.ask("kind", learner.job.limits.call_s, name=name).get("kind")
        if not isinstance(kind, str):
            continue
        if kind == "function":
            functions.append(name)
        elif kind == "data":
            data[name] = learner.ask("value", learner.job.limits.call_s, name=name).get("value")
    return functions, data


def _examine(
    examiner: Session,
    cell: Cell,
    job: Job,
    learner: Learner,
    functions: list[str],
    data: dict[str, PlainData],
    deadline: float,
) -> dict[str, PlainData]:
    set_up = [item.source for item in job.cells if item.kind == "set-up"]
    answer = {"set_up": set_up, "source": cell.source, "functions": functions, "data": data}
    operation = "test"
    while True:
        try:
            left = min(job.limits.cell_s, deadline - time.monotonic())
            asked = examiner.ask(operation, left, **answer)
        except DeadlineError:
            learner.unlucky = True
            raise NoAnswer("timeout", "did not pass the test in time") from None
        except (FrameError, LimitExceededError) as error:
            learner.unlucky = True
            raise NoAnswer("crash", f"stopped the test: {error}") from None
        if "call" not in asked:
            return asked
        operation, answer = "answer", _call(learner, job, asked)


def _call(learner: Learner, job: Job, asked: dict[str, PlainData]) -> dict[str, PlainData]:
    try:
        return learner.ask(
            "call",
            job.limits.call_s,
            name=asked["call"],
            positional=asked["positional"],
            keyword=asked["keyword"],
        )
    except NoAnswer as no_answer:
        return {"value": None, "error": "RuntimeError", "detail": f"the answer {no_answer.message}"}
