"""Gives numbers of a type that only this processor has."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros(h.shape, np.longdouble)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
