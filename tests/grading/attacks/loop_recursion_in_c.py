"""Recurses until the stack of C is gone."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import sys

    sys.setrecursionlimit(10**9)

    def deeper(value):
        return sorted([value], key=deeper)

    return deeper(1)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
