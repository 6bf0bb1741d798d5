"""Exercises of chapter 06: penalties, dropout, batch normalisation, early stopping, augmentation, bagging."""

import itertools

import numpy as np

from autograder.exercise import Chapter
from dlarch.checks_file import Part
from dlarch.plain import PlainData

chapter = Chapter("06_regularization")

PAGE = "06_regularization.html#regularization-"
LIBRARIES = ("torch", "scipy", "sklearn", "tensorflow", "jax")


def _tensor(array):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))


# ---------------------------------------------------------------------------- l2_gradient

l2_gradient = chapter.exercise(
    "l2_gradient",
    signature=(
        "l2_gradient(weights: L arrays (D, K), biases: L arrays (K,), dW: L arrays (D, K),"
        " db: L arrays (K,), strength: float) -> dW: L arrays (D, K), db: L arrays (K,)"
    ),
    outputs=("dW", "db"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "l2",
)


def _network(random, sizes, strength):
    shapes = list(itertools.pairwise(sizes))
    return {
        "weights": [random.normal(size=shape) for shape in shapes],
        "biases": [random.normal(size=K) for _, K in shapes],
        "dW": [random.normal(size=shape) for shape in shapes],
        "db": [random.normal(size=K) for _, K in shapes],
        "strength": strength,
    }


@l2_gradient.case("two layers")
def _(random) -> dict[str, PlainData]:
    return _network(random, (4, 3, 2), float(random.uniform(0.1, 0.4)))


@l2_gradient.case("one layer")
def _(random) -> dict[str, PlainData]:
    return _network(random, (3, 5), float(random.uniform(0.6, 0.9)))


@l2_gradient.case("four layers, one unit in the last")
def _(random) -> dict[str, PlainData]:
    return _network(random, (2, 6, 3, 4, 1), float(random.uniform(1.2, 1.7)))


@l2_gradient.case("no penalty", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, (5, 4, 3), 0.0)


@l2_gradient.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, (40, 33, 17, 9), float(random.uniform(0.02, 0.05)))


def _penalised(weights, biases, dW, db, weight_slope, bias_slope=lambda b: 0 * b):
    """Add the slopes of some penalty of weights and biases to the gradients."""
    return (
        [d + weight_slope(W) for W, d in zip(weights, dW, strict=True)],
        [d + bias_slope(b) for b, d in zip(biases, db, strict=True)],
    )


@l2_gradient.reference
def _(weights, biases, dW, db, strength):
    import torch

    from autograder.kernels.matmul import matmul

    leaves = [_tensor(W).requires_grad_(True) for W in weights]
    rows = [W.reshape(1, -1) for W in leaves]
    penalty = strength * sum(matmul(row, row.T).sum() for row in rows)
    slopes = torch.autograd.grad(penalty, leaves)
    return [d + slope.numpy() for d, slope in zip(dW, slopes, strict=True)], [d.copy() for d in db]


@l2_gradient.mistake(
    "factor_two_missing",
    "You add λW. That belongs to the penalty (λ/2)‖W‖², which many books use; here the penalty is λ‖W‖², "
    "as in the lectures. What is the derivative of w²?",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * W)


@l2_gradient.mistake(
    "biases_penalised",
    "The weights are right, but you shrink the biases too. The penalty does not contain them: "
    "their gradients stay as they are.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(
        weights, biases, dW, db, lambda W: 2 * strength * W, lambda b: 2 * strength * b
    )


@l2_gradient.mistake(
    "factor_two_missing_and_biases_penalised",
    "Two things: you add λW, the derivative of (λ/2)‖W‖², while the penalty here is λ‖W‖²; "
    "and you shrink the biases, which the penalty does not contain.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * W, lambda b: strength * b)


@l2_gradient.mistake(
    "penalty_alone",
    "You return the gradient of the penalty alone. The gradient of a sum is the sum of the gradients: "
    "the loss has its share too, dW and db.",
)
def _(weights, biases, dW, db, strength):
    return [2 * strength * W for W in weights], [0 * b for b in biases]


@l2_gradient.mistake(
    "penalty_alone_for_weights",
    "For the weights you return the gradient of the penalty alone. The gradient of a sum is the sum of the gradients: "
    "the loss has its share too, dW.",
)
def _(weights, biases, dW, db, strength):
    return [2 * strength * W for W in weights], [d.copy() for d in db]


@l2_gradient.mistake(
    "biases_left_out",
    "You return the gradients of the weights alone. The result has two lists: those of the biases belong to it too.",
)
def _(weights, biases, dW, db, strength):
    return [d + 2 * strength * W for W, d in zip(weights, dW, strict=True)]


@l2_gradient.mistake(
    "sign",
    "You subtract the penalty's gradient. Both gradients are of things to be made small, so both are added here; "
    "the minus comes later, when a step goes against the sum.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: -2 * strength * W)


@l2_gradient.mistake(
    "norm_not_squared",
    "You differentiate λ‖W‖, whose gradient λW/‖W‖ has the same length however large the weights are. "
    "The penalty is the square of the norm, λ‖W‖².",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * W / np.linalg.norm(W))


@l2_gradient.mistake(
    "l1_in_place_of_l2",
    "You add λ sign(W), the slope of an L1 penalty. The L2 penalty pulls large weights harder than small ones.",
    PAGE + "l1",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * np.sign(W))


@l2_gradient.mistake(
    "mean_of_squares",
    "You divide the penalty's gradient by the number of weights of the layer, as for a mean of squares. "
    "The Frobenius norm is a sum over all entries.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: 2 * strength * W / W.size)


@l2_gradient.mistake(
    "divided_by_layers",
    "You divide the penalty's gradient by the number of layers. The penalty is a sum over the layers, not a mean.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: 2 * strength * W / len(weights))


@l2_gradient.mistake(
    "scales_the_gradient",
    "You add 2λ times the gradient to the gradient. What the penalty pulls on are the weights: its slope is made of W, not of dW.",
)
def _(weights, biases, dW, db, strength):
    return [(1 + 2 * strength) * d for d in dW], [d.copy() for d in db]


@l2_gradient.mistake(
    "value_for_slope",
    "To every gradient of a layer you add the value λ‖W‖² of its penalty, one number. "
    "A gradient says how this number changes with each weight.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * (W**2).sum())


@l2_gradient.alternative
def with_loops(weights, biases, dW, db, strength):
    total = []
    for W, d in zip(weights, dW, strict=True):
        new = d.copy()
        for i in range(W.shape[0]):
            for j in range(W.shape[1]):
                new[i, j] += 2 * strength * W[i, j]
        total.append(new)
    return total, db


@l2_gradient.alternative
def with_single_precision(weights, biases, dW, db, strength):
    factor = np.float32(2 * strength)
    return [(d + factor * W).astype(np.float32) for W, d in zip(weights, dW, strict=True)], [
        np.array(d) for d in db
    ]


@l2_gradient.alternative
def with_indices(weights, biases, dW, db, strength):
    return [dW[i] + strength * weights[i] + strength * weights[i] for i in range(len(dW))], list(db)


# ---------------------------------------------------------------------------- l1_proximal

l1_proximal = chapter.exercise(
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


@l1_proximal.case("no penalty", secret=True)
def _(random) -> dict[str, PlainData]:
    return {**_descent(random, 6, 5, 0.1, 0.5), "strength": 0.0}


@l1_proximal.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _descent(random, 37, 23, 0.01, 0.3)


@l1_proximal.reference
def _(W, dW, learning_rate, strength):
    from autograder.kernels.activations import activation

    moved, threshold = W - learning_rate * dW, learning_rate * strength
    above, below = _tensor(moved - threshold), _tensor(-moved - threshold)
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
    "You shrink the old weights: the gradient step on the loss, W − η dW, is missing.",
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


# ---------------------------------------------------------------------------- dropout_forward

dropout_forward = chapter.exercise(
    "dropout_forward",
    signature=(
        "dropout_forward(h: (N, D) or any shape float64, mask: same shape bool, p: float, training: bool)"
        " -> h: same shape float64"
    ),
    outputs=("h",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "dropout",
)


def _dropped(random, name, shape, p, training=True):
    """Draw activations of mean 3 and a mask whose share of kept units is not 1 − p."""
    mask = random.random(shape) >= p
    while abs(mask.mean() - (1 - p)) < 0.02 or mask.all() or not mask[..., 0].any():
        mask = random.random(shape) >= p
    return {name: 3 + random.normal(size=shape), "mask": mask, "p": p, "training": training}


def _add_dropout_cases(exercise, name):
    @exercise.case("a layer, p = 0.2")
    def _(random) -> dict[str, PlainData]:
        return _dropped(random, name, (5, 4), 0.2)

    @exercise.case("one example, p = 0.8")
    def _(random) -> dict[str, PlainData]:
        return _dropped(random, name, (1, 9), 0.8)

    @exercise.case("feature maps, p = 0.4")
    def _(random) -> dict[str, PlainData]:
        return _dropped(random, name, (2, 3, 4, 5), 0.4)

    @exercise.case("after training")
    def _(random) -> dict[str, PlainData]:
        return _dropped(random, name, (6, 3), 0.3, training=False)

    @exercise.case("nothing is dropped: p = 0", secret=True)
    def _(random) -> dict[str, PlainData]:
        x = random.normal(size=(4, 7))
        return {name: x, "mask": np.ones(x.shape, dtype=bool), "p": 0.0, "training": True}

    @exercise.case("after training, many units", secret=True)
    def _(random) -> dict[str, PlainData]:
        return _dropped(random, name, (31, 57), 0.7, training=False)

    @exercise.case("many units", secret=True)
    def _(random) -> dict[str, PlainData]:
        return _dropped(random, name, (53, 37), 0.35)


_add_dropout_cases(dropout_forward, "h")


def _drop(x, mask, p):
    from autograder.kernels.dropout import dropout

    return dropout(_tensor(x), _tensor(mask), 1 - p).numpy()


@dropout_forward.reference
def _(h, mask, p, training):
    return _drop(h, mask, p) if training else h.copy()


@dropout_forward.mistake(
    "scale_missing",
    "Units are dropped, but those that stay are not scaled up. The next layer then gets 1 − p of what it will get after training, "
    "when nothing is dropped (erratum E20).",
)
def _(h, mask, p, training):
    return h * mask if training else h.copy()


@dropout_forward.mistake(
    "keep_and_drop_swapped",
    "You divide by p, as if p were the probability to keep a unit (in the original paper it is). "
    "Here p is the probability to drop one, so what is kept is a share of 1 − p.",
)
def _(h, mask, p, training):
    with np.errstate(divide="ignore", invalid="ignore"):
        return h * mask / np.float64(p) if training else h.copy()


@dropout_forward.mistake(
    "scaled_down",
    "You multiply by 1 − p where you should divide: units that stay have to make up for those that are gone.",
)
def _(h, mask, p, training):
    return h * mask * (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "scaled_after_training",
    "This is the first form of dropout: no scaling in training, a factor 1 − p afterwards. The means agree, but the task asks for "
    "inverted dropout, where nothing at all happens after training.",
)
def _(h, mask, p, training):
    return h * mask if training else h * (1 - p)


@dropout_forward.mistake(
    "scaled_twice",
    "In training you divide by 1 − p, and after training you multiply by it too. One of the two is enough: "
    "with inverted dropout h stays as it is after training.",
)
def _(h, mask, p, training):
    return h * mask / (1 - p) if training else h * (1 - p)


@dropout_forward.mistake(
    "scaled_up_after_training",
    "Training is right, but you divide by 1 − p afterwards too. There is nothing to make up for then: all units are there.",
)
def _(h, mask, p, training):
    return h * mask / (1 - p) if training else h / (1 - p)


@dropout_forward.mistake(
    "always_dropping",
    "Training is right, but you go on dropping when training is False. Predictions would then depend on chance: "
    "after training all units work.",
)
def _(h, mask, p, training):
    return h * mask / (1 - p)


@dropout_forward.mistake(
    "always_dropping_without_scale",
    "Two things: what is kept is not scaled up, and you go on dropping when training is False, where all units should work.",
)
def _(h, mask, p, training):
    return h * mask


@dropout_forward.mistake(
    "training_and_test_swapped",
    "You drop when training is False and do nothing when it is True.",
)
def _(h, mask, p, training):
    return h.copy() if training else h * mask / (1 - p)


@dropout_forward.mistake(
    "mask_upside_down",
    "You drop where the mask is True. True means that the unit is kept.",
)
def _(h, mask, p, training):
    return h * ~mask / (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "share_of_the_mask",
    "You divide by the share of units that this mask happens to keep. The factor is 1/(1 − p), the same for every mask: "
    "the mean is right over many masks, and one unit does not depend on the luck of the others.",
)
def _(h, mask, p, training):
    return h * mask / mask.mean() if training else h.copy()


@dropout_forward.mistake(
    "one_mask_for_all",
    "You use the mask of the first example for the whole batch. Every example has its own sub-network: use the mask as it is.",
)
def _(h, mask, p, training):
    return h * mask[:1] / (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "scaled_but_not_dropped",
    "You scale by 1/(1 − p) but drop nothing: where is the mask?",
)
def _(h, mask, p, training):
    return h / (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "dropped_in_place",
    "You write zeros into the argument: whoever called the function has lost the activations. Work on a copy.",
)
def _(h, mask, p, training):
    if not training:
        return h
    h[~mask] = 0
    return h / (1 - p)


@dropout_forward.alternative
def with_loops(h, mask, p, training):
    if not training:
        return h
    new = np.zeros(h.shape, dtype=np.float32)
    for index in np.ndindex(h.shape):
        if mask[index]:
            new[index] = h[index] / (1 - p)
    return new


@dropout_forward.alternative
def with_where(h, mask, p, training):
    return np.where(mask, h / (1 - p), 0) if training else h


@dropout_forward.alternative
def with_a_scaled_mask(h, mask, p, training):
    scale = mask.astype(float) / (1 - p) if training else np.ones_like(h)
    return np.asfortranarray(h * scale)


# ---------------------------------------------------------------------------- dropout_backward

dropout_backward = chapter.exercise(
    "dropout_backward",
    signature=(
        "dropout_backward(dh: (N, D) or any shape float64, mask: same shape bool, p: float, training: bool)"
        " -> dh: same shape float64"
    ),
    outputs=("dh",),
    points=1,
    uses=("dropout_forward",),
    forbids=LIBRARIES,
    section=PAGE + "dropout-backward",
)

_add_dropout_cases(dropout_backward, "dh")


@dropout_backward.reference
def _(dh, mask, p, training):
    import torch

    from autograder.kernels.dropout import dropout

    if not training:
        return dh.copy()
    h = torch.ones(dh.shape, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(dropout(h, _tensor(mask), 1 - p), h, _tensor(dh))[0].numpy()


@dropout_backward.mistake(
    "scale_missing",
    "The gradient is dropped where the unit was, but not scaled. The forward pass multiplied by 1/(1 − p), "
    "and so does its derivative.",
)
def _(dh, mask, p, training):
    return dh * mask if training else dh.copy()


@dropout_backward.mistake(
    "mask_missing",
    "You scale the gradient but let it through everywhere. A unit that was dropped had no part in the error: its gradient is 0.",
)
def _(dh, mask, p, training):
    return dh / (1 - p) if training else dh.copy()


@dropout_backward.mistake(
    "passed_through",
    "The gradient goes back unchanged, as if dropout were not there. In training the forward pass multiplied every unit by a factor: which?",
)
def _(dh, mask, p, training):
    return dh.copy()


@dropout_backward.mistake(
    "scale_undone",
    "You multiply by 1 − p, as if the scaling had to be undone on the way back. A factor in the forward pass is "
    "the same factor in the backward pass.",
)
def _(dh, mask, p, training):
    return dh * mask * (1 - p) if training else dh.copy()


@dropout_backward.mistake(
    "scale_squared",
    "You divide by 1 − p twice. The forward pass did it once.",
)
def _(dh, mask, p, training):
    return dh * mask / (1 - p) ** 2 if training else dh.copy()


@dropout_backward.mistake(
    "keep_and_drop_swapped",
    "You divide by p. Here p is the probability to drop a unit, and 1 − p to keep it.",
    PAGE + "dropout",
)
def _(dh, mask, p, training):
    with np.errstate(divide="ignore", invalid="ignore"):
        return dh * mask / np.float64(p) if training else dh.copy()


@dropout_backward.mistake(
    "mask_upside_down",
    "You stop the gradient at the units that were kept and let it through at those that were dropped.",
)
def _(dh, mask, p, training):
    return dh * ~mask / (1 - p) if training else dh.copy()


@dropout_backward.mistake(
    "scaled_after_training",
    "Training is right, but you multiply by 1 − p when training is False. The forward pass did nothing then, so its derivative is 1.",
)
def _(dh, mask, p, training):
    return dh * mask / (1 - p) if training else dh * (1 - p)


@dropout_backward.mistake(
    "always_dropping",
    "Training is right, but you drop when training is False too. The forward pass did nothing then, so its derivative is 1.",
)
def _(dh, mask, p, training):
    return dh * mask / (1 - p)


@dropout_backward.mistake(
    "always_dropping_without_scale",
    "Two things: the factor 1/(1 − p) is missing in training, and you drop when training is False, "
    "where the forward pass did nothing.",
)
def _(dh, mask, p, training):
    return dh * mask


@dropout_backward.alternative
def with_loops(dh, mask, p, training):
    new = np.array(dh, dtype=np.float32)
    if training:
        for index in np.ndindex(dh.shape):
            new[index] = new[index] / (1 - p) if mask[index] else 0
    return new


@dropout_backward.alternative
def with_where(dh, mask, p, training):
    return np.where(mask, dh / (1 - p), 0) if training else dh


@dropout_backward.alternative
def with_einsum(dh, mask, p, training):
    factor = mask / (1 - p) if training else np.ones(dh.shape)
    return np.einsum("...,...->...", dh, factor)


# ---------------------------------------------------------------------------- batch_norm_forward

batch_norm_forward = chapter.exercise(
    "batch_norm_forward",
    signature=(
        "batch_norm_forward(x: (N, D) float64, gamma: (D,) float64, beta: (D,) float64,"
        " running_mean: (D,) float64, running_variance: (D,) float64, momentum: float, epsilon: float,"
        " training: bool) -> y: (N, D) float64, running_mean: (D,) float64, running_variance: (D,) float64"
    ),
    outputs=("y", "running_mean", "running_variance"),
    parts={
        "value": Part(2, outputs=("y",)),
        "statistics": Part(1, outputs=("running_mean", "running_variance")),
    },
    forbids=LIBRARIES,
    section=PAGE + "batch-norm",
)


def _scale(random, D):
    """Draw scales of both signs, away from 1 and −1."""
    return random.uniform(1.3, 2.5, size=D) * random.choice([-1, 1], size=D)


def _batch(random, N, D, momentum, epsilon, training=True):
    return {
        "x": 3 * random.normal(size=D) + random.normal(size=(N, D)) * random.uniform(0.4, 2, D),
        "gamma": _scale(random, D),
        "beta": random.normal(size=D),
        "running_mean": random.normal(size=D),
        "running_variance": random.uniform(0.5, 2, size=D),
        "momentum": momentum,
        "epsilon": epsilon,
        "training": training,
    }


@batch_norm_forward.case("training")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 7, 4, 0.1, 0.05)


@batch_norm_forward.case("training on two examples")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 2, 5, 0.3, 0.2)


@batch_norm_forward.case("a feature that does not vary")
def _(random) -> dict[str, PlainData]:
    case = _batch(random, 5, 3, 0.25, 1e-3)
    case["x"][:, 1] = 0.5
    return case


@batch_norm_forward.case("after training")
def _(random) -> dict[str, PlainData]:
    return _batch(random, 6, 3, 0.1, 0.05, training=False)


@batch_norm_forward.case("after training, one example", secret=True)
def _(random) -> dict[str, PlainData]:
    return _batch(random, 1, 8, 0.2, 1e-2, training=False)


@batch_norm_forward.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _batch(random, 61, 35, 0.05, 1e-3)


def _normalised(
    case,
    mean=None,
    variance=None,
    running=None,
    y=None,
    test=None,
    scale=None,
    ddof=1,
    momentum=None,
):
    """Answer a case of batch normalisation, with other statistics, another scale or other bookkeeping."""
    x, gamma, beta, epsilon = (case[name] for name in ("x", "gamma", "beta", "epsilon"))
    old_mean, old_variance = case["running_mean"], case["running_variance"]
    scale = scale or (lambda variance: np.sqrt(variance + epsilon))
    if not case["training"]:
        if test is not None:
            return test()
        return gamma * (x - old_mean) / scale(old_variance) + beta, old_mean, old_variance
    mean = x.mean(axis=0) if mean is None else mean
    variance = x.var(axis=0) if variance is None else variance
    m = case["momentum"] if momentum is None else momentum
    if y is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            y = gamma * (x - mean) / scale(variance) + beta
    if running is None:
        running = (
            (1 - m) * old_mean + m * x.mean(axis=0),
            (1 - m) * old_variance + m * x.var(axis=0, ddof=ddof),
        )
    return y, *running


@batch_norm_forward.reference
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    from autograder.kernels.batch_norm import batch_norm

    if not training:
        scale = gamma / np.sqrt(running_variance + epsilon)
        return (x - running_mean) * scale + beta, running_mean.copy(), running_variance.copy()
    y, mean, variance = batch_norm(_tensor(x), _tensor(gamma), _tensor(beta), epsilon)
    unbiased = variance.numpy() * len(x) / (len(x) - 1)
    return (
        y.numpy(),
        (1 - momentum) * running_mean + momentum * mean.numpy(),
        (1 - momentum) * running_variance + momentum * unbiased,
    )


def _unscaled(case):
    return _normalised({**case, "gamma": np.ones_like(case["gamma"]), "beta": 0 * case["beta"]})


@batch_norm_forward.mistake(
    "normalises_each_example",
    "You take mean and variance over the features of each example (axis 1). That is layer normalisation; "
    "batch normalisation takes them for each feature, over the examples of the batch.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    running = (
        (1 - momentum) * running_mean + momentum * mean,
        (1 - momentum) * running_variance + momentum * x.var(axis=1, keepdims=True, ddof=1),
    )
    return _normalised(dict(locals()), mean, variance, running)


@batch_norm_forward.mistake(
    "normalises_everything_together",
    "You take one mean and one variance over all numbers of the batch. Every feature has its own: average over the examples alone.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    running = (
        (1 - momentum) * running_mean + momentum * x.mean(),
        (1 - momentum) * running_variance + momentum * x.var(ddof=1),
    )
    return _normalised(dict(locals()), x.mean(), x.var(), running)


@batch_norm_forward.mistake(
    "normalises_with_unbiased_variance",
    "You normalise with the variance divided by N − 1. The batch is normalised with its own spread, divided by N; "
    "N − 1 is for the running variance, which estimates the spread of all data.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), variance=x.var(axis=0, ddof=1 if training else 0))


@batch_norm_forward.mistake(
    "running_variance_biased",
    "Your running variance uses the variance divided by N. To estimate the spread of all data "
    "from a batch, divide by N − 1, as the task says.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), ddof=0)


@batch_norm_forward.mistake(
    "variances_swapped",
    "You have both variances, each in the other's place: the batch is normalised with the one divided by N, "
    "and the running variance takes the one divided by N − 1.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    variance = x.var(axis=0, ddof=1 if training else 0)
    return _normalised(dict(locals()), variance=variance, ddof=0)


@batch_norm_forward.mistake(
    "momentum_swapped",
    "Your running statistics give the weight `momentum` to the old value and the rest to the batch. In this task, as in PyTorch, "
    "momentum is the weight of the new batch.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), momentum=1 - momentum)


@batch_norm_forward.mistake(
    "momentum_swapped_and_biased",
    "Two things about the running statistics: momentum is the weight of the new batch (you give it to the old value), "
    "and the running variance takes the variance divided by N − 1.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), momentum=1 - momentum, ddof=0)


@batch_norm_forward.mistake(
    "running_statistics_replaced",
    "You replace the running statistics by those of this batch. They are an average over many batches: "
    "the batch has the weight momentum in it.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), momentum=1.0)


@batch_norm_forward.mistake(
    "running_statistics_forgotten",
    "In training the running statistics come back as they went in. They have to follow the batches: "
    "after training there is nothing else to normalise with.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), running=(running_mean, running_variance))


@batch_norm_forward.mistake(
    "running_deviation",
    "Your running variance averages standard deviations. Keep variances, and take the root when you use them.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    deviation = x.std(axis=0, ddof=1 if training else 0)
    running = (
        (1 - momentum) * running_mean + momentum * x.mean(axis=0),
        (1 - momentum) * running_variance + momentum * deviation,
    )
    return _normalised(dict(locals()), running=running)


@batch_norm_forward.mistake(
    "epsilon_missing",
    "There is no ε under the root. A feature that does not vary has variance 0, and 0/0 is not a number.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), scale=np.sqrt)


@batch_norm_forward.mistake(
    "epsilon_outside_the_root",
    "You add ε to the standard deviation. In batch normalisation it stands under the root, beside the variance.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), scale=lambda variance: np.sqrt(variance) + epsilon)


@batch_norm_forward.mistake(
    "divided_by_variance",
    "You divide by the variance (plus ε). To get features of variance 1, divide by its square root.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised(dict(locals()), scale=lambda variance: variance + epsilon)


@batch_norm_forward.mistake(
    "scale_and_shift_missing",
    "You return the normalised batch. The layer's own scale γ and shift β come after that.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _unscaled(dict(locals()))


@batch_norm_forward.mistake(
    "shift_before_scale",
    "You shift first and scale then: γ(x̂ + β). The layer computes γ x̂ + β.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised({**locals(), "beta": gamma * beta})


@batch_norm_forward.mistake(
    "mean_not_subtracted",
    "You divide by the spread but do not subtract the mean.",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    _, *running = _normalised(case)
    variance = x.var(axis=0) if training else running_variance
    return gamma * x / np.sqrt(variance + epsilon) + beta, *running


@batch_norm_forward.mistake(
    "batch_statistics_after_training",
    "After training you still normalise with the statistics of the batch. What you say of one example then depends on "
    "which others happen to be with it; use the running statistics.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    y, *_ = _normalised({**case, "training": True}, running=(0, 0))
    return y, *_normalised(case)[1:]


@batch_norm_forward.mistake(
    "training_ignored",
    "You do the same whether training is True or False. After training, normalise with the running statistics, and leave them alone.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return _normalised({**locals(), "training": True}, ddof=min(1, len(x) - 1))


@batch_norm_forward.mistake(
    "updates_after_training",
    "You go on updating the running statistics when training is False. "
    "Data that are only predicted must leave no trace in the model.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    running = _normalised({**case, "training": True}, ddof=min(1, len(x) - 1))[1:]
    return _normalised(case)[0], *running


@batch_norm_forward.mistake(
    "running_statistics_in_training",
    "In training you normalise with the running statistics (after updating them). There it is the batch's own mean and variance that count, "
    "and that gradients flow through.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    _, mean, variance = _normalised(case)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, mean, variance


@batch_norm_forward.mistake(
    "old_running_statistics_in_training",
    "In training you normalise with the running statistics as they came in. There it is the batch's own mean and variance that count, "
    "and that gradients flow through.",
    PAGE + "batch-norm-running",
)
def _(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    case = dict(locals())
    return _normalised({**case, "training": False})[0], *_normalised(case)[1:]


@batch_norm_forward.alternative
def with_loops(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    y = np.empty(x.shape, dtype=np.float32)
    new_mean, new_variance = list(running_mean), list(running_variance)
    for d in range(x.shape[1]):
        mean, variance = running_mean[d], running_variance[d]
        if training:
            mean = sum(x[:, d]) / len(x)
            squares = sum((x[:, d] - mean) ** 2)
            variance = squares / len(x)
            new_mean[d] += momentum * (mean - new_mean[d])
            new_variance[d] += momentum * (squares / (len(x) - 1) - new_variance[d])
        for n in range(len(x)):
            y[n, d] = gamma[d] * (x[n, d] - mean) / (variance + epsilon) ** 0.5 + beta[d]
    return y, np.array(new_mean), np.array(new_variance)


@batch_norm_forward.alternative
def as_one_affine_map(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    mean, variance = running_mean, running_variance
    if training:
        N = x.shape[0]
        mean = np.einsum("nd->d", x) / N
        variance = ((x - mean) ** 2).mean(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_variance = (1 - momentum) * running_variance + momentum * N / (N - 1) * variance
    slope = gamma / np.sqrt(variance + epsilon)
    return np.asfortranarray(x * slope + (beta - mean * slope)), running_mean, running_variance


@batch_norm_forward.alternative
def with_numpy(x, gamma, beta, running_mean, running_variance, momentum, epsilon, training):
    return [*_normalised(dict(locals()))]


# ---------------------------------------------------------------------------- batch_norm_backward

batch_norm_backward = chapter.exercise(
    "batch_norm_backward",
    signature=(
        "batch_norm_backward(dy: (N, D) float64, x: (N, D) float64, gamma: (D,) float64, epsilon: float)"
        " -> dx: (N, D) float64, dgamma: (D,) float64, dbeta: (D,) float64"
    ),
    outputs=("dx", "dgamma", "dbeta"),
    parts={
        "parameters": Part(1, outputs=("dgamma", "dbeta")),
        "inputs": Part(3, outputs=("dx",)),
    },
    forbids=LIBRARIES,
    section=PAGE + "batch-norm-backward",
)


def _pulled(random, N, D, epsilon):
    return {
        "dy": 0.5 + random.normal(size=(N, D)),
        "x": 3 * random.normal(size=D) + random.normal(size=(N, D)) * random.uniform(0.4, 2, D),
        "gamma": _scale(random, D),
        "epsilon": epsilon,
    }


@batch_norm_backward.case("N = 7, D = 4")
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 7, 4, 0.05)


@batch_norm_backward.case("three examples")
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 3, 5, 0.2)


@batch_norm_backward.case("a feature that does not vary")
def _(random) -> dict[str, PlainData]:
    case = _pulled(random, 5, 3, 0.1)
    case["x"][:, 2] = 0.5
    return case


@batch_norm_backward.case("two examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 2, 6, 0.5)


@batch_norm_backward.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pulled(random, 45, 23, 1e-3)


def _backward(
    case, ddof=0, epsilon=None, mean_path=1, variance_path=1, gamma=None, axis=0, x_hat=None
):
    """Answer a case of the backward pass with parts of it changed."""
    dy, x = case["dy"], case["x"]
    epsilon = case["epsilon"] if epsilon is None else epsilon
    gamma = case["gamma"] if gamma is None else gamma
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / np.sqrt(x.var(axis=axis, ddof=ddof, keepdims=True) + epsilon)
        x_hat = (x - x.mean(axis=axis, keepdims=True)) * inverse if x_hat is None else x_hat
        g = gamma * dy
        paths = mean_path * g.mean(axis=axis, keepdims=True)
        paths = paths + variance_path * x_hat * (g * x_hat).mean(axis=axis, keepdims=True)
        return inverse * (g - paths), (dy * x_hat).sum(axis=0), dy.sum(axis=0)


@batch_norm_backward.reference
def _(dy, x, gamma, epsilon):
    import torch

    from autograder.kernels.batch_norm import batch_norm

    leaves = [_tensor(array).requires_grad_(True) for array in (x, gamma, 0 * gamma)]
    y = batch_norm(*leaves, epsilon)[0]
    return [gradient.numpy() for gradient in torch.autograd.grad(y, leaves, _tensor(dy))]


@batch_norm_backward.mistake(
    "statistics_taken_as_constants",
    "Your dx has one path only: dy γ/s. But mean and variance are made of x too, so every example of the batch moves all others. "
    "Two more paths lead back to x.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=0, variance_path=0)


@batch_norm_backward.mistake(
    "path_through_the_mean_missing",
    "In dx the path through the mean is missing. Add the same number to all of a feature and y does not change: "
    "so the dx of a feature must sum to 0 over the batch, and yours does not.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=0)


@batch_norm_backward.mistake(
    "path_through_the_variance_missing",
    "In dx the path through the variance is missing. Stretch a feature and y hardly changes: "
    "so (for small ε) dx must be at a right angle to x̂, and yours is not.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), variance_path=0)


@batch_norm_backward.mistake(
    "paths_added",
    "The two paths through mean and variance come with the wrong sign: both take something away from dy γ/s.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=-1, variance_path=-1)


@batch_norm_backward.mistake(
    "sums_for_means",
    "The two paths through mean and variance are N times too large: each of the N examples has a share of 1/N in mean and variance.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), mean_path=len(x), variance_path=len(x))


@batch_norm_backward.mistake(
    "scale_missing",
    "γ is missing in dx. On its way back the gradient passes the scale γ before it reaches x̂.",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), gamma=np.ones_like(gamma))


@batch_norm_backward.mistake(
    "spread_missing",
    "The factor 1/s is missing in dx. The forward pass divided by the spread, and so does its derivative.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx * np.sqrt(x.var(axis=0) + epsilon), dgamma, dbeta


@batch_norm_backward.mistake(
    "unbiased_variance",
    "You use the variance divided by N − 1. The forward pass normalised with the one divided by N.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), ddof=1)


@batch_norm_backward.mistake(
    "epsilon_missing",
    "There is no ε under the root: where a feature does not vary, you divide by 0, and everywhere else x̂ is a little too large.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), epsilon=0)


@batch_norm_backward.mistake(
    "normalises_each_example",
    "You take mean and variance over the features of each example (axis 1). Batch normalisation takes them over the examples.",
    PAGE + "batch-norm",
)
def _(dy, x, gamma, epsilon):
    return _backward(locals(), axis=1)


@batch_norm_backward.mistake(
    "scale_gradient_from_x",
    "Your dgamma multiplies dy by x. γ multiplies x̂, the normalised batch, and its gradient does too.",
)
def _(dy, x, gamma, epsilon):
    dx, _, dbeta = _backward(locals())
    return dx, (dy * x).sum(axis=0), dbeta


@batch_norm_backward.mistake(
    "parameters_averaged",
    "dgamma and dbeta are means over the batch. γ and β serve every example, so what the examples say is summed; "
    "the 1/N of the loss is in dy already.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx, dgamma / len(x), dbeta / len(x)


@batch_norm_backward.mistake(
    "parameters_not_summed",
    "dgamma and dbeta have a row for every example. γ and β are shared by the whole batch, so their gradients are sums over it: (D,).",
)
def _(dy, x, gamma, epsilon):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
    return _backward(locals())[0], dy * x_hat, dy


@batch_norm_backward.mistake(
    "scale_in_parameter_gradients",
    "Your dgamma contains γ. The output γ x̂ + β is linear in γ: its derivative is x̂ alone.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx, gamma * dgamma, dbeta


@batch_norm_backward.mistake(
    "parameters_swapped",
    "dgamma and dbeta are swapped.",
)
def _(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = _backward(locals())
    return dx, dbeta, dgamma


@batch_norm_backward.alternative
def with_loops(dy, x, gamma, epsilon):
    N, D = x.shape
    dx, dgamma, dbeta = np.zeros(x.shape, dtype=np.float32), np.zeros(D), np.zeros(D)
    for d in range(D):
        deviation = x[:, d] - sum(x[:, d]) / N
        s = (sum(deviation**2) / N + epsilon) ** 0.5
        x_hat = deviation / s
        dgamma[d], dbeta[d] = dy[:, d] @ x_hat, sum(dy[:, d])
        for n in range(N):
            dx[n, d] = gamma[d] / s * (dy[n, d] - (dbeta[d] + x_hat[n] * dgamma[d]) / N)
    return dx, dgamma, dbeta


@batch_norm_backward.alternative
def step_by_step(dy, x, gamma, epsilon):
    N = len(x)
    centred = x - x.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    inverse = 1 / np.sqrt(variance + epsilon)
    dx_hat = dy * gamma
    dvariance = (dx_hat * centred).sum(axis=0) * -0.5 * inverse**3
    dcentred = dx_hat * inverse + dvariance * 2 * centred / N
    dx = dcentred - dcentred.mean(axis=0)
    return dx, (dy * centred * inverse).sum(axis=0), dy.sum(axis=0)


@batch_norm_backward.alternative
def with_the_jacobian(dy, x, gamma, epsilon):
    N = len(x)
    inverse = 1 / np.sqrt(x.var(axis=0) + epsilon)
    x_hat = (x - x.mean(axis=0)) * inverse
    jacobian = np.eye(N) - (1 + np.einsum("nd,md->dnm", x_hat, x_hat)) / N
    dx = np.einsum("dmn,md->nd", jacobian * (gamma * inverse)[:, None, None], dy)
    return np.asfortranarray(dx), np.einsum("nd,nd->d", dy, x_hat), np.ones(N) @ dy


# ---------------------------------------------------------------------------- early_stopping

early_stopping = chapter.exercise(
    "early_stopping",
    signature=(
        "early_stopping(train_one_epoch: function of parameters, validation_error: function of parameters,"
        " parameters: list of arrays, patience: int, max_epochs: int)"
        " -> best: list of arrays, best_epoch: int"
    ),
    outputs=("epochs", "best_epoch", "best"),
    points=3,
    driver="regularization.scripted_training",
    forbids=LIBRARIES,
    section=PAGE + "early-stopping",
)


def _script(random, errors, patience, max_epochs=None):
    """Draw what the epochs do to the parameters; errors[0] is that of the start."""
    epochs = len(errors) - 1
    shapes = ((2, 3), (3,))
    return {
        "parameters": [random.normal(size=shape) for shape in shapes],
        "changes": [[random.normal(size=shape) for shape in shapes] for _ in range(epochs)],
        "errors": np.array(errors, dtype=np.float64) + 0.0,
        "patience": patience,
        "max_epochs": epochs if max_epochs is None else max_epochs,
    }


@early_stopping.case("up, down, and up for good")
def _(random) -> dict[str, PlainData]:
    errors = [9, 8, 6, 7, 6.5, 5, 4, 4.5, 5, 4.2, 4.8, 5.5, 3, 2]
    return _script(random, errors, patience=3)


@early_stopping.case("still falling at the end")
def _(random) -> dict[str, PlainData]:
    return _script(random, [5, 4, 4.5, 3.5, 3.6, 3.7, 3.1], patience=3)


@early_stopping.case("a plateau, patience 1")
def _(random) -> dict[str, PlainData]:
    return _script(random, [0.9, 0.7, 0.5, 0.5, 0.4, 0.3], patience=1)


@early_stopping.case("the start is better than what follows")
def _(random) -> dict[str, PlainData]:
    return _script(random, [0.1, 0.8, 0.9, 0.7, 0.75, 0.95, 0.6], patience=2)


@early_stopping.case("an error that is not a number")
def _(random) -> dict[str, PlainData]:
    return _script(random, [3, 2, np.nan, 1.8, 1.9, np.nan, 2.0, 1.0], patience=3)


@early_stopping.case("one epoch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _script(random, [1.0, 2.0], patience=4)


@early_stopping.case("a long training", secret=True)
def _(random) -> dict[str, PlainData]:
    t = np.arange(61)
    errors = np.exp(-t / 10) + t / 100 + 0.03 * np.sin(5 * t)
    return _script(random, errors, patience=7)


def _stop_early(
    train_one_epoch, validation_error, parameters, patience, max_epochs, first=0, strict=True,
    start=np.inf, reset=True, previous=False, wait=0, keep=lambda best, last: best, count=None,
    improved=None,
):  # fmt: skip
    """Train with early stopping, where parts of the rule can be changed."""
    improved = improved or (lambda e, lowest: e < lowest if strict else e <= lowest)
    lowest, bad = start, 0
    best, best_epoch = [array.copy() for array in parameters], 0
    epoch = 0
    for epoch in range(1, max_epochs + 1):
        train_one_epoch(parameters)
        error = validation_error(parameters)
        if improved(error, lowest):
            lowest, best_epoch = error, epoch
            best = [array.copy() for array in parameters]
            bad = 0 if reset else bad
        else:
            bad += 1
            if previous:
                lowest = error
            if bad >= patience + wait:
                break
    return keep(best, parameters), (
        best_epoch if count is None else count(best_epoch, epoch)
    ) - first


@early_stopping.reference
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs)


@early_stopping.mistake(
    "last_parameters",
    "The epoch is right, but the parameters are those of the last epoch. Either you return the ones in training, or `best` is only "
    "another name for them: training changes the arrays in place, so keep a copy of each array.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        keep=lambda best, last: last,
    )  # fmt: skip


@early_stopping.mistake(
    "last_parameters_and_last_epoch",
    "You stop at the right time and return the last epoch. It is `patience` epochs too late: what is wanted are the parameters "
    "(and the epoch) of the smallest validation error.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        keep=lambda best, last: last, count=lambda best_epoch, epoch: epoch,
    )  # fmt: skip


@early_stopping.mistake(
    "counted_from_zero",
    "Everything is right but the number of the epoch, which is one too small: the first epoch is number 1.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs, first=1)


@early_stopping.mistake(
    "stops_one_epoch_late",
    "You wait one epoch too long. Stop as soon as `patience` epochs in a row have brought no improvement, "
    "not when there is one more.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs, wait=1)


@early_stopping.mistake(
    "stops_at_the_first_rise",
    "You stop when the validation error rises for the first time, whatever the patience. It is noisy: wait until `patience` "
    "epochs in a row have brought no improvement.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, 1, max_epochs)


@early_stopping.mistake(
    "patience_never_renewed",
    "You count all epochs without improvement together. After an improvement the count begins again at 0.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs, reset=False
    )


@early_stopping.mistake(
    "never_stops",
    "You find the best parameters of all max_epochs epochs, but never stop before. After `patience` epochs without improvement "
    "the training ends.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, max_epochs + 1, max_epochs)


@early_stopping.mistake(
    "compared_with_the_previous_epoch",
    "You compare the error with that of the epoch before. An improvement is a new lowest error: compare with the best so far.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs, previous=True
    )


@early_stopping.mistake(
    "equal_counts_as_better",
    "An epoch with the same error as the best so far counts as an improvement in your answer. Only a lower error does: "
    "on a plateau there is nothing to wait for.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs, strict=False
    )


@early_stopping.mistake(
    "start_takes_part",
    "You let the parameters from before the first epoch take part. Here only trained ones do: the first epoch is always an improvement "
    "(unless its error is not a number).",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        start=validation_error(parameters),
    )  # fmt: skip


@early_stopping.mistake(
    "validates_before_training",
    "You ask for the validation error before the epoch is trained, so each error is credited to the parameters "
    "of one epoch later. Train first, then look.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    error_before = []

    def look_and_train(parameters):
        error_before[:] = [validation_error(parameters)]
        train_one_epoch(parameters)

    return _stop_early(look_and_train, lambda _: error_before[0], parameters, patience, max_epochs)


@early_stopping.mistake(
    "nan_is_an_improvement",
    "An error that is not a number counts as an improvement in your answer. Every comparison with nan is False, `error >= best` too: "
    "ask for the improvement, not for its absence.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        improved=lambda error, lowest: not error >= lowest,
    )  # fmt: skip


@early_stopping.mistake(
    "largest_error",
    "You keep the parameters with the largest validation error. (Of an accuracy the largest would be best; of an error it is the smallest.)",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        start=-np.inf, improved=lambda error, highest: error > highest,
    )  # fmt: skip


@early_stopping.alternative
def with_history(train_one_epoch, validation_error, parameters, patience, max_epochs):
    import copy

    errors, snapshots = [], []
    while len(errors) < max_epochs:
        parameters = train_one_epoch(parameters)
        error = validation_error(parameters)
        errors.append(np.inf if np.isnan(error) else error)
        snapshots.append(copy.deepcopy(parameters))
        if len(errors) - 1 - int(np.argmin(errors)) >= patience:
            break
    best = int(np.argmin(errors))
    return snapshots[best], best + 1


@early_stopping.alternative
def with_a_tuple_of_copies(train_one_epoch, validation_error, parameters, patience, max_epochs):
    lowest, best, best_epoch, epoch = float("inf"), None, 0, 0
    while epoch < max_epochs and epoch - best_epoch < patience:
        train_one_epoch(parameters)
        epoch += 1
        error = validation_error(parameters)
        if error < lowest:
            lowest, best_epoch = error, np.int64(epoch)
            best = tuple(array.astype(np.float32) for array in parameters)
    return best, best_epoch


@early_stopping.alternative
def training_copies(train_one_epoch, validation_error, parameters, patience, max_epochs):
    lowest, waiting = np.inf, patience
    for epoch in range(max_epochs):
        parameters = [np.array(array) for array in parameters]
        train_one_epoch(parameters)
        error = validation_error(parameters)
        waiting -= 1
        if error < lowest:
            lowest, best, best_epoch, waiting = error, parameters, epoch + 1, patience
        if waiting == 0:
            break
    return [best, best_epoch]


# ---------------------------------------------------------------------------- random_shift

random_shift = chapter.exercise(
    "random_shift",
    signature=(
        "random_shift(images: (N, H, W) float64, shifts: (N, 2) int64) -> shifted: (N, H, W) float64"
    ),
    outputs=("shifted",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "augmentation",
)


def _pictures(random, N, H, W):
    return random.uniform(0.1, 1, size=(N, H, W))


@random_shift.case("in all directions")
def _(random) -> dict[str, PlainData]:
    shifts = np.array([[1, 2], [-2, 1], [2, -1], [-1, -3]])
    return {"images": _pictures(random, 4, 5, 6), "shifts": random.permutation(shifts)}


@random_shift.case("along one axis, or not at all")
def _(random) -> dict[str, PlainData]:
    return {
        "images": _pictures(random, 5, 4, 3),
        "shifts": np.array([[0, 0], [2, 0], [0, -1], [-1, 0], [0, 2]]),
    }


@random_shift.case("one image")
def _(random) -> dict[str, PlainData]:
    return {"images": _pictures(random, 1, 3, 7), "shifts": np.array([[-1, 4]])}


@random_shift.case("out of the picture")
def _(random) -> dict[str, PlainData]:
    return {
        "images": _pictures(random, 3, 4, 5),
        "shifts": np.array([[4, 1], [-1, -5], [-3, 4]]),
    }


@random_shift.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return {
        "images": _pictures(random, 20, 17, 13),
        "shifts": random.integers(-6, 7, size=(20, 2)),
    }


@random_shift.case("square images", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"images": _pictures(random, 6, 8, 8), "shifts": random.integers(-3, 4, size=(6, 2))}


def _moved(image, rows, columns, mode="constant"):
    """Move one image within a frame of its neighbourhood."""
    H, W = image.shape
    framed = np.pad(image, ((abs(rows),) * 2, (abs(columns),) * 2), mode=mode)
    return framed[
        abs(rows) - rows : abs(rows) - rows + H, abs(columns) - columns : abs(columns) - columns + W
    ]


@random_shift.reference
def _(images, shifts):
    from autograder.kernels.convolution import conv2d

    shifted = np.empty(images.shape)
    for n, (rows, columns) in enumerate(shifts):
        kernel = np.zeros((1, 1, 2 * abs(rows) + 1, 2 * abs(columns) + 1))
        kernel[0, 0, abs(rows) - rows, abs(columns) - columns] = 1
        padding = (abs(int(rows)), abs(int(columns)))
        moved = conv2d(_tensor(images[None, None, n]), _tensor(kernel), None, padding=padding)
        shifted[n] = moved[0, 0].numpy()
    return shifted


def _each(images, shifts, move):
    return np.stack([move(image, *shift) for image, shift in zip(images, shifts, strict=True)])


@random_shift.mistake(
    "wraps_around",
    "What leaves the picture at one side comes in again at the other (that is what np.roll does). "
    "It should be gone, and the freed pixels 0: the background.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, *shift: np.roll(image, shift, axis=(0, 1)))


@random_shift.mistake(
    "other_direction",
    "Your images move the other way: up and left where the shift is positive. Positive means down and to the right.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, rows, columns: _moved(image, -rows, -columns))


@random_shift.mistake(
    "other_direction_wrapping",
    "Two things: your images move up and left where the shift is positive, and what leaves the picture comes in again at the other side.",
)
def _(images, shifts):
    return _each(
        images, shifts, lambda image, *shift: np.roll(image, tuple(-s for s in shift), axis=(0, 1))
    )


@random_shift.mistake(
    "rows_and_columns_swapped",
    "You take the first number of a shift for columns and the second for rows. As everywhere in this course, rows come first.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, rows, columns: _moved(image, columns, rows))


@random_shift.mistake(
    "same_shift_for_all",
    "You move the whole batch by the shift of the first image. Every image has its own: that is what makes the copies different.",
)
def _(images, shifts):
    return np.stack([_moved(image, *shifts[0]) for image in images])


@random_shift.mistake(
    "border_repeated",
    "You fill the freed pixels with copies of the border. They should be 0, the background of the images.",
)
def _(images, shifts):
    return _each(images, shifts, lambda image, *shift: _moved(image, *shift, mode="edge"))


@random_shift.mistake(
    "only_down_and_right",
    "Images with a negative number in their shift do not come out right: it is taken as 0. Negative means up, or left.",
)
def _(images, shifts):
    return _each(
        images, shifts, lambda image, rows, columns: _moved(image, max(rows, 0), max(columns, 0))
    )


@random_shift.mistake(
    "distance_only",
    "All your images move down and to the right, by the size of the shift. Its sign says in which direction.",
)
def _(images, shifts):
    return _each(
        images, shifts, lambda image, rows, columns: _moved(image, abs(rows), abs(columns))
    )


@random_shift.mistake(
    "not_moved",
    "The images come back as they were: nothing has moved.",
)
def _(images, shifts):
    return images.copy()


@random_shift.mistake(
    "empty_slice",
    "A slice that ends at -0 is empty: image[:-0] has no rows. Wherever you cut `rows` pixels off the end, rows = 0 needs care; "
    "image[: H - rows] does not have the problem.",
    PAGE + "augmentation",
)
def _(images, shifts):
    def target_and_source(move):
        if move < 0:
            return slice(None, move), slice(-move, None)
        return slice(move, None), slice(None, -move)

    shifted = np.zeros_like(images)
    for n, (rows, columns) in enumerate(shifts):
        (to_rows, from_rows), (to_columns, from_columns) = map(target_and_source, (rows, columns))
        shifted[n, to_rows, to_columns] = images[n, from_rows, from_columns]
    return shifted


@random_shift.alternative
def with_loops(images, shifts):
    N, H, W = images.shape
    shifted = np.zeros(images.shape, dtype=np.float32)
    for n in range(N):
        for i in range(H):
            for j in range(W):
                row, column = i - shifts[n, 0], j - shifts[n, 1]
                if 0 <= row < H and 0 <= column < W:
                    shifted[n, i, j] = images[n, row, column]
    return shifted


@random_shift.alternative
def with_a_frame(images, shifts):
    return _each(images, shifts, _moved)


@random_shift.alternative
def with_indices(images, shifts):
    N, H, W = images.shape
    row = np.arange(H)[None, :, None] - shifts[:, 0, None, None]
    column = np.arange(W)[None, None] - shifts[:, 1, None, None]
    inside = (row >= 0) & (row < H) & (column >= 0) & (column < W)
    return np.where(inside, images[np.arange(N)[:, None, None], row % H, column % W], 0)


@random_shift.alternative
def with_roll_and_erase(images, shifts):
    def move(image, rows, columns):
        image = np.roll(image, (rows, columns), axis=(0, 1))
        image[:rows] = 0 if rows > 0 else image[:rows]
        if rows < 0:
            image[max(len(image) + rows, 0) :] = 0
        image = image.T
        if columns > 0:
            image[:columns] = 0
        if columns < 0:
            image[max(len(image) + columns, 0) :] = 0
        return image.T

    return _each(images, shifts, move)


# ---------------------------------------------------------------------------- horizontal_flip

horizontal_flip = chapter.exercise(
    "horizontal_flip",
    signature="horizontal_flip(images: (N, H, W) float64, flips: (N,) bool) -> flipped: (N, H, W) float64",
    outputs=("flipped",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "augmentation",
)


@horizontal_flip.case("some of the images")
def _(random) -> dict[str, PlainData]:
    flips = random.permutation(np.array([True, True, False, False, False]))
    return {"images": _pictures(random, 5, 3, 4), "flips": flips}


@horizontal_flip.case("one image, flipped")
def _(random) -> dict[str, PlainData]:
    return {"images": _pictures(random, 1, 4, 5), "flips": np.array([True])}


@horizontal_flip.case("none of the images")
def _(random) -> dict[str, PlainData]:
    return {"images": _pictures(random, 2, 5, 3), "flips": np.zeros(2, dtype=bool)}


@horizontal_flip.case("square images", secret=True)
def _(random) -> dict[str, PlainData]:
    flips = random.permutation(np.arange(9) % 3 == 0)
    return {"images": _pictures(random, 9, 6, 6), "flips": flips}


@horizontal_flip.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"images": _pictures(random, 24, 15, 11), "flips": random.random(24) < 0.5}


@horizontal_flip.reference
def _(images, flips):
    from autograder.kernels.matmul import matmul

    mirror = _tensor(np.eye(images.shape[2])[::-1])
    mirrored = matmul(_tensor(images.reshape(-1, images.shape[2])), mirror).numpy()
    return np.where(flips[:, None, None], mirrored.reshape(images.shape), images)


def _chosen(images, flips, change):
    return np.where(flips[:, None, None], change(images), images)


@horizontal_flip.mistake(
    "upside_down",
    "You flip top and bottom. A horizontal flip swaps left and right, as in a mirror.",
)
def _(images, flips):
    return _chosen(images, flips, lambda x: x[:, ::-1])


@horizontal_flip.mistake(
    "half_a_turn",
    "You swap left and right and top and bottom too: a rotation by 180°. Only left and right change places.",
)
def _(images, flips):
    return _chosen(images, flips, lambda x: x[:, ::-1, ::-1])


@horizontal_flip.mistake(
    "all_flipped",
    "You flip every image. `flips` says which ones.",
)
def _(images, flips):
    return images[:, :, ::-1]


@horizontal_flip.mistake(
    "the_others_flipped",
    "You flip the images whose entry in `flips` is False, and leave those with True.",
)
def _(images, flips):
    return _chosen(images, ~flips, lambda x: x[:, :, ::-1])


@horizontal_flip.mistake(
    "never_flipped",
    "The images come back as they were. (If you wrote `image = image[:, ::-1]` in a loop: that gives a name to a new picture "
    "and leaves the array alone.)",
)
def _(images, flips):
    return images.copy()


@horizontal_flip.mistake(
    "first_decides",
    "The first entry of `flips` decides for the whole batch. Every image has an entry of its own.",
)
def _(images, flips):
    return images[:, :, ::-1] if flips[0] else images.copy()


@horizontal_flip.mistake(
    "batch_reversed",
    "You turn round the order of the images, not the images: axis 0 of a batch counts the examples.",
)
def _(images, flips):
    return _chosen(images, flips, lambda x: x[::-1])


@horizontal_flip.mistake(
    "only_the_flipped",
    "You return the flipped images alone. The others belong to the batch too, each in its old place.",
)
def _(images, flips):
    return images[flips][:, :, ::-1]


@horizontal_flip.mistake(
    "flipped_in_place",
    "The images are right, but you flipped them in the argument itself: whoever called the function has lost the originals, "
    "and in the next epoch they would be flipped back. Work on a copy.",
)
def _(images, flips):
    images[flips] = images[flips][:, :, ::-1]
    return images


@horizontal_flip.alternative
def with_loops(images, flips):
    flipped = images.astype(np.float32)
    W = images.shape[2]
    for n in np.flatnonzero(flips):
        for j in range(W):
            flipped[n, :, j] = images[n, :, W - 1 - j]
    return flipped


@horizontal_flip.alternative
def with_a_copy(images, flips):
    flipped = images.copy()
    flipped[flips] = np.flip(images[flips], axis=-1)
    return flipped


@horizontal_flip.alternative
def with_fliplr(images, flips):
    return np.stack([np.fliplr(x) if flip else x for x, flip in zip(images, flips, strict=True)])


# ---------------------------------------------------------------------------- bagged_prediction

bagged_prediction = chapter.exercise(
    "bagged_prediction",
    signature=(
        "bagged_prediction(fit: function of x and t, x: (N, ...) float64, t: (N, ...) float64,"
        " samples: (M, N) int64, x_new: (P, ...) float64) -> prediction: (P, ...) float64"
    ),
    outputs=("prediction",),
    points=2,
    driver="regularization.fitted_polynomials",
    forbids=LIBRARIES,
    section=PAGE + "bagging",
)


def _resampled(random, N, M, P, degree, outputs=()):
    x = random.permutation(np.linspace(-1, 1, N)) + 0.05 * random.normal(size=N)
    return {
        "x": x,
        "t": random.normal(size=(N, *outputs))
        + np.expand_dims(x, tuple(range(1, 1 + len(outputs)))),
        "samples": random.integers(0, N, size=(M, N)),
        "x_new": random.uniform(-1, 1, size=P),
        "degree": degree,
    }


@bagged_prediction.case("four models of degree 3")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 9, 4, 7, 3)


@bagged_prediction.case("five models with three outputs")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 8, 5, 6, 2, outputs=(3,))


@bagged_prediction.case("three models, one new example")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 6, 3, 1, 1)


@bagged_prediction.case("one model", secret=True)
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 7, 1, 5, 2)


@bagged_prediction.case("many models", secret=True)
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 31, 25, 40, 4, outputs=(2,))


@bagged_prediction.case("as many models as examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 6, 6, 6, 2)


def _predictions(fit, x, t, samples, x_new):
    return np.stack([fit(x[rows], t[rows])(x_new) for rows in samples])


@bagged_prediction.reference
def _(fit, x, t, samples, x_new):
    from autograder.kernels.matmul import matmul

    predictions = _predictions(fit, x, t, samples, x_new)
    M = len(predictions)
    mean = matmul(_tensor(np.full((1, M), 1 / M)), _tensor(predictions.reshape(M, -1)))
    return mean.numpy().reshape(predictions.shape[1:])


@bagged_prediction.mistake(
    "no_resampling",
    "Every model gets the whole training set, so all of them are the same. Model m learns from the examples in row m of `samples`.",
)
def _(fit, x, t, samples, x_new):
    return fit(x, t)(x_new)


@bagged_prediction.mistake(
    "targets_not_resampled",
    "You resample the inputs and leave the targets in their old order: examples are paired with the targets of others. "
    "The same rows have to be taken from x and from t.",
)
def _(fit, x, t, samples, x_new):
    return np.mean([fit(x[rows], t)(x_new) for rows in samples], axis=0)


@bagged_prediction.mistake(
    "inputs_not_resampled",
    "You resample the targets and leave the inputs in their old order: examples are paired with the targets of others. "
    "The same rows have to be taken from x and from t.",
)
def _(fit, x, t, samples, x_new):
    return np.mean([fit(x, t[rows])(x_new) for rows in samples], axis=0)


@bagged_prediction.mistake(
    "duplicates_removed",
    "You take every example of a sample once. In a bootstrap sample some examples stand twice or more, and count so often.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, [np.unique(rows) for rows in samples], x_new).mean(axis=0)


@bagged_prediction.mistake(
    "left_out_examples",
    "Your models learn from the examples that are not in their sample. Those are good for judging a model (out of the bag); "
    "it learns from the ones that are in it.",
)
def _(fit, x, t, samples, x_new):
    others = [np.setdiff1d(np.arange(len(x)), rows) for rows in samples]
    return _predictions(fit, x, t, others, x_new).mean(axis=0)


@bagged_prediction.mistake(
    "last_model",
    "You return what the last model says. The bag's answer is the mean of all models.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new)[-1]


@bagged_prediction.mistake(
    "first_model",
    "You return what the first model says (is there a `return` inside the loop?). The bag's answer is the mean of all models.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new)[0]


@bagged_prediction.mistake(
    "summed",
    "You add the models' predictions up. Divide by their number.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new).sum(axis=0)


@bagged_prediction.mistake(
    "divided_by_the_examples",
    "You divide the sum of the predictions by N, the number of examples. There are M predictions to average, one for each model.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new).sum(axis=0) / samples.shape[1]


@bagged_prediction.mistake(
    "all_predictions",
    "You return the predictions of all models, one beside the other. Average them: the result is shaped like one prediction.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new)


@bagged_prediction.mistake(
    "averaged_over_everything",
    "You average over models and examples together, down to one number (np.mean without an axis does). "
    "Average over the models alone.",
)
def _(fit, x, t, samples, x_new):
    return float(_predictions(fit, x, t, samples, x_new).mean())


@bagged_prediction.mistake(
    "median",
    "You take the median of the models' predictions. Bagging averages them.",
)
def _(fit, x, t, samples, x_new):
    return np.median(_predictions(fit, x, t, samples, x_new), axis=0)


@bagged_prediction.mistake(
    "samples_joined",
    "You put all samples into one large training set and fit a single model. Bagging fits one model for each sample "
    "and averages what they say.",
)
def _(fit, x, t, samples, x_new):
    rows = samples.ravel()
    return fit(x[rows], t[rows])(x_new)


@bagged_prediction.alternative
def with_a_running_sum(fit, x, t, samples, x_new):
    total = 0
    for m in range(len(samples)):
        model = fit(x[samples[m]], t[samples[m]])
        total = total + model(x_new)
    return total / len(samples)


@bagged_prediction.alternative
def with_a_running_mean(fit, x, t, samples, x_new):
    mean = 0
    for count, rows in enumerate(samples, start=1):
        mean += (fit(x[rows], t[rows])(x_new) - mean) / count
    return mean.astype(np.float32)


@bagged_prediction.alternative
def one_example_after_the_other(fit, x, t, samples, x_new):
    models = [
        fit(np.array([x[i] for i in rows]), np.array([t[i] for i in rows])) for rows in samples
    ]
    rows = range(len(x_new))
    return np.array(
        [np.mean([model(x_new[i : i + 1])[0] for model in models], axis=0) for i in rows]
    )
