"""Replaces the process by another program."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os

    os.execv("/bin/sh", ["sh", "-c", "echo passed; sleep 10"])
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
