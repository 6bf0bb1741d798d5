"""Sends fields of other types than agreed: lists, numbers, arrays, dicts for texts."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

worker = sys.modules["worker"]
whole = worker._run
odd = {
    "value": None,
    "error": [1],
    "detail": {"a": 1},
    "place": np.zeros(3),
    "modified": {"h": 1},
}
worker._run = lambda f, d, a: whole(f, d, a) if f is not hidden_delta else odd


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
