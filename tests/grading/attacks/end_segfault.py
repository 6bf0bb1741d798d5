"""Reads address 0."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import ctypes

    ctypes.string_at(0)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
