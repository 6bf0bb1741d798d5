"""Loops without end."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    while True:
        pass
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
