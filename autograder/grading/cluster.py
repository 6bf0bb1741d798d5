"""The workers of a Dask cluster that exists already.

A task gets bytes and gives back verdicts: workers need no shared disk and no database.
"""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.grading.checker import confirm, grade_once
from autograder.grading.job import Findings, Job
from autograder.grading.references import read_references
from autograder.grading.sandbox import NoSandboxError
from autograder.grading.selftest import refuse_leaks
from autograder.grading.warm_processes import WarmProcesses
from autograder.grading.workers import STOPPED

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 3
"""How often Dask gives a task to another worker when one dies on it, by its own default."""


@contextmanager
def open_cluster(scheduler: str) -> Iterator["Cluster"]:
    """Connect to a cluster by the address of its scheduler."""
    from distributed import Client

    with Client(scheduler) as client:
        yield Cluster(client)


class Cluster:
    """A connection to a scheduler and its workers."""

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.private: tuple[Path, ...] = ()

    def complaints(self, preload: tuple[str, ...], private: list[Path]) -> set[str]:
        """Have the sandbox made and tested by every worker; one that comes later does so before it grades."""
        self.private = tuple(private)
        found = self.client.run(_test, preload, self.private, on_error="return").values()
        return {str(answer) for answer in found if not isinstance(answer, OSError)} - {""}

    def run(self, jobs: dict[str, Job], references: bytes) -> Iterator[tuple[str, Findings | str]]:
        """Give findings as they come, by key; a worker that dies is replaced, and its task tried again."""
        from distributed import as_completed

        (scattered,) = self.client.scatter([references], broadcast=True, hash=False)
        futures = {
            self.client.submit(
                _grade, job, scattered, self.private, key=f"grade-{key}", pure=False, retries=1
            ): key
            for key, job in jobs.items()
        }
        for future in as_completed(futures):
            yield futures[future], _finding(future)
            future.release()

    def confirm(
        self, doubtful: dict[str, tuple[Job, Findings]], references: bytes
    ) -> Iterator[tuple[str, Findings | str]]:
        """Confirm what could be bad luck, by one process of each machine at a time."""
        if not doubtful:
            return
        (scattered,) = self.client.scatter([references], broadcast=True, hash=False)
        waiting = dict(doubtful)
        while waiting:
            quiet = self._one_worker_of_each_machine()
            batch = [(key, *waiting.pop(key)) for key in list(waiting)[: len(quiet)]]
            second = {
                key: self.client.submit(
                    _confirm,
                    job,
                    findings,
                    scattered,
                    key=f"confirm-{key}",
                    workers=[worker],
                    allow_other_workers=True,
                    pure=False,
                    retries=1,
                )
                for (key, job, findings), worker in zip(batch, quiet, strict=False)
            }
            for key, future in second.items():
                yield key, _finding(future)
                future.release()

    def _one_worker_of_each_machine(self) -> list[str]:
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        machines = {worker["host"]: address for address, worker in workers.items()}
        return list(machines.values()) or [""]


def _finding(future: "Future") -> Findings | str:
    error = future.exception()
    if error is None:
        return future.result()
    return f"{STOPPED} {RETRIES + 1} times on it: {type(error).__name__}: {error}"


@cache
def _processes() -> WarmProcesses:
    processes = WarmProcesses()
    atexit.register(processes.close)
    return processes


def _grade(job: Job, references: bytes, private: tuple[Path, ...]) -> Findings:
    if job.isolated and (complaint := _test(job.preload, private)):
        raise NoSandboxError(complaint)
    return grade_once(job, read_references(references), _processes())


def _confirm(job: Job, findings: Findings, references: bytes) -> Findings:
    return confirm(job, findings, read_references(references), _processes())


@cache
def _test(preload: tuple[str, ...], private: tuple[Path, ...]) -> str:
    try:
        for torch in (True, False):
            refuse_leaks(_processes().sandbox(preload, torch, True), list(private))
    except NoSandboxError as error:
        return str(error)
    return ""
