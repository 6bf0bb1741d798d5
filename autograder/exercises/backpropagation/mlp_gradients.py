import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import (
    ACTIVATIONS,
    BY_HAND,
    PAGE,
    SLOPES,
    answer_with_step,
    draw_network,
    forward_pass,
    loss_of_network,
    mean_cross_entropy,
    one_hot,
    right_step,
    softmax_of,
)
from autograder.exercises.shared import as_tensor
from dlarch.checks_file import Part
from dlarch.plain import PlainData

mlp_gradients = Exercise(
    "mlp_gradients",
    signature=(
        "mlp_gradients(x: (N, D) float64, labels: (N,) int64, weights: list of L (D_in, D_out) float64, "
        "biases: list of L (D_out,) float64, activation: str)"
        " -> loss: float, dW: list of L (D_in, D_out) float64, db: list of L (D_out,) float64"
    ),
    outputs=("loss", "dW", "db"),
    parts={
        "loss": Part(1, outputs=("loss",)),
        "gradients": Part(3, outputs=("dW", "db")),
    },
    uses=("linear_backward", "activation_backward", "softmax_cross_entropy_backward"),
    forbids=BY_HAND,
    section=PAGE + "network",
)


@mlp_gradients.case("two hidden layers, tanh")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 7, [4, 6, 5, 3], "tanh")


@mlp_gradients.case("no hidden layer")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 4, [3, 5], "sigmoid")


@mlp_gradients.case("one hidden layer, sigmoid, one example")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 1, [2, 3, 4], "sigmoid")


@mlp_gradients.case("all layers of one width, relu")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 6, [4, 4, 4, 4, 4], "relu")


@mlp_gradients.case("logits near 1000")
def _(random) -> dict[str, PlainData]:
    case = draw_network(random, 5, [6, 3, 2], "sigmoid")
    case["biases"][-1] += 1000
    return case


@mlp_gradients.case("a class that is out of the question")
def _(random) -> dict[str, PlainData]:
    case = draw_network(random, 6, [4, 5, 3], "tanh")
    case["biases"][-1][0] -= 1000
    return {**case, "labels": random.integers(1, 3, size=6)}


@mlp_gradients.case("sure of the wrong class: the label's logit 2000 below the largest")
def _(random) -> dict[str, PlainData]:
    case = draw_network(random, 4, [3, 4, 3], "tanh")
    case["biases"][-1] += [1000.0, 0.0, -1000.0]
    return {**case, "labels": np.array([2, 0, 1, 2])}


@mlp_gradients.case("one unit in every layer but the last, tanh")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 3, [1, 1, 1, 2], "tanh")


@mlp_gradients.case("as many examples as units, the last class does not occur, sigmoid")
def _(random) -> dict[str, PlainData]:
    case = draw_network(random, 4, [4, 4, 4], "sigmoid")
    return {**case, "labels": np.array([0, 2, 0, 1])}


@mlp_gradients.case("seven layers, tanh", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 9, [5, 8, 7, 6, 9, 6, 8, 4], "tanh")


@mlp_gradients.reference
def _(x, labels, weights, biases, activation):
    import torch

    W = [as_tensor(array).requires_grad_(True) for array in weights]
    b = [as_tensor(array).requires_grad_(True) for array in biases]
    loss = loss_of_network(as_tensor(x), as_tensor(labels, np.int64), W, b, activation)
    gradients = [gradient.numpy() for gradient in torch.autograd.grad(loss, [*W, *b])]
    return loss.item(), gradients[: len(W)], gradients[len(W) :]


@mlp_gradients.mistake(
    "derivative_at_target",
    "g′ is taken at the wrong layer: the error that arrives at layer l's output is multiplied by the slope of layer "
    "l + 1. Between a⁽ˡ⁾ and h⁽ˡ⁾ lies layer l's own activation (erratum E32).",
    PAGE + "delta",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        hidden = index + 1 < len(weights)
        return (delta * SLOPES[activation](h[index + 1]) if hidden else delta) @ weights[index].T

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "derivative_at_target_and_logits",
    "g′ is taken at the wrong layer: on its way to layer l the error is multiplied by the slope of layer l + 1, at the "
    "top even by that of the logits, which have no activation. It belongs to layer l itself, after the weights "
    "(erratum E32).",
    PAGE + "delta",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return (delta * SLOPES[activation](h[index + 1])) @ weights[index].T

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "slope_dropped",
    "The errors go from layer to layer through the weights alone: the activations between them are missing on the way "
    "back.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index].T

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "mean_taken_twice",
    "All your gradients are divided by N twice. The mean is in the loss alone: the first δ has its 1/N already, and "
    "carries it to all layers.",
    PAGE + "once",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return loss, [g / len(x) for g in dW], [g / len(x) for g in db]


@mlp_gradients.mistake(
    "mean_piles_up",
    "Each layer divides δ by N again, so that the layers below are smaller by ever higher powers of N. The mean is "
    "in the loss alone.",
    PAGE + "once",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index].T * SLOPES[activation](h[index]) / len(x)

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "backward_order",
    "The gradients are right, but in the order in which the backward pass finds them, from the last layer to the first. "
    "dW[l] has to belong to weights[l].",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return loss, dW[::-1], db[::-1]


@mlp_gradients.mistake(
    "activation_on_logits",
    "You put the activation on the last layer too. Its outputs are logits, which go into softmax as they are; what you "
    "differentiate is another network.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = forward_pass(x, weights, biases, activation, on_logits=activation)
    delta = (softmax_of(h[-1]) - one_hot(labels, h[-1].shape[1])) / len(x)
    return answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation), h,
        delta * SLOPES[activation](h[-1]),
    )  # fmt: skip


@mlp_gradients.mistake(
    "activation_on_logits_forward_only",
    "In the forward pass you put the activation on the last layer too (and left it out on the way back). The last "
    "layer's outputs are logits, which go into softmax as they are.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = forward_pass(x, weights, biases, activation, on_logits=activation)
    return answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation), h
    )


@mlp_gradients.mistake(
    "slope_on_logits",
    "On the way back you send the error through an activation at the last layer, which has none: the derivative of the "
    "loss with respect to the logits is already that layer's δ.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = forward_pass(x, weights, biases, activation)
    delta = (softmax_of(h[-1]) - one_hot(labels, h[-1].shape[1])) / len(x)
    return answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation), h,
        delta * SLOPES[activation](h[-1]),
    )  # fmt: skip


@mlp_gradients.mistake(
    "outputs_for_inputs",
    "For ∂E/∂W of a layer you paired its δ with the layer's own output. The weights stand between the layer's input and "
    "its δ: you need the h that went in.",
    PAGE + "layer",
)
def _(x, labels, weights, biases, activation):
    h = forward_pass(x, weights, biases, activation)
    delta = (softmax_of(h[-1]) - one_hot(labels, h[-1].shape[1])) / len(x)
    dW, db = [], []
    for index in reversed(range(len(weights))):
        dW.insert(0, h[index + 1].T @ delta)
        db.insert(0, delta.sum(axis=0))
        delta = delta @ weights[index].T * SLOPES[activation](h[index])
    return mean_cross_entropy(h[-1], labels), dW, db


@mlp_gradients.mistake(
    "loss_summed",
    "The loss is N times too large: you summed over the examples, where the task asks for the mean.",
    PAGE + "softmax",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return loss * len(x), dW, db


@mlp_gradients.mistake(
    "loss_overflow",
    "With logits near 1000 the loss is NaN: exp(1000) overflows, and ∞/∞ is not a number. Softmax does not change when "
    "the same number is added to all logits of a row.",
    PAGE + "softmax",
)
def _(x, labels, weights, biases, activation):
    _, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    with np.errstate(all="ignore"):
        e = np.exp(forward_pass(x, weights, biases, activation)[-1])
        p = e / e.sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(len(x)), labels])), dW, db


@mlp_gradients.mistake("loss_overflow")
def _(x, labels, weights, biases, activation):
    _, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    with np.errstate(over="ignore", invalid="ignore"):
        logits = forward_pass(x, weights, biases, activation)[-1]
        log_sum = np.log(np.exp(logits).sum(axis=1))
        return np.mean(log_sum - logits[np.arange(len(x)), labels]), dW, db


@mlp_gradients.mistake(
    "logarithm_of_rounded_probability",
    "You take the logarithm of a probability. Where the label's logit is far below the largest one, that probability is "
    "rounded to 0, and its logarithm is lost: −∞, or that of the small number you added. The loss can be had from the "
    "logits without ever making the probability.",
    PAGE + "softmax",
)
def _(x, labels, weights, biases, activation):
    return _with_loss_of_probability(x, labels, weights, biases, activation, 0.0)


for _small in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-100, 1e-300):

    @mlp_gradients.mistake("logarithm_of_rounded_probability")
    def _(x, labels, weights, biases, activation, small=_small):
        return _with_loss_of_probability(x, labels, weights, biases, activation, small)


def _with_loss_of_probability(x, labels, weights, biases, activation, small):
    _, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    p = softmax_of(forward_pass(x, weights, biases, activation)[-1])
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(p[np.arange(len(x)), labels] + small)), dW, db


@mlp_gradients.mistake(
    "bias_forgotten",
    "Your forward pass has no biases: what you differentiate is another network.",
    PAGE + "network",
)
def _(x, labels, weights, biases, activation):
    h = forward_pass(x, weights, [0 * b for b in biases], activation)
    return answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation), h
    )


@mlp_gradients.mistake(
    "activation_ignored",
    "The network always has the same activation. `activation` says which one is meant.",
    PAGE + "activations",
)
def _(x, labels, weights, biases, activation):
    return answer_with_step(x, labels, weights, biases, "sigmoid", right_step(weights, "sigmoid"))


for _always in ("tanh", "relu"):

    @mlp_gradients.mistake("activation_ignored")
    def _(x, labels, weights, biases, activation, always=_always):
        return answer_with_step(x, labels, weights, biases, always, right_step(weights, always))


@mlp_gradients.mistake("derivative_at_target")
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index].T * SLOPES[activation](h[index + 1])

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "weights_not_transposed",
    "Going back you multiply by the weights as in the forward pass. Where the layers have different widths that fails; "
    "where they have one, it sends every error to the wrong unit.",
    PAGE + "layer",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index] * SLOPES[activation](h[index])

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "slope_of_output",
    "Going back you apply the activation to h once more before you take its slope. h is already g(a).",
    PAGE + "activations",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        slope = SLOPES[activation](ACTIVATIONS[activation](h[index]))
        return delta @ weights[index].T * slope

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "output_for_slope",
    "Going back you multiply by h itself, where the derivative g′ belongs.",
    PAGE + "activations",
)
def _(x, labels, weights, biases, activation):
    def through(delta, h, index):
        return delta @ weights[index].T * h[index]

    return answer_with_step(x, labels, weights, biases, activation, through)


@mlp_gradients.mistake(
    "mean_missing_in_gradients",
    "All your gradients are N times too large. The loss is a mean over the examples, and so are its derivatives.",
    PAGE + "once",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return loss, [g * len(x) for g in dW], [g * len(x) for g in db]


@mlp_gradients.mistake(
    "bias_averaged",
    "Your db are means over the batch. The mean is in the loss alone: b takes part in every example, and what comes back "
    "from them adds up.",
    PAGE + "layer",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return loss, dW, [g / len(x) for g in db]


@mlp_gradients.mistake(
    "loss_sign",
    "The loss has the wrong sign: the logarithm of a probability is never positive, and a cross-entropy never negative.",
    PAGE + "softmax",
)
def _(x, labels, weights, biases, activation):
    loss, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return -loss, dW, db


@mlp_gradients.alternative
def with_deltas_of_all_layers(x, labels, weights, biases, activation):
    L = len(weights)
    h = {0: x}
    for index in range(L):
        a = h[index] @ weights[index] + biases[index]
        h[index + 1] = a if index == L - 1 else ACTIVATIONS[activation](a)
    p, top = softmax_of(h[L]), h[L].max(axis=1)
    own = h[L][np.arange(len(x)), labels] - top
    loss = np.mean(np.log(np.exp(h[L] - top[:, None]).sum(axis=1)) - own)
    delta = {L: (p - np.eye(p.shape[1])[labels]) / len(x)}
    for index in range(L - 1, 0, -1):
        delta[index] = (delta[index + 1] @ weights[index].T) * SLOPES[activation](h[index])
    dW = [np.einsum("nd,nk->dk", h[index], delta[index + 1]) for index in range(L)]
    return loss, dW, [delta[index + 1].sum(0) for index in range(L)]


@mlp_gradients.alternative
def one_example_at_a_time(x, labels, weights, biases, activation):
    loss = 0.0
    dW, db = [np.zeros_like(W) for W in weights], [np.zeros_like(b) for b in biases]
    for row, label in zip(x, labels, strict=True):
        h = [row]
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h.append(ACTIVATIONS[activation](h[-1] @ W + b))
        logits = h[-1] @ weights[-1] + biases[-1]
        shifted = logits - logits.max()
        loss += np.log(np.sum(np.exp(shifted))) - shifted[label]
        delta = np.exp(shifted) / np.exp(shifted).sum()
        delta[label] -= 1
        for index in range(len(weights) - 1, -1, -1):
            dW[index] += np.outer(h[index], delta) / len(x)
            db[index] += delta / len(x)
            delta = weights[index] @ delta * SLOPES[activation](h[index])
    return loss / len(x), tuple(dW), tuple(db)
