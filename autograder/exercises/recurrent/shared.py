"""What exercises of chapter 10 share."""

import numpy as np

PAGE = "10_recurrent.html#recurrent-"
BY_HAND = ("torch", "autograd", "jax", "tensorflow", "keras")


def draw_network(random, D, M, scale=1.0):
    """Draw W, U and b so that states are neither near 0 nor saturated."""
    return {
        "W": scale * random.normal(size=(D, M)) / np.sqrt(D),
        "U": scale * random.normal(size=(M, M)) / np.sqrt(M),
        "b": 0.5 * random.normal(size=M),
    }


def draw_sequences(random, lengths, D, padding=1.0):
    """Draw sequences; what stands behind their ends is `padding` times as large."""
    lengths = np.array(lengths)
    x = random.normal(size=(len(lengths), lengths.max(), D))
    behind = np.arange(lengths.max()) >= lengths[:, None]
    return {"x": np.where(behind[:, :, None], padding * x, x), "lengths": lengths}


def unroll(x, lengths, h, W, U, b):
    """Run the kernels' cell over the steps; from its length on a row keeps its last state."""
    import torch

    from autograder.kernels.rnn_cell import rnn_cell

    states = []
    for t in range(x.shape[1]):
        real = (t < lengths)[:, None]
        h = torch.where(real, rnn_cell(x[:, t], h, W, U, b), h)
        states.append(h)
    return torch.stack(states, dim=1)


def run_forward(x, lengths, h0, W, U, b):
    """Run a network in NumPy."""
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.where((t < lengths)[:, None], np.tanh(x[:, t] @ W + h @ U + b), h)
        states.append(h)
    return np.stack(states, axis=1)
