"""What exercises of chapter 03 share."""

import numpy as np

from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

PAGE = "03_mlp.html#mlp-"


def quiet():
    """Silence the warnings of answers that overflow."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def add_logits(exercise):
    """Add the cases of a function of logits (..., K)."""

    @exercise.case("a batch")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=(5, 3))}

    @exercise.case("a batch of one")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=(1, 4))}

    @exercise.case("one example, without a batch")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=6)}

    @exercise.case("two leading axes")
    def _(random) -> dict[str, PlainData]:
        return {"logits": 2 * random.normal(size=(2, 3, 5))}

    @exercise.case("rows near +1000 and near −1000")
    def _(random) -> dict[str, PlainData]:
        rows = np.array([1000.0, -1000.0, 0.0, 1000.0])
        return {"logits": rows[:, None] + random.normal(size=(4, 5))}

    @exercise.case("a gap of 1500 in a row")
    def _(random) -> dict[str, PlainData]:
        logits = 2 * random.normal(size=(3, 4))
        logits[1, :2] += [-700.0, 800.0]
        return {"logits": logits}

    @exercise.case("large batch, sure of itself", secret=True)
    def _(random) -> dict[str, PlainData]:
        return {"logits": 30 * random.normal(size=(70, 13))}

    @exercise.case("all logits equal")
    def _(random) -> dict[str, PlainData]:
        return {"logits": np.full((2, 3), float(random.normal()))}

    @exercise.case("all logits equal, more classes", secret=True)
    def _(random) -> dict[str, PlainData]:
        return {"logits": np.full((3, 7), float(random.normal()))}


def by_rows(kernel, logits):
    """Give a kernel of (N, K) the rows of logits (..., K)."""
    rows = as_tensor(logits.reshape(-1, logits.shape[-1]))
    return kernel(rows).numpy().reshape(logits.shape)


def softmax_of(logits, axis=-1, shift=-1, total="as axis"):
    """Answer with the maximum and the sum along other axes; shift "none" subtracts nothing."""
    with quiet():
        if shift != "none":
            logits = logits - logits.max(axis=shift, keepdims=True)
        e = np.exp(logits)
        return e / e.sum(axis=axis if total == "as axis" else total, keepdims=True)


def log_softmax_of(logits, axis=-1, shift=-1):
    """Answer with the maximum and the sum along other axes; shift "none" subtracts nothing."""
    with quiet():
        if shift != "none":
            logits = logits - logits.max(axis=shift, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


EPSILONS = (1e-300, 1e-20, 1e-16, 2.0**-52, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)


def add_epsilons(exercise, answer, message, section):
    """Add the mistake of keeping a logarithm finite with a small number, spelled with each usual one."""
    for epsilon in EPSILONS:

        def wrong(epsilon=epsilon, **arguments):
            return answer(epsilon, **arguments)

        exercise.mistake("small_constant", message, section)(wrong)
        message = section = ""
