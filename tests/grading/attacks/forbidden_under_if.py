"""Imports what the task forbids under an `if`."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

tool = np
if sys.modules.get("torch"):
    import torch as tool


def hidden_delta(delta_next, W_next, h, h_next, activation):
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return tool.matmul(delta_next, W_next.T) * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
