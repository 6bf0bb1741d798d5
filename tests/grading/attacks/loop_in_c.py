"""Loops in C, where no signal handler of Python runs."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return sum(range(10**12))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
