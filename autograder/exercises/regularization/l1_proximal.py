import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

l1_proximal = Exercise(
    "l1_proximal",
    signature=(
        "l1_proximal(W: (D, K) float64, dW: (D, K) float64, learning_rate: float, strength: float)"
        " -> W: (D, K) float64"
    ),
    outputs=("W",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "l1",
)


def _descent(random, D, K, learning_rate, strength):
    """Draw weights near the threshold, some of them pushed over 0 by the gradient, some exactly at 0."""
    W = random.normal(size=(D, K)) * 3 * learning_rate * strength
    dW = random.normal(size=(D, K)) * 2 * strength
    places = random.permutation(D * K)
    W.flat[places[:2]] = 0
    dW.flat[places[:1]] = 0
    W.flat[places[2:4]] = np.array([4, -4]) * learning_rate * strength
    dW.flat[places[2:4]] = np.array([7, -7]) * strength
    return {"W": W, "dW": dW, "learning_rate": learning_rate, "strength": strength}


@l1_proximal.case("small learning rate")
def _(random) -> dict[str, PlainData]:
    return _descent(random, 5, 4, float(random.uniform(0.05, 0.2)), float(random.uniform(0.5, 0.8)))


@l1_proximal.case("large learning rate")
def _(random) -> dict[str, PlainData]:
    return _descent(random, 3, 7, float(random.uniform(1.5, 2)), float(random.uniform(0.2, 0.4)))


@l1_proximal.case("one row")
def _(random) -> dict[str, PlainData]:
    return _descent(random, 1, 9, float(random.uniform(0.3, 0.6)), float(random.uniform(1.2, 2)))


@l1_proximal.case("everything falls to zero")
def _(random) -> dict[str, PlainData]:
    case = _descent(random, 4, 3, 0.5, 2.0)
    return {**case, "W": random.uniform(-0.3, 0.3, (4, 3)), "dW": random.uniform(-1, 1, (4, 3))}


@l1_proximal.case("no penalty")
def _(random) -> dict[str, PlainData]:
    return {**_descent(random, 6, 5, 0.1, 0.5), "strength": 0.0}


@l1_proximal.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _descent(random, 37, 23, 0.01, 0.3)


@l1_proximal.reference
def _(W, dW, learning_rate, strength):
    from autograder.kernels.activations import activation

    moved, threshold = W - learning_rate * dW, learning_rate * strength
    above, below = as_tensor(moved - threshold), as_tensor(-moved - threshold)
    return (activation(above, "relu") - activation(below, "relu")).numpy()


def _soft(moved, threshold):
    return np.sign(moved) * np.maximum(np.abs(moved) - threshold, 0)


@l1_proximal.mistake(
    "subgradient",
    "You take a step along the subgradient dW + λ sign(W). It is a descent for the same cost, but it steps over 0 and back "
    "for ever: no weight stays exactly 0. The task is the proximal step.",
)
def _(W, dW, learning_rate, strength):
    return W - learning_rate * (dW + strength * np.sign(W))


@l1_proximal.mistake(
    "sign_after_the_step",
    "You pull every weight towards 0 by ηλ, also those that are nearer to 0 than that: they come out on the other side. "
    "A weight that reaches 0 stays there.",
)
def _(W, dW, learning_rate, strength):
    moved = W - learning_rate * dW
    return moved - learning_rate * strength * np.sign(moved)


@l1_proximal.mistake(
    "threshold_without_rate",
    "Your threshold is λ. A step of length η follows loss and penalty for the same time, so the penalty pulls by η times λ.",
)
def _(W, dW, learning_rate, strength):
    return _soft(W - learning_rate * dW, strength)


@l1_proximal.mistake(
    "hard_threshold",
    "Small weights become 0, but the others are not shrunk. That is hard thresholding, the step of a penalty that counts weights; "
    "the L1 penalty pulls at all of them.",
)
def _(W, dW, learning_rate, strength):
    moved = W - learning_rate * dW
    return np.where(np.abs(moved) > learning_rate * strength, moved, 0)


@l1_proximal.mistake(
    "sign_lost",
    "The sizes are right, but all weights come out positive: give each its sign back.",
)
def _(W, dW, learning_rate, strength):
    return np.maximum(np.abs(W - learning_rate * dW) - learning_rate * strength, 0)


@l1_proximal.mistake(
    "sign_of_the_old_weight",
    "A gradient step can carry a weight over 0. You give the result the sign that the weight had before that step.",
)
def _(W, dW, learning_rate, strength):
    moved = W - learning_rate * dW
    return np.sign(W) * np.maximum(np.abs(moved) - learning_rate * strength, 0)


@l1_proximal.mistake(
    "one_sided",
    "You subtract the threshold and cut at 0: right for positive weights, while negative ones all become 0. "
    "The penalty |w| pulls from both sides.",
)
def _(W, dW, learning_rate, strength):
    return np.maximum(W - learning_rate * dW - learning_rate * strength, 0)


@l1_proximal.mistake(
    "threshold_before_the_step",
    "You shrink first and make the gradient step afterwards, which moves the zeros away from 0 again. The shrinking comes last.",
)
def _(W, dW, learning_rate, strength):
    return _soft(W, learning_rate * strength) - learning_rate * dW


@l1_proximal.mistake(
    "loss_forgotten",
    "You shrink the old weights: the step against the gradient of the loss is missing.",
)
def _(W, dW, learning_rate, strength):
    return _soft(W, learning_rate * strength)


@l1_proximal.mistake(
    "penalty_missing",
    "You take the gradient step on the loss and stop there: the penalty, which pulls every weight towards 0, is missing.",
)
def _(W, dW, learning_rate, strength):
    return W - learning_rate * dW


@l1_proximal.mistake(
    "uphill",
    "Your gradient step goes uphill: W + η dW. The shrinking after it is right.",
)
def _(W, dW, learning_rate, strength):
    return _soft(W + learning_rate * dW, learning_rate * strength)


@l1_proximal.mistake(
    "rate_missing_in_the_step",
    "You subtract dW in full. The gradient step is η dW.",
)
def _(W, dW, learning_rate, strength):
    return _soft(W - dW, learning_rate * strength)


@l1_proximal.mistake(
    "l2_shrinkage",
    "You divide by a factor, as an L2 penalty does: everything shrinks and nothing becomes 0. "
    "An L1 penalty takes the same amount from every weight.",
    PAGE + "l2",
)
def _(W, dW, learning_rate, strength):
    return (W - learning_rate * dW) / (1 + 2 * learning_rate * strength)


@l1_proximal.mistake(
    "weight_decay",
    "You shrink by the factor 1 − 2ηλ, which is a step with an L2 penalty: nothing becomes 0. "
    "An L1 penalty takes the same amount from every weight.",
    PAGE + "l2",
)
def _(W, dW, learning_rate, strength):
    return W - learning_rate * (dW + 2 * strength * W)


@l1_proximal.mistake(
    "divided_by_zero",
    "You find the sign by W/|W|, which is 0/0 where a weight is exactly 0. np.sign knows what to do there.",
)
def _(W, dW, learning_rate, strength):
    moved = W - learning_rate * dW
    with np.errstate(invalid="ignore"):
        return moved / np.abs(moved) * np.maximum(np.abs(moved) - learning_rate * strength, 0)


@l1_proximal.alternative
def with_loops(W, dW, learning_rate, strength):
    new = np.zeros(W.shape, dtype=np.float32)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            moved = W[i, j] - learning_rate * dW[i, j]
            if moved > learning_rate * strength:
                new[i, j] = moved - learning_rate * strength
            elif moved < -learning_rate * strength:
                new[i, j] = moved + learning_rate * strength
    return new


@l1_proximal.alternative
def with_clip(W, dW, learning_rate, strength):
    moved = W - learning_rate * dW
    return moved - np.clip(moved, -learning_rate * strength, learning_rate * strength)


@l1_proximal.alternative
def with_soft_threshold(W, dW, learning_rate, strength):
    return np.asfortranarray(_soft(W - learning_rate * dW, learning_rate * strength))
