"""Prints without end in a call."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    while True:
        print("x" * (1 << 16))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
