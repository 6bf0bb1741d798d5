"""The workers of one machine: threads, for a checker's work is mostly waiting for learners' processes.

Each thread has warm parents of its own, so that what a learner does to one reaches no other.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from autograder.grading.checker import confirm, grade_once
from autograder.grading.job import Findings, Job
from autograder.grading.references import read_references
from autograder.grading.sandbox import NoSandboxError
from autograder.grading.selftest import refuse_leaks
from autograder.grading.warm_processes import WarmProcesses
from autograder.grading.workers import STOPPED


class Threads:
    """A few threads, and the processes that each keeps warm."""

    def __init__(self, number: int) -> None:
        self._pool = ThreadPoolExecutor(number)
        self._own = threading.local()
        self._made: list[WarmProcesses] = []

    def __enter__(self) -> "Threads":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for processes in self._made:
            processes.close()

    def complaints(self, preload: tuple[str, ...], private: list[Path]) -> set[str]:
        """Have the sandbox made and tested, once: on one machine it is the same for all."""
        return {self._pool.submit(self._test, preload, private).result()} - {""}

    def run(self, jobs: dict[str, Job], references: bytes) -> Iterator[tuple[str, Findings | str]]:
        """Give findings as they come, by key."""
        futures = {
            self._pool.submit(self._grade, job, references): key for key, job in jobs.items()
        }
        for future in as_completed(futures):
            yield futures.pop(future), _finding(future)

    def confirm(
        self, doubtful: dict[str, tuple[Job, Findings]], references: bytes
    ) -> Iterator[tuple[str, Findings | str]]:
        """Confirm what could be bad luck, one after the other."""
        for key, (job, findings) in doubtful.items():
            yield key, _finding(self._pool.submit(self._confirm, job, findings, references))

    def _processes(self) -> WarmProcesses:
        if not hasattr(self._own, "processes"):
            self._own.processes = WarmProcesses()
            self._made.append(self._own.processes)
        return self._own.processes

    def _grade(self, job: Job, references: bytes) -> Findings:
        return grade_once(job, read_references(references), self._processes())

    def _confirm(self, job: Job, findings: Findings, references: bytes) -> Findings:
        return confirm(job, findings, read_references(references), self._processes())

    def _test(self, preload: tuple[str, ...], private: list[Path]) -> str:
        try:
            for torch in (True, False):
                refuse_leaks(self._processes().sandbox(preload, torch, True), private)
        except NoSandboxError as error:
            return str(error)
        return ""


def _finding(future: Future) -> Findings | str:
    error = future.exception()
    return future.result() if error is None else f"{STOPPED}: {type(error).__name__}: {error}"
