"""Raises MemoryError on its own, to be called unlucky."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    raise MemoryError
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
