"""Infinity everywhere, of both signs."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.where(h > 0.5, np.inf, -np.inf)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
