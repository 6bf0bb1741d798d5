"""Lifts the limits of its own frames module and sends a huge answer."""

FAILS = {"hidden_delta"}

SOURCE = """
import frames

frames.MAX_NODES = frames.MAX_DEPTH = frames.MAX_KEY = frames.MAX_STRUCTURE = 1 << 60


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return [h] * 300000
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
