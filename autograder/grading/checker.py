"""The checker: asks a learner's process for results, compares them, and decides the score.

The learner's code runs in the sandbox alone; what it sends is plain data, and nothing else of it is
believed. A crash, a timeout or a lack of memory costs the exercise that was asked for; the next one is
asked of a new process. Such a verdict can be bad luck, so it counts when a second process confirms it.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from autograder.grading.carried import Loan, failing_uses
from autograder.grading.job import Findings, Job
from autograder.grading.learner_process import Learner, NoAnswer, printable, text_of
from autograder.grading.names import UnreadableError, as_python, names_used
from autograder.grading.outcomes import read_outcome
from autograder.grading.plain_tests import run_test
from autograder.grading.sandbox import Sandbox
from autograder.grading.warm_processes import WarmProcesses
from dlarch.checks_file import ChecksFile, Expectation
from dlarch.compare import without_values
from dlarch.drivers import Outcome
from dlarch.importer.assignment import Cell, sources_run
from dlarch.judge import called_again, judge
from dlarch.names import forbidden_names, refusal
from dlarch.verdict import Verdict

MAX_MESSAGE = 2000


def grade(job: Job, references: ChecksFile, processes: WarmProcesses) -> Findings:
    """Grade one submission, and confirm at once what could be bad luck.

    Args:
        job: the submission and how to grade it.
        references: inputs, expected outcomes and the outcomes of mistakes.
        processes: where warm parents are had from.

    Returns:
        A verdict for each check, whatever the submission does.

    Raises:
        NoSandboxError: this machine cannot make the sandbox.
    """
    findings = grade_once(job, references, processes)
    return confirm(job, findings, references, processes) if findings.doubtful else findings


def confirm(
    job: Job, findings: Findings, references: ChecksFile, processes: WarmProcesses
) -> Findings:
    """Ask again, of a new process, for what did not pass; the second verdict counts."""
    started = time.monotonic()
    left_out = {verdict.id for verdict in findings.verdicts} - set(findings.doubtful)
    cells = tuple(
        cell for cell in job.cells
        if cell.kind not in ("check", "test") or cell.check not in left_out
    )  # fmt: skip
    again = grade_once(replace(job, cells=cells), references, processes)
    second = {verdict.id: verdict for verdict in again.verdicts}
    findings.verdicts = [second.get(verdict.id, verdict) for verdict in findings.verdicts]
    findings.displays |= again.displays
    explained = {item["exercise"] for item in again.explanations}
    kept = [item for item in findings.explanations if item["exercise"] not in explained]
    findings.explanations = kept + again.explanations
    findings.seconds["confirm"] += time.monotonic() - started
    findings.doubtful = ()
    return findings


def grade_once(job: Job, references: ChecksFile, processes: WarmProcesses) -> Findings:
    """Grade one submission; `doubtful` names the checks that are to be confirmed."""
    return _Submission(job, references, processes).grade()


class _Submission:
    """One submission while it is graded: its learner's processes, and the verdicts so far."""

    def __init__(self, job: Job, references: ChecksFile, processes: WarmProcesses) -> None:
        self.job, self.references, self.processes = job, references, processes
        self.deadline = time.monotonic() + job.limits.submission_s * job.limits.patience
        self.findings = Findings()
        self.learners: dict[bool, Learner] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.unlucky = False

    def grade(self) -> Findings:
        """Judge every check, run every test, and end the learner's processes."""
        cells, findings = self.job.cells, self.findings
        try:
            for cell in cells:
                if cell.kind == "check" and cell.id not in self.verdicts:
                    self._judge_exercise(cell.exercise)
                elif cell.kind == "test":
                    learner = self._learner(True)
                    self.verdicts[cell.id] = run_test(cell, self.job, learner, self.deadline)
            if any(cell.kind in ("shown", "written code") for cell in cells) and not self.learners:
                with suppress(NoAnswer):
                    self._learner(True).ask("kind", self.job.limits.call_s, name="")
        finally:
            for learner in self.learners.values():
                learner.end()
        findings.verdicts = [self.verdicts[cell.id] for cell in cells if cell.id in self.verdicts]
        if self.unlucky or any(learner.unlucky for learner in self.learners.values()):
            findings.doubtful = tuple(
                item.id for item in findings.verdicts if item.status != "pass"
            )
        return findings

    def _sandbox(self, torch: bool) -> Sandbox:
        return self.processes.sandbox(self.job.preload, torch, self.job.isolated)

    def _learner(self, torch: bool) -> Learner:
        if torch not in self.learners:
            self.learners[torch] = Learner(
                self.job, self._sandbox(torch), self.findings, self.deadline
            )
        return self.learners[torch]

    def _judge_exercise(self, name: str) -> None:
        """Ask for an exercise's outcomes, judge all its parts, and drop them."""
        expectation, job = self.references.expectation(name), self.job
        cells = [cell for cell in job.cells if cell.kind == "check" and cell.exercise == name]
        if name in job.sources:
            outcomes = _outcomes(expectation, self._learner("torch" not in expectation.forbids))
        else:
            untouched = "as it was given" if expectation.as_given else "not written yet"
            outcomes = NoAnswer("missing", untouched)
        with self._timed("judge"):
            for cell in cells:
                self.verdicts[cell.id] = _judge(cell, job, expectation, outcomes, self.verdicts)
        if job.explain and not isinstance(outcomes, NoAnswer):
            self.findings.explanations += _explain(expectation, outcomes)
        wrong = [cell for cell in cells if self.verdicts[cell.id].status != "pass"]
        if job.carry and wrong and name in job.sources:
            by_cases = defaultdict(list)  # a part that takes too long costs no other
            for cell in wrong:
                by_cases[expectation.parts[cell.part].cases].append(cell)
            with self._timed("carry"):
                for cells in by_cases.values():
                    self._judge_given(expectation.for_part(cells[0].part), cells)

    def _judge_given(self, expectation: Expectation, wrong: list[Cell]) -> None:
        """Judge parts again, given right the earlier functions that the answer builds on and that fail."""
        job = self.job
        names = failing_uses(expectation.name, job.cells, self.references, self.verdicts)
        if not names:
            return
        sandbox = self._sandbox("torch" not in expectation.forbids)
        loan = Loan(names, self.processes.answerer(job.chapter))
        learner = Learner(job, sandbox, Findings(), self.deadline, loan)
        try:
            outcomes = _outcomes(expectation, learner)
        finally:
            learner.end()
        self.unlucky |= learner.unlucky
        if isinstance(outcomes, NoAnswer):
            return
        for cell in wrong:
            verdict = self.verdicts[cell.id] = _judge(cell, job, expectation, outcomes, {})
            verdict.given = list(names)
            if verdict.status == "pass":
                verdict.message = f"Right, given {verdict.given_right}."
        if job.explain:
            how = f", given {', '.join(names)}"
            self.findings.explanations += _explain(expectation, outcomes, how)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.findings.seconds[stage] += time.monotonic() - started


def _outcomes(expectation: Expectation, learner: Learner) -> list[Outcome] | NoAnswer:
    """Run a learner's function on all cases, and on one of them once more."""
    name, limits = expectation.name, learner.job.limits
    outcomes = []
    try:
        kind = text_of(learner.ask("kind", limits.call_s, name=name).get("kind"))
        if kind != "function":
            status, why = learner.failed.get(name, ("missing", ""))
            if kind == "data":
                status, why = "error", "it is not a function"
            return NoAnswer(status, why or f"no cell defines {name}")
        for case in (*expectation.cases, expectation.cases[called_again(expectation.cases)]):
            answer = learner.ask(
                "run",
                limits.call_s,
                name=name,
                driver=expectation.driver,
                arguments=case.arguments,
            )
            outcomes.append(
                read_outcome(answer, expectation, case.arguments, learner.job.sources.values())
            )
    except NoAnswer as no_answer:
        return no_answer
    return outcomes


def _judge(
    cell: Cell,
    job: Job,
    expectation: Expectation,
    outcomes: list[Outcome] | NoAnswer,
    earlier: dict[str, Verdict],
) -> Verdict:
    """Judge one check cell; an answer that the comparison cannot digest is wrong, not our crash."""
    name, part = cell.exercise, cell.part
    verdict = Verdict(cell.check, 0.0, cell.points, "fail")
    if isinstance(outcomes, NoAnswer):
        verdict.status, verdict.message = outcomes.status, f"{name}: {outcomes.message}."
        return verdict
    run = sources_run(job.cells)
    try:
        used = names_used(name, run)
        forbidden = forbidden_names(name, as_python(run), expectation.forbids)
    except UnreadableError as error:
        verdict.status, verdict.message = "error", f"{name}: {error}."
        return verdict
    if forbidden:
        verdict.message = refusal(name, forbidden)
        return verdict
    try:
        share = expectation.for_part(part)
        kept = [case.name for case in share.cases]
        *first, repeated = outcomes
        counted = [
            outcome
            for case, outcome in zip(expectation.cases, first, strict=True)
            if case.name in kept
        ]
        repeated_case = expectation.cases[called_again(expectation.cases)].name
        verdict = judge(
            share,
            counted,
            part,
            lambda: _first_failing_use(expectation, used, job, earlier),
            (kept.index(repeated_case), repeated) if repeated_case in kept else None,
        )
    except Exception as error:
        verdict.status = "error"
        verdict.message = f"{name}: the result could not be compared ({type(error).__name__})."
    verdict.id = cell.check
    verdict.points = cell.points if verdict.status == "pass" else 0.0
    verdict.max_points = cell.points
    if verdict.mistake is None:
        verdict.message = without_values(verdict.message)
    verdict.message = _with_hint(printable(verdict.message[:MAX_MESSAGE]), outcomes, job)
    for row in verdict.rows:
        row.message = printable(without_values(row.message)[:MAX_MESSAGE])
        row.error = row.limit = None  # sizes of secret numbers
    return verdict


def _first_failing_use(
    expectation: Expectation, used: set[str], job: Job, earlier: dict[str, Verdict]
) -> str | None:
    """Name the first function that an answer uses and that did not pass its checks, which come earlier."""
    for other in expectation.uses:
        checks = [cell.id for cell in job.cells if cell.exercise == other and cell.id in earlier]
        if other in used and any(earlier[check].status != "pass" for check in checks):
            return other
    return None


def _with_hint(message: str, outcomes: list[Outcome], job: Job) -> str:
    """Say so when a missing name is defined in a cell that grading does not run."""
    for outcome in outcomes:
        if outcome.error == "NameError":
            for name in job.elsewhere:
                if f"'{name}'" in outcome.detail:
                    return (
                        f"{message} Grading takes the answer cells alone: define {name} in the cell "
                        "of the answer that uses it."
                    )
    return message


def _explain(expectation: Expectation, outcomes: list[Outcome], how: str = "") -> list[dict]:
    """List inputs, the learner's outcome and the reference's, as text, for the instructor."""
    return [
        {
            "exercise": expectation.name,
            "case": f"{case.name}{how}",
            "inputs": {key: repr(value) for key, value in case.arguments.items()},
            "expected": _in_words(case.expected),
            "actual": _in_words(outcome),
        }
        for case, outcome in zip(expectation.cases, outcomes, strict=False)
    ]


def _in_words(outcome: Outcome) -> str:
    if outcome.error:
        return f"{outcome.error}: {outcome.detail}{outcome.place}"
    return repr(outcome.value)
