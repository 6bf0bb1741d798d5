"""Exercises of chapter 02: the neuron, the perceptron, activations and approximation."""

import itertools

import numpy as np

from autograder.exercise import Chapter
from dlarch.compare import Bound
from dlarch.plain import PlainData

chapter = Chapter("02_neuron")

PAGE = "02_neuron.html#neuron-"
LIBRARIES = ("torch", "scipy", "sklearn", "tensorflow", "jax")


def _tensor(array):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))


def _sigmoid(a):
    return (1 + np.tanh(a / 2)) / 2


# ---------------------------------------------------------------------------- neuron

neuron = chapter.exercise(
    "neuron",
    signature=(
        "neuron(x: (N, D) float64, w: (D,) float64, b: float, g: function of arrays)"
        " -> h: (N,) float64"
    ),
    outputs=("h",),
    points=1,
    driver="neuron.with_activation",
    forbids=LIBRARIES,
    section=PAGE + "model",
)


def _inputs(random, N, D, g):
    return {
        "x": random.normal(size=(N, D)),
        "w": random.normal(size=D),
        "b": float(random.uniform(0.3, 1.5) * random.choice([-1, 1])),
        "g": g,
    }


@neuron.case("tanh")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 5, 3, "tanh")


@neuron.case("identity, one example")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 1, 4, "identity")


@neuron.case("arctan, one input")
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 6, 1, "arctan")


@neuron.case("threshold, many inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 70, 33, "threshold")


@neuron.case("as many inputs as examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _inputs(random, 7, 7, "tanh")


@neuron.reference
def _(x, w, b, g):
    from autograder.kernels.linear import linear

    return g(linear(_tensor(x), _tensor(w)[None], _tensor([b]))[:, 0].numpy())


@neuron.mistake(
    "bias_missing",
    "The bias is missing: g is applied to w·x alone. Without b the neuron is linear and not affine: whatever w is, "
    "the place where it decides goes through the origin (erratum E53).",
)
def _(x, w, b, g):
    return g(x @ w)


@neuron.mistake(
    "activation_missing",
    "You stop at the pre-activation a = w·x + b. The neuron's output is h = g(a).",
)
def _(x, w, b, g):
    return x @ w + b


@neuron.mistake(
    "bias_after_activation",
    "You add the bias after the activation: g(w·x) + b. It belongs inside: b shifts the point at which the neuron "
    "switches on, not its output.",
)
def _(x, w, b, g):
    return g(x @ w) + b


@neuron.mistake(
    "activation_of_inputs",
    "You apply g to the inputs and weight the result. Sum first, then activate: one number a per example, "
    "then g(a).",
)
def _(x, w, b, g):
    return g(x) @ w + b


@neuron.mistake(
    "bias_for_every_input",
    "You add b to every product before the sum, so it is counted once for each input. "
    "A neuron has one bias, added once to w·x.",
)
def _(x, w, b, g):
    return g((x * w + b).sum(axis=1))


@neuron.mistake(
    "bias_added_to_inputs",
    "You add b to every input, so the weights act on it too. A neuron has one bias, added once to w·x.",
)
def _(x, w, b, g):
    return g((x + b) @ w)


@neuron.mistake(
    "bias_subtracted",
    "You subtract b. A threshold θ would be subtracted; the bias is b = −θ and is added.",
)
def _(x, w, b, g):
    return g(x @ w - b)


@neuron.alternative
def with_loops(x, w, b, g):
    h = []
    for row in x:
        a = b
        for x_d, w_d in zip(row, w, strict=True):
            a += x_d * w_d
        h.append(g(np.array(a)))
    return np.array(h, dtype=np.float32)


@neuron.alternative
def with_einsum(x, w, b, g):
    return g(np.einsum("nd,d->n", x, w) + b)


@neuron.alternative
def with_a_constant_input(x, w, b, g):
    return g(np.column_stack([np.ones(len(x)), x]) @ np.append(b, w))


# ---------------------------------------------------------------------------- perceptron_step

perceptron_step = chapter.exercise(
    "perceptron_step",
    signature=(
        "perceptron_step(x: (D,) float64, y: int, w: (D,) float64, b: float, learning_rate: float)"
        " -> w: (D,) float64, b: float, updated: bool"
    ),
    outputs=("w", "b", "updated"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "perceptron",
)


def _visit(random, D, y, right):
    """Draw an example that the neuron gets right or wrong, with the bias deciding against the weights."""
    x, w = random.normal(size=D), random.normal(size=D)
    score = float(w @ x)
    b = -score + (1 if right else -1) * y * random.uniform(0.3, 1.0)
    rate = float(random.uniform(0.2, 0.7))
    return {"x": x, "y": y, "w": w, "b": float(b), "learning_rate": rate}


@perceptron_step.case("a negative example on the wrong side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 3, -1, right=False)


@perceptron_step.case("a positive example on the wrong side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 5, 1, right=False)


@perceptron_step.case("a positive example on the right side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 4, 1, right=True)


@perceptron_step.case("a negative example on the right side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 2, -1, right=True)


@perceptron_step.case("the very first step: w = 0, b = 0")
def _(random) -> dict[str, PlainData]:
    return {**_visit(random, 2, -1, right=False), "w": np.zeros(2), "b": 0.0}


@perceptron_step.case("the very first step, with a positive example")
def _(random) -> dict[str, PlainData]:
    return {**_visit(random, 3, 1, right=False), "w": np.zeros(3), "b": 0.0}


@perceptron_step.case("only the bias is right")
def _(random) -> dict[str, PlainData]:
    x, w = random.uniform(0.5, 1, size=2), random.uniform(0.5, 1, size=2)
    return {"x": x, "y": -1, "w": w, "b": -float(w @ x) - 0.4, "learning_rate": 0.5}


@perceptron_step.case("only the weights are right")
def _(random) -> dict[str, PlainData]:
    x, w = random.uniform(0.5, 1, size=2), random.uniform(0.5, 1, size=2)
    return {"x": x, "y": 1, "w": w, "b": -float(w @ x) - 0.4, "learning_rate": 0.25}


@perceptron_step.case("many inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _visit(random, 60, -1, right=False)


@perceptron_step.case("exactly on the boundary", secret=True)
def _(random) -> dict[str, PlainData]:
    x, w = np.array([2.0, -1.0]), np.array([3.0, 4.0])
    y = int(random.choice([-1, 1]))
    return {"x": x, "y": y, "w": w, "b": -2.0, "learning_rate": 0.5}


def _step(x, y, w, b, learning_rate, score=None, wrong=lambda s: s <= 0, dw=None, db=None):
    """Answer with another score, condition or change of the parameters."""
    s = y * (w @ x + b) if score is None else score
    if not wrong(s):
        return w.copy(), b, False
    dw = y * x if dw is None else dw
    db = y if db is None else db
    return w + learning_rate * dw, b + learning_rate * db, True


@perceptron_step.reference
def _(x, y, w, b, learning_rate):
    from autograder.kernels.linear import linear

    score = y * linear(_tensor(x)[None], _tensor(w)[None], _tensor([b])).item()
    if score > 0:
        return w.copy(), b, False
    return w + learning_rate * y * x, b + learning_rate * y, True


@perceptron_step.mistake(
    "strict_inequality",
    "You update only when y (w·x + b) < 0. Started at w = 0 and b = 0 this number is 0 for every example, and nothing "
    "is ever learnt; with ≤ 0 the first step is made. A lecture has the same slip (erratum E31).",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, wrong=lambda s: s < 0)


@perceptron_step.mistake(
    "boundary_taken_as_positive",
    "A positive example that lies exactly on the boundary counts as right in your step, as if w·x + b = 0 were an "
    "answer of +1. On the boundary an example is not right, whatever its label is.",
)
def _(x, y, w, b, learning_rate):
    answer = 1 if w @ x + b >= 0 else -1
    return _step(x, y, w, b, learning_rate, score=y * answer)


@perceptron_step.mistake(
    "boundary_taken_as_negative",
    "A negative example that lies exactly on the boundary counts as right in your step, as if w·x + b = 0 were an "
    "answer of −1. On the boundary an example is not right, whatever its label is.",
)
def _(x, y, w, b, learning_rate):
    answer = 1 if w @ x + b > 0 else -1
    return _step(x, y, w, b, learning_rate, score=y * answer)


@perceptron_step.mistake(
    "updates_when_right",
    "You update when the example is on the right side. y (w·x + b) > 0 means right: then nothing should change.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, wrong=lambda s: s > 0)


@perceptron_step.mistake(
    "always_updates",
    "You change w and b at every example. The perceptron learns from its mistakes alone: an example on the right side "
    "leaves w and b as they are.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, wrong=lambda s: True)


@perceptron_step.mistake(
    "label_forgotten_in_update",
    "You add the example whatever its label is. A negative example has to be subtracted: the label y belongs to the "
    "change of w and of b.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, dw=x, db=1)


@perceptron_step.mistake(
    "label_forgotten_in_bias",
    "w changes as it should, but b always grows. Its change carries the label too: the bias is the weight of an input "
    "that is always 1.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, db=1)


@perceptron_step.mistake(
    "bias_not_learnt",
    "w learns, b stays. The bias is the weight of an input that is always 1, so it is updated with every mistake too.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, db=0)


@perceptron_step.mistake(
    "bias_not_in_score",
    "You decide by y (w·x) without b, so examples are taken for right that are wrong, and the other way round. "
    "The neuron's side is the sign of w·x + b (erratum E31).",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, score=y * (w @ x))


@perceptron_step.mistake(
    "no_bias_at_all",
    "There is no b in your step: neither in the score y (w·x + b) nor among what is learnt. Such a boundary always goes "
    "through the origin (erratum E31).",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, score=y * (w @ x), db=0)


@perceptron_step.mistake(
    "no_bias_and_strict",
    "Two things are missing. There is no b, neither in the score nor among what is learnt; and with < in place of ≤ "
    "nothing is ever learnt from w = 0. One lecture's algorithm has both slips (erratum E31).",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, score=y * (w @ x), wrong=lambda s: s < 0, db=0)


@perceptron_step.mistake(
    "label_forgotten_in_condition",
    "You update when w·x + b ≤ 0, whatever the label is. A negative example belongs on that side: it is a mistake when "
    "y (w·x + b) ≤ 0.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, score=w @ x + b)


@perceptron_step.mistake(
    "wrong_direction",
    "You subtract where you should add: each step moves the boundary further away from the right place. "
    "After a step, y (w·x + b) has to be larger than before.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, dw=-y * x, db=-y)


@perceptron_step.mistake(
    "learning_rate_forgotten",
    "The step is made with y x itself; the learning rate is missing, in w and in b.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, 1.0)


@perceptron_step.mistake(
    "learning_rate_forgotten_in_bias",
    "w is right, but the step of b lacks the learning rate.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, db=y / learning_rate)


@perceptron_step.mistake(
    "label_minus_prediction",
    "You use y − prediction as the error. With labels ±1 that is ±2 for a mistake, so the steps are twice as long as "
    "asked for; it would fit labels 0 and 1.",
)
def _(x, y, w, b, learning_rate):
    error = y - np.sign(w @ x + b)
    return _step(x, y, w, b, learning_rate, dw=error * x, db=error)


@perceptron_step.mistake(
    "label_minus_score",
    "You use y − (w·x + b) as the error, which is the rule of the least squares (Widrow and Hoff). The perceptron's "
    "step does not depend on how wrong the example was.",
)
def _(x, y, w, b, learning_rate):
    error = y - (w @ x + b)
    return _step(x, y, w, b, learning_rate, dw=error * x, db=error)


@perceptron_step.alternative
def by_the_sign(x, y, w, b, learning_rate):
    if np.sign(np.dot(w, x) + b) != y:
        return w + learning_rate * y * x, b + learning_rate * y, np.True_
    return w, b, np.False_


@perceptron_step.alternative
def with_loop(x, y, w, b, learning_rate):
    a = b + sum(w[d] * x[d] for d in range(len(w)))
    right = a * y > 0
    change = [0.0 if right else learning_rate * y * x_d for x_d in [*x, 1.0]]
    new = np.array([*w, b], dtype=np.float32) + np.array(change)
    return new[:-1], new[-1], not right


@perceptron_step.alternative
def by_descent_on_the_criterion(x, y, w, b, learning_rate):
    outside = 1 if -y * (x @ w + b) >= 0 else 0
    gradient = -outside * y * np.append(x, 1)
    theta = np.append(w, b) - learning_rate * gradient
    return theta[:-1], float(theta[-1]), bool(outside)


# ---------------------------------------------------------------------------- perceptron_fit

perceptron_fit = chapter.exercise(
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
    """Draw points that a hyperplane separates, both classes present, learnt in more than two epochs."""
    while True:
        w, b = random.normal(size=D), random.uniform(0.4, 0.8) * random.choice([-1, 1])
        w /= np.linalg.norm(w)
        x = random.uniform(-1.5, 1.5, size=(4 * N, D))
        score = x @ w + b
        clear = np.abs(score) > 0.08
        x, y = x[clear][:N], np.sign(score[clear][:N]).astype(np.int64)
        _, _, counts = _train(x, y, most)
        tied = np.any([np.all(counts[-1] > 0), len(counts) < 4])
        if len(x) == N and abs(y.sum()) < N and not tied:
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


@perceptron_fit.case("one example")
def _(random) -> dict[str, PlainData]:
    return {"x": random.normal(size=(1, 3)), "y": np.array([-1]), "max_epochs": 4}


@perceptron_fit.case("separable, more inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _separable(random, 40, 6)


@perceptron_fit.case("all of one class", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"x": random.uniform(1, 2, size=(6, 2)), "y": np.full(6, -1), "max_epochs": 5}


@perceptron_fit.reference
def _(x, y, max_epochs):
    """Count the updates of each example in place of changing w: w = Σ α_n y_n x_n."""
    from autograder.kernels.matmul import matmul

    z = np.column_stack([x, np.ones(len(x))]) * y[:, None]
    gram = matmul(_tensor(z), _tensor(z).T).numpy()
    alpha, converged = np.zeros(len(x)), False
    for _ in range(max_epochs):
        before = alpha.sum()
        for n in range(len(x)):
            alpha[n] += gram[n] @ alpha <= 0
        converged = bool(alpha.sum() == before)
        if converged:
            break
    theta = matmul(_tensor(alpha[None]), _tensor(z))[0].numpy()
    return theta[:-1], float(theta[-1]), int(alpha.sum()), converged


def _fit(x, y, max_epochs, wrong=lambda s: s <= 0):
    w, b, counts = _train(x, y, max_epochs, wrong)
    return w, b, sum(counts), counts[-1] == 0


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


@perceptron_fit.mistake(
    "never_reports_failure",
    "You report convergence always. When the last pass allowed still made updates, nobody knows whether the next one "
    "would have been clean: converged must be False then.",
)
def _(x, y, max_epochs):
    return *_fit(x, y, max_epochs)[:3], True


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


# ---------------------------------------------------------------------------- linear_collapse

linear_collapse = chapter.exercise(
    "linear_collapse",
    signature=(
        "linear_collapse(weights: list of L arrays (D_in, D_out) float64, "
        "biases: list of L arrays (D_out,) float64) -> W: (D, K) float64, b: (K,) float64"
    ),
    outputs=("W", "b"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "collapse",
)


def _affine_layers(random, *sizes):
    return {
        "weights": [random.normal(size=pair) for pair in itertools.pairwise(sizes)],
        "biases": [random.normal(size=size) for size in sizes[1:]],
    }


@linear_collapse.case("two layers")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 2, 4, 3)


@linear_collapse.case("three square layers")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 3, 3, 3, 3)


@linear_collapse.case("one layer")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 5, 2)


@linear_collapse.case("four layers, one output", secret=True)
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 6, 2, 5, 4, 1)


@linear_collapse.case("one input, through one unit", secret=True)
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 1, 3, 1, 2)


@linear_collapse.reference
def _(weights, biases):
    from autograder.kernels.linear import linear
    from autograder.kernels.matmul import matmul

    W, b = _tensor(weights[0]), _tensor(biases[0])
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W = matmul(W, _tensor(W_l))
        b = linear(b[None], _tensor(W_l).T, _tensor(b_l))[0]
    return W.numpy(), b.numpy()


def _product(weights):
    W = weights[0]
    for W_l in weights[1:]:
        W = W @ W_l
    return W


@linear_collapse.mistake(
    "last_bias_only",
    "W is right, but only the last layer's bias is left. The biases of the earlier layers pass through the weights of "
    "the layers after them and arrive at the output too.",
)
def _(weights, biases):
    return _product(weights), biases[-1].copy()


@linear_collapse.mistake(
    "biases_added_up",
    "You add the biases up as they are. A bias of an earlier layer is an output of that layer: it passes through all "
    "later weights before it arrives (their sizes would not even fit in general).",
)
def _(weights, biases):
    total = biases[0]
    for b_l in biases[1:]:
        total = total + b_l
    return _product(weights), total


@linear_collapse.mistake(
    "biases_multiplied_by_everything",
    "You send a bias through its own layer's weights as well. b of layer l is added after the weights of that layer, so "
    "only the weights of the layers behind it act on it.",
)
def _(weights, biases):
    b = np.zeros(len(weights[0]))
    for W_l, b_l in zip(weights, biases, strict=True):
        b = (b + b_l) @ W_l if W_l.shape[0] == len(b_l) else b @ W_l + b_l
    return _product(weights), b


@linear_collapse.mistake(
    "later_biases_dropped",
    "Only the first layer's bias arrives, passed through the later weights. Every layer adds its own.",
)
def _(weights, biases):
    return _product(weights), biases[0] @ _product([np.eye(len(biases[0])), *weights[1:]])


@linear_collapse.mistake(
    "product_reversed",
    "You multiply the weights in the reverse order. With rows as examples, x meets the first layer's weights first: "
    "x W⁽¹⁾ W⁽²⁾ … (the other order belongs to columns as examples).",
)
def _(weights, biases):
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W, b = W_l @ W, b @ W_l + b_l
    return W, b


@linear_collapse.mistake(
    "two_layers_only",
    "You join the first two layers and stop. Whatever number of layers there is, they collapse into one: go on to the end.",
)
def _(weights, biases):
    if len(weights) == 1:
        return weights[0].copy(), biases[0].copy()
    return weights[0] @ weights[1], biases[0] @ weights[1] + biases[1]


@linear_collapse.alternative
def by_asking_the_network(weights, biases):
    def run(x):
        for W, b in zip(weights, biases, strict=True):
            x = x @ W + b
        return x

    D = len(weights[0])
    b = run(np.zeros((1, D)))[0]
    return run(np.eye(D)) - b, b


@linear_collapse.alternative
def with_a_constant_input(weights, biases):
    whole = np.eye(len(weights[0]) + 1)
    for W, b in zip(weights, biases, strict=True):
        whole = whole @ np.block([[np.ones((1, 1)), b[None]], [np.zeros((len(W), 1)), W]])
    return whole[1:, 1:], whole[0, 1:]


@linear_collapse.alternative
def from_the_output_backwards(weights, biases):
    W, b = np.eye(weights[-1].shape[1], dtype=np.float32), 0
    for W_l, b_l in zip(weights[::-1], biases[::-1], strict=True):
        b = b + np.einsum("d,dk->k", b_l, W)
        W = np.einsum("dh,hk->dk", W_l, W)
    return np.asfortranarray(W), b


# ---------------------------------------------------------------------------- hard_threshold

hard_threshold = chapter.exercise(
    "hard_threshold",
    signature="hard_threshold(a: any shape float64, beta: float) -> h: shape of a float64",
    outputs=("h",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "threshold",
)


def _with_threshold(random, *shape):
    """Draw whole numbers, several on either side of the threshold and exactly on it."""
    beta = float(random.integers(2, 4) * random.choice([-1, 1]))
    a = random.integers(-5, 6, size=shape).astype(float)
    a.flat[: min(3, a.size)] = (beta, beta - 0.25, -beta)[: a.size]
    return {"a": a, "beta": beta}


@hard_threshold.case("a vector, some entries at the threshold")
def _(random) -> dict[str, PlainData]:
    return {**_with_threshold(random, 9), "beta": 2.0}


@hard_threshold.case("a batch, negative threshold")
def _(random) -> dict[str, PlainData]:
    a = random.integers(-5, 6, size=(4, 3)).astype(float)
    a[0] = (-3.0, -3.5, 0.0)
    return {"a": a, "beta": -3.0}


@hard_threshold.case("±1000, threshold 0")
def _(random) -> dict[str, PlainData]:
    return {"a": np.array([1000.0, -1000.0, 0.0, 0.5, -0.5]), "beta": 0.0}


@hard_threshold.case("three axes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _with_threshold(random, 2, 3, 5)


@hard_threshold.reference
def _(a, beta):
    import torch

    return torch.heaviside(_tensor(a) - beta, torch.ones((), dtype=torch.float64)).numpy()


@hard_threshold.mistake(
    "strict_inequality",
    "At a = β itself your function gives 0. The task, like the lecture, has a ≥ β: at the threshold the unit is on.",
)
def _(a, beta):
    return (a > beta) * 1.0


@hard_threshold.mistake(
    "sign",
    "You give −1 and +1. That is the sign of a − β; the hard threshold gives 0 and 1.",
)
def _(a, beta):
    return np.where(a >= beta, 1.0, -1.0)


@hard_threshold.mistake(
    "sign_with_zero",
    "You give −1, 0 and 1, the sign of a − β. The hard threshold gives 0 below β, and 1 at β and above.",
)
def _(a, beta):
    return np.sign(a - beta)


@hard_threshold.mistake(
    "threshold_ignored",
    "You compare with 0 in place of β.",
)
def _(a, beta):
    return (a >= 0) * 1.0


@hard_threshold.mistake(
    "threshold_added",
    "You switch at −β: β was added to a where it should be subtracted. A threshold β acts like a bias of −β.",
)
def _(a, beta):
    return (a + beta >= 0) * 1.0


@hard_threshold.mistake(
    "upside_down",
    "Your unit is on below the threshold and off above it.",
)
def _(a, beta):
    return (a <= beta) * 1.0


@hard_threshold.mistake(
    "passes_the_value",
    "Where the unit is on you give a itself. That is a kind of ReLU; the hard threshold says only yes (1) or no (0).",
)
def _(a, beta):
    return np.where(a >= beta, a, 0.0)


@hard_threshold.alternative
def with_where(a, beta):
    return np.where(a < beta, 0.0, 1.0)


@hard_threshold.alternative
def with_booleans(a, beta):
    return a >= beta


@hard_threshold.alternative
def with_heaviside(a, beta):
    return np.heaviside(np.asfortranarray(a) - beta, 1).astype(np.float32)


# ---------------------------------------------------------------------------- hard_threshold_derivative

hard_threshold_derivative = chapter.exercise(
    "hard_threshold_derivative",
    signature=(
        "hard_threshold_derivative(a: any shape float64, beta: float) -> slope: shape of a float64"
    ),
    outputs=("slope",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "threshold",
)


def _off_the_jump(random, *shape):
    return {"a": random.normal(scale=2, size=shape), "beta": float(random.normal())}


@hard_threshold_derivative.case("a vector")
def _(random) -> dict[str, PlainData]:
    return {"a": np.append(random.normal(scale=2, size=6), [0.35, 0.25]), "beta": 0.3}


@hard_threshold_derivative.case("a batch")
def _(random) -> dict[str, PlainData]:
    return _off_the_jump(random, 3, 4)


@hard_threshold_derivative.case("±1000", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"a": np.array([-1000.0, 1000.0, 0.5, -0.5]), "beta": 0.0}


@hard_threshold_derivative.reference
def _(a, beta):
    return np.zeros(a.shape)


@hard_threshold_derivative.mistake(
    "the_threshold_itself",
    "You give the threshold's value (or ReLU's slope): 1 where the unit is on. But there its output is constant, "
    "however much a moves: look at the curve, how steep is it?",
)
def _(a, beta):
    return (a >= beta) * 1.0


@hard_threshold_derivative.mistake(
    "straight_through",
    "You give 1 everywhere. That is a trick to train such units all the same (the straight-through estimator), "
    "not the derivative.",
)
def _(a, beta):
    return np.ones(a.shape)


@hard_threshold_derivative.mistake(
    "slope_of_the_sigmoid",
    "You give the slope of a sigmoid at a − β. The sigmoid is a soft version of the threshold; the threshold "
    "itself is flat beside its jump.",
)
def _(a, beta):
    return _sigmoid(a - beta) * (1 - _sigmoid(a - beta))


@hard_threshold_derivative.mistake(
    "coarse_difference",
    "You measure the slope with a step of 1 (or of ½ to both sides), and so the jump gets into entries that are only near "
    "it. A derivative is the limit of small steps: beside the jump nothing changes.",
)
def _(a, beta):
    return (a + 0.5 >= beta) * 1.0 - (a - 0.5 >= beta) * 1.0


@hard_threshold_derivative.alternative
def with_zeros_like(a, beta):
    return np.zeros_like(a, dtype=np.float32)


@hard_threshold_derivative.alternative
def infinite_at_the_jump(a, beta):
    return np.where(a == beta, np.inf, 0.0)


@hard_threshold_derivative.alternative
def by_a_small_difference(a, beta):
    h = 1e-9
    return ((a + h >= beta).astype(float) - (a - h >= beta)) / (2 * h)


# ---------------------------------------------------------------------------- xor_network

xor_network = chapter.exercise(
    "xor_network",
    signature=(
        "xor_network(low: float, high: float)"
        " -> W1: (2, H) float64, b1: (H,) float64, W2: (H, 1) float64, b2: (1,) float64"
    ),
    outputs=("exact", "disturbed"),
    points=3,
    driver="neuron.xor_network",
    section=PAGE + "xor",
)


@xor_network.case("no is 0, yes is 1")
def _(random) -> dict[str, PlainData]:
    return {"low": 0.0, "high": 1.0}


@xor_network.case("no is −1, yes is 1")
def _(random) -> dict[str, PlainData]:
    return {"low": -1.0, "high": 1.0}


@xor_network.case("both numbers far from 0")
def _(random) -> dict[str, PlainData]:
    return {"low": float(random.uniform(2, 3)), "high": float(random.uniform(5, 7))}


@xor_network.case("both negative and close together", secret=True)
def _(random) -> dict[str, PlainData]:
    low = float(random.uniform(-9, -8))
    return {"low": low, "high": low + float(random.uniform(0.05, 0.2))}


def _gates(low, high, hidden, W2, b2):
    """Give a network whose hidden units are w·u + b ≥ 0, with u = 0 for low and 1 for high."""
    spread = high - low
    W1 = np.array([[w1, w2] for w1, w2, _ in hidden]).T / spread
    b1 = np.array([b for _, _, b in hidden]) - low * W1.sum(axis=0)
    return W1, b1, np.array(W2, dtype=float).reshape(-1, 1), np.array([b2], dtype=float)


OR, AND, NAND = (1, 1, -0.5), (1, 1, -1.5), (-1, -1, 1.5)


@xor_network.reference
def _(low, high):
    return _gates(low, high, [OR, NAND], [1, 1], -1.5)


@xor_network.mistake(
    "answers_or",
    "Your network answers OR: three of the four are right, but it also says yes to (yes, yes). "
    "One line cannot leave that corner out; what has to hold besides OR?",
)
def _(low, high):
    return _gates(low, high, [OR, OR], [1, 1], -1.5)


@xor_network.mistake(
    "answers_and",
    "Your network answers AND: it says yes only when both inputs say yes.",
)
def _(low, high):
    return _gates(low, high, [AND, AND], [1, 1], -1.5)


@xor_network.mistake(
    "answers_nand",
    "Your network answers NAND: three of the four are right, but it also says yes to (no, no). "
    "What has to hold besides NAND?",
)
def _(low, high):
    return _gates(low, high, [NAND, NAND], [1, 1], -1.5)


@xor_network.mistake(
    "answers_equal",
    "Your network answers the opposite everywhere: it says yes when the two inputs are equal. "
    "You are one sign away: what turns every answer of the output unit round?",
)
def _(low, high):
    return _gates(low, high, [OR, NAND], [-1, -1], 1.5)


@xor_network.mistake(
    "answers_nor",
    "Your network says yes only to (no, no): that is NOR.",
)
def _(low, high):
    return _gates(low, high, [OR, OR], [-1, -1], 0.5)


@xor_network.mistake(
    "second_input_only",
    "Your network says yes to (no, yes) alone. That is one half of XOR; the other half, (yes, no), needs a hidden unit "
    "too, and the output unit has to say yes to either.",
)
def _(low, high):
    return _gates(low, high, [(-1, 1, -0.5)], [1], -0.5)


@xor_network.mistake(
    "first_input_only",
    "Your network says yes to (yes, no) alone. That is one half of XOR; the other half, (no, yes), needs a hidden unit "
    "too, and the output unit has to say yes to either.",
)
def _(low, high):
    return _gates(low, high, [(1, -1, -0.5)], [1], -0.5)


@xor_network.mistake(
    "always_yes",
    "Your network says yes to everything. (With all weights and biases 0 every unit sits on its threshold, and on "
    "the threshold a unit is on.)",
)
def _(low, high):
    return np.zeros((2, 2)), np.zeros(2), np.zeros((2, 1)), np.zeros(1)


@xor_network.mistake(
    "always_no",
    "Your network says no to everything. Print the hidden units for the four inputs: do they ever differ, and does the "
    "output unit ever reach its threshold?",
)
def _(low, high):
    return _gates(low, high, [OR, NAND], [1, 1], -2.5)


@xor_network.mistake(
    "zero_and_one_only",
    "Your network is right for inputs 0 and 1, and says no to everything when other numbers stand for no and yes. "
    "The hidden biases have to depend on low and high: where between the four points should each line run?",
)
def _(low, high):
    if (low, high) == (0.0, 1.0):
        return _gates(0.0, 1.0, [OR, NAND], [1, 1], -1.5)
    return _gates(0.0, 1.0, [OR, NAND], [1, 1], -2.5)


@xor_network.mistake(
    "on_the_boundary",
    "The four inputs are answered right, but some of your lines run exactly through them: a small disturbance "
    "changes the answer. Put each line half-way between the points it separates.",
)
def _(low, high):
    return _gates(low, high, [(1, 1, -1.0), (-1, -1, 1.0)], [1, 1], -1.5)


@xor_network.alternative
def or_but_not_and(low, high):
    return (
        np.array([[1.0, 1.0], [1.0, 1.0]]),
        np.array([-(1.5 * low + 0.5 * high), -(0.5 * low + 1.5 * high)]),
        np.array([[1.0], [-2.0]]),
        np.array([-0.5]),
    )


@xor_network.alternative
def either_half(low, high):
    half = (high - low) / 2
    return [[1, -1], [-1, 1]], [-half, -half], [[1], [1]], [-0.5]


@xor_network.alternative
def three_hidden_units(low, high):
    return _gates(low, high, [OR, AND, (0, 0, 1)], [3, -5, -1], 0)


@xor_network.alternative
def with_the_complements(low, high):
    W1, b1, W2, b2 = _gates(low, high, [(-1, -1, 0.5), AND], [-1, -1], 0.5)
    return np.float32(W1 * 7), np.float32(b1 * 7), W2, b2


# ---------------------------------------------------------------------------- activations

MODERATE = "moderate values"
POSITIVE = "up to +1000"
NEGATIVE = "down to −1000"


def _moderate(random) -> dict[str, PlainData]:
    return {"a": random.uniform(0.2, 3, size=(3, 4)) * random.choice([-1, 1], size=(3, 4))}


def _large(sign):
    def draw(random) -> dict[str, PlainData]:
        return {"a": sign * np.array([1000.0, 750.0, 40.0, 1.5, 0.25]) * random.uniform(0.99, 1)}

    return draw


def _three_axes(random) -> dict[str, PlainData]:
    return {"a": random.normal(scale=30, size=(2, 5, 3))}


def _add_cases(exercise):
    exercise.case(MODERATE)(_moderate)
    exercise.case(POSITIVE)(_large(1))
    exercise.case(NEGATIVE)(_large(-1))
    exercise.case("three axes", secret=True)(_three_axes)
    exercise.case("one value", secret=True)(lambda random: {"a": random.normal(size=1)})


def _kernel_value(a, name):
    from autograder.kernels.activations import activation

    return activation(_tensor(a), name).numpy()


def _kernel_slope(a, name):
    import torch

    from autograder.kernels.activations import activation

    a = _tensor(a).requires_grad_(True)
    h = activation(a, name)
    return torch.autograd.grad(h, a, torch.ones_like(h))[0].numpy()


def _activation(name, section):
    return chapter.exercise(
        name,
        signature=f"{name}(a: any shape float64) -> h: shape of a float64",
        outputs=("h",),
        points=1,
        driver="neuron.without_overflow",
        uses=("sigmoid",) if name == "tanh" else (),
        forbids=(*LIBRARIES, *(() if name == "relu" else ("tanh", "arctanh"))),
        section=PAGE + section,
    )


def _derivative(name, section):
    return chapter.exercise(
        f"{name}_derivative",
        signature=f"{name}_derivative(a: any shape float64) -> slope: shape of a float64",
        outputs=("slope",),
        points=1,
        driver="neuron.without_overflow",
        uses=(name,),
        forbids=LIBRARIES,
        section=PAGE + section,
    )


# ---------------------------------------------------------------------------- sigmoid

sigmoid = _activation("sigmoid", "sigmoid")
_add_cases(sigmoid)


@sigmoid.reference
def _(a):
    return _kernel_value(a, "sigmoid")


@sigmoid.mistake(
    "overflow_below",
    "The formula is right, but exp(−a) overflows when a is very negative. The result happens to be right (1/∞ = 0); "
    "the warning would come in every step of a training, and the next formula that uses this exponential gives NaN. "
    "Give exp only arguments ≤ 0.",
    PAGE + "overflow",
)
def _(a):
    return 1 / (1 + np.exp(-a))


@sigmoid.mistake(
    "overflow_above",
    "The formula is right, but exp(a) overflows when a is very large, and ∞/∞ is not a number. "
    "Give exp only arguments ≤ 0.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(a) / (1 + np.exp(a))


@sigmoid.mistake(
    "both_branches",
    "exp overflows at both ends. If you choose between two formulas with np.where: it computes both for every entry "
    "and chooses afterwards. Let the argument of exp be ≤ 0 in the first place.",
    PAGE + "overflow",
)
def _(a):
    return np.where(a >= 0, 1 / (1 + np.exp(-a)), np.exp(a) / (1 + np.exp(a)))


@sigmoid.mistake(
    "mirrored",
    "Your curve falls from 1 to 0: that is σ(−a). Look at the sign in the exponent. "
    "(And the exponential overflows when a is very large.)",
)
def _(a):
    return 1 / (1 + np.exp(a))


@sigmoid.mistake(
    "mirrored_without_overflow",
    "Your curve falls from 1 to 0: that is σ(−a). Look at the sign in the exponent.",
)
def _(a):
    return (1 - np.sign(a)) / 2 + np.sign(a) * np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a)))


@sigmoid.mistake(
    "two_sided",
    "Your function runs from −1 to 1. The sigmoid runs from 0 to 1, with ½ at a = 0.",
)
def _(a):
    return np.tanh(a)


@sigmoid.mistake(
    "always_positive_branch",
    "You use |a| and do not come back: negative entries get the value of their absolute value. "
    "What is σ(−a) when σ(a) is known?",
    PAGE + "overflow",
)
def _(a):
    return 1 / (1 + np.exp(-np.abs(a)))


@sigmoid.mistake(
    "clipped_line",
    "You give a straight line cut off at 0 and 1 (a hard sigmoid). It is close near 0, but not the sigmoid.",
)
def _(a):
    return np.clip(a / 4 + 0.5, 0, 1)


@sigmoid.alternative
def with_the_absolute_value(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


@sigmoid.alternative
def with_a_mask(a):
    h = np.empty(a.shape, dtype=np.float32)
    positive = a > 0
    h[positive] = 1 / (1 + np.exp(-a[positive]))
    e = np.exp(a[~positive])
    h[~positive] = e / (1 + e)
    return h


@sigmoid.alternative
def with_logaddexp(a):
    return np.exp(-np.logaddexp(0, -a))


@sigmoid.alternative
def with_clipping(a):
    return 1 / (1 + np.exp(-np.clip(np.asfortranarray(a), -500, 500)))


# ---------------------------------------------------------------------------- sigmoid_derivative

sigmoid_derivative = _derivative("sigmoid", "sigmoid")
_add_cases(sigmoid_derivative)


@sigmoid_derivative.reference
def _(a):
    return _kernel_slope(a, "sigmoid")


@sigmoid_derivative.mistake(
    "input_for_output",
    "You compute a (1 − a). The short form of the slope is written in the output: h (1 − h) with h = σ(a).",
)
def _(a):
    return a * (1 - a)


@sigmoid_derivative.mistake(
    "twice_the_sigmoid",
    "You apply the sigmoid twice: the slope is taken at σ(a) in place of a.",
)
def _(a):
    h = _sigmoid(_sigmoid(a))
    return h * (1 - h)


@sigmoid_derivative.mistake(
    "overflow_below",
    "Right on paper, but an exponential overflows when a is very negative (in exp(−a)/(1 + exp(−a))² that gives ∞/∞, "
    "not a number). Your own sigmoid does not overflow: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(-a) / (1 + np.exp(-a)) ** 2


@sigmoid_derivative.mistake(
    "value_for_slope",
    "You give σ(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return _sigmoid(a)


@sigmoid_derivative.mistake(
    "slope_of_tanh",
    "You compute 1 − h². That is the form for the hyperbolic tangent; with h = σ(a) the slope is another product.",
)
def _(a):
    return 1 - _sigmoid(a) ** 2


@sigmoid_derivative.mistake(
    "wrong_sign",
    "Your slope is negative, but the sigmoid rises everywhere. Differentiating exp(−a) gives one minus sign, 1/(…) "
    "gives another.",
)
def _(a):
    return _sigmoid(a) * (_sigmoid(a) - 1)


@sigmoid_derivative.alternative
def from_the_output(a):
    h = _sigmoid(a)
    return h * (1 - h)


@sigmoid_derivative.alternative
def from_one_exponential(a):
    e = np.exp(-np.abs(a))
    return (e / (1 + e) ** 2).astype(np.float32)


@sigmoid_derivative.alternative
def from_tanh(a):
    return (1 - np.tanh(a / 2) ** 2) / 4


# ---------------------------------------------------------------------------- tanh

tanh = _activation("tanh", "tanh")
_add_cases(tanh)


@tanh.reference
def _(a):
    return _kernel_value(a, "tanh")


@tanh.mistake(
    "shifted",
    "Your curve is shifted by ½ to the right: at a = 0 it gives −0.46. The 1 in the exponent of one lecture's formula "
    "does not belong there (erratum E05). (For very negative a the exponential overflows, too.)",
)
def _(a):
    return (1 - np.exp(1 - 2 * a)) / (1 + np.exp(1 - 2 * a))


@tanh.mistake(
    "shifted_without_overflow",
    "Your curve is shifted by ½ to the right: at a = 0 it gives −0.46. The 1 in the exponent of one lecture's formula "
    "does not belong there (erratum E05).",
)
def _(a):
    return np.tanh(a - 0.5)


@tanh.mistake(
    "overflow_below",
    "The formula is right, but exp(−2a) overflows when a is very negative, and ∞/∞ is not a number. "
    "tanh is odd: the values for a > 0 are all you need.",
    PAGE + "overflow",
)
def _(a):
    return (1 - np.exp(-2 * a)) / (1 + np.exp(-2 * a))


@tanh.mistake(
    "overflow_above",
    "The formula is right, but exp(2a) overflows when a is very large, and ∞/∞ is not a number. "
    "tanh is odd: the values for a < 0 are all you need.",
    PAGE + "overflow",
)
def _(a):
    return (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)


@tanh.mistake(
    "overflow_at_both_ends",
    "The formula may be right, but an exponential overflows at both ends. tanh is odd: find a formula for one side in "
    "which exp gets arguments ≤ 0, and use the sign of a for the other. (np.where computes both of its branches.)",
    PAGE + "overflow",
)
def _(a):
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


@tanh.mistake(
    "half_the_argument",
    "You give 2σ(a) − 1, which is tanh(a/2): half as steep. Inside the sigmoid stands 2a.",
)
def _(a):
    return 2 * _sigmoid(a) - 1


@tanh.mistake(
    "sign_lost",
    "Negative entries get the value of their absolute value: multiply by the sign of a at the end.",
    PAGE + "overflow",
)
def _(a):
    return np.tanh(np.abs(a))


@tanh.mistake(
    "not_centred",
    "Your function runs from 0 to 1: that is σ(2a). The hyperbolic tangent runs from −1 to 1 and is 0 at a = 0.",
)
def _(a):
    return _sigmoid(2 * a)


@tanh.alternative
def with_the_absolute_value(a):
    e = np.exp(-2 * np.abs(a))
    return np.sign(a) * (1 - e) / (1 + e)


@tanh.alternative
def with_the_sigmoid(a):
    return (2 / (1 + np.exp(-np.clip(2 * a, -500, 500))) - 1).astype(np.float32)


@tanh.alternative
def with_expm1(a):
    e = np.expm1(-2 * np.abs(a))
    return np.where(a < 0, e, -e) / (2 + e)


# ---------------------------------------------------------------------------- tanh_derivative

tanh_derivative = _derivative("tanh", "tanh")
_add_cases(tanh_derivative)


@tanh_derivative.reference
def _(a):
    return _kernel_slope(a, "tanh")


@tanh_derivative.mistake(
    "input_for_output",
    "You compute 1 − a². The short form of the slope is written in the output: 1 − h² with h = tanh(a).",
)
def _(a):
    return 1 - a**2


@tanh_derivative.mistake(
    "square_forgotten",
    "You compute 1 − tanh(a). The square is missing: the slope is the same at a and at −a, and never above 1.",
)
def _(a):
    return 1 - np.tanh(a)


@tanh_derivative.mistake(
    "slope_of_the_sigmoid",
    "You compute h (1 − h). That is the form for the sigmoid; for h = tanh(a) it is another one.",
)
def _(a):
    return np.tanh(a) * (1 - np.tanh(a))


@tanh_derivative.mistake(
    "twice_tanh",
    "You apply tanh twice: the slope is taken at tanh(a) in place of a.",
)
def _(a):
    return 1 - np.tanh(np.tanh(a)) ** 2


@tanh_derivative.mistake(
    "overflow_of_cosh",
    "1/cosh²(a) is right on paper, but cosh overflows at both ends. The slope written in the output h = tanh(a) does not.",
    PAGE + "overflow",
)
def _(a):
    return 1 / np.cosh(a) ** 2


@tanh_derivative.mistake(
    "overflow_of_exp",
    "Right on paper, but an exponential overflows at both ends. Your own tanh does not: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return 4 / (np.exp(a) + np.exp(-a)) ** 2


@tanh_derivative.mistake(
    "value_for_slope",
    "You give tanh(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return np.tanh(a)


@tanh_derivative.alternative
def from_the_output(a):
    return 1 - np.tanh(a) ** 2


@tanh_derivative.alternative
def as_a_product(a):
    h = np.tanh(a).astype(np.float32)
    return (1 - h) * (1 + h)


@tanh_derivative.alternative
def from_one_exponential(a):
    e = np.exp(-2 * np.abs(a))
    return 4 * e / (1 + e) ** 2


# ---------------------------------------------------------------------------- relu

relu = _activation("relu", "relu")
_add_cases(relu)


@relu.reference
def _(a):
    return _kernel_value(a, "relu")


@relu.mistake(
    "leaky",
    "Negative entries come out as small negative numbers: a leaky ReLU. The plain one gives exactly 0 there.",
)
def _(a):
    return np.where(a > 0, a, 0.01 * a)


@relu.mistake(
    "softplus",
    "You give log(1 + exp(a)), a smooth version of ReLU (softplus). ReLU has a kink at 0 and is exactly 0 below it.",
)
def _(a):
    return np.logaddexp(0, a)


@relu.mistake(
    "absolute_value",
    "You give |a|. Negative entries become 0, not positive.",
)
def _(a):
    return np.abs(a)


@relu.mistake(
    "upside_down",
    "You keep the negative entries and set the positive ones to 0: min(a, 0) in place of max(a, 0).",
)
def _(a):
    return np.minimum(a, 0)


@relu.mistake(
    "slope_for_value",
    "You give 1 where a is positive. That is the slope of ReLU (or a threshold); ReLU itself passes a on.",
)
def _(a):
    return (a > 0) * 1.0


@relu.mistake(
    "maximum_along_an_axis",
    "np.max(a, 0) takes the largest entry along axis 0. You need the function that compares entry by entry: np.maximum.",
)
def _(a):
    return np.max(a, 0)


@relu.mistake(
    "maximum_of_python",
    "A whole array is neither positive nor negative: Python's max(a, 0) and `if a > 0` cannot decide for all entries "
    "at once. You need something that decides entry by entry, such as np.maximum.",
)
def _(a):
    return max(a, 0)


@relu.mistake(
    "in_place",
    "The values are right, but you set the negative entries of the argument itself to 0: whoever called the function "
    "has lost a. Work on a copy, or let NumPy make a new array.",
)
def _(a):
    a[a < 0] = 0
    return a


@relu.alternative
def with_maximum(a):
    return np.maximum(0, a).astype(np.float32)


@relu.alternative
def with_the_gate(a):
    return a * (a > 0)


@relu.alternative
def with_the_absolute_value(a):
    return np.asfortranarray((a + np.abs(a)) / 2)


# ---------------------------------------------------------------------------- relu_derivative

relu_derivative = _derivative("relu", "relu")
_add_cases(relu_derivative)


@relu_derivative.reference
def _(a):
    return _kernel_slope(a, "relu")


@relu_derivative.mistake(
    "value_for_slope",
    "You give ReLU itself. Its slope does not grow with a: it is the same wherever the unit is on.",
)
def _(a):
    return np.maximum(a, 0)


@relu_derivative.mistake(
    "always_open",
    "You give 1 everywhere. If you compare the output with ≥ 0: every output of a ReLU is ≥ 0. "
    "Where a < 0 the curve is flat.",
)
def _(a):
    return np.ones(a.shape)


@relu_derivative.mistake(
    "sign",
    "You give −1 where a is negative. That is the slope of |a|; ReLU is flat there.",
)
def _(a):
    return np.sign(a)


@relu_derivative.mistake(
    "leaky",
    "Negative entries get a small slope, as a leaky ReLU has it. The plain one is flat there.",
)
def _(a):
    return np.where(a > 0, 1.0, 0.01)


@relu_derivative.mistake(
    "closed_where_open",
    "You give 1 where a is negative and 0 where it is positive: the other way round.",
)
def _(a):
    return (a < 0) * 1.0


@relu_derivative.mistake(
    "slope_of_softplus",
    "You give σ(a), the slope of softplus. ReLU's slope changes at once, from 0 to 1.",
)
def _(a):
    return _sigmoid(a)


@relu_derivative.alternative
def with_comparison(a):
    return a > 0


@relu_derivative.alternative
def with_the_other_convention(a):
    return np.where(a >= 0, 1.0, 0.0).astype(np.float32)


@relu_derivative.alternative
def with_heaviside(a):
    return np.heaviside(a, 0.5)


# ---------------------------------------------------------------------------- bump

bump = chapter.exercise(
    "bump",
    signature=(
        "bump(left: float, right: float, height: float, steepness: float)"
        " -> w: (2,) float64, b: (2,) float64, v: (2,) float64"
    ),
    outputs=("values",),
    points=2,
    driver="neuron.hidden_layer_values",
    section=PAGE + "bumps",
)


def _interval(random, steepness, points=11):
    left = float(random.uniform(0.15, 0.35))
    right = left + float(random.uniform(0.3, 0.5))
    return {
        "x": np.append(random.uniform(-0.5, 1.5, size=points), [left, right, (left + right) / 2]),
        "left": left,
        "right": right,
        "height": float(random.uniform(0.5, 2) * random.choice([-1, 1])),
        "steepness": steepness,
    }


@bump.case("soft edges")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(6, 12)))


@bump.case("edges of medium steepness")
def _(random) -> dict[str, PlainData]:
    return _interval(random, float(random.uniform(20, 40)))


@bump.case("steep edges")
def _(random) -> dict[str, PlainData]:
    return _interval(random, 2000.0)


@bump.case("left of the origin", secret=True)
def _(random) -> dict[str, PlainData]:
    case = _interval(random, float(random.uniform(5, 9)), points=31)
    shift = float(random.uniform(2, 3))
    return {
        **case,
        "x": case["x"] - shift,
        "left": case["left"] - shift,
        "right": case["right"] - shift,
    }


@bump.reference
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, -height])


@bump.mistake(
    "steepness_not_in_bias",
    "The edges are not where they should be: σ(s x − left) switches at x = left/s. "
    "Multiply s (x − left) out: what is the bias?",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-left, -right]), np.array([height, -height])


@bump.mistake(
    "bias_with_wrong_sign",
    "Your bump lies at the mirror image, between −right and −left: the biases have the wrong sign. "
    "w x + b is 0 at x = −b/w.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([s * left, s * right]), np.array([height, -height])


@bump.mistake(
    "never_switched_off",
    "Both units are added, so there are two steps up and no way down. "
    "The second one has to take away at `right` what the first one gave at `left`.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, height])


@bump.mistake(
    "upside_down",
    "Your bump points the other way: the unit that switches at `left` has to switch the height on, and the other one off.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([-height, height])


@bump.mistake(
    "height_missing",
    "Your bump has height 1 (where it is flat); the height belongs to the output weights v.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([1.0, -1.0])


@bump.mistake(
    "steepness_missing",
    "Your edges have steepness 1, whatever is asked for: on this scale the two sigmoids hardly differ.",
)
def _(left, right, height, steepness):
    return np.ones(2), np.array([-left, -right]), np.array([height, -height])


@bump.mistake(
    "height_halved",
    "Your bump reaches half of the height asked for. A sigmoid runs from 0 to 1: the step of height h is h σ(…).",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, s]), np.array([-s * left, -s * right]), np.array([height, -height]) / 2


@bump.mistake(
    "stands_on_a_level",
    "One of your weights w has the other sign but its output weight was not changed with it, so the bump stands on a "
    "level that is not 0. σ(−a) = 1 − σ(a): mirroring a unit changes the sign of v and adds a constant.",
)
def _(left, right, height, steepness):
    s = steepness
    return np.array([s, -s]), np.array([-s * left, s * right]), np.array([height, height])


@bump.alternative
def off_before_on(left, right, height, steepness):
    return [steepness] * 2, [-steepness * right, -steepness * left], [-height, height]


@bump.alternative
def with_mirrored_units(left, right, height, steepness):
    w = np.full(2, -steepness)
    return w, -w * np.array([left, right]), np.array([-height, height])


@bump.alternative
def with_single_precision(left, right, height, steepness):
    edges = np.array([left, right])
    return (
        np.full(2, steepness, dtype=np.float32),
        -steepness * edges,
        np.array([height, -height], dtype=np.float32),
    )


# ---------------------------------------------------------------------------- approximate

approximate = chapter.exercise(
    "approximate",
    signature=(
        "approximate(f: function of arrays, epsilon: float, slope: float)"
        " -> w: (H,) float64, b: (H,) float64, v: (H,) float64"
    ),
    outputs=("error_inside", "error_near_the_ends"),
    points=3,
    driver="neuron.approximation_error",
    bounds={"error_inside": Bound(high=1.0), "error_near_the_ends": Bound(high=1.0)},
    uses=("bump",),
    forbids=LIBRARIES,
    section=PAGE + "approximation",
)


def _zigzag(random, corners, slope, epsilon):
    """Draw a polygon that rises and falls with the same slope, away from 0 at both ends."""
    x = np.linspace(0, 1, corners + 1)
    y = 1.5 + slope / corners * (np.arange(corners + 1) % 2) * random.uniform(0.97, 1)
    if random.uniform() < 0.5:
        y = -y
    return {
        "target": {"kind": "zigzag", "x": x, "y": y},
        "epsilon": epsilon,
        "slope": slope,
    }


@approximate.case("up and down, ε = 0.1")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 4, 4.0, 0.1)


@approximate.case("steeper, ε = 0.05")
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 3, 8.0, 0.05)


@approximate.case("a wave")
def _(random) -> dict[str, PlainData]:
    frequency, amplitude = float(random.uniform(6, 9)), float(random.uniform(0.8, 1.2))
    target = {
        "kind": "wave",
        "offset": 2.0,
        "amplitude": amplitude,
        "frequency": frequency,
        "phase": float(random.uniform(0, 6)),
    }
    return {"target": target, "epsilon": 0.08, "slope": frequency * amplitude}


@approximate.case("steep, ε = 0.02", secret=True)
def _(random) -> dict[str, PlainData]:
    return _zigzag(random, 5, 9.0, 0.02)


@approximate.case("a constant", secret=True)
def _(random) -> dict[str, PlainData]:
    target = {"kind": "zigzag", "x": np.array([0.0, 1.0]), "y": np.full(2, 1.7)}
    return {"target": target, "epsilon": 0.05, "slope": 0.0}


def _bumps(f, n, steepness, outer=1.0, at=0.5, signs=(1, -1)):
    """Give n bumps on equal intervals, the outermost edges moved outwards by `outer`."""
    edges = np.linspace(0, 1, n + 1)
    left, right = edges[:-1].copy(), edges[1:].copy()
    left[0] -= outer
    right[-1] += outer
    height = f(edges[:-1] + at / n)
    w = np.full(2 * n, steepness)
    v = np.concatenate([signs[0] * height, signs[1] * height])
    return w, -steepness * np.concatenate([left, right]), v


def _count(epsilon, slope):
    return max(1, int(np.ceil(slope / (2 * epsilon) * 1.1)))


@approximate.reference
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n)


@approximate.mistake(
    "half_height_at_the_ends",
    "Inside the interval you are below ε, but not at its ends: at the edge of a bump a sigmoid is at half its height, "
    "and at x = 0 and x = 1 there is no neighbour to make up for it. Where should the outermost edges lie?",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, outer=0.0)


@approximate.mistake(
    "heights_at_the_edge",
    "Your error is up to twice ε. If you take the height of a bump at the left edge of its interval: at the right one f "
    "can be off by slope · width. Which point of an interval is never more than half a width away? "
    "(If you take the middle already, the bumps are too wide or their edges too soft.)",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, at=0.0)


@approximate.mistake(
    "edges_too_soft",
    "Your bumps run into each other and smooth f away: their edges are too soft for bumps of this width. "
    "A sigmoid rises over about 8/steepness; compare that with the width.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 1.0 * n)


@approximate.mistake(
    "steps_that_never_end",
    "Your sum grows from interval to interval: every unit is switched on and none is switched off. "
    "A bump needs a second unit that takes its height away again.",
)
def _(f, epsilon, slope):
    n = _count(epsilon, slope)
    return _bumps(f, n, 60.0 * n, signs=(1, 1))


@approximate.mistake(
    "nothing_at_all",
    "Your network gives 0, or nearly so, everywhere: the output weights v carry the heights f(…) of the bumps.",
)
def _(f, epsilon, slope):
    return np.ones(2), np.zeros(2), np.zeros(2)


@approximate.alternative
def with_a_loop_of_bumps(f, epsilon, slope):
    n = 2 + int(slope / epsilon)
    s = 200 * n
    w, b, v = [], [], []
    for i in range(n):
        left, right = (i / n if i else -1), ((i + 1) / n if i < n - 1 else 2)
        height = float(f((i + 0.5) / n))
        w += [s, s]
        b += [-s * left, -s * right]
        v += [height, -height]
    return w, b, v


@approximate.alternative
def with_steps(f, epsilon, slope):
    n = 5 + int(slope / epsilon)
    heights = f((np.arange(n) + 0.5) / n)
    jumps = np.diff(heights, prepend=0.0)
    edges = np.arange(n) / n
    edges[0] = -1
    return np.full(n, 100.0 * n), -100.0 * n * edges, jumps.astype(np.float32)


@approximate.alternative
def by_doubling_until_it_fits(f, epsilon, slope):
    x = np.linspace(0, 1, 3001)
    n = 2
    while True:
        w, b, v = _bumps(f, n, 40.0 * n)
        if np.abs(_sigmoid(x[:, None] * w + b) @ v - f(x)).max() < 0.98 * epsilon:
            return w, b, v
        n *= 2
