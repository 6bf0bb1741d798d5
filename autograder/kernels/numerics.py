"""Functions of one number that kernels share, accurate to a few units in the last place at any argument."""

from __future__ import annotations

from autograder.kernels.backend import tl, triton


@triton.jit
def sigmoid(x):
    """1 / (1 + exp(-x)), with an exponential that never overflows."""
    decay = tl.exp(-tl.abs(x))
    return tl.where(x >= 0, 1.0, decay) / (1.0 + decay)


@triton.jit
def tanh(x):
    """(1 - e) / (1 + e) with e = exp(-2 |x|); near 0, where that cancels, the [7/6] Padé approximant."""
    decay = tl.exp(-2.0 * tl.abs(x))
    magnitude = (1.0 - decay) / (1.0 + decay)
    far = tl.where(x >= 0, magnitude, -magnitude)
    small = tl.where(tl.abs(x) < 0.5, x, 0.0)
    square = small * small
    numerator = small * (135135.0 + square * (17325.0 + square * (378.0 + square)))
    denominator = 135135.0 + square * (62370.0 + square * (3150.0 + square * 28.0))
    return tl.where(tl.abs(x) < 0.5, numerator / denominator, far)


@triton.jit
def log1p(x):
    """log(1 + x) for 0 <= x <= 1, as 2 artanh(s) with s = x / (2 + x) <= 1/3, by its power series."""
    TERMS: tl.constexpr = 16 if x.dtype == tl.float64 else 8
    s = x / (2.0 + x)
    square = s * s
    series = tl.zeros_like(x) + 1.0 / (2 * TERMS + 1)
    for i in tl.static_range(TERMS):
        series = series * square + 1.0 / (2 * (TERMS - i) - 1)
    return 2.0 * s * series


@triton.jit
def bernoulli_loss(logit, target):
    """log(1 + exp(logit)) - target * logit, with what cancels taken apart from the logarithm."""
    return (tl.maximum(logit, 0.0) - target * logit) + log1p(tl.exp(-tl.abs(logit)))


@triton.jit
def activate(x, NAME: tl.constexpr):
    """The activation NAME of x: identity, sigmoid, tanh or relu."""
    output = x
    if NAME == "sigmoid":
        output = sigmoid(x)
    elif NAME == "tanh":
        output = tanh(x)
    elif NAME == "relu":
        output = tl.where(x > 0, x, 0.0)
    return output


@triton.jit
def activation_derivative(output, NAME: tl.constexpr):
    """The derivative of the activation NAME, from its output."""
    derivative = tl.full(output.shape, 1.0, output.dtype)
    if NAME == "sigmoid":
        derivative = output * (1.0 - output)
    elif NAME == "tanh":
        derivative = (1.0 - output) * (1.0 + output)
    elif NAME == "relu":
        derivative = tl.where(output > 0, derivative, 0.0)
    return derivative
