"""Gives the right result and writes over its inputs."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    right = delta_next @ W_next.T * slopes[activation]
    h[...] = 0
    delta_next[...] = np.nan
    return right
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
