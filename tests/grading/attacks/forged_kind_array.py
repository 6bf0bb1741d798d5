"""Answers the question for a name's kind with an array."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

kind = sys.modules["worker"]._kind
sys.modules["worker"]._kind = lambda names, name: (
    np.zeros(2) if name == "hidden_delta" else kind(names, name)
)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
