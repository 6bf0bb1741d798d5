"""Ignores every signal it can, and goes on for ever."""

FAILS = {"hidden_delta"}
WALL = "did not finish within"

SOURCE = """
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def hidden_delta(delta_next, W_next, h, h_next, activation):
    while True:
        pass
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
