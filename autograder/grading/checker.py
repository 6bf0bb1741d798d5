"""The checker: asks a learner's process for results, compares them, and decides the score.

The learner's code runs in the sandbox alone; what it sends is plain data, and nothing else of it is
believed. A crash, a timeout or a lack of memory costs the exercise that was asked for; the next one is
asked of a new process. Such a verdict can be bad luck, so it counts when a second process confirms it.
"""

import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace

from autograder.grading.answering import Answerer
from autograder.grading.carried import Loan, RefusedError, failing_uses
from autograder.grading.limits import LimitExceededError, Limits
from autograder.grading.names import UnreadableError, as_python, names_used
from autograder.grading.outcomes import read_outcome
from autograder.grading.sandbox import Sandbox, Session
from autograder.grading.sandboxed.frames import ClosedError, DeadlineError, FrameError
from dlarch.checks_file import ChecksFile, Expectation
from dlarch.compare import without_values
from dlarch.drivers import Outcome
from dlarch.importer.assignment import Cell, sources_run
from dlarch.importer.pictures import is_picture
from dlarch.judge import called_again, judge
from dlarch.names import forbidden_names
from dlarch.plain import PlainData
from dlarch.verdict import Verdict

MAX_TEXT = 300
MAX_MESSAGE = 2000
BAD_LUCK = ("crash", "timeout", "memory")
"""What can come from outside too: another program's load, the system out of memory, a kill."""


@dataclass(frozen=True)
class Job:
    """All that grading one submission needs; plain data, so that it can be sent to a cluster."""

    chapter: str
    cells: tuple[Cell, ...]
    """The master's cells that count, in order, with the learner's sources in the answers."""
    sources: dict[str, str]
    """The learner's answers alone, by cell."""
    elsewhere: tuple[str, ...]
    """Names that the notebook defines in cells that are not run."""
    preload: tuple[str, ...]
    limits: Limits
    isolated: bool = True
    explain: bool = False
    carry: bool = True
    """Whether what builds on a function that fails is judged again, given that function right."""


@dataclass
class Findings:
    """What grading one submission found, as it travels back."""

    verdicts: list[Verdict] = field(default_factory=list)
    displays: dict[str, list[dict]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    explanations: list[dict] = field(default_factory=list)
    doubtful: tuple[str, ...] = ()
    """Checks that did not pass in a submission whose process was ended."""


class NoAnswer(Exception):
    """The learner's process ended, or was ended, while it was asked for something."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class WarmProcesses:
    """The warm parents of this machine's process, and its references, made when first needed."""

    def __init__(self) -> None:
        self._sandboxes: dict[tuple, Sandbox] = {}
        self._answerers: dict[str, Answerer] = {}

    def sandbox(self, preload: tuple[str, ...], torch: bool, isolated: bool) -> Sandbox:
        """Give a warm parent that still lives; those of another chapter end."""
        key = (preload, torch, isolated)
        for other in [other for other in self._sandboxes if other[0] != preload]:
            self._sandboxes.pop(other).close()
        sandbox = self._sandboxes.get(key)
        if sandbox is not None and sandbox.process.poll() is None:
            return sandbox
        self._sandboxes[key] = Sandbox(preload, torch, isolated)
        return self._sandboxes[key]

    def answerer(self, chapter: str) -> Answerer:
        """Give the process in which a chapter's references answer; those of other chapters end."""
        for other in self._answerers.keys() - {chapter}:
            self._answerers.pop(other).close()
        return self._answerers.setdefault(chapter, Answerer(chapter))

    def close(self) -> None:
        """End all warm parents, and what answers."""
        for process in (*self._sandboxes.values(), *self._answerers.values()):
            process.close()
        self._sandboxes.clear()
        self._answerers.clear()


class Learner:
    """One learner's process; a new one, with the same cells run, when the last one ended."""

    def __init__(
        self,
        job: Job,
        sandbox: Sandbox,
        findings: Findings,
        deadline: float,
        loan: Loan | None = None,
    ) -> None:
        self.job, self.sandbox, self.findings = job, sandbox, findings
        self.deadline, self.loan = deadline, loan
        self.session: Session | None = None
        self.failed: dict[str, tuple[str, str]] = {}
        """What became of cells that failed: status and message, by id."""
        self.left_out: set[str] = set()
        self.unlucky = False
        """Whether a process was ended by what can come from outside too."""
        self._spent_s = 0.0
        """Processor time of the processes that ended."""

    def ask(self, operation: str, seconds: float, **content: PlainData) -> dict[str, PlainData]:
        """Ask the learner's process; it is made, and its cells are run, when there is none.

        Raises:
            NoAnswer: the process did not survive the question.
        """
        while self.session is None:
            self._left()
            self._begin()
        started = time.monotonic()
        try:
            return self._answer(operation, min(seconds, self._left()), content)
        except RefusedError as error:
            raise self._no_answer("error", str(error)) from None
        except DeadlineError:
            raise self._no_answer("timeout", f"did not finish within {seconds:g} seconds") from None
        except LimitExceededError as error:
            status = "memory" if "memory" in str(error) else "crash"
            raise self._no_answer(status, f"took more than it may: {error}") from None
        except ClosedError:
            raise self._no_answer("crash", "ended the Python process") from None
        except FrameError as error:
            why = f"gave a result that cannot be read: {error}"
            raise self._no_answer("error", why) from None
        finally:
            self.findings.seconds[operation] += time.monotonic() - started

    def _answer(
        self, operation: str, seconds: float, content: dict[str, PlainData]
    ) -> dict[str, PlainData]:
        """Give the process's answer; calls of what it was given, until then, are answered from here."""
        until = time.monotonic() + seconds * self.job.limits.patience
        spent_s = self.session.watchdog.processor_s([])
        answer = self.session.ask(operation, seconds, **content)
        while self.loan is not None and not answer.keys().isdisjoint(("call", "pull_back")):
            passed_s = (
                self.session.watchdog.processor_s([self.session.watchdog.first_pid]) - spent_s
            )
            waiting_s = (until - time.monotonic()) / self.job.limits.patience
            left = min(seconds - passed_s, waiting_s)
            if left <= 0:
                raise DeadlineError
            given = self.loan.answer(answer, left)
            answer = self.session.ask("answer", left, **given)
        return answer

    def end(self) -> None:
        """End the process, if there is one."""
        if self.session is not None:
            self._spent_s += self.session.watchdog.processor_s([])
            self.session.end()
            self.session = None

    def _no_answer(self, status: str, message: str) -> NoAnswer:
        self.end()
        self.unlucky |= status in BAD_LUCK
        return NoAnswer(status, message)

    def _left(self) -> float:
        """Give the processor time in seconds that the submission has left, by either clock."""
        limits, spent_s = self.job.limits, self._spent_s
        if self.session is not None:
            spent_s += self.session.watchdog.processor_s([])
        waiting_s = self.deadline - time.monotonic()
        left = min(limits.submission_s - spent_s, waiting_s / limits.patience)
        if left <= 0:
            most = limits.submission_s
            why = f"came too late: the submission took over {most:g} seconds"
            raise self._no_answer("timeout", why)
        return left

    def _begin(self) -> None:
        started = time.monotonic()
        self.session = self.sandbox.session(self.job.limits)
        self.findings.seconds["fork"] += time.monotonic() - started
        if self.loan is not None:
            self.ask("give", self.job.limits.call_s, names=list(self.loan.names))
        for cell in self.job.cells:
            if cell.kind in ("check", "test") or cell.id in self.left_out:
                continue
            try:
                shown = self.ask("cell", self.job.limits.cell_s, source=cell.source)
            except NoAnswer as no_answer:
                self.left_out.add(cell.id)
                self.failed[cell.id] = (no_answer.status, f"its cell {no_answer.message}")
                if cell.kind in ("shown", "written code"):
                    self.findings.displays[cell.id] = _displays(
                        {"stderr": f"This cell {no_answer.message}."}
                    )
                return
            error, detail = _text(shown.get("error")), _text(shown.get("detail"))
            if error:
                self.failed[cell.id] = ("error", f"its cell raised {error}: {detail}")
            if cell.kind in ("shown", "written code"):
                self.findings.displays[cell.id] = _displays(shown)


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
    from autograder.grading.plain_tests import run_test

    findings = Findings()
    deadline = time.monotonic() + job.limits.submission_s * job.limits.patience
    learners: dict[bool, Learner] = {}
    verdicts: dict[str, Verdict] = {}
    unlucky = []

    def sandbox_for(torch: bool) -> Sandbox:
        return processes.sandbox(job.preload, torch, job.isolated)

    def learner_for(torch: bool) -> Learner:
        if torch not in learners:
            learners[torch] = Learner(job, sandbox_for(torch), findings, deadline)
        return learners[torch]

    def judge_exercise(name: str) -> None:
        """Ask for an exercise's outcomes, judge all its parts, and drop them."""
        expectation = references.expectation(name)
        cells = [cell for cell in job.cells if cell.kind == "check" and cell.exercise == name]
        if name in job.sources:
            outcomes = _outcomes(expectation, learner_for("torch" not in expectation.forbids))
        else:
            untouched = "as it was given" if expectation.as_given else "not written yet"
            outcomes = NoAnswer("missing", untouched)
        started = time.monotonic()
        for cell in cells:
            verdicts[cell.id] = _judge(cell, job, expectation, outcomes, verdicts)
        findings.seconds["judge"] += time.monotonic() - started
        if job.explain and not isinstance(outcomes, NoAnswer):
            findings.explanations += _explain(expectation, outcomes)
        wrong = [cell for cell in cells if verdicts[cell.id].status != "pass"]
        if job.carry and wrong and name in job.sources:
            started = time.monotonic()
            by_cases = defaultdict(list)  # a part that takes too long costs no other
            for cell in wrong:
                by_cases[expectation.parts[cell.part].cases].append(cell)
            for cells in by_cases.values():
                judge_given(expectation.for_part(cells[0].part), cells)
            findings.seconds["carry"] += time.monotonic() - started

    def judge_given(expectation: Expectation, wrong: list[Cell]) -> None:
        """Judge parts again, given right the earlier functions that the answer builds on and that fail."""
        names = failing_uses(expectation.name, job.cells, references, verdicts)
        if not names:
            return
        sandbox = sandbox_for("torch" not in expectation.forbids)
        loan = Loan(names, processes.answerer(job.chapter))
        learner = Learner(job, sandbox, Findings(), deadline, loan)
        try:
            outcomes = _outcomes(expectation, learner)
        finally:
            learner.end()
        unlucky.append(learner.unlucky)
        if isinstance(outcomes, NoAnswer):
            return
        for cell in wrong:
            verdict = verdicts[cell.id] = _judge(cell, job, expectation, outcomes, {})
            verdict.given = list(names)
            if verdict.status == "pass":
                verdict.message = f"Right, given {verdict.given_right}."
        if job.explain:
            findings.explanations += _explain(expectation, outcomes, f", given {', '.join(names)}")

    try:
        for cell in job.cells:
            if cell.kind == "check" and cell.id not in verdicts:
                judge_exercise(cell.exercise)
            elif cell.kind == "test":
                verdicts[cell.id] = run_test(cell, job, learner_for(True), deadline)
        if any(cell.kind in ("shown", "written code") for cell in job.cells) and not learners:
            with suppress(NoAnswer):
                learner_for(True).ask("kind", job.limits.call_s, name="")
    finally:
        for learner in learners.values():
            learner.end()
    findings.verdicts = [verdicts[cell.id] for cell in job.cells if cell.id in verdicts]
    if any(unlucky) or any(learner.unlucky for learner in learners.values()):
        findings.doubtful = tuple(item.id for item in findings.verdicts if item.status != "pass")
    return findings


def _outcomes(expectation: Expectation, learner: Learner) -> list[Outcome] | NoAnswer:
    """Run a learner's function on all cases, and on one of them once more."""
    name, limits = expectation.name, learner.job.limits
    outcomes = []
    try:
        kind = _text(learner.ask("kind", limits.call_s, name=name).get("kind"))
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


def _text(value: PlainData) -> str:
    return printable(value[:MAX_TEXT]) if isinstance(value, str) else ""


def printable(text: str) -> str:
    """Take out of a learner's text what would act on a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


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
        verdict.message = (
            f"{name} uses {', '.join(forbidden)}, which this task asks you to do without."
        )
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


def _displays(shown: dict[str, PlainData]) -> list[dict]:
    """Give what a cell displayed as notebook outputs: text and PNG pictures, nothing that could act."""
    displays = []
    for name in ("stdout", "stderr"):
        if isinstance(shown.get(name), str) and shown[name]:
            displays.append({"output_type": "stream", "name": name, "text": _plain(shown[name])})
    outputs = shown.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        kept = {}
        if isinstance(output, dict) and isinstance(output.get("text/plain"), str):
            kept["text/plain"] = _plain(output["text/plain"])
        if isinstance(output, dict) and is_picture("image/png", output.get("image/png")):
            kept["image/png"] = output["image/png"]
        if kept:
            displays.append({"output_type": "display_data", "data": kept, "metadata": {}})
    return displays


def _plain(text: str) -> str:
    """Take out of what a cell showed all but text, line ends and tabs."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text)


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
