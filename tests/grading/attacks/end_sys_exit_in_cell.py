"""Calls sys.exit(0) at the top of its cell."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

sys.exit(0)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return h
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
