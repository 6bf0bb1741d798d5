"""A learner's process as the checker sees it: it is asked, and what it sends is plain data."""

import time

from autograder.grading.carried import Loan, RefusedError
from autograder.grading.job import Findings, Job
from autograder.grading.limits import LimitExceededError
from autograder.grading.sandbox import Sandbox, Session
from autograder.grading.sandboxed.frames import ClosedError, DeadlineError, FrameError
from dlarch.importer.pictures import is_picture
from dlarch.plain import PlainData

MAX_TEXT = 300
BAD_LUCK = ("crash", "timeout", "memory")
"""What can come from outside too: another program's load, the system out of memory, a kill."""


class NoAnswer(Exception):
    """The learner's process ended, or was ended, while it was asked for something."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


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
                    self.findings.displays[cell.id] = displayed(
                        {"stderr": f"This cell {no_answer.message}."}
                    )
                return
            error, detail = text_of(shown.get("error")), text_of(shown.get("detail"))
            if error:
                self.failed[cell.id] = ("error", f"its cell raised {error}: {detail}")
            if cell.kind in ("shown", "written code"):
                self.findings.displays[cell.id] = displayed(shown)


def text_of(value: PlainData) -> str:
    """Give the beginning of a text that a learner's process sent; of anything else, none."""
    return printable(value[:MAX_TEXT]) if isinstance(value, str) else ""


def printable(text: str) -> str:
    """Take out of a learner's text what would act on a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def displayed(shown: dict[str, PlainData]) -> list[dict]:
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
