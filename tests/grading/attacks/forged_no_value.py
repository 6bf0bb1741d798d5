"""Claims that a call went well and sends no value at all."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

worker = sys.modules["worker"]
whole = worker._run
worker._run = lambda f, d, a: (
    whole(f, d, a) if f is not hidden_delta else {"error": "", "detail": ""}
)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
