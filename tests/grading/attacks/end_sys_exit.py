"""Calls sys.exit(0), which looks like success."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import sys

    sys.exit(0)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
