"""Ends the process in a call."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os

    os._exit(0)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
