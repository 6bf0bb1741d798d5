import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

perceptron_fit = Exercise(
    "perceptron_fit",
    signature=(
        "perceptron_fit(x: (N, D) float64, y: (N,) int64, max_epochs: int)"
        " -> w: (D,) float64, b: float, updates: int, converged: bool"
    ),
    outputs=("w", "b", "updates", "converged"),
    points=3,
    uses=("perceptron_step",),
    forbids=LIBRARIES,
    section=PAGE + "convergence",
)


def _train(x, y, max_epochs, wrong=lambda s: s <= 0, stop=True):
    """Give w, b, the updates of each epoch run."""
    w, b, counts = np.zeros(x.shape[1]), 0.0, []
    for _ in range(max_epochs):
        counts.append(0)
        for x_n, y_n in zip(x, y, strict=True):
            if wrong(y_n * (w @ x_n + b)):
                w, b, counts[-1] = w + y_n * x_n, b + y_n, counts[-1] + 1
        if stop and counts[-1] == 0:
            break
    return w, float(b), counts


def _separable(random, N, D, spare=2, most=60):
    """Draw points that a hyperplane separates, both classes present, learnt in more than two epochs.

    In one of these a single example is wrong: it is not clean all the same.
    """
    while True:
        w, b = random.normal(size=D), random.uniform(0.4, 0.8) * random.choice([-1, 1])
        w /= np.linalg.norm(w)
        x = random.uniform(-1.5, 1.5, size=(4 * N, D))
        score = x @ w + b
        clear = np.abs(score) > 0.08
        x, y = x[clear][:N], np.sign(score[clear][:N]).astype(np.int64)
        _, _, counts = _train(x, y, most)
        learnt = counts[-1] == 0 and len(counts) >= 4 and 1 in counts
        if len(x) == N and abs(y.sum()) < N and learnt:
            return {"x": x, "y": y, "max_epochs": len(counts) + spare}


@perceptron_fit.case("separable, two inputs")
def _(random) -> dict[str, PlainData]:
    return _separable(random, 12, 2)


@perceptron_fit.case("separable, the clean pass is the last one allowed")
def _(random) -> dict[str, PlainData]:
    return _separable(random, 7, 1, spare=0)


@perceptron_fit.case("separable, but not enough epochs")
def _(random) -> dict[str, PlainData]:
    while True:
        case = _separable(random, 15, 3, spare=-2)
        w, b, _ = _train(**case)
        if np.any(case["y"] * (case["x"] @ w + b) <= 0):
            return case


@perceptron_fit.case("XOR")
def _(random) -> dict[str, PlainData]:
    x = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
    return {"x": x, "y": np.array([-1, -1, 1, 1]), "max_epochs": 9}


@perceptron_fit.case("separable, the clean pass would be the next one")
def _(random) -> dict[str, PlainData]:
    return _separable(random, 9, 2, spare=-1)


@perceptron_fit.case("one pass allowed")
def _(random) -> dict[str, PlainData]:
    return {**_separable(random, 8, 2), "max_epochs": 1}


@perceptron_fit.case("one example")
def _(random) -> dict[str, PlainData]:
    return {"x": random.normal(size=(1, 3)), "y": np.array([-1]), "max_epochs": 4}


@perceptron_fit.case("all of the negative class")
def _(random) -> dict[str, PlainData]:
    return {"x": random.uniform(1, 2, size=(6, 2)), "y": np.full(6, -1), "max_epochs": 5}


@perceptron_fit.case("all of the positive class, some examples twice")
def _(random) -> dict[str, PlainData]:
    x = random.uniform(-2, -1, size=(4, 3))
    return {"x": x[[0, 1, 1, 2, 3, 0]], "y": np.full(6, 1), "max_epochs": 6}


@perceptron_fit.case("separable, more inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _separable(random, 40, 6)


@perceptron_fit.case("all of one class", secret=True)
def _(random) -> dict[str, PlainData]:
    y = int(random.choice([-1, 1]))
    return {"x": random.uniform(1, 2, size=(7, 2)), "y": np.full(7, y), "max_epochs": 5}


@perceptron_fit.reference
def _(x, y, max_epochs):
    """Count the updates of each example in place of changing w: w = Σ α_n y_n x_n."""
    from autograder.kernels.matmul import matmul

    z = np.column_stack([x, np.ones(len(x))]) * y[:, None]
    gram = matmul(as_tensor(z), as_tensor(z).T).numpy()
    alpha, converged = np.zeros(len(x)), False
    for _ in range(max_epochs):
        before = alpha.sum()
        for n in range(len(x)):
            alpha[n] += gram[n] @ alpha <= 0
        converged = bool(alpha.sum() == before)
        if converged:
            break
    theta = matmul(as_tensor(alpha[None]), as_tensor(z))[0].numpy()
    return theta[:-1], float(theta[-1]), int(alpha.sum()), converged


def _fit(x, y, max_epochs, wrong=lambda s: s <= 0):
    w, b, counts = _train(x, y, max_epochs, wrong)
    return w, b, sum(counts), 0 in counts


@perceptron_fit.mistake(
    "strict_inequality",
    "Nothing is ever learnt: from w = 0 and b = 0 the score y (w·x + b) is 0, and you update only below 0. "
    "An example on the boundary counts as a mistake: ≤ 0 (erratum E31).",
    PAGE + "perceptron",
)
def _(x, y, max_epochs):
    return _fit(x, y, max_epochs, wrong=lambda s: s < 0)


@perceptron_fit.mistake(
    "one_pass",
    "You go through the examples once. A later update can spoil an example that was right before: repeat the pass until "
    "one goes by without a single update, or max_epochs is reached.",
)
def _(x, y, max_epochs):
    return _fit(x, y, min(max_epochs, 1))


@perceptron_fit.mistake(
    "one_pass_fewer",
    "You make one pass fewer than max_epochs allows.",
)
def _(x, y, max_epochs):
    return _fit(x, y, max_epochs - 1)


@perceptron_fit.mistake("one_pass_fewer")
def _(x, y, max_epochs):
    w, b, updates, converged = _fit(x, y, max_epochs - 1)
    return w, b, updates, converged or max_epochs == 1


@perceptron_fit.mistake(
    "one_update_taken_for_none",
    "You stop after a pass with a single update. A pass is clean when it makes none.",
)
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        before = updates
        for x_n, y_n in zip(x, y, strict=True):
            if y_n * (w @ x_n + b) <= 0:
                w, b, updates = w + y_n * x_n, b + y_n, updates + 1
        if updates <= before + 1:
            return w, b, updates, True
    return w, b, updates, False


@perceptron_fit.mistake(
    "never_reports_failure",
    "You report convergence always. When the last pass allowed still made updates, nobody knows whether the next one "
    "would have been clean: converged must be False then.",
)
def _(x, y, max_epochs):
    return *_fit(x, y, max_epochs)[:3], True


@perceptron_fit.mistake(
    "asks_the_examples_at_the_end",
    "You say converged when the final w and b get all examples right. The task counts a pass without a single update: "
    "as long as none went by, it has not converged, be the line right or not.",
)
def _(x, y, max_epochs):
    w, b, updates, _ = _fit(x, y, max_epochs)
    return w, b, updates, bool(np.all(y * (x @ w + b) > 0))


@perceptron_fit.mistake(
    "stops_at_the_first_right_example",
    "You stop as soon as one example is on the right side. Only a whole pass without an update ends the training.",
)
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        for x_n, y_n in zip(x, y, strict=True):
            if y_n * (w @ x_n + b) > 0:
                return w, b, updates, True
            w, b, updates = w + y_n * x_n, b + y_n, updates + 1
    return w, b, updates, False


@perceptron_fit.mistake("stops_at_the_first_right_example")
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        before = updates
        for x_n, y_n in zip(x, y, strict=True):
            if y_n * (w @ x_n + b) > 0:
                break
            w, b, updates = w + y_n * x_n, b + y_n, updates + 1
        if updates == before:
            return w, b, updates, True
    return w, b, updates, False


@perceptron_fit.mistake(
    "one_update_in_a_pass",
    "You begin the next pass after each update. A pass visits all examples, also those after one that was wrong.",
)
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        for x_n, y_n in zip(x, y, strict=True):
            if y_n * (w @ x_n + b) <= 0:
                w, b, updates = w + y_n * x_n, b + y_n, updates + 1
                break
        else:
            return w, b, updates, True
    return w, b, updates, False


@perceptron_fit.mistake(
    "asks_the_last_example_only",
    "You stop when the last example of a pass was right. All examples of the pass count, not only the last visited.",
)
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        for x_n, y_n in zip(x, y, strict=True):
            wrong = y_n * (w @ x_n + b) <= 0
            if wrong:
                w, b, updates = w + y_n * x_n, b + y_n, updates + 1
        if not wrong:
            return w, b, updates, True
    return w, b, updates, False


@perceptron_fit.mistake(
    "never_reports_success",
    "converged stays False although a pass without a single update went by.",
)
def _(x, y, max_epochs):
    return *_fit(x, y, max_epochs)[:3], False


@perceptron_fit.mistake(
    "last_pass_not_counted",
    "A pass without a single update went by, but you report failure because it was the last one allowed. "
    "Whether passes are left over does not matter: one clean pass is convergence.",
)
def _(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs)
    return w, b, sum(counts), len(counts) < max_epochs


@perceptron_fit.mistake(
    "counts_epochs",
    "updates holds the number of passes. It should count single updates: each example that was found on the wrong side, "
    "each time.",
)
def _(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs)
    return w, b, len(counts), counts[-1] == 0


@perceptron_fit.mistake("counts_epochs")
def _(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs)
    return w, b, len(counts) - 1, counts[-1] == 0


@perceptron_fit.mistake("counts_epochs")
def _(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs)
    return w, b, np.count_nonzero(counts), counts[-1] == 0


@perceptron_fit.mistake(
    "counts_the_last_epoch",
    "updates holds those of the last pass alone: the counter is set to 0 at the start of every pass. "
    "One counter has to run through all passes (the one that tells whether a pass was clean is another).",
)
def _(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs)
    return w, b, counts[-1], counts[-1] == 0


@perceptron_fit.mistake(
    "counts_visits",
    "updates holds the number of examples visited, right ones included.",
)
def _(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs)
    return w, b, len(counts) * len(x), counts[-1] == 0


@perceptron_fit.mistake(
    "clean_pass_counted_as_an_update",
    "updates is one too high when there was a clean pass: a pass without updates adds nothing.",
)
def _(x, y, max_epochs):
    w, b, updates, converged = _fit(x, y, max_epochs)
    return w, b, updates + converged, converged


@perceptron_fit.mistake(
    "shuffled",
    "You visit the examples in another order than that of the rows. Here the order is given, so that everybody gets the "
    "same line: first row first.",
)
def _(x, y, max_epochs):
    return _fit(x[::-1], y[::-1], max_epochs)


@perceptron_fit.mistake(
    "whole_batch",
    "You look for all mistakes with the w and b of the start of the pass and add them up at its end. "
    "The perceptron changes w and b at once: the next example already meets the new ones.",
)
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        wrong = y * (x @ w + b) <= 0
        if not wrong.any():
            return w, b, updates, True
        w, b = w + y[wrong] @ x[wrong], b + float(y[wrong].sum())
        updates += int(wrong.sum())
    return w, b, updates, False


@perceptron_fit.mistake(
    "starts_over",
    "You set w and b back to 0 at the start of each pass. They are set once, before the first pass.",
)
def _(x, y, max_epochs):
    updates = 0
    for _ in range(max_epochs):
        w, b, (count,) = _train(x, y, 1)
        updates += count
    return w, b, updates, count == 0


@perceptron_fit.mistake(
    "no_bias",
    "b never moves, so the boundary has to go through the origin, and data that a line separates need not be separable "
    "any more (erratum E31).",
    PAGE + "perceptron",
)
def _(x, y, max_epochs):
    w, updates = np.zeros(x.shape[1]), 0
    for _ in range(max_epochs):
        before = updates
        for x_n, y_n in zip(x, y, strict=True):
            if y_n * (w @ x_n) <= 0:
                w, updates = w + y_n * x_n, updates + 1
        if updates == before:
            return w, 0.0, updates, True
    return w, 0.0, updates, False


@perceptron_fit.mistake(
    "learning_rate_of_its_own",
    "Your updates are not of the size that the task asks for: it uses η = 1.",
)
def _(x, y, max_epochs):
    w, b, updates, converged = _fit(x, y, max_epochs)
    return 0.1 * w, 0.1 * b, updates, converged


for _rate in (0.5, 0.01, 0.001, 2.0):

    @perceptron_fit.mistake("learning_rate_of_its_own")
    def _(x, y, max_epochs, rate=_rate):
        w, b, updates, converged = _fit(x, y, max_epochs)
        return rate * w, rate * b, updates, converged


@perceptron_fit.mistake(
    "label_forgotten",
    "You add every wrong example, whatever its label is. A negative one has to be subtracted.",
    PAGE + "perceptron",
)
def _(x, y, max_epochs):
    w, b, updates = np.zeros(x.shape[1]), 0.0, 0
    for _ in range(max_epochs):
        before = updates
        for x_n, y_n in zip(x, y, strict=True):
            if y_n * (w @ x_n + b) <= 0:
                w, b, updates = w + x_n, b + 1, updates + 1
        if updates == before:
            return w, b, updates, True
    return w, b, updates, False


@perceptron_fit.alternative
def with_the_bias_as_a_weight(x, y, max_epochs):
    z = np.hstack([x, np.ones((len(x), 1))])
    theta = np.zeros(z.shape[1], dtype=np.float32)
    updates = 0
    for _ in range(max_epochs):
        clean = True
        for n in range(len(z)):
            if y[n] * (z[n] @ theta) <= 0:
                theta = theta + y[n] * z[n]
                updates, clean = updates + 1, False
        if clean:
            return theta[:-1], theta[-1], updates, True
    return theta[:-1], theta[-1], updates, False


@perceptron_fit.alternative
def without_stopping_early(x, y, max_epochs):
    w, b, counts = _train(x, y, max_epochs, stop=False)
    return w, b, np.int64(sum(counts)), 0 in counts


@perceptron_fit.alternative
def counting_quiet_visits(x, y, max_epochs):
    w, b, updates, quiet = np.zeros(x.shape[1]), 0.0, 0, 0
    for visit in range(max_epochs * len(x)):
        n = visit % len(x)
        quiet = 0 if n == 0 else quiet
        if y[n] * (x[n] @ w + b) <= 0:
            w, b, updates, quiet = w + y[n] * x[n], b + y[n], updates + 1, 0
        else:
            quiet += 1
        if quiet == len(x):
            return w, b, updates, True
    return w, b, updates, False
