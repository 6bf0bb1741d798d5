"""What exercises of chapter 04 share."""

import itertools

import numpy as np

PAGE = "04_backpropagation.html#backpropagation-"
BY_HAND = ("torch", "autograd", "jax", "tensorflow")

ACTIVATIONS = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "identity": lambda a: a,
}

SLOPES = {
    "sigmoid": lambda h: h * (1 - h),
    "tanh": lambda h: 1 - h**2,
    "relu": lambda h: (h > 0) * 1.0,
    "identity": np.ones_like,
}
"""g′ written in the cached output h = g(a)."""


def softmax_of(a, axis=1):
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def one_hot(labels, K):
    return (labels[:, None] == np.arange(K)) * 1.0


def draw_network(random, N, sizes, activation, gain=1.5):
    pairs = list(itertools.pairwise(sizes))
    return {
        "x": random.normal(size=(N, sizes[0])),
        "labels": random.integers(sizes[-1], size=N),
        "weights": [gain * random.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs],
        "biases": [0.5 * random.normal(size=pair[1]) for pair in pairs],
        "activation": activation,
    }


def loss_of_network(x, labels, weights, biases, activation):
    from autograder.kernels.linear import linear
    from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

    h, last = x, len(weights) - 1
    for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
        h = linear(h, W.T, b, activation="identity" if index == last else activation)
    return softmax_cross_entropy(h, labels)


def forward_pass(x, weights, biases, activation, on_logits="identity"):
    h, last = [x], len(weights) - 1
    for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
        h.append(ACTIVATIONS[on_logits if index == last else activation](h[-1] @ W + b))
    return h


def mean_cross_entropy(logits, labels):
    top = logits.max(axis=1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    return float(np.mean(log_sum - logits[np.arange(len(labels)), labels]))


def answer_with_step(x, labels, weights, biases, activation, through, h=None, delta=None):
    """Answer with another step through a hidden layer: `through(dh, h, l)` gives δ of layer l."""
    h = h or forward_pass(x, weights, biases, activation)
    if delta is None:
        delta = (softmax_of(h[-1]) - one_hot(labels, h[-1].shape[1])) / len(x)
    dW, db = [], []
    for index in reversed(range(len(weights))):
        dW.insert(0, h[index].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if index:
            delta = through(delta, h, index)
    return mean_cross_entropy(h[-1], labels), dW, db


def right_step(weights, activation):
    def through(delta, h, index):
        return delta @ weights[index].T * SLOPES[activation](h[index])

    return through
