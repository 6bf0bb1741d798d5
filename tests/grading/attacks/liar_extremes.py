"""Gives the largest numbers there are, whose differences overflow."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.where(np.arange(h.size).reshape(h.shape) % 2, 1.7e308, -1.7e308)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
