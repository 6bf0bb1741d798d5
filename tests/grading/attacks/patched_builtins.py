"""Patches isinstance, len, abs, max, all, any and sorted."""

FAILS = "all"

SOURCE = """
import builtins

builtins.all = builtins.any = lambda *_: True
builtins.abs = lambda *_: 0.0


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
