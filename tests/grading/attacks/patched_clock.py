"""Turns back the worker's clocks, so that no time passes."""

FAILS = {"hidden_delta"}

SOURCE = """
import time

time.monotonic = time.time = time.perf_counter = lambda: 0.0


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
