"""Stops reading, with its receive buffer full, and allocates meanwhile."""

FAILS = {"hidden_delta"}

SOURCE = """
import threading
import frames


def deaf(*_):
    taken = np.ones(600 << 17)
    while True:
        pass


def hidden_delta(delta_next, W_next, h, h_next, activation):

    frames.receive = deaf
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
