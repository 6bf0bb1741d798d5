"""Submissions as independent tasks, done by whoever there is: threads of this machine, or a Dask cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from autograder.grading.job import Findings, Job
from autograder.grading.sandbox import NoSandboxError

STOPPED = "grading stopped"
"""How a reason begins that is not the submission's fault."""


class Workers(Protocol):
    """Who grades."""

    def complaints(self, preload: tuple[str, ...], private: list[Path]) -> set[str]:
        """Have the sandbox made and tested wherever it will be used.

        Args:
            preload: modules that every learner's process imports.
            private: what must not be seen from inside.

        Returns:
            Why it cannot be made, or what it lets out.
        """

    def run(self, jobs: dict[str, Job], references: bytes) -> Iterator[tuple[str, Findings | str]]:
        """Give findings as they come, by key; a reason in the place of what could not be finished."""

    def confirm(
        self, doubtful: dict[str, tuple[Job, Findings]], references: bytes
    ) -> Iterator[tuple[str, Findings | str]]:
        """Confirm what could be bad luck, one process of each machine at a time."""


def prepare(workers: Workers, job: Job, private: list[Path]) -> None:
    """Make the sandbox and have it test itself.

    Raises:
        NoSandboxError: it cannot be made, or it leaks.
    """
    if job.isolated and (complaints := workers.complaints(job.preload, private)):
        raise NoSandboxError("; ".join(sorted(complaints)))


def grade_all(
    workers: Workers, jobs: dict[str, Job], references: bytes
) -> Iterator[tuple[str, Findings | str]]:
    """Grade many submissions.

    Args:
        workers: who does it.
        jobs: what to do, by key.
        references: what a right answer and every mistake give.

    Yields:
        Key and findings as they come; a reason in their place where nobody could finish.
        What could be bad luck comes last: it is confirmed when nothing else runs.
    """
    doubtful: dict[str, tuple[Job, Findings]] = {}
    for key, findings in workers.run(jobs, references):
        if isinstance(findings, Findings) and findings.doubtful:
            doubtful[key] = jobs[key], findings
        else:
            yield key, findings
    yield from workers.confirm(doubtful, references)
