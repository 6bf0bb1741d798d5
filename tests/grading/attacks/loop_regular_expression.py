"""Backtracks without end in a regular expression."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import re

    re.match(r"(a+)+$", "a" * 60 + "b")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
