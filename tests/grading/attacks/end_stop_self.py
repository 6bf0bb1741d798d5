"""Stops itself, which is no end."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os, signal

    os.kill(os.getpid(), signal.SIGSTOP)
    import ctypes

    ctypes.CDLL(None).pause()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
