"""Keeps its inputs and writes over them from a thread, while later calls run."""

FAILS = {"hidden_delta"}

SOURCE = """
import threading, time

kept = []


def scribble():
    while True:
        for array in kept:
            array[...] = 7.0
        time.sleep(0.001)


threading.Thread(target=scribble, daemon=True).start()


def hidden_delta(delta_next, W_next, h, h_next, activation):
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    right = delta_next @ W_next.T * slopes[activation]
    kept.append(delta_next)
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
