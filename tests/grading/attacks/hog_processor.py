"""Slows the neighbours down: a dozen processes in sessions of their own, which all spin."""

FAILS = {"hidden_delta"}
WALL = "seconds"

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os

    for _ in range(12):
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    while True:
        pass
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
