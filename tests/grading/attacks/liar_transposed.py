"""The right numbers, transposed, with strides that are odd."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    right = delta_next @ W_next.T * slopes[activation]
    return right.T[::-1]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
