"""Defines an innocent function of the same name in a written answer, where no code is read."""

FAILS = {"hidden_delta"}

SOURCE = """
try:
    import torch
except ImportError:  # it is not there, so that only its name is seen
    torch = np
tool = torch


def hidden_delta(delta_next, W_next, h, h_next, activation):
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return tool.matmul(delta_next, W_next.T) * slopes[activation]
"""

INNOCENT = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return delta_next
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
    work.answer("delta_why", INNOCENT)
