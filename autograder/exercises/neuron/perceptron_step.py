import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

perceptron_step = Exercise(
    "perceptron_step",
    signature=(
        "perceptron_step(x: (D,) float64, y: int, w: (D,) float64, b: float, learning_rate: float)"
        " -> w: (D,) float64, b: float, updated: bool"
    ),
    outputs=("w", "b", "updated"),
    form="mend",
    gives=("strict_inequality", "label_forgotten_in_bias"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "perceptron",
)


def _visit(random, D, y, right, margin=(0.3, 1.0)):
    """Draw an example that the neuron gets right or wrong, with the bias deciding against the weights."""
    x, w = random.normal(size=D), random.normal(size=D)
    score = float(w @ x)
    b = -score + (1 if right else -1) * y * random.uniform(*margin)
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


@perceptron_step.case("far on the right side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 3, 1, right=True, margin=(2, 4))


@perceptron_step.case("barely on the right side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 2, 1, right=True, margin=(1e-6, 1e-5))


@perceptron_step.case("a negative example far on the right side")
def _(random) -> dict[str, PlainData]:
    return _visit(random, 2, -1, right=True, margin=(2, 4))


@perceptron_step.case("far on the wrong side, one input, a rate above 1")
def _(random) -> dict[str, PlainData]:
    return {**_visit(random, 1, -1, right=False, margin=(2, 4)), "learning_rate": 1.75}


@perceptron_step.case("a positive example exactly on the boundary")
def _(random) -> dict[str, PlainData]:
    x, w = np.array([2.0, -1.0]), np.array([3.0, 4.0])
    return {"x": x, "y": 1, "w": w, "b": -2.0, "learning_rate": 0.5}


@perceptron_step.case("a negative example exactly on the boundary")
def _(random) -> dict[str, PlainData]:
    x, w = np.array([-3.0, 1.0, 2.0]), np.array([1.0, 2.0, 4.0])
    return {"x": x, "y": -1, "w": w, "b": -7.0, "learning_rate": 0.25}


@perceptron_step.case("an example at the origin")
def _(random) -> dict[str, PlainData]:
    return {**_visit(random, 2, 1, right=False), "x": np.zeros(2), "b": -0.5}


@perceptron_step.case("numbers in the thousands")
def _(random) -> dict[str, PlainData]:
    case = _visit(random, 3, 1, right=False)
    return {**case, "x": 1e4 * case["x"], "b": 1e4 * case["b"]}


@perceptron_step.case("many inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _visit(random, 60, -1, right=False)


@perceptron_step.case("exactly on another boundary", secret=True)
def _(random) -> dict[str, PlainData]:
    x, w = np.array([4.0, -1.0]), np.array([2.0, 3.0])
    y = int(random.choice([-1, 1]))
    return {"x": x, "y": y, "w": w, "b": -5.0, "learning_rate": 0.75}


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

    score = y * linear(as_tensor(x)[None], as_tensor(w)[None], as_tensor([b])).item()
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


@perceptron_step.mistake("updates_when_right")
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, wrong=lambda s: s >= 0)


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
    "margin_asked_for",
    "You update examples on the right side, too, when y (w·x + b) is small. Such a margin belongs to the hinge loss; "
    "the perceptron leaves an example alone as soon as it is right.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, wrong=lambda s: s < 1)


@perceptron_step.mistake(
    "flag_inverted",
    "w and b are right, but your third result is True when nothing was changed. It says whether there was an update.",
)
def _(x, y, w, b, learning_rate):
    w, b, updated = _step(x, y, w, b, learning_rate)
    return w, b, not updated


@perceptron_step.mistake(
    "flag_always_true",
    "w and b are right, but your third result is True even when nothing was changed. It says whether there was an update.",
)
def _(x, y, w, b, learning_rate):
    return *_step(x, y, w, b, learning_rate)[:2], True


@perceptron_step.mistake(
    "flag_never_true",
    "w and b are right, but your third result is False even when they were changed. It says whether there was an update.",
)
def _(x, y, w, b, learning_rate):
    return *_step(x, y, w, b, learning_rate)[:2], False


@perceptron_step.mistake(
    "learning_rate_forgotten_in_weights",
    "b is right, but the step of w lacks the learning rate.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, dw=y * x / learning_rate)


@perceptron_step.mistake(
    "label_forgotten_in_weights",
    "b changes as it should, but w always moves towards the example. A negative example has to push it away: the label "
    "belongs to both changes.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, dw=x)


@perceptron_step.mistake(
    "weights_not_learnt",
    "b learns, w stays.",
)
def _(x, y, w, b, learning_rate):
    return _step(x, y, w, b, learning_rate, dw=0 * x)


@perceptron_step.mistake(
    "weights_replaced",
    "Your new w and b are the change itself. The change is added to what w and b were.",
)
def _(x, y, w, b, learning_rate):
    return (
        _step(x, y, 0 * w, 0.0, learning_rate, score=y * (w @ x + b))
        if (y * (w @ x + b) <= 0)
        else (w, b, False)
    )


@perceptron_step.mistake(
    "in_place",
    "The numbers are right, but the caller's own w is changed as well: `+=` on an argument works in place. "
    "Compute a new array.",
)
def _(x, y, w, b, learning_rate):
    updated = y * (w @ x + b) <= 0
    if updated:
        w += learning_rate * y * x
        b += learning_rate * y
    return w, b, updated


@perceptron_step.mistake(
    "label_minus_prediction",
    "You use y − prediction as the error. With labels ±1 that is ±2 for a mistake, so the steps are twice as long as "
    "asked for; it would fit labels 0 and 1.",
)
def _(x, y, w, b, learning_rate):
    error = y - np.sign(w @ x + b)
    return _step(x, y, w, b, learning_rate, dw=error * x, db=error)


@perceptron_step.mistake("label_minus_prediction")
def _(x, y, w, b, learning_rate):
    error = y - (1 if w @ x + b > 0 else -1)
    return w + learning_rate * error * x, b + learning_rate * error, error != 0


@perceptron_step.mistake("label_minus_prediction")
def _(x, y, w, b, learning_rate):
    error = y - (1 if w @ x + b >= 0 else -1)
    return w + learning_rate * error * x, b + learning_rate * error, error != 0


@perceptron_step.mistake(
    "label_minus_score",
    "You use y − (w·x + b) as the error, which is the rule of the least squares (Widrow and Hoff). The perceptron's "
    "step does not depend on how wrong the example was.",
)
def _(x, y, w, b, learning_rate):
    error = y - (w @ x + b)
    return _step(x, y, w, b, learning_rate, dw=error * x, db=error)


@perceptron_step.mistake("label_minus_score")
def _(x, y, w, b, learning_rate):
    error = y - (w @ x + b)
    return w + learning_rate * error * x, b + learning_rate * error, True


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


@perceptron_step.alternative
def line_by_line(x, y, w, b, learning_rate):
    if y * (w @ x + b) > 0:
        return w, b, False
    return w + learning_rate * y * x, b + learning_rate * y, True


perceptron_step.slip(
    "strict_inequality", of="line_by_line", right="(w @ x + b) > 0", wrong="(w @ x + b) >= 0"
)

perceptron_step.slip(
    "label_forgotten_in_bias",
    of="line_by_line",
    right="b + learning_rate * y,",
    wrong="b + learning_rate,",
)
