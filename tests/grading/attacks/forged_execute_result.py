"""Ends its cell with a number, which stock nbgrader takes as partial credit."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)


100.0
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
