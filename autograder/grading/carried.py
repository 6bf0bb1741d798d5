"""Errors carried forward: what builds on an earlier function that fails is judged given that function right.

The earlier function then goes to the checker with each call, which has it answered by the reference, in the
learner's process for this one exercise alone: a process judges one exercise and ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.grading.answering import NOT_PLAIN, Answerer
from autograder.grading.limits import LimitExceededError
from autograder.grading.names import UnreadableError, names_used
from autograder.grading.sandboxed.frames import DeadlineError, FrameError
from dlarch.checks_file import ChecksFile
from dlarch.importer.assignment import Cell, sources_run
from dlarch.plain import PlainData, as_array, is_array, is_tensor, leaves
from dlarch.verdict import Verdict

MOST_CALLS = 40_000
MOST_BYTES = 8 << 30
"""What one exercise may send and get; training on MNIST with `vae_step` given takes five GiB."""


class RefusedError(Exception):
    """A call that is not answered; the message says why."""


@dataclass
class Loan:
    """The right functions that one process may call.

    Args:
        names: which functions.
        answerer: where the references are.
    """

    names: tuple[str, ...]
    answerer: Answerer
    calls: int = 0
    bytes: int = 0

    def answer(self, question: dict[str, PlainData], seconds: float) -> dict[str, PlainData]:
        """Have a call, or its gradients, answered.

        Args:
            question: what the learner's process sent; anything.
            seconds: the answer's processor time.

        Raises:
            RefusedError: it calls what was not given, too often, with too much, or what is no plain data.
        """
        operation = "pull_back" if "pull_back" in question else "call"
        name = question.get(operation)
        if not isinstance(name, str) or name not in self.names:
            raise RefusedError("called a function that was not given")
        content = {"positional": list, "keyword": dict, "cotangents": list}
        if operation == "call":
            del content["cotangents"]
        sent = {key: question.get(key) for key in content}
        if any(not isinstance(sent[key], kind) for key, kind in content.items()):
            raise RefusedError(f"called {name} in a way of its own")
        self.calls += 1
        self._weigh(name, sent)
        try:
            answer = self.answerer.ask(operation, seconds, name=name, **sent)
        except (DeadlineError, FrameError, LimitExceededError):
            raise RefusedError(f"called {name} with what it cannot answer") from None
        if answer["error"] == "TypeError" and answer["detail"] == NOT_PLAIN:
            raise RefusedError(f"called {name} with what is no plain data")
        self._weigh(name, answer["value"])
        return answer

    def _weigh(self, name: str, data: PlainData) -> None:
        self.bytes += sum(
            as_array(leaf).nbytes
            for leaf in leaves(data).values()
            if is_tensor(leaf) or is_array(leaf)
        )
        if self.calls > MOST_CALLS or self.bytes > MOST_BYTES:
            raise RefusedError(f"called {name} more often, or with more, than anybody needs")


def failing_uses(
    name: str, cells: Iterable[Cell], references: ChecksFile, verdicts: dict[str, Verdict]
) -> tuple[str, ...]:
    """List the functions that an answer builds on, directly or through another, and that fail by themselves.

    Args:
        name: the exercise.
        cells: of the submission.
        references: where the exercises say what they use.
        verdicts: of the checks that came earlier, by cell.
    """
    failing = {
        cell.exercise for cell in cells
        if cell.id in verdicts and verdicts[cell.id].status != "pass"
    }  # fmt: skip
    try:
        used = names_used(name, sources_run(cells))
    except UnreadableError:
        return ()
    found = [name]
    for one in found:
        uses = references.exercises[one]["uses"]
        found += [other for other in uses if other in used and other not in found]
    return tuple(other for other in found[1:] if other in failing)
