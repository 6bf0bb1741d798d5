"""Fills memory files that are never mapped, so that no process seems to have them."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os

    taken = [os.memfd_create("hostile") for number in range(40)]
    for file in taken:
        for part in range(8):
            os.write(file, b"x" * (1 << 20))
    for file in taken:
        os.close(file)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
