"""Raises NotImplementedError in the hope that an unwritten answer counts as nothing."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    raise NotImplementedError
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
