"""Sleeps past its time."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import time

    time.sleep(1000)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
