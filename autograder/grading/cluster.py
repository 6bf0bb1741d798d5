"""Submissions as independent tasks: on this machine, or on a Dask cluster that exists already.

A task gets bytes and gives back verdicts: workers need no shared disk and no database.
"""

import atexit
import logging
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

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 3
STOPPED = "grading stopped"
"""How a reason begins that is not the submission's fault."""


@contextmanager
def open_cluster(workers: int, scheduler: str = "") -> Iterator["Client"]:
    """Connect to a cluster.

    Args:
        workers: processes of a cluster on this machine.
        scheduler: address of an existing scheduler, which then counts instead.
    """
    import dask
    from distributed import Client, LocalCluster

    settings = {
        "distributed.scheduler.allowed-failures": RETRIES,
        "distributed.scheduler.worker-saturation": 1.0,  # a slow submission holds up no other
        "distributed.worker.daemon": False,
        "distributed.scheduler.http.routes": [],  # pages of these need no key
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(settings):
        if scheduler:
            with Client(scheduler) as client:
                yield client
            return
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=0,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                security=True,
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client


def prepare(client: "Client", job: Job, private: list[Path]) -> None:
    """Make the sandbox on every worker and have it test itself.

    Raises:
        NoSandboxError: a worker cannot make it, or it leaks.
    """
    if not job.isolated:
        return
    answers = client.run(_test, job.preload, private)
    complaints = sorted({answer for answer in answers.values() if answer})
    if complaints:
        raise NoSandboxError("; ".join(complaints))


def grade_all(
    client: "Client", jobs: dict[str, Job], references: bytes
) -> Iterator[tuple[str, Findings | str]]:
    """Grade many submissions.

    Args:
        client: a connection to a cluster.
        jobs: what to do, by key.
        references: what a right answer and every mistake give.

    Yields:
        Key and findings as they come; a reason in their place where no worker could finish.
        What could be bad luck comes last: it is confirmed when nothing else runs, by one process of
        each machine.
    """
    from distributed import as_completed

    (scattered,) = client.scatter([references], broadcast=True, hash=False)
    futures = {
        client.submit(_grade, job, scattered, key=f"grade-{key}", pure=False, retries=1): key
        for key, job in jobs.items()
    }
    doubtful: dict[str, Findings] = {}
    for future in as_completed(futures):
        key, findings = futures[future], _finding(future)
        if isinstance(findings, Findings) and findings.doubtful:
            doubtful[key] = findings
        else:
            yield key, findings
        future.release()
    while doubtful:
        quiet = _one_worker_of_each_machine(client)
        batch = [(key, doubtful.pop(key)) for key in list(doubtful)[: len(quiet)]]
        second = {
            key: client.submit(
                _confirm,
                jobs[key],
                findings,
                scattered,
                key=f"confirm-{key}",
                workers=[worker],
                allow_other_workers=True,
                pure=False,
                retries=1,
            )
            for (key, findings), worker in zip(batch, quiet, strict=False)
        }
        for key, future in second.items():
            yield key, _finding(future)
            future.release()


def _finding(future: "Future") -> Findings | str:
    error = future.exception()
    if error is None:
        return future.result()
    return f"{STOPPED} {RETRIES + 1} times on it: {type(error).__name__}: {error}"


def _one_worker_of_each_machine(client: "Client") -> list[str]:
    workers = client.scheduler_info(n_workers=-1)["workers"]
    return list({worker["host"]: address for address, worker in workers.items()}.values()) or [""]


@cache
def _processes() -> WarmProcesses:
    processes = WarmProcesses()
    atexit.register(processes.close)
    return processes


def _grade(job: Job, references: bytes) -> Findings:
    return grade_once(job, read_references(references), _processes())


def _confirm(job: Job, findings: Findings, references: bytes) -> Findings:
    return confirm(job, findings, read_references(references), _processes())


def _test(preload: tuple[str, ...], private: list[Path]) -> str:
    try:
        for torch in (True, False):
            refuse_leaks(_processes().sandbox(preload, torch, True), private)
    except NoSandboxError as error:
        return str(error)
    return ""
