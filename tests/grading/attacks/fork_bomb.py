"""Forks as fast as it can, up to a ceiling far above what it may have."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os, time

    for number in range(120):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    time.sleep(0.5)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
