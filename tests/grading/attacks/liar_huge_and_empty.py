"""Gives an array without elements and with enormous sides."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.empty((0, 1 << 40, 3))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
