"""Computes a number of a billion digits."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return len(str(7 ** (10**9)))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
